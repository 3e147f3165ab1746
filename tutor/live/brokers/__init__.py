"""Real brokers behind one interface: a server that a run starts, and the link by which a process talks to it.

:data:`BROKERS` has the adapter of each by its word; a new broker is one more line there.
"""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Awaitable, Callable, Iterator
from enum import Enum
from pathlib import Path
from typing import Protocol

from tutor.errors import InputError
from tutor.live.brokers.topology import Topology
from tutor.live.events import CloudEvent
from tutor.model.component import Channel, Component
from tutor.model.scenario import Scenario
from tutor.model.wire import Subscribe, Wire
from tutor.words import say


class Confirm(Enum):
    """The outcome of a publish, as far as the publisher knows."""

    CONFIRMED = "confirmed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """The connection has gone, or the time is over: stored or not."""


class BrokerDelivery(Protocol):
    """One delivery of a message to a consumer."""

    event: CloudEvent
    turn: int
    """Which handling of the event this is, so that a repeat has luck of its own."""
    count: int
    """Deliveries of the message so far, this one included."""

    async def ack(self) -> None:
        """Acknowledges the message: it is done."""

    async def give_back(self, delay_s: float = 0.0) -> None:
        """Asks for the message to be delivered again, after a while or at once."""

    async def give_up(self, target: Component | None, why: str) -> None:
        """Moves the message to the queue for dead letters, or drops it if there is none."""

    async def renew(self) -> None:
        """Renews the lease of a message that is still in progress."""


Take = Callable[[BrokerDelivery], Awaitable[None]]
"""What a consumer does with a delivery; returns at once."""


class Intake(Protocol):
    """The inward side of one subscription of one replica."""

    async def more(self, room: int) -> None:
        """Allows this many more messages in hand."""

    async def stop(self) -> None:
        """Stops taking messages."""


Handle = Callable[[BrokerDelivery], Awaitable[None]]
"""What a member of a group does with one record of a partition; returns when the record is done."""


class GroupPlace(Protocol):
    """One replica's place in a group of readers of a stream."""

    async def leave(self) -> None:
        """Leaves in good order: the partitions go to others at once."""


GivenUp = Callable[[Channel, CloudEvent, int], Awaitable[None]]
"""What is done with a message that has used up its deliveries: its channel, the event, and the turn of its
next handling.
"""


@dataclasses.dataclass(frozen=True, slots=True)
class Leftover:
    """A leftover in a broker at the end: an event, and the part that holds it."""

    place: str
    source: str
    number: int


@dataclasses.dataclass(frozen=True, slots=True)
class Fill:
    """The fill level of a channel."""

    place: str
    waiting: int
    in_hand: int


class BrokerLink(Protocol):
    """One process's connection to one server."""

    async def open(self) -> None:
        """Connects, and keeps trying when the connection is lost; raises :class:`InputError` if it can never
        succeed.
        """

    @property
    def connected(self) -> bool:
        """True if the server can be reached now, as far as is known."""

    async def declare(self) -> None:
        """Makes the channels and subscriptions of the scenario that are on this server; changes nothing if
        they exist.
        """

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
        """Hands an event to a channel and waits for the confirm.

        ``place`` chooses the partition of a stream; the broker recognizes a repeat by ``id``, unless
        it is empty.
        """

    async def send(self, channel: Component, event: CloudEvent, turn: int, *, place: int) -> None:
        """Hands an event to a channel without waiting for anything."""

    async def prepare(self, wire: Subscribe, replica: int) -> None:
        """Prepares, before the run begins, the slow steps of joining a subscription."""

    async def consume(self, wire: Subscribe, take: Take) -> Intake:
        """Joins a subscription; nothing comes before the intake has room."""

    async def join(self, wire: Subscribe, replica: int, members: int, handle: Handle) -> GroupPlace:
        """Joins the group that reads a stream, with so many members; the records of each partition come one
        after the other.
        """

    async def assist(self, given_up: GivenUp) -> None:
        """Takes over from now on what the broker leaves to others, such as assigning partitions; reports
        every message that has used up its deliveries, if the broker itself does not move it.
        """

    async def levels(self) -> list[Fill]:
        """Returns how full the channels on this server are."""

    async def rest(self) -> list[Leftover]:
        """Returns everything that is still in the channels on this server."""

    async def clear(self) -> None:
        """Removes the channels of the scenario from the server."""

    async def close(self) -> None:
        """Disconnects in good order."""


