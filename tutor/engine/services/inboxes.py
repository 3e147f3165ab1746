"""The inbox of a careful service: the events it has handled before, and the version it knows of each key.

An idempotent consumer commits its mark together with the effect (the transactional inbox of
microservices.io), so a crash before the commit leaves no mark; one that ignores stale events compares
versions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.engine.core.events import Event, Work
from tutor.model.clock import micros
from tutor.model.component import Service

if TYPE_CHECKING:
    from tutor.engine.core.plans import Plan
    from tutor.engine.core.replica import Replica

Mark = tuple[int, int, str]
"""(source index, number, type) of an event."""


class Inbox:
    """The memory of one service; with ``dedup_scope = "replica"`` each replica has marks of its own."""

    def __init__(self, spec: Service) -> None:
        self.spec = spec
        self.window = None if spec.dedup_window_s is None else micros(spec.dedup_window_s)
        self.seen: dict[Mark, tuple[int, bool]] = {}
        """When it was handled, and whether to the end."""
        self.newest: dict[tuple[str, int], int] = {}

    def _marks(self, replica: Replica) -> dict[Mark, tuple[int, bool]]:
        return self.seen if self.spec.dedup_scope == "shared" else replica.seen

    def commit(self, now: int, work: Work, plan: Plan, apply: Callable[[int, Event, Plan], None]) -> bool:
        """Checks and applies the effect in one step; returns False if the event is already done, or older
        than the version known.
        """
        event, spec = work.event, self.spec
        assert work.replica is not None
        mark = _mark(event)
        seen = self._marks(work.replica)
        if spec.idempotent:
            known = seen.get(mark)
            if known is not None and (self.window is None or now - known[0] < self.window):
                if event.trace is not None:
                    event.trace(now, event, spec.id, "skipped", "known already", "")
                return not known[1]
        if spec.ignore_stale:
            place = (event.flow.type, event.key)
            if event.version < self.newest.get(place, 0):
                for entry in plan.effects:
                    entry.supersede(event)
                if event.trace is not None:
                    event.trace(now, event, spec.id, "skipped", "older than what is known", "")
                return False
            self.newest[place] = event.version
        if spec.idempotent:
            seen[mark] = (now, not plan.wired)
        apply(now, event, plan)
        return True

    def done(self, event: Event, replica: Replica) -> None:
        """Notes that the event has been handled to the end."""
        if not self.spec.idempotent:
            return
        seen, mark = self._marks(replica), _mark(event)
        known = seen.get(mark)
        if known is not None and not known[1]:
            seen[mark] = (known[0], True)


def _mark(event: Event) -> Mark:
    return event.flow.source.index, event.number, event.flow.type
