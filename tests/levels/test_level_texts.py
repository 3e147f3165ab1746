"""The texts of every level of the course are there, short enough and complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tutor.catalog import (
    find_levels_root,
    load_course,
    load_glossary,
    load_level,
    load_mistakes,
    load_solutions,
)
from tutor.catalog.level_texts import HINT_STEPS
from tutor.model.level import Level

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]
FIRST = LEVELS[0]


def _level(level_id: str) -> tuple[Path, Level]:
    return ROOT / level_id, load_level(ROOT / level_id)


def test_the_course_begins_with_the_doorbell() -> None:
    """There are levels to check, and the first one is the bakery's."""
    assert FIRST == "first-light/first-event"


@pytest.mark.parametrize("level_id", LEVELS)
def test_a_level_has_its_words(level_id: str) -> None:
    """A briefing has fewer than 150 words and a debrief fewer than 300; the debrief names a source that can
    be looked up.
    """
    _, level = _level(level_id)
    assert 20 < len(level.briefing.split()) < 150
    assert 50 < len(level.debrief.split()) < 300
    assert re.search(
        r"https?://|\b[\w-]+\.[a-z]{2,11}/|\b[\w-]+\.(com|org|net|io|google|blog|gov|dev)\b", level.debrief
    ), "no source"


@pytest.mark.parametrize("level_id", LEVELS)
def test_a_briefing_does_not_tell_the_wiring(level_id: str) -> None:
    """A briefing tells the story and names no setting."""
    _, level = _level(level_id)
    assert not re.search(r"\w_\w", level.briefing)


@pytest.mark.parametrize("level_id", LEVELS)
def test_hints_come_in_three_steps(level_id: str) -> None:
    """The general hints are a question, a concept and a lead, and fit any diagnosis."""
    _, level = _level(level_id)
    steps = [hint.step for hint in level.hints if not hint.diagnosis]
    assert steps == list(HINT_STEPS)


@pytest.mark.parametrize("level_id", LEVELS)
def test_the_question_has_one_right_answer_and_a_reason_for_each(level_id: str) -> None:
    """Exactly one choice is right, and each says why it is right or wrong."""
    _, level = _level(level_id)
    assert level.question is not None
    assert [choice.right for choice in level.question.choices].count(True) == 1
    assert all(len(choice.why.split()) >= 4 for choice in level.question.choices)


@pytest.mark.parametrize("level_id", LEVELS)
def test_every_level_but_the_first_asks_for_a_prediction(level_id: str) -> None:
    """Every level but the first asks for one number before it is played."""
    _, level = _level(level_id)
    assert (level.prediction is None) == (level_id == FIRST)


@pytest.mark.parametrize("level_id", LEVELS)
def test_solutions_and_mistakes_load_and_differ(level_id: str) -> None:
    """A level has at least two solutions and two mistakes that join with it, each with a title of its own."""
    folder, level = _level(level_id)
    solutions, mistakes = load_solutions(folder, level), load_mistakes(folder, level)
    assert len(solutions) >= 2
    assert len(mistakes) >= 2
    titles = [one.title for one in solutions] + [one.title for one in mistakes]
    assert len(set(titles)) == len(titles)
    assert all(titles)


@pytest.mark.parametrize("level_id", LEVELS)
def test_the_idea_is_taken_out_of_every_solution(level_id: str) -> None:
    """Every solution has an edit that takes the idea away."""
    folder, level = _level(level_id)
    names = {solution.name for solution in load_solutions(folder, level)}
    covered = {name for without in level.idea.without for name in without.solutions or names}
    assert covered == names


@pytest.mark.parametrize("level_id", LEVELS)
def test_the_terms_of_a_level_are_in_the_glossary(level_id: str) -> None:
    """The glossary has every term that a level teaches."""
    _, level = _level(level_id)
    assert set(level.terms) <= {term.id for term in load_glossary(ROOT)}
