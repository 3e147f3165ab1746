"""The board: a widget that shows a design, lets a learner work on it, and plays a run back on it.

It posts the learner's requests (see ``messages``) and is given a new design in return; it never edits the
design itself.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset

from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.note import Note
from tutor.model.wire import Wire
from tutor.show.picture.canvas import Run
from tutor.show.picture.drawing import Overlay
from tutor.show.picture.labels import wordings
from tutor.show.picture.layout import COMPACT, ROOMY, Scale
from tutor.show.picture.place import STEPS, Box, Cell, Slot
from tutor.show.picture.scene import Scene, edit_scene
from tutor.show.picture.slots import assign_slots
from tutor.tui.board import inks, messages
from tutor.tui.board.focus import following, reading_order, toward
from tutor.tui.board.keys import BINDINGS, DIRECTIONS
from tutor.tui.board.pen import Pen
from tutor.tui.board.pointer import Pointer, Zone
from tutor.tui.board.view import BoardView
from tutor.tui.board.wiring import Drawing
from tutor.words import say

NEW_WIRE = "->"
"""What is to get the focus once a wire has been asked for: whatever its reference will be."""


class Board(BoardView, can_focus=True):
    """Shows a design and takes keys and the mouse; see the module."""

    DEFAULT_CSS = inks.CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = inks.COMPONENT_CLASSES
    ALLOW_SELECT = False

    FocusMoved = messages.FocusMoved
    WiringChanged = messages.WiringChanged
    OpenRequested = messages.OpenRequested
    AddRequested = messages.AddRequested
    WireRequested = messages.WireRequested
    RemoveRequested = messages.RemoveRequested
    MoveRequested = messages.MoveRequested
    TidyRequested = messages.TidyRequested
    Copied = messages.Copied
    PasteRequested = messages.PasteRequested
    PromiseRequested = messages.PromiseRequested
    MenuRequested = messages.MenuRequested
    Pointed = messages.Pointed
    Refused = messages.Refused

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    def __init__(self, design: Design | None = None, *, level: Level | None = None, **widget: Any) -> None:
        """Creates the board; ``widget`` is what every widget takes: name, id, classes, disabled."""
        super().__init__(design, **widget)
        self.level = level
        """The level whose rules hold for what is drawn; None where everything may be."""
        self.grows = level is not None and bool(level.palette)
        self.promises = False
        """Whether a promise can be drawn from a client to the part that must keep it."""
        self.copied: Component | None = None
        self.pen = Pen(self)
        self._pointer = Pointer(self)
        self._zone = ""
        self._wanted: str | None = None
        self._kept: list[tuple[Design, Scene, Offset]] = []
        self._tidied: dict[str, Slot] = {}

    def watch_design(self, old: Design, new: Design) -> None:
        """Shows another design; a part that is new in it gets the focus, and a removed one loses it."""
        self.cancel_drawing()
        self.pen.learn_keys()
        self._show_edited(old, new)
        fresh = [part for part in new.placed if part not in old.placed]
        known = set(new.placed) | {wire.ref for wire in new.wires}
        drawn = [wire.ref for wire in new.wires if old.wire(wire.ref) is None]
        if self._wanted == NEW_WIRE and len(drawn) == 1:
            self.item = drawn[0]
        elif self._wanted in known:
            self.item = self._wanted
        elif len(fresh) == 1 and old.components:
            self.item = fresh[0]
        elif self.item not in known:
            beside = [part for part in _neighbors(old, self.item) if part in known]
            self.item = beside[0] if beside else next(iter(reading_order(self.scene)), None)
        self._wanted = None
        self.show_item()

    def _show_edited(self, old: Design, new: Design) -> None:
        """Draws from scratch on a new board and on the key for it, as it was before that key, and otherwise
        with everything in its place.
        """
        kept = next((kept for kept in reversed(self._kept) if kept[0] == new), None)
        if not old.components:
            self._kept.clear()
            self.rebuild(anew=True)
        elif self._tidied and all(part.at == self._tidied.get(part.id) for part in new.placed.values()):
            self.rebuild(anew=True)
        elif kept is not None and self._viewport == self.container_size:
            self.show_scene(kept[1], kept[2])
        else:
            self.edit(self.item)
        self._tidied = {}

    # The focus

    def watch_item(self) -> None:
        """Shows the focus, brings it into view and informs the screen."""
        self.remark()
        self.show_item()
        self.post_message(self.FocusMoved(self.item))

    def show_design(self, design: Design) -> None:
        """Shows another design: the same as setting :attr:`design`."""
        self.design = design

    def focus_item(self, item: str | None) -> None:
        """Gives a part or wire the focus, and brings it into view; does nothing if it is not there."""
        if item is None or item in self.scene.boxes or item in self.scene.ways:
            self.item = item

    def action_toward(self, direction: str) -> None:
        """Moves the focus in a direction; scrolls if there is nothing more that way."""
        found = toward(self.scene, self.item, DIRECTIONS[direction])
        if self.drawing is not None and found == self.drawing.source and self.item != found:
            found = toward(self.scene, found, DIRECTIONS[direction]) or found
        if found is not None:
            self.item = found
        else:
            dx, dy = STEPS[DIRECTIONS[direction]]
            self.scroll_relative(x=dx * 8, y=dy * 4, animate=False)

    def action_following(self, step: int) -> None:
        """Goes to the next part or wire in reading order, and from the last one to the first."""
        self.item = following(self.scene, self.item, step) or following(self.scene, None, step)

    def action_open(self) -> None:
        """Opens the focused part or wire."""
        if self.item is not None:
            self.post_message(self.OpenRequested(self.item))

    # Edits, asked for

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disables edits while the board can only be looked at; while a wire is drawn, what its keys would
        do to parts.
        """
        if action in ("open", "remove", "shift") and self.drawing is not None:
            return False
        if action == "give_up":
            return self.drawing is not None
        if self.read_only and action in ("add", "wire", "remove", "paste", "tidy", "shift"):
            return False
        return super().check_action(action, parameters)

    def action_add(self) -> None:
        """Asks for a new part."""
        near = self.item if self.item in self.scene.boxes else None
        self.post_message(self.AddRequested(near))

    def slot_for(self, note: Note) -> Slot:
        """Returns the free slot that a new note takes: beside what has the focus, in view, and off the
        wires.
        """
        design = self.design.with_notes([*self.design.notes.values(), note])
        return edit_scene(self.scene, design, self.in_reach, self.glyphs, self.item).layout.slots[note.id]

    def action_remove(self) -> None:
        """Asks to remove the focused part or wire."""
        if self.item is not None:
            self.post_message(self.RemoveRequested(self.item))

    def action_shift(self, direction: str) -> None:
        """Asks to move the part in focus by half a box, or by a column; over others if they are in
        the way.
        """
        if self.item is not None and self.item in self.scene.boxes:
            slot = self.scene.free_slot(self.item, STEPS[DIRECTIONS[direction]])
            if slot is not None:
                self.ask_move(self.item, slot)

    def ask_move(self, part: str, slot: Slot) -> None:
        """Asks to put a part into a slot, or into the nearest one that is free."""
        self._wanted = part
        self.post_message(self.MoveRequested(part, self.scene.nearest_slot(part, slot)))

    def action_copy(self) -> None:
        """Remembers the part in focus."""
        if self.item is None or self.item not in self.design.components:
            self.refuse(say("board.copy-parts-only"))
        else:
            self.copied = self.design.components[self.item]
            self.post_message(self.Copied(self.item))

    def action_paste(self) -> None:
        """Asks for a copy of the part that was copied."""
        if self.copied is None:
            self.refuse(say("board.nothing-copied"))
        else:
            self.post_message(self.PasteRequested(self.copied))

    def action_menu(self) -> None:
        """Asks for the menu of the focused part or wire, beside it."""
        box = self.scene.boxes.get(self.item or "")
        way = self.scene.ways.get(self.item or "")
        x, y = (box.x + 2, box.bottom) if box else way[len(way) // 2] if way else (0, 0)
        origin = self.origin
        self.ask_menu(self.item, self.content_region.x + x + origin.x, self.content_region.y + y + origin.y)

    def ask_promise(self, client: str, part: str) -> None:
        """Asks for a promise of a client's events at a part."""
        self.post_message(self.PromiseRequested(client, part))

    def ask_menu(self, item: str | None, x: int, y: int) -> None:
        """Asks for the menu of a part or wire at a cell of the screen."""
        self.post_message(self.MenuRequested(item, x, y))

    def action_tidy(self) -> None:
        """Asks to put every part in its place in the flow; undo brings the picture back as it was."""
        free = [dataclasses.replace(component, at=None) for component in self.design.components.values()]
        design = Design({part.id: part for part in free}, self.design.wires, self.design.notes)
        slots = assign_slots(design)
        self._kept.append((self.design, self.scene, self.corner))
        self._tidied = slots
        self.post_message(self.TidyRequested(slots))

    def action_fit(self) -> None:
        """Changes the fit: whatever fits, then compact, then roomy."""
        order: list[Scale | None] = [None, COMPACT, ROOMY]
        self.scale = order[(order.index(self.scale) + 1) % len(order)]
        self.rebuild()
        self.show_item()

    def action_overview(self) -> None:
        """Shows or hides the small map."""
        self.overview = not self.overview

    # Wiring

    @property
    def drawing(self) -> Drawing | None:
        """The wire that is being drawn."""
        return self.pen.drawing

    def prompt(self, width: int) -> list[Run]:
        """Returns the last row while a wire is drawn, with its question."""
        return self.pen.prompt(width)

    def lay_over(self, overlay: Overlay) -> Overlay:
        """Adds the dragged part or wire to the cells that are drawn on top."""
        return self.pen.draw_over(self._pointer.draw_over(overlay))

    def action_wire(self) -> None:
        """Starts a wire at the part in focus; if a wire has the focus, another one from the same part."""
        wire = self.design.wire(self.item or "")
        source = wire.source if wire else self.item
        if source is None:
            self.refuse(say("board.nothing-to-start-at"))
        elif source in self.design.notes:
            self.refuse(say("board.note-not-wired"))
        else:
            self.pen.start(source)

    def action_give_up(self) -> None:
        """Stops drawing the wire."""
        self.pen.cancel()

    def cancel_drawing(self) -> None:
        """Forgets the wire that is being drawn."""
        self.pen.cancel()

    def ask_wire(self, source: str, target: str, kind: str) -> None:
        """Asks for a wire; it gets the focus, and the same key draws the next one from the same part."""
        self._wanted = NEW_WIRE
        self.post_message(self.WireRequested(source, target, kind))

    def report_wiring(self, source: str | None, *, choosing: bool = False) -> None:
        """Reports that a wire is being drawn from a part, and whether its kind is being chosen; or no
        longer.
        """
        self.post_message(self.WiringChanged(source, choosing=choosing))

    def refuse(self, reason: str) -> None:
        """Reports why something cannot be done."""
        self.post_message(self.Refused(reason))

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Returns whether a key belongs to the wire that is drawn, and so is not a command."""
        return self.drawing is not None and (key == "space" or bool(character and character.isprintable()))

    def on_key(self, event: events.Key) -> None:
        """Handles a key; while a wire is drawn, letters choose its end and its kind."""
        self.settled = True
        self.pen.press(event)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Starts to drag, chooses an end, or asks for a menu."""
        self.settled = True
        self._pointer.press(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drags, or shows what is under the pointer."""
        self._pointer.move(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Drops the dragged part or wire."""
        self._pointer.release(event)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scrolls down; the wheel scrolls sideways if there is nothing above or below."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scrolls up; the wheel scrolls sideways if there is nothing above or below."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        if (
            not self.allow_vertical_scroll
            and self.allow_horizontal_scroll
            and not (event.ctrl or event.shift)
        ):
            self.scroll_relative(x=step * 8, animate=False)
            event.stop()
            event.prevent_default()

    def cell_under(self, event: events.MouseEvent) -> Cell | None:
        """Returns the cell of the canvas under the pointer; None beside the board, unless the mouse is
        held.
        """
        place = event.get_content_offset(self)
        if place is None:
            return self.cell_at(Offset(event.x, event.y)) if self.app.mouse_captured is self else None
        return self.cell_at(place)

    def scroll_by_drag(self, to: Offset) -> None:
        """Scrolls to a place at once."""
        self.scroll_to(to.x, to.y, animate=False)

    def on_leave(self) -> None:
        """Notes that nothing is under the pointer."""
        self.point_at(None, "")

    def on_click(self, event: events.Click) -> None:
        """Opens a part or wire on a double click, and the palette on one beside them."""
        cell = self.cell_under(event)
        if event.chain != 2 or event.button != 1 or self.drawing is not None or cell is None:
            return
        if self.scene.part_at(cell) or self.scene.wires_at(cell):
            self.action_open()
        elif not self.read_only:
            slot = self.scene.slot_of(Box(*cell, 1, 1)) if self.scene.boxes else None
            self.post_message(self.AddRequested(None, slot))

    def point_at(self, item: str | None, zone: Zone) -> None:
        """Highlights the part or wire under the pointer, and reports the kind of place."""
        if zone != self._zone:
            self._zone = zone
            self.post_message(self.Pointed(zone))
        if item != self.hover:
            self.hover = item
            wire = self.design.wire(item) if item else None
            self.tooltip = Content(self._wire_words(wire)) if wire else None
            self.remark()

    def _wire_words(self, wire: Wire) -> str:
        """Describes a wire in words: its ends, its whole policy, and the meaning of its kind."""
        ends = say(
            "screens.wire-words",
            source=self.title_of(wire.source),
            target=self.title_of(wire.target),
            policy=wordings(wire, self.glyphs)[0],
        )
        return f"{ends}\n{say(f'kinds.about.{wire.kind}')}"


def _neighbors(design: Design, item: str | None) -> list[str]:
    """Returns the parts next to a removed part or wire: where its wires come from, then where they lead."""
    wire = design.wire(item) if item else None
    if item is None or wire is not None:
        return [wire.source] if wire is not None else []
    return [one.source for one in design.wires_to(item)] + [one.target for one in design.wires_from(item)]
