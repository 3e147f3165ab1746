"""The parts of a design. Capacity lives on components, policy lives on wires.

Each class is one ``kind`` of the model; each field carries its :class:`~tutor.model.setting.Setting`. Times
are in the unit of the field's name.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeVar

from tutor.model.product import AS_PRODUCT, REASONS, implied
from tutor.model.records import Autoscale, PatternStep, Sequence
from tutor.model.setting import ProductName, Setting, setting, settings_of
from tutor.words import say

_C = TypeVar("_C", bound="Component")

Distribution = str | tuple[tuple[float, float], ...]
"""``exponential``, ``constant``, or a mixture as ``((share, ms), ...)``."""


def _trip_ms() -> Any:
    """A time between a channel and its clients, in milliseconds; the product says how long."""
    return setting(0.0, "number", unit="ms", at_least=0, physics=True, implied=True)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A part of a design."""

    kind: ClassVar[str] = ""
    """The word for it in files and on screen."""
    glyph: ClassVar[str] = "?"
    """The sign of its kind on the board; one cell wide."""

    id: str
    """Lower-case kebab; unique in the design."""
    title: str = setting("", "text", passive=True)
    price_per_hour: float | None = setting(None, "number", at_least=0, off="none", physics=True)
    from_s: float = setting(0.0, "number", unit="s", at_least=0, physics=True)
    at: tuple[int, int] | None = setting(
        None,
        "position",
        off="none",
        passive=True,
    )

    @property
    def name(self) -> str:
        """The name on screen: the title, or the id; an id that says no more than the kind is said in words:
        ``queue-2`` is "Queue 2".
        """
        return self.title or _name_of(self.id, self.kind)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Client(Component):
    """People or devices outside: open loop, the next request does not wait for the last."""

    kind: ClassVar[str] = "client"
    glyph: ClassVar[str] = "☺"

    rate_per_s: float = setting(
        1.0,
        "number",
        unit="per_s",
        at_least=0,
        at_most=1_000_000,
        physics=True,
    )
    arrivals: str = setting(
        "poisson",
        "choice",
        choices=("poisson", "constant"),
        physics=True,
    )
    profile: tuple[tuple[float, float], ...] = setting(
        (),
        "profile",
        at_least=0,
        at_most=1_000_000,
        physics=True,
    )
    event: str = setting("request.made", "text", physics=True)
    keys: int = setting(
        1000,
        "integer",
        at_least=1,
        at_most=1_000_000_000,
        physics=True,
    )
    key_skew: float = setting(
        0.0,
        "number",
        at_least=0,
        at_most=5,
        physics=True,
    )
    groups: tuple[tuple[str, float], ...] = setting((), "groups", physics=True)
    sequences: tuple[Sequence, ...] = setting((), "sequences", physics=True)
    late_share: float = setting(
        0.0,
        "number",
        at_least=0,
        at_most=1,
        physics=True,
    )
    late_s: float = setting(
        0.0,
        "number",
        unit="s",
        at_least=0,
        physics=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Service(Component):
    """Runs code: answers calls and handles events."""

    kind: ClassVar[str] = "service"
    glyph: ClassVar[str] = "▣"

    replicas: int = setting(1, "integer", at_least=1, at_most=1000)
    workers: int = setting(1, "integer", at_least=1, at_most=10_000)
    service_ms: float | tuple[tuple[str, float], ...] = setting(
        0.0,
        "number-by-event",
        unit="ms",
        at_least=0,
        physics=True,
    )
    distribution: Distribution = setting("exponential", "distribution", physics=True)
    failure_rate: float = setting(
        0.0,
        "number",
        at_least=0,
        at_most=1,
        physics=True,
    )
    queue_limit: int | None = setting(None, "integer", at_least=0, off="none")
    reject_cost: float = setting(
        0.05,
        "number",
        at_least=0,
        at_most=1,
        physics=True,
    )
    discipline: str = setting("fifo", "choice", choices=("fifo", "lifo"))
    drop_expired: bool = setting(False, "flag")
    autoscale: Autoscale | None = setting(None, "autoscale", off="off")
    boot_s: float = setting(
        0.0,
        "number",
        unit="s",
        at_least=0,
        physics=True,
    )
    idempotent: bool = setting(False, "flag")
    dedup_window_s: float | None = setting(None, "number", unit="s", above=0, off="forever")
    dedup_scope: str = setting(
        "shared",
        "choice",
        choices=("shared", "replica"),
    )
    ignore_stale: bool = setting(False, "flag")
    strict: bool = setting(False, "flag", physics=True)
    window_s: float | None = setting(
        None,
        "number",
        unit="s",
        above=0,
        off="none",
    )
    pattern: tuple[PatternStep, ...] = setting((), "steps")
    watermark_s: float = setting(0.0, "number", unit="s", at_least=0)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Database(Component):
    """Keeps the state of entities."""

    kind: ClassVar[str] = "database"
    glyph: ClassVar[str] = "◫"

    connections: int = setting(20, "integer", at_least=1, at_most=10_000)
    read_ms: float = setting(0.0, "number", unit="ms", at_least=0, physics=True)
    write_ms: float = setting(0.0, "number", unit="ms", at_least=0, physics=True)
    distribution: Distribution = setting("exponential", "distribution", physics=True)
    replicas: int = setting(
        1,
        "integer",
        at_least=1,
        at_most=9,
    )
    failover_s: float = setting(30.0, "number", unit="s", at_least=0, physics=True)
    owner: str = setting("", "text", names="service")
    copy_of: str = setting("", "text", names="database")
    rows: int = setting(0, "integer", at_least=0, at_most=1_000_000_000, physics=True)
    rollback_rate: float = setting(0.0, "number", at_least=0, at_most=1, physics=True)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Job(Component):
    """Legacy scheduler: wakes up, queries, handles rows one by one; a run that is late skips the ticks it
    missed.
    """

    kind: ClassVar[str] = "job"
    glyph: ClassVar[str] = "◷"

    interval_s: float = setting(60.0, "number", unit="s", above=0)
    batch: int | None = setting(None, "integer", at_least=1, off="none")
    row_ms: float = setting(0.0, "number", unit="ms", at_least=0, physics=True)
    scan_ms: float = setting(
        0.0,
        "number",
        unit="ms",
        at_least=0,
        physics=True,
    )
    scan_ms_per_1000_rows: float = setting(
        0.0,
        "number",
        unit="ms",
        at_least=0,
        at_most=1_000_000,
        physics=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Channel(Component):
    """The common base of queues and topics: a buffer for each reader, on a broker."""

    like: str | None = setting(
        None,
        "choice",
        choices=("rabbitmq", "rabbitmq-quorum", "sqs", "sqs-fifo", "jetstream", "redis"),
        off="none",
    )
    redeliver_on: str = setting(
        "lease",
        "choice",
        choices=("lease", "disconnect"),
        implied=True,
    )
    visibility_timeout_s: float = setting(
        30.0,
        "number",
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
        choices=("latest", "any"),
        implied=True,
    )
    max_deliveries: int | None = setting(
        None,
        "integer",
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
        choices=REASONS,
        implied=True,
    )
    requeue: str = setting("head", "choice", choices=("head", "tail"), implied=True)
    max_length: int | None = setting(
        None,
        "integer",
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
        choices=("reject", "drop-oldest", "drop-newest"),
    )
    limits_count: str = setting(
        "waiting",
        "choice",
        choices=("waiting", "all"),
        implied=True,
    )
    ttl_s: float | None = setting(
        None,
        "number",
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
        choices=("fifo", "lifo"),
    )
    lanes: str = setting(
        "none",
        "choice",
        choices=("none", "entity"),
        implied=True,
        called={"sqs": ProductName("MessageGroupId")},
    )
    pull: bool = setting(
        False,
        "flag",
        implied=True,
    )
    durable: bool = setting(True, "flag")
    crash_takes: str = setting(
        "messages",
        "choice",
        choices=("messages", "readers", "everything"),
        implied=True,
    )
    replicas: int = setting(1, "integer", at_least=1, at_most=9)
    failover_s: float = setting(10.0, "number", unit="s", at_least=0, physics=True)
    replication_lag_ms: float = setting(0.0, "number", unit="ms", at_least=0, physics=True)
    publish_ms: float = _trip_ms()
    delivery_ms: float = _trip_ms()

    def __post_init__(self) -> None:
        fill_in(self)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Channel):
    """Point-to-point channel: each message goes to one of the competing consumers."""

    kind: ClassVar[str] = "queue"
    glyph: ClassVar[str] = "≡"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Channel):
    """Publish/subscribe channel: one copy for each subscription."""

    kind: ClassVar[str] = "topic"
    glyph: ClassVar[str] = "⋔"

    partial: bool = setting(
        False,
        "flag",
        implied=True,
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Stream(Component):
    """Partitioned, retained, replayable log."""

    kind: ClassVar[str] = "stream"
    glyph: ClassVar[str] = "▤"

    like: str | None = setting(
        None,
        "choice",
        choices=("kafka", "jetstream", "redis"),
        off="none",
    )
    partitions: int = setting(
        1,
        "integer",
        at_least=1,
        at_most=1000,
        called={"kafka": ProductName("num.partitions")},
    )
    retention_s: float | None = setting(
        None,
        "number",
        unit="s",
        above=0,
        off="forever",
        called={"kafka": ProductName("retention.ms", times=1000)},
    )
    retention_records: int | None = setting(
        None,
        "integer",
        at_least=1,
        off="none",
        called={"jetstream": ProductName("max_msgs"), "redis": ProductName("MAXLEN")},
    )
    overflow: str = setting(
        "drop-oldest",
        "choice",
        choices=("drop-oldest", "reject", "drop-newest"),
        called={"jetstream": ProductName("discard")},
    )
    compacted: bool = setting(False, "flag")
    history: int = setting(0, "integer", at_least=0, at_most=200_000, physics=True)
    durable: bool = setting(True, "flag")
    replicas: int = setting(
        1,
        "integer",
        at_least=1,
        at_most=9,
        called={"kafka": ProductName("replication.factor")},
    )
    min_insync: int = setting(
        1,
        "integer",
        at_least=1,
        at_most=9,
        called={"kafka": ProductName("min.insync.replicas")},
    )
    unclean_election: bool = setting(
        False,
        "flag",
        called={"kafka": ProductName("unclean.leader.election.enable")},
    )
    failover_s: float = setting(10.0, "number", unit="s", at_least=0, physics=True)
    replication_lag_ms: float = setting(5.0, "number", unit="ms", at_least=0, physics=True)
    publish_ms: float = _trip_ms()
    delivery_ms: float = _trip_ms()

    def __post_init__(self) -> None:
        fill_in(self)


IMPLYING = ("like", "redeliver_on", "max_deliveries")
"""The settings of a channel that others follow from, in the order in which they do."""


def fill_in(part: Channel | Stream) -> None:
    """Fills in the settings of a new channel that nobody has set, with the values that follow from the
    others.
    """
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
    """Returns the value that each dependent setting of a part would have if nobody had set it; the inspector
    shows these as implied.
    """
    if not isinstance(part, Channel | Stream):
        return {}
    given = {name: getattr(part, name) for name in ("redeliver_on", "max_deliveries") if hasattr(part, name)}
    alone = _implied_of(type(part), part.like, {})
    return {**_implied_of(type(part), part.like, given), **{name: alone[name] for name in given}}


def changed(part: _C, values: Mapping[str, Any]) -> _C:
    """Returns a part with these settings; those that followed from its product, and are not among them,
    follow from the new one.
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


def _name_of(part: str, kind: str) -> str:
    stem, _, number = part.rpartition("-")
    if part == kind:
        return say(f"kinds.part.{kind}")
    if stem == kind and number.isdecimal():
        return say("names.numbered", name=say(f"kinds.part.{kind}"), number=number)
    return part


def most_replicas(part: Component | None) -> int:
    """Returns how many replicas a part may come to have; 1 if it has none."""
    if isinstance(part, Service) and part.autoscale is not None:
        return part.autoscale.max
    return part.replicas if isinstance(part, Service | Database | Channel | Stream) else 1


def links_of(part: Component) -> Iterator[tuple[Setting, str]]:
    """Yields each setting of a part that names another part, with the id it names; none if it names none."""
    for spec in settings_of(type(part)).values():
        if spec.names and (linked := getattr(part, spec.name)):
            yield spec, linked


def linkable(part: Component, spec: Setting, parts: Iterable[Component]) -> list[str]:
    """Returns the ids of ``parts`` that this setting of a part may name."""
    return [other.id for other in parts if other.kind == spec.names and other.id != part.id]
