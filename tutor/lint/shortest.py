"""The search for the cheapest pass of a level: a pass with fewer edits than its lesson, for nobody, or by
hardware alone.

A design is tried on the level's first seed, and its run is given up as soon as a goal is out of reach. Only
one that meets every goal there, and would be a fault if it passed, is run on the others. What could be a
shorter pass comes first; then every other single edit, which may still be a pass for nobody.
The search is bounded by the steps that its runs may take together, not by time: the same level gives the same
answer on every machine.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any, TypeVar

from tutor.catalog import render_design
from tutor.errors import InputError
from tutor.judge.changes import changes_between
from tutor.judge.verdict import Verdict
from tutor.lint.bench import bench_of, design_key
from tutor.lint.hope import Hope, is_over_budget, pass_of, run_hopeful
from tutor.lint.neighbors import at_most_capacity, detours_of, edits_of, left_behind, pieces_of
from tutor.model.design import Design
from tutor.model.edit import Edit, Several
from tutor.model.level import Solution
from tutor.model.report import Report
from tutor.rules import apply_edit
from tutor.trial import seeds_of
from tutor.words import say

BUDGET = 3_000_000
"""Steps of the kernel that the runs of one level may take together: some twenty seconds of one core."""
DEPTH = 3
"""Edits of the longest combination that is tried."""
BEAM = 12
"""Designs of each length from which the next edit is tried."""
HEAVY = 2
"""A run is given up when it takes this many times the steps of the heaviest solution: nothing that works is
so busy.
"""
TIMES = (4.0, 3.0, 2.0)
"""How many times its capacity a design is given; fewer only where the bill doesn't allow more."""
SERVED = 0.1
"""Share of an effect's events that have to be applied: a pass below serves nobody there."""


@dataclasses.dataclass(slots=True)
class Shortest:
    """The result of the search in one level."""

    level: str
    """The level's id."""
    edits: int | None = None
    """Changes of the shortest pass that was found; None where nothing passed."""
    design: str = ""
    """That pass, as a design file."""
    tried: int = 0
    """Designs that were run."""
    depth: int = 0
    """Edits up to which everything that could be a shorter pass was tried: from the start for one edit, from
    the most promising designs for more. 0 where the budget was used up before all single edits were.
    """
    faults: list[str] = dataclasses.field(default_factory=list)
    """A line for each fault, which begins with the file."""

    def plain(self) -> dict[str, Any]:
        """Returns the entry of ``lint --shortest --json``."""
        return dataclasses.asdict(self)


@dataclasses.dataclass(frozen=True, slots=True)
class Tried:
    """A design that was run."""

    design: Design
    """The design."""
    hope: Hope | None
    """What the first seed says; None for a design that cannot be run, or costs too much whatever it does."""
    verdict: Verdict | None = None
    """The verdict on all seeds, where the first holds and it was asked for."""

    @property
    def hopeful(self) -> bool:
        """True if every goal passes on the first seed."""
        return self.hope is not None and self.hope.passed

    @property
    def passed(self) -> bool:
        """True if every goal is known to pass on every seed."""
        return self.verdict is not None and self.verdict.passed

    @property
    def miss(self) -> float:
        """The distance from a pass: a whole for each missed goal, and how far each is off."""
        if self.hope is None:
            return float("inf")
        return sum(1 + goal.miss for goal in self.hope.result.missed)


