"""Grading: every hand-in is simulated again with the teacher's own levels and seeds; a result is always
written.

``grade_design`` is a pure function of its task (except the wall clock, which only ever stops a run), so it
gives the same row in this process, in a pool of processes or on a cluster.
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
from tutor.judge.diagnosis import Diagnosis
from tutor.judge.divergence import find_divergence
from tutor.judge.verdict import Verdict
from tutor.judge.words import names_of
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.words import say

SLICE = 20_000
"""Steps of a run between two looks at the clock."""

TOLD = ("tries", "seconds", "hints", "prediction", "answer", "reasons")
"""What is kept of what a student's own game says."""

MOST_REASONS = 3
"""Of the reasons that were found, no more than this are kept: the first is what a student has to see."""


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """The limits on what one hand-in may use."""

    max_events: int = 2_000_000
    """Simulated events of one run: more than ten times what a good design of any level needs, and few enough
    that the clock, by which a result could depend on the machine, seldom has to stop anything.
    """
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
    given: frozenset[int] = frozenset()
    """The goals, by their place, that the level's start meets on these seeds: meeting them earns nothing."""
    asked: bool = True
    """Whether the level was asked for; what was not is neither graded nor held against anybody."""
    deadline: str = ""
    """The moment (ISO 8601, UTC) after which a hand-in is late; empty where there is none."""
    note: str = ""
    """What was found about the hand-in itself, such as that it is signed by somebody else."""
    beside: Design | None = None
    """A design that passes: a failed one is run beside it, to find the first event that fares differently;
    None where nobody wants to know.
    """

    def key(self) -> str:
        """The key of the task, the same for the same work: a finished result is found by it when grading is
        resumed.
        """
        parts = (
            self.hand_in.text,
            self.hand_in.broken,
            self.hand_in.file,
            repr(self.hand_in.claimed),
            self.fingerprint,
            repr(sorted(self.given)),
            repr(self.asked),
            self.deadline,
            self.note,
            repr(self.beside is not None),
            repr(self.seeds),
            repr(self.limits),
            __version__,
        )
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


@dataclasses.dataclass(frozen=True, slots=True)
class Reason:
    """The reason why a design missed a goal, in the words that its student would read."""

    id: str
    """The cause."""
    title: str
    """The cause in a few words."""
    what: str
    """What happened, and what it did to the goal."""
    evidence: tuple[tuple[str, str], ...]
    """The numbers behind it: what was measured, and its value."""
    look: str
    """Where to look."""


@dataclasses.dataclass(frozen=True, slots=True)
class Grade:
    """The result of one design."""

    student: str
    """The name of the folder or file."""
    file: str
    """The path below the directory of hand-ins."""
    level: str
    """The level's id; empty where it is not known."""
    status: str
    """``passed``, ``failed``, ``inconclusive``, ``stopped``, ``broken``, ``missing`` or ``not asked for``."""
    reason: str = ""
    """One line: why it is not passed."""
    stars: tuple[int, int, int] = (0, 0, 0)
    """Cost, speed and simplicity."""
    goals_met: int = 0
    """Goals that hold on every seed."""
    goals: int = 0
    """Goals of the level."""
    goals_gained: int = 0
    """Goals that hold on every seed and that the start misses."""
    goals_open: int = 0
    """Goals that the start misses."""
    missed: tuple[str, ...] = ()
    """The goals that were missed, in words."""
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
    """What the student's own game says of tries, time, hints, predictions and answers; not checked."""
    late: bool = False
    """Whether the student's own game says that it was handed in after the deadline."""
    why: tuple[Reason, ...] = ()
    """The reasons that were found, worst first."""
    parted: tuple[str, ...] = ()
    """Where its worst run parts from that of a design that passes, in sentences; empty where nobody asked."""
    same_as: tuple[str, ...] = ()
    """Other students whose design of this level is the same."""

    def stars_line(self) -> str:
        """The stars in words."""
        cost, speed, simplicity = self.stars
        return say("class.stars", cost=cost, speed=speed, simplicity=simplicity)

    def reason_lines(self) -> Iterator[str]:
        """Yields the first reason, and where to look; nothing if no reason was found."""
        for one in self.why[:1]:
            yield f"{one.title}. {one.what}"
            yield one.look

    def plain(self) -> dict[str, Any]:
        """Returns the grade as plain data, as the journal keeps it."""
        return dataclasses.asdict(self)


def grade_of(plain: Mapping[str, Any]) -> Grade:
    """Returns the grade that :meth:`Grade.plain` wrote; raises ``TypeError`` or ``ValueError`` for other
    data.
    """
    known = dict(plain)
    for name in ("stars", "told", "missed", "same_as", "parted"):
        known[name] = tuple(tuple(item) if isinstance(item, list) else item for item in known.get(name, ()))
    known["why"] = tuple(
        Reason(**{**one, "evidence": tuple(tuple(row) for row in one["evidence"])})
        for one in known.get("why", ())
    )
    return Grade(**known)


