"""Jobs: the legacy scheduler that wakes up, queries a table for new rows and handles them one by one (cron;
Quartz; Spring ``@Scheduled``).

The first run is at ``interval_s``; a run that takes longer than the interval skips the ticks it missed. The
query uses one connection for its time, found rows or not; a row is marked when its handling has succeeded, so
a crash in the middle repeats the row in hand, and a row that failed is found again by the next run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, cast

from tutor.engine.core.events import Event, Flow, Query, Source, fill_attempt, make_event
from tutor.engine.core.frozen import Frozen
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import Act
from tutor.engine.core.part import Counts, Part, WireRun, World
from tutor.engine.services.calls import CallWire
from tutor.model.clock import SECOND, micros
from tutor.model.component import Job
from tutor.model.wire import Poll

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault

Place = tuple[int, int, str]
"""A row: (source index, number, type) of the event that wrote it."""


class Polled(Protocol):
    """A database, as seen by the jobs that query it."""

    polls: list[PollWire]
    """The jobs' queries."""
    rows: int
    """How many rows the table has."""

    def offer(self, now: int, work: Query) -> bool:
        """Takes a query; returns False if it is refused."""


class PollWire(WireRun):
    """A job's query: the rows of a table that this job has not handled."""

    spec: Poll

    def __init__(self, spec: Poll, world: World) -> None:
        super().__init__(spec, world)
        self.rows: dict[Place, Event] = {}
        self.tries: dict[Place, int] = {}
        self.handled = 0
        self.peak = 0
        self.wait_us = 0
        self.query: Query | None = None

    def join(self, source: Part, target: Part) -> None:
        assert isinstance(target, JobPart)
        self.source = cast("Polled", source)
        self.job = target
        self.source.polls.append(self)
        self.job.polls.append(self)

    def committed(self, now: int, event: Event) -> None:
        """Adds a row that has been written."""
        if self.passes(event.flow):
            place = _place(event)
            if place not in self.rows:
                self.wait_us -= now
            self.rows[place] = event
            if len(self.rows) > self.peak:
                self.peak = len(self.rows)

    def ask(self, now: int, length: int, nobody: Event) -> bool:
        """Sends the query, whose rows come back through ``found``; returns False if the database does not
        take it.
        """
        self.sent += 1
        if self.cuts:
            self.cuts[0].hit = True
            self.failed += 1
            return False
        query = Query()
        fill_attempt(query, nobody, 0, self, self.job)
        query.kind, query.user, query.by_job, query.length = "scan", self.job.id, True, length
        self.query = query
        if self.latency:
            self.kernel.at(now + self.latency, self._arrive, query)
        elif not self.source.offer(now, query):
            self.failed += 1
            return False
        self.under_way += 1
        return True

    def _arrive(self, now: int, query: Query) -> None:
        if self.cuts or not self.source.offer(now, query):
            self.answered(now, query, False)

    def answered(self, now: int, query: Query, ok: bool | None) -> None:
        """Passes the answer of the query to the job, after the latency of the wire."""
        if self.latency:
            self.kernel.at(now + self.latency, self._back, (query, ok))
        else:
            self._back(now, (query, ok))

    def _back(self, now: int, answer: tuple[Query, bool | None]) -> None:
        query, ok = answer
        self.under_way -= 1
        if not ok or self.cuts:
            self.failed += 1
        if query is self.query:
            self.query = None
            self.job.found(now, self, bool(ok) and not self.cuts)

    def abandoned(self, now: int, query: Query) -> None:
        """Fails the query that the database had in hand when it died."""
        self.answered(now, query, False)

    def pending(self) -> Iterable[Event]:
        """Returns the rows that this job has not handled."""
        return self.rows.values()

    def depth(self) -> int:
        """Returns the number of rows that wait."""
        return len(self.rows)

    def mark(self, now: int, event: Event) -> None:
        """Marks the row as handled."""
        place = _place(event)
        if self.rows.pop(place, None) is not None:
            self.wait_us += now
            self.handled += 1
            self.tries.pop(place, None)

    def turn(self, event: Event) -> int:
        """Returns how often the row was begun before, and counts this time."""
        place = _place(event)
        tries = self.tries.get(place, 0)
        self.tries[place] = tries + 1
        return tries


