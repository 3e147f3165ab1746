"""The inspector's fields: which settings of a part are shown, their titles and choices, and how a value is
written and stepped.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tutor.errors import InputError
from tutor.model.component import Channel, Client, Component, Database, Service, Stream, linkable
from tutor.model.design import Design
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.note import Note
from tutor.model.path import Reach
from tutor.model.records import Autoscale, PatternStep, plain_value
from tutor.model.setting import Setting, settings_of, title_of
from tutor.model.wire import Call, Capture, Publish, Subscribe, Wire
from tutor.rules import FREE, why_locked
from tutor.words import say

Part = Component | Wire | Fault | Note

HIDDEN = ("at",)
"""Settings that the board itself is for."""

FIRST, GIVEN = "first", "given"
"""The groups that are always open: what is worth changing here, and what the level gives."""

GROUPS: Mapping[str, tuple[str, ...]] = {
    "capacity": (
        *(
            "replicas",
            "workers",
            "service_ms",
            "distribution",
            "queue_limit",
            "reject_cost",
            "discipline",
            "drop_expired",
        ),
        *(
            "autoscale",
            "boot_s",
            "connections",
            "read_ms",
            "write_ms",
            "max_in_flight",
            "prefetch",
            "max_rate_per_s",
        ),
        *(
            "interval_s",
            "batch",
            "row_ms",
            "scan_ms",
            "scan_ms_per_1000_rows",
            "max_length",
            "overflow",
            "partitions",
        ),
        *("limits_count", "pull", "publish_ms", "delivery_ms"),
    ),
    "failures": (
        *(
            "timeout_ms",
            "retries",
            "backoff_ms",
            "backoff_factor",
            "jitter",
            "retry_budget",
            "breaker_failures",
        ),
        *("breaker_reset_s", "required", "ack", "on_error", "retry_delay_s", "extend_lease", "redeliver_on"),
        *("like", "late_ack", "dead_letter_on", "heartbeat_s"),
        *(
            "visibility_timeout_s",
            "max_deliveries",
            "requeue",
            "on",
            "rescues",
            "failure_rate",
            "rollback_rate",
            "buffer",
        ),
    ),
    "messages": (
        "events",
        "event",
        "payload",
        "lookup",
        "size_kb",
        "key",
        "schema",
        "strict",
        "needs_state",
        "schema_change",
        "lag_ms",
        "checkpoint_s",
    ),
    "repeats": ("idempotent", "dedup_window_s", "dedup_scope", "ignore_stale", "lanes"),
    "reading": (
        "from_offset",
        "assignment",
        "static_member",
        "session_timeout_s",
        "rebalance_s",
        "poll_deadline_s",
    ),
    "windows": ("window_s", "pattern", "watermark_s"),
    "safety": (
        *(
            "durable",
            "crash_takes",
            "partial",
            "acks",
            "min_insync",
            "unclean_election",
            "failover_s",
            "replication_lag_ms",
            "ttl_s",
            "retention_s",
            "retention_records",
        ),
        *("compacted", "history", "owner", "copy_of", "rows"),
    ),
    "traffic": (
        *(
            "rate_per_s",
            "arrivals",
            "profile",
            "keys",
            "key_skew",
            "groups",
            "sequences",
            "late_share",
            "late_s",
        ),
    ),
    "rest": ("title", "price_per_hour", "from_s", "latency_ms", "at"),
}
"""What stands under which heading."""

FREE_FIRST = (
    *(
        "replicas",
        "workers",
        "ack",
        "timeout_ms",
        "retries",
        "partitions",
        "max_deliveries",
        "payload",
        "acks",
    ),
    *("interval_s", "event"),
)
"""What the sandbox shows first."""

PHYSICS_FIRST = ("rate_per_s", "service_ms", "read_ms", "write_ms", "row_ms")
"""Physics that says most about a part: shown even as it comes."""

NEEDS: Mapping[str, str] = {
    "backoff_ms": "retries",
    "backoff_factor": "retries",
    "jitter": "retries",
    "retry_budget": "retries",
    "breaker_reset_s": "breaker_failures",
    "dedup_window_s": "idempotent",
    "dedup_scope": "idempotent",
    "late_s": "late_share",
    "overflow": "max_length",
    "boot_s": "autoscale",
    "rescues": "on",
}
"""Settings that do nothing until another one of the same part is set."""

ON_STREAMS = (
    "from_offset",
    "assignment",
    "static_member",
    "session_timeout_s",
    "rebalance_s",
    "poll_deadline_s",
    "batch",
)
"""Settings of a subscription that only a stream has a use for."""

TERMS: Mapping[str, str] = {
    "ack": "ack",
    "acks": "publisher-confirm",
    "prefetch": "prefetch",
    "visibility_timeout_s": "visibility-timeout",
    "extend_lease": "visibility-timeout",
    "redeliver_on": "redelivery",
    "max_deliveries": "poison-message",
    "on_error": "dead-letter-queue",
    "retry_delay_s": "retry",
    "requeue": "redelivery",
    "max_length": "max-length",
    "overflow": "max-length",
    "ttl_s": "time-to-live",
    "lanes": "ordering",
    "replicas": "replication",
    "min_insync": "replication",
    "replication_lag_ms": "replication",
    "failover_s": "failover",
    "unclean_election": "unclean-election",
    "partitions": "partition",
    "key": "partition-key",
    "key_skew": "hot-key",
    "retention_s": "retention",
    "retention_records": "retention",
    "compacted": "compaction",
    "from_offset": "offset",
    "assignment": "rebalance",
    "static_member": "rebalance",
    "rebalance_s": "rebalance",
    "session_timeout_s": "session-timeout",
    "timeout_ms": "timeout",
    "retries": "retry",
    "backoff_ms": "retry",
    "backoff_factor": "retry",
    "jitter": "retry-storm",
    "retry_budget": "retry-budget",
    "breaker_failures": "circuit-breaker",
    "breaker_reset_s": "circuit-breaker",
    "max_in_flight": "bulkhead",
    "queue_limit": "load-shedding",
    "drop_expired": "deadline",
    "autoscale": "autoscaling",
    "boot_s": "autoscaling",
    "idempotent": "idempotency",
    "dedup_window_s": "idempotency",
    "dedup_scope": "idempotency",
    "ignore_stale": "ordering",
    "window_s": "window",
    "pattern": "complex-event-processing",
    "watermark_s": "watermark",
    "late_share": "event-time",
    "late_s": "event-time",
    "owner": "source-of-truth",
    "copy_of": "read-model",
    "payload": "event-carried-state-transfer",
    "schema": "tolerant-reader",
    "strict": "tolerant-reader",
    "needs_state": "event-carried-state-transfer",
    "schema_change": "compatibility",
    "lag_ms": "change-data-capture",
    "checkpoint_s": "change-data-capture",
    "interval_s": "scheduled-job",
    "batch": "polling",
    "workers": "utilization",
    "event": "event",
    "events": "subscription",
    "rate_per_s": "littles-law",
    "arrivals": "load-levelling",
    "profile": "load-levelling",
    "keys": "partition-key",
    "groups": "partition-key",
    "sequences": "complex-event-processing",
    "service_ms": "littles-law",
    "distribution": "utilization",
    "reject_cost": "load-shedding",
    "discipline": "ordering",
    "failure_rate": "retry",
    "read_ms": "shared-database",
    "write_ms": "shared-database",
    "connections": "shared-database",
    "rollback_rate": "dual-write",
    "rows": "polling",
    "row_ms": "scheduled-job",
    "scan_ms": "polling",
    "scan_ms_per_1000_rows": "polling",
    "limits_count": "max-length",
    "pull": "prefetch",
    "publish_ms": "publisher-confirm",
    "delivery_ms": "broker",
    "like": "broker",
    "late_ack": "ack",
    "dead_letter_on": "dead-letter-queue",
    "durable": "broker",
    "partial": "topic",
    "history": "replay",
    "required": "synchronous-call",
    "lookup": "event-notification",
    "latency_ms": "message",
    "buffer": "publisher-confirm",
    "size_kb": "message",
    "on": "event",
    "max_rate_per_s": "backpressure",
    "poll_deadline_s": "rebalance",
    "from_s": "availability",
    "crash_takes": "broker",
    "heartbeat_s": "session-timeout",
    "rescues": "dead-letter-queue",
}
"""The glossary's word for a setting, where it has one of its own."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One row of the inspector: a setting, or one of the values that a setting is made of."""

    key: str
    """Unique among the rows of a part: the setting's name, with what follows after dots."""
    name: str
    """The setting, as files call it."""
    title: str
    """What the screen calls it."""
    help: str
    """What it means, in one sentence."""
    spec: Setting
    """What may be typed."""
    value: Any
    """What it is set to."""
    put: Callable[[Any], Any]
    """The setting's value with this one in it; raises :class:`InputError` where the two do not fit."""
    group: str
    """The heading that it stands under: one of ``GROUPS``, ``first`` or ``given``."""
    locked: str = ""
    """Why it cannot be changed; empty where it can."""
    changed: bool = False
    """Whether it differs from its default."""
    choices: tuple[str, ...] = ()
    """What it is chosen from; empty for what is typed."""
    several: bool = False
    """Whether any number of the choices may be taken; none taken means all."""
    action: bool = False
    """Whether the row has no value, and does something instead."""
    called: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What is shown for a value in its place: for the id of another part, its title."""

    @property
    def text(self) -> str:
        """The value with its unit, as a learner reads it."""
        return "" if self.action else self.called.get(self.value) or self.spec.said(self.value)

    def said(self, choices: Iterable[str]) -> tuple[str, ...]:
        """Returns choices as a learner reads them."""
        return tuple(self.called.get(choice, choice) for choice in choices)

    @property
    def term(self) -> str:
        """The glossary's word for the field; empty if it has none."""
        return (
            "durable-subscription"
            if self.key == "durable" and self.title == title_of("subscribe", "durable")
            else TERMS.get(self.name, "")
        )

    @property
    def typed(self) -> bool:
        """True if its value is typed."""
        return not self.choices and not self.action

    @property
    def numeric(self) -> bool:
        """True if a number is typed."""
        return self.typed and self.spec.shape in ("number", "integer", "number-by-event")

    def parse(self, text: str) -> Any:
        """Returns the setting's value for typed text; raises :class:`InputError` with what would be right."""
        return self.put(self.spec.parse_text(text))

    def pick(self, choice: str) -> Any:
        """Returns the setting's value after a choice is taken, or given back if several may be taken."""
        if self.action:
            return self.put(None)
        if self.several:
            if choice == self.choices[0]:
                return self.put(())
            taken = set(self.value) ^ {choice}
            return self.put(tuple(one for one in self.choices[1:] if one in taken))
        if self.spec.shape == "flag":
            return self.put(choice == self.choices[0])
        return self.put("" if self.spec.shape == "text" and choice == self.choices[0] else choice)

    def taken(self) -> tuple[str, ...]:
        """The choices that are in force."""
        if self.several:
            return tuple(self.value) or self.choices[:1]
        if self.spec.shape == "flag":
            return (self.choices[0 if self.value else 1],)
        return (self.value or self.choices[0],)


