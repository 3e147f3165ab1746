"""The marks of one submission for a platform: the levels of a pack, each with its points and comment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from tutor.classroom.assignment import Assignment, Shelf, load_seeds, make_task
from tutor.classroom.book import make_book
from tutor.classroom.grading import Grade, grade_design
from tutor.classroom.handins import HandIn, read_hand_in
from tutor.classroom.roster import Student
from tutor.words import say

DEEPEST = 4
"""How many folders below the submission a hand-in is looked for."""
MOST_FILES = 200
"""More files of a submission are not read."""


@dataclasses.dataclass(frozen=True, slots=True)
class LevelScore:
    """The points of one level."""

    level: str
    """The level's id."""
    title: str
    """What it is called."""
    points: int
    """The points it has."""
    possible: int
    """The most it can have."""
    passed: bool
    """Whether the design passes."""
    lines: tuple[str, ...]
    """What the student reads about it."""


def mark_submission(place: Path, assignment: Assignment, email: str = "") -> tuple[LevelScore, ...]:
    """Marks a submission, a file or a folder with hand-ins somewhere in it, in the order of the pack.

    A level that was not handed in has a mark of nothing. ``email`` is who handed it in, where the platform
    knows; else numbers of one's own follow from the address in the file.
    """
    shelf = Shelf(assignment.levels_root, assignment.levels)
    seeds = load_seeds(assignment.seeds) if assignment.seeds is not None else ()
    student = Student(email, email) if email else None
    grades: list[Grade] = []
    for hand_in in _hand_ins(place):
        grade = grade_design(make_task(hand_in, shelf, seeds, assignment, student))
        grades.append(dataclasses.replace(grade, student="one"))
    wanted = assignment.levels or shelf.ids
    book = {entry.grade.level: entry for entry in make_book((), grades, wanted, assignment.scheme)}
    strays = tuple(one for one in grades if one.status == "broken" and not one.level)
    marks = []
    for level_id in wanted:
        title, possible = shelf.level(level_id).title, assignment.scheme.possible
        entry = book.get(level_id)
        if entry is None:
            lines = [say("class.status.missing.word"), *(f"{one.file}: {one.reason}" for one in strays)]
            marks.append(LevelScore(level_id, title, 0, possible, False, tuple(lines)))
        else:
            lines = list(_lines(entry.grade, explained=not assignment.rules.exam))
            passed = entry.grade.status == "passed"
            marks.append(LevelScore(level_id, title, entry.points, possible, passed, tuple(lines)))
    return tuple(marks)


def _hand_ins(place: Path) -> Iterator[HandIn]:
    """Yields every design in a submission; folders and files that begin with a dot are skipped."""
    if not place.is_dir():
        yield from read_hand_in(place, "one", place.name)
        return
    found = 0
    for path in sorted(place.rglob("*.toml")):
        inside = path.relative_to(place)
        if len(inside.parts) > DEEPEST or any(part.startswith(".") for part in inside.parts):
            continue
        found += 1
        if found > MOST_FILES:
            return
        yield from read_hand_in(path, "one", inside.as_posix())


def _lines(grade: Grade, *, explained: bool) -> Iterator[str]:
    facts = [say(f"class.status.{grade.status.replace(' ', '-')}.word")]
    if grade.goals:
        facts.append(say("class.goals-met", met=grade.goals_met, count=grade.goals))
    if grade.late:
        facts.append(say("class.late"))
    yield "; ".join(facts)
    if grade.status == "passed":
        yield grade.stars_line()
    elif grade.missed:
        yield say("class.missed-goals")
        yield from (f"- {goal}" for goal in grade.missed)
    elif grade.reason:
        yield grade.reason
    if explained and grade.status == "failed":
        yield from grade.reason_lines()
    if grade.difference:
        yield say("class.claim", difference=grade.difference)
