"""A log with a short retention, and its readers."""

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
    """A record that retention deletes while it waits for a retry is skipped, and every event is accounted
    for.
    """
    report = simulate(parse_scenario(SCENARIO.format(failing=failing, delay=delay))).report
    assert report.complete
    effect = report.get("/effect/r/a")
    assert isinstance(effect, dict)
    assert effect["applied"] + effect["lost"] + effect["pending"] + effect["refused"] == effect["expected"]
    assert effect["duplicates"] == 0
    assert effect["applied"] == 0 if failing == 1 else effect["applied"] > 0


@pytest.mark.parametrize("rate", [5, 60])
def test_a_reader_that_commits_first_reads_all_that_is_kept(rate: int) -> None:
    """A reader that commits before the work reads every record, and retention counts each deletion once."""
    text = SCENARIO.format(failing=0, delay=0).replace("retry_delay_s", 'ack = "before"\nretry_delay_s')
    report = simulate(parse_scenario(text.replace("rate_per_s = 5", f"rate_per_s = {rate}"))).report
    effect = report.get("/effect/r/a")
    assert isinstance(effect, dict)
    assert effect["applied"] == effect["expected"] > 100
    assert report.get("/component/s/published") == effect["expected"]
