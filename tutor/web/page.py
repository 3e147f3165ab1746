"""The game inside a page: started by the page's worker, it answers the page's messages until the page is
closed.

Only Pyodide runs this. The page's messages come as a kind and values (``web/page.js`` has the list), and the
answers go the same way.
"""

from __future__ import annotations

import asyncio
import json
import random
from pathlib import Path
from typing import Any, Protocol

from tutor.errors import TutorError

LOOK_S = 0.25
"""How often the page learns of another theme and, where there are soft keys, of other keys."""


class PageWorker(Protocol):
    """The page's worker, as Python sees it."""

    def write(self, text: str) -> None:
        """Draws on the terminal."""

    def tell(self, kind: str, values: str) -> None:
        """Sends a message to the page; ``values`` is a JSON object."""

    def download(self, name: str, mime: str, data: bytes) -> None:
        """Gives the learner a file."""


class Page:
    """The game's side of the page: its messages and downloads."""

    def __init__(self, worker: PageWorker) -> None:
        self._worker = worker

    def tell(self, kind: str, **values: Any) -> None:
        """Sends a message to the page."""
        self._worker.tell(kind, json.dumps(values))

    def note(self, text: str) -> None:
        """Shows one line at the foot of the page."""
        self.tell("note", text=text)

    def write(self, text: str) -> None:
        """Draws on the terminal."""
        self._worker.write(text)

    def download(self, name: str, mime: str, data: bytes) -> None:
        """Gives the learner a file."""
        self._worker.download(name, mime, data)

    def open(self, address: str) -> None:
        """Opens an address in another tab."""
        if address.startswith(("https://", "http://")):
            self.tell("open", address=address)


def start(worker: PageWorker, options: str) -> Receiver:
    """Starts the game as the page asks for it; ``options`` is a JSON object."""
    random.seed()  # a memory that was kept has its chance kept too
    _mend_loop()
    given = json.loads(options)
    page = Page(worker)
    receiver: Receiver
    if given["lines"]:
        from tutor.web.lines import Lines

        receiver = Lines(page, given)
    else:
        from tutor.web.game import Game

        receiver = Game(page, given)
    receiver.begin()
    return receiver


def _mend_loop() -> None:
    """Repairs Pyodide 314's event loop, which names its tasks with a function that Python 3.14 no
    longer has.
    """
    if not hasattr(asyncio.tasks, "_set_task_name"):
        asyncio.tasks._set_task_name = lambda task, name: task.set_name(name) if name else None  # type: ignore[attr-defined]


class Receiver:
    """The receiver of the page's messages: the game on the terminal, or the game in lines."""

    def __init__(self, page: Page, given: dict[str, Any]) -> None:
        self.page = page
        self.given = given
        self.home = Path(given["home"])
        """Where everything is kept."""
        self.news: str = given["news"]
        """What the learner has to be told as soon as there is a screen; usually empty."""
        if given["pack"]:
            self._open_asked_pack(given["pack"], Path(given["pack_file"]))

    def _open_asked_pack(self, name: str, file: Path) -> None:
        """Opens the class pack that the page's address asks for; one that can't be opened is in the news."""
        from tutor.web import keeping

        try:
            keeping.keep_pack(self.home, name, file.read_bytes())
        except TutorError as error:
            self.news = str(error)

    def begin(self) -> None:
        """Starts the game."""
        raise NotImplementedError

    def receive(self, kind: str, values: str, data: Any = None) -> None:
        """Receives a message of the page; one that can't be met gets one line at its foot."""
        try:
            content = bytes(data.to_py()) if data is not None else b""
            getattr(self, f"on_{kind.replace('-', '_')}")(json.loads(values), content)
        except TutorError as error:
            self.page.note(str(error))

    def use_scoring(self, port: Any) -> None:
        """Takes another worker that is ready to score; a game in lines has no use for it."""

    def on_unscored(self, _values: dict[str, Any], _data: bytes) -> None:
        """Notes that the other worker has died."""

    # what both understand

    def on_ask(self, values: dict[str, Any], _data: bytes) -> None:
        """Answers a button of the page."""
        getattr(self, f"ask_{values['what'].replace('-', '_')}")(values)
