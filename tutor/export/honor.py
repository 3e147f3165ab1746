"""The differences of an exported project from the design: the lines of NOT_HONOURED.md."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.model.component import Channel, Database, Job, Queue, Service, Stream, Topic
from tutor.model.design import Design
from tutor.model.wire import Call, Capture, Publish, Read, Subscribe, Write
from tutor.words import say

TITLES = {"nats": "NATS JetStream", "rabbitmq": "RabbitMQ", "redis": "Redis Streams", "kafka": "Kafka"}


def not_honored(design: Design, broker: str) -> list[str]:
    """Returns one sentence for each setting, or part, that the project leaves out or does in another way."""
    found: list[str] = []
    for part in design.components.values():
        match part:
            case Queue() | Topic():
                found += _of_channel(part, broker)
            case Stream():
                found += _of_stream(part, broker)
            case Service():
                found += _of_service(part)
            case Job():
                found.append(say("export.not_honored.job", part=part.name))
            case Database():
                found.append(say("export.not_honored.database", part=part.name))
    for wire in design.wires:
        names = {"source": design.components[wire.source].name, "target": design.components[wire.target].name}
        match wire:
            case Call():
                found.append(say("export.not_honored.call", **names))
            case Write() | Read():
                found.append(say("export.not_honored.access", **names))
            case Capture():
                found.append(say("export.not_honored.capture", **names))
            case Publish():
                found += _of_publish(wire, broker, names)
            case Subscribe():
                found += _of_subscribe(wire, broker, names)
    return list(dict.fromkeys(found))


def _of_channel(part: Channel, broker: str) -> Iterator[str]:
    title, name = TITLES[broker], part.name
    if part.redeliver_on == "disconnect" and broker != "rabbitmq":
        yield say("export.not_honored.disconnect", part=name, broker=title, lease=part.visibility_timeout_s)
    if part.redeliver_on == "lease" and broker == "rabbitmq":
        yield say("export.not_honored.lease", part=name)
    if part.discipline == "lifo":
        yield say("export.not_honored.lifo", part=name, broker=title)
    if part.lanes != "none":
        yield say("export.not_honored.lanes", part=name, broker=title)
    if part.max_length is not None and broker != "rabbitmq":
        yield say("export.not_honored.length", part=name, broker=title, limit=part.max_length)
    if part.ttl_s is not None and broker in ("redis", "kafka"):
        yield say("export.not_honored.expiry", part=name, broker=title, ttl=part.ttl_s)
    if part.requeue == "tail" and broker != "rabbitmq":
        yield say("export.not_honored.tail", part=name, broker=title)
    if part.replicas > 1:
        yield say("export.not_honored.nodes", part=name, replicas=part.replicas)
    if broker == "kafka":
        yield say("export.not_honored.kafka_queue", part=name)


def _of_stream(part: Stream, broker: str) -> Iterator[str]:
    title = TITLES[broker]
    if part.replicas > 1:
        yield say("export.not_honored.nodes", part=part.name, replicas=part.replicas)
    if broker in ("rabbitmq", "redis") and part.partitions > 1:
        yield say("export.not_honored.partitions", part=part.name, broker=title)
    if broker == "rabbitmq":
        yield say("export.not_honored.replay", part=part.name)
    if part.compacted and broker in ("rabbitmq", "redis"):
        yield say("export.not_honored.compacted", part=part.name, broker=title)
    if part.history:
        yield say("export.not_honored.history", part=part.name)


def _of_service(part: Service) -> Iterator[str]:
    if part.autoscale is not None:
        yield say("export.not_honored.autoscale", part=part.name)
    if part.pattern or part.window_s is not None:
        yield say("export.not_honored.processing", part=part.name)
    if part.strict:
        yield say("export.not_honored.strict", part=part.name)
    if part.ignore_stale:
        yield say("export.not_honored.stale", part=part.name)


def _of_publish(wire: Publish, broker: str, names: dict[str, str]) -> Iterator[str]:
    if wire.idempotent and broker in ("rabbitmq", "redis"):
        yield say("export.not_honored.idempotent", broker=TITLES[broker], **names)
    if wire.buffer:
        yield say("export.not_honored.buffer", **names)


def _of_subscribe(wire: Subscribe, broker: str, names: dict[str, str]) -> Iterator[str]:
    if wire.retry_delay_s and broker in ("redis", "kafka"):
        yield say("export.not_honored.retry_delay", broker=TITLES[broker], **names)
    if wire.max_rate_per_s is not None:
        yield say("export.not_honored.rate", **names)
    if wire.schema == "strict":
        yield say("export.not_honored.schema", **names)
