"""A service that publishes to several channels one after the other, and dies in between."""

from __future__ import annotations

from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.judge.diagnosis import diagnose

TWO_QUEUES = """
[run]
duration_s = 200
drain_s = 20
[components.shop]
kind = "client"
rate_per_s = 5
event = "order.placed"
[components.checkout]
kind = "service"
service_ms = 5
[components.stock]
kind = "queue"
[components.mail]
kind = "queue"
[components.stock-desk]
kind = "service"
[components.mail-desk]
kind = "service"
[[wires]]
from = "shop"
to = "checkout"
[[wires]]
from = "checkout"
to = "stock"
[[wires]]
from = "checkout"
to = "mail"
[[wires]]
from = "stock"
to = "stock-desk"
[[wires]]
from = "mail"
to = "mail-desk"
"""


def first_of(faults: str) -> str:
    """The first diagnosis of the scenario with these faults."""
    scenario = parse_scenario(TWO_QUEUES + faults)
    return diagnose(scenario, simulate(scenario, timeline=True))[0].id


def test_dying_between_two_publishes_is_a_dual_write() -> None:
    """If the service dies between two publishes, the diagnosis is a dual write: one channel has an order that
    failed for the client.
    """
    assert (
        first_of('[[faults]]\nkind = "die-between"\ntarget = "checkout"\nprobability = 0.03\n')
        == "dual-write"
    )


def test_an_outage_of_the_same_service_is_not() -> None:
    """If the service itself is down, the diagnosis isn't a dual write, although it publishes to two
    channels.
    """
    assert first_of('[[faults]]\nkind = "crash"\ntarget = "checkout"\nat_s = 50\nfor_s = 6\n') != "dual-write"
