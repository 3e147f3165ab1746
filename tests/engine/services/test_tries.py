"""Each time an event reaches a service is a try of its own, whichever path it takes."""

from __future__ import annotations

import pytest

from tests.engine.scenes import run
from tutor.engine.core.luck import NEAR, Chance

RETRY_QUEUE = """
[run]
duration_s = 150
drain_s = 100
[components.app]
kind = "client"
profile = [[0, 10], [100, 0]]
arrivals = "constant"
event = "price.set"
[components.prices]
kind = "<kind>"
[components.shop]
kind = "service"
workers = 4
service_ms = 10
failure_rate = 0.5
[components.retry]
kind = "queue"
[[wires]]
from = "app"
to = "prices"
[[wires]]
from = "prices"
to = "shop"
[[wires]]
from = "shop"
to = "<again>"
kind = "publish"
on = "failure"
rescues = true
[[wires]]
from = "retry"
to = "shop"
[[effects]]
event = "price.set"
at = "shop"
"""


@pytest.mark.parametrize(
    ("kind", "again"), [("queue", "retry"), ("queue", "prices"), ("topic", "retry"), ("stream", "retry")]
)
def test_a_retry_queue_heals_what_fails_by_chance(kind: str, again: str) -> None:
    """With a failure rate of one half, about 500 of 1,000 events need a second try and 250 a third: all
    succeed after some 1,000 failures.
    """
    report = run(RETRY_QUEUE, kind=kind, again=again)
    effect = report.value("/effect/shop/price.set")
    assert (effect["applied"], effect["pending"], effect["lost"]) == (1000, 0, 0)
    assert report.value("/component/shop/done") - 1000 == pytest.approx(
        1000, rel=0.12
    )  # rescued: the handling itself went well


def test_a_part_elsewhere_leaves_the_luck_of_later_tries() -> None:
    """Another reader of the same events doesn't change the outcome of the shop's tries."""
    more = (
        '[components.audit]\nkind = "service"\nservice_ms = 5\nfailure_rate = 0.2\n[[wires]]\nfrom ='
        ' "prices"\nto = "audit"\n'
    )
    alone, beside = (
        run(RETRY_QUEUE + extra, kind="topic", again="retry").value("/effect/shop") for extra in ("", more)
    )
    assert alone == beside


def test_far_turns_are_drawn_like_near_ones() -> None:
    """The hash used for draws of distant turns is uniform, and differs between turns and events like a
    generator's draws.
    """
    draws = Chance(1).uniforms("api", "failure", "shop")
    values = [draws.at(number, turn) for number in range(100) for turn in range(NEAR, NEAR + 100)]
    assert len(set(values)) > 9_990
    assert sum(values) / len(values) == pytest.approx(0.5, abs=0.01)
    assert all(abs(sum(a <= v < a + 0.1 for v in values) - 1000) < 120 for a in (0, 0.3, 0.5, 0.9))
    assert draws.at(3, NEAR + 7) == Chance(1).uniforms("api", "failure", "shop").at(3, NEAR + 7)
    assert draws.at(3, 1 << 4000) == draws.at(3, 1 << 4000)
