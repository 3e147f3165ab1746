"""Databases: connections that everyone shares, the last written version of each key, and the copies that
follow.

A read or a write uses one connection for its time (PostgreSQL ``max_connections``; a pool in front of it
waits in one line). What has reached the database commits, also when the caller has given up. With replicas a
standby takes over after ``failover_s`` (PostgreSQL streaming replication; Amazon RDS Multi-AZ). A rename of a
column breaks every service with a wire to the table except its owner (microservices.io, "Shared database").
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tutor.engine.channels.brokers import Broker, Spared
from tutor.engine.core.events import Event, Flow, Query
from tutor.engine.core.frozen import Frozen
from tutor.engine.core.luck import Draws
from tutor.engine.core.part import Counts, Part, World
from tutor.engine.core.quantiles import quantiles
from tutor.model.clock import SECOND, micros
from tutor.model.component import Database

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault
    from tutor.engine.core.seams import RequiredEffect
    from tutor.engine.services.jobs import PollWire
    from tutor.engine.stores.captures import CaptureWire


class Standby(Broker):
    """The standby copies of a database: one that is up is enough to take over."""

    __slots__ = ()

    def _enough(self) -> bool:
        return self.up_nodes >= 1


class DatabasePart(Part):
    """A database at run time."""

    spec: Database

    def __init__(self, spec: Database, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        self.nodes = Standby(self.kernel, spec.replicas, micros(spec.failover_s), self._up_again)
        self.hands: dict[Query, None] = {}
        self.line: deque[Query] = deque()
        self.rows = spec.rows
        self.versions: dict[int, int] = {}
        """The version that was written last, by key."""
        self.follower: Copy | None = None
        self.followers: list[Copy] = []
        self.polls: list[PollWire] = []
        self.captures: list[CaptureWire] = []
        self.faults: list[ActiveFault] = []
        self.changes: list[ActiveFault] = []
        self.factor = 1.0
        self.hung = 0
        self.spared = Spared()
        self.frozen = Frozen(self.kernel)
        self.reads = self.writes = self.failed = self.rolled_back = self.peak = 0
        self.busy_us = self.wait_us = 0
        self._times: dict[tuple[str, str], Draws] = {}
        self._rollbacks: dict[str, Draws] = {}
        self._effects: dict[Flow, Sequence[RequiredEffect]] = {}
        if self.joins:
            self.nodes.absent()

    def open(self) -> None:
        original = self.world.parts.get(self.spec.copy_of) if self.spec.copy_of else None
        if isinstance(original, DatabasePart):
            self.follower = Copy(original, self)
            original.followers.append(self.follower)

    def join(self, now: int) -> None:
        self.nodes.join(now)

    # -- work ----------------------------------------------------------------------------------------------

    def offer(self, now: int, work: Query) -> bool:
        """Takes a query; returns False if the database is down, or no longer knows what the query
        asks for.
        """
        if not self.nodes.up:
            for fault in self.faults:
                fault.hit = True
            self._turned_away(now, work, "down")
            return False
        if self.changes and work.kind != "scan":
            for fault in self.changes:
                fault.hit = True
            if work.user != self.spec.owner:
                self._turned_away(now, work, "the schema has changed")
                return False
        if len(self.hands) < self.spec.connections and not self.hung:
            self._start(now, work)
            return True
        for fault in self.faults:
            fault.hit = True
        self.line.append(work)
        self.wait_us -= now
        if len(self.line) > self.peak:
            self.peak = len(self.line)
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "waiting", "for a connection", work.via.ref)
        return True

    def _turned_away(self, now: int, work: Query, why: str) -> None:
        self.failed += 1
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "refused", why, work.via.ref)

    def _start(self, now: int, work: Query) -> None:
        self.hands[work] = None
        self.busy_us -= now
        self.kernel.at(now + int(self._length(work) * self.factor + 0.5), self._finish, work)

    def _length(self, work: Query) -> int:
        if work.kind == "scan":
            return work.length
        event = work.event
        name = (work.via.ref, event.flow.source.id)
        draws = self._times.get(name)
        if draws is None:
            mean = self.spec.write_ms if work.kind == "write" else self.spec.read_ms
            draws = self.world.chance.times(
                self.id, work.via.ref, event.flow.source.id, 1000 * mean, self.spec.distribution
            )
            self._times[name] = draws
        return int(draws.at(event.number, work.turn))

    def _finish(self, now: int, work: Query) -> None:
        if work not in self.hands:
            return
        del self.hands[work]
        self.busy_us += now
        ok = True
        if work.kind == "write":
            ok = self._commit(now, work)
        else:
            self.reads += 1
            if work.event.trace is not None:
                work.event.trace(now, work.event, self.id, "done", "read", work.via.ref)
        self._next(now)
        work.via.answered(now, work, ok)

    def _commit(self, now: int, work: Query) -> bool:
        event = work.event
        if work.empty:
            if event.trace is not None:
                event.trace(now, event, self.id, "done", "nothing to write: the event is thin", work.via.ref)
            return True
        if self.spec.rollback_rate and self._draw_rollback(event, work.turn) < self.spec.rollback_rate:
            self.rolled_back += 1
            self.world.ledger.roll_back(event, self.id)
            if event.trace is not None:
                event.trace(now, event, self.id, "rolled-back", "", work.via.ref)
            return False
        if self.spec.rollback_rate:
            self.world.ledger.commit(event, self.id)
        self.writes += 1
        self.versions[event.key] = event.version
        if event.trace is not None:
            event.trace(now, event, self.id, "done", "committed", work.via.ref)
        for entry in self._effects_of(event):
            entry.apply(now, event)
        for copy in self.followers:
            copy.original_wrote(now, event.key, event.version)
        if self.follower is not None:
            self.follower.copy_wrote(now, event.key, event.version)
        if not work.by_job:
            self.rows += 1
            for poll in self.polls:
                poll.committed(now, event)
        for capture in self.captures:
            capture.committed(now, event)
        return True

    def _effects_of(self, event: Event) -> Sequence[RequiredEffect]:
        effects = self._effects.get(event.flow)
        if effects is None:
            effects = self._effects[event.flow] = self.world.ledger.effects_at(self.id, event.flow.type)
        return effects

    def _draw_rollback(self, event: Event, turn: int) -> float:
        source = event.flow.source.id
        draws = self._rollbacks.get(source)
        if draws is None:
            draws = self._rollbacks[source] = self.world.chance.uniforms(self.id, "rollback", source)
        return draws.at(event.number, turn)

    def _next(self, now: int) -> None:
        line = self.line
        while line and not self.hung and self.nodes.up and len(self.hands) < self.spec.connections:
            self.wait_us += now
            self._start(now, line.popleft())

    # -- faults --------------------------------------------------------------------------------------------

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        works = [*self.hands, *self.line]
        if fault is not None:
            self.faults.append(fault)
            fault.hit = fault.hit or bool(works)
        if not self.nodes.lose(now, replica):
            return
        self.busy_us += now * len(self.hands)
        self.wait_us += now * len(self.line)
        self.hands.clear()
        self.line.clear()
        self.frozen.clear()
        for capture in self.captures:
            capture.stop()
        if self.spec.replicas > 1:
            self.world.mark(now, "failover", self.id, "a standby takes over")
        for work in works:
            self.failed += 1
            work.via.abandoned(now, work)

    def recover(self, now: int, replica: int | None) -> None:
        self.faults = [fault for fault in self.faults if fault.active]
        self.nodes.regain(now, replica)

    def _up_again(self, now: int) -> None:
        self._next(now)
        for capture in self.captures:
            capture.resume(now)

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if self.spared.begins(replica, self.nodes.leader):
            return
        self.hung += 1
        if fault is not None:
            self.faults.append(fault)
            fault.hit = fault.hit or bool(self.hands)
        if self.hung == 1:
            self.frozen.take(now, lambda act, _item: act == self._finish)

    def thaw(self, now: int, replica: int | None) -> None:
        if self.spared.ends(replica):
            return
        for fault in self.faults:
            fault.hit = fault.hit or (fault.kind == "hang" and bool(self.line))
        self.faults = [fault for fault in self.faults if fault.active]
        self.hung -= 1
        if not self.hung:
            self.frozen.thaw(now)
            self._next(now)

    def slow(self, now: int, factor: float, replica: int | None) -> None:
        self.factor *= factor

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        if fault.kind == "schema-change":
            if active:
                self.changes.append(fault)
            elif fault in self.changes:
                self.changes.remove(fault)

    # -- reports -------------------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        for works in (self.hands, self.line):
            for work in works:
                if work.kind != "scan":
                    yield work.event
        for poll in self.polls:
            yield from poll.pending()

    def counts(self, now: int) -> Counts:
        peak, self.peak = max(self.peak, len(self.line)), len(self.line)
        return {
            "busy_us": self.busy_us + now * len(self.hands),
            "wait_us": self.wait_us + now * len(self.line),
            "down_us": self.nodes.down_until(now),
            "reads": self.reads,
            "writes": self.writes,
            "failed": self.failed,
            "rolled_back": self.rolled_back,
            "depth": len(self.line),
            "peak": peak,
            "until": now,
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        def grown(name: str) -> int:
            return last[name] - first.get(name, 0)

        seen: dict[str, Any] = {name: grown(name) for name in ("writes", "reads", "rolled_back")}
        if self.follower is not None:
            seen |= self.follower.judge(first.get("until", 0), last["until"])
        return {
            "utilization": grown("busy_us") / (span * self.spec.connections),
            "throughput_per_s": (grown("reads") + grown("writes")) * SECOND / span,
            "up": 1 - grown("down_us") / span,
            "queue": {"mean": grown("wait_us") / span, "max": last["peak"], "end": last["depth"]},
            "failed": grown("failed"),
            "database": seen,
        }

    def levels(self) -> tuple[int, int, int, float]:
        up = self.nodes.up_nodes / self.spec.replicas if self.nodes.up else 0.0
        return len(self.line), len(self.hands), self.spec.connections if self.nodes.up else 0, up

    def flows(self) -> tuple[int, int]:
        return self.reads + self.writes, self.failed + self.rolled_back

    def extra(self) -> dict[str, float]:
        levels = {"rows": float(self.rows), "hung": float(self.hung > 0)}
        if self.polls:
            levels["unhandled"] = float(max(poll.depth() for poll in self.polls))
        if self.captures:
            levels["uncaptured"] = float(sum(capture.backlog() for capture in self.captures))
        if self.follower is not None:
            levels["diverged_keys"] = float(self.follower.diverged)
        return levels


class Copy:
    """The lag of a copy behind its original: keys that differ, and for each write how long the copy did not
    have it.
    """

    __slots__ = ("copy", "diverged", "original", "seen", "times", "waiting")

    def __init__(self, original: DatabasePart, copy: DatabasePart) -> None:
        self.original = original
        self.copy = copy
        self.diverged = 0
        self.waiting: dict[int, deque[tuple[int, int]]] = {}
        """By key: (version, when the original wrote it) of writes that the copy does not have."""
        self.times: array[int] = array("q")
        self.seen: array[int] = array("q")
        """For each write that the copy has got: when the original wrote it, and how long that took (µs)."""

    def original_wrote(self, now: int, key: int, version: int) -> None:
        """Notes that the original has a new version."""
        self.waiting.setdefault(key, deque()).append((version, now))
        self._count()

    def copy_wrote(self, now: int, key: int, version: int) -> None:
        """Notes that the copy has been written."""
        waiting = self.waiting.get(key)
        while waiting and waiting[0][0] <= version:
            _, since = waiting.popleft()
            self.times.append(since)
            self.seen.append(now - since)
        if waiting is not None and not waiting:
            del self.waiting[key]
        self._count()

    def _count(self) -> None:
        self.diverged = len(self.waiting)

    def diverged_keys(self) -> int:
        """Returns the number of keys whose last version differs between the two."""
        ours, theirs = self.copy.versions, self.original.versions
        return sum(ours.get(key) != theirs.get(key) for key in ours.keys() | theirs.keys())

    def judge(self, first: int, last: int) -> dict[str, Any]:
        """Returns divergence now, and staleness of the original's writes between two moments; a write still
        missing has been stale until now.
        """
        now = self.copy.kernel.now
        ages = [age for since, age in zip(self.times, self.seen, strict=True) if first <= since < last]
        ages += [
            now - since for waiting in self.waiting.values() for _, since in waiting if first <= since < last
        ]
        return {"diverged_keys": self.diverged_keys(), "staleness_ms": quantiles(ages)}
