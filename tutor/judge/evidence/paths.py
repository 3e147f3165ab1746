"""The paths through a design: the parts an event passes before an effect, and those a caller waits for."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeVar, overload

from tutor.model.component import Database
from tutor.model.design import Design
from tutor.model.path import TAKES_ON, Reach, passed, walk
from tutor.model.wire import (
    CHANNELS,
    WIRES,
    Access,
    Bind,
    Call,
    Capture,
    Poll,
    Publish,
    Read,
    Subscribe,
    Wire,
    Write,
)

W = TypeVar("W", bound=Wire)

FORWARD: tuple[type[Wire], ...] = tuple(WIRES[kind] for kind in TAKES_ON if kind != "write")
"""Kinds of wire that take an event on to whoever acts on it; a write does so only where somebody reads it."""
SYNCHRONOUS: tuple[type[Call | Access], ...] = (Call, Write, Read)
"""Kinds of wire whose caller is held until the answer."""


class Paths:
    """The paths through one design, each looked up once; ``ends`` are components that an effect is required
    at.
    """

    def __init__(self, design: Design, ends: Iterable[str] = ()) -> None:
        self.design = design
        self._ends = frozenset(ends)
        self._out: dict[str, list[Wire]] = {name: [] for name in design.components}
        self._in: dict[str, list[Wire]] = {name: [] for name in design.components}
        for wire in design.wires:
            if wire.source in self._out and wire.target in self._in:
                self._out[wire.source].append(wire)
                self._in[wire.target].append(wire)
        self._walks: dict[tuple[str, str], list[str]] = {}

    @overload
    def out(self, name: str) -> list[Wire]: ...
    @overload
    def out(self, name: str, *kinds: type[W]) -> list[W]: ...
    def out(self, name: str, *kinds: type[Wire]) -> list[Wire] | list[W]:
        """Returns the outgoing wires of a component, of these kinds or all."""
        return [wire for wire in self._out.get(name, ()) if not kinds or isinstance(wire, kinds)]

    @overload
    def into(self, name: str) -> list[Wire]: ...
    @overload
    def into(self, name: str, *kinds: type[W]) -> list[W]: ...
    def into(self, name: str, *kinds: type[Wire]) -> list[Wire] | list[W]:
        """Returns the incoming wires of a component, of these kinds or all."""
        return [wire for wire in self._in.get(name, ()) if not kinds or isinstance(wire, kinds)]

    def feeding(self, channel: str) -> list[Publish | Capture]:
        """Returns the wires by which messages come into a channel from outside the broker, including through
        a topic that is bound to it.
        """
        own = [wire for wire in self._in.get(channel, ()) if isinstance(wire, Publish | Capture)]
        bound = [wire for binding in self.into(channel, Bind) for wire in self.feeding(binding.source)]
        return own + bound

    @functools.cached_property
    def _reach(self) -> Reach:
        return Reach(self.design)

    @functools.cached_property
    def types(self) -> dict[str, frozenset[str]]:
        """The event types that can reach each component from the clients; for a client, the types that it
        sends.
        """
        return {name: self._reach.types_at(name) for name in self.design.components}

    def in_order(self, types: Collection[str]) -> list[str]:
        """Returns these event types in the order in which the design declares who makes them."""
        return [one for one in self._reach.types() if one in types]

    @staticmethod
    def carried(wire: Wire, types: Iterable[str]) -> set[str]:
        """Returns which of these types a wire takes on, under the names that it gives them."""
        return passed(wire, types)

    def upstream(self, name: str) -> list[str]:
        """Returns everything an event may pass on its way to ``name``, nearest first, without ``name``
        itself.
        """
        return self._walk(name, self._sources)

    def downstream(self, name: str) -> list[str]:
        """Returns everything that an event of ``name`` may reach, nearest first, without ``name`` itself."""
        return self._walk(name, self._targets)

    def answering(self, name: str) -> list[str]:
        """Returns everything that a caller of ``name`` waits for: its calls, reads and writes, and so on; and
        channels it publishes to.
        """
        return self._walk(name, self._held_by)

    def subscribers(self, channel: str) -> list[Subscribe]:
        """Returns the subscribe wires of a channel."""
        return self.out(channel, Subscribe)

    def is_channel(self, name: str) -> bool:
        """Returns whether a component lives on a broker."""
        part = self.design.components.get(name)
        return part is not None and part.kind in CHANNELS

    def _sources(self, name: str) -> Iterator[str]:
        for wire in self.into(name, *FORWARD, Write):
            if wire.kind != "write" or self._goes_on(name):
                yield wire.source

    def _targets(self, name: str) -> Iterator[str]:
        for wire in self.out(name, *FORWARD, Write):
            if wire.kind != "write" or self._goes_on(wire.target):
                yield wire.target

    def _goes_on(self, database: str) -> bool:
        """Returns whether the writes to a database lead anywhere: published or polled, a copy that events
        fill, or an effect required of it.
        """
        return (
            database in self._ends
            or bool(self.out(database, Capture, Poll))
            or (isinstance(part := self.design.components.get(database), Database) and bool(part.copy_of))
        )

    def _held_by(self, name: str) -> Iterator[str]:
        if not self.is_channel(name):
            for wire in self.out(name, *SYNCHRONOUS, Publish):
                yield wire.target

    def _walk(self, start: str, step: Callable[[str], Iterable[str]]) -> list[str]:
        key = (start, step.__name__)
        if key not in self._walks:
            self._walks[key] = walk(start, step)
        return list(self._walks[key])


def patience_ms(wire: Wire) -> float | None:
    """Returns how long the sender on a wire waits for the answer; None if it waits forever, or not at all."""
    return wire.timeout_ms if isinstance(wire, Call | Access) else None
