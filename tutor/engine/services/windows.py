"""Tumbling windows by key in event time.

Follows the Dataflow model (Akidau et al., 2015) and Flink's tumbling event-time windows: an event belongs to
the window in which it happened, a window is closed when the watermark passes its end, and an event for a
closed window is late.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from tutor.engine.core.events import Event
from tutor.engine.services.patterns import Matched
from tutor.model.clock import micros


class Windows:
    """The open windows of one state."""

    def __init__(self, window_s: float, matched: Matched) -> None:
        self.length = micros(window_s)
        self.matched = matched
        self.open: dict[int, dict[int, list[Event]]] = {}
        """By end: by key, the events so far."""
        self.ends: list[int] = []

    def end_of(self, event: Event) -> int:
        """Returns when the window of an event ends (event time, µs)."""
        return (event.happened // self.length + 1) * self.length

    def take(self, now: int, event: Event) -> None:
        """Takes the next event of this state."""
        end = self.end_of(event)
        keys = self.open.get(end)
        if keys is None:
            keys = self.open[end] = {}
            heappush(self.ends, end)
        keys.setdefault(event.key, []).append(event)

    def pass_time(self, now: int, watermark: int) -> None:
        """Closes the windows that are over, key by key: no event that happened before ``watermark`` will come
        any more.
        """
        while self.ends and self.ends[0] <= watermark:
            for _, events in sorted(self.open.pop(heappop(self.ends)).items()):
                self.matched(now, events)

    def pending(self) -> bool:
        """Returns whether time alone may still change something."""
        return bool(self.ends)

    def held(self) -> Iterator[Event]:
        """Returns the events that open windows hold."""
        return (event for keys in self.open.values() for events in keys.values() for event in events)
