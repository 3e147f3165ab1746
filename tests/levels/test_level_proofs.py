"""Every level of the course holds: the start is lost, solutions win their stars, mistakes fail for their
reason.

This is the quick proof; ``tutor lint`` gives solutions twenty seeds and mistakes five.
"""

from __future__ import annotations

import pytest

from tutor.catalog import find_levels_root, load_course
from tutor.lint import lint

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]


def test_the_first_level_holds() -> None:
    """The level that everybody plays is proved on every run of the tests, on five seeds."""
    report = lint([ROOT / LEVELS[0]], quick=True)
    assert report.lines()[:-1] == []
    assert len(report.results) > 5


@pytest.mark.slow
@pytest.mark.parametrize("level_id", LEVELS)
def test_a_level_holds(level_id: str) -> None:
    """The start fails, solutions win their stars on five seeds, mistakes get their diagnosis, and nothing
    passes without the idea.
    """
    report = lint([ROOT / level_id], quick=True)
    assert report.lines()[:-1] == []
    assert len(report.results) >= 7
