"""Scores a design without the screen: goals, stars, diagnosis, as text or as one JSON document."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tutor.catalog import join, level_by_id, load_design_file
from tutor.errors import InputError
from tutor.judge.goals import render_goal
from tutor.judge.postmortem import write_postmortem
from tutor.judge.verdict import SeedResult, Verdict
from tutor.judge.words import plural, render_metric
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.session.texts import clean, render_goals, render_verdict, render_why
from tutor.trial import run, score, with_design


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """A design file with its verdict."""

    file: str
    """The file's path, as it was given."""
    level: Level
    """The level it answers."""
    design: Design
    """What it describes, joined with the level."""
    verdict: Verdict
    """What is said about it."""

    @property
    def exit_code(self) -> int:
        """0 all goals met; 1 a goal missed, or inconclusive; 3 stopped by the budget of simulated events."""
        return self.verdict.exit_code

    def lines(self) -> list[str]:
        """The verdict as text: the outcome first, then goals, seeds, and why."""
        verdict = self.verdict
        lines = [f"{clean(self.level.title)} ({self.level.id})", *render_verdict(verdict)]
        lines += ["", "Goals (worst seed):", *("  " + line for line in render_goals(self.level, verdict))]
        lines += ["", "Seeds:", *("  " + _seed(seed) for seed in verdict.seeds)]
        if verdict.diagnosis:
            lines += ["", "Why:", *("  " + line for line in render_why(verdict.diagnosis))]
        return lines

    def postmortem(self) -> str:
        """The run on the worst seed, told as an incident is told afterwards, in Markdown; simulates that seed once more."""
        tried = with_design(self.level, self.design)
        outcome = run(tried.scenario, self.verdict.worst.seed, timeline=True)
        return write_postmortem(tried, outcome, self.verdict.diagnosis, design=self.file, verdict=self.verdict.headline)

    def render_json(self) -> str:
        """The verdict as one JSON document: the report of the worst seed, and what is said about all of them."""
        return json.dumps(self.verdict.plain(), indent=2, ensure_ascii=False, allow_nan=False)


def check(
    path: Path | str,
    *,
    level_id: str = "",
    seeds: Sequence[int] = (),
    root: Path | str | None = None,
    on_progress: Callable[[float, int], None] | None = None,
) -> Checked:
    """Scores the design file at ``path`` on its level's five seeds, or on ``seeds``.

    ``level_id`` is needed where the file names no level. Raises :class:`InputError` with file, line and key for what cannot be used.
    """
    file = load_design_file(path)
    name = level_id or file.level
    if not name:
        raise InputError(
            'the design names no level: write level = "chapter/level" at its top, or give --level', file=str(path), line=1, key="level"
        )
    try:
        level = level_by_id(name, root)
    except InputError as error:
        raise error if level_id or error.file else file.top.located(error, "level") from None
    design = join(file, level)
    verdict = score(level, design, seeds or None, on_progress)
    return Checked(str(path), level, design, verdict)


def budget_line(checked: Checked) -> str:
    """The line for standard error when a run was stopped by its budget of simulated events."""
    budget = checked.level.scenario.run.max_events
    return f"{checked.file}: stopped after {budget} simulated events: this design makes work without end, look for a circle of wires"


def _seed(seed: SeedResult) -> str:
    said = "passed" if seed.passed else "inconclusive" if not seed.missed else f"missed {plural(len(seed.missed), 'goal')}"
    missed = [
        f"{render_goal(goal.goal)}, here {render_metric(goal.goal.metric, goal.value) if goal.value is not None else goal.reason}"
        for goal in seed.missed
    ]
    return f"{seed.seed}: {said}" + (f" ({'; '.join(missed)})" if missed else "")
