"""The plan of a service for the events of one flow: how long its work takes, with which effects, and where it
sends them on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.engine.core.events import Source
from tutor.engine.core.luck import Draws

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutor.engine.core.handling import Gone
    from tutor.engine.core.part import WireRun
    from tutor.engine.core.seams import RequiredEffect


class Plan:
    """The work of a service for the events of one flow."""

    __slots__ = (
        "acts",
        "effects",
        "failing",
        "first",
        "last",
        "mean",
        "newest",
        "only",
        "source",
        "table",
        "times",
        "tried",
        "undoes",
        "wired",
    )

    def __init__(
        self,
        source: Source,
        times: Draws,
        mean: float,
        effects: Sequence[RequiredEffect],
        undoes: Sequence[RequiredEffect],
        failing: Draws,
    ) -> None:
        self.source = source
        self.times = times
        self.first = times.first
        self.tried = bytearray()
        """By event number, as far as ``first`` goes: 1 where turn 0 has been handled here."""
        self.last: dict[int, int] = {}
        """By event number: the highest turn after 0 that has been handled here."""
        self.mean = mean
        self.effects = effects
        self.acts = bool(effects or undoes)
        self.undoes = undoes
        self.failing = failing

    def reach(self, number: int) -> int:
        """Returns the draw of turn 0 for an event beyond those made so far, and marks it as handled."""
        length = int(self.times.reach(number))
        self.tried.extend(bytes(len(self.first) - len(self.tried)))
        self.tried[number] = 1
        return length

    def fresh(self, number: int, turn: int) -> int:
        """Returns the turn whose luck this handling of an event has: its own, unless that has been used here
        before.

        A message that comes back has a turn of its own already. One that comes by another way (from a retry
        queue, published again, round a loop) brings one that this service has used: it takes the next, so
        that every try is a new one.
        """
        last = self.last.get(number, 0)
        if turn > last:
            self.last[number] = turn
            return turn
        if turn == 0:
            if number >= len(self.tried):
                self.reach(number)
                return 0
            if not self.tried[number]:
                self.tried[number] = 1
                return 0
        self.last[number] = last + 1
        return last + 1

    def go(self, wires: list[WireRun | Gone]) -> None:
        """Sets the outgoing wires from now on."""
        simple = len(self.effects) == 1 and not self.undoes and not wires
        self.table = self.effects[0].tables[self.source.index] if simple else None
        """Where there is one effect and no outgoing wire: when it was applied, by event number."""
        self.newest = self.effects[0].newest if simple else {}
        self.wired = bool(wires)
        self.only = wires[0] if len(wires) == 1 else None
