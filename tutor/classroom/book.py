"""The grade book: grades joined with the roster, one entry a student and level."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence

from tutor.classroom.grading import Grade
from tutor.classroom.roster import Student, find_student
from tutor.classroom.scheme import Scheme
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class BookEntry:
    """One student and one level."""

    name: str
    """The student's name; the name of the folder or file where the roster has none."""
    email: str
    """The student's e-mail; empty where the roster has none."""
    grade: Grade
    """The result."""
    points: int = 0
    """What it is worth by the teacher's scheme."""


def make_book(
    students: Sequence[Student],
    grades: Iterable[Grade],
    levels: Sequence[str] = (),
    scheme: Scheme | None = None,
) -> tuple[BookEntry, ...]:
    """Returns one entry for each student and level, in the order of the roster and of ``levels``.

    Of several designs for one level the best counts. A level of ``levels`` that a student did not hand in
    gives an entry ``missing``; a hand-in of somebody who is not on the roster comes last, under the name of
    its folder.
    """
    worth = scheme or Scheme()
    roster = tuple(students)
    mine: dict[str, list[Grade]] = {student.email: [] for student in roster}
    strangers: dict[str, list[Grade]] = {}
    for grade in grades:
        student = find_student(roster, grade.student)
        if student is None:
            strangers.setdefault(grade.student, []).append(grade)
        else:
            mine[student.email].append(grade)
    wanted = list(levels) or sorted(
        {grade.level for found in (*mine.values(), *strangers.values()) for grade in found if grade.level}
    )
    entries: list[BookEntry] = []
    for student in roster:
        found = _best(mine[student.email], wanted)
        entries.extend(BookEntry(student.name, student.email, grade, worth.points(grade)) for grade in found)
    for name, found in sorted(strangers.items()):
        shown = [_not_on_roster(grade) if roster else grade for grade in _best(found, ())]
        entries.extend(BookEntry(name, "", grade, worth.points(grade)) for grade in shown)
    return tuple(entries)


def totals(entries: Iterable[BookEntry]) -> dict[str, int]:
    """Returns each student's points over all levels, by e-mail address, or by name if there is none."""
    found: dict[str, int] = {}
    for entry in entries:
        student = entry.email or entry.name
        found[student] = found.get(student, 0) + entry.points
    return found


_ORDER = ("passed", "failed", "inconclusive", "stopped", "broken", "missing", "not asked for")


def _best(grades: list[Grade], wanted: Sequence[str]) -> list[Grade]:
    """Returns the best grade of each level, wanted levels first and missing ones filled in."""
    best: dict[str, Grade] = {}
    for grade in grades:
        held = best.get(grade.level)
        if held is None or _rank(grade) < _rank(held):
            best[grade.level] = grade
    listed = [
        best.pop(level) if level in best else Grade("", "", level, "missing", reason=say("class.missing"))
        for level in wanted
    ]
    return [*listed, *(best[level] for level in sorted(best))]


def _rank(grade: Grade) -> tuple[int, int, int, str]:
    return _ORDER.index(grade.status), -grade.goals_met, -sum(grade.stars), grade.file


def _not_on_roster(grade: Grade) -> Grade:
    note = say("class.not-on-roster")
    return dataclasses.replace(grade, reason=f"{grade.reason}; {note}" if grade.reason else note)
