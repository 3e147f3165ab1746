"""The replicas of a service: which of them are there, how fast they are, and which is free for the next
call.
"""

from __future__ import annotations

from collections.abc import Iterator

from tutor.engine.core.kernel import Kernel
from tutor.engine.core.replica import Replica
from tutor.model.component import Service


class Replicas:
    """All replicas of one service. ``only`` is the one of a service that never has another: the short way of
    calls goes by it.
    """

    __slots__ = ("_all", "_changes", "_exhausted", "_kernel", "_slowness", "_turn", "only", "up", "workers")

    def __init__(self, spec: Service, kernel: Kernel, *, absent: bool) -> None:
        scale = spec.autoscale
        count = spec.replicas if scale is None else max(scale.min, min(spec.replicas, scale.max))
        self.workers = spec.workers
        self._kernel = kernel
        self._all = [Replica(index, spec.workers, kernel) for index in range(count)]
        self.only = self._all[0] if count == 1 and scale is None else None
        self._turn = 0
        self._changes = 0
        """How often one was started, stopped, or began or ceased to hang."""
        self._exhausted = -1
        """The count of ended work and changes at which nobody was free; while it is the same, nobody is."""
        self._slowness: dict[int | None, float] = {}
        """How many times slower: by replica (from 0), and (None) all of them."""
        self.up = count
        """How many are up; counted, since every call that is refused asks."""
        if absent:
            for replica in self._all:
                replica.downs = 1
                self.stop(replica)

    def __iter__(self) -> Iterator[Replica]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __reversed__(self) -> Iterator[Replica]:
        return reversed(self._all)

    def numbered(self, number: int | None) -> list[Replica]:
        """Returns the replica of this number (from 0) as a list of one, or of none where it is not there;
        None: all of them.
        """
        if number is None:
            return list(self._all)
        if (
            number < len(self._all) and self._all[number].index == number
        ):  # a thousand machines break down one by one
            return [self._all[number]]
        return [one for one in self._all if one.index == number]

    def free(self, ended: int) -> Replica | None:
        """Returns a replica with a free worker, in turn; None if all are busy, hung or down.

        ``ended`` is how much work has ended here so far: in a storm of calls that are refused, looking at 100
        replicas for each took nine tenths of the time, and until work ends or a replica changes the answer
        stays the same.
        """
        if ended + self._changes == self._exhausted:
            return None
        replicas = self._all
        count, turn = len(replicas), self._turn
        for step in range(count):
            replica = replicas[(turn + step) % count]
            if len(replica.hands) < replica.workers and replica.up and not replica.hung:
                self._turn = turn + step + 1
                return replica
        self._exhausted = ended + self._changes
        return None

    def changed(self) -> None:
        """Notes that a replica has begun or ceased to hang."""
        self._changes += 1

    def busy(self) -> int:
        """Returns the number of workers with work in hand."""
        return sum(len(one.hands) for one in self._all)

    def start(self, replica: Replica) -> None:
        """Marks a replica that was down as up."""
        replica.up = True
        self.up += 1
        self._changes += 1

    def stop(self, replica: Replica) -> None:
        """Marks a replica that was up as down."""
        replica.up = False
        self.up -= 1
        self._changes += 1

    def add(self) -> Replica:
        """Starts one more replica, with the lowest number that is free."""
        used = {one.index for one in self._all}
        replica = Replica(
            next(index for index in range(len(used) + 1) if index not in used), self.workers, self._kernel
        )
        replica.factor = self._factor_of(replica)
        self._all.append(replica)
        self.up += 1
        self._changes += 1
        return replica

    def remove(self, replica: Replica) -> None:
        """Stops a replica for good."""
        self._all.remove(replica)
        self.stop(replica)

    def slow(self, factor: float, number: int | None) -> None:
        """Makes the work of one replica, or of all, take ``factor`` times as long from now on; the inverse
        ends it.
        """
        # rounded, so that a factor and its inverse give 1 again and the short ways are taken
        self._slowness[number] = round(self._slowness.get(number, 1.0) * factor, 9)
        for one in self._all:
            one.factor = self._factor_of(one)

    def slowed(self) -> bool:
        """Returns whether any replica is not at its ordinary speed."""
        return any(one.factor != 1 for one in self._all)

    def _factor_of(self, replica: Replica) -> float:
        return self._slowness.get(None, 1.0) * self._slowness.get(replica.index, 1.0)
