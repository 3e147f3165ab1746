"""A wire that is being drawn: where it may end, why it may not end elsewhere, and one key for each choice.
Pure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from tutor.errors import IllegalWire
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.rules import wire_ends
from tutor.show.picture.glyphs import width_of
from tutor.show.picture.place import Box, Cell
from tutor.words import say

PART_KEYS = "123456789kABDEFGJKMNOQSWXY"
"""Keys for the ends of a wire: digits first. No command has any of them, so that a key pressed too late does
nothing.
"""

KIND_KEYS = "123456789"
"""Keys for the kinds of wire in the menu, from the top."""


class PartKeys:
    """The key of each part: the same for as long as a level is open, whatever comes and goes."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}

    def keys_of(self, design: Design) -> Mapping[str, str]:
        """Returns the key of every part; a part that is gone lends its key only when no other is left."""
        for part in design.components:
            if part not in self._keys:
                taken = set(self._keys.values())
                here = {self._keys[known] for known in design.components if known in self._keys}
                key = next((key for keys in (taken, here) for key in PART_KEYS if key not in keys), "")
                if key:
                    self._keys = {known: other for known, other in self._keys.items() if other != key} | {
                        part: key
                    }
        return {part: self._keys.get(part, "") for part in design.components}


@dataclasses.dataclass(frozen=True, slots=True)
class End:
    """A part that a new wire might end at."""

    part: str
    """The part's id."""
    kinds: tuple[str, ...]
    """The kinds of wire that may go there; empty where none may."""
    refusal: str = ""
    """Why none may."""
    key: str = ""
    """The key that chooses it, where it may."""


def ends_from(
    level: Level | None, design: Design, source: str, keys: Mapping[str, str] | None = None
) -> dict[str, End]:
    """Returns every part as an end of a wire from ``source``, with its key of ``keys`` if a wire may go
    there.
    """
    found = wire_ends(level, design, source)
    here = {part: key for part, key in (keys or {}).items() if part in found and found[part].kinds}
    return {part: End(part, end.kinds, end.refusal, here.get(part, "")) for part, end in found.items()}


@dataclasses.dataclass(slots=True)
class KindMenu:
    """The menu of the kinds of wire that may join a pair, beside the part where the wire ends."""

    target: str
    """The part where the wire ends."""
    kinds: tuple[str, ...]
    """The kinds, from the top."""
    at: int = 0
    """The row that is chosen by enter."""

    @property
    def rows(self) -> list[str]:
        """The text of each row: its key, the kind, and the purpose of the kind, in short."""
        return [f" {key} {kind} " for key, kind in zip(KIND_KEYS, self.kinds, strict=False)]

    def kind_of_key(self, key: str) -> str | None:
        """Returns the kind of wire that a key stands for."""
        return dict(zip(KIND_KEYS, self.kinds, strict=False)).get(key) if key else None

    def blurb(self) -> str:
        """The purpose of the chosen kind of wire."""
        return say(f"kinds.about.{self.kinds[self.at]}")

    def move(self, by: int) -> None:
        """Chooses another row, from the last on to the first."""
        self.at = (self.at + by) % len(self.kinds)

    def box(self, beside: Box, view: Box) -> Box:
        """Returns the box of the menu: at the left end of the part, below it or above it, inside the view."""
        width, height = max(map(width_of, self.rows)) + 2, len(self.kinds) + 2
        x = max(view.x, min(beside.x - 2, view.right - width + 1))
        y = beside.bottom + 1 if beside.bottom + height <= view.bottom else max(view.y, beside.y - height)
        return Box(x, y, width, height)

    def row_at(self, cell: Cell, box: Box) -> int | None:
        """Returns the row under a cell."""
        row = cell[1] - box.y - 1
        return row if box.x < cell[0] < box.right and 0 <= row < len(self.kinds) else None


@dataclasses.dataclass(slots=True)
class Drawing:
    """A wire that is being drawn: first its end is chosen, then its kind if several fit."""

    source: str
    """The part it starts at."""
    ends: Mapping[str, End]
    """Every other part."""
    menu: KindMenu | None = None
    """The kinds to choose from, once the end is chosen."""

    @property
    def legal(self) -> dict[str, str]:
        """The parts where it may end, with their keys."""
        return {part: end.key for part, end in self.ends.items() if end.kinds}

    def why_not(self, part: str) -> str:
        """Returns why the wire may not end at ``part``; an empty text if it may."""
        end = self.ends.get(part)
        if end is None and part != self.source:
            return say("board.note-not-wired")
        if end is not None and end.kinds:
            return ""
        return end.refusal if end is not None else say("rules.itself")

    def choose_end(self, part: str) -> str | None:
        """Takes ``part`` as the end; returns the kind of wire if only one fits, None if it is to be chosen
        from the menu.

        Raises :class:`IllegalWire` with the reason where no wire may go there.
        """
        refused = self.why_not(part)
        if refused:
            raise IllegalWire(refused)
        end = self.ends[part]
        if len(end.kinds) == 1:
            return end.kinds[0]
        self.menu = KindMenu(part, end.kinds)
        return None

    def end_of_key(self, key: str) -> str | None:
        """Returns the part that a key stands for."""
        return next((part for part, end in self.ends.items() if end.key and end.key == key), None)