FAMILIES = {
    "kafka": "Kafka",
    "rabbitmq": "RabbitMQ",
    "jetstream": "NATS JetStream",
    "sqs": "Amazon SQS",
    "redis": "Redis Streams",
}
"""Families of products, by the word that settings know them by, as people call them."""


def product_names(spec: Setting) -> str:
    """Returns the products' names for a setting: ``Kafka acks, RabbitMQ x-max-length``; empty if none has a
    word for it.
    """
    return ", ".join(
        f"{FAMILIES[family]} {name.name}" for family, name in spec.called.items() if family in FAMILIES
    )


def families_of(part: Part, design: Design) -> tuple[str, ...]:
    """Returns the product families in whose configuration a channel can be written: those that have a word
    for anything set there.
    """
    if not isinstance(part, Channel | Stream):
        return ()
    return tuple(family for family in FAMILIES if len(configuration(part, design, family).splitlines()) > 1)


def configuration(part: Part, design: Design, family: str) -> str:
    """Returns the settings of a channel, and of the wires to and from it, as a family of products has them:
    one ``name = value`` a line.
    """
    if not isinstance(part, Component):
        return ""
    lines = [f"# {part.name}: {part.kind}, {FAMILIES[family]}"]
    lines += _configured(part, design, family)
    for wire in design.wires:
        if part.id in (wire.source, wire.target):
            other = design.components[wire.source if wire.target == part.id else wire.target]
            found = _configured(wire, design, family)
            if found:
                lines += [f"# {wire.kind}: {other.name}", *found]
    return "\n".join(lines)


