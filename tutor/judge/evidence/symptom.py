"""Symptoms, before their causes are known: each missed goal as a kind of harm at a place."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from tutor.judge.goals import GoalResult
from tutor.judge.words import describe_result, names_of
from tutor.model.report import Report, pointer_tokens
from tutor.model.scenario import Scenario
from tutor.model.wire import DeadLetter
from tutor.words import say

LOST = "lost"  # an event is gone, or never reached where it should have an effect
FAILED = "failed"  # a client gets a refusal, or no answer
SLOW = "slow"  # answers or effects come too late
BACKLOG = "backlog"  # work piles up or is unfinished at the end
DUPLICATES = "duplicates"  # an effect happened again
DISORDER = "disorder"  # effects in another order than the facts
GHOSTS = "ghosts"  # effects of what never was
DIVERGED = "diverged"  # copies disagree
COST = "cost"  # too expensive
LOAD = "load"  # a part works too much
ATTEMPTS = "attempts"  # too many tries
WASTE = "waste"  # work for nobody
ASIDE = "aside"  # good messages in a dead-letter queue, or bad ones nobody minds
HOARD = "hoard"  # a consumer holds too much
IDLE = "idle"  # a member has nothing to do
ALARMS = "alarms"  # patterns missed, or false
ORPHANS = "orphans"  # effects of something that failed later and that nobody took back
ALONE = "alone"  # confirmed while one machine alone had it
OTHER = "other"  # a goal on a number that fits none of these

KINDS = (
    LOST,
    FAILED,
    SLOW,
    BACKLOG,
    DUPLICATES,
    DISORDER,
    GHOSTS,
    DIVERGED,
    COST,
    LOAD,
    ATTEMPTS,
    WASTE,
    ASIDE,
    HOARD,
    IDLE,
    ALARMS,
    ORPHANS,
    ALONE,
    OTHER,
)
"""Every kind of symptom."""

_EFFECT = {
    "lost": LOST,
    "applied": LOST,
    "expected": LOST,
    "refused": FAILED,
    "pending": BACKLOG,
    "late": SLOW,
    "delay_ms": SLOW,
    "duplicates": DUPLICATES,
    "out_of_order": DISORDER,
    "ghosts": GHOSTS,
    "precision": ALARMS,
    "recall": ALARMS,
    "undone": LOST,
    "orphans": ORPHANS,
}
_PATTERN = {"precision": ALARMS, "recall": ALARMS, "false_alarms": ALARMS, "missed": ALARMS, "delay_ms": SLOW}
_CLIENT = {
    "availability": FAILED,
    "ok": FAILED,
    "failed": FAILED,
    "requests": OTHER,
    "response_ms": SLOW,
    "attempts_per_request": ATTEMPTS,
}
_COMPONENT = {
    "queue": BACKLOG,
    "lag": BACKLOG,
    "in_flight": BACKLOG,
    "throughput_per_s": BACKLOG,
    "utilization": LOAD,
    "up": FAILED,
    "wasted_work": WASTE,
    "done": WASTE,
    "dead_lettered": ASIDE,
    "dropped": LOST,
    "redelivered": DUPLICATES,
    "confirmed_alone": ALONE,
    "held": HOARD,
    "idle": IDLE,
    "published": LOAD,
    "delivered": LOAD,
    "evictions": BACKLOG,
    "rebalances": BACKLOG,
    "kb_per_s": LOAD,
    "egress_kb_per_s": LOAD,
    "false_alarms": ALARMS,
    "precision": ALARMS,
    "recall": ALARMS,
}
_DATABASE = {"diverged_keys": DIVERGED, "staleness_ms": SLOW, "writes": LOAD, "reads": LOAD}


@dataclasses.dataclass(frozen=True, slots=True)
class Symptom:
    """One thing that is wrong."""

    kind: str
    """One of :data:`KINDS`."""
    metric: str = ""
    """The goal's pointer; empty without a goal."""
    place: str = ""
    """Id of the client, component or database it shows at; the report's name of an effect's place; empty for
    the whole design.
    """
    event: str = ""
    """The event type, for an effect."""
    value: float | None = None
    """What was measured."""
    said: str = ""
    """The symptom in words, for the second half of a diagnosis."""
    weight: float = 1.0
    """How much it matters beside the others."""
    window: str = ""
    """The window of the run it was measured in, if not all of it."""


