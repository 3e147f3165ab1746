"""The topology of a scenario on one server: its channels, their readers, and their names there."""

from __future__ import annotations

import dataclasses
from functools import cached_property

from tutor.model.component import Component, Queue, Topic
from tutor.model.scenario import Scenario
from tutor.model.wire import DeadLetter, Subscribe


@dataclasses.dataclass(frozen=True)
class Topology:
    """The channels of a scenario that are on one server."""

    scenario: Scenario
    here: frozenset[str]
    """The ids of the channels on this server."""
    prefix: str
    """What names on the server begin with."""

    @cached_property
    def channels(self) -> list[Component]:
        """The channels on this server, in the order of the design."""
        return [part for part in self.scenario.design.components.values() if part.id in self.here]

    def part(self, id: str) -> Component:
        """Returns the part of this id."""
        return self.scenario.design.components[id]

    def readers(self, channel: Component) -> list[Subscribe]:
        """Returns the subscriptions of a channel."""
        return [wire for wire in self.scenario.design.wires_from(channel.id) if isinstance(wire, Subscribe)]

    def keeps(self, wire: Subscribe) -> bool:
        """Returns whether the broker keeps messages for this subscription: not for one of a topic without
        durability.
        """
        return wire.durable or not isinstance(self.part(wire.source), Topic)

    def joins_later(self, wire: Subscribe) -> bool:
        """Returns whether a subscription of a topic begins in the middle of the run: messages published
        before are not for it.
        """
        return isinstance(self.part(wire.source), Topic) and self.part(wire.target).from_s > 0

    def group(self, wire: Subscribe) -> str:
        """Returns the group name of the readers that share the messages: all of a queue, else those of one
        subscription.
        """
        if isinstance(self.part(wire.source), Queue):
            return "readers"
        return f"{wire.target}-{wire.id}" if wire.id else wire.target

    def dead_letters(self, channel: Component) -> str | None:
        """Returns the queue that takes the messages this channel gives up; None if there is none."""
        wires = self.scenario.design.wires_from(channel.id)
        return next((wire.target for wire in wires if isinstance(wire, DeadLetter)), None)
