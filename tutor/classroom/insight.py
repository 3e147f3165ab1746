"""A class's understanding: who solved what, the most frequent first diagnosis of each level, and how the
designs compare.
"""

from __future__ import annotations

import dataclasses
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tutor.classroom.book import BookEntry
from tutor.classroom.grading import Grade
from tutor.classroom.tables import safe_cell
from tutor.errors import printable
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class LevelInsight:
    """One level across the class."""

    level: str
    """The level's id."""
    handed_in: int
    """Students with at least one design."""
    passed: int
    """Students with a design that passes."""
    diagnosis: str
    """The most frequent first diagnosis among designs that do not pass; empty where there is none."""
    diagnosed: int
    """How many of them have it."""
    example: Grade | None
    """A design that has it: the one nearest to passing."""
    points: tuple[Grade, ...]
    """The passing grades, for the comparison of cost, speed and simplicity."""
    reasons: tuple[tuple[str, str, int], ...] = ()
    """Every first diagnosis with its title and how many designs have it, the most frequent first."""
    failed: int = 0
    """Designs that miss a goal."""
    tries: float | None = None
    """The median of the runs that students say they made; None where nobody says."""
    minutes: float | None = None
    """The same of the minutes they spent."""

    def front(self) -> tuple[Grade, ...]:
        """The Pareto front: designs that no other beats in cost and speed at once."""
        return tuple(grade for grade in self.points if not any(_beats(other, grade) for other in self.points))

    def plain(self) -> dict[str, Any]:
        """Returns the level as plain data, without names: each point is cost per hour, the level's measure of
        speed, and changes.
        """
        return {
            "level": self.level,
            "handed_in": self.handed_in,
            "passed": self.passed,
            "diagnosis": self.diagnosis,
            "diagnosed": self.diagnosed,
            "points": [[grade.cost_per_hour, grade.speed, grade.changes] for grade in self.points],
            "front": [[grade.cost_per_hour, grade.speed, grade.changes] for grade in self.front()],
        }


def gather(entries: Iterable[BookEntry], all_grades: Iterable[Grade]) -> tuple[LevelInsight, ...]:
    """Gathers the facts about each level; ``all_grades`` holds every design, also the tries that are not a
    student's best.
    """
    by_level: dict[str, list[BookEntry]] = {}
    for entry in entries:
        if entry.grade.level:
            by_level.setdefault(entry.grade.level, []).append(entry)
    failed: dict[str, list[Grade]] = {}
    for grade in all_grades:
        if grade.status == "failed" and grade.diagnosis:
            failed.setdefault(grade.level, []).append(grade)
    return tuple(_insight(level, found, failed.get(level, [])) for level, found in by_level.items())


def _insight(level: str, entries: Sequence[BookEntry], failed: Sequence[Grade]) -> LevelInsight:
    counts = Counter(grade.diagnosis for grade in failed)
    diagnosis, diagnosed = _ordered(counts)[0] if counts else ("", 0)
    alike = [grade for grade in failed if grade.diagnosis == diagnosis]
    passed = tuple(entry.grade for entry in entries if entry.grade.status == "passed")
    return LevelInsight(
        level,
        sum(1 for entry in entries if entry.grade.status != "missing"),
        len(passed),
        diagnosis,
        diagnosed,
        max(alike, key=lambda grade: (grade.goals_met, grade.file), default=None),
        passed,
        tuple((cause, _title(cause, failed), count) for cause, count in _ordered(counts)),
        len(failed),
        _median(entries, "tries"),
        None if (seconds := _median(entries, "seconds")) is None else seconds / 60,
    )


def _ordered(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _title(cause: str, grades: Sequence[Grade]) -> str:
    """Returns the title of a cause, as students read it."""
    found = (one.why[0].title for one in grades if one.diagnosis == cause and one.why)
    return next(found, cause)


def _median(entries: Sequence[BookEntry], name: str) -> float | None:
    told = [dict(entry.grade.told)[name] for entry in entries if name in dict(entry.grade.told)]
    return float(statistics.median(told)) if told else None


def _beats(one: Grade, other: Grade) -> bool:
    if one.cost_per_hour is None or one.speed is None or other.cost_per_hour is None or other.speed is None:
        return False
    no_worse = one.cost_per_hour <= other.cost_per_hour and one.speed <= other.speed
    return no_worse and (one.cost_per_hour < other.cost_per_hour or one.speed < other.speed)


STUDENT_COLUMNS = ("student", "level", "result", "stars", "tries", "minutes", "hints", "first diagnosis")
"""Who solved what; tries, minutes and hints are what the student's own game told."""


def student_rows(entries: Iterable[BookEntry], *, anonymous: bool) -> list[tuple[object, ...]]:
    """Returns one row for each student and level."""
    names: dict[str, str] = {}
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        grade = entry.grade
        identity = entry.email or entry.name
        shown = (
            names.setdefault(identity, say("class.student-number", number=len(names) + 1))
            if anonymous
            else entry.name
        )
        told = dict(grade.told)
        minutes = round(told["seconds"] / 60, 1) if "seconds" in told else ""
        stars = "/".join(map(str, grade.stars)) if grade.status == "passed" else ""
        diagnosis = grade.diagnosis if grade.status == "failed" else ""
        rows.append(
            (
                shown,
                grade.level,
                grade.status,
                stars,
                told.get("tries", ""),
                minutes,
                told.get("hints", ""),
                diagnosis,
            )
        )
    return rows


def plain_rows(entries: Iterable[BookEntry], *, anonymous: bool) -> list[dict[str, object]]:
    """Returns the rows as plain data."""
    return [
        dict(zip(STUDENT_COLUMNS, row, strict=True)) for row in student_rows(entries, anonymous=anonymous)
    ]


def render_text(insights: Sequence[LevelInsight]) -> str:
    """Renders the class on one screen: a line a level."""
    level, handed, passed = (say(f"class.head.{name}") for name in ("level", "handed-in", "passed"))
    lines = [f"{level:34} {handed:>9} {passed:>7}  {say('class.head.often')}"]
    for one in insights:
        often = next((f"{title} ({count})" for _, title, count in one.reasons), "-")
        lines.append(f"{printable(one.level)[:34]:34} {one.handed_in:>9} {one.passed:>7}  {printable(often)}")
    return "\n".join(lines) + "\n"


def render_csv(entries: Iterable[BookEntry], *, anonymous: bool) -> str:
    """Renders who solved what as CSV, safe for spreadsheets."""
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(STUDENT_COLUMNS)
    for row in student_rows(entries, anonymous=anonymous):
        writer.writerow([safe_cell(cell) for cell in row])
    return out.getvalue()
