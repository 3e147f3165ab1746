"""Goals judged against reports: met, missed, or not measured."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.judge.goals import judge_goal, render_goal, test_of, worst_of
from tutor.model.level import Goal
from tutor.model.report import Report

test_of.__test__ = False  # type: ignore[attr-defined]


def report(value: object, seed: int = 1) -> Report:
    """A report with one number."""
    return Report(
        {
            "complete": True,
            "seed": seed,
            "client": {"till": {"availability": value, "response_ms": {"p95": value}}},
        }
    )


AT_LEAST = Goal("/client/till/availability", "nearly all are answered", at_least=0.9)
AT_MOST = Goal("/client/till/response_ms/p95", "quick enough", at_most=250)


@pytest.mark.parametrize(("value", "met"), [(0.9, True), (0.8999, False), (1, True)])
def test_a_lower_limit_includes_itself(value: float, met: bool) -> None:
    """A value of 0.9 meets a goal of at least 0.9."""
    assert judge_goal(AT_LEAST, report(value)).met is met


@pytest.mark.parametrize("value", [None, "many", True, float("nan"), {"p95": 1}])
def test_what_is_no_number_misses_the_goal_with_a_reason(value: object) -> None:
    """Null, text, booleans and tables miss a goal with the reason that nothing was measured."""
    result = judge_goal(AT_MOST, report(value))
    assert not result.met
    assert result.value is None
    assert "nothing was measured" in result.reason


def test_a_pointer_to_nothing_misses_the_goal_and_names_the_nearest() -> None:
    """A metric missing from the report misses the goal, and the reason names the nearest one."""
    result = judge_goal(Goal("/client/tile/availability", "x", at_least=0.5), report(1.0))
    assert not result.met
    assert 'did you mean "till"' in result.reason


def test_words_are_made_from_the_check() -> None:
    """A goal's text has its metric in words and its limit in the most readable unit."""
    assert render_goal(AT_LEAST) == "share of requests from till that succeed: at least 90%"
    assert (
        render_goal(Goal("/effect/a/b/delay_ms/p99", "", at_most=25_000))
        == "time within which 99% of b take effect at a: at most 25 s"
    )
    assert render_goal(Goal("/effect/a/b/lost", "", at_most=0)) == "no b lost before a"


def test_the_worst_seed_is_shown() -> None:
    """The seed furthest past the limit is shown, or before it one without a value."""
    values = [judge_goal(AT_MOST, report(value, seed)) for seed, value in ((1, 200), (2, 900), (3, 260))]
    assert worst_of(values).seed == 2
    assert worst_of([*values, judge_goal(AT_MOST, report(None, 4))]).seed == 4
    assert worst_of(values[:1]).met


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_a_miss_is_between_nought_and_one(value: float, limit: float) -> None:
    """The miss of a goal is a share: zero if the goal is met, and never above one."""
    for goal in (
        Goal("/client/till/availability", "", at_least=limit),
        Goal("/client/till/availability", "", at_most=limit),
    ):
        result = judge_goal(goal, report(value))
        assert 0 <= result.miss <= 1
        assert (result.miss == 0) == result.met or abs(value - limit) < 1e-6


def test_json_has_target_and_test() -> None:
    """A goal in JSON has its limit, its comparison and its seed."""
    plain = judge_goal(AT_MOST, report(300, 4)).plain()
    assert (plain["target"], plain["test"], plain["value"], plain["met"], plain["seed"]) == (
        250,
        "at_most",
        300,
        False,
        4,
    )
    assert test_of(Goal("/x", "", at_least=1, at_most=2)) == "between"
