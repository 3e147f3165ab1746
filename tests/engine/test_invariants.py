"""What holds for every design, fault and seed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tutor.catalog import parse_scenario
from tutor.engine import Simulation, simulate
from tutor.model.fault import FAULT_KINDS

from .channels.test_queues import books_balance
from .scenes import outcome

CHANNELS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["queue", "topic"]),
        "redeliver_on": st.sampled_from(["lease", "disconnect"]),
        "visibility_timeout_s": st.sampled_from([0.05, 0.5, 30]),
        "requeue": st.sampled_from(["head", "tail"]),
        "overflow": st.sampled_from(["reject", "drop-oldest"]),
        "lanes": st.sampled_from(["none", "entity"]),
        "discipline": st.sampled_from(["fifo", "lifo"]),
        "durable": st.booleans(),
        "replicas": st.sampled_from([1, 3]),
        "failover_s": st.sampled_from([0, 1]),
    },
    optional={
        "max_deliveries": st.integers(1, 4),
        "max_length": st.integers(1, 20),
        "ttl_s": st.sampled_from([0.1, 2]),
    },
)
SUBSCRIPTIONS = st.fixed_dictionaries(
    {
        "ack": st.sampled_from(["after", "before"]),
        "prefetch": st.sampled_from([0, 1, 5]),
        "on_error": st.sampled_from(["retry", "drop", "dead-letter"]),
        "retry_delay_s": st.sampled_from([0, 0.2]),
        "latency_ms": st.sampled_from([0, 10]),
        "extend_lease": st.booleans(),
        "durable": st.booleans(),
    },
    optional={"max_rate_per_s": st.sampled_from([3, 50])},
)
SERVICES = st.fixed_dictionaries(
    {
        "replicas": st.integers(1, 3),
        "workers": st.integers(1, 3),
        "service_ms": st.sampled_from([0, 20, 200]),
        "failure_rate": st.sampled_from([0, 0.2]),
        "idempotent": st.booleans(),
    }
)
FAULTS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(
                [
                    "crash",
                    "hang",
                    "slow",
                    "drop-acks",
                    "poison",
                    "swallow",
                    "partition",
                    "remove",
                    "die-between",
                ]
            ),
            "target": st.sampled_from(["inbox", "worker", "other", "inbox->worker", "users->inbox"]),
            "at_s": st.sampled_from([1, 2, 5]),
            "for_s": st.sampled_from([0.5, 3, 40]),
            "probability": st.sampled_from([0.3, 1]),
        }
    ),
    max_size=4,
)


def table(header: str, values: dict[str, Any]) -> str:
    """A TOML table."""
    return header + "\n" + "\n".join(f"{name} = {json.dumps(value)}" for name, value in values.items()) + "\n"


def fault_of(fault: dict[str, Any]) -> dict[str, Any]:
    """A fault with the settings and the target that suit its kind."""
    own = (*FAULT_KINDS[fault["kind"]].settings, "kind", "target", "at_s", "for_s")
    wired = fault["kind"] in ("partition", "remove", "drop-acks")
    anywhere = fault["kind"] in ("crash", "hang")
    target = fault["target"] if wired or (anywhere and "->" not in fault["target"]) else "worker"
    return {name: value for name, value in {**fault, "target": target}.items() if name in own}


def design(
    channel: dict[str, Any],
    wire: dict[str, Any],
    service: dict[str, Any],
    faults: list[dict[str, Any]],
    drain: float,
) -> str:
    """Two clients, one channel with dead letters, and two services of which one calls the other."""
    faults = [fault_of(fault) for fault in faults]
    return "\n".join(
        [
            table("[run]", {"duration_s": 10, "drain_s": drain, "max_events": 30_000}),
            table("[components.users]", {"kind": "client", "rate_per_s": 20, "event": "a", "keys": 5}),
            table("[components.inbox]", channel),
            table("[components.worker]", {"kind": "service", **service}),
            table("[components.other]", {"kind": "service", "service_ms": 10}),
            table("[components.dead]", {"kind": "queue"}),
            table("[[wires]]", {"from": "users", "to": "inbox", "kind": "publish", "retries": 1}),
            table("[[wires]]", {"from": "inbox", "to": "worker", "kind": "subscribe", **wire}),
            table(
                "[[wires]]",
                {"from": "worker", "to": "other", "kind": "call", "timeout_ms": 100, "retries": 1},
            ),
            table(
                "[[wires]]",
                {"from": "worker", "to": "dead", "kind": "publish", "on": "failure", "event": "b"},
            ),
            table("[[wires]]", {"from": "inbox", "to": "dead", "kind": "dead-letter"}),
            table("[[effects]]", {"event": "a", "at": "worker"}),
            *(table("[[faults]]", fault) for fault in faults),
        ]
    )


def without_wall(report: dict[str, Any]) -> dict[str, Any]:
    """A report without its wall-clock time."""
    return {name: value for name, value in report.items() if name != "engine"}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(channel=CHANNELS, wire=SUBSCRIPTIONS, service=SERVICES, faults=FAULTS, seed=st.integers(0, 5))
def test_nothing_vanishes(
    channel: dict[str, Any],
    wire: dict[str, Any],
    service: dict[str, Any],
    faults: list[dict[str, Any]],
    seed: int,
) -> None:
    """On every channel published = acked + dead-lettered + dropped + still held, and every event of an effect
    has exactly one fate.
    """
    report = simulate(parse_scenario(design(channel, wire, service, faults, 5)), seed).report
    for id in ("inbox", "dead"):
        assert books_balance(report.value(f"/component/{id}")), id
    counts = report.value("/effect/worker/a")
    assert counts["expected"] == sum(counts[name] for name in ("applied", "refused", "lost", "pending"))
    assert counts["expected"] == report.value("/client/users/requests")
    assert 0 <= report.value("/component/worker/utilization") <= 1
    assert 0 <= report.value("/component/worker/up") <= 1
    assert report.value("/component/worker/queue/mean") >= 0
    assert report.value("/component/inbox/queue/mean") >= 0


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(channel=CHANNELS, wire=SUBSCRIPTIONS, service=SERVICES, faults=FAULTS)
def test_more_drain_never_changes_what_was_lost_for_good(
    channel: dict[str, Any], wire: dict[str, Any], service: dict[str, Any], faults: list[dict[str, Any]]
) -> None:
    """With a longer drain, lost events stay lost and applied events stay applied."""
    short, long = (
        simulate(parse_scenario(design(channel, wire, service, faults, drain)), 1).report for drain in (5, 60)
    )
    if short.complete and long.complete:
        assert long.value("/effect/worker/a/lost") >= short.value("/effect/worker/a/lost")
        assert long.value("/effect/worker/a/applied") >= short.value("/effect/worker/a/applied")


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(channel=CHANNELS, wire=SUBSCRIPTIONS, service=SERVICES, faults=FAULTS)
def test_an_unrelated_component_changes_nothing_elsewhere(
    channel: dict[str, Any], wire: dict[str, Any], service: dict[str, Any], faults: list[dict[str, Any]]
) -> None:
    """A design meets the same traffic, faults and draws, whatever else is on the board."""
    text = design(channel, wire, service, faults, 5)
    more = "\n".join(
        [
            table("[components.aaa]", {"kind": "client", "rate_per_s": 7, "event": "x"}),
            table("[components.zzz]", {"kind": "service", "service_ms": 50}),
            table("[[wires]]", {"from": "aaa", "to": "zzz", "kind": "call"}),
        ]
    )
    alone, beside = (simulate(parse_scenario(each), 1).report for each in (text, text + more))
    if alone.complete and beside.complete:
        for section in ("client", "effect", "component"):
            for id, numbers in alone.data[section].items():
                assert beside.data[section][id] == numbers


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
)
@given(channel=CHANNELS, wire=SUBSCRIPTIONS, service=SERVICES, faults=FAULTS)
def test_neither_slices_nor_a_timeline_change_the_run(
    channel: dict[str, Any], wire: dict[str, Any], service: dict[str, Any], faults: list[dict[str, Any]]
) -> None:
    """A run with a timeline, and one that advances in small steps, give the same report as the plain run."""
    scenario = parse_scenario(design(channel, wire, service, faults, 5))
    plain = simulate(scenario, 1).report
    watched = simulate(scenario, 1, timeline=True).report
    sliced = Simulation(scenario, 1)
    while not sliced.advance(97):
        pass
    if plain.complete and watched.complete:
        assert without_wall(dict(watched.data)) == without_wall(dict(plain.data))
    assert without_wall(dict(sliced.outcome().report.data)) == without_wall(dict(plain.data))


def test_the_same_bytes_in_every_process() -> None:
    """Two processes with different hash seeds print the same report."""
    text = design(
        {"kind": "queue", "lanes": "entity"}, {"prefetch": 5}, {"failure_rate": 0.2, "service_ms": 30}, [], 5
    )
    code = (
        "import sys, json\n"
        "from tutor.catalog import parse_scenario\n"
        "from tutor.engine import simulate\n"
        "data = dict(simulate(parse_scenario(sys.stdin.read()), timeline=True).report.data)\n"
        "data.pop('engine')\n"
        "print(json.dumps(data))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            input=text,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(outputs) == 1


CYCLE = """
[run]
duration_s = 10
max_events = 5000
[components.users]
kind = "client"
rate_per_s = 1
event = "a"
[components.q]
kind = "queue"
[components.s]
kind = "service"
[components.r]
kind = "queue"
[components.t]
kind = "service"
[[wires]]
from = "users"
to = "q"
[[wires]]
from = "q"
to = "s"
[[wires]]
from = "s"
to = "r"
[[wires]]
from = "r"
to = "t"
[[wires]]
from = "t"
to = "q"
"""


def test_a_cycle_that_takes_no_time_is_stopped_by_the_budget() -> None:
    """A loop of publishes that takes no time ends with a report that says it isn't complete."""
    report = outcome(CYCLE).report
    assert not report.complete
    assert report.value("/engine/events") == 5000


