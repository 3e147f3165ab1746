"""Membership of a consumer group: what a crash costs, and whom a rebalance waits for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.engine.scenes import run
from tutor.engine import simulate
from tutor.model.fault import Fault
from tutor.model.report import Report
from tutor.model.scenario import Window

from .test_streams import scanners

SESSION, REBALANCE = 20.0, 2.0


def readers(*faults: Fault, replicas: int = 1, windows: tuple[Window, ...] = (), **subscribe: Any) -> Report:
    """The report of ten records a second for members with a session timeout of 20 s and a rebalance
    of 2 s.
    """
    scenario = scanners(
        rate=10,
        stream={"partitions": 2},
        service={"service_ms": 1.0, "replicas": replicas},
        subscribe={"session_timeout_s": SESSION, "rebalance_s": REBALANCE, **subscribe},
        client={"keys": 1000},
        faults=faults,
    )
    return simulate(dataclasses.replace(scenario, windows=windows)).report


def worst_s(report: Report) -> float:
    """The longest time that a record waited (s)."""
    return float(report.value("/effect/reader/parcel.scanned/delay_ms/max")) / 1000


@pytest.mark.parametrize(
    ("mode", "away", "wait"), [("eager", 1, 22), ("eager", 19, 22), ("cooperative", 5, 22), ("eager", 40, 42)]
)
def test_a_crash_costs_the_session_timeout_and_a_rebalance(mode: str, away: float, wait: float) -> None:
    """A process that restarts sooner has a new name, and the group still waits for the old one (the reason
    that KIP-345 gives for static membership).
    """
    report = readers(Fault(kind="crash", target="reader", at_s=30.05, for_s=away), assignment=mode)
    assert worst_s(report) == pytest.approx(wait, abs=0.4)
    assert report.value("/effect/reader/parcel.scanned/lost") == 0


@pytest.mark.parametrize(("away", "wait"), [(1, 1), (19, 19), (40, 42)])
def test_a_static_member_that_is_back_in_time_costs_its_absence_alone(away: float, wait: float) -> None:
    """Within the session timeout no partition moves (KIP-345); after it the member is removed, and a
    rebalance follows.
    """
    report = readers(Fault(kind="crash", target="reader", at_s=30.05, for_s=away), assignment="static")
    assert worst_s(report) == pytest.approx(wait, abs=0.4)


def test_a_member_that_says_goodbye_is_not_waited_for() -> None:
    """A deploy of 5 s costs those 5 s and the rebalance after them."""
    report = readers(Fault(kind="deploy", target="reader", at_s=30.05, down_s=5))
    assert worst_s(report) == pytest.approx(5 + REBALANCE, abs=0.4)


@pytest.mark.parametrize(("mode", "others"), [("eager", False), ("cooperative", True)])
def test_a_restart_stops_those_that_did_not_crash_only_where_all_stop(mode: str, others: bool) -> None:
    """While a rebalance waits for the dead member's session, an eager group reads nothing; a cooperative one
    reads the partitions that don't move.
    """
    crash = Fault(kind="crash", target="reader", replica=1, at_s=30.05, for_s=5)
    report = readers(crash, replicas=2, windows=(Window(id="waits", from_s=36, to_s=48),), assignment=mode)
    assert (report.value("/window/waits/component/log/acked") > 50) is others
    assert worst_s(report) == pytest.approx(SESSION + REBALANCE, abs=0.4)


@pytest.mark.parametrize("mode", ["eager", "static"])
def test_a_process_that_stood_still_when_it_died_does_not_come_back_by_standing_still_no_longer(
    mode: str,
) -> None:
    """A process hangs from 29 to 35 s and is dead from 30 to 70 s: its partitions wait for its restart, and
    no longer.
    """
    faults = (
        Fault(kind="hang", target="reader", at_s=29.05, for_s=6),
        Fault(kind="crash", target="reader", at_s=30.05, for_s=40),
    )
    report = readers(*faults, assignment=mode)
    assert worst_s(report) == pytest.approx(1 + 40 + REBALANCE, abs=0.4)
    assert report.value("/effect/reader/parcel.scanned/pending") == 0
    assert report.value("/component/log/groups/reader/members") == 1


def test_nobody_waits_for_a_record_of_the_dead() -> None:
    """A member dies while it works on a record of a partition that has been reassigned: the new owner handles
    that record.
    """
    scenario = scanners(
        rate=0.5,
        stream={"partitions": 3},
        service={"service_ms": 60_000.0, "replicas": 3},
        subscribe={"session_timeout_s": 5.0, "rebalance_s": 1.0},
        client={"keys": 1000},
        faults=(
            Fault(kind="crash", target="reader", replica=1, at_s=20, for_s=100),
            Fault(kind="crash", target="reader", replica=2, at_s=40, for_s=100),
        ),
        duration=20,
        drain=2000,
    )
    effect = simulate(scenario).report.value("/effect/reader/parcel.scanned")
    assert effect["applied"] == effect["expected"] == 9


@pytest.mark.parametrize(
    ("static_member", "assignment"), [(True, "eager"), (True, "cooperative"), (False, "static")]
)
def test_a_static_member_that_is_back_in_time_moves_nothing(static_member: bool, assignment: str) -> None:
    """Static membership and the assignor are separate settings, as in Kafka; ``assignment = "static"`` is
    static with the eager one.
    """
    crash = Fault(kind="crash", target="reader", at_s=30.05, for_s=5)
    report = readers(crash, assignment=assignment, static_member=static_member)
    assert worst_s(report) == pytest.approx(5, abs=0.4)
    assert report.value("/component/log/groups/reader/rebalances") == 0


SLOW = """
[run]
duration_s = 200
drain_s = 300
[components.app]
kind = "client"
profile = [[0, 1], [2.5, 0]]
arrivals = "constant"
event = "a"
keys = 1000
[components.log]
kind = "stream"
partitions = 2
[components.reader]
kind = "service"
replicas = 2
service_ms = 1000
distribution = "constant"
[components.other]
kind = "service"
[[wires]]
from = "app"
to = "log"
[[wires]]
from = "log"
to = "reader"
batch = 10
session_timeout_s = 5
rebalance_s = 1
poll_deadline_s = <deadline>
assignment = "<assignment>"
[[faults]]
kind = "slow"
target = "reader"
at_s = 0.5
factor = 20
[[faults]]
kind = "repartition"
target = "log"
at_s = 10
partitions = 3
[[effects]]
event = "a"
at = "reader"
"""


@pytest.mark.parametrize("assignment", ["eager", "cooperative"])
def test_a_rebalance_waits_for_a_busy_member_and_does_not_forgive_its_deadline(assignment: str) -> None:
    """A member rejoins when it asks for its next batch; one that exceeds its poll deadline is removed all the
    same.
    """
    patient, strict = (run(SLOW, deadline=deadline, assignment=assignment) for deadline in (300, 15))
    assert patient.value("/component/log/groups/reader/evictions") == 0
    assert strict.value("/component/log/groups/reader/evictions") >= 1
    assert patient.value("/effect/reader/a/duplicates") == 0
