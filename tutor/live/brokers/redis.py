"""Redis Streams, where Redis is installed or where a URL points.

Every channel is a stream and each reading service a consumer group of it; all services that read a queue
share one group. What is in the hands of a consumer that is silent for as long as the lease is claimed by
another; who claims counts the deliveries. Read: redis.io, "Redis Streams", XREADGROUP, XAUTOCLAIM (to be
continued from its cursor), XCLAIM, XADD.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
)
from tutor.live.brokers.processes import ServerProcess
from tutor.live.brokers.topology import Topology
from tutor.live.events import CloudEvent, decode
from tutor.model.component import Channel, Component, Queue, Stream, Topic
from tutor.model.scenario import Scenario
from tutor.model.wire import Publish, Subscribe, Wire
from tutor.words import say

LOOK_S = 0.2
"""How often a consumer looks for messages whose consumer is silent, at the most."""


def differences(part: Component | Wire, scenario: Scenario) -> Iterator[str]:
    """Yields the differences of Redis at one part or wire."""
    parts = scenario.design.components
    match part:
        case Queue() | Topic():
            yield from _of_channel(part)
        case Stream():
            yield say("live.not_honored.redis.stream", part=part.name)
        case Publish() if part.idempotent:
            yield say("live.not_honored.redis.idempotent", part=parts[part.target].name)
        case Subscribe() if part.retry_delay_s:
            yield say("live.not_honored.redis.retry_delay", part=parts[part.source].name)


def _of_channel(part: Channel) -> Iterator[str]:
    if part.redeliver_on == "disconnect":
        yield say("live.not_honored.redis.disconnect", part=part.name, lease=renewed_lease_s(part))
    if part.max_length is not None:
        yield say("live.not_honored.redis.length", part=part.name, limit=part.max_length)
    if part.ttl_s is not None:
        yield say("live.not_honored.redis.expiry", part=part.name, ttl=part.ttl_s)
    if not part.durable:
        yield say("live.not_honored.redis.memory", part=part.name)


def _binary() -> Path | None:
    found = shutil.which("redis-server")
    return Path(found) if found else None


def own_server(binary: Path, folder: Path, log: Path) -> Server:
    """Returns a server that the run starts, with an append-only file in a folder of its own."""
    options = ("--bind", "127.0.0.1", "--dir", str(folder), "--appendonly", "yes", "--appendfsync", "no")

    def command(port: int) -> list[str]:
        return [str(binary), "--port", str(port), *options, "--save", ""]

    return ServerProcess("Redis", "redis://127.0.0.1:{port}", command, _version, log)


def version_at(url: str) -> str:
    """Returns the version of a server that is already running."""
    import redis

    with contextlib.closing(redis.from_url(url, socket_connect_timeout=5)) as client:
        return str(client.info("server").get("redis_version", ""))


def _asked(port: int, question: bytes) -> bytes:
    """Returns the server's answer to one command."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.settimeout(2)
        connection.sendall(question)
        return connection.recv(65536)
    return b""


def _version(port: int) -> str | None:
    """Returns the version of the server on a port, once it answers."""
    if not _asked(port, b"PING\r\n").startswith(b"+PONG"):
        return None
    lines = _asked(port, b"INFO server\r\n").decode(errors="replace").splitlines()
    return next((line.partition(":")[2] for line in lines if line.startswith("redis_version:")), "")


