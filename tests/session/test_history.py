"""A session's history of designs, for undo and redo."""

import pytest

from tutor.errors import InputError
from tutor.model.component import Queue
from tutor.model.design import make_design
from tutor.session.history import History

EMPTY, ONE, TWO = (
    make_design([]),
    make_design([Queue(id="one")]),
    make_design([Queue(id="one"), Queue(id="two")]),
)


def test_it_goes_back_and_forward() -> None:
    """Undo and redo step through the designs in the order in which they were made."""
    history = History(EMPTY)
    assert [history.push(ONE), history.push(TWO)] == [True, True]
    history.undo()
    history.undo()
    assert (history.design, history.can_undo, history.can_redo) == (EMPTY, False, True)
    history.redo()
    assert history.design == ONE


def test_a_new_design_forgets_what_was_undone() -> None:
    """A new design after an undo leaves nothing to redo; the same design again adds no step."""
    history = History(EMPTY)
    history.push(ONE)
    history.undo()
    assert not history.push(EMPTY)
    assert history.can_redo
    history.push(TWO)
    assert not history.can_redo


@pytest.mark.parametrize("way", [History.undo, History.redo])
def test_there_is_an_end_at_both_sides(way: object) -> None:
    """Undo at the first design and redo at the last change nothing."""
    history = History(ONE)
    with pytest.raises(InputError, match="nothing to"):
        way(history)  # type: ignore[operator]
    assert history.design == ONE
