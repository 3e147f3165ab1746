"""Parts, wires and settings are edited by keys and by mouse, and refusals say why."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from tests.tui.conftest import send
from tutor.model.wire import Call
from tutor.tui.screens.chooser import Chooser
from tutor.tui.screens.level import LevelScreen
from tutor.tui.screens.menu import Menu

SIZES = [(80, 24), (120, 40)]
"""Where the settings cover the board, and where they are beside it."""


def level_of(pilot: Pilot[None]) -> LevelScreen:
    """The level on the screen."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))


async def test_a_part_is_added_from_the_palette(play: Any, text: Any) -> None:
    """A opens the palette with prices, typing searches and Enter adds; a used-up part says so."""
    async with play((80, 24), level="one/bell") as pilot:
        await pilot.press("escape", "a")
        await pilot.pause()
        assert isinstance(pilot.app.screen, Chooser)
        assert "1 an hour" in text(pilot)
        assert "keeps [bold]orders[/bold]" in text(pilot)
        await pilot.press(*"shelf", "enter")
        await pilot.pause()
        assert "shelf" in level_of(pilot).session.design.components
        assert level_of(pilot).item == "shelf"
        await pilot.press("a")
        await pilot.pause()
        assert "You've used all" in text(pilot)


async def test_texts_from_files_are_never_markup(play: Any, text: Any) -> None:
    """Square brackets in goals, titles and palettes are shown as they are."""
    async with play(level="one/bell") as pilot:
        await pilot.pause()
        assert "the till turns [b]nobody[/b] away" in text(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_setting_is_typed_and_stepped(play: Any, text: Any, size: tuple[int, int]) -> None:
    """Enter opens the inspector, Enter again types, and up steps; an invalid value says what is valid; undo
    reverts it.
    """
    async with play(size, level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "tab")
        await pilot.pause()
        assert screen.item == "till->kitchen:call"
        await pilot.press("enter")
        await pilot.pause()
        assert screen.inspector.has_focus_within
        await pilot.press("left", "right")  # nothing changes by accident
        assert screen.session.design == screen.session.start
        await pilot.press("enter", "up", "enter")
        await pilot.pause()
        wire = screen.session.design.wire("till->kitchen:call")
        assert isinstance(wire, Call)
        assert wire.timeout_ms == 2500
        await pilot.press("enter")
        await pilot.press(*"-5", "enter")
        await pilot.pause()
        assert "a number above 0" in str(screen.inspector.query_one("#meaning", Static).content)
        await pilot.press(*["backspace"] * 2, *"750", "enter")
        await pilot.pause()
        wire = screen.session.design.wire("till->kitchen:call")
        assert isinstance(wire, Call)
        assert wire.timeout_ms == 750
        await pilot.press("escape")
        assert not screen.inspector.has_focus_within
        await pilot.press("u", "u")
        assert screen.session.design == screen.session.start
        await pilot.press("ctrl+r")
        wire = screen.session.design.wire("till->kitchen:call")
        assert isinstance(wire, Call)
        assert wire.timeout_ms == 2500


async def test_a_locked_setting_says_that_it_is_fixed(play: Any, text: Any) -> None:
    """Physics is shown as fixed, and stepping doesn't change it."""
    async with play(level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        screen.board.focus_item("kitchen")
        await pilot.pause()
        await pilot.press("enter")
        fields = screen.inspector.query_one("#fields")
        fields.highlighted = fields.get_option_index("service_ms")  # type: ignore[attr-defined]
        await pilot.pause()
        assert "Fixed" in text(pilot)
        await pilot.press("right", "5", "enter")
        await pilot.pause()
        assert screen.session.design == screen.session.start


async def test_what_belongs_to_the_level_stays(play: Any, text: Any) -> None:
    """Deleting a fixed part is refused with the reason."""
    async with play(level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        screen.board.focus_item("kitchen")
        await pilot.press("x")
        await pilot.pause()
        assert "belongs to the level" in text(pilot)
        assert "kitchen" in screen.session.design.components


async def test_reset_can_be_undone(play: Any) -> None:
    """R returns to the start, and u brings the work back."""
    async with play(level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "tab", "x")
        await pilot.pause()
        edited = screen.session.design
        await pilot.press("R")
        assert screen.session.design == screen.session.start
        await pilot.press("u")
        assert screen.session.design == edited


@pytest.mark.parametrize("size", SIZES)
async def test_the_right_button_opens_what_can_be_done_here(
    play: Any, text: Any, size: tuple[int, int]
) -> None:
    """A right click on a part opens a menu of its actions at the pointer; a click on one does it, and a click
    beside the menu closes it.
    """
    async with play(size, level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        await pilot.pause()
        board = screen.board
        box, origin = board.scene.boxes["rail"], board.origin
        x, y = board.region.x + box.x + 2 + origin.x, board.region.y + box.y + 1 + origin.y
        await pilot.click(offset=(x, y), button=3)
        await pilot.pause()
        menu = pilot.app.screen
        assert isinstance(menu, Menu)
        panel = menu.query_one("#chooser").region
        assert panel.x <= x < panel.right
        assert y + 1 in (panel.y, panel.bottom + 1)
        assert menu.region.contains_region(panel)
        assert "call 2s" in text(pilot)  # the board stays in view
        await pilot.click(offset=(1, size[1] - 6))
        await pilot.pause()
        assert pilot.app.screen is screen
        assert "rail" in screen.session.design.components
        await pilot.click(offset=(x, y), button=3)
        await pilot.pause()
        await pilot.click("#rows", offset=(3, [row.id for row in menu.rows].index("delete")))
        await pilot.pause()
        await pilot.pause()
        assert "rail" not in screen.session.design.components


async def test_the_menu_is_a_key_away_and_offers_what_there_is(play: Any) -> None:
    """M opens the menu beside the focused item; undo is offered only if there is something to undo. A letter
    goes to the row that begins with it, and the key beside a row takes it.
    """
    async with play((80, 24), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "m")
        await pilot.pause()
        menu = pilot.app.screen
        assert isinstance(menu, Menu)
        assert [row.id for row in menu.rows] == ["inspect", "wire", "delete", "add"]
        await pilot.press("escape", "tab", "x", "m")
        await pilot.pause()
        menu = pilot.app.screen
        assert isinstance(menu, Menu)
        assert [row.id for row in menu.rows][-2:] == ["undo", "reset"]
        await pilot.press("end", "enter")
        await pilot.pause()
        await pilot.pause()
        assert screen.session.design == screen.session.start
        await send(pilot, "tab", "m", "d", "enter")
        assert screen.session.design != screen.session.start
        await send(pilot, "m", "u")
        assert screen.session.design == screen.session.start


async def test_the_smallest_screen_shows_one_pane_at_a_time(play: Any) -> None:
    """At 80x24 the inspector replaces the board while it has the focus."""
    async with play((80, 24), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        assert screen.board.size.width == 80
        assert not screen.query_one("#side").display
        await pilot.press("enter")
        await pilot.pause()
        assert screen.query_one("#side").display
        assert not screen.query_one("#middle").display
        await pilot.press("escape")
        await pilot.pause()
        assert screen.query_one("#middle").display


async def test_a_run_brings_the_board_back_from_under_the_inspector(play: Any) -> None:
    """On the smallest screen, starting a run from the settings shows the board."""
    async with play((80, 24), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape", "i")
        await pilot.pause()
        assert not screen.board.region.size
        await pilot.press("r")
        await pilot.pause(1)
        assert screen.board.region.size


async def test_charts_come_and_go(play: Any) -> None:
    """T cycles through none, some and all charts; larger screens begin with more of them."""
    async with play((80, 24), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        assert screen.time.charts == 0
        await pilot.press("t")
        assert screen.time.charts == 1
    async with play((200, 60), level="one/bell") as pilot:
        assert level_of(pilot).time.charts == 4


async def test_a_long_refusal_is_read_to_its_end(play: Any, text: Any) -> None:
    """A long refusal takes the rows above its line, moves nothing else, and disappears with the
    next message.
    """
    reason = "The line between the till and the kitchen is part of the world of this level. " * 2
    async with play((80, 23), level="one/bell") as pilot:
        await pilot.press("escape")
        board = level_of(pilot).board
        before = board.region, board.scene.boxes
        level_of(pilot).say(reason + "This is its end.", refusal=True)
        await pilot.pause()
        assert "This is its end." in text(pilot)
        assert (board.region, board.scene.boxes) == before
        level_of(pilot).say()
        await pilot.pause()
        assert "part of the world" not in text(pilot)


async def test_the_reason_of_a_failed_drop_stays_on_the_screen(play: Any, text: Any) -> None:
    """A wire dropped at an illegal end is discarded, and the message line keeps the reason."""
    async with play((120, 40), level="one/bell") as pilot:
        await pilot.press("escape")
        screen = level_of(pilot)
        board = screen.board
        box, end = board.scene.boxes["kitchen"], board.scene.boxes["till"]
        origin = board.origin
        await pilot.mouse_down("#board", offset=(box.right + origin.x, box.y + 1 + origin.y))
        await pilot.hover("#board", offset=(end.x + 2 + origin.x, end.y + 1 + origin.y))
        await pilot.mouse_up("#board", offset=(end.x + 2 + origin.x, end.y + 1 + origin.y))
        await pilot.pause()
        assert board.drawing is None
        assert screen.hint_line.has_class("-refusal")
        assert screen.hint_line.message


async def test_keys_of_a_fast_hand_reach_what_they_were_meant_for(play: Any) -> None:
    """Keys sent in one burst from the map open a level, leave its briefing, delete a wire, draw another, add
    a part from the palette and run: none is lost, and none acts on the screen before.
    """
    async with play((80, 23)) as pilot:
        await send(pilot, "enter", "escape", "tab", "x", "w", "2", "a", *"shelf", "enter", "r")
        design = level_of(pilot).session.design
        assert [wire.ref for wire in design.wires] == ["rail->kitchen:subscribe", "till->rail:publish"]
        assert "shelf" in design.components
        assert level_of(pilot).session.run is not None


async def test_a_choice_taken_with_the_mouse_gives_the_keys_back(play: Any) -> None:
    """After a click on a choice beside the board letters are commands again; the delete key deletes nothing
    while the settings have the focus.
    """
    async with play((160, 50), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        screen.board.focus_item("rail->kitchen:subscribe")
        await send(pilot, "enter", "delete")
        assert screen.session.design == screen.session.start
        for row in (0, 2):  # the setting, then the second of its choices below it
            await pilot.click("#fields", offset=(4, row))
            await pilot.pause()
        assert screen.session.design != screen.session.start
        assert screen.board.has_focus
        assert screen.inspector.part == screen.part


async def test_a_double_click_beside_the_parts_adds_one_there(play: Any) -> None:
    """A double click on the ground opens the palette, and the chosen part is put there in one edit."""
    async with play((160, 50), level="one/bell") as pilot:
        screen = level_of(pilot)
        await pilot.press("escape")
        await pilot.click("#board", offset=(70, 38), times=2)
        await pilot.pause()
        assert isinstance(pilot.app.screen, Chooser)
        await send(pilot, *"shelf", "enter")
        box, origin = screen.board.scene.boxes["shelf"], screen.board.origin
        assert abs(box.y + origin.y - 38) <= box.height
        await send(pilot, "u")
        assert screen.session.design == screen.session.start


async def test_the_key_bar_offers_nothing_that_letters_do_not_do(play: Any, text: Any) -> None:
    """While a wire is drawn the key bar offers to stop it, and no command whose letter would choose an end;
    a click on it stops the wire.
    """
    async with play((80, 23), level="one/bell") as pilot:
        await send(pilot, "escape", "w")
        bar = text(pilot).splitlines()[-1]
        assert bar.split()[:2] == ["esc", "stop"]
        assert "run" not in bar
        await pilot.click("KeyBar", offset=(2, 0))
        await pilot.pause()
        assert level_of(pilot).board.drawing is None
        assert "r run" in text(pilot).splitlines()[-1]
