"""The runs of a session, computed in slices between two looks at the keyboard.

A run is watched as soon as its first seed is there; the others are scored meanwhile. The clock belongs to the
screen.
"""

from __future__ import annotations

import enum
from collections.abc import Callable

from tutor.model.report import Outcome
from tutor.session import FreeRun, Session

SLICE_S = 0.01
"""How long a run is computed between two looks at the keyboard."""
SHORT_S = 0.003
"""The same while there is something else to do: a playback, or a learner who presses keys; with both the run
waits.
"""
TOUCHED_S = 0.05
"""For how long after a key the learner counts as busy."""
STEPS = 400
"""Steps of the engine between two looks at the clock: one or two milliseconds."""


class Phase(enum.Enum):
    """The phase that a run is in."""

    COMPUTING = "computing"
    """There is nothing to watch yet."""
    WATCHABLE = "watchable"
    """The first seed is there, and others are still to be scored."""
    OVER = "over"
    """All is computed."""


def slice_s(*, moving: bool, idle_s: float) -> float:
    """Returns how long to compute now: less while something moves, or ``idle_s`` after the latest key or
    mouse event.
    """
    touched = idle_s < TOUCHED_S
    return 0.0 if moving and touched else SHORT_S if moving or touched else SLICE_S


class Runs:
    """The runs of a session's design: starts them, takes them further and drops them."""

    def __init__(self, session: Session, clock: Callable[[], float]) -> None:
        self.session = session
        self._clock = clock
        self._beside: FreeRun | None = None
        self.computing = False
        """Whether a run is being computed."""
        self.done = 0
        """How many runs were computed to their end on this screen."""
        self.seen = False
        """Whether the learner has seen the end of the latest run."""
        self.wanted = ""
        """What the learner asked for while it was computed (``verdict`` or ``why``); done as soon as it can
        be.
        """

    @property
    def beside(self) -> bool:
        """True if the present run scores nothing: one seed again, or a reference solution."""
        return self._beside is not None

    @property
    def progress(self) -> float:
        """The progress of the run, 0 to 1."""
        run = self._beside or self.session.run
        return run.progress if run is not None else 0.0

    @property
    def outcome(self) -> Outcome | None:
        """The outcome to watch, with its timeline; None before there is one."""
        run = self._beside or self.session.run
        outcome = run.outcome if run is not None else None
        return outcome if outcome is not None and outcome.timeline is not None else None

    def start(self) -> None:
        """Starts a run of the present design; raises :class:`InputError` for a design that cannot be run."""
        self.session.start_run()
        self._begin(None)

    def start_beside(self, run: FreeRun) -> None:
        """Starts a run that scores nothing."""
        self._begin(run)

    def _begin(self, beside: FreeRun | None) -> None:
        self._beside = beside
        self.computing, self.seen, self.wanted = True, False, ""

    def advance(self, for_s: float) -> Phase:
        """Computes for about so many seconds; if it raises any error, the run can be dropped by
        :meth:`stop`.
        """
        until = self._clock() + for_s
        over = False
        while not over and self._clock() < until:
            over = self._beside.advance(STEPS) if self._beside is not None else self.session.advance(STEPS)
            if self._beside is None and self.session.waiting:
                break  # it is computed elsewhere: the time is the playback's
        if over:
            return Phase.OVER
        run = self.session.run
        early = self._beside is None and run is not None and run.progress < 0.5
        return Phase.WATCHABLE if early and self.outcome is not None else Phase.COMPUTING

    def finish(self) -> str:
        """Finishes a run that is computed; returns what the learner asked for meanwhile, if anything."""
        self.computing = False
        if self._beside is None:
            self.done += 1
        self._beside = None
        wanted, self.wanted = self.wanted, ""
        return wanted

    def stop(self) -> None:
        """Drops the run in progress; nothing is scored."""
        if self._beside is None:
            self.session.stop_run()
        self._beside = None
        self.computing, self.wanted = False, ""
