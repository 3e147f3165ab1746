"""``tutor serve``: strangers get nothing, and each learner gets a game with a home of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tutor.web.serve import LEARNER_COOKIE, TOKEN_COOKIE, ClassServer

TOKEN = "a-token-for-the-class"
LEARNER = "0123456789abcdef" * 2


@pytest.fixture
async def server(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[ClassServer]:
    """A server with room for two learners."""
    made = ClassServer(tmp_path / "homes", host="127.0.0.1", port=unused_tcp_port, token=TOKEN, sessions=2)
    runner = web.AppRunner(await made._make_app())
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    yield made
    await runner.cleanup()


def cookies(learner: str = LEARNER) -> dict[str, str]:
    """The cookies that a learner's page has."""
    return {TOKEN_COOKIE: TOKEN, LEARNER_COOKIE: learner}


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/ws",
        "/static/js/textual.js",
        "/static/",
        "/download/x",
        "/?token=",
        "/?token=a-token-for-the-clas",
    ],
)
async def test_a_stranger_gets_nothing(server: ClassServer, path: str) -> None:
    """Without the token every address gives the same answer, and nothing of the game."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(server.public_url + path, allow_redirects=False) as answer,
    ):
        assert answer.status == 403
        assert await answer.text() == "Nothing here. Ask your teacher for the whole address."
        assert answer.cookies == {}


async def test_the_token_goes_from_the_address_into_a_cookie(server: ClassServer) -> None:
    """The first visit has the token in its address, and later ones have it in a cookie that scripts can't
    read.
    """
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        async with session.get(server.address, allow_redirects=False) as answer:
            assert answer.status == 302
            assert answer.headers["Location"] == "/"
            assert answer.cookies[TOKEN_COOKIE]["httponly"]
            assert answer.cookies[TOKEN_COOKIE]["samesite"] == "Strict"
        async with session.get(server.public_url + "/") as answer:
            page = await answer.text()
            assert answer.status == 200
            assert "/ws" in page
            assert "https://" not in page, "nothing is asked of other servers"
        async with session.get(server.public_url + "/static/") as answer:
            assert answer.status == 403, "folders are not listed"


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_a_script_of_another_page_gets_no_game(server: ClassServer, origin: str) -> None:
    """A request from another page's script is refused by its origin, although the browser sends the cookies
    along.
    """
    async with aiohttp.ClientSession(cookies=cookies()) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(server.public_url + "/ws", origin=origin or None)
        assert refused.value.status == 403
    assert server.playing == 0


async def test_a_learner_id_that_is_none_gets_no_game(server: ClassServer) -> None:
    """The learner id becomes a folder's name, so an id that the server didn't issue is refused."""
    async with aiohttp.ClientSession(cookies=cookies("../../elsewhere")) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(server.public_url + "/ws", origin=server.public_url)


async def play(
    server: ClassServer, learner: str
) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    """A game on a server, once it has drawn its map."""
    return await open_game(server.public_url, learner)


async def open_game(
    address: str, learner: str
) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    """A game at an address, once it has drawn its map."""
    session = aiohttp.ClientSession(cookies=cookies(learner))
    socket = await session.ws_connect(address + "/ws?width=100&height=30", origin=address)
    drawn = b""
    async with asyncio.timeout(60):
        while b"First light" not in drawn:
            message = await socket.receive()
            assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT), message
            drawn += message.data if isinstance(message.data, bytes) else b""
    return session, socket


@pytest.mark.slow
async def test_each_learner_plays_in_a_home_of_their_own_and_no_more_than_there_is_room_for(
    server: ClassServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two learners play in folders of their own, without the server's secrets; a third must wait until one
    leaves.
    """
    monkeypatch.setenv("SERVER_SECRET", "do not tell")
    one = await play(server, "1" * 32)
    two = await play(server, "2" * 32)
    assert server.playing == 2
    async with aiohttp.ClientSession(cookies=cookies("3" * 32)) as third:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await third.ws_connect(server.public_url + "/ws", origin=server.public_url)
        assert refused.value.status == 503
    await one[1].send_str(json.dumps(["stdin", "\r"]))  # opens the first level: the store is written
    await two[1].send_str(json.dumps(["what", {"is": "this"}]))  # nonsense ends nothing
    async with asyncio.timeout(60):
        while not (server.homes / ("1" * 32) / "progress.sqlite").exists():
            await asyncio.sleep(0.1)
    children = [environment for pid in _children(os.getpid()) if (environment := _environment(pid))]
    assert len([one for one in children if b"TUTOR_HOME=" in one]) == 2
    assert all(b"SERVER_SECRET" not in one for one in children if b"TUTOR_HOME=" in one)
    for session, socket in (one, two):
        await socket.close()
        await session.close()
    async with asyncio.timeout(30):
        while server.playing:
            await asyncio.sleep(0.1)
    assert {path.name for path in server.homes.iterdir()} == {"1" * 32, "2" * 32}


async def test_the_games_end_with_their_server_however_that_ends(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    """A server that is killed leaves no game process behind."""
    arguments = (
        "serve",
        "--port",
        str(unused_tcp_port),
        "--token",
        TOKEN,
        "--homes",
        str(tmp_path / "homes"),
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tutor", *arguments),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TUTOR_HOME": str(tmp_path)},
    )
    try:
        assert process.stdout is not None
        assert f"token={TOKEN}".encode() in await asyncio.wait_for(process.stdout.readline(), 60)
        session, socket = await open_game(f"http://127.0.0.1:{unused_tcp_port}", LEARNER)
        until = time.monotonic() + 60
        with contextlib.suppress(TimeoutError):
            while True:  # a game at rest writes nothing, and so can't notice that nobody reads
                await socket.receive(1.5)
                assert not socket.closed, "the game ended by itself"
                assert time.monotonic() < until, "the game never rests"
        games = _children(process.pid)
        assert len(games) == 1
    finally:
        process.kill()
        await process.wait()
    await socket.close()
    await session.close()
    async with asyncio.timeout(20):
        while any(_alive(game) for game in games):
            await asyncio.sleep(0.05)


def _alive(pid: int) -> bool:
    """Whether a process exists and isn't a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _children(parent: int) -> list[int]:
    """The child processes of a process."""
    tasks = Path(f"/proc/{parent}/task")
    return (
        [int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split()]
        if tasks.is_dir()
        else []
    )


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
