"""Faults as behavior: the changes in a process of a live run while a fault of the scenario is active.

Crashes and hangs are real (the stage kills and stops processes); the rest is here: poison, lost acks and
confirms, cut wires.
"""

from __future__ import annotations

from tutor.engine.luck import Luck
from tutor.live.clock import Clock
from tutor.live.events import CloudEvent
from tutor.model.fault import Fault
from tutor.model.wire import Wire

OF_WIRES = ("partition", "remove", "drop-replies", "drop-acks")
"""Faults of wires; aimed at a component they mean all wires into it."""


class FaultBehavior:
    """The faults of a scenario, as one process sees them."""

    def __init__(self, luck: Luck, clock: Clock) -> None:
        self._luck = luck
        self._clock = clock
        self._spans = [luck.spans(place) for place in range(len(luck.scenario.faults))]

    def cut(self, wire: Wire) -> bool:
        """Returns whether a wire is cut now, or gone for good."""
        return any(self._active(place) for place, _ in self._on_wire(wire, "partition")) or self.removed(wire)

    def removed(self, wire: Wire) -> bool:
        """Returns whether a wire has been taken out."""
        now = self._clock.now_us()
        return any(
            now >= self._spans[place][0][0]
            for place, _ in self._on_wire(wire, "remove")
            if self._spans[place]
        )

    def dropped(self, kind: str, wire: Wire, event: CloudEvent, turn: int) -> bool:
        """Returns whether this answer, confirm or ack is lost on its way."""
        return any(
            self._active(place) and self._strikes(place, event, turn)
            for place, _ in self._on_wire(wire, kind)
        )

    def poisoned(self, part: str, event: CloudEvent) -> bool:
        """Returns whether this event cannot be handled here: it was made while the poison lasted."""
        return any(
            any(start <= event.made_us < end for start, end in self._spans[place])
            and self._strikes(place, event, 0)
            for place, _ in self._at(part, "poison")
        )

    def swallowed(self, part: str, event: CloudEvent, turn: int) -> bool:
        """Returns whether this handling fails silently."""
        return any(
            self._active(place) and self._strikes(place, event, turn)
            for place, _ in self._at(part, "swallow")
        )

    def dies(self, part: str, event: CloudEvent, turn: int, step: int) -> bool:
        """Returns whether the worker dies between two outgoing wires."""
        struck = turn * 64 + step
        return any(
            self._active(place) and self._strikes(place, event, struck)
            for place, _ in self._at(part, "die-between")
        )

    def slowness(self, part: str, replica: int) -> float:
        """Returns how many times longer work takes now."""
        factor = 1.0
        for place, fault in self._at(part, "slow"):
            if self._active(place) and fault.replica in (None, replica + 1):
                factor *= fault.factor
        return factor

    def spreading(self, part: str) -> bool:
        """Returns whether this part's events go out in their new form while there are readers of the
        old one.
        """
        timed = self._at(part, "schema-change")
        return not timed or any(self._active(place) for place, _ in timed)

    def schema_changed(self, database: str) -> bool:
        """Returns whether a database no longer knows what parts other than its owner ask for."""
        return any(self._active(place) for place, _ in self._at(database, "schema-change"))

    def _strikes(self, place: int, event: CloudEvent, turn: int) -> bool:
        return self._luck.strikes(place, event.type, event.source, event.number, turn)

    def _active(self, place: int) -> bool:
        now = self._clock.now_us()
        return any(start <= now < end for start, end in self._spans[place])

    def _at(self, part: str, kind: str) -> list[tuple[int, Fault]]:
        return [
            (place, one)
            for place, one in enumerate(self._luck.scenario.faults)
            if one.kind == kind and one.target == part
        ]

    def _on_wire(self, wire: Wire, kind: str) -> list[tuple[int, Fault]]:
        names = (wire.pair, wire.ref, wire.target)
        return [
            (place, one)
            for place, one in enumerate(self._luck.scenario.faults)
            if one.kind == kind and one.target in names
        ]
