"""The state of a run at one moment: every part and wire at a cursor, read from a finished timeline.

Everything here is a function of the timeline and the cursor, so stepping and scrubbing back need nothing of
their own. Times are simulated seconds.
"""

from __future__ import annotations

import dataclasses
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TypeVar

from tutor.model.timeline import ComponentTrack, Timeline, WireTrack

PLAYBACK_S = 25.0
"""How long a whole run takes on screen, which is what the speed of moving events is made for."""

CELLS_PER_S = 24.0
"""How fast an event moves on screen while a run is played at its usual speed."""

NEWS = ("failover", "rebalance", "scale", "evicted", "join", "full")
"""Marks that a part shows for a moment."""

NEWS_S = 1.5
"""For how many seconds on screen it does, at the usual speed."""

BOUNCE_CELLS = 8
"""How far a failed attempt runs back before it is gone."""

T = TypeVar("T")

CLOSED, HALF_OPEN, OPEN = range(3)
"""States of a circuit breaker, as in a wire's track."""


@dataclasses.dataclass(frozen=True, slots=True)
class PartState:
    """One part at the cursor."""

    depth: int = 0
    """What waits."""
    depth_most: int = 0
    """The most that waited in the whole run: full for a bar without a limit."""
    busy: int = 0
    """What is in hand."""
    capacity: int = 0
    """How much can be in hand."""
    up: float = 1.0
    """Share of replicas that are up."""
    failing: bool = False
    """Whether work failed in this step."""
    ok_total: int = 0
    """Clients: answers so far."""
    failed_total: int = 0
    """Failures so far."""
    partitions: tuple[int, ...] = ()
    """Streams: the lag of each partition."""
    partitions_most: int = 0
    """Streams: the largest lag of a partition in the whole run."""
    replicas: int | None = None
    """How many replicas there are, where that changes."""
    in_sync: int | None = None
    """How many copies are in sync, where that is known."""
    dead_letters: int = 0
    """Messages given up so far."""
    diverged: int = 0
    """Copies: keys that differ from the original."""
    hung: float = 0.0
    """The share of its replicas that are up and hang, 0 to 1."""
    faults: tuple[str, ...] = ()
    """Kinds of faults that are on."""
    news: str = ""
    """What has just happened here: ``rebalance``, ``failover``, ``scale``, ...; empty otherwise."""

    @property
    def working(self) -> float:
        """The share of its replicas that are up and don't hang, 0 to 1."""
        return self.up - self.hung

    @property
    def hangs(self) -> bool:
        """True if it is up and every replica that is up hangs."""
        return self.hung >= self.up > 0


@dataclasses.dataclass(frozen=True, slots=True)
class WireState:
    """One wire at the cursor."""

    active: bool = False
    """Whether anything left in this step."""
    failing: int = 0
    """Attempts that ended badly in this step."""
    waiting: int = 0
    """Attempts under way: callers that are held."""
    breaker: int = CLOSED
    """State of its circuit breaker."""
    faults: tuple[str, ...] = ()
    """Kinds of faults that are on."""


