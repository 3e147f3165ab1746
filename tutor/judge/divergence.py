"""Two runs of the same traffic with an edit between them: the first event that fared differently, and what followed from it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from tutor.judge.words import plural, render_clock, render_ms, render_number
from tutor.model.report import Outcome
from tutor.model.timeline import Journey, Mark, Timeline

_FARED = {
    "ok": "goes well",
    "failed": "fails for its client",
    "unanswered": "gets no answer",
    "lost": "is lost",
    "duplicate": "takes effect twice",
    "late": "comes too late",
    "pending": "stays unfinished",
    "out-of-order": "is applied out of order",
    "ghost": "tells of what never really happened",
}
_NOTICEABLE_MS = 1.0
"""Shorter differences of a time are no difference that a learner could act on."""
_NOTICEABLE_SHARE = 0.1
"""Smaller shares of a time are none either."""


@dataclasses.dataclass(frozen=True, slots=True)
class Divergence:
    """Where two runs part."""

    at_s: float
    """The moment in the later run, to show on the board."""
    event: str
    """The id of the first event that fared differently; empty where only the tracks tell."""
    what: str
    """What became of it before and after, in one or two sentences."""
    followed: tuple[str, ...]
    """What followed from it, a sentence each."""
    where: str = ""
    """The component at which the event's ways part; empty where that is not known."""

    @property
    def lines(self) -> list[str]:
        """All of it as lines of text."""
        return [self.what, *(f"  {line}" for line in self.followed)]

    def plain(self) -> dict[str, Any]:
        """The divergence as JSON data."""
        return dataclasses.asdict(self)


def find_divergence(before: Outcome, after: Outcome) -> Divergence | None:
    """Where two runs of the same traffic part; None where they do not, or either has no timeline.

    An event's end counts before its times: the first event that ended differently is named, and only where every followed event ended
    alike the first that took noticeably more or less time. Where no event was followed in both, the tracks tell the moment.
    """
    old, new = before.timeline, after.timeline
    if old is None or new is None:
        return None
    known = {journey.event_id: journey for journey in old.journeys if journey.hops}
    both = [(known[one.event_id], one) for one in new.journeys if one.hops and one.event_id in known]
    both.sort(key=lambda pair: (pair[1].hops[0].at_s, pair[1].event_id))
    ended = [pair for pair in both if _fate(pair[0]) != _fate(pair[1])]
    timed = [] if ended else [pair for pair in both if _took_other_time(*pair)]
    on_track = _first_on_tracks(old, new)
    if ended and (on_track is None or _parting(*ended[0])[0] <= on_track[0] + new.step_s):
        return _by_event(ended, both, old, new)
    if on_track is not None:
        return _by_track(on_track, ended, both, old, new)
    if ended or timed:
        return _by_event(ended or timed, both, old, new)
    return None


def _fate(journey: Journey) -> tuple[str, tuple[tuple[str, int], ...]]:
    """How an event ended, and where it took effect how often."""
    applied = Counter(hop.where for hop in journey.hops if hop.what in ("applied", "repeated"))
    return journey.outcome, tuple(sorted(applied.items()))


def _by_event(parted: Sequence[tuple[Journey, Journey]], both: Sequence[object], old: Timeline, new: Timeline) -> Divergence:
    first, second = parted[0]
    at_s, where = _parting(first, second)
    made = render_clock(second.hops[0].at_s)
    named = f"The first event that fares differently is {second.event_id}, made at {made}"
    if first.outcome != second.outcome:
        told = f"before it {_fared(first)}, now it {_fared(second)}"
    elif _fate(first) != _fate(second):
        told = f"before it took effect {_places(first)}, now {_places(second)}"
    else:
        told = f"before it took {_took(first)}, now {_took(second)}"
    what = f"{named}: {told}."
    if where:
        what += f" Their ways part at {where}, {render_clock(at_s)}."
    return Divergence(at_s, second.event_id, what, tuple(_followed(parted, len(both), at_s, old, new)), where)


def _by_track(
    on_track: tuple[float, str, str], ended: Sequence[tuple[Journey, Journey]], both: Sequence[object], old: Timeline, new: Timeline
) -> Divergence:
    at_s, name, said = on_track
    journey = _near(at_s, name, old, new)
    what = f"The runs part at {render_clock(at_s)}: {said}."
    if journey is not None:
        which, one = journey
        what += f" One of the events there is {one.event_id}, which {which} {_fared(one)}."
    event = journey[1].event_id if journey is not None else ""
    return Divergence(at_s, event, what, tuple(_followed(ended, len(both), at_s, old, new)), name)


def _near(at_s: float, name: str, old: Timeline, new: Timeline) -> tuple[str, Journey] | None:
    """A followed event that ended badly in one of the runs in the step in which they part, and in which of them."""
    for which, timeline in (("before", old), ("now", new)):
        for journey in timeline.journeys:
            inside = [hop for hop in journey.hops if at_s <= hop.at_s < at_s + timeline.step_s]
            if journey.outcome != "ok" and inside and (journey.client == name or any(hop.where == name for hop in journey.hops)):
                return which, journey
    return None


def _parting(first: Journey, second: Journey) -> tuple[float, str]:
    """The moment (of the later run) and the place at which two paths of an event part."""
    for old, new in zip_longest(first.hops, second.hops):
        if new is None:
            last = second.hops[-1]
            return last.at_s, last.where
        if old is None or (old.what, old.where) != (new.what, new.where):
            return new.at_s, new.where
    return second.hops[-1].at_s, second.hops[-1].where


