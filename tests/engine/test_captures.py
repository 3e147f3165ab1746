"""Captures whose confirms get lost."""

from tutor.catalog import parse_scenario
from tutor.engine import simulate

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
    """While every confirm is lost it repeats, with a pause; nothing is lost, and the run comes to its end."""
    report = simulate(parse_scenario(SCENARIO)).report
    assert report.complete
    assert report.get("/effect/r/order.placed/lost") == 0
    assert report.get("/effect/r/order.placed/pending") == 0
    duplicates = report.get("/effect/r/order.placed/duplicates")
    assert isinstance(duplicates, int)
    assert 10 <= duplicates <= 55  # one tenth of a second apart, for five seconds
