"""Causes where more comes in than goes out."""

from __future__ import annotations

from tutor.judge.diagnosis.case import Case
from tutor.judge.diagnosis.cause import Cause, Finding, Row
from tutor.judge.diagnosis.symptom import BACKLOG, FAILED, LOAD, SLOW, Symptom
from tutor.judge.diagnosis.tracks import at, mean
from tutor.judge.diagnosis.waiting import BLOCKED, BUSY, DOWN, DRAINING, Wait
from tutor.judge.words import render_clock, render_number, render_s, render_share


def busy_waits(case: Case, symptom: Symptom) -> dict[str, list[Wait]]:
    """What waited for parts that were busy with their own work, by that part; waits for someone who waits for it count too."""
    found: dict[str, list[Wait]] = {}
    for wait in case.waiting.near(symptom):
        if wait.state == BUSY:
            found.setdefault(wait.by, []).append(wait)
        elif wait.state == BLOCKED and wait.root_state == BUSY:
            found.setdefault(wait.root, []).append(wait)
    return found


def _saturated(case: Case, symptom: Symptom) -> Finding | None:
    if symptom.kind == FAILED:
        failures = [one for one in case.failing.near(symptom) if BUSY in (one.state, one.root_state)]
        total = case.failing.total(symptom)
        if not failures:
            return None
        worst = failures[0]
        name = worst.by if worst.state == BUSY else worst.root
        count = sum(one.count for one in failures if name in (one.by, one.root))
        return _overloaded(case, symptom, name, count / total)
    if symptom.kind == LOAD:
        used = case.count(symptom.place, "utilization")
        return _overloaded(case, symptom, symptom.place, 0.8) if used > 0.6 else None
    groups = busy_waits(case, symptom)
    total = case.waiting.total(symptom)
    if not groups or total <= 0:
        return None
    name = max(groups, key=lambda one: sum(wait.seconds for wait in groups[one]))
    return _overloaded(case, symptom, name, sum(wait.seconds for wait in groups[name]) / total)


def _overloaded(case: Case, symptom: Symptom, name: str, share: float) -> Finding | None:
    line = _line(case, name)
    track = case.track(line)
    if track is None or not any(track.depth):
        return None
    first, top = _growth(track.depth)
    done, arriving = _rates(case, name, line, first, top)
    busy = case.waiting.share(name, BUSY)
    part = case.part(name)
    workers = getattr(part, "workers", getattr(part, "connections", 1)) * (
        getattr(part, "replicas", 1) if part and part.kind == "service" else 1
    )
    rows: list[Row] = [
        (f"{case.name(name)}: time with nobody free", render_share(busy)),
        (f"comes in, {render_clock(case.moment(first))} to {render_clock(case.moment(top))}", f"{render_number(arriving)}/s"),
        ("goes out in that time", f"{render_number(done)}/s"),
        (f"most waiting at {case.name(line)}", f"{render_number(track.depth[top])} at {render_clock(case.moment(top))}"),
    ]
    if used := case.count(name, "utilization"):
        rows.insert(0, (f"{case.name(name)}: busy", render_share(used)))
    facts = {
        "part": case.name(name),
        "workers": f"{workers} at once" if workers > 1 else "one at a time",
        "from": render_clock(case.moment(first)),
        "arriving": arriving,
        "done": done,
        "line": case.name(line),
        "peak": track.depth[top],
        "peak_at": render_clock(case.moment(top)),
        "said": symptom.said,
    }
    return Finding(share, component=name, facts=facts, evidence=tuple(rows), at_s=case.moment(first))


def _line(case: Case, name: str) -> str:
    """Where the work for a part waits most: its own line, or a channel that it reads."""
    lines = [name, *(wire.source for wire in case.ways.into(name, "subscribe"))]
    return max(lines, key=lambda one: sum(track.depth) if (track := case.track(one)) else 0)


def _growth(depth: list[int]) -> tuple[int, int]:
    """The steps between which a line grew to its longest: the last time it was (nearly) empty, and its peak."""
    top = max(range(len(depth)), key=lambda step: (depth[step], -step))
    first = top
    while first > 0 and depth[first - 1] > depth[top] * 0.02:
        first -= 1
    return first, top


def _rates(case: Case, name: str, line: str, first: int, top: int) -> tuple[float, float]:
    """What a part completed, and what came in for it, a second, while its line grew."""
    track, waiting = case.track(name), case.track(line)
    if track is None or waiting is None:
        return 0.0, 0.0
    last = max(top, first + 1)
    done = mean(track.done, first, last) / case.step_s
    grown = (at(waiting.depth, top, 0) - at(waiting.depth, first, 0)) / ((last - first) * case.step_s)
    return done, done + max(0.0, grown)


def _slow_drain(case: Case, symptom: Symptom) -> Finding | None:
    waits = [wait for wait in case.waiting.near(symptom) if wait.state == DRAINING]
    total = case.waiting.total(symptom)
    if not waits or total <= 0:
        return None
    worst = waits[0]
    stood = [wait for wait in case.waiting.near(symptom) if wait.state == DOWN and wait.at == worst.at]
    draining = sum(wait.seconds for wait in waits if wait.by == worst.by)
    lasted = worst.to_s - worst.from_s
    outage = [span for span in (*case.outages(worst.by), *case.outages(worst.at)) if span[1] <= worst.from_s + case.step_s]
    away = outage[-1][1] - outage[-1][0] if outage else 0.0
    if lasted < away * 0.2:
        return None
    track, line = case.track(worst.by), case.track(worst.at)
    first, last = case.step_at(worst.from_s), case.step_at(worst.to_s)
    done = mean(track.done, first, last) / case.step_s if track else 0.0
    shrink = (worst.peak - (at(line.depth, last, 0) if line else 0)) / max(lasted, case.step_s)
    share = min(1.0, (draining + 0.5 * sum(wait.seconds for wait in stood)) / total)
    rows: list[Row] = [
        (f"{case.name(worst.by)} was away", render_s(away)),
        ("waiting when it came back", render_number(worst.peak)),
        ("it then completes", f"{render_number(done)}/s"),
        ("the pile shrinks by", f"{render_number(max(0.0, shrink))}/s"),
        ("time to work it off", render_s(lasted)),
    ]
    facts = {
        "part": case.name(worst.by),
        "line": case.name(worst.at),
        "away": render_s(away),
        "pile": worst.peak,
        "shrink": max(0.0, shrink),
        "lasted": render_s(lasted),
        "said": symptom.said,
    }
    return Finding(share, component=worst.by, facts=facts, evidence=tuple(rows), at_s=worst.from_s)


CAUSES = (
    Cause(
        id="saturated",
        title="More comes in than goes out",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOAD}),
        what=(
            "From {from} on {arriving} a second come in for {part}, and it completes {done} a second, {workers}: "
            "what is over waits at {line}, {peak} at {peak_at}. Hence the goal: {said}."
        ),
        try_="Compare what arrives at {part} with what it can complete in the same time; a place to wait changes neither.",
        concept="utilization",
        find=_saturated,
    ),
    Cause(
        id="slow-drain",
        title="The pile is worked off too slowly",
        explains=frozenset({SLOW, BACKLOG}),
        what=(
            "While {part} was away for {away}, {pile} piled up at {line}, and nothing was wrong with that; but back at work it gains only "
            "{shrink} a second on the pile and needs {lasted}. Hence the goal: {said}."
        ),
        try_="After an outage a consumer has to be faster than what keeps coming in: look at how much of {part} is left over for the pile.",
        concept="catch-up",
        find=_slow_drain,
        depth=1.15,
    ),
)
"""The causes of this family."""
