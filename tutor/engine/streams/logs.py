"""The log of a stream: its partitions, the records in them, those that readers see, and those that are
removed.

Retention and compaction remove records without asking who has read them (Apache Kafka topic configuration
``retention.ms``, ``cleanup.policy``); a leader that lacks records takes them back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.engine.core.events import Event, Flow, make_event
from tutor.engine.core.luck import spread
from tutor.engine.core.part import WireRun, World
from tutor.model.clock import SECOND, micros
from tutor.model.component import Client, Stream

if TYPE_CHECKING:
    from tutor.engine.streams.groups import GroupWire

CLEAN_US = 10 * SECOND
"""A compacted stream keeps superseded records at least this long (Kafka: the active segment is not
compacted).
"""
TRIM = 4096
"""Records that nobody will ask for are forgotten in lots of this size: off a log of 30,000 one by one takes
4.9 us a record, so 0.01 us.
"""

Record = tuple[Event, int, int]
"""(event, turn, when it was stored)."""


class Partition:
    """One ordered shard of the log: ``log[i]`` has the offset ``base + i``; readers see offsets below
    ``visible``.
    """

    __slots__ = ("base", "latest", "log", "low", "visible")

    def __init__(self) -> None:
        self.log: list[Record] = []
        self.base = 0
        self.low = 0
        """Retention has removed what is before this offset; a member may have some of it in hand still."""
        self.visible = 0
        self.latest: dict[tuple[str, int], int] = {}
        """With compaction: the offset of the newest record of each key."""

    @property
    def end(self) -> int:
        """The offset that the next record will have."""
        return self.base + len(self.log)

    @property
    def start(self) -> int:
        """The offset of the oldest record that a reader can ask for."""
        return max(self.base, self.low)


class Log:
    """The partitions of one stream: the records in them, those that readers see, and those that are removed.

    ``settled()`` says whether no election can take back a stored record.
    """

    def __init__(self, spec: Stream, world: World, settled: Callable[[], bool]) -> None:
        self.spec = spec
        self.world = world
        self.kernel = world.kernel
        self.settled = settled
        self.partitions = [Partition() for _ in range(spec.partitions)]
        self.groups: list[GroupWire] = []
        """Who reads it."""
        self.inlets: list[WireRun] = []
        """Who writes to it."""
        self.retention = None if spec.retention_s is None else micros(spec.retention_s)
        self.room = spec.retention_records
        self.stored = self.unreplicated = 0
        self._filled = False

    def open(self, joins: int) -> None:
        """Opens the log: called once, before the clock starts; ``joins``: when the stream joins the system
        (µs).
        """
        self.fill()
        if self.retention is not None:
            self.kernel.at(joins + max(self.retention // 20, SECOND // 10), self._expire)

    def fill(self) -> None:
        """Adds the records from before the run, once: when the stream opens, or the first group that opens
        before it.
        """
        if self._filled or not self.spec.history:
            return
        self._filled = True
        flow = Flow(self.world.source(f"{self.spec.id}/history"), self._history_type())
        keys = self.world.chance.uniforms(self.spec.id, "history", self.spec.id)
        for number in range(self.spec.history):
            event = make_event(flow, number, int(keys.at(number) * 1000), 1, 0)
            partition = self.partitions[spread(event.key) % len(self.partitions)]
            partition.log.append((event, 0, 0))
            partition.visible = partition.end
        if self.room is not None:
            for number, partition in enumerate(self.partitions):
                self._retain(0, number, partition.end - self.room)

    def _history_type(self) -> str:
        """Returns the type of the records that are in the log at the start: the type that its publishers
        send.
        """
        for wire in self.inlets:
            if wire.renames:
                return wire.renames
            source = self.world.scenario.design.components[wire.spec.source]
            if isinstance(source, Client):
                return source.event
        for component in self.world.scenario.design.components.values():
            if isinstance(component, Client):
                return component.event
        return "history"

    def append(self, now: int, number: int, event: Event, turn: int) -> int:
        """Stores a record in a partition, and returns its offset."""
        partition = self.partitions[number]
        offset = partition.end
        partition.log.append((event, turn, now))
        self.stored += 1
        if self.spec.compacted:
            partition.latest[event.flow.type, event.key] = offset
        return offset

    def grow(self, count: int) -> None:
        """Adds partitions up to this count; as in Kafka, none is ever taken away."""
        while len(self.partitions) < count:
            self.partitions.append(Partition())

    def kept(self) -> int:
        """Returns the number of records that are here and can be asked for."""
        return sum(partition.end - partition.start for partition in self.partitions)

    def show(self, now: int, number: int, upto: int) -> None:
        """Makes the records before ``upto`` visible to readers."""
        partition = self.partitions[number]
        for offset in range(partition.visible, min(upto, partition.end)):
            partition.visible = offset + 1
            for group in self.groups:
                group.has_more(now, number, offset)
        if self.room is not None:
            self._retain(now, number, partition.visible - self.room, TRIM)

    # -- what is removed -----------------------------------------------------------------------------------

    def _expire(self, now: int, _: None) -> None:
        assert self.retention is not None
        limit = now - self.retention
        for number, partition in enumerate(self.partitions):
            log, count = partition.log, 0
            while count < len(log) and log[count][2] < limit:
                count += 1
            self._retain(now, number, partition.base + count)
        self.kernel.at(now + max(self.retention // 20, SECOND // 10), self._expire)

    def _retain(self, now: int, number: int, upto: int, lot: int = 1) -> None:
        """Removes the records before the offset ``upto`` of a partition, whoever has read them: nobody can
        ask for them from now on, and they are forgotten in lots of ``lot``.
        """
        partition = self.partitions[number]
        if upto > partition.base:
            partition.low = max(partition.low, upto)
            least = min([upto, *(group.positions.expired(now, number, upto) for group in self.groups)])
            if least - partition.base >= lot:  # a group may keep what was cut before
                self._cut(partition, least - partition.base)

    def _cut(self, partition: Partition, count: int) -> None:
        del partition.log[:count]
        partition.base += count
        partition.visible = max(partition.visible, partition.base)

    def trim(self, number: int) -> None:
        """Forgets records that every group has read, no later group will ask for, and no election can take
        back.
        """
        if not self.settled():
            return
        partition = self.partitions[number]
        least = min(group.positions.needed(number) for group in self.groups if group.positions.claims)
        if least - partition.base >= TRIM and not any(group.positions.comes_later() for group in self.groups):
            self._cut(partition, least - partition.base)

    def superseded(self, partition: Partition, offset: int, now: int) -> bool:
        """Returns whether compaction has removed this record."""
        if not self.spec.compacted:
            return False
        event, _, stored = partition.log[offset - partition.base]
        return now - stored > CLEAN_US and partition.latest.get((event.flow.type, event.key), offset) > offset

    def drop_after(self, now: int, kept: int, why: str) -> None:
        """Removes the records stored after ``kept`` (µs): they are gone with a leader, or in a crash."""
        for number, partition in enumerate(self.partitions):
            log, count, seen = partition.log, 0, partition.visible
            while log and log[-1][2] > kept:
                event = log.pop()[0]
                count += 1
                if why == "unreplicated" and partition.end < seen:
                    # who has handled it acted on a record that never was
                    self.world.ledger.roll_back(event, self.spec.id)
                if event.trace is not None:
                    event.trace(now, event, self.spec.id, "lost", why, "")
            if count:
                self.unreplicated += count
                partition.visible = min(partition.visible, partition.end)
                partition.low = min(partition.low, partition.end)
                for group in self.groups:
                    group.positions.truncated(now, number, partition.end, seen, why)
