"""The facts in the progress store, in the few numbers that the map shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

from tutor.model.level import Stars

if TYPE_CHECKING:
    from tutor.progress import Progress


@dataclasses.dataclass(frozen=True, slots=True)
class LevelMark:
    """One level's standing."""

    passed: bool = False
    """Whether it has ever been passed."""
    stars: Stars = Stars()
    """The best of each kind."""
    attempts: int = 0
    """How often it was tried."""
    unaided: bool = False
    """Whether it was passed before any hint was shown."""


@dataclasses.dataclass(frozen=True, slots=True)
class Learned:
    """The learner's standing in the course."""

    marks: Mapping[str, LevelMark]
    """By level id; levels never opened are absent."""
    latest: str = ""
    """The level that was open last."""
    due: tuple[str, ...] = ()
    """The levels whose questions want a review."""

    def mark(self, level_id: str) -> LevelMark:
        """Returns the standing in one level."""
        return self.marks.get(level_id, LevelMark())

    @property
    def passed(self) -> frozenset[str]:
        """The levels that have ever been passed."""
        return frozenset(level for level, mark in self.marks.items() if mark.passed)

    @property
    def unaided(self) -> frozenset[str]:
        """The levels that were passed before any hint was shown."""
        return frozenset(level for level, mark in self.marks.items() if mark.unaided)


def learned(progress: Progress | None) -> Learned:
    """Returns the standing recorded in the store; an empty one if there is no store."""
    if progress is None:
        return Learned({})
    marks = {
        name: LevelMark(standing.passed, standing.stars, standing.attempts, standing.unaided)
        for name, standing in progress.standings().items()
    }
    return Learned(marks, progress.latest, tuple(review.level for review in progress.due()))
