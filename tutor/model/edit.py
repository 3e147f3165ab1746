"""The changes a learner makes, as values: ``apply(edit, design)`` gives the next design, so undo and redo are
lists.
"""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any

from tutor.errors import InputError
from tutor.model.component import Component, changed
from tutor.model.design import Design
from tutor.model.note import MOST_NOTES, Note
from tutor.model.setting import Setting, settings_of, suggest
from tutor.model.wire import Wire
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class AddComponent:
    """Put a part on the board."""

    component: Component
    """The part; its id must be new."""


@dataclasses.dataclass(frozen=True, slots=True)
class RemoveComponent:
    """Take a part and its wires off the board."""

    id: str
    """The part's id."""


@dataclasses.dataclass(frozen=True, slots=True)
class AddWire:
    """Join two parts."""

    wire: Wire
    """The wire; its reference must be new."""


@dataclasses.dataclass(frozen=True, slots=True)
class RemoveWire:
    """Take a wire off the board."""

    ref: str
    """The wire's reference."""


@dataclasses.dataclass(frozen=True, slots=True)
class SetComponent:
    """Change one setting of a part."""

    id: str
    """The part's id."""
    name: str
    """The setting."""
    value: Any
    """The new value, already parsed."""


@dataclasses.dataclass(frozen=True, slots=True)
class SetWire:
    """Change one setting of a wire."""

    ref: str
    """The wire's reference."""
    name: str
    """The setting."""
    value: Any
    """The new value, already parsed."""


@dataclasses.dataclass(frozen=True, slots=True)
class MoveWire:
    """Change the place of a wire among its component's outgoing wires; their order is the order
    of the work.
    """

    ref: str
    """The wire's reference."""
    by: int
    """-1 for earlier, 1 for later."""


@dataclasses.dataclass(frozen=True, slots=True)
class PutNote:
    """Put a note on the board, or in the place of the one with its id."""

    note: Note
    """The note; its id must not be a part's."""


@dataclasses.dataclass(frozen=True, slots=True)
class RemoveNote:
    """Take a note off the board."""

    id: str
    """The note's id."""


@dataclasses.dataclass(frozen=True, slots=True)
class Several:
    """Several edits that are done and undone as one."""

    edits: tuple[Edit, ...]
    """The edits, in order."""


Edit = (
    AddComponent
    | RemoveComponent
    | AddWire
    | RemoveWire
    | SetComponent
    | SetWire
    | MoveWire
    | PutNote
    | RemoveNote
    | Several
)


def apply(edit: Edit, design: Design) -> Design:
    """Returns the design after the edit; raises :class:`InputError` if the edit does not fit the design."""
    match edit:
        case Several(edits):
            for one in edits:
                design = apply(one, design)
            return design
        case AddComponent(component):
            if component.id in design.placed:
                raise InputError(say("rules.part-exists", part=component.id), key=component.id)
            return design.with_component(component)
        case RemoveComponent(component_id):
            design.kind_of(component_id)
            rest = {name: part for name, part in design.components.items() if name != component_id}
            wires = tuple(wire for wire in design.wires if component_id not in (wire.source, wire.target))
            return dataclasses.replace(design, components=MappingProxyType(rest), wires=wires)
        case AddWire(wire):
            design.check_wire(wire)
            if design.wire(wire.ref) is not None:
                raise InputError(
                    say(
                        "rules.wired-already",
                        source=design.part(wire.source).name,
                        target=design.part(wire.target).name,
                        kind=wire.kind,
                    ),
                    key=wire.ref,
                )
            return design.with_wires((*design.wires, wire))
        case RemoveWire(ref):
            _known_wire(design, ref)
            return design.with_wires(wire for wire in design.wires if wire.ref != ref)
        case SetComponent(component_id, name, value):
            design.kind_of(component_id)
            component = design.components[component_id]
            known_setting(component, name)
            return design.with_component(changed(component, {name: value}))
        case SetWire(ref, name, value):
            old = _known_wire(design, ref)
            known_setting(old, name)
            new = dataclasses.replace(old, **{name: value})
            return design.with_wires(new if wire.ref == ref else wire for wire in design.wires)
        case MoveWire(ref, by):
            return _move_wire(design, ref, by)
        case PutNote(note):
            if note.id in design.components:
                raise InputError(say("rules.part-exists", part=note.id), key=note.id)
            if note.id not in design.notes and len(design.notes) >= MOST_NOTES:
                raise InputError(say("rules.notes-full", most=MOST_NOTES), key=note.id)
            return design.with_notes({**design.notes, note.id: note}.values())
        case RemoveNote(note_id):
            if note_id not in design.notes:
                raise InputError(
                    say("rules.no-note", note=note_id, suggestion=suggest(note_id, design.notes))
                )
            return design.with_notes(note for note in design.notes.values() if note.id != note_id)


def known_setting(part: Component | Wire | Note, name: str) -> Setting:
    """Returns the setting ``name`` of this part; raises :class:`InputError` with a suggestion if it has
    none.
    """
    settings = settings_of(type(part))
    if name not in settings:
        raise InputError(
            say("rules.no-setting", kind=part.kind, name=name, suggestion=suggest(name, settings)), key=name
        )
    return settings[name]


def _known_wire(design: Design, ref: str) -> Wire:
    wire = design.wire(ref)
    if wire is None:
        raise InputError(
            say("rules.no-wire", wire=ref, suggestion=suggest(ref, [known.ref for known in design.wires]))
        )
    return wire


def _move_wire(design: Design, ref: str, by: int) -> Design:
    moved = _known_wire(design, ref)
    siblings = [index for index, wire in enumerate(design.wires) if wire.source == moved.source]
    place = next(index for index, wire in enumerate(design.wires) if wire.ref == ref)
    goal = siblings.index(place) + by
    if not 0 <= goal < len(siblings):
        return design
    wires = list(design.wires)
    other = siblings[goal]
    wires[place], wires[other] = wires[other], wires[place]
    return design.with_wires(wires)
