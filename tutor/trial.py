"""A design, a level, seeds -> verdict: the only caller of engine and judge.

Everything here is a pure function of its arguments. A :class:`Trial` does in slices what :func:`score` does at once, so that a screen
stays quick while it runs, and the first seed's verdict is there before the others are run.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Sequence

from tutor.catalog.rules import entry_of
from tutor.engine.simulate import Simulation, simulate
from tutor.judge.breaking import Counterexample, find_counterexample
from tutor.judge.diagnosis import Diagnosis, diagnose
from tutor.judge.verdict import SeedResult, Verdict, judge, judge_seed
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.scenario import Fault, Scenario

SEEDS = 5
"""How many seeds a design is scored on unless told otherwise."""

SLICE = 20_000
"""Timers in one slice of a run between two looks at the progress."""

Progress = Callable[[float, int], None]
"""Told how far the whole trial is, 0 to 1, and the seed that is being run."""


def run(scenario: Scenario, seed: int | None = None, timeline: bool = False) -> Outcome:
    """What comes of one run; ``seed`` replaces the scenario's own. Raises :class:`InputError` for what cannot be run."""
    return simulate(scenario, seed, timeline=timeline)


def seeds_of(level: Level) -> tuple[int, ...]:
    """The seeds a level is scored on: its own and the four after it."""
    first = level.scenario.run.seed
    return tuple(range(first, first + SEEDS))


def with_design(level: Level, design: Design) -> Level:
    """The level with ``design`` in the place of its start: what is run, and what is explained.

    A fault that is aimed at a palette entry strikes every part that was added from it, whatever the learner called it.
    """
    faults = tuple(aimed for fault in level.scenario.faults for aimed in _aim(fault, level, design))
    return dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, design=design, faults=faults))


def _aim(fault: Fault, level: Level, design: Design) -> tuple[Fault, ...]:
    """The fault once for every part, or wire, that its target stands for; none for a palette entry that is not built."""
    ends = [_stands_for(end, level, design) for end in fault.target.split("->")]
    targets = ["->".join(names) for names in itertools.product(*ends)]
    if len(ends) > 1:
        drawn = {wire.pair for wire in design.wires}
        targets = [target for target in targets if target in drawn] or [fault.target]
    return tuple(dataclasses.replace(fault, target=target) for target in targets)


def _stands_for(name: str, level: Level, design: Design) -> list[str]:
    """The parts that a fault's target means: the one of this id, and all that were added from the palette entry of this id."""
    entries = {part.id: entry_of(level, part) for part in design.components.values()}
    return [part_id for part_id, entry in entries.items() if part_id == name or (entry is not None and entry.id == name)]


def score(
    level: Level, design: Design, seeds: Sequence[int] | None = None, on_progress: Progress | None = None, *, why: bool = True
) -> Verdict:
    """The verdict on ``design``, on the level's five seeds unless others are given.

    ``why = False`` leaves the diagnosis out, and saves the run with a timeline that it takes. Raises :class:`InputError` for a design
    that cannot be run.
    """
    trial = Trial(level, design, seeds, why=why)
    while not trial.advance(SLICE):
        if on_progress is not None:
            on_progress(trial.progress, trial.seed)
    return trial.verdict()


