"""Work that stands still: its timers are taken out of the heap, and set again with the time that was left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tutor.engine.core.kernel import Act, Kernel


class Frozen:
    """What one worker, job or database was at when it began to hang, and what it was about to do since."""

    __slots__ = ("_acts", "_kernel")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._acts: list[tuple[int, Act, Any]] = []
        """(remaining µs, act, item), in the order in which they go on."""

    def take(self, now: int, chosen: Callable[[Act, Any], bool]) -> None:
        """Take the timers that ``chosen(act, item)`` picks; work in progress keeps its remaining time."""
        self._acts.extend((due - now, act, item) for due, act, item in self._kernel.withdraw(chosen))

    def hold(self, act: Act, item: Any) -> None:
        """Keep ``act(now, item)`` back until the thaw, at which it is done at once."""
        self._acts.append((0, act, item))

    def thaw(self, now: int) -> None:
        """Set all timers again."""
        acts, self._acts = self._acts, []
        for remaining, act, item in acts:
            self._kernel.at(now + remaining, act, item)

    def clear(self) -> None:
        """Forget everything: its owner has died meanwhile."""
        self._acts.clear()
