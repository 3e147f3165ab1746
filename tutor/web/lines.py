"""The game as text in a page: for screen readers, and for anyone who prefers to type."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tutor.catalog import level_by_id, level_folder, load_course, load_solutions
from tutor.errors import InputError, TutorError
from tutor.link import parse_link
from tutor.plain.commands import answer
from tutor.plain.game import PlainGame
from tutor.plain.learning import briefing
from tutor.progress import Progress, open_progress
from tutor.progress.fast_track import level_after, level_to_play, unaided_levels
from tutor.session import Session
from tutor.web import keeping
from tutor.web.page import Page, Receiver
from tutor.words import say


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
        self.game: PlainGame | None = None

    @property
    def order(self) -> list[str]:
        """The ids of the levels, in order."""
        return [level for chapter in self.course.chapters for level in chapter.levels]

    def begin(self) -> None:
        """Opens the next level to play."""
        standings = self.progress.standings()
        passed = {name for name, standing in standings.items() if standing.passed}
        level = level_to_play(self.course, passed, unaided_levels(standings), self.progress.latest)
        self.show([say("web.lines-welcome")])
        try:
            link = parse_link(self.given["link"]) if self.given["link"] else None
            self.open(link.level if link is not None and link.level else level)
        except TutorError as error:
            self.show([str(error)])
            self.open(level)

    def show(self, lines: Iterable[str]) -> None:
        """Shows some lines."""
        self.page.tell("lines", lines=list(lines))

    def open(self, level_id: str) -> None:
        """Opens a level with its briefing; raises :class:`InputError` for one that does not exist or is not
        open yet.
        """
        level = level_by_id(level_id, self.root)
        if self.rules is not None:
            passed = {known for known in self.order if self.progress.passed(known)}
            if not self.rules.is_open(level.id, self.order, passed):
                raise InputError(say("web.not-open-yet", level=level.title))
            level = self.rules.applied(level)
        folder = level_folder(level.id, self.root)
        with_solutions = self.rules is None or self.rules.solutions
        session = Session(
            level,
            self.progress,
            load_solutions=(lambda: load_solutions(folder, level)) if with_solutions else None,
        )
        self.game = PlainGame(session, next_level=lambda: self._after(level.id))
        self.show([*briefing(self.game), *([session.notice] if session.notice else [])])

    def _after(self, level_id: str) -> str:
        standings = self.progress.standings()
        passed = {name for name, standing in standings.items() if standing.passed}
        unaided = unaided_levels(standings) if self.rules is None else frozenset()
        return level_after(self.course, level_id, passed, unaided)

    def on_line(self, values: dict[str, Any], _data: bytes) -> None:
        """Runs a typed command: those of plain mode, and ``levels``, ``play LEVEL`` and ``next`` to go from
        one level to another.
        """
        line = str(values["line"])
        words = line.split()
        try:
            if words[:1] == ["levels"]:
                self.show(self._levels())
            elif words[:1] == ["play"] and len(words) == 2:
                self.open(words[1])
            elif words[:2] == ["tutor", "play"] and len(words) == 3:
                self.open(words[2])
            elif words[:1] == ["next"]:
                assert self.game is not None
                assert self.game.session.level is not None
                after = self._after(self.game.session.level.id)
                if not after:
                    raise InputError(say("web.last-level"))
                self.open(after)
            elif words[:1] == ["quit"]:
                self.show([say("web.lines-quit")])
            else:
                assert self.game is not None
                self.show(answer(self.game, line))
        except TutorError as error:
            self.show([str(error)])

    def _levels(self) -> Iterable[str]:
        for chapter in self.course.chapters:
            yield f"{chapter.title}:"
            for level in chapter.levels:
                yield say("web.level-passed", level=level) if self.progress.passed(level) else level

    def on_file(self, values: dict[str, Any], data: bytes) -> None:
        """Opens a file dropped on the page, or chosen: a class pack or exported progress."""
        if data[:2] == b"PK":
            keeping.keep_pack(self.home, str(values["name"]), data)
            self.page.tell("restart")
        else:
            from tutor.progress.merging import merge_export, read_export

            self.show([merge_export(self.progress, read_export(data, str(values["name"])))])

    def on_link(self, values: dict[str, Any], _data: bytes) -> None:
        """Opens the level of a link in the address."""
        self.open(parse_link(values["link"]).level)

    def ask_export(self, _values: dict[str, Any]) -> None:
        """Downloads all progress as a file."""
        self.page.download("tutor-progress.json", "application/json", keeping.exported(self.progress))

    def ask_close_pack(self, _values: dict[str, Any]) -> None:
        """Goes back to the course."""
        keeping.close_pack(self.home)
        self.page.tell("restart")

    def ask_hand_in(self, values: dict[str, Any]) -> None:
        """Makes the file for the teacher."""
        content = keeping.hand_in(self.progress, self.root, self.rules, values["name"], values["email"])
        self.page.download("hand-in.toml", "application/toml", content)
