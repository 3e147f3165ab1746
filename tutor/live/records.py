"""The records that the processes of a live run write, and how they are read.

A process writes each step with one ``write(2)`` the moment it is done: a SIGKILL cannot take it back, and
nothing of it is lost in a buffer. A step is one line, a JSON list: microseconds since the start, one of the
words below, and what belongs to it.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors that say that nothing more can be written: the disk is full, or what one user or file may take."""

STEPS = {
    "ready": "role",
    "server": "broker, version",
    "asked": "client, source, number",
    "tried": "client, source, number",
    "answered": "client, source, number, ending",
    "sent": "wire, ok",
    "stored": "channel, source, number",
    "refused": "channel, source, number",
    "delivered": "channel, service, source, number, count",
    "acked": "channel, service, source, number",
    "returned": "channel, service, source, number, why",
    "dead": "channel, queue, source, number, why",
    "dropped": "channel, source, number, why",
    "began": "part",
    "ended": "part, ok, busy microseconds",
    "applied": "part, type, source, number, key, version",
    "superseded": "part, type, source, number",
    "offered": "type, source, number",
    "rolled-back": "database, source, number",
    "wrote": "database, source, number, key, version",
    "read": "database",
    "depth": "part, waiting, in hand",
    "held": "part, source, number",
    "down": "part, replica or None",
    "up": "part, replica or None",
    "trouble": "role, what",
    "over": "client, or nothing where it is the stage that says so",
}
"""Every word, with what follows it."""

Step = list[Any]


class Watch(Protocol):
    """A clock for the times of steps."""

    def now_us(self) -> int:
        """Returns the microseconds since the start of the run."""


class Records:
    """The file that one process writes; opened for appending, so that a successor of the same name continues
    it.
    """

    def __init__(self, folder: Path, name: str, clock: Watch) -> None:
        self._clock = clock
        self._file = os.open(folder / f"{name}.steps", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def step(self, word: str, *values: object) -> None:
        """Writes one step, now."""
        line = json.dumps([self._clock.now_us(), word, *values], separators=(",", ":")) + "\n"
        os.write(self._file, line.encode())


class Reader:
    """A reader of the records of all processes, from where it left off."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {}

    def steps(self) -> list[Step]:
        """Reads the new steps in order of time; an unfinished line is left for the next time."""
        found = [step for path in sorted(self._folder.glob("*.steps")) for step in self._lines(path)]
        found.sort(key=lambda step: step[0])
        return found

    def _lines(self, path: Path) -> Iterator[Step]:
        with path.open("rb") as file:
            file.seek(self._read.get(path, 0))
            data = file.read()
        end = data.rfind(b"\n") + 1
        self._read[path] = self._read.get(path, 0) + end
        for line in data[:end].splitlines():
            yield json.loads(line)
