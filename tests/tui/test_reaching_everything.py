"""Everything can be reached: tips work by key and by mouse, the palette finds parts, and the sandbox supports
promises.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from tutor.model.level import Stars
from tutor.progress import Progress
from tutor.show.cards import Card
from tutor.tui.commands import keycap
from tutor.tui.screens.campaign import Campaign
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.chooser import Chooser
from tutor.tui.screens.level import LevelScreen
from tutor.tui.screens.promises import PromisesScreen
from tutor.tui.screens.sandbox import Sandbox
from tutor.tui.widgets.hintline import HintLine

SMALLEST = (80, 23)


def level_of(pilot: Any) -> LevelScreen:
    """The open level screen."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


async def until_scored(pilot: Any) -> LevelScreen:
    """Wait until the run is scored and watched."""
    screen = level_of(pilot)
    for _ in range(400):
        await pilot.pause(0.02)
        if screen.runs.done and not screen.computing and isinstance(pilot.app.screen, CardScreen):
            break
    return screen


def keys_now(screen: LevelScreen) -> set[str]:
    """The keys that work on the board now, as they are shown."""
    return {keycap(key) for key, active in screen.active_bindings.items() if active.enabled}


async def test_tips_name_keys_that_work(play: Any) -> None:
    """Every key in the hint line works at that moment: at rest, after a failure, after an edit and after a
    pass.
    """
    async with play(SMALLEST, level="one/bell") as pilot:
        screen = level_of(pilot)

        def advised() -> set[str]:
            words = screen.query_one(HintLine).words
            return {keycap(key) for kind, text in words if kind == "key" for key in text.split()}

        await pilot.press("escape")
        assert advised() <= keys_now(screen)
        await pilot.press("r")
        await until_scored(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert advised() <= keys_now(screen)
        screen.settle(screen.edits.remove("till->kitchen:call"))
        assert advised() <= keys_now(screen) | {"tab"}
        screen.settle(screen.edits.wire("till", "rail", "publish"))
        await pilot.press("r")
        await until_scored(pilot)
        while isinstance(pilot.app.screen, CardScreen):
            await pilot.press("escape")
            await pilot.pause()
        assert screen.session.passed
        assert advised() <= keys_now(screen)


async def test_a_click_on_a_tip_does_what_its_key_does(play: Any) -> None:
    """A click on the words after a key does what the key does."""
    async with play(SMALLEST, level="one/bell") as pilot:
        await pilot.press("escape")
        await pilot.pause()
        screen = level_of(pilot)
        line = screen.query_one(HintLine)
        assert line.key_at(6) == "r"
        await pilot.click(HintLine, offset=(8, 0))
        await pilot.pause()
        assert screen.computing or screen.runs.done


async def test_a_passing_verdict_leads_to_the_question_by_every_way_out(play: Any) -> None:
    """Escape, returning to the board and the solutions all lead to the question first."""
    async with play(SMALLEST, level="one/bell") as pilot:
        await pilot.press("escape")
        screen = level_of(pilot)
        screen.settle(screen.edits.remove("till->kitchen:call"))
        screen.settle(screen.edits.wire("till", "rail", "publish"))
        await pilot.press("r")
        await until_scored(pilot)
        for way in ("escape", "o"):
            await pilot.press(way)
            await pilot.pause()
            card: Card = pilot.app.screen.card
            assert card.plain == "What did the rail make faster?"
            await pilot.press("escape")
            await pilot.pause()
            await pilot.press("v")
            await pilot.pause()


async def test_a_key_pressed_while_a_run_is_computed_is_honoured(play: Any) -> None:
    """Why, pressed too early, opens as soon as there is a reason."""
    async with play(SMALLEST, level="one/bell") as pilot:
        await pilot.press("escape")
        screen = level_of(pilot)
        screen.start_run()
        await screen.run_action("why")
        assert screen.runs.wanted == "why"
        await until_scored(pilot)
        await pilot.pause()
        assert pilot.app.screen.card.replies[0].id == "show"
        await pilot.press("s")
        await pilot.pause()
        assert pilot.app.screen is screen  # no verdict covers what is shown


async def test_the_palette_finds_parts_and_says_when_nothing_is_found(play: Any, text: Any) -> None:
    """The palette finds a part by name and focuses it; text without a match says so."""
    async with play((120, 40), level="one/bell") as pilot:
        await pilot.press("escape", "ctrl+p")
        await pilot.pause(0.2)
        assert isinstance(pilot.app.screen, CommandPalette)
        await pilot.press(*"go kitchen")
        await pilot.pause(0.6)
        await pilot.press("enter")
        await pilot.pause(0.3)
        assert level_of(pilot).board.item == "kitchen"
        await pilot.press("ctrl+p", *"xyzzyq")
        await pilot.pause(0.6)
        assert "No matches" in text(pilot)


async def test_typing_searches_without_a_key_before_it(play: Any) -> None:
    """In every list that says "type to search", the first letter already searches."""
    async with play(SMALLEST, level="one/bell") as pilot:
        await pilot.press("escape", "r")
        await until_scored(pilot)
        await pilot.press("escape", "j")
        await pilot.pause()
        await pilot.press("t", "i")
        assert pilot.app.screen.query_one(Input).value == "ti"
        await pilot.press("escape", "a")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Chooser)
        await pilot.press("t", "o")
        assert pilot.app.screen.query_one(Input).value == "to"


