"""One number for one quantity: whatever is not of the run that was watched names its seed."""

from __future__ import annotations

import dataclasses

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes
from tutor.judge.verdict import Verdict
from tutor.judge.words import render_metric
from tutor.session.texts import render_goals
from tutor.show.styled import style_verdict
from tutor.trial import score

LEVEL = level_by_id("first-light/first-event")
DESIGNS = [
    LEVEL.scenario.design,
    *(mistake.design for mistake in load_mistakes(level_folder(LEVEL.id), LEVEL)),
]


def screen_of(verdict: Verdict) -> str:
    """The text of a verdict's screen."""
    return "".join(text for text, _ in style_verdict(verdict, LEVEL, hints=0))


@pytest.mark.parametrize("place", range(len(DESIGNS)))
def test_a_value_of_another_seed_says_so(place: int) -> None:
    """Where a goal's worst value is not that of the run that was watched, screen and plain mode name its
    seed; the reason names its own, and has the value of that seed.
    """
    verdict = score(LEVEL, DESIGNS[place])
    text, plain = screen_of(verdict), render_goals(LEVEL, verdict)
    for result, watched, line in zip(verdict.goals, verdict.seeds[0].goals, plain, strict=True):
        assert f"seed {result.seed}" in line
        metric = result.goal.metric
        if render_metric(metric, result.value) != render_metric(metric, watched.value):
            assert f"seed {result.seed}" in text
    for found in verdict.diagnosis:
        assert f"(seed {verdict.worst.seed})" in found.what


def test_a_met_goal_names_the_seed_of_its_value() -> None:
    """The value of a goal that is met on all seeds names its seed only where the run that was watched shows
    another.
    """
    verdict = score(LEVEL, LEVEL.scenario.design, why=False)
    watched = dataclasses.replace(verdict.seeds[0].goals[0], value=0, met=True)
    same, unlike = watched, dataclasses.replace(watched, value=7, seed=4)
    first = dataclasses.replace(verdict.seeds[0], goals=(watched,))
    shown = [
        screen_of(dataclasses.replace(verdict, seeds=(first,), goals=(goal,), diagnosis=()))
        for goal in (same, unlike)
    ]
    assert ["(seed 4)" in one for one in shown] == [False, True]
