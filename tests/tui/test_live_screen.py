"""The live view: measured beside predicted, second by second, and nothing left when the screen is left."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from tutor.errors import InputError
from tutor.model.scenario import Scenario
from tutor.show.live import LiveRow, LiveView
from tutor.tui.app import Options, make_app
from tutor.tui.screens.live import LiveScreen


class Scripted:
    """A live run that goes through the phases that it is given."""

    title = "Some broker"

    def __init__(self, phases: Sequence[str], trouble: str = "") -> None:
        self.phases = list(phases)
        self.trouble = trouble
        self.closed = 0

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
        return (self.phases.pop(0) if len(self.phases) > 1 else self.phases[0]), 3.0, 40.0

    def rows(self) -> list[LiveRow]:
        """One part."""
        return [LiveRow("Orders waiting", [0, 5, 11], [0, 4, 12, 3], up=0.5)]

    def after(self) -> list[str]:
        """One line."""
        return ["Measured beside predicted"]

    def close(self) -> None:
        """Counts."""
        self.closed += 1


def text_of(screen: LiveScreen, name: str) -> str:
    """What stands in one part of the screen."""
    return str(screen.query_one(f"#{name}", Static).content)


async def test_measured_stands_beside_predicted() -> None:
    """The numbers of the last second, both curves, the table at the end; leaving closes the run."""
    view = Scripted(["starting", "running", "over"])
    app = make_app(Options())
    async with app.run_test(size=(100, 40)) as pilot:
        screen = LiveScreen(view)
        await app.push_screen(screen)
        assert "[b]not markup[/b]" in text_of(screen, "live-before")
        for _ in range(30):
            await pilot.pause(0.1)
            if text_of(screen, "live-after"):
                break
        rows = text_of(screen, "live-rows")
        assert "Orders waiting at 0:02: 11 measured, 12 predicted" in rows
        assert "down" in rows
        assert text_of(screen, "live-after") == "Measured beside predicted"
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

    def open_live(scenario: Scenario) -> LiveView:
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
