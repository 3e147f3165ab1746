"""The live screen: the board measured beside predicted, second by second; nothing is left when it is left."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from textual.widgets import Static

from tests.tui.conftest import screen_text
from tutor.catalog import parse_scenario
from tutor.errors import InputError
from tutor.live.timeline import MeasuredTimeline
from tutor.model.level import Goal
from tutor.model.scenario import Scenario
from tutor.model.timeline import Timeline
from tutor.show.live import LiveView, figure
from tutor.trial import run as simulate
from tutor.tui.app import Options, make_app
from tutor.tui.screens.live import LiveScreen

SCENARIO = """
[run]
duration_s = 4
drain_s = 2
[components.shop]
kind = "client"
title = "Shop"
event = "order.placed"
rate_per_s = 5
[components.orders]
kind = "queue"
title = "Orders"
[components.billing]
kind = "service"
title = "Billing"
service_ms = 400
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[faults]]
kind = "crash"
target = "billing"
at_s = 1
for_s = 1
[[effects]]
event = "order.placed"
at = "billing"
"""


class Scripted:
    """A live run whose steps are written here: what waits is two more in each second."""

    title = "Some broker"

    def __init__(self, phases: Sequence[str], trouble: str = "") -> None:
        self.phases = list(phases)
        self.trouble = trouble
        self.closed = 0
        self.scenario = parse_scenario(SCENARIO)
        stepped = dataclasses.replace(
            self.scenario, run=dataclasses.replace(self.scenario.run, timeline_step_s=1.0)
        )
        timeline = simulate(stepped, timeline=True).timeline
        assert timeline is not None
        self.predicted: Timeline = timeline
        self._measured = MeasuredTimeline(self.scenario)
        for second in range(4):
            self._measured.add([second * 1_000_000, "depth", "orders", 2 * second + 40, 1])

    @property
    def measured(self) -> Timeline:
        """Four seconds."""
        return self._measured.timeline

    def before(self) -> list[str]:
        """One sentence."""
        return ["Orders: [b]not markup[/b]."]

    def start(self) -> None:
        """Nothing to start."""
        return

    def poll(self) -> tuple[str, float, float]:
        """The next phase, or the trouble."""
        if self.trouble:
            raise InputError(self.trouble)
        return (self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]), 3.5, 6.0

    def after(self) -> list[str]:
        """One line."""
        return ["Measured beside predicted: all of it"]

    def close(self) -> None:
        """Counts."""
        self.closed += 1


def text_of(screen: LiveScreen, name: str) -> str:
    """What stands in one part of the screen."""
    return str(screen.query_one(f"#{name}", Static).content)


async def test_measured_stands_beside_predicted_on_the_board() -> None:
    """While it runs each part has its measured number with the predicted one, and the time axis both curves;
    then the table comes, and one key shows the board again.
    """
    for size in ((80, 24), (120, 40)):
        view = Scripted(["starting", "running"])
        app = make_app(Options())
        async with app.run_test(size=size) as pilot:
            screen = LiveScreen(view)
            await app.push_screen(screen)
            await pilot.pause()
            assert "[b]not markup[/b]" in text_of(screen, "live-before")
            for _ in range(40):
                await pilot.pause(0.05)
                if screen.board.captions:
                    break
            foretold = figure(view.predicted, "orders", 2)
            assert screen.board.captions["orders"] == (f"44 ({foretold})", "warning")
            await pilot.pause()
            shown = screen_text(pilot)
            assert f"44 ({foretold})" in shown
            assert "measured (predicted)" in shown
            depth = next(one for one in screen.time.band.curves if one.name == "depth")
            assert depth.values[:3] == [40, 42, 44]
            assert depth.beside[2] == foretold
            view.phases = ["over"]
            for _ in range(80):
                await pilot.pause(0.05)
                if screen.over:
                    break
            await pilot.pause()
            assert "all of it" in screen_text(pilot)
            await pilot.press("t")
            await pilot.pause()
            assert "Billing" in screen_text(pilot)
            assert "all of it" not in screen_text(pilot)
            await pilot.press("left_square_bracket")
            await pilot.pause()
            assert screen.board.captions["orders"][0].startswith("44 (")
            await pilot.press("escape")
            await pilot.pause()
            assert view.closed >= 1
            assert not isinstance(app.screen, LiveScreen)


async def test_trouble_is_one_line() -> None:
    """A run that comes to a bad end says why, and is closed."""
    view = Scripted(["running"], trouble="the NATS JetStream server ended by itself: no words")
    app = make_app(Options())
    async with app.run_test(size=(100, 40)) as pilot:
        screen = LiveScreen(view)
        await app.push_screen(screen)
        await pilot.pause(0.8)
        assert text_of(screen, "live-state") == "the NATS JetStream server ended by itself: no words"
        assert view.closed == 1


async def test_without_the_extra_one_line_says_how() -> None:
    """Where nothing can run live, the key says what to install; else it opens the view once the design has
    been run.
    """
    opened: list[Scenario] = []

    def open_live(scenario: Scenario, goals: Sequence[Goal]) -> LiveView:
        opened.append(scenario)
        return Scripted(["running"])

    app = make_app(Options(level="first-light/first-event"))
    async with app.run_test(size=(110, 40)) as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await pilot.press("l")
        await pilot.pause()
        assert "eda-tutor[live]" in str(app.screen.query_one("#hint").render())
    app = make_app(Options(level="first-light/first-event", live=open_live))
    async with app.run_test(size=(110, 40)) as pilot:
        await pilot.pause()
        await pilot.press("escape")
        await pilot.press("l")
        await pilot.pause()
        assert opened == []
        assert "Run the design first" in str(app.screen.query_one("#hint").render())
