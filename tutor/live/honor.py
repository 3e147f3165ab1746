"""The differences of a live run from the design, reported before it starts; and designs that cannot run live
at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from tutor.errors import InputError
from tutor.live.brokers import Adapter
from tutor.live.plan import REAL
from tutor.model.component import Channel, Component, Database, Service, Stream
from tutor.model.scenario import Scenario
from tutor.model.wire import Call, Wire
from tutor.words import say

MOST_PROCESSES = 60
"""More than these take minutes to start on two processors."""


def not_honored(scenario: Scenario, adapter: Adapter, *, owned: bool = True) -> list[str]:
    """Returns a sentence for every setting that is not honored: by the broker, or by a live run on any
    broker.
    """
    found = [adapter.own_is()] if owned and adapter.own_is() else []
    found += _anywhere(scenario)
    parts: list[Component | Wire] = [*scenario.design.components.values(), *scenario.design.wires]
    for part in parts:
        found += [*_of_channel(part, adapter), *adapter.differences(part, scenario)]
    if not owned:
        found += _on_another_server(scenario)
    return list(dict.fromkeys(found))


def _anywhere(scenario: Scenario) -> Iterator[str]:
    design = scenario.design
    for part in design.components.values():
        match part:
            case Service():
                if part.autoscale is not None:
                    yield say("live.not_honored.autoscale", part=part.name, replicas=part.replicas)
                if part.reject_cost and part.queue_limit is not None:
                    yield say("live.not_honored.reject_cost", part=part.name)
                if part.replicas > 1:
                    for wire in design.wires_from(part.id):
                        if _restrained(wire):
                            yield say(
                                "live.not_honored.each_replica",
                                part=part.name,
                                target=design.components[wire.target].name,
                            )
            case Database() if part.replicas > 1:
                yield say("live.not_honored.database_nodes", part=part.name, replicas=part.replicas)
            case Stream() if part.history:
                yield say("live.not_honored.history", part=part.name, records=part.history)
    for wire in design.wires:
        if wire.kind == "bind":
            names = {
                "part": design.components[wire.source].name,
                "target": design.components[wire.target].name,
            }
            yield say("live.not_honored.bind", **names)
    for fault in scenario.faults:
        if fault.kind == "repartition":
            yield say("live.not_honored.repartition", part=fault.target)


def _of_channel(part: Component | Wire, adapter: Adapter) -> Iterator[str]:
    """Yields the settings of a channel that none of the brokers honors."""
    if isinstance(part, Channel):
        if part.discipline == "lifo":
            yield say("live.not_honored.lifo", part=part.name, broker=adapter.title)
        if part.lanes != "none":
            yield say("live.not_honored.lanes", part=part.name, broker=adapter.title)
    if isinstance(part, Channel | Stream) and part.replicas > 1:
        yield say("live.not_honored.nodes", part=part.name, replicas=part.replicas)


def _restrained(wire: Wire) -> bool:
    return isinstance(wire, Call) and bool(
        wire.breaker_failures is not None or wire.retry_budget is not None or wire.max_in_flight is not None
    )


def _on_another_server(scenario: Scenario) -> Iterator[str]:
    for fault in scenario.faults:
        part = scenario.design.components.get(fault.target)
        if fault.kind in REAL and isinstance(part, Channel | Stream):
            yield say("live.not_honored.others_server", part=part.name, fault=fault.title)


def refuse_impossible(scenario: Scenario) -> None:
    """Raises :class:`InputError` for a design that cannot run live."""
    for part in scenario.design.components.values():
        if isinstance(part, Service) and (part.pattern or part.window_s is not None):
            raise InputError(say("live.impossible.processing", part=part.name))
    processes = sum(
        part.replicas for part in scenario.design.components.values() if isinstance(part, Service)
    )
    if processes > MOST_PROCESSES:
        raise InputError(say("live.impossible.processes", count=processes, most=MOST_PROCESSES))
