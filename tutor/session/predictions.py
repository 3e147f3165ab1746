"""What a learner expected, and what came."""

from __future__ import annotations

import dataclasses

from tutor.judge.words import render_metric
from tutor.model.level import Prediction


@dataclasses.dataclass(frozen=True, slots=True)
class PredictionResult:
    """A prediction beside the truth."""

    asked: Prediction
    """The question."""
    choice: int | None
    """The place of the learner's choice; None where it was skipped."""
    truth: float | None
    """What the run shows; None where it measures nothing."""
    answer: int | None
    """The place of the choice nearest to the truth."""
    right: bool | None
    """Whether the choice is that one; None where it was skipped or nothing was measured."""

    @property
    def text(self) -> str:
        """What was expected and what came, in one or two sentences."""
        came = render_metric(self.asked.metric, self.truth)
        if self.answer is not None:
            came = f"{came} ({self.asked.labels[self.answer]})"
        if self.choice is None:
            return f"What came: {came}."
        expected = self.asked.labels[self.choice]
        judged = {True: "You saw it coming.", False: "It came differently.", None: ""}[self.right]
        return f"You expected: {expected}. What came: {came}. {judged}".rstrip()


def closest_choice(asked: Prediction, truth: float | None) -> int | None:
    """The place of the choice nearest to the truth; the first of two that are equally near; None where nothing was measured."""
    if truth is None or not asked.choices:
        return None
    return min(range(len(asked.choices)), key=lambda place: (abs(asked.choices[place] - truth), place))