class States:
    """A timeline made ready for questions about single moments."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.rate = max(1e-9, timeline.end_s / PLAYBACK_S)
        self._sent = {key: _Bursts(track.sent, timeline.step_s) for key, track in timeline.wires.items()}
        self._failed = {key: _Bursts(track.failed, timeline.step_s) for key, track in timeline.wires.items()}
        self._most = {part: max(track.depth, default=0) for part, track in timeline.components.items()}
        self._bad = {part: list(accumulate(track.failed)) for part, track in timeline.components.items()}
        self._asked = {
            part: (list(accumulate(track.ok)), list(accumulate(track.failed)))
            for part, track in timeline.clients.items()
        }
        self._lags = {part: _lags(track) for part, track in timeline.components.items()}
        self._faults = _fault_windows(timeline)
        self._news: dict[str, list[tuple[float, str]]] = {}
        for mark in timeline.marks:
            if mark.kind in NEWS:
                self._news.setdefault(mark.target, []).append((mark.at_s, mark.kind))

    def step(self, cursor_s: float) -> int:
        """Returns the number of the step that the cursor is in."""
        return min(max(0, int(cursor_s / self.timeline.step_s + 1e-9)), max(0, self.timeline.steps - 1))

    def part(self, part: str, cursor_s: float) -> PartState:
        """Returns the state of a part; an empty one if the timeline does not know it."""
        step = self.step(cursor_s)
        faults = self._on(part, cursor_s)
        if part in self._asked:
            ok, failed = self._asked[part]
            return PartState(ok_total=_at(ok, step, 0), failed_total=_at(failed, step, 0), faults=faults)
        track = self.timeline.components.get(part)
        if track is None:
            return PartState(faults=faults)
        extra = track.extra
        lags, most = self._lags[part]
        return PartState(
            depth=_at(track.depth, step, 0),
            depth_most=self._most[part],
            busy=_at(track.busy, step, 0),
            capacity=_at(track.capacity, step, 0),
            up=_at(track.up, step, 1.0),
            failing=_at(track.failed, step, 0) > 0,
            failed_total=_at(self._bad[part], step, 0),
            partitions=tuple(int(_at(lag, step, 0)) for lag in lags),
            partitions_most=most,
            replicas=_whole(extra, "replicas", step),
            in_sync=_whole(extra, "in_sync", step),
            dead_letters=_whole(extra, "dead_lettered", step) or 0,
            diverged=_whole(extra, "diverged_keys", step) or 0,
            hung=_at(extra.get("hung", ()), step, 0.0),
            faults=faults,
            news=self._news_of(part, cursor_s),
        )

    def wire(self, key: str, cursor_s: float) -> WireState:
        """Returns the state of a wire; an idle one if the timeline does not know it."""
        step = self.step(cursor_s)
        pair = key.partition(":")[0]
        faults = self._on(pair, cursor_s) + self._on(key, cursor_s)
        track: WireTrack | None = self.timeline.wires.get(key)
        if track is None:
            return WireState(faults=faults)
        return WireState(
            active=_at(track.sent, step, 0) > 0,
            failing=_at(track.failed, step, 0),
            waiting=_at(track.waiting, step, 0),
            breaker=_at(track.breaker, step, CLOSED),
            faults=faults,
        )

    def moving(self, key: str, cursor_s: float, length: int) -> tuple[list[int], float]:
        """Returns where events are on a wire of ``length`` cells: their cells, and how many there are for
        each cell.

        An event reaches the end at the moment it was sent, so that what it does there is seen when it comes.
        Where there are more than one for two cells the list is empty: they cannot be told apart.
        """
        bursts = self._sent.get(key)
        if bursts is None or length < 1:
            return [], 0.0
        flight = length / CELLS_PER_S * self.rate
        crowd = bursts.between(cursor_s, cursor_s + flight)
        if crowd > length / 2:
            return [], crowd / length
        moments = bursts.moments(cursor_s, cursor_s + flight)
        return [
            min(length - 1, int((1 - (moment - cursor_s) / flight) * length)) for moment in moments
        ], crowd / length

    def bouncing(self, key: str, cursor_s: float, length: int) -> list[int]:
        """Returns the cells where attempts that ended badly run back from the end of a wire."""
        bursts = self._failed.get(key)
        if bursts is None or length < 1:
            return []
        reach = min(BOUNCE_CELLS, length)
        flight = reach * 2 / CELLS_PER_S * self.rate
        found = {
            int((cursor_s - moment) / flight * reach)
            for moment in bursts.moments(cursor_s - flight, cursor_s, limit=reach * 4)
        }
        return sorted(length - 1 - back for back in found if 0 <= back < reach)

    def _news_of(self, part: str, cursor_s: float) -> str:
        since = cursor_s - NEWS_S * self.rate
        return next(
            (kind for at_s, kind in reversed(self._news.get(part, ())) if since < at_s <= cursor_s), ""
        )

    def _on(self, target: str, cursor_s: float) -> tuple[str, ...]:
        return tuple(
            dict.fromkeys(
                kind for start, end, kind in self._faults.get(target, ()) if start <= cursor_s < end
            )
        )


class _Bursts:
    """Counts by step, ready to report how many fell between two moments; inside a step they are spread
    evenly.
    """

    def __init__(self, counts: Sequence[int], step_s: float) -> None:
        self.step_s = step_s
        self.steps = [index for index, count in enumerate(counts) if count]
        self.counts = [counts[index] for index in self.steps]
        self.totals = [0, *accumulate(self.counts)]

    def _range(self, start: float, end: float) -> tuple[int, int]:
        return bisect_left(self.steps, int(start // self.step_s)), bisect_right(
            self.steps, int(end // self.step_s)
        )

    def between(self, start: float, end: float) -> int:
        """Returns how many there are in the steps from ``start`` to ``end``."""
        low, high = self._range(start, end)
        return self.totals[high] - self.totals[low]

    def moments(self, start: float, end: float, limit: int = 400) -> list[float]:
        """Returns when each of them happened, from ``start`` (included) to ``end``, at most ``limit`` a
        step.
        """
        low, high = self._range(start, end)
        found = []
        for index in range(low, high):
            count = min(self.counts[index], limit)
            base = self.steps[index] * self.step_s
            for number in range(count):
                moment = base + (number + 0.5) / count * self.step_s
                if start <= moment < end:
                    found.append(moment)
        return found


def _at(track: Sequence[T], step: int, default: T) -> T:
    return track[step] if step < len(track) else default


def _whole(extra: Mapping[str, list[float]], name: str, step: int) -> int | None:
    track = extra.get(name)
    return int(track[step]) if track and step < len(track) else None


def _lags(track: ComponentTrack) -> tuple[list[list[float]], int]:
    named = {}
    for name, lag in track.extra.items():
        parts = name.split("/")
        if len(parts) == 3 and parts[0] == "partition" and parts[2] == "lag" and parts[1].isdigit():
            named[int(parts[1])] = lag
    lags = [named[number] for number in sorted(named)]
    return lags, int(max((value for lag in lags for value in lag), default=0))


def _fault_windows(timeline: Timeline) -> dict[str, list[tuple[float, float, str]]]:
    """Returns the faults of each target: which kind, from when to when."""
    found: dict[str, list[tuple[float, float, str]]] = {}
    open_since: dict[tuple[str, str], list[float]] = {}
    for mark in timeline.marks:
        name = (mark.target, mark.what)
        if mark.kind == "fault":
            open_since.setdefault(name, []).append(mark.at_s)
        elif mark.kind == "fault-over" and open_since.get(name):
            found.setdefault(mark.target, []).append((open_since[name].pop(0), mark.at_s, mark.what))
    for (target, what), starts in open_since.items():
        found.setdefault(target, []).extend((start, float("inf"), what) for start in starts)
    return found
