"""Misconceptions: beliefs that learners take for granted and that are wrong."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Misconception:
    """One misconception, and the places in the course that address it."""

    id: str
    """Its number in the course's list: ``M1``."""
    say: str
    """The sentence that learners believe."""
    met: tuple[tuple[str, tuple[str, ...]], ...]
    """Levels, each with the mistakes that hold it, ``question`` and ``prediction``."""

    def is_met(self, level: str, by: str) -> bool:
        """Returns whether a mistake of a level, or its question or prediction, addresses it."""
        return any(level == known and by in found for known, found in self.met)
