"""The state of a game in lines between two commands, and its commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from tutor.model.glossary import GlossaryTerm
from tutor.model.level import Level
from tutor.session import Session
from tutor.show.handing_in import HandingIn
from tutor.show.live import OpenLive
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One typed command."""

    name: str
    """What is typed."""
    form: str
    """What follows it."""
    act: Callable[[PlainGame], Iterable[str]]
    """Does it and gives the lines to show; what follows the command is in the game's ``words``
    and ``rest``.
    """

    @property
    def doc(self) -> str:
        """The meaning of the command, in a few words."""
        return say(f"plain.commands.{self.name}")

    @property
    def line(self) -> str:
        """The typed form of the command, and its effect."""
        return say("plain.command", form=f"{self.name} {self.form}".rstrip(), about=self.doc)


@dataclasses.dataclass(frozen=True, slots=True)
class Reviewing:
    """The questions that come back, as the learner's store has them."""

    due: Callable[[], Sequence[Level]]
    """Gives the levels whose questions are due, the most overdue first."""
    note: Callable[[str, int, bool], None]
    """Notes an answer: the level's id, the place of the choice, whether it is right."""


class PlainGame:
    """The loop of a level as lines."""

    def __init__(
        self,
        session: Session,
        *,
        next_level: Callable[[], str] = str,
        glossary: Callable[[], Sequence[GlossaryTerm]] = tuple,
        open_level: Callable[[str], Session] | None = None,
        hand_in: HandingIn | None = None,
        open_live: OpenLive | None = None,
        reviews: Reviewing | None = None,
    ) -> None:
        self.session = session
        self.open_live = open_live
        """Makes a live run of a scenario; None where nothing can run live."""
        self.glossary = glossary
        """Gives the terms of the glossary; raises :class:`InputError` where they cannot be read."""
        self.open_level = open_level
        """Opens another level by its id or title; None where only this one is to be had."""
        self.next_level = next_level
        """Asked when the level is passed: what to play next, as it is typed after ``tutor play``; empty where
        nothing is left.
        """
        self.hand_in = hand_in
        """Makes the file to hand in; None where there is nobody to hand it in to."""
        self.reviews = reviews
        """The questions that come back; None where nothing is kept."""
        self.over = False
        self.told = False
        """Whether the debrief has been read out."""
        self.seeds_told = False
        """Whether it has been said what a seed is."""
        self.words: list[str] = []
        """The words after the command."""
        self.rest = ""
        """The same, as it was typed."""

    def open(self, session: Session) -> None:
        """Continues with another session."""
        self.session = session
        self.told = False
