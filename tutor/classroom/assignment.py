"""Assignments: what is graded and how, and the grading of a folder from beginning to end, for ``tutor grade``
and ``tutor class report``.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from tutor.catalog import find_levels_root, join, load_course, load_level, load_solutions, parse_design_file
from tutor.catalog.toml_text import read_text
from tutor.classroom.book import BookEntry, make_book
from tutor.classroom.grading import Grade, Limits, Task
from tutor.classroom.handins import HandIn, find_hand_ins, find_passed_over
from tutor.classroom.journal import Journal
from tutor.classroom.roster import Student, find_student, load_roster
from tutor.classroom.scheme import Scheme
from tutor.classroom.work import OnProgress, grade_all
from tutor.errors import InputError
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.pack import PackRules
from tutor.model.setting import suggest
from tutor.rules import runs_alike
from tutor.trial import score
from tutor.words import say

MAX_SEEDS = 1000
"""More seeds are refused."""


@dataclasses.dataclass(frozen=True, slots=True)
class Grading:
    """The result of a grading."""

    entries: tuple[BookEntry, ...]
    """One entry a student and level, in the order of the roster."""
    grades: tuple[Grade, ...]
    """Every design, also those that are not a student's best."""
    texts: Mapping[str, str]
    """The text of each design by the file of its grade."""
    titles: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """What each level is called, by its id."""
    levels: Mapping[str, Level] = dataclasses.field(default_factory=dict)
    """The levels that were graded, by id."""
    passed_over: tuple[str, ...] = ()
    """What lies in the folder and cannot be a hand-in."""


@dataclasses.dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment: the levels and hand-ins to grade, and the way to grade them."""

    hand_ins: Path
    """The folder with a folder or file for each student."""
    roster: Path | None = None
    """The CSV file with ``name`` and ``email``; without one, every hand-in stands under its own name."""
    levels_root: Path | None = None
    """The teacher's levels; the course's own where None."""
    levels: tuple[str, ...] = ()
    """Only these levels; every level of the course, or of the pack, where it is empty."""
    rules: PackRules = dataclasses.field(default_factory=PackRules)
    """The rules of the pack, with its deadline and the numbers of each student."""
    beside_a_pass: bool = False
    """Whether to look where failed designs part from one that passes: what feedback says."""
    scheme: Scheme = dataclasses.field(default_factory=Scheme)
    """What a grade is worth."""
    seeds: Path | None = None
    """A file with hidden seeds; the levels' own five where None."""
    limits: Limits = dataclasses.field(default_factory=Limits)
    """What each hand-in may use."""


def grade_folder(
    assignment: Assignment, journal: Path, make_executor: Callable[[], Executor], on_progress: OnProgress
) -> Grading:
    """Grades everything in a folder; gives the same result whichever executor does the work, and after
    however many interruptions.
    """
    students: tuple[Student, ...] = load_roster(assignment.roster) if assignment.roster else ()
    seeds = load_seeds(assignment.seeds) if assignment.seeds else ()
    hand_ins = find_hand_ins(assignment.hand_ins)
    if not hand_ins and not students:
        raise InputError(
            say("class.nothing-found"),
            file=str(assignment.hand_ins),
        )
    shelf = Shelf(assignment.levels_root, assignment.levels)
    tasks = [
        make_task(hand_in, shelf, seeds, assignment, find_student(students, hand_in.student))
        for hand_in in hand_ins
    ]
    with Journal(journal) as kept:
        grades = grade_all(tasks, kept, make_executor, on_progress)
    wanted = assignment.levels or tuple(
        level for level in shelf.ids if any(grade.level == level for grade in grades)
    )
    texts = {hand_in.file: hand_in.text for hand_in in hand_ins}
    grades = point_out_equals(grades, texts, shelf)
    levels = {level: shelf.level(level) for level in wanted}
    book = make_book(students, grades, wanted, assignment.scheme)
    titles = {level_id: level.title for level_id, level in levels.items()}
    return Grading(book, tuple(grades), texts, titles, levels, find_passed_over(assignment.hand_ins))


