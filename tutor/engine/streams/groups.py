"""The ``subscribe`` wire of a stream: a service as a consumer group.

Each worker of each replica is a member (Kafka: one consumer per thread). A partition is read by one member at
a time; a member fetches a batch, handles it record by record and then commits the next offset, which
acknowledges everything before it (Apache Kafka documentation, "Design", 4.5 and 4.6). A failed record is
tried again in place, so it blocks its partition until it is dropped or dead-lettered.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, cast

from tutor.engine.channels.buffers import REPEAT
from tutor.engine.core.events import fill_delivery
from tutor.engine.core.kernel import Countdown
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.streams.claims import Batch, Claim, Record
from tutor.engine.streams.membership import Member, Membership
from tutor.engine.streams.positions import Positions
from tutor.model.clock import SECOND, micros
from tutor.model.wire import Subscribe

if TYPE_CHECKING:
    from tutor.engine.core.replica import Replica
    from tutor.engine.core.seams import Crew
    from tutor.engine.streams.streams import StreamPart


FAR = (1 << 127) - 1
"""Turns beyond this are folded: an event that goes in a circle would come to a number of
thousands of digits.
"""


class GroupWire(WireRun):
    """A consumer group at run time."""

    spec: Subscribe

    def __init__(self, spec: Subscribe, world: World) -> None:
        super().__init__(spec, world)
        self.after = spec.ack == "after"
        self.strict = spec.schema == "strict"
        self.positions = Positions(self)
        self.delay = micros(spec.retry_delay_s)
        self.gap = None if spec.max_rate_per_s is None else SECOND / spec.max_rate_per_s
        self.members = Membership(self)
        self.deadline = Countdown(self.kernel, micros(spec.poll_deadline_s), self._too_slow)
        self._free_at = 0.0

    def join(self, source: Part, target: Part) -> None:
        self.stream = cast("StreamPart", source)
        self.log = self.stream.log
        self.service = cast("Crew", target)
        self.stream.groups.append(self)
        self.way = self.latency + micros(self.stream.spec.delivery_ms / 1000)
        """How long a batch is on its way to its member."""
        self.service.join_in(self)

    def repartitioned(self, now: int) -> None:
        """Starts a rebalance for new partitions; they are read from where a new group would begin."""
        if self.positions.began:
            while len(self.positions.claims) < len(self.log.partitions):
                # nothing is committed for it: one more position that is not valid
                self.positions.claims.append(Claim(0, astray=self.spec.from_offset == "latest"))
            self.members.rebalance(now)

    # -- the service's side --------------------------------------------------------------------------------

    @property
    def consumers(self) -> dict[tuple[Replica, int], Member]:
        """The members, for the service's own numbers."""
        return self.members.present

    def consumer_up(self, now: int, replica: Replica) -> None:
        """Joins the workers of a replica that has started to the group."""
        if not self.positions.began:
            self.positions.begin(now)
        if not (self.cuts or self.removed):
            self.members.comes(now, replica)

    def consumer_down(self, now: int, replica: Replica, *, clean: bool = False, leaves: bool = False) -> None:
        """Takes out a replica that has stopped; ``clean`` if it could say goodbye, ``leaves`` if it is gone
        for good.
        """
        self.members.goes(now, replica, clean=clean, leaves=leaves)

    def consumer_paused(self, now: int, replica: Replica) -> None:
        """Notes that a replica hangs and sends no heartbeats."""
        self.members.falls_silent(now, replica)

    def consumer_resumed(self, now: int, replica: Replica) -> None:
        """Resumes a member that hung."""
        if not (self.cuts or self.removed):
            self.members.speaks_again(now, replica)

    def changed(self, now: int) -> None:
        for replica in self.service.replicas:
            if self.cuts or self.removed:
                self.members.falls_silent(now, replica)
            elif replica.up and not replica.hung:
                self.members.speaks_again(now, replica)

    # -- fetching ------------------------------------------------------------------------------------------

    def has_more(self, now: int, number: int, offset: int) -> None:
        """Counts a record that can now be read at this offset of a partition, and lets an idle member fetch
        it.
        """
        if not self.positions.began or offset < self.positions.claims[number].begin:
            return
        self.positions.published += 1
        self.positions.wait(now, 1)
        lag = (
            self.positions.published
            - self.positions.acked
            - self.positions.dead_lettered
            - self.positions.discarded
        )
        if lag > self.positions.lag_peak:
            self.positions.lag_peak = lag
        owner = self.positions.claims[number].owner
        if owner is not None:
            owner.ready.add(number)
            if owner.batch is None:
                self.fetch(now, owner)

    def wake(self, now: int) -> None:
        """Lets idle members fetch: the stream serves again."""
        for member in list(self.members.present.values()):
            if member.batch is None:
                self.fetch(now, member)

    def fetch(self, now: int, member: Member) -> None:
        """Fetches the next batch of a member; nothing happens if there is none, or the member may not
        fetch.
        """
        if (
            member.batch is not None
            or not member.active
            or not self.stream.serves()
            or self.cuts
            or self.removed
        ):
            return
        ranges: deque[tuple[int, int, int]] = deque()
        room = self.spec.batch
        numbers, ready = member.partitions, member.ready
        first = numbers[member.turn % len(numbers)] if numbers else 0
        for number in sorted(
            ready, key=lambda number: (number < first, number)
        ):  # in turn, from a further one each time
            claim = self.positions.claims[number]
            if claim.owner is not member:
                ready.discard(number)
                continue
            if claim.working is not None:
                continue
            if claim.astray:
                self.positions.reset(now, number)
            count = min(room, self.log.partitions[number].visible - claim.position)
            if count > 0:
                ranges.append((number, claim.position, claim.position + count))
                claim.position += count
                room -= count
                if not room:
                    break
            else:
                ready.discard(number)
        if not ranges:
            return
        member.turn += 1
        batch = member.batch = Batch(member, ranges)
        taken = self.spec.batch - room
        self.positions.wait(now, -taken)
        member.held = taken
        member.most = max(member.most, taken)
        self.deadline.start(now, batch)
        if not self.after:
            for number, _, end in ranges:
                self.positions.handled(number, end)
                self.positions.commit(now, number)
        if self.way:
            self.kernel.at(now + self.way, self._next, batch)
        else:
            self._next(now, batch)

    def _next(self, now: int, batch: Batch) -> None:
        """Handles the next record of a batch, or the end of the batch."""
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
        """Returns whether the record is still there and for this group; otherwise it is passed over."""
        partition, claim = self.log.partitions[number], self.positions.claims[number]
        if offset < partition.base or offset >= partition.end:
            self.positions.handled(number, offset + 1)
            return False
        if not self.types and not self.stream.spec.compacted:
            return True
        event = partition.log[offset - partition.base][0]
        if self.passes(event.flow) and not self.log.superseded(partition, offset, now):
            return True
        claim.fates[offset] = "compacted" if self.passes(event.flow) else "filtered"
        self.positions.handled(number, offset + 1)
        return False

    def _deliver(self, now: int, batch: Batch, number: int, offset: int) -> None:
        partition, claim = self.log.partitions[number], self.positions.claims[number]
        event, turn, stored = partition.log[offset - partition.base]
        count = 1
        if offset < claim.high:
            count = claim.tries[offset] = claim.tries.get(offset, 1) + 1
            self.positions.redelivered += 1
        else:
            claim.high = offset + 1
        record = Record()
        if turn > FAR:
            turn %= FAR
        fill_delivery(record, event, turn * REPEAT + count - 1, stored, count)
        record.via = self
        record.batch, record.claim, record.number, record.offset = batch, claim, number, offset
        claim.working = record
        self.positions.delivered += 1
        self.sent += 1
        if event.trace is not None:
            event.trace(
                now,
                event,
                self.stream.id,
                "delivered",
                f"partition {number}, offset {offset}, delivery {count}",
                self.ref,
            )
        if self.gap is None:
            self.service.take(now, record, batch.member.replica)
            return
        start = max(now, int(self._free_at + 0.5))
        self._free_at = max(float(now), self._free_at) + self.gap
        self.kernel.at(start, self._take_later, record)

    def _take_later(self, now: int, record: Record) -> None:
        if record.open and record.batch.member.replica.up:
            self.service.take(now, record, record.batch.member.replica)

    # -- the end of the work -------------------------------------------------------------------------------

    def answered(self, now: int, record: Record, ok: bool | None) -> None:
        """Takes the outcome of the service's work on a record."""
        if not ok:
            self.failed += 1
        if not record.open:
            self.members.finished_late(now, record.batch.member)
            self._read_on(now, record)
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
            self.positions.handled(record.number, record.offset + 1)
        self._go_on(now, record)

    def _go_on(self, now: int, record: Record) -> None:
        """Moves a member on to its next record; or the partition goes to the member that has waited for
        this.
        """
        member = record.batch.member
        if record.claim.owner is not member:
            self.positions.commit(now, record.number)
            if record.claim.owner is not None:
                self.fetch(now, record.claim.owner)
        if record.batch.open:
            self._next(now, record.batch)
        elif member.batch is None:
            if record.claim.owner is member:
                self.positions.commit(now, record.number)
            self.fetch(now, member)

    def _read_on(self, now: int, record: Record) -> None:
        """Moves a member on whose record was gone from the log, such as with a crash, before its work was
        over.
        """
        if record.batch.open and record.batch.member.batch is record.batch:
            self._next(now, record.batch)

    def _again(self, now: int, record: Record) -> None:
        if not record.open:
            self._read_on(now, record)
        elif record.claim.working is record:
            record.claim.working = None
            record.open = False
            if record.batch.open and record.claim.owner is record.batch.member:
                if self._wanted(now, record.number, record.offset):
                    self._deliver(now, record.batch, record.number, record.offset)
                else:  # it was taken while it waited to be tried again, such as by an election
                    self._go_on(now, record)
            else:
                self.positions.rewind(now, record.number, record.offset)
                self._go_on(now, record)

    def _give_up(self, now: int, record: Record) -> str:
        """Drops a record that failed, or dead-letters it; returns why it is not acknowledged."""
        event, target = record.event, self.stream.dead_letters
        if (
            self.spec.on_error == "dead-letter"
            and target is not None
            and target(now, event, record.turn + REPEAT)
        ):
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
        for number in self.positions.uncommitted(member):
            self.positions.commit(now, number)
        self.members.asks(now, member)
        self.fetch(now, member)

    def drop_batch(self, now: int, member: Member, *, crashed: bool) -> None:
        """Takes a batch from its member: records not begun wait again; after a crash also those not
        committed.

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
        """Stops a dead member's work in partitions that are no longer its own: their owners need not wait for
        it.
        """
        for number, claim in enumerate(self.positions.claims):
            record = claim.working
            if record is not None and record.batch.member is member and claim.owner is not member:
                record.open = False
                claim.working = None
                if self.after:
                    self.positions.rewind(now, number, record.offset)
                if claim.owner is not None:
                    self.fetch(now, claim.owner)

    def release(self, now: int, member: Member, number: int) -> None:
        """Gives one partition of a member back in good order; the member keeps the rest of its batch."""
        if not self.after:
            return
        batch = member.batch
        if batch is not None:
            batch.ranges = deque(one for one in batch.ranges if one[0] != number)
        self._release(now, number, crashed=False)

    def _release(self, now: int, number: int, *, crashed: bool) -> None:
        claim = self.positions.claims[number]
        if crashed:
            if claim.working is not None:
                claim.working.open = False
                claim.working = None
            claim.fates.clear()
            if claim.committed < claim.floor:
                gone = claim.floor - claim.committed - claim.lost
                self.positions.discarded += gone
                self.positions.reasons["retention"] += gone
                claim.committed, claim.lost = claim.floor, 0
                claim.astray = self.spec.from_offset == "latest"
            claim.done = claim.committed
            self.positions.rewind(now, number, claim.committed)
        else:
            self.positions.commit(now, number)
            self.positions.rewind(
                now, number, claim.working.offset + 1 if claim.working is not None else claim.done
            )

    def abandoned(self, now: int, record: Record) -> None:
        """Ignores the death of the replica with this record in hand; its session informs the group."""

    def died(self, now: int, record: Record) -> None:
        """Replaces a worker that alone has died with this record in hand: the new one reads on from the last
        commit.
        """
        member = record.batch.member
        if record.open and member.batch is record.batch:
            self.drop_batch(now, member, crashed=True)
            self.fetch(now, member)

    def _too_slow(self, now: int, batch: Batch) -> None:
        """Evicts a member whose poll deadline is over, though it still sends heartbeats."""
        member = batch.member
        if member.batch is batch and member.active and not member.silent:
            self.world.mark(now, "evicted", self.service.id, "a batch took longer than the poll deadline")
            self.members.evict(now, member, busy=True)

    # -- reports -------------------------------------------------------------------------------------------

    def offered(self) -> int:
        return self.positions.published

    def backlog(self) -> int:
        return self.positions.depth

    def flows(self) -> tuple[int, int]:
        return self.positions.delivered, self.failed
