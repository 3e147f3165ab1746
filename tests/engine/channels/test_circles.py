"""Events that go round a loop: the run ends at its end or at its budget."""

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate

CIRCLE = """
[run]
duration_s = 60
max_events = 60000
[components.c]
kind = "client"
[components.a]
kind = "service"
service_ms = 1
failure_rate = 0.2
[components.t]
kind = "{kind}"
[[wires]]
from = "c"
to = "t"
[[wires]]
from = "t"
to = "a"
[[wires]]
from = "a"
to = "t"
"""


@pytest.mark.parametrize("kind", ["queue", "topic", "stream"])
def test_a_circle_with_failures_ends(kind: str) -> None:
    """Each round and each retry is a turn with its own draws, and the run ends within its budget."""
    report = simulate(parse_scenario(CIRCLE.format(kind=kind))).report
    events = report.get("/engine/events")
    assert isinstance(events, int)
    assert 20_000 < events <= 60_000
