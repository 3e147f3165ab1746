"""Every level of the course is sound: its start fails, its solutions earn their stars, and its mistakes fail
for the stated reason.

This is the quick proof; ``tutor lint`` runs solutions on twenty seeds and mistakes on five, and ``tutor lint
--shortest`` searches further.
"""

from __future__ import annotations

import pytest

from tutor.catalog import find_levels_root, load_course
from tutor.lint import lint, search_levels

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]
SEARCHED = 250_000
"""The steps that the runs of a level may take together in the tests: enough for every solution minus each of
its pieces, for unlimited hardware, and for single edits where runs are short. The command goes further.
"""


def test_the_first_level_holds() -> None:
    """The first level, which everybody plays, is proved on five seeds in every test run."""
    report = lint([ROOT / LEVELS[0]], quick=True)
    assert report.lines()[:-1] == []
    assert len(report.results) > 5


@pytest.mark.slow
@pytest.mark.parametrize("level_id", LEVELS)
def test_a_level_holds(level_id: str) -> None:
    """The start fails, solutions earn their stars on five seeds, mistakes get their diagnosis, and no
    solution passes without the idea; a search finds no pass that is shorter than the lesson, serves nobody or
    relies on hardware alone, and no idle piece. (The solutions are run once for both.)
    """
    report = lint([ROOT / level_id], quick=True)
    assert report.lines()[:-1] == []
    assert len(report.results) >= 7
    (found,) = search_levels([ROOT / level_id], budget=SEARCHED)
    assert found.faults == []
    assert found.tried >= 15
