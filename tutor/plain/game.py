"""What a game in lines keeps between two commands, and what a command is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable

from tutor.session import Session


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One typed command."""

    name: str
    """What is typed."""
    form: str
    """What follows it."""
    doc: str
    """What it does, in a few words."""
    act: Callable[[PlainGame], Iterable[str]]
    """Does it and gives the lines to show; what follows the command is in the game's ``words`` and ``rest``."""


class PlainGame:
    """The loop of a level as lines."""

    def __init__(self, session: Session, *, next_level: Callable[[], str] = str) -> None:
        self.session = session
        self.next_level = next_level
        """Asked when the level is passed: what to play next, as it is typed after ``tutor play``; empty where nothing is left."""
        self.over = False
        self.told = False
        """Whether the debrief has been read out."""
        self.seeds_told = False
        """Whether it has been said what a seed is."""
        self.words: list[str] = []
        """The words after the command."""
        self.rest = ""
        """The same, as it was typed."""
