"""Broker nodes: whether a channel is there, and who takes over when a node goes.

With one node a crash stops publishing until it is back. With more it is the leader that goes: another takes over after ``failover_s``,
and a majority has to be up for a confirm (RabbitMQ quorum queues; Raft). A node that hangs accepts nothing and tells nobody: publishers
wait.
"""

from __future__ import annotations

from collections.abc import Callable

from tutor.engine.kernel import Kernel


class Broker:
    """The nodes of one channel."""

    __slots__ = ("_election", "back", "down_us", "failover", "kernel", "nodes", "on_up", "since", "up", "up_nodes")

    def __init__(self, kernel: Kernel, nodes: int, failover: int, on_up: Callable[[int], None]) -> None:
        self.kernel = kernel
        self.nodes = nodes
        self.failover = failover
        self.up = True
        self.up_nodes = nodes
        self.on_up = on_up
        self.down_us = 0
        self.since = 0
        self._election = 0

    def lose(self, now: int, count: int) -> bool:
        """``count`` nodes go, the leader among them; True where the channel goes down with them."""
        self.up_nodes = max(0, self.up_nodes - count)
        was_up = self.up
        self._set(now, False)
        self._election += 1
        if self._enough():
            self.kernel.at(now + self.failover, self._elected, self._election)
        return was_up

    def regain(self, now: int, count: int) -> None:
        """``count`` nodes are back; where there was no majority they elect a leader, or a single node simply goes on."""
        had_enough = self._enough()
        self.up_nodes = min(self.nodes, self.up_nodes + count)
        if self.up or had_enough or not self._enough():
            return
        self._election += 1
        if self.nodes == 1:
            self._elected(now, self._election)
        else:
            self.kernel.at(now + self.failover, self._elected, self._election)

    def _enough(self) -> bool:
        return self.up_nodes > self.nodes // 2

    def _elected(self, now: int, election: int) -> None:
        if election == self._election and self._enough():
            self._set(now, True)
            self.on_up(now)

    def _set(self, now: int, up: bool) -> None:
        if self.up and not up:
            self.since = now
        elif up and not self.up:
            self.down_us += now - self.since
        self.up = up

    def down_until(self, now: int) -> int:
        """How long the channel has been down so far (µs)."""
        return self.down_us + (0 if self.up else now - self.since)
