"""A scenario's luck and truth, for whoever runs it outside the engine: on a real broker, in real time.

:class:`Luck` answers what the engine would draw: when which request comes, how long a piece of work takes,
whether it fails, whether a fault strikes it. All of it is found by event number and turn, so two systems that
run the same scenario face the same luck, and a difference between them is a difference of the systems.
:class:`Truth` takes the observed events, and counts them as the engine counts its own runs.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any, cast

from tutor.engine.core.events import Event, Flow, make_event
from tutor.engine.core.fault import ActiveFault
from tutor.engine.core.luck import Draws, spread
from tutor.engine.core.part import World
from tutor.engine.core.pieces import whole
from tutor.engine.core.quantiles import quantiles
from tutor.engine.faults.schedule import spans_of
from tutor.engine.services.clients import ClientPart
from tutor.engine.services.service import ServicePart
from tutor.engine.simulate import Simulation
from tutor.engine.streams.streams import spread_text
from tutor.engine.truth.ledger import LedgerEntry, find_held
from tutor.model.clock import micros
from tutor.model.component import Client, Database, Service
from tutor.model.price import cost_per_hour
from tutor.model.report import SCHEMA
from tutor.model.scenario import Scenario


@dataclasses.dataclass(frozen=True, slots=True)
class PlannedRequest:
    """One request of a client, before anything has happened to it. Times are microseconds from the start of
    the run.
    """

    at_us: int
    """When the client makes it."""
    client: str
    """The client's id."""
    source: str
    """The source of its event: the client's id, or one that a scripted sequence has."""
    number: int
    """Its number among the events of its source, from 0."""
    type: str
    """The event's type."""
    key: int
    """The entity it is about."""
    version: int
    """Its number among the events of its key, from 1."""
    happened_us: int
    """When it happened, which may be before ``at_us``."""
    group: str
    """The coarser key; empty where the client has none."""


