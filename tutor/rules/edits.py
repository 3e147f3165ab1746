"""The check of an edit against a level. Files and board ask here, so both refuse the same things with the
same reason.
"""

from __future__ import annotations

import dataclasses

from tutor.errors import InputError, LockedSetting
from tutor.model.component import Component, linkable, links_of
from tutor.model.design import Design
from tutor.model.edit import (
    AddComponent,
    AddWire,
    Edit,
    MoveWire,
    PutNote,
    RemoveComponent,
    RemoveWire,
    SetComponent,
    SetWire,
    Several,
    apply,
)
from tutor.model.level import Level
from tutor.model.limits import misfits
from tutor.model.setting import settings_of, suggest
from tutor.model.wire import Wire
from tutor.rules.locks import why_locked
from tutor.rules.palette import entry_of, no_entry, palette_left, start_part, used_up
from tutor.rules.wires import original_wire
from tutor.words import say


def apply_edit(edit: Edit, design: Design, level: Level | None) -> Design:
    """Returns the design after an edit that the level allows; without a level, after any that fits.

    Raises :class:`LockedSetting` or :class:`InputError`, with a reason that teaches.
    """
    if isinstance(edit, Several):
        for one in edit.edits:
            design = apply_edit(one, design, level)
        return design
    after = apply(edit, design)
    if not isinstance(edit, RemoveComponent | RemoveWire | MoveWire):
        for misfit in misfits(after):
            raise InputError(misfit.what, key=misfit.setting)
    _check_edit(edit, design, level)
    return after


def _check_edit(edit: Edit, design: Design, level: Level | None) -> None:
    """Raises an error if the level does not allow an edit that fits the design."""
    match edit:
        case AddComponent(component):
            _check_links(component, design)
            if level is not None:
                check_component(component, design, level)
        case RemoveComponent(component_id):
            _check_removal(component_id, design, level)
        case AddWire(wire):
            if level is not None:
                check_wire(wire, level)
        case RemoveWire(ref):
            if level is not None and ref in level.fixed:
                raise LockedSetting(say("rules.fixed-wire"), key=ref)
        case SetComponent(component_id, name, value):
            part = design.components[component_id]
            _refuse_change(level, part, name, value)
            _check_links(dataclasses.replace(part, **{name: value}), design)
        case SetWire(ref, name, value):
            wire_now = design.wire(ref)
            assert wire_now is not None
            _refuse_change(level, wire_now, name, value)
        case PutNote(note):
            if level is not None and note.id not in design.notes:
                raise LockedSetting(say("rules.no-notes-here"), key=note.id)


def _refuse_change(level: Level | None, part: Component | Wire, name: str, value: object) -> None:
    if value != getattr(part, name):
        reason = why_locked(level, part, name)
        if reason:
            raise LockedSetting(reason, key=name)


def _check_removal(component_id: str, design: Design, level: Level | None) -> None:
    for part in design.components.values():
        if part.id != component_id and component_id in (linked for _, linked in links_of(part)):
            raise InputError(
                say("rules.named-by", other=part.name, part=design.part(component_id).name),
                key=component_id,
            )
    if level is None:
        return
    if component_id in level.fixed:
        raise LockedSetting(say("rules.fixed-part", part=design.part(component_id).name), key=component_id)
    for wire in design.wires:
        if wire.ref in level.fixed and component_id in (wire.source, wire.target):
            raise LockedSetting(say("rules.held", part=design.part(component_id).name), key=component_id)


def _check_links(component: Component, design: Design) -> None:
    for spec, linked in links_of(component):
        known = linkable(component, spec, design.components.values())
        if linked not in known:
            raise InputError(
                say(f"rules.no-link.{spec.names}", part=linked, suggestion=suggest(linked, known)),
                key=spec.name,
            )


def check_component(component: Component, design: Design, level: Level) -> None:
    """Raises an error if this part may not be added to a design of the level: not in the palette, used up, or
    with locked settings changed.
    """
    start = start_part(level, component)
    entry = entry_of(level, component)
    if start is None and entry is None:
        raise InputError(no_entry(level, component.kind), key="kind")
    if entry is not None:
        left = {known.id: number for known, number in palette_left(level, design)}[entry.id]
        if left == 0:
            raise InputError(used_up(entry), key=component.id)
    original = start if start is not None else entry.component if entry is not None else component
    for name in settings_of(type(component)):
        _refuse_change(level, dataclasses.replace(original, id=component.id), name, getattr(component, name))


def check_wire(wire: Wire, level: Level) -> None:
    """Raises an error if this wire may not be drawn in the level: a kind that it does not have yet, or locked
    settings changed.
    """
    original = original_wire(wire, level)
    for name in settings_of(type(wire)):
        _refuse_change(level, original, name, getattr(wire, name))
