"""A design as a FastStream project for one broker: one service a file, its numbers in one place, ready to
run.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from tutor.errors import InputError
from tutor.export.asyncapi import describe
from tutor.export.honor import TITLES, not_honored
from tutor.export.mermaid import draw
from tutor.model.component import Channel, Client, Component, Service, Stream
from tutor.model.design import Design
from tutor.model.wire import DeadLetter, Publish, Subscribe
from tutor.words import say

BROKERS = ("nats", "rabbitmq", "redis", "kafka")
EXTRAS = {"nats": "nats", "rabbitmq": "rabbit", "redis": "redis", "kafka": "kafka"}
"""By broker: the extra of FastStream."""
IMAGES = {
    "nats": ("nats:2.11", "-js -sd /data", 4222, "NATS_URL", "nats://broker:4222"),
    "rabbitmq": ("rabbitmq:4", "", 5672, "RABBITMQ_URL", "amqp://guest:guest@broker:5672/"),
    "redis": ("redis:7", "redis-server --appendonly yes", 6379, "REDIS_URL", "redis://broker:6379"),
    "kafka": ("apache/kafka:3.9.0", "", 9092, "KAFKA_URL", "broker:9092"),
}
"""By broker: image, command, port, and the variable with its URL."""
SHARED = ("events", "logs", "effects", "model", "handling", "load", "dead_letters")
"""The modules that are the same for every design and broker."""


def build(design: Design, title: str, broker: str) -> dict[str, str]:
    """Returns all files of the project, by path; raises :class:`InputError` for a design without a
    channel.
    """
    channels = [part for part in design.components.values() if isinstance(part, Channel | Stream)]
    if not channels:
        raise InputError(say("export.error.no_channel"))
    services = [
        part for part in design.components.values() if isinstance(part, Service) and _listens(design, part)
    ]
    found = {f"app/{name}.py": _template(f"{name}.py.in") for name in SHARED}
    found["app/__init__.py"] = f'"""{_text(title)}: exported from a design, to be made your own."""\n'
    found["app/broker.py"] = _template(f"brokers/{broker}.py.in")
    found["app/settings.py"] = _settings(design, title, services)
    for part in services:
        found[f"app/services/{python_name(part.id)}.py"] = _service(design, part)
    found["app/services/__init__.py"] = '"""One service a file."""\n'
    found["tests/test_services.py"] = _tests(services)
    found["Procfile"] = "".join(f"{line}\n" for line in _procfile(services))
    found["compose.yaml"] = _compose(broker, services)
    found["Dockerfile"] = _DOCKERFILE
    found["pyproject.toml"] = _pyproject(title, broker)
    found["asyncapi.json"] = json.dumps(describe(design, title, broker), indent=2) + "\n"
    found["NOT_HONOURED.md"] = _not_honored(design, broker)
    found["README.md"] = _readme(design, title, broker, services)
    return found


def save(found: dict[str, str], folder: Path, *, force: bool) -> None:
    """Writes the files; raises :class:`InputError` for a folder that has something in it, unless
    ``force``.
    """
    from tutor.disk import write_text

    if folder.exists() and not folder.is_dir():
        raise InputError(say("export.error.no_folder", folder=str(folder)))
    if folder.exists() and any(folder.iterdir()) and not force:
        raise InputError(say("export.error.not_empty", folder=str(folder)))
    for name, text in found.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, text)


def python_name(id: str) -> str:
    """Returns an id as a name in Python."""
    return re.sub(r"\W", "_", id)


def _template(name: str) -> str:
    return files("tutor.export").joinpath("templates", *name.split("/")).read_text(encoding="utf-8")


def _listens(design: Design, part: Component) -> bool:
    return any(isinstance(wire, Subscribe) for wire in design.wires_to(part.id))


def _text(title: str) -> str:
    """Returns a title that can be part of a docstring."""
    return " ".join(title.replace("\\", "/").replace('"', "'").split())


def _constant(part: Component) -> str:
    """Returns the name of a part in the settings: a queue and a service may have one id."""
    return f"{python_name(part.id)}_{part.kind}".upper()


def _python(value: object) -> str:
    """Returns a value as Python, with double quotes."""
    if isinstance(value, _Code):
        return value
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, tuple):
        inside = ", ".join(_python(one) for one in value)
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    return repr(value)


def _names(names: list[str]) -> str:
    return _python(tuple(_Code(name) for name in names))


# -- settings ----------------------------------------------------------------------------------------------


def _settings(design: Design, title: str, services: list[Service]) -> str:
    lines = [
        (
            f'"""Every number of "{_text(title)}", with its unit in its name: change them here and nowhere'
            ' else."""'
        ),
        "",
        "from __future__ import annotations",
        "",
        "from app.model import Channel, Client, Publication, Service, Subscription",
        "",
        "# -- channels",
        "",
    ]
    channels = [part for part in design.components.values() if isinstance(part, Channel | Stream)]
    for part in sorted(
        channels, key=lambda one: any(isinstance(wire, DeadLetter) for wire in design.wires_from(one.id))
    ):
        lines += _channel(design, part)
    lines += [f"CHANNELS = {_names([_constant(part) for part in channels])}", "", "# -- services", ""]
    for service in services:
        lines += _numbers_of(service)
    lines += ["# -- subscriptions and publications", ""]
    subscriptions = []
    for wire in design.wires:
        if isinstance(wire, Subscribe):
            subscriptions.append(_wire_name(wire))
            lines += _subscription(design, wire)
        elif isinstance(wire, Publish):
            lines += _publication(design, wire)
    lines += [f"SUBSCRIPTIONS = {_names(subscriptions)}", "", "# -- traffic", ""]
    clients: list[str] = []
    for client in design.components.values():
        if isinstance(client, Client):
            lines += _client(client)
            sent = _names(
                [_wire_name(wire) for wire in design.wires_from(client.id) if isinstance(wire, Publish)]
            )
            clients.append(f"    ({_constant(client)}, {sent}),")
    lines += [
        "TRAFFIC: tuple[tuple[Client, tuple[Publication, ...]], ...] = (",
        *clients,
        ")",
        '"""Every client, with what it publishes."""',
    ]
    return "\n".join(lines) + "\n"


