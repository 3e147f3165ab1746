"""The ``write`` and ``read`` wires: one query of a database, with the caller held until it is answered or
gives up.

They are calls with a timeout and retries and no more policy than that (JDBC ``setQueryTimeout``); a query
that has reached the database continues there when the caller has given up.
"""

from __future__ import annotations

from typing import Any

from tutor.engine.core.events import Event, Query, Work, fill_attempt
from tutor.engine.core.part import Part, World
from tutor.engine.services.calls import CallWire
from tutor.model.wire import Access as AccessSpec
from tutor.model.wire import Call, Write


class AccessWire(CallWire):
    """A write or read wire at run time."""

    def __init__(self, spec: AccessSpec, world: World) -> None:
        policy = Call(
            source=spec.source,
            target=spec.target,
            id=spec.id,
            latency_ms=spec.latency_ms,
            events=spec.events,
            timeout_ms=spec.timeout_ms,
            retries=spec.retries,
            required=spec.required,
        )
        super().__init__(policy, world)
        self.ref, self.kind = spec.ref, spec.kind
        self.make = self._query
        self.needs_state = isinstance(spec, Write) and spec.needs_state

    def join(self, source: Part, target: Part) -> None:
        super().join(source, target)
        self.by_job = source.kind == "job"

    def _query(self, event: Event, turn: int, wire: Any, handling: Any) -> Query:
        work = Query()
        fill_attempt(work, event, turn, wire, handling)
        work.kind, work.user, work.by_job = self.kind, self.source.id, self.by_job
        # a request has its value in it; only what was announced may come without
        work.empty = self.needs_state and not event.state and _announced(handling)
        return work


def _announced(handling: Any) -> bool:
    """Returns whether the event being handled came from a channel."""
    return isinstance(handling, Work) and handling.via.kind == "subscribe"
