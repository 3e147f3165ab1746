"""A learner's predictions, and the true values."""

from __future__ import annotations

import dataclasses

from tutor.judge.words import render_metric
from tutor.model.level import Prediction
from tutor.words import say


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

    seed: int
    """The seed of the run that shows it."""

    @property
    def text(self) -> str:
        """The prediction and the true value for the design as it was found, in one or two sentences."""
        came = render_metric(self.asked.metric, self.truth)
        if self.answer is not None and self.asked.labels[self.answer] != came:
            came = say("prediction.nearest", value=came, answer=self.asked.labels[self.answer])
        if self.choice is None:
            return say("prediction.skipped", came=came, seed=self.seed)
        expected = self.asked.labels[self.choice]
        if self.right is None:
            return say("prediction.unmeasured", expected=expected)
        kind = "right" if self.right else "wrong"
        return say(f"prediction.judged.{kind}", expected=expected, came=came, seed=self.seed)


def closest_choice(asked: Prediction, truth: float | None) -> int | None:
    """Returns the place of the choice nearest to the truth; the first of two that are equally near; None if
    nothing was measured.
    """
    if truth is None or not asked.choices:
        return None
    return min(range(len(asked.choices)), key=lambda place: (abs(asked.choices[place] - truth), place))
