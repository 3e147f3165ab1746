"""What faults do to the replicas of a service: crashes, hangs and slowness, of all of them or of one.

A crash fails what is in hand, and tells whoever is connected; a replica that hangs accepts and stands still, and goes on where it stood
with the time that was left.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Work
from tutor.engine.core.kernel import Act
from tutor.engine.core.part import World
from tutor.engine.services.calls import CallWire
from tutor.engine.services.replicas import Replica, ReplicatedPart
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.faults.schedule import ActiveFault


class BreakablePart(ReplicatedPart):
    """A service whose replicas fail."""

    __slots__ = ()

    def __init__(self, spec: Service, world: World) -> None:
        super().__init__(spec, world)
        self.faults: list[ActiveFault] = []
        self.offered_before = 0

    def _of(self, replica: int | None) -> list[Replica]:
        return [one for one in self.replicas if replica is None or one.index == replica]

    def _offered(self) -> int:
        """Messages that have come for it in its channels so far, whoever took them."""
        return sum(reader.offered() for reader in self.readers)

    # -- crashes -------------------------------------------------------------------------------------------------------------------

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if not self._of(replica):
            return  # it is not running now
        if fault is not None:
            if not self.faults:
                self.offered_before = self._offered()
            self.faults.append(fault)
            if any(reader.backlog() for reader in self.readers):
                fault.hit = True
        for one in self._of(replica):
            one.downs += 1
            if one.up:
                self._stop(now, one, fault)
        if not any(one.up for one in self.replicas):
            self._fail_line(now)
            for wire in self.wires:
                forget = getattr(wire, "forget", None)
                if forget is not None:
                    forget()

    def _stop(self, now: int, replica: Replica, fault: ActiveFault | None) -> None:
        replica.up = False
        self.down_us -= now
        for reader in self.readers:
            reader.consumer_down(now, replica, clean=fault is not None and fault.kind == "deploy")
        works = [*replica.hands, *replica.line]
        if works and fault is not None:
            fault.hit = True
        self.busy_us += now * len(replica.hands)
        self.waiting -= len(replica.line)
        self.wait_us += now * len(replica.line)
        replica.hands.clear()
        replica.line.clear()
        replica.frozen.clear()
        replica.seen.clear()
        for work in works:
            self._die(now, work)
        for wire in self.wires:
            if isinstance(wire, CallWire):
                wire.callers_died()

    def _die(self, now: int, work: Work, why: str = "crash") -> None:
        work.replica = None
        self.failed += 1
        event = work.event
        if event.trace is not None:
            event.trace(now, event, self.id, "failed", why, work.via.ref)
        work.via.abandoned(now, work)

    def _fail_line(self, now: int) -> None:
        line, self.line = self.line, deque()
        self.waiting -= len(line)
        self.wait_us += now * len(line)
        for work in line:
            self._die(now, work)

    def recover(self, now: int, replica: int | None) -> None:
        if self._offered() > self.offered_before:
            for fault in self.faults:  # messages came that it could have taken
                fault.hit = True
        self.faults = [fault for fault in self.faults if fault.active]
        for one in self._of(replica):
            if not one.downs:
                continue  # it was started while the others were down
            one.downs -= 1
            if one.downs == 0 and not one.up:
                one.up = True
                self.down_us += now
                self._connect(now, one)
                self._next(now, one)

    # -- standing still ------------------------------------------------------------------------------------------------------------

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        for one in self._of(replica):
            one.hung += 1
            if one.hung == 1:
                for reader in self.readers:
                    reader.consumer_paused(now, one)
                taken = self.kernel.withdraw(lambda act, item, one=one: act == self.finish and item.replica is one)  # type: ignore[misc]
                one.frozen.extend((due - now, act, item) for due, act, item in taken)
            if fault is not None and one.hands:
                fault.hit = True
        if fault is not None:
            fault.hit = fault.hit or bool(self.waiting)
            self.faults.append(fault)

    def thaw(self, now: int, replica: int | None) -> None:
        if self.waiting or any(one.hands for one in self._of(replica)) or any(reader.backlog() for reader in self.readers):
            # what came while it stood still has waited for it
            for fault in self.faults:
                fault.hit = fault.hit or fault.kind == "hang"
        self.faults = [fault for fault in self.faults if fault.active]
        for one in self._of(replica):
            if not one.hung:
                continue  # it was started while the others stood still
            one.hung -= 1
            if one.hung == 0 and one.up:
                for reader in self.readers:
                    reader.consumer_resumed(now, one)
                frozen, one.frozen = one.frozen, []
                for remaining, act, item in frozen:
                    self.kernel.at(now + remaining, act, item)
                self._next(now, one)

    def standing(self, handling: Any, ok: bool | None) -> bool:
        replica: Replica = handling.replica
        if not replica.hung:
            return False
        replica.frozen.append((0, self._go_on, (handling, ok)))
        return True

    def postpones(self, handling: Any, act: Act, item: Any) -> bool:
        replica: Replica = handling.replica
        if replica.hung:
            replica.frozen.append((0, act, item))
        return bool(replica.hung)

    def _go_on(self, now: int, held: tuple[Work, bool | None]) -> None:
        self.resume(now, *held)

    # -- slowness ------------------------------------------------------------------------------------------------------------------

    def slow(self, now: int, factor: float, replica: int | None) -> None:
        self.slowness[replica] = round(self.slowness.get(replica, 1.0) * factor, 9)
        for one in self.replicas:
            one.factor = self._factor_of(one)
        self.slowed = bool(self.debt) or any(one.factor != 1 for one in self.replicas)
