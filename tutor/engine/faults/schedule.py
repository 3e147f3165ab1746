"""The schedule of faults: when each begins and ends, and the act by which the engine carries out its kind.

Breakdowns at random are drawn ahead from a stream of their own for each replica. Faults with a probability
strike by event number and handling, so that the same order meets the same luck. :data:`ACTS` has one act for
each of :data:`tutor.model.fault.FAULT_KINDS`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.handling import Handler
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.services.clients import ClientPart
from tutor.model.component import most_replicas
from tutor.model.fault import Fault, Span, breakdowns, strikes, turns

Strike = Callable[[int, ActiveFault, Part, "int | None"], None]
"""What a fault does to a part, or to the replica of this number: (now, fault, part, replica)."""
Cut = Callable[[int, ActiveFault, WireRun], None]
"""What a fault does to a wire: (now, fault, wire)."""


@dataclasses.dataclass(frozen=True, slots=True)
class PartAct:
    """The engine's acts on a part when a fault begins and when it is over."""

    begin: Strike
    over: Strike


@dataclasses.dataclass(frozen=True, slots=True)
class WireAct:
    """The engine's acts on a wire when a fault begins and when it is over; None: it lasts for good."""

    begin: Cut
    over: Cut | None


@dataclasses.dataclass(frozen=True, slots=True)
class TrafficAct:
    """A fault that changes the traffic clients are going to send: known before the clock starts."""

    change: Callable[[ActiveFault, Part, int, int], None]
    """(fault, part, start, end), in microseconds."""


