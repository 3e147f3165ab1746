"""The wires that may be drawn in a level, why others may not, and the settings of a newly drawn wire."""

from __future__ import annotations

import dataclasses

from tutor.errors import IllegalWire, InputError
from tutor.model.design import Design, make_wire
from tutor.model.level import Level
from tutor.model.setting import suggest
from tutor.model.wire import WIRES, Wire, legal_kinds, refusal
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class WireEnd:
    """A part as the end of a new wire: the kinds that may be drawn to it, or why none may."""

    target: str
    """The part's id."""
    kinds: tuple[str, ...]
    """The kinds of wire that may still go there; empty where none may."""
    refusal: str = ""
    """Why none may, in one sentence; empty where one may."""


def wire_kinds(level: Level | None) -> frozenset[str]:
    """Returns the kinds of wire that may be drawn."""
    return level.wires if level is not None and level.wires else frozenset(WIRES)


def wire_ends(level: Level | None, design: Design, source: str) -> dict[str, WireEnd]:
    """Returns every other part as the end of a new wire from ``source``."""
    return {
        target: wire_end(level, design, source, target) for target in design.components if target != source
    }


def wire_end(level: Level | None, design: Design, source: str, target: str) -> WireEnd:
    """Returns the kinds of wire that may be drawn from ``source`` to ``target``, or why none may: the one
    sentence for each refusal of a pair.

    Raises :class:`InputError` for an id that the design does not have.
    """
    names = {end: design.part(end).name for end in (source, target)}
    if source == target:
        return WireEnd(target, (), say("rules.itself"))
    kinds = legal_kinds(design.kind_of(source), design.kind_of(target))
    if not kinds:
        return WireEnd(target, (), refusal(design.kind_of(source), design.kind_of(target)))
    here = tuple(kind for kind in kinds if kind in wire_kinds(level))
    if not here:
        return WireEnd(target, (), no_kind(level, kinds))
    free = tuple(kind for kind in here if _is_free(level, design, source, target, kind))
    if not free:
        return WireEnd(
            target, (), say("rules.joined", source=names[source], target=names[target], kinds=here)
        )
    if level is not None and source in level.closed:
        start = level.scenario.design
        free = tuple(kind for kind in free if start.wire(f"{source}->{target}:{kind}") is not None)
        if not free:
            return WireEnd(target, (), closed_source(names[source]))
    return WireEnd(target, free)


def why_no_wire(level: Level | None, design: Design, source: str) -> str:
    """Returns why no wire from a part may end anywhere, in one sentence: what is wrong with the start before
    what is wrong with an end, and an end that it has before one that it could never have.
    """
    if level is not None and source in level.closed:
        return closed_source(design.part(source).name)
    wired = {wire.target for wire in design.wires_from(source)}
    kind = design.kind_of(source)

    def place(end: WireEnd) -> tuple[bool, bool, bool]:
        other = design.kind_of(end.target)
        return end.target not in wired, not legal_kinds(kind, other), other == "client"

    ends = sorted(wire_ends(level, design, source).values(), key=place)
    return next((end.refusal for end in ends if end.refusal), "")


def _is_free(level: Level | None, design: Design, source: str, target: str, kind: str) -> bool:
    """Returns whether one more wire of this kind may join the pair: without a level a part may publish to a
    channel in several ways.
    """
    return (level is None and kind == "publish") or design.wire(f"{source}->{target}:{kind}") is None


def no_kind(level: Level | None, kinds: tuple[str, ...]) -> str:
    """Returns why none of these kinds of wire may be drawn here."""
    allowed = [kind for kind in WIRES if kind in wire_kinds(level)]
    return say("rules.not-yet", kinds=kinds, allowed=allowed)


def closed_source(name: str) -> str:
    """Returns why no new wire may start at a part whose wires the level keeps."""
    return say("rules.closed", part=name)


def draw_wire(level: Level | None, design: Design, source: str, target: str, kind: str = "") -> Wire:
    """Returns the wire that drawing gives: as the level starts with it, else with default settings.

    ``kind`` may be left out where only one fits. Raises :class:`InputError` with the sentence of
    :func:`wire_end` where none may go.
    """
    end = wire_end(level, design, source, target)
    if kind and kind not in WIRES:
        raise InputError(say("rules.no-kind", kind=kind, suggestion=suggest(kind, WIRES)), key="kind")
    if not end.kinds:
        raise IllegalWire(end.refusal)
    if not kind and len(end.kinds) > 1:
        names = design.components
        raise InputError(
            say("rules.say-kind", source=names[source].name, target=names[target].name, kinds=end.kinds),
            key="kind",
        )
    wire = make_wire(design, source, target, kind or end.kinds[0])
    return wire if level is None else original_wire(wire, level)


def original_wire(wire: Wire, level: Level) -> Wire:
    """Returns the wire as the level starts with it, else with default settings; raises an error if it may not
    be drawn here.
    """
    start = level.scenario.design.wire(wire.ref)
    if start is not None:
        return start
    if wire.kind not in wire_kinds(level):
        raise InputError(no_kind(level, (wire.kind,)), key="kind")
    if wire.source in level.closed:
        raise InputError(closed_source(level.scenario.design.components[wire.source].name), key="from")
    return type(wire)(source=wire.source, target=wire.target, id=wire.id)
