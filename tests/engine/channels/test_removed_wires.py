"""Wires removed while work is in progress on the others, and derived events that must be sent again."""

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate

THREE_CALLS = """
[run]
duration_s = 20
drain_s = 5
[components.users]
kind = "client"
rate_per_s = 10
event = "order.placed"
[components.api]
kind = "service"
workers = 50
[components.one]
kind = "service"
service_ms = 10
workers = 50
[components.two]
kind = "service"
service_ms = 500
distribution = "constant"
workers = 50
[components.three]
kind = "service"
workers = 50
[[wires]]
from = "users"
to = "api"
[[wires]]
from = "api"
to = "one"
[[wires]]
from = "api"
to = "two"
[[wires]]
from = "api"
to = "three"
[[effects]]
event = "order.placed"
at = "three"
[[faults]]
kind = "remove"
target = "{target}"
at_s = 10
"""


def test_what_is_under_way_passes_over_no_other_wire() -> None:
    """A request that waits for its second call when the first wire is removed still makes the third."""
    report = simulate(parse_scenario(THREE_CALLS.format(target="api->one"))).report
    assert report.get("/client/users/availability") == 1.0
    assert report.get("/effect/three/order.placed/lost") == 0
    assert report.get("/effect/three/order.placed/applied") == report.get("/client/users/requests")


@pytest.mark.parametrize("target", ["one", "two", "three", "api->two", "api->three"])
def test_any_wire_may_go(target: str) -> None:
    """The run reaches its end whichever wire is removed, and parts without a wire are not called."""
    report = simulate(parse_scenario(THREE_CALLS.format(target=target))).report
    assert report.complete
    assert report.get("/client/users/availability") == pytest.approx(1.0, abs=0.05)


def test_a_derived_event_is_sent_again() -> None:
    """A derived event that the broker refuses is retried without occupying a replica."""
    text = """
[run]
duration_s = 30
drain_s = 20
[components.c]
kind = "client"
rate_per_s = 5
event = "a"
keys = 3
[components.s]
kind = "service"
window_s = 2
[components.q]
kind = "queue"
[components.r]
kind = "service"
[[wires]]
from = "c"
to = "s"
[[wires]]
from = "s"
to = "q"
event = "a.counted"
retries = 20
backoff_ms = 1000
[[wires]]
from = "q"
to = "r"
[[faults]]
kind = "crash"
target = "q"
at_s = 5
for_s = 8
"""
    report = simulate(parse_scenario(text)).report
    assert report.complete
    handled = report.get("/component/q/acked")
    assert isinstance(handled, int)
    assert (
        handled >= 3 * 30 / 2 * 0.7
    )  # a window of two seconds for each of three keys, the broker's absence included
