"""The fast track: a chapter whose hard level was passed without help need not be played.

It is for those who jump ahead. Whoever has passed the level before the hard one came to it in order, and goes
on in order.

Nothing is stored for it: the attempts already say who passed without a hint.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tutor.model.level import Chapter, Course
from tutor.progress.records import Standing


def is_tested_out(chapter: Chapter, unaided: Collection[str]) -> bool:
    """Returns whether the chapter's test is among the levels that were passed unaided; never if a chapter has
    no test.
    """
    return bool(chapter.test) and chapter.test in unaided


def unaided_levels(standings: Mapping[str, Standing]) -> frozenset[str]:
    """Returns the ids of the levels that were passed unaided."""
    return frozenset(level for level, standing in standings.items() if standing.unaided)


def has_jumped(course: Course, chapter: Chapter, passed: Collection[str]) -> bool:
    """Returns whether the level before the chapter's test is not passed."""
    order = [level for one in course.chapters for level in one.levels]
    place = order.index(chapter.test) if chapter.test in order else 0
    return place > 0 and order[place - 1] not in passed


def skipped_levels(course: Course, passed: Collection[str], unaided: Collection[str]) -> frozenset[str]:
    """Returns the levels that are not passed and need not be, because the learner has jumped ahead and tested
    out of their chapter.
    """
    chapters = (
        chapter
        for chapter in course.chapters
        if is_tested_out(chapter, unaided) and has_jumped(course, chapter, passed)
    )
    return frozenset(level for chapter in chapters for level in chapter.levels if level not in passed)


def level_to_play(course: Course, passed: Collection[str], unaided: Collection[str], latest: str = "") -> str:
    """Returns the next level to play: the latest if it is not passed yet, else the first that is neither
    passed nor skipped.

    When nothing is left it is the last level of the course; empty if the course has none.
    """
    order = [level for chapter in course.chapters for level in chapter.levels]
    if latest in order and latest not in passed:
        return latest
    skipped = skipped_levels(course, passed, unaided)
    return next(
        (level for level in order if level not in passed and level not in skipped), order[-1] if order else ""
    )


def level_after(course: Course, level_id: str, passed: Collection[str], unaided: Collection[str]) -> str:
    """Returns the level after this one, or the next chapter's first if this one has just tested out a learner
    who jumped ahead; empty after the last.
    """
    order = [level for chapter in course.chapters for level in chapter.levels]
    if level_id not in order:
        return ""
    chapter = next(chapter for chapter in course.chapters if level_id in chapter.levels)
    tested_out = (
        level_id == chapter.test and is_tested_out(chapter, unaided) and has_jumped(course, chapter, passed)
    )
    place = order.index(chapter.levels[-1] if tested_out else level_id) + 1
    return order[place] if place < len(order) else ""
