"""Runs of a search that only asks whether a design passes: each is given up as soon as a goal is out of
reach.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from math import ceil

from tutor.engine.services.clients import ClientPart
from tutor.engine.simulate import Simulation
from tutor.judge.goals import judge_goals
from tutor.judge.verdict import SeedResult, Verdict, judge, judge_seed
from tutor.model.clock import micros
from tutor.model.component import Service
from tutor.model.design import Design
from tutor.model.level import Goal, Level
from tutor.model.price import cost_per_hour
from tutor.model.report import Report
from tutor.trial import seeds_of, with_design

LOOKS = (0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of a run after which it is looked at whether a goal is already out of reach."""
SLICE = 2_500
"""Steps between two looks at the progress: a fraction of the time between two looks at the goals."""
_ONLY_GROW = (
    "lost",
    "duplicates",
    "out_of_order",
    "ghosts",
    "late",
    "dead_lettered",
    "dropped",
    "redelivered",
    "done",
    "max",
)
"""Counts, and the longest times, that never go down in a run: past its limit such a goal is missed, whatever
comes. What is lost is held nowhere, so that nothing can bring it back (450 designs of eight levels: not once
fewer at the end).
"""
_QUANTILES = {"p50": 50, "p95": 95, "p99": 99, "max": 100}


@dataclasses.dataclass(frozen=True, slots=True)
class Hope:
    """A run of a search that only asks whether a design passes."""

    result: SeedResult
    """What the goals say: at the end of the run, or where it was given up."""
    complete: bool
    """Whether it was run to its end."""
    steps: int
    """Steps that it took."""

    @property
    def passed(self) -> bool:
        """True if every goal passes at its end."""
        return self.complete and self.result.passed


def run_hopeful(
    level: Level, design: Design, most: int, seed: int | None = None, like: Report | None = None
) -> Hope:
    """Runs one seed of a design, the level's first unless told otherwise, for as long as it may pass.

    It is given up after ``most`` steps, where it would take twice as many at the rate of its first quarter,
    and where a goal is out of reach: a count that cannot go down again is past its limit, more came late than
    a quantile may have behind it, or a client has been told no more often than its goal allows. ``like`` is
    a report of the same level and seed: how many requests there will be, which is the same for every design.
    """
    tried = with_design(level, design)
    simulation = Simulation(tried.scenario, level.scenario.run.seed if seed is None else seed)
    limits = _Limits(level, simulation, like)
    looks = list(LOOKS)
    hopeless = False
    while not simulation.advance(SLICE):
        hopeless = simulation.steps > most
        if looks and simulation.progress >= looks[0]:
            while looks and simulation.progress >= looks[0]:
                looks.pop(0)
            slow = simulation.progress >= 0.25 and simulation.steps > 2 * most * simulation.progress
            hopeless = hopeless or slow or limits.passed()
        if hopeless:
            break
    result = judge_seed(tried, simulation.outcome())
    steps = simulation.steps
    simulation.close()
    return Hope(result, not hopeless, steps)


def is_over_budget(level: Level, design: Design) -> bool:
    """Returns whether a design costs more than a goal on the bill allows, whatever happens in its run."""
    if any(isinstance(part, Service) and part.autoscale is not None for part in design.components.values()):
        return False  # its bill is the average of what ran
    cost = cost_per_hour(design, level.scenario.prices, {})
    return any(
        goal.metric == "/design/cost_per_hour" and goal.at_most is not None and cost > goal.at_most
        for goal in level.goals
    )


