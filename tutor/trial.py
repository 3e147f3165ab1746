"""The scoring of a design in a level on seeds: the only caller of engine and judge.

Everything here is a pure function of its arguments. A :class:`Trial` does in slices what :func:`score` does
at once, so that a screen stays quick while it runs, and the first seed's verdict is there before the others
are run.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence

from tutor.engine.core.pieces import Pieces
from tutor.engine.simulate import Simulation, simulate
from tutor.judge.counterexample import Counterexample, find_counterexample
from tutor.judge.diagnosis import Diagnosis, diagnose
from tutor.judge.verdict import SeedResult, Verdict, judge, judge_seed
from tutor.model.design import Design
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario
from tutor.rules import entry_of

SEEDS = 5
"""How many seeds a design is scored on unless told otherwise."""
PROVED_SEEDS = 20
"""How many seeds a level's solutions are proved on: its own and those after it."""

STEPS = 400_000
"""How many steps a run of a level takes at most. The longest of a start, solution or mistake takes 255,000,
and at the speed of the slowest designs 400,000 are some five seconds on one core: nobody waits longer for a
first verdict, partial as it then is.
"""

SLICE = 20_000
"""Timers in one slice of a run between two looks at the progress."""

Progress = Callable[[float, int], None]
"""Told how far the whole trial is, 0 to 1, and the seed that is being run."""


def run(scenario: Scenario, seed: int | None = None, timeline: bool = False) -> Outcome:
    """Returns the outcome of one run; ``seed`` replaces the scenario's own. Raises :class:`InputError` for a
    scenario that cannot be run.
    """
    return simulate(scenario, seed, timeline=timeline)


def seeds_of(level: Level) -> tuple[int, ...]:
    """Returns the seeds a level is scored on: its own and the four after it."""
    first = level.scenario.run.seed
    return tuple(range(first, first + SEEDS))


