"""The positions and commits of a consumer group in the partitions it reads, and the books that follow from
them.

A commit is cumulative: it acknowledges everything before it (Apache Kafka documentation, "Design", 4.5).
Retention, compaction and a leader that lacks records take some away without asking who has read them; each
group counts its own, so that published = acked + dead-lettered + dropped + still held.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Event
from tutor.engine.core.part import Counts
from tutor.engine.streams.claims import Claim
from tutor.model.clock import SECOND

if TYPE_CHECKING:
    from tutor.engine.streams.groups import GroupWire
    from tutor.engine.streams.membership import Member


class Positions:
    """The positions of one group in a stream, and its books."""

    def __init__(self, group: GroupWire) -> None:
        self.group = group
        self.spec = group.spec
        self.after = group.after
        self.claims: list[Claim] = []
        self.delivered = self.redelivered = self.acked = self.dead_lettered = self.discarded = 0
        self.published = 0
        self.reasons: Counter[str] = Counter()
        self.wait_us = 0
        self.peak = self.lag_peak = self.most = 0
        self.depth = 0
        """Records that passed into the log and that no member holds."""
        self._dirty: set[int] = set()
        """Partitions in which something may be handled and not committed."""
        self.began = False

    def comes_later(self) -> bool:
        """Returns whether this group has not begun and will ask for the beginning."""
        return not self.began and self.spec.from_offset == "earliest"

    def begin(self, now: int) -> None:
        """Decides the start position: the group reads for the first time."""
        self.began = True
        self.group.log.fill()
        for number, partition in enumerate(self.group.log.partitions):
            begin = partition.start if self.spec.from_offset == "earliest" else partition.end
            count = max(0, partition.visible - begin)
            if number < len(self.claims):
                self.claims[number] = Claim(begin)
            else:
                self.claims.append(Claim(begin))
            self.published += count
            self.wait(now, count)
        self.lag_peak = self.lag()

    def wait(self, now: int, count: int) -> None:
        """Counts ``count`` more waiting records (fewer, if negative)."""
        self.depth += count
        self.wait_us -= count * now
        if self.depth > self.peak:
            self.peak = self.depth

    # -- commits -------------------------------------------------------------------------------------------

    def commit(self, now: int, number: int) -> None:
        """Acknowledges everything handled so far in this partition, unless the commit is lost on its way."""
        claim = self.claims[number]
        count = claim.done - claim.committed
        if count <= 0:
            self._dirty.discard(number)
            return
        if self.group.cuts or not self.group.stream.serves():
            return
        if self.group.drops:
            partition = self.group.log.partitions[number]
            place = claim.done - 1 - partition.base
            if 0 <= place < len(partition.log) and self.group.dropped(
                "drop-acks", partition.log[place][0], claim.done % 64
            ):
                return
        for offset in [offset for offset in claim.fates if offset < claim.done]:
            self._account(claim.fates.pop(offset))
            count -= 1
        lost = claim.lost_from(claim.done)
        self.acked += count - (claim.lost - lost)
        claim.lost = lost
        claim.committed = claim.done
        self._dirty.discard(number)
        if claim.tries:
            claim.tries = {
                offset: tries for offset, tries in claim.tries.items() if offset >= claim.committed
            }
        self.group.log.trim(number)

    def handled(self, number: int, upto: int) -> None:
        """Marks everything before ``upto`` in this partition as handled."""
        claim = self.claims[number]
        if upto > claim.done:
            claim.done = upto
            self._dirty.add(number)

    def uncommitted(self, member: Member) -> list[int]:
        """Returns the partitions of a member with handled records that are not committed; of a
        thousand, few.
        """
        if len(self._dirty) < len(member.partitions):
            return sorted(number for number in self._dirty if self.claims[number].owner is member)
        return [number for number in member.partitions if number in self._dirty]

    def reset(self, now: int, number: int) -> None:
        """Resets an invalid position of this partition: the group reads on from the end, and never sees the
        records in between.
        """
        claim, partition = self.claims[number], self.group.log.partitions[number]
        claim.astray = False
        skipped = partition.visible - claim.position
        if skipped > 0:
            self._drop(now, skipped, "offset-reset")
            claim.lost += skipped
            claim.position = partition.visible
            claim.floor = max(claim.floor, partition.visible)
            self.handled(number, partition.visible)
            self.commit(now, number)

    def _account(self, why: str) -> None:
        if why == "dead-letter":
            self.dead_lettered += 1
        elif why == "filtered":
            self.published -= 1  # never was for this group
        else:
            self.discarded += 1
            self.reasons[why] += 1

    def rewind(self, now: int, number: int, offset: int) -> None:
        """Rewinds this partition to ``offset``: records fetched from there on wait again."""
        claim = self.claims[number]
        if claim.position > offset:
            self.wait(now, claim.position - offset)
            claim.position = offset
        if claim.owner is not None:
            claim.owner.ready.add(number)

    # -- what the stream does to it ------------------------------------------------------------------------

    def expired(self, now: int, number: int, upto: int) -> int:
        """Removes the records before ``upto``, read or not, as retention does; returns the lowest offset that
        a member still has in hand.
        """
        if not self.began:
            return upto
        claim = self.claims[number]
        in_hand = claim.position > claim.done
        if claim.position < upto:
            unread = upto - claim.position
            self._drop(now, unread, "retention")
            claim.lost += unread
            claim.position = upto
            claim.astray = self.spec.from_offset == "latest"
        claim.floor = upto
        needed = self.needed(number)
        if not in_hand and claim.done < upto:
            self.handled(number, upto)
            self.commit(now, number)
        return min(needed, upto) if in_hand or not self.after else upto

    def passed_over(self, event: Event, why: str) -> None:
        """Counts a record that was silently not taken into the log: this group misses it."""
        if self.began and self.group.fits(event.flow):
            self.published += 1
            self.discarded += 1
            self.reasons[why] += 1

    def needed(self, number: int) -> int:
        """Returns the lowest offset of a partition that a member may still have in hand, or read again."""
        claim = self.claims[number]
        return claim.committed if self.after else claim.committed - self.spec.batch

    def truncated(self, now: int, number: int, end: int, seen: int, why: str) -> None:
        """Removes the records at ``end`` and after, which are gone with a leader; readers had seen those
        before ``seen``.
        """
        if not self.began:
            return
        claim = self.claims[number]
        if seen > max(claim.position, end):
            self._drop(now, seen - max(claim.position, end), why)
        if claim.position > end:
            if claim.working is not None and claim.working.offset >= end:
                claim.working.open = False
                claim.working = None
            for member in self.group.members.present.values():
                if member.batch is not None:
                    kept = (
                        (at, offset, min(upto, end) if at == number else upto)
                        for at, offset, upto in member.batch.ranges
                    )
                    member.batch.ranges = deque(one for one in kept if one[1] < one[2])
            # what retention has taken already, of what is at the end now, is not taken twice
            taken = claim.lost_from(end)
            claim.lost -= taken
            gone = claim.position - max(claim.committed, end) - taken
            self.discarded += gone
            self.reasons[why] += gone
            claim.position = end
        claim.committed, claim.done, claim.high = (
            min(claim.committed, end),
            min(claim.done, end),
            min(claim.high, end),
        )
        claim.floor = min(claim.floor, end)
        claim.fates = {offset: fate for offset, fate in claim.fates.items() if offset < end}

    def _drop(self, now: int, count: int, why: str) -> None:
        self.wait(now, -count)
        self.discarded += count
        self.reasons[why] += count

    # -- reports -------------------------------------------------------------------------------------------

    def _kept(self) -> Iterator[tuple[Claim, list[Any], int]]:
        for claim, partition in zip(self.claims, self.group.log.partitions, strict=False):
            yield claim, partition.log, partition.base

    def unread(self) -> Iterable[Event]:
        """Yields every event that this group has not acknowledged, or that a member has in hand though it is
        acknowledged.
        """
        if not self.began:
            if self.comes_later():
                for partition in self.group.log.partitions:
                    for event, _, _ in partition.log:
                        yield event
            return
        for claim, log, base in self._kept():
            for event, _, _ in log[max(0, claim.committed - base, claim.floor - base) :]:
                yield event
        if not self.after:
            for member in self.group.members.present.values():
                for number, offset, end in member.batch.ranges if member.batch is not None else ():
                    partition = self.group.log.partitions[number]
                    for event, _, _ in partition.log[
                        max(0, offset - partition.base) : max(0, end - partition.base)
                    ]:
                        yield event

    def backlog(self) -> int:
        """Returns the number of records that no member holds."""
        return self.depth

    def in_flight(self) -> int:
        """Returns the number of records that members hold, including those handled and not committed."""
        return sum(claim.position - claim.committed - claim.lost for claim in self.claims)

    def lag(self) -> int:
        """Returns the number of records that are not committed, waiting or in hand."""
        return self.published - self.acked - self.dead_lettered - self.discarded

    def lag_of(self, number: int) -> int:
        """Returns the number of records of one partition that are not committed."""
        return (
            self.group.log.partitions[number].visible - self.claims[number].committed
            if number < len(self.claims)
            else 0
        )

    def served(self) -> int:
        """Returns the number of partitions that a member reads."""
        return sum(claim.owner is not None for claim in self.claims)

    def oldest_age(self, now: int) -> float:
        """Returns the age of the oldest record that is not handled (s)."""
        oldest = now
        for claim, log, base in self._kept():
            place = max(claim.done, claim.floor) - base
            if 0 <= place < len(log):
                oldest = min(oldest, log[place][2])
        return (now - oldest) / SECOND

    def counts(self, now: int) -> Counts:
        """Returns cumulative numbers; the peaks of waiting and of lag since the last call."""
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
        """Returns the numbers of this group alone."""
        counts = self.counts(now)
        lag = {"max": self.most, "end": self.lag()}
        books = ("published", "delivered", "redelivered", "acked", "dead_lettered", "dropped", "in_flight")
        return {
            **{name: counts[name] for name in books},
            "lag": lag,
            "members": len(self.group.members.present),
            "idle": sum(not member.partitions for member in self.group.members.present.values()),
            "rebalances": self.group.members.rebalances,
            "evictions": self.group.members.evictions,
        }
