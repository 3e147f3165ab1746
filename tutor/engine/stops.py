"""Reasons to stop a run before its end: it used up its steps, or more waits than it can hold, or simulated
time stalls, or it does little but send the same events round a loop.

The looks are at steps of their own, so it makes no difference in which slices a run is advanced.
"""

from __future__ import annotations

from typing import Any

from tutor.engine.channels.publishes import PublishWire
from tutor.engine.core.part import World
from tutor.model.clock import SECOND

LOOK = 2_500
"""Steps between two looks at the clock: some 10 ms of computing."""
LOOKS_AT_ROOM = 40
"""Looks at the clock between two looks at what waits."""
ROOM = 2_000_000
"""What may wait in all components together: messages, calls and rows of some 400 bytes each. A run that piles
up more is stopped: few machines have the memory for what fifty million steps may leave behind.
"""
STILL = 10_000
"""Steps within one moment after which simulated time counts as standing still ..."""
STILL_EACH = 20
"""... and so many more for each message or call that waited when the moment began: a backlog may be worked
off in no time, and a message that comes back by chance comes back a few times.
"""
LAPS = 1_000
"""An event that has gone round a loop of wires so often does not leave it: a retry loop that heals ends after
tens of laps at failure rates of 90%.
"""
CIRCLING = 0.25
"""Where laps are at least this share of all steps, a run does little else. (A lap takes a step for each
service on its way; a poison message that comes back once a second among other traffic stays far below.)
"""
CIRCLES_AFTER = 50_000
"""Steps before a run is looked at for that: some 0.5 s. The design that showed it (every alarm fed back into
the stream it came from) took 400,000 steps and 9.4 s without this, 1.2 s with it.
"""
LOOPING = 0.1
"""Where failed deliveries are at least this share of the steps of a moment without end, it is their coming
back that keeps it going. (A redelivery takes two to four steps.)
"""


class Stops:
    """Looks at a run now and then, and decides whether it has to be stopped."""

    def __init__(self, world: World, budget: int) -> None:
        self._world = world
        self._budget = budget
        self.why = ""
        """``steps``, ``room``, ``standstill``, ``redelivery`` or ``loop``; empty while the run may go on."""
        self._moment = -1
        self._begun = 0
        self._limit = 0
        self._failed: dict[str, int] = {}
        self._wire = ""
        self._laps = {
            ref: wire.laps
            for ref, wire in world.wires.items()
            if isinstance(wire, PublishWire) and wire.laps is not None
        }

    def next_look(self) -> int:
        """Returns the number of steps until the next look."""
        events = self._world.kernel.steps
        return min(self._budget - events, LOOK - events % LOOK)

    def look(self) -> bool:
        """Returns whether the run has to be stopped now."""
        kernel = self._world.kernel
        if self.why or kernel.over:
            return bool(self.why)
        if kernel.steps >= self._budget:
            self.why = "steps"
        elif kernel.steps % (LOOK * LOOKS_AT_ROOM) == 0 and self._waiting() > ROOM:
            self.why = "room"
        elif kernel.steps >= CIRCLES_AFTER and self._circles():
            self.why = "loop"
        elif kernel.now != self._moment:
            self._moment, self._begun, self._limit = kernel.now, kernel.steps, 0
        elif not self._limit:
            self._limit = STILL + STILL_EACH * self._waiting()
            self._failed = self._failures()
        elif kernel.steps - self._begun >= self._limit:
            self.why = self._what_keeps_it()
        return bool(self.why)

    def _circles(self) -> bool:
        """Returns whether the run does little but send the same events round; notes the wire that closes the
        loop.
        """
        laps = self._laps
        if not laps or sum(one.total for one in laps.values()) < CIRCLING * self._world.kernel.steps:
            return False
        ref, most = max(laps.items(), key=lambda item: item[1].most)
        if most.most < LAPS:
            return False
        self._wire = ref
        return True

    def _waiting(self) -> int:
        return sum(part.levels()[0] for part in self._world.parts.values())

    def _failures(self) -> dict[str, int]:
        return {ref: wire.failed for ref, wire in self._world.wires.items() if wire.kind == "subscribe"}

    def _what_keeps_it(self) -> str:
        """Returns ``redelivery`` if deliveries fail and come back, time after time in the same moment; else
        ``standstill``.
        """
        grown = {ref: failed - self._failed[ref] for ref, failed in self._failures().items()}
        if sum(grown.values()) < LOOPING * (self._world.kernel.steps - self._begun - LOOK):
            return "standstill"
        self._wire = max(grown, key=grown.__getitem__)
        return "redelivery"

    def report(self) -> dict[str, Any]:
        """Returns what a report says about the stop: ``why``, ``at_s``, and for a loop the wire that closes
        it, with its two ends and their titles: ``channel`` and ``consumer`` of a redelivery, else ``sender``
        and ``channel``.
        """
        world = self._world
        told: dict[str, Any] = {"why": self.why, "at_s": world.kernel.now / SECOND}
        if self._wire:
            spec, components = world.wires[self._wire].spec, world.scenario.design.components
            roles = ("sender", "channel") if self.why == "loop" else ("channel", "consumer")
            told["wire"] = self._wire
            for role, id in zip(roles, (spec.source, spec.target), strict=True):
                told[role] = {"id": id, "title": components[id].name}
            if self.why == "loop":
                told["laps"] = self._laps[self._wire].most
        return told
