"""RabbitMQ, where it is installed or where a URL points.

A queue is a classic queue, or a quorum queue where deliveries are limited (it counts them); a topic or a
stream is a fanout exchange with a queue for each reader. Dead letters, expiry and limits are the broker's
own; a retry with a delay waits in a queue that leads back. Read: rabbitmq.com, "Queues", "Quorum Queues",
"Dead Letter Exchanges", "Consumer Prefetch", "Networking".
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
from collections import Counter
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
    Take,
)
from tutor.live.brokers.processes import ServerProcess, dies_with_parent, free_port
from tutor.live.brokers.topology import Topology
from tutor.live.events import CloudEvent, decode
from tutor.model.component import Channel, Component, Queue, Service, Stream, Topic
from tutor.model.scenario import Scenario
from tutor.model.wire import Publish, Subscribe, Wire
from tutor.words import say

HEARTBEAT_S = 60.0
"""RabbitMQ's own: a connection that is silent for two of them is closed."""
START_S = 90.0
"""Erlang and RabbitMQ take 5 to 10 s of processor time to start."""


def differences(part: Component | Wire, scenario: Scenario) -> Iterator[str]:
    """Yields the differences of RabbitMQ at one part or wire."""
    match part:
        case Queue() | Topic():
            if part.redeliver_on == "lease":
                yield say("live.not_honored.rabbitmq.lease", part=part.name)
            if part.requeue == "tail":
                yield say("live.not_honored.rabbitmq.tail", part=part.name)
        case Stream():
            yield say("live.not_honored.rabbitmq.stream", part=part.name)
        case Publish() if part.idempotent:
            target = scenario.design.components[part.target]
            yield say("live.not_honored.rabbitmq.idempotent", part=target.name)


def _binary() -> Path | None:
    """Finds the server's script: Debian's is a wrapper that changes the user, so the one behind it is
    taken.
    """
    behind = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    if behind.is_file():
        return behind
    found = shutil.which("rabbitmq-server")
    return Path(found) if found else None


