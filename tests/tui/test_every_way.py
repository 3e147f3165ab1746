"""Every key of a level and every mouse action does what it says, on the smallest terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.binding import Binding
from textual.command import CommandPalette
from textual.pilot import Pilot

from tutor.show.preferences import Preferences
from tutor.tui.board import Board
from tutor.tui.screens.campaign import Campaign
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.chooser import Chooser
from tutor.tui.screens.glossary import Glossary
from tutor.tui.screens.help import Help
from tutor.tui.screens.journeys import Journeys
from tutor.tui.screens.level import LevelScreen
from tutor.tui.screens.menu import Menu
from tutor.tui.screens.settings import SettingsScreen

SMALL = (80, 24)
MOVING = Preferences(motion="full")
CALL = "till->kitchen:call"
ELSEWHERE = {
    "ctrl+c",
    "ctrl+q",
    "ctrl+o",
    "ctrl+b",
    "f1",
    "delete",
    "equals_sign",
    "U",
    "I",
    "L",
    "P",
    "l",
    "H",
}
"""Keys that end the game or the level, second keys of a command, and keys that have tests of their own:
panel, links, live runs, handing in.
"""


class Hand:
    """A helper that presses keys and records which."""

    def __init__(self, pilot: Pilot[None]) -> None:
        self.pilot = pilot
        self.pressed: set[str] = set()

    @property
    def level(self) -> LevelScreen:
        """The open level screen."""
        return next(screen for screen in self.pilot.app.screen_stack if isinstance(screen, LevelScreen))

    async def __call__(self, *keys: str) -> None:
        """Press these keys, one after the other."""
        self.pressed.update(keys)
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def opens(self, key: str, kind: type[Any], close: str = "escape") -> None:
        """Assert that the key opens a screen of this kind over the level, and that another key closes it."""
        await self(key)
        assert isinstance(self.pilot.app.screen, kind), (key, self.pilot.app.screen)
        await self(close)
        await self.pilot.pause()
        assert self.pilot.app.screen is self.level

    async def until(self, what: Callable[[], bool]) -> None:
        """Wait for a condition."""
        for _ in range(500):
            if what():
                return
            await self.pilot.pause(0.02)
        raise AssertionError("it did not come")

    async def run(self) -> None:
        """Run the design, and pause once everything is computed."""
        before = self.level.situation.runs
        await self("r")
        await self.until(lambda: self.level.situation.runs > before)
        await self.until(lambda: self.level.playback.player is not None)
        self.level.stop_playing()
        while isinstance(self.pilot.app.screen, CardScreen):
            await self("escape")


async def test_every_key_of_a_level(play: Any) -> None:
    """Each key bound by a level and its board does what the key bar and help say."""
    async with play(SMALL, level="one/bell", preferences=MOVING) as pilot:
        pilot.app.animation_level = "none"  # nothing slides: the keys are what matters
        hand = Hand(pilot)
        screen, board, session = hand.level, hand.level.board, hand.level.session
        assert isinstance(pilot.app.screen, CardScreen)
        await hand("escape")
        await moving_the_focus(hand, board)
        await editing(hand, screen, board)
        for key, kind in (
            ("h", CardScreen),
            ("b", CardScreen),
            ("question_mark", Help),
            ("ctrl+p", CommandPalette),
            ("comma", SettingsScreen),
            ("g", Glossary),
            ("o", CardScreen),
            ("m", Menu),
            ("dollar_sign", CardScreen),
            ("a", Chooser),
        ):
            await hand.opens(key, kind)
        charts = screen.time.charts
        await hand("t")
        assert screen.time.charts != charts
        await hand.run()
        await playing(hand, screen)
        await hand.opens("y", CardScreen)
        await hand.opens("j", Journeys)
        await hand.opens("p", CardScreen)
        await hand.opens("v", CardScreen)
        await hand.opens("number_sign", CardScreen)
        await hand("d")
        assert session.verdict is not None
        assert pilot.app.screen is screen  # type: ignore[comparison-overlap]  # the debrief is for those who passed
        await hand("tab", "x")
        await hand.run()
        await hand.opens("c", CardScreen)
        kinds = (*LevelScreen.__mro__, *type(pilot.app).__mro__, Board)
        bound = {key for kind in kinds for one in kind.__dict__.get("BINDINGS", ()) for key in keys_of(one)}
        assert bound & {"r", "w", "full_stop", "V"}
        textual = {"pageup", "pagedown", "home", "end", "ctrl+pageup", "ctrl+pagedown", "ctrl+i"}
        assert {
            key for key in bound if not key.startswith(("super", "ctrl+shift"))
        } - hand.pressed - ELSEWHERE - textual == {"q"}
        await hand("q")
        assert isinstance(pilot.app.screen, Campaign)


def keys_of(binding: Any) -> list[str]:
    """The keys of a binding, in whichever form it is written."""
    return (binding.key if isinstance(binding, Binding) else binding[0]).split(",")


async def moving_the_focus(hand: Hand, board: Board) -> None:
    """Check that arrows go where the eye expects and Tab goes from part to wire."""
    assert board.item == "till"
    for key, there in (
        ("right", "kitchen"),
        ("left", "till"),
        ("down", "rail"),
        ("up", "till"),
        ("tab", CALL),
        ("shift+tab", "till"),
    ):
        await hand(key)
        assert board.item == there, key


async def editing(hand: Hand, screen: LevelScreen, board: Board) -> None:
    """Check settings, wires, deleting, moving, undoing, and the board's views."""
    session = screen.session
    await hand("enter")
    assert screen.inspector.has_focus_within
    await hand("escape")
    assert not screen.inspector.has_focus_within
    await hand("i")
    assert screen.inspector.has_focus_within
    await hand("i")
    assert not screen.inspector.has_focus_within
    await hand("w")
    assert board.drawing is not None
    await hand("escape")
    assert board.drawing is None
    await hand("w", "2")
    assert session.design.wire("till->rail:publish") is not None
    await hand("u")
    assert session.design == session.start
    await hand("ctrl+r")
    assert session.design.wire("till->rail:publish") is not None
    board.focus_item("till->rail:publish")
    await hand("x")
    assert session.design == session.start
    board.focus_item("rail")
    at = board.scene.layout.slots["rail"]
    for key, step in (
        ("shift+down", (0, 1)),
        ("shift+up", (0, -1)),
        ("shift+right", (1, 1)),
        ("shift+left", (-1, 0)),
    ):
        at = (
            at[0] + step[0],
            at[1] + step[1],
        )  # beside the kitchen's column the nearest free place is half a box lower
        await hand(key)
        assert session.design.components["rail"].at == at, key
    await hand("T")
    assert session.design.components["rail"].at == (0, 2)
    await hand("C", "V")
    assert board.copied is not None
    await hand("R")
    assert session.design == session.start
    await hand("z")
    assert board.scale is not None
    await hand("z", "z")
    assert board.scale is None
    await hand("Z")
    assert not board.overview
    await hand("Z")
    board.focus_item("till")


