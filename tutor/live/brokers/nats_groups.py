"""Groups of readers on JetStream streams: partitions, committed offsets, and a coordinator that assigns them.

JetStream has none of the three for a subject of several partitions, so they are built on it as Kafka builds
its own (Kafka documentation, "Consumers"; KIP-429 for cooperative rebalancing, KIP-345 for static members):
offsets are the last messages of a stream of their own, members join and send heartbeats over plain subjects,
and an ordered reader follows each partition.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import time
from typing import TYPE_CHECKING, Any, cast

from tutor.live.brokers import Handle, Leftover
from tutor.live.events import decode
from tutor.model.component import Service, Stream
from tutor.model.wire import Subscribe

if TYPE_CHECKING:
    from tutor.live.brokers.nats import NatsLink

BEAT_S = 0.5
"""How often a replica says that it is there at the least; a tenth of the session timeout where that is
shorter.
"""
TICK_S = 0.05
"""How often the coordinator looks at its members."""
TOGETHER_S = 0.2
"""How long the first members of a group wait for those that are still to come, to be given partitions
together.
"""


class Offsets:
    """The committed offsets of a group in each partition: sequence numbers of the stream."""

    def __init__(self, link: NatsLink, wire: Subscribe, stream: Stream) -> None:
        self._link = link
        self._stream = f"{link.stream_name(stream)}-offsets"
        self._base = f"{link.prefix}-offsets.{stream.id}.{link.topology.group(wire)}"

    async def committed(self, partition: int) -> int | None:
        """Returns the last record that is done; None if the group has not read this partition."""
        from nats.js.errors import NotFoundError

        try:
            found = await self._link.js.get_msg(self._stream, subject=f"{self._base}.{partition}")
        except NotFoundError:
            return None
        return int(found.data)

    async def commit(self, partition: int, sequence: int) -> None:
        """Commits everything up to this record."""
        if self._link.connected:
            with contextlib.suppress(Exception):
                await self._link.client.publish(f"{self._base}.{partition}", str(sequence).encode())


class StreamRecord:
    """One record of a partition, as a member handles it."""

    __slots__ = ("count", "event", "sequence", "turn")

    def __init__(self, message: Any) -> None:
        self.event, self.turn = decode(message.data)
        self.count = 1
        self.sequence = int(message.metadata.sequence.stream)

    async def ack(self) -> None:
        """Does nothing: records are committed in batches."""

    async def give_back(self, delay_s: float = 0.0) -> None:
        """Does nothing: a record stays where it is."""

    async def give_up(self, target: Any, why: str) -> None:
        """Does nothing: a record stays where it is."""

    async def renew(self) -> None:
        """Does nothing: a record has no lease."""


class GroupReader:
    """One replica in a group: it joins, sends heartbeats, and reads the partitions that it is given."""

    def __init__(
        self, link: NatsLink, wire: Subscribe, stream: Stream, replica: int, members: int, handle: Handle
    ) -> None:
        self._link = link
        self._wire = wire
        self._stream = stream
        self._replica = replica
        self._members = members
        self._handle = handle
        self._token = f"{replica}:{os.getpid()}"
        self._offsets = Offsets(link, wire, stream)
        self._readers: dict[int, asyncio.Task[None]] = {}
        self._stopping: set[int] = set()

    async def start(self) -> None:
        """Joins the group."""
        await self._link.client.subscribe(subject(self._link, self._wire, "assigned"), cb=self._assigned)
        self._beating = asyncio.ensure_future(self._beat())

    async def _beat(self) -> None:
        every = min(BEAT_S, self._wire.session_timeout_s / 10)
        said = json.dumps({"replica": self._replica, "members": self._members, "token": self._token}).encode()
        while True:
            if self._link.connected:
                with contextlib.suppress(Exception):
                    await self._link.client.publish(subject(self._link, self._wire, "beat"), said)
            await asyncio.sleep(every)

    async def leave(self) -> None:
        """Leaves the group in good order."""
        self._beating.cancel()
        for partition in list(self._readers):
            self._stopping.add(partition)
        if self._readers:
            await asyncio.wait(self._readers.values(), timeout=2)
        with contextlib.suppress(Exception):
            await self._link.client.publish(
                subject(self._link, self._wire, "leave"), json.dumps({"token": self._token}).encode()
            )
            await self._link.client.flush(timeout=1)

    async def _assigned(self, message: Any) -> None:
        """Takes the coordinator's message: which partitions belong to which member, for now."""
        owners: dict[str, str] = json.loads(message.data)
        mine = {int(partition) for partition, token in owners.items() if token == self._token}
        for partition in set(self._readers) - mine:
            self._stopping.add(partition)
        for partition in sorted(mine):
            self._stopping.discard(partition)
            running = self._readers.get(partition)
            if running is None or running.done():
                self._readers[partition] = asyncio.ensure_future(self._read(partition))

    async def _read(self, partition: int) -> None:
        """Reads one partition from the committed offset on, until it is taken away."""
        client_errors = (Exception,)
        while partition not in self._stopping:
            try:
                await self._follow(partition)
            except client_errors:  # the server has gone: from the committed offset again when it is back
                await asyncio.sleep(0.1)
        self._readers.pop(partition, None)
        self._stopping.discard(partition)

    async def _follow(self, partition: int) -> None:
        from nats.errors import TimeoutError as NothingThere
        from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

        done = await self._offsets.committed(partition) or 0
        config = ConsumerConfig(
            ack_policy=AckPolicy.NONE,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=done + 1,
            filter_subject=f"{self._link.prefix}.{self._stream.id}.{partition}.*",
            inactive_threshold=60,
            mem_storage=True,
        )
        name = self._link.stream_name(self._stream)
        made = await self._link.js.add_consumer(name, config)
        reader = await self._link.js.pull_subscribe_bind(made.name, stream=name)
        try:
            while partition not in self._stopping:
                try:
                    batch = await reader.fetch(self._wire.batch, timeout=1)
                except NothingThere:
                    continue
                await self._handle_batch(partition, [StreamRecord(message) for message in batch])
        finally:
            with contextlib.suppress(Exception):
                await reader.unsubscribe()
                await self._link.js.delete_consumer(name, made.name)

    async def _handle_batch(self, partition: int, batch: list[StreamRecord]) -> None:
        if self._wire.ack != "after":
            await self._offsets.commit(partition, batch[-1].sequence)
        for record in batch:
            await self._handle(record)
            if partition in self._stopping:  # it goes to somebody else: they shall not repeat what is done
                if self._wire.ack == "after":
                    await self._offsets.commit(partition, record.sequence)
                return
        if self._wire.ack == "after":
            await self._offsets.commit(partition, batch[-1].sequence)