class RabbitProcess(ServerProcess):
    """A server that the run starts: on 127.0.0.1, with a port mapper, a cookie and a folder of its own."""

    def __init__(self, binary: Path, folder: Path, log: Path) -> None:
        url = "amqp://guest:guest@127.0.0.1:{port}/"
        super().__init__(
            "RabbitMQ", url, lambda _: [str(binary)], _version, log, self._own_environment, START_S
        )
        self._folder = folder
        self._mapper_port = free_port()
        self._dist_port = free_port()
        self._mapper: subprocess.Popen[bytes] | None = None

    def _own_environment(self, port: int) -> dict[str, str]:
        config = self._folder / "rabbitmq.conf"
        config.write_text(
            f"listeners.tcp.local = 127.0.0.1:{port}\nheartbeat = {HEARTBEAT_S:.0f}\nlog.console.level ="
            " warning\n"
        )
        (self._folder / "plugins").write_text("[].\n")
        (self._folder / "advanced.config").write_text(
            "[{kernel, [{inet_dist_use_interface, {127,0,0,1}}]}].\n"
        )
        return {
            "HOME": str(self._folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._mapper_port),
            "RABBITMQ_NODENAME": f"tutor{port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self._folder / "data"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_DIST_PORT": str(self._dist_port),
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1} -noinput",
        }

    def start(self) -> None:
        mapper = shutil.which("epmd")
        if mapper is not None:
            self._mapper = subprocess.Popen(  # noqa: S603
                [mapper, "-address", "127.0.0.1", "-port", str(self._mapper_port)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                preexec_fn=dies_with_parent,
            )
        super().start()

    def stop(self) -> None:
        super().stop()
        if self._mapper is not None:
            self._mapper.kill()
            self._mapper.wait()


def version_at(url: str) -> str:
    """Checks whether a server that is already running lets us in; the client does not keep its version."""

    async def look() -> None:
        import aio_pika

        connection = await aio_pika.connect(url, timeout=5)
        await connection.close()

    asyncio.run(look())
    return ""


def _version(port: int) -> str | None:
    """Returns the version in the properties of the frame with which the server answers the protocol's
    header.
    """
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
        connection.settimeout(2)
        connection.sendall(b"AMQP\x00\x00\x09\x01")
        frame = connection.recv(4096)
        at = frame.find(b"\x07versionS")
        if at >= 0:
            length = int.from_bytes(frame[at + 9 : at + 13], "big")
            return frame[at + 13 : at + 13 + length].decode(errors="replace")
        return "" if frame[:1] == b"\x01" else None
    return None


class RabbitLink:
    """One process's connection to a RabbitMQ server; reopened when it is lost."""

    def __init__(self, url: str, topology: Topology) -> None:
        self._url = url
        self.topology = topology
        self._connection: Any = None
        self._sending: Any = None
        self._intakes: list[RabbitIntake] = []
        self._closing = False
        self.seen: Counter[str] = Counter()
        """How often each event was delivered to this process: classic queues do not count."""

    async def open(self) -> None:
        while True:
            try:
                await self._connect()
                return
            except Exception:
                await asyncio.sleep(0.1)

    async def _connect(self) -> None:
        import aio_pika

        beats = [getattr(wire, "heartbeat_s", None) for wire in self.topology.scenario.design.wires]
        heartbeat = int(min((beat for beat in beats if beat), default=HEARTBEAT_S))
        self._connection = await aio_pika.connect(self._url, timeout=5, heartbeat=max(1, heartbeat))
        self._sending = await self._connection.channel(publisher_confirms=True)
        self._connection.close_callbacks.add(self._lost)

    def _lost(self, *_: Any) -> None:
        self._sending = None
        if not self._closing:
            self._coming_back = asyncio.ensure_future(self._come_back())

    async def _come_back(self) -> None:
        await self.open()
        for intake in self._intakes:
            with contextlib.suppress(Exception):
                await intake.start()

    @property
    def connected(self) -> bool:
        return self._sending is not None and not self._sending.is_closed

    async def close(self) -> None:
        self._closing = True
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self._connection.close(), 2)

    # -- the topology --------------------------------------------------------------------------------------

    def queue_name(self, channel: Component, wire: Subscribe | None) -> str:
        """Returns a queue's name: the channel's own, or one for each reader of a topic or stream."""
        base = f"{self.topology.prefix}.{channel.id}"
        return base if isinstance(channel, Queue) or wire is None else f"{base}.{wire.target}{wire.id}"

    def _arguments(self, channel: Component) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if not isinstance(channel, Channel):
            found["x-single-active-consumer"] = True
            return found
        if channel.max_deliveries is not None:
            found |= {"x-queue-type": "quorum", "x-delivery-limit": channel.max_deliveries - 1}
        if channel.max_length is not None:
            found |= {"x-max-length": channel.max_length}
            found |= {"x-overflow": "reject-publish" if channel.overflow == "reject" else "drop-head"}
        if channel.ttl_s is not None:
            found["x-message-ttl"] = int(channel.ttl_s * 1000)
        dead = self.topology.dead_letters(channel)
        if dead is not None:
            found |= {
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": f"{self.topology.prefix}.{dead}",
            }
        return found

    async def declare(self) -> None:
        import aio_pika

        link = await self._connection.channel()
        for channel in self.topology.channels:
            durable = bool(getattr(channel, "durable", True))
            if isinstance(channel, Queue):
                await link.declare_queue(
                    self.queue_name(channel, None), durable=True, arguments=self._arguments(channel)
                )
            else:
                exchange = await link.declare_exchange(
                    self.queue_name(channel, None), aio_pika.ExchangeType.FANOUT, durable=durable
                )
                for wire in self.topology.readers(channel):
                    if wire.durable and not self.topology.part(wire.target).from_s:
                        queue = await link.declare_queue(
                            self.queue_name(channel, wire), durable=True, arguments=self._arguments(channel)
                        )
                        await queue.bind(exchange)
            for wire in self.topology.readers(channel):
                if wire.retry_delay_s:
                    name = self.queue_name(channel, wire)
                    arguments = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": name}
                    await link.declare_queue(f"{name}.retry", durable=True, arguments=arguments)
        await link.close()

    async def clear(self) -> None:
        link = await self._connection.channel()
        for channel in self.topology.channels:
            names = [
                self.queue_name(channel, None),
                *(self.queue_name(channel, wire) for wire in self.topology.readers(channel)),
            ]
            for name in [*names, *(f"{name}.retry" for name in names)]:
                with contextlib.suppress(Exception):
                    await link.queue_delete(name)
            with contextlib.suppress(Exception):
                await link.exchange_delete(self.queue_name(channel, None))

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
        import aio_pika

        link = self._sending
        if link is None or link.is_closed:
            return Confirm.UNKNOWN
        mode = (
            aio_pika.DeliveryMode.PERSISTENT
            if getattr(channel, "durable", True)
            else aio_pika.DeliveryMode.NOT_PERSISTENT
        )
        message = aio_pika.Message(
            event.encode(turn), delivery_mode=mode, content_type="application/cloudevents+json"
        )
        name = self.queue_name(channel, None)
        try:
            target = (
                link.default_exchange
                if isinstance(channel, Queue)
                else await link.get_exchange(name, ensure=False)
            )
            await target.publish(message, routing_key=name, mandatory=False, timeout=timeout_s)
        except aio_pika.exceptions.DeliveryError:
            return Confirm.REFUSED
        except Exception:
            return Confirm.UNKNOWN
        return Confirm.CONFIRMED

    async def send(self, channel: Component, event: CloudEvent, turn: int, *, place: int) -> None:
        await self.publish(channel, event, turn, place=place, id="", timeout_s=None)

    async def again_later(self, queue: str, body: bytes, delay_s: float, tries: int) -> None:
        """Puts a message into the queue that leads back."""
        import aio_pika

        message = aio_pika.Message(body, expiration=delay_s, headers={"x-tries": tries}, delivery_mode=2)
        if self._sending is not None:
            await self._sending.default_exchange.publish(message, routing_key=f"{queue}.retry")

    # -- consuming -----------------------------------------------------------------------------------------

    async def prepare(self, wire: Subscribe, replica: int) -> None:
        """Does nothing: a subscription is joined at once."""

    async def consume(self, wire: Subscribe, take: Take) -> Intake:
        reader = self.topology.part(wire.target)
        workers = reader.workers if isinstance(reader, Service) else 1
        intake = RabbitIntake(self, wire, take, wire.prefetch * workers)
        await intake.start()
        self._intakes.append(intake)
        return intake

    async def join(self, wire: Subscribe, replica: int, members: int, handle: Handle) -> GroupPlace:
        async def take(delivery: Any) -> None:
            await handle(delivery)
            await delivery.ack()

        intake = RabbitIntake(self, wire, take, 1)
        await intake.start()
        self._intakes.append(intake)
        return intake

    async def open_channel(self, in_hand: int) -> Any:
        """Opens a channel for one subscription."""
        link = await self._connection.channel()
        if in_hand:
            await link.set_qos(prefetch_count=in_hand)
        return link

    async def declare_reader(self, link: Any, wire: Subscribe) -> Any:
        """Declares the queue of a subscription; one without durability is gone with its connection."""
        channel = self.topology.part(wire.source)
        if isinstance(channel, Queue):
            return await link.get_queue(self.queue_name(channel, wire), ensure=False)
        if wire.durable:
            queue = await link.declare_queue(
                self.queue_name(channel, wire), durable=True, arguments=self._arguments(channel)
            )
        else:
            queue = await link.declare_queue(exclusive=True)
        await queue.bind(self.queue_name(channel, None))
        return queue

    async def assist(self, given_up: GivenUp) -> None:
        """Does nothing: RabbitMQ leaves nothing to others."""

    # -- looking -------------------------------------------------------------------------------------------

    async def levels(self) -> list[Fill]:
        found = []
        for channel in self.topology.channels:
            waiting = 0
            with contextlib.suppress(Exception):
                link = await self._connection.channel()
                for name in self._queue_names(channel):
                    queue = await link.declare_queue(name, passive=True)
                    waiting += queue.declaration_result.message_count or 0
                await link.close()
                found.append(Fill(channel.id, waiting, 0))
        return found

    def _queue_names(self, channel: Component) -> list[str]:
        readers = [wire for wire in self.topology.readers(channel) if wire.durable]
        if isinstance(channel, Queue):
            return [
                self.queue_name(channel, None),
                *(f"{self.queue_name(channel, wire)}.retry" for wire in readers if wire.retry_delay_s),
            ]
        return [
            self.queue_name(channel, wire) for wire in readers if not self.topology.part(wire.target).from_s
        ]

    async def rest(self) -> list[Leftover]:
        found = []
        for channel in self.topology.channels:
            link = await self._connection.channel()
            for name in self._queue_names(channel):
                with contextlib.suppress(Exception):
                    queue = await link.declare_queue(name, passive=True)
                    while (message := await queue.get(no_ack=True, fail=False)) is not None:
                        event, _ = decode(message.body)
                        found.append(Leftover(channel.id, event.source, event.number))
        return found