def _call(name: str, kind: str, arguments: dict[str, object]) -> list[str]:
    """Returns a constant that is made by a call, one argument a line; the caller leaves out the defaults."""
    body = [f"    {key}={_python(value)}," for key, value in arguments.items()]
    return [f"{name} = {kind}(", *body, ")", ""]


class _Code(str):
    """Text that is Python already."""

    __slots__ = ()


def _channel(design: Design, part: Channel | Stream) -> list[str]:
    readers = tuple(wire.target for wire in design.wires_from(part.id) if isinstance(wire, Subscribe))
    dead = next((wire.target for wire in design.wires_from(part.id) if isinstance(wire, DeadLetter)), None)
    found: dict[str, object] = {
        "name": part.id,
        "kind": part.kind,
        "readers": readers,
        "dead_letters": dead,
        "durable": part.durable,
    }
    if isinstance(part, Stream):
        sessions = [
            wire.session_timeout_s for wire in design.wires_from(part.id) if isinstance(wire, Subscribe)
        ]
        found |= {
            "lease_s": float(min(sessions, default=45.0)),
            "partitions": part.partitions,
            "retention_s": part.retention_s,
            "retention_records": part.retention_records,
            "overflow": part.overflow,
            "compacted": part.compacted,
        }
    else:
        found |= {
            "lease_s": float(part.visibility_timeout_s),
            "max_deliveries": part.max_deliveries,
            "max_length": part.max_length,
            "overflow": part.overflow,
            "ttl_s": part.ttl_s,
        }
    return _call(_constant(part), "Channel", found)


def _numbers_of(part: Service) -> list[str]:
    times = part.service_ms
    mean = float(times) if isinstance(times, int | float) else max((ms for _, ms in times), default=0.0)
    return _call(
        _constant(part),
        "Service",
        {
            "name": part.id,
            "replicas": part.replicas,
            "workers": part.workers,
            "work_ms": mean,
            "failure_rate": part.failure_rate,
            "idempotent": part.idempotent,
            "dedup_window_s": part.dedup_window_s,
        },
    )


def _wire_name(wire: Publish | Subscribe) -> str:
    return python_name(f"{wire.source}_to_{wire.target}" + (f"_{wire.id}" if wire.id else "")).upper()


def _subscription(design: Design, wire: Subscribe) -> list[str]:
    reader = design.components[wire.target]
    found: dict[str, object] = {
        "channel": _Code(_constant(design.components[wire.source])),
        "service": wire.target,
        "workers": getattr(reader, "workers", 1),
        "prefetch": wire.prefetch,
        "ack": wire.ack,
        "on_error": wire.on_error,
        "retry_delay_s": float(wire.retry_delay_s),
        "extend_lease": wire.extend_lease,
        "events": tuple(wire.events),
        "durable": wire.durable,
        "from_offset": wire.from_offset,
        "session_timeout_s": float(wire.session_timeout_s),
        "batch": wire.batch,
    }
    return _call(_wire_name(wire), "Subscription", found)


