"""Protocols where the shelves of the engine meet: what one of them has to know of another.

Imports between shelves point down, those for types included (a contract says so): core, channels, streams,
services, stores, then faults and truth. What a lower shelf needs of a higher one is named here.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from tutor.engine.core.events import Event, Flow, Source
from tutor.engine.core.kernel import Act
from tutor.engine.core.plans import Plan
from tutor.engine.core.replica import Replica
from tutor.model.component import Channel, Stream

if TYPE_CHECKING:
    from tutor.engine.core.part import Accept, Send, WireRun


class RequiredEffect(Protocol):
    """One required effect of the ledger, as seen by the parts that cause it."""

    tables: list[array[int] | None]
    """By source index: when it was applied for each event number, -1 for never."""
    newest: defaultdict[int, int]
    """By key: the version that was applied last."""

    def apply(self, now: int, event: Event) -> None:
        """Applies the effect for this event."""

    def supersede(self, event: Event) -> None:
        """Notes that the event is older than the one applied for its key."""

    def undo(self, event: Event) -> None:
        """Takes the effect back, as a compensation."""


class Books(Protocol):
    """The ledger, as the parts and wires of a run see it."""

    def opened(self, source: Source) -> None:
        """Registers a new source of events."""

    def effects_at(self, service: str, type: str) -> Sequence[RequiredEffect]:
        """Returns the :class:`RequiredEffect` s that a service applies for an event of this type."""

    def undone_at(self, service: str, type: str) -> Sequence[RequiredEffect]:
        """Returns the effects that a service takes back for an event of this type."""

    def offer(self, event: Event, type: str) -> None:
        """Notes that an event was sent on because something failed."""

    def roll_back(self, event: Event, where: str) -> None:
        """Notes that the transaction this event reports did not commit at a database, or that a stream has
        lost it.
        """

    def commit(self, event: Event, where: str) -> None:
        """Notes that the transaction did commit at a database where some are rolled back."""


class Inlets(Protocol):
    """A channel, as seen by the wires that put messages in."""

    @property
    def kind(self) -> str:
        """The kind of the channel: queue, topic or stream."""

    @property
    def spec(self) -> Channel | Stream:
        """The settings of the channel."""

    def inlet(self, wire: WireRun) -> Accept:
        """Returns the inlet of one wire: the function by which it puts messages in."""

    def short_way(self, wire: WireRun, otherwise: Send) -> Send:
        """Returns the function by which a producer sends while nothing is out of the ordinary; ``otherwise``
        if there is no shorter way.
        """

    def watch(self, back: Callable[[int], None]) -> None:
        """Registers ``back``, which is called as ``back(now)`` each time the channel is back."""

    def up_now(self) -> bool:
        """Returns whether the channel takes messages."""

    def met(self) -> None:
        """Marks the faults that last there as hits: work has met them."""


class GivesUp(Protocol):
    """A channel, as a dead-letter wire sees it."""

    def dead_letter_to(self, accept: Accept) -> None:
        """Sets the place for messages that are given up."""


class Busy(Protocol):
    """The numbers of a service, as the short way of deliveries sees them."""

    busy_us: int
    """Workers' time with work in hand."""


class Met(Protocol):
    """The outages of a service, as channels see them."""

    def met(self) -> None:
        """Marks the faults that last as hits: work has met them."""


class Crew(Protocol):
    """A service, as seen by the channels that it reads."""

    hails: bool
    """Whether a channel wants to know when a worker takes what it has brought."""
    slowed: bool
    """Whether a piece of work may take longer than its draw says."""
    plans: dict[Flow, Plan]
    """What is done for the events of each flow."""
    finish: Act
    """A worker has done its own work: (now, work)."""

    @property
    def id(self) -> str:
        """The component's id."""

    @property
    def joins(self) -> int:
        """The time when the service joins the running system (µs)."""

    @property
    def replicas(self) -> Iterable[Replica]:
        """The replicas of the reader."""

    @property
    def numbers(self) -> Busy:
        """The counts of the reader."""

    @property
    def outages(self) -> Met:
        """The faults that last at the service."""

    def plan(self, flow: Flow) -> Plan:
        """Returns the plan for the events of this flow; made when the first of them comes."""

    def take(self, now: int, work: Any, replica: Replica) -> None:
        """Takes a delivery that a channel hands to a replica."""

    def join_in(self, reader: Subscription) -> None:
        """Adds a subscription of this service."""


class Holder(Protocol):
    """A consumer of a channel, as seen by the service whose replica it is."""

    most: int
    """The most messages that it has had in hand."""


class Subscription(Protocol):
    """A subscription, as seen by the service that reads by it."""

    @property
    def consumers(self) -> Mapping[Any, Holder]:
        """The consumers, or members, of the reader."""

    def consumer_up(self, now: int, replica: Replica) -> None:
        """Notes that a replica of the service has started."""

    def consumer_down(self, now: int, replica: Replica, *, clean: bool = False, leaves: bool = False) -> None:
        """Notes that a replica has stopped; ``clean``: it could say goodbye, ``leaves``: it is gone for
        good.
        """

    def consumer_paused(self, now: int, replica: Replica) -> None:
        """Notes that a replica hangs."""

    def consumer_resumed(self, now: int, replica: Replica) -> None:
        """Resumes a consumer that hung."""

    def offered(self) -> int:
        """Returns how many messages have come for this service, whoever took them."""

    def backlog(self) -> int:
        """Returns the backlog that waits for this service."""
