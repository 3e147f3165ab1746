"""The ``subscribe`` wire of a stream: a service as a consumer group.

Each worker of each replica is a member (Kafka: one consumer per thread). A partition is read by one member at a time; a member fetches a
batch, handles it record by record and then commits the next offset, which acknowledges everything before it (Apache Kafka documentation,
"Design", 4.5 and 4.6). A failed record is tried again in place, so it blocks its partition until it is dropped or dead-lettered.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tutor.engine.buffers import REPEAT
from tutor.engine.events import Delivery, Event, fill_delivery
from tutor.engine.kernel import SECOND, Countdown, micros
from tutor.engine.membership import Member, Membership
from tutor.engine.part import Counts, Part, WireRun, World
from tutor.model.wire import Subscribe

if TYPE_CHECKING:
    from tutor.engine.services import Replica, ServicePart
    from tutor.engine.streams import StreamPart


class Claim:
    """What a group knows of one partition."""

    __slots__ = ("begin", "committed", "done", "fates", "floor", "high", "lost", "owner", "position", "tries", "working")

    def __init__(self, begin: int) -> None:
        self.begin = begin
        """The offset at which the group began."""
        self.position = begin
        """The offset that is fetched next."""
        self.committed = begin
        """Everything before this is acknowledged."""
        self.done = begin
        """Everything before this is handled, though perhaps not committed."""
        self.high = begin
        """Offsets below this were delivered before."""
        self.owner: Member | None = None
        self.working: Record | None = None
        """The record that a member is at; nobody else reads on until it is through with it."""
        self.fates: dict[int, str] = {}
        """Records before ``done`` that were not acknowledged but given up, and why; forgotten at the commit."""
        self.tries: dict[int, int] = {}
        """Deliveries of a record, where it is not the first."""
        self.lost = 0
        """Records between ``committed`` and ``position`` that were removed before this group had read them."""
        self.floor = 0
        """Retention has removed what is before this."""


class Record(Delivery):
    """One record in a member's hands."""

    __slots__ = ("batch", "claim", "number", "offset")

    batch: Batch
    claim: Claim
    number: int
    offset: int


class Batch:
    """What a member fetched at once: ranges of offsets, the first being worked off."""

    __slots__ = ("due", "member", "open", "ranges", "serial")

    due: int | None
    serial: int

    def __init__(self, member: Member, ranges: deque[tuple[int, int, int]]) -> None:
        self.member = member
        self.ranges = ranges
        """(partition, next offset, end)"""
        self.open = True
        """Until it is handled, or its member has lost it."""


