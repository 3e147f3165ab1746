"""The timeline of a run, for a screen to replay: tracks in equal steps, marks, and the journeys of a bounded
sample of events.

A track's list has one value for each step; step ``i`` covers ``[i * step_s, (i + 1) * step_s)`` and levels
(depth, busy, up) are those at its end, flows (counts) those of the whole step.
"""

from __future__ import annotations

import dataclasses
from typing import Any


@dataclasses.dataclass(slots=True)
class ComponentTrack:
    """The life of one component."""

    kind: str
    """The component's kind."""
    depth: list[int] = dataclasses.field(default_factory=list)
    """What waits: requests in line, messages that no consumer holds, rows not handled, records not read."""
    busy: list[int] = dataclasses.field(default_factory=list)
    """Workers, connections or deliveries in hand."""
    capacity: list[int] = dataclasses.field(default_factory=list)
    """Workers or connections there are (those that are up)."""
    up: list[float] = dataclasses.field(default_factory=list)
    """Share of replicas that are up, 0 to 1."""
    done: list[int] = dataclasses.field(default_factory=list)
    """Pieces of work completed, or messages acknowledged, in the step."""
    failed: list[int] = dataclasses.field(default_factory=list)
    """Pieces of work failed, refused, dropped or dead-lettered in the step."""
    extra: dict[str, list[float]] = dataclasses.field(default_factory=dict)
    """More tracks by name, where the kind has them.

    ``replicas``, ``partition/<n>/lag``, ``partition/<n>/written`` (records so far),
    ``held/<consumer>``, ``in_sync``, ``dead_lettered``, ``oldest_age_s``, ``hung`` (the share of the replicas
    that are up and stand still, 0 to 1), ``wasted``, ...
    """


@dataclasses.dataclass(slots=True)
class WireTrack:
    """The traffic of one wire."""

    kind: str
    """The wire's kind."""
    sent: list[int] = dataclasses.field(default_factory=list)
    """Requests, messages or deliveries that left in the step."""
    failed: list[int] = dataclasses.field(default_factory=list)
    """Attempts that ended badly (error, timeout, refused) in the step."""
    waiting: list[int] = dataclasses.field(default_factory=list)
    """Attempts that are under way at the end of the step: callers that are held."""
    breaker: list[int] = dataclasses.field(default_factory=list)
    """0 closed, 1 half-open, 2 open; empty where the wire has no circuit breaker."""


@dataclasses.dataclass(slots=True)
class ClientTrack:
    """The requests of one client, as it saw them."""

    requests: list[int] = dataclasses.field(default_factory=list)
    """Requests made in the step."""
    ok: list[int] = dataclasses.field(default_factory=list)
    """Answers (or confirms) that came in the step."""
    failed: list[int] = dataclasses.field(default_factory=list)
    """Failures that the client saw in the step."""
    response_ms: list[float | None] = dataclasses.field(default_factory=list)
    """Mean response of the ok answers that came in the step; None where none came."""
    attempts: list[int] = dataclasses.field(default_factory=list)
    """Attempts made in the step, retries included."""


@dataclasses.dataclass(slots=True)
class EffectTrack:
    """The counts of one required effect."""

    applied: list[int] = dataclasses.field(default_factory=list)
    """Effects applied in the step, each event once."""
    duplicates: list[int] = dataclasses.field(default_factory=list)
    """Applications after the first, in the step."""
    delay_ms: list[float | None] = dataclasses.field(default_factory=list)
    """Mean delay, from the request, of what was applied in the step; None where nothing was."""
    outstanding: list[int] = dataclasses.field(default_factory=list)
    """Offered, not refused, and not applied at the end of the step."""


@dataclasses.dataclass(frozen=True, slots=True)
class Mark:
    """A moment worth a mark on the time axis."""

    at_s: float
    """When."""
    kind: str
    """What sort of moment.

    ``fault`` and ``fault-over`` (``what`` is the fault's kind), ``first-failure``, ``breaker-open``,
    ``breaker-closed``, ``failover``, ``rebalance``, ``scale``, ``join``, ``full``, ...
    """
    target: str
    """The component's id, or the wire's reference, or ``""``."""
    what: str
    """A few words for the learner."""


