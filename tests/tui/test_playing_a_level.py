"""A whole level is played to its verdict, by keys and by mouse."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.catalog import level_by_id, load_design
from tutor.judge.verdict import Verdict
from tutor.model.pack import PackRules
from tutor.progress import open_progress
from tutor.trial import score
from tutor.tui.screens.campaign import Campaign
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.level import LevelScreen

SIZES = [(80, 24), (120, 40)]
"""The smallest terminal, and the usual one. What a larger one shows is held by the pictures."""


async def until_verdict(pilot: Pilot[None]) -> None:
    """Wait until the current run is scored."""
    for _ in range(400):
        await pilot.pause(0.02)
        screen = pilot.app.screen
        if isinstance(screen, CardScreen) and "assed" in screen.heading:
            await pilot.pause()
            return
    raise AssertionError("no verdict came")


def level_below(pilot: Pilot[None]) -> LevelScreen:
    """The level screen below any other screens."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


@pytest.mark.parametrize("size", SIZES)
async def test_a_level_is_played_by_keys_and_checked_the_same(
    play: Any, text: Any, course: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Keys alone lead from the map through a failing run, rewiring, a pass, the question and the debrief to
    the next level, and ``check`` gives the saved design the same score.
    """
    async with play(size) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "The kitchen drinks tea" in text(pilot)
        await pilot.press("enter")  # run what is there
        await until_verdict(pilot)
        assert "Not passed yet" in text(pilot)
        await pilot.press("escape")
        await pilot.press("tab", "x")  # the call is the first wire of the till
        await pilot.pause()
        assert level_below(pilot).session.design.wire("till->kitchen:call") is None
        await pilot.press("w", "2")  # the rail's key
        await pilot.pause()
        assert level_below(pilot).session.design.wire("till->rail:publish") is not None
        await pilot.press("r")
        await until_verdict(pilot)
        assert "Passed" in text(pilot)
        verdict = level_below(pilot).session.verdict
        assert verdict is not None
        assert verdict.passed
        await pilot.press("enter")
        await pilot.pause()
        assert "What did the rail make faster" in text(pilot)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "The till is free at once." in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "The rail kept the orders" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert level_below(pilot).level.id == "one/guess"
    assert_checked_the_same(verdict, course, tmp_path)


def assert_checked_the_same(verdict: Verdict, course: Path, tmp_path: Path) -> None:
    """Assert that ``check`` gives the saved design the game's score, and that it is recorded as passed."""
    level = level_by_id("one/bell", course)
    with open_progress(tmp_path / "home") as kept:
        again = score(level, load_design(kept.design_path("one/bell"), level))
        assert kept.passed("one/bell")
        assert kept.answered("one/bell") is True
    assert again.plain() | {"engine": None} == verdict.plain() | {"engine": None}


@pytest.mark.parametrize("size", SIZES)
async def test_a_level_is_played_by_mouse(
    play: Any, text: Any, course: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """Clicks and drags alone lead from the map through a run, deleting, wiring, the question and the debrief
    to the next level.
    """
    async with play(size) as pilot:
        for _ in range(100):
            if "you are here" in text(pilot):
                break
            await pilot.pause(0.02)
        await pilot.click("#levels", offset=(8, 1))
        await pilot.pause()
        await click_text(pilot, text, "Run the design and watch")
        await until_verdict(pilot)
        await click_text(pilot, text, "Back to the board")
        screen = level_below(pilot)
        way = screen.board.scene.ways["till->kitchen:call"]
        await pilot.click(offset=on_screen(screen, way[1]), button=3)
        await pilot.pause()
        await click_text(pilot, text, "Delete")
        assert screen.session.design.wire("till->kitchen:call") is None
        till, rail = (screen.board.scene.boxes[part] for part in ("till", "rail"))
        await drag(
            pilot, on_screen(screen, (till.right, till.y + 2)), on_screen(screen, (rail.x + 3, rail.y + 1))
        )
        assert screen.session.design.wire("till->rail:publish") is not None
        await click_text(pilot, text, "r run", last=True)
        await until_verdict(pilot)
        assert "Passed" in text(pilot)
        verdict = screen.session.verdict
        assert verdict is not None
        await click_text(pilot, text, "Go on")
        await click_text(pilot, text, "the wait")
        assert "The till is free at once." in text(pilot)
        await click_text(pilot, text, "Go on")
        await click_text(pilot, text, "Next: ")
        assert level_below(pilot).level.id == "one/guess"
    assert_checked_the_same(verdict, course, tmp_path)


def on_screen(screen: LevelScreen, cell: tuple[int, int]) -> tuple[int, int]:
    """The screen position of a canvas cell."""
    board = screen.board
    return board.region.x + cell[0] + board.origin.x, board.region.y + cell[1] + board.origin.y


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press, move in two steps and release."""
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


async def test_a_card_answers_once(play: Any) -> None:
    """A key pressed twice before a card has closed doesn't close the level below it."""
    async with play(level="one/bell") as pilot:
        card, screen = pilot.app.screen, level_below(pilot)
        card.dismiss("")
        card.dismiss("")
        await pilot.pause()
        assert pilot.app.screen is screen


async def click_text(pilot: Pilot[None], text: Any, words: str, *, last: bool = False) -> None:
    """Wait for these words on the screen, and click them."""
    for _ in range(100):
        if words in text(pilot):
            break
        await pilot.pause(0.02)
    lines = text(pilot).splitlines()
    found = [(line.index(words), row) for row, line in enumerate(lines) if words in line]
    assert found, f"{words!r} is not on the screen"
    column, row = found[-1 if last else 0]
    await pilot.click(offset=(column + 1, row))
    await pilot.pause()
    await pilot.pause()  # what a menu or card answers is done after it has gone


async def test_the_prediction_comes_before_the_first_run_and_once(play: Any, text: Any) -> None:
    """A level with a prediction asks for it only before the first run, and the verdict says how
    good it was.
    """
    async with play(level="one/guess") as pilot:
        await pilot.press("escape", "r")
        await pilot.pause()
        assert "How many orders fail?" in text(pilot)
        await pilot.press("down", "enter")
        await until_verdict(pilot)
        assert "You predicted “about twenty”" in text(pilot)
        await pilot.press("escape", "r")
        await until_verdict(pilot)
        assert "How many orders fail?" not in text(pilot)


async def test_the_first_level_asks_nothing_before_it_fails(play: Any, text: Any) -> None:
    """Without a prediction the first run starts at once."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "r")
        await until_verdict(pilot)
        assert level_below(pilot).session.verdict is not None


async def test_hints_come_in_steps_and_are_counted(play: Any, text: Any) -> None:
    """Three presses give three different hints, and the session counts them."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "h")
        await pilot.pause()
        assert "Who waits for whom?" in text(pilot)
        await pilot.press("escape", "h")
        await pilot.pause()
        assert "Something must hold the order." in text(pilot)
        await pilot.press("escape", "h")
        await pilot.pause()
        assert "Publish to the rail." in text(pilot)
        await pilot.press("escape")
        assert level_below(pilot).session.hints_used == 3


async def test_solutions_stay_closed_until_passed_or_given_up(play: Any, text: Any) -> None:
    """Before the level is passed, solutions need a confirmation; then one can be put on the board
    and undone.
    """
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "o")
        await pilot.pause()
        assert "The solutions open when" in text(pilot)
        await pilot.press("down", "enter")
        await pilot.pause()
        assert "over the rail" in text(pilot)
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("enter")  # put it on my board
        await pilot.pause()
        screen = level_below(pilot)
        assert screen.session.design.wire("till->rail:publish") is not None
        await pilot.press("u")
        await pilot.pause()
        assert screen.session.design == screen.session.start


async def test_a_pack_without_solutions_speaks_of_none(play: Any, text: Any) -> None:
    """If a teacher withholds the solutions, no key, card or advice offers them."""
    async with play(level="one/bell", rules=PackRules("Week 1", solutions=False, order="open")) as pilot:
        await pilot.press("escape")
        screen = level_below(pilot)
        screen.board.focus_item("till")
        await pilot.press("o")
        await pilot.pause()
        assert pilot.app.screen is screen
        while "No more hints" not in text(pilot):
            await pilot.press("h")
            await pilot.pause()
            while isinstance(pilot.app.screen, CardScreen):
                await pilot.press("escape")
        assert "solution" not in text(pilot)


async def test_leaving_and_coming_back_keeps_the_design(play: Any) -> None:
    """Edits are still there after the game is closed and reopened."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "tab", "x")
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Campaign)
    async with play(level="one/bell") as pilot:
        await pilot.pause()
        assert level_below(pilot).session.design.wire("till->kitchen:call") is None


async def test_a_run_ends_once(play: Any) -> None:
    """A timer tick after the last slice of a run does nothing."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "r")
        await until_verdict(pilot)
        screen = level_below(pilot)
        state = screen.title_bar.state
        assert state.plain
        screen._advance(None)
        assert (screen.runs.done, screen.title_bar.state) == (1, state)


async def test_a_failing_seed_is_opened_in_slices(play: Any) -> None:
    """The run of another seed is computed without blocking and shown on the board, and isn't scored."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "r")
        await until_verdict(pilot)
        await pilot.press("escape")
        screen = level_below(pilot)
        verdict, runs = screen.session.verdict, len(screen.session.runs)
        screen.open_seed(3)
        assert screen.computing
        for _ in range(300):
            await pilot.pause(0.02)
            if not screen.computing:
                break
        assert screen.playback.player is not None
        assert screen.playback.player.playing
        assert screen.session.verdict == verdict
        assert len(screen.session.runs) == runs


@pytest.mark.parametrize("size", SIZES)
async def test_the_ways_on_are_always_in_view(play: Any, size: tuple[int, int]) -> None:
    """However long a card's text is, its next actions are in view."""
    async with play(size, level="one/bell") as pilot:
        await pilot.press("escape", "r")
        await until_verdict(pilot)
        ways = pilot.app.screen.query_one("#replies")
        assert ways.size.height == len(pilot.app.screen.card.replies)
        assert ways.region.bottom < size[1]


async def test_the_part_behind_a_failure_is_named_by_keys(play: Any, text: Any, course: Path) -> None:
    """Where a level has a culprit, the verdict and the key for reasons ask which part it is; the right one
    leads on to the reason.
    """
    path = course / "one" / "bell" / "level.toml"
    level = level_by_id("one/bell", course)
    found = score(level, level.scenario.design).diagnosis[0].component
    among = [*level.scenario.design.components]
    asked = f'[culprit]\nask = "Who was it?"\nat = "{found}"\namong = {among}\nclue = "Count."\n'
    path.write_text(path.read_text("utf-8") + asked, "utf-8")
    async with play(level="one/bell") as pilot:
        await pilot.press("enter")
        await until_verdict(pilot)
        assert "Name the part" in text(pilot)
        await pilot.press("y")
        await pilot.pause()
        assert "Who was it?" in text(pilot)
        await pilot.press(str(among.index(found) + 1))
        await pilot.pause()
        assert "Found" in text(pilot)
        await pilot.press("y")
        await pilot.pause()
        assert "Evidence" in text(pilot)
