"""A passed level that is played again."""

from __future__ import annotations

import dataclasses

from tutor.catalog import level_by_id
from tutor.model.level import Stars
from tutor.model.report import Report
from tutor.session import Session
from tutor.session.memory import NoMemory
from tutor.trial import PROVED_SEEDS, SEEDS, score, seeds_of

LEVEL = "first-light/first-event"


def play(session: Session) -> tuple[int, ...]:
    """Run the design to its end; return the seeds that were run."""
    session.start_run()
    while not session.advance():
        pass
    assert session.verdict is not None
    return tuple(seed.seed for seed in session.verdict.seeds)


def test_numbers_change_only_when_a_passed_level_is_played_again() -> None:
    """Until the sitting in which it is passed ends, a level runs on its own seeds; opened again it runs on
    new ones, and says so.
    """
    level, memory = level_by_id(LEVEL), NoMemory()
    first = Session(level, memory)
    assert play(first) == seeds_of(level)
    assert Session(level, memory).notice == ""
    first.remove("till->kitchen")
    first.wire("till", "rail")
    assert play(first) == seeds_of(level)
    assert first.passed
    assert play(first) == seeds_of(level)
    again = Session(level, memory)
    seeds = play(again)
    assert set(seeds).isdisjoint(seeds_of(level))
    assert f"seeds, {seeds[0]} to {seeds[-1]}" in again.notice
    assert again.verdict is not None
    assert again.verdict.passed
    assert first.verdict is not None
    assert [without_clock(seed.report) for seed in again.verdict.seeds] != [
        without_clock(seed.report) for seed in first.verdict.seeds
    ]


def test_other_luck_is_proved_luck() -> None:
    """However often a level is played again, its new seeds are among those that its solutions are
    proved on.
    """
    level, memory = level_by_id(LEVEL), NoMemory()
    proved = range(seeds_of(level)[0], seeds_of(level)[0] + PROVED_SEEDS)
    met = set()
    for _ in range(7):
        memory.note_run(LEVEL, True, Stars(), "", 0)
        session = Session(level, memory)
        assert session.level is not None
        seeds = seeds_of(session.level)
        assert set(seeds) <= set(proved) - set(seeds_of(level))
        met.add(seeds)
    assert len(met) == PROVED_SEEDS // SEEDS - 1


def test_the_verdict_of_a_level_played_again_is_that_of_its_seeds() -> None:
    """The verdict on new seeds equals scoring the design on those seeds."""
    level, memory = level_by_id(LEVEL), NoMemory()
    memory.note_run(LEVEL, True, Stars(), "", 0)
    session = Session(level, memory)
    seeds = play(session)
    scored = score(level, session.design, seeds)
    assert session.verdict is not None
    assert [without_clock(seed.report) for seed in session.verdict.seeds] == [
        without_clock(seed.report) for seed in scored.seeds
    ]
    assert session.verdict.goals == scored.goals
    assert dataclasses.astuple(session.verdict.stars) == dataclasses.astuple(scored.stars)


def without_clock(report: Report) -> dict[str, object]:
    """A report without the numbers that depend on the machine."""
    return {name: value for name, value in report.data.items() if name != "engine"}
