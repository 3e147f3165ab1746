"""One run: a scenario and a seed in, an outcome out. A pure function, apart from the wall clock in
``engine``.

:data:`PARTS` and :data:`WIRE_RUNS` say which class stands for each kind of component and wire; a new kind is
one more line there.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from tutor.engine.channels.bindings import BindWire
from tutor.engine.channels.dead_letters import DeadLetterWire
from tutor.engine.channels.publishes import PublishWire
from tutor.engine.channels.queues import QueuePart
from tutor.engine.channels.subscriptions import SubscribeWire
from tutor.engine.channels.topics import TopicPart
from tutor.engine.core.handling import Handler
from tutor.engine.core.kernel import Kernel
from tutor.engine.core.luck import Chance
from tutor.engine.core.part import Part, WireRun, World
from tutor.engine.core.pieces import Pieces, whole
from tutor.engine.faults.schedule import schedule_faults
from tutor.engine.services.calls import CallWire
from tutor.engine.services.clients import ClientPart
from tutor.engine.services.jobs import JobPart, PollWire
from tutor.engine.services.processing import make_service
from tutor.engine.stops import Stops
from tutor.engine.stores.accesses import AccessWire
from tutor.engine.stores.captures import CaptureWire
from tutor.engine.stores.databases import DatabasePart
from tutor.engine.streams.groups import GroupWire
from tutor.engine.streams.streams import StreamPart
from tutor.engine.truth.ledger import Ledger, find_held
from tutor.engine.truth.measure import Measure, held_places
from tutor.engine.truth.recorder import Recorder
from tutor.errors import InputError
from tutor.model.clock import SECOND, micros
from tutor.model.path import Reach
from tutor.model.report import Outcome, Report
from tutor.model.scenario import Scenario
from tutor.words import say

PARTS: dict[str, Callable[..., Part]] = {
    "client": ClientPart,
    "service": make_service,
    "database": DatabasePart,
    "job": JobPart,
    "queue": QueuePart,
    "topic": TopicPart,
    "stream": StreamPart,
}
"""The class of each kind of component: called with its description and the world."""
WIRE_RUNS: dict[str, Callable[..., WireRun]] = {
    "call": CallWire,
    "publish": PublishWire,
    "subscribe": SubscribeWire,
    "write": AccessWire,
    "read": AccessWire,
    "poll": PollWire,
    "capture": CaptureWire,
    "dead-letter": DeadLetterWire,
    "bind": BindWire,
}
"""The class of each kind of wire: called with its description and the world; a subscription of a stream is a
:class:`GroupWire`.
"""

SLICE = 20_000
"""Steps between two looks at the budget when a run is not sliced from outside: some 0.1 s of computing."""


class Simulation:
    """A run that advances in slices.

    Raises :class:`InputError` for a scenario that cannot be run.
    """

    def __init__(self, scenario: Scenario, seed: int | None = None, *, timeline: bool = False) -> None:
        run = scenario.run
        _check(scenario)
        self._end = micros(run.duration_s) + micros(run.drain_s)
        kernel = Kernel(self._end)
        chance = Chance(run.seed if seed is None else seed)
        self._ledger = ledger = Ledger(scenario, Reach(scenario.design))
        self._world = world = World(scenario, kernel, chance, ledger)
        world.marks = [] if timeline else None
        self._measure = Measure(world, ledger, self._end)
        _build(world)
        self._faults = schedule_faults(world, self._end)
        self._recorder = Recorder(world, ledger, self._end) if timeline else None
        for part in world.parts.values():
            if part.joins:
                kernel.at(part.joins, lambda now, part: part.join(now), part)
            part.open()
        self._budget = run.max_events
        self._stops = Stops(world, self._budget)
        self._wall = 0.0

    @property
    def world(self) -> World:
        """The parts, wires, chance and ledger of the run, before it starts or between two slices."""
        return self._world

    @property
    def ledger(self) -> Ledger:
        """The truth of the run."""
        return self._ledger

    @property
    def over(self) -> bool:
        """True if there is nothing more to run: the end has been reached, or the run has to be stopped
        (:class:`Stops`).
        """
        return self._world.kernel.over or bool(self._stops.why)

    @property
    def steps(self) -> int:
        """The number of steps taken so far."""
        return self._world.kernel.steps

    @property
    def progress(self) -> float:
        """The share of simulated time that has passed, 0 to 1."""
        return 1.0 if self.over else min(1.0, self._world.kernel.now / max(1, self._end))

    def advance(self, most: int = SLICE) -> bool:
        """Runs at most ``most`` steps; True when the run is over."""
        kernel = self._world.kernel
        started = perf_counter()
        last = min(kernel.steps + most, self._budget)
        while kernel.steps < last and not self.over:
            kernel.advance(min(last - kernel.steps, self._stops.next_look()))
            self._stops.look()
        self._wall += perf_counter() - started
        return self.over

    def outcome(self) -> Outcome:
        """Returns the outcome of the run; before the end, of the part run so far (``complete`` is then
        false).
        """
        return whole(self.reckon())

    def reckon(self) -> Pieces[Outcome]:
        """Returns :meth:`outcome` in pieces: for many events it takes longer than a frame of the screen. The
        run must not advance meanwhile.
        """
        world, kernel = self._world, self._world.kernel
        now = self._end if kernel.over else kernel.now
        held = yield from find_held(held_places(world))
        data = yield from self._measure.report(now, kernel.over, held)
        wall = max(self._wall, 1e-9)
        data["engine"] = {
            "events": kernel.steps,  # the name that files and JSON have had for them; it only grows
            "steps": kernel.steps,
            "max_events": self._budget,
            "wall_s": self._wall,
            "events_per_s": kernel.steps / wall,
        }
        if not kernel.over:
            data["stopped"] = self._stops.report()
        for wire in world.wires.values():
            wire.meet_cuts()  # those that last to the end
        for part in world.parts.values():
            part.meet_faults()
        unhit = tuple(fault.place for fault in self._faults if not fault.hit)
        timeline = None if self._recorder is None else (yield from self._recorder.timeline(held))
        return Outcome(Report(data), timeline, unhit)

    def close(self) -> None:
        """Lets go of everything, when the outcome has been taken; the simulation is of no use afterwards.

        Parts and wires know each other: without this only a search for garbage frees them, in a pause of many
        frames of the screen.
        """
        world = self._world
        world.kernel.heap.clear()
        runs: list[Part | WireRun] = [*world.parts.values(), *world.wires.values()]
        for one in runs:
            _empty(one)
        for group in (world.parts, world.wires, world.sources, self._ledger.sources, self._ledger.entries):
            group.clear()
        self._recorder = None


def simulate(scenario: Scenario, seed: int | None = None, *, timeline: bool = False) -> Outcome:
    """Runs a scenario to its end, or to its budget of steps, and reports; raises :class:`InputError` for a
    scenario that cannot be run.
    """
    simulation = Simulation(scenario, seed, timeline=timeline)
    while not simulation.advance(scenario.run.max_events):
        pass
    outcome = simulation.outcome()
    simulation.close()
    return outcome


def _empty(thing: Part | WireRun) -> None:
    """Removes all attributes from an object."""
    for name in [
        name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ()) if name != "__dict__"
    ]:
        if hasattr(thing, name):
            delattr(thing, name)
    thing.__dict__.clear()


def _check(scenario: Scenario) -> None:
    run = scenario.run
    if run.warmup_s >= run.duration_s:
        raise InputError(say("files.scenario.warm-up", duration=run.duration_s), key="run.warmup_s")
    for place, effect in enumerate(scenario.effects):
        components = [scenario.design.components.get(at) for at in effect.at]
        for at, component in zip(effect.at, components, strict=True):
            # of several places some may not be built: the effect is expected at the others
            absent = component is None and any(components)
            if not absent and (component is None or component.kind not in ("service", "job", "database")):
                raise InputError(
                    say("files.checked.effect", part=at),
                    key=f"effects[{place}].at",
                )
    for window in scenario.windows:
        if window.to_s <= window.from_s:
            raise InputError(say("files.checked.window", window=window.id), key="windows")


def _build(world: World) -> None:
    design = world.scenario.design
    for id, component in design.components.items():
        world.parts[id] = PARTS[component.kind](component, world)
    for spec in design.wires:
        design.check_wire(spec)
        of_stream = spec.kind == "subscribe" and world.parts[spec.source].kind == "stream"
        make: Callable[..., WireRun] = GroupWire if of_stream else WIRE_RUNS[spec.kind]
        wire = make(spec, world)
        if wire.ref in world.wires:
            raise InputError(say("files.checked.wires", wire=wire.ref), key="wires")
        world.wires[wire.ref] = wire
        source, target = world.parts[spec.source], world.parts[spec.target]
        wire.join(source, target)
        if isinstance(source, Handler) and spec.kind in SENT:
            source.join_out(wire)


SENT = ("call", "publish", "write", "read")
"""The kinds of wire that a sender goes along for each handling."""

__all__ = ["PARTS", "SECOND", "SENT", "WIRE_RUNS", "Simulation", "simulate"]
