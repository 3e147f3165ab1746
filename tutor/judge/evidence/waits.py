"""Waits: how much work waits at each part in each step, and for what.

By Little's law the sum of what waits over time is the sum of the delays, so shares of it are shares of the
delay.
"""

from __future__ import annotations

import bisect
import dataclasses
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from tutor.judge.evidence.paths import SYNCHRONOUS
from tutor.judge.evidence.series import at, of_partitions
from tutor.judge.evidence.symptom import Symptom
from tutor.model.wire import Publish

if TYPE_CHECKING:
    from tutor.judge.evidence.run import RunEvidence


DOWN = "down"  # what should work is down
BLOCKED = "blocked"  # its workers are held by someone they wait for
BUSY = "busy"  # its workers all do their own work
DRAINING = "draining"  # as busy, but what waits is left from when it was down, and gets less
CUT = "cut"  # nothing leads to it: the wire was cut, or removed
FREE = "free"  # it has free workers, and yet work waits

_STANDS = (DOWN, "")
_IDLE = (FREE, "")
_AT_WORK = (BUSY, "")
_LEFT_OVER = (DRAINING, "")
_UNREACHED = (CUT, "")


@dataclasses.dataclass(slots=True)
class Wait:
    """Work that waited at one part, for one reason."""

    at: str
    """The component where it waited."""
    by: str
    """The component that should have taken it."""
    state: str
    """What that one did meanwhile."""
    wire: str = ""
    """Blocked: the ref of the wire that held it."""
    root: str = ""
    """Blocked: the component at the end of the chain of waits."""
    root_state: str = ""
    """What that one did."""
    seconds: float = 0.0
    """How much waited: pieces of work times seconds."""
    peak: int = 0
    """The most that waited."""
    peak_s: float = 0.0
    """When."""
    from_s: float = 0.0
    """When it began."""
    to_s: float = 0.0
    """When it was last seen."""


