"""Scoring in a second worker of the page: both ends of a message port."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

from tutor.scoring.remote import answers

REST_S = 0.0
"""How long the other worker looks for the next request between two slices."""


class PortLine:
    """A line to the other worker; it is closed until the page has connected it."""

    def __init__(self) -> None:
        self._port: Any = None
        self._come: list[bytes] = []

    def connect(self, port: Any) -> None:
        """Connects the other worker, which is ready at the other end of this port."""
        from pyodide.ffi import create_proxy

        self._port = port
        port.onmessage = create_proxy(lambda event: self._come.append(event.data.to_bytes()))

    def prepare(self) -> None:
        """Prepares nothing: the page has started the worker, or does without."""

    @property
    def open(self) -> bool:
        """True if the worker is connected."""
        return self._port is not None

    def close(self) -> None:
        """Notes that the worker is gone."""
        self._port = None

    def send(self, request: bytes) -> bool:
        """Sends a request; returns False if there is no worker."""
        if self._port is None:
            return False
        from pyodide.ffi import to_js

        self._port.postMessage(to_js(request))
        return True

    def received(self) -> Iterator[bytes]:
        """Yields the answers that have come."""
        come, self._come = self._come, []
        yield from come


def serve(port: Any) -> None:
    """Serves as the other worker: one trial at a time; a new one takes the place of the one before."""
    from pyodide.ffi import create_proxy, to_js

    latest: list[asyncio.Task[None]] = []

    async def work(request: bytes) -> None:
        for _ in answers(request, lambda answer: port.postMessage(to_js(answer))):
            await asyncio.sleep(REST_S)

    def asked(event: Any) -> None:
        for task in latest:
            task.cancel()
        latest[:] = [asyncio.ensure_future(work(event.data.to_bytes()))]

    port.onmessage = create_proxy(asked)
