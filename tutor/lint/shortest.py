"""The search for the cheapest pass of a level: what passes with fewer edits than its lesson, for nobody, or
by hardware alone.

A design is tried on the level's first seed, and only one that meets every goal there is run on the others.
The search is bounded by the steps that its runs may take together, not by time: the same level gives the same
answer on every machine.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from tutor.catalog import load_level, load_mistakes, load_solutions, render_design
from tutor.errors import InputError
from tutor.judge.changes import changes_between
from tutor.judge.verdict import SeedResult, Verdict
from tutor.lint.neighbors import at_most_capacity, detours_of, edits_of, pieces_of
from tutor.model.design import Design
from tutor.model.edit import Edit, Several
from tutor.model.level import Solution
from tutor.rules import apply_edit
from tutor.trial import run_hopeful, score, seeds_of
from tutor.words import say

BUDGET = 3_000_000
"""Steps of the kernel that the runs of one level may take together: some twenty seconds of one core."""
DEPTH = 3
"""Edits of the longest combination that is tried."""
BEAM = 12
"""Designs of each length from which the next edit is tried."""
HEAVY = 4
"""A run is given up when it takes this many times the steps of the heaviest solution: nothing that works is
so busy.
"""
SERVED = 0.1
"""Share of an effect's events that have to be applied: a pass below serves nobody there."""


