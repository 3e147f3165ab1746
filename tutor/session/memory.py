"""The memory of a session between two evenings. The store behind it is the progress database; tests use a
plain one.
"""

from __future__ import annotations

from collections import Counter
from typing import Protocol

from tutor.model.level import Stars


class Memory(Protocol):
    """The store where a session writes what must not be lost."""

    @property
    def saving(self) -> bool:
        """True if notes stay after the game."""

    def note_opened(self, level_id: str) -> None:
        """Notes that a level was opened."""

    def kept_design(self, name: str) -> str | None:
        """Returns the text of the design in progress of a level id, or of the free board; None if there is
        none.
        """

    def keep_design(self, name: str, text: str) -> None:
        """Keeps the text of a design in progress, with its history."""

    def shown_hints(self, level_id: str) -> tuple[str, ...]:
        """Returns the texts of the hints that were shown in a level, in order."""

    def show_hint(self, level_id: str, text: str) -> None:
        """Notes that a hint was shown."""

    def prediction(self, level_id: str) -> tuple[bool, int | None]:
        """Returns whether the prediction was dealt with, and the place of the choice; None if it was
        skipped.
        """

    def predict(self, level_id: str, choice: int | None, right: bool | None) -> None:
        """Notes the answer to a prediction (None: skipped) and, once it is known, whether it was right."""

    def answer(self, level_id: str, choice: int, right: bool) -> None:
        """Notes the answer to the check question."""

    def note_run(self, level_id: str, passed: bool, stars: Stars, diagnosis: str, hints: int) -> None:
        """Notes a finished run: its result, the first diagnosis (empty: none) and how many hints were used so
        far.
        """

    def gave_up(self, level_id: str) -> bool:
        """Returns whether the learner has given up on a level before and seen its solutions."""

    def give_up(self, level_id: str) -> None:
        """Notes a confirmed give-up."""

    def passes(self, level_id: str) -> int:
        """Returns how many runs have passed the level; 0 if it is not passed yet."""


class NoMemory:
    """A memory that lasts as long as its process, and writes nothing."""

    def __init__(self) -> None:
        self._designs: dict[str, str] = {}
        self._hints: dict[str, tuple[str, ...]] = {}
        self._predictions: dict[str, int | None] = {}
        self._given_up: set[str] = set()
        self._passes: Counter[str] = Counter()

    @property
    def saving(self) -> bool:
        """False: nothing stays."""
        return False

    def note_opened(self, level_id: str) -> None:
        """Keeps nothing: there is no record of opened levels."""

    def kept_design(self, name: str) -> str | None:
        """Returns the design kept in this process."""
        return self._designs.get(name)

    def keep_design(self, name: str, text: str) -> None:
        """Keeps the design in this process."""
        self._designs[name] = text

    def shown_hints(self, level_id: str) -> tuple[str, ...]:
        """Returns the hints shown in this process."""
        return self._hints.get(level_id, ())

    def show_hint(self, level_id: str, text: str) -> None:
        """Notes a hint."""
        self._hints[level_id] = (*self.shown_hints(level_id), text)

    def prediction(self, level_id: str) -> tuple[bool, int | None]:
        """Returns the prediction made in this process."""
        return level_id in self._predictions, self._predictions.get(level_id)

    def predict(self, level_id: str, choice: int | None, right: bool | None) -> None:  # noqa: ARG002 - the protocol's form
        """Notes a prediction."""
        self._predictions[level_id] = choice

    def answer(self, level_id: str, choice: int, right: bool) -> None:
        """Keeps nothing of answers."""

    def note_run(self, level_id: str, passed: bool, stars: Stars, diagnosis: str, hints: int) -> None:  # noqa: ARG002 - the protocol's form
        """Counts the runs that passed a level."""
        self._passes[level_id] += passed

    def gave_up(self, level_id: str) -> bool:
        """Returns whether a give-up was noted in this process."""
        return level_id in self._given_up

    def give_up(self, level_id: str) -> None:
        """Notes a give-up."""
        self._given_up.add(level_id)

    def passes(self, level_id: str) -> int:
        """Returns how many passes were noted in this process."""
        return self._passes[level_id]
