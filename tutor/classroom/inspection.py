"""The check of a single hand-in: its kind, its owner, and the result of each of its designs here and now."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tutor.catalog.reading import parse_toml
from tutor.catalog.toml_text import read_text
from tutor.classroom.assignment import Assignment, Shelf, make_task
from tutor.classroom.grading import Grade, grade_design, status_word
from tutor.classroom.handins import HandIn, read_hand_in
from tutor.errors import InputError
from tutor.words import say


def is_hand_in(path: Path) -> bool:
    """Returns whether a file is a hand-in, with designs in it, rather than one design; raises
    :class:`InputError` for one that can't be read.
    """
    text = read_text(path)
    try:
        return isinstance(parse_toml(text, str(path)).data.get("designs"), list)
    except InputError:
        return False


@dataclasses.dataclass(frozen=True, slots=True)
class Inspection:
    """The findings of one hand-in."""

    file: str
    """The file's path, as it was given."""
    hand_ins: tuple[HandIn, ...]
    """Its designs."""
    grades: tuple[Grade, ...]
    """What each of them earns, in the same order."""
    titles: tuple[str, ...]
    """What the level of each is called; its id where there is no such level."""
    explained: bool = True
    """Whether reasons are named; not so in an exam."""

    @property
    def exit_code(self) -> int:
        """The exit code: 0 if all designs pass, 1 if one does not, 2 if one cannot be used."""
        states = {grade.status for grade in self.grades}
        return 2 if "broken" in states else 0 if states <= {"passed", "not asked for"} else 1

    def lines(self) -> Iterator[str]:
        """Yields a description of the hand-in, then a paragraph for each design."""
        first = self.hand_ins[0]
        whose = " ".join(filter(None, (first.name, f"<{first.email}>" if first.email else "")))
        passed = sum(1 for grade in self.grades if grade.status == "passed")
        yield say("class.inspection.what", file=self.file, whose=whose, passed=passed, count=len(self.grades))
        for grade, title in zip(self.grades, self.titles, strict=True):
            yield ""
            word = status_word(grade.status)
            yield say("class.inspection.design", level=title, state=word)
            if grade.status == "passed":
                yield "  " + grade.stars_line()
            elif not grade.missed and grade.reason:
                yield f"  {grade.reason}"
            yield from (f"  - {goal}" for goal in grade.missed)
            if self.explained and grade.status == "failed":
                yield from (f"  {line}" for line in grade.reason_lines())
            if grade.difference:
                yield "  " + say("class.claim", difference=grade.difference)

    def plain(self) -> dict[str, Any]:
        """Returns the same as one JSON document."""
        rows = [
            {
                "level": grade.level,
                "status": grade.status,
                "stars": list(grade.stars),
                "missed": list(grade.missed),
                "diagnosis": grade.diagnosis if self.explained else "",
                "difference": grade.difference,
                "reason": grade.reason,
            }
            for grade in self.grades
        ]
        first = self.hand_ins[0]
        return {"file": self.file, "name": first.name, "email": first.email, "designs": rows}


def inspect_hand_in(path: Path, assignment: Assignment, seeds: tuple[int, ...] = ()) -> Inspection:
    """Checks every design of a hand-in; levels and rules are those of ``assignment``.

    Numbers of one's own follow from the address in the file.
    """
    hand_ins = tuple(read_hand_in(path, path.stem, path.name))
    shelf = Shelf(assignment.levels_root, assignment.levels)
    grades = tuple(grade_design(make_task(one, shelf, seeds, assignment, None)) for one in hand_ins)
    found = (shelf.find(one.level) for one in hand_ins)
    titles = tuple(
        level[0].title if level is not None else one.level or one.file
        for level, one in zip(found, hand_ins, strict=True)
    )
    return Inspection(str(path), hand_ins, grades, titles, not assignment.rules.exam)