def _configured(part: Component | Wire, design: Design, family: str) -> list[str]:
    """Returns the lines for settings that a family of products has a word for, if they do anything here."""
    found = (
        spec.called_by(family, getattr(part, name))
        for name, spec in settings_of(type(part)).items()
        if applies(part, name, design)
    )
    return [line for line in found if line]


def group_of(name: str) -> str:
    """Returns the heading of a setting's group."""
    return next((group for group, names in GROUPS.items() if name in names), "rest")


def applies(part: Part, name: str, design: Design) -> bool:
    """Returns whether a setting does anything here: batches only on streams, waits between retries only where
    there are retries.
    """
    if isinstance(part, Subscribe):
        source = design.components.get(part.source)
        if name in ON_STREAMS:
            return isinstance(source, Stream)
        if name == "durable":
            return source is None or source.kind == "topic"
        if name == "heartbeat_s":
            return getattr(source, "redeliver_on", "lease") == "disconnect"
        if name in ("extend_lease", "retry_delay_s"):
            return not isinstance(source, Stream) and (
                name != "extend_lease" or getattr(source, "redeliver_on", "lease") == "lease"
            )
    if isinstance(part, Publish | Capture) and name == "key":
        return isinstance(design.components.get(part.target), Stream)
    if isinstance(part, Stream | Database) or getattr(part, "kind", "") in ("queue", "topic"):
        if name in ("min_insync", "unclean_election", "replication_lag_ms", "failover_s"):
            return getattr(part, "replicas", 1) > 1
        if name in ("visibility_timeout_s", "late_ack"):
            return getattr(part, "redeliver_on", "lease") == "lease"
        if name == "overflow" and isinstance(part, Stream):
            return part.retention_records is not None
        if name == "crash_takes":
            return not getattr(part, "durable", True)
    if name == "watermark_s" and isinstance(part, Service):
        return part.window_s is not None or bool(part.pattern)
    if name == "on" and isinstance(part, Publish):
        return design.kind_of(part.source) != "client" if part.source in design.components else True
    if name == "rescues" and isinstance(part, Publish):
        return part.on == "failure"
    need = NEEDS.get(name)
    if need is not None and hasattr(part, need):
        value = getattr(part, need)
        return bool(value) if not isinstance(value, str) else value == "failure"
    return True


