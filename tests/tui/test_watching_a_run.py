"""A run is computed without blocking, played back and inspected."""

from __future__ import annotations

import time
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.show.preferences import Preferences
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.journeys import Journeys
from tutor.tui.screens.level import LevelScreen

MOVING = Preferences(motion="full")


def level_of(pilot: Pilot[None]) -> LevelScreen:
    """The level on the screen."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


async def run_to_end(pilot: Pilot[None]) -> LevelScreen:
    """Run the level's start until everything is computed, and leave the playback paused."""
    await pilot.press("escape", "r")
    screen = level_of(pilot)
    for _ in range(400):
        await pilot.pause(0.02)
        if screen.situation.runs and not screen.computing:
            break
    if screen.playback.player is not None and screen.playback.player.playing:
        await pilot.press("space")
    while isinstance(pilot.app.screen, CardScreen):
        await pilot.press("escape")
    return screen


async def test_playback_keys_move_the_cursor(play: Any) -> None:
    """Space pauses and resumes, brackets scrub, the period steps, n and f jump, plus and minus change the
    speed; the inspector says what the focused part has done by then.
    """
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = await run_to_end(pilot)
        player = screen.playback.player
        assert player is not None
        assert not player.playing
        at = player.cursor_s
        await pilot.press("right_square_bracket")
        assert player.cursor_s > at
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert player.cursor_s <= at
        await pilot.press("n")
        assert player.cursor_s == pytest.approx(15.0)
        assert screen.time.cursor_s == screen.board.cursor_s == player.cursor_s
        await pilot.press("f")
        failed = next(mark.at_s for mark in player.marks if mark.kind == "first-failure")
        assert player.cursor_s == pytest.approx(failed)
        before = player.cursor_s
        await pilot.press("full_stop")
        assert player.cursor_s > before
        await pilot.press("plus")
        assert player.speed == 2.0
        await pilot.press("minus", "minus")
        assert player.speed == 0.5
        await pilot.press("0")
        assert player.playing
        await pilot.press("space")
        assert not player.playing
        await pilot.pause()
        assert screen.inspector.query_one("#live").size.height == 1


async def test_one_key_skips_to_the_verdict(play: Any, text: Any) -> None:
    """V during the playback skips to its end and shows the verdict."""
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = await run_to_end(pilot)
        await pilot.press("v")
        await pilot.pause()
        assert screen.playback.player is not None
        assert screen.playback.player.over
        assert "Not passed yet" in text(pilot)


async def test_nothing_ticks_when_nothing_moves(play: Any) -> None:
    """The level runs no timer before a run, while it is paused, or at its end."""
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = level_of(pilot)
        assert screen._compute is None
        assert screen._frames is None
        await run_to_end(pilot)
        assert screen._compute is None
        assert screen._frames is None
        await pilot.press("space")
        assert screen._frames is not None
        await pilot.press("escape")
        assert screen._frames is None


