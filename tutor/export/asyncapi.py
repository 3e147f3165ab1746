"""A design as an AsyncAPI 3.0 document (asyncapi.com, "AsyncAPI Specification 3.0.0")."""

from __future__ import annotations

import re
from typing import Any

from tutor.model.component import Channel, Client, Component, Job, Service, Stream
from tutor.model.design import Design
from tutor.model.path import Reach
from tutor.model.wire import Publish, Subscribe
from tutor.words import say

PROTOCOLS = {"nats": "nats", "rabbitmq": "amqp", "redis": "redis", "kafka": "kafka", "": "nats"}
"""By broker: the protocol's name in AsyncAPI."""
HOSTS = {
    "nats": "127.0.0.1:4222",
    "rabbitmq": "127.0.0.1:5672",
    "redis": "127.0.0.1:6379",
    "kafka": "127.0.0.1:9092",
    "": "127.0.0.1:4222",
}


def describe(design: Design, title: str, broker: str = "") -> dict[str, Any]:
    """Returns the document, as plain data: channels, messages, and who sends and receives what."""
    channels = [part for part in design.components.values() if isinstance(part, Channel | Stream)]
    types = {part.id: event_types(design, part) for part in channels}
    every = sorted({type for found in types.values() for type in found})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": title,
            "version": "1.0.0",
            "description": say("export.asyncapi.about", channels=len(channels), types=len(every)),
        },
        "defaultContentType": "application/json",
        "servers": {"broker": {"host": HOSTS[broker], "protocol": PROTOCOLS[broker]}},
        "channels": {key(part.id): _channel(part, types[part.id]) for part in channels},
        "operations": _operations(design, types),
        "components": {
            "messages": {key(type): _message(type) for type in every},
            "schemas": {"data": {"type": "object"}},
        },
    }


def event_types(design: Design, channel: Component) -> list[str]:
    """Returns the types of event that come to a channel."""
    found = {type for _, type in Reach(design).comes[channel.id]}
    return sorted(found) or ["event"]


def key(name: str) -> str:
    """Returns a name that may be a key of the document's maps and be used in its references."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name)


def _channel(part: Component, types: list[str]) -> dict[str, Any]:
    return {
        "address": part.id,
        "title": part.name,
        "servers": [{"$ref": "#/servers/broker"}],
        "messages": {key(type): {"$ref": f"#/components/messages/{key(type)}"} for type in types},
    }


def _message(type: str) -> dict[str, Any]:
    """Returns one type of event; its CloudEvents attributes are headers."""
    names = ("specversion", "id", "source", "type", "subject", "time")
    properties: dict[str, Any] = {f"ce-{name}": {"type": "string"} for name in names}
    properties["ce-specversion"] = {"type": "string", "const": "1.0"}
    properties["ce-type"] = {"type": "string", "const": type}
    return {
        "name": type,
        "title": type,
        "contentType": "application/json",
        "headers": {
            "type": "object",
            "required": [f"ce-{name}" for name in names[:4]],
            "properties": properties,
        },
        "payload": {"$ref": "#/components/schemas/data"},
    }


def _operations(design: Design, types: dict[str, list[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for wire in design.wires:
        match wire:
            case Publish():
                action, part, channel = "send", design.components[wire.source], wire.target
            case Subscribe():
                action, part, channel = "receive", design.components[wire.target], wire.source
            case _:
                continue
        allowed = (
            [wire.event] if isinstance(wire, Publish) and wire.event else list(wire.events) or types[channel]
        )
        name = key(f"{part.id}-{action}s-{channel}" + (f"-{wire.id}" if wire.id else ""))
        found[name] = {
            "action": action,
            "title": f"{part.name} {action}s",
            "channel": {"$ref": f"#/channels/{key(channel)}"},
            "messages": [
                {"$ref": f"#/channels/{key(channel)}/messages/{key(type)}"}
                for type in allowed
                if type in types[channel]
            ],
        }
    return found


def participants(design: Design) -> list[Component]:
    """Returns the parts that send or receive."""
    return [part for part in design.components.values() if isinstance(part, Client | Service | Job)]
