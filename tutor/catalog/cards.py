"""Level cards, for lists of levels: the head of a level's file, read without the rest."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tutor.catalog.reading import Table
from tutor.catalog.translation import read_translated
from tutor.model.level import FORMAT
from tutor.words import say

LEVEL_FILE = "level.toml"
"""The file that makes a folder a level."""


@dataclasses.dataclass(frozen=True, slots=True)
class LevelCard:
    """The facts about a level that a list shows, without reading all of it."""

    id: str
    """``<chapter>/<level>``."""
    title: str
    """Its name."""
    summary: str
    """One sentence."""
    terms: tuple[str, ...]
    """Ids of the glossary terms that it teaches."""
    goals: tuple[str, ...] = ()
    """What must hold, in the learner's words."""


def check_format(top: Table) -> None:
    """Refuses a level file of another format."""
    if "format" not in top:
        raise top.error(say("files.level.no-format", format=FORMAT), "format")
    if top["format"] != FORMAT or isinstance(top["format"], bool):
        raise top.error(say("files.level.format", format=FORMAT), "format")


def read_card(folder: Path, level_id: str) -> LevelCard:
    """Reads the card of the level in a folder; checks no more of its file than the card needs."""
    top = read_translated(folder / LEVEL_FILE)
    check_format(top)
    goals = tuple(table.text("say") for table in top.tables("goals"))
    return LevelCard(level_id, top.text("title"), top.text("summary"), top.texts("terms"), goals)
