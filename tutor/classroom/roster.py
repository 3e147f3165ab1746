"""The roster: who is in the class, and which hand-in is whose."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from pathlib import Path

from tutor.errors import InputError

MAX_ROSTER_BYTES = 4_000_000
"""A larger roster is refused."""


@dataclasses.dataclass(frozen=True, slots=True)
class Student:
    """One line of the roster."""

    name: str
    """As the roster writes it."""
    email: str
    """What identifies the student in grade books; lower case."""
    extra: tuple[tuple[str, str], ...] = ()
    """Other columns of the roster, as ``(column, value)``."""

    def slugs(self) -> set[str]:
        """The folder and file names by which a hand-in is recognised as this student's."""
        local = self.email.partition("@")[0]
        return {_slug(self.email), _slug(local), _slug(self.name), *(_slug(value) for _, value in self.extra)} - {""}


def load_roster(path: Path) -> tuple[Student, ...]:
    """The students of a CSV file with the columns ``name`` and ``email`` and any others.

    Raises :class:`InputError` with file and line for what is missing, doubled or unreadable. A byte order mark and semicolons, as
    spreadsheets write them, are read too.
    """
    text = _read(path)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        raise InputError(f"this is not a CSV table ({wrong}): save it as CSV with the columns name and email", file=str(path)) from None
    if not rows:
        raise InputError("the roster is empty: its first line names the columns, name and email among them", file=str(path), line=1)
    columns = [column.strip().lower() for column in rows[0]]
    for needed in ("name", "email"):
        if needed not in columns:
            raise InputError(f'the roster has no column "{needed}"; it has {", ".join(columns)}', file=str(path), line=1, key=needed)
    students: list[Student] = []
    seen: dict[str, int] = {}
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        student = _student(columns, row, path, line)
        if student.email in seen:
            raise InputError(f"{student.email} stands in line {seen[student.email]} already", file=str(path), line=line, key="email")
        seen[student.email] = line
        students.append(student)
    return tuple(students)


def find_student(students: tuple[Student, ...], name: str) -> Student | None:
    """Whose a hand-in called ``name`` is, if exactly one student of the roster fits."""
    slug = _slug(name)
    found = [student for student in students if slug in student.slugs()]
    if len(found) != 1:
        exact = [student for student in found if slug in (_slug(student.email), _slug(student.email.partition("@")[0]))]
        return exact[0] if len(exact) == 1 else None
    return found[0]


def _student(columns: list[str], row: list[str], path: Path, line: int) -> Student:
    cells = dict(zip(columns, (_printable(cell) for cell in row), strict=False))
    email = cells.get("email", "").lower()
    if "@" not in email:
        raise InputError(f'"{email}" is not an e-mail address', file=str(path), line=line, key="email")
    extra = tuple((column, cells[column]) for column in columns if column not in ("name", "email") and cells.get(column))
    return Student(cells.get("name", "") or email, email, extra)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_ROSTER_BYTES:
            raise InputError(f"the roster is larger than {MAX_ROSTER_BYTES // 1_000_000} MB", file=str(path))
        return path.read_bytes().decode("utf-8-sig")
    except OSError as wrong:
        raise InputError(f"the roster cannot be read: {wrong.strerror}", file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError("the roster is not UTF-8 text: save it as CSV in UTF-8", file=str(path)) from None


def _printable(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
