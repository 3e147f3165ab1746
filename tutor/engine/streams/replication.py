"""The nodes behind a stream: who leads, who is in sync, and which records are lost when a leader fails.

Follows Kafka's replication (Apache Kafka documentation, "Design", 4.7): followers copy the leader with a lag;
the in-sync set are those that may become leader without loss; it shrinks while a leader is there to shrink
it, and an unclean election takes a node that lacks records.
"""

from __future__ import annotations

from collections.abc import Callable

from tutor.engine.core.kernel import Kernel


class Node:
    """One broker node: whether it is up, and up to when it has the log."""

    __slots__ = ("has", "up")

    def __init__(self) -> None:
        self.up = True
        self.has = -1
        """Everything stored up to this moment (µs); -1 while it follows or leads."""


class Replication:
    """The nodes of one stream; node 0 leads at first.

    ``truncate(now, kept)`` is called when a new leader lacks the records stored after ``kept``;
    ``changed(now)`` after every change of who leads or is in sync.
    """

    def __init__(
        self,
        kernel: Kernel,
        *,
        nodes: int,
        failover: int,
        lag: int,
        unclean: bool,
        truncate: Callable[[int, int], None],
        changed: Callable[[int], None],
    ) -> None:
        self.kernel = kernel
        self.nodes = [Node() for _ in range(nodes)]
        self.failover = failover
        self.lag = lag if nodes > 1 else 0
        self.unclean = unclean
        self.truncate = truncate
        self.changed = changed
        self.leader: int | None = 0
        self.in_sync = set(range(nodes))
        self.down_us = 0
        self.since = 0
        self._lost: list[int] = []
        self._election = 0

    @property
    def up(self) -> bool:
        """True while a leader takes writes and serves reads."""
        return self.leader is not None

    @property
    def spread(self) -> int:
        """The time until all nodes in sync have what the leader has (µs)."""
        return self.lag if len(self.in_sync) > 1 else 0

    def lose(self, now: int, node: int | None) -> None:
        """Takes down this node, or the leader."""
        which = node if node is not None else self.leader
        if which is None or which >= len(self.nodes):
            which = next((index for index, one in enumerate(self.nodes) if one.up), 0)
        self._lost.append(which)
        one = self.nodes[which]
        if not one.up:
            return
        one.up = False
        one.has = now if which == self.leader else max(0, now - self.lag)
        if self.leader is not None and which != self.leader:
            self.in_sync.discard(which)
            self.changed(now)
        elif which == self.leader:
            if len(self.in_sync) > 1:
                self.in_sync.discard(which)
            self.leader = None
            self.since = now
            for index, other in enumerate(self.nodes):
                if other.up and other.has < 0:
                    other.has = max(0, now - self.lag) if index in self.in_sync else other.has
            self.changed(now)
            self._elect_later(now)

    def regain(self, now: int, node: int | None) -> None:
        """Brings back this node, or the one that went down first."""
        if not self._lost:
            return
        which = node if node is not None and node in self._lost else self._lost[0]
        self._lost.remove(which)
        if which in self._lost:
            return
        self.nodes[which].up = True
        if self.leader is not None:
            self.kernel.at(now + self.lag, self._caught_up, which)
        elif len(self.nodes) == 1:
            self._lead(now, which)
        else:
            self._elect_later(now)

    def _caught_up(self, now: int, node: int) -> None:
        if self.nodes[node].up and self.leader is not None and node not in self.in_sync:
            self.nodes[node].has = -1
            self.in_sync.add(node)
            self.changed(now)

    def _elect_later(self, now: int) -> None:
        self._election += 1
        if self._candidate() is not None:
            self.kernel.at(now + self.failover, self._elect, self._election)

    def _candidate(self) -> int | None:
        able = [index for index, node in enumerate(self.nodes) if node.up]
        clean = [index for index in able if index in self.in_sync]
        if clean:
            return max(clean, key=lambda index: (self.nodes[index].has, -index))
        return max(able, key=lambda index: (self.nodes[index].has, -index)) if able and self.unclean else None

    def _elect(self, now: int, election: int) -> None:
        if election == self._election and self.leader is None:
            chosen = self._candidate()
            if chosen is not None:
                self._lead(now, chosen)

    def _lead(self, now: int, chosen: int) -> None:
        kept = self.nodes[chosen].has
        self.leader = chosen
        self.nodes[chosen].has = -1
        self.down_us += now - self.since
        followers = [index for index, node in enumerate(self.nodes) if node.up and index != chosen]
        self.in_sync = {chosen, *(index for index in followers if index in self.in_sync)}
        for index in self.in_sync:
            self.nodes[index].has = -1
        for index in followers:
            if index not in self.in_sync:
                self.kernel.at(now + self.lag, self._caught_up, index)
        if kept >= 0:
            self.truncate(now, kept)
        self.changed(now)

    def down_until(self, now: int) -> int:
        """Returns how long there has been no leader so far (µs)."""
        return self.down_us + (0 if self.up else now - self.since)
