"""Calls between the processes of a live run: HTTP/1.1 with JSON bodies, on 127.0.0.1 alone.

A caller that gives up closes its connection and the callee continues with the work, as servers do.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

Asked = tuple[str, dict[str, Any]]
"""A request: its path and its body."""
Answer = Callable[[str, dict[str, Any]], Awaitable["dict[str, Any] | None"]]
"""``answer(path, body)``: the body of the response; None for an error of the server (503)."""


async def _read(reader: asyncio.StreamReader) -> tuple[str, dict[str, Any]] | None:
    """Reads the first line and the body of a message; returns None at the end of the connection."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *fields = head.decode("latin-1").split("\r\n")
    length = 0
    for field in fields:
        name, _, value = field.partition(":")
        if name.strip().lower() == "content-length":
            length = int(value)
    body = await reader.readexactly(length) if length else b"{}"
    found: dict[str, Any] = json.loads(body)
    return first, found


def _message(first: str, body: dict[str, Any]) -> bytes:
    data = json.dumps(body, separators=(",", ":")).encode()
    return f"{first}\r\nContent-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data


async def serve(answer: Answer, port: int = 0) -> tuple[asyncio.Server, int]:
    """Starts a server on 127.0.0.1 (a free port if ``port`` is 0); returns it and its port."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, asyncio.LimitOverrunError):
            while (asked := await _read(reader)) is not None:
                path = asked[0].split(" ")[1]
                # the work continues when the caller has gone
                body = await asyncio.shield(asyncio.ensure_future(answer(path, asked[1])))
                status = "200 OK" if body is not None else "503 Service Unavailable"
                writer.write(_message(f"HTTP/1.1 {status}", body or {"ok": False}))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", port, backlog=1024)
    return server, int(server.sockets[0].getsockname()[1])


class Caller:
    """A pool of connections to one server of 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Returns the answer; None if the server is down, dies with it, or says that it cannot."""
        try:
            connection = self._kept() or await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return None
        reader, writer = connection
        done = False
        try:
            writer.write(_message(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1", body))
            found = await _read(reader)
            done = True
        except (ConnectionError, asyncio.IncompleteReadError):
            return None
        finally:
            if done:
                self._free.append(connection)
            else:
                writer.close()
        return found[1] if found is not None and " 200 " in found[0] else None

    def _kept(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        """Returns a connection from before that the server has not closed since."""
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof() and reader.exception() is None:
                return reader, writer
            writer.close()
        return None
