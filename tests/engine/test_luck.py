"""A live run gets the same random draws as the engine's own run, and its outcome is counted the same way."""

from __future__ import annotations

import pytest

from tutor.catalog import parse_scenario
from tutor.engine.core.events import OK, TOLD_NO
from tutor.engine.luck import Luck
from tutor.engine.simulate import simulate
from tutor.model.scenario import Scenario

PLENTY = """
[run]
duration_s = 60
warmup_s = 5
drain_s = 20
seed = {seed}
[components.shop]
kind = "client"
event = "order.placed"
rate_per_s = 12
keys = 30
key_skew = 1.0
groups = { north = 0.7, south = 0.3 }
[components.orders]
kind = "queue"
[components.billing]
kind = "service"
service_ms = 80
workers = 5000
failure_rate = 0.3
[[wires]]
from = "shop"
to = "orders"
kind = "publish"
[[wires]]
from = "orders"
to = "billing"
kind = "subscribe"
on_error = "drop"
[[effects]]
event = "order.placed"
at = "billing"
[[faults]]
kind = "poison"
target = "billing"
at_s = 20
for_s = 10
probability = 0.5
[[faults]]
kind = "burst"
target = "shop"
at_s = 30
for_s = 5
factor = 4
"""
"""So many workers that no event waits: its delay is its own work."""


def plenty(seed: int = 1) -> Scenario:
    """The scenario with a seed."""
    return parse_scenario(PLENTY.replace("{seed}", str(seed)))


@pytest.mark.parametrize("seed", [1, 7])
def test_the_same_luck(seed: int) -> None:
    """Failures, poisoned events and work times match the engine's run, to the microsecond."""
    luck = Luck(plenty(seed))
    requests = luck.requests()
    measured = [request for request in requests if request.at_us >= 5_000_000]
    poisoned = [(start, end) for start, end in luck.spans(0)]

    def applied(request: object) -> bool:
        args = request.type, request.source, request.number  # type: ignore[attr-defined]
        struck = any(start <= request.at_us < end for start, end in poisoned) and luck.strikes(0, *args, 0)  # type: ignore[attr-defined]
        return not struck and not luck.fails("billing", *args, 0)

    went_well = [request for request in measured if applied(request)]
    times = [
        luck.work_us("billing", request.type, request.source, request.number, 0) for request in went_well
    ]
    report = simulate(plenty(seed)).report
    assert report.value("/client/shop/requests") == len(measured)
    assert report.value("/effect/billing/order.placed/applied") == len(went_well)
    assert report.value("/effect/billing/order.placed/delay_ms/mean") == pytest.approx(
        sum(times) / len(times) / 1000
    )
    assert report.value("/effect/billing/order.placed/delay_ms/max") == max(times) / 1000


def test_versions_count_up_for_each_key() -> None:
    """The n-th request of a key has version n, and requests come in order of time."""
    requests = Luck(plenty()).requests()
    assert [one.at_us for one in requests] == sorted(one.at_us for one in requests)
    for key in {one.key for one in requests}:
        assert [one.version for one in requests if one.key == key] == list(
            range(1, sum(one.key == key for one in requests) + 1)
        )


def test_the_truth_is_counted_as_the_engine_counts() -> None:
    """Applied, duplicate, refused, pending and lost events are each counted as the engine counts them."""
    luck = Luck(plenty())
    first, *_ = requests = [one for one in luck.requests() if one.at_us >= 5_000_000]
    truth = luck.truth()
    for one in requests[:-3]:
        truth.answered(one.source, one.number, one.at_us + 1000, OK)
        truth.applied("billing", one.type, one.source, one.number, one.key, one.version, one.at_us + 2000)
    truth.applied("billing", first.type, first.source, first.number, first.key, first.version, 80_000_000)
    truth.answered(requests[-3].source, requests[-3].number, requests[-3].at_us, TOLD_NO)
    truth.answered(requests[-2].source, requests[-2].number, requests[-2].at_us, OK)
    held = {"orders": {(requests[-1].source, requests[-1].number)}}
    data = truth.numbers(5_000_000, 60_000_000, held)
    seen = data["effect"]["billing"]["order.placed"]
    counts = {
        name: seen[name] for name in ("expected", "applied", "refused", "lost", "pending", "duplicates")
    }
    some = len(requests)
    assert counts == {
        "expected": some,
        "applied": some - 3,
        "refused": 1,
        "lost": 1,
        "pending": 1,
        "duplicates": 1,
    }
    assert seen["delay_ms"]["mean"] == pytest.approx(2)
    assert data["client"]["shop"]["response_ms"]["max"] == pytest.approx(1)
    assert data["client"]["shop"]["ok"] == some - 2
