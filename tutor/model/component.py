"""The parts of a design. Capacity lives on components, policy lives on wires.

Each class is one ``kind`` of the model; each field carries its :class:`~tutor.model.setting.Setting`. Times
are in the unit of the field's name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from tutor.model.product import AS_PRODUCT, REASONS, implied
from tutor.model.records import Autoscale, PatternStep, Sequence
from tutor.model.setting import ProductName, setting, settings_of

_C = TypeVar("_C", bound="Component")

Distribution = str | tuple[tuple[float, float], ...]
"""``exponential``, ``constant``, or a mixture as ``((share, ms), ...)``."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of a design."""

    kind: ClassVar[str] = ""
    """The word for it in files and on screen."""
    glyph: ClassVar[str] = "?"
    """The sign of its kind on the board; one cell wide."""
    blurb: ClassVar[str] = ""
    """One sentence for the palette."""

    id: str
    """Lower-case kebab; unique in the design."""
    title: str = setting("", "text", "The name shown on the board; the id where it is empty.", passive=True)
    price_per_hour: float | None = setting(
        None, "number", "Overrides the price list.", at_least=0, off="none", physics=True
    )
    from_s: float = setting(
        0.0, "number", "When the part joins the running system.", unit="s", at_least=0, physics=True
    )
    at: tuple[int, int] | None = setting(
        None,
        "position",
        "Column and row on the board; placed automatically when none.",
        off="none",
        passive=True,
    )

    @property
    def name(self) -> str:
        """What the screen calls it: the title, or the id."""
        return self.title or self.id


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Client(Component):
    """People or devices outside: open loop, the next request does not wait for the last."""

    kind: ClassVar[str] = "client"
    glyph: ClassVar[str] = "☺"
    blurb: ClassVar[str] = "People or devices outside the system. They do not slow down because you do."

    rate_per_s: float = setting(
        1.0,
        "number",
        "Requests a second, on average.",
        unit="per_s",
        at_least=0,
        at_most=1_000_000,
        physics=True,
    )
    arrivals: str = setting(
        "poisson",
        "choice",
        "How requests are spaced: at random, or evenly.",
        choices=("poisson", "constant"),
        physics=True,
    )
    profile: tuple[tuple[float, float], ...] = setting(
        (),
        "profile",
        "Steps of [at_s, rate_per_s] that replace the rate.",
        at_least=0,
        at_most=1_000_000,
        physics=True,
    )
    event: str = setting("request.made", "text", "The type of event that a request is.", physics=True)
    keys: int = setting(
        1000,
        "integer",
        "How many entities (orders, accounts, cards) there are.",
        at_least=1,
        at_most=1_000_000_000,
        physics=True,
    )
    key_skew: float = setting(
        0.0,
        "number",
        "Zipf exponent: 0 is even, 1 makes a few keys hot.",
        at_least=0,
        at_most=5,
        physics=True,
    )
    groups: tuple[tuple[str, float], ...] = setting(
        (), "groups", "Shares of a coarser key, such as the country of an account.", physics=True
    )
    sequences: tuple[Sequence, ...] = setting(
        (), "sequences", "Scripted sequences of events for one key.", physics=True
    )
    late_share: float = setting(
        0.0,
        "number",
        "Share of events that arrive later than they happened.",
        at_least=0,
        at_most=1,
        physics=True,
    )
    late_s: float = setting(
        0.0,
        "number",
        "How late those arrive at most; evenly spread from 0.",
        unit="s",
        at_least=0,
        physics=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Service(Component):
    """Runs code: answers calls and handles events."""

    kind: ClassVar[str] = "service"
    glyph: ClassVar[str] = "▣"
    blurb: ClassVar[str] = "Runs code: answers calls, handles events, calls and publishes in turn."

    replicas: int = setting(
        1, "integer", "Copies of the service; each fails on its own.", at_least=1, at_most=1000
    )
    workers: int = setting(
        1, "integer", "How many pieces of work one replica does at once.", at_least=1, at_most=10_000
    )
    service_ms: float | tuple[tuple[str, float], ...] = setting(
        0.0,
        "number-by-event",
        "Its own work for one request or event, on average.",
        unit="ms",
        at_least=0,
        physics=True,
    )
    distribution: Distribution = setting(
        "exponential", "distribution", "How the time of its own work varies.", physics=True
    )
    failure_rate: float = setting(
        0.0,
        "number",
        "Share of pieces of work that fail for reasons of their own.",
        at_least=0,
        at_most=1,
        physics=True,
    )
    queue_limit: int | None = setting(
        None, "integer", "Requests that may wait; more are refused at once.", at_least=0, off="none"
    )
    reject_cost: float = setting(
        0.05,
        "number",
        "What a refusal costs, as a share of a service time.",
        at_least=0,
        at_most=1,
        physics=True,
    )
    discipline: str = setting(
        "fifo", "choice", "Who is served next: the oldest, or the newest.", choices=("fifo", "lifo")
    )
    drop_expired: bool = setting(False, "flag", "Drop work unstarted when its caller has already given up.")
    autoscale: Autoscale | None = setting(
        None, "autoscale", "Add and remove replicas by the work that waits.", off="off"
    )
    boot_s: float = setting(
        0.0,
        "number",
        "How long a new replica takes to start at least; autoscaling cannot be faster.",
        unit="s",
        at_least=0,
        physics=True,
    )
    idempotent: bool = setting(False, "flag", "Remember what was handled, and apply each event once.")
    dedup_window_s: float | None = setting(
        None, "number", "How long handled events are remembered.", unit="s", above=0, off="forever"
    )
    dedup_scope: str = setting(
        "shared",
        "choice",
        "Who remembers: one record for all replicas, or each replica for itself.",
        choices=("shared", "replica"),
    )
    ignore_stale: bool = setting(
        False, "flag", "Skip an event that is older than what was applied for its key."
    )
    strict: bool = setting(
        False,
        "flag",
        "Its code fails on events with fields that it does not know, by whatever wire they come.",
        physics=True,
    )
    window_s: float | None = setting(
        None,
        "number",
        "Emit one derived event for each key and window of this length.",
        unit="s",
        above=0,
        off="none",
    )
    pattern: tuple[PatternStep, ...] = setting(
        (), "steps", "Emit a derived event when a key's events match these steps."
    )
    watermark_s: float = setting(
        0.0, "number", "How long to wait for late events, in event time.", unit="s", at_least=0
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Database(Component):
    """Keeps the state of entities."""

    kind: ClassVar[str] = "database"
    glyph: ClassVar[str] = "◫"
    blurb: ClassVar[str] = "Keeps the state of things. Everyone who uses it shares its connections."

    connections: int = setting(
        20, "integer", "How many reads and writes it works on at once.", at_least=1, at_most=10_000
    )
    read_ms: float = setting(
        0.0, "number", "Time of one read, on average.", unit="ms", at_least=0, physics=True
    )
    write_ms: float = setting(
        0.0, "number", "Time of one write, on average.", unit="ms", at_least=0, physics=True
    )
    distribution: Distribution = setting("exponential", "distribution", "How those times vary.", physics=True)
    replicas: int = setting(
        1,
        "integer",
        "Copies; with more than one, another takes over when the leader fails.",
        at_least=1,
        at_most=9,
    )
    failover_s: float = setting(
        30.0, "number", "How long a take-over lasts.", unit="s", at_least=0, physics=True
    )
    owner: str = setting("", "text", "The service that may decide the facts kept here.")
    copy_of: str = setting("", "text", "The database that this one copies.")
    rows: int = setting(
        0, "integer", "Rows in it at the start.", at_least=0, at_most=1_000_000_000, physics=True
    )
    rollback_rate: float = setting(
        0.0, "number", "Share of transactions that roll back.", at_least=0, at_most=1, physics=True
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job(Component):
    """Legacy scheduler: wakes up, queries, handles rows one by one; a run that is late skips the ticks it
    missed.
    """

    kind: ClassVar[str] = "job"
    glyph: ClassVar[str] = "◷"
    blurb: ClassVar[str] = "A scheduled job: wakes up, looks for new rows, handles them one by one."

    interval_s: float = setting(60.0, "number", "Time from one start to the next.", unit="s", above=0)
    batch: int | None = setting(None, "integer", "Rows it takes at most in one run.", at_least=1, off="none")
    row_ms: float = setting(0.0, "number", "Its own work for one row.", unit="ms", at_least=0, physics=True)
    scan_ms: float = setting(
        0.0,
        "number",
        "What each query costs the database, found rows or not.",
        unit="ms",
        at_least=0,
        physics=True,
    )
    scan_ms_per_1000_rows: float = setting(
        0.0,
        "number",
        "What the query costs more for every thousand rows in the table.",
        unit="ms",
        at_least=0,
        at_most=1_000_000,
        physics=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Component):
    """What queues and topics have in common: a buffer for each reader, on a broker."""

    like: str | None = setting(
        None,
        "choice",
        "The product it behaves like: the settings that you do not set are that product's.",
        choices=("rabbitmq", "rabbitmq-quorum", "sqs", "sqs-fifo", "jetstream", "redis"),
        off="none",
    )
    redeliver_on: str = setting(
        "lease",
        "choice",
        "When an unacknowledged message comes back: after its lease (SQS), or when the consumer's connection"
        " drops (RabbitMQ).",
        choices=("lease", "disconnect"),
        implied=True,
    )
    visibility_timeout_s: float = setting(
        30.0,
        "number",
        "The lease: how long a delivered message stays hidden from others.",
        unit="s",
        above=0,
        implied=True,
        called={
            "sqs": ProductName("VisibilityTimeout"),
            "jetstream": ProductName("ack_wait"),
            "redis": ProductName("min-idle-time", times=1000),
        },
    )
    late_ack: str = setting(
        "latest",
        "choice",
        "Which acknowledgement still counts when its lease is over: that of the latest delivery, or of any"
        " delivery.",
        choices=("latest", "any"),
        implied=True,
    )
    max_deliveries: int | None = setting(
        None,
        "integer",
        "Deliveries before a message is given up.",
        at_least=1,
        off="none",
        implied=True,
        called={
            "rabbitmq": ProductName("x-delivery-limit", add=-1),
            "sqs": ProductName("maxReceiveCount"),
            "jetstream": ProductName("max_deliver"),
        },
    )
    dead_letter_on: tuple[str, ...] = setting(
        ("deliveries", "errors"),
        "texts",
        "Why a message goes to the dead letters: too many deliveries, an error, expired, or pushed out by"
        " overflow.",
        choices=REASONS,
        implied=True,
    )
    requeue: str = setting(
        "head", "choice", "Where a returned message goes.", choices=("head", "tail"), implied=True
    )
    max_length: int | None = setting(
        None,
        "integer",
        "Messages that may wait.",
        at_least=1,
        off="none",
        called={
            "rabbitmq": ProductName("x-max-length"),
            "jetstream": ProductName("max_msgs"),
            "redis": ProductName("MAXLEN"),
        },
    )
    overflow: str = setting(
        "reject",
        "choice",
        "When full: refuse the new message, drop the oldest, or drop the new one without a word.",
        choices=("reject", "drop-oldest", "drop-newest"),
    )
    limits_count: str = setting(
        "waiting",
        "choice",
        "What the limits by length and age count: what waits, or also what consumers have in hand.",
        choices=("waiting", "all"),
        implied=True,
    )
    ttl_s: float | None = setting(
        None,
        "number",
        "How long a message may wait before it expires.",
        unit="s",
        above=0,
        off="none",
        called={
            "rabbitmq": ProductName("x-message-ttl", times=1000),
            "sqs": ProductName("MessageRetentionPeriod"),
            "jetstream": ProductName("max_age"),
        },
    )
    discipline: str = setting(
        "fifo",
        "choice",
        "Which message is next: the oldest, or (as in no broker that we know) the newest.",
        choices=("fifo", "lifo"),
    )
    lanes: str = setting(
        "none",
        "choice",
        "entity: one message of a key in hand at a time, in order.",
        choices=("none", "entity"),
        implied=True,
        called={"sqs": ProductName("MessageGroupId")},
    )
    pull: bool = setting(
        False,
        "flag",
        "Consumers fetch what is there, up to their prefetch, and come again when they have worked it off.",
        implied=True,
    )
    durable: bool = setting(True, "flag", "Whether messages survive a crash of the broker.")
    crash_takes: str = setting(
        "messages",
        "choice",
        "What a crash takes where nothing is durable: the messages, also the readers' subscriptions, or the"
        " whole channel.",
        choices=("messages", "readers", "everything"),
        implied=True,
    )
    replicas: int = setting(
        1, "integer", "Broker nodes; more than one confirm by majority and fail over.", at_least=1, at_most=9
    )
    failover_s: float = setting(
        10.0, "number", "How long a take-over lasts.", unit="s", at_least=0, physics=True
    )
    publish_ms: float = setting(
        0.0,
        "number",
        "What a publish takes, from the send to the confirm.",
        unit="ms",
        at_least=0,
        physics=True,
        implied=True,
    )
    delivery_ms: float = setting(
        0.0,
        "number",
        "What it takes to hand a message to a consumer.",
        unit="ms",
        at_least=0,
        physics=True,
        implied=True,
    )

    def __post_init__(self) -> None:
        fill_in(self)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Channel):
    """Point-to-point channel: each message goes to one of the competing consumers."""

    kind: ClassVar[str] = "queue"
    glyph: ClassVar[str] = "≡"
    blurb: ClassVar[str] = (
        "Holds messages; each goes to one of its consumers and is removed when acknowledged."
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Channel):
    """Publish/subscribe channel: one copy for each subscription."""

    kind: ClassVar[str] = "topic"
    glyph: ClassVar[str] = "⋔"
    blurb: ClassVar[str] = "Gives every subscription its own copy of each message."

    partial: bool = setting(
        False,
        "flag",
        "When one subscription is full and the publisher is told no: whether the others keep their copies.",
        implied=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Component):
    """Partitioned, retained, replayable log."""

    kind: ClassVar[str] = "stream"
    glyph: ClassVar[str] = "▤"
    blurb: ClassVar[str] = "A retained log in partitions: readers keep their own position and may go back."

    like: str | None = setting(
        None,
        "choice",
        "The product it behaves like: the settings that you do not set are that product's.",
        choices=("kafka", "jetstream", "redis"),
        off="none",
    )
    partitions: int = setting(
        1,
        "integer",
        "Ordered shards; one member of a group reads each.",
        at_least=1,
        at_most=1000,
        called={"kafka": ProductName("num.partitions")},
    )
    retention_s: float | None = setting(
        None,
        "number",
        "How long records are kept, read or not.",
        unit="s",
        above=0,
        off="forever",
        called={"kafka": ProductName("retention.ms", times=1000)},
    )
    retention_records: int | None = setting(
        None,
        "integer",
        "How many records each partition keeps, read or not.",
        at_least=1,
        off="none",
        called={"jetstream": ProductName("max_msgs"), "redis": ProductName("MAXLEN")},
    )
    overflow: str = setting(
        "drop-oldest",
        "choice",
        "When a partition keeps as many records as it may: drop the oldest, refuse the new one, or drop the"
        " new one without a word.",
        choices=("drop-oldest", "reject", "drop-newest"),
        called={"jetstream": ProductName("discard")},
    )
    compacted: bool = setting(False, "flag", "Keep only the latest record of each key.")
    history: int = setting(
        0, "integer", "Records already in it at the start.", at_least=0, at_most=200_000, physics=True
    )
    durable: bool = setting(True, "flag", "Whether records survive a crash of a broker node.")
    replicas: int = setting(
        1,
        "integer",
        "Broker nodes that keep a copy.",
        at_least=1,
        at_most=9,
        called={"kafka": ProductName("replication.factor")},
    )
    min_insync: int = setting(
        1,
        "integer",
        'Copies that must be in sync to accept a write with acks "all".',
        at_least=1,
        at_most=9,
        called={"kafka": ProductName("min.insync.replicas")},
    )
    unclean_election: bool = setting(
        False,
        "flag",
        "Let a node that lacks records become leader.",
        called={"kafka": ProductName("unclean.leader.election.enable")},
    )
    failover_s: float = setting(
        10.0, "number", "How long a take-over lasts.", unit="s", at_least=0, physics=True
    )
    replication_lag_ms: float = setting(
        5.0, "number", "How far the copies are behind the leader.", unit="ms", at_least=0, physics=True
    )
    publish_ms: float = setting(
        0.0,
        "number",
        "What a publish takes, from the send to the confirm.",
        unit="ms",
        at_least=0,
        physics=True,
        implied=True,
    )
    delivery_ms: float = setting(
        0.0,
        "number",
        "What it takes to hand records to a reader.",
        unit="ms",
        at_least=0,
        physics=True,
        implied=True,
    )

    def __post_init__(self) -> None:
        fill_in(self)


IMPLYING = ("like", "redeliver_on", "max_deliveries")
"""The settings of a channel that others follow from, in the order in which they do."""


def fill_in(part: Channel | Stream) -> None:
    """Gives the settings of a new channel that nobody has set the values that follow from the others."""
    values = {
        name: getattr(part, name) for name, setting in settings_of(type(part)).items() if setting.implied
    }
    given = {name: value for name, value in values.items() if value is not AS_PRODUCT}
    for name, value in _implied_of(type(part), part.like, given).items():
        if values[name] is AS_PRODUCT:
            object.__setattr__(part, name, value)


def _implied_of(cls: type[Channel | Stream], like: str | None, given: Mapping[str, Any]) -> dict[str, Any]:
    return implied(
        like, given, {name: setting.default for name, setting in settings_of(cls).items() if setting.implied}
    )


def implied_settings(part: Component) -> dict[str, Any]:
    """What each setting of a part that follows from others would be if nobody had set it: what the inspector
    shows as implied.
    """
    if not isinstance(part, Channel | Stream):
        return {}
    given = {name: getattr(part, name) for name in ("redeliver_on", "max_deliveries") if hasattr(part, name)}
    alone = _implied_of(type(part), part.like, {})
    return {**_implied_of(type(part), part.like, given), **{name: alone[name] for name in given}}


def changed(part: _C, values: Mapping[str, Any]) -> _C:
    """A part with these settings; what followed from its product, and is not among them, follows from the new
    one.
    """
    if not isinstance(part, Channel | Stream):
        return dataclasses.replace(part, **values)
    follows = implied_settings(part)
    free = {
        name: AS_PRODUCT
        for name, value in follows.items()
        if name not in values and getattr(part, name) == value
    }
    return dataclasses.replace(part, **{**free, **values})


KINDS: dict[str, type[Component]] = {
    cls.kind: cls for cls in (Client, Service, Database, Job, Queue, Topic, Stream)
}
"""Every kind of component by its word, in the order of the palette."""


def most_replicas(part: Component | None) -> int:
    """How many replicas a part may come to have; 1 for what has none."""
    if isinstance(part, Service) and part.autoscale is not None:
        return part.autoscale.max
    return part.replicas if isinstance(part, Service | Database | Channel | Stream) else 1
