"""The browser edition in Firefox, where it is installed: a level is played until it passes, and a reload
keeps it.

Firefox speaks WebDriver BiDi over a socket of its own, so no driver is needed: a command is one JSON message.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.web.conftest import FLUSHED, PATIENCE_S, SCREEN_TEXT
from tests.web.test_page import FIRST, title, wire_key

FIREFOX = shutil.which("firefox") or shutil.which("firefox-esr")
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"}
"""WebDriver's codes for named keys."""


class Fox:
    """A tab of Firefox, with the requests and complaints that it made."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._tab = ""
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer; record the events that arrive meanwhile."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            answer = json.loads((await self._socket.receive(PATIENCE_S)).data)
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                result: dict[str, Any] = answer["result"]
                return result
            what = answer.get("params", {})
            if answer.get("method") == "network.beforeRequestSent":
                self.requests.append(what["request"]["url"])
            elif answer.get("method") == "log.entryAdded" and what["level"] == "error":
                self.complaints.append(what["text"])

    async def open(self, address: str) -> None:
        """Open an address in the tab."""
        await self.send("session.new", capabilities={})
        await self.send("session.subscribe", events=["network.beforeRequestSent", "log.entryAdded"])
        self._tab = (await self.send("browsingContext.getTree"))["contexts"][0]["context"]
        await self.send(
            "browsingContext.setViewport", context=self._tab, viewport={"width": 1280, "height": 760}
        )
        await self.send("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    async def reload(self) -> None:
        """Reload the page."""
        await self.send("browsingContext.reload", context=self._tab, wait="complete")

    async def evaluate(self, code: str) -> Any:
        """The value of a script, as text, a number or None."""
        found = await self.send(
            "script.evaluate", expression=code, target={"context": self._tab}, awaitPromise=True
        )
        assert found["type"] == "success", found
        return found["result"].get("value")

    async def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            value = KEYS.get(key, key)
            actions = [{"type": kind, "value": value} for kind in ("keyDown", "keyUp")]
            source = {"type": "key", "id": "keyboard", "actions": actions}
            await self.send("input.performActions", context=self._tab, actions=[source])
            await asyncio.sleep(0.2)

    async def sees(self, *words: str) -> str:
        """Wait until all the words are on the terminal."""
        until = time.monotonic() + PATIENCE_S
        while True:
            text = str(await self.evaluate(f"({SCREEN_TEXT})()"))
            if all(word in text for word in words):
                return text
            assert time.monotonic() < until, f"{words} not seen; {self.complaints}\n{text}"
            await asyncio.sleep(0.1)


@pytest.fixture
async def fox(tmp_path: Path) -> AsyncIterator[Fox]:
    """A fresh headless Firefox."""
    if FIREFOX is None:
        pytest.skip("not on this machine: firefox")
    process = await asyncio.create_subprocess_exec(
        *(FIREFOX, "--headless", "--no-remote", "--profile", str(tmp_path), "--remote-debugging-port", "0"),
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert process.stderr is not None
    try:
        said = b""
        found: re.Match[bytes] | None = None
        async with asyncio.timeout(PATIENCE_S):
            while not found:
                line = await process.stderr.readline()
                if not line:
                    pytest.skip(f"Firefox ends at once here: {said[-300:].decode(errors='replace')}")
                said += line
                found = re.search(rb"WebDriver BiDi listening on (\S+)", line)
        drain = asyncio.ensure_future(process.stderr.read())
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(found.group(1).decode() + "/session", max_msg_size=0) as socket,
        ):
            yield Fox(socket)
        drain.cancel()
    finally:
        with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
            process.kill()
        await process.wait()


async def test_a_level_is_played_to_its_pass_in_firefox(fox: Fox, site: str) -> None:
    """Map, level, run, playback, verdict with why, wiring by key and a pass on five seeds work, and a reload
    keeps them. Nothing leaves the origin.
    """
    await fox.open(site)
    await fox.sees(title(FIRST))
    await fox.press("Enter")
    await fox.sees("▌   " + title(FIRST))
    await fox.press("r")
    early = await fox.sees("▶ 0:")
    await asyncio.sleep(1)
    assert await fox.sees("0:") != early, "events move"
    await fox.press("v")
    await fox.sees("✗", "5 seeds")
    await fox.press("y")
    await fox.sees("Kitchen", "▌")
    await fox.press("Escape", "Escape", "Escape", "Tab", "x", "w")
    await fox.press(wire_key(await fox.sees("esc cancel"), "Order rail"))
    await fox.sees("publish")
    await fox.press("r")
    await fox.sees("▶ 0:")
    await fox.press("v")
    await fox.sees("★★★", "5 seeds")
    await fox.evaluate(f"({FLUSHED})().then(() => 1)")
    await fox.reload()
    assert re.search(rf"✓ +1 +{re.escape(title(FIRST))}", await fox.sees(title(FIRST), "★★★"))
    assert [url for url in fox.requests if not url.startswith((site, "blob:", "data:", "about:"))] == []
    assert fox.complaints == []
