"""Publishing: what is retried, what a producer buffers, and when it hears the outcome."""

from __future__ import annotations

import pytest

from tutor.catalog.scenarios import parse_scenario
from tutor.engine.simulate import simulate
from tutor.model.component import Client, Component, Queue, Service
from tutor.model.fault import Fault
from tutor.model.report import Report
from tutor.model.scenario import Effect
from tutor.model.wire import Call, Publish, Subscribe, Wire

from ..scenes import report_of

LOG = """
[run]
duration_s = 100
drain_s = 60
[components.traders]
kind = "client"
rate_per_s = 20
[components.trades]
kind = "stream"
replicas = 3
failover_s = 5
replication_lag_ms = 500
[components.books]
kind = "service"
[[wires]]
from = "traders"
to = "trades"
retries = {0}
backoff_ms = 1000
[[wires]]
from = "trades"
to = "books"
[[faults]]
kind = "crash"
target = "trades"
replica = 1
at_s = 50
for_s = 20
[[effects]]
event = "request.made"
at = "books"
"""


def test_records_that_were_not_yet_spread_when_the_leader_went_are_sent_again() -> None:
    """Records sent in the half second before the leader's crash are refused late; with retries left, each is
    confirmed and settled once.
    """
    report = simulate(parse_scenario(LOG.format(20)), 1).report
    assert report.value("/client/traders/failed") == 0
    assert report.value("/effect/books/request.made/lost") == 0
    assert report.value("/effect/books/request.made/duplicates") == 0


def test_without_tries_left_they_are_refused() -> None:
    """Refused are about half a second of traffic before the crash and the five seconds of the takeover."""
    report = simulate(parse_scenario(LOG.format(0)), 1).report
    assert 70 < report.value("/client/traders/failed") < 160


def test_a_confirm_that_was_waited_for_comes_in_the_moment_it_is_given() -> None:
    """A request made at the moment the broker resumes finds the previous one confirmed, with or without a
    timeline.
    """
    text = """
[run]
duration_s = 20
[components.users]
kind = "client"
rate_per_s = 25
arrivals = "constant"
[components.api]
kind = "service"
[components.inbox]
kind = "queue"
[[wires]]
from = "users"
to = "api"
max_in_flight = 1
[[wires]]
from = "api"
to = "inbox"
[[faults]]
kind = "hang"
target = "inbox"
at_s = 12
for_s = 2
"""
    plain, watched = (
        simulate(parse_scenario(text), 1, timeline=timeline).report.value("/client/users")
        for timeline in (False, True)
    )
    assert plain == watched
    assert plain["failed"] == 49  # from 12.04 to 13.96 s


def publisher(buffer: int, *faults: Fault, latency_ms: float = 0) -> Report:
    """A service that publishes ten events a second to a queue that is down from 10 to 15 s."""
    parts: list[Component] = [
        Client(id="shop", rate_per_s=10, arrivals="constant", event="order.placed"),
        Service(id="app"),
        Queue(id="line"),
        Service(id="shipping"),
    ]
    wires: list[Wire] = [
        Call(source="shop", target="app"),
        Publish(source="app", target="line", buffer=buffer, latency_ms=latency_ms),
        Subscribe(source="line", target="shipping"),
    ]
    away = Fault(kind="crash", target="line", at_s=10.05, for_s=5)
    return report_of(
        parts,
        wires,
        faults=(away, *faults),
        effects=(Effect(event="order.placed", at=("shipping",)),),
        duration_s=40,
        drain_s=10,
    )


@pytest.mark.parametrize(("buffer", "failed"), [(0, 50), (10, 40), (100, 0)])
def test_a_producer_keeps_what_its_buffer_holds(buffer: int, failed: int) -> None:
    """Of the 50 events during the outage the producer buffers as many as fit, doesn't block on them, and
    sends them when the broker is back.
    """
    report = publisher(buffer)
    assert report.value("/client/shop/failed") == failed
    assert report.value("/client/shop/response_ms/max") == 0
    assert report.value("/effect/shipping/order.placed/lost") == 0
    assert report.value("/effect/shipping/order.placed/applied") == 399 - failed


def test_who_hears_late_that_its_broker_is_away_goes_on_when_it_does() -> None:
    """With a latency of 20 ms a worker learns after 40 ms that its event is buffered, and takes the next
    request.
    """
    report = publisher(100, latency_ms=20)
    assert report.value("/client/shop/failed") == 0
    assert report.value("/client/shop/response_ms/max") == pytest.approx(40)
    assert report.value("/effect/shipping/order.placed/applied") == 399


def test_what_a_producer_keeps_dies_with_it() -> None:
    """The client was told ok for 40 events that existed only in memory, and a crash loses them (a buffer is
    no outbox).
    """
    report = publisher(100, Fault(kind="crash", target="app", at_s=14.05, for_s=0.5))
    assert report.value("/effect/shipping/order.placed/lost") == 40
    assert report.value("/effect/shipping/order.placed/refused") == 5


def test_what_is_refused_late_was_never_carried() -> None:
    """Half of the publishes waiting on a hung broker find it full when it resumes, and count no bytes, with
    or without a timeline.
    """
    text = """
[run]
duration_s = 20
[components.users]
kind = "client"
rate_per_s = 10
arrivals = "constant"
[components.inbox]
kind = "queue"
max_length = 5
[components.worker]
kind = "service"
[[wires]]
from = "users"
to = "inbox"
[[wires]]
from = "inbox"
to = "worker"
max_rate_per_s = 11
[[faults]]
kind = "hang"
target = "inbox"
at_s = 9
for_s = 1
"""
    plain, watched = (
        simulate(parse_scenario(text), 1, timeline=timeline).report for timeline in (False, True)
    )
    assert plain.value("/component/inbox/refused") > 0
    assert plain.value("/component/inbox/egress_kb_per_s") == watched.value(
        "/component/inbox/egress_kb_per_s"
    )
    assert plain.value("/component/inbox/egress_kb_per_s") == pytest.approx(
        plain.value("/component/inbox/delivered") / 20
    )


def test_nobody_hears_of_a_publish_without_a_confirm_that_a_hanging_queue_has_kept_waiting() -> None:
    """With acks none the producer continues once it has sent; when the hung queue resumes and takes the
    event, no worker is resumed a second time.
    """
    report = report_of(
        [
            Client(id="shop", rate_per_s=2, event="a", arrivals="constant"),
            Service(id="front", service_ms=5),
            Queue(id="orders"),
            Service(id="billing", service_ms=5),
        ],
        [
            Call(source="shop", target="front"),
            Publish(source="front", target="orders", acks="none"),
            Subscribe(source="orders", target="billing"),
        ],
        faults=(Fault(kind="hang", target="orders", at_s=5, for_s=3),),
        effects=(Effect(event="a", at=("billing",)),),
        duration_s=20,
        drain_s=10,
    )
    assert report.value("/effect/billing/a/applied") == report.value("/client/shop/ok")
