"""The course as the screens need it: read when it is first asked for, and once."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.errors import InputError

if TYPE_CHECKING:
    from tutor.catalog import LevelCard
    from tutor.model.glossary import GlossaryTerm
    from tutor.model.level import Course, Level
    from tutor.model.pack import PackRules


TITLE_LINES = 20
"""How far down a level file its title is looked for; it stands at the top."""


class Library:
    """The chapters, levels and words of one levels folder."""

    def __init__(self, root: Path | None = None, rules: PackRules | None = None) -> None:
        self._root = root
        self.rules = rules
        """What the teacher decided, where this is a class pack."""
        self.hands_in = False
        """Whether there is somebody to hand in to."""
        self.known: dict[str, Level] = {}
        """The levels read so far."""
        self.cards: dict[str, LevelCard] = {}
        """What the map shows of the levels, as far as it has been read."""

    @cached_property
    def root(self) -> Path:
        """The folder of the course."""
        from tutor.disk import find_levels_root

        return self._root or find_levels_root()

    @cached_property
    def course(self) -> Course:
        """Chapters and the order of their levels; raises :class:`InputError` where they cannot be read."""
        from tutor.catalog import load_course

        return load_course(self.root)

    def outline(self) -> list[tuple[str, list[str]]]:
        """The chapters' titles with their levels' titles, as quickly as can be: for the first frame.

        Only one line of each level is read. What can't be read gives what was found before it: the map itself
        says why.
        """
        import tomllib

        found: list[tuple[str, list[str]]] = []
        try:
            for chapter in tomllib.loads((self.root / "course.toml").read_text("utf-8"))["chapters"]:
                about = tomllib.loads((self.root / chapter["id"] / "chapter.toml").read_text("utf-8"))
                names = chapter["levels"]
                found.append(
                    (about["title"], [_title_in(self.root / chapter["id"] / name) for name in names])
                )
        except (OSError, ValueError, KeyError, TypeError, InputError):
            return found
        return found

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of all levels, in the order of the course."""
        return tuple(level for chapter in self.course.chapters for level in chapter.levels)

    def level(self, level_id: str) -> Level:
        """One level; raises :class:`InputError` where it cannot be read."""
        if level_id not in self.known:
            from tutor.catalog import level_by_id

            level = level_by_id(level_id, self.root)
            self.known[level_id] = self.rules.applied(level) if self.rules is not None else level
        return self.known[level_id]

    def card(self, level_id: str) -> LevelCard:
        """What a list shows of a level; raises :class:`InputError` where it cannot be read."""
        if level_id not in self.cards:
            from tutor.catalog import load_card

            self.cards[level_id] = load_card(level_id, self.root)
        return self.cards[level_id]

    def is_open(self, level_id: str, passed: Collection[str]) -> bool:
        """Whether a level may be played: always, unless a class pack opens one after the other."""
        return self.rules is None or self.rules.is_open(level_id, self.order, passed)

    @property
    def shows_solutions(self) -> bool:
        """Whether reference solutions open after passing."""
        return self.rules is None or self.rules.solutions

    def after(self, level_id: str, unaided: Collection[str] = ()) -> str | None:
        """The level after this one, if any; the next chapter's where this tested out of its own, by the
        levels passed ``unaided``.
        """
        from tutor.progress.fast_track import level_after

        return level_after(self.course, level_id, unaided if self.rules is None else ()) or None

    def following(self, level_id: str, passed: Collection[str], unaided: Collection[str] = ()) -> str | None:
        """The next level that isn't passed and needn't be skipped, from this one on and round again; None
        where none is left.
        """
        from tutor.progress.fast_track import skipped_levels

        counts = unaided if self.rules is None else ()
        done = {level_id, *passed, *skipped_levels(self.course, passed, counts)}
        after = self.after(level_id, unaided)
        place = self.order.index(after) if after is not None else 0
        return next((one for one in (*self.order[place:], *self.order[:place]) if one not in done), None)

    def title(self, level_id: str) -> str:
        """A level's title; its id where it can't be read."""
        try:
            return self.card(level_id).title
        except (InputError, OSError):
            return level_id

    @cached_property
    def glossary(self) -> tuple[GlossaryTerm, ...]:
        """Every term, by title; raises :class:`InputError` where they cannot be read."""
        from tutor.catalog import load_glossary

        return tuple(sorted(load_glossary(self.root), key=lambda term: term.title.lower()))


def _title_in(folder: Path) -> str:
    """A level's title, from the line that gives it; made from the folder's name where no line does."""
    import tomllib

    with (folder / "level.toml").open(encoding="utf-8") as file:
        for line in itertools.islice(file, TITLE_LINES):
            if line.startswith("title"):
                return str(tomllib.loads(line)["title"])
    return folder.name.replace("-", " ").capitalize()