@dataclasses.dataclass(slots=True)
class Shortest:
    """What the search found about one level."""

    level: str
    """The level's id."""
    edits: int | None = None
    """Changes of the shortest pass that was found; None where nothing passed."""
    design: str = ""
    """That pass, as a design file."""
    tried: int = 0
    """Designs that were run."""
    faults: list[str] = dataclasses.field(default_factory=list)
    """A line for each fault, which begins with the file."""

    def plain(self) -> dict[str, Any]:
        """The entry of ``lint --shortest --json``."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Tried:
    """A design that was run."""

    design: Design
    """The design."""
    first: SeedResult | None
    """What the first seed says; None where its run was given up."""
    verdict: Verdict | None = None
    """The verdict on all seeds, where the first holds."""

    @property
    def passed(self) -> bool:
        """Whether every goal holds on every seed."""
        return self.verdict is not None and self.verdict.passed

    @property
    def miss(self) -> float:
        """How far it is from a pass: a whole for each missed goal, and how far each is off."""
        if self.first is None:
            return float("inf")
        return sum(1 + goal.miss for goal in self.first.missed)


class Search:
    """The search in one level."""

    def __init__(self, folder: Path | str, budget: int = BUDGET) -> None:
        self.folder = Path(folder)
        self.level = load_level(folder)
        self.solutions = load_solutions(folder, self.level)
        self.mistakes = load_mistakes(folder, self.level)
        self.found = Shortest(self.level.id)
        self._budget = budget
        self._heaviest = 0
        self._seen: dict[tuple[Any, ...], Tried] = {}
        self._best: tuple[int, Design] | None = None
        self._short: dict[tuple[str, ...], int] = {}

    def run(self) -> Shortest:
        """Does all of it."""
        self._weigh_solutions()
        self._throw_hardware()
        self._go_further()
        self._report()
        return self.found

    # trying

    def attempt(self, design: Design) -> Tried:
        """Runs a design once, and remembers what came of it."""
        key = (tuple(sorted(design.components.items())), design.wires)
        if key in self._seen:
            return self._seen[key]
        self.found.tried += 1
        most = self._heaviest * HEAVY or self.level.scenario.run.max_events
        try:
            first, steps = run_hopeful(self.level, design, most)
        except InputError:
            first, steps = None, 0
        self._budget -= steps
        verdict = None
        if first is not None and first.passed:
            verdict = score(self.level, design, why=False)
            self._budget -= steps * (len(seeds_of(self.level)) - 1)
        tried = self._seen[key] = Tried(design, first, verdict)
        if tried.passed:
            self._note(tried)
        return tried

    def _note(self, tried: Tried) -> None:
        """Remembers a pass, and says where nobody is served by it."""
        changes = len(self._changes(tried.design))
        if self._best is None or changes < self._best[0]:
            self._best = changes, tried.design
        nobody = self._unserved(tried)
        if nobody:
            event, place = nobody
            told = self._told(tried.design)
            self._fault(say("lint.shortest.nobody", share=SERVED, event=event, place=place, changes=told))

    def _unserved(self, tried: Tried) -> tuple[str, str] | None:
        """The event and the place of an effect of which next to nothing is applied; None where
        there is none.
        """
        assert tried.verdict is not None
        effects = tried.verdict.worst.report.data.get("effect", {})
        for place, events in effects.items():
            for event, numbers in events.items():
                if numbers.get("expected", 0) and numbers.get("applied", 0) < SERVED * numbers["expected"]:
                    return event, place
        return None

    def _changes(self, design: Design) -> tuple[str, ...]:
        return tuple(
            change.text for change in changes_between(self.level.scenario.design, design, self.level.palette)
        )

    def _told(self, design: Design) -> str:
        return "; ".join(self._changes(design)) or say("lint.shortest.start-passes")

    def _fault(self, what: str, file: str = "level.toml") -> None:
        line = f"{self.folder / file}: {what}"
        if line not in self.found.faults:
            self.found.faults.append(line)

    # what is tried

    def _weigh_solutions(self) -> None:
        """Each solution, and each solution minus a wire, a part or a changed setting."""
        for solution in self.solutions:
            first, steps = run_hopeful(self.level, solution.design, self.level.scenario.run.max_events)
            self._heaviest = max(self._heaviest, steps)
            if first is None or not first.passed:
                self._fault(say("lint.shortest.not-passing"), f"solutions/{solution.name}.toml")
        for solution in self.solutions:
            whole = self.attempt(solution.design)
            if whole.passed:
                self._weigh(solution, whole)

    def _weigh(self, solution: Solution, whole: Tried) -> None:
        file = f"solutions/{solution.name}.toml"
        pieces = list(pieces_of(self.level, solution.design))
        for piece in pieces:
            if piece.name in solution.spare:
                continue
            less = self.attempt(piece.without)
            if less.passed and _earns_as_much(less, whole):
                self._fault(say("lint.shortest.spare", piece=piece.name), file)
        for name in set(solution.spare) - {piece.name for piece in pieces}:
            self._fault(say("lint.shortest.unknown-spare", piece=name), file)

    def _throw_hardware(self) -> None:
        """The start and each mistake with four times the capacity, and with as much as a run holds."""
        named = [("", self.level.scenario.design), *((one.name, one.design) for one in self.mistakes)]
        solved = [at_most_capacity(self.level, one.design) for one in self.solutions]
        for (name, design), times in itertools.product(named, (4.0, None)):
            strong = at_most_capacity(self.level, design, times)
            if strong == design:
                continue
            if any(_same_parts(at_most_capacity(self.level, design), one) for one in solved):
                continue  # but for its hands it is a solution: more of them is the lesson
            if self.attempt(strong).passed:
                self._fault(_brute(name, times, self._told(strong)))

    def _go_further(self) -> None:
        """Single edits, then combinations of those that changed something, until the budget is used up."""
        start = self.attempt(self.level.scenario.design)
        line = [start]
        useful: list[Edit] = []
        for depth in range(1, DEPTH + 1):
            reached: list[tuple[float, int, Tried]] = []
            for number, (before, edit) in enumerate(self._steps(line, useful, depth)):
                if self._budget <= 0:
                    return
                after = self._after(before, edit)
                if after is None:
                    continue
                if depth == 1 and _differs(after, start):
                    useful.append(edit)
                if not after.passed and after.first is not None:
                    reached.append((after.miss, number, after))
            line = [tried for _, _, tried in heapq.nsmallest(BEAM, reached)]

    def _steps(self, line: list[Tried], useful: list[Edit], depth: int) -> Iterator[tuple[Tried, Edit]]:
        """What is tried from the designs of the line: the nearest to a pass first, the edits in turn."""
        if depth == 1:
            for edit in edits_of(self.level, line[0].design):
                yield line[0], edit
            for edit in detours_of(self.level, line[0].design):
                yield line[0], edit
            return
        plenty = [edit for edit in useful if not isinstance(edit, Several)]
        for edit, before in itertools.product(plenty, line):
            yield before, edit

    def _after(self, before: Tried, edit: Edit) -> Tried | None:
        try:
            design = apply_edit(edit, before.design, self.level)
        except InputError:
            return None
        tried = None if design == before.design else self.attempt(design)
        if tried is not None and tried.passed:
            changes = self._changes(design)
            if not any(set(known) <= set(changes) for known in self._short):
                self._short[changes] = len(changes)
        return tried

    def _report(self) -> None:
        need = self.level.lesson_edits
        if need is None:
            self._fault(say("lint.shortest.no-lesson"))
        for names, number in sorted(self._short.items(), key=lambda one: one[1]):
            if need is not None and number < need:
                self._fault(say("lint.shortest.shorter", count=number, need=need, changes="; ".join(names)))
        if self._best is not None:
            self.found.edits = self._best[0]
            self.found.design = render_design(self._best[1], self.level)
            if need is not None and self._best[0] < need and not self._short:
                changes = self._told(self._best[1])
                self._fault(say("lint.shortest.shorter", count=self._best[0], need=need, changes=changes))


def _brute(mistake: str, times: float | None, changes: str) -> str:
    """The fault of a design that passes by hardware alone: of the start, or of a mistake."""
    if times is None:
        if mistake:
            return say("lint.shortest.brute-mistake-most", name=mistake, changes=changes)
        return say("lint.shortest.brute-start-most", changes=changes)
    if mistake:
        return say("lint.shortest.brute-mistake", name=mistake, times=times, changes=changes)
    return say("lint.shortest.brute-start", times=times, changes=changes)


def _same_parts(one: Design, other: Design) -> bool:
    """Whether two designs have the same parts and wires, in whatever order."""
    return dict(one.components) == dict(other.components) and set(one.wires) == set(other.wires)


def _earns_as_much(less: Tried, whole: Tried) -> bool:
    """Whether a design earns no star less than another."""
    assert less.verdict is not None
    assert whole.verdict is not None
    pairs = zip(
        dataclasses.astuple(less.verdict.stars), dataclasses.astuple(whole.verdict.stars), strict=True
    )
    return all(after >= before for after, before in pairs)


def _differs(after: Tried, before: Tried) -> bool:
    """Whether a run came out otherwise; one that was given up did."""
    if after.first is None or before.first is None:
        return True
    return any(
        _numbers(after.first, key) != _numbers(before.first, key)
        for key in ("client", "effect", "component", "database")
    )


def _numbers(result: SeedResult, key: str) -> object:
    return result.report.data.get(key)


def find_shortest(folder: Path | str, budget: int = BUDGET) -> Shortest:
    """Searches one level; raises :class:`InputError` where it cannot be read."""
    return Search(folder, budget).run()


OnLevel = Callable[[int, int, str], None]
"""Told how many levels are searched, of how many, and which was the last."""


def search_levels(
    folders: Sequence[Path], *, jobs: int = 1, budget: int = BUDGET, on_level: OnLevel | None = None
) -> list[Shortest]:
    """What the search finds about each level, in their order, however many processes share them."""
    found: dict[Path, Shortest] = {}
    if jobs <= 1 or len(folders) < 2:
        for folder in folders:
            found[folder] = find_shortest(folder, budget)
            _tell(on_level, len(found), folders, found[folder])
        return list(found.values())
    with ProcessPoolExecutor(max_workers=jobs, initializer=begin_worker) as pool:
        running = {pool.submit(find_shortest, folder, budget): folder for folder in folders}
        for future in as_completed(running):
            found[running[future]] = future.result()
            _tell(on_level, len(found), folders, future.result())
    return [found[folder] for folder in folders]


def _tell(on_level: OnLevel | None, done: int, folders: Sequence[Path], last: Shortest) -> None:
    if on_level is not None:
        on_level(done, len(folders), last.level)


def begin_worker() -> None:
    """Ctrl+C at the terminal reaches every process: the one that gives out the work decides what becomes of
    it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def render_shortest(found: Sequence[Shortest]) -> list[str]:
    """A line for each fault, one for each level, and the sum."""
    lines = [fault for one in found for fault in one.faults]
    for one in found:
        if one.edits is None:
            lines.append(say("lint.shortest.no-pass", level=one.level, tried=one.tried))
        else:
            lines.append(say("lint.shortest.level", level=one.level, edits=one.edits, tried=one.tried))
    faults, tried = sum(len(one.faults) for one in found), sum(one.tried for one in found)
    if faults:
        lines.append(say("lint.shortest.faults", levels=len(found), tried=tried, count=faults))
    else:
        lines.append(say("lint.shortest.no-faults", levels=len(found), tried=tried))
    return lines
