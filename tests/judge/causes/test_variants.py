"""No cause is fitted to a file: a mistake under other names, with other numbers, or beside one part more is
told the same.
"""

import functools

import pytest

from tests.judge.causes.diagnosis_variants import VARIANTS, Variant
from tutor.catalog import level_by_id, level_folder, load_course, load_mistakes
from tutor.judge.diagnosis import diagnose
from tutor.judge.verdict import judge_seed
from tutor.model.level import Level, Mistake
from tutor.trial import run, with_design

LEVELS = [level_id for chapter in load_course().chapters for level_id in chapter.levels]
QUICK = tuple(
    one for one in VARIANTS if one.name in ("other names", "5% more traffic", "a bystander in trouble")
)


@functools.cache
def mistakes_of(level_id: str) -> tuple[Level, tuple[Mistake, ...]]:
    """A level with its shipped mistakes."""
    level = level_by_id(level_id)
    return level, load_mistakes(level_folder(level_id), level)


def told_first(level: Level, mistake: Mistake, variant: Variant) -> str:
    """What a learner is told first of a variant of a mistake."""
    varied = variant.change(with_design(level, mistake.design))
    assert varied != level
    for seed in range(variant.seed, variant.seed + 5):  # what strikes by chance may spare one seed
        outcome = run(varied.scenario, seed, timeline=True)
        if judge_seed(varied, outcome).missed:
            found = diagnose(varied, outcome)
            return found[0].id if found else "nothing"
    return "nothing is wrong any more"


def test_there_is_something_to_vary() -> None:
    """All 27 levels have mistakes, more than a hundred in all, and there are nine kinds of variant: names,
    luck, numbers, parts.
    """
    assert len(LEVELS) == 27
    counts = [len(mistakes_of(level_id)[1]) for level_id in LEVELS]
    assert min(counts) >= 3
    assert sum(counts) >= 110
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS) == 9
    assert len(QUICK) == 3


@pytest.mark.parametrize("level_id", LEVELS)
def test_a_mistake_of_each_level_is_known_in_disguise(level_id: str) -> None:
    """One mistake of each level keeps its diagnosis under other names, with more traffic, and beside somebody
    else's trouble.
    """
    level, mistakes = mistakes_of(level_id)
    mistake = min(mistakes, key=lambda one: one.name)
    assert {told_first(level, mistake, variant) for variant in QUICK} == {mistake.diagnosis}


@pytest.mark.slow
@pytest.mark.parametrize("level_id", LEVELS)
def test_every_mistake_is_known_in_every_disguise(level_id: str) -> None:
    """Each mistake of a level keeps its diagnosis in all nine variants, each on a seed that no design is
    scored on.
    """
    level, mistakes = mistakes_of(level_id)
    told = {
        (mistake.name, variant.name): told_first(level, mistake, variant)
        for mistake in mistakes
        for variant in VARIANTS
    }
    meant = {mistake.name: mistake.diagnosis for mistake in mistakes}
    assert len(told) == 9 * len(mistakes)
    assert {key: reason for key, reason in told.items() if reason != meant[key[0]]} == {}
