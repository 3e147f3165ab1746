"""Variants: each student's own numbers, proved when the pack is made and known to the grader."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root, level_by_id, load_level, load_solutions
from tutor.classroom.assignment import Assignment, Shelf, make_task
from tutor.classroom.grading import grade_design
from tutor.classroom.handins import find_hand_ins
from tutor.classroom.pack import open_pack, write_pack
from tutor.classroom.roster import Student
from tutor.classroom.submit import LevelWork, render_hand_in
from tutor.classroom.variation import WANTED, prove_variants
from tutor.errors import InputError
from tutor.model.pack import PackRules
from tutor.model.variant import Variant, variable_settings
from tutor.progress.signature import Signature
from tutor.trial import score

LEVEL = "first-light/first-event"
FOLDER = find_levels_root() / LEVEL
SOLUTION = sorted((FOLDER / "solutions").glob("*.toml"))[0].read_text()


@pytest.fixture(scope="module")
def proved() -> tuple[Variant, ...]:
    """The proved variants of the first level."""
    with ThreadPoolExecutor(1) as executor:
        return prove_variants({LEVEL: FOLDER}, executor, lambda _share: None)[LEVEL]


def rules_of(proved: tuple[Variant, ...]) -> PackRules:
    """The rules of a pack with these variants."""
    return PackRules("Week", order="course", variants={LEVEL: proved})


def test_every_variant_is_as_good_a_level(proved: tuple[Variant, ...]) -> None:
    """All variants differ from each other and from the level; each one's start fails, and a
    solution passes.
    """
    level = load_level(FOLDER)
    assert len(set(proved)) == len(proved) == WANTED
    for variant in proved[:4]:
        varied = variant.applied(level)
        assert varied.scenario.design != level.scenario.design
        assert "Your numbers" in varied.briefing
        assert not score(varied, varied.scenario.design, why=False).passed
        assert any(score(varied, one.design, why=False).passed for one in load_solutions(FOLDER, varied))


def test_only_what_belongs_to_the_world_varies() -> None:
    """Rates and times of fixed parts vary; settings that a learner may change don't."""
    assert variable_settings(load_level(FOLDER)) == [("till", "rate_per_s"), ("kitchen", "service_ms")]


def test_an_address_has_its_numbers(proved: tuple[Variant, ...], tmp_path: Path) -> None:
    """An address always gets the same variant, however it is written, and a class gets many; the pack carries
    them.
    """
    rules = rules_of(proved)
    found = {rules.for_student(f"s{n}@x.org").variant_of(LEVEL) for n in range(60)}
    assert len(found) > WANTED // 2
    assert rules.for_student(" Ada@X.org ").variant_of(LEVEL) == rules.for_student("ada@x.org").variant_of(
        LEVEL
    )
    assert rules.variant_of(LEVEL) is None
    write_pack(tmp_path / "p.pack", find_levels_root(), [LEVEL], rules)
    assert open_pack(tmp_path / "p.pack", tmp_path / "home").rules == rules
    wild = dataclasses.replace(rules, variants={LEVEL: (Variant((("till", "rate_per_s", 99.0),)),)})
    write_pack(tmp_path / "wild.pack", find_levels_root(), [LEVEL], wild)
    with pytest.raises(InputError, match="isn't valid"):
        open_pack(tmp_path / "wild.pack", tmp_path / "home")


def test_the_grader_knows_whose_numbers_these_are(proved: tuple[Variant, ...], tmp_path: Path) -> None:
    """A hand-in is graded with the variant of the roster's address. A different signature is reported, and a
    number changed by hand is refused.
    """
    rules = rules_of(proved)
    ada = Student("Ada", "ada@x.org")
    eve = next(
        address
        for n in range(50)
        if rules.for_student(address := f"eve{n}@x.org").variant_of(LEVEL)
        != rules.for_student(ada.email).variant_of(LEVEL)
    )
    cheat = SOLUTION + "\n[components.till]\nrate_per_s = 0.01\n"
    works = [LevelWork(LEVEL, SOLUTION, passed=True), LevelWork(LEVEL, cheat, passed=True)]
    (tmp_path / "ada.toml").write_text(render_hand_in(Signature("Eve", eve), "Week", works))
    shelf = Shelf(None, (LEVEL,))
    assignment = Assignment(tmp_path, rules=rules)
    good, bad = (make_task(one, shelf, (), assignment, ada) for one in find_hand_ins(tmp_path))
    mine = rules.for_student(ada.email).applied(level_by_id(LEVEL))
    assert good.level is not None
    assert good.level.scenario.design == mine.scenario.design
    grade = grade_design(good)
    assert grade.difference.startswith(f"signed by {eve}")
    refused = grade_design(bad)
    assert refused.status == "broken"
    assert "rate_per_s" in refused.reason
