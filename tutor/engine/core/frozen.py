"""Work that hangs: its timers are taken out of the heap, and set again with the time that was left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tutor.engine.core.kernel import Act, Kernel


class Frozen:
    """The timers that one worker, job or database had when it began to hang, and the acts held back since."""

    __slots__ = ("_acts", "_kernel")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._acts: list[tuple[int, Act, object]] = []
        """(remaining µs, act, item), in the order in which they go on."""

    def take(self, now: int, chosen: Callable[[Act, Any], bool]) -> None:
        """Takes the timers that ``chosen(act, item)`` picks; work in progress keeps its remaining time."""
        self._acts.extend((due - now, act, item) for due, act, item in self._kernel.withdraw(chosen))

    def hold(self, act: Act, item: object) -> None:
        """Keeps ``act(now, item)`` back until the thaw, when it is done at once."""
        self._acts.append((0, act, item))

    def thaw(self, now: int) -> None:
        """Sets all timers again."""
        acts, self._acts = self._acts, []
        for remaining, act, item in acts:
            self._kernel.at(now + remaining, act, item)

    def clear(self) -> None:
        """Forgets everything: its owner has died meanwhile."""
        self._acts.clear()
