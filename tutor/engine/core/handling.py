"""Handlings and their way along the sender's outgoing wires: in the order listed, one after the other.

A required wire that fails makes the handling fail; the wires with ``on = "failure"`` then run, and one of
those that ``rescues`` makes the handling a success after all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tutor.engine.core.events import Event, Flow
from tutor.engine.core.kernel import Act
from tutor.engine.core.part import Part, WireRun, World
from tutor.model.component import Component

if TYPE_CHECKING:
    from tutor.engine.core.fault import ActiveFault


class Gone:
    """A placeholder for a wire that was taken out: work under way knows its place among the wires, and goes
    past this one.
    """

    __slots__ = ("kind", "required", "rescues")

    def __init__(self, wire: WireRun) -> None:
        self.kind = wire.kind
        self.required = wire.required
        self.rescues = False

    def send(self, now: int, event: Event, turn: int, handling: Any) -> bool:
        """Sends nothing, so that nothing fails."""
        return True


def _in_place(wires: list[WireRun]) -> list[WireRun | Gone]:
    """Returns the wires, each in its place; empty if all of them have been taken out."""
    return (
        [Gone(wire) if wire.removed else wire for wire in wires]
        if any(not wire.removed for wire in wires)
        else []
    )


Ways = tuple[list[WireRun | Gone], list[WireRun | Gone]]
"""The wires that events go along on success, and on failure."""


class Handler(Part):
    """A component that sends: a client, a service or a job.

    A *handling* is any object with ``event``, ``turn``, ``step`` and ``replica``; while it waits for a wire,
    ``step`` says for which one (negative: counted through the failure wires).
    """

    def __init__(self, spec: Component, world: World) -> None:
        super().__init__(spec, world)
        self.wires: list[WireRun] = []
        self.dying: list[ActiveFault] = []
        self._ways: dict[Flow, Ways] = {}

    def join_out(self, wire: WireRun) -> None:
        """Adds an outgoing wire, in order."""
        self.wires.append(wire)

    def forget_ways(self) -> None:
        """Forgets the wires found for each flow, as one has gone; they are looked up again."""
        self._ways.clear()

    def ways(self, flow: Flow) -> Ways:
        """Returns the wires that events of this flow go along on success, and on failure."""
        ways = self._ways.get(flow)
        if ways is None:
            fitting = [wire for wire in self.wires if wire.fits(flow)]
            after_failure = [wire for wire in fitting if wire.after_failure]
            ways = (
                _in_place([wire for wire in fitting if wire not in after_failure]),
                _in_place(after_failure),
            )
            self._ways[flow] = ways
        return ways

    def gone(self, handling: Any) -> bool:
        """Returns whether the sender of this handling has died with it."""
        return handling.replica is None

    def standing(self, handling: Any, ok: bool | None) -> bool:
        """Returns whether the sender hangs; it then resumes this handling itself after the hang."""
        return False

    def postpones(self, handling: Any, act: Act, item: object) -> bool:
        """Returns whether the sender hangs, so that its next act for this handling is postponed until after
        the hang.
        """
        return False

    def proceed(self, now: int, handling: Any, step: int) -> None:
        """Follows the success wires from ``step`` on."""
        event: Event = handling.event
        wires = self.ways(event.flow)[0]
        while step < len(wires):
            if step and self.dying and self.dies_between(now, handling, step):
                return
            wire = wires[step]
            handling.step = step
            ok = wire.send(now, event, handling.turn, handling)
            if ok is None:
                return
            if not ok and wire.required:
                self.fail(now, handling, False)
                return
            step += 1
        self.close(now, handling, True)

    def resume(self, now: int, handling: Any, ok: bool | None) -> None:
        """Continues a handling when the wire that it waited for has an outcome."""
        if self.gone(handling) or self.standing(handling, ok):
            return
        step: int = handling.step
        event: Event = handling.event
        success, failure = self.ways(event.flow)
        if step >= 0:
            if not ok and (step >= len(success) or success[step].required):
                self.fail(now, handling, ok)
            else:
                self.proceed(now, handling, step + 1)
        else:
            place = -1 - step
            rescues = place < len(failure) and failure[place].rescues
            self._after_failure(now, handling, place + 1, bool(ok) and rescues, False)

    def fail(self, now: int, handling: Any, told: bool | None) -> None:
        """Fails the handling: the wires for that case run."""
        if self.ways(handling.event.flow)[1]:
            self._after_failure(now, handling, 0, False, told)
        else:
            self.close(now, handling, told)

    def _after_failure(self, now: int, handling: Any, place: int, rescued: bool, told: bool | None) -> None:
        event: Event = handling.event
        wires = self.ways(event.flow)[1]
        while place < len(wires):
            wire = wires[place]
            handling.step = -1 - place
            ok = wire.send(now, event, handling.turn, handling)
            if ok is None:
                return
            rescued = rescued or (ok and wire.rescues)
            place += 1
        self.close(now, handling, True if rescued else told)

    def dies_between(self, now: int, handling: Any, step: int) -> bool:
        """Returns whether a ``die-between`` fault ends this handling here."""
        return False

    def close(self, now: int, handling: Any, ok: bool | None) -> None:
        """Ends the handling."""
        raise NotImplementedError