class Search:
    """The search in one level."""

    def __init__(self, folder: Path | str, budget: int = BUDGET) -> None:
        self.folder = Path(folder)
        self.bench = bench_of(folder)
        self.level = self.bench.level
        self.solutions = self.bench.solutions
        self.mistakes = self.bench.mistakes
        self.found = Shortest(self.level.id)
        self._budget = budget
        self._heaviest = 0
        self._likes: dict[int, Report] = {}
        self._seen: dict[tuple[Any, ...], Tried] = {}
        self._best: tuple[int, Design] | None = None
        self._short: dict[tuple[str, ...], int] = {}

    def run(self) -> Shortest:
        """Runs the whole search."""
        self._weigh_solutions()
        self._throw_hardware()
        self._go_further()
        self._report()
        return self.found

    # trying

    def attempt(self, design: Design, *, whole: bool = True) -> Tried:
        """Runs a design once, and remembers the result.

        Without ``whole`` the other seeds are run only where a pass would be a fault: it would be shorter than
        the lesson, or it serves nobody.
        """
        key = design_key(design)
        tried = self._seen.get(key)
        if tried is None:
            self.found.tried += 1
            tried = Tried(design, self._first(design))
        if (
            tried.hopeful
            and tried.verdict is None
            and (whole or self._is_short(design) or self._unserved(tried) is not None)
        ):
            tried = self._confirmed(tried)
        self._seen[key] = tried
        return tried

    def _first(self, design: Design) -> Hope | None:
        if is_over_budget(self.level, design):
            return None
        most = self._heaviest * HEAVY or self.level.scenario.run.max_events
        try:
            hope = run_hopeful(self.level, design, most, like=self._likes.get(seeds_of(self.level)[0]))
        except InputError:
            return None
        self._budget -= hope.steps
        return hope

    def _confirmed(self, tried: Tried) -> Tried:
        """Returns the same with its verdict on all seeds, as far as they pass."""
        assert tried.hope is not None
        most = self._heaviest * HEAVY or self.level.scenario.run.max_events
        verdict, steps = pass_of(self.level, tried.design, tried.hope.result, most, self._likes)
        self._budget -= steps
        if verdict is None:
            return dataclasses.replace(tried, hope=dataclasses.replace(tried.hope, complete=False))
        tried = dataclasses.replace(tried, verdict=verdict)
        self._note(tried)
        return tried

    def _is_short(self, design: Design) -> bool:
        """Returns whether a pass of the design would be shorter than the lesson."""
        need = self.level.lesson_edits
        return need is None or len(self._changes(design)) < need

    def _note(self, tried: Tried) -> None:
        """Remembers a pass, and says so if nobody is served by it."""
        changes = len(self._changes(tried.design))
        if self._best is None or changes < self._best[0]:
            self._best = changes, tried.design
        nobody = self._unserved(tried)
        if nobody:
            event, place = nobody
            told = self._told(tried.design)
            self._fault(say("lint.shortest.nobody", share=SERVED, event=event, place=place, changes=told))

    def _unserved(self, tried: Tried) -> tuple[str, str] | None:
        """Returns the event and the place of an effect of which next to nothing is applied; None if there is
        none.
        """
        assert tried.hope is not None
        effects = tried.hope.result.report.data.get("effect", {})
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
        """Tries each solution, and each solution minus a wire, a part or a changed setting."""
        solved = [(one, self._solved(one)) for one in self.solutions]
        for solution, whole in solved:
            if whole.passed:
                self._weigh(solution, whole)

    def _solved(self, solution: Solution) -> Tried:
        """Returns a solution with its verdict, as if it had been tried."""
        verdict = self.bench.verdict(solution)
        steps = [one.report.data["engine"]["steps"] for one in verdict.seeds]
        hope = Hope(verdict.seeds[0], verdict.seeds[0].report.complete, steps[0])
        tried = Tried(solution.design, hope, verdict if verdict.passed else None)
        self.found.tried += 1
        self._seen[design_key(solution.design)] = tried
        self._heaviest = max(self._heaviest, steps[0])
        self._budget -= sum(steps)
        if tried.passed:
            self._likes.update((one.seed, one.report) for one in verdict.seeds)
            self._note(tried)
        else:
            self._fault(say("lint.shortest.not-passing"), f"solutions/{solution.name}.toml")
        return tried

    def _weigh(self, solution: Solution, whole: Tried) -> None:
        file = f"solutions/{solution.name}.toml"
        pieces = list(pieces_of(self.level, solution.design))
        for piece in pieces:
            if piece.name in solution.spare:
                if self._is_short(piece.without):
                    self._look_at(piece.without)
                continue
            known = self.bench.failed(piece.without)
            if known is not None:
                self.found.tried += 1
                self._budget -= known.steps
                continue
            less = self.attempt(piece.without, whole=False)
            if self._is_as_good(less, whole):
                self._fault(say("lint.shortest.spare", piece=piece.name), file)
        for name in set(solution.spare) - {piece.name for piece in pieces}:
            self._fault(say("lint.shortest.unknown-spare", piece=name), file)
        for lazy in left_behind(self.level, solution.design):
            if self._is_short(lazy):
                self._look_at(lazy)

    def _is_as_good(self, less: Tried, whole: Tried) -> bool:
        """Returns whether a design passes and earns no star less than another; its other seeds are run for as
        long as it does: more seeds take stars, and give none.
        """
        if less.verdict is not None:
            return _earns_as_much(less.verdict, whole)
        if less.hope is None or not less.hopeful:
            return False
        verdict, steps = pass_of(
            self.level,
            less.design,
            less.hope.result,
            self._heaviest * HEAVY,
            self._likes,
            enough=lambda so_far: _earns_as_much(so_far, whole),
        )
        self._budget -= steps
        return verdict is not None

    def _throw_hardware(self) -> None:
        """Tries the start and each mistake with four times the capacity, or as many times as the bill allows,
        and with as much as a run holds.
        """
        named = [("", self.level.scenario.design), *((one.name, one.design) for one in self.mistakes)]
        solved = [at_most_capacity(self.level, one.design) for one in self.solutions]
        tries = [(name, weak, *one) for name, weak in named for one in self._strengths(weak)]
        for name, design, times, strong in tries:
            if strong == design or (name and times in TIMES[1:] and not self._is_short(strong)):
                continue  # with the lesson's edits, and what the bill allows, it may well be right
            if any(_same_parts(at_most_capacity(self.level, design), one) for one in solved):
                continue  # but for its hands it is a solution: more of them is the lesson
            if self.attempt(strong).passed:
                self._fault(_brute(name, times, self._told(strong)))

    def _strengths(self, design: Design) -> Iterator[tuple[float | None, Design]]:
        """Yields a design with more capacity, and how many times as much; None: with as much as is tried."""
        for times in TIMES:
            strong = at_most_capacity(self.level, design, times)
            yield times, strong
            if not is_over_budget(self.level, strong):
                break
        yield None, at_most_capacity(self.level, design)

    def _go_further(self) -> None:
        """Tries single edits, then combinations of those that changed something, until the budget is
        used up.
        """
        start = self.attempt(self.level.scenario.design)
        line, useful, rest = [start], list[Edit](), list[Design]()
        need = self.level.lesson_edits
        deepest = DEPTH if need is None else max(1, min(DEPTH, need - 1))
        for depth in range(1, deepest + 1):
            reached: list[tuple[float, int, Tried]] = []
            for number, (before, edit) in enumerate(self._steps(line, useful, depth)):
                if self._budget <= 0:
                    return
                design = self._edited(before, edit)
                if design is None:
                    continue
                if not self._is_short(design):
                    rest += [design] if depth == 1 else []
                    continue
                after = self._look_at(design)
                if depth == 1 and _differs(after, start):
                    useful.append(edit)
                if not after.hopeful and after.hope is not None:
                    reached.append((after.miss, number, after))
            self.found.depth = depth
            line = [tried for _, _, tried in heapq.nsmallest(BEAM, reached)]
        for design in rest:
            if self._budget <= 0:
                return
            self._look_at(design)

    def _steps(self, line: list[Tried], useful: list[Edit], depth: int) -> Iterator[tuple[Tried, Edit]]:
        """Yields the edits to try on the designs of the line: the nearest to a pass first, the edits in
        turn.
        """
        if depth == 1:
            for edit in itertools.chain(
                edits_of(self.level, line[0].design), detours_of(self.level, line[0].design)
            ):
                yield line[0], edit
            return
        plenty = [edit for edit in useful if not isinstance(edit, Several)]
        turns = [
            zip(itertools.repeat(before), _in_turn([plenty, self._new_edits(before.design)]), strict=False)
            for before in line
        ]
        yield from _in_turn(turns)

    def _new_edits(self, design: Design) -> Iterator[Edit]:
        """Yields edits of what the start does not have: the settings of new parts and wires, and wires to new
        parts.
        """
        start = self.level.scenario.design
        known = {*start.components, *(wire.ref for wire in start.wires)}
        new = {*design.components, *(wire.ref for wire in design.wires)} - known
        if new:
            yield from edits_of(self.level, design, only=new)

    def _edited(self, before: Tried, edit: Edit) -> Design | None:
        """Returns the design after the edit; None if it is refused, changes nothing or is known."""
        try:
            design = apply_edit(edit, before.design, self.level)
        except InputError:
            return None
        known = design_key(design) in self._seen
        return None if known or design == before.design else design

    def _look_at(self, design: Design) -> Tried:
        tried = self.attempt(design, whole=False)
        if tried.passed and self._is_short(design):
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
    """Describes the fault of a design that passes by hardware alone: of the start, or of a mistake."""
    if times is None:
        if mistake:
            return say("lint.shortest.brute-mistake-most", name=mistake, changes=changes)
        return say("lint.shortest.brute-start-most", changes=changes)
    if mistake:
        return say("lint.shortest.brute-mistake", name=mistake, times=times, changes=changes)
    return say("lint.shortest.brute-start", times=times, changes=changes)


