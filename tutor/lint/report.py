"""The whole of lint: the folders, their words, their proofs, and the findings."""

from __future__ import annotations

import dataclasses
import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from tutor.catalog import (
    find_levels_root,
    load_course,
    load_glossary,
    load_level,
    load_mistakes,
    load_solutions,
)
from tutor.catalog.reading import read_toml
from tutor.errors import InputError
from tutor.lint.proofs import Case, CaseResult, cases_of, prove
from tutor.lint.shortest import begin_worker
from tutor.lint.words import word_faults
from tutor.model.glossary import GlossaryTerm
from tutor.model.setting import suggest
from tutor.words import say

LEVEL_FILE = "level.toml"


@dataclasses.dataclass(slots=True)
class LintReport:
    """The findings of lint."""

    levels: int = 0
    """Level folders looked at."""
    words: int = 0
    """Levels whose words and links were read."""
    results: list[CaseResult] = dataclasses.field(default_factory=list)
    """One for each case that was run, in the order of the course."""
    unusable: list[str] = dataclasses.field(default_factory=list)
    """Lines about what could not be read."""
    faults: list[str] = dataclasses.field(default_factory=list)
    """Lines about what is wrong; those of the cases included."""

    @property
    def exit_code(self) -> int:
        """The exit code: 0 if all is proved, 1 if lint found a fault, 2 if something could not be read."""
        return 2 if self.unusable else 1 if self.faults else 0

    @property
    def notes(self) -> list[str]:
        """The findings that are not faults."""
        notes = [
            say("lint.labeled", case=result.case.label, note=result.note)
            for result in self.results
            if result.note and not result.fault
        ]
        return [*notes, *_without_trade_off(self.results)]

    def lines(self) -> list[str]:
        """Returns every fault, a line each, and the number of proofs."""
        held = sum(1 for result in self.results if not result.fault)
        kinds = [say(f"lint.kinds.{kind}", count=number) for kind in _KINDS if (number := self._count(kind))]
        found = len(self.faults) + len(self.unusable)
        cases = say("lint.cases", count=len(self.results))
        summary = say(
            "lint.summary",
            levels=say("lint.levels", count=self.levels),
            ran=say("lint.ran", cases=cases, kinds=kinds, held=held) if self.results else say("lint.no-case"),
            faults=say("lint.faults", count=found) if found else say("lint.no-faults"),
        )
        return [*self.unusable, *self.faults, summary]

    def _count(self, kind: str) -> int:
        return sum(1 for result in self.results if result.case.kind == kind)


_KINDS = ("start", "solution", "mistake", "without")


OnCase = Callable[[int, int, str], None]
"""Told how many cases are done, of how many, and which was the last."""


def lint(
    paths: Sequence[Path] = (),
    *,
    quick: bool = False,
    jobs: int = 1,
    run: bool = True,
    on_case: OnCase | None = None,
) -> LintReport:
    """Checks level folders, or all in the folders given; the levels that ship with the game if none is given.

    ``quick`` is content with few seeds, ``jobs`` processes share the cases, ``run = False`` reads only.
    Raises :class:`InputError` for a path that is neither a level nor a folder of levels.
    """
    report = LintReport()
    cases: list[Case] = []
    for root, folders in folders_by_root(paths).items():
        whole = not paths or any(Path(path).resolve() == root for path in paths)
        terms = _glossary(root, report, whole)
        for folder in folders:
            report.levels += 1
            try:
                cases += _read(folder, terms, report, quick)
            except InputError as error:
                report.unusable.append(str(error))
    if run:
        report.results = list(_prove_all(cases, jobs, on_case))
    report.faults += dict.fromkeys(result.fault for result in report.results if result.fault)
    report.faults += _missing_stars(report.results)
    return report


def folders_by_root(paths: Sequence[Path]) -> dict[Path, list[Path]]:
    """Returns level folders by the folder of levels that they are in."""
    found: dict[Path, list[Path]] = {}
    for path in paths or [find_levels_root()]:
        path = Path(path)
        if path.name == LEVEL_FILE:
            path = path.parent
        own = path / LEVEL_FILE
        files = (
            [own]
            if own.is_file()
            else sorted(path.glob("*/*/level.toml")) or sorted(path.glob("*/level.toml"))
        )
        if not files:
            raise InputError(
                say("lint.no-level"),
                file=str(path),
            )
        for file in files:
            folder = file.resolve().parent
            folders = found.setdefault(folder.parent.parent, [])
            if folder not in (known.resolve() for known in folders):  # named twice, it is proved once
                folders.append(file.parent)
    return found


