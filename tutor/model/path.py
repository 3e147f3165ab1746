"""The places that events can reach, and the paths there, read from the design alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable

from tutor.model.component import Client, Component, Service
from tutor.model.design import Design
from tutor.model.wire import Capture, Publish, Wire

TAKES_ON = ("call", "publish", "subscribe", "write", "poll", "capture", "dead-letter", "bind")
"""The kinds of wire that take an event on: all but a read, which only asks."""


def passed(wire: Wire, types: Iterable[str]) -> set[str]:
    """Returns which of these types a wire takes on, under the names that it gives them."""
    through = {type for type in types if not wire.events or type in wire.events}
    return {_renamed(wire, type) for type in through}


def walk(start: str, steps: Callable[[str], Iterable[str]]) -> list[str]:
    """Returns everything that steps lead to from ``start``, nearest first, without ``start`` itself."""
    seen, waiting = {start: None}, deque([start])
    while waiting:
        for further in steps(waiting.popleft()):
            if further not in seen:
                seen[further] = None
                waiting.append(further)
    return list(seen)[1:]


class Reach:
    """For each component, which (source, type) of events can come to it, and whether by success
    wires alone.
    """

    def __init__(self, design: Design, *, follows: Collection[str] = TAKES_ON) -> None:
        self.design = design
        self.follows = follows
        """The kinds of wire that take an event on."""
        self.comes: dict[str, dict[tuple[str, str], bool]] = {id: {} for id in design.components}
        """By component: (source id, event type) -> True where it comes without anything having failed."""
        self.made: dict[str, frozenset[str]] = {}
        """By source of a client: the types of event that it makes."""
        self.maker: dict[str, str] = {}
        """By source of a client: the client."""
        for component in design.components.values():
            if isinstance(component, Client):
                self._makes(component.id, component.id, component.event)
                for sequence in component.sequences:
                    for type in sorted({step.event for step in sequence.steps}):
                        self._makes(component.id, source_id(component.id, sequence.name, type), type)
            elif derives(component):
                self._spread(component.id, component.id, "derived")

    def types_at(self, place: str) -> frozenset[str]:
        """Returns the types of event that can come to a component; for a client those that it makes."""
        own = {type for source, types in self.made.items() if self.maker[source] == place for type in types}
        return frozenset(own | {type for _, type in self.comes[place]})

    def types(self) -> tuple[str, ...]:
        """Returns all types of event, as clients make them and as wires rename them."""
        known = [type for types in self.made.values() for type in sorted(types)]
        known += sorted({type for comes in self.comes.values() for _, type in comes})
        return tuple(dict.fromkeys(known))

    def _makes(self, client: str, source: str, type: str) -> None:
        self.made[source] = frozenset((type,))
        self.maker[source] = client
        self._spread(client, source, type)

    def _spread(self, start: str, source: str, type: str) -> None:
        ways = deque([(start, type, True)])
        while ways:
            place, carried, sure = ways.popleft()
            for wire in self.design.wires_from(place):
                if wire.kind not in self.follows or (wire.events and carried not in wire.events):
                    continue
                if derives(self.design.components[place]) and not _carries(wire, derived=place == source):
                    continue
                arrives = _renamed(wire, carried)
                certain = sure and getattr(wire, "on", "success") == "success"
                known = self.comes[wire.target].get((source, arrives))
                if known is None or (certain and not known):
                    self.comes[wire.target][source, arrives] = certain
                    ways.append((wire.target, arrives, certain))

    def sources_of(self, event: str, at: tuple[str, ...]) -> dict[str, bool]:
        """Returns the sources whose events of type ``event`` can have an effect at these places; True if
        every event should.

        Where no way leads there, the clients that make events of this type, else those whose events come here
        under another type, else those that are joined to these places in any way, else all: an event that was
        never sent on has not had its effect either.
        """
        found: dict[str, bool] = {}
        for place in at:
            for (source, type), sure in self.comes.get(place, {}).items():
                if type == event:
                    found[source] = found.get(source, False) or sure
        if found:
            return found
        makers = [client for client, types in self.made.items() if event in types]
        near = [source for place in at for source, _ in self.comes.get(place, {}) if source in self.made]
        joined = self._joined(at)
        around = [source for source, client in self.maker.items() if client in joined]
        return dict.fromkeys(makers or near or around or self.made, True)

    def _joined(self, places: tuple[str, ...]) -> set[str]:
        """Returns the components that wires join to one of these places, in either direction."""
        found, waiting = set(places), list(places)
        while waiting:
            place = waiting.pop()
            beside = {wire.target for wire in self.design.wires_from(place)} | {
                wire.source for wire in self.design.wires_to(place)
            }
            waiting.extend(beside - found)
            found |= beside
        return found

    def upstream(self, places: tuple[str, ...]) -> frozenset[str]:
        """Returns the components from which events can still come to one of these places, and the dead-letter
        queues beside that way.
        """
        found = set(places)
        waiting = list(places)
        while waiting:
            for wire in self.design.wires_to(waiting.pop()):
                if wire.source not in found:
                    found.add(wire.source)
                    waiting.append(wire.source)
        aside = [
            wire.target for wire in self.design.wires if wire.kind == "dead-letter" and wire.source in found
        ]
        return frozenset(found.union(aside))


def leads_back(design: Design, wire: Wire) -> bool:
    """Returns whether events on a wire can come to its source again: a retry queue, a loop in the wiring."""

    def targets(place: str) -> Iterable[str]:
        return (further.target for further in design.wires_from(place) if further.kind in TAKES_ON)

    return wire.source in (wire.target, *walk(wire.target, targets))


def source_id(client: str, sequence: str, type: str) -> str:
    """Returns the id of the source of a sequence's events of one type."""
    return f"{client}/{sequence}/{type}"


def derives(component: Component) -> bool:
    """Returns whether a component makes events of its own from those that come."""
    return isinstance(component, Service) and (bool(component.pattern) or component.window_s is not None)


def _carries(wire: Wire, *, derived: bool) -> bool:
    """Returns whether a wire out of a service that derives events carries those, or the ones that came: the
    service publishes the events it derives.
    """
    if derived:
        return isinstance(wire, Publish)
    return not (isinstance(wire, Publish) and wire.on == "success")


def _renamed(wire: Wire, type: str) -> str:
    return (wire.event or type) if isinstance(wire, Publish | Capture) else type
