"""Jobs: work that waits for a clock tick, and what a crash or a failure repeats."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tutor.model.component import Client, Component, Database, Job, Queue, Service
from tutor.model.fault import Fault
from tutor.model.report import Report
from tutor.model.scenario import Effect
from tutor.model.wire import Call, Poll, Publish, Subscribe, Wire, Write

from ..scenes import report_of


def nightly(
    rate: float,
    job: dict[str, Any],
    *faults: Fault,
    arrivals: str = "constant",
    latency_ms: float = 0,
    duration_s: float,
    drain_s: float,
) -> Report:
    """Orders become rows; a job finds them and calls a mailer for each."""
    parts: list[Component] = [
        Client(id="fans", rate_per_s=rate, arrivals=arrivals, event="order.placed"),
        Service(id="app", workers=1000),
        Database(id="db"),
        Job(id="job", **job),
        Service(id="mailer", workers=9),
    ]
    wires: list[Wire] = [
        Call(source="fans", target="app"),
        Write(source="app", target="db"),
        Poll(source="db", target="job"),
        Call(source="job", target="mailer", latency_ms=latency_ms),
    ]
    effects = (Effect(event="order.placed", at=("mailer",)),)
    return report_of(parts, wires, faults=faults, effects=effects, duration_s=duration_s, drain_s=drain_s)


def by_hand(interval: float, scan: float, row: float, rate: float) -> float:
    """Mean delay of 30,000 rows (s): a run takes what is there when its query returns, and a late run skips
    the ticks it missed.
    """
    draw = random.Random(3)
    arrivals, now = [], 0.0
    for _ in range(30_000):
        now += draw.expovariate(rate)
        arrivals.append(now)
    place, tick, waited = 0, interval, 0.0
    while place < len(arrivals):
        end = tick + scan
        batch = []
        while place < len(arrivals) and arrivals[place] <= end:
            batch.append(arrivals[place])
            place += 1
        for arrival in batch:
            end += row
            waited += end - arrival
        tick += interval
        while tick < end:
            tick += interval
    return waited / len(arrivals)


@pytest.mark.parametrize(
    ("interval", "scan", "row", "rate"), [(20, 1.0, 0.1, 1.0), (5, 0.2, 0.5, 1.2), (60, 3.0, 0.02, 2.0)]
)
def test_a_row_waits_for_the_tick_the_scan_and_its_place_in_the_batch(
    interval: float, scan: float, row: float, rate: float
) -> None:
    """The mean delay matches that of a dozen-line loop written apart from the engine (30,000 rows, 4%)."""
    job = {"interval_s": interval, "scan_ms": scan * 1000, "row_ms": row * 1000}
    report = nightly(rate, job, arrivals="poisson", duration_s=30_000 / rate, drain_s=300)
    assert report.value("/effect/mailer/order.placed/delay_ms/mean") / 1000 == pytest.approx(
        by_hand(interval, scan, row, rate), rel=0.04
    )


def test_a_batch_that_is_too_small_leaves_a_backlog() -> None:
    """Twenty rows arrive between runs that each take fifteen: the backlog grows by five a run."""
    report = nightly(1, {"interval_s": 20.0, "batch": 15}, duration_s=2000, drain_s=0)
    assert report.value("/component/job/queue/end") == pytest.approx(100 * 5, abs=2)


def test_a_row_that_failed_is_found_again() -> None:
    """While the mailer is down the rows stay in the table: all are handled once, the oldest 36 s late."""
    report = nightly(
        1,
        {"interval_s": 10.0},
        Fault(kind="crash", target="mailer", at_s=15, for_s=30),
        duration_s=100,
        drain_s=60,
    )
    effect = report.value("/effect/mailer/order.placed")
    assert effect["applied"] == effect["expected"] == 99
    assert effect["duplicates"] == 0
    assert effect["delay_ms"]["max"] == pytest.approx(39_000, abs=1000)


def test_a_crash_repeats_the_row_in_hand_alone() -> None:
    """A job that crashes while it waits for the mailer's answer sends only that mail twice."""
    job = {"interval_s": 10.0, "row_ms": 500.0}
    report = nightly(
        1,
        job,
        Fault(kind="crash", target="job", at_s=22.65, for_s=3),
        latency_ms=100,
        duration_s=100,
        drain_s=60,
    )
    effect = report.value("/effect/mailer/order.placed")
    assert effect["applied"] == effect["expected"]
    assert effect["duplicates"] == 1


def test_a_job_that_dies_before_it_marks_its_row_does_it_again() -> None:
    """A relay that dies between publish and mark in 20% of its tries publishes each row 1 / (1 - p) times
    (10%).
    """
    parts: list[Component] = [
        Client(id="users", rate_per_s=10, event="order.placed", keys=1_000_000),
        Service(id="app", workers=9),
        Database(id="db", owner="app"),
        Job(id="relay", interval_s=0.05, row_ms=0.1),
        Queue(id="line"),
        Service(id="reader", workers=9),
    ]
    wires: list[Wire] = [
        Call(source="users", target="app"),
        Write(source="app", target="db"),
        Poll(source="db", target="relay"),
        Publish(source="relay", target="line"),
        Subscribe(source="line", target="reader"),
    ]
    report = report_of(
        parts,
        wires,
        faults=(Fault(kind="die-between", target="relay", probability=0.2),),
        effects=(Effect(event="order.placed", at=("reader",)),),
        duration_s=300,
        drain_s=30,
    )
    requests = report.value("/client/users/requests")
    assert report.value("/effect/reader/order.placed/applied") == requests
    assert report.value("/effect/reader/order.placed/duplicates") / requests == pytest.approx(0.25, rel=0.1)


def test_a_late_run_skips_the_ticks_it_missed() -> None:
    """With 12 s a row, a run due every 60 s finishes ten rows by the second tick after its own, and skips one
    tick.
    """
    report = nightly(0.1, {"interval_s": 60.0, "row_ms": 12_000.0}, duration_s=600, drain_s=0)
    assert report.value("/component/job/skipped") > 3
    assert report.value("/component/job/runs") + report.value("/component/job/skipped") == pytest.approx(
        10, abs=1
    )
