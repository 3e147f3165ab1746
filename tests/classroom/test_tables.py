"""Grade tables contain no formulas, no escape codes and no markup."""

import csv
import dataclasses
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.classroom.assignment import Grading
from tutor.classroom.book import BookEntry, make_book
from tutor.classroom.grading import Grade
from tutor.classroom.html import bars, scatter
from tutor.classroom.page import render_grades
from tutor.classroom.roster import Student
from tutor.classroom.scheme import Scheme
from tutor.classroom.tables import render_csv, render_gradebook, render_text, safe_cell
from tutor.errors import is_shown

ADA = Student("Ada", "ada@example.org")
EVE = Student("Eve", "eve@example.org")


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "\t=1", "|calc", "%x", " =1+1", "  @x", "\uff1d1+1", '"=1', "\u00a0+1"]
)
def test_a_cell_is_never_a_formula(text: str) -> None:
    """Text that a spreadsheet would evaluate is quoted."""
    assert safe_cell(text).startswith("'")


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_tables_hold_whatever_a_file_says(reason: str, name: str) -> None:
    """Any text in a result gives one CSV row, no control characters on screen, and no tags in the page."""
    entry = BookEntry(name, "ada@example.org", Grade("ada", name, "a/b", "broken", reason))
    (row,) = csv.DictReader(io.StringIO(render_csv([entry])))
    assert row["status"] == "broken"
    assert all(is_shown(char) or char == "\n" for char in render_text([entry]))
    entry = BookEntry("<script>", "", Grade("x", "y", "a/b", "broken", "<script>alert(1)"))
    shown = render_grades("t", Grading((entry,), (entry.grade,), {}, {"a/b": "<script>b"}), Scheme())
    assert shown.count("<script") == 1  # our own, known by its hash


def test_every_student_and_level_has_a_row() -> None:
    """A missing hand-in has a row, work from outside the roster comes last, and the best of several designs
    counts.
    """
    grades = [
        Grade("ada", "ada/1.toml", "a/b", "failed", goals=2, goals_met=1),
        Grade("ada", "ada/2.toml", "a/b", "passed", goals=2, goals_met=2, stars=(3, 2, 1)),
        Grade("zoe", "zoe.toml", "a/b", "passed"),
    ]
    book = make_book([ADA, EVE], grades, ["a/b", "a/c"])
    assert [(entry.name, entry.grade.level, entry.grade.status) for entry in book] == [
        ("Ada", "a/b", "passed"),
        ("Ada", "a/c", "missing"),
        ("Eve", "a/b", "missing"),
        ("Eve", "a/c", "missing"),
        ("zoe", "a/b", "passed"),
    ]
    assert "not on the roster" in book[-1].grade.reason


def test_grade_books_have_a_row_a_student() -> None:
    """Canvas and Moodle get points by student and level; work from outside the roster is left out."""
    book = make_book(
        [ADA, EVE], [Grade("ada", "f", "a/b", "passed"), Grade("zoe", "f", "a/b", "passed")], ["a/b"]
    )
    canvas = list(csv.reader(io.StringIO(render_gradebook(book, "canvas"))))
    assert canvas[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "a/b"]
    assert [cell.strip() for cell in canvas[1]] == ["Points Possible", "", "", "", "", "100"]
    assert canvas[2:] == [
        ["Ada", "", "", "ada@example.org", "", "100"],
        ["Eve", "", "", "eve@example.org", "", "0"],
    ]
    moodle = list(csv.reader(io.StringIO(render_gradebook(book, "moodle"))))
    assert moodle[0] == ["Email address", "a/b"]


def test_points_are_for_what_a_design_adds_to_the_start() -> None:
    """A goal that the start already meets earns no points, and a failed level earns at most the partial
    share.
    """
    scheme = Scheme(partial=60, stars=18, late=50)
    gained = Grade("s", "f", "l", "failed", goals=5, goals_met=4, goals_gained=1, goals_open=2)
    assert scheme.points(gained) == 30
    assert scheme.points(dataclasses.replace(gained, goals_gained=0)) == 0
    assert scheme.points(dataclasses.replace(gained, late=True)) == 15
    assert scheme.points(Grade("s", "f", "l", "passed", stars=(3, 3, 3))) == scheme.possible == 118
    assert scheme.points(Grade("s", "f", "l", "broken")) == 0


def test_charts_show_what_there_is() -> None:
    """A chart without data is empty. Coinciding dots show their count, the front has letters, and axes have
    round numbers.
    """
    assert scatter([], [], "x", "y", "t") == ""
    chart = scatter([(1, 200), (2, 100), (2, 100), (3, 300)], [(1, 200), (2, 100)], "x", "y", "t")
    assert chart.count("<circle") == 3
    assert "polyline" in chart
    assert ">A<" in chart
    assert ">B ×2<" in chart
    assert [label for label in ("100", "200", "300") if f">{label}<" in chart] == ["100", "200", "300"]


def test_bars_are_numbers_too() -> None:
    """Each bar shows its count as text, and the correct one has a sign besides its color."""
    drawn = bars([("none", 3), ("all <b>", 1)], [1])
    assert "<span class=n>3</span>" in drawn
    assert "all &lt;b&gt; ✓" in drawn
    assert "width:33%" in drawn
