"""The obstacles when clients were told no, or nothing: each step's failures by the state of the part they
waited for.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from tutor.judge.evidence.paths import patience_ms
from tutor.judge.evidence.symptom import Symptom
from tutor.judge.evidence.waits import BLOCKED, BUSY, DOWN, DRAINING, FREE

if TYPE_CHECKING:
    from tutor.judge.evidence.run import RunEvidence


@dataclasses.dataclass(slots=True)
class Failure:
    """The failures of one reason."""

    state: str
    """What the part in the way did: down, blocked, busy or free."""
    by: str
    """The part in the way; empty where none was."""
    wire: str = ""
    """Blocked: the wire that held it."""
    root: str = ""
    """Blocked: the end of the chain of waits."""
    root_state: str = ""
    """What that one did."""
    count: float = 0.0
    """How many failures."""
    from_s: float = 0.0
    """When the first came."""


class Failures:
    """The failures of one case."""

    def __init__(self, case: RunEvidence) -> None:
        self.case = case
        self._found: dict[tuple[str, str], list[Failure]] = {}

    def near(self, symptom: Symptom) -> list[Failure]:
        """Returns the failures that clients saw on the way of a symptom, most frequent first."""
        key = (symptom.place, symptom.window)
        if key not in self._found:
            self._found[key] = self._find(symptom)
        return self._found[key]

    def total(self, symptom: Symptom) -> float:
        """Returns the number of failures."""
        return sum(failure.count for failure in self.near(symptom))

    def _find(self, symptom: Symptom) -> list[Failure]:
        case = self.case
        if case.timeline is None:
            return []
        found: dict[tuple[str, str, str], Failure] = {}
        back = self._patience(symptom)
        for client in case.clients_of(symptom):
            track = case.timeline.clients.get(client)
            passed = case.paths.answering(client)
            if track is None:
                continue
            steps = case.steps(symptom, back * case.step_s)
            for step, failed in enumerate(track.failed[steps.start : steps.stop], steps.start):
                if not failed:
                    continue
                state, by, ref, when = self._in_the_way(passed, step, back)
                root, root_state = case.waits.root(by, when) if state == BLOCKED else ("", "")
                failure = found.setdefault(
                    (state, by, ref), Failure(state, by, ref, root, root_state, from_s=case.moment(step))
                )
                failure.count += failed
            self._add_unanswered(symptom, client, passed, found)
        return sorted(found.values(), key=lambda failure: -failure.count)

    def _add_unanswered(
        self, symptom: Symptom, client: str, passed: list[str], found: dict[tuple[str, str, str], Failure]
    ) -> None:
        """Adds the requests that nobody had answered when the run was over, where a part on the way was down
        then: they have failed as well, and the client never saw it.
        """
        case = self.case
        track = case.timeline.clients.get(client) if case.timeline else None
        if track is None or symptom.window or not case.timeline:
            return
        open_ones = sum(track.requests) - sum(track.ok) - sum(track.failed)
        last = case.timeline.steps - 1
        for name in passed if open_ones > 0 else ():
            if case.outages(name) and case.down(name)[last:] == [True]:
                since = case.outages(name)[-1][0]
                failure = found.setdefault((DOWN, name, ""), Failure(DOWN, name, from_s=since))
                failure.count += open_ones
                return

    def _patience(self, symptom: Symptom) -> int:
        """Returns how many steps before a failure its reason may lie: the longest timeout on the way."""
        longest = 0.0
        names = {*self.case.near(symptom), *self.case.clients_of(symptom)}
        for wire in self.case.design.wires:
            if wire.source in names:
                longest = max(longest, patience_ms(wire) or 0.0)
        return min(60, int(longest / 1000 / self.case.step_s) + 1)

    def _in_the_way(self, passed: list[str], step: int, back: int) -> tuple[str, str, str, int]:
        """Returns the obstacle at a step or not long before: the state of a part on the way, its id, the wire
        that held it, and when.
        """
        first = max(0, step - back)
        for name in passed:
            if self.case.outages(name) and True in self.case.down(name)[first : step + 1]:
                # a part that is down is in the way, but a caller whose workers are all held by it says more
                blocked = self._last(passed, first, step, BLOCKED)
                held = blocked is not None and self.case.waits.root(blocked[1], blocked[3])[0] == name
                return blocked if blocked is not None and held else (DOWN, name, "", step)
        for wanted in (BLOCKED, DRAINING, BUSY):
            found = self._last(passed, first, step, wanted)
            if found is not None:
                return found
        return FREE, "", "", step

    def _last(
        self, passed: list[str], first: int, step: int, wanted: str
    ) -> tuple[str, str, str, int] | None:
        """Returns the first part on the way that was in a state between two steps, and when it was so
        last.
        """
        for name in passed:
            when = self.case.waits.last(name, wanted, step)
            if when >= first:
                return wanted, name, self.case.waits.states(name)[when][1], when
        return None
