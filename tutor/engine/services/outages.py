"""The faults of a service's replicas: crashes, hangs and slowness, of all of them or of one.

A crash fails the work in hand, and every connected part notices at once; a replica that hangs accepts work
and resumes, when the fault is over, where it was, with the time that was left.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.engine.core.events import Work
from tutor.engine.core.replica import Replica
from tutor.engine.services.calls import CallWire

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault
    from tutor.engine.services.service import ServicePart


class Outages:
    """The faults that last at one service, and their effect on it."""

    def __init__(self, part: ServicePart) -> None:
        self.part = part
        self.faults: list[ActiveFault] = []
        """Crashes and hangs that have begun and are not over."""
        self._offered_before = 0

    def met(self) -> None:
        """Marks the faults that last as hits: work has met them."""
        for fault in self.faults:
            fault.hit = True

    def look(self) -> None:
        """Marks the faults as hits if messages have come since the first of those that last began: without
        them, those would have been taken.
        """
        if self._offered() > self._offered_before:
            self.met()

    def _offered(self) -> int:
        """Returns how many messages have come for the service in its channels so far, whoever took them."""
        return sum(reader.offered() for reader in self.part.readers)

    def _forget(self) -> None:
        """Forgets the faults that are over."""
        self.faults = [fault for fault in self.faults if fault.active]

    # -- crashes -------------------------------------------------------------------------------------------

    def crash(self, now: int, number: int | None, fault: ActiveFault | None) -> None:
        """Stops one replica, or all, and with them the work in hand."""
        part = self.part
        if not part.replicas.numbered(number):
            return  # it is not running now
        if fault is not None:
            if not self.faults:
                self._offered_before = self._offered()
            self.faults.append(fault)
            if any(reader.backlog() for reader in part.readers):
                fault.hit = True
        for one in part.replicas.numbered(number):
            one.downs += 1
            if one.up:
                self._stop(now, one, fault)
        if not part.replicas.up:
            for work in part.line.leave(now):
                self.die(now, work, "crash")
            for wire in part.wires:
                wire.forget()

    def _stop(self, now: int, replica: Replica, fault: ActiveFault | None) -> None:
        part = self.part
        part.replicas.stop(replica)
        part.numbers.down_us -= now
        for reader in part.readers:
            reader.consumer_down(now, replica, clean=fault is not None and fault.kind == "deploy")
        works = [*replica.hands, *part.line.leave_at(now, replica)]
        if works and fault is not None:
            fault.hit = True
        part.numbers.busy_us += now * len(replica.hands)
        replica.hands.clear()
        replica.frozen.clear()
        replica.seen.clear()
        for work in works:
            self.die(now, work, "crash")
        for wire in part.wires:
            if isinstance(wire, CallWire):
                wire.callers_died()
        part.stopped(replica)

    def die(self, now: int, work: Work, why: str) -> None:
        """Ends a piece of work with the worker that had it, or with the line it waited in."""
        part = self.part
        work.replica = None
        part.numbers.failed += 1
        event = work.event
        if event.trace is not None:
            event.trace(now, event, part.id, "failed", why, work.via.ref)
        work.via.abandoned(now, work)

    def recover(self, now: int, number: int | None) -> None:
        """Restarts one replica, or all, unless another fault keeps them down."""
        part = self.part
        self.look()
        self._forget()
        for one in part.replicas.numbered(number):
            if not one.downs:
                continue  # it was started while the others were down
            one.downs -= 1
            if one.downs == 0 and not one.up:
                part.replicas.start(one)
                part.numbers.down_us += now
                part.connect(now, one)
                part.next(now, one)

    # -- hangs ---------------------------------------------------------------------------------------------

    def hang(self, now: int, number: int | None, fault: ActiveFault | None) -> None:
        """Hangs one replica, or all: they stop where they are and continue to accept."""
        part = self.part
        for one in part.replicas.numbered(number):
            one.hung += 1
            part.replicas.changed()
            if one.hung == 1:
                for reader in part.readers:
                    reader.consumer_paused(now, one)
                one.frozen.take(now, lambda act, item, one=one: act == part.finish and item.replica is one)  # type: ignore[misc]
            if fault is not None and one.hands:
                fault.hit = True
        if fault is not None:
            fault.hit = fault.hit or bool(part.line.waiting)
            self.faults.append(fault)

    def thaw(self, now: int, number: int | None) -> None:
        """Lets the replicas continue where they were."""
        part = self.part
        hung = part.replicas.numbered(number)
        if (
            part.line.waiting
            or any(one.hands for one in hung)
            or any(reader.backlog() for reader in part.readers)
        ):
            # what came meanwhile has waited for it
            for fault in self.faults:
                fault.hit = fault.hit or fault.kind == "hang"
        self._forget()
        for one in hung:
            if not one.hung:
                continue  # it was started while the others hung
            one.hung -= 1
            part.replicas.changed()
            if one.hung == 0 and one.up:
                for reader in part.readers:
                    reader.consumer_resumed(now, one)
                one.frozen.thaw(now)
                part.next(now, one)
