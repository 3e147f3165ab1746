"""A run that a learner started: it advances in slices, and its result stays for the comparison with the
next.
"""

from __future__ import annotations

from typing import Protocol

from tutor.judge.diagnosis import Diagnosis
from tutor.judge.verdict import Verdict
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario
from tutor.trial import SLICE, FreeTrial, Trial, run, with_design


class Scoring(Protocol):
    """The progress of a trial, wherever it runs: here in slices, in another process, in another worker of a
    page.
    """

    @property
    def over(self) -> bool:
        """True if everything is run and explained."""

    @property
    def waiting(self) -> bool:
        """True if there is nothing to do here but wait."""

    @property
    def progress(self) -> float:
        """The progress, 0 to 1."""

    @property
    def first(self) -> Verdict | None:
        """The verdict on the first seed alone, as soon as that is run."""

    def advance(self, max_events: int = SLICE) -> bool:
        """Continues for at most this many timers; returns True when all is over."""

    def outcome(self, seed: int | None = None) -> Outcome | None:
        """Returns the outcome with a timeline of a seed (of the first unless another is given), if it was
        kept.
        """

    def verdict(self) -> Verdict:
        """Returns the verdict on the seeds that have been run so far."""


class Trials(Protocol):
    """The place where designs are put on trial."""

    def prepare(self) -> None:
        """Gets ready: there may be something to score soon."""

    def __call__(self, level: Level, design: Design) -> Scoring:
        """Puts a design on trial in a level, with the timeline of its first seed; raises :class:`InputError`
        for a design that cannot be run.
        """


class TrialsHere:
    """Trials in slices, in this process."""

    def prepare(self) -> None:
        """Prepares nothing: there is nothing to get ready."""

    def __call__(self, level: Level, design: Design) -> Scoring:
        """Starts a trial in slices."""
        return Trial(level, design, timeline=True)


HERE = TrialsHere()
"""The usual place."""


class LevelRun:
    """A design on trial in a level: the first seed with its timeline, then the others."""

    def __init__(self, number: int, level: Level, design: Design, trials: Trials = HERE) -> None:
        self.number = number
        """From 1, counted in this session."""
        self.design = design
        """The design that was run."""
        self.scenario: Scenario = with_design(level, design).scenario
        """What was run."""
        self._trial = trials(level, design)
        self._opened: dict[int, Outcome] = {}

    @property
    def over(self) -> bool:
        """True if all seeds are run and the failure, if any, is explained."""
        return self._trial.over

    @property
    def waiting(self) -> bool:
        """True if the trial runs elsewhere, and there is nothing to do here but wait."""
        return self._trial.waiting

    @property
    def progress(self) -> float:
        """The progress of the whole trial, 0 to 1."""
        return self._trial.progress

    def advance(self, max_events: int = SLICE) -> bool:
        """Continues for at most this many timers; returns True when all is over."""
        return self._trial.advance(max_events)

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the first seed, for playback; None until that is run."""
        return self._trial.outcome()

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on all seeds, or on the first while the others run; None before."""
        return self._trial.verdict() if self._trial.over else self._trial.first

    @property
    def diagnosis(self) -> tuple[Diagnosis, ...]:
        """The findings, worst first; empty if nothing is wrong or nothing has been run yet."""
        return self.verdict.diagnosis if self.verdict is not None else ()

    def open_seed(self, seed: int) -> Outcome:
        """Returns the outcome of one seed with its timeline, for the board; runs it again if it was not
        kept.
        """
        outcome = self._trial.outcome(seed) or self._opened.get(seed)
        if outcome is None:
            outcome = self._opened[seed] = run(self.scenario, seed, timeline=True)
        return outcome


class FreeRun:
    """A run at the free board: one seed, no goals."""

    def __init__(self, number: int, scenario: Scenario) -> None:
        self.number = number
        """From 1, counted in this session."""
        self.design = scenario.design
        """The design that was run."""
        self.scenario = scenario
        """What was run."""
        self._trial = FreeTrial(scenario)

    waiting = False
    """It is always done here."""

    @property
    def over(self) -> bool:
        """True if the run is over."""
        return self._trial.outcome is not None

    @property
    def progress(self) -> float:
        """The progress of the run, 0 to 1."""
        return self._trial.progress

    def advance(self, max_events: int = SLICE) -> bool:
        """Continues for at most this many timers; returns True when the run is over."""
        return self._trial.advance(max_events)

    @property
    def outcome(self) -> Outcome | None:
        """The outcome of the run; None until then."""
        return self._trial.outcome

    @property
    def verdict(self) -> Verdict | None:
        """None, always: a free board has no goals."""
        return None

    @property
    def diagnosis(self) -> tuple[Diagnosis, ...]:
        """The findings about what looks wrong, worst first."""
        return self._trial.diagnosis

    def open_seed(self, seed: int) -> Outcome:
        """Runs another seed and returns its outcome."""
        return run(self.scenario, seed, timeline=True)


AnyRun = LevelRun | FreeRun
"""A run of either kind."""
