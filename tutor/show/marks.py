"""The marks on the time axis of a run: the planned faults, the failures, and each mark in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tutor.judge import words
from tutor.model.clock import SECOND, micros
from tutor.model.fault import scheduled
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
"""How many events of each odd outcome are marked; the journeys are a sample anyway."""
ODD_HOPS = {"duplicate": ("repeated",), "out-of-order": ("applied", "repeated"), "late": ("applied",)}
"""By outcome of an event that took effect wrongly: the hops at which that happened."""


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


def marks_of(timeline: Timeline) -> tuple[Mark, ...]:
    """Returns the marks of a run in order of time.

    To those of the engine come the events that took effect twice, late or out of order, and the first
    failure, which is looked for in the tracks where the engine marked none.
    """
    marks = [*timeline.marks, *_odd_events(timeline)]
    if not any(mark.kind == "first-failure" for mark in marks):
        marks += _first_failure(timeline, marks)
    return tuple(sorted(marks, key=lambda mark: mark.at_s))


def _odd_events(timeline: Timeline) -> Iterator[Mark]:
    for outcome, hops in ODD_HOPS.items():
        found = []
        for journey in timeline.journeys:
            if journey.outcome == outcome:
                hop = odd_hop(journey, hops)
                if hop is not None:
                    found.append(Mark(hop[0], outcome, hop[1], journey.event_id))
        yield from sorted(found, key=lambda mark: mark.at_s)[:MOST_ODD]


def odd_hop(journey: Journey, hops: Sequence[str] = ()) -> tuple[float, str] | None:
    """Returns when and where an event took effect twice, late or out of order; None if its journey doesn't
    show it.
    """
    wanted = hops or ODD_HOPS.get(journey.outcome, ())
    return next(((hop.at_s, hop.where) for hop in reversed(journey.hops) if hop.what in wanted), None)


def _first_failure(timeline: Timeline, marks: Sequence[Mark]) -> list[Mark]:
    """Finds the first request that failed, else the first effect that went wrong, else the first work that
    failed.
    """
    step = _first_step({name: track.failed for name, track in timeline.clients.items()})
    if step is not None:
        return [Mark(step[0] * timeline.step_s, "first-failure", step[1], say("playback.failures.request"))]
    wrong = [mark for mark in marks if mark.kind in ODD_HOPS]
    wrong += [Mark(journey.hops[-1].at_s, "lost", journey.hops[-1].where, "") for journey in _lost(timeline)]
    repeated = _first_step(
        {name.partition("/")[0]: track.duplicates for name, track in timeline.effects.items()}
    )
    if repeated is not None:
        wrong.append(Mark(repeated[0] * timeline.step_s, "duplicate", repeated[1], ""))
    if wrong:
        first = min(wrong, key=lambda mark: mark.at_s)
        return [Mark(first.at_s, "first-failure", first.target, say(f"playback.failures.{first.kind}"))]
    step = _first_step({name: track.failed for name, track in timeline.components.items()})
    if step is not None:
        return [Mark(step[0] * timeline.step_s, "first-failure", step[1], say("playback.failures.work"))]
    return []


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
