"""The game in a terminal, offered to a class through textual-serve: behind a token, with a limit on the
number of games, each with a home of its own.

textual-serve alone lets in anyone who knows the port: it answers any page's script, has no login and no
limit, lists its folders, asks Google for a font, and starts each game through a shell with all of the
server's environment. None of that is left here. Needs the extra ``serve``.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import os
import re
import secrets
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from tutor.terminal import show
from tutor.web.build import sources
from tutor.words import say

SESSIONS = 30
"""How many play at once unless told otherwise: a game takes about 35 MB, and 0.07 of a core while it plays a
run back.
"""
TOKEN_COOKIE, LEARNER_COOKIE = "tutor_token", "tutor_learner"
HANDED_ON = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH")
"""What a game gets of the server's environment: the server's secrets are not for its visitors."""
DRIVER = "tutor.web.served:ServedDriver"
"""How a game is drawn and ended, as Textual names a driver."""

_LEARNER = re.compile(r"[0-9a-f]{32}", re.ASCII)
_YEAR_S = 365 * 24 * 3600

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ServedGame(AppService):
    """One learner's game: a process of its own with a home of its own, started without a shell."""

    def __init__(self, home: Path, **names: Any) -> None:
        super().__init__("tutor", **names)
        self.home = home

    async def _open_app_process(self, width: int = 80, height: int = 24) -> asyncio.subprocess.Process:
        built = self._build_environment(width=width, height=height)
        kept = {name: value for name, value in built.items() if name in HANDED_ON or name not in os.environ}
        textual = {
            name: value
            for name, value in built.items()
            if name.startswith(("TEXTUAL", "TERM_", "COLUMNS", "ROWS"))
        }
        self.home.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tutor"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**kept, **textual, "TEXTUAL_DRIVER": DRIVER, "TUTOR_HOME": str(self.home)},
            cwd=self.home,
        )
        self._stdin = self._process.stdin
        return self._process

    async def stop(self) -> None:
        """Ends the game; one that does not end by itself within five seconds is killed."""
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(super().stop(), 5)
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()


class ClassServer(Server):
    """A server that lets in everyone with the token, and no outside scripts."""

    def __init__(
        self,
        homes: Path,
        *,
        host: str,
        port: int,
        token: str = "",
        sessions: int = SESSIONS,
        public_url: str = "",
    ) -> None:
        super().__init__(
            "tutor", host=host, port=port, title="tutor", public_url=public_url.rstrip("/") or None
        )
        self.homes = homes
        """The folder with a home for each learner."""
        self.token = token or secrets.token_urlsafe(18)
        """What a visitor's address has to have, once."""
        self.most = sessions
        """How many games run at once."""
        self.playing = 0
        """How many do now."""

    @property
    def address(self) -> str:
        """The address to give to the class."""
        return f"{self.public_url}/?token={self.token}"

    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self.handle_index),
                web.get("/ws", self.open_game),
                web.get("/download/{key}", self.handle_download),
                web.static("/static", self.statics_path, show_index=False),
            ]
        )
        return app

    def announce(self, _usual: str) -> None:
        """Announces where the class finds the game, in place of aiohttp's own words."""
        show(say("web.serving", address=self.address, most=self.most))

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuses visitors without a token: they get no page, no font, no socket, and cannot even learn
        whether there is anything.
        """
        given = request.query.get("token") or request.cookies.get(TOKEN_COOKIE, "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            return web.Response(status=403, text=say("web.no-token"))
        answer = await handler(request)
        if not answer.prepared:
            answer.headers["Referrer-Policy"] = (
                "no-referrer"  # the token is in the address of the first visit
            )
            answer.headers["X-Frame-Options"] = "DENY"
            answer.headers["Cache-Control"] = "no-store"
        return answer

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """Sends the page; the token goes from the address into a cookie, where no screenshot shows it."""
        if "token" in request.query:
            answer: web.StreamResponse = web.Response(status=302, headers={"Location": "/"})
            self._set_cookie(answer, TOKEN_COOKIE, self.token)
        else:
            if self.playing >= self.most:
                return web.Response(status=503, text=say("web.full", most=self.most))
            scheme = "wss" if self.public_url.startswith("https:") else "ws"
            page = (sources() / "served.html").read_text("utf-8")
            page = page.replace("@WEBSOCKET@", f"{scheme}:{self.public_url.split(':', 1)[1]}/ws")
            answer = web.Response(text=page, content_type="text/html")
        if not _LEARNER.fullmatch(request.cookies.get(LEARNER_COOKIE, "")):
            self._set_cookie(answer, LEARNER_COOKIE, secrets.token_hex(16))
        return answer

    def _set_cookie(self, answer: web.StreamResponse, name: str, value: str) -> None:
        secure = self.public_url.startswith("https:")
        answer.set_cookie(
            name, value, max_age=_YEAR_S, httponly=True, samesite="Strict", secure=secure, path="/"
        )

    async def open_game(self, request: web.Request) -> web.StreamResponse:
        """Opens a game for a visitor who comes from this server's own page, as long as there is room."""
        learner = request.cookies.get(LEARNER_COOKIE, "")
        if request.headers.get("Origin", "") != _origin(self.public_url) or not _LEARNER.fullmatch(learner):
            return web.Response(status=403, text=say("web.no-token"))
        if self.playing >= self.most:
            return web.Response(status=503, text=say("web.full", most=self.most))
        self.playing += 1
        try:
            return await self._play(request, self.homes / learner)
        finally:
            self.playing -= 1

    async def _play(self, request: web.Request, home: Path) -> web.StreamResponse:
        socket = web.WebSocketResponse(heartbeat=15, max_msg_size=1_000_000)
        await socket.prepare(request)
        session = ServedGame(
            home,
            write_bytes=socket.send_bytes,
            write_str=socket.send_str,
            close=socket.close,
            download_manager=self.download_manager,
        )
        try:
            await session.start(_size(request, "width", 80), _size(request, "height", 24))
            await self._process_messages(socket, session)
        except (ConnectionResetError, AssertionError, LookupError, TypeError, ValueError, AttributeError):
            pass  # a visitor who sends nonsense, or who has gone, loses their own session and nobody else's
        finally:
            await session.stop()
            await socket.close()
        return socket


def _origin(address: str) -> str:
    """Returns the origin of an address, as a browser sends it."""
    parts = urlsplit(address)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != usual else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _size(request: web.Request, name: str, usual: int) -> int:
    """Returns a side of the terminal in cells, within the limits of a screen."""
    word = request.query.get(name, "")
    return min(500, max(20, int(word))) if word.isascii() and word.isdigit() and len(word) < 5 else usual


def serve(homes: Path, *, host: str, port: int, token: str, sessions: int, public_url: str) -> None:
    """Serves until it is interrupted."""
    server = ClassServer(homes, host=host, port=port, token=token, sessions=sessions, public_url=public_url)
    # aiohttp prints when it listens: a visitor who follows the address at once finds the server there
    web.run_app(server._make_app(), host=host, port=port, print=server.announce, access_log=None)
