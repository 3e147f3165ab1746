"""Patterns over the events of one key: ordered steps with counts, times, absence and a change of group.

Follows SQL:2016 ``MATCH_RECOGNIZE`` and Flink's CEP library: a step takes the next event that fits and passes
over others (``followedBy``), a match ends all other attempts of its key (``SKIP PAST LAST ROW``), and what
did not come in time is known when the watermark has passed that time (``notFollowedBy`` with ``within``).
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count

from tutor.engine.core.events import Event
from tutor.errors import InputError
from tutor.model.clock import micros
from tutor.model.component import Service
from tutor.model.limits import pattern_fault

ATTEMPTS = 64
"""Attempts kept for one key; a further one replaces the oldest, so that a pattern without limits in time has
limits in memory: 64 take 13 kB a key. In the course no key has more than 3 at once.
"""

Matched = Callable[[int, list[Event]], None]
"""Called with the time and the events that matched, in order."""


class OpenMatch:
    """A match that has begun: the step it waits for, and since when."""

    __slots__ = ("alive", "begun", "count", "due", "events", "group", "reached", "step")

    def __init__(self, event: Event) -> None:
        self.alive = True
        self.begun = event.happened
        self.reached = event.happened
        """When the step before was complete (event time)."""
        self.step = 0
        self.count = 0
        self.group = event.group
        self.events: list[Event] = []
        self.due: int | None = None
        """When it is over, or when an absence is certain."""


class Matcher:
    """All attempts of one state, by key, in the order in which events are given to it."""

    def __init__(self, spec: Service, matched: Matched) -> None:
        check(spec)
        self.steps = spec.pattern
        self.types = frozenset(step.event for step in spec.pattern)
        self.limits = [None if step.within_s is None else micros(step.within_s) for step in spec.pattern]
        self.whole = None if spec.window_s is None else micros(spec.window_s)
        self.matched = matched
        self.attempts: dict[int, list[OpenMatch]] = {}
        self.dues: list[tuple[int, int, int, OpenMatch]] = []
        self.serial = count().__next__

    def take(self, now: int, event: Event) -> None:
        """Takes the next event of this state."""
        attempts = self.attempts.get(event.key, [])
        for attempt in attempts:
            if attempt.alive and self._fits(attempt, event):
                self._advance(attempt, event)
                if self._complete(now, event.key, attempt):
                    return
                self._wait(event.key, attempt)
        if event.flow.type == self.steps[0].event:
            attempt = OpenMatch(event)
            self._advance(attempt, event)
            if not self._complete(now, event.key, attempt):
                self._keep(event.key, attempt)

    def pass_time(self, now: int, watermark: int) -> None:
        """Lets event time pass: no event that happened before ``watermark`` will come any more."""
        dues = self.dues
        while dues and dues[0][0] < watermark:
            due, _, key, attempt = heappop(dues)
            if not attempt.alive or attempt.due != due:
                continue
            whole = attempt.begun + self.whole if self.whole is not None else None
            if not self.steps[attempt.step].absent or (
                whole is not None and due == whole and attempt.step + 1 < len(self.steps)
            ):
                self._end(key, attempt)
                continue
            attempt.step += 1
            attempt.reached = due
            if not self._complete(now, key, attempt):
                self._wait(key, attempt)

    def pending(self) -> bool:
        """Returns whether time alone may still change something."""
        return bool(self.dues)

    def _fits(self, attempt: OpenMatch, event: Event) -> bool:
        step = self.steps[attempt.step]
        if event.flow.type != step.event or (attempt.due is not None and event.happened > attempt.due):
            return False
        if step.absent:
            self._end(event.key, attempt)  # it has come after all
            return False
        return not (step.differs and attempt.step and event.group == attempt.group)

    def _advance(self, attempt: OpenMatch, event: Event) -> None:
        attempt.events.append(event)
        attempt.count += 1
        if attempt.count < self.steps[attempt.step].count:
            return
        attempt.count = 0
        attempt.step += 1
        attempt.reached = event.happened
        attempt.group = event.group

    def _complete(self, now: int, key: int, attempt: OpenMatch) -> bool:
        """Returns whether the match is complete; it is then reported, and the other attempts of the key are
        over.
        """
        if attempt.step < len(self.steps):
            return False
        for other in self.attempts.pop(key, ()):
            other.alive = False
        attempt.alive = False
        self.matched(now, attempt.events)
        return True

    def _keep(self, key: int, attempt: OpenMatch) -> None:
        attempts = self.attempts.setdefault(key, [])
        if len(attempts) >= ATTEMPTS:
            attempts.pop(0).alive = False
        attempts.append(attempt)
        self._wait(key, attempt)

    def _wait(self, key: int, attempt: OpenMatch) -> None:
        """Sets the time until which the next step may come."""
        limit = self.limits[attempt.step]
        ends = [attempt.reached + limit] if limit is not None else []
        ends += [attempt.begun + self.whole] if self.whole is not None else []
        due = min(ends, default=None)
        known, attempt.due = attempt.due, due
        if due is not None and due != known:
            heappush(self.dues, (due, self.serial(), key, attempt))

    def _end(self, key: int, attempt: OpenMatch) -> None:
        attempt.alive = False
        attempts = [other for other in self.attempts.get(key, ()) if other.alive]
        if attempts:
            self.attempts[key] = attempts
        else:
            self.attempts.pop(key, None)


def check(spec: Service) -> None:
    """Raises :class:`InputError` for a pattern that can never match."""
    fault = pattern_fault(spec)
    if fault:
        raise InputError(fault, key=f"components.{spec.id}.pattern")


__all__ = ["ATTEMPTS", "Matched", "Matcher", "check"]
