"""Scores a design without the screen: goals, stars, diagnosis, as text or as one JSON document."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tutor.catalog import join, level_by_id, load_design_file
from tutor.errors import InputError
from tutor.judge.divergence import Divergence, find_divergence
from tutor.judge.goals import render_result
from tutor.judge.postmortem import write_postmortem
from tutor.judge.verdict import SeedResult, Verdict
from tutor.judge.words import names_of
from tutor.model.design import Design
from tutor.model.level import Hint, Level
from tutor.model.report import Outcome
from tutor.session.hints import STEPS, choose_hint
from tutor.session.predictions import closest_choice
from tutor.session.texts import clean, render_goals, render_verdict, render_why
from tutor.trial import SLICE, Trial, run, with_design
from tutor.words import say

START = "start"
"""To check against the level's start."""


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
    outcome: Outcome | None = None
    """What came of the worst seed, with its timeline, where a goal was missed."""
    divergence: Divergence | None = None
    """Where its run on the worst seed parts from that of the design it was checked against."""
    against: str = ""
    """What that other design is called; empty where there is none."""

    @property
    def exit_code(self) -> int:
        """The exit code: 0 if all goals are met, 1 if a goal is missed, or inconclusive, 3 if a run was
        stopped before its end.
        """
        return self.verdict.exit_code

    def lines(self) -> list[str]:
        """Returns the verdict as text: the outcome first, then goals, seeds, and why."""
        verdict = self.verdict
        lines = [
            say("verdict.of-level", level=clean(self.level.title), id=self.level.id),
            *render_verdict(verdict),
        ]
        lines += [
            "",
            say("verdict.goals-worst"),
            *("  " + line for line in render_goals(self.level, verdict)),
        ]
        lines += [
            "",
            say("verdict.seeds-heading"),
            *("  " + _seed(seed, names_of(self.design)) for seed in verdict.seeds),
        ]
        if verdict.diagnosis:
            lines += [
                "",
                say("verdict.why-heading"),
                *("  " + line for line in render_why(verdict.diagnosis)),
            ]
        if self.against:
            parted = self.divergence.lines if self.divergence is not None else [say("run.diverge-nowhere")]
            lines += [
                "",
                say("verdict.parts-from", other=clean(self.against)),
                *("  " + clean(line) for line in parted),
            ]
        return lines

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The hints for a learner who asks for help now, one after the other: the ladder for the present
        problem; none if the design passed.
        """
        if self.verdict.passed:
            return ()
        found: list[Hint] = []
        while len(found) < len(STEPS):
            hint = choose_hint(self.level, self.verdict.diagnosis, [one.text for one in found])
            if hint is None:
                break
            found.append(hint)
        return tuple(found)

    def prediction(self) -> dict[str, Any] | None:
        """Returns the question that is asked before the first run, with the true value for the start on the
        level's first seed; None without one.
        """
        asked = self.level.prediction
        if asked is None:
            return None
        truth = run(self.level.scenario).report.get(asked.metric)
        value = truth if isinstance(truth, int | float) else None
        answer = closest_choice(asked, value)
        return {
            "ask": asked.text,
            "metric": asked.metric,
            "choices": list(asked.labels),
            "value": value,
            "answer": asked.labels[answer] if answer is not None else None,
        }

    def postmortem(self) -> str:
        """Returns the post-mortem of the run on the worst seed, in Markdown."""
        tried = with_design(self.level, self.design)
        outcome = self.outcome or run(tried.scenario, self.verdict.worst.seed, timeline=True)
        return write_postmortem(
            tried, outcome, self.verdict.diagnosis, design=self.file, verdict=self.verdict.headline
        )

    def plain(self) -> dict[str, Any]:
        """Returns the document of ``check --json``: the verdict with the worst seed's report, hints, the
        prediction's true value, the divergence.
        """
        return {
            **self.verdict.plain(),
            "hints": [{"step": hint.step, "text": hint.text} for hint in self.hints],
            "prediction": self.prediction(),
            "divergence": self.divergence.plain() if self.divergence is not None else None,
        }

    def render_json(self) -> str:
        """Returns the document as text."""
        return json.dumps(self.plain(), indent=2, ensure_ascii=False, allow_nan=False)


def check(
    path: Path | str,
    *,
    level_id: str = "",
    seeds: Sequence[int] = (),
    root: Path | str | None = None,
    against: Path | str | None = None,
    on_progress: Callable[[float, int], None] | None = None,
) -> Checked:
    """Scores the design file at ``path`` on its level's five seeds, or on ``seeds``.

    ``level_id`` is needed where the file names no level. ``against`` is another design file of the same
    level, or ``"start"``: the first event that fared differently there is looked for. Raises
    :class:`InputError` with file, line and key for what cannot be used.
    """
    file = load_design_file(path)
    name = level_id or file.level
    if not name:
        raise InputError(
            say("verdict.no-level"),
            file=str(path),
            line=1,
            key="level",
        )
    try:
        level = level_by_id(name, root)
    except InputError as error:
        raise error if level_id or error.file else file.top.located(error, "level") from None
    design = join(file, level)
    other = _other(against, level) if against is not None else None
    trial = Trial(level, design, seeds or None)
    while not trial.advance(SLICE):
        if on_progress is not None:
            on_progress(trial.progress, trial.seed)
    checked = Checked(str(path), level, design, trial.verdict(), trial.outcome(trial.verdict().worst.seed))
    return checked if other is None else _parted(checked, str(against), other)


def _other(against: Path | str, level: Level) -> Design:
    """Returns the design to check against: the level's start, or that of a file, which has to answer the same
    level.
    """
    if str(against) == START:
        return level.scenario.design
    file = load_design_file(against)
    if file.level and file.level != level.id:
        raise file.top.error(
            say("verdict.unlike-levels", level=file.level, other=level.id),
            "level",
        )
    return join(file, level)


def _parted(checked: Checked, against: str, other: Design) -> Checked:
    """Adds the place where the run on the worst seed diverges from the other design's run."""
    seed = checked.verdict.worst.seed
    before = run(with_design(checked.level, other).scenario, seed, timeline=True)
    after = checked.outcome or run(with_design(checked.level, checked.design).scenario, seed, timeline=True)
    names = names_of(other, checked.design)
    called = say("verdict.the-start") if against == START else against
    return dataclasses.replace(
        checked, outcome=after, divergence=find_divergence(before, after, names), against=called
    )


def _seed(seed: SeedResult, names: Mapping[str, str]) -> str:
    if not seed.missed:
        return say("verdict.seed-passed" if seed.passed else "verdict.seed-open", seed=seed.seed)
    missed = "; ".join(clean(render_result(goal, names)) for goal in seed.missed)
    return say("verdict.seed-missed", seed=seed.seed, count=len(seed.missed), goals=missed)
