"""Designs: the components and wires that a learner builds."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from tutor.errors import IllegalWire, InputError
from tutor.model.component import Component
from tutor.model.note import Note
from tutor.model.setting import suggest
from tutor.model.wire import WIRES, Wire, legal_kinds, refusal
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True, eq=True)
class Design:
    """Components by id and wires in their order; the order of a service's outgoing wires is the order of its
    work.
    """

    components: Mapping[str, Component] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """The parts by id."""
    wires: tuple[Wire, ...] = ()
    """What joins them."""
    notes: Mapping[str, Note] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    """What the learner has written on the board, by id; a run does not read it."""

    def __reduce__(self) -> tuple[object, ...]:
        return _design_of, (dict(self.components), self.wires, dict(self.notes))

    @property
    def placed(self) -> Mapping[str, Component | Note]:
        """Everything that has a place on the board, by id: the parts, then the notes."""
        return {**self.components, **self.notes} if self.notes else self.components

    def wire(self, ref: str) -> Wire | None:
        """The wire of this reference (:attr:`Wire.ref`), if there is one."""
        return next((wire for wire in self.wires if wire.ref == ref), None)

    def wires_from(self, component_id: str) -> Iterator[Wire]:
        """The outgoing wires of a component, in order."""
        return (wire for wire in self.wires if wire.source == component_id)

    def wires_to(self, component_id: str) -> Iterator[Wire]:
        """The incoming wires of a component, in order."""
        return (wire for wire in self.wires if wire.target == component_id)

    def part(self, component_id: str) -> Component:
        """The part of this id; raises :class:`InputError` for an unknown one."""
        component = self.components.get(component_id)
        if component is None:
            raise InputError(
                say("rules.no-part", part=component_id, suggestion=suggest(component_id, self.components))
            )
        return component

    def kind_of(self, component_id: str) -> str:
        """The kind of a part; raises :class:`InputError` for an unknown id."""
        return self.part(component_id).kind

    def check_wire(self, wire: Wire) -> None:
        """Raises :class:`IllegalWire` or :class:`InputError` when the wire cannot be part of this design."""
        kinds = kinds_between(self, wire.source, wire.target)
        if wire.kind not in kinds:
            raise IllegalWire(
                say(
                    "rules.kinds-of-pair",
                    kind=wire.kind,
                    from_kind=self.kind_of(wire.source),
                    to_kind=self.kind_of(wire.target),
                    kinds=kinds,
                ),
                key="kind",
            )

    def with_component(self, component: Component) -> Design:
        """A copy with this component added, or put in the place of the one with its id."""
        components = {**self.components, component.id: component}
        return dataclasses.replace(self, components=MappingProxyType(components))

    def with_wires(self, wires: Iterable[Wire]) -> Design:
        """A copy with these wires instead of its own."""
        return dataclasses.replace(self, wires=tuple(wires))

    def with_notes(self, notes: Iterable[Note]) -> Design:
        """A copy with these notes instead of its own."""
        return dataclasses.replace(self, notes=MappingProxyType({note.id: note for note in notes}))


def _design_of(components: dict[str, Component], wires: tuple[Wire, ...], notes: dict[str, Note]) -> Design:
    return Design(MappingProxyType(components), wires, MappingProxyType(notes))


def make_design(components: Iterable[Component], wires: Iterable[Wire] = ()) -> Design:
    """A design of these parts; does not check the wires."""
    return Design(MappingProxyType({component.id: component for component in components}), tuple(wires))


def kinds_between(design: Design, source: str, target: str) -> tuple[str, ...]:
    """The kinds of wire that may go from ``source`` to ``target``; raises :class:`IllegalWire` with the
    reason where none may.
    """
    if source == target:
        design.kind_of(source)
        raise IllegalWire(say("rules.itself"))
    kinds = legal_kinds(design.kind_of(source), design.kind_of(target))
    if not kinds:
        raise IllegalWire(refusal(design.kind_of(source), design.kind_of(target)))
    return kinds


def make_wire(design: Design, source: str, target: str, kind: str = "", wire_id: str = "") -> Wire:
    """A wire with default policy; ``kind`` may be left out where only one fits the pair.

    Raises :class:`IllegalWire` with the reason where the pair cannot be joined.
    """
    kinds = kinds_between(design, source, target)
    if not kind:
        if len(kinds) > 1:
            raise InputError(say("rules.say-kind", source=source, target=target, kinds=kinds), key="kind")
        kind = kinds[0]
    if kind not in WIRES:
        raise InputError(say("rules.no-kind", kind=kind, suggestion=suggest(kind, WIRES)), key="kind")
    wire = WIRES[kind](source=source, target=target, id=wire_id)
    design.check_wire(wire)
    return wire
