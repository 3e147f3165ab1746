"""The marks on the time axis of a run: the planned faults, the failures, and each mark in words."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from tutor.judge import words
from tutor.model.clock import SECOND, micros
from tutor.model.fault import scheduled
from tutor.model.level import Goal
from tutor.model.scenario import Scenario
from tutor.model.timeline import Journey, Mark, Timeline
from tutor.show.braille import clock
from tutor.words import say, sentence
from tutor.words.happenings import detail_words, mark_kind_words

SIGNS = {
    "planned": ("▽", "v"),
    "fault": ("▼", "v"),
    "fault-over": ("△", "^"),
    "first-failure": ("✗", "x"),
    "duplicate": ("‼", "2"),
    "out-of-order": ("⇅", "%"),
    "late": ("!", "!"),
    "breaker-open": ("◇", "/"),
    "breaker-closed": ("◆", "="),
    "failover": ("⇄", "&"),
    "rebalance": ("⟳", "~"),
    "scale": ("±", "*"),
    "join": ("+", "+"),
    "full": ("■", "#"),
}
"""The sign of each kind of mark, and its plain letter."""

MOST_STARTS = 50
"""How many turns of a fault that comes again are marked: more than there are cells to tell them apart."""
MOST_ODD = 12
"""How many events of each odd outcome are marked, the first among them; the journeys are a sample anyway."""
ODD_HOPS = {"duplicate": ("repeated",), "out-of-order": ("applied", "repeated"), "late": ("applied",)}
"""By outcome of an event that took effect wrongly: the hops at which that happened."""
MINDED = {
    "duplicates": "duplicate",
    "out_of_order": "out-of-order",
    "diverged_keys": "out-of-order",
    "late": "late",
}
"""By what a goal measures, the odd outcome that it limits: an older write over a newer one leaves copies that
differ.
"""
WRONG_HOPS = (
    "lost",
    "dropped",
    "refused",
    "failed",
    "timed-out",
    "dead-lettered",
    "rolled-back",
    "repeated",
    "returned",
)
"""Hops at which an event's journey goes wrong."""


def planned(scenario: Scenario) -> tuple[Mark, ...]:
    """Returns the scheduled faults as marks, with their ends; hidden ones stay hidden."""
    marks = []
    end_s = scenario.run.duration_s + scenario.run.drain_s
    for fault in scenario.faults:
        if fault.hidden:
            continue
        part = scenario.design.components.get(fault.target)
        for start, over in scheduled(fault, part, micros(end_s))[:MOST_STARTS]:
            marks.append(Mark(start / SECOND, "planned", fault.target, fault.kind))
            if over < micros(end_s) or fault.for_s is not None:
                marks.append(Mark(min(end_s, over / SECOND), "fault-over", fault.target, fault.kind))
    return tuple(sorted(marks, key=lambda mark: mark.at_s))


def minded(goals: Iterable[Goal]) -> frozenset[str]:
    """Returns the odd outcomes of events that goals limit; all of them where there are no goals."""
    metrics = {goal.metric.rpartition("/")[2] for goal in goals}
    return frozenset(MINDED[metric] for metric in metrics & MINDED.keys()) if metrics else frozenset(ODD_HOPS)


def marks_of(timeline: Timeline, odd: Collection[str] = tuple(ODD_HOPS)) -> tuple[Mark, ...]:
    """Returns the marks of a run in order of time.

    To those of the engine come the events that took effect twice, late or out of order, and the first
    failure, which is looked for in the tracks where the engine marked none; of odd outcomes only those in
    ``odd`` are failures.
    """
    marks = [*timeline.marks, *_odd_events(timeline)]
    if not any(mark.kind == "first-failure" for mark in marks):
        marks += _first_failure(timeline, marks, odd)
    return tuple(sorted(marks, key=lambda mark: mark.at_s))