async def test_keys_are_answered_while_a_run_is_computed(play: Any) -> None:
    """Slices of a run are short: nine in ten return to the event loop within 50 ms of work, whatever else the
    machine does.
    """
    async with play(level="one/bell", preferences=MOVING) as pilot:
        await pilot.press("escape")
        screen = level_of(pilot)
        screen.start_run()
        waits = []
        while screen.computing:
            began = time.thread_time()
            screen._advance(None)
            waits.append(time.thread_time() - began)
        waits.sort()
        assert waits[len(waits) // 2] < 0.05
        assert waits[int(len(waits) * 0.9)] < 0.05


async def test_escape_stops_a_run(play: Any, text: Any) -> None:
    """Escape stops a run that is being computed, and it isn't scored."""
    async with play(level="one/bell", preferences=MOVING) as pilot:
        await pilot.press("escape")
        screen = level_of(pilot)
        screen.start_run()
        assert screen.computing
        await pilot.press("escape")
        assert not screen.computing
        assert screen.session.run is None
        assert "Stopped" in text(pilot)


async def test_why_shows_the_moment_on_the_board(play: Any, text: Any) -> None:
    """Y shows the cause with evidence, and "Show me" moves the cursor to where it happened."""
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = await run_to_end(pilot)
        found = screen.session.diagnosis[0]
        await pilot.press("y")
        await pilot.pause()
        assert found.title in text(pilot)
        assert found.evidence[0][0] in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert screen.playback.player is not None
        assert found.at_s is not None
        assert screen.playback.player.cursor_s == pytest.approx(found.at_s)


async def test_what_was_said_of_a_moment_stays_until_the_focus_moves_on(play: Any, text: Any) -> None:
    """A jump moves the focus and says where it went; the message stays until the learner moves the focus."""
    async with play(level="one/bell") as pilot:
        await run_to_end(pilot)
        await pilot.press("escape", "n")
        await pilot.pause()
        assert level_of(pilot).item == "kitchen"
        assert "hang" in text(pilot).splitlines()[-2]
        await pilot.press("left")
        await pilot.pause()
        assert "hang" not in text(pilot).splitlines()[-2]


async def test_a_journey_is_read_and_found_on_the_board(play: Any, text: Any) -> None:
    """J lists events with failures first, a search narrows them, and Enter shows the turning point on the
    board.
    """
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = await run_to_end(pilot)
        await pilot.press("j")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Journeys)
        assert "timed out" in text(pilot)
        await pilot.click("#event-search")
        await pilot.press(*"refused")
        await pilot.pause()
        assert "No event matches" in text(pilot)
        await pilot.press(*["backspace"] * 7)
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert screen.playback.player is not None
        hops = [hop.at_s for journey in screen.playback.player.timeline.journeys for hop in journey.hops]
        assert screen.playback.player.cursor_s in hops


async def test_two_runs_are_compared(play: Any, text: Any) -> None:
    """After two runs, c shows the changes and every number before and after."""
    async with play(level="one/bell", preferences=Preferences(motion="reduced")) as pilot:
        await run_to_end(pilot)
        await pilot.press("tab", "x")
        await pilot.press("w", "2")
        await pilot.pause()
        screen = await run_to_end(pilot)
        await pilot.press("c")
        await pilot.pause()
        assert "removed the call wire from Till to Kitchen" in text(pilot)
        assert "better" in text(pilot)
        assert screen.session.verdict is not None
        assert screen.session.verdict.passed


async def test_the_mouse_scrubs_the_axis(play: Any) -> None:
    """A click on the time axis moves the cursor there."""
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = await run_to_end(pilot)
        pane = screen.time
        await pilot.click("#time", offset=(pane.size.width // 2, pane.size.height - 1))
        assert screen.playback.player is not None
        assert 30 < screen.playback.player.cursor_s < 55


async def test_an_edit_takes_the_run_off_the_board(play: Any) -> None:
    """After an edit the board shows the design at rest, and the goals are those of the last run."""
    async with play(level="one/bell", preferences=MOVING) as pilot:
        screen = await run_to_end(pilot)
        await pilot.press("tab", "x")
        await pilot.pause()
        assert screen.board._playback is None
        assert not screen.session.is_current
        await pilot.press("u")
        await pilot.press("right_square_bracket")
        assert screen.board._playback is not None


async def test_the_axis_shows_what_is_planned(play: Any, text: Any) -> None:
    """Before the first run the axis already shows the scheduled fault."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape")
        await pilot.pause()
        assert "planned" in text(pilot)
        assert "▽" in text(pilot)


async def test_another_terminal_gets_the_picture_that_fits_it(play: Any) -> None:
    """Charts give way in a low terminal, and in a large one the board is as large as if it was opened
    there.
    """
    async with play((160, 50), level="one/bell") as pilot:
        await pilot.press("escape")
        large = level_of(pilot).board.scene.boxes["kitchen"].width
    async with play((120, 40), level="one/bell") as pilot:
        await pilot.press("escape", "r", "s")
        screen = await run_to_end(pilot)
        await pilot.press("escape", "right")
        assert screen.time.charts
        await pilot.resize_terminal(80, 23)
        await pilot.pause(0.1)
        assert not screen.time.charts
        assert screen.board.scene.boxes["kitchen"].width < large
        await pilot.resize_terminal(160, 50)
        await pilot.pause(0.1)
        assert screen.time.charts
        assert screen.board.scene.boxes["kitchen"].width == large
