"""The course: its chapters and levels, their order, and where they are kept."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tutor.catalog.cards import LEVEL_FILE, LevelCard, read_card
from tutor.catalog.reading import Table
from tutor.catalog.translation import read_translated
from tutor.disk import find_levels_root
from tutor.errors import InputError
from tutor.model.glossary import GlossaryTerm
from tutor.model.level import Chapter, Course, Level
from tutor.model.misconception import Misconception
from tutor.model.setting import nearest, suggest
from tutor.words import say

COURSE_FILE = "course.toml"
"""Holds the order of chapters and levels; nothing else does."""


def _root(root: Path | str | None) -> Path:
    if root is None:
        return find_levels_root()
    root = Path(root)
    if not root.is_dir():
        raise InputError(
            say("files.course.no-folder"),
            file=str(root),
        )
    return root


def load_course(root: Path | str | None = None) -> Course:
    """Reads the chapters in order, from ``course.toml``; a folder of levels without one is taken in the order
    of its names.

    Raises :class:`InputError` where a chapter or level that it names is not there.
    """
    root = _root(root)
    if not (root / COURSE_FILE).is_file():
        return _unordered(root)
    top = read_translated(root / COURSE_FILE)
    top.only(("title", "chapters"))
    chapters = []
    seen: set[str] = set()
    for table in top.tables("chapters"):
        table.only(("id", "levels"))
        chapter_id = table.check_id(table.text("id"), "id")
        if chapter_id in seen:
            raise table.error(say("files.course.chapter-twice", chapter=chapter_id), "id")
        seen.add(chapter_id)
        _check_folder(table, root, chapter_id, "chapter.toml", "id")
        chapters.append(_chapter(root / chapter_id, _levels(table, root, chapter_id)))
    if not chapters:
        raise top.error(say("files.course.no-chapters"), "chapters")
    return Course(top.text("title"), tuple(chapters))


def _levels(table: Table, root: Path, chapter_id: str) -> tuple[str, ...]:
    levels: list[str] = []
    for name in table.texts("levels"):
        name = name.removeprefix(f"{chapter_id}/")
        table.check_id(name, "levels")
        _check_folder(table, root / chapter_id, name, LEVEL_FILE, "levels")
        level_id = f"{chapter_id}/{name}"
        if level_id in levels:
            raise table.error(say("files.course.level-twice", level=name), "levels")
        levels.append(level_id)
    return tuple(levels)


def _check_folder(table: Table, parent: Path, name: str, file: str, key: str) -> None:
    if not (parent / name / file).is_file():
        known = (
            sorted(folder.name for folder in parent.iterdir() if (folder / file).is_file())
            if parent.is_dir()
            else []
        )
        raise table.error(
            say(
                "files.course.no-file",
                name=name,
                file=file,
                folder=str(parent),
                suggestion=suggest(name, known),
            ),
            key,
        )


def _chapter(folder: Path, levels: tuple[str, ...]) -> Chapter:
    """Returns a chapter with these of its levels; a course may leave out the one that its file names as the
    test.
    """
    top = read_translated(folder / "chapter.toml")
    top.only(("title", "blurb", "test"))
    test = top.text("test", "")
    if test:
        test = f"{folder.name}/{top.check_id(test, 'test')}"
    return Chapter(
        folder.name,
        top.text("title"),
        top.text("blurb", "", lines=True),
        levels,
        test if test in levels else "",
    )


def _unordered(root: Path) -> Course:
    """Returns a folder of levels without ``course.toml`` as a course: a pack."""
    chapters = []
    for folder in sorted({path.parent.parent for path in root.glob(f"*/*/{LEVEL_FILE}")}):
        levels = tuple(f"{folder.name}/{path.parent.name}" for path in sorted(folder.glob(f"*/{LEVEL_FILE}")))
        if (folder / "chapter.toml").is_file():
            chapters.append(_chapter(folder, levels))
        else:
            chapters.append(Chapter(folder.name, folder.name.replace("-", " ").capitalize(), "", levels))
    if not chapters:
        raise InputError(say("files.course.no-level-here"), file=str(root))
    return Course(root.absolute().name, tuple(chapters))


def level_folder(level_id: str, root: Path | str | None = None) -> Path:
    """Returns the folder of a level; raises :class:`InputError` with the nearest id if the course has no such
    level.
    """
    root = _root(root)
    course = load_course(root)
    known = [known for chapter in course.chapters for known in chapter.levels]
    if level_id not in known:
        short = [full for full in known if full.partition("/")[2] == level_id]
        if len(short) != 1:
            names = [*known, *(full.partition("/")[2] for full in known)]
            raise InputError(
                say("files.course.no-level", level=level_id, suggestion=_nearest(level_id, names, known))
            )
        level_id = short[0]
    return root / level_id


def _nearest(word: str, names: list[str], known: list[str]) -> str:
    near = nearest(word, names)
    return suggest(word, names) if near else say("files.course.list", count=len(known))


def level_by_id(level_id: str, root: Path | str | None = None) -> Level:
    """Loads the level of this id; the last part of an id is enough if only one level has it."""
    from tutor.catalog.levels import load_level  # with all that a level is made of: a map needs none of it

    return load_level(level_folder(level_id, root))


def load_card(level_id: str, root: Path | str | None = None) -> LevelCard:
    """Reads the facts about a level that a list shows; checks no more of its file than that."""
    return read_card(_root(root) / level_id, level_id)


def load_glossary(root: Path | str | None = None) -> tuple[GlossaryTerm, ...]:
    """Reads the terms of ``glossary.toml``, in its order; none if a level pack has no glossary."""
    path = _root(root) / "glossary.toml"
    if not path.is_file():
        return ()
    top = read_translated(path)
    top.only(("term",))
    terms: dict[str, GlossaryTerm] = {}
    tables = top.tables("term")
    for table in tables:
        table.only([field.name for field in dataclasses.fields(GlossaryTerm)])
        term_id = table.check_id(table.text("id"), "id")
        if term_id in terms:
            raise table.error(say("files.course.term-twice", term=term_id), "id")
        terms[term_id] = GlossaryTerm(
            id=term_id,
            title=table.text("title"),
            definition=table.text("definition", lines=True),
            level=table.text("level", ""),
            see=table.texts("see"),
            aliases=table.texts("aliases"),
        )
    for table, term in zip(tables, terms.values(), strict=True):
        for word in term.see:
            if word not in terms:
                raise table.error(
                    say("files.course.no-term", term=word, suggestion=suggest(word, terms)), "see"
                )
    return tuple(terms.values())


def load_misconceptions(root: Path | str | None = None) -> tuple[Misconception, ...]:
    """Reads the course's list of misconceptions, in its order; none if a folder of levels has no list."""
    path = _root(root) / "misconceptions.toml"
    if not path.is_file():
        return ()
    top = read_translated(path)
    top.only(("misconception",))
    found = []
    for table in top.tables("misconception"):
        table.only(("id", "say", "met"))
        met = []
        for place in table.tables("met"):
            place.only(("level", "by"))
            met.append((place.text("level"), place.texts("by")))
        found.append(Misconception(table.text("id"), table.text("say"), tuple(met)))
    return tuple(found)