class Waits:
    """The waits of one case, worked out once for each part."""

    def __init__(self, case: RunEvidence) -> None:
        self.case = case
        self._states: dict[str, list[tuple[str, str]]] = {}
        self._waits: dict[str, list[Wait]] = {}
        self._draining: dict[tuple[str, str], frozenset[int]] = {}
        self._steps: dict[tuple[str, str], list[int]] = {}
        self._near: dict[tuple[str, str, bool, bool], list[Wait]] = {}

    def near(self, symptom: Symptom) -> list[Wait]:
        """Returns every wait that can have a hand in a symptom, longest first."""
        key = (symptom.kind, symptom.place, _is_of_the_end(symptom), _is_of_one_line(symptom))
        if key not in self._near:
            self._near[key] = sorted(self._find_near(symptom), key=lambda wait: -wait.seconds)
        return self._near[key]

    def _find_near(self, symptom: Symptom) -> Iterator[Wait]:
        near = self.case.near(symptom)
        # what waits at one part is not what waits before or behind it
        lines = self.case.places(symptom) if _is_of_one_line(symptom) else near
        bound = bool(self.case.places(symptom))
        for name in lines:
            # of a channel's readers only those on the way to the symptom count
            theirs = bound and self.case.paths.is_channel(name)
            for wait in self._left(name) if _is_of_the_end(symptom) else self.at(name):
                if not theirs or wait.by in near:
                    yield wait

    def here(self, symptom: Symptom, name: str) -> list[Wait]:
        """Returns the waits at one part that can have a hand in a symptom, in the symptom's own measure: over
        time, or what is left at the end.
        """
        return [wait for wait in self.near(symptom) if wait.at == name]

    def idle_s(self, symptom: Symptom, channel: str, reader: str) -> float:
        """Returns how long work waited at a channel while its reader had free workers, in the symptom's own
        measure.
        """
        waits = self.here(symptom, channel)
        return sum(wait.seconds for wait in waits if wait.state == FREE and wait.by == reader)

    def _left(self, name: str) -> list[Wait]:
        """Returns the work left at a part at the end, as a wait of that many seconds, dealt to the reasons
        that made it wait before.
        """
        track = self.case.track(name)
        left = track.depth[-1] if track is not None and track.depth else 0
        if track is not None and self.case.stream(name) is not None:
            # what a member has fetched and not committed is unread as well
            left = max(left, round(sum(values[-1] for values in of_partitions(track, "lag").values())))
        waits = self.at(name)
        total = sum(wait.seconds for wait in waits)
        return (
            [dataclasses.replace(wait, seconds=left * wait.seconds / total) for wait in waits]
            if left and total
            else []
        )

    def total(self, symptom: Symptom) -> float:
        """Returns all waiting near a symptom, in pieces of work times seconds."""
        return sum(wait.seconds for wait in self.near(symptom))

    def at(self, name: str) -> list[Wait]:
        """Returns the waits at one part, by reason, longest first."""
        if name not in self._waits:
            self._waits[name] = self._find(name)
        return self._waits[name]

    def states(self, name: str) -> list[tuple[str, str]]:
        """Returns the state of a part in each step, and the ref of the wire that held it while it was
        blocked.
        """
        if name not in self._states:
            self._states[name] = self._find_states(name)
        return self._states[name]

    def last(self, name: str, state: str, step: int) -> int:
        """Returns the last step, up to this one, in which a part was blocked, busy, or draining its own line;
        -1 if there is none.
        """
        if (name, state) not in self._steps:
            draining = self.draining(name, name)
            if state == DRAINING and not draining:
                found = []
            else:
                wanted = BUSY if state == DRAINING else state
                found = [place for place, (one, _) in enumerate(self.states(name)) if one == wanted]
                if draining and wanted == BUSY:
                    found = [place for place in found if (place in draining) == (state == DRAINING)]
            self._steps[name, state] = found
        steps = self._steps[name, state]
        place = bisect.bisect_right(steps, step)
        return steps[place - 1] if place else -1

    def share(self, name: str, state: str) -> float:
        """Returns the share of the run's steps that a part spent in a state."""
        states = self.states(name)
        return [one for one, _ in states].count(state) / len(states) if states else 0.0

    def root(self, name: str, step: int) -> tuple[str, str]:
        """Returns the end of a chain of waits that begins at ``name``: the part, and its state."""
        seen = {name}
        while True:
            state, ref = at(self.states(name), step, (FREE, ""))
            wire = self.case.design.wire(ref) if state == BLOCKED else None
            if wire is None or wire.target in seen:
                return name, state
            name = wire.target
            seen.add(name)

    def _find(self, name: str) -> list[Wait]:
        track = self.case.track(name)
        filled = (
            [(step, depth) for step, depth in enumerate(track.depth) if depth > 0]
            if track is not None
            else []
        )
        if not filled:
            return []
        takers = self._takers(name)
        found: dict[tuple[str, str, str, str], Wait] = {}
        for taker in takers:
            self._deal(name, taker, filled, found)
        for wait in found.values():
            wait.seconds *= self.case.step_s / len(takers)
        return sorted(found.values(), key=lambda wait: (-wait.seconds, wait.from_s))

    def _deal(
        self,
        name: str,
        taker: str,
        filled: Sequence[tuple[int, int]],
        found: dict[tuple[str, str, str, str], Wait],
    ) -> None:
        """Deals the work that waited at ``name``, in pieces times steps, to the reasons for which ``taker``
        did not take it.
        """
        states, draining, cut = self.states(taker), self.draining(name, taker), self._cut(name, taker)
        down = self.case.down(name) if taker != name else []
        step_s = self.case.step_s
        away = (DOWN, "")  # told from the taker's own absence by being another object
        before: tuple[str, str] | None = None
        known, marked = len(states), len(down)
        for step, depth in filled:
            reason = away if step < marked and down[step] else states[step] if step < known else _IDLE
            if reason is _AT_WORK and step in draining:
                reason = _LEFT_OVER
            elif step in cut and reason is _IDLE:
                reason = _UNREACHED
            if reason is not before or reason[0] == BLOCKED:
                before = reason
                wait = self._wait(name, name if reason is away else taker, reason, step, found)
            wait.seconds += depth
            wait.to_s = step * step_s + step_s
            if depth > wait.peak:
                wait.peak, wait.peak_s = depth, step * step_s

    def _cut(self, name: str, taker: str) -> set[int]:
        """Returns the steps in which no wire led from a channel to a reader that had one."""
        wires = [wire for wire in self.case.paths.subscribers(name) if wire.target == taker]
        found: list[set[int]] = []
        at_step = self.case.step_at
        for wire in wires if name != taker else ():
            gone_s = self.case.removed_at(wire)
            spans = [*self.case.cuts(wire), *([(gone_s, self.case.end_s)] if gone_s is not None else [])]
            found.append({step for a, b in spans for step in range(at_step(a), at_step(b) + 1)})
        return set.intersection(*found) if found else set()

    def _wait(
        self,
        name: str,
        by: str,
        reason: tuple[str, str],
        step: int,
        found: dict[tuple[str, str, str, str], Wait],
    ) -> Wait:
        """Returns the wait at ``name`` for this reason, begun at this step if it is new."""
        state, ref = reason
        root, root_state = self.root(by, step) if state == BLOCKED else ("", "")
        key = (by, state, ref, root + root_state)
        if key not in found:
            found[key] = Wait(name, by, state, ref, root, root_state, from_s=step * self.case.step_s)
        return found[key]

    def draining(self, name: str, taker: str) -> frozenset[int]:
        """Returns the steps in which the backlog at ``name`` is left over from an outage, and shrinks."""
        key = (name, taker)
        if key not in self._draining:
            self._draining[key] = frozenset(self._find_draining(name, taker))
        return self._draining[key]

    def _find_draining(self, name: str, taker: str) -> set[int]:
        track = self.case.track(name)
        found: set[int] = set()
        if track is None:
            return found
        last = min(len(track.depth), self.case.step_at(self.case.scenario.run.duration_s)) - 1
        for start, end in (*self.case.outages(taker), *(self.case.outages(name) if name != taker else ())):
            first = self.case.step_at(end)
            left = at(track.depth, first, 0)
            if left <= 2 or at(track.depth, max(last, first), 0) >= left:
                continue
            if 2 * self.case.piled_before(name, taker, self.case.step_at(start)) > left:
                continue  # most of it was there before
            for step in range(first, len(track.depth)):
                if track.depth[step] <= max(1, left * 0.02):
                    break
                found.add(step)
        return found

    def _takers(self, name: str) -> list[str]:
        if self.case.paths.is_channel(name):
            return list(dict.fromkeys(wire.target for wire in self.case.paths.subscribers(name))) or [name]
        return [name]

    def _find_states(self, name: str) -> list[tuple[str, str]]:
        track = self.case.track(name)
        if track is not None and self.case.paths.is_channel(name):
            # what a channel has handed out is its readers' work, not its own
            return [_STANDS if is_down else _IDLE for is_down in self.case.down(name)]
        if track is None:
            return []
        lives = zip_longest(track.busy, track.capacity, self.case.down(name), fillvalue=0)
        found = [
            _STANDS if is_down else _AT_WORK if busy >= capacity > 0 else _IDLE
            for busy, capacity, is_down in lives
        ]
        held = []
        for wire in self.case.paths.out(name, *SYNCHRONOUS, Publish):
            wire_track = self.case.wire_track(wire.ref)
            if wire_track is not None and any(wire_track.waiting):
                held.append((wire.ref, wire_track.waiting))
        for step, state in enumerate(found if held else ()):
            if state is _AT_WORK:
                waits = [(at(waiting, step, 0), ref) for ref, waiting in held]
                if sum(count for count, _ in waits) * 2 > at(track.busy, step, 0):
                    found[step] = (BLOCKED, max(waits)[1])
        return found


def _is_of_one_line(symptom: Symptom) -> bool:
    """Returns whether a symptom is about what waits at one component."""
    tokens = symptom.metric.split("/")
    return "component" in tokens and "queue" in tokens


def _is_of_the_end(symptom: Symptom) -> bool:
    """Returns whether a symptom is about the work left when the run is over, and not about waits
    meanwhile.
    """
    return symptom.metric.endswith(("/pending", "/queue/end"))
