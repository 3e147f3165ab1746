"""Two runs side by side in words."""

from tutor.judge.changes import Difference
from tutor.session import Comparison
from tutor.session.texts import SAME
from tutor.tui.telling import tell_comparison


def test_runs_that_do_not_part_are_told_so() -> None:
    """An edit that changes nothing says that it changed nothing; without an edit there is nothing to part."""
    edited = Comparison((Difference("set", "kitchen", "workers", "1", "2"),), ())
    assert " ".join(tell_comparison(edited).plain.split()).count(SAME) == 1
    assert SAME not in " ".join(tell_comparison(Comparison((), ())).plain.split())