class Trial:
    """A design on trial, in slices.

    ``timeline = True`` keeps the first seed's timeline, for the board. When all seeds are run and one has failed, the worst is run once
    more with a timeline (unless it has one) and explained.
    """

    def __init__(
        self, level: Level, design: Design, seeds: Sequence[int] | None = None, *, timeline: bool = False, why: bool = True
    ) -> None:
        self.level = level
        self.design = design
        self.seeds = tuple(seeds) if seeds is not None else seeds_of(level)
        if not self.seeds:
            raise ValueError("a trial needs at least one seed")
        self._tried = with_design(level, design)
        self._timeline = timeline
        self._why = why
        self._results: list[SeedResult] = []
        self._outcomes: dict[int, Outcome] = {}
        self._diagnosis: tuple[Diagnosis, ...] = ()
        self._counterexample: Counterexample | None = None
        self._first_diagnosis: tuple[Diagnosis, ...] | None = None
        self._explaining: int | None = None
        self._simulated = False
        self._to_diagnose: SeedResult | None = None
        self._over = False
        self._simulation = self._start(self.seeds[0], timeline)

    def _start(self, seed: int, timeline: bool) -> Simulation:
        self.seed = seed
        return Simulation(self._tried.scenario, seed, timeline=timeline)

    @property
    def over(self) -> bool:
        """Whether all is run and explained."""
        return self._over

    @property
    def progress(self) -> float:
        """How far it is, 0 to 1; the run that explains a failure counts as one more."""
        if self._over:
            return 1.0
        done = len(self._results) + self._simulation.progress
        return min(1.0, done / (len(self.seeds) + (1 if self._explaining is not None else 0)))

    def advance(self, max_events: int = SLICE) -> bool:
        """Goes on for at most this many timers; True when all is over.

        A run's report and timeline, and the diagnosis, are steps of their own: each may take longer than a frame of the screen.
        """
        if self._over:
            return True
        if self._to_diagnose is not None:
            self._explain(self._to_diagnose)
            return True
        if not self._simulated:
            self._simulated = self._simulation.advance(max_events)
            return False
        self._simulated = False
        outcome = self._simulation.outcome()
        if self._explaining is None:
            self._results.append(judge_seed(self._tried, outcome))
            if outcome.timeline is not None:
                self._outcomes[self.seed] = outcome
            if len(self._results) < len(self.seeds) and outcome.report.complete:
                self._simulation = self._start(self.seeds[len(self._results)], False)
                return False
        else:
            self._outcomes[self.seed] = outcome
        return self._finish()

    def _finish(self) -> bool:
        """Looks for the seed to explain, and runs it with a timeline where there is none of it; True when nothing is left to do."""
        worst = self.verdict().worst
        if self._why and worst.missed and worst.report.complete:
            if worst.seed not in self._outcomes:
                self._explaining = worst.seed
                self._simulation = self._start(worst.seed, True)
                return False
            self._to_diagnose = worst
            return False
        self._over = True
        return True

    def _explain(self, worst: SeedResult) -> None:
        outcome = self._outcomes[worst.seed]
        known = self._first_diagnosis if worst.seed == self.seeds[0] else None
        self._diagnosis = known if known is not None else diagnose(self._tried, outcome)
        held = sum(1 for seed in self._results if seed.passed)
        if held:
            self._counterexample = find_counterexample(worst.seed, held, worst.missed, self._tried.scenario, outcome)
        self._over = True

    def outcome(self, seed: int | None = None) -> Outcome | None:
        """The outcome with a timeline of a seed (of the first unless told otherwise), where it was kept."""
        return self._outcomes.get(self.seeds[0] if seed is None else seed)

    @property
    def first(self) -> Verdict | None:
        """The verdict on the first seed alone, as soon as that is run; with its diagnosis where it has a timeline."""
        if not self._results:
            return None
        if self._first_diagnosis is None:
            outcome = self._outcomes.get(self.seeds[0])
            missed = self._results[0].missed
            self._first_diagnosis = diagnose(self._tried, outcome) if self._why and missed and outcome is not None else ()
        return judge(self.level, self.design, self._results[:1], self._first_diagnosis)

    def verdict(self) -> Verdict:
        """The verdict on the seeds that have been run so far; raises ``ValueError`` before the first is over."""
        return judge(self.level, self.design, self._results, self._diagnosis, self._counterexample)


class FreeTrial:
    """One run that no level judges, in slices, with its timeline; what looks wrong in it is explained."""

    def __init__(self, scenario: Scenario, seed: int | None = None) -> None:
        self.scenario = scenario
        self.outcome: Outcome | None = None
        """What came of it; None until it is over."""
        self.diagnosis: tuple[Diagnosis, ...] = ()
        """Losses, failures, repeats and long waits, with their causes, worst first."""
        self._simulation = Simulation(scenario, seed, timeline=True)

    @property
    def progress(self) -> float:
        """How far it is, 0 to 1."""
        return 1.0 if self.outcome is not None else self._simulation.progress

    def advance(self, max_events: int = SLICE) -> bool:
        """Goes on for at most this many timers; True when it is over."""
        if self.outcome is None and self._simulation.advance(max_events):
            self.outcome = self._simulation.outcome()
            self.diagnosis = diagnose(self.scenario, self.outcome)
        return self.outcome is not None