def symptom_of(
    result: GoalResult,
    names: Mapping[str, str] | None = None,
    windows: Mapping[str, tuple[float, float]] | None = None,
) -> Symptom:
    """Returns the missed goal as a symptom, with the seed that its value is from.

    ``names`` are the screen's names of components; ``windows`` the start and end of the run's windows, in
    seconds.
    """
    metric = result.goal.metric
    tokens = pointer_tokens(metric) if metric.startswith("/") else []
    window = ""
    if len(tokens) > 2 and tokens[0] == "window":
        window, tokens = tokens[1], tokens[2:]
    kind, place, event = _kind(tokens)
    span = windows.get(window) if windows else None
    outcome = describe_result(metric, result.value, names)
    if span is not None:
        said = say(
            "metrics.said.window", result=outcome, seed=result.seed, **{"from": span[0], "to": span[1]}
        )
    else:
        said = say("metrics.said.seed", result=outcome, seed=result.seed)
    return Symptom(kind, metric, place, event, result.value, said, 1.0 + result.miss, window)


def _kind(tokens: list[str]) -> tuple[str, str, str]:
    match tokens:
        case ["effect", place, event, name, *_]:
            return _EFFECT.get(name, OTHER), place, event
        case ["client", place, name, *_]:
            return _CLIENT.get(name, OTHER), place, ""
        case ["component", place, name, *_]:
            return _COMPONENT.get(name, OTHER), place, ""
        case ["database", place, name, *_]:
            return _DATABASE.get(name, OTHER), place, ""
        case ["pattern", place, name, *_]:
            return _PATTERN.get(name, OTHER), place, ""
        case ["design", "cost_per_hour"]:
            return COST, "", ""
        case ["design", "egress_kb_per_s"]:
            return LOAD, "", ""
    return OTHER, tokens[1] if len(tokens) > 1 else "", ""


def symptoms_without_goals(scenario: Scenario, report: Report) -> list[Symptom]:
    """Returns the symptoms of a run without goals: losses, failures, repeats, disorder, and waits that dwarf
    the work.
    """
    names = names_of(scenario.design)
    found: list[Symptom] = []
    for effect in scenario.effects:
        root = f"/effect/{effect.name}/{effect.event}"
        expected = report.get(f"{root}/expected", 0) or 0
        for name in ("lost", "pending", "duplicates", "out_of_order", "ghosts", "late", "orphans"):
            count = report.get(f"{root}/{name}", 0) or 0
            if count:
                found.append(_bare(names, f"{root}/{name}", count, count / max(expected, 1)))
        found += _waits(names, report, f"{root}/delay_ms")
    for client in report.data.get("client", {}):
        failed = report.get(f"/client/{client}/failed", 0) or 0
        if failed:
            requests = report.get(f"/client/{client}/requests", 1) or 1
            found.append(_bare(names, f"/client/{client}/failed", failed, failed / max(requests, 1)))
        found += _waits(names, report, f"/client/{client}/response_ms")
    told = {place for effect in scenario.effects for place in effect.at}
    for part, counts in report.data.get("component", {}).items():
        found += _of_component(names, scenario, part, counts, bool(told))
    for database in report.data.get("database", {}):
        count = report.get(f"/database/{database}/diverged_keys", 0) or 0
        if count:
            found.append(_bare(names, f"/database/{database}/diverged_keys", count, 0.5))
    return found


def _of_component(
    names: Mapping[str, str], scenario: Scenario, part: str, counts: Mapping[str, Any], judged: bool
) -> Iterable[Symptom]:
    """Yields the messages a channel lost, gave up, repeated or still holds, and the rest of a service's line,
    if no effect says so.
    """
    aside = {wire.target for wire in scenario.design.wires if isinstance(wire, DeadLetter)}
    published = max(counts.get("published", 0), counts.get("done", 0), 1)
    shelves = {
        wire.target for wire in scenario.design.wires if isinstance(wire, DeadLetter) and wire.source == part
    }
    passed_on = any(wire.source in shelves for wire in scenario.design.wires)
    for name in ("dropped", "dead_lettered", "redelivered"):
        count = counts.get(name, 0)
        if name == "dead_lettered" and passed_on:
            # A shelf that leads on is part of the path: a delay, or somebody who looks at what failed.
            continue
        if count and not (judged and name == "redelivered"):
            yield _bare(names, f"/component/{part}/{name}", count, count / published)
    left = (counts.get("queue") or {}).get("end", 0)
    if left and part not in aside:
        yield _bare(names, f"/component/{part}/queue/end", left, left / published)


def _waits(names: Mapping[str, str], report: Report, root: str) -> Iterable[Symptom]:
    slow = report.get(f"{root}/p95")
    if isinstance(slow, int | float) and slow >= 1000:
        yield _bare(names, f"{root}/p95", slow, 0.2)


def _bare(names: Mapping[str, str], metric: str, value: float, weight: float) -> Symptom:
    kind, place, event = _kind(pointer_tokens(metric))
    said = say("metrics.said.plain", result=describe_result(metric, value, names))
    grave = 0.4 if kind in (LOST, DUPLICATES, DISORDER, GHOSTS, DIVERGED, ORPHANS) else 0.1
    return Symptom(kind, metric, place, event, value, said, min(1.0, weight) + grave)
