"""Events that move through a design, and the pieces of work that they cause.

An :class:`Event` is the fact itself: it is made by a *source* (a client, or a service that derives events)
and its number among the events of its source is its identity. A :class:`Work` is one handling of it by a
service: an attempt of a call. A :class:`Delivery` is the handling of one delivery by a channel. Everything
that is known about an event by number is in columns of its :class:`Source`.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.engine.core.part import WireRun
    from tutor.engine.core.plans import Plan
    from tutor.engine.core.replica import Replica
    from tutor.engine.core.schemas import Form

OK, TOLD_NO, GAVE_UP = 0, 1, 2
"""How a client's request ended: answered, told no, or not told until it gave up."""


class Source:
    """A source of events: their columns by number (from 0).

    ``made[n]`` is when event ``n`` was made (µs). ``answered[n]`` is -1 while nobody has answered, else
    ``time * 4 + ending``. Further columns (one for each effect of the ledger) are made with :meth:`column`
    and grow together.
    """

    __slots__ = ("answered", "columns", "derived", "id", "index", "made", "place", "repeats")

    def __init__(self, id: str, index: int) -> None:
        self.id = id
        self.place = id
        """The component that its events come from."""
        self.derived = False
        """Whether its events follow from others: those that follow in the drain count as well."""
        self.index = index
        self.made: array[int] = array("q")
        self.answered: array[int] = array("q")
        self.columns: list[array[int]] = [self.answered]
        self.repeats: list[int] = []
        """The number of an event once for each attempt after its first."""

    def column(self) -> array[int]:
        """Creates a column of times, -1 where there is none."""
        column = array("q", [-1]) * len(self.made)
        self.columns.append(column)
        return column

    def grow(self, made: array[int]) -> None:
        """Adds events that were made at these times."""
        self.made.extend(made)
        nothing = array("q", [-1]) * len(made)
        for column in self.columns:
            column.extend(nothing)


class Flow:
    """The events of one type from one source; ``renamed`` gives the same events under another type."""

    __slots__ = ("_renamed", "source", "type")

    def __init__(self, source: Source, type: str) -> None:
        self.source = source
        self.type = type
        self._renamed: dict[str, Flow] = {type: self}

    @property
    def own(self) -> bool:
        """True if this is the type that the source itself gives its events."""
        return next(iter(self._renamed)) == self.type

    def renamed(self, type: str) -> Flow:
        """Returns the same events under another type; always the same object for the same type."""
        flow = self._renamed.get(type)
        if flow is None:
            flow = Flow(self.source, type)
            flow._renamed = self._renamed
            self._renamed[type] = flow
        return flow


class Event:
    """One fact. Immutable by convention; copies under another type share number, key and version.

    It has no constructor, as a class with one takes twice as long to call: :func:`make_event` fills it, and
    the client does so in place.
    """

    __slots__ = ("flow", "form", "group", "happened", "key", "made", "number", "state", "trace", "version")

    flow: Flow
    number: int
    key: int
    version: int
    made: int
    happened: int
    """Event time: when it happened, which may be before it was made."""
    group: str
    state: bool
    """True: it carries its state, so a ``lookup`` call is not needed."""
    form: Form | None
    """The new form it was published in; None for the form that every reader knows."""
    trace: Callable[..., None] | None
    """Where a sampled event's hops are written: ``trace(now, event, where, what, detail, wire)``."""

    def copied(self, flow: Flow, *, state: bool | None = None) -> Event:
        """Returns the same event under another type, or with its state."""
        copy = make_event(flow, self.number, self.key, self.version, self.made)
        copy.happened = self.happened
        copy.group = self.group
        copy.state = self.state if state is None else state
        copy.trace = self.trace
        return copy


def make_event(flow: Flow, number: int, key: int, version: int, made: int) -> Event:
    """Creates an event that has nothing out of the ordinary; ``made`` in microseconds."""
    event = Event()
    event.flow = flow
    event.number = number
    event.key = key
    event.version = version
    event.made = event.happened = made
    event.group = ""
    event.state = False
    event.form = event.trace = None
    return event


class Work:
    """One handling of an event by a service.

    ``via`` learns the outcome through ``via.answered(now, work, ok)``: the call wire, or the subscription.
    Its kinds have no constructors either.
    """

    __slots__ = ("due", "event", "open", "plan", "replica", "serial", "since", "step", "turn", "via")

    event: Event
    turn: int
    """Which handling of the event this is, so that a repeat has luck of its own."""
    via: WireRun
    open: bool
    """True while somebody waits for the end: the caller has not given up, the lease is the current one."""
    replica: Replica | None
    """Where a worker has it in hand; None before, and after a crash."""
    plan: Plan
    """What is done for it; set by the service at its start."""
    since: int
    """When it joined the line; set by the service."""
    step: int
    """Which outgoing wire it waits for; set while it goes along them."""
    due: int | None
    """When its timeout, or lease, strikes (None: it has none), and in which order; kept by the countdown."""
    serial: int


class Delivery(Work):
    """A message in a channel, and the handling of its current delivery; every redelivery is a new object."""

    __slots__ = ("count", "stored")

    stored: int
    """When the channel took the message."""
    count: int
    """Deliveries so far, this one included."""


def fill_delivery(message: Delivery, event: Event, turn: int, stored: int, count: int) -> None:
    """Turns a new delivery into one of this event: what the constructor would do."""
    message.event = event
    message.turn = turn
    message.open = True
    message.replica = None
    message.stored = stored
    message.count = count


class Attempt(Work):
    """One attempt of a call."""

    __slots__ = ("asker", "tries")

    asker: Any
    """What the caller was at: its handling."""
    tries: int
    """Attempts before this one."""


def fill_attempt(work: Attempt, event: Event, turn: int, via: WireRun, asker: Any) -> None:
    """Turns a new attempt into one for this event: what the constructor would do."""
    work.event = event
    work.turn = turn
    work.via = via
    work.asker = asker
    work.open = True
    work.replica = None


class Query(Attempt):
    """One query of a database: a ``read``, a ``write``, or the ``scan`` of a job."""

    __slots__ = ("by_job", "empty", "kind", "length", "user")

    kind: str
    """``read``, ``write`` or ``scan``."""
    user: str
    """The id of the component that asks."""
    by_job: bool
    """Whether a job asks."""
    empty: bool
    """Whether there is nothing to write: the event that it is about carries no value."""
    length: int
    """How long a scan takes (µs)."""
