"""Real time, counted from the start of a run: the same in all processes of the run."""

from __future__ import annotations

import asyncio
import time

GAP_S = 0.7
"""A process that has not run for this long was stopped; a busy machine holds one up for less."""
TICK_S = 0.1
"""How often a process looks at the clock, to see such a gap."""


class Clock:
    """A clock from the start of a run, whose sleeps pause while the process is stopped.

    Built on the monotonic clock, which all processes of a machine share.
    """

    def __init__(self, start: float) -> None:
        self.start = start
        """When the run starts, on the monotonic clock (s)."""
        self.stopped = 0.0
        """How long this process has been stopped altogether (s)."""
        self._seen = time.monotonic()

    def now_us(self) -> int:
        """Returns the microseconds since the start of the run; negative before it."""
        return int((time.monotonic() - self.start) * 1e6)

    def now_s(self) -> float:
        """Returns the seconds since the start of the run."""
        return time.monotonic() - self.start

    def look(self) -> None:
        """Notes that the process is running."""
        now = time.monotonic()
        if now - self._seen > GAP_S:
            self.stopped += now - self._seen
        self._seen = now

    async def watch(self) -> None:
        """Looks at the clock again and again, until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(TICK_S)

    async def until(self, at_s: float) -> None:
        """Sleeps until this time of the run; not at all if it is over."""
        wait = self.start + at_s - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)

    async def sleep(self, seconds: float) -> None:
        """Works for this long: any time in which the process was stopped comes on top."""
        if seconds <= 0:
            return
        self.look()
        stopped = self.stopped
        await asyncio.sleep(seconds)
        self.look()
        while (more := self.stopped - stopped) > 0:
            stopped = self.stopped
            await asyncio.sleep(min(more, seconds))
            self.look()
