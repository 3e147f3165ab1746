"""The counters of one buffer, from which the books of its channel follow."""

from __future__ import annotations

from collections import Counter

from tutor.engine.core.part import Counts


class Tally:
    """The counters of one buffer. The short ways of the buffer count in place."""

    __slots__ = (
        "acked",
        "dead_lettered",
        "dropped",
        "ended",
        "peak",
        "published",
        "reasons",
        "redelivered",
        "refused",
        "returned",
        "wait_us",
    )

    def __init__(self) -> None:
        self.published = self.refused = 0
        """Messages that were taken, and that were not."""
        self.redelivered = self.acked = self.returned = self.ended = 0
        """Deliveries after the first of their message; and how deliveries ended: acknowledged, come back, or
        in another way.
        """
        self.dead_lettered = self.dropped = 0
        self.reasons: Counter[str] = Counter()
        """Why messages were dropped."""
        self.wait_us = 0
        """The time that all have waited together, less the present moment for each that still waits."""
        self.peak = 0
        """The most that have waited since the last count."""

    def deepen(self, depth: int) -> None:
        """Records the present depth, in case it is a new peak."""
        if depth > self.peak:
            self.peak = depth

    def drop(self, why: str) -> None:
        """Counts a dropped message."""
        self.dropped += 1
        self.reasons[why] += 1

    def counts(self, now: int, depth: int, in_hand: int) -> Counts:
        """Returns cumulative numbers, and the peak of waiting since the last call."""
        peak, self.peak = max(self.peak, depth), depth
        return {
            "published": self.published,
            # those that ended, each in its way, and those in hand
            "delivered": self.acked + self.returned + self.ended + in_hand,
            "redelivered": self.redelivered,
            "acked": self.acked,
            "dead_lettered": self.dead_lettered,
            "dropped": self.dropped,
            "in_flight": in_hand,
            "wait_us": self.wait_us + depth * now,
            "depth": depth,
            "peak": peak,
        }
