"""The page that maps topics to levels: every level, term, mistake and question that it names exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, load_course, load_glossary, load_level

ROOT = find_levels_root()
PAGE = (Path(__file__).parents[2] / "docs" / "course.md").read_text("utf-8")
COURSE = load_course(ROOT)
LEVELS = [level for chapter in COURSE.chapters for level in chapter.levels]
CHAPTERS = [chapter.id for chapter in COURSE.chapters]
_LEVEL = re.compile(r"`([a-z0-9-]+/[a-z0-9-]+)`([^`]*)")


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading."""
    part = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in part.splitlines()
        if line.startswith("|")
    ][2:]


TOPICS = rows("The topics of an introduction to event-driven architecture")
MISCONCEPTIONS = rows("Misconceptions, and what meets them")
SECTIONS = (
    "what is an event",
    "legacy event processing",
    "problem 1, availability",
    "problem 2, scalability",
    "problem 3, source of truth",
    "problem 4, synchronous calls",
    "components",
    "messaging model: queue",
    "messaging model: publish/subscribe",
    "messaging model: stream",
    "style: simple, stream and complex",
    "how an application works",
    "examples",
    "message, event, command",
    "idempotency",
    "summary",
)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_of_an_introduction_has_levels(section: str) -> None:
    """Each topic has a row of its own with at least one level; for the examples, every level is one."""
    (row,) = [row for row in TOPICS if section in row[0].lower()]
    assert _LEVEL.search(row[1]) or row[1] == "every level is one"


def test_every_level_that_is_named_is_in_the_course() -> None:
    """Every link on the page leads to a level, and no level is missing."""
    named = {name for name in re.findall(r"`([a-z0-9-]+/[a-z0-9-]+)`", PAGE) if name != "chapter/level"}
    assert named == set(LEVELS)


def test_every_term_that_is_named_is_in_the_glossary() -> None:
    """The glossary has every term of the page."""
    terms = {term.id for term in load_glossary(ROOT)}
    named = {word.strip() for row in TOPICS for word in row[2].split(",") if word.strip()}
    assert len(named) > 40
    assert named <= terms


def test_all_misconceptions_are_there_once() -> None:
    """M1 to M34 are listed once each, in order."""
    assert [row[0] for row in MISCONCEPTIONS] == [f"M{number}" for number in range(1, 35)]


@pytest.mark.parametrize("row", MISCONCEPTIONS, ids=lambda row: row[0])
def test_a_misconception_is_met_by_what_a_learner_does(row: list[str]) -> None:
    """Each level listed for a misconception has the mistake, prediction or question that the page names."""
    places = _LEVEL.findall(row[2])
    assert places
    said = re.split(r"`[^`]+`", row[2])[1:]
    # "in A and B questions": what stands after the last of a list holds for all of it
    for (level_id, _), words in zip(places, _filled(said), strict=True):
        level = load_level(ROOT / level_id)
        mistakes = re.search(r"mistakes/([a-z0-9-]+(?:, [a-z0-9-]+)*)", words)
        for name in mistakes.group(1).split(", ") if mistakes else ():
            assert (ROOT / level_id / "mistakes" / f"{name}.toml").is_file(), name
        assert "prediction" not in words or level.prediction is not None
        assert "question" not in words or level.question is not None
        assert mistakes or "prediction" in words or "question" in words, (level_id, words)


def _filled(said: list[str]) -> list[str]:
    """The words after each level; if they are only a comma or "and", those of the next level."""
    filled: list[str] = []
    for words in reversed(said):
        filled.append(words if words.strip(" ,;") not in ("", "and") else filled[-1])
    return filled[::-1]


@pytest.mark.parametrize("name", ["M1", "M8", "M13"])
def test_the_stubborn_ones_come_again_later(name: str) -> None:
    """Each stubborn misconception is met in at least two chapters."""
    (row,) = [row for row in MISCONCEPTIONS if row[0] == name]
    met = [CHAPTERS.index(level_id.partition("/")[0]) for level_id, _ in _LEVEL.findall(row[2])]
    assert len(set(met)) >= 2
    assert "again in" in row[2]


def test_five_nines_are_26_seconds_a_month() -> None:
    """0.00001 of an average month of 30.44 days is the number that the debrief and the glossary give."""
    seconds = 0.00001 * 30.44 * 86_400
    assert round(seconds) == 26
    said = "26 seconds a month"
    assert said in load_level(ROOT / "night-job/five-nines").debrief
    assert any(said in term.definition for term in load_glossary(ROOT))