class RedisLink:
    """One process's connection to a Redis server."""

    def __init__(self, url: str, topology: Topology) -> None:
        self._url = url
        self.topology = topology
        self.client: Any = None
        self.consumer = f"{socket.gethostname()}-{os.getpid()}"
        self._there = False
        self._intakes: list[RedisIntake] = []

    async def open(self) -> None:
        import redis.asyncio as redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        # the client would try again by itself, up to ten times: here every attempt is one of the design's
        self.client = redis.from_url(self._url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=2)
        while not await self.look():
            await asyncio.sleep(0.1)
        self._looking = asyncio.ensure_future(self._keep_looking())

    async def look(self) -> bool:
        """Returns whether the server answers."""
        try:
            self._there = bool(await asyncio.wait_for(self.client.ping(), 2))
        except Exception:
            self._there = False
        return self._there

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(0.2)
            await self.look()

    @property
    def connected(self) -> bool:
        return self._there

    async def close(self) -> None:
        self._looking.cancel()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.client.aclose(), 2)

    # -- the topology --------------------------------------------------------------------------------------

    def key(self, channel: Component) -> str:
        """Returns the key of a channel's stream."""
        return f"{self.topology.prefix}:{channel.id}"

    async def declare(self) -> None:
        for channel in self.topology.channels:
            for wire in self.topology.readers(channel):
                if self.topology.keeps(wire) and not self.topology.joins_later(wire):
                    await self.declare_reader(channel, wire)

    async def declare_reader(self, channel: Component, wire: Subscribe) -> None:
        """Makes a group: for a queue from the start, else from now on unless it reads from the beginning."""
        from redis.exceptions import ResponseError

        start = (
            "0"
            if isinstance(channel, Queue) or (isinstance(channel, Stream) and wire.from_offset == "earliest")
            else "$"
        )
        try:
            await self.client.xgroup_create(
                self.key(channel), self.topology.group(wire), id=start, mkstream=True
            )
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def clear(self) -> None:
        await self.client.delete(*[self.key(channel) for channel in self.topology.channels])

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
        limit = _room(channel)
        try:
            asked = self.client.xadd(
                self.key(channel), {"event": event.encode(turn)}, maxlen=limit, approximate=False
            )
            await asyncio.wait_for(asked, timeout_s)
        except Exception:
            return Confirm.UNKNOWN
        return Confirm.CONFIRMED

    async def send(self, channel: Component, event: CloudEvent, turn: int, *, place: int) -> None:
        await self.publish(channel, event, turn, place=place, id="", timeout_s=None)

    # -- consuming -----------------------------------------------------------------------------------------

    async def prepare(self, wire: Subscribe, replica: int) -> None:
        """Does nothing: a subscription is joined at once."""

    async def consume(self, wire: Subscribe, take: Take) -> Intake:
        channel = self.topology.part(wire.source)
        await self.declare_reader(channel, wire)
        intake = RedisIntake(self, channel, wire, take)
        intake.start()
        self._intakes.append(intake)
        return intake

    async def join(self, wire: Subscribe, replica: int, members: int, handle: Handle) -> GroupPlace:
        channel = self.topology.part(wire.source)
        await self.declare_reader(channel, wire)

        async def take(delivery: Any) -> None:
            await handle(delivery)
            await delivery.ack()
            await intake.more(1)

        intake = RedisIntake(self, channel, wire, take)
        intake.start()
        self._intakes.append(intake)
        await intake.more(members)
        return intake

    async def assist(self, given_up: GivenUp) -> None:
        """Does nothing: the consumers themselves count the deliveries, and give up."""

    # -- looking -------------------------------------------------------------------------------------------

    async def levels(self) -> list[Fill]:
        found = []
        for channel in self.topology.channels:
            with contextlib.suppress(Exception):
                groups = await self.client.xinfo_groups(self.key(channel))
                length = int(await self.client.xlen(self.key(channel)))
                in_hand = sum(int(group["pending"]) for group in groups)
                waiting = sum(int(group["lag"] or 0) for group in groups) if groups else length
                found.append(Fill(channel.id, waiting, in_hand))
        return found

    async def rest(self) -> list[Leftover]:
        found = []
        for channel in self.topology.channels:
            key = self.key(channel)
            if not self.topology.readers(channel):
                found += [self._left(channel, fields) for _, fields in await self.client.xrange(key)]
            for group in await self._groups(key):
                name = group["name"]
                for pending in await self.client.xpending_range(key, name, "-", "+", 100_000):
                    entries = await self.client.xrange(key, pending["message_id"], pending["message_id"])
                    found += [self._left(channel, fields) for _, fields in entries]
                last = group["last-delivered-id"].decode()
                found += [
                    self._left(channel, fields) for _, fields in await self.client.xrange(key, f"({last}")
                ]
        return found

    async def _groups(self, key: str) -> list[dict[str, Any]]:
        with contextlib.suppress(Exception):
            groups: list[dict[str, Any]] = await self.client.xinfo_groups(key)
            return groups
        return []

    def _left(self, channel: Component, fields: dict[bytes, bytes]) -> Leftover:
        event, _ = decode(fields[b"event"])
        return Leftover(channel.id, event.source, event.number)


