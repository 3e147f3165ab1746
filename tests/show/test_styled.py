"""The comparison of two runs as a card shows it."""

import pytest

from tutor.judge.changes import Difference
from tutor.session import Comparison
from tutor.show.states import PartState
from tutor.show.styled import style_comparison, style_part
from tutor.words import say


def test_runs_that_do_not_diverge_say_so_where_something_was_changed() -> None:
    """Two runs that fared alike after an edit are reported as such, once; two runs of the same
    design aren't.
    """

    def said(comparison: Comparison) -> str:
        return " ".join("".join(text for text, _ in style_comparison(comparison)).split())

    same = " ".join(say("run.diverge-nowhere").split())
    assert said(Comparison((Difference("added", "x"),), (), 1)).count(same) == 1
    assert same not in said(Comparison((), (), 1))


def test_the_sides_of_a_comparison_have_their_names() -> None:
    """Beside a reference solution the columns are the learner's and the solution's, not before and after."""
    text = "".join(text for text, _ in style_comparison(Comparison((), (), 1), sides=("yours", "solution")))
    assert "yours  solution" in text
    assert say("run.before") not in text


@pytest.mark.parametrize("kind", ["queue", "topic", "stream"])
def test_a_channel_is_never_busy(kind: str) -> None:
    """What readers of a channel hold is in flight: it has no workers, so that 88 of 4 can't be busy."""
    said = "".join(text for text, _ in style_part(PartState(depth=3, busy=88, capacity=4), "0:10", kind))
    assert "88 in flight" in said
    assert "busy" not in said
    worker = "".join(
        text for text, _ in style_part(PartState(depth=3, busy=2, capacity=4), "0:10", "service")
    )
    assert "2 of 4 busy" in worker