def _crash(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.crash(now, replica, fault)


def _recover(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.recover(now, replica)


def _hang(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.hang(now, replica, fault)


def _thaw(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.thaw(now, replica)


def _slow(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    fault.hit = True
    part.slow(now, fault.spec.factor, replica)


def _slow_no_more(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.slow(now, 1 / fault.spec.factor, replica)


def _strike(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.strike(now, fault, True)


def _strike_no_more(now: int, fault: ActiveFault, part: Part, replica: int | None) -> None:
    part.strike(now, fault, False)


def _burst(fault: ActiveFault, part: Part, start: int, end: int) -> None:
    if isinstance(part, ClientPart):
        part.burst(start, end, fault.spec.factor)
        fault.hit = True


def _remove(now: int, fault: ActiveFault, wire: WireRun) -> None:
    fault.hit = True
    wire.remove(now)
    source = fault.world.parts[wire.spec.source]
    if isinstance(source, Handler):
        source.forget_ways()


def _part_of(now: int, fault: ActiveFault, wire: WireRun) -> None:
    wire.cut(now, fault, True)


def _join_again(now: int, fault: ActiveFault, wire: WireRun) -> None:
    wire.cut(now, fault, False)


def _drop(now: int, fault: ActiveFault, wire: WireRun) -> None:
    wire.drop(now, fault, True)


def _drop_no_more(now: int, fault: ActiveFault, wire: WireRun) -> None:
    wire.drop(now, fault, False)


ACTS: dict[str, PartAct | WireAct | TrafficAct] = {
    "crash": PartAct(_crash, _recover),
    "deploy": PartAct(_crash, _recover),
    "hang": PartAct(_hang, _thaw),
    "slow": PartAct(_slow, _slow_no_more),
    "die-between": PartAct(_strike, _strike_no_more),
    "poison": PartAct(_strike, _strike_no_more),
    "swallow": PartAct(_strike, _strike_no_more),
    "schema-change": PartAct(_strike, _strike_no_more),
    "repartition": PartAct(_strike, _strike_no_more),
    "burst": TrafficAct(_burst),
    "partition": WireAct(_part_of, _join_again),
    "remove": WireAct(_remove, None),
    "drop-replies": WireAct(_drop, _drop_no_more),
    "drop-acks": WireAct(_drop, _drop_no_more),
}
"""What the engine does for each kind of fault."""


def schedule_faults(world: World, end: int) -> list[ActiveFault]:
    """Sets the timers of all faults, up to the end of the run (µs); returns the faults in the order of the
    scenario.
    """
    active = []
    for place, spec in enumerate(world.scenario.faults):
        fault = ActiveFault(place, spec, world)
        active.append(fault)
        act = ACTS[spec.kind]
        if isinstance(act, WireAct):
            _schedule_wires(fault, act, _wires_of(spec, world), end)
        elif spec.target in world.parts:
            _schedule_part(fault, act, world.parts[spec.target], end)
        # what the learner has not built cannot fail: the fault hits nothing; files are checked for typing
        # errors when they are read
    return active


def _wires_of(spec: Fault, world: World) -> list[WireRun]:
    wires = [wire for wire in world.wires.values() if wire.kind in spec.declared.wires]
    if "->" in spec.target:
        return [wire for wire in wires if spec.target in (wire.spec.pair, wire.ref)]
    return [wire for wire in wires if wire.spec.target == spec.target]


def spans_of(fault: ActiveFault, replica: int | None, end: int) -> Iterator[Span]:
    """Yields when a fault begins and ends (µs), up to the end of the run; at random, each replica has times
    of its own.
    """
    spec = fault.spec
    if not spec.at_random:
        return strikes(spec, end)
    return breakdowns(
        spec, end, fault.world.chance.uniform(spec.target, f"{spec.kind}/{fault.place}/{replica}")
    )


def _schedule_wires(fault: ActiveFault, act: WireAct, wires: list[WireRun], end: int) -> None:
    kernel = fault.world.kernel

    def begin(now: int, _: None) -> None:
        fault.mark(now, "fault", fault.spec.target)
        for wire in wires:
            act.begin(now, fault, wire)

    def over(now: int, _: None) -> None:
        fault.mark(now, "fault-over", fault.spec.target)
        for wire in wires:
            assert act.over is not None
            act.over(now, fault, wire)

    for start, last in spans_of(fault, None, end):
        fault.spans.append((start, last))
        kernel.at(start, begin)
        if act.over is not None and last <= end:
            kernel.at(last, over)


def _schedule_part(fault: ActiveFault, act: PartAct | TrafficAct, part: Part, end: int) -> None:
    spec = fault.spec
    replicas = most_replicas(
        fault.world.scenario.design.components[part.id]
    )  # which of them are there is seen when it strikes
    if spec.declared.lasting == "in turn":
        for start, _ in spans_of(fault, None, end):
            for replica, (down, up) in enumerate(turns(spec, start, replicas)):
                _set(fault, act, part, replica, down, up, end)
        return
    which: list[int | None] = [None if spec.replica is None else spec.replica - 1]
    if spec.at_random and spec.replica is None:
        which = list(range(replicas))
    for number in which:
        for start, over in spans_of(fault, number, end):
            _set(fault, act, part, number, start, over, end)


def _set(
    fault: ActiveFault,
    act: PartAct | TrafficAct,
    part: Part,
    replica: int | None,
    start: int,
    over: int,
    end: int,
) -> None:
    fault.spans.append((start, over))
    if isinstance(act, TrafficAct):
        act.change(fault, part, start, min(over, end))
        fault.mark(start, "fault", part.id)
        if over <= end:
            fault.mark(over, "fault-over", part.id)
        return
    kernel = fault.world.kernel
    kernel.at(start, _begin, (fault, act, part, replica))
    if over <= end:
        kernel.at(over, _over, (fault, act, part, replica))


def _begin(now: int, item: tuple[ActiveFault, PartAct, Part, int | None]) -> None:
    fault, act, part, replica = item
    fault.active = True
    fault.mark(now, "fault", part.id)
    act.begin(now, fault, part, replica)


def _over(now: int, item: tuple[ActiveFault, PartAct, Part, int | None]) -> None:
    fault, act, part, replica = item
    fault.active = False
    fault.mark(now, "fault-over", part.id)
    act.over(now, fault, part, replica)
