"""The part that a level leaves to the learner to find, before it explains a run."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from tutor.catalog import level_by_id, load_level
from tutor.lint.proofs import culprit_fault
from tutor.model.level import Culprit
from tutor.trial import Trial, seeds_of

GOOD = '[culprit]\nask = "Who?"\nat = "kitchen"\namong = ["till", "kitchen"]\nclue = "Count."\n'
DETECTIVE = "streams/where-did-it-go"


def test_it_is_read(folder: Path, level_text: str) -> None:
    """A culprit is a question, a part, the parts to choose from and a clue; a level may have none."""
    assert load_level(folder).culprit is None
    (folder / "level.toml").write_text(level_text + GOOD)
    assert load_level(folder).culprit == Culprit("Who?", "kitchen", ("till", "kitchen"), "Count.")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('at = "kitchen"', 'at = "cellar"', '"cellar" is not among the parts'),
        ('["till", ', '["cellar", ', 'the start has no "cellar"'),
        ('["till", ', "[", "at least two parts"),
        ('["till", ', '["kitchen", ', "each named once"),
        ("clue", "hint", "hint"),
    ],
)
def test_one_that_cannot_be_used_is_refused(
    refuse: Callable[[str, str], None], old: str, new: str, words: str
) -> None:
    """An unknown part, too few parts and an unknown key are refused with file and line."""
    refuse(GOOD.replace(old, new), words)


def test_lint_wants_something_to_find_out() -> None:
    """The first reason has to be about the culprit, no missed goal may name it, and the counts must give it
    away.
    """
    level = level_by_id(DETECTIVE)
    trial = Trial(level, level.scenario.design, seeds_of(level)[:1], timeline=True)
    while not trial.advance():
        pass
    verdict, outcome, design = trial.verdict(), trial.outcome(), level.scenario.design
    assert level.culprit is not None
    assert culprit_fault(level.culprit, verdict, design, outcome) == ""
    other = dataclasses.replace(level.culprit, at="sorting")
    assert "about loading, not about sorting" in culprit_fault(other, verdict, design, outcome)
    named = dataclasses.replace(
        verdict.goals[0],
        met=False,
        goal=dataclasses.replace(verdict.goals[0].goal, metric="/effect/loading/parcel.sent/lost"),
    )
    told = dataclasses.replace(verdict, goals=(named,))
    assert "nothing left to find out" in culprit_fault(level.culprit, told, design, outcome)
    whole = dataclasses.replace(level.scenario, faults=())
    fine = Trial(dataclasses.replace(level, scenario=whole), design, seeds_of(level)[:1], timeline=True)
    while not fine.advance():
        pass
    assert "don't give loading away" in culprit_fault(level.culprit, verdict, design, fine.outcome())
