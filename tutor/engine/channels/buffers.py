"""A buffer of messages for competing consumers: a queue, or one subscription of a topic.

A message is ready, then in the hands of a consumer, then acknowledged; or it is ready again, dead-lettered or
dropped.

- Under ``lease`` it comes back when its visibility timeout is over, also from a consumer that is merely slow.
  An ack counts while that delivery is the latest (Amazon SQS, "Visibility timeout": the receipt handle), or
  whichever delivery it is of (JetStream, Redis).
- Under ``disconnect`` it comes back when the consumer's connection drops (RabbitMQ, "Consumer
Acknowledgements").
- Prefetch, requeue positions, expiry at the head and limits that count what is ready follow RabbitMQ
  ("Consumer Prefetch", "Time-To-Live", "Queue Length Limit"); ``lanes`` follow SQS FIFO message groups;
  ``pull`` follows JetStream's pull consumers.
- What is given up, has expired or was pushed out goes to the dead letters where ``dead_letter_on`` says so
(RabbitMQ, "Dead Letter
  Exchanges").

Consumers (replicas of subscribed services) that have room stand in one line, the *credits*: each message goes
to the first of them, which goes to the end of the line if it has room for another (RabbitMQ delivers round
robin over consumers with room; measured: of 50 prefetched to one of four consumers at once, the last waited 7
s instead of 3). Credits wait only while nothing can be delivered.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tutor.engine.channels.messages import QueuedMessage
from tutor.engine.channels.orders import ORDERS, Lanes
from tutor.engine.channels.receipts import Receipts
from tutor.engine.channels.tallies import Tally
from tutor.engine.core.events import Event, fill_delivery
from tutor.engine.core.kernel import Countdown
from tutor.engine.core.part import Counts, Send, World
from tutor.model.clock import micros
from tutor.model.component import Channel

if TYPE_CHECKING:
    from tutor.engine.channels.subscriptions import Consumer, SubscribeWire

CAUSES = {"max-deliveries": "deliveries", "error": "errors", "expired": "expired", "overflow": "overflow"}
"""By the reason for which a message is pushed out: the word of ``dead_letter_on``."""
REPEAT = 1 << 20
"""Turns between two copies of one event, so that their redeliveries have luck of their own."""


UNCONFIRMED = object()
"""Who sends where nobody waits for a confirm: the node need not have stored the message."""
MOST_UNSURE = 100_000
"""Messages without a confirm that are remembered before those that have left are forgotten: 5 MB of a dict,
and 0.1 us more for each message.
"""


class Uncounted:
    """A stand-in for a wire whose messages come in by another way and are counted there."""

    __slots__ = ("plain", "sent")

    def __init__(self) -> None:
        self.plain = True
        self.sent = 0


class Expiry:
    """The time-to-live of a message, as a countdown keeps it: the message's own place in a countdown is for
    its lease.
    """

    __slots__ = ("due", "message", "serial")

    due: int | None
    serial: int

    def __init__(self, message: QueuedMessage) -> None:
        self.message = message

    @property
    def open(self) -> bool:
        """True while the message is still here, ready or in its first consumer's hands."""
        return self.message.open