def with_other_luck(level: Level, turn: int) -> Level:
    """Returns the level on new seeds: a passed level is played again on these, for the ``turn``-th time (from
    1).

    The seeds are among those that the level is proved on.
    """
    run = level.scenario.run
    seed = run.seed + SEEDS * (1 + (turn - 1) % (PROVED_SEEDS // SEEDS - 1))
    return dataclasses.replace(
        level, scenario=dataclasses.replace(level.scenario, run=dataclasses.replace(run, seed=seed))
    )


def with_design(level: Level, design: Design) -> Level:
    """Returns the level with ``design`` in the place of its start: the level to run and to explain.

    A fault that is aimed at a palette entry strikes every part that was added from it, whatever the learner
    called it.
    """
    faults = tuple(aimed for fault in level.scenario.faults for aimed in _aim(fault, level, design))
    run = dataclasses.replace(level.scenario.run, max_events=min(level.scenario.run.max_events, STEPS))
    return dataclasses.replace(
        level, scenario=dataclasses.replace(level.scenario, design=design, faults=faults, run=run)
    )


def _aim(fault: Fault, level: Level, design: Design) -> tuple[Fault, ...]:
    """Returns the fault once for every part, or wire, that its target stands for; none for a palette entry
    that is not built.
    """
    ends = [_stands_for(end, level, design) for end in fault.target.split("->")]
    targets = ["->".join(names) for names in itertools.product(*ends)]
    if len(ends) > 1:
        drawn = {wire.pair for wire in design.wires}
        targets = [target for target in targets if target in drawn] or [fault.target]
    return tuple(dataclasses.replace(fault, target=target) for target in targets)


def _stands_for(name: str, level: Level, design: Design) -> list[str]:
    """Returns the parts that a fault's target means: the one of this id, and all that were added from the
    palette entry of this id.
    """
    entries = {part.id: entry_of(level, part) for part in design.components.values()}
    return [
        part_id
        for part_id, entry in entries.items()
        if part_id == name or (entry is not None and entry.id == name)
    ]


def score(
    level: Level,
    design: Design,
    seeds: Sequence[int] | None = None,
    on_progress: Progress | None = None,
    *,
    why: bool = True,
) -> Verdict:
    """Returns the verdict on ``design``, on the level's five seeds unless others are given.

    ``why = False`` leaves the diagnosis out, and saves the run with a timeline that it takes. Raises
    :class:`InputError` for a design that cannot be run.
    """
    trial = Trial(level, design, seeds, why=why)
    while not trial.advance(SLICE):
        if on_progress is not None:
            on_progress(trial.progress, trial.seed)
    return trial.verdict()


class Trial:
    """A design on trial, in slices.

    ``timeline = True`` keeps the first seed's timeline, for the board. When all seeds are run and one has
    failed, the worst is run once more with a timeline (unless it has one) and explained, if the level has
    failures explained at all.
    """

    def __init__(
        self,
        level: Level,
        design: Design,
        seeds: Sequence[int] | None = None,
        *,
        timeline: bool = False,
        why: bool = True,
    ) -> None:
        self.level = level
        self.design = design
        self.seeds = tuple(seeds) if seeds is not None else seeds_of(level)
        if not self.seeds:
            raise ValueError("a trial needs at least one seed")
        self._tried = with_design(level, design)
        self._why = why and level.explained
        self._results: list[SeedResult] = []
        self._outcomes: dict[int, Outcome] = {}
        self._diagnosis: tuple[Diagnosis, ...] = ()
        self._counterexample: Counterexample | None = None
        self._first_diagnosis: tuple[Diagnosis, ...] = ()
        self._again = False
        self._over = False
        self._most = SLICE
        self.seed = self.seeds[0]
        """The seed that is being run."""
        self._simulation: Simulation | None = Simulation(self._tried.scenario, self.seed, timeline=timeline)
        self._steps = self._go(timeline)

    @property
    def over(self) -> bool:
        """True if everything is run and explained."""
        return self._over

    @property
    def waiting(self) -> bool:
        """False always: the trial is done here."""
        return False

    @property
    def progress(self) -> float:
        """The progress, 0 to 1; the run that explains a failure counts as one more."""
        if self._over:
            return 1.0
        done = len(self._results) + (self._simulation.progress if self._simulation is not None else 0.0)
        return min(1.0, done / (len(self.seeds) + self._again))

    def advance(self, max_events: int = SLICE) -> bool:
        """Takes the next step, of at most this many timers if it is one of a run; returns True when all is
        over.

        Each piece of a report and of a timeline, and each diagnosis, is a step of its own: all of them may
        take longer than a frame of the screen.
        """
        self._most = max_events
        next(self._steps, None)
        return self._over

    def _go(self, timeline: bool) -> Iterator[None]:
        for seed in self.seeds:
            outcome = yield from self._run(seed, timeline and seed == self.seeds[0])
            result = judge_seed(self._tried, outcome)
            if outcome.timeline is not None:
                if self._why and result.missed:
                    yield
                    self._first_diagnosis = diagnose(self._tried, outcome)
                self._outcomes[seed] = outcome
            self._results.append(result)
            if not outcome.report.complete and not outcome.report.stands_still:
                break  # another seed would take as long
            yield
        worst = self.verdict().worst
        if self._why and worst.missed and (worst.report.complete or worst.report.stands_still):
            yield from self._explain(worst)
        self._over = True

    def _run(self, seed: int, timeline: bool) -> Pieces[Outcome]:
        """Runs one seed to its end."""
        self.seed = seed
        if self._simulation is None:
            self._simulation = Simulation(self._tried.scenario, seed, timeline=timeline)
            yield
        while not self._simulation.advance(self._most):
            yield
        yield
        outcome = yield from self._simulation.reckon()
        yield
        self._simulation.close()
        self._simulation = None
        return outcome

    def _explain(self, worst: SeedResult) -> Iterator[None]:
        """Looks for the causes in the worst seed, which is run with a timeline if it has none."""
        if worst.seed == self.seeds[0] and worst.seed in self._outcomes:
            self._diagnosis = self._first_diagnosis
        else:
            self._again = True
            self._outcomes[worst.seed] = yield from self._run(worst.seed, True)
            yield
            self._diagnosis = diagnose(self._tried, self._outcomes[worst.seed])
        held = sum(1 for seed in self._results if seed.passed)
        if 2 * held > len(self._results):  # an exception, and not the rule
            yield
            outcome = self._outcomes[worst.seed]
            shown_s = self._diagnosis[0].at_s if self._diagnosis else None
            self._counterexample = find_counterexample(
                worst.seed, held, worst.missed, self._tried.scenario, outcome, shown_s
            )

    def outcome(self, seed: int | None = None) -> Outcome | None:
        """Returns the outcome with a timeline of a seed (of the first unless another is given), if it was
        kept.
        """
        return self._outcomes.get(self.seeds[0] if seed is None else seed)

    @property
    def first(self) -> Verdict | None:
        """The verdict on the first seed alone, as soon as that is run; with its diagnosis if it has a
        timeline.
        """
        if not self._results:
            return None
        return judge(self.level, self.design, self._results[:1], self._first_diagnosis)

    def verdict(self) -> Verdict:
        """Returns the verdict on the seeds that have been run so far; raises ``ValueError`` before the first
        is over.
        """
        return judge(self.level, self.design, self._results, self._diagnosis, self._counterexample)


class FreeTrial:
    """One run that no level judges, in slices, with its timeline; anything that looks wrong in it is
    explained.
    """

    def __init__(self, scenario: Scenario, seed: int | None = None) -> None:
        self.scenario = scenario
        self.outcome: Outcome | None = None
        """What came of it; None until it is over."""
        self.diagnosis: tuple[Diagnosis, ...] = ()
        """Losses, failures, repeats and long waits, with their causes, worst first."""
        self._simulation = Simulation(scenario, seed, timeline=True)
        self._over = False
        self._most = SLICE
        self._steps = self._go()

    @property
    def progress(self) -> float:
        """The progress, 0 to 1."""
        return 1.0 if self._over else self._simulation.progress

    def advance(self, max_events: int = SLICE) -> bool:
        """Takes the next step, of at most this many timers if it is one of the run; returns True when it is
        over.
        """
        self._most = max_events
        next(self._steps, None)
        return self._over

    def _go(self) -> Iterator[None]:
        while not self._simulation.advance(self._most):
            yield
        yield
        outcome = yield from self._simulation.reckon()
        yield
        self._simulation.close()
        self.diagnosis = diagnose(self.scenario, outcome)
        self.outcome = outcome
        self._over = True
