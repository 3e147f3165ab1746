"""What is going to happen in a run, as marks on its axis; and marks in words. Pure."""

from __future__ import annotations

from tutor.model.clock import SECOND, micros
from tutor.model.fault import scheduled
from tutor.model.scenario import Scenario
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


MOST_MARKS = 50
"""Marks of one fault on the axis: it is a hundred cells wide, and more could not be told apart."""


def planned(scenario: Scenario) -> tuple[Mark, ...]:
    """The scheduled faults as marks on the axis, with their ends; hidden ones stay hidden."""
    marks = []
    end_s = scenario.run.duration_s + scenario.run.drain_s
    for fault in scenario.faults:
        if fault.hidden:
            continue
        part = scenario.design.components.get(fault.target)
        for start, over in scheduled(fault, part, micros(end_s))[:MOST_MARKS]:
            marks.append(Mark(start / SECOND, "planned", fault.target, fault.kind))
            if over < micros(end_s) or fault.for_s is not None:
                marks.append(Mark(min(end_s, over / SECOND), "fault-over", fault.target, fault.kind))
    return tuple(sorted(marks, key=lambda mark: mark.at_s))


def mark_words(mark: Mark, end_s: float) -> str:
    """A mark in one line: when, what, and of which part."""
    words = f"{mark.kind.replace('-', ' ')}: {mark.what}" if mark.what else mark.kind.replace("-", " ")
    return f"{clock(mark.at_s, end_s)}  {words}" + (f" of {mark.target}" if mark.target else "")
