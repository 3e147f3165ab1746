"""Stars for cost, speed and simplicity: what a passing design is worth against par."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.judge.changes import changes_between
from tutor.model.design import Design
from tutor.model.level import Level, StarLine, Stars
from tutor.model.report import Report


def count_changes(level: Level, design: Design) -> int:
    """How many differences from the level's start a design has: what simplicity is measured by."""
    return len(changes_between(level.scenario.design, design, level.palette))


def judge_stars(level: Level, design: Design, reports: Sequence[Report]) -> Stars:
    """The stars of a design that passed; cost and speed are those of the worst seed."""
    return Stars(
        cost=stars_for(level.par.cost, worst_value("/design/cost_per_hour", reports)),
        speed=stars_for(level.par.speed, worst_value(level.par.speed.metric, reports)),
        simplicity=stars_for(level.par.simplicity, count_changes(level, design)),
    )


def stars_for(line: StarLine, value: float | None) -> int:
    """Three, two or one star for a value of which less is better; one where nothing was measured."""
    if value is None:
        return 1
    return 3 if value <= line.three else 2 if value <= line.two else 1


def worst_value(metric: str, reports: Sequence[Report]) -> float | None:
    """The highest value of a metric over the seeds; None where any seed measured nothing."""
    values = [report.get(metric) if metric else None for report in reports]
    numbers = [value for value in values if isinstance(value, int | float)]
    return max(numbers) if numbers and len(numbers) == len(values) else None