def _same_parts(one: Design, other: Design) -> bool:
    """Returns whether two designs have the same parts and wires, in whatever order."""
    return dict(one.components) == dict(other.components) and set(one.wires) == set(other.wires)


def _earns_as_much(verdict: Verdict, whole: Tried) -> bool:
    """Returns whether a design passes and earns no star less than another."""
    if not verdict.passed or whole.verdict is None:
        return False
    pairs = zip(dataclasses.astuple(verdict.stars), dataclasses.astuple(whole.verdict.stars), strict=True)
    return all(after >= before for after, before in pairs)


def _differs(after: Tried, before: Tried) -> bool:
    """Returns whether a run came out otherwise; one that was given up did, unless the other was at the same
    point.
    """
    if after.hope is None or before.hope is None:
        return True
    one, other = after.hope.result.report.data, before.hope.result.report.data
    return any(one.get(key) != other.get(key) for key in ("client", "effect", "component", "database"))


T = TypeVar("T")


def _in_turn(many: Iterable[Iterable[T]]) -> Iterator[T]:
    """Yields one of each in turn, until all are used up."""
    waiting = deque(iter(one) for one in many)
    while waiting:
        one = waiting.popleft()
        try:
            yield next(one)
        except StopIteration:
            continue
        waiting.append(one)


def find_shortest(folder: Path | str, budget: int = BUDGET) -> Shortest:
    """Searches one level; raises :class:`InputError` if it cannot be read."""
    return Search(folder, budget).run()


OnLevel = Callable[[int, int, str], None]
"""Told how many levels are searched, of how many, and which was the last."""


def search_levels(
    folders: Sequence[Path], *, jobs: int = 1, budget: int = BUDGET, on_level: OnLevel | None = None
) -> list[Shortest]:
    """Searches each level, and returns the results in their order, however many processes share them."""
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
    """Ignores Ctrl+C, which reaches every process: the one that gives out the work decides what happens to
    it.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def render_shortest(found: Sequence[Shortest]) -> list[str]:
    """Returns a line for each fault, one for each level, and the sum."""
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
