"""The mouse on the board: drag a part to move it, drag from its handle to wire it, drag the ground to scroll.

The handle is the right edge of a box, and the cell beside it; it shows under the pointer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual import events
from textual.geometry import Offset

from tutor.tui.board.drawing import Overlay
from tutor.tui.board.place import Box, Cell, Slot

if TYPE_CHECKING:
    from tutor.tui.board.board import Board

RIGHT_BUTTON = 3


class Pointer:
    """What the mouse is doing."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self._doing: Literal["", "press", "move", "wire", "scroll"] = ""
        self._part = ""
        self._start: Cell = (0, 0)
        self._here: Cell = (0, 0)
        self._scrolled = Offset(0, 0)
        self._grip: Offset = Offset(0, 0)

    def press(self, event: events.MouseDown) -> None:
        """A button goes down."""
        board = self.board
        place = event.get_content_offset(board)
        if place is None:
            return
        cell = board.cell_at(place)
        part = board.scene.part_at(cell)
        item = part or board.scene.wire_at(cell)
        event.stop()
        if event.button == RIGHT_BUTTON:
            if item is not None:
                board.item = item
            board.post_message(board.MenuRequested(item, event.screen_x, event.screen_y))
            return
        if board.drawing is not None:
            if part is None or part == board.drawing.source:
                board.cancel_drawing()
            else:
                board.choose_end(part)
            return
        self._start = self._here = cell
        self._grip, self._scrolled = Offset(event.screen_x, event.screen_y), board.scroll_offset
        handle = self._handle_of(cell)
        if handle is not None and not board.read_only:
            board.item = handle
            if not board.start_drawing(handle):
                return
            self._part, self._doing = handle, "wire"
        elif part is not None:
            self._part, self._doing = part, "press"
            board.item = part
        else:
            if item is not None:
                board.item = item
            self._doing = "scroll"
        board.capture_mouse()

    def _handle_of(self, cell: Cell) -> str | None:
        """The part whose handle this is."""
        x, y = cell
        for part, box in self.board.scene.boxes.items():
            if box.y < y < box.bottom and (x == box.right or (x == box.right + 1 and cell not in self.board.scene.users)):
                return part
        return None

    def move(self, event: events.MouseMove) -> None:
        """The pointer moves."""
        board = self.board
        place = event.get_content_offset(board) or Offset(event.x, event.y)
        cell = board.cell_at(place)
        if not self._doing:
            board.set_hover(board.scene.part_at(cell) or self._handle_of(cell) or board.scene.wire_at(cell))
            return
        event.stop()
        if cell == self._here and self._doing != "scroll":
            return
        self._here = cell
        if self._doing == "press" and not board.read_only:
            self._doing = "move"
        if self._doing == "scroll":
            gone = self._grip - Offset(event.screen_x, event.screen_y)
            board.scroll_to(self._scrolled.x + gone.x, self._scrolled.y + gone.y, animate=False)
        elif self._doing == "wire":
            board.set_hover(board.scene.part_at(cell))
            board.refresh_overlay()
        elif self._doing == "move":
            board.refresh_overlay()

    def release(self, event: events.MouseUp) -> None:
        """The button goes up."""
        doing, self._doing = self._doing, ""
        if not doing:
            return
        board = self.board
        board.release_mouse()
        event.stop()
        if doing == "wire":
            target = board.scene.part_at(self._here)
            if target is not None and target != self._part:
                board.choose_end(target)
                if board.drawing is not None and board.drawing.target is None:
                    board.cancel_drawing()
            elif self._here != self._start:
                board.cancel_drawing()
        elif doing == "move":
            slot = self._slot()
            if slot != board.scene.layout.slots[self._part]:
                board.ask_move(self._part, slot)
        board.refresh_overlay()

    def _slot(self) -> Slot:
        """The slot that the dragged part would take."""
        return self.board.scene.slot_of(self._dragged())

    def _dragged(self) -> Box:
        return self.board.scene.boxes[self._part].moved(self._here[0] - self._start[0], self._here[1] - self._start[1])

    def draw_over(self, overlay: Overlay) -> Overlay:
        """Add what is being dragged to the cells drawn on top."""
        if self._doing == "move" and self._part in self.board.scene.boxes:
            self._draw_ghost(overlay)
        elif self._doing == "wire" and self._part in self.board.scene.boxes:
            self._draw_thread(overlay)
        return overlay

    def _draw_ghost(self, overlay: Overlay) -> None:
        """A frame where the part would stand."""
        box = self.board.scene.box_of(self._slot()) or self._dragged()
        signs = self.board.glyphs.frames["ghost"]
        x, y, right, bottom = box.x, box.y, box.right, box.bottom
        for at in range(x, right + 1):
            corner = (signs[0], signs[4]) if at == x else (signs[2], signs[5]) if at == right else (signs[1], signs[1])
            overlay.setdefault(y, {})[at] = (corner[0], "ghost")
            overlay.setdefault(bottom, {})[at] = (corner[1], "ghost")
        for at in range(y + 1, bottom):
            overlay.setdefault(at, {})[x] = overlay.setdefault(at, {})[right] = (signs[3], "ghost")

    def _draw_thread(self, overlay: Overlay) -> None:
        """A line from the part to the pointer, behind the boxes."""
        scene, sign = self.board.scene, self.board.glyphs.flow
        box = scene.boxes[self._part]
        to_x, to_y = self._here
        x, y = (box.right + 1 if to_x > box.right else box.x - 1), box.y + (box.height - 1) // 2
        level = [(at, y) for at in range(min(x, to_x), max(x, to_x) + 1)]
        upright = [(to_x, at) for at in range(min(y, to_y), max(y, to_y) + 1)]
        for cell in level + upright:
            if scene.part_at(cell) is None:
                overlay.setdefault(cell[1], {})[cell[0]] = (sign, "ghost")
