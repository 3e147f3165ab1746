"""The scheme by which grades become points: the teacher's choice, applied to the results and never part of
them.
"""

from __future__ import annotations

import dataclasses

from tutor.classroom.grading import Grade

STARS = 9
"""The stars that a level has: three each for cost, speed and simplicity."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scheme:
    """Points for one level."""

    full: int = 100
    """For a level that is passed, before stars."""
    partial: int = 50
    """The most for a level that is not passed: its share of the goals that the start misses."""
    stars: int = 0
    """Points that nine stars add to a passed level; fewer stars add their share."""
    late: int = 0
    """Percent that are taken off what is handed in after the deadline."""

    @property
    def possible(self) -> int:
        """The most points that a level can give."""
        return self.full + self.stars

    def points(self, grade: Grade) -> int:
        """Returns the points of a grade, rounded down."""
        if grade.status == "passed":
            found = self.full + self.stars * sum(grade.stars) // STARS
        elif grade.status == "failed" and grade.goals_open:
            found = self.partial * grade.goals_gained // grade.goals_open
        else:
            return 0
        return found * (100 - self.late) // 100 if grade.late else found