class RabbitDelivery:
    """One delivery by RabbitMQ."""

    __slots__ = ("_link", "_message", "_queue", "_settled", "count", "event", "turn")

    def __init__(self, link: RabbitLink, queue: str, message: Any, *, settled: bool) -> None:
        self._link = link
        self._queue = queue
        self._message = message
        self._settled = settled
        self.event, turn = decode(message.body)
        name = f"{queue}/{self.event.id}/{self.event.type}"
        link.seen[name] += 1
        counted = int(message.headers.get("x-delivery-count", 0)) + int(message.headers.get("x-tries", 0))
        self.count = max(1 + counted, link.seen[name], 1 + bool(message.redelivered))
        self.turn = turn + self.count - 1

    async def ack(self) -> None:
        if not self._settled:
            self._settled = True
            with contextlib.suppress(Exception):
                await self._message.ack()

    async def give_back(self, delay_s: float = 0.0) -> None:
        with contextlib.suppress(Exception):
            if delay_s:
                await self._link.again_later(self._queue, self._message.body, delay_s, self.count)
                await self._message.ack()
            else:
                await self._message.nack(requeue=True)

    async def give_up(self, target: Component | None, why: str) -> None:
        with contextlib.suppress(Exception):
            if target is None:
                await self._message.ack()
            else:
                await self._message.reject(requeue=False)

    async def renew(self) -> None:
        """Does nothing: the connection is the lease."""


