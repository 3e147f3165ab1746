"""Where the time went: for each step and part, how much waits, and what it waits for.

By Little's law the sum of what waits over time is the sum of the delays, so shares of it are shares of the delay.
"""

from __future__ import annotations

import dataclasses

from tutor.judge.diagnosis.case import Case
from tutor.judge.diagnosis.symptom import Symptom
from tutor.judge.diagnosis.tracks import at
from tutor.judge.diagnosis.ways import SYNCHRONOUS

DOWN = "down"  # what should work stands still
BLOCKED = "blocked"  # its workers are held by someone they wait for
BUSY = "busy"  # its workers all do their own work
DRAINING = "draining"  # as busy, but what waits is left from when it stood still, and gets less
FREE = "free"  # it has free workers, and yet work waits


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


class Waiting:
    """The waits of one case, for each part worked out once."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._states: dict[str, list[tuple[str, str]]] = {}
        self._waits: dict[str, list[Wait]] = {}
        self._draining: dict[tuple[str, str], frozenset[int]] = {}

    def near(self, symptom: Symptom) -> list[Wait]:
        """Every wait that can have a hand in a symptom, longest first."""
        found = []
        places = set(self.case.places(symptom))
        for name in self.case.near(symptom):
            for wait in self._left(name) if _is_of_the_end(symptom) else self.at(name):
                # of a channel's readers only those on the way to the symptom count
                if self.case.ways.is_channel(name) and places and wait.by not in self.case.near(symptom):
                    continue
                found.append(wait)
        return sorted(found, key=lambda wait: -wait.seconds)

    def _left(self, name: str) -> list[Wait]:
        """What is left at a part at the end, as a wait of that many seconds; dealt to the reasons that made it wait before."""
        track = self.case.track(name)
        left = track.depth[-1] if track is not None and track.depth else 0
        waits = self.at(name)
        total = sum(wait.seconds for wait in waits)
        return [dataclasses.replace(wait, seconds=left * wait.seconds / total) for wait in waits] if left and total else []

    def total(self, symptom: Symptom) -> float:
        """All that waited near a symptom, in pieces of work times seconds."""
        return sum(wait.seconds for wait in self.near(symptom))

    def at(self, name: str) -> list[Wait]:
        """What waited at one part, by reason, longest first."""
        if name not in self._waits:
            self._waits[name] = self._find(name)
        return self._waits[name]

    def states(self, name: str) -> list[tuple[str, str]]:
        """For each step, what a part did, and the ref of the wire that held it where it was blocked."""
        if name not in self._states:
            self._states[name] = self._find_states(name)
        return self._states[name]

    def share(self, name: str, state: str) -> float:
        """The share of the run's steps that a part spent in a state."""
        states = self.states(name)
        return sum(1 for one, _ in states if one == state) / len(states) if states else 0.0

    def root(self, name: str, step: int) -> tuple[str, str]:
        """The end of a chain of waits that begins at ``name``: who, and what it does."""
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
        if track is None:
            return []
        takers = self._takers(name)
        found: dict[tuple[str, str, str, str], Wait] = {}
        step_s = self.case.step_s
        for step, depth in enumerate(track.depth):
            if depth <= 0:
                continue
            for taker in takers:
                state, ref = at(self.states(taker), step, (FREE, ""))
                if taker != name and at(self.case.down(name), step, False):
                    taker_now, state, ref = name, DOWN, ""
                else:
                    taker_now = taker
                if state == BUSY and step in self.draining(name, taker):
                    state = DRAINING
                root, root_state = self.root(taker, step) if state == BLOCKED else ("", "")
                key = (taker_now, state, ref, root + root_state)
                wait = found.get(key)
                moment = self.case.moment(step)
                if wait is None:
                    wait = found[key] = Wait(name, taker_now, state, ref, root, root_state, from_s=moment)
                wait.seconds += depth * step_s / len(takers)
                wait.to_s = moment + step_s
                if depth > wait.peak:
                    wait.peak, wait.peak_s = depth, moment
        return sorted(found.values(), key=lambda wait: -wait.seconds)

    def draining(self, name: str, taker: str) -> frozenset[int]:
        """The steps in which what waits at ``name`` is left over from an outage, and shrinks."""
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
        for _, end in (*self.case.outages(taker), *(self.case.outages(name) if name != taker else ())):
            first = self.case.step_at(end)
            left = at(track.depth, first, 0)
            if left <= 2 or at(track.depth, max(last, first), 0) >= left:
                continue
            for step in range(first, len(track.depth)):
                if track.depth[step] <= max(1, left * 0.02):
                    break
                found.add(step)
        return found

    def _takers(self, name: str) -> list[str]:
        if self.case.ways.is_channel(name):
            return list(dict.fromkeys(wire.target for wire in self.case.ways.subscribers(name))) or [name]
        return [name]

    def _find_states(self, name: str) -> list[tuple[str, str]]:
        track = self.case.track(name)
        if track is not None and self.case.ways.is_channel(name):
            # what a channel has handed out is its readers' work, not its own
            return [(DOWN if is_down else FREE, "") for is_down in self.case.down(name)]
        if track is None:
            return []
        down = self.case.down(name)
        held = []
        for wire in self.case.ways.out(name, *SYNCHRONOUS, "publish"):
            wire_track = self.case.wire_track(wire.ref)
            if wire_track is not None:
                held.append((wire.ref, wire_track.waiting))
        found = []
        for step, busy in enumerate(track.busy):
            if at(down, step, False):
                found.append((DOWN, ""))
                continue
            capacity = at(track.capacity, step, 0)
            if not capacity or busy < capacity:
                found.append((FREE, ""))
                continue
            waits = [(at(waiting, step, 0), ref) for ref, waiting in held]
            blocked = sum(count for count, _ in waits)
            if blocked * 2 > busy:
                found.append((BLOCKED, max(waits)[1]))
            else:
                found.append((BUSY, ""))
        return found


def _is_of_the_end(symptom: Symptom) -> bool:
    """Whether a symptom is about what is left when the run is over, and not about what waited meanwhile."""
    return symptom.metric.endswith(("/pending", "/queue/end"))