class RowWork:
    """The handling of one row."""

    __slots__ = ("event", "poll", "replica", "step", "turn")

    def __init__(self, event: Event, turn: int, poll: PollWire, job: JobPart) -> None:
        self.event = event
        self.turn = turn
        self.poll = poll
        self.step = 0
        self.replica: JobPart | None = job


class JobPart(Handler):
    """A scheduled job at run time."""

    spec: Job

    def __init__(self, spec: Job, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        self.polls: list[PollWire] = []
        self.interval = micros(spec.interval_s)
        self.row_us = spec.row_ms * 1000
        self.downs = 1 if self.joins else 0
        self.hung = 0
        self.factor = 1.0
        self.running = False
        self.asking: list[PollWire] = []
        self.batch: deque[RowWork] = deque()
        self.row: RowWork | None = None
        self.frozen = Frozen(self.kernel)
        self.faults: list[ActiveFault] = []
        self.runs = self.skipped = self.done = self.failed = 0
        self.busy_us = self.down_us = 0
        nobody = Flow(Source(spec.id, -1), "query")
        self.nobody = make_event(nobody, 0, 0, 0, 0)

    def open(self) -> None:
        if self.interval > 0:
            self.kernel.at(self.joins + self.interval, self._tick)

    def join(self, now: int) -> None:
        self.downs -= 1

    # -- one run -------------------------------------------------------------------------------------------

    def _tick(self, now: int, _: None) -> None:
        self.kernel.at(now + self.interval, self._tick)
        if self.downs or self.hung:
            for fault in self.faults:
                fault.hit = fault.hit or any(poll.rows for poll in self.polls)
            self.skipped += 1
        elif self.running:
            self.skipped += 1
        else:
            self.runs += 1
            self.running = True
            self.busy_us -= now
            self.asking = list(self.polls)
            self._ask(now)

    def _ask(self, now: int) -> None:
        while self.asking:
            poll = self.asking.pop(0)
            rows = poll.source.rows
            length = int((self.spec.scan_ms + self.spec.scan_ms_per_1000_rows * rows / 1000) * 1000 + 0.5)
            if poll.ask(now, length, self.nobody):
                return
        self._next_row(now)

    def found(self, now: int, poll: PollWire, ok: bool) -> None:
        """Takes the rows that a query has brought back."""
        if not self.running:
            return
        if self.hung:
            self.frozen.hold(self._found_later, (poll, ok))
            return
        if ok:
            left = None if self.spec.batch is None else max(0, self.spec.batch - len(self.batch))
            for event in islice(list(poll.rows.values()), left):
                if event.trace is not None:
                    event.trace(now, event, self.id, "polled", "", poll.ref)
                self.batch.append(RowWork(event, 0, poll, self))
        self._ask(now)

    def _found_later(self, now: int, held: tuple[PollWire, bool]) -> None:
        self.found(now, *held)

    def _next_row(self, now: int) -> None:
        if not self.batch:
            self._rest(now)
            return
        row = self.row = self.batch.popleft()
        row.turn = row.poll.turn(row.event)
        if row.event.trace is not None:
            row.event.trace(now, row.event, self.id, "started", "", row.poll.ref)
        self.kernel.at(now + int(self.row_us * self.factor + 0.5), self._worked, row)

    def _rest(self, now: int) -> None:
        self.running = False
        self.row = None
        self.busy_us += now

    def _worked(self, now: int, row: RowWork) -> None:
        if row.replica is not None:
            self.proceed(now, row, 0)

    def close(self, now: int, handling: Any, ok: bool | None) -> None:
        row: RowWork = handling
        # to mark the row is a step of its own: a job that dies before it does the row again
        if ok and self.dying and row.step >= 0 and self.dies_between(now, row, row.step + 1):
            return
        if ok:
            self.done += 1
            row.poll.mark(now, row.event)
            for entry in self.world.ledger.effects_at(self.id, row.event.flow.type):
                entry.apply(now, row.event)
        else:
            self.failed += 1
        if row.event.trace is not None:
            row.event.trace(now, row.event, self.id, "done" if ok else "failed", "", row.poll.ref)
        row.replica = None
        self._next_row(now)

    # -- faults --------------------------------------------------------------------------------------------

    def _die(self, now: int) -> None:
        if self.running:
            self.running = False
            self.busy_us += now
            if self.row is not None:
                self.row.replica = None
                self.row = None
            self.batch.clear()
            self.asking.clear()
            self.frozen.clear()
            for poll in self.polls:
                poll.query = None
            for wire in self.wires:
                if isinstance(wire, CallWire):
                    wire.callers_died()

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if fault is not None:
            self.faults.append(fault)
            fault.hit = fault.hit or self.running
        if not self.downs:
            self.down_us -= now
        self.downs += 1
        self._die(now)

    def recover(self, now: int, replica: int | None) -> None:
        self.faults = [fault for fault in self.faults if fault.active]
        self.downs -= 1
        if not self.downs:
            self.down_us += now

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        self.hung += 1
        if fault is not None:
            self.faults.append(fault)
            fault.hit = fault.hit or self.running
        if self.hung == 1:
            self.frozen.take(now, lambda act, _item: act == self._worked)

    def thaw(self, now: int, replica: int | None) -> None:
        self.faults = [fault for fault in self.faults if fault.active]
        self.hung -= 1
        if not self.hung:
            self.frozen.thaw(now)

    def standing(self, handling: Any, ok: bool | None) -> bool:
        if self.hung:
            self.frozen.hold(self._go_on, (handling, ok))
        return bool(self.hung)

    def postpones(self, handling: Any, act: Act, item: object) -> bool:
        if self.hung:
            self.frozen.hold(act, item)
        return bool(self.hung)

    def _go_on(self, now: int, held: tuple[RowWork, bool | None]) -> None:
        self.resume(now, *held)

    def slow(self, now: int, factor: float, replica: int | None) -> None:
        self.factor *= factor

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        if fault.kind == "die-between":
            if active:
                self.dying.append(fault)
            elif fault in self.dying:
                self.dying.remove(fault)

    def dies_between(self, now: int, handling: Any, step: int) -> bool:
        row: RowWork = handling
        if not any(fault.strikes(row.event, row.turn * 64 + step) for fault in self.dying):
            return False
        if row.event.trace is not None:
            row.event.trace(now, row.event, self.id, "failed", "crash", row.poll.ref)
        self.failed += 1
        self._die(now)
        return True

    # -- reports -------------------------------------------------------------------------------------------

    def counts(self, now: int) -> Counts:
        depth = sum(poll.depth() for poll in self.polls)
        peak = sum(max(poll.peak, poll.depth()) for poll in self.polls)
        for poll in self.polls:
            poll.peak = poll.depth()
        return {
            "busy_us": self.busy_us + (now if self.running else 0),
            "wait_us": sum(poll.wait_us for poll in self.polls) + depth * now,
            "down_us": self.down_us + (now if self.downs and not self.joins > now else 0),
            "done": self.done,
            "failed": self.failed,
            "runs": self.runs,
            "skipped": self.skipped,
            "depth": depth,
            "peak": peak,
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        def grown(name: str) -> int:
            return last[name] - first.get(name, 0)

        return {
            "utilization": grown("busy_us") / span,
            "throughput_per_s": grown("done") * SECOND / span,
            "up": 1 - grown("down_us") / span,
            "queue": {"mean": grown("wait_us") / span, "max": last["peak"], "end": last["depth"]},
            "done": grown("done"),
            "failed": grown("failed"),
            "runs": grown("runs"),
            "skipped": grown("skipped"),
        }

    def levels(self) -> tuple[int, int, int, float]:
        return sum(poll.depth() for poll in self.polls), int(self.running), 1, float(not self.downs)

    def flows(self) -> tuple[int, int]:
        return self.done, self.failed

    def extra(self) -> dict[str, float]:
        return {"hung": float(self.hung > 0), "skipped": float(self.skipped)}


def _place(event: Event) -> Place:
    return event.flow.source.index, event.number, event.flow.type