def _odd_events(timeline: Timeline) -> Iterator[Mark]:
    for outcome, hops in ODD_HOPS.items():
        found = []
        for journey in timeline.journeys:
            # an event that was lost for one part may have been applied twice at another
            if journey.outcome == outcome or outcome == "duplicate":
                hop = odd_hop(journey, hops)
                if hop is not None:
                    found.append(Mark(hop[0], outcome, hop[1], journey.event_id))
        found.sort(key=lambda mark: mark.at_s)
        most = min(len(found), MOST_ODD)
        yield from (found[place * len(found) // most] for place in range(most))


def odd_hop(journey: Journey, hops: Sequence[str] = ()) -> tuple[float, str] | None:
    """Returns when and where an event took effect twice, late or out of order; None if its journey doesn't
    show it.
    """
    wanted = hops or ODD_HOPS.get(journey.outcome, ())
    return next(((hop.at_s, hop.where) for hop in reversed(journey.hops) if hop.what in wanted), None)


def _first_failure(timeline: Timeline, marks: Sequence[Mark], odd: Collection[str]) -> list[Mark]:
    """Finds the first request that failed, else the first effect that went wrong, else the first work that
    failed.
    """
    step = _first_step({name: track.failed for name, track in timeline.clients.items()})
    if step is not None:
        at_s = _inside(
            timeline, step, (turning_point(one) for one in timeline.journeys if _failed(one, step[1]))
        )
        return [Mark(at_s, "first-failure", step[1], say("playback.failures.request"))]
    wrong = [mark for mark in marks if mark.kind in odd]
    wrong += [Mark(journey.hops[-1].at_s, "lost", journey.hops[-1].where, "") for journey in _lost(timeline)]
    repeated = _first_step(
        {name.partition("/")[0]: track.duplicates for name, track in timeline.effects.items()}
    )
    if repeated is not None and "duplicate" in odd:
        followed = [mark.at_s for mark in wrong if mark.kind == "duplicate"]
        at_s = _inside(timeline, repeated, followed)
        if at_s not in followed:
            wrong.append(Mark(at_s, "duplicate", repeated[1], ""))
    if wrong:
        first = min(wrong, key=lambda mark: mark.at_s)
        return [Mark(first.at_s, "first-failure", first.target, say(f"playback.failures.{first.kind}"))]
    step = _first_step({name: track.failed for name, track in timeline.components.items()})
    if step is not None:
        at_s = _inside(timeline, step, ())
        return [Mark(at_s, "first-failure", step[1], say("playback.failures.work"))]
    return []


def _inside(timeline: Timeline, step: tuple[int, str], moments: Iterable[float]) -> float:
    """Returns the first of these moments that lies in a step of the tracks; the middle of the step if none
    does.
    """
    start = step[0] * timeline.step_s
    within = [at_s for at_s in moments if start <= at_s < start + timeline.step_s]
    return min(within, default=start + timeline.step_s / 2)


def _failed(journey: Journey, client: str) -> bool:
    return journey.client == client and journey.outcome == "failed"


def _lost(timeline: Timeline) -> list[Journey]:
    return [journey for journey in timeline.journeys if journey.outcome == "lost" and journey.hops]


def _first_step(tracks: Mapping[str, Sequence[int]]) -> tuple[int, str] | None:
    """Returns the first step in which any of the tracks counts something, and that track's name."""
    found = [
        (step, name)
        for name, track in tracks.items()
        if (step := next((at for at, count in enumerate(track) if count), None)) is not None
    ]
    return min(found, default=None)


def mark_words(mark: Mark, end_s: float, called: Mapping[str, str] | None = None) -> str:
    """Describes a mark in one line: when, what, and at which part; ``called`` has the titles of parts
    by id.
    """
    facts = {"what": detail_words(mark.what), "kind": mark_kind_words(mark.kind)}
    key = f"playback.marks.{mark.kind if mark.kind in SIGNS else 'unknown'}"
    what = say(key, **{name: facts[name] for name in sentence(key).placeholders})
    when = clock(mark.at_s, end_s)
    if not mark.target:
        return say("playback.mark", when=when, what=what)
    part = words.called(mark.target, called or {})
    return say("playback.mark-part", when=when, what=what, part=part)


def turning_point(journey: Journey) -> float:
    """Returns the moment where a journey went wrong, or its last one; in simulated seconds."""
    odd = odd_hop(journey)
    if odd is not None:
        return odd[0]
    found = next((hop.at_s for hop in journey.hops if hop.what in WRONG_HOPS), None)
    return found if found is not None else journey.hops[-1].at_s if journey.hops else 0.0
