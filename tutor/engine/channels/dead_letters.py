"""The ``dead-letter`` wire: where a channel puts messages that it gives up.

As SQS redrive policies and RabbitMQ dead-letter exchanges; the message keeps its id, key and version. The
channel waits for no confirm (RabbitMQ, "Dead Letter Exchanges": republished without publisher confirms by
default): a message that the queue refuses on arrival is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tutor.engine.core.events import Event
from tutor.engine.core.part import Accept, Part, WireRun, World
from tutor.model.wire import DeadLetter

if TYPE_CHECKING:
    from tutor.engine.core.seams import GivesUp, Inlets


class DeadLetterWire(WireRun):
    """A dead-letter wire at run time."""

    spec: DeadLetter

    def __init__(self, spec: DeadLetter, world: World) -> None:
        super().__init__(spec, world)
        self._accept: Accept

    def join(self, source: Part, target: Part) -> None:
        self._accept = cast("Inlets", target).inlet(self)
        cast("GivesUp", source).dead_letter_to(self._take)

    def _take(self, now: int, event: Event, turn: int, _: object) -> bool:
        """Takes a message; returns False if it cannot be kept: the wire is cut or gone, the queue full or
        down.
        """
        if self.cuts or self.removed or not self.passes(event.flow):
            return False
        self.sent += 1
        if self.latency:
            self.under_way += 1
            self.kernel.at(now + self.latency, self._arrive, (event, turn))
            return True
        ok = self._accept(now, event, turn, None)
        if not ok:
            self.failed += 1
        return ok is not False

    def _arrive(self, now: int, message: tuple[Event, int]) -> None:
        self.under_way -= 1
        if self.cuts:
            self.cuts[0].hit = True
            self.failed += 1
        elif self._accept(now, *message, None) is False:
            self.failed += 1

    def confirmed(self, now: int, sending: object, ok: bool) -> None:
        """Ignores the confirm of a queue that hung and has resumed: nobody waits for it."""
