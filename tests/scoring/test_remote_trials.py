"""A remote trial equals a local one to the last digit, and runs locally if the line breaks."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tutor.catalog import level_by_id
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.scoring.process import ProcessLine
from tutor.scoring.remote import RemoteTrials, answers
from tutor.session.runs import HERE, Scoring


@pytest.fixture(scope="module")
def level() -> Level:
    """The first level: its start fails, so that there is something to explain."""
    return level_by_id("first-light/first-event")


def finished(trial: Scoring, within_s: float = 60.0) -> Scoring:
    """The trial, run to its end."""
    until = time.monotonic() + within_s
    while not trial.advance():
        assert time.monotonic() < until, "no verdict came"
        if trial.waiting:
            time.sleep(0.005)
    return trial


class Loop:
    """A line whose other end does some work between two reads."""

    def __init__(self) -> None:
        self.open = True
        self._work: Iterator[None] | None = None
        self._come: list[bytes] = []

    def prepare(self) -> None:
        """Do nothing: the other end is always ready."""

    def send(self, request: bytes) -> bool:
        """Start working on a request."""
        self._work = answers(request, lambda answer: self._come.append(answer))
        return True

    def received(self) -> Iterator[bytes]:
        """Work a little, and return the messages so far."""
        if self._work is not None:
            next(self._work, None)
        come, self._come = self._come, []
        yield from come


def told(trial: Scoring) -> tuple[object, ...]:
    """A verdict without the time that its runs took on this machine."""
    verdict = trial.verdict()
    reports = [
        {name: part for name, part in seed.report.data.items() if name != "engine"} for seed in verdict.seeds
    ]
    return verdict.passed, verdict.stars, verdict.diagnosis, reports


def assert_same(one: Scoring, other: Scoring, seed: int) -> None:
    """Assert the same verdict with its diagnosis, the same first verdict and the same timeline."""
    assert told(one) == told(other)
    mine, theirs = one.outcome(), other.outcome()
    assert mine is not None
    assert theirs is not None
    assert mine.report.get("/engine/events") == theirs.report.get("/engine/events")
    assert mine.timeline == theirs.timeline
    assert (one.outcome(seed) is None) == (other.outcome(seed) is None)


def test_a_trial_at_the_other_end_of_a_line_is_the_same(level: Level) -> None:
    """Verdict, diagnosis and timelines equal a local trial's; the first seed can be watched before the others
    are scored.
    """
    here = finished(HERE(level, level.scenario.design))
    there = RemoteTrials(Loop())(level, level.scenario.design)
    seen = []
    while not there.advance():
        seen.append((there.progress, there.first is not None, there.outcome() is not None))
    assert seen == sorted(seen)
    assert any(first and watchable for _, first, watchable in seen), (
        "the first seed is there before the others are scored"
    )
    assert_same(there, here, here.verdict().worst.seed)


def test_a_new_trial_takes_the_place_of_the_one_before(level: Level) -> None:
    """Answers to a dropped trial aren't mistaken for those of the next."""
    line = Loop()
    trials = RemoteTrials(line)
    dropped = trials(level, level.scenario.design)
    dropped.advance()
    bare = Design(level.scenario.design.components, ())
    assert told(finished(trials(level, bare))) == told(finished(HERE(level, bare)))


def test_where_the_line_breaks_the_trial_is_done_here(level: Level) -> None:
    """If the line breaks, the trial restarts locally with the same verdict."""
    line = Loop()
    trial = RemoteTrials(line)(level, level.scenario.design)
    trial.advance()
    line.open = False
    assert told(finished(trial)) == told(finished(HERE(level, level.scenario.design)))


def test_a_process_scores_the_same_and_ends_with_its_line() -> None:
    """Another process gives the same verdict as this one; closing the line ends it, and the next trial starts
    a new one.
    """
    level = level_by_id("night-job/flash-sale")
    line = ProcessLine()
    trials = RemoteTrials(line)
    trials.prepare()
    try:
        there = trials(level, level.scenario.design)
        assert there.waiting
        started = time.process_time()
        finished(there)
        spent = time.process_time() - started
        here_started = time.process_time()
        here = finished(HERE(level, level.scenario.design))
        assert spent < 0.5 * (time.process_time() - here_started), "waiting takes no core from the playback"
        assert_same(there, here, here.verdict().worst.seed)
        process = line._process
        assert process is not None
        line.close()
        assert not process.is_alive()
        assert told(finished(trials(level, level.scenario.design))) == told(here)
    finally:
        line.close()
