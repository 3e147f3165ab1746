"""A log that forgets quickly, and a reader that tries again."""

import pytest

from tutor.catalog import parse_scenario
from tutor.engine import simulate

SCENARIO = """
[run]
duration_s = 30
drain_s = 20
[components.c]
kind = "client"
rate_per_s = 5
event = "a"
[components.s]
kind = "stream"
retention_s = 1
[components.r]
kind = "service"
service_ms = 5
failure_rate = {failing}
[[wires]]
from = "c"
to = "s"
[[wires]]
from = "s"
to = "r"
retry_delay_s = {delay}
[[effects]]
event = "a"
at = "r"
"""


@pytest.mark.parametrize("delay", [0, 0.4, 5])
@pytest.mark.parametrize("failing", [0.3, 1])
def test_what_has_been_forgotten_is_not_tried_again(failing: float, delay: float) -> None:
    """A record that retention takes while it waits to be tried again is passed over; every event is accounted for."""
    report = simulate(parse_scenario(SCENARIO.format(failing=failing, delay=delay))).report
    assert report.complete
    effect = report.get("/effect/r/a")
    assert isinstance(effect, dict)
    assert effect["applied"] + effect["lost"] + effect["pending"] + effect["refused"] == effect["expected"]
    assert effect["duplicates"] == 0
    assert effect["applied"] == 0 if failing == 1 else effect["applied"] > 0
