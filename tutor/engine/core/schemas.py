"""Schema changes: how a producer's events change their form, and who can still read them.

A reader deployed before the change meets new data: the *forward* direction of schema compatibility
(Confluent, "Schema evolution and compatibility"; Avro specification, "Schema resolution"). A ``breaking``
change fails at every such reader; an ``additive`` one only at a reader that is ``strict`` about unknown
fields. A ``schema-change`` fault aimed at the producer says how long there are such readers: it begins when
the producer is deployed and is over when the last reader is. Where no such fault is aimed at it, the wire's
change is there for the whole run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.model.scenario import Scenario
from tutor.model.wire import Capture, Publish

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault


class Form:
    """The new form of the events that one wire publishes."""

    __slots__ = ("breaking", "faults", "scheduled")

    def __init__(self, wire: Publish | Capture, scenario: Scenario) -> None:
        self.breaking = wire.schema_change == "breaking"
        self.scheduled = any(
            fault.kind == "schema-change" and fault.target == wire.source for fault in scenario.faults
        )
        """Whether a fault says when the change is on its way through the system."""
        self.faults: list[ActiveFault] = []

    @property
    def spreading(self) -> bool:
        """True while events go out in the new form and there are readers of the old one."""
        return not self.scheduled or bool(self.faults)

    def change(self, fault: ActiveFault, active: bool) -> None:
        """Begins or ends the fault that times the change."""
        if active:
            self.faults.append(fault)
        elif fault in self.faults:
            self.faults.remove(fault)

    def met(self) -> None:
        """Marks the change as a hit: a reader has an event in the new form in hand."""
        for fault in self.faults:
            fault.hit = True

    def unreadable(self, strict: bool) -> bool:
        """Returns whether a reader, which may be strict about unknown fields, fails on the new form now."""
        return self.spreading and (self.breaking or strict)


def form_of(wire: Publish | Capture, scenario: Scenario) -> Form | None:
    """Returns the new form of the events this wire publishes; None if it stays as it was."""
    return None if wire.schema_change == "none" else Form(wire, scenario)
