"""Every declared fault kind and setting has an effect: with it, a run's numbers differ."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.engine.faults.schedule import ACTS
from tutor.engine.simulate import PARTS, WIRE_RUNS
from tutor.model.component import KINDS, changed
from tutor.model.edit import SetWire, apply
from tutor.model.fault import COMMON, FAULT_KINDS, Fault
from tutor.model.scenario import Scenario
from tutor.model.setting import settings_of
from tutor.model.wire import WIRES

RUN = """
[run]
duration_s = 120
drain_s = 60
"""
SHOP = """
[components.shop]
kind = "client"
rate_per_s = 5
event = "order.placed"
keys = 20
"""
EFFECT = """
[[effects]]
event = "order.placed"
at = "billing"
"""

CALLS = f"""{RUN}{SHOP}
[components.billing]
kind = "service"
service_ms = 150
failure_rate = 0.3
[components.bank]
kind = "service"
service_ms = 20
failure_rate = 0.2
[components.ledger]
kind = "database"
connections = 1
read_ms = 30
write_ms = 60
[[wires]]
from = "shop"
to = "billing"
timeout_ms = 700
retries = 2
backoff_ms = 100
breaker_failures = 0.95
[[wires]]
from = "billing"
to = "bank"
retries = 1
[[wires]]
from = "billing"
to = "ledger"
kind = "write"
[[wires]]
from = "billing"
to = "ledger"
kind = "read"
{EFFECT}"""
"""A chain of calls with a database behind it, which is busy and fails now and then."""

QUEUES = f"""{RUN}{SHOP}
[components.orders]
kind = "queue"
redeliver_on = "lease"
visibility_timeout_s = 2
max_deliveries = 4
max_length = 20
[components.lost]
kind = "queue"
[components.billing]
kind = "service"
service_ms = 190
failure_rate = 0.2
[[wires]]
from = "shop"
to = "orders"
retries = 2
backoff_ms = 300
[[wires]]
from = "orders"
to = "billing"
prefetch = 4
[[wires]]
from = "orders"
to = "lost"
kind = "dead-letter"
[[faults]]
kind = "hang"
target = "billing"
at_s = 30
for_s = 10
[[faults]]
kind = "crash"
target = "orders"
at_s = 80
for_s = 5
[[faults]]
kind = "drop-acks"
target = "shop->orders"
at_s = 10
for_s = 20
probability = 0.3
{EFFECT}"""
"""A queue that fills up, whose consumer hangs and fails, and whose broker crashes."""

TOPICS = (
    QUEUES.replace('kind = "queue"\nredeliver', 'kind = "topic"\nredeliver')
    + """
[components.copies]
kind = "queue"
[[wires]]
from = "orders"
to = "copies"
kind = "bind"
[[faults]]
kind = "crash"
target = "billing"
at_s = 100
for_s = 5
[components.quick]
kind = "service"
service_ms = 10
[[wires]]
from = "orders"
to = "quick"
[[effects]]
event = "order.placed"
at = "quick"
"""
)
"""The same with a topic, a second subscription and a binding."""

DISCONNECT = QUEUES.replace('redeliver_on = "lease"', 'redeliver_on = "disconnect"').replace(
    "for_s = 10\n", "for_s = 25\n"
)
"""The same with messages that are redelivered when a connection drops."""

STREAMS = f"""{RUN}{SHOP}
[components.orders]
kind = "stream"
partitions = 3
replicas = 3
[components.billing]
kind = "service"
replicas = 2
service_ms = 150
failure_rate = 0.1
from_s = 10
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
session_timeout_s = 10
batch = 20
[[faults]]
kind = "crash"
target = "billing"
replica = 1
at_s = 40
for_s = 20
[[faults]]
kind = "hang"
target = "billing"
replica = 2
at_s = 80
for_s = 8
[[faults]]
kind = "crash"
target = "orders"
at_s = 65
for_s = 20
[[faults]]
kind = "crash"
target = "orders"
replica = 2
at_s = 63
for_s = 30
{EFFECT}"""
"""A stream of three nodes, of which two fail, with a group whose members fail."""

JOBS = f"""{RUN}{SHOP}
[components.billing]
kind = "service"
service_ms = 20
[components.table]
kind = "database"
connections = 2
write_ms = 20
read_ms = 5
[components.nightly]
kind = "job"
interval_s = 10
row_ms = 50
scan_ms = 200
scan_ms_per_1000_rows = 100
[components.bank]
kind = "service"
service_ms = 20
[components.changes]
kind = "queue"
[components.mailer]
kind = "service"
service_ms = 30
[[wires]]
from = "shop"
to = "billing"
[[wires]]
from = "billing"
to = "table"
kind = "write"
[[wires]]
from = "table"
to = "nightly"
[[wires]]
from = "nightly"
to = "bank"
[[wires]]
from = "table"
to = "changes"
kind = "capture"
[[wires]]
from = "changes"
to = "mailer"
[[faults]]
kind = "crash"
target = "table"
at_s = 50
for_s = 10
{EFFECT}
[[effects]]
event = "order.placed"
at = "bank"
[[effects]]
event = "order.placed"
at = "mailer"
"""
"""A table that a job polls and a capture publishes from."""

COPIES = (
    JOBS
    + """
