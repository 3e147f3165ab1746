"""What one part costs an hour, as the palette shows it."""

from __future__ import annotations

from tutor.model.component import Channel, Component, Database, Job, Service, Stream
from tutor.model.scenario import Prices


def price_of(part: Component, prices: Prices) -> float:
    """The price of a part as it is set, with the same list that the report uses."""
    if part.price_per_hour is not None:
        return part.price_per_hour
    match part:
        case Service():
            return part.replicas * (prices.service_replica + max(0, part.workers - 4) * prices.extra_worker)
        case Database():
            return part.replicas * prices.database_replica
        case Channel():
            return part.replicas * prices.channel_node
        case Stream():
            return part.replicas * prices.stream_node + part.partitions * prices.partition
        case Job():
            return prices.job
    return 0.0