def _glossary(root: Path, report: LintReport, whole: bool) -> tuple[GlossaryTerm, ...]:
    """Returns the terms that levels below ``root`` may teach: its own, and those of the game if it isn't the
    game's own course.
    """
    try:
        terms = load_glossary(root)
        known = (
            {level for chapter in load_course(root).chapters for level in chapter.levels} if whole else set()
        )
    except InputError as error:
        report.unusable.append(str(error))
        return ()
    if whole:
        report.faults += _missing_tests(root, known)
    ids = {term.id for term in terms}
    for term in terms if whole else ():
        for other in term.see:
            if other not in ids:
                report.faults.append(f"{root / 'glossary.toml'}: {say('lint.see', term=term.id, word=other)}")
        if known and term.level and term.level not in known:
            report.faults.append(
                f"{root / 'glossary.toml'}: {say('lint.term-level', term=term.id, level=term.level)}"
            )
    own = find_levels_root()
    return terms if root.resolve() == own.resolve() else (*terms, *load_glossary(own))


def _missing_tests(root: Path, known: Iterable[str]) -> Iterator[str]:
    """Yields chapters whose test is not a level of the course: a course is read without it, so that a teacher
    may leave levels out.
    """
    for folder in sorted({root / level.partition("/")[0] for level in known}):
        path = folder / "chapter.toml"
        test = read_toml(path).text("test", "") if path.is_file() else ""
        if test and f"{folder.name}/{test}" not in known:
            near = suggest(
                test, [level.partition("/")[2] for level in known if level.startswith(f"{folder.name}/")]
            )
            yield f"{path}: {say('lint.chapter-test', level=test, suggestion=near)}"


def _read(folder: Path, terms: Iterable[GlossaryTerm], report: LintReport, quick: bool) -> list[Case]:
    level = load_level(folder)
    solutions, mistakes = load_solutions(folder, level), load_mistakes(folder, level)
    report.words += 1
    report.faults += word_faults(level, folder, solutions, mistakes, terms)
    return cases_of(folder, quick=quick)


def _prove_all(cases: list[Case], jobs: int, on_case: OnCase | None) -> Iterator[CaseResult]:
    """Yields the results in the order of the cases, however many processes share them."""
    if jobs <= 1 or len(cases) < 2:
        for done, case in enumerate(cases, 1):
            yield prove(case)
            if on_case is not None:
                on_case(done, len(cases), case.label)
        return
    results: dict[Case, CaseResult] = {}
    pool = ProcessPoolExecutor(max_workers=jobs, initializer=begin_worker)
    try:
        running = {pool.submit(prove, case): case for case in cases}
        for done, future in enumerate(as_completed(running), 1):
            results[running[future]] = future.result()
            if on_case is not None:
                on_case(done, len(cases), running[future].label)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():  # what is under way may have minutes to go
            child.terminate()
        raise
    pool.shutdown()
    yield from (results[case] for case in cases)


def _missing_stars(results: Sequence[CaseResult]) -> Iterator[str]:
    """Yields the kinds of star that no solution of the level earns in full."""
    earned: dict[str, list[CaseResult]] = {}
    for result in results:
        if result.stars is not None:
            earned.setdefault(result.case.folder, []).append(result)
    for folder, solved in earned.items():
        for name in ("cost", "speed", "simplicity"):
            if all(getattr(result.stars, name) < 3 for result in solved):
                kind = say(f"verdict.kind.{name}")
                yield f"{Path(folder) / LEVEL_FILE}: {say('lint.no-three-stars', kind=kind)}"


def _without_trade_off(results: Sequence[CaseResult]) -> Iterator[str]:
    """Yields solutions that earn all there is: if a level has a trade-off, the best at one thing pays with
    another.
    """
    for result in results:
        if result.stars is not None and (result.stars.cost, result.stars.speed, result.stars.simplicity) == (
            3,
            3,
            3,
        ):
            yield say("lint.labeled", case=result.case.label, note=say("lint.nine-stars"))
