"""Proofs by running: the start fails, each solution passes and earns its stars, each mistake fails for its
reason, no idea is idle.

A case is small and picklable, so that cases can be spread over processes; a process loads each level once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from tutor.errors import InputError
from tutor.judge.verdict import SeedResult, Verdict
from tutor.judge.words import render_metric
from tutor.lint.bench import LevelBench, bench_of
from tutor.lint.hope import Hope, run_hopeful
from tutor.lint.ideas import take_out
from tutor.lint.words import prediction_fault
from tutor.model.design import Design
from tutor.model.level import Culprit, Level, Look, Mistake, Solution, Stars
from tutor.model.report import Outcome, pointer_tokens
from tutor.model.timeline import Timeline
from tutor.session.accusations import missing_at
from tutor.show.marks import marks_of, turning_point
from tutor.show.playback import followed, moment_found, moment_to_show
from tutor.trial import PROVED_SEEDS, STEPS, Trial, score, seeds_of
from tutor.words import say

NEAR_SATURATION = 0.9
"""Share of time from which on a part counts as nearly saturated."""

ROOM = 0.25
"""Share of a limit on time that has to be left over where a part is nearly saturated."""


@dataclasses.dataclass(frozen=True, slots=True)
class Case:
    """One thing to prove about one level."""

    folder: str
    """The level's folder."""
    kind: str
    """``start``, ``solution``, ``mistake`` or ``without``."""
    name: str = ""
    """The design's name; the start has none."""
    place: int = 0
    """Without: which of the idea's edits."""
    quick: bool = False
    """Whether to be content with fewer seeds."""

    @property
    def label(self) -> str:
        """The name of what is being proved, for a progress line."""
        path = Path(self.folder)
        return " ".join(part for part in (f"{path.parent.name}/{path.name}", self.kind, self.name) if part)


@dataclasses.dataclass(frozen=True, slots=True)
class CaseResult:
    """The result of a case."""

    case: Case
    """The case."""
    fault: str = ""
    """What is wrong, as a line that begins with the file; empty where it holds."""
    note: str = ""
    """What was found that is no fault: the goals that the start misses."""
    stars: Stars | None = None
    """Solution: what it earns on the level's five seeds."""


def cases_of(folder: Path, *, quick: bool = False) -> list[Case]:
    """Returns everything to prove about a level by running it; raises :class:`InputError` if the level cannot
    be read.
    """
    bench = bench_of(folder)
    level, solutions, where = bench.level, bench.solutions, str(folder)
    found = [Case(where, "start", quick=quick)]
    found += [Case(where, "solution", solution.name, quick=quick) for solution in solutions]
    found += [Case(where, "mistake", mistake.name, quick=quick) for mistake in bench.mistakes]
    for place, without in enumerate(level.idea.without):
        for solution in solutions:
            if not without.solutions or solution.name in without.solutions:
                found.append(Case(where, "without", solution.name, place, quick))
    return found


def prove(case: Case) -> CaseResult:
    """Runs one case."""
    bench = bench_of(case.folder)
    try:
        match case.kind:
            case "start":
                return _prove_start(case, bench.level)
            case "solution":
                return _prove_solution(case, bench, _named(case, bench.solutions))
            case "mistake":
                return _prove_mistake(case, bench, _named(case, bench.mistakes))
            case _:
                return _prove_without(case, bench, _named(case, bench.solutions))
    except InputError as error:
        return CaseResult(case, f"{_file(case)}: {error}")


Named = TypeVar("Named", Solution, Mistake)


def _named(case: Case, designs: Iterable[Named]) -> Named:
    return next(one for one in designs if one.name == case.name)


def _file(case: Case) -> Path:
    folder = Path(case.folder)
    if case.kind in ("solution", "mistake"):
        return folder / f"{case.kind}s" / f"{case.name}.toml"
    return folder / "level.toml"