[components.copy]
kind = "database"
write_ms = 10
[[wires]]
from = "mailer"
to = "copy"
kind = "write"
[[faults]]
kind = "schema-change"
target = "table"
at_s = 80
for_s = 20
"""
)
"""The same with a copy of the table, whose schema changes."""
THIN_COPIES = COPIES.replace('kind = "capture"', 'kind = "capture"\npayload = "notification"', 1)
"""The same with events that don't carry the written value."""

GROUPED = STREAMS.replace("keys = 20", "keys = 20\ngroups = [0.9, 0.1]").replace(
    'to = "orders"\n', 'to = "orders"\nkey = "group"\n', 1
)
"""A stream whose partition is chosen by a coarse key."""
REMEMBERED = (
    STREAMS.replace(
        'to = "orders"\n', 'to = "orders"\nidempotent = true\nretries = 1\nbackoff_ms = 130000\n', 1
    )
    + """
[[faults]]
kind = "drop-acks"
target = "shop->orders"
at_s = 10
for_s = 20
probability = 0.5
"""
)
"""A stream whose retries come more than two minutes later."""
LEADERLESS = STREAMS.replace("at_s = 65\nfor_s = 20", "at_s = 94\nfor_s = 60")
"""A stream whose leader crashes just after another node, which lacks records, has come back."""

WINDOWS = f"""{RUN}{SHOP}
[components.orders]
kind = "queue"
[components.counter]
kind = "service"
window_s = 5
[components.counts]
kind = "queue"
[components.billing]
kind = "service"
service_ms = 10
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "counter"
[[wires]]
from = "counter"
to = "counts"
event = "order.placed"
[[wires]]
from = "counts"
to = "billing"
{EFFECT}"""
"""Windows of five seconds in event time."""

THIN = f"""{RUN}{SHOP}
[components.orders]
kind = "queue"
[components.billing]
kind = "service"
service_ms = 10
failure_rate = 0.3
[components.details]
kind = "service"
service_ms = 30
[components.again]
kind = "queue"
[[wires]]
from = "shop"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[wires]]
from = "billing"
to = "details"
lookup = true
[[wires]]
from = "billing"
to = "again"
on = "failure"
[[wires]]
from = "again"
to = "billing"
{EFFECT}"""
"""Thin events whose reader looks up the rest, and a queue for failed ones."""

LOG = (
    JOBS.replace(
        '[components.changes]\nkind = "queue"', '[components.changes]\nkind = "stream"\npartitions = 4'
    )
    + """
[components.details]
kind = "service"
service_ms = 40
[[wires]]
from = "mailer"
to = "details"
lookup = true
"""
)
"""A table's changes as a stream, whose reader looks up the rest."""