class Luck:
    """The draws of one scenario on one seed; raises :class:`InputError` for a scenario that cannot be run."""

    def __init__(self, scenario: Scenario, seed: int | None = None) -> None:
        self.scenario = scenario
        self.seed = scenario.run.seed if seed is None else seed
        simulation = Simulation(scenario, self.seed)
        self._world: World = simulation.world
        self._ledger = simulation.ledger
        self._sources = {source.id: source for source in self._world.sources}
        self._flows: dict[tuple[str, str], Flow] = {}
        self._faults = [ActiveFault(place, spec, self._world) for place, spec in enumerate(scenario.faults)]
        self._draws: dict[tuple[str, ...], Draws] = {}

    def requests(self) -> list[PlannedRequest]:
        """Returns all requests of all clients, in the order of their times."""
        found = [
            request
            for part in self._world.parts.values()
            if isinstance(part, ClientPart)
            for request in _requests_of(part)
        ]
        found.sort(
            key=lambda request: request.at_us
        )  # stable: the order of the clients decides between equal times
        versions: dict[int, int] = {}
        for place, request in enumerate(found):
            version = versions[request.key] = versions.get(request.key, 0) + 1
            found[place] = dataclasses.replace(request, version=version)
        return found

    def work_us(self, service: str, type: str, source: str, number: int, turn: int) -> int:
        """Returns how long a service's own work takes for this handling of this event (µs)."""
        return int(self._service(service).plan(self._flow(source, type)).times.at(number, turn))

    def fails(self, service: str, type: str, source: str, number: int, turn: int) -> bool:
        """Returns whether this handling fails for reasons of its own."""
        part = self._service(service)
        rate = part.spec.failure_rate
        return rate > 0 and part.plan(self._flow(source, type)).failing.at(number, turn) < rate

    def access_us(self, database: str, wire: str, kind: str, source: str, number: int, turn: int) -> int:
        """Returns how long a database takes for a ``read`` or ``write`` over the wire of this reference
        (µs).
        """
        spec = cast("Database", self.scenario.design.components[database])
        draws = self._draws.get((database, wire, source))
        if draws is None:
            mean = 1000 * (spec.write_ms if kind == "write" else spec.read_ms)
            draws = self._draws[database, wire, source] = self._world.chance.times(
                database, wire, source, mean, spec.distribution
            )
        return int(draws.at(number, turn))

    def rolls_back(self, database: str, source: str, number: int, turn: int = 0) -> bool:
        """Returns whether the transaction that writes this event is rolled back."""
        rate = cast("Database", self.scenario.design.components[database]).rollback_rate
        return rate > 0 and self._uniform(database, "rollback", source, number, turn) < rate

    def backoff(self, wire: str, source: str, number: int, turn: int) -> float:
        """Returns where in its range the wait before a retry with jitter lies: from 0 to 1."""
        return self._uniform(wire, "backoff", source, number, turn)

    def strikes(self, fault: int, type: str, source: str, number: int, turn: int) -> bool:
        """Returns whether the scenario's fault at this place (from 0) strikes this handling, while it is
        active.
        """
        return self._faults[fault].strikes(make_event(self._flow(source, type), number, 0, 0, 0), turn)

    def spans(self, fault: int, replica: int | None = None) -> list[tuple[int, int]]:
        """Returns when the fault at this place begins and ends (µs); at random, each replica (from 0) has
        times of its own.
        """
        run = self.scenario.run
        end = micros(run.duration_s) + micros(run.drain_s)
        return list(spans_of(self._faults[fault], replica, end))

    def partition(self, key: int, partitions: int) -> int:
        """Returns the partition that a key belongs to."""
        return spread(key) % partitions

    def partition_of_group(self, group: str, partitions: int) -> int:
        """Returns the partition that a coarser key belongs to."""
        return spread_text(group) % partitions

    def truth(self) -> Truth:
        """Returns an empty account of what happens, for all requests of the scenario; a new one each time."""
        return Truth(Luck(self.scenario, self.seed))

    def _service(self, id: str) -> ServicePart:
        return cast("ServicePart", self._world.parts[id])

    def _flow(self, source: str, type: str) -> Flow:
        flow = self._flows.get((source, type))
        if flow is None:
            own = next((known for known in self._own_flows() if known.source.id == source), None)
            base = own if own is not None else Flow(self._sources[source], type)
            flow = self._flows[source, type] = base.renamed(type)
        return flow

    def _own_flows(self) -> Iterable[Flow]:
        for part in self._world.parts.values():
            if isinstance(part, ClientPart):
                yield part.flow
                for script in part.scripts:
                    yield from script.flows.values()

    def _uniform(self, part: str, purpose: str, source: str, number: int, turn: int) -> float:
        draws = self._draws.get((part, purpose, source))
        if draws is None:
            draws = self._draws[part, purpose, source] = self._world.chance.uniforms(part, purpose, source)
        return float(draws.at(number, turn))