def grade_design(task: Task) -> Grade:
    """Simulates one hand-in and grades it; never raises for anything in the hand-in."""
    hand_in = task.hand_in
    level_id = task.level.id if task.level else hand_in.level
    late = bool(task.deadline and dict(hand_in.claimed).get("made", "") > task.deadline)
    blank = Grade(
        hand_in.student,
        hand_in.file,
        level_id,
        "broken",
        told=_told(hand_in),
        late=late,
        difference=task.note,
    )
    if not task.asked:
        return dataclasses.replace(blank, status="not asked for")
    if hand_in.broken:
        return dataclasses.replace(blank, reason=hand_in.broken)
    if task.level is None:
        named = (
            say("class.graded.not-among", level=hand_in.level)
            if hand_in.level
            else say("class.graded.nameless")
        )
        return dataclasses.replace(blank, reason=named)
    deadline = time.monotonic() + task.limits.seconds
    try:
        with _alarm(task.limits.seconds):
            return _simulated(task, task.level, blank, deadline)
    except InputError as wrong:
        return dataclasses.replace(blank, reason=str(wrong))
    except OutOfTime:
        return dataclasses.replace(
            blank, status="stopped", reason=say("class.graded.slow", seconds=task.limits.seconds)
        )
    except (RecursionError, MemoryError) as wrong:
        return dataclasses.replace(
            blank, status="stopped", reason=say("class.graded.memory", error=type(wrong).__name__)
        )
    except Exception as wrong:  # whatever a design finds to break must not take the rest of the class with it
        return dataclasses.replace(
            blank, status="stopped", reason=say("class.graded.crashed", error=type(wrong).__name__)
        )


class OutOfTime(BaseException):
    """The end of a submission's time; an exception that no code on the way can mistake for its own error."""


@contextlib.contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Stops code that never looks at the clock, such as reading or explaining, shortly after its time.

    Where there are no signals (Windows, or a thread of a cluster's worker) only the looks at the clock are
    left.
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
    run = dataclasses.replace(
        level.scenario.run, max_events=min(level.scenario.run.max_events, task.limits.max_events)
    )
    limited = dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, run=run))
    attempt = trial.Trial(limited, design, task.seeds or None)
    while not attempt.advance(SLICE):
        if time.monotonic() > deadline:
            raise OutOfTime
    grade = _judged(blank, level, attempt.verdict(), task)
    if task.beside is None or grade.status != "failed":
        return grade
    return dataclasses.replace(grade, parted=_parted(level, design, task.beside, attempt))


def _parted(level: Level, design: Design, beside: Design, attempt: trial.Trial) -> tuple[str, ...]:
    """Returns where the run on the worst seed diverges from that of a design that passes; empty if it
    doesn't.
    """
    seed = attempt.verdict().worst.seed
    before = trial.run(trial.with_design(level, beside).scenario, seed, timeline=True)
    after = attempt.outcome(seed) or trial.run(trial.with_design(level, design).scenario, seed, timeline=True)
    found = find_divergence(before, after, names_of(beside, design))
    return tuple(found.lines) if found is not None else ()


def _judged(blank: Grade, level: Level, verdict: Verdict, task: Task) -> Grade:
    speeds = [seed.report.get(level.par.speed.metric) for seed in verdict.seeds]
    grade = dataclasses.replace(
        blank,
        stars=(verdict.stars.cost, verdict.stars.speed, verdict.stars.simplicity),
        goals_met=sum(1 for goal in verdict.goals if goal.met),
        goals=len(verdict.goals),
        goals_gained=sum(
            1 for place, goal in enumerate(verdict.goals) if goal.met and place not in task.given
        ),
        goals_open=len(verdict.goals) - len(task.given),
        missed=tuple(goal.goal.say for goal in verdict.missed),
        why=tuple(_reason(one) for one in verdict.diagnosis[:MOST_REASONS]),
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
        grade = dataclasses.replace(
            grade,
            status="failed",
            reason=say("class.graded.missed", goals="; ".join(goal.goal.say for goal in verdict.missed)),
        )
    else:
        grade = dataclasses.replace(grade, status="inconclusive", reason="; ".join(verdict.inconclusive))
    found = [task.note, _difference(grade, dict(task.hand_in.claimed))]
    return dataclasses.replace(grade, difference="; ".join(one for one in found if one))


def _reason(found: Diagnosis) -> Reason:
    return Reason(
        found.id,
        found.title,
        found.what,
        tuple((what, str(value)) for what, value in found.evidence),
        found.try_,
    )


def _difference(grade: Grade, claimed: Mapping[str, Any]) -> str:
    """Describes the claims of the hand-in that the simulation does not bear out."""
    different = []
    if "passed" in claimed and bool(claimed["passed"]) != (grade.status == "passed"):
        claims = "passed" if claimed["passed"] else "failed"
        different.append(
            say("class.graded.claims", claimed=status_word(claims), found=status_word(grade.status))
        )
    stars = claimed.get("stars")
    if stars is not None and stars != grade.stars:
        different.append(
            say(
                "class.graded.claims-stars",
                claimed="/".join(map(str, stars)),
                found="/".join(map(str, grade.stars)),
            )
        )
    return "; ".join(different)


def status_word(status: str) -> str:
    """Returns the reader's name for a grade's status."""
    return say(f"class.status.{status.replace(' ', '-')}.word")


def _told(hand_in: HandIn) -> tuple[tuple[str, Any], ...]:
    """Returns tries, time, hints, predictions and answers as the student's game counted them."""
    return tuple((name, value) for name, value in hand_in.claimed if name in TOLD)
