"""What is going to happen in a run, as marks on its axis; and marks in words. Pure."""

from __future__ import annotations

from tutor.model.scenario import Fault, Scenario
from tutor.model.timeline import Mark
from tutor.show.braille import clock

SIGNS = {
    "planned": ("▽", "v"),
    "fault": ("▼", "v"),
    "fault-over": ("△", "^"),
    "first-failure": ("✗", "x"),
    "breaker-open": ("◇", "o"),
    "breaker-closed": ("◆", "o"),
    "failover": ("⇄", "%"),
    "rebalance": ("⟳", "%"),
    "scale": ("±", "%"),
    "join": ("+", "+"),
    "full": ("■", "#"),
}
"""The sign of each kind of mark, and its plain letter."""


def planned(scenario: Scenario) -> tuple[Mark, ...]:
    """The scheduled faults as marks on the axis, with their ends; hidden ones stay hidden."""
    marks = []
    end_s = scenario.run.duration_s + scenario.run.drain_s
    for fault in scenario.faults:
        if fault.mtbf_s is not None or getattr(fault, "hidden", False):
            continue
        for at_s in _starts(fault, end_s):
            marks.append(Mark(at_s, "planned", fault.target, fault.kind))
            if fault.for_s is not None:
                marks.append(Mark(min(end_s, at_s + fault.for_s), "fault-over", fault.target, fault.kind))
    return tuple(sorted(marks, key=lambda mark: mark.at_s))


def _starts(fault: Fault, end_s: float) -> list[float]:
    if fault.every_s is None:
        return [fault.at_s]
    return [fault.at_s + number * fault.every_s for number in range(min(50, int((end_s - fault.at_s) / fault.every_s) + 1))]


def mark_words(mark: Mark, end_s: float) -> str:
    """A mark in one line: when, what, and of which part."""
    words = f"{mark.kind.replace('-', ' ')}: {mark.what}" if mark.what else mark.kind.replace("-", " ")
    return f"{clock(mark.at_s, end_s)}  {words}" + (f" of {mark.target}" if mark.target else "")
