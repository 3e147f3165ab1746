"""The sandbox's own rules: its starting design, the targets of its faults, and the promises about its
events.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from tutor.catalog import parse_scenario, render_scenario
from tutor.errors import InputError
from tutor.model.component import Client, Queue, Service
from tutor.model.design import Design, make_design, make_wire
from tutor.model.fault import Fault
from tutor.model.path import Reach
from tutor.model.report import Report
from tutor.model.scenario import Effect, Run, Scenario
from tutor.words import say

SETTINGS = ("at_s", "for_s", "every_s")
"""What can be set of every scheduled fault."""


def starter() -> Scenario:
    """Returns a small system to change: people, a queue, a service, and a run of five minutes."""
    design = make_design(
        [
            Client(id="people", title="People", rate_per_s=5, event="order.placed"),
            Queue(id="orders", title="Orders"),
            Service(id="billing", title="Billing", service_ms=100),
        ]
    )
    wires = [
        make_wire(design, "people", "orders", "publish"),
        make_wire(design, "orders", "billing", "subscribe"),
    ]
    return expecting(Scenario(design=design.with_wires(wires), run=Run(duration_s=300, drain_s=60)))


def expecting(scenario: Scenario) -> Scenario:
    """Returns the scenario with an effect for every event at every end of its chain: all of them are expected
    to be handled.
    """
    return dataclasses.replace(scenario, effects=tuple(expected_effects(scenario.design)))


TAKES_ON = ("call", "publish", "subscribe", "capture", "bind")
"""The kinds of wire by which an event is meant to get on; what comes by a dead-letter wire is not
expected.
"""


PLACES = ("service", "job", "database")
"""The kinds of part that a promise can be made for: where code runs or data is kept."""


def expected_effects(design: Design) -> Iterator[Effect]:
    """Yields one effect for each type of event and each end of its chain, and for each service on the way.

    A database counts where an event's chain ends in it: a part that reads it is not a further step.
    """
    reach = Reach(design, follows=(*TAKES_ON, "write"))
    for part in design.components.values():
        if part.kind in PLACES and (part.kind == "service" or not any(design.wires_from(part.id))):
            for event in dict.fromkeys(event for _, event in reach.comes[part.id]):
                yield Effect(event=event, at=(part.id,))


class Promises:
    """The promises about the events of a sandbox: made by the learner, or else the ends of every chain.

    A promise is an effect of the scenario. As long as the learner has made none, they follow the design.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.made = (
            () if set(scenario.effects) <= set(expected_effects(scenario.design)) else scenario.effects
        )
        """The learner's own promises; empty where the ends of every chain count."""

    def effects(self, design: Design) -> tuple[Effect, ...]:
        """Returns the effects of a run of this design; promises for parts that are gone are left out."""
        kept = tuple(effect for effect in self.made if all(place in design.components for place in effect.at))
        return kept or tuple(expected_effects(design))

    def make(self, event: str, part: str) -> None:
        """Promises that every event of a type takes effect at a part, once; a promise that is there already
        stays.
        """
        if not any((one.event, one.at) == (event, (part,)) for one in self.made):
            self.made = (*self.made, Effect(event=event, at=(part,)))

    def drop(self, place: int) -> None:
        """Drops a promise, by its place."""
        self.made = (*self.made[:place], *self.made[place + 1 :])

    def set_deadline(self, place: int, deadline_s: float | None) -> None:
        """Gives a promise a deadline in seconds, or none."""
        changed = dataclasses.replace(self.made[place], deadline_s=deadline_s)
        self.made = (*self.made[:place], changed, *self.made[place + 1 :])


def promise_places(design: Design, part: str) -> tuple[str, ...]:
    """Returns the parts that keep a promise which is dropped on a part: the part itself if it does work or
    keeps data, else those that take messages from it, directly or through other channels.
    """
    found: list[str] = []
    ahead, seen = [part], {part}
    while ahead:
        here = ahead.pop(0)
        if design.components[here].kind in PLACES:
            found.append(here)
            continue
        for wire in design.wires_from(here):
            if wire.kind in ("subscribe", "bind", "publish") and wire.target not in seen:
                seen.add(wire.target)
                ahead.append(wire.target)
    return tuple(found)


def events_of(part: Client) -> tuple[str, ...]:
    """Returns the types of event that a client makes."""
    own = [step.event for sequence in part.sequences for step in sequence.steps]
    return tuple(dict.fromkeys([part.event, *own]))


def promise_words(effect: Effect, design: Design) -> str:
    """Describes a promise in one sentence."""
    names = [design.components[place].name for place in effect.at if place in design.components]
    if effect.deadline_s is None:
        return say("sandbox.promise", event=effect.event, parts=names)
    return say("sandbox.promise-within", event=effect.event, parts=names, deadline=effect.deadline_s)


STUCK = 10
"""Messages left at the end of a run from which on they are reported as stuck: fewer may just have
come late.
"""


def stuck_words(report: Report, design: Design) -> str:
    """Names the part that still holds the most work at the end of a run; empty if none holds much."""
    held: dict[str, int] = {}
    for part in design.components.values():
        for pointer in (f"/component/{part.id}/queue/end", f"/component/{part.id}/lag"):
            value = report.get(pointer)
            if isinstance(value, int | float):
                held[part.name] = max(held.get(part.name, 0), int(value))
    name, most = max(held.items(), key=lambda one: one[1], default=("", 0))
    return say("sandbox.stuck", part=name, count=most) if most >= STUCK else ""


def without_loose_ends(scenario: Scenario) -> Scenario:
    """Returns the scenario without faults whose target is no longer on the board."""
    pairs = {wire.pair for wire in scenario.design.wires}
    kept = tuple(
        fault
        for fault in scenario.faults
        if fault.target in scenario.design.components or fault.target in pairs
    )
    return dataclasses.replace(scenario, faults=kept)


def new_fault(kind: str, target: str, scenario: Scenario) -> Fault:
    """Returns a fault of this kind in the second quarter of the run, for a tenth of it."""
    length = scenario.run.duration_s
    return Fault(kind=kind, target=target, at_s=round(length * 0.3), for_s=max(1, round(length * 0.1)))


def targets_of(kind: str, scenario: Scenario) -> list[str]:
    """Returns the parts and pairs that a fault of this kind may strike; the reader of scenario files
    decides.
    """
    candidates = [*scenario.design.components, *dict.fromkeys(wire.pair for wire in scenario.design.wires)]
    return [target for target in candidates if _may_strike(new_fault(kind, target, scenario), scenario)]


def _may_strike(fault: Fault, scenario: Scenario) -> bool:
    try:
        parse_scenario(render_scenario(dataclasses.replace(scenario, faults=(fault,))))
    except InputError:
        return False
    return True


def fault_settings(fault: Fault) -> tuple[str, ...]:
    """Returns the settings that a fault of this kind has."""
    return (*SETTINGS, *fault.declared.settings)


def fault_words(fault: Fault) -> str:
    """Describes the time of a fault, in one line."""
    if fault.mtbf_s is not None:
        return say("sandbox.fault-at-random", every=fault.mtbf_s)
    if fault.for_s is None:
        return say("sandbox.fault-to-the-end", at=fault.at_s)
    if fault.every_s is None:
        return say("sandbox.fault-once", at=fault.at_s, lasts=fault.for_s)
    return say("sandbox.fault-again", at=fault.at_s, lasts=fault.for_s, every=fault.every_s)


def target_words(target: str, design: Design) -> str:
    """Returns the titles of the parts a fault strikes."""
    return " → ".join(
        design.components[end].name if end in design.components else end for end in target.split("->")
    )
