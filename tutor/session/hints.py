"""Which hint comes next: it depends on what is wrong now, goes from question to concept to lead, and never comes twice."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tutor.judge.diagnosis import Diagnosis
from tutor.model.level import Hint, Level

STEPS = ("question", "concept", "lead")
"""The steps of a hint, in order."""


def choose_hint(level: Level, diagnosis: Sequence[Diagnosis], shown: Collection[str]) -> Hint | None:
    """The next hint for what the diagnosis found (worst first), or None where all that fit have been shown.

    Hints written for what is wrong now come first, then those that always fit, then what the diagnosis itself says to try.
    ``shown`` are the texts the learner has seen.
    """
    for found in diagnosis:
        hint = _next(level, found.id, shown)
        if hint is not None:
            return hint
    hint = _next(level, "", shown)
    if hint is not None:
        return hint
    for found in diagnosis:
        if found.try_ and found.try_ not in shown:
            return Hint(found.try_, "lead", found.id)
    return None


def _next(level: Level, diagnosis: str, shown: Collection[str]) -> Hint | None:
    fitting = [hint for hint in level.hints if hint.diagnosis == diagnosis and hint.text not in shown]
    return min(fitting, key=lambda hint: STEPS.index(hint.step) if hint.step in STEPS else len(STEPS), default=None)
