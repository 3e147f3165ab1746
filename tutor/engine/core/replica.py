"""One replica of a service, as the service and the channels that it reads share it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tutor.engine.core.events import Delivery, Work
from tutor.engine.core.frozen import Frozen
from tutor.engine.core.kernel import Kernel

if TYPE_CHECKING:
    from tutor.engine.core.part import WireRun


class Replica:
    """One copy of a service: its workers' hands, and the deliveries that it holds and has not started."""

    __slots__ = ("downs", "factor", "frozen", "hands", "hung", "index", "line", "seen", "up", "workers")

    def __init__(self, index: int, workers: int, kernel: Kernel) -> None:
        self.index = index
        self.workers = workers
        self.hands: dict[Work, None] = {}
        self.line: deque[Work] = deque()
        self.up = True
        self.downs = 0
        """How many faults keep it down; those of a part that has not joined count as one."""
        self.hung = 0
        """How many faults keep it from going on."""
        self.factor = 1.0
        """How many times longer its work takes."""
        self.frozen = Frozen(kernel)
        self.seen: dict[tuple[int, int, str], tuple[int, bool]] = {}
        """What this replica remembers to have handled: when, and whether to the end."""

    def messages(self, reader: WireRun) -> list[Delivery]:
        """Returns the messages of one subscription that the replica has in hand."""
        return [
            work
            for works in (self.hands, self.line)
            for work in works
            if work.via is reader and isinstance(work, Delivery)
        ]
