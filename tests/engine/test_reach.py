"""Which events an effect is expected of."""

from __future__ import annotations

from tutor.catalog import parse_scenario
from tutor.engine import simulate

SCENARIO = """
[run]
duration_s = 10
[components.shop]
kind = "client"
rate_per_s = 5
arrivals = "constant"
event = "order.placed"
[components.orders]
kind = "topic"
[components.fraud]
kind = "service"
[[wires]]
from = "shop"
to = "orders"
[[effects]]
event = "order.placed"
at = "fraud"
"""


def test_a_team_that_nothing_leads_to_misses_every_event() -> None:
    """An effect that no way leads to has not happened: what the client sent is lost to it, not out of the count."""
    report = simulate(parse_scenario(SCENARIO)).report
    assert report.value("/client/shop/requests") > 0
    assert report.value("/effect/fraud/order.placed/lost") == report.value("/client/shop/requests")