def _fared(journey: Journey) -> str:
    why = next((hop for hop in reversed(journey.hops) if hop.what in _ENDS.get(journey.outcome, ())), None)
    said = _FARED.get(journey.outcome, journey.outcome)
    return f"{said} ({why.what} at {why.where}, {render_clock(why.at_s)})" if why is not None else said


_ENDS: dict[str, tuple[str, ...]] = {
    "failed": ("timed-out", "refused", "failed"),
    "lost": ("lost", "dropped", "dead-lettered", "rolled-back", "failed"),
    "duplicate": ("repeated",),
}


def _places(journey: Journey) -> str:
    applied = _fate(journey)[1]
    return " and ".join(f"at {place}{f' {count} times' if count > 1 else ''}" for place, count in applied) or "nowhere"


def _took(journey: Journey) -> str:
    return render_ms(_time_ms(journey))


def _time_ms(journey: Journey) -> float:
    """From the request to the last thing that a client or the world sees of it."""
    seen = [hop.at_s for hop in journey.hops if hop.what in ("applied", "answered", "confirmed")]
    return (max(seen, default=journey.hops[-1].at_s) - journey.hops[0].at_s) * 1000


def _took_other_time(first: Journey, second: Journey) -> bool:
    old, new = _time_ms(first), _time_ms(second)
    return abs(new - old) > max(_NOTICEABLE_MS, _NOTICEABLE_SHARE * max(old, new))


def _first_on_tracks(old: Timeline, new: Timeline) -> tuple[float, str, str] | None:
    """The first step at which clients have seen, or places have done, more that is bad in one run than in the other."""
    found: list[tuple[float, str, str]] = []
    for name in (name for name in new.clients if name in old.clients):
        step = _first_difference(old.clients[name].failed, new.clients[name].failed)
        if step is not None:
            counts = old.clients[name].failed[step : step + 1], new.clients[name].failed[step : step + 1]
            found.append((step * new.step_s, name, _counted(f"failures of {name}", *counts)))
    for key in (key for key in new.effects if key in old.effects):
        place, _, event = key.rpartition("/")
        step = _first_difference(old.effects[key].duplicates, new.effects[key].duplicates)
        if step is not None:
            counts = old.effects[key].duplicates[step : step + 1], new.effects[key].duplicates[step : step + 1]
            found.append((step * new.step_s, place, _counted(f"{event} applied again at {place}", *counts)))
    return min(found, default=None) if old.step_s == new.step_s else None


def _first_difference(old: Sequence[int], new: Sequence[int]) -> int | None:
    return next((step for step, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)


def _counted(what: str, old: Sequence[int], new: Sequence[int]) -> str:
    return f"{what}, {render_number(sum(old))} before and {render_number(sum(new))} now"


def _followed(parted: Sequence[tuple[Journey, Journey]], both: int, at_s: float, old: Timeline, new: Timeline) -> Iterator[str]:
    """What came after the parting: the other events, what clients and places counted from then on, the moments of one run only."""
    if both and parted:
        turns = Counter((first.outcome, second.outcome) for first, second in parted if first.outcome != second.outcome)
        told = "; ".join(f"{render_number(count)} from {a} to {b}" for (a, b), count in turns.most_common(3))
        yield f"Of {plural(both, 'event')} followed in both runs {render_number(len(parted))} fared differently" + (
            f": {told}." if told else "."
        )
    for name in (name for name in new.clients if name in old.clients):
        yield from _change(f"failures that {name} saw", old.clients[name].failed, new.clients[name].failed, old.step_s, new.step_s, at_s)
    for key in (key for key in new.effects if key in old.effects):
        place, _, event = key.rpartition("/")
        before, after = old.effects[key], new.effects[key]
        yield from _change(f"{event} applied at {place}", before.applied, after.applied, old.step_s, new.step_s, at_s)
        yield from _change(f"{event} applied again at {place}", before.duplicates, after.duplicates, old.step_s, new.step_s, at_s)
    for name in (name for name in new.components if name in old.components):
        highest = max(old.components[name].depth, default=0), max(new.components[name].depth, default=0)
        if max(highest) >= 5 and max(highest) >= 2 * min(highest):
            yield f"Most waiting at {name}: {render_number(highest[0])} before, {render_number(highest[1])} now."
    yield from _moments(old.marks, new.marks, at_s)


def _change(what: str, old: Sequence[int], new: Sequence[int], old_step_s: float, new_step_s: float, at_s: float) -> Iterator[str]:
    counts = sum(old[int(at_s / old_step_s) :]), sum(new[int(at_s / new_step_s) :])
    if counts[0] != counts[1]:
        yield f"From then on {what}: {render_number(counts[0])} before, {render_number(counts[1])} now."


def _moments(old: Sequence[Mark], new: Sequence[Mark], at_s: float) -> Iterator[str]:
    """Moments of a kind and place that only one of the runs has; scheduled faults are in both and say nothing."""
    here = {(mark.kind, mark.target) for mark in new}
    there = {(mark.kind, mark.target) for mark in old}
    for which, marks, other in (("Only before", old, here), ("Only now", new, there)):
        told: set[tuple[str, str]] = set()
        for mark in marks:
            key = (mark.kind, mark.target)
            if key in other or key in told or mark.kind.startswith("fault") or mark.at_s < at_s:
                continue
            told.add(key)
            target = f" at {mark.target}" if mark.target else ""
            yield f"{which}: {mark.kind.replace('-', ' ')}{target}, {render_clock(mark.at_s)}."
