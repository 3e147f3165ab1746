"""The choice of the next hint: it depends on what is wrong now, goes from question to concept to lead, and
never repeats.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tutor.judge.diagnosis import Diagnosis
from tutor.model.level import Hint, Level

STEPS = ("question", "concept", "lead")
"""The steps of a hint, in order."""


def choose_hint(level: Level, diagnosis: Sequence[Diagnosis], shown: Collection[str]) -> Hint | None:
    """Returns the next hint for the diagnosis (worst first), or None if all that fit have been shown.

    Each present problem has a ladder of three steps; a step without a hint of its own takes the one that
    always fits. When all of that has been shown, any other fitting hint comes, and last the diagnosis's own
    advice. ``shown`` are the texts the learner has seen. A level without any hints, such as in a class pack
    that leaves them out, has no help of this kind at all.
    """
    if not level.hints:
        return None
    first = diagnosis[0].id if diagnosis else ""
    for step in STEPS:
        own = [hint for hint in level.hints if hint.step == step and hint.diagnosis == first]
        ladder = own or [hint for hint in level.hints if hint.step == step and not hint.diagnosis]
        for hint in ladder:
            if hint.text not in shown:
                return hint
    for wanted in (*(found.id for found in diagnosis), ""):
        hint_left = _next(level, wanted, shown)
        if hint_left is not None:
            return hint_left
    for found in diagnosis:
        if found.try_ and found.try_ not in shown:
            return Hint(found.try_, "lead", found.id)
    return None


def _next(level: Level, diagnosis: str, shown: Collection[str]) -> Hint | None:
    fitting = [hint for hint in level.hints if hint.diagnosis == diagnosis and hint.text not in shown]
    return min(
        fitting, key=lambda hint: STEPS.index(hint.step) if hint.step in STEPS else len(STEPS), default=None
    )
