"""Signs of a lesson in progress: the reports of each student's game about itself, one small file a student.

A game writes its sign into a shared folder, or posts it to the teacher's address. It is input from outside:
it is read within a budget, unknown keys are left out, and nothing in it is trusted to be more than a short
text, an id or a small number.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutor.disk import write_text
from tutor.errors import InputError, printable, why_refused

MAX_SIGN_BYTES = 20_000
"""A larger sign is not read: one of 27 levels has about 4,000."""
MAX_STUDENTS = 500
"""More students than this are not kept: a folder cannot be filled from outside."""
MAX_LEVELS = 100
"""Of one student, no more levels than this are read."""
MAX_NAME = 60
"""A longer name is cut."""
_ID = re.compile(r"[a-z0-9][a-z0-9/-]{0,120}")
_STUDENT = re.compile(r"[a-f0-9]{16}")


@dataclasses.dataclass(frozen=True, slots=True)
class LevelSign:
    """One student at one level."""

    passed: bool = False
    """Whether it is passed."""
    tries: int = 0
    """Runs made."""
    reason: str = ""
    """The id of the first reason of the latest run that failed; empty where none did."""
    prediction: int | None = None
    """The place of the choice that was predicted; -1 where it was skipped, None before it was asked."""


@dataclasses.dataclass(frozen=True, slots=True)
class Sign:
    """One student's progress, as the game reports it."""

    student: str
    """A number that stands for the student's copy of the game, 16 hexadecimal digits."""
    name: str
    """What the student is called."""
    at: str = ""
    """The level that is open; empty at the map."""
    levels: tuple[tuple[str, LevelSign], ...] = ()
    """Each level that was touched, by id."""

    def plain(self) -> dict[str, Any]:
        """Returns the sign as JSON data, which :func:`read_sign` reads."""
        return {
            "student": self.student,
            "name": self.name,
            "at": self.at,
            "levels": {level: dataclasses.asdict(sign) for level, sign in self.levels},
        }


def student_number(home: Path, name: str) -> str:
    """Returns a number for this copy of the game: the same as long as its folder and the name are the
    same.
    """
    return hashlib.sha256(f"{home.absolute()}\0{name}".encode("utf-8", "surrogateescape")).hexdigest()[:16]


def parse_sign(data: bytes) -> Sign:
    """Parses these bytes as a sign; raises :class:`ValueError` for anything else."""
    if len(data) > MAX_SIGN_BYTES:
        raise ValueError("too long")
    try:
        told = json.loads(data.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(told, Mapping):
        raise ValueError("not a table")
    student, name, levels = told.get("student"), told.get("name"), told.get("levels", {})
    if not (
        isinstance(student, str)
        and _STUDENT.fullmatch(student)
        and isinstance(name, str)
        and isinstance(levels, Mapping)
    ):
        raise ValueError("not a sign")
    shown = printable(name)[:MAX_NAME].strip() or student[:4]
    found = [
        (_id(level), _level(one))
        for level, one in list(levels.items())[:MAX_LEVELS]
        if isinstance(one, Mapping)
    ]
    return Sign(student, shown, _id(told.get("at", "")), tuple((level, one) for level, one in found if level))


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _level(told: Mapping[str, Any]) -> LevelSign:
    tries, prediction = told.get("tries"), told.get("prediction")
    return LevelSign(
        passed=told.get("passed") is True,
        tries=tries if isinstance(tries, int) and not isinstance(tries, bool) and 0 <= tries < 10**6 else 0,
        reason=_id(told.get("reason", "")),
        prediction=prediction
        if isinstance(prediction, int) and not isinstance(prediction, bool) and -1 <= prediction < 100
        else None,
    )


class Signs:
    """The signs of a class in a folder: one JSON file a student, so that a restart forgets nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"{why_refused(error)}", file=str(folder)) from None

    def keep(self, sign: Sign) -> bool:
        """Notes the latest sign of a student; returns False if the folder has as many students as it may."""
        path = self.folder / f"{sign.student}.json"
        if not path.exists() and len(list(self.folder.glob("*.json"))) >= MAX_STUDENTS:
            return False
        write_text(path, json.dumps(sign.plain(), ensure_ascii=False) + "\n")
        return True

    def all(self) -> list[Sign]:
        """Returns the latest sign of each student, by name; files that are not signs are skipped."""
        found = []
        for path in sorted(self.folder.glob("*.json"))[:MAX_STUDENTS]:
            try:
                with path.open("rb") as file:
                    found.append(parse_sign(file.read(MAX_SIGN_BYTES + 1)))
            except (OSError, ValueError):
                continue
        return sorted(found, key=lambda sign: (sign.name.casefold(), sign.student))


def reasons_of(signs: list[Sign], level: str) -> Counter[str]:
    """Counts the students by the first reason of their last failure."""
    return Counter(
        one.reason
        for sign in signs
        for name, one in sign.levels
        if name == level and one.reason and not one.passed
    )


def predictions_of(signs: list[Sign], level: str) -> Counter[int]:
    """Counts the students by the choice they predicted."""
    return Counter(
        one.prediction
        for sign in signs
        for name, one in sign.levels
        if name == level and one.prediction is not None
    )
