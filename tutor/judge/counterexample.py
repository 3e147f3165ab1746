"""The event that broke a goal: which one, when, and its fate - found on the timeline of the run in which the
goal was missed.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from tutor.judge.goals import GoalResult, render_result
from tutor.judge.words import names_of
from tutor.model.report import Outcome, pointer_tokens
from tutor.model.scenario import Scenario
from tutor.model.timeline import Hop, Journey
from tutor.words import say

_FATES: dict[str, tuple[tuple[str, ...], tuple[str, ...], str]] = {
    # metric: outcomes of the events it counts, hops at which it happens, the sentence for it
    "availability": (
        ("failed", "unanswered", "lost"),
        ("timed-out", "refused", "failed"),
        "failed",
    ),
    "failed": (("failed", "unanswered"), ("timed-out", "refused", "failed"), "failed"),
    "ok": (("failed", "unanswered"), ("timed-out", "refused", "failed"), "failed"),
    "refused": (("failed",), ("refused",), "refused"),
    "lost": (("lost",), ("lost", "dropped", "dead-lettered", "rolled-back", "failed"), "lost"),
    "applied": (
        ("lost", "pending", "failed"),
        ("lost", "dropped", "dead-lettered", "failed"),
        "not-applied",
    ),
    "pending": (("pending",), (), "unfinished"),
    "duplicates": (("duplicate",), ("repeated",), "applied-again"),
    "out_of_order": (("out-of-order",), ("applied",), "out-of-order"),
    "ghosts": (("ghost",), ("applied", "rolled-back"), "ghost"),
    "late": (("late",), ("applied",), "late"),
}


@dataclasses.dataclass(frozen=True, slots=True)
class Counterexample:
    """The seed on which a design that passes others fails, opened at the moment that decided it."""

    seed: int
    """The seed that failed."""
    at_s: float | None
    """The moment to put on the board; None where the timeline shows none."""
    event: str
    """The id of the event that broke the goal; empty where none of the followed ones did."""
    metric: str
    """The goal that was missed."""
    what: str
    """What happened, in one or two sentences."""

    def plain(self) -> dict[str, Any]:
        """Returns the counterexample as ``check --json`` shows it; ``event`` and ``at_s`` are null if nothing
        is known of them.
        """
        return {
            "seed": self.seed,
            "at_s": self.at_s,
            "event": self.event or None,
            "metric": self.metric,
            "what": self.what,
        }


@dataclasses.dataclass(frozen=True, slots=True)
class Breaking:
    """An event that counts against a goal."""

    journey: Journey
    """The event, with its path."""
    at_s: float
    """When it happened, in simulated seconds."""
    said: str
    """What became of it, in a few words."""


def find_counterexample(
    seed: int,
    held: int,
    missed: Sequence[GoalResult],
    scenario: Scenario,
    outcome: Outcome,
    otherwise_s: float | None = None,
) -> Counterexample | None:
    """Finds why ``seed`` fails though ``held`` others pass: the goal missed by most, and the first event that
    broke it.

    ``missed`` are the goals missed on this seed, ``outcome`` its run with a timeline. ``otherwise_s`` is the
    moment to show where the timeline followed no such event and has no mark of the first failure. None if
    nothing was missed.
    """
    if not missed:
        return None
    found = [(result, first_breaking(result, scenario, outcome)) for result in missed]
    result, breaking = min(found, key=lambda pair: (pair[1] is None, -pair[0].miss))
    goal = render_result(result, names_of(scenario.design))
    what = say("counterexample.seed", count=held, seed=seed, goal=goal)
    if breaking is None:
        at_s = _first_failure(outcome)
        if at_s is None:
            return Counterexample(seed, otherwise_s, "", result.goal.metric, what)
        what = say("counterexample.first-failure", what=what, at=at_s)
        return Counterexample(seed, at_s, "", result.goal.metric, what)
    event = breaking.journey.event_id
    what = say("counterexample.event", what=what, at=breaking.at_s, event=event, said=breaking.said)
    return Counterexample(seed, breaking.at_s, event, result.goal.metric, what)


def first_breaking(result: GoalResult, scenario: Scenario, outcome: Outcome) -> Breaking | None:
    """Returns the first followed event that counts against a missed goal; None if the goal counts no events,
    or none was followed.
    """
    journeys = outcome.timeline.journeys if outcome.timeline is not None else []
    tokens = pointer_tokens(result.goal.metric)
    window = None
    if tokens[0] == "window" and len(tokens) > 2:
        window = next((one for one in scenario.windows if one.id == tokens[1]), None)
        tokens = tokens[2:]
    inside = [
        journey
        for journey in journeys
        if journey.hops
        and (window is None or window.from_s <= journey.hops[0].at_s < window.to_s)
        and _is_about(tokens, journey)
    ]
    found = [one for journey in inside if (one := _judge(tokens)(tokens, result, journey)) is not None]
    return min(found, key=lambda one: (one.at_s, one.journey.event_id), default=None)


def _is_about(tokens: list[str], journey: Journey) -> bool:
    match tokens:
        case ["client", name, *_]:
            return journey.client == name
        case ["effect", _, event, *_]:
            return journey.type == event or any(hop.detail == event for hop in journey.hops)
    return False


def _judge(tokens: list[str]) -> Callable[[list[str], GoalResult, Journey], Breaking | None]:
    return _too_slow if any(token.endswith("_ms") for token in tokens) else _badly_ended


def _badly_ended(tokens: list[str], _: GoalResult, journey: Journey) -> Breaking | None:
    outcomes, hops, said = _FATES.get(tokens[-1], ((), (), ""))
    if journey.outcome not in outcomes:
        return None
    places = set(tokens[1].split("+"))
    deciding = [hop for hop in journey.hops if hop.what in hops]
    here = [hop for hop in deciding if hop.where in places] or deciding
    # what is given up is over with its last try; what happens once too often happens with the first repeat
    place = 0 if journey.outcome in ("duplicate", "out-of-order", "late", "ghost") else -1
    return Breaking(
        journey, (here or journey.hops)[place if here else -1].at_s, say(f"counterexample.said.{said}")
    )


def _too_slow(tokens: list[str], result: GoalResult, journey: Journey) -> Breaking | None:
    limit = result.goal.at_most
    end = _end_of(tokens, journey.hops)
    if limit is None or end is None:
        return None
    took_ms = (end.at_s - journey.hops[0].at_s) * 1000
    return Breaking(journey, end.at_s, say("counterexample.slow", took=took_ms)) if took_ms > limit else None


def _end_of(tokens: list[str], hops: tuple[Hop, ...]) -> Hop | None:
    """Returns the hop at which the time that a metric measures ends: at the answer, or at the first
    effect.
    """
    if tokens[0] == "client":
        return next(
            (hop for hop in hops if hop.what in ("answered", "confirmed") and hop.where == tokens[1]), None
        )
    places = tokens[1].split("+")
    return next((hop for hop in hops if hop.what == "applied" and hop.where in places), None)


def _first_failure(outcome: Outcome) -> float | None:
    marks = outcome.timeline.marks if outcome.timeline is not None else []
    return next((mark.at_s for mark in marks if mark.kind == "first-failure"), None)