def _publication(design: Design, wire: Publish) -> list[str]:
    timeout = getattr(wire, "timeout_ms", None)
    found: dict[str, object] = {
        "channel": _Code(_constant(design.components[wire.target])),
        "event": wire.event,
        "retries": wire.retries,
        "backoff_s": wire.backoff_ms / 1000,
        "timeout_s": 5.0 if timeout is None else timeout / 1000,
        "idempotent": wire.idempotent,
        "key": wire.key,
        "on": wire.on,
        "rescues": wire.rescues,
        "events": tuple(wire.events),
    }
    return _call(_wire_name(wire), "Publication", found)


def _client(part: Client) -> list[str]:
    steps = tuple((float(at), float(rate)) for at, rate in sorted(part.profile)) or (
        (0.0, float(part.rate_per_s)),
    )
    found: dict[str, object] = {
        "name": part.id,
        "event": part.event,
        "rates_per_s": steps,
        "poisson": part.arrivals == "poisson",
        "keys": part.keys,
    }
    return _call(_constant(part), "Client", found)


# -- services ----------------------------------------------------------------------------------------------


def _service(design: Design, part: Service) -> str:
    reads = [wire for wire in design.wires_to(part.id) if isinstance(wire, Subscribe)]
    sends = [wire for wire in design.wires_from(part.id) if isinstance(wire, Publish)]
    name = python_name(part.id)
    lines = [
        (
            f'"""{_text(part.name)}: run it with ``python -m app.services.{name}``, as often as there are'
            ' replicas."""'
        ),
        "",
        "from __future__ import annotations",
        "",
        "from app import settings",
        "from app.events import Event",
        "from app.handling import App",
        "",
        f"service = App(settings.{_constant(part)})",
    ]
    if sends:
        lines.append(f"service.publishes({', '.join(f'settings.{_wire_name(wire)}' for wire in sends)})")
    lines += ["", ""]
    for wire in reads:
        source = design.components[wire.source]
        lines += [
            f"@service.handles(settings.{_wire_name(wire)})",
            (
                "async def"
                f" on_{python_name(wire.source)}{'_' + python_name(wire.id) if wire.id else ''}(event: Event)"
                " -> None:"
            ),
            f'    """One event from {_text(source.name)}. Raise, and it is delivered again."""',
            "    await service.work(event)  # your own code goes here",
            "    await service.finish(event)",
            "",
            "",
        ]
    lines += ['if __name__ == "__main__":', "    service.run()"]
    return "\n".join(lines) + "\n"


def _tests(services: list[Service]) -> str:
    imports = [f"from app.services import {python_name(part.id)}" for part in services]
    cases = "".join(f"    {python_name(part.id)},\n" for part in services)
    return _TESTS.replace("@imports", "\n".join(sorted(imports))).replace("@cases", cases)


def _procfile(services: list[Service]) -> Iterator[str]:
    for part in services:
        for replica in range(part.replicas):
            yield f"{part.id}-{replica + 1}: python -m app.services.{python_name(part.id)}"
    yield "dead-letters: python -m app.dead_letters watch"


def _compose(broker: str, services: list[Service]) -> str:
    image, command, port, variable, url = IMAGES[broker]
    lines = ["services:", "  broker:", f"    image: {image}"]
    lines += [f"    command: {command}"] if command else []
    lines += [f'    ports: ["127.0.0.1:{port}:{port}"]', "    volumes: [broker:/data]"]
    for id, module, replicas in [
        *((part.id, f"app.services.{python_name(part.id)}", part.replicas) for part in services),
        ("dead-letters", "app.dead_letters watch", 1),
    ]:
        lines += [
            f"  {id}:",
            "    build: .",
            f"    command: python -m {module}",
            f"    environment: {{ {variable}: '{url}', DATA_DIR: /data }}",
            "    volumes: [data:/data]",
            "    depends_on: [broker]",
            "    restart: unless-stopped",
            "    stop_grace_period: 30s",
            f"    deploy: {{ replicas: {replicas} }}",
        ]
    lines += ["volumes:", "  broker:", "  data:"]
    return "\n".join(lines) + "\n"


