"""The mouse on the board: drag a part to move it, drag from its right edge to wire it, drag the ground to
scroll.
"""

from __future__ import annotations

from typing import Literal, Protocol

from textual import events
from textual.geometry import Offset

from tutor.model.design import Design
from tutor.show.picture.drawing import Overlay, lay_box
from tutor.show.picture.glyphs import Glyphs
from tutor.show.picture.place import Box, Cell, Slot
from tutor.show.picture.scene import Scene
from tutor.tui.board.pen import Pen
from tutor.words import say

RIGHT_BUTTON = 3
HANDLE = 3
"""How many cells in each row of a part's right edge start a wire."""

Zone = Literal["", "ground", "part", "note", "client", "edge", "wire", "shared"]
"""What the pointer is over: nothing, the ground, a part, a note, the edge where wires start, a wire, cells
that wires share.
"""


class Ground(Protocol):
    """The surface that the pointer works on: the board."""

    pen: Pen
    """The wire that is being drawn."""
    item: str | None
    """The part or wire that has the focus."""

    @property
    def design(self) -> Design:
        """The design that is shown."""

    @property
    def read_only(self) -> bool:
        """True if the design can only be looked at."""

    @property
    def promises(self) -> bool:
        """True if a promise can be drawn from a client."""

    @property
    def scene(self) -> Scene:
        """The scene, with the place of everything."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs in use."""

    @property
    def scroll_offset(self) -> Offset:
        """The offset by which the picture is scrolled."""

    def cell_under(self, event: events.MouseEvent) -> Cell | None:
        """Returns the cell of the canvas under the pointer; None outside of it."""

    def scroll_by_drag(self, to: Offset) -> None:
        """Scrolls to a place."""

    def capture_mouse(self, capture: bool = True) -> None:
        """Captures every event of the mouse."""

    def release_mouse(self) -> None:
        """Releases the mouse."""

    def refresh_overlay(self) -> None:
        """Draws the moving cells again."""

    def point_at(self, item: str | None, zone: Zone) -> None:
        """Highlights what is under the pointer, and says what it can do there."""

    def ask_move(self, part: str, slot: Slot) -> None:
        """Asks to put a part into a slot."""

    def ask_promise(self, client: str, part: str) -> None:
        """Asks for a promise of a client's events at a part."""

    def ask_menu(self, item: str | None, x: int, y: int) -> None:
        """Asks for the menu of a part or wire at a cell of the screen."""

    def refuse(self, reason: str) -> None:
        """Says why something cannot be done."""