async def playing(hand: Hand, screen: LevelScreen) -> None:
    """Check that the cursor goes where the keys send it."""
    player = screen.playback.player
    assert player is not None
    await hand("0", "space")
    assert not player.playing
    early = player.cursor_s
    for key, further in (("right_square_bracket", True), ("left_square_bracket", False), ("full_stop", True)):
        before = player.cursor_s
        await hand(key)
        assert (player.cursor_s > before) is further, key
    await hand("n")
    assert player.cursor_s == pytest.approx(15.0)
    await hand("f")
    assert player.cursor_s == pytest.approx(
        next(mark.at_s for mark in player.marks if mark.kind == "first-failure")
    )
    await hand("plus")
    assert player.speed == 2.0
    await hand("minus")
    assert player.speed == 1.0
    assert screen.board.cursor_s == screen.time.cursor_s == player.cursor_s > early


class Mouse:
    """A helper that clicks and drags on the cells of the screen."""

    def __init__(self, pilot: Pilot[None], text: Callable[[Pilot[None]], str]) -> None:
        self.pilot, self.text = pilot, text

    @property
    def level(self) -> LevelScreen:
        """The open level screen."""
        return next(screen for screen in self.pilot.app.screen_stack if isinstance(screen, LevelScreen))

    def part(self, part: str, dx: int = 3, dy: int = 1) -> tuple[int, int]:
        """A cell of a part's box, relative to its corner; on its right edge if ``dx`` is -1."""
        box = self.level.board.scene.boxes[part]
        return self.cell((box.right if dx < 0 else box.x + dx, box.y + dy))

    def cell(self, cell: tuple[int, int]) -> tuple[int, int]:
        """The screen position of a canvas cell."""
        board = self.level.board
        return board.region.x + cell[0] + board.origin.x, board.region.y + cell[1] + board.origin.y

    async def click(self, at: tuple[int, int], **how: Any) -> None:
        """Click, and wait for what follows."""
        await self.pilot.click(offset=at, **how)
        await self.pilot.pause()
        await self.pilot.pause()

    async def click_words(self, words: str) -> None:
        """Click the last place on the screen that has these words."""
        lines = self.text(self.pilot).splitlines()
        found = [(line.rindex(words) + 1, row) for row, line in enumerate(lines) if words in line]
        assert found, f"{words!r} is not on the screen"
        await self.click(found[-1])

    async def drag(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        """Press, move in two steps and release."""
        await self.pilot.mouse_down(offset=start)
        await self.pilot.hover(offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
        await self.pilot.hover(offset=end)
        await self.pilot.mouse_up(offset=end)
        await self.pilot.pause()


@pytest.mark.parametrize("size", [SMALL, (120, 40)])
async def test_every_way_of_the_mouse(play: Any, text: Any, size: tuple[int, int]) -> None:
    """Inspecting, moving, wiring, the palette, the key bar, the menu and the time axis all work by mouse
    alone.
    """
    async with play(size, level="one/bell", preferences=MOVING) as pilot:
        pilot.app.animation_level = "none"
        mouse = Mouse(pilot, text)
        screen, board, session = mouse.level, mouse.level.board, mouse.level.session
        await mouse.click_words("Look at the board first")
        await mouse.click(mouse.part("kitchen"))
        assert board.item == "kitchen"
        assert "Kitchen" in str(screen.inspector.query_one("#part").render())
        row = session.start.components["rail"]
        await mouse.drag(mouse.part("rail"), mouse.part("rail", 3, 4))
        assert session.design.components["rail"].at is not None
        assert row.at is None
        await mouse.drag(mouse.part("till", -1, 2), mouse.part("rail"))
        assert session.design.wire("till->rail:publish") is not None
        way = board.scene.ways[CALL]
        await mouse.click(mouse.cell(way[len(way) // 2]))
        assert board.item == CALL
        await mouse.click(mouse.cell(way[len(way) // 2]), button=3)
        assert isinstance(pilot.app.screen, Menu)
        await mouse.click_words("Delete")
        assert session.design.wire(CALL) is None
        await mouse.click_words("u undo" if "u undo" in text(pilot) else "? help")
        if isinstance(pilot.app.screen, Help):  # a narrow key bar has no room for undo: the menu has it
            await pilot.press("escape")
            await mouse.click(mouse.part("rail"), button=3)
            await mouse.click_words("Undo")
        assert session.design.wire(CALL) is not None
        await mouse.click_words("a add")
        await mouse.click_words("Shelf")
        assert "shelf" in session.design.components
        await mouse.click(mouse.part("rail"), times=2)
        assert screen.inspector.has_focus_within
        await pilot.press("escape")
        await mouse.click_words("r run")
        for _ in range(500):
            await pilot.pause(0.02)
            if screen.situation.runs and screen.playback.player is not None:
                break
        await mouse.click_words("space pause")
        player, axis = screen.playback.player, screen.time.region
        assert player is not None
        assert not player.playing
        middle = (axis.x + axis.width // 2, axis.bottom - 1)
        await mouse.click(middle)
        there = player.cursor_s
        assert 0 < there < player.end_s
        await mouse.drag(middle, (middle[0] + 8, middle[1]))
        assert player.cursor_s > there
        await mouse.click_words("v verdict")
        assert isinstance(pilot.app.screen, CardScreen)
        await mouse.click_words("Back to the board")
        assert pilot.app.screen is screen  # type: ignore[comparison-overlap]


async def test_the_wheel_scrolls_a_board_that_does_not_fit(play: Any) -> None:
    """On a board larger than the screen, the wheel scrolls the view."""
    async with play(SMALL, sandbox=True) as pilot:
        board = pilot.app.screen.query_one("#board", Board)
        for number in range(17):
            pilot.app.screen.session.add("queue" if number % 2 else "service")
        pilot.app.screen.design_changed()
        await pilot.pause(0.3)
        assert board.max_scroll_y > 0 or board.max_scroll_x > 0
        board.scroll_to(0, 0, animate=False)
        await pilot.pause()
        before = board.scroll_offset
        await pilot._post_mouse_events([events.MouseScrollDown], Board, offset=(5, 5))
        await pilot.pause(0.3)
        assert board.scroll_offset != before