def _pyproject(title: str, broker: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "exported-design"
    return _PYPROJECT.replace("@name", name).replace("@extra", EXTRAS[broker])


def _not_honored(design: Design, broker: str) -> str:
    found = not_honored(design, broker)
    head = say("export.document.not_honored_head", broker=TITLES[broker])
    body = (
        "".join(f"- {sentence}\n" for sentence in found)
        or say("export.document.all_honored", broker=TITLES[broker]) + "\n"
    )
    return f"# {say('export.document.title')}\n\n{head}\n\n{body}"


def _readme(design: Design, title: str, broker: str, services: list[Service]) -> str:
    variable = IMAGES[broker][3]
    table = "".join(
        f"| {part.name} | `app/services/{python_name(part.id)}.py` | {part.replicas} |\n" for part in services
    )
    return (
        _README.replace("@title", _text(title))
        .replace("@broker", TITLES[broker])
        .replace("@variable", variable)
        .replace("@table", table)
        .replace("@diagram", draw(design).rstrip())
        .replace("@first", python_name(services[0].id) if services else "")
    )


_DOCKERFILE = """FROM python:3.12-slim
WORKDIR /srv
COPY pyproject.toml ./
COPY app ./app
RUN pip install --no-cache-dir .
"""

_PYPROJECT = """[build-system]
requires = ["hatchling>=1.26,<2"]
build-backend = "hatchling.build"

[project]
name = "@name"
version = "0.1.0"
requires-python = ">=3.11"
dependencies = ["faststream[@extra]>=0.7.8,<0.8"]

[project.optional-dependencies]
test = ["pytest>=8.4,<9", "pytest-asyncio>=1,<2"]

[tool.hatch.build.targets.wheel]
packages = ["app"]

[tool.pytest.ini_options]
asyncio_mode = "auto"
pythonpath = ["."]
"""

_TESTS = '''"""The handlers without a broker: what they do for one event, and for the same event again."""

from __future__ import annotations

from types import ModuleType

import pytest

from app import handling
from app.effects import Effects
from app.events import Event, new_event
from app.model import Publication
@imports

MODULES = [
@cases]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
async def test_an_event_has_its_effect_and_is_passed_on(module: ModuleType, tmp_path, monkeypatch) -> None:
    """The effect is applied once where the service is idempotent, and what follows is published after it."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("NO_WORK", "1")
    service = module.service
    published: list[tuple[Publication, Event]] = []

    async def publish(broker: object, publication: Publication, event: Event) -> None:
        published.append((publication, event))

    monkeypatch.setattr(handling, "publish", publish)
    service.effects = Effects(service.service.name, idempotent=service.service.idempotent)
    event = new_event("test", "something.happened", "42", {})
    await service.finish(event)
    assert service.effects.apply(event) is not service.service.idempotent
    expected = [one for one in service.publications if one.on == "success" and not one.events]
    assert [one for one, _ in published] == expected
    assert {sent.id for _, sent in published} <= {event.id}
'''

_README = """# @title

A FastStream project on @broker,
exported from a design. It is yours: nothing in it needs the program that wrote it.

```mermaid
@diagram
```

| service | file | replicas |
| --- | --- | --- |
@table
## Run it

    python3 -m venv .venv && .venv/bin/pip install -e '.[test]'
    .venv/bin/python -m pytest                      # needs no broker
    export @variable=...                            # where the broker is, if not on this machine
    honcho start                                    # or one line of the Procfile in each terminal
    .venv/bin/python -m app.load --seconds 60       # the traffic of the design

`docker compose up --build` starts the broker and everything else.

## What is where

- `app/settings.py` has every number, with its unit in its name.
- `app/services/` has one service a file; your own code goes where `service.work(event)` is now.
- `app/broker.py` has all that is particular to @broker: topology, acks, retries, dead letters.
- `app/effects.py` is the stand-in for what a service does, with the inbox of the idempotent ones.
- `app/dead_letters.py` moves what cannot be handled,
  and sends it back: `python -m app.dead_letters redrive QUEUE CHANNEL`.
- `asyncapi.json` describes the channels and messages (AsyncAPI 3),
  `NOT_HONOURED.md` what @broker does in another way than the design.

Logs are JSON lines; `event` is the CloudEvents id, the same in every service that an event passes.
A process that gets SIGTERM finishes what it has in hand. When the broker restarts, everybody connects again.
"""
