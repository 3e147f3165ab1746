"""What a learner may change in a level. Files and board ask here, so both refuse the same things with the same reason."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Literal

from tutor.errors import InputError, LockedSetting
from tutor.model.component import Component
from tutor.model.design import Design, kinds_between, make_wire
from tutor.model.edit import (
    AddComponent,
    AddWire,
    Edit,
    MoveWire,
    RemoveComponent,
    RemoveWire,
    SetComponent,
    SetWire,
    Several,
    apply,
    known_setting,
)
from tutor.model.level import Level, PaletteEntry
from tutor.model.limits import misfits
from tutor.model.setting import settings_of, suggest
from tutor.model.wire import WIRES, Wire

FREE = ("at", "title")
"""Settings that change nothing in a run: they are the learner's, always."""

ALL = "*"
"""Among the names of a lock: every setting."""


def may_set(level: Level | None, part: Component | Wire, name: str) -> bool:
    """Whether a learner may change this setting of this part; everything may be changed where there is no level."""
    return not why_locked(level, part, name)


def editable(level: Level | None, part: Component | Wire) -> tuple[str, ...]:
    """The settings of a part that a learner may change in this level, in the order of the model."""
    return tuple(name for name in settings_of(type(part)) if may_set(level, part, name))


def why_locked(level: Level | None, part: Component | Wire, name: str) -> str:
    """Why a learner may not change this setting of this part, in one sentence; empty where it may be changed."""
    if level is None or name in FREE:
        return ""
    spec = known_setting(part, name)
    lock = _lock(level, part, name)
    value = spec.render(getattr(part, name))
    if lock == "level":
        return f'this level keeps "{name}" of {_called(level, part)} at {value}{_instead(level, part)}'
    if lock == "world":
        return f'"{name}" of {_called(level, part)} is not yours to decide, it is how the world is ({value}){_instead(level, part)}'
    return ""


def _lock(level: Level, part: Component | Wire, name: str) -> Literal["", "level", "world"]:
    """Who keeps a setting as it is: the level, the world (physics), or nobody. The most special word decides."""
    for owner in _lock_names(level, part):
        if {name, ALL} & level.unlocked.get(owner, frozenset()):
            return ""
        if {name, ALL} & level.locked.get(owner, frozenset()):
            return "level"
    return "world" if settings_of(type(part))[name].physics else ""


def _instead(level: Level, part: Component | Wire) -> str:
    """What may be changed instead: the settings that the level shows, as far as this part has them."""
    settings = settings_of(type(part))
    names = [name for name in level.shows if name in settings and not _lock(level, part, name)]
    return f"; you may change {', '.join(names[:5])}" if names else ""


def _called(level: Level, part: Component | Wire) -> str:
    """A part by what the screen calls it, a wire by its ends."""
    if isinstance(part, Component):
        return part.name
    parts = level.scenario.design.components
    source, target = (parts[end].name if end in parts else end for end in (part.source, part.target))
    return f"the {part.kind} wire from {source} to {target}"


def _lock_names(level: Level, part: Component | Wire) -> Iterable[str]:
    """The names under which a level may lock or unlock this part's settings, the most special first."""
    if isinstance(part, Wire):
        return dict.fromkeys((part.ref, f"{part.pair}:{part.kind}", part.kind))
    entry = entry_of(level, part)
    return dict.fromkeys((part.id, *((entry.id,) if entry else ()), part.kind))


def start_part(level: Level, part: Component) -> Component | None:
    """What the level starts with under this part's id, where it is of the same kind."""
    start = level.scenario.design.components.get(part.id)
    return start if start is not None and start.kind == part.kind else None