def fields_of(part: Part, level: Level | None, design: Design | None = None) -> tuple[Field, ...]:
    """Returns the rows for a part: those the level is about, then the given ones, then the rest by groups."""
    around = design if design is not None else Design()
    shows = level.shows if level is not None else ()
    rows: list[Field] = []
    for name, spec in settings_of(type(part)).items():
        if name in HIDDEN or (name == "rate_per_s" and isinstance(part, Client) and part.profile):
            continue
        if name not in shows and not applies(part, name, around):
            continue
        value = getattr(part, name)
        locked = "" if isinstance(part, Fault) else why_locked(level, part, name)
        changed = value != spec.default
        group = group_of(name)
        if locked:
            group = GIVEN if changed or (name in PHYSICS_FIRST and value) else group
        elif (
            name in shows
            or (level is None and name in (*PHYSICS_FIRST, *FREE_FIRST))
            or (changed and name not in FREE)
        ):
            group = FIRST
        rows += _rows_of(part, spec, value, group, locked, around)
    if not any(row.group == FIRST for row in rows):
        rows = _promoted(rows)
    order = [FIRST, GIVEN, *GROUPS]
    place = {name: index for index, name in enumerate(shows)}
    return tuple(
        sorted(
            rows, key=lambda row: (order.index(row.group), place.get(row.name, len(place)), bool(row.locked))
        )
    )


