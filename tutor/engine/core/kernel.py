"""The clock and its timers: discrete-event simulation in whole microseconds.

A timer is ``(time, serial, act, item)``; timers run in the order ``(time, serial)``, so the timer that was
set first runs first and no two timers ever tie. An act is called as ``act(now, item)``; it may set more
timers, at ``now`` at the earliest. One of them it may return instead: that one takes the place of its own
timer in the heap, which is one way through the heap less.

Most timeouts of one wire or channel have the same length and most never strike (the answer comes first). They
are kept in a :class:`Countdown`, a first-in-first-out list beside the heap that keeps one timer in the heap
for its head.

Anything that repeats itself, even in no simulated time, must do so through a timer: then the budget of steps
stops it.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush, heapreplace
from itertools import count, repeat
from operator import length_hint
from typing import Any, Generic, Protocol, TypeVar

Timer = tuple[int, int, Any, object]
"""(time, serial, act, item)."""
Act = Callable[[int, Any], Timer | None]
"""What a timer does: called with the time and the timer's item; it may return a timer that follows it."""


class RunOver(Exception):
    """The last timer of the run has been reached; never leaves the kernel."""


class Kernel:
    """The clock, the heap of timers and their serial numbers."""

    __slots__ = ("heap", "now", "over", "serial", "steps")

    def __init__(self, end: int) -> None:
        self.heap: list[Timer] = []
        self.serial: Callable[[], int] = count().__next__
        self.now = 0
        self.steps = 0
        """How many timers have run."""
        self.over = False
        heappush(self.heap, (end, 1 << 62, self._end, None))

    def at(self, time: int, act: Act, item: object = None) -> None:
        """Calls ``act(time, item)`` at ``time``."""
        heappush(self.heap, (time, self.serial(), act, item))

    def advance(self, most: int) -> bool:
        """Runs at most ``most`` steps; True when the run is over."""
        if self.over:
            return True
        heap, pop, replace = self.heap, heappop, heapreplace
        now = self.now
        turns = repeat(None, most)  # it knows how many are left, so nothing has to be counted
        collecting = gc.isenabled()
        # A run makes no cycles of objects: the collector would only walk the backlog, again and again.
        gc.disable()
        try:
            for _ in turns:
                # it stays at the top while it acts: whatever is set meanwhile comes after it
                now, _serial, act, item = heap[0]
                following = act(now, item)
                if following is None:
                    pop(heap)
                else:
                    replace(heap, following)
        except RunOver:
            self.over = True
        finally:
            if collecting:
                gc.enable()
            self.now = now
            self.steps += most - length_hint(turns) - self.over
        return self.over

    def _end(self, now: int, item: None) -> None:
        raise RunOver

    def withdraw(self, chosen: Callable[[Act, Any], bool]) -> list[tuple[int, Act, Any]]:
        """Takes the timers that ``chosen(act, item)`` picks out of the heap, in the order in which they would
        have run.

        Looks at every timer: for rare things, such as a component that stops in the middle of its work. The
        one that acts is not to be among them.
        """
        taken = sorted(timer for timer in self.heap if chosen(timer[2], timer[3]))
        if taken:
            serials = {timer[1] for timer in taken}
            self.heap[:] = [timer for timer in self.heap if timer[1] not in serials]
            heapify(self.heap)
        return [(time, act, item) for time, _, act, item in taken]

    def timers(self) -> Iterator[tuple[Act, Any]]:
        """The acts and items of all timers that have not run, in order."""
        return ((act, item) for _, _, act, item in sorted(self.heap, key=lambda timer: timer[:2]))


class Awaited(Protocol):
    """An item of a countdown: the timeout strikes only while ``open`` is true; the countdown keeps ``due``
    and ``serial``, which say when.
    """

    due: int | None
    serial: int

    @property
    def open(self) -> bool:
        """True while anyone still waits for this item."""


AwaitedT = TypeVar("AwaitedT", bound=Awaited)


class Countdown(Generic[AwaitedT]):
    """Timeouts of one constant length: ``strike(now, item)`` after ``delay`` unless ``item.open`` has become
    false.

    ``pending`` has the items in the order of their starts; one whose ``due`` is None is kept there and not
    timed. An item that is taken out is forgotten; one that is no longer open leaves as soon as it is the
    oldest. Where every call counts, the owner does what :meth:`start` does in place.
    """

    __slots__ = ("arm", "armed", "delay", "heap", "pending", "serial", "strike", "walks")

    def __init__(
        self,
        kernel: Kernel,
        delay: int,
        strike: Callable[[int, AwaitedT], Timer | None],
        pending: dict[AwaitedT, None] | None = None,
    ) -> None:
        self.heap = kernel.heap
        self.serial = kernel.serial
        self.delay = delay
        self.strike = strike
        self.armed = False
        self.pending: dict[AwaitedT, None] = {} if pending is None else pending
        self.arm = self._arm
        self.walks = 0
        """Looks at the oldest item since the holes at the front were closed."""

    def start(self, now: int, item: AwaitedT) -> None:
        """Starts the timeout of one item, or starts it again."""
        self._close_holes()
        pending = self.pending
        while pending and (oldest := next(iter(pending))) is not item and not oldest.open:
            del pending[oldest]
        pending.pop(item, None)
        item.due = now + self.delay
        item.serial = self.serial()
        pending[item] = None
        if not self.armed:
            self._arm()

    def _close_holes(self) -> None:
        """Rebuilds a dict that has lost items at its front: they leave holes, and each look at the oldest
        walks over them (13 us with 10,000 in hand). It is made anew after an eighth as many looks as it has
        items, which costs each look the copying of eight of them, and not before the 64th, as small dicts
        have no holes worth it.
        """
        self.walks += 1
        if self.walks >= 64 and self.walks * 8 >= len(self.pending):
            kept = list(self.pending)
            self.pending.clear()
            self.pending.update(dict.fromkeys(kept))
            self.walks = 0

    def _arm(self) -> None:
        """Sets a timer for the oldest timed item that is open."""
        for item in self.pending:
            if item.due is not None and item.open:
                heappush(self.heap, (item.due, item.serial, self._due, item))
                self.armed = True
                return

    def _due(self, now: int, item: AwaitedT) -> None:
        """Runs the timer of the item that was the oldest when it was set: its timeout, unless it has ended or
        been renewed since.
        """
        self.armed = False
        self._close_holes()
        if item.open and item.due == now and item in self.pending:
            del self.pending[item]
            self.strike(now, item)
        while self.pending and not (oldest := next(iter(self.pending))).open:
            del self.pending[oldest]
        if not self.armed:
            self._arm()

    def items(self) -> Iterator[AwaitedT]:
        """Returns the items that still wait, oldest first."""
        return (item for item in self.pending if item.open)
