"""Edits made from words: typed in the plain mode or the inspector, or chosen from the palette, as a value to
apply.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tutor.errors import InputError
from tutor.model.component import KINDS, Component
from tutor.model.design import Design
from tutor.model.edit import (
    AddComponent,
    AddWire,
    Edit,
    PutNote,
    RemoveComponent,
    RemoveNote,
    RemoveWire,
    SetComponent,
    SetWire,
    known_setting,
)
from tutor.model.level import Level, PaletteEntry
from tutor.model.note import Note
from tutor.model.path import Reach
from tutor.model.setting import settings_of, suggest, title_of
from tutor.model.wire import Wire
from tutor.rules import draw_wire, free_id, new_component, palette_left, title_of_entry, why_locked
from tutor.words import say


def palette_of(level: Level | None, design: Design) -> list[tuple[PaletteEntry, int | None]]:
    """Returns the parts that can be added, each with how many are left; None for any number. Without a level
    every kind, with its defaults.
    """
    if level is not None:
        return list(palette_left(level, design))
    return [
        (PaletteEntry(kind, cls(id=kind), None, say(f"kinds.about.{kind}")), None)
        for kind, cls in KINDS.items()
    ]


def addition(level: Level | None, design: Design, entry_id: str) -> AddComponent:
    """Returns the edit that adds a part by its palette entry, or by its kind; raises :class:`InputError` if
    there is no such part.
    """
    entries = {entry.id: entry for entry, _ in palette_of(level, design)}
    if entry_id not in entries:
        word = entry_id.strip().casefold()
        by_kind = [
            entry
            for entry in entries.values()
            if word in (entry.component.kind, title_of_entry(entry).casefold())
        ]
        if not by_kind:
            raise InputError(say("rules.no-entry", part=entry_id, suggestion=suggest(entry_id, entries)))
        entry_id = by_kind[0].id
    return AddComponent(new_component(entries[entry_id], design))


def drawing(level: Level | None, design: Design, source: str, target: str, kind: str = "") -> AddWire:
    """Returns the edit that draws a wire; ``kind`` may be left out if only one fits. Raises
    :class:`InputError` with the reason.
    """
    made = draw_wire(level, design, id_of(design, source), id_of(design, target), kind)
    number = 1
    while level is None and made.kind == "publish" and design.wire(made.ref) is not None:
        number += 1
        made = dataclasses.replace(made, id=str(number))
    return AddWire(made)


def taken_over(past: Sequence[Design], made: Wire) -> tuple[str, ...]:
    """Returns the events that a new wire lets pass because it takes the place of one that was just removed;
    empty for all.

    ``past`` has the designs up to now, the oldest first. Of the wires that went since the last one was drawn,
    the one between the same parts counts, else one that ended at the same part, else one that started there.
    """
    gone: list[Wire] = []
    for older, newer in zip(reversed(past[:-1]), reversed(past[1:]), strict=True):
        if any(older.wire(wire.ref) is None for wire in newer.wires):
            break
        gone += [wire for wire in older.wires if newer.wire(wire.ref) is None]
    gone.sort(key=lambda wire: (wire.pair != made.pair, wire.target != made.target))
    near = (wire for wire in gone if wire.target == made.target or wire.source == made.source)
    return next((wire.events for wire in near), ())


def removal(design: Design, subject: str) -> Edit:
    """Returns the edit that removes a part with its wires, or a wire; raises :class:`InputError`."""
    part = find(design, subject)
    if isinstance(part, Note):
        return RemoveNote(part.id)
    return RemoveWire(part.ref) if isinstance(part, Wire) else RemoveComponent(part.id)


def new_note(design: Design, text: str) -> Note:
    """Returns a note with an id that is free in this design: ``note``, ``note-2``, ...; raises
    :class:`InputError` for a text that is empty or too long.
    """
    text = settings_of(Note)["text"].parse(text.strip())
    return Note(id=free_id(Note.kind, design), text=text)


def set_edit(part: Component | Wire | Note, name: str, value: Any) -> Edit:
    """Returns the edit that gives a setting of a part, wire or note a value."""
    if isinstance(part, Note):
        return PutNote(dataclasses.replace(part, **{name: value}))
    return SetWire(part.ref, name, value) if isinstance(part, Wire) else SetComponent(part.id, name, value)


def setting(level: Level | None, design: Design, subject: str, name: str, text: str) -> Edit:
    """Returns the edit that sets a setting of a part or wire; raises :class:`InputError` with what would be
    right.
    """
    part = find(design, subject)
    name = setting_named(part, name)
    spec = known_setting(part, name)
    reason = why_locked(level, part, name)
    if reason:
        raise InputError(reason, key=name)
    try:
        value = spec.parse_text(text)
        if spec.names:
            value = id_of(design, value)
        if isinstance(part, Wire) and name == "events":
            value = known_events(design, value)
    except InputError as error:
        raise error.located(key=name) from None
    return set_edit(part, name, value)


def setting_named(part: Component | Wire | Note, word: str) -> str:
    """Returns the key of the setting that a word means: its key, or its title in any spelling; the word
    itself if none is meant.
    """
    settings = settings_of(type(part))
    if word in settings:
        return word
    meant = [name for name in settings if title_of(part.kind, name).casefold() == word.strip().casefold()]
    return meant[0] if len(meant) == 1 else word


def id_of(design: Design, word: str) -> str:
    """Returns the id of the part that a word means: its id, or its title in any spelling; the word itself if
    no part is meant.
    """
    if word in design.components:
        return word
    meant = [
        part.id for part in design.components.values() if part.name.casefold() == word.strip().casefold()
    ]
    return meant[0] if len(meant) == 1 else word


def known_events(design: Design, events: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the filter of a wire for the typed text: ``all`` is every event; raises :class:`InputError` for
    one that does not exist.
    """
    if events == ("all",):
        return ()
    known = Reach(design).types()
    unknown = next((event for event in events if event not in known), None)
    if unknown is not None:
        raise InputError(
            say("refusals.unknown-event", event=unknown, suggestion=suggest(unknown, ["all", *known]))
        )
    return events


def find(design: Design, subject: str) -> Component | Wire | Note:
    """Finds a part by its id or title, a note by its id, or a wire by its ref or its pair (``from->to``) if
    only one joins it; raises :class:`InputError`.
    """
    ends, colon, kind = subject.partition(":") if "->" in subject else (subject, "", "")
    subject = "->".join(id_of(design, end) for end in ends.split("->")) + colon + kind
    if subject in design.placed:
        return design.placed[subject]
    wires = [wire for wire in design.wires if subject in (wire.ref, wire.pair)]
    if len(wires) == 1:
        return wires[0]
    if wires:
        raise InputError(say("rules.which-wire", count=len(wires), wires=[wire.ref for wire in wires]))
    known = [*design.placed, *(wire.ref for wire in design.wires)]
    raise InputError(say("rules.no-subject", subject=subject, suggestion=suggest(subject, known)))
