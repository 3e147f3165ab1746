"""The products that a channel may be like, and the settings that follow from it.

Sources: RabbitMQ ("Dead Letter Exchanges", "Consumer Acknowledgements and Publisher Confirms", "Quorum
Queues"); Amazon SQS Developer Guide ("Visibility timeout", "Dead-letter queues", "FIFO queues"); NATS
documentation ("JetStream consumers", "Streams"); Redis documentation ("Streams", "Persistence"); Apache Kafka
(producer and consumer configuration). Times were measured on one machine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

REASONS = ("deliveries", "errors", "expired", "overflow")
"""Why a message may go to the dead letters."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The behavior of a channel that is like this product."""

    name: str
    """The word for it in files."""
    title: str
    """What it calls itself."""
    family: str
    """The product whose names its settings have: rabbitmq, sqs, jetstream, redis or kafka."""
    implies: Mapping[str, Any]
    """The settings of a channel that it sets."""
    idempotent: bool = False
    """Whether it drops repeats of one send."""
    dedup_window_s: float | None = None
    """How long it remembers what was sent; none: as long as the producer's session."""


_RABBITMQ = {
    "redeliver_on": "disconnect",
    "requeue": "head",
    "dead_letter_on": REASONS,
    "partial": True,
    "publish_ms": 5.0,
    "delivery_ms": 3.0,
}
_SQS = {
    "redeliver_on": "lease",
    "visibility_timeout_s": 30.0,
    "late_ack": "latest",
    "dead_letter_on": ("deliveries", "errors"),
    "publish_ms": 12.0,
    "delivery_ms": 6.0,
}
_PULLED = {
    "redeliver_on": "lease",
    "visibility_timeout_s": 30.0,
    "late_ack": "any",
    "requeue": "head",
    "dead_letter_on": ("deliveries", "errors"),
    "pull": True,
    "limits_count": "all",
    "publish_ms": 2.0,
    "delivery_ms": 2.0,
}

PRODUCTS: dict[str, Product] = {
    product.name: product
    for product in (
        Product(name="rabbitmq", title="RabbitMQ (classic queue)", family="rabbitmq", implies=_RABBITMQ),
        Product(
            name="rabbitmq-quorum",
            title="RabbitMQ (quorum queue)",
            family="rabbitmq",
            # since 4.0 a quorum queue delivers a message again 20 times at most, where nothing else is said
            implies={**_RABBITMQ, "max_deliveries": 21, "publish_ms": 12.0},
        ),
        Product(name="sqs", title="Amazon SQS", family="sqs", implies=_SQS),
        Product(
            name="sqs-fifo",
            title="Amazon SQS (FIFO)",
            family="sqs",
            implies={**_SQS, "lanes": "entity"},
            idempotent=True,
            dedup_window_s=300.0,
        ),
        Product(
            name="jetstream",
            title="NATS JetStream",
            family="jetstream",
            implies={**_PULLED, "crash_takes": "everything"},
            idempotent=True,
            dedup_window_s=120.0,
        ),
        Product(
            name="redis", title="Redis Streams", family="redis", implies={**_PULLED, "crash_takes": "readers"}
        ),
        Product(
            name="kafka",
            title="Apache Kafka",
            family="kafka",
            # deliveries of the other brokers took 2 to 6 ms; a fetch is answered as soon as there is a byte
            # (fetch.min.bytes = 1), so it is not slower
            implies={"publish_ms": 5.0, "delivery_ms": 4.0},
            idempotent=True,
        ),
    )
}
"""Every product by its name."""


class _AsProduct:
    """A placeholder for a setting that nobody has given: the product decides it."""

    def __repr__(self) -> str:
        return "as the product"


AS_PRODUCT: Any = _AsProduct()
"""The default of a setting that follows from others; it is never the value of one in a finished part."""


def implied(like: str | None, given: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values of the settings in ``defaults`` that are not in ``given``: as the product ``like``
    has them, or by their defaults.

    Without a product a channel that delivers again on disconnect behaves as RabbitMQ, and one with a lease as
    SQS.
    """
    product = PRODUCTS[like].implies if like else MappingProxyType({})
    found = {**defaults, **{name: value for name, value in product.items() if name in defaults}, **given}
    if like is None and found.get("redeliver_on") == "disconnect":
        for name in ("dead_letter_on", "partial"):
            if name in defaults and name not in given:
                found[name] = _RABBITMQ[name]
    if like == "rabbitmq-quorum" and "requeue" not in given and found.get("max_deliveries") is None:
        found["requeue"] = "tail"  # what comes back and back would hold up the rest for ever
    return {name: found[name] for name in defaults}