def _promoted(rows: Sequence[Field]) -> list[Field]:
    """Promotes the first few rows that may be changed if a level shows none of a part's settings."""
    free = [row.name for row in rows if not row.locked and row.name not in FREE]
    first = list(dict.fromkeys(free))[:4]
    return [
        dataclasses.replace(row, group=FIRST) if row.name in first and not row.locked else row for row in rows
    ]


def _rows_of(
    part: Part, spec: Setting, value: Any, group: str, locked: str, design: Design
) -> Iterator[Field]:
    """Yields the rows of one setting: itself, or the values that it is made of."""
    kind = part.kind if not isinstance(part, Fault) else "fault"
    plain = Field(
        spec.name,
        spec.name,
        title_of(kind, spec.name),
        spec.doc,
        spec,
        value,
        lambda new: new,
        group,
        locked,
        value != spec.default,
    )
    match spec.shape:
        case "flag":
            yield dataclasses.replace(plain, choices=(say("settings.value.yes"), say("settings.value.no")))
        case "choice":
            yield dataclasses.replace(plain, choices=spec.choices)
        case "distribution" if isinstance(value, str):
            yield dataclasses.replace(plain, choices=("exponential", "constant"))
        case "texts":
            known = tuple(dict.fromkeys((*events_of(design), *value)))
            yield dataclasses.replace(plain, choices=(say("settings.value.all"), *known), several=True)
        case "text" if spec.names:
            assert isinstance(part, Component)
            known = tuple(linkable(part, spec, design.components.values()))
            called = {name: other.name for name, other in design.components.items()}
            yield dataclasses.replace(plain, choices=(say("settings.value.none"), *known), called=called)
        case "text" if spec.name == "title" and isinstance(part, Component):
            yield dataclasses.replace(plain, called={"": part.name})
        case "autoscale":
            yield from _autoscale(plain)
        case "steps":
            yield from _steps(plain, design)
        case "sequences" if value:
            yield from _sequences(plain)
        case "profile" if value:
            yield from _pairs(plain)
        case "number-by-event" if isinstance(value, tuple):
            for index, (event, number) in enumerate(value):
                put = _putting(spec, _in_pairs(value, index))
                yield dataclasses.replace(
                    plain, key=f"{spec.name}.{index}", title=f"{plain.title}: {event}", value=number, put=put
                )
        case "groups" if value:
            for index, (name, share) in enumerate(value):
                put = _putting(spec, _in_pairs(value, index))
                number = Setting(spec.name, "number", share, at_least=0)
                yield dataclasses.replace(
                    plain,
                    key=f"{spec.name}.{index}",
                    title=f"{plain.title}: {name}",
                    spec=number,
                    value=share,
                    put=put,
                )
        case _:
            yield plain


