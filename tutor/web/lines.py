"""The game as text in a page: for screen readers, and for anyone who prefers to type."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tutor.catalog import (
    level_by_id,
    level_folder,
    load_card,
    load_course,
    load_design_text,
    load_glossary,
    load_solutions,
    parse_scenario,
)
from tutor.catalog.reading import parse_toml
from tutor.classroom.submit import Submission
from tutor.errors import InputError, TutorError
from tutor.link import DesignLink, parse_link, render_link
from tutor.model.level import Level
from tutor.plain.commands import answer
from tutor.plain.game import PlainGame, Reviewing
from tutor.plain.learning import briefing
from tutor.progress import Progress, open_progress
from tutor.progress.fast_track import level_after, level_to_play, unaided_levels
from tutor.session import Session
from tutor.session.learner import FREE_BOARD
from tutor.session.texts import clean
from tutor.show.sandbox import starter
from tutor.web import keeping
from tutor.web.page import Page, Receiver
from tutor.words import say

MIMES = {".md": "text/markdown", ".toml": "application/toml"}
"""The kinds of file that a command writes, in the words of a browser."""


class Lines(Receiver):
    """One level after the other, as typed lines."""

    def __init__(self, page: Page, given: dict[str, Any]) -> None:
        super().__init__(page, given)
        opened = keeping.open_kept_pack(self.home)
        self.root = opened.levels_root if opened is not None else None
        self.rules = opened.rules if opened is not None else None
        self.title = opened.rules.title if opened is not None else ""
        self.progress: Progress = open_progress(opened.home if opened is not None else self.home)
        self.course = load_course(self.root)
        self.outbox = Path(tempfile.mkdtemp())
        """Where commands write their files; what is in it becomes a download."""
        self.game: PlainGame | None = None

    @property
    def order(self) -> list[str]:
        """The ids of the levels, in order."""
        return [level for chapter in self.course.chapters for level in chapter.levels]

    def begin(self) -> None:
        """Opens the level of the link, or the next one to play."""
        self.page.tell("pack", open=self.title)
        standings = self.progress.standings()
        passed = {name for name, standing in standings.items() if standing.passed}
        level = level_to_play(self.course, passed, unaided_levels(standings), self.progress.latest)
        self.show([say("web.lines-welcome"), *([self.news] if self.news else [])])
        try:
            link = parse_link(self.given["link"]) if self.given["link"] else DesignLink(level, "")
            self.open_link(link)
        except TutorError as error:
            self.show([str(error)])
            self.open(self._session(level))

    def show(self, lines: Iterable[str]) -> None:
        """Shows some lines."""
        self.page.tell("lines", lines=list(lines))

    def open(self, session: Session) -> None:
        """Opens a level, or the free board, with its briefing."""
        if self.game is None:
            self.game = PlainGame(
                session,
                next_level=self._next,
                glossary=lambda: load_glossary(self.root),
                open_level=self._session,
                hand_in=self._submission(),
                reviews=Reviewing(self._due, self.progress.answer),
            )
        else:
            self.game.open(session)
        self.show([*briefing(self.game), *([clean(session.notice)] if session.notice else [])])

    def open_link(self, link: DesignLink) -> None:
        """Puts the design of a link on the board of its level, or on the free board; undo brings the former
        design back. Raises :class:`InputError` for one that can't be read, or whose level is not open.
        """
        if not link.level:
            scenario = parse_scenario(link.text, say("screens.scenario-name"))
            session = self._free_board()
            session.adopt_scenario(scenario)
        else:
            session = self._session(link.level)
            assert session.level is not None
            if link.text:
                name = say("screens.design-name")
                session.adopt(load_design_text(link.text, name=name, level=session.level))
        self.open(session)

    def _session(self, level_id: str) -> Session:
        """Returns a session in a level; raises :class:`InputError` for one that does not exist or is not open
        yet.
        """
        level = level_by_id(level_id, self.root)
        if self.rules is not None:
            passed = {known for known in self.order if self.progress.passed(known)}
            if not self.rules.is_open(level.id, self.order, passed):
                raise InputError(say("web.not-open-yet", level=level.title))
            level = self.rules.applied(level)
        folder = level_folder(level.id, self.root)
        with_solutions = self.rules is None or self.rules.solutions
        return Session(
            level,
            self.progress,
            load_solutions=(lambda: load_solutions(folder, level)) if with_solutions else None,
        )

    def _due(self) -> list[Level]:
        """Returns the levels whose questions are due."""
        return [level_by_id(review.level, self.root) for review in self.progress.due()]

    def _free_board(self) -> Session:
        """Returns a session at the free board, with the design that was on it last."""
        kept = self.progress.kept_design(FREE_BOARD)
        try:
            scenario = parse_scenario(kept) if kept is not None else starter()
        except InputError:
            scenario = starter()
        return Session(None, self.progress, scenario=scenario)

    def _submission(self) -> Submission | None:
        if self.rules is None:
            return None
        return Submission(self.progress, self.home, levels_root=self.root, rules=self.rules)

    def _next(self) -> str:
        """Returns the id of the level after the present one; empty after the last."""
        assert self.game is not None
        level = self.game.session.level
        if level is None:
            return self.progress.latest
        standings = self.progress.standings()
        passed = {name for name, standing in standings.items() if standing.passed}
        unaided = unaided_levels(standings) if self.rules is None else frozenset()
        return level_after(self.course, level.id, passed, unaided)

    def on_line(self, values: dict[str, Any], _data: bytes) -> None:
        """Runs a typed command: those of plain mode, and ``levels``, ``next`` and ``sandbox`` to go from one
        board to another.
        """
        line = str(values["line"])
        words = line.split()
        try:
            if words[:2] == ["tutor", "play"]:  # as a verdict says it
                words, line = words[1:], line.replace("tutor", "", 1)
            if words[:1] == ["levels"]:
                self.show(self._levels())
            elif words[:1] == ["sandbox"]:
                self.open(self._free_board())
            elif words[:1] == ["next"]:
                after = self._next()
                if not after:
                    raise InputError(say("web.last-level"))
                self.open(self._session(after))
            elif words[:1] == ["quit"]:
                self.show([say("web.lines-quit")])
            else:
                self._answer(line)
        except TutorError as error:
            self.show([str(error)])

    def _answer(self, line: str) -> None:
        """Shows the lines of an answer as they come: a run takes a while. Files go to the browser."""
        assert self.game is not None
        with contextlib.chdir(self.outbox):
            for text in answer(self.game, line):
                self.show([text])
        for file in self.outbox.iterdir():
            mime = MIMES.get(file.suffix, "application/octet-stream")
            self.page.download(file.name, mime, file.read_bytes())
            file.unlink()

    def _levels(self) -> Iterator[str]:
        for chapter in self.course.chapters:
            yield f"{chapter.title}:"
            for level in chapter.levels:
                key = "web.level-passed" if self.progress.passed(level) else "web.level-row"
                yield say(key, title=clean(load_card(level, self.root).title), level=level)

    def on_file(self, values: dict[str, Any], data: bytes) -> None:
        """Opens a file dropped on the page, or chosen: a class pack, exported progress, or a design."""
        name = str(values["name"])
        try:
            if data[:2] == b"PK":
                keeping.keep_pack(self.home, name, data)
                self.page.tell("restart")
            elif data.lstrip()[:1] == b"{":
                from tutor.progress.merging import merge_export, read_export

                self.show([merge_export(self.progress, read_export(data, name))])
            else:
                text = data.decode("utf-8", errors="replace")
                self.open_link(DesignLink(parse_toml(text, name).text("level", ""), text))
        except TutorError as error:
            self.show([str(error)])

    def on_link(self, values: dict[str, Any], _data: bytes) -> None:
        """Opens a link from the address, which is the text version's again."""
        self.page.tell("address", hash="#text")
        try:
            self.open_link(parse_link(values["link"]))
        except TutorError as error:
            self.show([str(error)])

    def ask_link(self, _values: dict[str, Any]) -> None:
        """Copies a link to the design on the board."""
        assert self.game is not None
        session = self.game.session
        level = session.level.id if session.level is not None else ""
        self.page.tell("copy", text=render_link(DesignLink(level, session.text), self.given["address"]))

    def ask_export(self, _values: dict[str, Any]) -> None:
        """Downloads all progress as a file."""
        self.page.download("tutor-progress.json", "application/json", keeping.exported(self.progress))

    def ask_close_pack(self, _values: dict[str, Any]) -> None:
        """Goes back to the course."""
        keeping.close_pack(self.home)
        self.page.tell("restart")

    def ask_hand_in(self, values: dict[str, Any]) -> None:
        """Makes the file for the teacher."""
        name, content = keeping.hand_in(self.progress, self.root, self.rules, values["name"], values["email"])
        self.page.download(name, "application/toml", content)
