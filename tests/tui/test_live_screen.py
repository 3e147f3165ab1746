"""The live screen: measured beside predicted numbers, second by second; leaving it ends the live run."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widgets import Static

from tests.live.scripted import Scripted
from tests.tui.conftest import screen_text
from tutor.model.level import Goal
from tutor.model.scenario import Scenario
from tutor.show.live import LiveView, figure
from tutor.tui.app import Options, make_app
from tutor.tui.screens.live import LiveScreen


def text_of(screen: LiveScreen, name: str) -> str:
    """The text of one widget of the screen."""
    return str(screen.query_one(f"#{name}", Static).content)


async def test_measured_stands_beside_predicted_on_the_board() -> None:
    """During the run each part shows its measured and predicted number and the axis both curves; then the
    table opens, and one key returns to the board.
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
    """A live run that fails says why in one line, and is closed."""
    view = Scripted(["running"], trouble="the NATS JetStream server ended by itself: no words")
    app = make_app(Options())
    async with app.run_test(size=(100, 40)) as pilot:
        screen = LiveScreen(view)
        await app.push_screen(screen)
        await pilot.pause(0.8)
        assert text_of(screen, "live-state") == "the NATS JetStream server ended by itself: no words"
        assert view.closed == 1


async def test_without_the_extra_one_line_says_how() -> None:
    """If live runs aren't available, the key says what to install; otherwise it opens the view once the
    design has been run.
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
