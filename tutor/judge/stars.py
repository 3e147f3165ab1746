"""Stars for cost, speed and simplicity: the grades of a passing design against par."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.judge.changes import changes_between
from tutor.model.design import Design
from tutor.model.level import Level, StarLine, Stars
from tutor.model.report import Report


def count_changes(level: Level, design: Design) -> int:
    """Counts a design's differences from the level's start: the measure of simplicity."""
    return len(changes_between(level.scenario.design, design, level.palette))


def judge_stars(level: Level, design: Design, reports: Sequence[Report]) -> Stars:
    """Returns the stars of a design that passed; cost and speed are those of the worst seed."""
    return Stars(
        cost=stars_for(level.par.cost, worst_value("/design/cost_per_hour", reports)),
        speed=stars_for(level.par.speed, worst_value(level.par.speed.metric, reports)),
        simplicity=stars_for(level.par.simplicity, count_changes(level, design)),
    )


def stars_for(line: StarLine, value: float | None) -> int:
    """Returns three, two or one star for a value of which less is better; one if nothing was measured."""
    if value is None:
        return 1
    return 3 if value <= line.three else 2 if value <= line.two else 1


def worst_value(metric: str, reports: Sequence[Report]) -> float | None:
    """Returns the highest value of a metric over the seeds; None if any seed measured nothing."""
    values = [report.get(metric) if metric else None for report in reports]
    numbers = [value for value in values if isinstance(value, int | float)]
    return max(numbers) if numbers and len(numbers) == len(values) else None
