"""Which wires may be drawn in a level, and how a drawn wire comes."""

from __future__ import annotations

from tutor.errors import InputError
from tutor.model.design import Design, kinds_between, make_wire
from tutor.model.level import Level
from tutor.model.wire import WIRES, Wire


def wire_kinds(level: Level | None) -> frozenset[str]:
    """The kinds of wire that may be drawn."""
    return level.wires if level is not None and level.wires else frozenset(WIRES)


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
