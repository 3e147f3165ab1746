"""One replica of a service: takes deliveries and calls, works, applies its effect, sends on, and
acknowledges.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any, cast

from tutor.live.brokers import BrokerDelivery, Intake
from tutor.live.events import CloudEvent, decode
from tutor.live.http import Caller, serve
from tutor.live.inbox import InboxTable
from tutor.live.roles.group import GroupMember
from tutor.live.sending import Senders, WorkerDied
from tutor.live.site import Site
from tutor.model.component import Channel, Service, Stream
from tutor.model.wire import Call, Subscribe

HELD_MOST = 10_000
"""Messages in hand where a subscription sets no limit."""
RENEWALS = 3
"""A consumer that renews its lease does so this often in the time of one."""


class ServiceWorker:
    """The handling of events by one replica, wherever they come from."""

    def __init__(self, site: Site, id: str, replica: int) -> None:
        self.site = site
        self.id = id
        self.replica = replica
        self.spec = cast("Service", site.part(id))
        self.free = asyncio.Semaphore(self.spec.workers)
        self.senders = Senders(site, id)
        self.inbox = InboxTable(site.place.folder, self.spec, replica)
        self.acts = {effect.event for effect in site.scenario.effects if id in effect.at}
        self.acts |= {
            effect.undone_by for effect in site.scenario.effects if id in effect.at and effect.undone_by
        }

    async def handle(self, event: CloudEvent, turn: int, schema: str = "tolerant") -> bool | None:
        """Handles an event, by a worker that is free; returns True if it went well; raises
        :class:`WorkerDied`.
        """
        site = self.site
        site.step("began", self.id)
        began = site.clock.now_us()
        ok: bool | None = False
        try:
            ok = await self._handle(event, turn, schema)
        finally:
            site.step("ended", self.id, bool(ok), site.clock.now_us() - began)
        return ok

    async def _handle(self, event: CloudEvent, turn: int, schema: str) -> bool | None:
        site, faults = self.site, self.site.faults
        work = site.luck.work_us(self.id, event.type, event.source, event.number, turn) / 1e6
        await site.clock.sleep(work * faults.slowness(self.id, self.replica))
        strict = schema == "strict" or self.spec.strict
        if event.form and (event.form == "breaking" or strict):
            return await self.senders.fail(event, turn, False)
        if faults.swallowed(self.id, event, turn):
            return True
        if faults.poisoned(self.id, event) or site.luck.fails(
            self.id, event.type, event.source, event.number, turn
        ):
            return await self.senders.fail(event, turn, False)
        if self.inbox.careful:
            known = self.inbox.commit(event, site.clock.now_us())
            if known == "stale" and event.type in self.acts:
                site.step("superseded", self.id, event.type, event.source, event.number)
            if known in ("done", "stale"):
                return True
            if known == "new":
                self._apply(event)
        else:
            self._apply(event)
        event.form = ""  # what it publishes in turn is in a form of its own
        ok = await self.senders.proceed(event, turn, lambda step: faults.dies(self.id, event, turn, step))
        if ok and self.inbox.careful:
            self.inbox.finish(event)
        return ok

    def _apply(self, event: CloudEvent) -> None:
        if event.type in self.acts:
            self.site.step(
                "applied", self.id, event.type, event.source, event.number, event.key, event.version
            )


class QueueReader:
    """One replica's end of one subscription of a queue or topic: prefetch, the line before the
    workers, acks.
    """

    def __init__(self, worker: ServiceWorker, wire: Subscribe) -> None:
        self.worker = worker
        self.site = worker.site
        self.wire = wire
        self.channel = cast("Channel", self.site.part(wire.source))
        self.limit = wire.prefetch * worker.spec.workers or HELD_MOST
        self.held: dict[BrokerDelivery, None] = {}
        self._intake: Intake
        self._free_at = 0.0
        self._paced = asyncio.Lock()
        self.renews = wire.extend_lease or self.channel.redeliver_on == "disconnect"

    async def start(self) -> None:
        """Subscribes, and takes as many messages as it has room for."""
        link = await self.site.link(self.wire.source)
        self._intake = await link.consume(self.wire, self.take)
        if self.wire.ack == "automatic":
            self.limit = HELD_MOST
        await self._intake.more(self.limit)
        if self.renews:
            self._renewing = asyncio.ensure_future(self._renew())

    async def take(self, delivery: BrokerDelivery) -> None:
        """Takes a message that has been delivered."""
        event = delivery.event
        self.site.step(
            "delivered", self.wire.source, self.wire.target, event.source, event.number, delivery.count
        )
        if self.site.faults.cut(self.wire):
            return  # it was on its way over a wire that is cut
        self.held[delivery] = None
        if self.wire.ack == "automatic":
            await self._ack(delivery)
        task = asyncio.ensure_future(self._work(delivery))
        _TASKS.add(task)
        task.add_done_callback(_TASKS.discard)

    async def _work(self, delivery: BrokerDelivery) -> None:
        wire, site, event = self.wire, self.site, delivery.event
        if wire.max_rate_per_s:
            await self._pace(wire.max_rate_per_s)
        if wire.latency_ms:
            await asyncio.sleep(wire.latency_ms / 1000)
        try:
            async with self.worker.free:
                if wire.ack == "before":
                    await self._ack(delivery)
                ok = await self.worker.handle(event, delivery.turn, wire.schema)
        except WorkerDied:
            # this worker's connection drops; under a lease, the lease has to run out
            if wire.ack == "after" and self.channel.redeliver_on == "disconnect":
                await delivery.give_back()
            await self._next(delivery)
            return
        if wire.latency_ms:
            await asyncio.sleep(wire.latency_ms / 1000)
        lost = site.faults.cut(wire) or site.faults.dropped("drop-acks", wire, event, delivery.turn)
        if wire.ack == "after" and not lost:
            await self._tell(delivery, bool(ok))
        await self._next(delivery)

    async def _tell(self, delivery: BrokerDelivery, ok: bool) -> None:
        """Acknowledges the message, gives it back, or gives it up."""
        wire, site, event, channel = self.wire, self.site, delivery.event, self.channel
        if ok:
            await self._ack(delivery)
            return
        last = channel.max_deliveries is not None and delivery.count >= channel.max_deliveries
        if wire.on_error == "drop":
            await delivery.give_up(None, "error")
            site.step("dropped", wire.source, event.source, event.number, "error")
        elif wire.on_error == "dead-letter" or last:
            await give_up(site, channel.id, delivery, "error" if not last else "max-deliveries")
        else:
            await delivery.give_back(wire.retry_delay_s)
            site.step("returned", wire.source, wire.target, event.source, event.number, "failed")

    async def _ack(self, delivery: BrokerDelivery) -> None:
        await delivery.ack()
        self.held.pop(delivery, None)
        self.site.step(
            "acked", self.wire.source, self.wire.target, delivery.event.source, delivery.event.number
        )

    async def _next(self, delivery: BrokerDelivery) -> None:
        """Makes room for one more message."""
        self.held.pop(delivery, None)
        while self.site.faults.cut(self.wire):
            await asyncio.sleep(0.05)
        await self._intake.more(1)

    async def _pace(self, rate: float) -> None:
        async with self._paced:
            now = self.site.clock.now_s()
            self._free_at = max(now, self._free_at) + 1 / rate
            await asyncio.sleep(max(0.0, self._free_at - 1 / rate - now))

    async def _renew(self) -> None:
        """Renews the leases of the messages in hand, until cancelled."""
        lease = self.site.adapter.lease_s(self.channel)
        while True:
            await asyncio.sleep(lease / RENEWALS)
            if not self.site.faults.cut(self.wire):
                for delivery in list(self.held):
                    await delivery.renew()


_TASKS: set[asyncio.Task[Any]] = set()
"""Work under way: the loop itself keeps no hold of it."""


async def give_up(site: Site, channel: str, delivery: BrokerDelivery, why: str) -> None:
    """Moves a message to the queue for dead letters, or drops it if there is none."""
    event = delivery.event
    target = dead_letters(site, channel)
    if target is not None and site.adapter.moves_dead_letters:
        site.step("dead", channel, target, event.source, event.number, why)
    elif target is not None:
        link = await site.link(target)
        name = f"{channel}/{event.id}/{event.type}/dead"
        await link.publish(
            site.part(target), event, delivery.turn + 1 + REPEAT, place=0, id=name, timeout_s=5
        )
        site.step("dead", channel, target, event.source, event.number, why)
        site.step("stored", target, event.source, event.number)
    else:
        site.step("dropped", channel, event.source, event.number, why)
    await delivery.give_up(None if target is None else site.part(target), why)


def dead_letters(site: Site, channel: str) -> str | None:
    """Returns the queue for the dead letters of a channel."""
    return next((wire.target for wire in site.design.wires_from(channel) if wire.kind == "dead-letter"), None)


REPEAT = 1 << 20
"""Turns between two copies of one event, as in the engine."""


async def be_service(site: Site, id: str, replica: int, begin_s: float) -> None:
    """Runs one replica of a service, from ``begin_s`` of the run on."""
    worker = ServiceWorker(site, id, replica)
    await worker.senders.open()
    consumers: list[QueueReader | GroupMember] = []
    for wire in site.design.wires_to(id):
        if isinstance(wire, Subscribe):
            stream = isinstance(site.part(wire.source), Stream)
            link = await site.link(wire.source)
            if not begin_s:
                await link.prepare(wire, replica)
            consumers.append(GroupMember(worker, wire) if stream else QueueReader(worker, wire))
    watching = asyncio.ensure_future(site.clock.watch())
    await site.ready(f"{id}/{replica}")
    await site.clock.until(max(begin_s, worker.spec.from_s))
    if any(isinstance(wire, Call) for wire in site.design.wires_to(id)):
        await _answer_calls(worker)
    for consumer in consumers:
        await consumer.start()
    site.step("up", id, replica)
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()
    watching.cancel()
    for consumer in consumers:
        if isinstance(consumer, GroupMember):
            await consumer.leave()


async def _answer_calls(worker: ServiceWorker) -> None:
    """Listens for calls, and informs the front."""

    async def answer(path: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        event, turn = decode(asked["event"].encode())
        async with worker.free:
            try:
                ok = await worker.handle(event, turn)
            except WorkerDied:
                return None
        return {"ok": bool(ok)}

    _, port = await serve(answer)
    front = Caller(worker.site.place.front)
    await front.ask("/", {"service": worker.id, "replica": worker.replica, "port": port})
