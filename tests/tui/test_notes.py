"""Notes on the sandbox's board are written, moved, edited and deleted by keys and by mouse, like parts."""

from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from tutor.tui.screens.sandbox import Sandbox

SAYS = "Ask [b]Billing[/b]: who retries?"


def sandbox_of(pilot: Pilot[None]) -> Sandbox:
    """The sandbox on the screen."""
    assert isinstance(pilot.app.screen, Sandbox)
    return pilot.app.screen


def places(screen: Sandbox) -> dict[str, tuple[int, int]]:
    """The terminal cell where each part and note begins."""
    board = screen.board
    at, origin = board.content_region.offset, board.origin
    return {
        name: (box.x + origin.x + at.x, box.y + origin.y + at.y) for name, box in board.scene.boxes.items()
    }


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Presses keys, with time to answer after each."""
    for key in keys:
        await pilot.press(key)
        await pilot.pause()


async def test_a_note_is_written_moved_edited_and_deleted_by_keys(play: Any, text: Any) -> None:
    """A note is typed right after it is chosen; it moves, is edited and deleted like a part, each with undo,
    and no part moves for it.
    """
    async with play((80, 23), sandbox=True) as pilot:
        screen = sandbox_of(pilot)
        first = places(screen)
        await press(pilot, "a", *"note", "enter")
        await pilot.press("A")
        screen.inspector.paste(SAYS[1:])
        await press(pilot, "enter")
        assert screen.session.design.notes["note"].text == SAYS
        assert screen.board.item == "note"
        assert screen.board.has_focus
        assert "[b]Billing[/b]" in text(pilot)
        assert {part: at for part, at in places(screen).items() if part != "note"} == first
        at = screen.session.design.notes["note"].at
        await press(pilot, "shift+right")
        assert screen.session.design.notes["note"].at != at
        await press(pilot, "u", "enter")
        await pilot.press(*"Fine")
        await press(pilot, "enter")
        assert [screen.session.design.notes["note"].text, screen.session.design.notes["note"].at] == [
            "Fine",
            at,
        ]
        await press(pilot, "w")
        assert "can't be wired" in text(pilot)
        await press(pilot, "x")
        assert not screen.session.design.notes
        await press(pilot, "u")
        assert screen.session.design.notes["note"].text == "Fine"
        assert {part: at for part, at in places(screen).items() if part != "note"} == first


async def test_a_note_is_dragged_and_opened_by_mouse_and_is_there_next_time(play: Any, text: Any) -> None:
    """A note is dragged also by its right edge, where a part would start a wire; a double click types its
    text; it is saved with the board, and kept apart from what the run is of.
    """
    async with play((160, 50), sandbox=True) as pilot:
        screen = sandbox_of(pilot)
        screen.session.note("Here", (1, 6))
        screen.design_changed()
        await pilot.pause()
        box, origin = screen.board.scene.boxes["note"], screen.board.origin
        at = (box.right + origin.x, box.y + 1 + origin.y)
        await pilot.mouse_down("#board", offset=at)
        await pilot.hover("#board", offset=(at[0], at[1] + 8))
        await pilot.mouse_up("#board", offset=(at[0], at[1] + 8))
        await pilot.pause()
        column, row = screen.session.design.notes["note"].at or (0, 0)
        assert column == 1
        assert row > 6
        assert screen.board.drawing is None
        box, origin = screen.board.scene.boxes["note"], screen.board.origin
        await pilot.click("#board", offset=(box.x + 4 + origin.x, box.y + 1 + origin.y), times=2)
        await pilot.press(*"There")
        await press(pilot, "enter")
        assert "There" in text(pilot)
    async with play((120, 40), sandbox=True) as pilot:
        assert "There" in text(pilot)
