"""The holdings of a consumer group and its members in a stream: a claim on each partition, and records in
batches.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from tutor.engine.core.events import Delivery

if TYPE_CHECKING:
    from tutor.engine.streams.groups import GroupWire
    from tutor.engine.streams.membership import Member


class Claim:
    """The claim of a group on one partition."""

    __slots__ = (
        "astray",
        "begin",
        "committed",
        "done",
        "fates",
        "floor",
        "high",
        "lost",
        "owner",
        "position",
        "tries",
        "working",
    )

    def __init__(self, begin: int, *, astray: bool = False) -> None:
        self.astray = astray
        """Whether its position is not valid and the group reads on from the end (Kafka
        ``auto.offset.reset=latest``).
        """
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
        """Records before ``done`` that were not acknowledged but given up, and why; forgotten at
        the commit.
        """
        self.tries: dict[int, int] = {}
        """Deliveries of a record, where it is not the first."""
        self.lost = 0
        """Records between ``committed`` and ``position`` that were removed before this group had
        read them.
        """
        self.floor = 0
        """Retention has removed what is before this."""

    def lost_from(self, offset: int) -> int:
        """Returns how many of the ``lost`` records lie at this offset and after: the last before
        ``floor``.
        """
        return min(self.lost, max(0, self.floor - offset))


class Record(Delivery):
    """One record in a member's hands."""

    __slots__ = ("batch", "claim", "number", "offset")

    via: GroupWire
    batch: Batch
    claim: Claim
    number: int
    offset: int


class Batch:
    """The records that a member fetched at once: ranges of offsets, the first in progress."""

    __slots__ = ("due", "member", "open", "ranges", "serial")

    due: int | None
    serial: int

    def __init__(self, member: Member, ranges: deque[tuple[int, int, int]]) -> None:
        self.member = member
        self.ranges = ranges
        """(partition, next offset, end)"""
        self.open = True
        """Until it is handled, or its member has lost it."""
