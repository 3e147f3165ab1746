"""Queues and topics: channels on a broker that push messages to consumers.

A queue gives each message to one of its consumers (RabbitMQ classic and quorum queues; Amazon SQS). What a
channel counts always adds up:
published = acked + dead-lettered + dropped + what is still held.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from tutor.engine.channels.brokers import Broker
from tutor.engine.channels.buffers import UNCONFIRMED, Buffer
from tutor.engine.channels.copies import Copying, Sent
from tutor.engine.channels.holds import Hold
from tutor.engine.channels.subscriptions import SubscribeWire
from tutor.engine.core.events import Event
from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.part import Accept, Counts, Part, Send, WireRun, World
from tutor.model.clock import SECOND, micros
from tutor.model.component import Channel

BOOKS = ("published", "delivered", "redelivered", "acked", "dead_lettered", "dropped")
"""The counts of a channel that only grow."""
_WAITING = ("publish", "capture")
"""The kinds of wire whose sender waits to be told that its message is stored."""


class ChannelPart(Part):
    """The common base of queues and topics: broker nodes and buffers."""

    def __init__(self, spec: Channel, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        self.broker = Broker(self.kernel, spec.replicas, micros(spec.failover_s), self._up_again)
        self.buffers: list[Buffer] = []
        self.watchers: list[Callable[[int], None]] = []
        self.inlets: list[WireRun] = []
        self.hold = Hold()
        lag = micros(spec.replication_lag_ms / 1000) if spec.replicas > 1 else 0
        self.copying = Copying(self.kernel, lag, self._copied, lambda: self.hold.hangs > 0)
        self.refused = 0
        self.gone = False
        """Whether it was in memory alone, and a crash has taken it."""
        self.taker: ActiveFault | None = None
        """The crash that has taken the subscriptions, or the whole channel: it strikes what comes later."""
        if self.joins:
            self.broker.absent()

    def join(self, now: int) -> None:
        self.broker.join(now)

    def watch(self, back: Callable[[int], None]) -> None:
        """Registers ``back``, which is called as ``back(now)`` each time the broker is back."""
        self.watchers.append(back)

    def up_now(self) -> bool:
        """Returns whether the channel takes messages."""
        return self.broker.up

    def short_way(self, wire: WireRun, otherwise: Send) -> Send:
        """Returns the function by which a producer sends while nothing is out of the ordinary."""
        return otherwise

    def inlet(self, wire: WireRun) -> Accept:
        """Returns the function by which one publish, capture or dead-letter wire puts messages in."""
        self.inlets.append(wire)

        broker, store, hold = self.broker, self.store, self.hold
        enter = self._enter if self.copying.lag else None

        def accept(now: int, event: Event, turn: int, sending: object) -> bool | None:
            if self.taker is not None:
                self.taker.hit = True
            if self.gone:
                self.refused += 1
                return False
            if broker.up and not hold.hangs:
                if enter is not None:
                    return enter(now, wire, event, turn, sending)
                return store(now, event, turn, UNCONFIRMED if wire.unconfirmed else None)
            hold.met()
            if broker.up:
                hold.keep(wire, event, turn, sending)
                return None
            self.refused += 1
            return False

        return accept

    def store(self, now: int, event: Event, turn: int, sending: object = None) -> bool:
        """Stores a message; returns False if it is refused."""
        raise NotImplementedError

    def _enter(self, now: int, wire: WireRun, event: Event, turn: int, sending: object) -> bool | None:
        """Takes in a message: it is stored when a majority of the nodes has it. Returns None where that takes
        time and the sender waits to be told, False if it is refused.
        """
        if not self.copying.lag:
            return self.store(now, event, turn, UNCONFIRMED if wire.unconfirmed else None)
        self.copying.add(now, (wire, event, turn, sending))
        return None if wire.kind in _WAITING else True

    def _copied(self, now: int, sent: Sent) -> None:
        """Stores a message that a majority of the nodes has by now, and tells its sender."""
        wire, event, turn, sending = sent
        ok = self.store(now, event, turn, UNCONFIRMED if wire.unconfirmed else None)
        if wire.kind in _WAITING:
            wire.confirmed(now, sending, ok)

    def new_buffer(self) -> Buffer:
        """Creates one more buffer on this broker."""
        buffer = Buffer(self.id, self.spec, self.world)
        buffer.serve(self.serves())
        self.buffers.append(buffer)
        return buffer

    def _changed(self) -> None:
        for buffer in self.buffers:
            buffer.serve(self.serves())

    def serves(self) -> bool:
        """Returns whether the broker delivers and takes acks."""
        return self.broker.up and not self.hold.hangs

    def subscribe(self, reader: SubscribeWire) -> Buffer:
        """Adds a reader, and returns the buffer that it reads."""
        raise NotImplementedError

    def dead_letter_to(self, accept: Accept) -> None:
        """Sets the place for messages that are given up."""

        def target(now: int, event: Event, turn: int) -> bool:
            return bool(accept(now, event, turn, None))

        for buffer in self.buffers:
            buffer.dead_letters = target

    # -- faults --------------------------------------------------------------------------------------------

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if fault is not None:
            self.hold.faults.append(fault)
            if any(buffer.depth() or buffer.in_hand for buffer in self.buffers):
                fault.hit = True
        if self.broker.lose(now, replica):
            self._changed()
            for buffer in self.buffers:
                buffer.disconnect(now)
            for wire, _event, _turn, sending in (*self.copying.empty(), *self.hold.empty()):
                self.refused += 1
                wire.confirmed(now, sending, False)
            if self.spec.replicas > 1:
                self.world.mark(now, "failover", self.id, "another node takes over")
        if self.broker.up_nodes == 0:
            for buffer in self.buffers:
                if self.spec.durable:
                    buffer.forget_unsure(now)
                else:
                    buffer.forget(now, "crash")
            if not self.spec.durable and self.spec.crash_takes != "messages":
                self._forget_readers(now, fault)

    def _forget_readers(self, now: int, fault: ActiveFault | None) -> None:
        """Drops the subscriptions, which were in memory as well: nobody reads any more, and where all is gone
        nobody can publish.
        """
        self.gone = self.spec.crash_takes == "everything"
        self.taker = fault
        for buffer in self.buffers:
            buffer.plain = buffer.smooth = False  # the short way in would pass by this
            for reader in buffer.readers:
                reader.remove(now)

    def recover(self, now: int, replica: int | None) -> None:
        self.broker.regain(now, replica)
        self.hold.forget_over()

    def _up_again(self, now: int) -> None:
        self._changed()
        for buffer in self.buffers:
            buffer.dispatch(now)
        for back in self.watchers:
            back(now)

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if self.hold.begin(replica, self.broker.leader, fault):
            self._changed()

    def thaw(self, now: int, replica: int | None) -> None:
        if not self.hold.end(replica):
            return
        self._changed()
        for buffer in self.buffers:
            buffer.dispatch(now)
        self.copying.resume(now)
        self.hold.take_all(now, self._take_held)

    def _take_held(self, now: int, wire: WireRun, event: Event, turn: int, sending: object) -> bool | None:
        """Takes in a message that was held back while the channel hung."""
        return self._enter(now, wire, event, turn, sending) if self.broker.up else False

    def met(self) -> None:
        """Marks the faults that last as hits: work has met them."""
        self.hold.met()

    # -- reports -------------------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        for buffer in self.buffers:
            yield from buffer.held()
        yield from self.copying.events()
        yield from self.hold.events()

    def counts(self, now: int) -> Counts:
        total: Counter[str] = Counter()
        for buffer in self.buffers:
            total.update(buffer.counts(now))
        in_bytes = sum(int((wire.sent - wire.failed) * wire.size_kb * 1000) for wire in self.inlets)
        return {
            **total,
            "down_us": self.broker.down_until(now),
            "in_bytes": in_bytes,
            "taken": total["published"],
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        return {
            "throughput_per_s": (last.get("acked", 0) - first.get("acked", 0)) * SECOND / span,
            "up": 1 - (last["down_us"] - first["down_us"]) / span,
            "queue": {
                "mean": (last.get("wait_us", 0) - first.get("wait_us", 0)) / span,
                "max": last.get("peak", 0),
                "end": last.get("depth", 0),
            },
            **{name: last.get(name, 0) - first.get(name, 0) for name in BOOKS},
            "in_flight": last.get("in_flight", 0),
            "egress_kb_per_s": self._egress_bytes(first, last) / 1000 * SECOND / span,
        }

    def _egress_bytes(self, first: Counts, last: Counts) -> float:
        """Returns the bytes that went out to consumers between two counts: the mean size of what came in, for
        each delivery.
        """
        taken = last["taken"] - first.get("taken", 0)
        delivered = last.get("delivered", 0) - first.get("delivered", 0)
        return (last["in_bytes"] - first.get("in_bytes", 0)) * delivered / taken if taken else 0.0

    def totals(self, now: int) -> dict[str, Any]:
        counts = self.counts(now)
        reasons: Counter[str] = Counter()
        for buffer in self.buffers:
            reasons.update(buffer.tally.reasons)
        return {
            **{name: counts.get(name, 0) for name in BOOKS},
            "dropped_by": dict(sorted(reasons.items())),
            "in_flight": counts.get("in_flight", 0),
            "refused": self.refused + sum(buffer.tally.refused for buffer in self.buffers),
            "confirmed_alone": counts["taken"] if self.spec.replicas == 1 else 0,  # more confirm by majority
        }

    def levels(self) -> tuple[int, int, int, float]:
        depth = sum(buffer.depth() for buffer in self.buffers)
        in_hand = sum(len(buffer.in_hand) for buffer in self.buffers)
        return (
            depth,
            in_hand,
            sum(reader.room() for buffer in self.buffers for reader in buffer.readers) + in_hand,
            float(self.broker.up),
        )

    def flows(self) -> tuple[int, int]:
        buffers = self.buffers
        return sum(one.tally.acked for one in buffers), self.refused + sum(
            one.tally.refused + one.tally.dropped + one.tally.dead_lettered for one in buffers
        )

    def extra(self) -> dict[str, float]:
        oldest = min(
            (buffer.ready[0].stored for buffer in self.buffers if buffer.ready), default=self.kernel.now
        )
        levels: dict[str, float] = {
            "oldest_age_s": max(0, self.kernel.now - oldest) / SECOND,
            "dead_lettered": float(sum(buffer.tally.dead_lettered for buffer in self.buffers)),
            "in_sync": float(self.broker.up_nodes),
            "hung": float(self.hold.hangs > 0),
        }
        for buffer in self.buffers:
            for reader in buffer.readers:
                levels[f"held/{reader.spec.target}"] = float(
                    sum(message.via is reader for message in buffer.in_hand)
                )
        return levels


class QueuePart(ChannelPart):
    """A queue at run time: one buffer for all its readers."""

    def __init__(self, spec: Channel, world: World) -> None:
        super().__init__(spec, world)
        self.buffer = self.new_buffer()

    def short_way(self, wire: WireRun, otherwise: Send) -> Send:
        return otherwise if self.copying.lag else self.buffer.way_in(wire, otherwise)

    def store(self, now: int, event: Event, turn: int, sending: object = None) -> bool:
        return self.buffer.take(now, event, turn, sending)

    def subscribe(self, reader: SubscribeWire) -> Buffer:
        self.buffer.readers.append(reader)
        return self.buffer
