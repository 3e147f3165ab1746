"""A fault that changes a run's report counts as a hit, whatever its kind and whatever it strikes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.model.fault import FAULT_KINDS, Fault
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario

SYSTEM = """
[run]
duration_s = 12
drain_s = 8
[components.users]
kind = "client"
rate_per_s = 2
arrivals = "constant"
event = "a"
keys = 20
[components.api]
kind = "service"
replicas = 2
service_ms = 20
[components.store]
kind = "database"
write_ms = 5
[components.copy]
kind = "database"
copy_of = "store"
write_ms = 5
[components.jobs]
kind = "queue"
[components.news]
kind = "topic"
[components.log]
kind = "stream"
partitions = 2
[components.worker]
kind = "service"
service_ms = 50
[components.listener]
kind = "service"
service_ms = 50
[components.keeper]
kind = "service"
service_ms = 50
[components.scanner]
kind = "service"
service_ms = 50
[components.night]
kind = "job"
interval_s = 4
row_ms = 5
[[wires]]
from = "users"
to = "api"
timeout_ms = 2000
[[wires]]
from = "api"
to = "store"
kind = "write"
[[wires]]
from = "api"
to = "jobs"
schema_change = "breaking"
[[wires]]
from = "store"
to = "news"
kind = "capture"
[[wires]]
from = "api"
to = "log"
[[wires]]
from = "jobs"
to = "worker"
[[wires]]
from = "news"
to = "listener"
durable = false
[[wires]]
from = "news"
to = "keeper"
[[wires]]
from = "keeper"
to = "copy"
kind = "write"
[[wires]]
from = "log"
to = "scanner"
session_timeout_s = 3
[[wires]]
from = "store"
to = "night"
kind = "poll"
[[effects]]
event = "a"
at = "worker"
[[effects]]
event = "a"
at = "listener"
[[effects]]
event = "a"
at = "scanner"
[[effects]]
event = "a"
at = "copy"
[[effects]]
event = "a"
at = "night"
"""
MORE: dict[str, dict[str, Any]] = {
    "slow": {"factor": 5.0},
    "burst": {"factor": 3.0},
    "drop-acks": {"probability": 0.8},
    "drop-replies": {"probability": 0.8},
    "poison": {"probability": 0.8},
    "swallow": {"probability": 0.8},
    "die-between": {"probability": 0.8},
    "deploy": {"each_s": 2.0, "down_s": 1.2},
    "repartition": {"partitions": 4},
}
SCENARIO = parse_scenario(SYSTEM)
PLACES = {part.id: part.kind for part in SCENARIO.design.components.values()}
WIRES = {wire.pair: wire.kind for wire in SCENARIO.design.wires}
MOMENTS = ((4.0, 3.2), (11.4, None))


def numbers(scenario: Scenario) -> tuple[Any, Outcome]:
    """A run's report without the engine's own counters."""
    outcome = simulate(scenario)
    return {
        name: value for name, value in outcome.report.data.items() if name not in ("engine", "stopped")
    }, outcome


def aims(kind: str) -> list[str]:
    """The parts and wires that a fault of this kind may be aimed at."""
    declared = FAULT_KINDS[kind]
    return [place for place, of in PLACES.items() if of in declared.strikes] + [
        wire for wire, of in WIRES.items() if of in declared.wires
    ]


WITHOUT = numbers(SCENARIO)[0]


@pytest.mark.parametrize("kind", sorted(FAULT_KINDS))
def test_a_fault_that_changes_the_report_has_hit(kind: str) -> None:
    """For every part and wire that it may strike, early in the traffic and at its end, a fault that changes
    the report never counts as a miss.
    """
    missed = []
    for target in aims(kind):
        for at_s, for_s in MOMENTS:
            fault = Fault(kind=kind, target=target, at_s=at_s, for_s=for_s, **MORE.get(kind, {}))
            with_it, outcome = numbers(dataclasses.replace(SCENARIO, faults=(fault,)))
            ledger = {name: with_it[name] for name in ("client", "effect")}
            if ledger != {name: WITHOUT[name] for name in ledger} and outcome.unhit_faults:
                missed.append((target, at_s))
    assert not missed


def test_a_cut_subscription_that_misses_what_is_published_has_been_hit() -> None:
    """A non-durable subscription loses what is published while it is cut off, so the partition has hit
    something.
    """
    fault = Fault(kind="partition", target="news->listener", at_s=4, for_s=6)
    report, outcome = numbers(dataclasses.replace(SCENARIO, faults=(fault,)))
    assert report["effect"]["listener"]["a"]["lost"] > 10
    assert outcome.unhit_faults == ()
