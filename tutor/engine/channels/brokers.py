"""Broker nodes: whether a channel is up, and who takes over when a node fails.

With one node a crash stops publishing until it is back. With more it matters which node goes: when the leader
does, another takes over after ``failover_s``; a follower is missed by nobody as long as a majority is up,
which a confirm needs (RabbitMQ quorum queues; Raft). A node that hangs accepts nothing and tells nobody:
publishers wait.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tutor.engine.core.kernel import Kernel


class Broker:
    """The nodes of one channel; node 0 leads at first."""

    __slots__ = (
        "_election",
        "_taken",
        "down_us",
        "downs",
        "failover",
        "kernel",
        "leader",
        "on_up",
        "since",
        "up",
    )

    def __init__(self, kernel: Kernel, nodes: int, failover: int, on_up: Callable[[int], None]) -> None:
        self.kernel = kernel
        self.downs = [0] * nodes
        """For each node, how many faults keep it down."""
        self.leader: int | None = 0
        self.failover = failover
        self.up = True
        self.on_up = on_up
        self.down_us = 0
        self.since = 0
        self._election = 0
        self._taken: list[int] = []
        """The nodes that faults aimed at whoever leads have taken, oldest first."""

    @property
    def up_nodes(self) -> int:
        """The number of nodes that are up."""
        return self.downs.count(0)

    def absent(self) -> None:
        """Marks all nodes as absent: the channel has not joined the system before :meth:`join`."""
        self.downs = [downs + 1 for downs in self.downs]
        self._step_down(0)

    def join(self, now: int) -> None:
        """Brings up all nodes; one of them leads at once."""
        self.downs = [downs - 1 for downs in self.downs]
        self._elected(now, self._election)

    def lose(self, now: int, node: int | None) -> bool:
        """Takes down this node, or the leader; returns True if the channel goes down with it."""
        which = node
        if which is None:
            which = (
                self.leader
                if self.leader is not None
                else next((one for one, downs in enumerate(self.downs) if not downs), 0)
            )
            self._taken.append(which)
        if which >= len(self.downs):
            return False
        self.downs[which] += 1
        if self.up and which != self.leader and self._enough():
            return False
        was_up = self.up
        self._step_down(now)
        if self._enough():
            self.kernel.at(now + self.failover, self._elected, self._election)
        return was_up

    def regain(self, now: int, node: int | None) -> None:
        """Brings back this node, or the one that went down first. Where too few were up, the nodes elect a
        leader; a single node simply continues.
        """
        which = node if node is not None else self._taken.pop(0)
        if which >= len(self.downs):
            return
        had_enough = self._enough()
        self.downs[which] -= 1
        if self.up or had_enough or not self._enough():
            return
        self._election += 1
        if len(self.downs) == 1:
            self._elected(now, self._election)
        else:
            self.kernel.at(now + self.failover, self._elected, self._election)

    def _enough(self) -> bool:
        return self.up_nodes > len(self.downs) // 2

    def _step_down(self, now: int) -> None:
        self._election += 1
        self.leader = None
        if self.up:
            self.since = now
        self.up = False

    def _elected(self, now: int, election: int) -> None:
        if election == self._election and not self.up and self._enough():
            self.leader = self.downs.index(0)
            self.down_us += now - self.since
            self.up = True
            self.on_up(now)

    def down_until(self, now: int) -> int:
        """Returns how long the channel has been down so far (µs)."""
        return self.down_us + (0 if self.up else now - self.since)


class Spared:
    """The nodes that hang and did not lead when the hang began: while another node serves, nobody notices."""

    __slots__ = ("_nodes",)

    def __init__(self) -> None:
        self._nodes: Counter[int] = Counter()

    def begins(self, node: int | None, leader: int | None) -> bool:
        """Returns whether a fault that begins at this node strikes nobody; one that is aimed at no single
        node always strikes.
        """
        if node is None or node == leader:
            return False
        self._nodes[node] += 1
        return True

    def ends(self, node: int | None) -> bool:
        """Returns whether the fault that ends at this node has struck nobody."""
        if node is None or not self._nodes[node]:
            return False
        self._nodes[node] -= 1
        return True
