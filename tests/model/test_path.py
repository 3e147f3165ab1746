"""Which events an effect is expected for."""

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
    """An effect that no path leads to never happens: every event of the client counts as lost to it."""
    report = simulate(parse_scenario(SCENARIO)).report
    assert report.value("/client/shop/requests") > 0
    assert report.value("/effect/fraud/order.placed/lost") == report.value("/client/shop/requests")


BESIDE = """
[run]
duration_s = 10
[components.shop]
kind = "client"
rate_per_s = 5
[components.api]
kind = "service"
[components.orders]
kind = "topic"
[components.fraud]
kind = "service"
[components.stranger]
kind = "client"
rate_per_s = 7
[components.elsewhere]
kind = "service"
[[wires]]
from = "shop"
to = "api"
[[wires]]
from = "api"
to = "orders"
event = "alarm.raised"
[[wires]]
from = "fraud"
to = "api"
[[wires]]
from = "stranger"
to = "elsewhere"
[[effects]]
event = "alarm.raised"
at = "fraud"
"""


def test_what_nobody_sends_is_expected_of_those_it_is_joined_to() -> None:
    """An event that no client sends is expected once for each request of the clients joined to its effect,
    and for no other client's.
    """
    report = simulate(parse_scenario(BESIDE)).report
    assert report.value("/effect/fraud/alarm.raised/expected") == report.value("/client/shop/requests") > 0
