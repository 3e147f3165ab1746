"""The replicas of a service: who is there, what they have in hand, what waits for them, and what is told of all that.

Calls stand in one line for all replicas; what a channel has delivered waits at the replica that it was delivered to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Event, Work
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import SECOND, Act
from tutor.engine.core.part import Counts, World
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.channels.subscriptions import SubscribeWire


class Replica:
    """One copy of a service: its workers' hands, and the deliveries that it holds and has not started."""

    __slots__ = ("downs", "factor", "frozen", "hands", "hung", "index", "line", "seen", "up", "workers")

    def __init__(self, index: int, workers: int) -> None:
        self.index = index
        self.workers = workers
        self.hands: dict[Work, None] = {}
        self.line: deque[Work] = deque()
        self.up = True
        self.downs = 0
        self.hung = 0
        self.factor = 1.0
        self.frozen: list[tuple[int, Act, Any]] = []
        """What goes on when it thaws: (remaining µs, act, item)."""
        self.seen: dict[tuple[int, int, str], tuple[int, bool]] = {}
        """What this replica remembers to have handled: when, and whether to the end."""

    def messages(self, reader: SubscribeWire) -> list[Any]:
        """The deliveries of one subscription that it has in hand."""
        return [work for works in (self.hands, self.line) for work in works if work.via is reader]


