"""Two runs of the same traffic with an edit between them: the first event that fared differently, and the
consequences.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from tutor.judge.words import called
from tutor.model.report import Outcome
from tutor.model.timeline import OUTCOMES, Journey, Mark, Timeline
from tutor.words import say, sentence
from tutor.words.happenings import detail_words, hop_words, outcome_words

_ORDER = "".join(OUTCOMES)
"""The letters of all ends of an event, worst first."""

Both = tuple[Journey, Journey]
"""One event in the earlier and in the later run."""

_NOTICEABLE_MS = 1.0
"""Shorter differences of a time are no difference that a learner could act on."""
_NOTICEABLE_SHARE = 0.1
"""Smaller shares of a time are none either."""


@dataclasses.dataclass(frozen=True, slots=True)
class Divergence:
    """The place where two runs diverge."""

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
        """The whole divergence as lines of text."""
        return [self.what, *(f"  {line}" for line in self.followed)]

    def plain(self) -> dict[str, Any]:
        """Returns the divergence as JSON data."""
        return dataclasses.asdict(self)


def find_divergence(
    before: Outcome, after: Outcome, names: Mapping[str, str] | None = None
) -> Divergence | None:
    """Finds where two runs of the same traffic diverge; None if they do not, or either has no timeline.

    All events count, not only those that were followed: the first that fared worse or better is named, losses
    before repeats and those before what is late. Where every event ended alike, it is the first followed one
    that took noticeably more or less time; where no event tells, the tracks of clients, effects and wires
    tell the moment. ``names`` are the screen's names of components, by id.
    """
    if before.timeline is None or after.timeline is None:
        return None
    return _Runs(before.timeline, after.timeline, names or {}).parting()


class _Runs:
    """Two timelines of the same traffic, and the sentences about their difference."""

    def __init__(self, old: Timeline, new: Timeline, names: Mapping[str, str]) -> None:
        self.old = old
        self.new = new
        self.names = names
        known = {journey.event_id: journey for journey in old.journeys if journey.hops}
        self.both = [(known[one.event_id], one) for one in new.journeys if one.hops and one.event_id in known]
        self.both.sort(key=lambda pair: (pair[1].hops[0].at_s, pair[1].event_id))

    def name(self, place: str) -> str:
        """Returns the screen's name of a part, a wire, or several parts joined by ``+``."""
        return called(place, self.names)

    def parting(self) -> Divergence | None:
        """Returns the divergence of the two runs, if there is one."""
        turned = self._turned()
        if turned is not None:
            return turned
        ended = [pair for pair in self.both if _fate(pair[0]) != _fate(pair[1])]
        on_track = self._first_on_tracks()
        if ended and (on_track is None or _parting(*ended[0])[0] <= on_track[0] + self.new.step_s):
            return self._by_event(ended)
        if on_track is not None:
            return self._by_track(on_track, ended)
        timed = [pair for pair in self.both if _took_other_time(*pair)]
        if timed:
            return self._by_event(timed)
        on_wire = self._first_on_wires()
        return self._by_track(on_wire, []) if on_wire is not None else None

    def _turned(self) -> Divergence | None:
        """Finds the first event, of all that both runs made, that ended worse or better; the gravest kind of
        difference first.
        """
        turns: list[tuple[int, float, str, str, str]] = []
        for source in (source for source in self.new.fates if source in self.old.fates):
            old, new = self.old.fates[source], self.new.fates[source]
            if old.made_s != new.made_s:
                continue  # not the same traffic
            for number, (before, after) in enumerate(zip(old.outcomes, new.outcomes, strict=True)):
                if before != after:
                    kind = min(_ORDER.index(before), _ORDER.index(after))
                    turns.append(
                        (kind, new.made_s[number], f"{source}/{number}", OUTCOMES[before], OUTCOMES[after])
                    )
        if not turns:
            return None
        _, made_s, event, before, after = min(turns)
        followed = next((pair for pair in self.both if pair[1].event_id == event), None)
        at_s, where = _parting(*followed) if followed else (made_s, "")
        if followed is not None:
            told = self._fared(followed[0], self.old), self._fared(followed[1], self.new)
        else:
            told = _fared(before), _fared(after)
        what = say("divergence.first", event=event, made=made_s, before=told[0], now=told[1])
        if where:
            what = f"{what} {say('divergence.parted', part=self.name(where), at=at_s)}"
        counts = Counter((one[3], one[4]) for one in turns)
        made = sum(len(one.outcomes) for one in self.new.fates.values())
        rows = [say("divergence.of-all", count=len(turns), all=made)]
        rows += [
            say("divergence.turn", count=count, before=outcome_words(old_end), now=outcome_words(new_end))
            for (old_end, new_end), count in counts.most_common(3)
        ]
        return Divergence(at_s, event, what, (*rows, *self._changes(at_s)), where)

    def _by_event(self, parted: Sequence[Both]) -> Divergence:
        first, second = parted[0]
        at_s, where = _parting(first, second)
        event, made = second.event_id, second.hops[0].at_s
        if first.outcome != second.outcome:
            ends = self._fared(first, self.old), self._fared(second, self.new)
            what = say("divergence.first", event=event, made=made, before=ends[0], now=ends[1])
        elif _fate(first) != _fate(second):
            places = self._places(first), self._places(second)
            what = say("divergence.first-places", event=event, made=made, before=places[0], now=places[1])
        else:
            took = _slower(first, second)
            what = say("divergence.first-time", event=event, made=made, before=took[0], now=took[1])
        if where:
            what = f"{what} {say('divergence.parted', part=self.name(where), at=at_s)}"
        return Divergence(at_s, second.event_id, what, tuple(self._followed(parted, at_s)), where)

    def _by_track(self, on_track: tuple[float, str, str], ended: Sequence[Both]) -> Divergence:
        at_s, name, what = on_track
        near = self._near(at_s, name)
        if near is not None:
            which, journey, timeline = near
            fared = self._fared(journey, timeline)
            what = f"{what} {say(f'divergence.near-{which}', event=journey.event_id, fared=fared)}"
        return Divergence(
            at_s, near[1].event_id if near is not None else "", what, tuple(self._followed(ended, at_s)), name
        )

    def _near(self, at_s: float, name: str) -> tuple[str, Journey, Timeline] | None:
        """Finds a followed event that ended badly in one of the runs in the step in which they diverge, and
        says in which run.
        """
        for which, timeline in (("before", self.old), ("now", self.new)):
            for journey in timeline.journeys:
                inside = [hop for hop in journey.hops if at_s <= hop.at_s < at_s + timeline.step_s]
                if (
                    journey.outcome != "ok"
                    and inside
                    and (journey.client == name or any(hop.where == name for hop in journey.hops))
                ):
                    return which, journey, timeline
        return None

    def _fared(self, journey: Journey, timeline: Timeline) -> str:
        """Describes the fate of an event, with the hop that decided it; for one that just vanished, where it
        never came and was last seen.
        """
        fared = _fared(journey.outcome)
        why = next(
            (hop for hop in reversed(journey.hops) if hop.what in _ENDS.get(journey.outcome, ())), None
        )
        if why is not None:
            return say(
                "divergence.fared-at",
                fared=fared,
                hop=hop_words(why.what),
                part=self.name(why.where),
                at=why.at_s,
            )
        if journey.outcome not in ("lost", "pending", "unanswered"):
            return fared
        reached = {hop.where for hop in journey.hops if hop.what in ("applied", "repeated")}
        places = [
            key.rpartition("/")[0] for key in timeline.effects if key.rpartition("/")[2] == journey.type
        ]
        missed = [self.name(place) for place in places if not reached & set(place.split("+"))]
        last = journey.hops[-1]
        seen = {"hop": hop_words(last.what), "part": self.name(last.where), "at": last.at_s}
        if missed:
            return say("divergence.fared-missed", fared=fared, missed=missed, **seen)
        return say("divergence.fared-last", fared=fared, **seen)

    def _places(self, journey: Journey) -> list[str]:
        applied = _fate(journey)[1]
        return [say("divergence.place", part=self.name(place), count=count) for place, count in applied] or [
            say("divergence.nowhere")
        ]

    def _first_on_tracks(self) -> tuple[float, str, str] | None:
        """Finds the first step at which clients have seen, or places have done, more that is bad in one run
        than in the other.
        """
        old, new = self.old, self.new
        found: list[tuple[float, str, str]] = []
        for name in (name for name in new.clients if name in old.clients):
            found += self._parts(
                old.clients[name].failed, new.clients[name].failed, name, "failures", part=self.name(name)
            )
        for key in (key for key in new.effects if key in old.effects):
            place, _, event = key.rpartition("/")
            repeats = old.effects[key].duplicates, new.effects[key].duplicates
            found += self._parts(*repeats, place, "again", event=event, part=self.name(place))
        return min(found, default=None)

    def _first_on_wires(self) -> tuple[float, str, str] | None:
        """Finds the first step at which a wire that both have carried more in one run than in the other."""
        old, new = self.old.wires, self.new.wires
        found: list[tuple[float, str, str]] = []
        for ref in (ref for ref in new if ref in old):
            source = ref.partition("->")[0]
            found += self._parts(old[ref].sent, new[ref].sent, source, "wire", wire=self.name(ref))
        return min(found, default=None)

    def _parts(
        self, old: Sequence[int], new: Sequence[int], name: str, track: str, **named: str
    ) -> Iterator[tuple[float, str, str]]:
        """Yields the first step in which two tracks differ: its moment, the part it is about, and the
        sentence for it.
        """
        if self.old.step_s != self.new.step_s:
            return
        for step, (before, after) in enumerate(zip(old, new, strict=False)):
            if before != after:
                at_s = step * self.new.step_s
                said = say(f"divergence.track.{track}", at=at_s, before=before, now=after, **named)
                yield at_s, name, said
                return

    def _followed(self, parted: Sequence[Both], at_s: float) -> Iterator[str]:
        """Yields what came after the divergence: the other events, the counts of clients and places from then
        on, the moments of one run only.
        """
        if self.both and parted:
            turns = Counter(
                (first.outcome, second.outcome) for first, second in parted if first.outcome != second.outcome
            )
            yield say("divergence.of-both", all=len(self.both), count=len(parted))
            for (before, after), count in turns.most_common(3):
                yield say(
                    "divergence.turn",
                    count=count,
                    before=outcome_words(before),
                    now=outcome_words(after),
                )
        yield from self._changes(at_s)

    def _changes(self, at_s: float) -> Iterator[str]:
        """Yields the changes from a moment on: counts of clients and places, the longest lines, and the
        moments of one run only.
        """
        old, new = self.old, self.new
        for name in (name for name in new.clients if name in old.clients):
            failed = old.clients[name].failed, new.clients[name].failed
            yield from self._change("failures", *failed, at_s, part=self.name(name))
        for key in (key for key in new.effects if key in old.effects):
            place, _, event = key.rpartition("/")
            where = self.name(place)
            before, after = old.effects[key], new.effects[key]
            yield from self._change("applied", before.applied, after.applied, at_s, event=event, part=where)
            yield from self._change(
                "again", before.duplicates, after.duplicates, at_s, event=event, part=where
            )
        for name in (name for name in new.components if name in old.components):
            highest = max(old.components[name].depth, default=0), max(new.components[name].depth, default=0)
            if max(highest) >= 5 and max(highest) >= 2 * min(highest):
                yield say("divergence.since.waiting", part=self.name(name), before=highest[0], now=highest[1])
        yield from self._moments(at_s)

    def _change(
        self, track: str, old: Sequence[int], new: Sequence[int], at_s: float, **named: str
    ) -> Iterator[str]:
        counts = sum(old[int(at_s / self.old.step_s) :]), sum(new[int(at_s / self.new.step_s) :])
        if counts[0] != counts[1]:
            yield say(f"divergence.since.{track}", before=counts[0], now=counts[1], **named)

    def _moments(self, at_s: float) -> Iterator[str]:
        """Yields moments of a kind and place that only one of the runs has; scheduled faults are in both and
        say nothing.
        """
        here = {(mark.kind, mark.target) for mark in self.new.marks}
        there = {(mark.kind, mark.target) for mark in self.old.marks}
        for which, marks, other in (
            ("before", self.old.marks, here),
            ("now", self.new.marks, there),
        ):
            told: set[tuple[str, str]] = set()
            for mark in marks:
                key = (mark.kind, mark.target)
                if key in other or key in told or mark.kind.startswith("fault") or mark.at_s < at_s:
                    continue
                told.add(key)
                said = _mark(mark)
                if mark.target:
                    part = self.name(mark.target)
                    yield say(f"divergence.only-{which}.mark-at", mark=said, part=part, at=mark.at_s)
                else:
                    yield say(f"divergence.only-{which}.mark", mark=said, at=mark.at_s)


