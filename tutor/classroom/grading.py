"""Grading: every hand-in is simulated again with the teacher's own levels and seeds; a result is always written.

``grade_design`` is a pure function of its task (but for the wall clock, which only ever stops a run), so it gives the same row in this
process, in a pool of processes or on a cluster.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

from tutor import __version__, trial
from tutor.catalog import join, parse_design_file
from tutor.classroom.handins import HandIn
from tutor.errors import InputError
from tutor.judge.verdict import Verdict
from tutor.model.level import Level

SLICE = 20_000
"""Simulated events between two looks at the clock."""


FULL_POINTS = 100
"""The points of a passed level."""


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """What one hand-in may use."""

    max_events: int = 2_000_000
    """Simulated events of one run: more than ten times what a good design of any level needs, and few enough that the clock, by which
    a result could depend on the machine, seldom has to stop anything."""
    seconds: float = 120.0
    """Wall-clock time of all its runs together."""


@dataclasses.dataclass(frozen=True, slots=True)
class Task:
    """One design to grade; picklable, so that any executor can take it."""

    hand_in: HandIn
    """What was handed in."""
    level: Level | None
    """The teacher's level; None where the hand-in names none that is known."""
    seeds: tuple[int, ...]
    """The seeds to grade with; the level's own five where it is empty."""
    limits: Limits
    """What it may use."""
    fingerprint: str
    """What the level's files are, so that a changed level is graded anew."""

    def key(self) -> str:
        """The same for the same work: what a finished result is found by when grading is resumed."""
        parts = (
            self.hand_in.text,
            self.hand_in.broken,
            self.hand_in.file,
            repr(self.hand_in.claimed),
            self.fingerprint,
            repr(self.seeds),
            repr(self.limits),
            __version__,
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


@dataclasses.dataclass(frozen=True, slots=True)
class Grade:
    """What came of one design."""

    student: str
    """The name of the folder or file."""
    file: str
    """The path below the directory of hand-ins."""
    level: str
    """The level's id; empty where it is not known."""
    status: str
    """``passed``, ``failed``, ``inconclusive``, ``stopped``, ``broken`` or ``missing``."""
    reason: str = ""
    """One line: why it is not passed."""
    stars: tuple[int, int, int] = (0, 0, 0)
    """Cost, speed and simplicity."""
    goals_met: int = 0
    """Goals that hold on every seed."""
    goals: int = 0
    """Goals of the level."""
    diagnosis: str = ""
    """The id of the first diagnosis."""
    cost_per_hour: float | None = None
    """What the design costs."""
    speed: float | None = None
    """The metric of the speed stars, on the worst seed."""
    changes: int | None = None
    """Differences from the level's start."""
    difference: str = ""
    """How the student's claim differs from what was found; empty where it does not."""
    told: tuple[tuple[str, Any], ...] = ()
    """What the student's own game tells of tries, time and hints; not checked."""

    @property
    def points(self) -> int:
        """:data:`FULL_POINTS` for a passed level, else its share of goals met, of half the points: at the start most hold."""
        if self.status == "passed":
            return FULL_POINTS
        return FULL_POINTS * self.goals_met // (2 * self.goals) if self.goals and self.status == "failed" else 0

    def plain(self) -> dict[str, Any]:
        """The grade as plain data, as the journal keeps it."""
        return dataclasses.asdict(self)


def grade_of(plain: Mapping[str, Any]) -> Grade:
    """The grade that :meth:`Grade.plain` wrote; raises ``TypeError`` or ``ValueError`` for other data."""
    known = dict(plain)
    for name in ("stars", "told"):
        known[name] = tuple(tuple(item) if isinstance(item, list) else item for item in known.get(name, ()))
    return Grade(**known)


def grade_design(task: Task) -> Grade:
    """Simulates one hand-in and says what came of it; never raises for what the hand-in holds."""
    hand_in = task.hand_in
    blank = Grade(hand_in.student, hand_in.file, task.level.id if task.level else hand_in.level, "broken", told=_told(hand_in))
    if hand_in.broken:
        return dataclasses.replace(blank, reason=hand_in.broken)
    if task.level is None:
        named = f'"{hand_in.level}" is not among' if hand_in.level else "it names none of"
        return dataclasses.replace(blank, reason=f"level: {named} the levels that are graded")
    deadline = time.monotonic() + task.limits.seconds
    try:
        with _alarm(task.limits.seconds):
            return _simulated(task, task.level, blank, deadline)
    except InputError as wrong:
        return dataclasses.replace(blank, reason=str(wrong))
    except OutOfTime:
        return dataclasses.replace(blank, status="stopped", reason=f"stopped after {task.limits.seconds:g} seconds")
    except (RecursionError, MemoryError) as wrong:
        return dataclasses.replace(blank, status="stopped", reason=f"it needs more memory than there is ({type(wrong).__name__})")
    except Exception as wrong:  # whatever a design finds to break must not take the rest of the class with it
        return dataclasses.replace(blank, status="stopped", reason=f"the simulation failed on it ({type(wrong).__name__})")


class OutOfTime(BaseException):
    """The time of a submission is over; no error that something on the way could take for its own."""


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Ends also what never looks at the clock, such as reading or explaining, a little after its time.

    Where there are no signals (Windows, or a thread of a cluster's worker) only the looks at the clock are left.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_number: int, _frame: object) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(1.0, seconds * 1.2))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _simulated(task: Task, level: Level, blank: Grade, deadline: float) -> Grade:
    design = join(parse_design_file(task.hand_in.text, task.hand_in.file), level)
    run = dataclasses.replace(level.scenario.run, max_events=min(level.scenario.run.max_events, task.limits.max_events))
    limited = dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, run=run))
    attempt = trial.Trial(limited, design, task.seeds or None)
    while not attempt.advance(SLICE):
        if time.monotonic() > deadline:
            raise OutOfTime
    return _judged(blank, level, attempt.verdict(), task.hand_in)


