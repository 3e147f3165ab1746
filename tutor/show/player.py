"""The player of a finished run: a cursor that moves through the timeline at a watchable pace. Pure; it knows
no screen and no clock.
"""

from __future__ import annotations

import bisect
from collections.abc import Collection

from tutor.model.timeline import Mark, Timeline
from tutor.show.marks import ODD_HOPS, marks_of

WATCH_S = 24.0
"""How long a playback at speed 1 takes on the wall, whatever the simulated time."""
SLOW = 3.0
"""How many times slower it goes around faults and the first failure."""
BEFORE, AFTER = 0.004, 0.035
"""How far around such a moment it goes slower, as shares of the run."""
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""The speeds that the learner can choose."""
SCRUB = 1 / 50
"""One press of a scrub key, as a share of the run."""


class Player:
    """The cursor of one run, and how it moves."""

    def __init__(
        self, timeline: Timeline, *, speed: float = 1.0, odd: Collection[str] = tuple(ODD_HOPS)
    ) -> None:
        self.timeline = timeline
        self.cursor_s = 0.0
        self.playing = False
        self.speed = speed
        self.end_s = max(timeline.end_s, timeline.step_s)
        self.marks = marks_of(timeline, odd)
        """The marks of the run in order of time, the first failure among them; ``odd`` are the outcomes of
        events that count as one.
        """
        self._slow = _merged(
            [(at - BEFORE * self.end_s, at + AFTER * self.end_s) for at in self._turning_points()], self.end_s
        )
        slow_s = sum(end - start for start, end in self._slow)
        self._pace = (self.end_s + (SLOW - 1) * slow_s) / WATCH_S
        self._moments = self._all_moments()

    def _turning_points(self) -> list[float]:
        return [mark.at_s for mark in self.marks if mark.kind in ("fault", "first-failure")]

    def _all_moments(self) -> list[float]:
        moments = {mark.at_s for mark in self.marks}
        moments.update(hop.at_s for journey in self.timeline.journeys for hop in journey.hops)
        return sorted(moments)

    @property
    def over(self) -> bool:
        """True if the cursor is at the end."""
        return self.cursor_s >= self.end_s

    @property
    def share(self) -> float:
        """The place of the cursor, 0 to 1."""
        return self.cursor_s / self.end_s

    def pace_at(self, at_s: float) -> float:
        """Returns the simulated seconds per real second, at this moment and speed."""
        slow = any(start <= at_s < end for start, end in self._slow)
        return self._pace * self.speed / (SLOW if slow else 1.0)

    def advance(self, wall_s: float) -> bool:
        """Moves the cursor by this much real time while playing; returns True if that takes it to the end."""
        if not self.playing:
            return False
        left = wall_s
        while left > 0 and not self.over:
            pace = self.pace_at(self.cursor_s)
            edge = next((at for span in self._slow for at in span if at > self.cursor_s + 1e-9), self.end_s)
            step = min(left, max(edge - self.cursor_s, 1e-6) / pace)
            self.cursor_s = min(self.end_s, self.cursor_s + step * pace)
            left -= step
        if self.over:
            self.playing = False
            return True
        return False

    def seek(self, at_s: float) -> None:
        """Moves the cursor to a moment inside the run."""
        self.cursor_s = min(self.end_s, max(0.0, at_s))

    def scrub(self, presses: int) -> None:
        """Moves the cursor by presses of a scrub key, back if negative."""
        self.seek(self.cursor_s + presses * SCRUB * self.end_s)

    def step(self) -> None:
        """Puts the cursor on the next event on the timeline, or one step further if none is known."""
        self.playing = False
        at = bisect.bisect_right(self._moments, self.cursor_s + 1e-6)
        nearest = self.cursor_s + self.timeline.step_s
        self.seek(min(self._moments[at], nearest) if at < len(self._moments) else nearest)

    def next_mark(self, *kinds: str) -> Mark | None:
        """Returns the next mark of these kinds after the cursor, from the start again if there is none."""
        marks = [mark for mark in self.marks if mark.kind in kinds]
        return next((mark for mark in marks if mark.at_s > self.cursor_s + 1e-6), marks[0] if marks else None)

    def change_speed(self, by: int) -> float:
        """Changes the speed one step up or down; returns the new speed."""
        place = min(range(len(SPEEDS)), key=lambda index: abs(SPEEDS[index] - self.speed))
        self.speed = SPEEDS[min(len(SPEEDS) - 1, max(0, place + by))]
        return self.speed


def _merged(spans: list[tuple[float, float]], end_s: float) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted((max(0.0, start), min(end_s, end)) for start, end in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        elif end > start:
            merged.append((start, end))
    return merged
