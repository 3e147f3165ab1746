"""The designs one step away from a design: every edit a learner may make in a level, with values worth
trying.

Numbers are tried far apart (a quarter, twice, four times, the smallest and the largest that a run holds): a
search for the cheapest pass asks whether a setting matters, not which value is best.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Collection, Iterator
from typing import Any

from tutor.errors import InputError
from tutor.model.component import Component, changed, implied_settings
from tutor.model.design import Design
from tutor.model.edit import (
    AddComponent,
    AddWire,
    Edit,
    RemoveComponent,
    RemoveWire,
    SetComponent,
    SetWire,
    Several,
)
from tutor.model.level import Level
from tutor.model.limits import misfits
from tutor.model.records import Autoscale
from tutor.model.setting import Setting, settings_of
from tutor.model.wire import Wire
from tutor.rules import (
    apply_edit,
    draw_wire,
    editable,
    entry_of,
    new_component,
    original_wire,
    palette_left,
    start_part,
    wire_ends,
)

MOST = 100
"""The largest number that an edit tries where a setting allows more: enough of anything in every level."""
CEILING = 1000
"""The same for hardware without end, where the setting itself has no smaller limit."""
CAPACITIES = ("replicas", "workers", "connections", "partitions", "visibility_timeout_s", "prefetch")
"""What more of is bought or set when somebody throws hardware and patience at a problem."""
_UNTRIED = ("text", "position", "steps", "sequences", "groups", "profile", "distribution")
"""Shapes whose values are made up by the author of a level: no other value is worth trying."""
_FIRST = {
    "ms": (200.0, 1000.0, 5000.0),
    "s": (1.0, 10.0, 60.0),
    "per_s": (0.001, 1.0, 10.0),
    "": (0.1, 0.5, 1.0),
}
"""What is tried, by unit, where a setting is off or zero."""
_FIRST_WHOLE = (1, 10, 100, MOST)
"""The same for whole numbers."""
_TINY = 0.001


def edits_of(level: Level, design: Design, *, only: Collection[str] = ()) -> Iterator[Edit]:
    """Yields every single edit that the level allows and that changes something; the settings it shows come
    first.

    With ``only``, those of these parts (by id) and wires (by reference), and wires from and to such parts.
    """

    def settings(wanted: Callable[[str], bool]) -> Iterator[Edit]:
        return _setting_edits(level, design, wanted, only)

    shown = [edit for name in level.shows for edit in settings(name.__eq__)]
    yield from shown
    if only:
        for part in design.components:
            if part in only:
                yield from wires_of(level, design, only=part)
    else:
        yield from (RemoveWire(wire.ref) for wire in design.wires if wire.ref not in level.fixed)
        yield from (RemoveComponent(name) for name in design.components if name not in level.fixed)
        yield from wires_of(level, design)
    yield from settings(lambda one: one not in level.shows)


def wires_of(level: Level, design: Design, *, only: str = "") -> Iterator[AddWire]:
    """Yields every wire that may be drawn; with ``only``, those from or to this part."""
    for source in design.components:
        for end in wire_ends(level, design, source).values():
            if not only or only in (source, end.target):
                yield from (AddWire(draw_wire(level, design, source, end.target, kind)) for kind in end.kinds)


def detours_of(level: Level, design: Design) -> Iterator[Edit]:
    """Yields edits with a new part between two others: the part, a wire into it, a wire out of it; the same
    in the place of an existing wire.

    Also a new part at the end of a wire that takes another's place: messages that come there are never
    handled.
    """
    for entry, left in palette_left(level, design):
        if left == 0:
            continue
        part = new_component(entry, design)
        try:
            grown = apply_edit(AddComponent(part), design, level)
        except InputError:
            continue
        drawn = list(wires_of(level, grown, only=part.id))
        ins = [edit for edit in drawn if edit.wire.target == part.id]
        outs = [edit for edit in drawn if edit.wire.source == part.id]
        for into in ins:  # a dead end: what is sent there stays there
            for wire in design.wires_from(into.wire.source):
                if wire.ref not in level.fixed:
                    yield Several((RemoveWire(wire.ref), AddComponent(part), into))
        for into, out in itertools.product(ins, outs):
            if into.wire.source == out.wire.target:
                continue
            yield Several((AddComponent(part), into, out))
            replaced = [
                wire
                for wire in design.wires
                if (wire.source, wire.target) == (into.wire.source, out.wire.target)
                and wire.ref not in level.fixed
            ]
            yield from (Several((RemoveWire(wire.ref), AddComponent(part), into, out)) for wire in replaced)


def _setting_edits(
    level: Level, design: Design, wanted: Callable[[str], bool], only: Collection[str] = ()
) -> Iterator[Edit]:
    for part in _parts(design):
        if only and (part.ref if isinstance(part, Wire) else part.id) not in only:
            continue
        specs = settings_of(type(part))
        for name in editable(level, part):
            if wanted(name) and matters(design, part, name):
                for value in values_of(specs[name], getattr(part, name), design):
                    yield set_edit(part, name, value)


def _parts(design: Design) -> list[Component | Wire]:
    return [*design.components.values(), *design.wires]


def set_edit(part: Component | Wire, name: str, value: object) -> SetWire | SetComponent:
    """Returns the edit that gives a part or wire another value."""
    return SetWire(part.ref, name, value) if isinstance(part, Wire) else SetComponent(part.id, name, value)


_OF_STREAMS = ("from_offset", "assignment", "session_timeout_s", "poll_deadline_s", "batch")
_OF_BUFFERS = ("prefetch", "extend_lease", "on_error", "retry_delay_s")


def matters(design: Design, part: Component | Wire, name: str) -> bool:
    """Returns whether a setting can do anything where it is: a stream's settings do nothing on a queue's
    wire, nor a lease's on a stream's.
    """
    if not isinstance(part, Wire):
        return name not in ("title", "at")
    ends = {design.kind_of(part.source), design.kind_of(part.target)}
    if part.kind == "subscribe":
        idle = _OF_BUFFERS if "stream" in ends else _OF_STREAMS
        return name not in idle and (name != "durable" or "topic" in ends)
    if part.kind in ("publish", "capture"):
        return name not in ("acks", "key") or "stream" in ends
    return True


def values_of(spec: Setting, value: Any, design: Design) -> list[Any]:
    """Returns other values of a setting that are worth a try."""
    if spec.shape in _UNTRIED:
        return []
    found: list[Any] = [None] if spec.optional else []
    match spec.shape:
        case "flag":
            found.append(not value)
        case "choice":
            found += spec.choices
        case "texts":
            kinds = dict.fromkeys(
                getattr(part, "event", "") for part in (*design.components.values(), *design.wires)
            )
            found += [(), *((kind,) for kind in kinds if kind)]
        case "autoscale":
            found.append(Autoscale(1, 20, 5, 0.0))
        case "integer":
            tried = _FIRST_WHOLE if not value else (1, value // 2, value * 2, value * 4, MOST)
            found += [int(_within(spec, one)) for one in tried]
        case _:
            if isinstance(value, tuple):  # by event: a table that the level made
                return []
            tried_s = (
                _FIRST.get(spec.unit, _FIRST["s"])
                if not value
                else (_TINY, value / 40, value / 4, value * 4, value * 100)
            )
            found += [_within(spec, float(one)) for one in tried_s]
    return [one for place, one in enumerate(found) if one != value and one not in found[:place]]


def _within(spec: Setting, value: float) -> float:
    """Returns the value, or the nearest one that the setting may have."""
    low = spec.at_least if spec.at_least is not None else _TINY if spec.above is not None else value
    return max(low, min(value, spec.at_most if spec.at_most is not None else value))


def at_most_capacity(level: Level, design: Design, times: float | None = None) -> Design:
    """Returns the design with every capacity that a learner may change at ``times`` its value; if None is
    given, at the largest that the setting takes, and at most ``CEILING``.
    """
    for part in _parts(design):
        specs = settings_of(type(part))
        for name in editable(level, part):
            value = getattr(part, name)
            if name not in CAPACITIES or not value or not matters(design, part, name):
                continue
            more = _within(specs[name], CEILING if times is None else value * times)
            more = int(more) if specs[name].shape == "integer" else more
            if more <= value:
                continue
            grown = _set_if_it_fits(level, design, part, name, more)
            design = grown if grown is not None else design
    return design


def _set_if_it_fits(
    level: Level, design: Design, part: Component | Wire, name: str, value: object
) -> Design | None:
    try:
        return apply_edit(set_edit(part, name, value), design, level)
    except InputError:
        return None


@dataclasses.dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a design that the start does not have, or the other way round."""

    name: str
    """A part's id, a wire's reference, or ``<either>.<setting>``; a removed one has ``no `` in front."""
    without: Design
    """The design without it."""


