"""The palette of a level: the parts that may be added, and the entry that a part came from."""

from __future__ import annotations

import dataclasses

from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.level import Level, PaletteEntry
from tutor.model.setting import settings_of
from tutor.words import say

ALL = "*"
"""Among the names of a lock: every setting."""


def start_part(level: Level, part: Component) -> Component | None:
    """Returns the part that the level starts with under this part's id, if it is of the same kind."""
    start = level.scenario.design.components.get(part.id)
    return start if start is not None and start.kind == part.kind else None


def entry_of(level: Level, part: Component) -> PaletteEntry | None:
    """Returns the palette entry that a part was added from; None if the part belongs to the level's start, or
    if no entry fits.

    Its own id tells first (``queue``, ``queue-2``), then its physics, else it is the first entry of its kind.
    """
    if start_part(level, part) is not None:
        return None
    entries = [entry for entry in level.palette if entry.component.kind == part.kind]
    fitting = [entry for entry in entries if _same_physics(level, entry, part)] or entries
    stem, _, number = part.id.rpartition("-")
    for entry in fitting:
        if part.id == entry.id or (stem == entry.id and number.isdigit()):
            return entry
    return fitting[0] if fitting else None


def _same_physics(level: Level, entry: PaletteEntry, part: Component) -> bool:
    free = (
        level.unlocked.get(entry.id, frozenset())
        | level.unlocked.get(part.kind, frozenset())
        | level.unlocked.get(part.id, frozenset())
    )
    return all(
        getattr(part, name) == getattr(entry.component, name)
        for name, spec in settings_of(type(part)).items()
        if spec.physics and name not in free and ALL not in free
    )


def palette_left(level: Level, design: Design) -> tuple[tuple[PaletteEntry, int | None], ...]:
    """Returns each palette entry with how many may still be added; None for any number."""
    used: dict[str, int] = {}
    for part in design.components.values():
        entry = entry_of(level, part)
        if entry is not None:
            used[entry.id] = used.get(entry.id, 0) + 1
    return tuple(
        (entry, None if entry.limit is None else max(0, entry.limit - used.get(entry.id, 0)))
        for entry in level.palette
    )


def new_component(entry: PaletteEntry, design: Design) -> Component:
    """Creates a part from the palette with an id that is free in this design: ``queue``, ``queue-2``, ...;
    its title is free as well.
    """
    return dataclasses.replace(
        entry.component, id=free_id(entry.id, design), title=free_title(entry.component.title, design)
    )


def free_id(stem: str, design: Design) -> str:
    """Returns an id that no part or note of this design has: ``queue``, ``queue-2``, ..."""
    name, number = stem, 1
    while name in design.placed:
        number += 1
        name = f"{stem}-{number}"
    return name


def free_title(title: str, design: Design) -> str:
    """Returns a title that no part of this design has: "Orders", "Orders 2", ...; none stays none, as the id
    of such a part is its name.
    """
    taken = {part.name for part in design.components.values()}
    name, number = title, 1
    while title and name in taken:
        number += 1
        name = say("names.numbered", name=title, number=str(number))
    return name


def no_entry(level: Level, kind: str) -> str:
    """Returns why a part of this kind cannot be added."""
    entries = ", ".join(dict.fromkeys(entry.component.kind for entry in level.palette))
    return (
        say("rules.palette", kind=kind, entries=entries) if entries else say("rules.palette-empty", kind=kind)
    )


def used_up(entry: PaletteEntry) -> str:
    """Returns why no more of this palette entry can be added."""
    return say("rules.used-up", count=entry.limit or 0, entry=title_of_entry(entry))


def title_of_entry(entry: PaletteEntry) -> str:
    """Returns what a part of this palette entry is called."""
    return entry.component.name