def _prove_start(case: Case, level: Level) -> CaseResult:
    trial = _tried(level, level.scenario.design, seeds_of(level)[:1] if case.quick else seeds_of(level))
    verdict = trial.verdict()
    reports = [seed.report for seed in verdict.seeds] if level.prediction is not None else []
    fault = prediction_fault(level, reports)
    if not fault and level.look is not None:
        shown = trial.outcome(verdict.worst.seed)
        fault = look_fault(level.look, verdict, None if shown is None else shown.timeline)
    if not fault and level.culprit is not None:
        fault = culprit_fault(
            level.culprit, verdict, level.scenario.design, trial.outcome(verdict.worst.seed)
        )
    if not fault and any(not seed.missed for seed in verdict.seeds):
        passing = next(seed.seed for seed in verdict.seeds if not seed.missed)
        fault = say("lint.nothing-to-do", seed=passing)
    if not fault and not verdict.complete:
        fault = say("lint.start", why=verdict.why_stopped)
    missed = say("lint.start-misses", goals=[goal.goal.metric for goal in verdict.missed])
    return CaseResult(case, f"{_file(case)}: {fault}" if fault else "", missed)


def _tried(level: Level, design: Design, seeds: Sequence[int]) -> Trial:
    """Returns the trial of a design that is to fail, when it is over: its first run is recorded, so that none
    is run a second time to be explained.
    """
    trial = Trial(level, design, seeds, timeline=True)
    while not trial.advance():
        pass
    return trial


def look_fault(look: Look, verdict: Verdict, timeline: Timeline | None) -> str:
    """Returns what is wrong with ``[look]``: "Show me" has to lead to its place and moment in the timeline of
    the worst seed; an empty text if it does.
    """
    if not verdict.diagnosis or timeline is None:
        return say("lint.look-nothing")
    found, seed = verdict.diagnosis[0], verdict.worst.seed
    if look.follow and followed(timeline, look) is None:
        return say("lint.look-follow", outcome=look.follow, seed=seed)
    item = found.component or found.wire
    event = followed(timeline, look)
    moment = (
        turning_point(event)
        if event is not None
        else moment_to_show(timeline, moment_found(found, look), item, marks_of(timeline))
    )
    if item == look.at and moment is not None and look.from_s <= moment < look.to_s:
        return ""
    if moment is None:
        return say("lint.look-never", item=item, seed=seed, wanted=look.at)
    return say("lint.look-at", item=item, at=moment, seed=seed, wanted=look.at)


def culprit_fault(culprit: Culprit, verdict: Verdict, design: Design, outcome: Outcome | None) -> str:
    """Returns what is wrong with ``[culprit]``: it has to be the part of the first reason, no missed goal may
    name it, and more has to be missing between what goes in and what comes out than at the others; an empty
    text if all that is so.
    """
    timeline = None if outcome is None else outcome.timeline
    found = verdict.diagnosis[0].component if verdict.diagnosis else ""
    if found != culprit.at or timeline is None:
        return say("lint.culprit-found", wanted=culprit.at, item=found)
    for goal in verdict.missed:
        if any(culprit.at in token.split("+") for token in pointer_tokens(goal.goal.metric)):
            return say("lint.culprit-told", goal=goal.goal.metric, part=culprit.at)
    missing = {part: missing_at(part, design, timeline) for part in culprit.among}
    most = max(missing.values())
    if missing[culprit.at] <= 0 or [part for part in missing if missing[part] == most] != [culprit.at]:
        return say("lint.culprit-not-missing", part=culprit.at)
    return ""


def _prove_solution(case: Case, bench: LevelBench, solution: Solution) -> CaseResult:
    level, official = bench.level, bench.verdict(solution)
    if not official.passed:
        return CaseResult(case, f"{_file(case)}: {say('lint.not-passing', why=_why_not(official))}")
    try:
        official.worst.report.value(level.par.speed.metric)
    except InputError as error:
        return CaseResult(
            case, f"{Path(case.folder) / 'level.toml'}: {say('lint.par-speed', why=error.what)}"
        )
    other = [
        say(
            "lint.star",
            kind=say(f"verdict.kind.{name}"),
            found=getattr(official.stars, name),
            claimed=getattr(solution.stars, name),
        )
        for name in ("cost", "speed", "simplicity")
        if getattr(official.stars, name) != getattr(solution.stars, name)
    ]
    if other:
        return CaseResult(case, f"{_file(case)}: {say('lint.stars', stars=other)}", stars=official.stars)
    if not case.quick:
        first = level.scenario.run.seed + len(seeds_of(level))
        more = score(
            level, solution.design, range(first, first + PROVED_SEEDS - len(seeds_of(level))), why=False
        )
        if not more.passed:
            return CaseResult(
                case,
                f"{_file(case)}: {say('lint.more-seeds', count=PROVED_SEEDS, why=_why_not(more))}",
                stars=official.stars,
            )
    tight = tight_goals(official)
    if tight:
        return CaseResult(case, f"{_file(case)}: {say('lint.threshold', why=tight)}", stars=official.stars)
    return CaseResult(case, stars=official.stars)


