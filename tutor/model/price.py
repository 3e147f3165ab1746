"""The cost of a design per hour: the price list, and the price of each part by it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from tutor.model.component import Channel, Component, Database, Job, Service, Stream
from tutor.model.design import Design
from tutor.model.setting import setting
from tutor.model.wire import Capture, Wire

INCLUDED_WORKERS = 4
"""Workers of a replica that its price includes; each further one is paid for."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """The prices of parts per hour."""

    service_replica: float = setting(1.0, "number", at_least=0)
    extra_worker: float = setting(0.1, "number", at_least=0)
    database_replica: float = setting(3.0, "number", at_least=0)
    channel_node: float = setting(1.0, "number", at_least=0)
    stream_node: float = setting(1.5, "number", at_least=0)
    partition: float = setting(0.1, "number", at_least=0)
    job: float = setting(0.5, "number", at_least=0)
    capture: float = setting(0.5, "number", at_least=0)
    inbox: float = setting(0.3, "number", at_least=0)


def price_of(part: Component, prices: Prices, replicas: float | None = None) -> float:
    """Returns the price of a part per hour; ``replicas``: how many ran on average, if a service scales
    itself.
    """
    if part.price_per_hour is not None:
        return part.price_per_hour
    match part:
        case Service():
            inbox = prices.inbox if part.idempotent else 0.0
            one = (
                prices.service_replica + prices.extra_worker * max(0, part.workers - INCLUDED_WORKERS) + inbox
            )
            return (part.replicas if replicas is None else replicas) * one
        case Database():
            return part.replicas * prices.database_replica
        case Job():
            return prices.job
        case Channel():
            return part.replicas * prices.channel_node
        case Stream():
            return part.replicas * prices.stream_node + part.partitions * prices.partition
    return 0.0


@dataclasses.dataclass(frozen=True, slots=True)
class Item:
    """One item on a bill: a quantity, at a price each."""

    what: str
    """The name of the price in :class:`Prices`, or ``part`` for a price that the level gives a part."""
    count: float
    """How many of them."""
    each: float
    """What one of them costs an hour."""


def items_of(part: Component, prices: Prices) -> list[Item]:
    """Returns the items that :func:`price_of` a part adds up, without those that cost nothing."""
    if part.price_per_hour is not None:
        found = [Item("part", 1, part.price_per_hour)]
    else:
        match part:
            case Service():
                extra = part.replicas * max(0, part.workers - INCLUDED_WORKERS)
                found = [
                    Item("service_replica", part.replicas, prices.service_replica),
                    Item("extra_worker", extra, prices.extra_worker),
                    Item("inbox", part.replicas if part.idempotent else 0, prices.inbox),
                ]
            case Database():
                found = [Item("database_replica", part.replicas, prices.database_replica)]
            case Job():
                found = [Item("job", 1, prices.job)]
            case Channel():
                found = [Item("channel_node", part.replicas, prices.channel_node)]
            case Stream():
                found = [
                    Item("stream_node", part.replicas, prices.stream_node),
                    Item("partition", part.partitions, prices.partition),
                ]
            case _:
                found = []
    return [item for item in found if item.count and item.each]


def price_of_wire(wire: Wire, prices: Prices) -> float:
    """Returns the price of a wire per hour: only a capture has one, as it runs a process of its own."""
    return prices.capture if isinstance(wire, Capture) else 0.0


def cost_per_hour(
    design: Design, prices: Prices, replicas: Mapping[str, float] = MappingProxyType({})
) -> float:
    """Returns the cost of a design per hour; ``replicas`` has how many ran on average if a service scales
    itself.
    """
    total = sum(price_of(part, prices, replicas.get(part.id)) for part in design.components.values())
    return round(total + prices.capture * sum(isinstance(wire, Capture) for wire in design.wires), 6)
