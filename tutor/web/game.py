"""The game on the page's terminal."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from tutor.errors import InputError
from tutor.link import parse_link
from tutor.scoring.remote import RemoteTrials
from tutor.tui.app import Options, TutorApp, make_app
from tutor.web import keeping
from tutor.web.driver import PageDriver
from tutor.web.page import LOOK_S, Page, Receiver
from tutor.web.scoring import PortLine
from tutor.words import say


class Game(Receiver):
    """The game's runner; it restarts the game when another course is opened."""

    def __init__(self, page: Page, given: dict[str, Any]) -> None:
        super().__init__(page, given)
        PageDriver.terminal = page
        self.app: TutorApp | None = None
        self._again = True
        self._tasks: set[asyncio.Task[None]] = set()
        self._size: tuple[int, int] = (given["columns"], given["rows"])
        self._keys: list[list[str]] = []
        self._theme = ""
        self._link: str = given["link"]
        self._line = PortLine()

    def begin(self) -> None:
        """Starts the loop of the game; the page's messages are answered between its turns."""
        keeping.first_preferences(
            self.home / "preferences.toml", dark=self.given["dark"], calm=self.given["calm"]
        )
        self._spawn(self._play())
        self._spawn(self._look())

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _play(self) -> None:
        from tutor.progress import open_progress

        while self._again:
            self._again = False
            opened = keeping.open_kept_pack(self.home)
            self.page.tell("pack", open=opened.rules.title if opened is not None else "")
            with contextlib.ExitStack() as closing:
                home = opened.home if opened is not None else self.home
                self.app = make_app(
                    Options(
                        levels_root=opened.levels_root if opened is not None else None,
                        rules=opened.rules if opened is not None else None,
                        progress=lambda home=home, closing=closing: closing.enter_context(
                            open_progress(home)
                        ),  # type: ignore[misc]
                        preferences_file=self.home / "preferences.toml",
                        driver=PageDriver,
                        address=self.given["address"],
                        trials=lambda: RemoteTrials(self._line),
                    )
                )
                if self.news:
                    self.app.call_later(self._tell_news)
                if self._link:
                    self.app.call_later(self._open_link)
                await self.app.run_async(size=self._size)
        error = self.app._exception if self.app is not None else None
        self.page.tell("failed", why=say("web.over") if error is None else f"{type(error).__name__}: {error}")

    def _open_link(self) -> None:
        word, self._link = self._link, ""
        assert self.app is not None
        self.page.tell(
            "address", hash=""
        )  # loaded again, the page shows what was made of it, and not the link once more
        try:
            self.app.open_link(parse_link(word))
        except InputError as error:
            self.app.notify(str(error), severity="warning", markup=False)

    def _open_design(self, text: str, name: str) -> None:
        assert self.app is not None
        try:
            self.app.open_design(text, name)
        except InputError as error:
            self.app.notify(str(error), severity="warning", markup=False)

    def _tell_news(self) -> None:
        """Reports the result of loading a file or a pack, now that the game shows it."""
        news, self.news = self.news, ""
        assert self.app is not None
        self.app.notify(news, markup=False)
        self.page.note(news)

    def _restart(self) -> None:
        self._again = True
        if self.app is not None:
            self.app.exit()

    async def _look(self) -> None:
        """Informs the page of the facts the game has no message for: its colors, and the keys that
        work now.
        """
        while True:
            await asyncio.sleep(LOOK_S)
            if self.app is None or not self.app.is_running:
                continue
            if self.app.theme != self._theme:
                self._theme = self.app.theme
                colors = self.app.current_theme
                self.page.tell(
                    "theme", background=colors.background, foreground=colors.foreground, dark=colors.dark
                )
            if self.given["touch"]:
                keys = list(self._soft_keys(self.app))
                if keys != self._keys:
                    self._keys = keys
                    self.page.tell("keys", keys=keys)

    @staticmethod
    def _soft_keys(app: TutorApp) -> Any:
        from tutor.web.soft_keys import soft_keys

        return soft_keys(app)

    def use_scoring(self, port: Any) -> None:
        """Lets another worker score from now on."""
        self._line.connect(port)

    def on_unscored(self, _values: dict[str, Any], _data: bytes) -> None:
        """Closes the line to the other worker, which has died: the scoring is done here."""
        self._line.close()

    # what the page says

    def on_input(self, values: dict[str, Any], _data: bytes) -> None:
        """Passes typed keys and clicks to the game."""
        if PageDriver.current is not None:
            PageDriver.current.feed(values["data"])

    def on_resize(self, values: dict[str, Any], _data: bytes) -> None:
        """Resizes the terminal."""
        self._size = PageDriver.room = (values["columns"], values["rows"])
        if PageDriver.current is not None:
            PageDriver.current.resize(*self._size)

    def on_under(self, values: dict[str, Any], _data: bytes) -> None:
        """Looks whether there is something to drag where a finger was put down."""
        from textual.errors import NoWidget
        from textual.scrollbar import ScrollBar

        from tutor.tui.board import Board

        drags = False
        if self.app is not None:
            with contextlib.suppress(NoWidget):
                widget, _ = self.app.get_widget_at(values["column"], values["row"])
                drags = isinstance(widget, Board | ScrollBar)
        self.page.tell("under", drags=drags)

    def on_link(self, values: dict[str, Any], _data: bytes) -> None:
        """Opens a link from the address."""
        self._link = values["link"]
        assert self.app is not None
        self.app.call_later(self._open_link)

    def on_file(self, values: dict[str, Any], data: bytes) -> None:
        """Opens a file dropped on the page, or chosen: a class pack, exported progress, or a design."""
        assert self.app is not None
        name = str(values["name"])
        try:
            if data[:2] == b"PK":
                keeping.keep_pack(self.home, name, data)
                self._restart()
            elif data.lstrip()[:1] == b"{":
                from tutor.progress.merging import merge_export, read_export

                assert self.app.progress is not None
                self.news = merge_export(self.app.progress, read_export(data, name))
                self._restart()
            else:
                self.app.call_later(self._open_design, data.decode("utf-8", errors="replace"), name)
        except InputError as error:
            self.app.notify(str(error), severity="warning", markup=False)

    # what its buttons ask for

    def _do(self, action: str) -> None:
        """Runs a key's action, in the game's own time."""
        assert self.app is not None
        self.app.call_later(self.app.run_action, action)

    def ask_link(self, _values: dict[str, Any]) -> None:
        """Copies a link to the design on the board."""
        self._do("app.copy_link")

    def ask_picture(self, _values: dict[str, Any]) -> None:
        """Saves a picture of the board."""
        self._do("app.copy_picture")

    def ask_export(self, _values: dict[str, Any]) -> None:
        """Downloads all progress as a file."""
        assert self.app is not None
        assert self.app.progress is not None
        self.page.download("tutor-progress.json", "application/json", keeping.exported(self.app.progress))

    def ask_close_pack(self, _values: dict[str, Any]) -> None:
        """Goes back to the course."""
        keeping.close_pack(self.home)
        self._restart()

    def ask_hand_in(self, values: dict[str, Any]) -> None:
        """Makes the file for the teacher."""
        assert self.app is not None
        assert self.app.progress is not None
        opened = keeping.open_kept_pack(self.home)
        root, rules = (opened.levels_root, opened.rules) if opened is not None else (None, None)
        name, content = keeping.hand_in(self.app.progress, root, rules, values["name"], values["email"])
        self.page.download(name, "application/toml", content)
