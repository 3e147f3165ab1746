"""The student's side of a lesson: after each step the game leaves a sign in a shared folder, or posts it to
the teacher's address.

A sign never holds up the game. A folder is written at once; a post goes out from a thread of its own, the
latest sign replaces one that still waits, and a teacher who cannot be reached costs nothing but the sign.
"""

from __future__ import annotations

import contextlib
import json
import threading
import urllib.error
import urllib.request
from pathlib import Path

from tutor.classroom.signs import LevelSign, Sign, Signs, student_number
from tutor.errors import InputError
from tutor.progress import Progress

PATIENCE_S = 3.0
"""How long a post may take."""


class Beacon:
    """A beacon that reports one student's progress; call it after each step."""

    def __init__(self, progress: Progress, target: str, token: str, name: str) -> None:
        self._progress = progress
        self._target = target
        self._token = token
        self._name = name
        self._student = student_number(progress.home, name)
        self._latest: bytes | None = None
        self._wake = threading.Condition()
        if self._posts:
            threading.Thread(target=self._post_all, daemon=True, name="signs").start()

    @property
    def _posts(self) -> bool:
        return self._target.startswith(("http://", "https://"))

    def __call__(self) -> None:
        """Reports the present progress."""
        sign = self.sign()
        if self._posts:
            with self._wake:
                self._latest = json.dumps(sign.plain()).encode()
                self._wake.notify()
        else:
            with contextlib.suppress(InputError, OSError):
                Signs(Path(self._target)).keep(sign)

    def sign(self) -> Sign:
        """Returns the student's progress, as a sign."""
        progress = self._progress
        levels = []
        for level, standing in progress.standings().items():
            asked, choice = progress.prediction(level)
            failed = [one.diagnosis for one in progress.attempts(level) if one.diagnosis]
            prediction = (-1 if choice is None else choice) if asked else None
            levels.append(
                (
                    level,
                    LevelSign(standing.passed, standing.attempts, failed[-1] if failed else "", prediction),
                )
            )
        return Sign(self._student, self._name, progress.latest, tuple(levels))

    def _post_all(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._latest is not None)
                data, self._latest = self._latest, None
            headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
            request = urllib.request.Request(f"{self._target.rstrip('/')}/sign", data, headers, method="POST")  # noqa: S310
            with contextlib.suppress(urllib.error.URLError, OSError, ValueError):
                urllib.request.urlopen(request, timeout=PATIENCE_S).close()  # noqa: S310 - the pack's own address
