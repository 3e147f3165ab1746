"""The outcome of a run can be read in pieces, and a closed run leaves no garbage behind."""

import gc
import weakref
from typing import Any

import pytest

from tutor.catalog import parse_scenario
from tutor.engine.core.pieces import PIECE, pieces, whole
from tutor.engine.simulate import Simulation
from tutor.model.report import Outcome

from ..scenes import CALL, fault


def simulation() -> Simulation:
    """A run of more events than fit into one piece, in which some are lost."""
    text = CALL
    for name, value in {
        "duration": 100,
        "rate": 120,
        "service": 5,
        "more": "",
        "wire": "timeout_ms = 200\nretries = 1",
        "faults": fault("hang", "api", at_s=20, for_s=10),
    }.items():
        text = text.replace(f"<{name}>", str(value))
    made = Simulation(parse_scenario(text), timeline=True)
    while not made.advance(5_000):
        pass
    return made


def told(outcome: Outcome) -> dict[str, Any]:
    """The report without the wall-clock time."""
    return {name: numbers for name, numbers in outcome.report.data.items() if name != "engine"}


@pytest.mark.parametrize("count", [0, 1, PIECE, PIECE + 1, 3 * PIECE - 1])
def test_pieces_leave_nothing_out(count: int) -> None:
    """Every number is in one piece exactly once, in order, and no piece exceeds its limit."""
    found = list(pieces(7, 7 + count))
    assert [number for piece in found for number in piece] == list(range(7, 7 + count))
    assert all(0 < len(piece) <= PIECE for piece in found)


def test_an_outcome_in_pieces_is_the_outcome() -> None:
    """Read in pieces or at once, report and timeline are the same; a long run takes several pieces for each
    column.
    """
    run = simulation()
    steps = sum(1 for _ in run.reckon())
    assert steps > 10
    once, again = run.outcome(), whole(run.reckon())
    assert told(once) == told(again) == told(simulation().outcome())
    assert once.report.value("/effect/api/order.placed/expected") > 2 * PIECE
    assert once.timeline == again.timeline


def test_a_closed_run_is_freed_at_once() -> None:
    """Closing a run frees its parts without a garbage collection, and its outcome remains."""
    gc.collect()
    run = simulation()
    outcome = run.outcome()
    api = weakref.ref(run._world.parts["api"])
    assert api() is not None
    gc.disable()
    try:
        run.close()
        assert api() is None
    finally:
        gc.enable()
    assert outcome.report.value("/client/users/requests") == 11_999
    assert outcome.timeline is not None
    assert outcome.timeline.journeys
