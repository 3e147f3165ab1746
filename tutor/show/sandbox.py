"""The free board's own rules: what it starts with, what its faults may strike, and what every event is expected to do. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from tutor.catalog import parse_scenario, render_scenario
from tutor.errors import InputError
from tutor.model.component import Client, Queue, Service
from tutor.model.design import Design, make_design, make_wire
from tutor.model.fault import Fault
from tutor.model.path import Reach
from tutor.model.scenario import Effect, Run, Scenario

SETTINGS = ("at_s", "for_s", "every_s")
"""What can be set of every scheduled fault."""


def starter() -> Scenario:
    """A small system to change: people, a queue, a service, and a run of five minutes."""
    design = make_design(
        [
            Client(id="people", title="People", rate_per_s=5, event="order.placed"),
            Queue(id="orders", title="Orders"),
            Service(id="billing", title="Billing", service_ms=100),
        ]
    )
    wires = [make_wire(design, "people", "orders", "publish"), make_wire(design, "orders", "billing", "subscribe")]
    return expecting(Scenario(design=design.with_wires(wires), run=Run(duration_s=300, drain_s=60)))


def expecting(scenario: Scenario) -> Scenario:
    """The scenario with an effect for every event that reaches a service: all of them are expected to be handled."""
    return dataclasses.replace(scenario, effects=tuple(expected_effects(scenario.design)))


TAKES_ON = ("call", "publish", "subscribe", "capture", "bind")
"""The kinds of wire by which an event is meant to get on; what comes by a dead-letter wire is not expected."""


def expected_effects(design: Design) -> Iterator[Effect]:
    """One effect for each type of event and each service that it reaches by calls, channels and captures."""
    reach = Reach(design, follows=TAKES_ON)
    for part in design.components.values():
        if isinstance(part, Service):
            for event in dict.fromkeys(event for _, event in reach.comes[part.id]):
                yield Effect(event=event, at=(part.id,))


def without_loose_ends(scenario: Scenario) -> Scenario:
    """The scenario without faults whose target is no longer on the board."""
    pairs = {wire.pair for wire in scenario.design.wires}
    kept = tuple(fault for fault in scenario.faults if fault.target in scenario.design.components or fault.target in pairs)
    return dataclasses.replace(scenario, faults=kept)


def new_fault(kind: str, target: str, scenario: Scenario) -> Fault:
    """A fault of this kind in the second quarter of the run, for a tenth of it."""
    length = scenario.run.duration_s
    return Fault(kind=kind, target=target, at_s=round(length * 0.3), for_s=max(1, round(length * 0.1)))


def targets_of(kind: str, scenario: Scenario) -> list[str]:
    """The parts and pairs that a fault of this kind may strike; the reader of scenario files decides."""
    candidates = [*scenario.design.components, *dict.fromkeys(wire.pair for wire in scenario.design.wires)]
    return [target for target in candidates if _may_strike(new_fault(kind, target, scenario), scenario)]


def _may_strike(fault: Fault, scenario: Scenario) -> bool:
    try:
        parse_scenario(render_scenario(dataclasses.replace(scenario, faults=(fault,))))
    except InputError:
        return False
    return True


def fault_settings(fault: Fault) -> tuple[str, ...]:
    """The settings that a fault of this kind has."""
    return (*SETTINGS, *fault.declared.settings)


def fault_words(fault: Fault) -> str:
    """A fault in one line."""
    lasting = f" for {fault.for_s:g} s" if fault.for_s is not None else " to the end"
    again = f", every {fault.every_s:g} s" if fault.every_s is not None else ""
    return f"at {fault.at_s:g} s{lasting}{again}"
