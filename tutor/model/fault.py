"""Faults: each kind as one declaration, a fault of a scenario, and the times when it is active.

A kind says what it strikes, which settings it has besides :data:`COMMON`, and how it proceeds in time. Files,
their schema and errors, the inspector, the sandbox and the engine read it here; the engine has one act for
each (:data:`tutor.engine.faults.schedule.ACTS`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from math import log
from typing import Literal

from tutor.model.clock import micros
from tutor.model.component import Component, most_replicas
from tutor.model.setting import setting
from tutor.model.wire import WIRES
from tutor.words import say

CODE = ("service", "job")
"""The kinds of part that run code."""
NODES = ("service", "database", "job", "queue", "topic", "stream")
"""The kinds of part that run on machines of ours: all but people outside."""

COMMON = ("kind", "target", "at_s", "for_s", "every_s", "mtbf_s", "mttr_s", "hidden")
"""The settings that go with every kind of fault."""

MOST_STRIKES = 100_000
"""A fault that comes again strikes at most so often in one run: each time is set in the kernel's heap
beforehand.
"""

Lasting = Literal["span", "for good", "in turn"]
"""How a fault goes on: for a span of time; for good; or for a span at one replica after the other."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One kind of fault: everything known about it in one place, except what the engine does."""

    name: str
    """The word for it in files and on screen."""
    strikes: tuple[str, ...]
    """The kinds of part that it may be aimed at."""
    wires: tuple[str, ...] = ()
    """The kinds of wire that it strikes: aimed at a wire, or at a part and then at all such wires into it."""
    settings: tuple[str, ...] = ()
    """Its own settings, besides :data:`COMMON`."""
    lasting: Lasting = "span"
    """How it goes on in time."""

    @property
    def doc(self) -> str:
        """The meaning of the fault, in a few words for learners."""
        return say(f"kinds.fault.{self.name}")

    @property
    def why(self) -> str:
        """The reason why it strikes only those parts; the beginning of an error."""
        return say(f"kinds.aim.{self.name}")


FAULT_KINDS: dict[str, FaultKind] = {
    kind.name: kind
    for kind in (
        FaultKind(
            name="crash",
            strikes=NODES,
            settings=("replica",),
        ),
        FaultKind(
            name="hang",
            strikes=NODES,
            settings=("replica",),
        ),
        FaultKind(
            name="slow",
            strikes=("service", "database", "job"),
            settings=("factor", "replica"),
        ),
        FaultKind(name="partition", strikes=NODES, wires=tuple(WIRES)),
        FaultKind(
            name="remove",
            strikes=NODES,
            wires=tuple(WIRES),
            lasting="for good",
        ),
        FaultKind(
            name="drop-replies",
            strikes=("service", "database"),
            wires=("call", "write", "read"),
            settings=("probability",),
        ),
        FaultKind(
            name="drop-acks",
            strikes=("service", "queue", "topic", "stream"),
            wires=("publish", "subscribe", "capture"),
            settings=("probability",),
        ),
        FaultKind(
            name="die-between",
            strikes=CODE,
            settings=("probability",),
        ),
        FaultKind(
            name="poison",
            strikes=("service",),
            settings=("probability", "events"),
        ),
        FaultKind(
            name="swallow",
            strikes=("service",),
            settings=("probability", "events"),
        ),
        FaultKind(
            name="burst",
            strikes=("client",),
            settings=("factor",),
        ),
        FaultKind(
            name="schema-change",
            strikes=("database", "service"),
        ),
        FaultKind(
            name="deploy",
            strikes=("service",),
            settings=("each_s", "down_s"),
            lasting="in turn",
        ),
        FaultKind(
            name="repartition",
            strikes=("stream",),
            settings=("partitions",),
            lasting="for good",
        ),
    )
}
"""Every kind of fault by its name."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong, on a schedule or at random."""

    kind: str = setting("", "choice", choices=tuple(FAULT_KINDS))
    target: str = setting("", "text")
    at_s: float = setting(0.0, "number", unit="s", at_least=0)
    for_s: float | None = setting(None, "number", unit="s", above=0, off="none")
    every_s: float | None = setting(None, "number", unit="s", above=0, off="none")
    replica: int | None = setting(None, "integer", at_least=1, off="none")
    factor: float = setting(2.0, "number", above=0, at_most=1_000_000)
    probability: float = setting(1.0, "number", at_least=0, at_most=1)
    each_s: float = setting(20.0, "number", unit="s", above=0)
    down_s: float = setting(10.0, "number", unit="s", above=0)
    partitions: int = setting(1, "integer", at_least=1, at_most=1000)
    mtbf_s: float | None = setting(None, "number", unit="s", above=0, off="none")
    mttr_s: float | None = setting(None, "number", unit="s", above=0, off="none")
    events: tuple[str, ...] = setting((), "texts")
    hidden: bool = setting(False, "flag")

    @property
    def title(self) -> str:
        """What its kind is called on screen."""
        return say(f"kinds.title.{self.kind}")

    @property
    def declared(self) -> FaultKind:
        """The declaration of its kind."""
        return FAULT_KINDS[self.kind]

    @property
    def at_random(self) -> bool:
        """True if the fault comes at random, and has no schedule."""
        return self.mtbf_s is not None


Span = tuple[int, int]
"""When a fault holds: from the first microsecond on, to before the second."""


def strikes(fault: Fault, end: int) -> Iterator[Span]:
    """Yields when a fault on a schedule begins and ends (µs), for each strike before ``end``.

    One without an end of its own is over after the run: at ``end + 1``. A ``deploy`` is given by the first
    replica's turn.
    """
    start = micros(fault.at_s)
    while start < end:
        yield start, end + 1 if fault.for_s is None else start + micros(fault.for_s)
        if fault.every_s is None:
            return
        start += micros(fault.every_s)


def breakdowns(fault: Fault, end: int, uniform: Callable[[], float]) -> Iterator[Span]:
    """Yields when a random fault begins and ends (µs): times up and times to repair are exponential, drawn
    from ``uniform``.
    """
    assert fault.mtbf_s is not None
    start = micros(fault.at_s)
    repair = fault.mttr_s if fault.mttr_s is not None else fault.for_s or 0.0
    while True:
        start += max(1, int(-log(1.0 - uniform()) * micros(fault.mtbf_s) + 0.5))
        length = max(1, int(-log(1.0 - uniform()) * micros(repair) + 0.5))
        if start >= end:
            return
        yield start, start + length
        start += length


def turns(fault: Fault, start: int, replicas: int) -> Iterator[Span]:
    """Yields when each replica is down (µs) if the fault moves from one to the next (``in turn``) from
    ``start`` on.
    """
    for number in range(replicas):
        down = start + number * micros(fault.each_s)
        yield down, down + micros(fault.down_s)


def scheduled(fault: Fault, part: Component | None, end: int) -> list[Span]:
    """Returns the whole of each strike (µs): a deploy from its first replica's turn to its last one's end;
    none for a random fault.
    """
    if fault.at_random:
        return []
    if fault.declared.lasting == "in turn":
        every = [list(turns(fault, start, most_replicas(part))) for start, _ in strikes(fault, end)]
        return [(one[0][0], one[-1][1]) for one in every]
    lasts_on = fault.declared.lasting == "for good" or fault.for_s is None
    return [(start, end if lasts_on else over) for start, over in strikes(fault, end)]
