"""Every level states how many edits its lesson needs, and no shipped solution takes fewer."""

import dataclasses

import pytest

from tutor.catalog import find_levels_root, load_course, load_level, load_solutions
from tutor.judge.stars import count_changes
from tutor.lint.neighbors import pieces_of
from tutor.lint.words import lost_without_pending
from tutor.model.wire import Subscribe
from tutor.trial import score

ROOT = find_levels_root()
LEVELS = [level for chapter in load_course(ROOT).chapters for level in chapter.levels]


@pytest.mark.parametrize("level_id", LEVELS)
def test_a_level_says_how_many_edits_its_lesson_needs(level_id: str) -> None:
    """Every level has the number, and its shortest solution has at least that many changes."""
    level = load_level(ROOT / level_id)
    assert level.lesson_edits is not None
    assert level.lesson_edits <= min(
        count_changes(level, one.design) for one in load_solutions(ROOT / level_id, level)
    )
    assert list(lost_without_pending(level)) == []


@pytest.mark.parametrize("level_id", LEVELS)
def test_a_level_says_what_to_look_at(level_id: str) -> None:
    """A level names its phenomenon in one sentence, with the part and the time span that show it; that "Show
    me" leads there is part of the start's proof.
    """
    level = load_level(ROOT / level_id)
    assert level.look is not None
    assert 5 <= len(level.look.say.split()) <= 30
    assert 0 <= level.look.from_s < level.look.to_s <= level.scenario.run.duration_s + 60


@pytest.mark.parametrize("level_id", LEVELS)
def test_what_a_solution_has_to_spare_is_there(level_id: str) -> None:
    """Every piece that a solution lists as spare is a piece of it."""
    level = load_level(ROOT / level_id)
    for solution in load_solutions(ROOT / level_id, level):
        if solution.spare:
            assert set(solution.spare) <= {piece.name for piece in pieces_of(level, solution.design)}


def test_gentle_dealing_alone_does_not_pass() -> None:
    """In Musical Chairs cooperative assignment alone isn't enough: a batch takes too long."""
    level = load_level(ROOT / "when-it-breaks/musical-chairs")
    start = level.scenario.design
    wires = tuple(
        dataclasses.replace(wire, assignment="cooperative") if isinstance(wire, Subscribe) else wire
        for wire in start.wires
    )
    assert wires != start.wires
    assert not score(level, dataclasses.replace(start, wires=wires)).passed
