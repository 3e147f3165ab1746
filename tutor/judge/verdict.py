"""The verdict on a design: goals on every seed, stars, why it was inconclusive, and why a goal was missed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tutor.judge.causes.cause import Diagnosis
from tutor.judge.counterexample import Counterexample
from tutor.judge.goals import GoalResult, judge_goals, worst_of
from tutor.judge.stars import count_changes, judge_stars
from tutor.judge.words import called, names_of
from tutor.model.design import Design
from tutor.model.level import Level, Stars
from tutor.model.report import Outcome, Report
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class SeedResult:
    """The result of one seed."""

    seed: int
    """The seed."""
    goals: tuple[GoalResult, ...]
    """Every goal on this seed, in the level's order."""
    inconclusive: tuple[str, ...]
    """Why this seed decides nothing; empty where it does."""
    report: Report
    """The numbers."""

    @property
    def passed(self) -> bool:
        """True if every goal passes on this seed, and it counts."""
        return not self.inconclusive and all(goal.met for goal in self.goals)

    @property
    def missed(self) -> tuple[GoalResult, ...]:
        """The goals that are missed on this seed."""
        return tuple(goal for goal in self.goals if not goal.met)

    @property
    def weight(self) -> float:
        """The total by which goals are missed, each as a share of its target."""
        return sum(goal.miss for goal in self.goals)


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a design, on one or more seeds."""

    level: str
    """The level's id."""
    seeds: tuple[SeedResult, ...]
    """One result for each seed that was run, in order; never empty."""
    goals: tuple[GoalResult, ...]
    """Each goal with its worst seed's value, in the level's order."""
    stars: Stars
    """Earned stars; none unless it passed."""
    changes: int
    """Differences from the start: what simplicity counts."""
    diagnosis: tuple[Diagnosis, ...] = ()
    """Why goals were missed on the worst seed, worst first."""
    counterexample: Counterexample | None = None
    """Where the design holds on most seeds and not on all: the worst of the others, and what broke the goal
    there.
    """

    @property
    def inconclusive(self) -> tuple[str, ...]:
        """The reasons why the runs are inconclusive, each once; empty if they decide."""
        return tuple(dict.fromkeys(reason for seed in self.seeds for reason in seed.inconclusive))

    @property
    def passed(self) -> bool:
        """True if every goal passes on every seed, and every seed counts."""
        return all(seed.passed for seed in self.seeds)

    @property
    def complete(self) -> bool:
        """False when any run was stopped by its budget of simulated events."""
        return all(seed.report.complete for seed in self.seeds)

    @property
    def why_stopped(self) -> str:
        """The reason why the first incomplete run was stopped (see :attr:`Report.why_stopped`); empty if all
        are complete.
        """
        return next(filter(None, (seed.report.why_stopped for seed in self.seeds)), "")

    @property
    def missed(self) -> tuple[GoalResult, ...]:
        """The goals that are not met on every seed."""
        return tuple(goal for goal in self.goals if not goal.met)

    @property
    def worst(self) -> SeedResult:
        """The seed to look at: of those that failed the worst, else an inconclusive one, else the first.

        Of several that miss as many goals it is the one whose values the goals show, so that the explanation
        matches the values shown.
        """
        failing = [seed for seed in self.seeds if seed.missed]
        if failing:
            return max(failing, key=lambda seed: (len(seed.missed), self._shown(seed), seed.weight))
        return next((seed for seed in self.seeds if seed.inconclusive), self.seeds[0])

    def _shown(self, seed: SeedResult) -> int:
        """Returns how many of the missed goals show this seed's value."""
        return sum(
            1
            for goal, own in zip(self.goals, seed.goals, strict=True)
            if not goal.met and own.value == goal.value
        )

    @property
    def exit_code(self) -> int:
        """The exit code of ``tutor check``: 0 passed, 1 missed or inconclusive, 3 stopped by the budget of
        events.
        """
        return 3 if not self.complete else 0 if self.passed else 1

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        if self.passed:
            return say("goals.verdict.passed", count=len(self.seeds))
        if self.missed:
            failing = sum(1 for seed in self.seeds if seed.missed)
            missed, goals = len(self.missed), len(self.goals)
            return say(
                "goals.verdict.missed", missed=missed, goals=goals, failing=failing, seeds=len(self.seeds)
            )
        return say("goals.verdict.inconclusive", why=self.inconclusive[0])

    def plain(self) -> dict[str, Any]:
        """Returns the document of ``check --json``: the report of the worst seed, and the verdict on all of
        them.
        """
        return {
            **self.worst.report.data,
            "level": self.level,
            "passed": self.passed,
            "stars": dataclasses.asdict(self.stars),
            "goals": [goal.plain() for goal in self.goals],
            "inconclusive": list(self.inconclusive),
            "diagnosis": [found.plain() for found in self.diagnosis],
            "counterexample": self.counterexample.plain() if self.counterexample is not None else None,
            "changes": self.changes,
            "complete": self.complete,
            "seeds": [
                {
                    "seed": seed.seed,
                    "passed": seed.passed,
                    "complete": seed.report.complete,
                    "inconclusive": list(seed.inconclusive),
                    "goals": [
                        {"metric": goal.goal.metric, "value": goal.value, "met": goal.met}
                        for goal in seed.goals
                    ],
                }
                for seed in self.seeds
            ],
        }


def judge_seed(level: Level, outcome: Outcome) -> SeedResult:
    """Judges a design for ``level`` by one outcome."""
    report = outcome.report
    return SeedResult(
        int(report.data.get("seed", 0)), judge_goals(level.goals, report), _doubts(level, outcome), report
    )


def judge(
    level: Level,
    design: Design,
    seeds: Sequence[SeedResult],
    diagnosis: tuple[Diagnosis, ...] = (),
    counterexample: Counterexample | None = None,
) -> Verdict:
    """Returns the verdict on ``design`` from the results of one or more seeds.

    Raises ``ValueError`` where there is no seed to judge by.
    """
    if not seeds:
        raise ValueError("a verdict needs at least one seed")
    goals = tuple(worst_of(results) for results in zip(*(seed.goals for seed in seeds), strict=True))
    passed = all(seed.passed for seed in seeds)
    stars = judge_stars(level, design, [seed.report for seed in seeds]) if passed else Stars()
    return Verdict(
        level.id, tuple(seeds), goals, stars, count_changes(level, design), diagnosis, counterexample
    )


def _doubts(level: Level, outcome: Outcome) -> tuple[str, ...]:
    found = []
    report = outcome.report
    if not report.complete:
        found.append(say("goals.verdict.stopped", why=report.why_stopped))
    requests = sum(int(client.get("requests", 0)) for client in report.data.get("client", {}).values())
    if requests < level.min_traffic:
        few = say("goals.verdict.traffic", seen=requests, needed=level.min_traffic)
        found.append(few if requests else say("goals.verdict.fault.no-traffic", needed=level.min_traffic))
    if level.must_hit:
        names = names_of(level.scenario.design)
        for place in outcome.unhit_faults:
            fault = level.scenario.faults[place]
            if fault.mtbf_s is None:
                part = called(fault.target, names)
                found.append(
                    say(
                        "goals.verdict.fault.hit-nothing",
                        fault=fault.title,
                        part=part,
                        at=fault.at_s,
                    )
                )
    return tuple(found)
