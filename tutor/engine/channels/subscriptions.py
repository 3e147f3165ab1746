"""The ``subscribe`` wire: a service as the consumer of a channel.

Ack after or before the work, prefetch, and what becomes of a failed message follow RabbitMQ ("Consumer
Acknowledgements"); extending a lease follows SQS ``ChangeMessageVisibility``. Each replica of the service is
one consumer with a prefetch of ``prefetch`` for each of its workers.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any, cast

from tutor.engine.channels.buffers import Buffer
from tutor.engine.channels.messages import QueuedMessage
from tutor.engine.core.part import Part, WireRun, World
from tutor.model.clock import SECOND, micros
from tutor.model.wire import Subscribe

if TYPE_CHECKING:
    from tutor.engine.channels.queues import ChannelPart
    from tutor.engine.core.replica import Replica
    from tutor.engine.core.seams import Crew


GIVEN_UP = -1
"""In place of the moment at which a replica hung: its connection has been closed since."""


class Consumer:
    """One connection of a replica to one subscription; also the credit that it gives the buffer.

    After an interruption it is another one: messages still on their way over the old connection give no
    credit to the new.
    """

    __slots__ = (
        "batch",
        "connected",
        "fetched",
        "fetched_at",
        "held",
        "in_line",
        "limit",
        "most",
        "pulls",
        "reader",
        "replica",
    )

    def __init__(self, reader: SubscribeWire, replica: Replica) -> None:
        self.reader = reader
        self.replica = replica
        self.limit = 0
        """How many messages it may have in hand; 0 for no limit."""
        self.held = 0
        self.most = 0
        self.connected = False
        self.in_line = False
        """Whether it stands in the line of those that have room."""
        self.pulls = reader.pulls
        """Whether it fetches what is there, and not again before it has worked that off."""
        self.batch = 0
        """How many messages one fetch brings at most; 0 for no limit."""
        self.fetched = 0
        self.fetched_at = 0

    def more(self, now: int) -> None:
        """Counts one more message in hand; the consumer stays in line while it has room."""
        self.held += 1
        if self.held > self.most:
            self.most = self.held
        self.in_line = False
        if self.pulls:
            self.fetched += 1
            self.fetched_at = now
            if not self.batch or self.fetched < self.batch:
                self.reader.offer(self, first=True)  # one fetch brings what is there to one consumer
            else:
                self.ask_again()  # another of its workers may be free
        elif not self.limit or self.held < self.limit:
            self.reader.offer(self)

    def fetched_all(self, now: int) -> bool:
        """Returns whether the fetch is over because it took what was there before now; the consumer is then
        out of the line.
        """
        if not self.fetched or self.fetched_at == now:
            return False
        self.in_line = False
        self.ask_again()
        return True

    def less(self) -> None:
        """Counts one message less in hand, so that the consumer has room again."""
        self.held -= 1
        if self.pulls:
            self.ask_again()
        elif self.limit and not self.in_line:
            self.reader.offer(self)

    def ask_again(self) -> None:
        """Fetches again when one worker's batch is worked off."""
        if not self.in_line and self.held <= max(0, self.limit - self.batch):
            self.fetched = 0
            self.reader.offer(self)