class Buffer:
    """The messages that wait for consumers, and those that consumers have in hand."""

    __slots__ = (
        "accept",
        "ack",
        "all_count",
        "credits",
        "dead_letters",
        "delayed",
        "expiry",
        "in_hand",
        "kernel",
        "lanes",
        "lease",
        "leased",
        "limit",
        "order",
        "owner",
        "plain",
        "readers",
        "ready",
        "receipts",
        "serving",
        "smooth",
        "spec",
        "tally",
        "ttl",
        "unsure",
        "world",
    )

    def __init__(self, owner: str, spec: Channel, world: World) -> None:
        self.owner = owner
        self.spec = spec
        self.world = world
        self.kernel = world.kernel
        self.readers: list[SubscribeWire] = []
        self.order = ORDERS[spec.discipline]()
        self.ready = self.order.ready
        self.credits: deque[Consumer] = deque()
        self.in_hand: dict[QueuedMessage, None] = {}
        """In the order of their deliveries."""
        self.delayed: dict[QueuedMessage, None] = {}
        self.lanes = Lanes() if spec.lanes == "entity" else None
        self.leased = spec.redeliver_on == "lease"
        self.lease = Countdown(self.kernel, micros(spec.visibility_timeout_s), self._lapsed, self.in_hand)
        self.ttl = None if spec.ttl_s is None else micros(spec.ttl_s)
        self.expiry = None if self.ttl is None else Countdown(self.kernel, self.ttl, self._expire)
        self.dead_letters: Callable[[int, Event, int], bool] | None = None
        self.tally = Tally()
        self.limit = spec.max_length
        self.all_count = spec.limits_count == "all"
        """Whether limits count what consumers have in hand as well."""
        self.receipts = Receipts()
        self.unsure: dict[QueuedMessage, None] = {}
        """What was published without a confirm: the node may not have stored it."""
        simple = self.lanes is None and self.ttl is None and spec.discipline == "fifo"
        self.plain = simple and not self.all_count and not spec.pull
        """Whether messages simply come and go in their order."""
        self.ack = self._acker()
        """Ends a delivery that went well: (now, message)."""
        self.accept: Callable[[int, Event, int, Any], Any] = self.way_in(Uncounted(), self._accept)
        """Takes a message: (now, event, turn, whoever sends it); False where it is refused."""
        self.serving = True
        self.smooth = self.plain
        """Whether, besides, the broker is there: then the short ways below are taken."""

    def serve(self, serving: bool) -> None:
        """Starts or stops delivering and taking acks."""
        self.serving = serving
        self.smooth = serving and self.plain
        for reader in self.readers:
            reader.quicken()

    # -- what comes in -------------------------------------------------------------------------------------

    def _acker(self) -> Callable[[int, QueuedMessage], None]:
        """Returns the act that ends work that went well while the subscription is ``quick``: the ack, and the
        next message for the same consumer.
        """
        in_hand, ready, credits, tickets = self.in_hand, self.ready, self.credits, self.receipts.latest
        tally = self.tally

        def ack(now: int, message: QueuedMessage) -> None:
            if message.open:
                message.open = False
                del in_hand[message]
                tally.acked += 1
                if tickets:
                    tickets.pop(message, None)
            elif tickets:
                self.acked_late(now, message)
            consumer = message.consumer
            if consumer.limit != 1 or not consumer.connected:
                consumer.reader.next(now, consumer)
            elif ready and not credits:
                tally.wait_us += now
                deliver = consumer.reader.deliver
                deliver(now, ready.popleft(), consumer)
            else:
                credits.append(consumer)
                if ready:
                    self.dispatch(now)

        return ack

    def way_in(self, wire: Any, otherwise: Send) -> Send:
        """Returns the function by which a wire puts messages in: the short way while nothing is out of the
        ordinary on the wire (``plain``) and here (``smooth``).
        """
        ready, credits, delayed, limit = self.ready, self.credits, self.delayed, self.limit
        tally = self.tally

        def send(now: int, event: Event, turn: int, handling: object) -> bool | None:
            if not (
                wire.plain
                and self.smooth
                and event.trace is None
                and (not ready if credits else limit is None)
            ):
                return otherwise(now, event, turn, handling)
            wire.sent += 1
            tally.published += 1
            message = QueuedMessage()
            message.event = event
            message.turn = turn
            message.open = True
            message.replica = None
            message.stored = now
            message.count = 1
            if credits:
                consumer = credits.popleft()
                deliver = consumer.reader.deliver
                deliver(now, message, consumer)
                return True
            ready.append(message)
            tally.wait_us -= now
            depth = len(ready) + len(delayed)
            if depth > tally.peak:
                tally.peak = depth
            return True

        return send

    def _accept(self, now: int, event: Event, turn: int, handling: object) -> bool:
        if self.full(event):
            if self.spec.overflow == "reject":
                self.tally.refused += 1
                return False
            self.tally.published += 1
            if self.spec.overflow == "drop-newest" or not self._drop_oldest(now):
                self._push_out(now, event, turn, "overflow")
                return True
        else:
            self.tally.published += 1
        message = QueuedMessage()
        fill_delivery(message, event, turn, now, 1)
        if handling is UNCONFIRMED:
            if len(self.unsure) > MOST_UNSURE:
                self.unsure = {one: None for one in self.unsure if one.open}
            self.unsure[message] = None
        if event.trace is not None:
            event.trace(now, event, self.owner, "stored", "", "")
        if self.expiry is not None:
            self.expiry.start(now, Expiry(message))
        self._enqueue(now, message)
        if self.credits:
            self.dispatch(now)
        self._note_depth()
        return True

    def take(self, now: int, event: Event, turn: int, sending: object) -> bool:
        """Takes a message, or returns False to refuse it; ``sending`` is :data:`UNCONFIRMED` where the node
        need not have stored it.
        """
        if sending is UNCONFIRMED:
            return self._accept(now, event, turn, sending)
        return bool(self.accept(now, event, turn, None))

    def full(self, event: Event) -> bool:
        """Returns whether the event would have to wait while as many messages wait as may."""
        if self.limit is None or self.depth() + (len(self.in_hand) if self.all_count else 0) < self.limit:
            return False
        if self.all_count:
            return True
        return not self.credits or (self.lanes is not None and event.key in self.lanes)

    def _drop_oldest(self, now: int) -> bool:
        """Drops the message at the head to make room; returns False if no waiting message can be dropped."""
        if self.all_count and self.in_hand:  # the oldest of all: whoever has it in hand works on it in vain
            oldest = next(iter(self.in_hand))
            del self.in_hand[oldest]
            oldest.open = False
            self.tally.ended += 1
            self._push_out(now, oldest.event, oldest.turn, "overflow")
            return True
        if self.ready:
            self._drop(now, self.ready.popleft(), "overflow")
            return True
        message = None if self.lanes is None else self.lanes.drop_oldest()
        if message is None:
            return False
        message.open = False
        self.tally.wait_us += now
        self._push_out(now, message.event, message.turn, "overflow")
        return True

    def _enqueue(
        self, now: int, message: QueuedMessage, *, returned: bool = False, at_head: bool = False
    ) -> None:
        self.tally.wait_us -= now
        if self.lanes is not None and self.lanes.keeps(message, at_head=at_head):
            return
        if returned:
            self.order.put_back(message, at_head=at_head)
        else:
            self.order.put(message)

    def _note_depth(self) -> None:
        self.tally.deepen(self.depth())

    def depth(self) -> int:
        """Returns the number of messages that no consumer holds."""
        laned = 0 if self.lanes is None else self.lanes.waiting
        return len(self.ready) + laned + len(self.delayed)

    # -- what goes out -------------------------------------------------------------------------------------

    def dispatch(self, now: int) -> None:
        """Delivers messages while there are both messages and credits."""
        credits, ready, order = self.credits, self.ready, self.order
        while credits and ready and self.serving:
            message = order.take()
            if self.ttl is not None and now - message.stored >= self.ttl:
                self._drop(now, message, "expired")
                continue
            consumer = credits.popleft()
            if consumer.pulls and consumer.fetched_all(now):
                order.untake(message)
                continue
            self.tally.wait_us += now
            consumer.reader.deliver(now, message, consumer)

    def settle(self, now: int, message: QueuedMessage) -> None:
        """Takes an ack whose lease is current: the message is done."""
        message.open = False
        del self.in_hand[message]
        self.tally.acked += 1
        self.receipts.forget(message)
        if self.lanes is not None:
            self._next_in_lane(now, message)

    def _next_in_lane(self, now: int, message: QueuedMessage) -> None:
        assert self.lanes is not None
        following = self.lanes.leave(message)
        if following is not None:
            self.order.put(following)
            if self.credits:
                self.kernel.at(now, self._dispatch_later)

    def _dispatch_later(self, now: int, _: None) -> None:
        self.dispatch(now)

    def acked_late(self, now: int, message: QueuedMessage) -> None:
        """Takes an ack of a delivery whose lease is over: it counts while nobody has the message again, or
        whoever has it (``late_ack``).
        """
        latest = self.receipts.redeem(message)
        if latest is None:
            return
        if latest in self.in_hand:
            if self.spec.late_ack == "any":
                self.settle(now, latest)
                self._traced(now, latest.event, "acked", "late")
            return
        if self.spec.late_ack == "latest" and latest.turn != message.turn + 1:
            return  # it has been received again since, and that receipt counts
        if not self._take_out(latest):
            return
        latest.open = False
        self.tally.wait_us += now
        self.tally.returned -= 1  # the delivery that had come back has ended well after all
        self.tally.acked += 1
        self._traced(now, latest.event, "acked", "late")
        if self.lanes is not None:
            self._next_in_lane(now, latest)

    def _take_out(self, message: QueuedMessage) -> bool:
        """Takes a waiting message out of its place; returns False if it waits nowhere."""
        if message in self.delayed:
            del self.delayed[message]
        elif message in self.ready:
            self.ready.remove(message)
        else:
            return False
        return True

    def _traced(self, now: int, event: Event, what: str, detail: str) -> None:
        if event.trace is not None:
            event.trace(now, event, self.owner, what, detail, "")

    # -- what comes back -----------------------------------------------------------------------------------

    def _lapsed(self, now: int, message: QueuedMessage) -> None:
        reader = message.via
        if reader.extends(message):
            self.lease.start(now, message)
        else:
            self.give_back(now, message, "lease over")

    def give_back(self, now: int, message: QueuedMessage, why: str, *, delay: int = 0) -> None:
        """Takes back a message that was not acknowledged: it is ready again, or given up after
        ``max_deliveries``.
        """
        message.open = False
        self.in_hand.pop(message, None)
        again = QueuedMessage()
        fill_delivery(again, message.event, message.turn + 1, message.stored, message.count + 1)
        self.tally.returned += 1
        if self.leased:
            self.receipts.came_back(message, again)
        if message in self.unsure:
            self.unsure[again] = None
        limit = self.spec.max_deliveries
        if limit is not None and message.count >= limit:
            self.give_up(now, again, "max-deliveries")
            return
        event = message.event
        if event.trace is not None:
            event.trace(now, event, self.owner, "returned", why, "")
        if delay:
            self.delayed[again] = None
            self.tally.wait_us -= now
            self._note_depth()
            self.kernel.at(now + delay, self._delay_over, again)
            return
        self._return(now, again)
        if self.credits:
            self.kernel.at(now, self._dispatch_later)

    def _return(self, now: int, again: QueuedMessage) -> None:
        if self.lanes is not None:
            self.tally.wait_us -= now
            self.ready.appendleft(again)  # its lane is still its own: nothing of its key has gone past it
        else:
            self._enqueue(now, again, returned=True, at_head=self.spec.requeue == "head")
        if (
            self.ttl is not None
        ):  # it keeps the time at which it first came (RabbitMQ, "Time-To-Live": requeued messages)
            self.kernel.at(max(now, again.stored + self.ttl), self._expire)
        self._note_depth()

    def _delay_over(self, now: int, again: QueuedMessage) -> None:
        if again in self.delayed:
            del self.delayed[again]
            self.tally.wait_us += now
            self._return(now, again)
            self.dispatch(now)

    def give_up(self, now: int, message: QueuedMessage, why: str) -> None:
        """Dead-letters a message, or drops it where there are no dead letters. It waits nowhere when this is
        called.
        """
        message.open = False
        self._push_out(now, message.event, message.turn, why)
        if self.lanes is not None:
            self._next_in_lane(now, message)

    def _push_out(self, now: int, event: Event, turn: int, why: str) -> None:
        """Removes a message that was not handled: to the dead letters if such messages go there, else it is
        dropped.
        """
        target = self.dead_letters
        if (
            target is not None
            and CAUSES[why] in self.spec.dead_letter_on
            and target(now, event, turn + REPEAT)
        ):
            self.tally.dead_lettered += 1
            if event.trace is not None:
                event.trace(now, event, self.owner, "dead-lettered", why, "")
        else:
            self.count_drop(now, event, why)

    def _expire(self, now: int, _: object) -> None:
        """Removes the expired messages at the head when a time-to-live is over; those further back are
        removed when they get there.
        """
        ready = self.ready
        while ready and self.ttl is not None and now - ready[0].stored >= self.ttl:
            self._drop(now, ready.popleft(), "expired")

    def _drop(self, now: int, message: QueuedMessage, why: str) -> None:
        """Drops a waiting message that has already been taken out of its place."""
        message.open = False
        self.tally.wait_us += now
        self._push_out(now, message.event, message.turn, why)
        if self.lanes is not None:
            self._next_in_lane(now, message)

    def count_drop(self, now: int, event: Event, why: str) -> None:
        """Counts a message as dropped for this reason."""
        self.tally.drop(why)
        if event.trace is not None:
            event.trace(now, event, self.owner, "dropped", why, "")

    def forget(self, now: int, why: str) -> None:
        """Forgets every message: a broker without durability has crashed, or a subscription has ended."""
        waiting = [
            *self.ready,
            *(self.lanes or ()),
            *self.delayed,
        ]
        for message in waiting:
            message.open = False
            self.tally.wait_us += now
            self.count_drop(now, message.event, why)
        for message in list(self.in_hand):
            message.open = False
            self.tally.ended += 1
            self.count_drop(now, message.event, why)
        self.ready.clear()
        self.delayed.clear()
        self.in_hand.clear()
        if self.lanes is not None:
            self.lanes.clear()

    def forget_unsure(self, now: int) -> None:
        """Forgets what was published without a confirm and not yet stored: the node has crashed."""
        for message in [message for message in self.unsure if message.open]:
            if message in self.in_hand:
                del self.in_hand[message]
                self.tally.ended += 1
            elif self._take_out(message):
                self.tally.wait_us += now
            else:
                continue
            message.open = False
            self.count_drop(now, message.event, "not-stored")
            if self.lanes is not None:
                self._next_in_lane(now, message)
        self.unsure.clear()

    def disconnect(self, now: int) -> None:
        """Drops the connections of all consumers, as the broker's leader has gone."""
        if not self.leased:
            for message in reversed(list(self.in_hand)):
                self.give_back(now, message, "connection lost")

    # -- reports -------------------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        """Returns every event that is here, ready or in hand."""
        for messages in (self.ready, self.lanes or (), self.delayed, self.in_hand):
            for message in messages:
                yield message.event

    def counts(self, now: int) -> Counts:
        """Returns cumulative numbers, and the peak of waiting since the last call."""
        return self.tally.counts(now, self.depth(), len(self.in_hand))