@dataclasses.dataclass(frozen=True, slots=True)
class Hop:
    """One thing that happened to an event on its way."""

    at_s: float
    """When."""
    where: str
    """The component's id."""
    what: str
    """One of the words in ``HOPS``."""
    detail: str = ""
    """A few words: the reason, the other end, the attempt."""
    wire: str = ""
    """The reference of the wire it came by or goes by, if any."""
    event: str = ""
    """The type it has there, where a service passes it on under another one than it was made with."""


HOPS = (
    "requested",  # the client made the request
    "sent",  # an attempt left on a wire (detail: attempt n)
    "refused",  # turned away: full, shed, down, breaker open
    "waiting",  # in line for a worker or connection
    "stored",  # a channel has taken it
    "delivered",  # a channel handed it to a consumer (detail: delivery n)
    "started",  # a worker began
    "applied",  # the effect took place
    "repeated",  # the effect took place again
    "skipped",  # not applied: known already, stale, or filtered
    "done",  # a worker finished
    "failed",  # a worker's handling failed
    "answered",  # the answer reached the caller
    "confirmed",  # the broker's confirm reached the producer
    "acked",  # the channel took the ack
    "timed-out",  # the caller gave up
    "returned",  # back in the channel for another delivery
    "dead-lettered",  # given up, kept aside
    "dropped",  # given up, gone (detail: why)
    "lost",  # gone with a crash
    "rolled-back",  # the transaction did not commit
    "captured",  # the write was published
    "polled",  # a job's query found it
)
"""Every word a hop's ``what`` may be."""


@dataclasses.dataclass(frozen=True, slots=True)
class Journey:
    """The full path of one sampled event."""

    event_id: str
    """``<client>/<number>``, as in a CloudEvents id."""
    type: str
    """The event type."""
    key: str
    """The entity it is about (the CloudEvents subject)."""
    client: str
    """Where it came from (the CloudEvents source)."""
    version: int
    """Its number among the events of its key."""
    outcome: str
    """``ok``, ``failed``, ``unanswered``, ``lost``, ``duplicate``, ``late``, ``pending``, ``out-of-order``,
    ``ghost``.
    """
    hops: tuple[Hop, ...]
    """What happened to it, in order of time."""


@dataclasses.dataclass(frozen=True, slots=True)
class Fates:
    """The fate of every event of one client, by its number."""

    made_s: tuple[float, ...]
    """When each event was made."""
    outcomes: str
    """A letter for each event, of ``OUTCOMES``."""

    def outcome(self, number: int) -> str:
        """Returns how the event of this number ended, as in :attr:`Journey.outcome`."""
        return OUTCOMES[self.outcomes[number]]


OUTCOMES = {
    "L": "lost",
    "F": "failed",
    "U": "unanswered",
    "G": "ghost",
    "D": "duplicate",
    "O": "out-of-order",
    "T": "late",
    "P": "pending",
    ".": "ok",
}
"""How an event can end, by the letter that stands for it in :class:`Fates`, worst first."""


@dataclasses.dataclass(slots=True)
class Timeline:
    """A whole run, ready to be played back."""

    step_s: float
    """Length of one step."""
    steps: int
    """How many steps there are."""
    duration_s: float
    """When the traffic stops."""
    end_s: float
    """When the drain is over."""
    components: dict[str, ComponentTrack] = dataclasses.field(default_factory=dict)
    """By component id (not clients)."""
    wires: dict[str, WireTrack] = dataclasses.field(default_factory=dict)
    """By wire reference (``Wire.ref``)."""
    clients: dict[str, ClientTrack] = dataclasses.field(default_factory=dict)
    """By client id."""
    effects: dict[str, EffectTrack] = dataclasses.field(default_factory=dict)
    """By ``<at>/<event>``."""
    marks: list[Mark] = dataclasses.field(default_factory=list)
    """In order of time."""
    journeys: list[Journey] = dataclasses.field(default_factory=list)
    """A bounded sample, failures first."""
    fates: dict[str, Fates] = dataclasses.field(default_factory=dict)
    """How every event ended, by the part of its id before the slash."""

    def plain(self) -> dict[str, Any]:
        """The timeline as plain JSON data, for ``simulate --timeline FILE``."""
        return dataclasses.asdict(self)
