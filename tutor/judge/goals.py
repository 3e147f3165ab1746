"""The check of a goal against a report, and the words for it, which are made from the check itself."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tutor.errors import InputError
from tutor.judge.words import describe_metric, render_metric
from tutor.model.level import Goal
from tutor.model.report import Report
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class GoalResult:
    """The result of one goal on one seed, or on the worst of several."""

    goal: Goal
    """The goal."""
    value: float | None
    """What was measured; None where nothing was."""
    met: bool
    """Whether the goal holds."""
    seed: int
    """The seed that ``value`` is from."""
    reason: str = ""
    """Why there is no value, where there is none."""

    @property
    def miss(self) -> float:
        """The distance from the target, as a share of it: 0 if the goal is met, 1 for the greatest distance
        that can be stated.
        """
        if self.met:
            return 0.0
        if self.value is None:
            return 1.0
        goal, distance = self.goal, 0.0
        if goal.at_least is not None and self.value < goal.at_least:
            distance = (goal.at_least - self.value) / max(abs(goal.at_least), 1e-12)
        if goal.at_most is not None and self.value > goal.at_most:
            distance = max(distance, (self.value - goal.at_most) / max(abs(self.value), 1e-12))
        return min(1.0, distance)

    @property
    def text(self) -> str:
        """One line: the goal and its result."""
        return render_result(self)

    def plain(self) -> dict[str, Any]:
        """Returns the goal as ``check --json`` shows it."""
        found: dict[str, Any] = {
            "say": self.goal.say,
            "metric": self.goal.metric,
            "target": target_of(self.goal),
            "test": test_of(self.goal),
            "value": self.value,
            "met": self.met,
            "seed": self.seed,
            "text": render_goal(self.goal),
        }
        if self.reason:
            found["reason"] = self.reason
        return found


def target_of(goal: Goal) -> float | list[float] | None:
    """Returns the limit of a goal, or both if it has two: lowest and highest."""
    limits = [limit for limit in (goal.at_least, goal.at_most) if limit is not None]
    return limits if len(limits) > 1 else limits[0] if limits else None


def test_of(goal: Goal) -> str:
    """Returns how the value is compared with the target: ``at_least``, ``at_most`` or ``between``."""
    if goal.at_least is not None and goal.at_most is not None:
        return "between"
    return "at_least" if goal.at_least is not None else "at_most"


def judge_goal(goal: Goal, report: Report) -> GoalResult:
    """Checks ``goal`` against ``report``; if nothing was measured it is missed, and the result says why."""
    seed = int(report.data.get("seed", 0))
    try:
        value = report.value(goal.metric)
    except InputError as error:
        return GoalResult(goal, None, False, seed, say("goals.no-place", why=error.what))
    if value is None:
        return GoalResult(goal, None, False, seed, say("goals.no-work"))
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return GoalResult(goal, None, False, seed, say("goals.no-number"))
    met = (goal.at_least is None or value >= goal.at_least) and (
        goal.at_most is None or value <= goal.at_most
    )
    return GoalResult(goal, value, met, seed)


def judge_goals(goals: Iterable[Goal], report: Report) -> tuple[GoalResult, ...]:
    """Checks every goal against one report, in order."""
    return tuple(judge_goal(goal, report) for goal in goals)


def worst_of(results: Sequence[GoalResult]) -> GoalResult:
    """Returns the result to show of one goal on several seeds: missed before met, then the value nearest to
    (or furthest past) the limit.

    Ties go to the first seed, so the choice does not depend on anything but the order of the seeds.
    """
    return min(results, key=lambda result: (result.met, result.value is not None, _margin(result)))


def _margin(result: GoalResult) -> float:
    if result.value is None:
        return -math.inf
    goal = result.goal
    margins = [result.value - goal.at_least] if goal.at_least is not None else []
    if goal.at_most is not None:
        margins.append(goal.at_most - result.value)
    return min(margins, default=0.0)


def render_goal(goal: Goal, names: Mapping[str, str] | None = None) -> str:
    """Returns the check in words, made from the check: what is measured and what it must be.

    ``names`` are the screen's names of components.
    """
    metric = describe_metric(goal.metric, names)
    if _is_none(goal):
        return say("goals.none", metric=metric)
    return say("goals.check", metric=metric, limits=render_limits(goal))


def render_expected(goal: Goal, names: Mapping[str, str] | None = None) -> str:
    """Returns what a goal expects, in words; ``names`` are the screen's names of components."""
    metric = describe_metric(goal.metric, names)
    if _is_none(goal):
        return say("goals.expected-none", metric=metric)
    return say("goals.expected", metric=metric, limits=render_limits(goal))


def _is_none(goal: Goal) -> bool:
    return goal.at_least is None and goal.at_most == 0


def render_result(result: GoalResult, names: Mapping[str, str] | None = None) -> str:
    """Returns the check in words, and the result."""
    expected = render_expected(result.goal, names)
    if result.value is None:
        return say("goals.unmeasured", expected=expected, reason=result.reason)
    return say("goals.result", expected=expected, value=render_metric(result.goal.metric, result.value))


def render_limits(goal: Goal) -> str:
    """Returns the limits of a goal's value, in words."""
    low, high = goal.at_least, goal.at_most
    if low is not None and high is not None:
        return say(
            "goals.between", low=render_metric(goal.metric, low), high=render_metric(goal.metric, high)
        )
    if low is not None:
        return say("goals.at-least", low=render_metric(goal.metric, low))
    if high == 0:
        return say("goals.zero")
    return (
        say("goals.at-most", high=render_metric(goal.metric, high))
        if high is not None
        else say("goals.anything")
    )
