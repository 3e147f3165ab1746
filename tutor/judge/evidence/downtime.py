"""The downtime of parts: step by step by the timeline, and in spans with the moments that its marks know
better.
"""

from __future__ import annotations

import functools
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.judge.evidence.run import RunEvidence, Span


class Downtime:
    """The outages of one case, worked out once for each part."""

    def __init__(self, case: RunEvidence) -> None:
        self.case = case
        self._down: dict[str, list[bool]] = {}
        self._outages: dict[str, list[Span]] = {}

    def down(self, name: str) -> list[bool]:
        """Returns for each step whether a component is down: none of it is up, or it hangs."""
        if name not in self._down:
            self._down[name] = self._find_down(name)
        return self._down[name]

    def _find_down(self, name: str) -> list[bool]:
        if not self.case.timeline:
            return []
        steps = self.case.timeline.steps
        found = [False] * steps
        track = self.case.track(name)
        if track is not None:
            joins = self.case.joins_s(name)
            if min(track.up, default=1) <= 0:
                found = [
                    up <= 0 and step * self.case.timeline.step_s >= joins
                    for step, up in enumerate(track.up[:steps])
                ]
            hung = track.extra.get("hung", ())
            if max(hung, default=0) > 0:
                # both are shares of the same replicas: where all that are up hang, nothing of it works
                found = [
                    bool(was or hangs >= up > 0)
                    for was, hangs, up in zip_longest(found, hung[:steps], track.up[:steps], fillvalue=0)
                ]
        found += [False] * (steps - len(found))
        for fault in self.case.faults_of(name, "hang"):
            if fault.replica is None or self.case.replicas(name) == 1:
                for start, end in self.case.spans(fault):
                    for step in range(self.case.step_at(start), min(steps, self.case.step_at(end) + 1)):
                        found[step] = True
        return found

    def outages(self, name: str) -> list[Span]:
        """Returns when a component was down, by the timeline."""
        if name not in self._outages:
            self._outages[name] = self._find_outages(name)
        return self._outages[name]

    def _find_outages(self, name: str) -> list[Span]:
        found: list[Span] = []
        down = [*self.down(name), False]
        end = 0
        while True in down[end:]:
            start = down.index(True, end)
            end = down.index(False, start)
            found.append((self._told(name, "fault", start), self._told(name, "fault-over", end)))
        return found

    def _told(self, name: str, kind: str, step: int) -> float:
        """Returns the moment of a mark of this kind at a component in the step before or after; else the
        beginning of the step.
        """
        moment = self.case.moment(step)
        near = [
            at_s for at_s in self._marks.get((kind, name), ()) if abs(at_s - moment) <= self.case.step_s * 1.5
        ]
        return min(near, key=lambda at_s: abs(at_s - moment), default=moment)

    @functools.cached_property
    def _marks(self) -> dict[tuple[str, str], list[float]]:
        found: dict[tuple[str, str], list[float]] = {}
        for mark in self.case.timeline.marks if self.case.timeline else ():
            found.setdefault((mark.kind, mark.target), []).append(mark.at_s)
        return found
