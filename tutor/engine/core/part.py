"""The protocol between the parts of a run: everything a new kind of component or wire has to offer.

*Components* are :class:`Part`: made from their frozen description and the :class:`World`, then joined by
wires, then opened. The faults call ``crash``/``recover``, ``hang``/``thaw`` and ``slow``; the measure calls
``counts`` at each boundary of a window and ``report`` with two of them; the ledger calls ``held`` once, after
the drain; the recorder calls ``levels`` at each step of a timeline.

*Senders* (clients, services, jobs) are :class:`~tutor.engine.core.handling.Handler`: ``resume(now, handling,
ok)`` takes the outcome of a wire that was not known at once (``ok`` is True, False for told no, None for
silence until the caller gave up).

*Outgoing wires* are :class:`WireRun` with ``send(now, event, turn, handling)``: True or False if the
outcome is known at once, else None and ``resume`` is called later. ``turn`` counts the handlings of one
event, so that a repeat has luck of its own.

*Callees* have ``offer(now, work) -> bool`` (False: refused, at once) and end each work by
``work.via.answered(now, work, ok)``.

*Channels* have ``inlet(wire) -> accept(now, event, turn, sending) -> bool | None``: whether the broker
confirms; None when it confirms later by ``wire.confirmed(now, sending, ok)``.

*Consumers* are services: a channel hands over with ``service.take(now, delivery, replica)`` and learns the
outcome through ``delivery.via``: ``answered`` at the end, ``abandoned`` when the replica died with it; a
reader hears ``consumer_up`` and ``consumer_down``.

New kinds are entered in :data:`tutor.engine.simulate.PARTS` and :data:`tutor.engine.simulate.WIRE_RUNS`; the
kernel knows none of them.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Event, Flow, Source
from tutor.engine.core.kernel import Kernel
from tutor.engine.core.luck import Chance
from tutor.model.clock import micros
from tutor.model.component import Component
from tutor.model.scenario import Scenario
from tutor.model.wire import Wire

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault
    from tutor.engine.core.schemas import Form
    from tutor.engine.core.seams import Books

Send = Callable[[int, Event, int, Any], "bool | None"]
"""How a wire sends an event: ``send(now, event, turn, handling)``."""
Counts = dict[str, int]
"""Cumulative numbers of a part at one moment; a report is made from the difference of two."""


@dataclasses.dataclass(slots=True)
class World:
    """The world that the parts of one run share."""

    scenario: Scenario
    """What is simulated."""
    kernel: Kernel
    """The clock."""
    chance: Chance
    """The randomness."""
    ledger: Books
    """The truth."""
    sources: list[Source] = dataclasses.field(default_factory=list)
    """Where events come from, by index."""
    versions: defaultdict[int, int] = dataclasses.field(default_factory=lambda: defaultdict(int))
    """The latest version of each key."""
    parts: dict[str, Part] = dataclasses.field(default_factory=dict)
    """The components by id."""
    wires: dict[str, WireRun] = dataclasses.field(default_factory=dict)
    """The wires by reference."""
    marks: list[tuple[int, str, str, str]] | None = None
    """Moments for the time axis (time, kind, target, what); None when no timeline is kept."""

    def source(self, id: str) -> Source:
        """Creates a new source of events."""
        source = Source(id, len(self.sources))
        self.sources.append(source)
        self.ledger.opened(source)
        return source

    def mark(self, now: int, kind: str, target: str, what: str) -> None:
        """Notes a moment for the time axis, if one is kept."""
        if self.marks is not None and len(self.marks) < 10_000:
            self.marks.append((now, kind, target, what))


class Part:
    """One component at run time."""

    __slots__ = ("__dict__", "kernel")

    def __init__(self, spec: Component, world: World) -> None:
        self.id = spec.id
        self.kind = spec.kind
        self.joins = micros(spec.from_s)
        self.world = world
        self.kernel = world.kernel

    def open(self) -> None:
        """Opens the part: called once, when all wires are joined and before the clock starts."""

    def join(self, now: int) -> None:
        """Joins the running system (``from_s``); a part that joins later starts out absent."""

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        """Stops all replicas, or the one of this number (from 0); work in hand fails."""

    def recover(self, now: int, replica: int | None) -> None:
        """Brings the replicas back."""

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        """Hangs the replicas: they stop working and continue to accept."""

    def thaw(self, now: int, replica: int | None) -> None:
        """Lets the replicas continue where they stopped."""

    def slow(self, now: int, factor: float, replica: int | None) -> None:
        """Makes work take ``factor`` times as long from now on (1 / factor ends it)."""

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        """Begins or ends a fault of another kind here (poison, swallow, die-between, schema-change,
        repartition, burst).
        """

    def meet_faults(self) -> None:
        """Marks the lasting faults as hits if work has come that would have been done here."""

    def held(self) -> Iterable[Event]:
        """Returns the events held here now."""
        return ()

    def counts(self, now: int) -> Counts:
        """Returns cumulative numbers up to now; peaks since the last call."""
        return {}

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        """Returns the numbers of this component between two counts, ``span`` microseconds apart; peaks are in
        ``last``.
        """
        return {}

    def totals(self, now: int) -> dict[str, Any]:
        """Returns numbers of the whole run, taken after the drain: the books of a channel."""
        return {}

    def levels(self) -> tuple[int, int, int, float]:
        """Returns the present levels: waiting, busy, capacity, and the share of replicas that are up."""
        return 0, 0, 0, 1.0

    def flows(self) -> tuple[int, int]:
        """Returns cumulative counts: pieces of work (or messages) done, and failed, refused, dropped or
        dead-lettered.
        """
        return 0, 0

    def extra(self) -> dict[str, float]:
        """Returns further levels for the timeline, by name."""
        return {}


class WireRun:
    """One wire at run time."""

    # what every message touches stands in slots, as in the wires themselves: with many attributes the rest is
    # slower to reach
    __slots__ = ("__dict__", "cuts", "drops", "latency", "quick", "send", "sent", "under_way")

    send: Send
    """On an outgoing wire, set by its ``join``: sends an event. True or False where the outcome is known at
    once, else None and the sender's ``resume`` is called.
    """

    def __init__(self, spec: Wire, world: World) -> None:
        self.ref = spec.ref
        self.kind = spec.kind
        self.spec = spec
        self.world = world
        self.kernel = world.kernel
        self.latency = micros(spec.latency_ms / 1000)
        self.types = frozenset(spec.events)
        self.required = True
        self.removed = False
        self.unconfirmed = False
        """Whether what it sends goes to a broker and nobody waits for a confirm."""
        self.quick: Callable[[int, Any], None] | None = None
        """While nothing disturbs the wire: the short way by which a service tells it of work that went well,
        ``quick(now, work)``.
        """
        self.cuts: list[ActiveFault] = []
        self.offered_before: dict[ActiveFault, int] = {}
        """By partition: what had come for the wire when it began."""
        self.drops: list[ActiveFault] = []
        self.sent = 0
        self.failed = 0
        self.under_way = 0

    # what a publish, capture or subscribe wire has of its own, and other wires have as it is here
    acks = "all"
    """Whose confirm the sender waits for: none, leader or all."""
    size_kb = 1.0
    """How large its messages are."""
    key = "none"
    """What a stream chooses the partition by: entity, group or none."""
    renames = ""
    """The type that it gives what it carries; empty where it keeps its own."""
    after_failure = False
    """Whether events go this way when their handling has failed."""
    rescues = False
    """Whether a send on this wire makes a failed handling a success."""
    strict = False
    """Whether the reader fails on what it does not know."""
    form: Form | None = None
    """The new form of what it publishes, where there is one."""

    def join(self, source: Part, target: Part) -> None:
        """Joins the two ends: called once, when both exist."""

    def fits(self, flow: Flow) -> bool:
        """Returns whether the wire takes events of this flow, as long as it exists."""
        return not self.types or flow.type in self.types

    def passes(self, flow: Flow) -> bool:
        """Returns whether events of this flow go along this wire."""
        return not self.removed and self.fits(flow)

    def cut(self, now: int, fault: ActiveFault, active: bool) -> None:
        """Begins or ends a partition of this wire; it has hit what waits for the wire, and what has come for
        it meanwhile.
        """
        if active:
            self.offered_before[fault] = self.offered()
            fault.hit = fault.hit or self.backlog() > 0
        else:
            self.meet_cuts()
        _enter(self.cuts, fault, active)
        self.changed(now)

    def meet_cuts(self) -> None:
        """Marks the lasting partitions as hits if something has come for this wire since they began."""
        for fault in self.cuts:
            fault.hit = fault.hit or self.offered() > self.offered_before.get(fault, 0)

    def offered(self) -> int:
        """Returns how many messages have come for this wire at its channel (cumulative)."""
        return 0

    def backlog(self) -> int:
        """Returns the backlog that waits for this wire at its channel."""
        return 0

    def drop(self, now: int, fault: ActiveFault, active: bool) -> None:
        """Starts or stops dropping answers and acks."""
        _enter(self.drops, fault, active)
        self.changed(now)

    def remove(self, now: int) -> None:
        """Takes the wire out, for good."""
        self.removed = True
        self.changed(now)

    def changed(self, now: int) -> None:
        """Reacts to a fault of this wire that has begun or ended."""

    def dropped(self, kind: str, event: Event, turn: int) -> bool:
        """Returns whether an active fault of this kind strikes this handling."""
        return any(fault.kind == kind and fault.strikes(event, turn) for fault in self.drops)

    def begun(self, now: int, work: Any) -> None:
        """Reacts to a worker that begins with work this wire has brought."""

    def answered(self, now: int, work: Any, ok: bool | None) -> None:
        """Takes the outcome of work this wire has brought: well, badly, or unknown (None)."""
        raise NotImplementedError

    def abandoned(self, now: int, work: Any) -> None:
        """Reacts to the death of the part that had work of this wire in hand."""
        raise NotImplementedError

    def died(self, now: int, work: Any) -> None:
        """Reacts to the death of a worker alone with work of this wire; another worker is there at once."""

    def forget(self) -> None:
        """Forgets what the sender kept for this wire: it has died."""

    def known(self, now: int, sending: object) -> bool:
        """Returns whether the broker has stored this send before, and remembers it."""
        return False

    def kept(self, now: int, sending: object) -> None:
        """Notes that the broker has stored this send."""

    def confirmed(self, now: int, sending: Any, ok: bool) -> None:
        """Takes the broker's confirm where it did not come at once; on most wires nobody waits for it."""

    def items(self) -> Iterable[Event]:
        """Returns the events that wait at the sender's end."""
        return ()

    def flows(self) -> tuple[int, int]:
        """Returns cumulative counts: sends on this wire, and those that ended badly."""
        return self.sent, self.failed

    def waiting(self) -> int:
        """Returns the attempts that are under way now: senders that are held."""
        return self.under_way

    def breaker_state(self) -> int | None:
        """Returns 0 for closed, 1 for half-open, 2 for open; None without a circuit breaker."""
        return None


def _enter(faults: list[ActiveFault], fault: ActiveFault, active: bool) -> None:
    if active:
        faults.append(fault)
    elif fault in faults:
        faults.remove(fault)


Accept = Callable[[int, Event, int, Any], "bool | None"]
"""How a channel takes an event: ``accept(now, event, turn, sending)``."""
