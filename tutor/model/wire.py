"""What joins two components, and how it behaves: the policy of a design.

``WIRES`` has the class of each kind; ``legal_kinds`` tells which kinds may join a pair, and ``refusal`` why
none may.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from tutor.model.setting import ProductName, setting


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A wire from ``source`` to ``target`` (``from`` and ``to`` in files)."""

    kind: ClassVar[str] = ""
    """The word for it in files and on screen."""
    blurb: ClassVar[str] = ""
    """One sentence for the inspector."""

    source: str
    """The id of the component it starts at."""
    target: str
    """The id of the component it ends at."""
    id: str = ""
    """Tells wires of one kind between the same pair apart; else empty."""
    latency_ms: float = setting(
        0.0,
        "number",
        "Time one way; the answer or confirm pays it again.",
        unit="ms",
        at_least=0,
        physics=True,
    )
    events: tuple[str, ...] = setting((), "texts", "Only these event types pass; all where it is empty.")

    @property
    def pair(self) -> str:
        """``from->to``: how faults and reports name the wire."""
        return f"{self.source}->{self.target}"

    @property
    def ref(self) -> str:
        """The wire's reference, unique in a design: ``from->to:kind``, with ``#id`` where it has one."""
        return f"{self.source}->{self.target}:{self.kind}" + (f"#{self.id}" if self.id else "")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call(Wire):
    """Synchronous request and response: the caller's worker is held until the answer or the timeout."""

    kind: ClassVar[str] = "call"
    blurb: ClassVar[str] = "Ask and wait: the caller's worker is held until the answer or the timeout."

    timeout_ms: float | None = setting(
        None, "number", "How long the caller waits.", unit="ms", above=0, off="none"
    )
    retries: int = setting(0, "integer", "More attempts after the first fails.", at_least=0, at_most=100)
    backoff_ms: float = setting(0.0, "number", "Wait before the first retry.", unit="ms", at_least=0)
    backoff_factor: float = setting(
        2.0, "number", "Each further wait is this many times longer.", at_least=1, at_most=10
    )
    jitter: bool = setting(False, "flag", "Draw each wait evenly between zero and its length.")
    retry_budget: float | None = setting(
        None,
        "number",
        "Retries allowed as a share of requests, with up to ten seconds' worth saved up.",
        at_least=0,
        at_most=10,
        off="none",
    )
    breaker_failures: float | None = setting(
        None,
        "number",
        "The circuit breaker opens at this share of failures among the last 50.",
        above=0,
        at_most=1,
        off="off",
    )
    breaker_reset_s: float = setting(
        10.0, "number", "How long it stays open before one probe.", unit="s", above=0
    )
    max_in_flight: int | None = setting(
        None, "integer", "A bulkhead: calls on this wire at once; more fail at once.", at_least=1, off="none"
    )
    required: bool = setting(True, "flag", "Whether the handling fails when this call fails.")
    lookup: bool = setting(
        False, "flag", "Only needed for details: skipped when the event carries its state."
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Wire):
    """Asynchronous: the producer is held only for the broker's confirm."""

    kind: ClassVar[str] = "publish"
    blurb: ClassVar[str] = "Hand a message to a broker and go on when it confirms."

    acks: str = setting(
        "all",
        "choice",
        "Whose word it waits for: nobody's; on streams the leader's; or that of all nodes in sync.",
        choices=("none", "leader", "all"),
        called={"kafka": ProductName("acks")},
    )
    timeout_ms: float | None = setting(
        None,
        "number",
        "How long it waits for the confirm before it takes the publish for failed.",
        unit="ms",
        above=0,
        off="none",
        called={"kafka": ProductName("request.timeout.ms"), "jetstream": ProductName("timeout", times=1)},
    )
    retries: int = setting(
        0, "integer", "More attempts when the broker does not confirm.", at_least=0, at_most=1000
    )
    backoff_ms: float = setting(0.0, "number", "Wait before the first retry.", unit="ms", at_least=0)
    backoff_factor: float = setting(
        1.0, "number", "Each further wait is this many times longer.", at_least=1, at_most=10
    )
    jitter: bool = setting(False, "flag", "Draw each wait evenly between zero and its length.")
    buffer: int = setting(0, "integer", "Events the producer keeps while the broker is away.", at_least=0)
    idempotent: bool = setting(
        False,
        "flag",
        "The broker drops repeats of the same send.",
        called={"kafka": ProductName("enable.idempotence"), "jetstream": ProductName("Nats-Msg-Id")},
    )
    dedup_window_s: float | None = setting(
        None,
        "number",
        "With idempotent: how long the broker remembers what was sent; as its product does where none.",
        unit="s",
        above=0,
        off="none",
        called={"jetstream": ProductName("duplicate_window")},
    )
    event: str = setting("", "text", "Publishes under this event type; empty keeps the type.")
    on: str = setting(
        "success",
        "choice",
        "Runs when the handling succeeds, or when it fails.",
        choices=("success", "failure"),
    )
    rescues: bool = setting(
        False, "flag", "With on failure: once published, the handling counts as a success."
    )
    payload: str = setting(
        "notification",
        "choice",
        "A thin event that says something changed, or one that carries the state.",
        choices=("notification", "state"),
    )
    size_kb: float = setting(1.0, "number", "Size of one message.", unit="kb", above=0, physics=True)
    key: str = setting(
        "entity",
        "choice",
        "What a stream hashes to choose the partition.",
        choices=("entity", "group", "none"),
    )
    schema_change: str = setting(
        "none",
        "choice",
        "How the new version of the event differs for readers of the old one.",
        choices=("none", "additive", "breaking"),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Wire):
    """Delivery from a channel to a service's workers; the consumer group is the service."""

    kind: ClassVar[str] = "subscribe"
    blurb: ClassVar[str] = "Deliver messages to the workers of a service."

    ack: str = setting(
        "after",
        "choice",
        "When a message is acknowledged: after the work, when a worker takes it, or as it is delivered.",
        choices=("after", "before", "automatic"),
        called={"rabbitmq": ProductName("no_ack")},
    )
    prefetch: int = setting(
        1,
        "integer",
        "Messages in hand for each worker, the one at work included; 0 is no limit.",
        at_least=0,
        at_most=10_000,
        called={
            "rabbitmq": ProductName("basic.qos prefetch_count"),
            "jetstream": ProductName("batch"),
            "redis": ProductName("COUNT"),
            "sqs": ProductName("MaxNumberOfMessages"),
        },
    )
    heartbeat_s: float | None = setting(
        60.0,
        "number",
        "Where messages come back on disconnect: a consumer that is silent for two heartbeats is"
        " disconnected.",
        unit="s",
        above=0,
        off="none",
        called={"rabbitmq": ProductName("heartbeat")},
    )
    extend_lease: bool = setting(False, "flag", "Renew the lease while the work goes on.")
    on_error: str = setting(
        "retry",
        "choice",
        "What becomes of a message whose handling fails.",
        choices=("retry", "drop", "dead-letter"),
    )
    retry_delay_s: float = setting(
        0.0, "number", "Wait before a failed message is delivered again.", unit="s", at_least=0
    )
    durable: bool = setting(True, "flag", "On topics: keep messages while the subscriber is away.")
    from_offset: str = setting(
        "latest",
        "choice",
        "Where a new group starts to read a stream.",
        choices=("latest", "earliest"),
        called={"kafka": ProductName("auto.offset.reset")},
    )
    assignment: str = setting(
        "eager",
        "choice",
        "How partitions move when members come and go: all stop, or only the moved ones; static is eager with"
        " static members.",
        choices=("eager", "cooperative", "static"),
    )
    static_member: bool = setting(
        False,
        "flag",
        "On streams: a member keeps its name, and its partitions when it is back within the session timeout.",
        called={"kafka": ProductName("group.instance.id")},
    )
    session_timeout_s: float = setting(
        45.0,
        "number",
        "Silence after which a member counts as gone.",
        unit="s",
        above=0,
        called={"kafka": ProductName("session.timeout.ms", times=1000)},
    )
    rebalance_s: float = setting(
        3.0, "number", "How long a rebalance takes.", unit="s", at_least=0, physics=True
    )
    poll_deadline_s: float = setting(
        300.0,
        "number",
        "A member that handles one batch longer than this is put out.",
        unit="s",
        above=0,
        called={"kafka": ProductName("max.poll.interval.ms", times=1000)},
    )
    batch: int = setting(
        500,
        "integer",
        "Records fetched and committed at once from a stream.",
        at_least=1,
        called={"kafka": ProductName("max.poll.records")},
    )
    max_rate_per_s: float | None = setting(
        None, "number", "At most this many messages a second.", unit="per_s", above=0, off="none"
    )
    schema: str = setting(
        "tolerant",
        "choice",
        "Reads events with unknown fields, or fails on them.",
        choices=("tolerant", "strict"),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Access(Wire):
    """What a read and a write have in common: synchronous, each uses one connection of the database."""

    timeout_ms: float | None = setting(
        None, "number", "How long the caller waits.", unit="ms", above=0, off="none"
    )
    retries: int = setting(0, "integer", "More attempts after the first fails.", at_least=0, at_most=100)
    required: bool = setting(True, "flag", "Whether the handling fails when this fails.")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Write(Access):
    """A transaction that changes state."""

    kind: ClassVar[str] = "write"
    blurb: ClassVar[str] = "Change the state of an entity in one transaction."

    needs_state: bool = setting(
        False,
        "flag",
        "Writes what the event carries: a thin event from a channel changes nothing.",
        physics=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Read(Access):
    """A query for the state of an entity."""

    kind: ClassVar[str] = "read"
    blurb: ClassVar[str] = "Look up the state of an entity."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Wire):
    """The job's query for unprocessed rows."""

    kind: ClassVar[str] = "poll"
    blurb: ClassVar[str] = "The job's query for rows that nobody has handled yet."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Wire):
    """Change data capture, or a transactional outbox: every committed write is published in commit order, at
    least once.
    """

    kind: ClassVar[str] = "capture"
    blurb: ClassVar[str] = "Publish every committed write, in order, at least once."

    lag_ms: float = setting(
        100.0, "number", "Time from the commit to the publish.", unit="ms", at_least=0, physics=True
    )
    checkpoint_s: float = setting(
        1.0,
        "number",
        "How often it notes its position; after a crash it repeats from there.",
        unit="s",
        above=0,
    )
    event: str = setting("", "text", "Publishes under this event type; empty keeps the type.")
    payload: str = setting(
        "state",
        "choice",
        "A thin event that says something changed, or one that carries the state.",
        choices=("notification", "state"),
    )
    size_kb: float = setting(1.0, "number", "Size of one message.", unit="kb", above=0, physics=True)
    key: str = setting(
        "entity",
        "choice",
        "What a stream hashes to choose the partition.",
        choices=("entity", "group", "none"),
    )
    schema_change: str = setting(
        "none",
        "choice",
        "How the new version of the event differs for readers of the old one.",
        choices=("none", "additive", "breaking"),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter(Wire):
    """Where a message goes after ``max_deliveries``, or by ``on_error``."""

    kind: ClassVar[str] = "dead-letter"
    blurb: ClassVar[str] = "Where messages go that could not be handled."


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bind(Wire):
    """A copy of each message of a topic into a queue: an exchange's binding, or an SQS queue that subscribes
    to SNS.
    """

    kind: ClassVar[str] = "bind"
    blurb: ClassVar[str] = "Put a copy of each message of a topic into a queue."


WIRES: dict[str, type[Wire]] = {
    cls.kind: cls for cls in (Call, Publish, Subscribe, Write, Read, Poll, Capture, Bind, DeadLetter)
}
"""Every kind of wire by its word."""

CHANNELS = ("queue", "topic", "stream")
"""The kinds of component that live on a broker."""

_CODE = ("service", "job")
_LEGAL: dict[tuple[str, str], tuple[str, ...]] = {
    ("client", "service"): ("call",),
    ("database", "job"): ("poll",),
    **{(code, "service"): ("call",) for code in _CODE},
    **{(code, "database"): ("write", "read") for code in _CODE},
    **{(code, channel): ("publish",) for code in ("client", *_CODE) for channel in CHANNELS},
    **{(channel, "service"): ("subscribe",) for channel in CHANNELS},
    **{("database", channel): ("capture",) for channel in CHANNELS},
    **{(channel, "queue"): ("dead-letter",) for channel in CHANNELS},
    ("topic", "queue"): ("bind", "dead-letter"),
}


def legal_kinds(source_kind: str, target_kind: str) -> tuple[str, ...]:
    """The kinds of wire that may join two kinds of component in this direction; empty where none may."""
    return _LEGAL.get((source_kind, target_kind), ())


def refusal(source_kind: str, target_kind: str) -> str:
    """Why no wire joins this pair in this direction, in one sentence that teaches."""
    if target_kind == "client":
        return "a client asks and is answered; nothing is wired to it: start the wire at the client"
    if source_kind == "client":
        if target_kind == "database":
            return (
                "people outside do not reach a database: wire the client to a service that reads and writes"
                " for them"
            )
        return (
            "nobody outside starts a job, it wakes up by the clock: wire the client to a service or a channel"
        )
    if target_kind == "job":
        if source_kind in CHANNELS:
            return (
                "a job wakes up by the clock and polls a database: let a service subscribe to the channel"
                " instead"
            )
        return "a job starts by the clock, not by a call: wire a database to it (poll), or use a service"
    if source_kind in CHANNELS and target_kind in CHANNELS:
        return "of itself a channel passes messages only to queues: let a service subscribe and publish on"
    if source_kind in CHANNELS and target_kind == "database":
        return "a channel does not write: let a service subscribe to it and write to the database"
    if source_kind == "database" and target_kind == "service":
        return (
            "a database does not start work: the service reads it, a job polls it, or capture publishes its"
            " writes to a channel"
        )
    if source_kind == "database" and target_kind == "database":
        return (
            "a database does not call another: capture its writes to a channel, and let a service keep the"
            " copy"
        )
    return f"no wire goes from a {source_kind} to a {target_kind}"