def _judged(blank: Grade, level: Level, verdict: Verdict, hand_in: HandIn) -> Grade:
    speeds = [seed.report.get(level.par.speed.metric) for seed in verdict.seeds]
    grade = dataclasses.replace(
        blank,
        stars=(verdict.stars.cost, verdict.stars.speed, verdict.stars.simplicity),
        goals_met=sum(1 for goal in verdict.goals if goal.met),
        goals=len(verdict.goals),
        diagnosis=verdict.diagnosis[0].id if verdict.diagnosis else "",
        cost_per_hour=verdict.worst.report.get("/design/cost_per_hour"),
        speed=max((speed for speed in speeds if isinstance(speed, int | float)), default=None),
        changes=verdict.changes,
    )
    if verdict.passed:
        grade = dataclasses.replace(grade, status="passed")
    elif not verdict.complete:
        grade = dataclasses.replace(grade, status="stopped", reason=verdict.why_stopped)
    elif verdict.missed:
        grade = dataclasses.replace(grade, status="failed", reason="missed: " + "; ".join(goal.goal.say for goal in verdict.missed))
    else:
        grade = dataclasses.replace(grade, status="inconclusive", reason="; ".join(verdict.inconclusive))
    return dataclasses.replace(grade, difference=_difference(grade, dict(hand_in.claimed)))


def _difference(grade: Grade, claimed: Mapping[str, Any]) -> str:
    """What the hand-in claims and the simulation does not bear out."""
    different = []
    if "passed" in claimed and bool(claimed["passed"]) != (grade.status == "passed"):
        different.append(f"claims {'passed' if claimed['passed'] else 'not passed'}, found {grade.status}")
    stars = claimed.get("stars")
    if stars is not None and stars != grade.stars:
        different.append(f"claims stars {'/'.join(map(str, stars))}, found {'/'.join(map(str, grade.stars))}")
    return "; ".join(different)


def _told(hand_in: HandIn) -> tuple[tuple[str, Any], ...]:
    """Tries, seconds and hints as the student's game counted them."""
    return tuple((name, value) for name, value in hand_in.claimed if name in ("tries", "seconds", "hints"))
