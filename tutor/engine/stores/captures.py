"""The ``capture`` wire: change data capture, or the relay of a transactional outbox.

Every committed write is published in commit order after ``lag_ms`` (Debezium reads the database's log;
microservices.io, "Transaction log tailing" and "Polling publisher"). The relay notes its position every
``checkpoint_s`` and continues from there after a crash, so it publishes at least once: changes
after the last checkpoint are published again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from tutor.engine.channels.buffers import REPEAT
from tutor.engine.core.events import Event
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.core.schemas import form_of
from tutor.model.clock import SECOND, micros
from tutor.model.wire import Capture

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault
    from tutor.engine.core.seams import Inlets
    from tutor.engine.stores.databases import DatabasePart

RETRY_US = SECOND // 10
"""How long the relay waits when the broker refuses without being down: as long as Kafka's producer, whose
``retry.backoff.ms`` is 100 unless it is set.
"""


class Commit:
    """One committed write in the log that the relay reads."""

    __slots__ = ("confirmed", "due", "event", "rounds")

    def __init__(self, event: Event, due: int) -> None:
        self.event = event
        self.due = due
        self.confirmed = False
        self.rounds = 0
        """How often it was published before."""


class CaptureWire(WireRun):
    """A capture wire at run time."""

    spec: Capture

    def __init__(self, spec: Capture, world: World) -> None:
        super().__init__(spec, world)
        self.lag = micros(spec.lag_ms / 1000)
        self.step = micros(spec.checkpoint_s)
        self.log: deque[Commit] = deque()
        self.next = 0
        """The place in the log of what is published next."""
        self.round = 0
        """How often it has gone back to publish again."""
        self.refused = -1
        """The round in which the broker last refused what had come a long way."""
        self.stopped = 0
        self.stoppers: list[ActiveFault] = []
        self.form = form_of(spec, world.scenario)
        self.key, self.size_kb, self.renames = spec.key, spec.size_kb, spec.event
        self._waking = False
        self._noting = False

    def join(self, source: Part, target: Part) -> None:
        self.source = cast("DatabasePart", source)
        self.source.captures.append(self)
        channel = cast("Inlets", target)
        self.accept = channel.inlet(self)
        channel.watch(self._broker_back)

    def changed(self, now: int) -> None:
        self._wake(now, now)

    def _broker_back(self, now: int) -> None:
        self._wake(now, now)

    # -- publishing ----------------------------------------------------------------------------------------

    def committed(self, now: int, event: Event) -> None:
        """Adds a committed write to the log."""
        if self.passes(event.flow):
            self.log.append(Commit(self._as_published(event), now + self.lag))
            self._wake(now, now + self.lag)
            if not self._noting:
                self._noting = True
                self.kernel.at(now + self.step, self._note_position)

    def _as_published(self, event: Event) -> Event:
        spec = self.spec
        return event.copied(
            event.flow.renamed(spec.event or event.flow.type), state=event.state or spec.payload == "state"
        )

    def _wake(self, now: int, at: int) -> None:
        if not self._waking and self.next < len(self.log):
            self._waking = True
            self.kernel.at(max(now, at), self._publish)

    def _publish(self, now: int, _: None) -> None:
        self._waking = False
        if self.stopped or self.removed:
            return
        while self.next < len(self.log):
            change = self.log[self.next]
            if change.due > now:
                self._wake(now, change.due)
                return
            if self.cuts:
                self.cuts[0].hit = True
                self.failed += 1
                return
            if not self._send(now, change):
                self._wake(now, now + RETRY_US)
            if (
                self._waking
            ):  # refused, or its confirm was lost at once: it goes on from there, and not in the same moment
                return

    def _send(self, now: int, change: Commit) -> bool:
        event = change.event
        self.sent += 1
        if self.form is not None and self.form.spreading:
            event.form = self.form
        ok: bool | None = None
        if self.latency:
            self.kernel.at(now + self.latency, self._arrive, (change, self.round))
        else:
            ok = self.accept(now, event, change.rounds * REPEAT, change)
        if ok is False:
            self.failed += 1
            return False
        if event.trace is not None:
            event.trace(now, event, self.spec.source, "captured", "again" if change.rounds else "", self.ref)
        change.rounds += 1
        self.next += 1
        if ok:
            self._told(now, change, True)
        else:
            self.under_way += 1
        return True

    def _arrive(self, now: int, sent: tuple[Commit, int]) -> None:
        """Delivers a change to the broker; after one that it did not take, none of the same round is taken
        (Kafka's sequence numbers).
        """
        change, round = sent
        ok: bool | None = False
        if self.cuts:
            self.cuts[0].hit = True
        elif round != self.refused:
            ok = self.accept(now, change.event, (change.rounds - 1) * REPEAT, change)
        if ok is False:
            self.refused = round
        if ok is not None:
            self.confirmed(now, change, ok)

    def confirmed(self, now: int, change: Commit, ok: bool) -> None:
        """Takes the broker's confirm where it did not come at once."""
        if self.latency:
            self.kernel.at(now + self.latency, self._back, (change, ok))
        else:
            self._back(now, (change, ok))

    def _back(self, now: int, confirm: tuple[Commit, bool]) -> None:
        change, ok = confirm
        self.under_way -= 1
        self._told(now, change, ok and not self.cuts)

    def _told(self, now: int, change: Commit, ok: bool) -> None:
        if ok and not (self.drops and self.dropped("drop-acks", change.event, change.rounds)):
            change.confirmed = True
        elif not self.stopped:
            self.failed += 1
            self._rewind_to(now, change)

    def _rewind_to(self, now: int, change: Commit) -> None:
        """Rewinds to this change: it and those after it are published (again), in order."""
        for place, known in enumerate(self.log):
            if known is change:
                if place < self.next:
                    self.next = place
                    self.round += 1
                    self._wake(now, now + RETRY_US)
                return

    def _note_position(self, now: int, _: None) -> None:
        """Notes the checkpoint: changes confirmed up to here are not published again."""
        if not self.stopped:
            while self.next and self.log[0].confirmed:
                self.log.popleft()
                self.next -= 1
        self._noting = bool(self.log)
        if self._noting:
            self.kernel.at(now + self.step, self._note_position)

    # -- faults --------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stops the relay: it has died, alone or with its database."""
        self.stopped += 1

    def resume(self, now: int) -> None:
        """Resumes the relay from its last checkpoint."""
        if self.stopped:
            self.stopped = 0 if not self.stoppers else 1
        if not self.stopped:
            for fault in self.stoppers:
                fault.hit = True
            self.next = 0
            self.round += 1
            self._wake(now, now)

    def drop(self, now: int, fault: ActiveFault, active: bool) -> None:
        if fault.kind != "crash":
            super().drop(now, fault, active)
        elif active:
            self.stoppers.append(fault)
            fault.hit = fault.hit or bool(self.log)
            self.stop()
        else:
            fault.hit = fault.hit or bool(self.log)
            self.stoppers.remove(fault)
            self.resume(now)

    # -- reports -------------------------------------------------------------------------------------------

    def backlog(self) -> int:
        """Returns the number of committed writes that are not published."""
        return len(self.log) - self.next

    def items(self) -> Iterable[Event]:
        return (change.event for change in self.log if not change.confirmed)
