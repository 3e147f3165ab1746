"""The logs of the processes become a timeline that a board can play."""

from __future__ import annotations

from tests.live.scripted import SCENARIO, Scripted
from tutor.catalog import parse_scenario
from tutor.live.timeline import MeasuredTimeline
from tutor.show.live import Seconds, figure, near, paired_curves, pairs

S = 1_000_000
STEPS = [
    [0, "asked", "shop", "shop", 0],
    [10_000, "stored", "orders", "shop", 0],
    [11_000, "sent", "shop->orders:publish", True],
    [20_000, "answered", "shop", 0, 0],
    [30_000, "delivered", "orders", "billing", "shop", 0, 1],
    [31_000, "began", "billing"],
    [int(0.5 * S), "down", "billing", 0],
    [int(1.2 * S), "depth", "orders", 7, 0],
    [int(2.1 * S), "up", "billing", 0],
    [int(2.2 * S), "began", "billing"],
    [int(2.6 * S), "ended", "billing", True, 400_000],
    [int(2.6 * S), "applied", "billing", "order.placed", "shop", 0, 3, 1],
    [int(2.7 * S), "applied", "billing", "order.placed", "shop", 0, 3, 1],
    [int(2.8 * S), "acked", "orders", "billing", "shop", 0],
]


def test_steps_become_tracks() -> None:
    """Levels carry over from second to second, flows start at zero, and a kill empties the
    replica's hands.
    """
    known = MeasuredTimeline(parse_scenario(SCENARIO))
    for step in STEPS:
        known.add(step)
    timeline = known.timeline
    assert timeline.steps == 3
    billing, orders = timeline.components["billing"], timeline.components["orders"]
    assert billing.up == [0.0, 0.0, 1.0]
    assert billing.capacity == [0, 0, 1]
    assert billing.busy == [0, 0, 0]
    assert billing.done == [0, 0, 1]
    assert orders.depth == [0, 7, 7]
    assert orders.done == [0, 0, 1]
    shop = timeline.clients["shop"]
    assert (shop.requests, shop.ok, shop.response_ms[0]) == ([1, 0, 0], [1, 0, 0], 20)
    effect = timeline.effects["billing/order.placed"]
    assert (effect.applied, effect.duplicates, effect.delay_ms[2]) == ([0, 0, 1], [0, 0, 1], 2600)
    assert timeline.wires["shop->orders:publish"].sent == [1, 0, 0]
    assert timeline.wires["orders->billing:subscribe"].sent == [1, 0, 0]


def test_numbers_stand_in_pairs() -> None:
    """A channel shows its backlog, a service its applied events, a client its answers, each measured and
    predicted; curves span the whole run.
    """
    view = Scripted(["running"])
    found = pairs(view.scenario.design, view, 2)
    assert found["orders"].text == f"44 ({figure(view.predicted, 'orders', 2)})"
    assert not found["orders"].agrees
    assert found["billing"].measured == 0
    assert figure(view.predicted, "shop", 3) == sum(view.predicted.clients["shop"].ok[:4]) > 10
    depth = paired_curves(view, (), "orders")[0]
    assert depth.values == [40, 42, 44, None, None, None]
    assert list(depth.beside) == view.predicted.components["orders"].depth
    assert near(105, 100)
    assert near(5, 0)
    assert not near(120, 100)
    lines = Seconds(view)
    assert "Orders waiting" in lines.head()
    assert [line.split()[:2] for line in lines.new()] == [["0:00", "40"], ["0:01", "42"], ["0:02", "44"]]
    assert list(lines.new()) == []
