"""The roster: who is in the class, and which hand-in is whose."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import unicodedata
from pathlib import Path

from tutor.errors import InputError, printable, why_refused
from tutor.words import say

MAX_ROSTER_BYTES = 4_000_000
"""A larger roster is refused."""


@dataclasses.dataclass(frozen=True, slots=True)
class Student:
    """One line of the roster."""

    name: str
    """As the roster writes it."""
    email: str
    """What identifies the student in grade books, as the roster writes it: Moodle tells capitals from small
    letters.
    """
    extra: tuple[tuple[str, str], ...] = ()
    """Other columns of the roster, as ``(column, value)``."""

    def slugs(self) -> set[str]:
        """The folder and file names by which a hand-in is recognized as this student's."""
        squeezed = {"".join(words) for words in (_slug(self.name).split("-"), _last_name_first(self.name))}
        return {
            *self.address_slugs(),
            _slug(self.name),
            *squeezed,
            *(_slug(value) for _, value in self.extra),
        } - {""}

    def address_slugs(self) -> set[str]:
        """The names that come from the e-mail address, which no two students share."""
        return {_slug(self.email), _slug(self.email.partition("@")[0])}


def load_roster(path: Path) -> tuple[Student, ...]:
    """Loads the students of a CSV file with the columns ``name`` and ``email`` and any others.

    Raises :class:`InputError` with file and line for anything missing, doubled or unreadable. A byte order
    mark and semicolons, as spreadsheets write them, are read too.
    """
    text = _read(path)
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as wrong:
        raise InputError(
            say("class.roster.csv", why=str(wrong)),
            file=str(path),
        ) from None
    if not rows:
        raise InputError(
            say("class.roster.empty"),
            file=str(path),
            line=1,
        )
    columns = _known_columns([column.strip().lower() for column in rows[0]])
    for needed in ("name", "email"):
        if needed not in columns:
            raise InputError(
                say("class.roster.column", column=needed, columns=columns),
                file=str(path),
                line=1,
                key=needed,
            )
    from_canvas = "sis login id" in [column.strip().lower() for column in rows[0]]
    students: list[Student] = []
    seen: dict[str, int] = {}
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row) or (from_canvas and _NOBODY.match(row[0])):
            continue
        student = _student(columns, row, path, line)
        address = student.email.casefold()
        if address in seen:
            raise InputError(
                say("class.roster.twice", email=student.email, line=seen[address]),
                file=str(path),
                line=line,
                key="email",
            )
        seen[address] = line
        students.append(student)
    return tuple(students)


_NAMES = ("name", "student", "full name")
_ADDRESSES = ("email", "email address", "e-mail", "e-mail address", "mail", "sis login id", "login id")
_NOBODY = re.compile(r"\s*(points possible|student, test)\s*$", re.IGNORECASE)
"""Rows of a gradebook that Canvas exports and that are not a student."""


def _known_columns(columns: list[str]) -> list[str]:
    """Returns the columns under the names ``name`` and ``email``, whatever Moodle and Canvas call them in
    their exports.

    Moodle's list of participants has "First name", "Last name" (older: "Surname") and "Email address";
    Canvas's gradebook has "Student" and "SIS Login ID".
    """
    found = list(columns)
    for wanted, known in (("name", _NAMES), ("email", _ADDRESSES)):
        if wanted not in found:
            place = next((found.index(column) for column in known if column in found), None)
            if place is not None:
                found[place] = wanted
    if "name" not in found and "first name" in found and ("last name" in found or "surname" in found):
        found.append("name")
    return found


def find_student(students: tuple[Student, ...], name: str) -> Student | None:
    """Finds the owner of a hand-in called ``name``, if exactly one student of the roster fits.

    The names under which Moodle (``Ada Lovelace_123_assignsubmission_file_``) and Canvas
    (``lovelaceada_123_456_design``) pack hand-ins are known too.
    """
    from_site = _SITE.match(name)
    for called in (name, from_site[1] if from_site else ""):
        slug = _slug(called)
        found = [student for student in students if slug and slug in student.slugs()]
        if len(found) > 1:
            found = [student for student in found if slug in student.address_slugs()]
        if len(found) == 1:
            return found[0]
    return None


_SITE = re.compile(r"(.+?)(?:_late)?_\d+_", re.IGNORECASE)


def _last_name_first(name: str) -> list[str]:
    """Returns the words of a name as Canvas sorts it: the last one, then the others."""
    words = _slug(name).split("-")
    return [words[-1], *words[:-1]]


def _student(columns: list[str], row: list[str], path: Path, line: int) -> Student:
    cells = dict(zip(columns, (printable(cell) for cell in row), strict=False))
    if "name" not in cells and "first name" in cells:
        cells["name"] = f"{cells['first name']} {cells.get('last name') or cells.get('surname', '')}".strip()
    if "," in cells.get("name", "") and "section" in cells:  # Canvas sorts by the last name: "Lovelace, Ada"
        last, _, first = cells["name"].partition(",")
        cells["name"] = f"{first.strip()} {last.strip()}"
    email = cells.get("email", "")
    if "@" not in email:
        raise InputError(say("class.roster.address", email=email), file=str(path), line=line, key="email")
    extra = tuple(
        (column, cells[column]) for column in columns if column not in ("name", "email") and cells.get(column)
    )
    return Student(cells.get("name", "") or email, email, extra)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_ROSTER_BYTES:
            raise InputError(say("class.roster.large", most=MAX_ROSTER_BYTES // 1_000_000), file=str(path))
        return path.read_bytes().decode("utf-8-sig")
    except OSError as wrong:
        raise InputError(say("class.roster.unreadable", why=why_refused(wrong)), file=str(path)) from None
    except UnicodeDecodeError:
        raise InputError(say("class.roster.utf8"), file=str(path)) from None


def _slug(text: str) -> str:
    """Returns letters and digits of any script in small form, joined by hyphens; the same however accents are
    put together.
    """
    return re.sub(
        r"[\W_]+", "-", unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    ).strip("-")
