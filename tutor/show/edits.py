"""The learner's changes: every request becomes an edit of the session, and every refusal a sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping

from tutor.errors import InputError
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.edit import AddComponent, Edit, MoveWire, Several
from tutor.model.level import PaletteEntry
from tutor.model.note import Note
from tutor.model.price import Item, Prices, items_of, price_of, price_of_wire
from tutor.model.wire import Wire
from tutor.rules import free_title, title_of_entry
from tutor.session import Session
from tutor.session.editing import set_edit
from tutor.show.cards import BillLine
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Edited:
    """The result of a request."""

    changed: bool
    """Whether the design is another one now."""
    said: str = ""
    """One line for the learner; empty where the board says enough."""
    refused: bool = False
    """Whether it was refused, and ``said`` is the reason."""
    focus: str = ""
    """The part or wire to put the focus on; empty where it stays."""


@dataclasses.dataclass(frozen=True, slots=True)
class PartOffer:
    """One entry of the palette of parts."""

    id: str
    """The palette entry."""
    title: str
    """What it is called."""
    right: str
    """How many are left, and the price an hour."""
    about: str
    """What it is for."""
    glyph: str
    """Its sign."""
    refused: str
    """Why it can't be added now; empty where it can."""


class Edits:
    """The edits of one session."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def part_of(self, item: str | None) -> Component | Wire | Note | None:
        """Returns a part or note by its id or a wire by its reference; None if the design has neither."""
        if item is None:
            return None
        return self.session.design.placed.get(item) or self.session.design.wire(item)

    def name_of(self, item: str | None) -> str:
        """Returns the learner's name for a part or wire; the text itself if the design has neither."""
        part = self.part_of(item)
        if isinstance(part, Wire):
            parts = self.session.design.components
            return say("names.wire", source=parts[part.source].name, target=parts[part.target].name)
        return part.name if part is not None else item or ""

    def apply(self, edit: Edit) -> Edited:
        """Applies an edit if the level allows it."""
        return self._try(lambda: self.session.do(edit))

    def _try(self, change: Callable[[], object], said: str = "") -> Edited:
        before = self.session.design
        try:
            change()
        except InputError as error:
            return Edited(False, error.what, refused=True)
        return Edited(self.session.design != before, said)

    def add(self, entry_id: str, at: tuple[int, int] | None = None) -> Edited:
        """Adds a part from the palette, in the slot that was pointed at if there was one."""
        try:
            part = self.session.add(entry_id, at)
        except InputError as error:
            return Edited(False, error.what, refused=True)
        return Edited(True, say("edit.added", part=self.name_of(part)), focus=part)

    def note(self, at: tuple[int, int] | None) -> Edited:
        """Puts a note on the board; what it says is typed next."""
        try:
            note = self.session.note(say("edit.new-note"), at)
        except InputError as error:
            return Edited(False, error.what, refused=True)
        return Edited(True, focus=note)

    def wire(self, source: str, target: str, kind: str) -> Edited:
        """Draws a wire."""
        before = self.session.design
        try:
            ref = self.session.wire(source, target, kind)
        except InputError as error:
            return Edited(False, error.what, refused=True)
        wire = self.session.design.wire(ref)
        names = {"source": self.name_of(source), "target": self.name_of(target)}
        if wire is not None and wire.events:
            said = say("board.wired-with-filter", events=wire.events, **names)
        else:
            said = say("board.wired", **names)
        return Edited(self.session.design != before, said, focus=ref)

    def remove(self, item: str) -> Edited:
        """Removes a part with its wires, or a wire."""
        name = self.name_of(item)
        return self._try(lambda: self.session.remove(item), say("edit.removed", part=name))

    def move(self, part: str, at: tuple[int, int]) -> Edited:
        """Moves a part to another slot."""
        moved = self.session.design.placed.get(part)
        return self.apply(set_edit(moved, "at", at)) if moved is not None else Edited(False)

    def tidy(self, slots: Mapping[str, tuple[int, int]]) -> Edited:
        """Moves every part to its place in the layout."""
        placed = self.session.design.placed
        change = Several(tuple(set_edit(placed[part], "at", slot) for part, slot in slots.items()))
        return self._try(lambda: self.session.do(change), say("board.tidied"))

    def paste(self, component: Component) -> Edited:
        """Adds a copy of a part with its settings, under an id and a title of its own."""
        number = 2
        while f"{component.id}-{number}" in self.session.design.placed:
            number += 1
        name = f"{component.id}-{number}"
        title = free_title(component.title, self.session.design)
        edited = self.apply(AddComponent(dataclasses.replace(component, id=name, title=title, at=None)))
        return dataclasses.replace(edited, focus=name) if edited.changed else edited

    def copied(self, part: str) -> str:
        """Says what can be done with a copy."""
        return say("edit.copied", part=self.name_of(part))

    def set(self, part: Component | Wire | Note, name: str, value: object) -> Edited:
        """Changes one setting of a part, wire or note."""
        return self.apply(set_edit(part, name, value))

    def reorder(self, ref: str, by: int) -> Edited:
        """Moves a wire to an earlier or later place in its part's work."""
        return self.apply(MoveWire(ref, by))

    def undo(self) -> Edited:
        """Undoes the last edit."""
        return self._try(self.session.undo)

    def redo(self) -> Edited:
        """Redoes the edit that was undone last."""
        return self._try(self.session.redo)

    def reset(self) -> Edited:
        """Goes back to the start of the level; undo brings the work back."""
        return self._try(self.session.reset, say("edit.reset"))

    def adopt(self, design: Design) -> Edited:
        """Puts a reference solution on the board."""
        return self._try(lambda: self.session.adopt(design), say("edit.adopted"))

    def order_of(self, wire: Wire) -> tuple[int, int] | None:
        """Returns the place of this wire among its part's outgoing wires, from 1, and their number; None if
        it's the only one.
        """
        refs = [one.ref for one in self.session.design.wires_from(wire.source)]
        return (refs.index(wire.ref) + 1, len(refs)) if len(refs) > 1 else None

    def palette(self) -> list[PartOffer]:
        """Returns the parts that can be added, each with how many are left and its price; last, on a free
        board, a note.
        """
        offers = [self._offer(entry, left) for entry, left in self.session.palette()]
        if self.session.level is None:
            offers.append(
                PartOffer(
                    id=Note.kind,
                    title=say("kinds.part.note"),
                    right=say("edit.free"),
                    about=say("kinds.about.note"),
                    glyph=Note.glyph,
                    refused="",
                )
            )
        return offers

    def _offer(self, entry: PaletteEntry, left: int | None) -> PartOffer:
        part = entry.component
        price = price_of(part, self.prices)
        cost = say("edit.price", price=price) if price else say("edit.free")
        return PartOffer(
            id=entry.id,
            title=title_of_entry(entry),
            right=cost if left is None else say("edit.left", count=left, cost=cost),
            about=entry.say or say(f"kinds.about.{part.kind}"),
            glyph=part.glyph,
            refused=say("edit.used-up") if left == 0 else "",
        )

    @property
    def prices(self) -> Prices:
        """The price list of this level or sandbox."""
        return self.session.scenario.prices

    def bill(self) -> list[BillLine]:
        """Returns each part and wire of the design that has a price, and the items the price is made of."""
        design, prices = self.session.design, self.prices
        parts = [
            BillLine(part.name, price_of(part, prices), tuple(items_of(part, prices)))
            for part in design.components.values()
        ]
        wires = [
            BillLine(self.name_of(wire.ref), price, (Item("capture", 1, price),))
            for wire in design.wires
            if (price := price_of_wire(wire, prices))
        ]
        return [line for line in (*parts, *wires) if line.price]