READERS = QUEUES.replace("retries = 2\n", 'retries = 2\nschema_change = "additive"\n', 1)
"""A queue whose events have new fields."""

Values = dict[str, Any]
NEVER: Values = {}


def _on(scene: str, where: str, **cases: Any) -> dict[str, tuple[str, str, Any, Values]]:
    """Cases for settings of one part or wire in a scene: the value, or the value and what both runs
    have set.
    """

    def both(value: Any) -> bool:
        return isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], dict)

    return {
        name: (scene, where, *(value if both(value) else (value, NEVER))) for name, value in cases.items()
    }


PARTS_OF: dict[str, dict[str, tuple[str, str, Any, Values]]] = {
    "client": _on(
        CALLS,
        "shop",
        price_per_hour=5.0,
        from_s=20.0,
        rate_per_s=3.0,
        arrivals="constant",
        profile=[[0, 2]],
        event="order.changed",
        keys=3,
        key_skew=1.0,
        sequences=[{"rate_per_s": 0.5, "steps": [{"event": "order.placed"}]}],
    ),
    "service": _on(
        CALLS,
        "billing",
        price_per_hour=5.0,
        from_s=20.0,
        replicas=2,
        workers=2,
        service_ms=50.0,
        distribution="constant",
        failure_rate=0.6,
        queue_limit=1,
        reject_cost=(1.0, {"queue_limit": 1}),
        discipline="lifo",
        drop_expired=True,
        autoscale=[1, 3, 2, 1],
        boot_s=(20.0, {"autoscale": [1, 3, 2, 1]}),
        idempotent=True,
        dedup_window_s=(0.05, {"idempotent": True}),
        dedup_scope=("replica", {"idempotent": True, "replicas": 3}),
        ignore_stale=(True, {"workers": 4}),
        window_s=5.0,
        pattern=[{"event": "order.placed", "count": 2}],
        watermark_s=(10.0, {"window_s": 5.0}),
    ),
    "database": {
        **_on(
            JOBS,
            "table",
            price_per_hour=5.0,
            from_s=20.0,
            connections=1,
            write_ms=80.0,
            distribution="constant",
            replicas=2,
            failover_s=(5.0, {"replicas": 2}),
            rows=5000,
            rollback_rate=0.2,
        ),
        **_on(COPIES, "table", owner="billing"),
        **_on(COPIES, "copy", copy_of="table"),
        **_on(CALLS, "ledger", read_ms=300.0),
    },
    "job": _on(
        JOBS,
        "nightly",
        price_per_hour=5.0,
        from_s=30.0,
        interval_s=20.0,
        batch=5,
        row_ms=10.0,
        scan_ms=900.0,
        scan_ms_per_1000_rows=4000.0,
    ),
    "stream": {
        **_on(
            STREAMS,
            "orders",
            price_per_hour=5.0,
            from_s=20.0,
            partitions=1,
            retention_s=2.0,
            retention_records=(3, {}),
            overflow=("reject", {"retention_records": 50}),
            compacted=True,
            history=(500, {}),
            durable=(False, {"replicas": 1}),
            replicas=1,
            min_insync=3,
            failover_s=1.0,
            replication_lag_ms=2000.0,
            publish_ms=50.0,
            delivery_ms=50.0,
        ),
        **_on(LEADERLESS, "orders", unclean_election=(True, {"replication_lag_ms": 3000.0, "replicas": 2})),
        **_on(REMEMBERED, "orders", like="jetstream"),
    },
}
CHANNEL: Values = {
    "price_per_hour": 5.0,
    "from_s": 20.0,
    "like": "rabbitmq",
    "redeliver_on": "disconnect",
    "visibility_timeout_s": 20.0,
    "late_ack": ("any", {"visibility_timeout_s": 0.5}),
    "max_deliveries": 1,
    "dead_letter_on": (["overflow"], {"overflow": "drop-oldest"}),
    "requeue": "tail",
    "max_length": 3,
    "overflow": "drop-oldest",
    "limits_count": ("all", {"max_length": 4}),
    "ttl_s": 1.0,
    "discipline": "lifo",
    "lanes": "entity",
    "pull": True,
    "durable": False,
    "crash_takes": ("everything", {"durable": False}),
    "replicas": 3,
    "failover_s": (1.0, {"replicas": 3}),
    "replication_lag_ms": (2000.0, {"replicas": 3}),
    "publish_ms": 50.0,
    "delivery_ms": 50.0,
}
PARTS_OF["client"] |= {
    **_on(GROUPED, "shop", groups=[0.1] * 10),
    **_on(WINDOWS, "shop", late_share=(0.5, {"late_s": 20.0}), late_s=(20.0, {"late_share": 0.5})),
}
PARTS_OF["queue"] = _on(QUEUES, "orders", **CHANNEL)
PARTS_OF["topic"] = {
    **_on(TOPICS, "orders", **CHANNEL),
    **_on(TOPICS, "orders", partial=(True, {"max_length": 3})),
}

