"""The line in front of a service: who waits for a worker, in which order they are taken, and how many may
wait.

Calls stand in one line for all replicas, so ``client -> service`` is exactly M/M/c; deliveries of a channel
wait at the replica that they were delivered to.
"""

from __future__ import annotations

from collections import deque

from tutor.engine.core.events import Work
from tutor.engine.core.replica import Replica


class WaitingLine:
    """Everything that waits for a worker of one service."""

    __slots__ = ("common", "lifo", "limit", "peak", "wait_us", "waiting")

    def __init__(self, *, lifo: bool, limit: int | None) -> None:
        self.common: deque[Work] = deque()
        """Calls, for whichever replica is free first."""
        self.lifo = lifo
        self.limit = limit
        """How many calls may wait; None for no limit."""
        self.waiting = 0
        """Calls and deliveries, at all replicas."""
        self.peak = 0
        """The most that have waited since the last count."""
        self.wait_us = 0
        """The time that all have waited together, less the present moment for each that still waits."""

    def full(self) -> bool:
        """Returns whether one more call would be too many."""
        return self.limit is not None and len(self.common) >= self.limit

    def join(self, now: int, work: Work) -> None:
        """Adds a call to the line."""
        self.common.append(work)
        self._joined(now, work)

    def join_at(self, now: int, work: Work, replica: Replica) -> None:
        """Adds a delivery to the line of the replica that has it."""
        replica.line.append(work)
        self._joined(now, work)

    def _joined(self, now: int, work: Work) -> None:
        work.since = now
        self.wait_us -= now
        waiting = self.waiting = self.waiting + 1
        if waiting > self.peak:
            self.peak = waiting

    def take(self, now: int, replica: Replica) -> Work | None:
        """Takes the next work for this replica: the oldest of its own deliveries and the common line; None if
        nothing waits for it.
        """
        own, common = replica.line, self.common
        if own and (not common or own[0].since <= common[0].since):
            work = own.popleft()
        elif common:
            work = common.pop() if self.lifo else common.popleft()
        else:
            return None
        self.waiting -= 1
        self.wait_us += now
        return work

    def leave(self, now: int) -> list[Work]:
        """Removes and returns all calls of the line: no replica is up to take them."""
        works = list(self.common)
        self.common.clear()
        self._left(now, len(works))
        return works

    def leave_at(self, now: int, replica: Replica) -> list[Work]:
        """Removes and returns the work that waits at a replica."""
        works = list(replica.line)
        replica.line.clear()
        self._left(now, len(works))
        return works

    def _left(self, now: int, count: int) -> None:
        self.waiting -= count
        self.wait_us += now * count