def tight_goals(verdict: Verdict) -> str:
    """Returns the goals on time that a passing design meets only just while a part of it is nearly saturated;
    empty if there are none.

    Near saturation a wait grows as 1 / (1 - utilization): it takes a few percent more work, or another seed,
    to be past a limit that is this close, so such a threshold tells luck from skill no better than a coin
    does.
    """
    found = []
    for place, goal in enumerate(verdict.goals):
        limit = goal.goal.at_most
        if limit is None or "_ms" not in goal.goal.metric:
            continue
        for seed in verdict.seeds:
            value, (busiest, load) = seed.goals[place].value, _busiest(seed)
            if value is not None and load >= NEAR_SATURATION and value >= (1 - ROOM) * limit:
                found.append(
                    say(
                        "lint.tight",
                        part=busiest,
                        load=round(load, 2),
                        metric=goal.goal.metric,
                        value=render_metric(goal.goal.metric, value),
                        limit=limit,
                        seed=seed.seed,
                    )
                )
                break
    return "; ".join(found)


def _busiest(seed: SeedResult) -> tuple[str, float]:
    """Returns the part that has least time to spare on a seed, and the share of time in which it is busy."""
    parts: dict[str, dict[str, object]] = seed.report.data.get("component", {})
    loads = [
        (name, load)
        for name, part in parts.items()
        if isinstance(load := part.get("utilization"), int | float)
    ]
    return max(loads, key=lambda one: one[1], default=("", 0.0))


def _prove_mistake(case: Case, bench: LevelBench, mistake: Mistake) -> CaseResult:
    level = bench.level
    verdict = _tried(level, mistake.design, seeds_of(level)[:1] if case.quick else seeds_of(level)).verdict()
    if not verdict.missed:
        return CaseResult(case, f"{_file(case)}: {say('lint.no-mistake')}")
    report = verdict.seeds[0].report
    steps = report.data["engine"]["steps"]
    bench.remember(mistake.design, Hope(verdict.seeds[0], report.complete, steps))
    found = [diagnosis.id for diagnosis in verdict.diagnosis]
    if not found or found[0] != mistake.diagnosis:
        missed = [
            f"{goal.goal.metric} {render_metric(goal.goal.metric, goal.value)}" for goal in verdict.missed
        ]
        if found:
            said = say("lint.diagnosis", found=found[:3], stated=mistake.diagnosis, missed=missed)
        else:
            said = say("lint.no-diagnosis", stated=mistake.diagnosis, missed=missed)
        return CaseResult(case, f"{_file(case)}: {said}")
    return CaseResult(case)


def _prove_without(case: Case, bench: LevelBench, solution: Solution) -> CaseResult:
    level = bench.level
    design = take_out(level.idea.without[case.place], solution.design)
    if bench.failed(design) is not None:
        return CaseResult(case)
    likes = [one.report for one in bench.verdict(solution).seeds]
    for seed, like in zip(seeds_of(level)[: 1 if case.quick else None], likes, strict=False):
        hope = run_hopeful(level, design, STEPS, seed, like)
        if seed == level.scenario.run.seed:
            bench.remember(design, hope)
        if not hope.passed:
            return CaseResult(case)
    return CaseResult(case, f"{_file(case)}: {say('lint.idle', solution=case.name)}")


def _why_not(verdict: Verdict) -> str:
    if verdict.missed:
        return "; ".join(say("lint.on-seed", seed=goal.seed, goal=goal.text) for goal in verdict.missed)
    return "; ".join(verdict.inconclusive)
