"""Capture: every committed write is published in order, at least once."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.model.component import Client, Component, Database, Service, Stream
from tutor.model.fault import Fault
from tutor.model.report import Report
from tutor.model.scenario import Effect
from tutor.model.wire import Call, Capture, Subscribe, Wire, Write

from ..scenes import report_of


def relayed(
    *faults: Fault, rate: float = 50, duration_s: float = 400, checkpoint_s: float = 4, lag_ms: float = 50
) -> Report:
    """Orders that are written, captured and shipped; a copy of the database follows them."""
    parts: list[Component] = [
        Client(id="shop", rate_per_s=rate, arrivals="constant", event="order.placed", keys=500),
        Service(id="app", workers=50),
        Database(id="db", owner="app"),
        Stream(id="log"),
        Service(id="shipping", service_ms=5.0, distribution="constant"),
        Database(id="copy", copy_of="db", write_ms=5.0, distribution="constant"),
    ]
    wires: list[Wire] = [
        Call(source="shop", target="app"),
        Write(source="app", target="db"),
        Capture(source="db", target="log", lag_ms=lag_ms, checkpoint_s=checkpoint_s),
        Subscribe(source="log", target="shipping"),
        Write(source="shipping", target="copy"),
    ]
    effects = (Effect(event="order.placed", at=("shipping",)),)
    return report_of(parts, wires, faults=faults, effects=effects, duration_s=duration_s, drain_s=60)


def test_a_copy_is_stale_for_as_long_as_the_way_takes() -> None:
    """The copy is stale for 200 ms of lag, 5 ms of work and 5 ms of writing."""
    report = relayed(rate=20, duration_s=100, lag_ms=200)
    assert report.value("/database/copy/staleness_ms/mean") == pytest.approx(210)
    assert report.value("/database/copy/diverged_keys") == 0


def test_a_relay_goes_on_from_its_last_checkpoint() -> None:
    """With checkpoints every 4 s, each of 17 crashes repeats half of the 200 writes in between on average,
    and loses none (25%).
    """
    crash = Fault(kind="crash", target="db", at_s=21.7, for_s=1, every_s=23.3)
    effect = relayed(crash).value("/effect/shipping/order.placed")
    assert effect["lost"] == effect["pending"] == 0
    assert effect["duplicates"] / 17 == pytest.approx(50 * 4 / 2, rel=0.25)


def test_what_was_not_confirmed_is_published_again_in_order() -> None:
    """With 30% of the confirms lost, each write is published 1 / (1 - p) times on average, and no key goes
    back (500 writes, 10%).
    """
    report = relayed(Fault(kind="drop-acks", target="db->log", probability=0.3), rate=5, duration_s=100)
    effect = report.value("/effect/shipping/order.placed")
    assert effect["applied"] == effect["expected"]
    assert effect["out_of_order"] == 0
    assert report.value("/component/log/published") / effect["expected"] == pytest.approx(1 / 0.7, rel=0.1)


SCENARIO = """
[run]
duration_s = 20
drain_s = 20
[components.c]
kind = "client"
rate_per_s = 2
event = "order.placed"
[components.s]
kind = "service"
[components.d]
kind = "database"
[components.q]
kind = "queue"
[components.r]
kind = "service"
[[wires]]
from = "c"
to = "s"
[[wires]]
from = "s"
to = "d"
kind = "write"
[[wires]]
from = "d"
to = "q"
[[wires]]
from = "q"
to = "r"
[[effects]]
event = "order.placed"
at = "r"
[[faults]]
kind = "drop-acks"
target = "d->q"
at_s = 5
for_s = 5
"""


def test_a_capture_whose_confirms_get_lost_goes_back_and_publishes_again() -> None:
    """While every confirm is lost the relay publishes again after a pause; no write is lost, and the run
    completes.
    """
    report = simulate(parse_scenario(SCENARIO)).report
    assert report.complete
    assert report.get("/effect/r/order.placed/lost") == 0
    assert report.get("/effect/r/order.placed/pending") == 0
    duplicates = report.get("/effect/r/order.placed/duplicates")
    assert isinstance(duplicates, int)
    assert 10 <= duplicates <= 55  # one tenth of a second apart, for five seconds
