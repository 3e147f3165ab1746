"""The list of misconceptions agrees with the levels, and with the table in docs/course.md."""

import re
from pathlib import Path

from tutor.catalog import find_levels_root, level_by_id, load_misconceptions

COURSE = Path(__file__).parents[2] / "docs" / "course.md"


def test_what_meets_a_misconception_is_there() -> None:
    """Every mistake, question and prediction listed for a misconception exists in its level."""
    for one in load_misconceptions():
        assert one.met
        for level_id, found in one.met:
            level = level_by_id(level_id)
            mistakes = find_levels_root() / level_id / "mistakes"
            assert found, (one.id, level_id)
            for by in found:
                if by == "question":
                    assert level.question is not None
                elif by == "prediction":
                    assert level.prediction is not None
                else:
                    assert (mistakes / f"{by}.toml").is_file(), (one.id, level_id, by)


def test_the_page_of_the_course_has_the_same_list() -> None:
    """docs/course.md lists the same misconceptions in the same order, with the same levels and mistakes."""
    rows = re.findall(r"^\| (M\d+) \| (.+?) \| (.+) \|$", COURSE.read_text("utf-8"), re.MULTILINE)
    known = load_misconceptions()
    assert [(one.id, one.say) for one in known] == [(number, words) for number, words, _ in rows]
    for one, (_, _, met) in zip(known, rows, strict=True):
        assert {level for level, _ in one.met} == set(re.findall(r"`([a-z0-9-]+/[a-z0-9-]+)`", met))
        for _, found in one.met:
            for by in set(found) - {"question", "prediction"}:
                assert by in met