def entry_of(level: Level, part: Component) -> PaletteEntry | None:
    """The palette entry that a part was added from; None for what the level starts with, or where none fits.

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
    free = level.unlocked.get(entry.id, frozenset()) | level.unlocked.get(part.kind, frozenset()) | level.unlocked.get(part.id, frozenset())
    return all(
        getattr(part, name) == getattr(entry.component, name)
        for name, spec in settings_of(type(part)).items()
        if spec.physics and name not in free and ALL not in free
    )


def palette_left(level: Level, design: Design) -> tuple[tuple[PaletteEntry, int | None], ...]:
    """Each palette entry with how many may still be added; None for any number."""
    used: dict[str, int] = {}
    for part in design.components.values():
        entry = entry_of(level, part)
        if entry is not None:
            used[entry.id] = used.get(entry.id, 0) + 1
    return tuple((entry, None if entry.limit is None else max(0, entry.limit - used.get(entry.id, 0))) for entry in level.palette)


def new_component(entry: PaletteEntry, design: Design) -> Component:
    """A part from the palette with an id that is free in this design: ``queue``, ``queue-2``, ..."""
    name, number = entry.id, 1
    while name in design.components:
        number += 1
        name = f"{entry.id}-{number}"
    return dataclasses.replace(entry.component, id=name)


def wire_kinds(level: Level | None) -> frozenset[str]:
    """The kinds of wire that may be drawn."""
    return level.wires if level is not None and level.wires else frozenset(WIRES)


def check_edit(edit: Edit, design: Design, level: Level | None) -> None:
    """Raises :class:`LockedSetting` or :class:`InputError`, with a reason that teaches, where the level does not allow an edit.

    Whether the edit fits the design at all is for :func:`tutor.model.edit.apply` to say, and is checked here too.
    """
    after = apply(edit, design)
    if not isinstance(edit, RemoveComponent | RemoveWire | MoveWire | Several):
        for misfit in misfits(after):
            raise InputError(f"{misfit.subject}: {misfit.what}", key=misfit.setting)
    match edit:
        case Several(edits):
            for one in edits:
                check_edit(one, design, level)
                design = apply(one, design)
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
                raise LockedSetting("this wire belongs to the level and stays: work around it", key=ref)
        case SetComponent(component_id, name, value):
            part = design.components[component_id]
            _refuse_change(level, part, name, value)
            _check_links(dataclasses.replace(part, **{name: value}), design)
        case SetWire(ref, name, value):
            wire_now = design.wire(ref)
            assert wire_now is not None
            _refuse_change(level, wire_now, name, value)
        case MoveWire():
            pass


def _refuse_change(level: Level | None, part: Component | Wire, name: str, value: object) -> None:
    if value != getattr(part, name):
        reason = why_locked(level, part, name)
        if reason:
            raise LockedSetting(reason, key=name)


def _check_removal(component_id: str, design: Design, level: Level | None) -> None:
    for part in design.components.values():
        if component_id in (getattr(part, "owner", ""), getattr(part, "copy_of", "")) and part.id != component_id:
            raise InputError(f"{part.id} names {component_id}, as its owner or as what it copies: change that first", key=component_id)
    if level is None:
        return
    if component_id in level.fixed:
        raise LockedSetting(f"{component_id} belongs to the level and stays: work around it", key=component_id)
    for wire in design.wires:
        if wire.ref in level.fixed and component_id in (wire.source, wire.target):
            raise LockedSetting(f"{component_id} is held by a wire that belongs to the level", key=component_id)


def _check_links(component: Component, design: Design) -> None:
    for name, kind in (("owner", "service"), ("copy_of", "database")):
        linked = getattr(component, name, "")
        if linked:
            known = [part.id for part in design.components.values() if part.kind == kind and part.id != component.id]
            if linked not in known:
                raise InputError(f'"{linked}" is no {kind} here; {suggest(linked, known)}', key=name)


def check_component(component: Component, design: Design, level: Level) -> None:
    """Raises where this part may not be added to a design of the level: not in the palette, used up, or with locked settings changed."""
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
    """Raises where this wire may not be drawn in the level: a kind that it does not have yet, or locked settings changed."""
    original = original_wire(wire, level)
    for name in settings_of(type(wire)):
        _refuse_change(level, original, name, getattr(wire, name))


def draw_wire(level: Level | None, design: Design, source: str, target: str, kind: str = "", wire_id: str = "") -> Wire:
    """The wire that drawing gives: as the level starts with it, else with default settings; raises with the reason where none may go."""
    if level is None:
        return make_wire(design, source, target, kind, wire_id)
    fitting = [fit for fit in kinds_between(design, source, target) if fit in wire_kinds(level)]
    wire = make_wire(design, source, target, kind or (fitting[0] if len(fitting) == 1 else ""), wire_id)
    return original_wire(wire, level)


def original_wire(wire: Wire, level: Level) -> Wire:
    """The wire as the level starts with it, else with default settings; raises where its kind may not be drawn here."""
    start = level.scenario.design.wire(wire.ref)
    if start is not None:
        return start
    if wire.kind not in wire_kinds(level):
        allowed = " or ".join(kind for kind in WIRES if kind in wire_kinds(level))
        raise InputError(f"this level has no {wire.kind} wires yet: join the parts by {allowed}", key="kind")
    return type(wire)(source=wire.source, target=wire.target, id=wire.id)


def no_entry(level: Level, kind: str) -> str:
    """Why a part of this kind cannot be added."""
    entries = ", ".join(dict.fromkeys(entry.component.kind for entry in level.palette))
    return f"this level's palette has no {kind}; it has {entries}" if entries else f"nothing can be added in this level, no {kind} either"


def used_up(entry: PaletteEntry) -> str:
    """Why no more of this palette entry can be added."""
    return f'this level allows {entry.limit} of "{entry.id}" and they are used up: do it with fewer'
