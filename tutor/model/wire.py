"""Wires, which join two components, and their behavior: the policy of a design.

``WIRES`` has the class of each kind; ``legal_kinds`` tells which kinds may join a pair, and ``refusal`` why
none may.
"""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from tutor.model.setting import ProductName, setting
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A wire from ``source`` to ``target`` (``from`` and ``to`` in files)."""

    kind: ClassVar[str] = ""
    """The word for it in files and on screen."""

    source: str
    """The id of the component it starts at."""
    target: str
    """The id of the component it ends at."""
    id: str = ""
    """Tells wires of one kind between the same pair apart; else empty."""
    latency_ms: float = setting(
        0.0,
        "number",
        unit="ms",
        at_least=0,
        physics=True,
    )
    events: tuple[str, ...] = setting((), "texts")

    @property
    def pair(self) -> str:
        """The wire's name in faults and reports: ``from->to``."""
        return f"{self.source}->{self.target}"

    @property
    def ref(self) -> str:
        """The wire's reference, unique in a design: ``from->to:kind``, with ``#id`` where it has one."""
        return f"{self.source}->{self.target}:{self.kind}" + (f"#{self.id}" if self.id else "")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Call(Wire):
    """Synchronous request and response: the caller's worker is held until the answer or the timeout."""

    kind: ClassVar[str] = "call"

    timeout_ms: float | None = setting(None, "number", unit="ms", above=0, off="none")
    retries: int = setting(0, "integer", at_least=0, at_most=100)
    backoff_ms: float = setting(0.0, "number", unit="ms", at_least=0)
    backoff_factor: float = setting(2.0, "number", at_least=1, at_most=10)
    jitter: bool = setting(False, "flag")
    retry_budget: float | None = setting(
        None,
        "number",
        at_least=0,
        at_most=10,
        off="none",
    )
    breaker_failures: float | None = setting(
        None,
        "number",
        above=0,
        at_most=1,
        off="off",
    )
    breaker_reset_s: float = setting(10.0, "number", unit="s", above=0)
    max_in_flight: int | None = setting(None, "integer", at_least=1, off="none")
    required: bool = setting(True, "flag")
    lookup: bool = setting(False, "flag")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Publish(Wire):
    """Asynchronous: the producer is held only for the broker's confirm."""

    kind: ClassVar[str] = "publish"

    acks: str = setting(
        "all",
        "choice",
        choices=("none", "leader", "all"),
        called={"kafka": ProductName("acks")},
    )
    timeout_ms: float | None = setting(
        None,
        "number",
        unit="ms",
        above=0,
        off="none",
        called={"kafka": ProductName("request.timeout.ms"), "jetstream": ProductName("timeout", times=1)},
    )
    retries: int = setting(0, "integer", at_least=0, at_most=1000)
    backoff_ms: float = setting(0.0, "number", unit="ms", at_least=0)
    backoff_factor: float = setting(1.0, "number", at_least=1, at_most=10)
    jitter: bool = setting(False, "flag")
    buffer: int = setting(0, "integer", at_least=0)
    idempotent: bool = setting(
        False,
        "flag",
        called={"kafka": ProductName("enable.idempotence"), "jetstream": ProductName("Nats-Msg-Id")},
    )
    dedup_window_s: float | None = setting(
        None,
        "number",
        unit="s",
        above=0,
        off="none",
        called={"jetstream": ProductName("duplicate_window")},
    )
    event: str = setting("", "text")
    on: str = setting(
        "success",
        "choice",
        choices=("success", "failure"),
    )
    rescues: bool = setting(False, "flag")
    payload: str = setting(
        "notification",
        "choice",
        choices=("notification", "state"),
    )
    size_kb: float = setting(1.0, "number", unit="kb", above=0, physics=True)
    key: str = setting(
        "entity",
        "choice",
        choices=("entity", "group", "none"),
    )
    schema_change: str = setting(
        "none",
        "choice",
        choices=("none", "additive", "breaking"),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Wire):
    """Delivery from a channel to a service's workers; the consumer group is the service."""

    kind: ClassVar[str] = "subscribe"

    ack: str = setting(
        "after",
        "choice",
        choices=("after", "before", "automatic"),
        called={"rabbitmq": ProductName("no_ack")},
    )
    prefetch: int = setting(
        1,
        "integer",
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
        unit="s",
        above=0,
        off="none",
        called={"rabbitmq": ProductName("heartbeat")},
    )
    extend_lease: bool = setting(False, "flag")
    on_error: str = setting(
        "retry",
        "choice",
        choices=("retry", "drop", "dead-letter"),
    )
    retry_delay_s: float = setting(0.0, "number", unit="s", at_least=0)
    durable: bool = setting(True, "flag")
    from_offset: str = setting(
        "latest",
        "choice",
        choices=("latest", "earliest"),
        called={"kafka": ProductName("auto.offset.reset")},
    )
    assignment: str = setting(
        "eager",
        "choice",
        choices=("eager", "cooperative", "static"),
    )
    static_member: bool = setting(
        False,
        "flag",
        called={"kafka": ProductName("group.instance.id")},
    )
    session_timeout_s: float = setting(
        45.0,
        "number",
        unit="s",
        above=0,
        called={"kafka": ProductName("session.timeout.ms", times=1000)},
    )
    rebalance_s: float = setting(3.0, "number", unit="s", at_least=0, physics=True)
    poll_deadline_s: float = setting(
        300.0,
        "number",
        unit="s",
        above=0,
        called={"kafka": ProductName("max.poll.interval.ms", times=1000)},
    )
    batch: int = setting(
        500,
        "integer",
        at_least=1,
        called={"kafka": ProductName("max.poll.records")},
    )
    max_rate_per_s: float | None = setting(None, "number", unit="per_s", above=0, off="none")
    schema: str = setting(
        "tolerant",
        "choice",
        choices=("tolerant", "strict"),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Access(Wire):
    """The common base of reads and writes: synchronous, each uses one connection of the database."""

    timeout_ms: float | None = setting(None, "number", unit="ms", above=0, off="none")
    retries: int = setting(0, "integer", at_least=0, at_most=100)
    required: bool = setting(True, "flag")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Write(Access):
    """A transaction that changes state."""

    kind: ClassVar[str] = "write"

    needs_state: bool = setting(
        False,
        "flag",
        physics=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Read(Access):
    """A query for the state of an entity."""

    kind: ClassVar[str] = "read"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Poll(Wire):
    """The job's query for unprocessed rows."""

    kind: ClassVar[str] = "poll"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Capture(Wire):
    """Change data capture, or a transactional outbox: every committed write is published in commit order, at
    least once.
    """

    kind: ClassVar[str] = "capture"

    lag_ms: float = setting(100.0, "number", unit="ms", at_least=0, physics=True)
    checkpoint_s: float = setting(
        1.0,
        "number",
        unit="s",
        above=0,
    )
    event: str = setting("", "text")
    payload: str = setting(
        "state",
        "choice",
        choices=("notification", "state"),
    )
    size_kb: float = setting(1.0, "number", unit="kb", above=0, physics=True)
    key: str = setting(
        "entity",
        "choice",
        choices=("entity", "group", "none"),
    )
    schema_change: str = setting(
        "none",
        "choice",
        choices=("none", "additive", "breaking"),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter(Wire):
    """The wire of a message after ``max_deliveries``, or by ``on_error``."""

    kind: ClassVar[str] = "dead-letter"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Bind(Wire):
    """A copy of each message of a topic into a queue: an exchange's binding, or an SQS queue that subscribes
    to SNS.
    """

    kind: ClassVar[str] = "bind"


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
    """Returns the kinds of wire that may join two kinds of component in this direction; empty if none may."""
    return _LEGAL.get((source_kind, target_kind), ())


def refusal(source_kind: str, target_kind: str) -> str:
    """Returns why no wire joins this pair in this direction, in one sentence that teaches."""
    if target_kind == "client":
        return say("rules.refusal.to-client")
    if source_kind == "client":
        if target_kind == "database":
            return say("rules.refusal.client-database")
        return say("rules.refusal.client-job")
    if target_kind == "job":
        if source_kind in CHANNELS:
            return say("rules.refusal.channel-job")
        return say("rules.refusal.to-job")
    if source_kind in CHANNELS and target_kind in CHANNELS:
        return say("rules.refusal.channel-channel")
    if source_kind in CHANNELS and target_kind == "database":
        return say("rules.refusal.channel-database")
    if source_kind == "database" and target_kind == "service":
        return say("rules.refusal.database-service")
    if source_kind == "database" and target_kind == "database":
        return say("rules.refusal.database-database")
    return say("rules.refusal.any", source=source_kind, target=target_kind)
