"""Stories that stop halfway: what they leave behind, and why."""

from __future__ import annotations

import pytest

from tutor.catalog.scenarios import parse_scenario
from tutor.engine.simulate import simulate
from tutor.judge.diagnosis import rank
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, ORPHANS, Symptom

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
    """How many seats were left booked, and the diagnoses of that."""
    scenario = parse_scenario(TRIP.replace("LISTEN", listen))
    outcome = simulate(scenario, 1, timeline=True)
    left = outcome.report.value("/effect/flight/trip.requested/orphans")
    symptom = Symptom(
        ORPHANS, "/effect/flight/trip.requested/orphans", "flight", "trip.requested", float(left)
    )
    return left, [one.id for one in rank(RunEvidence(scenario, outcome), [symptom])] if left else []


LISTENER = '[[wires]]\nfrom = "failures"\nto = "flight"\n'


def test_what_nobody_takes_back_has_no_compensation() -> None:
    """A step whose service never hears of the failure stays done, and the diagnosis is a missing
    compensation.
    """
    left, ids = _left_behind("")
    assert left > 40
    assert ids[0] == "no-compensation"


@pytest.mark.parametrize("careless", ['on_error = "drop"\n', 'ack = "before"\n'])
def test_a_compensation_that_gets_lost_is_a_stuck_story(careless: str) -> None:
    """If a compensation may get lost, some steps stay done although the service listens: a stuck saga."""
    left, ids = _left_behind(LISTENER + careless)
    assert 0 < left < 40
    assert ids[0] == "stuck-saga"


def test_a_compensation_that_is_tried_until_it_works_leaves_nothing() -> None:
    """With redelivery every failed story is compensated, and no seat is left behind."""
    assert _left_behind(LISTENER) == (0, [])


REPLAYED = """
[run]
duration_s = 60
[components.people]
kind = "client"
rate_per_s = 5
[components.orders]
kind = "queue"
max_deliveries = 3
[components.billing]
kind = "service"
service_ms = 100
[components.dead]
kind = "queue"
[components.replayer]
kind = "service"
[[wires]]
from = "people"
to = "orders"
[[wires]]
from = "orders"
to = "billing"
[[wires]]
from = "orders"
to = "dead"
kind = "dead-letter"
[[wires]]
from = "dead"
to = "replayer"
[[wires]]
from = "replayer"
to = "orders"
[[faults]]
kind = "poison"
target = "billing"
probability = 0.02
[[effects]]
event = "request.made"
at = "billing"
"""


def test_a_poison_message_that_is_replayed_has_no_end() -> None:
    """A dead-letter queue that is replayed into its queue brings poison back for ever, whatever the limit on
    deliveries; the reason names who puts it back.
    """
    scenario = parse_scenario(REPLAYED)
    outcome = simulate(scenario, 1, timeline=True)
    left = outcome.report.value("/effect/billing/request.made/pending")
    assert left > 0
    symptom = Symptom(BACKLOG, "/effect/billing/request.made/pending", "billing", "request.made", float(left))
    first = rank(RunEvidence(scenario, outcome), [symptom])[0]
    assert first.id == "poison"
    assert "replayer" in str(first.evidence)