class RabbitIntake:
    """The inward side of a subscription: RabbitMQ pushes up to the prefetch count."""

    def __init__(self, link: RabbitLink, wire: Subscribe, take: Take, in_hand: int) -> None:
        self._link = link
        self._wire = wire
        self._take = take
        self._in_hand = in_hand
        self._channel: Any = None

    async def start(self) -> None:
        """Consumes messages; called again when the connection is back."""
        link, wire = self._link, self._wire
        automatic = wire.ack == "automatic"
        self._channel = await link.open_channel(0 if automatic else self._in_hand)
        queue = await link.declare_reader(self._channel, wire)
        name = link.queue_name(link.topology.part(wire.source), wire)

        async def arrived(message: Any) -> None:
            await self._take(RabbitDelivery(link, name, message, settled=automatic))

        await queue.consume(arrived, no_ack=automatic)

    async def more(self, room: int) -> None:
        """Does nothing: the prefetch count says how much room there is."""

    async def stop(self) -> None:
        """Stops taking messages."""
        with contextlib.suppress(Exception):
            await self._channel.close()

    async def leave(self) -> None:
        """Leaves as :meth:`stop` does: the next consumer becomes the active one."""
        await self.stop()


RABBITMQ = Adapter(
    name="rabbitmq",
    title="RabbitMQ",
    scheme="amqp",
    client="aio_pika",
    client_from="pip install aio-pika",
    server_from="apt-get install rabbitmq-server",
    binary=_binary,
    own=RabbitProcess,
    version_at=version_at,
    link=RabbitLink,
    lease_s=lambda _: HEARTBEAT_S,
    differences=differences,
    moves_dead_letters=True,
)
