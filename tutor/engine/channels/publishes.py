"""The ``publish`` wire: a producer hands a message to a broker and waits for its confirm alone.

Publisher confirms follow RabbitMQ ("Consumer Acknowledgements and Publisher Confirms"). ``idempotent``
follows Kafka's producer, and with a window JetStream and SQS FIFO: the broker drops repeats of the same send,
not repeats that the application makes. A connection that is cut is an error at once; a confirm that is lost
(``drop-acks``, or a cut while it is on its way) makes the producer think that it failed: stored and not told.
One that waits ``timeout_ms`` for a confirm sends again, whatever has become of the first: the commonest
source of duplicates.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from tutor.engine.core.events import Event, Flow, Source
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import Countdown
from tutor.engine.core.luck import Draws
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.core.schemas import form_of
from tutor.model.clock import micros
from tutor.model.path import leads_back
from tutor.model.product import PRODUCTS
from tutor.model.wire import Publish

if TYPE_CHECKING:
    from tutor.engine.core.seams import Inlets

LAP = 1 << 30
"""Turns between two rounds of one event through the same parts, so that each has luck of its own."""


class Send:
    """The identity of one publish of one event through all its attempts: its id, and the time when the broker
    first stored it.
    """

    __slots__ = ("stored_at",)

    def __init__(self) -> None:
        self.stored_at: int | None = None


class Sending:
    """One attempt to bring a message to the broker; a retry after a timeout is another attempt with the same
    id.
    """

    __slots__ = ("due", "event", "handling", "id", "open", "serial", "tries", "turn")

    due: int | None
    serial: int

    def __init__(
        self, event: Event, turn: int, handling: object, id: Send | None = None, tries: int = 0
    ) -> None:
        self.event = event
        self.turn = turn
        self.handling = handling
        self.id = id or Send()
        self.tries = tries
        self.open = True
        """Whether the producer still waits for the confirm."""


class Laps:
    """Counts how often each event has gone along a wire that closes a loop."""

    __slots__ = ("_by_event", "most", "total")

    def __init__(self) -> None:
        self.most = 0
        """The laps of the event that has made the most."""
        self.total = 0
        self._by_event: dict[tuple[int, int], int] = {}

    def count(self, event: Event) -> None:
        """Counts one more trip of an event along the wire, its first or a later one."""
        place = event.flow.source.index, event.number
        laps = self._by_event[place] = self._by_event.get(place, 0) + 1
        self.total += 1
        if laps > self.most:
            self.most = laps


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
        self.rescues = spec.rescues
        self.acks, self.key, self.size_kb, self.renames = spec.acks, spec.key, spec.size_kb, spec.event
        self.plain = True
        self.laps: Laps | None = None
        """How often events have come round, where what it carries can come back here."""
        self._waits: dict[Source, Draws] = {}
        self._timeout = (
            None
            if spec.timeout_ms is None
            else Countdown(self.kernel, micros(spec.timeout_ms / 1000), self._timed_out)
        )

    def join(self, source: Part, target: Part) -> None:
        assert isinstance(source, Handler)
        self.source = source
        self.target = cast("Inlets", target)
        self.accept = self.target.inlet(self)
        self.send = self.target.short_way(self, self._send)
        """To a queue there is a short way in, while nothing is wrong here or with its broker."""
        if leads_back(self.world.scenario.design, self.spec):
            self.send = self._send_round
            self.laps = Laps()
        self.unheard = self.spec.acks == "none"
        """Whether nobody's word is waited for: what has been sent counts as done (Kafka ``acks=0``; no
        publisher confirms).
        """
        self.unconfirmed = self.unheard and target.kind != "stream"
        channel = self.target.spec
        self.latency += micros(channel.publish_ms / 2000)
        product = PRODUCTS[channel.like] if channel.like else None
        window_s = (
            self.spec.dedup_window_s
            if self.spec.dedup_window_s is not None or product is None
            else product.dedup_window_s
        )
        self.window = None if window_s is None else micros(window_s)
        """How long the broker remembers what was sent (µs); None: as long as the producer goes on with it."""
        self.target.watch(self._broker_back)
        self.changed(0)

    def changed(self, now: int) -> None:
        if not (self.cuts or self.removed) and self.buffer:
            self._broker_back(now)
        # what may be tried again or kept needs its count of tries: a confirm may be refused long after the
        # send
        lasting = self.spec.retries or self.spec.buffer or self._timeout is not None or self.unconfirmed
        self.plain = not (
            self.latency
            or self.cuts
            or self.drops
            or self.copies
            or self.after_failure
            or self.buffer
            or lasting
        )

    def _send_round(self, now: int, event: Event, turn: int, handling: object) -> bool | None:
        """Sends an event that can come back here: then it is handled again, with new luck."""
        assert self.laps is not None
        self.laps.count(event)
        return self._send(now, event, turn + LAP, handling)

    def _send(self, now: int, event: Event, turn: int, handling: object) -> bool | None:
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
            event = event.copied(
                event.flow.renamed(self.spec.event or event.flow.type),
                state=event.state or self.spec.payload == "state",
            )
            if self.form is not None and self.form.spreading:
                event.form = self.form
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
            if self.unconfirmed and not self.target.up_now():
                # the connection is closed: that much a producer knows without a confirm
                self.target.met()
                return self._failed(now, sending)
            if self.latency:
                self.kernel.at(now + self.latency, self._arrive_unheard, sending)
            else:
                self._store(now, sending)
            return True
        if self.latency:
            self._wait(now, sending)
            self.kernel.at(now + self.latency, self._arrive, sending)
            return None
        ok = self._store(now, sending)
        if ok is None:
            self._wait(now, sending)
            return None
        if ok and self.drops and self.dropped("drop-acks", event, sending.turn + sending.tries):
            ok = False
            if self._timeout is not None:
                self._wait(now, sending)
                return None
        return True if ok else self._failed(now, sending)

    def _wait(self, now: int, sending: Sending) -> None:
        """Waits for the confirm, with a timeout if there is one."""
        self.under_way += 1
        if self._timeout is not None:
            self._timeout.start(now, sending)

    def _timed_out(self, now: int, sending: Sending) -> None:
        """Counts a send as failed when no confirm came in time, though the message may be stored or on its
        way.
        """
        sending.open = False
        self.under_way -= 1
        event = sending.event
        if event.trace is not None:
            event.trace(now, event, self.source.id, "timed-out", "no confirm", self.ref)
        again = Sending(event, sending.turn, sending.handling, sending.id, sending.tries)
        known = self._failed(now, again, silent=True)
        if known is not None and sending.handling is not None:
            self.source.resume(now, sending.handling, known or None)

    def known(self, now: int, sending: object) -> bool:
        if not (self.spec.idempotent and isinstance(sending, Sending)) or sending.id.stored_at is None:
            return False
        return self.window is None or now - sending.id.stored_at < self.window

    def kept(self, now: int, sending: object) -> None:
        if isinstance(sending, Sending) and sending.id.stored_at is None:
            sending.id.stored_at = now

    def _store(self, now: int, sending: Sending) -> bool | None:
        if self.known(now, sending):
            return True
        ok: bool | None = self.accept(now, sending.event, sending.turn, sending)
        if ok:
            self.kept(now, sending)
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

    def confirmed(self, now: int, sending: object, ok: bool) -> None:
        """Handles the broker's confirm where it did not come at once and somebody waits for it."""
        if self.unheard:
            return
        if not isinstance(sending, Sending):
            self.under_way -= 1
            self.failed += not ok
            self.source.resume(now, sending, ok)
            return
        if ok:
            self.kept(now, sending)
        if self.latency:
            self.kernel.at(now + self.latency, self._back, (sending, ok))
        else:
            self._back(now, (sending, ok))

    def _back(self, now: int, confirm: tuple[Sending, bool]) -> None:
        sending, ok = confirm
        if not sending.open:
            return  # it comes too late: the producer has given up on this attempt
        if ok and (
            self.cuts
            or (self.drops and self.dropped("drop-acks", sending.event, sending.turn + sending.tries))
        ):
            ok = False
            if self._timeout is not None:
                return  # nothing comes back: the timeout strikes
        self.under_way -= 1
        if self._timeout is not None:
            # heard: its timeout is over; what follows a refusal is another attempt, with a timeout of its own
            sending.open = False
            sending = Sending(sending.event, sending.turn, sending.handling, sending.id, sending.tries)
        known = True if ok else self._failed(now, sending)
        if known is not None:
            self._tell(now, sending, known)

    def _tell(self, now: int, sending: Sending, ok: bool) -> None:
        if sending.event.trace is not None and ok:
            sending.event.trace(now, sending.event, self.source.id, "confirmed", "", self.ref)
        if sending.handling is not None:
            self.source.resume(now, sending.handling, ok)

    def _failed(self, now: int, sending: Sending, *, silent: bool = False) -> bool | None:
        """Handles a send that the broker did not confirm; returns None if something still follows, True if
        the message waits here, else False.

        ``silent``: nothing came back in time; then a copy may be here, or at the broker, and what follows is
        one more.
        """
        self.failed += 1
        alive = sending.handling is None or not self.source.gone(sending.handling)
        if (
            alive
            and not silent
            and len(self.buffer) < self.spec.buffer
            and (self.cuts or not self.target.up_now())
        ):
            self.plain = False
            if self.source.kind == "client" or self._timeout is not None:
                self.buffer.append(sending)
                if (
                    self._timeout is not None
                ):  # the client library keeps it, and the producer's patience runs on
                    self._wait(now, sending)
                return None
            # the handling goes on now, without waiting for this one
            self.buffer.append(Sending(sending.event, sending.turn, None, sending.id, sending.tries))
            return True
        if sending.tries < self.spec.retries and alive:
            wait = self.spec.backoff_ms * 1000 * self.spec.backoff_factor**sending.tries
            if self.spec.jitter:
                wait *= self._wait_draws(sending.event).at(sending.event.number, sending.turn + sending.tries)
            sending.tries += 1
            self.kernel.at(now + int(min(wait, 1e15) + 0.5), self._again, sending)
            return None
        return False

    def _wait_draws(self, event: Event) -> Draws:
        source = event.flow.source
        draws = self._waits.get(source)
        if draws is None:
            draws = self._waits[source] = self.world.chance.uniforms(self.ref, "backoff", source.id)
        return draws

    def _again(self, now: int, sending: Sending) -> None:
        handling = sending.handling
        if handling is not None and (
            self.source.gone(handling) or self.source.postpones(handling, self._again, sending)
        ):
            return
        if self.source.kind == "client":
            sending.event.flow.source.repeats.append(sending.event.number)
        known = self._attempt(now, sending)
        if known is not None:
            self._tell(now, sending, known)

    def _broker_back(self, now: int) -> None:
        waiting, self.buffer = self.buffer, deque()
        for sending in waiting:
            if self._timeout is not None:
                self.under_way -= sending.open
                sending = self._sent_by_library(sending)
            known = self._attempt(now, sending)
            if known is not None:
                self._tell(now, sending, known)
        if not self.buffer:
            self.changed(now)

    def _sent_by_library(self, sending: Sending) -> Sending:
        """Sends what the client library kept; the producer still waits for it, or gave up on it long ago."""
        if sending.open:
            sending.open = False
            return Sending(sending.event, sending.turn, sending.handling, sending.id, sending.tries)
        return Sending(sending.event, sending.turn, None, sending.id, self.spec.retries)

    def forget(self) -> None:
        """Forgets what the producer kept for the broker: it has died."""
        self.buffer.clear()
        self.changed(0)

    def items(self) -> Iterable[Event]:
        return (sending.event for sending in self.buffer)
