"""What a timeline records of single events, and when."""

from __future__ import annotations

from itertools import pairwise

from tests.engine.scenes import outcome
from tutor.catalog import parse_scenario
from tutor.engine import simulate
from tutor.judge.evidence.downtime import Downtime
from tutor.judge.evidence.run import RunEvidence
from tutor.show.states import States

CROSSING = """
[run]
duration_s = 60
drain_s = 30
[components.desk]
kind = "client"
rate_per_s = 40
keys = 30
event = "balance.moved"
[components.line]
kind = "queue"
[components.books]
kind = "service"
workers = 8
service_ms = 150
distribution = "exponential"
[[wires]]
from = "desk"
to = "line"
kind = "publish"
[[wires]]
from = "line"
to = "books"
kind = "subscribe"
prefetch = 8
[[effects]]
event = "balance.moved"
at = "books"
[[faults]]
kind = "burst"
target = "desk"
at_s = 20
for_s = 10
factor = 2
"""


def test_an_event_out_of_order_comes_with_the_one_that_overtook_it() -> None:
    """For each out-of-order event, the sample also has a later event of its key that took effect first."""
    timeline = outcome(CROSSING, timeline=True).timeline
    assert timeline is not None
    crossed = [one for one in timeline.journeys if one.outcome == "out-of-order"]
    assert len(crossed) > 10
    for late in crossed:
        took_effect = next(hop.at_s for hop in late.hops if hop.what == "applied")
        assert any(
            one.key == late.key
            and one.version > late.version
            and any(hop.what == "applied" and hop.at_s <= took_effect for hop in one.hops)
            for one in timeline.journeys
        )
    assert len(timeline.journeys) <= 200
    assert len({one.event_id for one in timeline.journeys}) == len(timeline.journeys)


def test_versions_of_an_overtaker_are_those_of_the_run() -> None:
    """Within one key, later events have higher versions, even if only the ledger knows them."""
    timeline = outcome(CROSSING, timeline=True).timeline
    assert timeline is not None
    by_key: dict[str, list[tuple[float, int]]] = {}
    for one in timeline.journeys:
        by_key.setdefault(one.key, []).append((one.hops[0].at_s, one.version))
    for made in by_key.values():
        assert all(one[1] < other[1] for one, other in pairwise(sorted(made)))


TWICE = """
[run]
duration_s = 20
[components.desk]
kind = "client"
rate_per_s = 5
event = "order.paid"
[components.news]
kind = "topic"
[components.north]
kind = "service"
service_ms = 20
[components.south]
kind = "service"
service_ms = 20
[[wires]]
from = "desk"
to = "news"
[[wires]]
from = "news"
to = "north"
[[wires]]
from = "news"
to = "south"
[[effects]]
event = "order.paid"
at = ["north", "south"]
"""


def test_the_second_of_two_places_repeats_an_effect_that_they_share() -> None:
    """Where either of two services may apply an effect and both do, the journey says which repeated it."""
    timeline = outcome(TWICE, timeline=True).timeline
    assert timeline is not None
    doubled = [one for one in timeline.journeys if one.outcome == "duplicate"]
    assert doubled
    for one in doubled:
        took = [hop for hop in one.hops if hop.what in ("applied", "repeated")]
        assert [hop.what for hop in took] == ["applied", "repeated"]
        assert {hop.where for hop in took} == {"north", "south"}


def test_events_out_of_order_are_shown_even_if_none_was_sampled() -> None:
    """Where few events of many are out of order, the ledger gives the journeys of the earliest."""
    found = outcome(CROSSING.replace("keys = 30", "keys = 1000"), timeline=True)
    assert found.timeline is not None
    count = found.report.value("/effect/books/balance.moved/out_of_order")
    crossed = [one for one in found.timeline.journeys if one.outcome == "out-of-order"]
    assert count > 3
    assert len(crossed) >= 3
    assert any(len(one.hops) == 2 for one in crossed)


def test_a_burst_has_its_marks() -> None:
    """A burst of traffic is marked from its start to its end, like any other fault."""
    timeline = outcome(CROSSING, timeline=True).timeline
    assert timeline is not None
    marks = [(mark.at_s, mark.kind, mark.target, mark.what) for mark in timeline.marks]
    assert (20.0, "fault", "desk", "burst") in marks
    assert (30.0, "fault-over", "desk", "burst") in marks


def test_how_many_hang_is_a_share() -> None:
    """If one of two replicas hangs, half of the part is hung and it isn't down; the board shows how many
    replicas work.
    """
    scenario = parse_scenario(ONE_HANGS)
    result = simulate(scenario, timeline=True)
    assert result.timeline is not None
    hung = result.timeline.components["worker"].extra["hung"]
    assert set(hung) == {0.0, 0.5}
    assert not any(Downtime(RunEvidence(scenario, result)).down("worker"))
    state = States(result.timeline).part("worker", 15)
    assert (state.up, state.hung) == (1.0, 0.5)
    both = parse_scenario(ONE_HANGS.replace("replica = 1", ""))
    assert Downtime(RunEvidence(both, simulate(both, timeline=True))).outages("worker") == [(10.0, 20.0)]


ONE_HANGS = """
[run]
duration_s = 30
[components.users]
kind = "client"
rate_per_s = 5
event = "a"
[components.worker]
kind = "service"
replicas = 2
service_ms = 20
[[wires]]
from = "users"
to = "worker"
[[faults]]
kind = "hang"
target = "worker"
replica = 1
at_s = 10
for_s = 10
"""
