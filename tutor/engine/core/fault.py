"""A fault of the scenario during a run: when it is active, what it strikes, and whether any work has
met it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tutor.engine.core.events import Event, Source
from tutor.engine.core.luck import Draws
from tutor.model.fault import Fault

if TYPE_CHECKING:
    from tutor.engine.core.part import World


class ActiveFault:
    """One fault of the scenario, and whether any work has met it."""

    def __init__(self, place: int, spec: Fault, world: World) -> None:
        self.place = place
        self.spec = spec
        self.kind = spec.kind
        self.world = world
        self.hit = False
        self.active = False
        self.spans: list[tuple[int, int]] = []
        self._draws: dict[Source, Draws] = {}

    def strikes(self, event: Event, turn: int) -> bool:
        """Returns whether the fault strikes this handling of this event."""
        if self.spec.events and event.flow.type not in self.spec.events:
            return False
        if self.spec.probability < 1:
            source = event.flow.source
            draws = self._draws.get(source)
            if draws is None:
                purpose = f"{self.kind}/{self.place}"
                draws = self._draws[source] = self.world.chance.uniforms(self.spec.target, purpose, source.id)
            if draws.at(event.number, turn) >= self.spec.probability:
                return False
        self.hit = True
        return True

    def mark(self, now: int, kind: str, target: str) -> None:
        """Notes the beginning or end of the fault for the time axis, unless the learner is to find it."""
        if not self.spec.hidden:
            self.world.mark(now, kind, target, self.kind)

    def made_in(self, event: Event) -> bool:
        """Returns whether the event was made while the fault lasted."""
        return any(start <= event.made < end for start, end in self.spans)