class RedisDelivery:
    """One delivery to a consumer of a group."""

    __slots__ = ("_id", "_intake", "count", "event", "turn")

    def __init__(self, intake: RedisIntake, id: bytes, fields: dict[bytes, bytes], count: int) -> None:
        self._intake = intake
        self._id = id
        self.count = count
        self.event, turn = decode(fields[b"event"])
        self.turn = turn + count - 1

    async def ack(self) -> None:
        await self._intake.settle(self._id)

    async def give_back(self, delay_s: float = 0.0) -> None:
        await self._intake.claim(self._id, idle_ms=self._intake.idle_ms)

    async def give_up(self, target: Component | None, why: str) -> None:
        await self._intake.settle(self._id)

    async def renew(self) -> None:
        await self._intake.claim(self._id, idle_ms=0)


def _room(channel: Component) -> int | None:
    """Returns MAXLEN: how many messages a channel keeps at most; the partitions of a stream are one Redis
    stream.
    """
    if isinstance(channel, Stream):
        return None if channel.retention_records is None else channel.retention_records * channel.partitions
    return channel.max_length if isinstance(channel, Channel) else None


class RedisIntake:
    """The inward side of a subscription: it reads new messages, and claims those that have been silent for
    too long.
    """

    def __init__(self, link: RedisLink, channel: Component, wire: Subscribe, take: Take) -> None:
        self._link = link
        self._take = take
        self._key = link.key(channel)
        self._group = link.topology.group(wire)
        self._deletes = isinstance(channel, Queue)
        self.idle_ms = int(
            1000 * (renewed_lease_s(channel) if isinstance(channel, Channel) else wire.session_timeout_s)
        )
        self._room = 0
        self._space = asyncio.Event()
        self._cursor: Any = "0-0"

    def start(self) -> None:
        """Begins to read, as soon as there is room."""
        self._reading = asyncio.ensure_future(self._read())

    async def more(self, room: int) -> None:
        self._room += room
        self._space.set()

    async def stop(self) -> None:
        self._reading.cancel()

    async def leave(self) -> None:
        """Leaves as :meth:`stop` does: others claim the messages in hand."""
        await self.stop()

    async def settle(self, id: bytes) -> None:
        """Acknowledges a message; from a queue it is removed."""
        with contextlib.suppress(Exception):
            async with self._link.client.pipeline(transaction=True) as both:
                both.xack(self._key, self._group, id)
                if self._deletes:
                    both.xdel(self._key, id)
                await both.execute()

    async def claim(self, id: bytes, *, idle_ms: int) -> None:
        """Sets how long a message has been silent."""
        with contextlib.suppress(Exception):
            await self._link.client.xclaim(
                self._key, self._group, self._link.consumer, 0, [id], idle=idle_ms, justid=True
            )

    async def _read(self) -> None:
        while True:
            if not self._room:
                self._space.clear()
                await self._space.wait()
                continue
            try:
                found = await self._silent() or await self._new()
            except Exception:  # the server has gone, or the group with it
                await asyncio.sleep(0.1)
                continue
            self._room -= len(found)
            for id, fields, count in found:
                task = asyncio.ensure_future(self._take(RedisDelivery(self, id, fields, count)))
                _TAKING.add(task)
                task.add_done_callback(_TAKING.discard)

    async def _silent(self) -> list[tuple[bytes, dict[bytes, bytes], int]]:
        """Returns messages whose consumer has been silent; continues where the last look ended."""
        claimed = await self._link.client.xautoclaim(
            self._key, self._group, self._link.consumer, self.idle_ms, self._cursor, count=self._room
        )
        self._cursor = claimed[0]
        found = []
        for id, fields in claimed[1]:
            if fields:
                pending = await self._link.client.xpending_range(self._key, self._group, id, id, 1)
                found.append((id, fields, int(pending[0]["times_delivered"]) if pending else 2))
        return found

    async def _new(self) -> list[tuple[bytes, dict[bytes, bytes], int]]:
        """Returns new messages; waits a little for them."""
        streams = {self._key: ">"}
        block = int(LOOK_S * 1000)
        read = await self._link.client.xreadgroup(
            self._group, self._link.consumer, streams, count=self._room, block=block
        )
        return [(id, fields, 1) for _, entries in read or [] for id, fields in entries]


_TAKING: set[asyncio.Task[None]] = set()
"""Deliveries that are being taken: the loop itself keeps no hold of them."""


REDIS = Adapter(
    name="redis",
    title="Redis Streams",
    scheme="redis",
    client="redis",
    client_from="pip install redis",
    server_from="apt-get install redis-server",
    binary=_binary,
    own=own_server,
    version_at=version_at,
    link=RedisLink,
    lease_s=renewed_lease_s,
    differences=differences,
)