class SubscribeWire(WireRun):
    """A subscription at run time."""

    __slots__ = ("buffer", "deliver", "plain", "take")

    spec: Subscribe
    buffer: Buffer

    def __init__(self, spec: Subscribe, world: World) -> None:
        super().__init__(spec, world)
        self.after = spec.ack == "after"
        self.before = spec.ack == "before"
        self.strict = spec.schema == "strict"
        self.pulls = False
        self.lost: dict[Replica, int] = {}
        """Replicas that stand still: since when."""
        self.delay = micros(spec.retry_delay_s)
        self.gap = None if spec.max_rate_per_s is None else SECOND / spec.max_rate_per_s
        self.consumers: dict[Replica, Consumer] = {}
        self._free_at = 0.0
        """With a limit on the rate: when the next message may go out."""
        self.parked: list[Consumer] | None = None
        """The credits that wait for that moment; None while there is nothing to wait for."""
        self.plain = False

    def join(self, source: Part, target: Part) -> None:
        self.channel = cast("ChannelPart", source)
        self.service = cast("Crew", target)
        self.take = self.service.take
        self.buffer = self.channel.subscribe(self)
        self.pulls = self.channel.spec.pull
        self.way = self.latency + micros(self.channel.spec.delivery_ms / 1000)
        """How long a message is on its way to the consumer; its ack pays the latency of the wire alone."""
        self.service.join_in(self)
        if self.before:
            self.service.hails = True
        self.deliver = self._deliverer()
        """Hands a message that waits nowhere to a consumer whose credit has been taken: (now, message,
        consumer).
        """
        self.changed(0)

    def changed(self, now: int) -> None:
        self.plain = self.after and not (self.way or self.cuts or self.drops or self.gap or self.removed)
        self.quicken()
        if self.cuts or self.removed:
            for consumer in list(self.consumers.values()):
                self._leave(now, consumer)
        elif now:
            for consumer in list(self.consumers.values()):
                self._connect(now, consumer)

    def quicken(self) -> None:
        """Chooses the short way again after something that matters for it has changed, here or at the
        broker.
        """
        self.quick = self.buffer.ack if self.plain and self.buffer.smooth else None

    # -- membership ----------------------------------------------------------------------------------------

    def consumer_up(self, now: int, replica: Replica) -> None:
        """Connects a replica of the service that has started."""
        consumer = self.consumers.get(replica)
        if consumer is None:
            consumer = self.consumers[replica] = Consumer(self, replica)
        if not (self.cuts or self.removed):
            self._connect(now, consumer)

    def _connect(self, now: int, consumer: Consumer) -> None:
        replica = consumer.replica
        if consumer.connected or not replica.up or self.lost.get(replica) == GIVEN_UP:
            return
        fresh = self.consumers[replica] = Consumer(self, replica)
        fresh.most = consumer.most
        fresh.connected = True
        # prefetch does not apply to what is acknowledged as it is delivered (RabbitMQ, "Consumer
        # Acknowledgements": automatic)
        fresh.limit = 0 if self.spec.ack == "automatic" else self.spec.prefetch * replica.workers
        fresh.batch = 0 if fresh.limit == 0 else self.spec.prefetch
        kept = cast("list[QueuedMessage]", replica.messages(self))
        fresh.held = len(kept)
        for message in kept:
            message.consumer = fresh
        if self.pulls:
            fresh.ask_again()
        elif not fresh.limit or fresh.held < fresh.limit:
            self.offer(fresh)
        self.kernel.at(now, self._dispatch)

    def offer(self, consumer: Consumer, *, first: bool = False) -> None:
        """Puts a consumer into the line of those that have room, or keeps it until the rate allows another
        message.
        """
        consumer.in_line = True
        line = self.buffer.credits if self.parked is None else self.parked
        if first:
            line.insert(0, consumer)
        else:
            line.append(consumer)

    def _dispatch(self, now: int, _: None) -> None:
        self.buffer.dispatch(now)

    def consumer_down(self, now: int, replica: Replica, *, clean: bool = False, leaves: bool = False) -> None:
        """Drops the connection of a replica that has stopped, cleanly or not, with the messages it had in
        hand; ``leaves``: it is gone for good.
        """
        consumer = self.consumers[replica]
        self.lost.pop(replica, None)
        self._leave(now, consumer)
        if leaves:
            del self.consumers[replica]

    def consumer_paused(self, now: int, replica: Replica) -> None:
        """Notes that a replica hangs: for a queue the same as being slow, until two of its heartbeats are
        missing.
        """
        heartbeat = self.spec.heartbeat_s
        if heartbeat is not None and not self.buffer.leased:
            self.lost[replica] = now
            self.kernel.at(now + 2 * micros(heartbeat), self._silent, (replica, now))

    def consumer_resumed(self, now: int, replica: Replica) -> None:
        """Resumes a consumer; if its connection was closed meanwhile, it opens another."""
        self.lost.pop(replica, None)
        if replica in self.consumers and not (self.cuts or self.removed):
            self._connect(now, self.consumers[replica])

    def _silent(self, now: int, pause: tuple[Replica, int]) -> None:
        """Closes the connection of a replica that has hung for two heartbeats (RabbitMQ, "Heartbeats")."""
        replica, since = pause
        if self.lost.get(replica) == since and replica in self.consumers:
            self.lost[replica] = GIVEN_UP
            self._leave(now, self.consumers[replica])
            self.buffer.dispatch(now)

    def _leave(self, now: int, consumer: Consumer) -> None:
        buffer = self.buffer
        if not consumer.connected:
            return
        consumer.connected = False
        consumer.held = 0
        consumer.in_line = False
        credits = [credit for credit in buffer.credits if credit is not consumer]
        buffer.credits.clear()
        buffer.credits.extend(credits)
        if self.parked is not None:
            self.parked = [credit for credit in self.parked if credit is not consumer]
        if not buffer.leased:
            for message in reversed([message for message in buffer.in_hand if message.consumer is consumer]):
                buffer.give_back(now, message, "connection lost")

    # -- delivery ------------------------------------------------------------------------------------------

    def _deliverer(self) -> Callable[[int, QueuedMessage, Consumer], None]:
        """Returns the function that delivers a message; a closure, since it runs for every one.

        A first delivery to a free worker starts the work here, in place of :attr:`ServicePart.start`.
        """
        buffer, service, take = self.buffer, self.service, self.take
        tally = buffer.tally
        in_hand, lease, leased, pulls = buffer.in_hand, buffer.lease, buffer.leased, self.pulls
        delay, serial, heap = lease.delay, self.kernel.serial, self.kernel.heap
        plans, finish, numbers = service.plans, service.finish, service.numbers

        def deliver(now: int, message: QueuedMessage, consumer: Consumer) -> None:
            message.consumer = consumer
            message.via = self
            self.sent += 1
            turn = message.turn
            if turn and message.count > 1:
                tally.redelivered += 1
            if consumer.limit == 1 and not pulls:
                consumer.most = 1  # one message at most: there is nothing to keep count of
            else:
                consumer.more(now)
            event = message.event
            trace = event.trace
            if trace is not None:
                trace(now, event, buffer.owner, "delivered", f"delivery {message.count}", self.ref)
            if not self.plain:
                in_hand[message] = message.due = None
                self.hand_over(now, message)
                return
            replica = consumer.replica
            hands = replica.hands
            if turn or trace is not None or service.slowed or replica.hung or len(hands) >= replica.workers:
                take(now, message, replica)
            else:
                hands[message] = None
                message.replica = replica
                numbers.busy_us -= now
                try:
                    plan = plans[event.flow]
                except KeyError:
                    plan = service.plan(event.flow)
                message.plan = plan
                number = event.number
                try:
                    if plan.tried[number]:  # it has been here before, by another way: a new try
                        message.turn = plan.fresh(number, 0)
                        length: Any = plan.times.at(number, message.turn)
                    else:
                        plan.tried[number] = 1
                        length = plan.first[number]
                except IndexError:
                    length = plan.reach(number)
                heappush(heap, (now + length, serial(), finish, message))
            # after the start: work that takes exactly as long as its lease is acknowledged in time
            in_hand[message] = None
            if leased:
                message.due = now + delay
                message.serial = serial()
                if not lease.armed:
                    lease.arm()
            else:
                message.due = None

        return deliver

    def hand_over(self, now: int, message: QueuedMessage) -> None:
        """Delivers a message where something is out of the ordinary: a slow or faulty wire, ack before the
        work, a limit on the rate.
        """
        if self.gap is not None:
            self._pause(now, self.gap)
        if self.after or self.before:
            if self.buffer.leased:
                self.buffer.lease.start(now, message)
        else:
            self.buffer.settle(now, message)
        if self.way:
            self.kernel.at(now + self.way, self._arrive, message)
        else:
            self.take(now, message, message.consumer.replica)

    def room(self) -> int:
        """Returns how many more messages its consumers may have in hand; consumers without a limit count as
        one each.
        """
        return sum(
            credit.limit - credit.held if credit.limit > 1 else 1
            for credit in self.buffer.credits
            if credit.reader is self
        )

    def begun(self, now: int, message: Any) -> None:
        """Acknowledges a message as its work begins, where acks come before the work: only messages being
        worked on are at risk from now on.
        """
        lost = (
            bool(self.cuts)
            or not self.buffer.serving
            or (bool(self.drops) and self.dropped("drop-acks", message.event, message.turn))
        )
        if message.open and not lost:
            self.buffer.settle(now, message)

    def _pause(self, now: int, gap: float) -> None:
        """Pauses the reader after a message until the next one may go out; it gives no credit, and what comes
        waits in the buffer.
        """
        self._free_at = max(float(now), self._free_at) + gap
        credits = self.buffer.credits
        self.parked = [credit for credit in credits if credit.reader is self]
        kept = [credit for credit in credits if credit.reader is not self]
        credits.clear()
        credits.extend(kept)
        self.kernel.at(int(self._free_at + 0.5), self._pause_over)

    def _pause_over(self, now: int, _: None) -> None:
        parked, self.parked = self.parked, None
        self.buffer.credits.extend(parked or ())
        self.buffer.dispatch(now)

    def _arrive(self, now: int, message: QueuedMessage) -> None:
        if self.cuts:
            self.cuts[0].hit = True
        elif message.consumer.replica.up and message.consumer.connected:
            self.take(now, message, message.consumer.replica)

    def extends(self, message: QueuedMessage) -> bool:
        """Returns whether the consumer renews the lease: it is alive and has the message in hand or
        prefetched.
        """
        replica = message.consumer.replica
        return (
            self.spec.extend_lease
            and replica.up
            and not replica.hung
            and not self.cuts
            and message in replica.messages(self)
        )

    # -- the end of the work -------------------------------------------------------------------------------

    def answered(self, now: int, message: QueuedMessage, ok: bool | None) -> None:
        """Passes the outcome of the service's work to the broker, after the latency of the wire."""
        if self.latency:
            self.kernel.at(now + self.latency, self._told, (message, ok))
        else:
            self._told(now, (message, ok))

    def _told(self, now: int, end: tuple[QueuedMessage, bool | None]) -> None:
        """Delivers the consumer's ack or nack to the broker, unless it is lost on the way."""
        message, ok = end
        buffer = self.buffer
        lost = (
            bool(self.cuts)
            or not buffer.serving
            or (bool(self.drops) and self.dropped("drop-acks", message.event, message.turn))
        )
        if self.cuts:
            self.cuts[0].hit = True
        if not message.open and ok and not lost and buffer.receipts.latest:
            buffer.acked_late(now, message)
        if message.open and not lost:
            if ok or self.spec.on_error == "drop":
                buffer.settle(now, message)
                if ok and message.event.trace is not None:
                    message.event.trace(now, message.event, buffer.owner, "acked", "", self.ref)
                if not ok:
                    buffer.tally.acked -= 1
                    buffer.tally.ended += 1
                    buffer.count_drop(now, message.event, "error")
            elif self.spec.on_error == "dead-letter":
                message.open = False
                del buffer.in_hand[message]
                buffer.tally.ended += 1
                buffer.give_up(now, message, "error")
            else:
                buffer.give_back(now, message, "failed", delay=self.delay)
        if not ok:
            self.failed += 1
        self.next(now, message.consumer)

    def next(self, now: int, consumer: Consumer) -> None:
        """Gives the consumer the next message, if there is one: it has room again."""
        if not consumer.connected:
            return
        buffer = self.buffer
        if consumer.limit == 1 and not consumer.pulls:
            self.offer(consumer)
        else:
            consumer.less()
        if buffer.ready:
            buffer.dispatch(now)

    def abandoned(self, now: int, message: QueuedMessage) -> None:
        """Forgets the receipt of a message whose replica died; the lease, or the connection, informs the
        broker.
        """
        self.buffer.receipts.forget(message)  # nobody will acknowledge this delivery any more

    def died(self, now: int, message: QueuedMessage) -> None:
        """Gives back the message of a worker that died alone and is replaced at once: only this delivery is
        cut off.
        """
        buffer = self.buffer
        if message.open and not buffer.leased:
            buffer.give_back(now, message, "connection lost")
        self.next(now, message.consumer)

    def flows(self) -> tuple[int, int]:
        return self.sent, self.failed

    def offered(self) -> int:
        """Returns how many messages have come for this service in the channel, whoever took them."""
        return self.buffer.tally.published

    def backlog(self) -> int:
        """Returns how many messages in the channel wait for this service."""
        return self.buffer.depth()
