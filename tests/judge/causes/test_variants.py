"""No cause is fitted to a file: a mistake keeps its diagnosis under other names, numbers and seeds and beside
an additional part.

The three disguises together have all eight kinds of change. Each mistake of each level is tried in one of
them, and in all three with ``pytest -m thorough``, which takes three times as long.
"""

import functools

import pytest

from tests.judge.causes.diagnosis_variants import DISGUISES, KINDS, Disguise
from tutor.catalog import level_by_id, level_folder, load_course, load_mistakes
from tutor.judge.diagnosis import diagnose
from tutor.judge.verdict import judge_seed
from tutor.model.level import Level, Mistake
from tutor.trial import run, with_design

LEVELS = [level_id for chapter in load_course().chapters for level_id in chapter.levels]


@functools.cache
def mistakes_of(level_id: str) -> tuple[Level, tuple[Mistake, ...]]:
    """A level with its shipped mistakes, by name."""
    level = level_by_id(level_id)
    mistakes = load_mistakes(level_folder(level_id), level)
    return level, tuple(sorted(mistakes, key=lambda one: one.name))


def told_first(level: Level, mistake: Mistake, disguise: Disguise) -> str:
    """The first diagnosis of a mistake in a disguise."""
    varied = disguise.put_on(with_design(level, mistake.design))
    assert varied != level
    for seed in range(disguise.seed, disguise.seed + 5):  # what strikes by chance may spare one seed
        outcome = run(varied.scenario, seed, timeline=True)
        if judge_seed(varied, outcome).missed:
            found = diagnose(varied, outcome)
            return found[0].id if found else "nothing"
    return "nothing is wrong any more"


def test_there_is_something_to_vary() -> None:
    """All 27 levels have mistakes, 110 or more in all, and each of the eight kinds of change is in exactly
    one disguise.
    """
    assert len(LEVELS) == 27
    counts = [len(mistakes_of(level_id)[1]) for level_id in LEVELS]
    assert min(counts) >= 3
    assert sum(counts) >= 110
    assert sorted(kind for disguise in DISGUISES for kind in disguise.kinds) == sorted(KINDS)
    assert len(KINDS) == 8


def assert_known(level_id: str, pairs: list[tuple[Mistake, Disguise]]) -> None:
    """Assert that each mistake keeps its diagnosis in the disguise beside it."""
    level, _ = mistakes_of(level_id)
    told = {(one.name, disguise.name): told_first(level, one, disguise) for one, disguise in pairs}
    meant = {(one.name, disguise.name): one.diagnosis for one, disguise in pairs}
    assert told == meant


@pytest.mark.parametrize("level_id", LEVELS)
def test_every_mistake_is_known_in_disguise(level_id: str) -> None:
    """Each mistake keeps its diagnosis in one of the three disguises, which take turns, on seeds that no
    design is scored on.
    """
    _, mistakes = mistakes_of(level_id)
    turn = LEVELS.index(level_id)
    assert_known(
        level_id,
        [(mistake, DISGUISES[(turn + place) % len(DISGUISES)]) for place, mistake in enumerate(mistakes)],
    )


@pytest.mark.thorough
@pytest.mark.parametrize("level_id", LEVELS)
def test_every_mistake_is_known_in_every_disguise(level_id: str) -> None:
    """Each mistake keeps its diagnosis in all three disguises."""
    _, mistakes = mistakes_of(level_id)
    assert_known(level_id, [(mistake, disguise) for mistake in mistakes for disguise in DISGUISES])
