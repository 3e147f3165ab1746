"""Membership of a consumer group, and the partitions each member reads.

Follows Kafka's group protocol (Apache Kafka documentation, "Design", "Consumer group"; KIP-62, KIP-345,
KIP-429): a member that says goodbye leaves at once, one that falls silent after the session timeout, one that
does not ask for a new batch in time is put out. A rebalance waits for every known member to join again, and
for one that is silent until its session is over. A process that comes back after a crash is a member of a new
name (KIP-345, "Motivation"), so the group waits for the old one all the same: a crash costs the session
timeout and a rebalance, however soon the process is back. A member joins again when it asks for its next
batch, so a rebalance waits for one that is busy, and its poll deadline runs on meanwhile. ``eager``: all give
up their partitions before a rebalance; ``cooperative``: only partitions that move stop. A static member
(``static_member``) that is back within the session timeout has its partitions again and nothing moves,
whatever the assignor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.model.clock import micros

if TYPE_CHECKING:
    from tutor.engine.core.replica import Replica
    from tutor.engine.streams.claims import Batch
    from tutor.engine.streams.groups import GroupWire


class Member:
    """One worker of one replica as a member of the group."""

    __slots__ = (
        "absence",
        "active",
        "batch",
        "dead",
        "giving",
        "held",
        "late",
        "most",
        "owes",
        "partitions",
        "ready",
        "replica",
        "silent",
        "turn",
        "worker",
    )

    def __init__(self, replica: Replica, worker: int) -> None:
        self.replica = replica
        self.worker = worker
        self.partitions: list[int] = []
        self.batch: Batch | None = None
        self.active = True
        """Whether it may fetch."""
        self.silent = False
        """Whether it sends no heartbeats."""
        self.dead = False
        """Whether its process has ended without a goodbye."""
        self.late = False
        """Whether it was put out while it was busy: it joins again when it is through."""
        self.owes = False
        """Whether a rebalance waits for it to ask for its next batch."""
        self.giving: list[int] = []
        """Partitions that it gives back when it is through with its batch."""
        self.ready: set[int] = set()
        """Its partitions that may have records to fetch; of a thousand most have none."""
        self.absence = 0
        self.turn = 0
        self.held = 0
        self.most = 0


class Membership:
    """The members of one group."""

    def __init__(self, group: GroupWire) -> None:
        self.group = group
        spec = group.spec
        self.kernel = group.kernel
        self.static = spec.static_member or spec.assignment == "static"
        self.cooperative = spec.assignment == "cooperative"
        self.mode = f"{spec.assignment}, static members" if spec.static_member else spec.assignment
        self.session = micros(spec.session_timeout_s)
        self.pause = micros(spec.rebalance_s)
        self.present: dict[tuple[Replica, int], Member] = {}
        self.rebalances = self.evictions = 0
        self._awaited: list[Member] = []
        """Dead members whose process is back under a new name, until their sessions are over."""
        self._settled = False
        self._calling = False
        """Whether a rebalance has begun and not all known members have joined again."""
        self._joining = False
        self._token = 0

    def _of(self, replica: Replica) -> list[Member]:
        return [member for member in self.present.values() if member.replica is replica]

    # -- coming and going ----------------------------------------------------------------------------------

    def comes(self, now: int, replica: Replica, worker: int | None = None) -> None:
        """Joins the workers of a replica (or one of them); a static member that is back in time has its
        partitions again.
        """
        moved = False
        for number in range(replica.workers) if worker is None else (worker,):
            member = self.present.get((replica, number))
            if member is not None and (self.static or not member.dead):
                member.absence += 1
                member.silent = member.dead = False
                member.active = True
                self.kernel.at(now, self._fetch, member)
                continue
            if member is not None:
                self._awaited.append(member)
            self.present[replica, number] = Member(replica, number)
            moved = True
        self._proceed(now)
        if moved and not self._joining:
            self._joining = True
            self.kernel.at(now, self._joined)

    def _fetch(self, now: int, member: Member) -> None:
        self.group.fetch(now, member)

    def _joined(self, now: int, _: None) -> None:
        self._joining = False
        self.rebalance(now)

    def goes(self, now: int, replica: Replica, *, clean: bool, leaves: bool = False) -> None:
        """Takes out a replica that has stopped; ``clean`` if it could commit and say goodbye, ``leaves`` if
        it will not come back.
        """
        says_goodbye = leaves or (clean and not self.static)
        group = self.group
        for member in self._of(replica):
            if clean:
                for number in member.partitions:
                    group.positions.commit(now, number)
            group.drop_batch(now, member, crashed=True)
            member.active = member.owes = False
            for number in member.giving:
                self._give(now, member, number)
            member.giving = []
            if says_goodbye:
                self._put_out(member)
            else:
                member.dead = True
                self._watch(now, member)
        if says_goodbye:
            self.rebalance(now)

    def _watch(self, now: int, member: Member) -> None:
        member.silent = True
        member.absence += 1
        self.kernel.at(now + self.session, self._session_over, (member, member.absence))

    def _session_over(self, now: int, item: tuple[Member, int]) -> None:
        member, absence = item
        if (
            member.absence == absence
            and member.silent
            and (self._is_present(member) or member in self._awaited)
        ):
            if member.replica.up and not member.dead:
                self.evictions += 1
                self.group.world.mark(
                    now, "evicted", self.group.service.id, "silent for longer than the session timeout"
                )
            self.evict(now, member, busy=False)

    def evict(self, now: int, member: Member, *, busy: bool) -> None:
        """Puts a member out of the group; ``busy`` if it does not know that yet."""
        self.group.drop_batch(now, member, crashed=True)
        member.active = False
        member.late = busy
        if busy:
            self.evictions += 1
        self._put_out(member)
        self.rebalance(now)

    def _is_present(self, member: Member) -> bool:
        return self.present.get((member.replica, member.worker)) is member

    def _put_out(self, member: Member) -> None:
        for number in member.partitions:
            claim = self.group.positions.claims[number]
            if claim.owner is member:
                claim.owner = None
        member.partitions = []
        member.giving = []
        member.owes = False
        if self._is_present(member):
            del self.present[member.replica, member.worker]
        else:
            self._awaited.remove(member)

    def falls_silent(self, now: int, replica: Replica) -> None:
        """Notes that a replica is there and sends no heartbeats."""
        for member in self._of(replica):
            if not member.silent:
                self._watch(now, member)

    def speaks_again(self, now: int, replica: Replica) -> None:
        """Notes that a replica sends heartbeats again; members that were put out meanwhile join again."""
        missing = False
        for number in range(replica.workers):
            member = self.present.get((replica, number))
            if member is None or member.dead:
                missing = True
            elif member.silent:
                member.silent = False
                member.absence += 1
                self.group.fetch(now, member)
        if missing:
            self.comes(now, replica)
        else:
            self._proceed(now)

    def finished_late(self, now: int, member: Member) -> None:
        """Lets a member that was put out join again when it next asks for records."""
        if member.late and member.replica.up:
            member.late = False
            self.comes(now, member.replica, member.worker)

    # -- rebalancing ---------------------------------------------------------------------------------------

    def rebalance(self, now: int) -> None:
        """Starts a rebalance: all members are called to join again, and the partitions are given out anew."""
        self._token += 1
        if not self._settled:
            self._settled = True
            self._settle(now, self._token)
            return
        group = self.group
        if not self._calling:
            self._calling = True
            self.rebalances += 1
            group.world.mark(now, "rebalance", group.service.id, f"{len(self.present)} members, {self.mode}")
            for member in (*self.present.values(), *self._awaited):
                member.giving = []
                member.owes = member.batch is not None
                if not member.owes:
                    self._joins(now, member)
        self._proceed(now)

    def _joins(self, now: int, member: Member) -> None:
        """Joins a member again after it hears of the rebalance; an eager one gives up its partitions
        first.
        """
        member.owes = False
        if not self.cooperative:
            self.group.drop_batch(now, member, crashed=False)
            for number in member.partitions:
                claim = self.group.positions.claims[number]
                if claim.owner is member:
                    claim.owner = None
            member.partitions = []

    def asks(self, now: int, member: Member) -> None:
        """Gives back the partitions that a member still has to give, when it asks for its next batch; it then
        hears of a rebalance.
        """
        if member.giving:
            giving, member.giving = member.giving, []
            for number in giving:
                self._give(now, member, number)
            self._share_out(now)
        if member.owes:
            self._joins(now, member)
            self._proceed(now)

    def _give(self, now: int, member: Member, number: int) -> None:
        """Gives back one partition of a member."""
        claim = self.group.positions.claims[number]
        if claim.owner is member:
            self.group.release(now, member, number)
            claim.owner = None
        member.partitions = [other for other in member.partitions if other != number]

    def _proceed(self, now: int) -> None:
        """Proceeds once all known members have joined again: partitions that move are given back, and after
        the pause each member has its own.
        """
        if (
            not self._calling
            or self._awaited
            or any(member.silent or member.owes for member in self.present.values())
        ):
            return
        self._calling = False
        if self.cooperative:
            wanted = self._sticky()
            for number, claim in enumerate(self.group.positions.claims):
                owner = claim.owner
                if owner is None or wanted[number] is owner:
                    continue
                if owner.batch is None:
                    self._give(now, owner, number)
                else:
                    owner.giving.append(number)
        self._share_out(now)

    def _share_out(self, now: int) -> None:
        """Settles the rebalance after the pause, once nobody has to give anything back any more."""
        if not self._calling and not any(member.giving for member in self.present.values()):
            self._token += 1
            self.kernel.at(now + self.pause, self._settle, self._token)

    def _settle(self, now: int, token: int) -> None:
        if token != self._token:
            return
        group = self.group
        members = list(self.present.values())
        wanted: list[Member | None]
        if self.cooperative:
            wanted = self._sticky()
        else:
            members.sort(key=lambda member: (member.replica.index, member.worker))
            wanted = [
                members[number % len(members)] if members else None
                for number in range(len(group.positions.claims))
            ]
        for member in members:
            member.partitions = []
        for number, chosen in enumerate(wanted):
            group.positions.claims[number].owner = chosen
            if chosen is not None:
                chosen.partitions.append(number)
        for member in members:
            member.ready.update(member.partitions)
            group.fetch(now, member)

    def _sticky(self) -> list[Member | None]:
        """Assigns partitions so that they stay where they are, as far as that is even (Kafka's cooperative
        sticky assignor).
        """
        claims = self.group.positions.claims
        members = sorted(self.present.values(), key=lambda member: (member.replica.index, member.worker))
        if not members:
            return [None] * len(claims)
        least, more = divmod(len(claims), len(members))
        kept: dict[int, list[int]] = {id(member): [] for member in members}
        for number, claim in enumerate(claims):
            if claim.owner is not None and id(claim.owner) in kept:
                kept[id(claim.owner)].append(number)
        room: dict[int, int] = {}
        for member in sorted(members, key=lambda one: -len(kept[id(one)])):
            room[id(member)] = least + (1 if more > 0 else 0)
            if more > 0 and len(kept[id(member)]) > least:
                more -= 1
            elif more > 0:
                room[id(member)] = least
        for member in members:
            if more > 0 and room[id(member)] == least:
                room[id(member)] += 1
                more -= 1
        wanted: list[Member | None] = [None] * len(claims)
        for member in members:
            for number in kept[id(member)][: room[id(member)]]:
                wanted[number] = member
        free = [number for number, chosen in enumerate(wanted) if chosen is None]
        for member in members:
            space = room[id(member)] - min(len(kept[id(member)]), room[id(member)])
            for number in free[:space]:
                wanted[number] = member
            del free[:space]
        return wanted
