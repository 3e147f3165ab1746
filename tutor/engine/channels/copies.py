"""The messages that the leader of a channel has and a majority of its nodes does not have yet.

As in RabbitMQ's quorum queues ("Quorum Queues": a publish is confirmed once a majority has it; Raft), and in
JetStream's replicated streams: nobody is given a message before, nor is its publisher told.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from tutor.engine.core.events import Event
from tutor.engine.core.kernel import Kernel
from tutor.engine.core.part import WireRun

Sent = tuple[WireRun, Event, int, Any]
"""A message that a wire has sent: (wire, event, turn, sending)."""


class Copying:
    """What is on its way from the leader to the other nodes, in the order in which it came.

    ``take(now, sent)`` is called for each message when a majority has it, ``lag`` µs after it came; while
    ``stalled()`` holds none is taken.
    """

    __slots__ = ("_armed", "_under_way", "kernel", "lag", "stalled", "take")

    def __init__(
        self, kernel: Kernel, lag: int, take: Callable[[int, Sent], None], stalled: Callable[[], bool]
    ) -> None:
        self.kernel = kernel
        self.lag = lag
        self.take = take
        self.stalled = stalled
        self._armed = False
        self._under_way: deque[tuple[int, Sent]] = deque()

    def add(self, now: int, sent: Sent) -> None:
        """Begins to copy a message."""
        self._under_way.append((now + self.lag, sent))
        self._arm(now)

    def _arm(self, now: int) -> None:
        if self._under_way and not self._armed:
            self._armed = True
            self.kernel.at(max(now, self._under_way[0][0]), self._copied)

    def _copied(self, now: int, _: None) -> None:
        self._armed = False
        self.resume(now)

    def resume(self, now: int) -> None:
        """Takes what a majority has by now."""
        under_way = self._under_way
        while under_way and under_way[0][0] <= now and not self.stalled():
            self.take(now, under_way.popleft()[1])
        if not self.stalled():
            self._arm(now)

    def empty(self) -> list[Sent]:
        """Lets go of all messages: the leader has gone, and the next one doesn't have them."""
        sent = [one for _, one in self._under_way]
        self._under_way.clear()
        return sent

    def events(self) -> Iterator[Event]:
        """Returns the events that are under way."""
        return (event for _, (_, event, _, _) in self._under_way)
