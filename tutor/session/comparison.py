"""Two runs side by side: the same traffic, the changes between them, and which numbers went which way."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from tutor.judge.changes import Difference, changes_between
from tutor.judge.words import describe_metric, names_of, render_metric
from tutor.model.level import Goal
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    """One number before and after."""

    metric: str
    """The pointer into both reports."""
    what: str
    """What it measures, in words."""
    before: str
    """The value of the earlier run in words."""
    after: str
    """The value of the later run in words."""
    change: str
    """``better``, ``worse``, ``same``, or ``other`` where neither is better."""


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """The earlier run beside the later."""

    changes: tuple[Difference, ...]
    """What was edited in between."""
    rows: tuple[Row, ...]
    """The goals' numbers first."""
    seed: int
    """The seed of both."""


_LESS_IS_BETTER = (
    "_ms",
    "lost",
    "refused",
    "failed",
    "pending",
    "late",
    "duplicates",
    "out_of_order",
    "ghosts",
    "cost_per_hour",
    "dropped",
)


def compare(
    before: tuple[Scenario, Outcome], after: tuple[Scenario, Outcome], goals: Iterable[Goal] = ()
) -> Comparison:
    """Compares two outcomes side by side: the numbers of the goals, then those of each client and effect, and
    the cost.
    """
    changes = changes_between(before[0].design, after[0].design)
    names = names_of(before[0].design, after[0].design)
    rows = []
    for metric, sign in _metrics(after[0], goals).items():
        old, new = before[1].report.get(metric), after[1].report.get(metric)
        if old is None and new is None:
            continue
        change = "other"
        if isinstance(old, int | float) and isinstance(new, int | float):
            change = (
                "same" if old == new else "better" if (new - old) * sign > 0 else "worse" if sign else "other"
            )
        rows.append(
            Row(
                metric,
                describe_metric(metric, names),
                render_metric(metric, old),
                render_metric(metric, new),
                change,
            )
        )
    return Comparison(changes, tuple(rows), after[1].report.data["seed"])


def _metrics(scenario: Scenario, goals: Iterable[Goal]) -> dict[str, int]:
    """Returns the pointers to compare, with 1 if more is better, -1 if less is, 0 if neither."""
    found = {goal.metric: 1 if goal.at_least is not None else -1 for goal in goals}
    pointers = []
    for client in (name for name, part in scenario.design.components.items() if part.kind == "client"):
        pointers += [f"/client/{client}/availability", f"/client/{client}/response_ms/p95"]
    for effect in scenario.effects:
        root = f"/effect/{effect.name}/{effect.event}"
        pointers += [
            f"{root}/{name}" for name in ("applied", "lost", "pending", "duplicates", "delay_ms/p95")
        ]
    pointers.append("/design/cost_per_hour")
    for pointer in pointers:
        less = any(pointer.endswith(word) or f"{word}/" in pointer for word in _LESS_IS_BETTER)
        found.setdefault(pointer, -1 if less else 1)
    return found