ALL: Values = {"latency_ms": 40.0, "events": ["order.moved"]}
WIRES_OF: dict[str, dict[str, tuple[str, str, Any, Values]]] = {
    "call": _on(
        CALLS,
        "shop->billing:call",
        **ALL,
        timeout_ms=300.0,
        retries=0,
        backoff_ms=900.0,
        backoff_factor=6.0,
        jitter=True,
        retry_budget=0.05,
        breaker_failures=0.3,
        breaker_reset_s=(1.0, {"breaker_failures": 0.3}),
        max_in_flight=1,
    ),
    "write": _on(
        CALLS,
        "billing->ledger:write",
        **ALL,
        timeout_ms=30.0,
        retries=(2, {"timeout_ms": 60.0}),
        required=(False, {"timeout_ms": 60.0}),
    ),
    "read": _on(
        CALLS,
        "billing->ledger:read",
        **ALL,
        timeout_ms=10.0,
        retries=(2, {"timeout_ms": 20.0}),
        required=(False, {"timeout_ms": 20.0}),
    ),
    "publish": {
        **_on(
            QUEUES,
            "shop->orders:publish",
            **ALL,
            acks="none",
            timeout_ms=20.0,
            retries=0,
            backoff_ms=2000.0,
            backoff_factor=4.0,
            jitter=True,
            buffer=50,
            idempotent=True,
            dedup_window_s=(0.2, {"idempotent": True}),
            event="order.renamed",
            on="failure",
            size_kb=9.0,
            schema_change="breaking",
        ),
        **_on(STREAMS, "shop->orders:publish", key="none"),
        **_on(THIN, "shop->orders:publish", payload="state"),
        **_on(THIN, "billing->again:publish", rescues=True),
    },
    "subscribe": {
        **_on(
            QUEUES,
            "orders->billing:subscribe",
            **ALL,
            ack="before",
            prefetch=1,
            extend_lease=True,
            on_error="drop",
            retry_delay_s=5.0,
            max_rate_per_s=1.0,
        ),
        **_on(DISCONNECT, "orders->billing:subscribe", heartbeat_s=2.0),
        **_on(TOPICS, "orders->billing:subscribe", durable=False),
        **_on(
            STREAMS,
            "orders->billing:subscribe",
            from_offset="earliest",
            assignment=("static", {"session_timeout_s": 30.0}),
            static_member=(True, {"session_timeout_s": 30.0}),
            session_timeout_s=30.0,
            rebalance_s=9.0,
            poll_deadline_s=3.0,
            batch=1,
        ),
        **_on(
            QUEUES.replace("retries = 2\n", 'retries = 2\nschema_change = "additive"\n', 1),
            "orders->billing:subscribe",
            schema="strict",
        ),
    },
    "poll": _on(JOBS, "table->nightly:poll", **ALL),
    "capture": {
        **_on(
            JOBS,
            "table->changes:capture",
            **ALL,
            lag_ms=5000.0,
            event="row.changed",
            size_kb=9.0,
            schema_change="breaking",
        ),
        **_on(LOG, "table->changes:capture", payload="notification", key="none", checkpoint_s=9.0),
    },
    "bind": _on(TOPICS, "orders->copies:bind", latency_ms=5000.0, events=["order.moved"]),
    "dead-letter": _on(QUEUES, "orders->lost:dead-letter", latency_ms=70_000.0, events=["order.moved"]),
}


