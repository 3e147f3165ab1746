"""Drawing a wire: where it may end, why not elsewhere, and one key for each choice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from tutor.errors import IllegalWire
from tutor.model.design import ITSELF, Design
from tutor.model.level import Level
from tutor.rules import wire_ends

SPARE_KEYS = "asdfjklghqwertyuiopzxcvbnm1234567890"
"""Keys for ends whose own letters are all taken."""


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


def ends_from(level: Level | None, design: Design, source: str) -> dict[str, End]:
    """Every part as an end of a wire from ``source``, with a key for each where one may go."""
    found = wire_ends(level, design, source)
    keys = one_keys({part: design.components[part].name for part, end in found.items() if end.kinds})
    return {part: End(part, end.kinds, end.refusal, keys.get(part, "")) for part, end in found.items()}


def one_keys(names: dict[str, str]) -> dict[str, str]:
    """A key for each name: a letter of its own where one is free, the first if possible."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for item, name in names.items():
        letters = [letter for letter in name.lower() if letter in SPARE_KEYS]
        key = next((letter for letter in (*letters, *SPARE_KEYS) if letter not in taken), "")
        if key:
            found[item] = key
            taken.add(key)
    return found


def kind_keys(kinds: Iterable[str]) -> dict[str, str]:
    """A key for each kind of wire, by kind: its first letter where that is free."""
    return one_keys({kind: kind for kind in kinds})


@dataclasses.dataclass(slots=True)
class Drawing:
    """A wire that is being drawn: first its end is chosen, then its kind where several fit."""

    source: str
    """The part it starts at."""
    ends: dict[str, End]
    """Every other part."""
    target: str | None = None
    """The end, once chosen."""
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)
    """The key for each kind to choose from, once the end is chosen."""

    @property
    def legal(self) -> dict[str, str]:
        """The parts where it may end, with their keys."""
        return {part: end.key for part, end in self.ends.items() if end.kinds}

    def choose_end(self, part: str) -> str | None:
        """Take ``part`` as the end; the kind of wire where only one fits, None where it is still to be chosen.

        Raises :class:`IllegalWire` with the reason where no wire may go there.
        """
        end = self.ends.get(part)
        if end is None or not end.kinds:
            raise IllegalWire(end.refusal if end else ITSELF)
        if len(end.kinds) == 1:
            return end.kinds[0]
        self.target, self.kinds = part, kind_keys(end.kinds)
        return None

    def end_of_key(self, key: str) -> str | None:
        """The part that a key stands for."""
        return next((part for part, end in self.ends.items() if end.key and end.key == key), None)

    def kind_of_key(self, key: str) -> str | None:
        """The kind of wire that a key stands for."""
        return next((kind for kind, known in self.kinds.items() if known == key), None)