def pieces_of(level: Level, design: Design) -> Iterator[Piece]:
    """Yields each wire, part and changed setting of a design with the design that is left when it is taken
    out again.

    A wire or part of the start that a design has done without is put back.
    """
    start = level.scenario.design
    for wire in design.wires:
        if wire.ref not in level.fixed:
            yield Piece(wire.ref, design.with_wires(one for one in design.wires if one.ref != wire.ref))
    for name in design.components:
        if name not in level.fixed:
            try:
                yield Piece(name, apply_edit(RemoveComponent(name), design, level))
            except InputError:
                continue
    for wire in start.wires:
        if design.wire(wire.ref) is None and {wire.source, wire.target} <= set(design.components):
            yield Piece(f"no {wire.ref}", design.with_wires((*design.wires, wire)))
    for part, original in _originals(level, design):
        for name in settings_of(type(part)):
            value = getattr(original, name)
            if getattr(part, name) != value and name not in ("title", "at", *_followed(part)):
                subject = part.ref if isinstance(part, Wire) else part.id
                back = (
                    dataclasses.replace(part, **{name: value})
                    if isinstance(part, Wire)
                    else changed(part, {name: value})
                )
                less = (
                    design.with_wires(back if wire.ref == subject else wire for wire in design.wires)
                    if isinstance(back, Wire)
                    else design.with_component(back)
                )
                if not any(misfits(less)):
                    yield Piece(f"{subject}.{name}", less)


