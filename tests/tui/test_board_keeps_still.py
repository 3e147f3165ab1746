"""Editing, running, charts and the panel move no part of the board that wasn't touched."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.show.preferences import Preferences
from tutor.tui.app import Options, make_app
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.level import LevelScreen

SIZES = [(80, 23), (160, 50)]
"""Without a panel beside the board, and with one."""


def level_of(pilot: Pilot[None]) -> LevelScreen:
    """The level on the screen."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


def places(screen: LevelScreen) -> dict[str, tuple[int, int]]:
    """The terminal cell where each part begins."""
    board = screen.board
    at, origin = board.content_region.offset, board.origin
    return {
        part: (box.x + origin.x + at.x, box.y + origin.y + at.y) for part, box in board.scene.boxes.items()
    }


@pytest.mark.parametrize("size", SIZES)
async def test_editing_undoing_and_running_move_nothing(play: Any, size: tuple[int, int]) -> None:
    """Parts keep their terminal cells while others are added, wired, deleted and restored, and while a run is
    watched.
    """
    async with play(size, level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        first = places(screen)
        for keys in (
            ["a", *"shelf", "enter"],
            ["x"],
            ["u"],
            ["ctrl+r"],
            ["u"],
            ["tab", "x"],
            ["u"],
            ["R"],
            ["r"],
            ["escape"],
            ["t"],
            ["0"],
        ):
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            while screen.computing:
                await pilot.pause(0.05)
            if keys == ["t"]:
                continue  # the learner asked for other charts
            now = places(screen)
            assert {part: now[part] for part in first if part in now} == {
                part: first[part] for part in first if part in now
            }, keys


async def test_laying_out_anew_is_a_key_and_can_be_undone(play: Any, text: Any) -> None:
    """Shift+T lays the parts out along the flow and says so; undo returns every part to its cells."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "shift+down", "shift+down")
        await pilot.pause()
        moved = places(screen)
        await pilot.press("T")
        await pilot.pause()
        assert "The board is tidied" in text(pilot)
        assert places(screen) != moved
        await pilot.press("u")
        await pilot.pause()
        assert places(screen) == moved


async def test_moving_a_part_does_not_end_a_run(play: Any) -> None:
    """Moving a part keeps the run and its results."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "r")
        while screen.playback.player is None or screen.computing:
            await pilot.pause(0.05)
        await pilot.press("escape", "shift+down")
        await pilot.pause()
        assert screen.session.design != screen.session.start
        assert screen.session.is_current
        screen.session.set("till->kitchen:call", "timeout_ms", "700")
        assert not screen.session.is_current


async def test_a_key_hides_the_panel(play: Any) -> None:
    """With the panel hidden the board has the whole width and no part moves; the settings can still be
    opened.
    """
    width = 120
    async with play((width, 40), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        first = places(screen)
        await pilot.press("I")
        await pilot.pause()
        assert screen.board.size.width == width
        assert places(screen) == first
        await pilot.press("i")
        await pilot.pause()
        assert screen.inspector.region.width == width
        await pilot.press("escape", "I")
        await pilot.pause()
        assert places(screen) == first
        assert screen.inspector.region.width < width


async def test_fewer_charts_leave_no_cells_behind(play: Any, text: Any) -> None:
    """With any number of charts, the clock and the marks are in place and no row of an old chart is left."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "r")
        while screen.playback.player is None or screen.computing:
            await pilot.pause(0.05)
        await pilot.press("escape")
        for _ in range(6):
            await pilot.press("t")
            await pilot.pause()
            rows = [screen.time.render_line(y).text for y in range(screen.time.size.height)]
            assert rows[-2].split()[0] == "marks"
            assert "/1:30" in rows[-1]
            assert len(rows) == len(screen.time.shown) * screen.time.chart_rows + 2
            assert sum("latency" in row for row in rows) == min(1, screen.time.charts)


async def test_a_click_on_the_goals_says_more_about_them(play: Any) -> None:
    """A click on the goals opens the briefing before the first run, and the verdict after it."""
    async with play((120, 40), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.click("#goals")
        await pilot.pause()
        assert pilot.app.screen.is_modal
        await pilot.press("escape")
        await pilot.pause()
        assert not pilot.app.screen.is_modal
        assert screen.is_current


async def test_a_run_of_another_design_is_said_to_be_one(play: Any, text: Any) -> None:
    """After an edit no run is shown; replaying it says that the run is of the earlier design, and unwired
    parts show no counts.
    """
    async with play((120, 40), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "r")
        while screen.computing or screen.session.run is None or screen.session.run.outcome is None:
            await pilot.pause(0.05)
        await pilot.pause()
        await pilot.press("escape")
        assert not screen.board.stale
        screen.board.focus_item("till->kitchen:call")
        await pilot.press("x")
        await pilot.pause()
        assert not screen.board.stale
        assert "before your changes" not in text(pilot)
        await pilot.press("0", "space")
        await pilot.press("v", "escape")
        await pilot.pause()
        assert screen.board.stale
        assert "This run is of the design before your changes" in text(pilot)
        box = screen.board.scene.boxes["till"]
        rows = [
            screen.board.render_line(y + screen.board.origin.y).text for y in range(box.y, box.bottom + 1)
        ]
        assert not any("✓" in row for row in rows)
        await pilot.press("u")
        await pilot.pause()
        await pilot.press("v", "escape")
        await pilot.pause()
        assert not screen.board.stale


async def test_a_level_opened_from_the_map_stands_beside_the_panel() -> None:
    """The panel stays if the whole design fits beside it, even though the first layout had no panel."""
    app = make_app(Options(preferences=Preferences(motion="reduced")))
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.pause(0.1)
        app.open_level("what-you-say/thin-or-fat")
        for _ in range(5):
            await pilot.pause()
        screen = level_of(pilot)
        assert screen.board.scene.size[0] <= screen.board.view.width < 160
        assert not screen.has_class("-alone")


async def test_a_click_on_a_missed_goal_opens_its_reason(play: Any, text: Any) -> None:
    """In the verdict, a click on a missed goal opens its reason, and a click on a met one does nothing."""
    async with play((120, 40), level="one/bell") as pilot:
        await pilot.press("escape", "r")
        screen = level_of(pilot)
        for _ in range(500):
            await pilot.pause(0.02)
            if isinstance(pilot.app.screen, CardScreen) and not screen.computing:
                break
        await pilot.pause()
        verdict = pilot.app.screen
        rows = [row[:70] for row in text(pilot).splitlines()]  # the card, without the goals at its side
        met = next(y for y, row in enumerate(rows) if "✓ no order is lost" in row)
        missed = next(y for y, row in enumerate(rows) if "✗ the till" in row)
        await pilot.click(offset=(rows[met].index("no order"), met))
        await pilot.pause()
        assert pilot.app.screen is verdict
        await pilot.click(offset=(rows[missed].index("the till"), missed))
        await pilot.pause()
        assert isinstance(pilot.app.screen, CardScreen)
        assert pilot.app.screen.heading == screen.session.diagnosis[0].title
