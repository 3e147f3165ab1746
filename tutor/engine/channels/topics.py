"""Topics: publish/subscribe channels that keep one copy of each message for each subscription.

A durable subscription keeps what comes while its subscriber is away (JMS durable subscriptions; an SQS queue
behind an SNS topic); one that is not durable misses it (core NATS: at most once). A message that nobody has
subscribed to is confirmed and dropped, as RabbitMQ does with one that no binding routes.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from tutor.engine.channels.bindings import BindWire
from tutor.engine.channels.buffers import Buffer
from tutor.engine.channels.queues import BOOKS, ChannelPart
from tutor.engine.channels.subscriptions import SubscribeWire
from tutor.engine.core.events import Event
from tutor.engine.core.part import Counts, World
from tutor.model.component import Topic


class TopicPart(ChannelPart):
    """A topic at run time: one buffer for each subscription."""

    spec: Topic

    def __init__(self, spec: Topic, world: World) -> None:
        super().__init__(spec, world)
        self.unrouted: Counter[str] = Counter()
        self.received = 0
        self.bindings: list[BindWire] = []
        self.bound = self.unbound = 0
        """Copies that bindings were given, and those of them that their queues did not take."""

    def bind(self, wire: BindWire) -> None:
        """Adds a queue that gets a copy of each message."""
        self.bindings.append(wire)

    def subscribe(self, reader: SubscribeWire) -> Buffer:
        buffer = self.new_buffer()
        buffer.readers.append(reader)
        return buffer

    def store(self, now: int, event: Event, turn: int, sending: object = None) -> bool:
        """Stores one copy for each subscription and binding that wants the event.

        If one subscription is full and refuses, the publish fails; ``partial`` says whether the
        others keep their copies (RabbitMQ: an exchange routes to each queue, and one nack is enough;
        JetStream has one log for all).
        """
        wanted = [buffer for buffer in self.buffers if buffer.readers[0].passes(event.flow)]
        refused = self.spec.overflow == "reject" and any(buffer.full(event) for buffer in wanted)
        if refused and not self.spec.partial:
            self.refused += 1
            return False
        self.received += 1
        copies = 0
        for binding in self.bindings:
            if binding.passes(event.flow):
                copies += 1
                self.bound += 1
                if not binding.pass_on(now, event, turn):
                    self.unbound += 1
                    refused = True
        for buffer in wanted:
            reader = buffer.readers[0]
            if reader.service.joins > now:
                continue
            copies += 1
            if not reader.spec.durable and not any(
                consumer.connected for consumer in reader.consumers.values()
            ):
                buffer.tally.published += 1
                buffer.count_drop(now, event, "not-durable")
                reader.service.outages.met()
            else:
                buffer.take(now, event, turn, sending)
        if not copies:
            self.unrouted["no-subscription"] += 1
            if event.trace is not None:
                event.trace(now, event, self.id, "dropped", "no subscription", "")
        return not refused

    def counts(self, now: int) -> Counts:
        counts = super().counts(now)
        unrouted = self.unrouted.total()
        for name in BOOKS:
            counts.setdefault(name, 0)
        counts["published"] += unrouted + self.bound
        counts["delivered"] += self.bound
        counts["acked"] += self.bound - self.unbound
        counts["dropped"] += unrouted + self.unbound
        counts["taken"] = self.received
        return counts

    def totals(self, now: int) -> dict[str, Any]:
        totals = super().totals(now)
        refused = Counter({"binding": self.unbound})
        totals["dropped_by"] = dict(sorted((Counter(totals["dropped_by"]) + self.unrouted + refused).items()))
        totals["received"] = self.received
        totals["subscriptions"] = {}
        for buffer in self.buffers:
            counts = buffer.counts(now)
            totals["subscriptions"][buffer.readers[0].spec.target] = {
                **{name: counts[name] for name in (*BOOKS, "in_flight")},
                "queue": {"end": counts["depth"]},
            }
        return totals
