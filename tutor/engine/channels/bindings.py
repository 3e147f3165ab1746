"""The ``bind`` wire: copies each message of a topic into a queue.

As the binding of a queue to an exchange (RabbitMQ, "Exchange to queue bindings") and the subscription of an
SQS queue to an SNS topic. The topic's confirm waits for the queue; if the queue refuses a message, the
publisher hears of it, provided the wire has no latency.
"""

from __future__ import annotations

from typing import Protocol, cast

from tutor.engine.core.events import Event
from tutor.engine.core.part import Accept, Part, WireRun, World
from tutor.model.wire import Bind


class Binding(Protocol):
    """A channel that copies its messages into queues."""

    def bind(self, wire: BindWire) -> None:
        """Adds a queue that gets a copy of each message."""


class Bound(Protocol):
    """A queue that takes the copies."""

    def inlet(self, wire: WireRun) -> Accept:
        """Returns the inlet of a wire: the function by which it puts messages in."""


class BindWire(WireRun):
    """A binding at run time."""

    spec: Bind

    def __init__(self, spec: Bind, world: World) -> None:
        super().__init__(spec, world)
        self._accept: Accept

    def join(self, source: Part, target: Part) -> None:
        self._accept = cast("Bound", target).inlet(self)
        cast("Binding", source).bind(self)

    def pass_on(self, now: int, event: Event, turn: int) -> bool:
        """Passes a copy on to the queue; returns False if it did not get there."""
        self.sent += 1
        if self.cuts:
            self.cuts[0].hit = True
            self.failed += 1
            return False
        if self.latency:
            self.under_way += 1
            self.kernel.at(now + self.latency, self._arrive, (event, turn))
            return True
        return self._store(now, event, turn)

    def _store(self, now: int, event: Event, turn: int) -> bool:
        ok = self._accept(now, event, turn, None) is not False
        self.failed += not ok
        return ok

    def _arrive(self, now: int, message: tuple[Event, int]) -> None:
        self.under_way -= 1
        if self.cuts:
            self.cuts[0].hit = True
            self.failed += 1
        else:
            self._store(now, *message)
