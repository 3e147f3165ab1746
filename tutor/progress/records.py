"""Records of a learner: standings, attempts, guesses, and questions to be asked again."""

from __future__ import annotations

import dataclasses

from tutor.model.level import Stars


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """The learner's standing in one level."""

    passed: bool = False
    """Whether it was ever passed."""
    stars: Stars = Stars()
    """The best of each kind, over all passing attempts."""
    attempts: int = 0
    """How often it was scored."""
    hints: int = 0
    """How many hints were shown."""
    gave_up: bool = False
    """Whether the solutions were opened before it was passed."""
    seconds: float = 0.0
    """Time spent in it."""
    unaided: bool = False
    """Whether it was passed before any hint was shown, and without opening the solutions first."""


@dataclasses.dataclass(frozen=True, slots=True)
class ScoredDesign:
    """One design that was scored."""

    level: str
    """The level's id."""
    at: float
    """When, in seconds since 1970."""
    passed: bool
    """Whether it passed."""
    stars: Stars
    """What it earned."""
    diagnosis: str
    """The id of the first diagnosis; empty where there was none."""
    hints: int
    """How many hints had been shown."""


@dataclasses.dataclass(frozen=True, slots=True)
class Guess:
    """One prediction."""

    level: str
    """The level's id."""
    at: float
    """When it was asked, in seconds since 1970."""
    choice: int | None
    """The place, from 0, of the choice; None where it was skipped."""
    right: bool | None
    """Whether it was right; None until a run has shown it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Review:
    """A question that is asked again."""

    level: str
    """The level whose question it is."""
    due: float
    """When, in seconds since 1970."""
    box: int
    """How many right answers in a row."""
