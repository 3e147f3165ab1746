"""The cost of a diagnosis, counted in calls: without a clock there is no noise. ``benchmarks/why.py`` has the
times.

Only calls of the game's own functions count, since a coverage tool has functions too.
"""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import pytest

import tutor
from tutor.catalog import level_by_id, level_folder, load_mistakes
from tutor.judge.diagnosis import diagnose
from tutor.trial import run, with_design

GAME = str(Path(tutor.__file__).parent)


def calls(work: Callable[[], object]) -> int:
    """How many functions of the game are called during the work."""
    count = 0

    def note(frame: FrameType, event: str, _value: object) -> None:
        nonlocal count
        count += event == "call" and frame.f_code.co_filename.startswith(GAME)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("level_id", ["first-light/first-event", "say-it-twice/charged-twice"])
def test_a_diagnosis_is_a_small_part_of_its_run(level_id: str) -> None:
    """On the two levels with the shortest runs, a diagnosis makes at most a fifth of the calls of its run."""
    level = level_by_id(level_id)
    mistakes = load_mistakes(level_folder(level.id), level)
    assert len(mistakes) >= 4
    for mistake in mistakes:
        tried = with_design(level, mistake.design)
        outcome = run(tried.scenario, timeline=True)
        assert diagnose(tried, outcome)
        why, whole = (
            calls(functools.partial(diagnose, tried, outcome)),
            calls(functools.partial(run, tried.scenario, timeline=True)),
        )
        assert 0 < why <= 0.2 * whole, mistake.name