class Truth:
    """The truth about a run elsewhere, entered as it was seen, counted as the engine counts.

    Times are microseconds from the start of the run. Effects have to be entered in the order of their times.
    """

    def __init__(self, luck: Luck) -> None:
        self._world = luck._world
        self._ledger = luck._ledger
        self._sources = luck._sources
        self._flow = luck._flow
        luck.requests()  # their sources have room for what is entered
        self._entries: dict[tuple[str, str], tuple[list[LedgerEntry], list[LedgerEntry]]] = {}

    def answered(self, source: str, number: int, at_us: int, ending: int) -> None:
        """Enters the outcome of a request at its client; ``ending`` is ``OK``, ``TOLD_NO`` or ``GAVE_UP`` of
        :mod:`tutor.engine.events`.
        """
        self._sources[source].answered[number] = at_us << 2 | ending

    def repeated(self, source: str, number: int) -> None:
        """Enters one more attempt of a client."""
        self._sources[source].repeats.append(number)

    def applied(
        self, place: str, type: str, source: str, number: int, key: int, version: int, at_us: int
    ) -> None:
        """Enters the effects of a service, job or database that has done its work for an event of this type:
        applied, or taken back.
        """
        event = self._event(type, source, number, key, version)
        ledger = self._ledger
        found = self._entries.get((place, type))
        if found is None:
            found = self._entries[place, type] = ledger.effects_at(place, type), ledger.undone_at(place, type)
        for entry in found[0]:
            entry.apply(at_us, event)
        for entry in found[1]:
            entry.undo(event)

    def superseded(self, place: str, type: str, source: str, number: int) -> None:
        """Enters an event that a service skipped because it is older than the one known for its key."""
        for entry in self._ledger.effects_at(place, type):
            entry.supersede(self._event(type, source, number, 0, 0))

    def offered(self, type: str, source: str, number: int) -> None:
        """Enters an event that was sent on because something failed."""
        self._ledger.offer(self._event(type, source, number, 0, 0), type)

    def rolled_back(self, source: str, number: int) -> None:
        """Enters that the transaction this event reports did not commit."""
        self._ledger.roll_back(self._event("", source, number, 0, 0), "")

    def numbers(self, first_us: int, last_us: int, held: dict[str, set[tuple[str, int]]]) -> dict[str, Any]:
        """Returns ``client`` and ``effect`` of the report, for requests made from ``first_us`` to before
        ``last_us``.

        ``held`` has for each component the (source, number) of the events that are still there.
        """
        places = (
            (id, [self._event("", source, number, 0, 0) for source, number in events])
            for id, events in held.items()
        )
        known = whole(find_held(places))
        data: dict[str, Any] = {"client": {}, "effect": {}}
        for id, part in self._world.parts.items():
            if isinstance(part, ClientPart):
                seen = whole(part.judge(first_us, last_us))
                responses = seen.pop("responses")
                data["client"][id] = {**seen, "response_ms": quantiles(responses)}
        for entry in self._ledger.entries:
            counts = whole(self._ledger.judge(entry, first_us, last_us, known))
            delays = counts.pop("delays")
            data["effect"].setdefault(entry.effect.name, {})[entry.effect.event] = {
                **counts,
                "delay_ms": quantiles(delays),
            }
        return data

    def head(self, seed: int) -> dict[str, Any]:
        """Returns ``schema``, ``seed``, ``duration_s`` and ``design`` of the report."""
        scenario = self._world.scenario
        design = scenario.design
        counts = {"components": len(design.components), "wires": len(design.wires)}
        priced = {
            id: float(part.autoscale.min)
            for id, part in design.components.items()
            if isinstance(part, Service) and part.autoscale
        }
        return {
            "schema": SCHEMA,
            "seed": seed,
            "duration_s": scenario.run.duration_s,
            "design": {"cost_per_hour": cost_per_hour(design, scenario.prices, priced), **counts},
        }

    def _event(self, type: str, source: str, number: int, key: int, version: int) -> Event:
        return make_event(self._flow(source, type), number, key, version, 0)


def _grow(part: ClientPart) -> None:
    """Draws all arrivals of a client at once."""
    while part.more():
        pass


def _requests_of(part: ClientPart) -> list[PlannedRequest]:
    """Returns the requests of one client, without versions."""
    spec: Client = part.spec
    _grow(part)
    found = []
    for number, at in enumerate(part.source.made):
        key = int(part.keys.at(number))
        group = part.group_of(key)
        found.append(
            PlannedRequest(at, spec.id, spec.id, number, spec.event, key, 0, part.happened(number, at), group)
        )
    for script in part.scripts:
        numbers = dict.fromkeys(script.flows, 0)
        for arrives, story, step, happened in script.entries:
            record = script.spec.steps[step]
            key = int(script.keys.at(story))
            source = script.flows[record.event].source.id
            group = record.group or part.group_of(key)
            found.append(
                PlannedRequest(
                    arrives, spec.id, source, numbers[record.event], record.event, key, 0, happened, group
                )
            )
            numbers[record.event] += 1
    return found
