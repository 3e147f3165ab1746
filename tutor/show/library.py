"""The course as the screens need it: read when it is first asked for, and only once."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor.errors import InputError
from tutor.words import translated

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
        """What lists show of the levels, as far as it has been read."""
        self._headings: dict[str, str] = {}

    @cached_property
    def root(self) -> Path:
        """The folder of the course."""
        from tutor.disk import find_levels_root

        return self._root or find_levels_root()

    @cached_property
    def course(self) -> Course:
        """The chapters and the order of their levels; raises :class:`InputError` if they cannot be read."""
        from tutor.catalog import load_course

        return load_course(self.root)

    def outline(self) -> list[tuple[str, list[str]]]:
        """Returns the chapters' titles with their levels' titles, as quickly as can be: for the first frame.

        Only one line of each level is read. If something can't be read, the titles found before it are
        returned: the map itself says why.
        """
        found: list[tuple[str, list[str]]] = []
        try:
            for chapter in _toml(self.root / "course.toml")["chapters"]:
                about = self.root / chapter["id"] / "chapter.toml"
                title = _translation(about).get("title") or _toml(about)["title"]
                found.append((title, [self.heading(f"{chapter['id']}/{name}") for name in chapter["levels"]]))
        except (OSError, ValueError, KeyError, TypeError, InputError):
            return found
        return found

    def heading(self, level_id: str) -> str:
        """Returns the title of a level's row on the map, found without reading the rest of its file; made
        from the folder's name if that fails.
        """
        if level_id not in self._headings:
            self._headings[level_id] = _title_in(self.root / level_id)
        return self._headings[level_id]

    @property
    def order(self) -> tuple[str, ...]:
        """The ids of all levels, in the order of the course."""
        return tuple(level for chapter in self.course.chapters for level in chapter.levels)

    def level(self, level_id: str) -> Level:
        """Returns one level; raises :class:`InputError` if it cannot be read."""
        if level_id not in self.known:
            from tutor.catalog import level_by_id

            level = level_by_id(level_id, self.root)
            self.known[level_id] = self.rules.applied(level) if self.rules is not None else level
        return self.known[level_id]

    def card(self, level_id: str) -> LevelCard:
        """Returns the facts about a level that a list shows; raises :class:`InputError` if it cannot be
        read.
        """
        if level_id not in self.cards:
            from tutor.catalog.cards import LevelCard, read_card

            if self.rules is None:
                self.cards[level_id] = read_card(self.root / level_id, level_id)
            else:  # the teacher's variant has goals of its own
                level = self.level(level_id)
                goals = tuple(goal.say for goal in level.goals)
                self.cards[level_id] = LevelCard(level_id, level.title, level.summary, level.terms, goals)
        return self.cards[level_id]

    def is_open(self, level_id: str, passed: Collection[str]) -> bool:
        """Returns whether a level may be played: always, unless a class pack opens one after the other."""
        return self.rules is None or self.rules.is_open(level_id, self.order, passed)

    @property
    def shows_solutions(self) -> bool:
        """True if reference solutions open after passing."""
        return self.rules is None or self.rules.solutions

    def after(self, level_id: str, passed: Collection[str] = (), unaided: Collection[str] = ()) -> str | None:
        """Returns the level after this one, if any; the next chapter's if a learner who jumped ahead tested
        out of this one's, by the levels ``passed`` and those passed ``unaided``.
        """
        from tutor.progress.fast_track import level_after

        return level_after(self.course, level_id, passed, unaided if self.rules is None else ()) or None

    def following(self, level_id: str, passed: Collection[str], unaided: Collection[str] = ()) -> str | None:
        """Returns the next level that isn't passed and needn't be skipped, from this one on and round again;
        None if none is left.
        """
        from tutor.progress.fast_track import skipped_levels

        counts = unaided if self.rules is None else ()
        done = {level_id, *passed, *skipped_levels(self.course, passed, counts)}
        after = self.after(level_id, passed, unaided)
        place = self.order.index(after) if after is not None else 0
        return next((one for one in (*self.order[place:], *self.order[:place]) if one not in done), None)

    def title(self, level_id: str) -> str:
        """Returns a level's title; its id if it can't be read."""
        try:
            return self.card(level_id).title
        except (InputError, OSError):
            return level_id

    @cached_property
    def glossary(self) -> tuple[GlossaryTerm, ...]:
        """Every term, by title; raises :class:`InputError` if they cannot be read."""
        from tutor.catalog import load_glossary

        return tuple(sorted(load_glossary(self.root), key=lambda term: term.title.lower()))


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    return tomllib.loads(path.read_text("utf-8"))


def _translation(path: Path) -> dict[str, Any]:
    """Returns the texts of a file in the language in use; none if it has none."""
    beside = translated(path)
    return _toml(beside) if beside != path else {}


def _title_in(folder: Path) -> str:
    """Returns a level's title, from the line that gives it; made from the folder's name if no line does."""
    import tomllib

    try:
        title = _translation(folder / "level.toml").get("title")
        with (folder / "level.toml").open(encoding="utf-8") as file:
            for line in itertools.islice(file, TITLE_LINES):
                if title is None and line.startswith("title"):
                    title = tomllib.loads(line)["title"]
    except (OSError, ValueError, KeyError):
        title = None
    return str(title or folder.name.replace("-", " ").capitalize())
