"""The plan of a live run: the instructions for the stage, and when it does what to which process."""

from __future__ import annotations

import dataclasses
from typing import Any

from tutor.engine.luck import Luck
from tutor.model.component import Channel, Service, Stream
from tutor.model.fault import Fault
from tutor.model.scenario import Scenario
from tutor.model.wire import Capture

REAL = ("crash", "hang", "deploy")
"""Faults that are done to processes; all others are behavior."""


@dataclasses.dataclass(frozen=True, slots=True)
class LivePlan:
    """The plan that the stage reads."""

    scenario: Scenario
    seed: int
    broker: str
    url: str | None
    """A server that is there already; None to start one."""
    prefix: str
    """What names on the server begin with."""
    spawn: bool = False
    """Start each process anew instead of forking it: how it is done where there is no fork."""


@dataclasses.dataclass(frozen=True, slots=True)
class Blow:
    """One thing that happens to one process."""

    at_s: float
    act: str
    """``crash``, ``leave``, ``hang``, ``recover`` or ``thaw``."""
    target: str
    """A part's id, or the reference of a capture wire."""
    replica: int | None
    """Which replica of a service, from 0; None for what has only one process."""


def blows(scenario: Scenario, luck: Luck) -> list[Blow]:
    """Returns everything that happens to processes, in the order of time."""
    found: list[Blow] = []
    for place, fault in enumerate(scenario.faults):
        if fault.kind in REAL:
            for target in _targets(scenario, fault):
                found += _of_fault(scenario, luck, place, fault, target)
    return sorted(found, key=lambda blow: blow.at_s)


def _targets(scenario: Scenario, fault: Fault) -> list[str]:
    """Returns the parts, or relays, that a fault is aimed at and that are there."""
    if fault.target in scenario.design.components:
        return [fault.target]
    return [
        wire.ref
        for wire in scenario.design.wires
        if isinstance(wire, Capture) and fault.target in (wire.pair, wire.ref)
    ]


def _of_fault(scenario: Scenario, luck: Luck, place: int, fault: Fault, target: str) -> list[Blow]:
    part = scenario.design.components.get(target)
    replicas: list[int | None] = [None]
    if isinstance(part, Service):
        replicas = [*range(part.replicas)] if fault.replica is None else [fault.replica - 1]
    found = []
    for start_us, end_us in luck.spans(place):
        start, end = start_us / 1e6, end_us / 1e6
        for number, replica in enumerate(replicas):
            if fault.kind == "deploy":
                down = start + number * fault.each_s
                found += [
                    Blow(down, "leave", target, replica),
                    Blow(down + fault.down_s, "recover", target, replica),
                ]
            elif fault.kind == "crash":
                found += [Blow(start, "crash", target, replica), Blow(end, "recover", target, replica)]
            else:
                found += [Blow(start, "hang", target, replica), Blow(end, "thaw", target, replica)]
    return found


def hosts(scenario: Scenario) -> dict[str, str]:
    """Returns, by channel, the server it is on. One that is killed or stopped has a server of its own, so
    that the others live on.
    """
    struck = {fault.target for fault in scenario.faults if fault.kind in REAL}
    channels = [part.id for part in scenario.design.components.values() if isinstance(part, Channel | Stream)]
    return {id: id if id in struck and len(channels) > 1 else "shared" for id in channels}


def name_of(role: str, *arguments: Any) -> str:
    """Returns the name of a process in its records."""
    return (
        "-".join(str(one) for one in (role, *arguments))
        .replace("->", "-")
        .replace(":", "-")
        .replace("#", "-")
        .replace("/", "-")
    )