WIRES_OF["call"] |= {
    **_on(CALLS, "billing->bank:call", required=False),
    **_on(
        THIN.replace('to = "orders"\n', 'to = "orders"\npayload = "state"\n', 1),
        "billing->details:call",
        lookup=False,
    ),
}
WIRES_OF["write"] |= _on(THIN_COPIES, "mailer->copy:write", needs_state=True)
PARTS_OF["service"] |= _on(
    QUEUES.replace("retries = 2\n", 'retries = 2\nschema_change = "additive"\n', 1), "billing", strict=True
)
WIRES_OF["subscribe"] |= _on(TOPICS, "orders->billing:subscribe", events=["order.moved"])


def cases() -> list[Any]:
    """One case for each declared setting that isn't marked as passive."""
    found = []
    for kinds, table in ((KINDS, PARTS_OF), (WIRES, WIRES_OF)):
        for kind, cls in kinds.items():
            for name, declared in settings_of(cls).items():
                if not declared.passive:
                    found.append(pytest.param(kind, name, table[kind].get(name), id=f"{kind}.{name}"))
    return found


@functools.cache
def _scenario(scene: str) -> Scenario:
    return parse_scenario(scene)


def _with(scenario: Scenario, where: str, values: Values) -> Scenario:
    design = scenario.design
    if not values:
        return scenario
    if where in design.components:
        part = design.components[where]
        parsed = {name: settings_of(type(part))[name].parse(value) for name, value in values.items()}
        return dataclasses.replace(scenario, design=design.with_component(changed(part, parsed)))
    for name, value in values.items():
        wire = design.wire(where)
        assert wire is not None, where
        design = apply(SetWire(where, name, settings_of(type(wire))[name].parse(value)), design)
    return dataclasses.replace(scenario, design=design)


def _numbers(scenario: Scenario) -> Values:
    data = dict(simulate(scenario).report.data)
    del data["engine"]
    return data


@pytest.mark.parametrize(("kind", "name", "case"), cases())
def test_every_setting_changes_the_numbers_of_a_run(
    kind: str, name: str, case: tuple[str, str, Any, Values] | None
) -> None:
    """A setting that the engine ignores, or that has no case here, fails by name."""
    assert case is not None, f"{kind}.{name} has no run here: add one to the table, or declare it passive"
    scene, where, value, prior = case
    scenario = _with(_scenario(scene), where, prior)
    same = _numbers(_with(scenario, where, {name: value})) == _numbers(scenario)
    assert not same, f"{kind}.{name} changes nothing"


HUGE = 10_000_000
"""More than any value in a scene: ten million messages, or 115 days."""
NO_LIMITS: dict[tuple[str, str], str] = {
    ("*", "price_per_hour"): "none is the price list",
    ("service", "window_s"): "none is no window at all",
    ("call", "retry_budget"): "none is no bucket, and a share of requests has an upper end",
    ("call", "breaker_failures"): "none is no breaker, and a share of calls has an upper end",
    ("publish", "timeout_ms"): "none is a connection that reports a lost confirm as an error at once",
    ("publish", "dedup_window_s"): "none is the window of the product",
}
"""Optional numbers for which none doesn't mean that there is no limit, and what it means."""