async def test_the_play_line_of_the_map_is_a_button(play: Any) -> None:
    """A click on the map's play key plays the highlighted level."""
    async with play((120, 40)) as pilot:
        for _ in range(100):
            await pilot.pause(0.02)
            if (
                pilot.app.screen.query("#about-play")
                and pilot.app.screen.query_one("#about-play").region.height
            ):
                break
        assert isinstance(pilot.app.screen, Campaign)
        await pilot.click("#about-play")
        await pilot.pause()
        assert level_of(pilot).level.id == "one/bell"


@pytest.mark.parametrize("size", [SMALLEST, (120, 40)])
async def test_a_promise_is_drawn_from_a_client_to_a_part(play: Any, size: tuple[int, int]) -> None:
    """With a client focused, one key and Enter make a promise, and the next run is judged by it."""
    async with play(size, sandbox=True) as pilot:
        screen = pilot.app.screen
        assert isinstance(screen, Sandbox)
        screen.board.focus_item("people")
        await pilot.press("o")
        await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PromisesScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert [effect.at for effect in screen.session.scenario.effects] == [("billing",)]
        assert len(screen.promises.made) == 1


async def test_a_level_is_opened_as_a_sandbox_with_its_traffic_and_faults(play: Any) -> None:
    """One key opens a level's design in the sandbox, with its traffic and faults."""
    async with play(SMALLEST, level="one/bell") as pilot:
        await pilot.press("escape", "ctrl+b")
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, Sandbox)
        assert set(screen.session.design.components) == {"till", "rail", "kitchen"}
        assert [fault.kind for fault in screen.session.scenario.faults] == ["hang"]


async def test_tab_wraps_on_the_board(play: Any) -> None:
    """Tab goes through every part and wire of the board, and from the last one to the first."""
    async with play(SMALLEST, level="one/bell") as pilot:
        await pilot.press("escape")
        board = level_of(pilot).board
        count = len(board.design.components) + len(board.design.wires)
        seen = []
        for _ in range(count + 1):
            await pilot.press("tab")
            seen.append(board.item)
        assert len(set(seen)) == count
        assert seen[-1] == seen[0]
        await pilot.press("shift+tab")
        assert board.item == seen[-2]


async def test_a_briefing_begins_with_what_has_to_be_known(play: Any, text: Any, tmp_path: Path) -> None:
    """A level that was passed says in its briefing, once, that it runs on new seeds now; no message covers
    the story.
    """
    with Progress(tmp_path / "home") as progress:
        progress.note_run("one/bell", True, Stars(3, 3, 3), "", 0)
    async with play(SMALLEST, level="one/bell") as pilot:
        assert "new seeds" in text(pilot)
        await pilot.press("escape", "b")
        await pilot.pause()
        assert "new seeds" not in text(pilot)


async def test_a_link_of_a_card_is_copied_and_shown(play: Any) -> None:
    """A click on a link shows its address and copies it: nothing is opened."""
    async with play(SMALLEST) as pilot:
        pilot.app.push_screen(CardScreen(Card("Sources", markdown="[a report](https://example.org/report)")))
        await pilot.pause()
        await pilot.click("#card-body MarkdownParagraph", offset=(2, 0))
        await pilot.pause()
        assert pilot.app.clipboard == "https://example.org/report"
        assert any("https://example.org/report" in one.message for one in pilot.app._notifications)
