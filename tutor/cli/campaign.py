"""The campaign as a list: chapters, levels, and what is done."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.errors import InputError
from tutor.terminal import tell
from tutor.words import say

if TYPE_CHECKING:
    from tutor.model.level import Course
    from tutor.progress import Standing


def list_chapters(
    course: Course, standings: Mapping[str, Standing], levels_root: Path | None
) -> list[dict[str, Any]]:
    """A table for each chapter, with one for each of its levels; a level that cannot be read is reported and
    left out.

    ``tested_out`` is true of a chapter whose ``test`` was passed without a hint, and of the levels that need
    not be played because of it.
    """
    from tutor.progress.fast_track import is_tested_out, skipped_levels, unaided_levels

    unaided = unaided_levels(standings)
    skipped = skipped_levels(
        course, {level for level, standing in standings.items() if standing.passed}, unaided
    )
    return [
        {
            "id": chapter.id,
            "title": chapter.title,
            "test": chapter.test or None,
            "tested_out": is_tested_out(chapter, unaided),
            "levels": [
                {**found, "tested_out": found["id"] in skipped}
                for found in (_level(level_id, standings, levels_root) for level_id in chapter.levels)
                if found
            ],
        }
        for chapter in course.chapters
    ]


def _level(level_id: str, standings: Mapping[str, Standing], levels_root: Path | None) -> dict[str, Any]:
    from tutor.catalog import load_card
    from tutor.progress import Standing

    try:
        card = load_card(level_id, levels_root)
    except InputError as error:
        tell(str(error))
        return {}
    standing = standings.get(level_id, Standing())
    stars = standing.stars
    return {
        "id": level_id,
        "title": card.title,
        "summary": card.summary,
        "passed": standing.passed,
        "stars": {"cost": stars.cost, "speed": stars.speed, "simplicity": stars.simplicity},
        "attempts": standing.attempts,
    }


def campaign_rows(chapters: list[dict[str, Any]]) -> list[list[str]]:
    """The campaign as a table to read: what is passed with its stars, and what was tested out."""
    rows = []
    for chapter in chapters:
        rows.append([chapter["title"], "", say("commands.tested-out") if chapter["tested_out"] else ""])
        for level in chapter["levels"]:
            done = (
                say("commands.tested-out")
                if level["tested_out"]
                else say("commands.chapter-test")
                if level["id"] == chapter["test"]
                else ""
            )
            if level["passed"]:
                done = say("commands.passed-stars", stars=sum(level["stars"].values()), most=9)
            rows.append([f"  {level['id']}", level["title"], done])
    return rows