def limits() -> list[Any]:
    """One case for each setting whose *none* (or *forever*, *never*, 0) means that there is no limit."""
    found = []
    for kinds, table in ((KINDS, PARTS_OF), (WIRES, WIRES_OF)):
        for kind, cls in kinds.items():
            for name, declared in settings_of(cls).items():
                number = declared.shape in ("number", "integer") and declared.optional
                if (number and not {(kind, name), ("*", name)} & set(NO_LIMITS)) or name == "prefetch":
                    off = 0 if name == "prefetch" else None
                    most = HUGE if declared.at_most is None else declared.at_most
                    value = int(most) if declared.shape == "integer" else float(most)
                    found.append(pytest.param(table[kind][name], name, off, value, id=f"{kind}.{name}"))
    return found


@pytest.mark.parametrize(("case", "name", "off", "huge"), limits())
def test_no_limit_is_never_used_as_a_number(
    case: tuple[str, str, Any, Values], name: str, off: Any, huge: float
) -> None:
    """A run without a limit equals, to the last digit, the run with a limit that is never reached."""
    scene, where, _, prior = case
    scenario = _with(_scenario(scene), where, prior)
    assert _without(scenario, where, name, off) == _numbers(_with(scenario, where, {name: huge}))


def _without(scenario: Scenario, where: str, name: str, off: Any) -> Values:
    """The numbers of a run with a setting switched off."""
    return _numbers(_with(scenario, where, {name: off if off is not None else _off(scenario, where, name)}))


def _off(scenario: Scenario, where: str, name: str) -> str:
    """The word for a switched-off setting in files."""
    part = scenario.design.components.get(where) or scenario.design.wire(where)
    assert part is not None
    return settings_of(type(part))[name].off


FAULTS: dict[str, tuple[str, str, Values]] = {
    "crash": (CALLS, "billing", {"replica": 1}),
    "hang": (CALLS, "billing", {"replica": 1}),
    "slow": (CALLS, "billing", {"factor": 5.0}),
    "partition": (CALLS, "shop->billing", {}),
    "remove": (CALLS, "billing->bank", {}),
    "drop-replies": (CALLS, "shop->billing", {"probability": 0.5}),
    "drop-acks": (DISCONNECT, "orders->billing", {"probability": 0.5}),
    "die-between": (CALLS, "billing", {"probability": 0.5}),
    "poison": (CALLS, "billing", {"probability": 0.5, "events": ("order.placed",)}),
    "swallow": (CALLS, "billing", {"probability": 0.5, "events": ("order.placed",)}),
    "burst": (CALLS, "shop", {"factor": 5.0}),
    "schema-change": (COPIES, "table", {}),
    "deploy": (CALLS, "billing", {"each_s": 10.0, "down_s": 20.0}),
    "repartition": (STREAMS, "orders", {"partitions": 6}),
}
"""For each kind of fault: a scene, a target, and its own settings where they differ from the defaults."""


@pytest.mark.parametrize("kind", FAULT_KINDS)
def test_every_kind_of_fault_has_an_act_and_changes_a_run(kind: str) -> None:
    """A declared kind that the engine doesn't implement, or that has no case here, fails by name."""
    assert kind in ACTS, f'"{kind}" has no act in tutor.engine.faults.schedule'
    assert kind in FAULTS, f'"{kind}" has no run here: add one to the table'
    declared = FAULT_KINDS[kind]
    assert declared.doc
    assert declared.strikes
    scene, target, own = FAULTS[kind]
    assert set(own) <= set(declared.settings)
    scenario = dataclasses.replace(_scenario(scene), faults=())
    fault = Fault(kind=kind, target=target, at_s=40.0, for_s=20.0, **own)
    assert _numbers(dataclasses.replace(scenario, faults=(fault,))) != _numbers(scenario)


def test_every_setting_of_faults_belongs_to_a_kind() -> None:
    """Each fault setting is common to all kinds or belongs to at least one kind, and every setting that a
    kind names exists.
    """
    own = {name for kind in FAULT_KINDS.values() for name in kind.settings}
    assert set(settings_of(Fault)) == {*COMMON, *own}


def test_every_kind_of_part_and_wire_runs() -> None:
    """Every declared kind has a class in the engine, and every such class has a declared kind."""
    assert set(PARTS) == set(KINDS)
    assert set(WIRE_RUNS) == set(WIRES)
