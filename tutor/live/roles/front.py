"""The front: calls to services go through it, as through a load balancer; it holds the one line in which they
wait for a free replica.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import Any, cast

from tutor.live.http import Caller, serve
from tutor.live.site import Site
from tutor.model.component import Service
from tutor.model.wire import Call


class Backend:
    """One replica behind the front."""

    def __init__(self, port: int) -> None:
        self.caller = Caller(port)
        self.busy = 0
        self.up = True


class Waiting:
    """One call in the line."""

    def __init__(self, since: float, timeout_ms: float | None) -> None:
        self.turn: asyncio.Future[Backend | None] = asyncio.get_running_loop().create_future()
        self.expires = None if timeout_ms is None else since + timeout_ms / 1000


class CallLine:
    """All calls of one service: those in progress at replicas, and those that wait."""

    def __init__(self, site: Site, spec: Service) -> None:
        self.site = site
        self.spec = spec
        self.backends: dict[int, Backend] = {}
        self.waiting: deque[Waiting] = deque()

    async def call(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Handles one call, from its arrival to its answer."""
        backend = self._free()
        if backend is None:
            if not any(one.up for one in self.backends.values()):
                return None
            if self.spec.queue_limit is not None and len(self.waiting) >= self.spec.queue_limit:
                return None
            waiting = Waiting(self.site.clock.now_s(), asked.get("timeout_ms"))
            self.waiting.append(waiting)
            backend = await waiting.turn
            if backend is None:
                return None
        else:
            backend.busy += 1
        try:
            return await backend.caller.ask("/", asked)
        finally:
            backend.busy -= 1
            self.next()

    def _free(self) -> Backend | None:
        free = [one for one in self.backends.values() if one.up and one.busy < self.spec.workers]
        return min(free, key=lambda one: one.busy, default=None)

    def next(self) -> None:
        """Gives free workers the work that waits."""
        while self.waiting and (backend := self._free()) is not None:
            waiting = self.waiting.pop() if self.spec.discipline == "lifo" else self.waiting.popleft()
            expired = waiting.expires is not None and self.site.clock.now_s() >= waiting.expires
            if self.spec.drop_expired and expired:
                waiting.turn.set_result(None)
                continue
            backend.busy += 1
            waiting.turn.set_result(backend)

    async def joined(self, replica: int, port: int) -> None:
        """Adds a replica; it is watched over a connection, which drops when it dies."""
        backend = self.backends[replica] = Backend(port)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        self.next()

        async def watch() -> None:
            with contextlib.suppress(ConnectionError):
                await reader.read()
            writer.close()
            backend.up = False
            if not any(one.up for one in self.backends.values()):
                while self.waiting:
                    self.waiting.popleft().turn.set_result(None)

        self._watching = [*getattr(self, "_watching", []), asyncio.ensure_future(watch())]


async def be_front(site: Site) -> None:
    """Passes calls on until it is told to stop."""
    called = {wire.target for wire in site.design.wires if isinstance(wire, Call)}
    lines = {id: CallLine(site, cast("Service", site.part(id))) for id in called}

    async def answer(path: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        if path == "/":
            await lines[asked["service"]].joined(asked["replica"], asked["port"])
            return {"ok": True}
        return await lines[path[1:]].call(asked)

    server, _ = await serve(answer, site.place.front)
    await site.ready("front")
    await site.clock.until(0)
    while True:
        for id, line in lines.items():
            site.step("depth", id, len(line.waiting), sum(one.busy for one in line.backends.values()))
        await asyncio.sleep(0.25)
    server.close()