def _putting(spec: Setting, whole: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns a function that puts a value into a setting by way of the plain data that files have, so that
    it is checked as a file is.
    """
    return lambda new: spec.parse(plain_value(whole(new)))


def _in_pairs(pairs: Sequence[tuple[str, float]], at: int) -> Callable[[Any], Any]:
    """Returns a function that puts another number in the pair of that place."""
    return lambda new: {name: new if number == at else old for number, (name, old) in enumerate(pairs)}


def _in_record(record: Any, name: str) -> Callable[[Any], Any]:
    """Returns a function that puts another value in a record."""
    return lambda new: dataclasses.replace(record, **{name: new})


def _in_records(records: Sequence[Any], at: int, name: str) -> Callable[[Any], Any]:
    """Returns a function that puts another value in the record of that place."""
    return lambda new: tuple(
        dataclasses.replace(old, **{name: new}) if number == at else old for number, old in enumerate(records)
    )


def _inside(
    field: Field, key: str, word: str, spec: Setting, value: Any, put: Callable[[Any], Any], **numbers: int
) -> Field:
    """Returns a row for a value inside a setting; ``word`` is its key among the words."""
    return dataclasses.replace(
        field,
        key=f"{field.key}.{key}",
        title=_inner_title(word, **numbers),
        help=say(f"settings.help.{word}"),
        spec=spec,
        value=value,
        put=put,
        changed=False,
        choices=(say("settings.value.yes"), say("settings.value.no")) if spec.shape == "flag" else (),
    )


def _inner_title(word: str, *, number: int = 0, step: int = 0) -> str:
    """Returns the title of a value inside a setting; the step or script and the event that it is of are
    counted from 1.
    """
    if step:
        return say(f"settings.scripted.{word}", number=number, step=step)
    return say(f"settings.step.{word}", number=number) if number else say(f"settings.title.{word}")


COUNT = Setting("", "integer", 1, at_least=1)
SECONDS = Setting("", "number", 0.0, unit="s", at_least=0)
WITHIN = Setting("", "number", None, unit="s", above=0, optional=True)
FLAG = Setting("", "flag", False)
WORD = Setting("", "text", "")
RATE = Setting("", "number", 1.0, unit="per_s", at_least=0)
"""What the values inside a setting may be."""


def _autoscale(field: Field) -> Iterator[Field]:
    now: Autoscale | None = field.value
    spec = field.spec
    started = Autoscale(1, 4, 10, 10.0)
    switch = Setting("", "flag", False)
    flip = _putting(spec, lambda on: started if on else None)
    words = (say("settings.value.yes"), say("settings.value.no"))
    yield dataclasses.replace(
        field,
        help=say("settings.help.autoscale"),
        spec=switch,
        value=now is not None,
        put=lambda on: flip(on) if on else None,
        choices=words,
    )
    if now is None:
        return
    for name, inner in (("min", COUNT), ("max", COUNT), ("depth", COUNT), ("start_s", SECONDS)):
        put = _putting(spec, _in_record(now, name))
        yield _inside(field, name, f"autoscale-{name.replace('_', '-')}", inner, getattr(now, name), put)


def _steps(field: Field, design: Design) -> Iterator[Field]:
    steps: tuple[PatternStep, ...] = field.value
    known = events_of(design)
    for index, step in enumerate(steps):
        for name, spec in (
            ("event", WORD),
            ("count", COUNT),
            ("within_s", WITHIN),
            ("absent", FLAG),
            ("differs", FLAG),
        ):
            row = _inside(
                field,
                f"{index}.{name}",
                f"pattern-{name.replace('_', '-')}",
                spec,
                getattr(step, name),
                _in_records(steps, index, name),
                number=index + 1,
            )
            yield (
                dataclasses.replace(row, choices=tuple(dict.fromkeys((*known, step.event))))
                if name == "event" and known
                else row
            )
    first = steps[-1].event if steps else known[0] if known else "event"
    yield _acting(field, "add", "pattern-add", lambda _: (*steps, PatternStep(first)))
    if steps:
        yield _acting(field, "remove", "pattern-remove", lambda _: steps[:-1])


def _acting(field: Field, key: str, word: str, put: Callable[[Any], Any]) -> Field:
    return dataclasses.replace(_inside(field, key, word, WORD, "", put), action=True)


def _sequences(field: Field) -> Iterator[Field]:
    scripts = field.value
    for index, script in enumerate(scripts):
        yield _inside(
            field,
            f"{index}.name",
            "sequence-name",
            WORD,
            script.name,
            _in_records(scripts, index, "name"),
            number=index + 1,
        )
        yield _inside(
            field,
            f"{index}.rate",
            "sequence-rate-per-s",
            RATE,
            script.rate_per_s,
            _in_records(scripts, index, "rate_per_s"),
            number=index + 1,
        )
        for number, step in enumerate(script.steps):
            whole = _in_records(scripts, index, "steps")
            for name, spec in (("event", WORD), ("after_s", SECONDS), ("exact", FLAG), ("group", WORD)):
                word = f"sequence-{name.replace('_', '-')}"
                key = f"{index}.{number}.{name}"
                yield _inside(
                    field,
                    key,
                    word,
                    spec,
                    getattr(step, name),
                    _after(whole, _in_records(script.steps, number, name)),
                    number=index + 1,
                    step=number + 1,
                )


def _after(whole: Callable[[Any], Any], inner: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Composes two functions: first the inner value, then the value that contains it."""
    return lambda new: whole(inner(new))


def _pairs(field: Field) -> Iterator[Field]:
    pairs: tuple[tuple[float, float], ...] = field.value

    def put(at: int, side: int) -> Callable[[Any], Any]:
        def whole(new: Any) -> Any:
            return [
                (new if side == 0 and n == at else start, new if side == 1 and n == at else rate)
                for n, (start, rate) in enumerate(pairs)
            ]

        return _putting(field.spec, whole)

    for index, (start, rate) in enumerate(pairs):
        yield _inside(field, f"{index}.at", "profile-at-s", SECONDS, start, put(index, 0))
        yield _inside(field, f"{index}.rate", "profile-rate", RATE, rate, put(index, 1))


def events_of(design: Design) -> tuple[str, ...]:
    """Returns the types of event in a design, as clients send them and as wires rename them."""
    return Reach(design).types()


def has_order(wire: Wire, design: Design) -> bool:
    """Returns whether a part works through its wires one after another: code does, channels and databases do
    not.
    """
    return (
        wire.source in design.components
        and design.kind_of(wire.source) in ("service", "job")
        and isinstance(wire, Call | Publish | Wire)
    )


def stepped(spec: Setting, value: Any, by: int) -> Any:
    """Returns the number one step up or down, at the next round value; the value itself if it cannot go
    further.
    """
    match spec.shape:
        case "integer":
            return _fitting(spec, (value if value is not None else _start(spec) - by) + by, value)
        case "number" | "number-by-event" if not isinstance(value, tuple):
            now = value if value is not None else _start(spec)
            grain = _grain(now, spec)
            return _fitting(spec, now if value is None else round(now / grain) * grain + by * grain, value)
    return value


def _start(spec: Setting) -> float:
    low = spec.at_least if spec.at_least is not None else spec.above
    return max(low or 0, 1)


def _grain(now: float, spec: Setting) -> float:
    if spec.at_most is not None and spec.at_most <= 1:
        return 0.05
    return 10.0 ** math.floor(math.log10(now)) / 2 if now > 0 else 1.0


def _fitting(spec: Setting, value: float, before: Any) -> Any:
    try:
        return spec.parse(value)
    except InputError:
        return before


def first_with(choices: Iterable[str], letters: str) -> int | None:
    """Returns the first choice that begins with these letters."""
    return next(
        (index for index, choice in enumerate(choices) if choice.lower().startswith(letters.lower())), None
    )