def test_a_report_of_a_part_of_the_run_tells_of_that_part() -> None:
    """A run that is stopped early loses no requests: those that would have followed were never made."""
    text = CYCLE.replace('kind = "client"\n', 'kind = "client"\narrivals = "constant"\n').replace(
        "max_events = 5000", "max_events = 40"
    )
    slow = text.replace(
        '[components.t]\nkind = "service"', '[components.t]\nkind = "service"\nservice_ms = 300'
    )
    report = outcome(slow + '[[effects]]\nevent = "a"\nat = "s"\n').report
    assert not report.complete
    effect = report.value("/effect/s/a")
    assert (
        effect["expected"]
        == effect["applied"] + effect["pending"]
        == report.value("/client/users/requests")
        < 9
    )
    assert effect["lost"] == 0
    assert report.value("/client/users/failed") == 0


def test_little_s_law_holds_on_a_service_and_a_queue() -> None:
    """L = lambda * W holds for the waiting line of each (a run of 20,000 orders, to 2%)."""
    text = (
        design({"kind": "queue"}, {}, {"service_ms": 45}, [], 60)
        .replace('"duration_s = 10', "")
        .replace("duration_s = 10", "duration_s = 1000")
    )
    report = simulate(parse_scenario(text), 3).report
    delay = report.value("/effect/worker/a/delay_ms/mean") / 1000
    in_system = report.value("/component/inbox/queue/mean") + 20 * 0.045
    assert in_system == pytest.approx(20 * delay, rel=0.05)
