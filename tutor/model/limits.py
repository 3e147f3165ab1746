"""Limits on parts and wires whose settings are each in range: too much for any run, or a pattern that never
matches.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from tutor.model.component import Channel, Client, Service, Stream, most_replicas
from tutor.model.design import Design
from tutor.model.product import PRODUCTS
from tutor.model.wire import Publish, Subscribe
from tutor.words import say

MOST_WORKERS = 100_000
"""Workers of all replicas of one service."""
MOST_IN_HAND = 1_000_000
"""Messages that the workers of one service may have in hand from one channel."""
MOST_SKEWED_KEYS = 1_000_000
"""Keys of a client that prefers some of them: the share of each is kept in memory."""


@dataclasses.dataclass(frozen=True, slots=True)
class Misfit:
    """A setting that does not go with the others."""

    subject: str
    """The component's id, or the wire's reference."""
    setting: str
    """The setting to change."""
    what: str
    """What is wrong, and what would be right."""


def misfits(design: Design) -> Iterator[Misfit]:
    """Yields all misfits of a design, components first."""
    for part in design.components.values():
        if isinstance(part, Client) and part.key_skew and part.keys > MOST_SKEWED_KEYS:
            yield Misfit(
                part.id,
                "keys",
                say("limits.keys", keys=part.keys, most=MOST_SKEWED_KEYS),
            )
        if isinstance(part, Service):
            yield from _of_service(part)
    for wire in design.wires:
        target = design.components.get(wire.target)
        like = target.like if isinstance(target, Channel | Stream) else None
        if isinstance(wire, Publish) and wire.idempotent and like and not PRODUCTS[like].idempotent:
            what = say("limits.dedup", product=PRODUCTS[like].title)
            yield Misfit(wire.ref, "idempotent", what)
        if isinstance(wire, Subscribe) and isinstance(target, Service):
            workers = most_replicas(target) * target.workers
            if workers * wire.prefetch > MOST_IN_HAND:
                most = MOST_IN_HAND // workers
                what = say("limits.in-hand", workers=workers, messages=wire.prefetch, most=most)
                yield Misfit(wire.ref, "prefetch", what)


def _of_service(part: Service) -> Iterator[Misfit]:
    replicas = most_replicas(part)
    if replicas * part.workers > MOST_WORKERS:
        most = MOST_WORKERS // replicas
        what = say("limits.workers", replicas=replicas, workers=part.workers, most=most)
        yield Misfit(part.id, "workers", what)
    fault = pattern_fault(part)
    if fault:
        yield Misfit(part.id, "pattern", fault)


def pattern_fault(part: Service) -> str:
    """Returns why the pattern of a service can never match; an empty text if it can, or if there is none."""
    for place, step in enumerate(part.pattern):
        if step.absent and place == 0:
            return say("limits.pattern-begins", part=part.name)
        if step.absent and step.within_s is None and part.window_s is None:
            return say("limits.pattern-open", event=step.event, part=part.name)
    return ""
