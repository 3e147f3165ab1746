"""Tables of grades: on screen, as CSV, and in the forms that grade books take."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from tutor.classroom.book import BookEntry, totals
from tutor.classroom.grading import status_word
from tutor.errors import printable
from tutor.words import say

COLUMNS = (
    "email",
    "name",
    "level",
    "status",
    "points",
    "cost_stars",
    "speed_stars",
    "simplicity_stars",
    "goals_met",
    "goals",
    "diagnosis",
    "difference",
    "reason",
    "file",
    "late",
    "same_as",
    "total",
)
"""The columns of the CSV file: one row for each student and level."""


def safe_cell(value: object) -> str:
    """Returns a cell that a spreadsheet will not take for a formula and a terminal not for a command.

    Text that begins, after any spaces or quotes, with ``= + - @ | %``, also in their wide forms, gets an
    apostrophe in front (OWASP, "CSV Injection"); numbers stay as they are.
    """
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = printable(str(value))
    first = unicodedata.normalize("NFKC", text).lstrip(" \"'")[:1]
    return f"'{text}" if first in _FORMULA else text


_FORMULA = frozenset("=+-@|%\u2212")


def rows_of(entries: Sequence[BookEntry]) -> list[dict[str, object]]:
    """Returns the rows of the CSV file, each with its student's total."""
    total = totals(entries)
    return [row_of(entry) | {"total": total[entry.email or entry.name]} for entry in entries]


def row_of(entry: BookEntry) -> dict[str, object]:
    """Returns one row of the CSV file, without the total."""
    grade = entry.grade
    cost, speed, simplicity = grade.stars
    return {
        "email": entry.email,
        "name": entry.name,
        "level": grade.level,
        "status": grade.status,
        "points": entry.points,
        "cost_stars": cost,
        "speed_stars": speed,
        "simplicity_stars": simplicity,
        "goals_met": grade.goals_met,
        "goals": grade.goals,
        "diagnosis": grade.diagnosis,
        "difference": grade.difference,
        "reason": grade.reason,
        "file": grade.file,
        "late": "late" if grade.late else "",
        "same_as": " ".join(grade.same_as),
    }


def render_csv(entries: Sequence[BookEntry]) -> str:
    """Renders one row for each student and level."""
    return _csv(COLUMNS, ([row[column] for column in COLUMNS] for row in rows_of(entries)))


def render_gradebook(entries: Sequence[BookEntry], form: str, possible: int = 100) -> str:
    """Renders one row a student and one column of points a level, as ``canvas`` or ``moodle`` imports it.

    Canvas: the columns Student, ID, SIS User ID, SIS Login ID and Section come first, as in its own export,
    then one column an assignment, and the row after the head has the points possible (Canvas Instructor
    Guide, "How do I import grades in the Gradebook?"; checked against ``lib/gradebook_importer.rb`` of
    canvas-lms). Students are found by their login, here the e-mail address of the roster. Moodle: any
    columns, of which the teacher maps "Email address" to "Email address" and each level to a grade item or a
    new one (docs.moodle.org, "Grade import"); its addresses tell capitals from small letters, so they stay as
    the roster has them.
    """
    asked = [entry for entry in entries if entry.grade.status != "not asked for"]
    levels = list(dict.fromkeys(entry.grade.level for entry in asked if entry.grade.level))
    by_student: dict[str, dict[str, int]] = {}
    names: dict[str, str] = {}
    for entry in entries:
        if not entry.email or entry.grade.status == "not asked for":
            continue
        names[entry.email] = entry.name
        points = by_student.setdefault(entry.email, {})
        points[entry.grade.level] = max(points.get(entry.grade.level, 0), entry.points)
    rows: list[list[object]] = []
    if form == "canvas":
        rows.append(["    Points Possible", "", "", "", "", *(possible for _ in levels)])
    for email, points in by_student.items():
        found = [points.get(level, 0) for level in levels]
        rows.append([names[email], "", "", email, "", *found] if form == "canvas" else [email, *found])
    first = (
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
        if form == "canvas"
        else ("Email address",)
    )
    return _csv((*first, *levels), rows)


def render_text(entries: Sequence[BookEntry], *, width: int = 120) -> str:
    """Renders the table on screen: a line each, cut to ``width`` columns."""
    head = _head("student", "level", "result", "points", "stars", "why")
    rows = [head]
    total = totals(entries)
    last: BookEntry | None = None
    for entry in entries:
        grade = entry.grade
        stars = "/".join(map(str, grade.stars)) if grade.status == "passed" else ""
        first = next((one.title for one in grade.why if one.id == grade.diagnosis), grade.diagnosis)
        why = grade.difference or (first if grade.status == "failed" else "") or grade.reason
        result = status_word(grade.status)
        result = say("class.late-result", result=result) if grade.late else result
        same = say("class.same", names=list(grade.same_as)) if grade.same_as else ""
        why = "; ".join(part for part in (why, same) if part)
        if last is not None and (last.email, last.name) != (entry.email, entry.name):
            rows.append(_total(last, total))
        rows.append((entry.name or grade.student, grade.level, result, str(entry.points), stars, why))
        last = entry
    if last is not None:
        rows.append(_total(last, total))
    widths = [min(40, max(len(printable(row[column])) for row in rows)) for column in range(5)]
    lines = []
    for row in rows:
        cells = [printable(cell)[:size].ljust(size) for cell, size in zip(row, widths, strict=False)]
        lines.append(("  ".join([*cells, printable(row[5])]))[:width].rstrip())
    return "\n".join(lines) + "\n"


def _head(*names: str) -> tuple[str, ...]:
    return tuple(say(f"class.head.{name}") for name in names)


def _total(entry: BookEntry, total: Mapping[str, int]) -> tuple[str, str, str, str, str, str]:
    return (
        entry.name or entry.grade.student,
        say("class.total-row"),
        "",
        str(total[entry.email or entry.name]),
        "",
        "",
    )


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([safe_cell(cell) for cell in head])
    for row in rows:
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
