"""The ``publish`` wire: a producer hands a message to a broker and waits for its confirm alone.

Publisher confirms follow RabbitMQ ("Consumer Acknowledgements and Publisher Confirms"); ``idempotent`` follows Kafka's producer: the broker
drops repeats of the same send, not repeats that the application makes. A connection that is cut is an error at once; a confirm that is
lost (``drop-acks``, or a cut while it is on its way) makes the producer think that it failed: stored and not told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, cast

from tutor.engine.channels.buffers import Buffer
from tutor.engine.core.events import Event, Flow
from tutor.engine.core.handling import Handler
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.core.schemas import form_of
from tutor.model.wire import Publish


class Sending:
    """One message on its way to the broker, through all its attempts."""

    __slots__ = ("event", "handling", "stored", "tries", "turn")

    def __init__(self, event: Event, turn: int, handling: Any) -> None:
        self.event = event
        self.turn = turn
        self.handling = handling
        self.tries = 0
        self.stored = False
        """Whether the broker has taken it once."""


class PublishWire(WireRun):
    """A publish wire at run time."""

    __slots__ = ("accept", "plain")

    spec: Publish

    def __init__(self, spec: Publish, world: World) -> None:
        super().__init__(spec, world)
        self.buffer: deque[Sending] = deque()
        self._renamed: dict[Flow, Flow] = {}
        self.form = form_of(spec, world.scenario)
        self.copies = bool(spec.event) or spec.payload == "state" or self.form is not None
        self.after_failure = spec.on == "failure"
        self.plain = True

    def join(self, source: Part, target: Part) -> None:
        assert isinstance(source, Handler)
        self.source = source
        self.target = cast("Any", target)
        self.accept = self.target.inlet(self)
        buffer: Buffer | None = getattr(target, "buffer", None)
        self.send = self._send if buffer is None else buffer.way_in(self, self._send)
        """To a queue there is a short way in, while nothing is wrong here or with its broker."""
        self.unheard = target.kind == "stream" and self.spec.acks == "none"
        """Whether nobody's word is waited for: what has been sent counts as done (Kafka ``acks=0``)."""
        self.target.watch(self._broker_back)
        self.changed(0)

    def changed(self, now: int) -> None:
        if not (self.cuts or self.removed) and self.buffer:
            self._broker_back(now)
        # what may be tried again or kept needs its count of tries: a confirm may be refused long after the send
        lasting = self.spec.retries or self.spec.buffer
        self.plain = not (self.latency or self.cuts or self.drops or self.copies or self.after_failure or self.buffer or lasting)

    def _send(self, now: int, event: Event, turn: int, handling: Any) -> bool | None:
        if self.plain and event.trace is None:
            self.sent += 1
            ok: bool | None = self.accept(now, event, turn, handling)
            if ok:
                return True
            if ok is None:
                self.under_way += 1
                return None
            return self._failed(now, Sending(event, turn, handling))
        if self.copies:
            event = event.copied(event.flow.renamed(self.spec.event or event.flow.type), state=event.state or self.spec.payload == "state")
            if self.form is not None and self.form.spreading:
                event.form = self.form
                self.form.went_out()
        if self.after_failure:
            self.world.ledger.offer(event, event.flow.type)
        return self._attempt(now, Sending(event, turn, handling))

    def _attempt(self, now: int, sending: Sending) -> bool | None:
        self.sent += 1
        event = sending.event
        if event.trace is not None:
            event.trace(now, event, self.source.id, "sent", f"attempt {sending.tries + 1}", self.ref)
        if self.cuts:
            self.cuts[0].hit = True
            return self._failed(now, sending)
        if self.unheard:
            if self.latency:
                self.kernel.at(now + self.latency, self._arrive_unheard, sending)
            else:
                self._store(now, sending)
            return True
        if self.latency:
            self.under_way += 1
            self.kernel.at(now + self.latency, self._arrive, sending)
            return None
        ok = self._store(now, sending)
        if ok is None:
            self.under_way += 1
            return None
        if ok and self.drops and self.dropped("drop-acks", event, sending.turn + sending.tries):
            ok = False
        return True if ok else self._failed(now, sending)

    def _store(self, now: int, sending: Sending) -> bool | None:
        if sending.stored and self.spec.idempotent:
            return True
        ok: bool | None = self.accept(now, sending.event, sending.turn, sending)
        if ok:
            sending.stored = True
        return ok

    def _arrive(self, now: int, sending: Sending) -> None:
        ok = False if self.cuts else self._store(now, sending)
        if ok is not None:
            self.kernel.at(now + self.latency, self._back, (sending, ok))

    def _arrive_unheard(self, now: int, sending: Sending) -> None:
        if self.cuts:
            self.cuts[0].hit = True
        else:
            self._store(now, sending)

    def confirmed(self, now: int, sending: Any, ok: bool) -> None:
        """The broker's word, where it did not come at once."""
        if not isinstance(sending, Sending):
            self.under_way -= 1
            self.failed += not ok
            self.source.resume(now, sending, ok)
            return
        sending.stored = sending.stored or ok
        if self.latency:
            self.kernel.at(now + self.latency, self._back, (sending, ok))
        else:
            self._back(now, (sending, ok))

    def _back(self, now: int, confirm: tuple[Sending, bool]) -> None:
        sending, ok = confirm
        self.under_way -= 1
        if ok and (self.cuts or (self.drops and self.dropped("drop-acks", sending.event, sending.turn + sending.tries))):
            ok = False
        known = True if ok else self._failed(now, sending)
        if known is not None:
            self._tell(now, sending, known)

    def _tell(self, now: int, sending: Sending, ok: bool) -> None:
        if sending.event.trace is not None and ok:
            sending.event.trace(now, sending.event, self.source.id, "confirmed", "", self.ref)
        if sending.handling is not None:
            self.source.resume(now, sending.handling, ok)

    def _failed(self, now: int, sending: Sending) -> bool | None:
        """The broker did not confirm: None where something still follows, True where the message waits here, else False."""
        self.failed += 1
        alive = sending.handling is None or not self.source.gone(sending.handling)
        if alive and len(self.buffer) < self.spec.buffer and (self.cuts or not self.target.up_now()):
            self.plain = False
            if self.source.kind == "client":
                self.buffer.append(sending)
                return None
            kept = Sending(sending.event, sending.turn, None)  # the handling is told now: it does not wait for this
            kept.tries, kept.stored = sending.tries, sending.stored
            self.buffer.append(kept)
            return True
        if sending.tries < self.spec.retries and alive:
            sending.tries += 1
            self.kernel.at(now + int(self.spec.backoff_ms * 1000 + 0.5), self._again, sending)
            return None
        return False

    def _again(self, now: int, sending: Sending) -> None:
        handling = sending.handling
        if handling is not None and (self.source.gone(handling) or self.source.postpones(handling, self._again, sending)):
            return
        if self.source.kind == "client":
            sending.event.flow.source.repeats.append(sending.event.number)
        known = self._attempt(now, sending)
        if known is not None:
            self._tell(now, sending, known)

    def _broker_back(self, now: int) -> None:
        waiting, self.buffer = self.buffer, deque()
        for sending in waiting:
            known = self._attempt(now, sending)
            if known is not None:
                self._tell(now, sending, known)
        if not self.buffer:
            self.changed(now)

    def forget(self) -> None:
        """The producer has died, and what it kept for the broker with it."""
        self.buffer.clear()
        self.changed(0)

    def items(self) -> Iterable[Event]:
        return (sending.event for sending in self.buffer)
