"""The lesson on the teacher's screen: who is at which level, the most frequent first reasons, the
predictions. A page, and lines for a terminal.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from tutor.classroom import html
from tutor.classroom.signs import MAX_SIGN_BYTES, Sign, Signs, parse_sign, predictions_of, reasons_of
from tutor.judge.diagnosis import CAUSES
from tutor.model.level import Level
from tutor.words import say

REFRESH_S = 3
"""How often the page looks again."""
PATIENCE_S = 10.0
"""How long a connection may keep silent."""


def render_lesson(signs: Sequence[Sign], levels: Mapping[str, Level]) -> str:
    """Renders the lesson as one page for a projector; it reloads by itself."""
    shown = list(signs)
    body = [f'<meta http-equiv="refresh" content="{REFRESH_S}">', "<div class=cards>"]
    body += [_card(level_id, level, shown) for level_id, level in levels.items()]
    body.append("</div>")
    for level_id, level in levels.items():
        predicted = _predictions(level, predictions_of(shown, level_id))
        reasons = reasons_of(shown, level_id)
        if not (predicted or reasons):
            continue
        parts = list(predicted)
        if reasons:
            rows = [(_cause(reason), count) for reason, count in reasons.most_common()]
            parts.append(f"<h3>{html.text(say('class.lesson.reasons'))}</h3>{html.bars(rows)}")
        columns = "".join(f"<div>{part}</div>" for part in parts)
        body.append(f"<h2>{html.text(level.title)}</h2><div class=two>{columns}</div>")
    body.append(f"<h2>{html.text(say('class.who'))}</h2>")
    body.append(_table(shown, levels))
    lead = say("class.lesson.count", count=len(signs))
    return html.page(say("class.lesson.title"), body, lead=lead, kind="projector")


def _card(level_id: str, level: Level, signs: Sequence[Sign]) -> str:
    """Renders a level at a glance: how many passed it, have tried it, and are at it now."""
    touched = [one for sign in signs for name, one in sign.levels if name == level_id]
    passed = sum(1 for one in touched if one.passed)
    there = sum(1 for sign in signs if sign.at == level_id)
    everybody = max(1, len(signs))
    shares = (("passed", passed), ("failed", len(touched) - passed))
    stack = "".join(f'<i class="{kind}" style="width:{100 * n / everybody:.1f}%"></i>' for kind, n in shares)
    numbers = say("class.lesson.level", here=there, tried=len(touched), passed=passed)
    of = say("class.card.passed", count=len(signs))
    return (
        f"<div class=card><b>{html.text(level.title)}</b><span class=big>{passed} <small>{html.text(of)}"
        f"</small></span><span class=stack>{stack}</span><span class=dim>{html.text(numbers)}</span></div>"
    )


def render_lines(signs: Sequence[Sign], levels: Mapping[str, Level]) -> list[str]:
    """Renders the lesson in lines: each level with its numbers and the most frequent first reason."""
    lines = [say("class.lesson.count", count=len(signs))]
    for level_id, level in levels.items():
        touched = [one for sign in signs for name, one in sign.levels if name == level_id]
        passed = sum(1 for one in touched if one.passed)
        there = sum(1 for sign in signs if sign.at == level_id)
        numbers = say("class.lesson.level", here=there, tried=len(touched), passed=passed)
        often = reasons_of(list(signs), level_id).most_common(1)
        reason = (
            f" {say('class.lesson.often', title=_cause(often[0][0]), count=often[0][1])}" if often else ""
        )
        lines.append(f"{level.title}: {numbers}{reason}")
    return lines


def _cause(reason: str) -> str:
    return next((cause.title for cause in CAUSES if cause.id == reason), reason)


def _predictions(level: Level, chosen: Mapping[int, int]) -> list[str]:
    if level.prediction is None or not chosen:
        return []
    rows = [(label, chosen.get(place, 0)) for place, label in enumerate(level.prediction.labels)]
    return [f"<h3>{html.text(level.prediction.text)}</h3>{html.bars(rows)}"]


def _table(signs: Sequence[Sign], levels: Mapping[str, Level]) -> str:
    head = [say("class.name"), say("class.lesson.at"), *(level.title for level in levels.values())]
    rows = []
    for sign in signs:
        known = dict(sign.levels)
        at = levels[sign.at].title if sign.at in levels else ""
        marks = []
        for level_id in levels:
            one = known.get(level_id)
            marks.append(
                "" if one is None else "●" if one.passed else say("class.lesson.tries", count=one.tries)
            )
        rows.append([sign.name, at, *marks])
    return f"<div class=wide>{html.table(head, rows)}</div>"


class LessonServer(ThreadingHTTPServer):
    """A server that takes signs and shows the lesson, to anyone with the token; everybody else gets nothing.

    It has nothing that could be changed but a student's latest sign, and that only with the token.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], signs: Signs, token: str, levels: Mapping[str, Level]
    ) -> None:
        super().__init__(address, LessonHandler)
        self.signs = signs
        self.token = token
        self.levels = levels

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignores connections that break off."""


class LessonHandler(BaseHTTPRequestHandler):
    """One request."""

    server: LessonServer
    timeout = PATIENCE_S
    server_version = "tutor"
    sys_version = ""

    def do_GET(self) -> None:
        """Sends the page, or its numbers as JSON."""
        place = urlsplit(self.path)
        given = parse_qs(place.query).get("token", [""])[0]
        if not self._may(given) or place.path not in ("/", "/lesson.json"):
            self._answer(HTTPStatus.NOT_FOUND)
            return
        signs = self.server.signs.all()
        if place.path == "/":
            self._answer(HTTPStatus.OK, render_lesson(signs, self.server.levels), "text/html; charset=utf-8")
        else:
            self._answer(HTTPStatus.OK, json.dumps([sign.plain() for sign in signs]), "application/json")

    def do_POST(self) -> None:
        """Takes a sign."""
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        length = self.headers.get("Content-Length", "")
        if scheme != "Bearer" or not self._may(given) or self.path != "/sign":
            self._answer(HTTPStatus.NOT_FOUND)
        elif not length.isascii() or not length.isdigit() or int(length) > MAX_SIGN_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            try:
                kept = self.server.signs.keep(parse_sign(self.rfile.read(int(length))))
            except ValueError:
                self._answer(HTTPStatus.BAD_REQUEST)
            else:
                self._answer(HTTPStatus.NO_CONTENT if kept else HTTPStatus.INSUFFICIENT_STORAGE)

    def _may(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.server.token.encode())

    def _answer(self, status: HTTPStatus, text: str = "", kind: str = "text/plain") -> None:
        data = text.encode()
        self.send_response_only(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing: the terminal shows the lesson."""