def left_behind(level: Level, design: Design) -> Iterator[Design]:
    """Yields a design with each part of the start that it has done without left where it was: with its wires
    that lead away from it, and with all of them. That takes fewer edits than to clear it away.
    """
    start = level.scenario.design
    for name in start.components:
        if name in design.components:
            continue
        more = design.with_component(start.components[name])
        wires = [
            wire
            for wire in start.wires
            if name in (wire.source, wire.target) and {wire.source, wire.target} <= set(more.components)
        ]
        away = [wire for wire in wires if wire.source == name]
        yield more.with_wires((*design.wires, *away))
        if away != wires:
            yield more.with_wires((*design.wires, *wires))


def _followed(part: Component | Wire) -> tuple[str, ...]:
    """Returns the settings of a part that follow from its others: nobody set them."""
    if isinstance(part, Wire):
        return ()
    return tuple(
        name
        for name, value in implied_settings(part).items()
        if getattr(part, name) == value and name != "redeliver_on"
    )


def _originals(level: Level, design: Design) -> Iterator[tuple[Component | Wire, Component | Wire]]:
    """Yields each part and wire with its original from before a learner changed its settings."""
    for part in design.components.values():
        entry = entry_of(level, part)
        original = start_part(level, part) or (
            dataclasses.replace(entry.component, id=part.id) if entry is not None else None
        )
        if original is not None:
            yield part, original
    for wire in design.wires:
        yield wire, original_wire(wire, level)
