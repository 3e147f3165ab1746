"""A solution without the idea that its level teaches: the edit of ``[[idea.without]]``, done to a design."""

from __future__ import annotations

from tutor.errors import InputError
from tutor.model.component import Component
from tutor.model.design import Design, make_wire
from tutor.model.edit import AddWire, RemoveComponent, RemoveWire, SetComponent, SetWire, apply, known_setting
from tutor.model.level import Without
from tutor.model.setting import suggest
from tutor.model.wire import Wire
from tutor.words import say

_ENDS = ("from", "to", "kind", "id")


def take_out(without: Without, design: Design) -> Design:
    """Returns the design after the edit; parts that a solution does not have are passed over as long as the
    edit finds anything to do.

    Raises :class:`InputError` where the edit changes nothing, or names a setting or value that cannot be.
    """
    before = design
    for subject in without.remove:
        if subject in design.components:
            design = apply(RemoveComponent(subject), design)
        elif design.wire(subject) is not None:
            design = apply(RemoveWire(subject), design)
    for table in without.wires:
        design = _wired(dict(table), design)
    for subject, settings in without.set.items():
        part = design.components.get(subject) or design.wire(subject)
        if part is None:
            continue
        for name, raw in settings.items():
            design = _set(part, name, raw, design)
    if design == before:
        parts = [*before.components, *(wire.ref for wire in before.wires)]
        named = [*without.remove, *without.set]
        raise InputError(
            say("lint.idea-nothing", suggestion=suggest(named[0], parts))
            if named
            else say("lint.idea-empty"),
            key="idea.without",
        )
    return design


def _wired(table: dict[str, object], design: Design) -> Design:
    source, target, kind, wire_id = (str(table.pop(name, "")) for name in _ENDS)
    wire = make_wire(design, source, target, kind, wire_id)
    if design.wire(wire.ref) is None:
        design = apply(AddWire(wire), design)
    for name, raw in table.items():
        design = apply(SetWire(wire.ref, name, known_setting(wire, name).parse(raw)), design)
    return design


def _set(part: Component | Wire, name: str, raw: object, design: Design) -> Design:
    value = known_setting(part, name).parse(raw)
    return apply(
        SetWire(part.ref, name, value) if isinstance(part, Wire) else SetComponent(part.id, name, value),
        design,
    )