def point_out_equals(grades: Sequence[Grade], texts: Mapping[str, str], shelf: Shelf) -> list[Grade]:
    """Returns the grades, each with the other students whose design of the same level is equal: the parts and
    wires count, not how they are written.

    What the level starts with is nobody's work, and is never pointed out.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    shapes: list[tuple[str, str] | None] = []
    for grade in grades:
        shape = shelf.shape(grade.level, texts.get(grade.file, ""))
        shapes.append((grade.level, shape) if shape else None)
        if shape and grade.student not in alike.setdefault((grade.level, shape), []):
            alike[grade.level, shape].append(grade.student)
    return [
        dataclasses.replace(grade, same_as=tuple(one for one in alike[shape] if one != grade.student))
        if shape
        else grade
        for grade, shape in zip(grades, shapes, strict=True)
    ]


class Shelf:
    """The teacher's levels, each loaded and fingerprinted once."""

    def __init__(self, root: Path | None, only: Sequence[str]) -> None:
        self.root = root or find_levels_root()
        every = [level for chapter in load_course(self.root).chapters for level in chapter.levels]
        for level in only:
            if level not in every:
                raise InputError(
                    say(
                        "class.unknown-level",
                        level=level,
                        folder=str(self.root),
                        suggestion=suggest(level, every),
                    ),
                    key="--level",
                )
        self.ids: tuple[str, ...] = tuple(only) or tuple(every)
        self.known = frozenset(every)
        self._loaded: dict[str, tuple[Level, str]] = {}
        self._given: dict[tuple[str, tuple[int, ...]], frozenset[int]] = {}

    def find(self, level_id: str) -> tuple[Level, str] | None:
        """Returns a level and the fingerprint of its files; None if it is not graded."""
        if level_id not in self.ids:
            return None
        if level_id not in self._loaded:
            folder = self.root / level_id
            self._loaded[level_id] = (load_level(folder), _fingerprint(folder))
        return self._loaded[level_id]

    def level(self, level_id: str) -> Level:
        """Returns a level that is graded."""
        found = self.find(level_id)
        if found is None:
            raise KeyError(level_id)
        return found[0]

    def exists(self, level_id: str) -> bool:
        """Returns whether there is such a level, here or in the game's own course, graded or not."""
        return level_id in self.known or level_id in _own_levels()

    def given(self, level: Level, seeds: tuple[int, ...]) -> frozenset[int]:
        """Returns the goals, by their place, that the level's start meets on these seeds: they are met
        without any work.
        """
        key = level.id, seeds
        if key not in self._given:
            verdict = score(level, level.scenario.design, seeds or None, why=False)
            self._given[key] = frozenset(place for place, goal in enumerate(verdict.goals) if goal.met)
        return self._given[key]

    def solution(self, level_id: str, level: Level) -> Design | None:
        """Returns the reference solution with the most stars of a level with these numbers; None without any,
        as in a pack without solutions, of a level that is not the game's.
        """
        for root in (self.root, find_levels_root()):
            folder = root / level_id
            if not (folder / "level.toml").is_file():
                continue
            try:
                known = load_solutions(folder, level)
            except InputError:
                continue
            if known:
                return max(known, key=lambda one: sum(dataclasses.astuple(one.stars))).design
        return None

    def shape(self, level_id: str, text: str) -> str:
        """Returns the shape of a design, however it is written: equal for equal designs; empty for the start,
        and for a design that cannot be read.
        """
        found = self.find(level_id)
        if found is None or not text:
            return ""
        try:
            design = join(parse_design_file(text, ""), found[0])
        except (InputError, RecursionError):
            return ""
        return "" if runs_alike(design, found[0].scenario.design) else _shape_of(design)


@functools.cache
def _own_levels() -> frozenset[str]:
    """Returns the ids of the game's own levels."""
    return frozenset(
        level for chapter in load_course(find_levels_root()).chapters for level in chapter.levels
    )


def _shape_of(design: Design) -> str:
    """Returns the digest of a design without titles and places on the board, parts and wires in a fixed
    order.
    """
    parts = sorted(repr(dataclasses.replace(part, title="", at=None)) for part in design.components.values())
    wires = sorted(repr(wire) for wire in design.wires)
    return hashlib.sha256("\n".join([*parts, *wires]).encode()).hexdigest()


def load_seeds(path: Path) -> tuple[int, ...]:
    """Reads whole numbers from a file, separated by blanks, commas or lines; raises :class:`InputError` for
    anything else, and for an empty file.
    """
    seeds: tuple[int, ...] = ()
    for number, line in enumerate(read_text(path).splitlines(), 1):
        for word in re.split(r"[\s,;]+", line.partition("#")[0].strip()):
            if word and not re.fullmatch(r"\d{1,18}", word, re.ASCII):
                raise InputError(say("class.seed", word=word), file=str(path), line=number)
            seeds += (int(word),) if word else ()
    if not seeds:
        raise InputError(say("class.no-seeds"), file=str(path))
    if len(seeds) > MAX_SEEDS:
        raise InputError(say("class.many-seeds", most=MAX_SEEDS), file=str(path))
    return tuple(dict.fromkeys(seeds))


def default_journal(home: Path, assignment: Assignment) -> Path:
    """Returns the default place of the journal of this folder."""
    name = hashlib.sha256(str(assignment.hand_ins.resolve()).encode()).hexdigest()[:16]
    return home / "grading" / f"{name}.jsonl"


def make_task(
    hand_in: HandIn, shelf: Shelf, seeds: tuple[int, ...], assignment: Assignment, student: Student | None
) -> Task:
    """Builds the task for one design; ``student`` is its owner by the roster, None if unknown.

    Numbers of one's own follow from the address on the roster, and only without one from the file's.
    """
    rules = assignment.rules.for_student(student.email if student is not None else hand_in.email)
    found = shelf.find(hand_in.level)
    task = Task(
        hand_in,
        None,
        seeds,
        assignment.limits,
        "",
        asked=found is not None or not shelf.exists(hand_in.level),
        deadline=rules.deadline,
        note=_signed_otherwise(hand_in, student),
    )
    if found is None:
        return task
    level, fingerprint = found
    variant = rules.variant_of(level.id)
    if variant is not None:
        fingerprint = f"{fingerprint} {variant!r}"
    # A variant is proved to start with the same goals met.
    given = shelf.given(level, seeds)
    varied = level if variant is None else variant.applied(level)
    beside = shelf.solution(level.id, varied) if assignment.beside_a_pass else None
    return dataclasses.replace(task, level=varied, fingerprint=fingerprint, given=given, beside=beside)


def _signed_otherwise(hand_in: HandIn, student: Student | None) -> str:
    """Says that a file bears another address than that of the student who handed it in; an empty text if it
    doesn't.
    """
    if student is None or not hand_in.email or hand_in.email.casefold() == student.email.casefold():
        return ""
    return say("class.signed-otherwise", email=hand_in.email)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    digest.update((folder / "level.toml").read_bytes())
    return digest.hexdigest()