class GroupWire(WireRun):
    """A consumer group at run time."""

    spec: Subscribe

    def __init__(self, spec: Subscribe, world: World) -> None:
        super().__init__(spec, world)
        self.after = spec.ack == "after"
        self.delay = micros(spec.retry_delay_s)
        self.gap = None if spec.max_rate_per_s is None else SECOND / spec.max_rate_per_s
        self.claims: list[Claim] = []
        self.members = Membership(self)
        self.deadline = Countdown(self.kernel, micros(spec.poll_deadline_s), self._too_slow)
        self.delivered = self.redelivered = self.acked = self.dead_lettered = self.discarded = 0
        self.published = 0
        self.reasons: Counter[str] = Counter()
        self.wait_us = 0
        self.peak = self.lag_peak = self.most = 0
        self.depth = 0
        """Records that passed into the log and that no member holds."""
        self._free_at = 0.0
        self._began = False

    def join(self, source: Part, target: Part) -> None:
        stream: Any = source
        service: Any = target
        self.stream: StreamPart = stream
        self.service: ServicePart = service
        self.stream.groups.append(self)
        self.service.join_in(self)

    def comes_later(self) -> bool:
        """Whether this group has not begun and will ask for the beginning."""
        return not self._began and self.spec.from_offset == "earliest"

    def begin(self, now: int) -> None:
        """The group reads for the first time: its start position is decided."""
        self._began = True
        self.stream.fill()
        for number, partition in enumerate(self.stream.partitions):
            begin = partition.base if self.spec.from_offset == "earliest" else partition.end
            count = max(0, partition.visible - begin)
            if number < len(self.claims):
                self.claims[number] = Claim(begin)
            else:
                self.claims.append(Claim(begin))
            self.published += count
            self._wait(now, count)
        self.lag_peak = self.lag()

    def repartitioned(self, now: int) -> None:
        """There are more partitions: new ones are read from their beginning, after a rebalance."""
        if self._began:
            while len(self.claims) < len(self.stream.partitions):
                self.claims.append(Claim(0))
            self.members.rebalance(now)

    def _wait(self, now: int, count: int) -> None:
        """``count`` more records wait (fewer, where it is negative)."""
        self.depth += count
        self.wait_us -= count * now
        if self.depth > self.peak:
            self.peak = self.depth

    # -- the service's side --------------------------------------------------------------------------------------------------------

    @property
    def consumers(self) -> dict[Any, Member]:
        """The members, for the service's own numbers."""
        return self.members.present

    def consumer_up(self, now: int, replica: Replica) -> None:
        """A replica of the service has started: its workers join the group."""
        if not self._began:
            self.begin(now)
        if not (self.cuts or self.removed):
            self.members.comes(now, replica)

    def consumer_down(self, now: int, replica: Replica, *, clean: bool = False, leaves: bool = False) -> None:
        """A replica has stopped; ``clean`` where it could say goodbye, ``leaves`` where it is gone for good."""
        self.members.goes(now, replica, clean=clean, leaves=leaves)

    def consumer_paused(self, now: int, replica: Replica) -> None:
        """A replica stands still and sends no heartbeats."""
        self.members.falls_silent(now, replica)

    def consumer_resumed(self, now: int, replica: Replica) -> None:
        """It goes on."""
        if not (self.cuts or self.removed):
            self.members.speaks_again(now, replica)

    def changed(self, now: int) -> None:
        if not hasattr(self, "service"):
            return
        for replica in self.service.replicas:
            if self.cuts or self.removed:
                self.members.falls_silent(now, replica)
            elif replica.up and not replica.hung:
                self.members.speaks_again(now, replica)

    # -- fetching ------------------------------------------------------------------------------------------------------------------

    def has_more(self, now: int, number: int, offset: int) -> None:
        """The record at this offset of a partition can be read."""
        if not self._began or offset < self.claims[number].begin:
            return
        self.published += 1
        self._wait(now, 1)
        lag = self.published - self.acked - self.dead_lettered - self.discarded
        if lag > self.lag_peak:
            self.lag_peak = lag
        owner = self.claims[number].owner
        if owner is not None and owner.batch is None:
            self.fetch(now, owner)

    def wake(self, now: int) -> None:
        """The stream serves again: idle members ask."""
        for member in list(self.members.present.values()):
            if member.batch is None:
                self.fetch(now, member)

    def fetch(self, now: int, member: Member) -> None:
        """A member asks for its next batch; nothing happens where there is nothing, or it may not."""
        if member.batch is not None or not member.active or not self.stream.serves() or self.cuts or self.removed:
            return
        ranges: deque[tuple[int, int, int]] = deque()
        room = self.spec.batch
        numbers = member.partitions
        for step in range(len(numbers)):
            number = numbers[(member.turn + step) % len(numbers)]
            claim = self.claims[number]
            if claim.working is not None:
                continue
            count = min(room, self.stream.partitions[number].visible - claim.position)
            if count > 0:
                ranges.append((number, claim.position, claim.position + count))
                claim.position += count
                room -= count
                if not room:
                    break
        if not ranges:
            return
        member.turn += 1
        batch = member.batch = Batch(member, ranges)
        taken = self.spec.batch - room
        self._wait(now, -taken)
        member.held = taken
        member.most = max(member.most, taken)
        self.deadline.start(now, batch)
        if not self.after:
            for number, _, end in ranges:
                self.claims[number].done = end
                self.commit(now, number)
        if self.latency:
            self.kernel.at(now + self.latency, self._next, batch)
        else:
            self._next(now, batch)

    def _next(self, now: int, batch: Batch) -> None:
        """The next record of a batch, or the end of it."""
        while batch.open:
            if not batch.ranges:
                self._batch_done(now, batch)
                return
            number, offset, end = batch.ranges[0]
            if offset + 1 < end:
                batch.ranges[0] = number, offset + 1, end
            else:
                batch.ranges.popleft()
            if self._wanted(now, number, offset):
                self._deliver(now, batch, number, offset)
                return

    def _wanted(self, now: int, number: int, offset: int) -> bool:
        """Whether the record is still there and for this group; else it is passed over."""
        partition, claim = self.stream.partitions[number], self.claims[number]
        if offset < partition.base or offset >= partition.end:
            claim.done = max(claim.done, offset + 1)
            return False
        if not self.types and not self.stream.spec.compacted:
            return True
        event = partition.log[offset - partition.base][0]
        if self.passes(event.flow) and not self.stream.superseded(partition, offset, now):
            return True
        claim.fates[offset] = "compacted" if self.passes(event.flow) else "filtered"
        claim.done = max(claim.done, offset + 1)
        return False

    def _deliver(self, now: int, batch: Batch, number: int, offset: int) -> None:
        partition, claim = self.stream.partitions[number], self.claims[number]
        event, turn, stored = partition.log[offset - partition.base]
        count = 1
        if offset < claim.high:
            count = claim.tries[offset] = claim.tries.get(offset, 1) + 1
            self.redelivered += 1
        else:
            claim.high = offset + 1
        record = Record()
        fill_delivery(record, event, turn * REPEAT + count - 1, stored, count)
        record.via, record.consumer = self, batch.member  # type: ignore[assignment]
        record.batch, record.claim, record.number, record.offset = batch, claim, number, offset
        claim.working = record
        self.delivered += 1
        self.sent += 1
        if event.trace is not None:
            event.trace(now, event, self.stream.id, "delivered", f"partition {number}, offset {offset}, delivery {count}", self.ref)
        if self.gap is None:
            self.service.take(now, record, batch.member.replica)
            return
        start = max(now, int(self._free_at + 0.5))
        self._free_at = max(float(now), self._free_at) + self.gap
        self.kernel.at(start, self._take_later, record)

    def _take_later(self, now: int, record: Record) -> None:
        if record.open and record.batch.member.replica.up:
            self.service.take(now, record, record.batch.member.replica)

    # -- the end of the work -------------------------------------------------------------------------------------------------------

    def answered(self, now: int, record: Record, ok: bool | None) -> None:
        """The service has done its work, or failed at it."""
        if not ok:
            self.failed += 1
        if not record.open:
            self.members.finished_late(now, record.batch.member)
            return
        claim = record.claim
        if not ok and self.spec.on_error == "retry" and self.after:
            if record.event.trace is not None:
                record.event.trace(now, record.event, self.stream.id, "returned", "failed", self.ref)
            self.kernel.at(now + self.delay, self._again, record)
            return
        claim.working = None
        record.open = False
        if not ok:
            claim.fates[record.offset] = self._give_up(now, record)
        if self.after:
            claim.done = max(claim.done, record.offset + 1)
        self._go_on(now, record)

    def _go_on(self, now: int, record: Record) -> None:
        """A member is through with a record: its next one; or the partition goes to the member that has waited for this."""
        member = record.batch.member
        if record.claim.owner is not member:
            self.commit(now, record.number)
            if record.claim.owner is not None:
                self.fetch(now, record.claim.owner)
        if record.batch.open:
            self._next(now, record.batch)
        elif member.batch is None:
            if record.claim.owner is member:
                self.commit(now, record.number)
            self.fetch(now, member)

    def _again(self, now: int, record: Record) -> None:
        if record.open and record.claim.working is record:
            record.claim.working = None
            record.open = False
            if record.batch.open and record.claim.owner is record.batch.member:
                self._deliver(now, record.batch, record.number, record.offset)
            else:
                self.rewind(now, record.number, record.offset)
                self._go_on(now, record)

    def _give_up(self, now: int, record: Record) -> str:
        """Drops a record that failed, or puts it aside; why it is not acknowledged."""
        event, target = record.event, self.stream.dead_letters
        if self.spec.on_error == "dead-letter" and target is not None and target(now, event, record.turn + REPEAT):
            if event.trace is not None:
                event.trace(now, event, self.stream.id, "dead-lettered", "error", self.ref)
            return "dead-letter"
        if event.trace is not None:
            event.trace(now, event, self.stream.id, "dropped", "error", self.ref)
        return "error"

    def _batch_done(self, now: int, batch: Batch) -> None:
        batch.open = False
        member = batch.member
        member.batch = None
        member.held = 0
        for number in member.partitions:
            self.commit(now, number)
        self.fetch(now, member)

    def commit(self, now: int, number: int) -> None:
        """Everything handled so far in this partition is acknowledged, unless the commit is lost on its way."""
        claim = self.claims[number]
        count = claim.done - claim.committed
        if count <= 0:
            return
        if self.cuts or not self.stream.serves():
            return
        if self.drops:
            partition = self.stream.partitions[number]
            place = claim.done - 1 - partition.base
            if 0 <= place < len(partition.log) and self.dropped("drop-acks", partition.log[place][0], claim.done % 64):
                return
        for offset in [offset for offset in claim.fates if offset < claim.done]:
            self._account(claim.fates.pop(offset))
            count -= 1
        self.acked += count - claim.lost
        claim.lost = 0
        claim.committed = claim.done
        if claim.tries:
            claim.tries = {offset: tries for offset, tries in claim.tries.items() if offset >= claim.committed}
        self.stream.trim(number)

    def _account(self, why: str) -> None:
        if why == "dead-letter":
            self.dead_lettered += 1
        elif why == "filtered":
            self.published -= 1  # never was for this group
        else:
            self.discarded += 1
            self.reasons[why] += 1

    def rewind(self, now: int, number: int, offset: int) -> None:
        """The next read of this partition starts at ``offset``: what was fetched from there on waits again."""
        claim = self.claims[number]
        if claim.position > offset:
            self._wait(now, claim.position - offset)
            claim.position = offset

    def drop_batch(self, now: int, member: Member, *, crashed: bool) -> None:
        """A member loses its batch: what it has not begun waits again; after a crash also what is not committed.

        What was acknowledged before the work is lost with a crash, and else worked off.
        """
        if not self.after and not crashed:
            return
        batch = member.batch
        if batch is not None:
            batch.open = False
            member.batch = None
            member.held = 0
        for number in member.partitions:
            self._release(now, number, crashed=crashed)
        if crashed:
            self._let_go(now, member)

    def _let_go(self, now: int, member: Member) -> None:
        """What a dead member was still at in partitions that are no longer its own: their owners need not wait for it."""
        for number, claim in enumerate(self.claims):
            record = claim.working
            if record is not None and record.batch.member is member and claim.owner is not member:
                record.open = False
                claim.working = None
                if self.after:
                    self.rewind(now, number, record.offset)
                if claim.owner is not None:
                    self.fetch(now, claim.owner)

    def release(self, now: int, member: Member, number: int) -> None:
        """A member gives one partition back in good order and keeps the rest of its batch."""
        if not self.after:
            return
        batch = member.batch
        if batch is not None:
            batch.ranges = deque(one for one in batch.ranges if one[0] != number)
        self._release(now, number, crashed=False)

    def _release(self, now: int, number: int, *, crashed: bool) -> None:
        claim = self.claims[number]
        if crashed:
            if claim.working is not None:
                claim.working.open = False
                claim.working = None
            claim.fates.clear()
            if claim.committed < claim.floor:
                gone = claim.floor - claim.committed - claim.lost
                self.discarded += gone
                self.reasons["retention"] += gone
                claim.committed, claim.lost = claim.floor, 0
            claim.done = claim.committed
            self.rewind(now, number, claim.committed)
        else:
            self.commit(now, number)
            self.rewind(now, number, claim.working.offset + 1 if claim.working is not None else claim.done)

    def abandoned(self, now: int, record: Record) -> None:
        """The replica died with this record in hand; its session tells the group."""

    def died(self, now: int, record: Record) -> None:
        """The worker alone has died with this in hand, and another is there at once: it reads on from the last commit."""
        member = record.batch.member
        if record.open and member.batch is record.batch:
            self.drop_batch(now, member, crashed=True)
            self.fetch(now, member)

    def _too_slow(self, now: int, batch: Batch) -> None:
        """The poll deadline is over: the member is put out of the group, though it still sends heartbeats."""
        member = batch.member
        if member.batch is batch and member.active and not member.silent:
            self.world.mark(now, "evicted", self.service.id, "a batch took longer than the poll deadline")
            self.members.evict(now, member, busy=True)

    # -- what the stream does to it ------------------------------------------------------------------------------------------------

    def expired(self, now: int, number: int, upto: int) -> int:
        """Retention removes what is before ``upto``, read or not; the lowest offset that a member still has in hand."""
        if not self._began:
            return upto
        claim = self.claims[number]
        in_hand = claim.position > claim.done
        if claim.position < upto:
            unread = upto - claim.position
            self._drop(now, unread, "retention")
            claim.lost += unread
            claim.position = upto
        claim.floor = upto
        needed = self.needed(number)
        if not in_hand and claim.done < upto:
            claim.done = upto
            self.commit(now, number)
        return min(needed, upto) if in_hand or not self.after else upto

    def needed(self, number: int) -> int:
        """The lowest offset of a partition that a member may still have in hand, or read again."""
        claim = self.claims[number]
        return claim.committed if self.after else claim.committed - self.spec.batch

    def truncated(self, now: int, number: int, end: int, seen: int, why: str) -> None:
        """What was at ``end`` and after is gone with a leader; readers had seen what is before ``seen``."""
        if not self._began:
            return
        claim = self.claims[number]
        if seen > max(claim.position, end):
            self._drop(now, seen - max(claim.position, end), why)
        if claim.position > end:
            if claim.working is not None and claim.working.offset >= end:
                claim.working.open = False
                claim.working = None
            for member in self.members.present.values():
                if member.batch is not None:
                    kept = ((at, offset, min(upto, end) if at == number else upto) for at, offset, upto in member.batch.ranges)
                    member.batch.ranges = deque(one for one in kept if one[1] < one[2])
            gone = claim.position - max(claim.committed, end)
            self.discarded += gone
            self.reasons[why] += gone
            claim.position = end
        claim.committed, claim.done, claim.high = min(claim.committed, end), min(claim.done, end), min(claim.high, end)
        claim.fates = {offset: fate for offset, fate in claim.fates.items() if offset < end}

    def _drop(self, now: int, count: int, why: str) -> None:
        self._wait(now, -count)
        self.discarded += count
        self.reasons[why] += count

    # -- what is told --------------------------------------------------------------------------------------------------------------

    def _kept(self) -> Iterator[tuple[Claim, list[Any], int]]:
        for claim, partition in zip(self.claims, self.stream.partitions, strict=False):
            yield claim, partition.log, partition.base

    def unread(self) -> Iterable[Event]:
        """Every event that this group has not acknowledged, or that a member has in hand though it is acknowledged."""
        if not self._began:
            if self.comes_later():
                for partition in self.stream.partitions:
                    for event, _, _ in partition.log:
                        yield event
            return
        for claim, log, base in self._kept():
            for event, _, _ in log[max(0, claim.committed - base, claim.floor - base) :]:
                yield event
        if not self.after:
            for member in self.members.present.values():
                for number, offset, end in member.batch.ranges if member.batch is not None else ():
                    partition = self.stream.partitions[number]
                    for event, _, _ in partition.log[max(0, offset - partition.base) : max(0, end - partition.base)]:
                        yield event

    def backlog(self) -> int:
        """Records that no member holds."""
        return self.depth

    def offered(self) -> int:
        """Records that have come for this group."""
        return self.published

    def in_flight(self) -> int:
        """Records that members hold, handled ones that are not committed included."""
        return sum(claim.position - claim.committed - claim.lost for claim in self.claims)

    def lag(self) -> int:
        """Records that are not committed, waiting or in hand."""
        return self.published - self.acked - self.dead_lettered - self.discarded

    def lag_of(self, number: int) -> int:
        """Records of one partition that are not committed."""
        return self.stream.partitions[number].visible - self.claims[number].committed if number < len(self.claims) else 0

    def served(self) -> int:
        """Partitions that a member reads."""
        return sum(claim.owner is not None for claim in self.claims)

    def oldest_age(self, now: int) -> float:
        """Age of the oldest record that is not handled (s)."""
        oldest = now
        for claim, log, base in self._kept():
            place = max(claim.done, claim.floor) - base
            if 0 <= place < len(log):
                oldest = min(oldest, log[place][2])
        return (now - oldest) / SECOND

    def counts(self, now: int) -> Counts:
        """Cumulative numbers; the peaks of waiting and of lag since the last call."""
        peak, self.peak = max(self.peak, self.depth), self.depth
        lag_peak, self.lag_peak = self.lag_peak, self.lag()
        self.most = max(self.most, lag_peak)
        return {
            "published": self.published,
            "delivered": self.delivered,
            "redelivered": self.redelivered,
            "acked": self.acked,
            "dead_lettered": self.dead_lettered,
            "dropped": self.discarded,
            "in_flight": self.in_flight(),
            "wait_us": self.wait_us + self.depth * now,
            "depth": self.depth,
            "peak": peak,
            "lag_peak": lag_peak,
        }

    def told(self, now: int) -> dict[str, Any]:
        """The numbers of this group alone."""
        counts = self.counts(now)
        lag = {"max": self.most, "end": self.lag()}
        books = ("published", "delivered", "redelivered", "acked", "dead_lettered", "dropped", "in_flight")
        return {
            **{name: counts[name] for name in books},
            "lag": lag,
            "members": len(self.members.present),
            "idle": sum(not member.partitions for member in self.members.present.values()),
            "rebalances": self.members.rebalances,
            "evictions": self.members.evictions,
        }

    def flows(self) -> tuple[int, int]:
        return self.delivered, self.failed
