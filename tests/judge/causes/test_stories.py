"""Stories that stop half way: what is left behind, and why."""

from __future__ import annotations

import pytest

from tutor.catalog.scenarios import parse_scenario
from tutor.engine.simulate import simulate
from tutor.judge.diagnosis import rank
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import ORPHANS, Symptom

TRIP = """
[run]
duration_s = 60
drain_s = 60

[components.travellers]
kind = "client"
rate_per_s = 5
event = "trip.requested"
[components.booking]
kind = "service"
workers = 20
[components.flight]
kind = "service"
workers = 20
service_ms = 20
failure_rate = 0.2
[components.hotel]
kind = "service"
workers = 20
service_ms = 20
[components.failures]
kind = "topic"

[[wires]]
from = "travellers"
to = "booking"
[[wires]]
from = "booking"
to = "flight"
[[wires]]
from = "booking"
to = "hotel"
[[wires]]
from = "booking"
to = "failures"
on = "failure"
event = "trip.failed"
LISTEN

[[faults]]
kind = "poison"
target = "hotel"
probability = 0.3
events = ["trip.requested"]

[[effects]]
event = "trip.requested"
at = "flight"
undone_by = "trip.failed"
[[effects]]
event = "trip.requested"
at = "hotel"
undone_by = "trip.failed"
"""


def _left_behind(listen: str) -> tuple[int, list[str]]:
    """How many seats were left taken, and the diagnoses of that."""
    scenario = parse_scenario(TRIP.replace("LISTEN", listen))
    outcome = simulate(scenario, 1, timeline=True)
    left = outcome.report.value("/effect/flight/trip.requested/orphans")
    symptom = Symptom(
        ORPHANS, "/effect/flight/trip.requested/orphans", "flight", "trip.requested", float(left)
    )
    return left, [one.id for one in rank(RunEvidence(scenario, outcome), [symptom])] if left else []


LISTENER = '[[wires]]\nfrom = "failures"\nto = "flight"\n'


def test_what_nobody_takes_back_has_no_compensation() -> None:
    """A step whose service never hears of the failure stays done: about 0.8 of the failed trips' seats."""
    left, ids = _left_behind("")
    assert left > 40
    assert ids[0] == "no-compensation"


@pytest.mark.parametrize("careless", ['on_error = "drop"\n', 'ack = "before"\n'])
def test_a_compensation_that_gets_lost_is_a_stuck_story(careless: str) -> None:
    """A compensation that may be lost leaves some steps done, though the service listens."""
    left, ids = _left_behind(LISTENER + careless)
    assert 0 < left < 40
    assert ids[0] == "stuck-saga"


def test_a_compensation_that_is_tried_until_it_works_leaves_nothing() -> None:
    """With redelivery every failed story is taken back, so there is nothing to explain."""
    assert _left_behind(LISTENER) == (0, [])
