"""Designs for the board's tests to draw."""

from __future__ import annotations

import itertools
import random

from tutor.model.component import Client, Component, Database, Job, Queue, Service, Stream, Topic
from tutor.model.design import Design, make_design
from tutor.model.wire import WIRES, Call, DeadLetter, Publish, Read, Subscribe, Wire, Write, legal_kinds


def shop() -> Design:
    """Eight parts and nine wires: a chain, a fan-out, a dead-letter queue and a shared database."""
    return make_design(
        [
            Client(id="shoppers", title="Shoppers", rate_per_s=40),
            Service(id="api", title="Shop API", replicas=2, workers=4),
            Queue(id="orders", title="Orders", max_length=100),
            Service(id="billing", title="Billing", replicas=3),
            Service(id="mail", title="Mail"),
            Topic(id="paid", title="Paid"),
            Database(id="ledger", title="Ledger"),
            Queue(id="dead", title="Dead letters"),
        ],
        [
            Call(source="shoppers", target="api", timeout_ms=2000, retries=3),
            Publish(source="api", target="orders"),
            Subscribe(source="orders", target="billing"),
            Write(source="billing", target="ledger"),
            Read(source="billing", target="ledger"),
            Publish(source="billing", target="paid"),
            Subscribe(source="paid", target="mail", ack="before"),
            DeadLetter(source="orders", target="dead"),
            Read(source="api", target="ledger", timeout_ms=500),
        ],
    )


def chain(length: int = 2) -> Design:
    """A client and services that call each other in a row."""
    parts: list[Component] = [
        Client(id="till", title="Till"),
        *(Service(id=f"s{number}", title=f"Step {number}") for number in range(1, length)),
    ]
    return make_design(
        parts, [Call(source=one.id, target=other.id) for one, other in itertools.pairwise(parts)]
    )


def fan(width: int) -> Design:
    """A topic with a given number of subscribers."""
    parts: list[Component] = [
        Client(id="till"),
        Topic(id="topic"),
        *(Service(id=f"s{number}") for number in range(width)),
    ]
    wires: list[Wire] = [
        Publish(source="till", target="topic"),
        *(Subscribe(source="topic", target=f"s{number}") for number in range(width)),
    ]
    return make_design(parts, wires)


def made_up(parts: int, wires: int, seed: int) -> Design:
    """A random legal design."""
    draw = random.Random(seed)
    kinds = (Client, Service, Service, Service, Queue, Topic, Database, Stream, Job)
    components: list[Component] = [
        draw.choice(kinds)(id=f"p{number}", title=f"Part {number}") for number in range(parts)
    ]
    found: dict[str, Wire] = {}
    for _ in range(wires * 30):
        if len(found) == wires or parts < 2:
            break
        one, other = draw.sample(components, 2)
        legal = legal_kinds(one.kind, other.kind)
        if legal:
            wire = WIRES[draw.choice(legal)](source=one.id, target=other.id)
            found[wire.ref] = wire
    return make_design(components, found.values())
