"""Faults: what goes wrong, on a schedule or at random, and whether it hit anything.

Breakdowns at random are drawn ahead from a stream of their own for each replica: times up and times to repair are exponential, with means
``mtbf_s`` and ``mttr_s``. Faults with a probability strike by event number and handling, so that the same order meets the same luck.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from tutor.engine.core.events import Event, Source
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import micros
from tutor.engine.core.luck import Draws
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.services.clients import ClientPart
from tutor.model.scenario import Fault

WIRE_KINDS = ("partition", "remove", "drop-replies", "drop-acks")
"""Faults of wires; aimed at a component they mean all wires into it."""


class ActiveFault:
    """One fault of the scenario, and whether any work has met it."""

    def __init__(self, place: int, spec: Fault, world: World) -> None:
        self.place = place
        self.spec = spec
        self.kind = spec.kind
        self.world = world
        self.hit = False
        self.active = False
        self.spans: list[tuple[int, int]] = []
        self._draws: dict[Source, Draws] = {}

    def strikes(self, event: Event, turn: int) -> bool:
        """Whether it strikes this handling of this event."""
        if self.spec.events and event.flow.type not in self.spec.events:
            return False
        if self.spec.probability < 1:
            source = event.flow.source
            draws = self._draws.get(source)
            if draws is None:
                purpose = f"{self.kind}/{self.place}"
                draws = self._draws[source] = self.world.chance.uniforms(self.spec.target, purpose, source.id)
            if draws.at(event.number, turn) >= self.spec.probability:
                return False
        self.hit = True
        return True

    def mark(self, now: int, kind: str, target: str) -> None:
        """Notes its beginning or end for the time axis, unless it is to be found."""
        if not self.spec.hidden:
            self.world.mark(now, kind, target, self.kind)

    def made_in(self, event: Event) -> bool:
        """Whether the event was made while the fault lasted."""
        return any(start <= event.made < end for start, end in self.spans)


def spans_of(fault: Fault, place: int, world: World, replica: int | None, end: int) -> Iterator[tuple[int, int]]:
    """When the fault begins and ends (µs), in order, up to the end of the run."""
    start = micros(fault.at_s)
    if fault.mtbf_s is not None:
        uniform = world.chance.uniform(fault.target, f"{fault.kind}/{place}/{replica}")
        repair = fault.mttr_s if fault.mttr_s is not None else fault.for_s or 0.0
        while True:
            start += max(1, int(-log(1.0 - uniform()) * micros(fault.mtbf_s) + 0.5))
            length = max(1, int(-log(1.0 - uniform()) * micros(repair) + 0.5))
            if start >= end:
                return
            yield start, start + length
            start += length
    while start < end:
        yield start, end + 1 if fault.for_s is None else start + micros(fault.for_s)
        if fault.every_s is None:
            return
        start += micros(fault.every_s)


def schedule_faults(world: World, end: int) -> list[ActiveFault]:
    """Sets the timers of all faults."""
    active = []
    for place, spec in enumerate(world.scenario.faults):
        fault = ActiveFault(place, spec, world)
        active.append(fault)
        if "->" in spec.target:
            _schedule_wires(fault, _wires_of(spec, world), end)
        elif spec.target in world.parts:
            part = world.parts[spec.target]
            if spec.kind in WIRE_KINDS:
                _schedule_wires(fault, [wire for wire in world.wires.values() if wire.spec.target == spec.target], end)
            else:
                _schedule_part(fault, part, end)
        # a part that the learner has not built cannot fail: the fault hits nothing; files are checked for typing errors when they are read
    return active


def _wires_of(spec: Fault, world: World) -> list[WireRun]:
    # a wire that the learner has not drawn cannot fail: the fault hits nothing
    return [wire for wire in world.wires.values() if spec.target in (wire.spec.pair, wire.ref)]


def _schedule_wires(fault: ActiveFault, wires: list[WireRun], end: int) -> None:
    for start, over in spans_of(fault.spec, fault.place, fault.world, None, end):
        fault.spans.append((start, over))
        fault.world.kernel.at(start, _wires_begin, (fault, wires))
        if fault.kind != "remove" and over <= end:
            fault.world.kernel.at(over, _wires_end, (fault, wires))


def _wires_begin(now: int, item: tuple[ActiveFault, list[WireRun]]) -> None:
    fault, wires = item
    fault.mark(now, "fault", fault.spec.target)
    for wire in wires:
        if fault.kind == "remove":
            fault.hit = True
            wire.remove(now)
            source = fault.world.parts[wire.spec.source]
            if isinstance(source, Handler):
                source.forget_ways()
        elif fault.kind == "partition":
            wire.cut(now, fault, True)
        else:
            wire.drop(now, fault, True)


def _wires_end(now: int, item: tuple[ActiveFault, list[WireRun]]) -> None:
    fault, wires = item
    fault.mark(now, "fault-over", fault.spec.target)
    for wire in wires:
        if fault.kind == "partition":
            wire.cut(now, fault, False)
        else:
            wire.drop(now, fault, False)


def _schedule_part(fault: ActiveFault, part: Part, end: int) -> None:
    spec, world = fault.spec, fault.world
    component = world.scenario.design.components[part.id]
    scale = getattr(component, "autoscale", None)
    replicas = max(
        1, int(getattr(component, "replicas", 1)) if scale is None else scale.max
    )  # which of them are there is seen when it strikes
    if spec.kind == "deploy":
        for start, _ in spans_of(spec, fault.place, world, None, end):
            for number in range(replicas):
                down = start + number * micros(spec.each_s)
                _set(fault, part, number, down, down + micros(spec.down_s), end)
        return
    which: list[int | None] = [None if spec.replica is None else spec.replica - 1]
    if spec.mtbf_s is not None and spec.replica is None:
        which = list(range(replicas))
    for replica in which:
        for start, over in spans_of(spec, fault.place, world, replica, end):
            _set(fault, part, replica, start, over, end)


def _set(fault: ActiveFault, part: Part, replica: int | None, start: int, over: int, end: int) -> None:
    fault.spans.append((start, over))
    if fault.kind == "burst":
        if isinstance(part, ClientPart):
            part.burst(start, min(over, end), fault.spec.factor)
            fault.hit = True
        return
    kernel = fault.world.kernel
    kernel.at(start, _begin, (fault, part, replica))
    if over <= end:
        kernel.at(over, _over, (fault, part, replica))


def _begin(now: int, item: tuple[ActiveFault, Part, int | None]) -> None:
    fault, part, replica = item
    fault.active = True
    fault.mark(now, "fault", part.id)
    match fault.kind:
        case "crash" | "deploy":
            part.crash(now, replica, fault)
        case "hang":
            part.hang(now, replica, fault)
        case "slow":
            fault.hit = True
            part.slow(now, fault.spec.factor, replica)
        case _:
            part.strike(now, fault, True)


def _over(now: int, item: tuple[ActiveFault, Part, int | None]) -> None:
    fault, part, replica = item
    fault.active = False
    fault.mark(now, "fault-over", part.id)
    match fault.kind:
        case "crash" | "deploy":
            part.recover(now, replica)
        case "hang":
            part.thaw(now, replica)
        case "slow":
            part.slow(now, 1 / fault.spec.factor, replica)
        case _:
            part.strike(now, fault, False)
