"""Streams: a partitioned log that keeps its records, whoever has read them.

Follows Apache Kafka: ``hash(key) % partitions`` chooses the partition (documentation, "Design", 4.4), a
record counts as stored for readers when all in sync have it (4.7). Each consumer group counts its own copies,
so that published = acked + dead-lettered + dropped + still held.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Any

from tutor.engine.channels.holds import Hold
from tutor.engine.core.events import Event
from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.luck import spread
from tutor.engine.core.part import Accept, Counts, Part, Send, WireRun, World
from tutor.engine.streams.logs import Log
from tutor.engine.streams.replication import Replication
from tutor.model.clock import SECOND, micros
from tutor.model.component import Stream

BOOKS = ("published", "delivered", "redelivered", "acked", "dead_lettered", "dropped")
"""The counts of a channel that only grow."""
DRAWN = 64
"""Partitions that a timeline has tracks for: two of 600 steps each are 38 KB, so a thousand would be 38 MB
that nobody can tell apart on a screen.
"""


class StreamPart(Part):
    """A stream at run time."""

    def __init__(self, spec: Stream, world: World) -> None:
        super().__init__(spec, world)
        self.spec = spec
        self.log = Log(spec, world, self._settled)
        self.groups = self.log.groups
        self.nodes = Replication(
            self.kernel,
            nodes=spec.replicas,
            failover=micros(spec.failover_s),
            lag=micros(spec.replication_lag_ms / 1000),
            unclean=spec.unclean_election,
            truncate=self._truncate,
            changed=self._nodes_changed,
        )
        self.watchers: list[Callable[[int], None]] = []
        self.hold = Hold()
        self.turn = 0
        self.refused = self.passed_over = 0
        self.alone = 0
        """Records that one node alone had when the publisher was told that they are stored, or didn't ask."""
        self.dead_letters: Callable[[int, Event, int], bool] | None = None
        self.present = not self.joins
        self._spreading: deque[tuple[int, int, int, WireRun | None, object]] = deque()
        """What not all in sync have: (when they will, partition, offset, publish wire or None, sending)."""

    def open(self) -> None:
        self.log.open(self.joins)

    def _settled(self) -> bool:
        """Returns whether no election can take back a stored record."""
        return not self.spec.unclean_election or len(self.nodes.in_sync) >= self.spec.replicas

    def join(self, now: int) -> None:
        self.present = True
        for back in self.watchers:
            back(now)

    # -- publishing ----------------------------------------------------------------------------------------

    def watch(self, back: Callable[[int], None]) -> None:
        """Registers ``back``, which is called as ``back(now)`` each time the stream is back."""
        self.watchers.append(back)

    def up_now(self) -> bool:
        """Returns whether the stream takes records."""
        return self.present and self.nodes.up

    def short_way(self, wire: WireRun, otherwise: Send) -> Send:
        """Returns the function by which a producer sends while nothing is out of the ordinary."""
        return otherwise

    def inlet(self, wire: WireRun) -> Accept:
        """Returns the function by which one publish or capture wire puts records in."""
        self.log.inlets.append(wire)
        acks = wire.acks
        choose = self._chooser(wire.key)

        def accept(now: int, event: Event, turn: int, sending: object) -> bool | None:
            if self._refuses(now, event, acks, wire):
                return acks == "none"
            if self.hold.hangs:
                self.hold.met()
                self.hold.keep(wire, event, turn, sending)
                return True if acks == "none" else None
            return self._append(now, event, turn, choose(event), acks, wire, sending)

        return accept

    def _refuses(self, now: int, event: Event, acks: str, wire: WireRun) -> bool:
        """Returns whether the stream refuses a record: nobody leads, or too few are in sync for what the
        publisher asks.
        """
        if (
            self.present
            and self.nodes.up
            and (acks != "all" or len(self.nodes.in_sync) >= self.spec.min_insync)
        ):
            return False
        self.met()
        self.refused += 1
        if event.trace is not None:
            event.trace(
                now, event, self.id, "refused", "too few in sync" if self.nodes.up else "down", wire.ref
            )
        return True

    def _chooser(self, key: str) -> Callable[[Event], int]:
        if key == "entity":
            return lambda event: spread(event.key)
        if key == "group":
            return lambda event: spread_text(event.group)

        def in_turn(event: Event) -> int:
            self.turn += 1
            return self.turn

        return in_turn

    def _full(self, now: int, event: Event, number: int, wire: WireRun) -> bool | None:
        """Returns the answer to a publisher whose partition is full and does not make room: False if the
        record is refused, True if it is silently dropped; None if there is room.
        """
        if self.log.room is None or self.spec.overflow == "drop-oldest":
            return None
        if self.log.partitions[number].end - self.log.partitions[number].start < self.log.room:
            return None
        if self.spec.overflow == "drop-newest":
            self.passed_over += 1
            for group in self.groups:
                group.positions.passed_over(event, "overflow")
        else:
            self.refused += 1
        if event.trace is not None:
            dropped = self.spec.overflow == "drop-newest"
            event.trace(now, event, self.id, "dropped" if dropped else "refused", "overflow", wire.ref)
        return self.spec.overflow == "drop-newest"

    def _append(
        self, now: int, event: Event, turn: int, place: int, acks: str, wire: WireRun, sending: object
    ) -> bool | None:
        number = place % len(self.log.partitions)
        told = self._full(now, event, number, wire)
        if told is not None:
            return told or acks == "none"
        offset = self.log.append(now, number, event, turn)
        if event.trace is not None:
            event.trace(now, event, self.id, "stored", f"partition {number}, offset {offset}", wire.ref)
        spread = self.nodes.spread
        if not spread and not self._spreading:
            self.alone += len(self.nodes.in_sync) < 2
            self.log.show(now, number, offset + 1)
            return True
        waits = acks == "all"
        self.alone += not waits
        due = now + spread
        if self._spreading and due < self._spreading[-1][0]:
            due = self._spreading[-1][0]
        self._spreading.append((due, number, offset, wire if waits else None, sending))
        if len(self._spreading) == 1:
            self.kernel.at(due, self._spread_out)
        return None if waits else True

    def _spread_out(self, now: int, _: None) -> None:
        """Shows readers the oldest records, which all in sync have by now; whoever waits for that is
        informed.
        """
        spreading = self._spreading
        while spreading and spreading[0][0] <= now:
            _due, number, offset, wire, sending = spreading.popleft()
            if wire is not None:
                self.alone += len(self.nodes.in_sync) < 2
                wire.confirmed(now, sending, True)
            self.log.show(now, number, offset + 1)
        if spreading:
            self.kernel.at(spreading[0][0], self._spread_out)

    def dead_letter_to(self, accept: Accept) -> None:
        """Sets the place for records that a group gives up."""

        def target(now: int, event: Event, turn: int) -> bool:
            return bool(accept(now, event, turn, None))

        self.dead_letters = target

    # -- faults --------------------------------------------------------------------------------------------

    def crash(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        if fault is not None:
            self.hold.faults.append(fault)
            fault.hit = fault.hit or any(partition.log for partition in self.log.partitions)
        self.nodes.lose(now, replica)
        if not self.spec.durable and not any(node.up for node in self.nodes.nodes):
            self.log.drop_after(now, -1, "crash")
        if self.spec.replicas > 1:
            self.world.mark(now, "failover", self.id, "another node takes over")

    def recover(self, now: int, replica: int | None) -> None:
        self.hold.forget_over()
        self.nodes.regain(now, replica)

    def _nodes_changed(self, now: int) -> None:
        if not self.nodes.up:
            waiting, self._spreading = self._spreading, deque()
            for _due, _number, _offset, wire, sending in waiting:
                if wire is not None:
                    wire.confirmed(now, sending, False)
            for blocked, event, _turn, sending in self.hold.empty():
                if self._refuses(now, event, blocked.acks, blocked):
                    blocked.confirmed(now, sending, False)
            return
        if not self._spreading:
            for number, partition in enumerate(self.log.partitions):
                self.log.show(now, number, partition.end)
        for back in self.watchers:
            back(now)
        for group in self.groups:
            group.wake(now)

    def _truncate(self, now: int, kept: int) -> None:
        """Removes the records stored after ``kept``, which the new leader lacks."""
        if self.spec.replicas > 1:
            self.log.drop_after(now, kept, "unreplicated")

    def hang(self, now: int, replica: int | None, fault: ActiveFault | None = None) -> None:
        self.hold.begin(replica, self.nodes.leader, fault)

    def thaw(self, now: int, replica: int | None) -> None:
        if not self.hold.end(replica):
            return
        self.hold.take_all(now, self._take_held)
        for group in self.groups:
            group.wake(now)

    def _take_held(self, now: int, wire: WireRun, event: Event, turn: int, sending: object) -> bool | None:
        """Takes in a record that was held back while the stream hung."""
        if self._refuses(now, event, wire.acks, wire):
            return False
        return self._append(now, event, turn, self._chooser(wire.key)(event), wire.acks, wire, sending)

    def strike(self, now: int, fault: ActiveFault, active: bool) -> None:
        if fault.kind == "repartition" and active and fault.spec.partitions > len(self.log.partitions):
            fault.hit = True
            self.log.grow(fault.spec.partitions)
            for group in self.groups:
                group.repartitioned(now)

    def serves(self) -> bool:
        """Returns whether groups can read and commit."""
        return self.present and self.nodes.up and not self.hold.hangs

    def met(self) -> None:
        """Marks the faults that last as hits: work has met them."""
        self.hold.met()

    # -- reports -------------------------------------------------------------------------------------------

    def held(self) -> Iterable[Event]:
        yield from self.hold.events()
        if not self.groups:
            for partition in self.log.partitions:
                for event, _, _ in partition.log[partition.start - partition.base :]:
                    yield event
        for group in self.groups:
            yield from group.positions.unread()

    def counts(self, now: int) -> Counts:
        total: Counter[str] = Counter(dict.fromkeys(BOOKS, 0))
        lag_peak = 0
        for group in self.groups:
            counts = group.positions.counts(now)
            lag_peak = max(lag_peak, counts["lag_peak"])
            total.update(counts)
        if not self.groups:
            kept = self.log.kept()
            total.update(
                published=self.log.stored + self.passed_over,
                dropped=self.passed_over + max(0, self.log.stored - kept),
                depth=kept,
                peak=kept,
            )
        total["lag"] = max((group.positions.lag() for group in self.groups), default=total["depth"])
        total["lag_peak"] = lag_peak if self.groups else total["depth"]
        in_bytes = sum(int((wire.sent - wire.failed) * wire.size_kb * 1000) for wire in self.log.inlets)
        return {
            **total,
            "down_us": self.nodes.down_until(now),
            "in_bytes": in_bytes,
            "taken": self.log.stored,
        }

    def report(self, first: Counts, last: Counts, span: int) -> dict[str, Any]:
        def grown(name: str) -> int:
            return last.get(name, 0) - first.get(name, 0)

        queue = {"mean": grown("wait_us") / span, "max": last.get("peak", 0), "end": last.get("depth", 0)}
        taken = grown("taken")
        egress = grown("in_bytes") * grown("delivered") / taken if taken else 0.0
        return {
            "throughput_per_s": grown("acked") * SECOND / span,
            "up": 1 - grown("down_us") / span,
            "queue": queue,
            "lag": {"max": last.get("lag_peak", 0), "end": last.get("lag", 0)},
            **{name: grown(name) for name in BOOKS},
            "in_flight": last.get("in_flight", 0),
            "egress_kb_per_s": egress / 1000 * SECOND / span,
        }

    def totals(self, now: int) -> dict[str, Any]:
        counts = self.counts(now)
        reasons: Counter[str] = Counter()
        for group in self.groups:
            reasons.update(group.positions.reasons)
        return {
            **{name: counts.get(name, 0) for name in BOOKS},
            "dropped_by": dict(sorted(reasons.items())),
            "in_flight": counts.get("in_flight", 0),
            "refused": self.refused,
            "stored": self.log.stored,
            "confirmed_alone": self.alone,
            "unreplicated": self.log.unreplicated,
            "retained": self.log.kept(),
            "partitions": len(self.log.partitions),
            "lag": {
                "max": max((group.positions.most for group in self.groups), default=counts["peak"]),
                "end": counts["lag"],
            },
            "groups": {group.spec.target: group.positions.told(now) for group in self.groups},
        }

    def levels(self) -> tuple[int, int, int, float]:
        depth = sum(group.positions.backlog() for group in self.groups)
        in_hand = sum(group.positions.in_flight() for group in self.groups)
        up = sum(node.up for node in self.nodes.nodes) / self.spec.replicas if self.nodes.up else 0.0
        return depth, in_hand, sum(group.positions.served() for group in self.groups), up

    def flows(self) -> tuple[int, int]:
        return sum(one.positions.acked for one in self.groups), self.refused + sum(
            one.positions.discarded + one.positions.dead_lettered for one in self.groups
        )

    def extra(self) -> dict[str, float]:
        groups = [group.positions for group in self.groups]
        levels = {
            "in_sync": float(len(self.nodes.in_sync)),
            "partitions": float(len(self.log.partitions)),
            "hung": float(self.hold.hangs > 0),
            "dead_lettered": float(sum(one.dead_lettered for one in groups)),
            "oldest_age_s": max(
                (group.positions.oldest_age(self.kernel.now) for group in self.groups), default=0.0
            ),
        }
        for group in self.groups:
            levels[f"held/{group.spec.target}"] = float(group.positions.in_flight())
        if self.groups and len(self.log.partitions) <= DRAWN:
            for number in range(len(self.log.partitions)):
                levels[f"partition/{number}/lag"] = float(max(one.lag_of(number) for one in groups))
                levels[f"partition/{number}/written"] = float(self.log.partitions[number].end)
        return levels


def spread_text(text: str) -> int:
    """Hashes a text; the same everywhere."""
    return spread(int.from_bytes(text.encode()[:64], "big") & 0xFFFFFFFFFFFFFFFF)