class _Limits:
    """The goals of a level that a run may put out of reach before its end."""

    def __init__(self, level: Level, simulation: Simulation, like: Report | None) -> None:
        self._simulation = simulation
        self._like = like
        undone = {f"effect/{one.name}/{one.event}" for one in level.scenario.effects if one.undone_by}
        goals = [
            goal
            for goal in level.goals
            if goal.at_most is not None and not any(place in goal.metric for place in undone)
        ]
        self._growing = [goal for goal in goals if goal.metric.rpartition("/")[2] in _ONLY_GROW]
        self._late = [goal for goal in goals if goal.metric.rpartition("/")[2] in ("p50", "p95", "p99")]
        self._told = [limit for goal in level.goals if (limit := _refusals(goal, level, like)) is not None]

    def passed(self) -> bool:
        """Returns whether a goal can be met no more."""
        if any(limit.passed(self._simulation) for limit in self._told):
            return True
        if not self._growing and not self._late:
            return False
        report = self._simulation.outcome().report
        if any(not goal.met and goal.value is not None for goal in judge_goals(self._growing, report)):
            return True
        return any(self._is_late(goal, report) for goal in self._late)

    def _is_late(self, goal: Goal, report: Report) -> bool:
        """Returns whether more times are past the limit of a quantile than it may have behind it at the end,
        even if all that is still to come is quick.
        """
        place, _, name = goal.metric.rpartition("/")
        parent = place.rpartition("/")[0]
        counted = "applied" if "/effect/" in goal.metric else "ok"
        times, count = report.get(place), report.get(f"{parent}/{counted}")
        expected = self._expected(parent)
        if not isinstance(times, Mapping) or not isinstance(count, int) or expected is None:
            return False
        limit = goal.at_most
        assert limit is not None
        late = max(
            (
                count - ceil(percent * count / 100) + 1
                for quantile, percent in _QUANTILES.items()
                if (value := times.get(quantile)) is not None and value > limit
            ),
            default=0,
        )
        return late > expected - ceil(_QUANTILES[name] * expected / 100)

    def _expected(self, place: str) -> int | None:
        """Returns how many times there can be at the end, at most, for a client or an effect; None where that
        isn't known beforehand.
        """
        span, _, rest = place.rpartition("/client/") if "/client/" in place else place.rpartition("/effect/")
        if "/client/" in place:
            return self._requests(span, rest)
        ledger = self._simulation.ledger
        name, _, event = rest.rpartition("/")
        found: set[str] = set()
        for entry in ledger.entries:
            if (entry.effect.name, entry.effect.event) != (name, event):
                continue
            for source in ledger.sources:
                if entry.tables[source.index] is not None:
                    if source.derived:
                        return None
                    found.add(source.place)
        numbers = [self._requests(span, client) for client in found]
        return sum(one or 0 for one in numbers) if found and None not in numbers else None

    def _requests(self, span: str, client: str) -> int | None:
        requests = None if self._like is None else self._like.get(f"{span}/client/{client}/requests")
        return requests if isinstance(requests, int) else None


@dataclasses.dataclass(frozen=True, slots=True)
class _Refusals:
    """A limit on how many requests of a client, made in a span (µs), may fail."""

    client: str
    most: float
    first: int
    last: int

    def passed(self, simulation: Simulation) -> bool:
        """Returns whether more have failed for good by now."""
        client = simulation.world.parts[self.client]
        assert isinstance(client, ClientPart)
        return client.failures(self.first, self.last) > self.most


def _refusals(goal: Goal, level: Level, like: Report | None) -> _Refusals | None:
    """Returns the limit of a goal on a client's failures or availability; None for any other goal."""
    place, _, what = goal.metric.rpartition("/")
    _, *window, kind, client = ["", "", *place.split("/")]
    if kind != "client" or what not in ("failed", "availability") or like is None:
        return None
    requests = like.get(f"{place}/requests")
    if not isinstance(requests, int | float):
        return None
    most: float | None = goal.at_most
    if what == "availability":
        most = requests * (1 - goal.at_least) if goal.at_least is not None else None
    if most is None:
        return None
    run = level.scenario.run
    first_s, last_s = run.warmup_s, run.duration_s
    for span in level.scenario.windows:
        if window and span.id == window[-1]:
            first_s, last_s = span.from_s, span.to_s
    return _Refusals(client, most, micros(first_s), micros(last_s))


def pass_of(
    level: Level,
    design: Design,
    first: SeedResult,
    most: int,
    likes: Mapping[int, Report],
    enough: Callable[[Verdict], bool] = lambda _: True,
) -> tuple[Verdict | None, int]:
    """Returns the verdict on a design whose first seed passes, and the steps that its other seeds took; None
    if one of them misses a goal, or the verdict so far isn't good enough, after which no other is run.

    ``likes`` has a report of the same level by seed (see :func:`run_hopeful`).
    """
    results, steps = [first], 0
    for seed in seeds_of(level)[1:]:
        if not enough(judge(level, design, results)):
            return None, steps
        hope = run_hopeful(level, design, most, seed, likes.get(seed))
        steps += hope.steps
        if not hope.passed:
            return None, steps
        results.append(hope.result)
    verdict = judge(level, design, results)
    return (verdict if enough(verdict) else None), steps
