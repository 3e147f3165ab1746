"""What a service does for the events of one flow: how long, with which effects, and where it sends them on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.engine.core.events import Source
from tutor.engine.core.luck import Draws
from tutor.engine.core.part import WireRun

if TYPE_CHECKING:
    from tutor.engine.truth.ledger import LedgerEntry


class Plan:
    """What a service does for the events of one flow."""

    __slots__ = ("acts", "effects", "failing", "first", "mean", "newest", "only", "source", "table", "times", "undoes", "wired")

    def __init__(
        self, source: Source, times: Draws, mean: float, effects: list[LedgerEntry], undoes: list[LedgerEntry], failing: Draws
    ) -> None:
        self.source = source
        self.times = times
        self.first = times.first
        self.mean = mean
        self.effects = effects
        self.acts = bool(effects or undoes)
        self.undoes = undoes
        self.failing = failing

    def go(self, wires: list[WireRun]) -> None:
        """The outgoing wires are these, from now on."""
        simple = len(self.effects) == 1 and not self.undoes and not wires
        self.table = self.effects[0].tables[self.source.index] if simple else None
        """Where there is one effect and no outgoing wire: when it was applied, by event number."""
        self.newest = self.effects[0].newest if simple else {}
        self.wired = bool(wires)
        self.only = wires[0] if len(wires) == 1 else None
