"""A live run in plain mode."""

from __future__ import annotations

from tests.live.scripted import Scripted
from tests.plain.test_playing_in_lines import session
from tutor.plain import play


def test_seconds_and_the_table_are_lines() -> None:
    """The command prints a line for each second and then the table, and closes the live run."""
    views = []

    def open_live(scenario: object, goals: object) -> Scripted:
        views.append(Scripted(["running", "over"]))
        return views[-1]

    shown: list[str] = []
    play(session(), ["live", "run", "live"], shown.append, open_live=open_live)
    assert "Run the design first: a live run shows the prediction beside what it measures." in shown
    assert "Orders: [b]not markup[/b]." in shown
    assert any(line.split()[:2] == ["0:02", "44"] for line in shown)
    assert shown[-1] == "Measured beside predicted: all of it"
    assert [view.closed for view in views] == [1]


def test_without_the_extra_one_line_says_how_in_lines() -> None:
    """If live runs aren't available, the command says what to install."""
    shown: list[str] = []
    play(session(), ["run", "l"], shown.append)
    assert shown[-1] == "To run designs on a real broker: pip install 'eda-tutor[live]'"
