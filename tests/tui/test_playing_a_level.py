"""A whole level is played by keys, and again by the mouse, to its verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.catalog import level_by_id, load_design
from tutor.model.pack import PackRules
from tutor.progress import open_progress
from tutor.trial import score
from tutor.tui.screens.campaign import Campaign
from tutor.tui.screens.card import Card
from tutor.tui.screens.level import LevelScreen

SIZES = [(80, 24), (120, 40), (200, 60)]


async def until_verdict(pilot: Pilot[None]) -> None:
    """Waits for the run that is being computed."""
    for _ in range(400):
        await pilot.pause(0.02)
        screen = pilot.app.screen
        if isinstance(screen, Card) and "hold" in screen.card_title:
            await pilot.pause()
            return
    raise AssertionError("no verdict came")


def level_below(pilot: Pilot[None]) -> LevelScreen:
    """The level under whatever is on top of it."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


@pytest.mark.parametrize("size", SIZES)
async def test_a_level_is_played_by_keys_and_checked_the_same(
    play: Any, text: Any, course: Path, tmp_path: Path, size: tuple[int, int]
) -> None:
    """From the map by keys alone: run, see it fail, rewire, pass, question, debrief, next; the saved design scores the same."""
    async with play(size) as pilot:
        await pilot.press("enter")
        await pilot.pause()
        assert "The kitchen drinks tea" in text(pilot)
        await pilot.press("enter")  # run what is there
        await until_verdict(pilot)
        assert "It does not hold yet" in text(pilot)
        await pilot.press("escape")
        await pilot.press("tab", "x")  # the call is the first wire of the till
        await pilot.pause()
        assert level_below(pilot).session.design.wire("till->kitchen:call") is None
        await pilot.press("w", "r")  # the rail's letter
        await pilot.pause()
        assert level_below(pilot).session.design.wire("till->rail:publish") is not None
        await pilot.press("r")
        await until_verdict(pilot)
        assert "It holds" in text(pilot)
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
    level = level_by_id("one/bell", course)
    with open_progress(tmp_path / "home") as kept:
        again = score(level, load_design(kept.design_path("one/bell"), level))
        assert kept.passed("one/bell")
        assert kept.answered("one/bell") is True
    assert again.plain() | {"engine": None} == verdict.plain() | {"engine": None}


async def test_a_level_is_played_by_mouse(play: Any, text: Any) -> None:
    """Clicks alone: the level in the map, the way on, the wire, the menu of the key bar, run, verdict."""
    async with play((120, 40)) as pilot:
        await pilot.click("#levels", offset=(8, 1))
        await pilot.pause()
        await pilot.click("#ways", offset=(4, 0))
        await until_verdict(pilot)
        ways = pilot.app.screen.query_one("#ways")
        assert ways.size.height > 1
        await click_text(pilot, text, "Back to the board")
        screen = level_below(pilot)
        board = screen.board
        way = board.scene.ways["till->kitchen:call"]
        origin = board._origin
        await pilot.click("#board", offset=(way[1][0] + origin.x, way[1][1] + origin.y))
        await pilot.pause()
        assert board.item == "till->kitchen:call"
        await click_text(pilot, text, "x delete", last=True)
        assert screen.session.design.wire("till->kitchen:call") is None
        boxes, origin = board.scene.boxes, board._origin
        till, rail = boxes["till"], boxes["rail"]
        await pilot.click("#board", offset=(till.x + 3 + origin.x, till.y + 1 + origin.y))
        await click_text(pilot, text, "w wire", last=True)
        await pilot.click("#board", offset=(rail.x + 3 + origin.x, rail.y + 1 + origin.y))
        await pilot.pause()
        assert screen.session.design.wire("till->rail:publish") is not None
        await click_text(pilot, text, "r run", last=True)
        await until_verdict(pilot)
        assert "It holds" in text(pilot)


async def click_text(pilot: Pilot[None], text: Any, words: str, *, last: bool = False) -> None:
    """Clicks where these words stand on the screen."""
    lines = text(pilot).splitlines()
    found = [(line.index(words), row) for row, line in enumerate(lines) if words in line]
    assert found, f"{words!r} is not on the screen"
    column, row = found[-1 if last else 0]
    await pilot.click(offset=(column + 1, row))
    await pilot.pause()


async def test_the_prediction_comes_before_the_first_run_and_once(play: Any, text: Any) -> None:
    """A level with a prediction asks before the first run only; the verdict says how good it was."""
    async with play(level="one/guess") as pilot:
        await pilot.press("escape", "r")
        await pilot.pause()
        assert "How many orders fail?" in text(pilot)
        await pilot.press("down", "enter")
        await until_verdict(pilot)
        assert "You expected: about twenty." in text(pilot)
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
    """Three presses give three different hints; the verdict counts them."""
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
    """Solutions ask for a confirmation before the level is passed; then one can be put on the board and taken back."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "o")
        await pilot.pause()
        assert "They open when the level is passed" in text(pilot)
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
    """Where a teacher keeps the solutions back, no key, no card and no advice offers them."""
    async with play(level="one/bell", rules=PackRules("Week 1", solutions=False, order="open")) as pilot:
        await pilot.press("escape")
        screen = level_below(pilot)
        screen.board.focus_item("till")
        await pilot.press("o")
        await pilot.pause()
        assert pilot.app.screen is screen
        while "no more hints" not in text(pilot):
            await pilot.press("h")
            await pilot.pause()
            while isinstance(pilot.app.screen, Card):
                await pilot.press("escape")
        assert "solution" not in text(pilot)


async def test_leaving_and_coming_back_keeps_the_design(play: Any) -> None:
    """What was edited is there again after the game was left."""
    async with play(level="one/bell") as pilot:
        await pilot.press("escape", "tab", "x")
        await pilot.pause()
        await pilot.press("q")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Campaign)
    async with play(level="one/bell") as pilot:
        await pilot.pause()
        assert level_below(pilot).session.design.wire("till->kitchen:call") is None


async def test_a_failing_seed_is_opened_in_slices(play: Any) -> None:
    """The run of another seed is computed without blocking and put on the board; it scores nothing."""
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
        assert screen.player is not None
        assert screen.player.playing
        assert screen.session.verdict == verdict
        assert len(screen.session.runs) == runs


@pytest.mark.parametrize("size", SIZES)
async def test_the_ways_on_are_always_in_view(play: Any, size: tuple[int, int]) -> None:
    """However long a card's text is, what can be done next stands on the screen."""
    async with play(size, level="one/bell") as pilot:
        await pilot.press("escape", "r")
        await until_verdict(pilot)
        ways = pilot.app.screen.query_one("#ways")
        assert ways.size.height == len(pilot.app.screen.ways)  # type: ignore[attr-defined]
        assert ways.region.bottom < size[1]