_ENDS: dict[str, tuple[str, ...]] = {
    "failed": ("timed-out", "refused", "failed"),
    "lost": ("lost", "dropped", "dead-lettered", "rolled-back", "failed"),
    "duplicate": ("repeated",),
}
"""By how an event ended, the hops that decide it."""


def _fared(outcome: str) -> str:
    """Describes the fate of an event with this outcome."""
    return say(f"divergence.fared.{outcome}")


def _mark(mark: Mark) -> str:
    """Describes a mark of the timeline, without its place and moment."""
    try:
        found = sentence(f"playback.marks.{mark.kind}")
    except KeyError:
        found = sentence("playback.marks.unknown")
    return found.fill({"what": detail_words(mark.what), "kind": mark.kind.replace("-", " ")})


def _fate(journey: Journey) -> tuple[str, tuple[tuple[str, int], ...]]:
    """Returns how an event ended, and how often it took effect where."""
    applied = Counter(hop.where for hop in journey.hops if hop.what in ("applied", "repeated"))
    return journey.outcome, tuple(sorted(applied.items()))


def _parting(first: Journey, second: Journey) -> tuple[float, str]:
    """Returns the moment (of the later run) and the place at which two paths of an event diverge."""
    for old, new in zip_longest(first.hops, second.hops):
        if new is None:
            last = second.hops[-1]
            return last.at_s, last.where
        if old is None or (old.what, old.where) != (new.what, new.where):
            return new.at_s, new.where
    return second.hops[-1].at_s, second.hops[-1].where


def _times_ms(journey: Journey) -> tuple[float, float]:
    """Returns the times from the request until its client knows, and until the last trace of it, in
    milliseconds.
    """
    began = journey.hops[0].at_s
    known = next((hop.at_s for hop in journey.hops if hop.what in ("answered", "confirmed")), began)
    seen = max(
        (hop.at_s for hop in journey.hops if hop.what in ("applied", "answered", "confirmed")),
        default=journey.hops[-1].at_s,
    )
    return (known - began) * 1000, (seen - began) * 1000


def _slower(first: Journey, second: Journey) -> tuple[float, float]:
    """Returns the one of an event's two times that differs more, before and after."""
    return max(zip(_times_ms(first), _times_ms(second), strict=True), key=lambda pair: abs(pair[1] - pair[0]))


def _took_other_time(first: Journey, second: Journey) -> bool:
    old, new = _slower(first, second)
    return abs(new - old) > max(_NOTICEABLE_MS, _NOTICEABLE_SHARE * max(old, new))