class Pointer:
    """The present action of the mouse."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self._doing: Literal["", "press", "move", "wire", "promise", "scroll"] = ""
        self._part = ""
        self._start: Cell = (0, 0)
        self._here: Cell = (0, 0)
        self._scrolled = Offset(0, 0)
        self._grip: Offset = Offset(0, 0)

    def press(self, event: events.MouseDown) -> None:
        """Handles a button that goes down."""
        ground, pen = self.ground, self.ground.pen
        cell = ground.cell_under(event)
        if cell is None:
            return
        event.stop()
        if pen.drawing is not None and pen.drawing.menu is not None and pen.click(cell):
            return
        part = ground.scene.part_at(cell)
        wire = self._wire_at(cell) if part is None else None
        if event.button == RIGHT_BUTTON:
            pen.cancel()
            if part or wire:
                ground.item = part or wire
            ground.ask_menu(part or wire, event.screen_x, event.screen_y)
            return
        if pen.drawing is not None:
            self._end_at(part)
            return
        self._start = self._here = cell
        self._grip, self._scrolled = Offset(event.screen_x, event.screen_y), ground.scroll_offset
        handle = self.edge_at(cell)
        if part is not None and event.ctrl and self._promises_from(part):
            ground.item = self._part = part
            self._doing = "promise"
        elif handle is not None and not ground.read_only:
            ground.item = handle
            if not pen.start(handle):
                return
            self._part, self._doing = handle, "wire"
        elif part is not None:
            self._part, self._doing = part, "press"
            ground.item = part
        else:
            if wire is not None:
                ground.item = wire
            self._doing = "scroll"
        ground.capture_mouse()

    def _promises_from(self, part: str) -> bool:
        """Returns whether a promise can be drawn from a part: only a client's events are promised
        anything.
        """
        return self.ground.promises and self.ground.design.placed[part].kind == "client"

    def _wire_at(self, cell: Cell) -> str | None:
        """Returns the wire under a cell; of several that share it, the one after the one that has the
        focus.
        """
        wires = self.ground.scene.wires_at(cell)
        if self.ground.item in wires:
            return wires[(wires.index(self.ground.item) + 1) % len(wires)]
        return wires[0] if wires else None

    def _end_at(self, part: str | None) -> None:
        """Ends a wire at the part that was clicked while it is drawn; a click on anything else gives
        it up.
        """
        pen = self.ground.pen
        assert pen.drawing is not None
        if part is None or part == pen.drawing.source:
            pen.cancel()
        else:
            pen.drop_on(part)

    def edge_at(self, cell: Cell) -> str | None:
        """Returns the part at whose right edge the cell is, where a wire starts: three cells in each row. One
        of them is beside the box, where no wire is to be selected there.
        """
        x, y = cell
        for part, box in self.ground.scene.boxes.items():
            if box.y <= y <= box.bottom and part not in self.ground.design.notes:
                last = box.right + ((box.right + 1, y) not in self.ground.scene.users)
                if last - HANDLE < x <= last:
                    return part
        return None

    def move(self, event: events.MouseMove) -> None:
        """Handles a move of the pointer."""
        ground = self.ground
        cell = ground.cell_under(event)
        if cell is None:
            return
        if not self._doing:
            ground.pen.point(cell)
            ground.point_at(*self._under(cell))
            return
        event.stop()
        if cell == self._here and self._doing != "scroll":
            return
        self._here = cell
        if self._doing == "press" and not ground.read_only:
            self._doing = "move"
        if self._doing == "scroll":
            ground.scroll_by_drag(self._scrolled + self._grip - Offset(event.screen_x, event.screen_y))
        elif self._doing in ("wire", "promise"):
            ground.point_at(ground.scene.part_at(cell), "")
            ground.refresh_overlay()
        elif self._doing == "move":
            ground.refresh_overlay()

    def _under(self, cell: Cell) -> tuple[str | None, Zone]:
        """Finds what is under a cell, and what kind of place that is."""
        scene = self.ground.scene
        edge, part = self.edge_at(cell), scene.part_at(cell)
        if edge is not None:
            return edge, "edge"
        if part in scene.design.notes:
            return part, "note"
        if part is not None:
            return part, "client" if self._promises_from(part) else "part"
        wires = scene.wires_at(cell)
        return (wires[0], "shared" if len(wires) > 1 else "wire") if wires else (None, "ground")

    def release(self, event: events.MouseUp) -> None:
        """Handles a button that goes up."""
        doing, self._doing = self._doing, ""
        if not doing:
            return
        ground = self.ground
        if doing in ("wire", "move", "promise"):  # a quick hand lets go before the last move is reported
            self._here = ground.cell_under(event) or self._here
        ground.release_mouse()
        event.stop()
        if doing == "wire":
            self._drop_wire()
        elif doing == "promise":
            self._drop_promise()
        elif doing == "move":
            slot = self._slot()
            if slot != ground.scene.layout.slots[self._part]:
                ground.ask_move(self._part, slot)
        ground.refresh_overlay()

    def _drop_wire(self) -> None:
        """Drops a wire: anywhere on a part ends it there; elsewhere it is given up, and the reason
        reported.
        """
        ground, target = self.ground, self.ground.scene.part_at(self._here)
        if self._here == self._start:
            return  # a click on the edge: the end comes by another click, or by a key
        if target is None or target == self._part:
            ground.pen.cancel()
            ground.refuse(say("board.dropped-on-itself") if target else say("board.dropped-on-nothing"))
        else:
            ground.pen.drop_on(target)

    def _drop_promise(self) -> None:
        """Drops a promise on any other part, which must then handle the events."""
        target = self.ground.scene.part_at(self._here)
        if target is None or target == self._part:
            self.ground.refuse(say("board.promise-on-nothing"))
        else:
            self.ground.ask_promise(self._part, target)

    def _slot(self) -> Slot:
        """Returns the slot that the dragged part would take."""
        scene = self.ground.scene
        return scene.nearest_slot(self._part, scene.slot_of(self._dragged()))

    def _dragged(self) -> Box:
        return self.ground.scene.boxes[self._part].moved(
            self._here[0] - self._start[0], self._here[1] - self._start[1]
        )

    def draw_over(self, overlay: Overlay) -> Overlay:
        """Adds the dragged part or wire to the cells drawn on top."""
        if self._doing == "move" and self._part in self.ground.scene.boxes:
            box = self.ground.scene.box_of(self._slot()) or self._dragged()
            lay_box(overlay, box, self.ground.glyphs.frames["ghost"], "ghost")
        elif self._doing in ("wire", "promise") and self._part in self.ground.scene.boxes:
            self._draw_thread(overlay)
        return overlay

    def _draw_thread(self, overlay: Overlay) -> None:
        """Draws a line from the part to the pointer, behind the boxes."""
        scene, sign = self.ground.scene, self.ground.glyphs.flow
        box = scene.boxes[self._part]
        to_x, to_y = self._here
        x, y = (box.right + 1 if to_x > box.right else box.x - 1), box.y + (box.height - 1) // 2
        level = [(at, y) for at in range(min(x, to_x), max(x, to_x) + 1)]
        upright = [(to_x, at) for at in range(min(y, to_y), max(y, to_y) + 1)]
        for cell in level + upright:
            if scene.part_at(cell) is None:
                overlay.setdefault(cell[1], {})[cell[0]] = (sign, "ghost")
