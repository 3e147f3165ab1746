"""Mishaps of single handlings at a service: its own failure rate, and the faults that strike events one by
one.
"""

from __future__ import annotations

from tutor.engine.core.events import Work
from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.plans import Plan

SWALLOWED = "swallowed"
"""The handling fails without a word: it counts as done."""


class Mishaps:
    """The failure rate of one service, and the faults that last there."""

    __slots__ = ("_rate", "strikes")

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self.strikes: list[ActiveFault] = []
        """Faults of the kinds poison and swallow; what was poisoned stays so when its fault is over."""

    def __bool__(self) -> bool:
        """Returns whether anything may go wrong."""
        return self._rate > 0 or bool(self.strikes)

    def change(self, fault: ActiveFault, active: bool) -> None:
        """Begins or ends a fault."""
        if active:
            self.strikes.append(fault)
        elif fault in self.strikes and fault.kind != "poison":
            self.strikes.remove(fault)

    def reason(self, work: Work, plan: Plan) -> str:
        """Returns why this handling goes wrong: :data:`SWALLOWED`, poison or failure; empty if it
        does not.
        """
        event = work.event
        for fault in self.strikes:
            if fault.kind == "swallow" and fault.strikes(event, work.turn):
                return SWALLOWED
            if fault.kind == "poison" and fault.made_in(event) and fault.strikes(event, 0):
                return "poison"
        if self._rate and plan.failing.at(event.number, work.turn) < self._rate:
            return "failure"
        return ""
