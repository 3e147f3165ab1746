"""A trial that is done at the other end of a line, and that other end.

Requests and answers are pickles: both ends are of one program on one machine, and nobody else can write on
the line.
"""

from __future__ import annotations

import itertools
import pickle
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from tutor.judge.verdict import Verdict
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.trial import SLICE, Trial

TELL_S = 0.05
"""How often the other end says how far it is."""


class Wireline(Protocol):
    """A line to the other end."""

    def prepare(self) -> None:
        """Makes sure that there is another end."""

    def send(self, request: bytes) -> bool:
        """Sends a request; returns False if the other end is gone."""

    def received(self) -> Iterator[bytes]:
        """Returns the answers that have come, oldest first; never waits."""

    @property
    def open(self) -> bool:
        """True if the other end is there."""


class RemoteTrials:
    """Trials at the other end of a line, one at a time: a new one replaces the last."""

    def __init__(self, line: Wireline) -> None:
        self._line = line
        self._numbers = itertools.count(1)

    def prepare(self) -> None:
        """Makes sure that there is another end."""
        self._line.prepare()

    def __call__(self, level: Level, design: Design) -> RemoteTrial | Trial:
        """Puts a design on trial in a level, with the timeline of its first seed.

        Raises :class:`InputError` for a design that cannot be run, as :class:`Trial` does: that is found out
        here and at once.
        """
        here = Trial(level, design, timeline=True)
        number = next(self._numbers)
        if not self._line.send(pickle.dumps((number, level, design))):
            return here
        return RemoteTrial(number, self._line, here)


class RemoteTrial:
    """A trial as its answers come in. If the line breaks, it is done here after all."""

    def __init__(self, number: int, line: Wireline, here: Trial) -> None:
        self._number = number
        self._line = line
        self._here: Trial = here
        self._local = False
        self._progress = 0.0
        self._first: Verdict | None = None
        self._verdict: Verdict | None = None
        self._outcomes: dict[int, Outcome] = {}
        self._seed = here.seeds[0]

    @property
    def over(self) -> bool:
        """True if everything is run and explained."""
        return self._here.over if self._local else self._verdict is not None

    @property
    def waiting(self) -> bool:
        """True if there is nothing to do here but wait."""
        return not self._local and not self.over

    @property
    def progress(self) -> float:
        """The progress, 0 to 1."""
        return self._here.progress if self._local else 1.0 if self.over else self._progress

    @property
    def first(self) -> Verdict | None:
        """The verdict on the first seed alone, as soon as that is run."""
        return self._here.first if self._local else self._first

    def verdict(self) -> Verdict:
        """Returns the verdict on the seeds that have been run so far; raises ``ValueError`` before the first
        is over.
        """
        if self._local:
            return self._here.verdict()
        found = self._verdict or self._first
        if found is None:
            raise ValueError("no seed has been run yet")
        return found

    def outcome(self, seed: int | None = None) -> Outcome | None:
        """Returns the outcome with a timeline of a seed (of the first unless another is given), if it was
        kept.
        """
        if self._local:
            return self._here.outcome(seed)
        return self._outcomes.get(self._seed if seed is None else seed)

    def advance(self, max_events: int = SLICE) -> bool:
        """Takes the answers that have come; returns True when all is over. Never waits for one."""
        if self._local:
            return self._here.advance(max_events)
        for answer in self._line.received():
            number, what, value = pickle.loads(answer)  # noqa: S301 - from our own other end
            if number == self._number:
                self._take(what, value)
        if not self.over and not self._line.open:
            self._local = True
        return self.over

    def _take(self, what: str, value: Any) -> None:
        if what == "progress":
            self._progress = value
        elif what == "first":
            self._first, outcome = value
            if outcome is not None:
                self._outcomes[self._seed] = outcome
        elif what == "over":
            self._verdict, outcomes = value
            self._outcomes.update(outcomes)
        elif what == "failed":  # whatever it was: done here, it is told in the usual way
            self._local = True


def answers(request: bytes, send: Callable[[bytes], None]) -> Iterator[None]:
    """Answers a request, in slices: between two of them the next request may be looked for, and take this
    one's place.
    """
    number, level, design = pickle.loads(request)  # noqa: S301 - from our own other end

    def tell(what: str, value: object) -> None:
        send(pickle.dumps((number, what, value), pickle.HIGHEST_PROTOCOL))

    try:
        trial = Trial(level, design, timeline=True)
        told, first = time.monotonic(), False
        while not trial.advance(SLICE):
            if not first and trial.first is not None:
                first = True
                tell("first", (trial.first, trial.outcome()))
            if time.monotonic() - told > TELL_S:
                told = time.monotonic()
                tell("progress", trial.progress)
            yield
        verdict = trial.verdict()
        kept = {
            seed.seed: outcome for seed in verdict.seeds if (outcome := trial.outcome(seed.seed)) is not None
        }
        if first:
            kept.pop(trial.seeds[0], None)
        else:
            tell("first", (trial.first, trial.outcome()))
        tell("over", (verdict, kept))
    except Exception as error:
        tell("failed", repr(error))
