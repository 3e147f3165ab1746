"""The live lesson: it takes signs from sixty games, and refuses garbage and strangers."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.catalog import level_by_id
from tutor.classroom.beacon import Beacon
from tutor.classroom.lesson import LessonServer, render_lesson, render_lines
from tutor.classroom.signs import MAX_SIGN_BYTES, LevelSign, Sign, Signs, parse_sign
from tutor.model.level import Stars
from tutor.progress import open_progress

LEVEL = "night-job/flash-sale"
TOKEN = "a-token-of-the-pack"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LessonServer]:
    """A lesson server for one level on this computer."""
    found = LessonServer(("127.0.0.1", 0), Signs(tmp_path / "lesson"), TOKEN, {LEVEL: level_by_id(LEVEL)})
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield found
    found.shutdown()
    found.server_close()
    thread.join()


def ask(server: LessonServer, method: str, path: str, body: bytes = b"", token: str = "") -> tuple[int, str]:
    """The status and the text of a response."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=20)
    try:
        connection.request(method, path, body or None, {"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def student(number: int, **more: object) -> Sign:
    """A student of the class."""
    level = LevelSign(
        passed=number % 2 == 0, tries=number, reason="overload" if number % 2 else "", prediction=number % 4
    )
    return Sign(f"{number:016x}", f"Student {number}", LEVEL, ((LEVEL, level),))


def test_sixty_students_are_seen(server: LessonServer) -> None:
    """The page shows all sixty games, each with the latest of its five posts."""

    def play(number: int) -> list[int]:
        return [
            ask(server, "POST", "/sign", json.dumps(student(number).plain()).encode(), TOKEN)[0]
            for _ in range(5)
        ]

    with ThreadPoolExecutor(60) as class_:
        assert all(status == 204 for answers in class_.map(play, range(60)) for status in answers)
    status, page = ask(server, "GET", f"/?token={TOKEN}")
    assert status == 200
    assert all(f"Student {number}<" in page for number in range(60))
    assert "60 here now, 60 have tried it, 30 have passed." in page
    assert "one.reason" not in page


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """Signs are files: opening the folder again shows the same lesson."""
    before = Signs(tmp_path)
    for number in range(5):
        before.keep(student(number))
    assert Signs(tmp_path).all() == before.all()
    assert len(before.all()) == 5


@pytest.mark.parametrize(
    "path", ["/", "/lesson.json", "/?token=wrong", "/lesson.json?token=", "/../signs", "/sign"]
)
def test_strangers_get_nothing(server: LessonServer, path: str) -> None:
    """Without the token every address gives an empty 404, and no sign is accepted."""
    server.signs.keep(student(1))
    status, text = ask(server, "GET", path)
    assert (status, text) == (404, "")
    assert ask(server, "POST", "/sign", json.dumps(student(2).plain()).encode(), "wrong") == (404, "")
    assert ask(server, "POST", "/sign", json.dumps(student(2).plain()).encode())[0] == 404
    assert [sign.name for sign in server.signs.all()] == ["Student 1"]


def test_garbage_is_refused_and_the_lesson_goes_on(server: LessonServer) -> None:
    """A body that is too long, isn't JSON or isn't a sign is refused; a dropped connection affects nobody
    else.
    """
    for body in (b"x" * (MAX_SIGN_BYTES + 1), b"{", b"[]", b'{"student": "../../etc"}', b"[" * 15_000):
        assert ask(server, "POST", "/sign", body, TOKEN)[0] in (400, 413)
    with socket.create_connection(("127.0.0.1", server.server_address[1])) as broken:
        broken.sendall(b"POST /sign HTTP/1.1\r\nContent-Len")
    assert ask(server, "POST", "/sign", json.dumps(student(3).plain()).encode(), TOKEN)[0] == 204
    assert ask(server, "GET", f"/lesson.json?token={TOKEN}")[0] == 200


@given(
    st.binary(max_size=300)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_no_bytes_are_more_than_a_sign(data: bytes) -> None:
    """Any bytes parse as a sign or raise ValueError."""
    try:
        sign = parse_sign(data)
    except ValueError:
        return
    assert parse_sign(json.dumps(sign.plain()).encode()) == sign


def test_a_name_from_outside_is_text() -> None:
    """Markup and escape codes in a name are shown as plain text or removed."""
    sign = parse_sign(
        json.dumps(
            {"student": "0" * 16, "name": "<script>\x1b[31m", "levels": {LEVEL: {"reason": "<b>"}}}
        ).encode()
    )
    page = render_lesson([sign], {LEVEL: level_by_id(LEVEL)})
    assert "<script>" not in page.partition("<body>")[2]
    assert "\x1b" not in page
    assert render_lines([sign], {LEVEL: level_by_id(LEVEL)})[0] == "1 student is playing."


@pytest.mark.parametrize("posts", [False, True], ids=["folder", "address"])
def test_a_game_leaves_signs_after_each_step(server: LessonServer, tmp_path: Path, posts: bool) -> None:
    """The teacher's page shows a student's prediction and result, through a shared folder or an address."""
    target = f"http://127.0.0.1:{server.server_address[1]}" if posts else str(server.signs.folder)
    with open_progress(tmp_path / "home") as progress:
        progress.watcher = Beacon(progress, target, TOKEN, "Ada")
        progress.note_opened(LEVEL)
        progress.predict(LEVEL, 2)
        progress.note_run(LEVEL, False, Stars(0, 0, 0), "overload")
        until = time.monotonic() + 10
        while time.monotonic() < until:
            signs = server.signs.all()
            if signs and dict(signs[0].levels)[LEVEL].tries == 1:
                break
            time.sleep(0.05)
    (ada,) = server.signs.all()
    assert (ada.name, ada.at) == ("Ada", LEVEL)
    assert dict(ada.levels)[LEVEL] == LevelSign(False, 1, "overload", 2)


def test_a_teacher_who_cannot_be_reached_holds_nobody_up(tmp_path: Path) -> None:
    """A game responds at once even if the teacher's server can't be reached."""
    with open_progress(tmp_path) as progress:
        progress.watcher = Beacon(progress, "http://127.0.0.1:9", TOKEN, "Ada")
        started = time.monotonic()
        for _ in range(20):
            progress.note_opened(LEVEL)
        assert time.monotonic() - started < 5