class ReplicatedPart(Handler):
    """The replicas of a service at run time, and the lines in front of them."""

    spec: Service
    # what every piece of work touches stands in slots: an instance with many attributes is slow to reach otherwise
    __slots__ = ("busy_us", "debt", "done", "finish", "line", "only", "slowed", "slowness", "start", "wait_us", "waiting", "wasted")

    start: Callable[[int, Any, Replica], None]
    """A free worker of a replica begins: (now, work, replica)."""
    finish: Act
    """A worker has done its own work: (now, work)."""

    def __init__(self, spec: Service, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        count = spec.replicas if spec.autoscale is None else max(spec.autoscale.min, min(spec.replicas, spec.autoscale.max))
        self.replicas = [Replica(index, spec.workers) for index in range(count)]
        self.only = self.replicas[0] if count == 1 and spec.autoscale is None else None
        self.line: deque[Work] = deque()
        self.readers: list[SubscribeWire] = []
        self.turn = 0
        self.debt = 0.0
        self.slowed = False
        self.slowness: dict[int | None, float] = {}
        """How many times slower: by replica (from 0), and (None) all of them."""
        self.busy_us = self.wait_us = self.down_us = self.capacity_us = 0
        self.done = self.failed = self.refused = self.wasted = self.waiting = self.peak = 0
        self.lifo = spec.discipline == "lifo"
        if self.joins:
            for replica in self.replicas:
                replica.up, replica.downs = False, 1

    def join_in(self, reader: SubscribeWire) -> None:
        """A subscription of this service."""
        self.readers.append(reader)

    def open(self) -> None:
        for replica in self.replicas:
            if replica.up:
                self._connect(0, replica)

    def join(self, now: int) -> None:
        for replica in self.replicas:
            replica.downs -= 1
            if not replica.downs:
                replica.up = True
                self._connect(now, replica)

    def _connect(self, now: int, replica: Replica) -> None:
        for reader in self.readers:
            reader.consumer_up(now, replica)
            if replica.hung:
                reader.consumer_paused(now, replica)

    # -- more and fewer of them ----------------------------------------------------------------------------------------------------

    def add_replica(self, now: int) -> None:
        """One more replica is there, and takes what waits."""
        used = {one.index for one in self.replicas}
        replica = Replica(next(index for index in range(len(used) + 1) if index not in used), self.spec.workers)
        replica.factor = self._factor_of(replica)
        self.slowed = self.slowed or replica.factor != 1
        self.capacity_us += len(self.replicas) * now - (len(self.replicas) + 1) * now
        self.replicas.append(replica)
        self.world.mark(now, "scale", self.id, f"{len(self.replicas)} replicas")
        self._connect(now, replica)
        self._next(now, replica)

    def remove_replica(self, now: int, replica: Replica) -> None:
        """A replica leaves for good; it has nothing in hand."""
        self.capacity_us += now
        self.replicas.remove(replica)
        replica.up = False
        for reader in self.readers:
            reader.consumer_down(now, replica, clean=True, leaves=True)
        self.world.mark(now, "scale", self.id, f"{len(self.replicas)} replicas")

    def _factor_of(self, replica: Replica) -> float:
        slowness = self.slowness
        return slowness.get(None, 1.0) * slowness.get(replica.index, 1.0)

    # -- what waits ----------------------------------------------------------------------------------------------------------------

    def _free(self) -> Replica | None:
        replicas = self.replicas
        count, turn = len(replicas), self.turn
        for step in range(count):
            replica = replicas[(turn + step) % count]
            if len(replica.hands) < replica.workers and replica.up and not replica.hung:
                self.turn = turn + step + 1
                return replica
        return None

    def _waits(self, now: int, work: Work) -> None:
        work.since = now
        self.wait_us -= now
        waiting = self.waiting = self.waiting + 1
        if waiting > self.peak:
            self.peak = waiting

    def _next(self, now: int, replica: Replica) -> None:
        """Gives the free workers of a replica what waits: the oldest of its own deliveries and of the common line."""
        while self.waiting and replica.up and not replica.hung and len(replica.hands) < replica.workers:
            own, common = replica.line, self.line
            if own and (not common or own[0].since <= common[0].since):
                work = own.popleft()
            elif common:
                work = common.pop() if self.lifo else common.popleft()
            else:
                return
            self.waiting -= 1
            self.wait_us += now
            if not work.open and self.spec.drop_expired:
                self._expired(now, work)
                continue
            self.start(now, work, replica)

    def _expired(self, now: int, work: Work) -> None:
        """Work whose caller has gone is dropped unstarted."""
        if work.event.trace is not None:
            work.event.trace(now, work.event, self.id, "dropped", "nobody waits for it", work.via.ref)
        self.refused += 1
        work.via.answered(now, work, False)

    # -- what is told --------------------------------------------------------------------------------------------------------------

    def busy(self) -> int:
        """How many workers have work in hand."""
        return sum(len(one.hands) for one in self.replicas)

    def held(self) -> Iterable[Event]:
        for work in self.line:
            yield work.event
        for replica in self.replicas:
            for works in (replica.hands, replica.line):
                for work in works:
                    yield work.event

    def counts(self, now: int) -> Counts:
        peak, self.peak = max(self.peak, self.waiting), self.waiting
        down = sum(not one.up for one in self.replicas)
        return {
            "busy_us": self.busy_us + self.busy() * now,
            "wait_us": self.wait_us + self.waiting * now,
            "down_us": self.down_us + down * now,
            "replica_us": self.capacity_us + len(self.replicas) * now,
            "done": self.done,
            "failed": self.failed,
            "refused": self.refused,
            "wasted": self.wasted,
            "depth": self.waiting,
            "peak": peak,
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        def grown(name: str) -> int:
            return last[name] - first.get(name, 0)

        ended = grown("done") + grown("failed")
        replica_us = grown("replica_us") or 1
        return {
            "utilization": grown("busy_us") / (replica_us * self.spec.workers),
            "throughput_per_s": grown("done") * SECOND / span,
            "up": 1 - grown("down_us") / replica_us,
            "queue": {"mean": grown("wait_us") / span, "max": last["peak"], "end": last["depth"]},
            "wasted_work": grown("wasted") / ended if ended else 0.0,
            "done": grown("done"),
            "failed": grown("failed"),
            "refused": grown("refused"),
            "replicas": {"mean": replica_us / span},
        }

    def totals(self, now: int) -> dict[str, Any]:
        if not self.readers:
            return {}
        consumers = [consumer for reader in self.readers for consumer in reader.consumers.values()]
        return {
            "held": {"max": max((consumer.most for consumer in consumers), default=0)},
            "idle": sum(consumer.most == 0 for consumer in consumers),
        }

    def levels(self) -> tuple[int, int, int, float]:
        up = sum(one.up for one in self.replicas)
        return self.waiting, self.busy(), up * self.spec.workers, up / len(self.replicas)

    def flows(self) -> tuple[int, int]:
        return self.done, self.failed + self.refused

    def extra(self) -> dict[str, float]:
        return {
            "replicas": float(len(self.replicas)),
            "hung": float(any(one.hung for one in self.replicas)),
            "wasted": float(self.wasted),
        }