class Coordinator:
    """Assigns the partitions of one stream to the members of one group."""

    def __init__(self, link: NatsLink, wire: Subscribe, stream: Stream) -> None:
        self._link = link
        self._wire = wire
        self._stream = stream
        self._service = cast("Service", link.topology.part(wire.target))
        self._offsets = Offsets(link, wire, stream)
        self._seen: dict[str, float] = {}
        """By token: when its last heartbeat came."""
        self._members: dict[str, int] = {}
        """By token: how many members it brings."""
        self._waiting: dict[str, int] = {}
        """Those that have come since the last assignment."""
        self._owners: dict[int, str] = {}
        self._due: float | None = None
        self._begun = False

    async def start(self) -> None:
        """Listens to the members; the group starts where the wire says, unless it has read before."""
        await self._link.client.subscribe(subject(self._link, self._wire, "beat"), cb=self._beat)
        await self._link.client.subscribe(subject(self._link, self._wire, "leave"), cb=self._left)
        if self._service.from_s == 0:
            await self._place()
        self._running = asyncio.ensure_future(self._run())

    async def _place(self) -> None:
        """Notes where the group starts in each partition that it has not read."""
        latest = self._wire.from_offset == "latest"
        last = (
            (await self._link.js.stream_info(self._link.stream_name(self._stream))).state.last_seq
            if latest
            else 0
        )
        for partition in range(self._stream.partitions):
            if await self._offsets.committed(partition) is None:
                await self._offsets.commit(partition, last)

    async def _beat(self, message: Any) -> None:
        said = json.loads(message.data)
        token = said["token"]
        self._seen[token] = time.monotonic()
        if token not in self._members and token not in self._waiting:
            if self._wire.assignment == "static" and (old := self._twin(token)) is not None:
                self._renamed(old, token)
                await self._tell()
                return
            self._waiting[token] = said["members"]

    def _twin(self, token: str) -> str | None:
        """Returns the process that this one follows: the same replica before its restart."""
        return next((old for old in self._members if old.split(":")[0] == token.split(":")[0]), None)

    def _renamed(self, old: str, new: str) -> None:
        self._members[new] = self._members.pop(old)
        self._seen.pop(old, None)
        self._owners = {
            partition: new if owner == old else owner for partition, owner in self._owners.items()
        }

    async def _left(self, message: Any) -> None:
        if self._wire.assignment != "static":
            self._forget(json.loads(message.data)["token"])

    def _forget(self, token: str) -> None:
        self._seen.pop(token, None)
        self._waiting.pop(token, None)
        if self._members.pop(token, None) is not None:
            self._due = None
            self._changed = True

    _changed = False

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            with contextlib.suppress(Exception):
                await self._look()

    async def _look(self) -> None:
        now = time.monotonic()
        for token, seen in list(self._seen.items()):
            if now - seen > self._wire.session_timeout_s:
                self._forget(token)
        ready = [token for token in self._waiting if self._twin(token) is None]
        if (ready or self._changed) and self._due is None:
            if not self._begun:
                if self._service.from_s > 0:
                    await self._place()
                if ready:  # the first members come at once: one assignment for all of them
                    self._due = now + TOGETHER_S
            else:
                self._due = now + self._wire.rebalance_s
                await self._stop_moving(ready)
        everybody = not self._begun and len(ready) >= self._service.replicas
        if self._due is not None and (now >= self._due or everybody):
            self._due, self._changed, self._begun = None, False, True
            for token in ready:
                self._members[token] = self._waiting.pop(token)
            self._owners = self._assign()
            await self._tell()

    async def _stop_moving(self, ready: list[str]) -> None:
        """Stops all members before a rebalance, or only the partitions that move."""
        if self._wire.assignment == "cooperative":
            members = dict(self._members)
            self._members |= {token: self._waiting[token] for token in ready}
            planned = self._assign()
            self._members = members
            self._owners = {
                partition: owner
                for partition, owner in self._owners.items()
                if planned.get(partition) == owner
            }
        else:
            self._owners = {}
        await self._tell()

    def _assign(self) -> dict[int, str]:
        """Returns each partition's owner: spread evenly; partitions that can stay where they are do so."""
        room = dict(sorted(self._members.items()))
        places = [
            token for round_ in range(max(room.values(), default=0)) for token in room if round_ < room[token]
        ]
        if not places:
            return {}
        partitions = range(self._stream.partitions)
        fair: dict[str, int] = dict.fromkeys(room, 0)
        for partition in partitions:
            fair[places[partition % len(places)]] += 1
        owners = {}
        if self._wire.assignment == "cooperative":
            for partition, owner in self._owners.items():
                if fair.get(owner, 0) > 0:
                    owners[partition] = owner
                    fair[owner] -= 1
        free = [token for token in places for _ in range(fair[token])] if owners else []
        for partition in partitions:
            if partition not in owners:
                owners[partition] = free.pop(0) if owners and free else places[partition % len(places)]
        return owners

    async def _tell(self) -> None:
        await self._link.client.publish(
            subject(self._link, self._wire, "assigned"), json.dumps(self._owners).encode()
        )


def subject(link: NatsLink, wire: Subscribe, what: str) -> str:
    """Returns the subject on which a group's members and its coordinator talk."""
    return f"{link.prefix}-group.{wire.source}.{link.topology.group(wire)}.{what}"


async def unread(link: NatsLink, wire: Subscribe, stream: Stream) -> list[Leftover]:
    """Returns the records that a group has not read."""
    offsets, found = Offsets(link, wire, stream), []
    for partition in range(stream.partitions):
        sequence = (await offsets.committed(partition) or 0) + 1
        while True:
            try:
                message = await link.js.get_msg(
                    link.stream_name(stream),
                    sequence,
                    next=True,
                    subject=f"{link.prefix}.{stream.id}.{partition}.*",
                )
            except Exception:
                break
            event, _ = decode(message.data)
            found.append(Leftover(stream.id, event.source, event.number))
            sequence = message.seq + 1
    return found
