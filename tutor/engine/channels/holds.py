"""The messages that a channel holds back while its node hangs: it accepts them without an answer, and
publishers wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tutor.engine.channels.brokers import Spared
from tutor.engine.core.events import Event
from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.part import WireRun

Take = Callable[[int, WireRun, Event, int, Any], "bool | None"]
"""How a channel takes what it has held back: (now, wire, event, turn, sending); None where it confirms
later.
"""


class Hold:
    """The hangs of one channel, the messages sent meanwhile, and the faults that last there."""

    __slots__ = ("_held", "_spared", "faults", "hangs")

    def __init__(self) -> None:
        self.hangs = 0
        """How many faults keep it from going on."""
        self.faults: list[ActiveFault] = []
        """Crashes and hangs that have begun; those that are over leave with the next that ends."""
        self._spared = Spared()
        self._held: list[tuple[WireRun, Event, int, object]] = []

    def begin(self, node: int | None, leader: int | None, fault: ActiveFault | None) -> bool:
        """Begins the hang of a node; returns whether anybody notices."""
        if self._spared.begins(node, leader):
            return False
        self.hangs += 1
        if fault is not None:
            self.faults.append(fault)
        return True

    def end(self, node: int | None) -> bool:
        """Ends a hang; returns whether the channel resumes."""
        if self._spared.ends(node):
            return False
        self.hangs -= 1
        if self.hangs:
            return False
        self.forget_over()
        return True

    def met(self) -> None:
        """Marks the faults that last as hits: work has met them."""
        for fault in self.faults:
            fault.hit = True

    def forget_over(self) -> None:
        """Forgets the faults that are over."""
        self.faults = [fault for fault in self.faults if fault.active]

    def keep(self, wire: WireRun, event: Event, turn: int, sending: object) -> None:
        """Holds back a message that a wire has sent."""
        self._held.append((wire, event, turn, sending))

    def empty(self) -> list[tuple[WireRun, Event, int, object]]:
        """Lets go of all held messages: the channel is down, and takes none of them."""
        held, self._held = self._held, []
        return held

    def take_all(self, now: int, take: Take) -> None:
        """Takes in all held messages; a repeated send of an idempotent publish is taken once.

        Publishers hear of it when all is taken: who is confirmed may publish again, and comes after those
        that wait.
        """
        taken: list[tuple[WireRun, object, bool | None]] = []
        for wire, event, turn, sending in self.empty():
            ok: bool | None = True
            if not wire.known(now, sending):
                ok = take(now, wire, event, turn, sending)
                if ok is not False:
                    wire.kept(now, sending)
            taken.append((wire, sending, ok))
        for wire, sending, ok in taken:
            if ok is not None:
                wire.confirmed(now, sending, ok)

    def events(self) -> Iterator[Event]:
        """Returns the events that are held back."""
        return (event for _, event, _, _ in self._held)