class Server(Protocol):
    """A broker's process, started by the run, or one that was already running."""

    version: str
    """What it says it is, once it has answered."""

    @property
    def url(self) -> str:
        """The address where the server listens."""

    def start(self) -> None:
        """Starts the server and waits until it answers; raises :class:`InputError` if it does not."""

    def crash(self) -> None:
        """Kills the server (SIGKILL)."""

    def recover(self) -> None:
        """Restarts the server on the same port and with the same data."""

    def hang(self) -> None:
        """Stops the process where it is (SIGSTOP)."""

    def thaw(self) -> None:
        """Lets the server continue."""

    def pids(self) -> list[int]:
        """Returns the processes in which this server runs now."""

    def stop(self) -> None:
        """Ends the server, hung or not."""


@dataclasses.dataclass(frozen=True, slots=True)
class Adapter:
    """The declaration of a broker: everything known without talking to it."""

    name: str
    title: str
    scheme: str
    """What a URL of it begins with."""
    client: str
    """The Python module that talks to it."""
    client_from: str
    """The command that installs that module."""
    server_from: str
    """The command that installs the server."""
    binary: Callable[[], Path | None]
    """The server's program; None where it isn't installed."""
    own: Callable[[Path, Path, Path], Server]
    """A server to be started: from its program, the folder for its data, and the file for its log."""
    version_at: Callable[[str], str]
    """The version of the server at a URL; raises :class:`InputError`, or any error where nobody answers."""
    link: Callable[[str, Topology], BrokerLink]
    """A connection to the server at a URL, for the channels that are on it."""
    lease_s: Callable[[Channel], float]
    """How long a consumer may be silent before its messages are delivered again (s)."""
    differences: Callable[[Component | Wire, Scenario], Iterator[str]]
    """A sentence for each setting of a part or wire that this broker, unlike others, cannot honor."""
    moves_dead_letters: bool = False
    """Whether the broker itself moves what is given up to the dead letters."""
    own_is: Callable[[], str] = str
    """Says what the server that a run starts is, where it isn't the product itself."""

    def missing(self) -> str:
        """Returns what has to be installed and how, in one sentence; an empty text if nothing is missing."""
        if importlib.util.find_spec(self.client) is None:
            return say("live.missing.client", broker=self.title, command=self.client_from)
        if self.binary() is None:
            return say("live.missing.server", broker=self.title, command=self.server_from)
        return ""

    def server(self, folder: Path, url: str | None, log: Path) -> Server:
        """Returns a server with its data in this folder, or the one at ``url``; raises :class:`InputError` if
        there is no program to start.
        """
        if url is not None:
            return OtherServer(self.title, url if "://" in url else f"{self.scheme}://{url}", self.version_at)
        binary = self.binary()
        if binary is None:
            raise InputError(self.missing())
        folder.mkdir(parents=True, exist_ok=True)
        return self.own(binary, folder, log)


class OtherServer:
    """A server that was running before the run: it is used, and left as it was."""

    def __init__(self, title: str, url: str, version_at: Callable[[str], str]) -> None:
        self.url = url
        self.version = ""
        self._title = title
        self._version_at = version_at

    def start(self) -> None:
        """Checks that it answers; raises :class:`InputError` if it does not."""
        try:
            self.version = self._version_at(self.url)
        except InputError:
            raise
        except Exception as error:
            shown = without_password(self.url)
            raise InputError(say("live.missing.nobody", broker=self._title, url=shown)) from error

    def crash(self) -> None:
        """Does nothing: the server is left alone."""

    recover = hang = thaw = stop = crash

    def pids(self) -> list[int]:
        """Returns no processes: none of them is this run's."""
        return []


def without_password(url: str) -> str:
    """Returns a URL that may be shown."""
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"


DISCONNECT_S = 3.0
"""When a message comes back from a consumer that has gone silent, where the design says "when the connection
drops" and the broker does not look at connections: consumers renew their leases every third of this.
"""


def renewed_lease_s(part: Channel) -> float:
    """Returns the lease of a delivery on a broker that knows nothing but leases (s)."""
    return part.visibility_timeout_s if part.redeliver_on == "lease" else DISCONNECT_S


BROKERS = ("nats", "rabbitmq", "redis", "kafka")
"""The brokers that a run can be on, the default first."""


def adapter(name: str) -> Adapter:
    """Returns the adapter of a broker; raises :class:`InputError` for an unknown name."""
    match name:
        case "nats":
            from tutor.live.brokers.nats import NATS

            return NATS
        case "rabbitmq":
            from tutor.live.brokers.rabbitmq import RABBITMQ

            return RABBITMQ
        case "redis":
            from tutor.live.brokers.redis import REDIS

            return REDIS
        case "kafka":
            from tutor.live.brokers.kafka import KAFKA

            return KAFKA
    raise InputError(say("live.unknown-broker", word=name, brokers=list(BROKERS)))
