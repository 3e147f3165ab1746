"""The teacher's desk: grading a folder of hand-ins from beginning to end, for ``tutor grade`` and ``tutor class report``."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from tutor.catalog import find_levels_root, load_course, load_level
from tutor.catalog.toml_text import read_text
from tutor.classroom.book import Entry, make_book
from tutor.classroom.grading import Grade, Limits, Task
from tutor.classroom.handins import HandIn, find_hand_ins
from tutor.classroom.journal import Journal
from tutor.classroom.roster import Student, load_roster
from tutor.classroom.work import OnProgress, grade_all
from tutor.errors import InputError
from tutor.model.level import Level
from tutor.model.setting import suggest

MAX_SEEDS = 1000
"""More seeds are refused."""


@dataclasses.dataclass(frozen=True, slots=True)
class Grading:
    """What a grading found."""

    entries: tuple[Entry, ...]
    """One entry a student and level, in the order of the roster."""
    grades: tuple[Grade, ...]
    """Every design, also those that are not a student's best."""
    texts: Mapping[str, str]
    """The text of each design by the file of its grade."""


@dataclasses.dataclass(frozen=True, slots=True)
class Assignment:
    """What is graded, and how."""

    hand_ins: Path
    """The folder with a folder or file for each student."""
    roster: Path | None = None
    """The CSV file with ``name`` and ``email``; without one, every hand-in stands under its own name."""
    levels_root: Path | None = None
    """The teacher's levels; the course's own where None."""
    levels: tuple[str, ...] = ()
    """Only these levels; every level of the course where it is empty."""
    seeds: Path | None = None
    """A file with hidden seeds; the levels' own five where None."""
    limits: Limits = dataclasses.field(default_factory=Limits)
    """What each hand-in may use."""


def grade_folder(assignment: Assignment, journal: Path, make_executor: Callable[[], Executor], on_progress: OnProgress) -> Grading:
    """Grades everything in a folder; the same result whichever executor does the work, and after however many interruptions."""
    students: tuple[Student, ...] = load_roster(assignment.roster) if assignment.roster else ()
    seeds = load_seeds(assignment.seeds) if assignment.seeds else ()
    hand_ins = find_hand_ins(assignment.hand_ins)
    if not hand_ins and not students:
        raise InputError("nothing was handed in: there is no <student>.toml and no <student>/*.toml in it", file=str(assignment.hand_ins))
    shelf = Shelf(assignment.levels_root, assignment.levels)
    tasks = [_task(hand_in, shelf, seeds, assignment.limits) for hand_in in hand_ins]
    with Journal(journal) as kept:
        grades = grade_all(tasks, kept, make_executor, on_progress)
    wanted = assignment.levels or tuple(level for level in shelf.ids if any(grade.level == level for grade in grades))
    texts = {hand_in.file: hand_in.text for hand_in in hand_ins}
    return Grading(make_book(students, grades, wanted), tuple(grades), texts)


class Shelf:
    """The teacher's levels, each loaded and fingerprinted once."""

    def __init__(self, root: Path | None, only: Sequence[str]) -> None:
        self.root = root or find_levels_root()
        every = [level for chapter in load_course(self.root).chapters for level in chapter.levels]
        for level in only:
            if level not in every:
                raise InputError(f'there is no level "{level}" in {self.root}; {suggest(level, every)}', key="--level")
        self.ids: tuple[str, ...] = tuple(only) or tuple(every)
        self._loaded: dict[str, tuple[Level, str]] = {}

    def find(self, level_id: str) -> tuple[Level, str] | None:
        """A level and the fingerprint of its files; None where it is not graded."""
        if level_id not in self.ids:
            return None
        if level_id not in self._loaded:
            folder = self.root / level_id
            self._loaded[level_id] = (load_level(folder), _fingerprint(folder))
        return self._loaded[level_id]


def load_seeds(path: Path) -> tuple[int, ...]:
    """Whole numbers from a file, separated by anything but digits; raises :class:`InputError` where there are none."""
    text = read_text(path)
    lines = [line.partition("#")[0] for line in text.splitlines()]
    seeds = tuple(int(number) for number in re.findall(r"\d{1,18}", "\n".join(lines)))
    if not seeds:
        raise InputError("there are no seeds in it: give whole numbers, one a line", file=str(path))
    if len(seeds) > MAX_SEEDS:
        raise InputError(f"more than {MAX_SEEDS} seeds", file=str(path))
    return tuple(dict.fromkeys(seeds))


def default_journal(home: Path, assignment: Assignment) -> Path:
    """Where the journal of this folder is kept unless it is told otherwise."""
    name = hashlib.sha256(str(assignment.hand_ins.resolve()).encode()).hexdigest()[:16]
    return home / "grading" / f"{name}.jsonl"


def _task(hand_in: HandIn, shelf: Shelf, seeds: tuple[int, ...], limits: Limits) -> Task:
    found = shelf.find(hand_in.level)
    return Task(hand_in, found[0] if found else None, seeds, limits, found[1] if found else "")


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    digest.update((folder / "level.toml").read_bytes())
    return digest.hexdigest()
