"""The event that broke a goal, and the one seed that fails while others pass."""

import dataclasses

import pytest

from tutor.catalog import level_by_id
from tutor.judge.counterexample import find_counterexample, first_breaking
from tutor.judge.goals import judge_goal
from tutor.model.level import Goal, Level
from tutor.model.report import Outcome
from tutor.model.scenario import Window
from tutor.trial import run

FIRST = "first-light/first-event"


@pytest.fixture(scope="module")
def level() -> Level:
    """The first level as it starts: its till fails while the kitchen hangs."""
    return level_by_id(FIRST)


@pytest.fixture(scope="module")
def outcome(level: Level) -> Outcome:
    """The outcome of the level's start."""
    return run(level.scenario, timeline=True)


def test_a_failure_is_told_with_its_moment(level: Level, outcome: Outcome) -> None:
    """The first request that times out breaks the goal that no request fails."""
    one = first_breaking(
        judge_goal(Goal("/client/till/failed", at_most=0, say=""), outcome.report), level.scenario, outcome
    )
    assert one is not None
    assert one.journey.event_id == "till/14"
    assert one.journey.outcome == "failed"
    assert one.at_s == max(hop.at_s for hop in one.journey.hops if hop.what in ("timed-out", "failed"))


def test_a_delay_is_broken_by_the_first_that_takes_longer(level: Level, outcome: Outcome) -> None:
    """The first event whose own time exceeds the limit breaks a goal on time, at the moment of its effect."""
    result = judge_goal(
        Goal("/effect/kitchen/order.placed/delay_ms/max", at_most=5000, say=""), outcome.report
    )
    one = first_breaking(result, level.scenario, outcome)
    assert one is not None
    assert one.at_s - one.journey.hops[0].at_s > 5
    loose = judge_goal(Goal("/effect/kitchen/order.placed/delay_ms/max", at_most=1e9, say=""), outcome.report)
    assert first_breaking(loose, level.scenario, outcome) is None


def test_a_window_counts_its_own_events_only(level: Level, outcome: Outcome) -> None:
    """An event made outside a goal's window cannot break it."""
    result = judge_goal(Goal("/window/late/client/till/failed", at_most=0, say=""), outcome.report)
    late = dataclasses.replace(level.scenario, windows=(Window(id="late", from_s=20.0, to_s=30.0),))
    one = first_breaking(result, late, outcome)
    assert one is not None
    assert 20 <= one.journey.hops[0].at_s < 30
    quiet = dataclasses.replace(level.scenario, windows=(Window(id="late", from_s=60.0, to_s=90.0),))
    assert first_breaking(result, quiet, outcome) is None


def test_a_counterexample_names_seed_moment_and_event(level: Level, outcome: Outcome) -> None:
    """A counterexample names the seed, how many others pass, the goal, the moment and the event."""
    missed = [judge_goal(Goal("/client/till/failed", at_most=0, say=""), outcome.report)]
    one = find_counterexample(4, 3, missed, level.scenario, outcome)
    assert one is not None
    assert "passes on 3 other seeds and fails on seed 4" in one.what
    assert "event till/14 failed for its client" in one.what
    assert one.plain() == {
        "seed": 4,
        "at_s": one.at_s,
        "event": "till/14",
        "metric": "/client/till/failed",
        "what": one.what,
    }
    assert find_counterexample(4, 3, [], level.scenario, outcome) is None


def test_a_goal_that_counts_no_events_still_has_a_moment(level: Level, outcome: Outcome) -> None:
    """If no event can be named, the first failure of the run is shown."""
    missed = [judge_goal(Goal("/design/cost_per_hour", at_most=0, say=""), outcome.report)]
    one = find_counterexample(4, 1, missed, level.scenario, outcome)
    assert one is not None
    assert one.event == ""
    assert outcome.timeline is not None
    assert one.at_s == next(
        (mark.at_s for mark in outcome.timeline.marks if mark.kind == "first-failure"), None
    )


def test_without_any_sign_the_moment_of_the_diagnosis_is_shown(level: Level, outcome: Outcome) -> None:
    """If neither an event nor a mark shows when the goal broke, the diagnosis's moment is used."""
    missed = [judge_goal(Goal("/client/till/failed", at_most=0, say=""), outcome.report)]
    assert outcome.timeline is not None
    blind = dataclasses.replace(
        outcome, timeline=dataclasses.replace(outcome.timeline, journeys=[], marks=[])
    )
    one = find_counterexample(4, 3, missed, level.scenario, blind, 42.0)
    assert one is not None
    assert (one.event, one.at_s) == ("", 42.0)
