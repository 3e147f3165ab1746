"""The screen of a page: Textual's output goes to the page's terminal, and its keys and clicks come back.

No thread and no process: everything happens in the event loop that Pyodide gives to its worker.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, ClassVar, Literal, Protocol, TextIO

from textual import events
from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.geometry import Size
from textual.message import Message

if TYPE_CHECKING:
    from textual.app import App

ESCAPE = "\x1b"
"""The escape key, and the beginning of every sequence."""

ENTER = "\x1b[?1049h\x1b[?1000h\x1b[?1003h\x1b[?1006h\x1b[?25l\x1b[?2004h"
"""Alternate screen, mouse with its moves, no cursor, pasted text in brackets."""
LEAVE = "\x1b[?2004l\x1b[?1006l\x1b[?1003l\x1b[?1000l\x1b[?25h\x1b[?1049l"
"""The same, undone."""


class Terminal(Protocol):
    """The page's terminal, as far as the game knows it."""

    def write(self, text: str) -> None:
        """Draws an escape sequence."""

    def download(self, name: str, mime: str, data: bytes) -> None:
        """Gives the learner a file."""

    def open(self, address: str) -> None:
        """Opens an address in another tab."""


class PageDriver(Driver):
    """Textual's driver for a page. Only one game runs in a worker, so its terminal belongs to the class."""

    terminal: ClassVar[Terminal]
    current: ClassVar[PageDriver | None] = None
    room: ClassVar[tuple[int, int] | None] = None
    """How many columns and rows the page has had room for last, also while no game was there to be told."""

    def __init__(
        self, app: App[Any], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self._parser = XTermParser()
        self._written: list[str] = []
        self._sending = False

    @property
    def is_web(self) -> bool:
        """True: on a page there is no shell to go back to."""
        return True

    def write(self, data: str) -> None:
        """Collects the output of one turn of the loop: a frame is one message to the page and not a
        hundred.
        """
        self._written.append(data)
        if not self._sending:
            self._sending = True
            self._loop.call_soon(self.flush)

    def flush(self) -> None:
        """Sends the collected output."""
        self._sending = False
        text = "".join(self._written)
        self._written.clear()
        if text:
            self.terminal.write(text)

    def start_application_mode(self) -> None:
        """Takes over the terminal and tells the game how large it is."""
        type(self).current = self
        self.write(ENTER)
        self.resize(*(self.room or self._size or (80, 24)))

    def disable_input(self) -> None:
        """Stops listening."""
        type(self).current = None

    def stop_application_mode(self) -> None:
        """Gives the terminal back."""
        self.write(LEAVE)
        self.flush()

    def feed(self, data: str) -> None:
        """Takes typed keys and clicks, as xterm.js sends them: each key whole. So an escape alone is a key,
        even if the next one comes at once: a terminal could not tell it from that key with alt.
        """
        if data == ESCAPE:
            self.process_message(events.Key("escape", ESCAPE))
            return
        for message in self._parser.feed(data):
            self.process_message(message)

    def resize(self, columns: int, rows: int) -> None:
        """Resizes the terminal to this many cells."""
        self._size = (columns, rows)
        size = Size(columns, rows)
        self.send_message(events.Resize(size, size))

    def send_message(self, message: Message) -> None:
        """Sends a message as always, from the loop itself."""
        task = asyncio.ensure_future(self._app._post_message(message))
        task.add_done_callback(lambda done: done.exception())

    def open_url(self, url: str, new_tab: bool = True) -> None:  # noqa: ARG002 - the base class's form
        """Opens an address in another tab: this one is the game."""
        self.terminal.open(url)

    def deliver_binary(
        self,
        binary: BinaryIO | TextIO,
        *,
        delivery_key: str,
        save_path: Path,
        open_method: Literal["browser", "download"] = "download",  # noqa: ARG002 - the base class's form
        encoding: str | None = None,
        mime_type: str | None = None,
        name: str | None = None,
    ) -> None:
        """Gives the learner a file as a download."""
        data = binary.read()
        binary.close()
        self.terminal.download(
            save_path.name,
            mime_type or "application/octet-stream",
            data.encode(encoding or "utf-8") if isinstance(data, str) else data,
        )
        self._app.post_message(events.DeliveryComplete(key=delivery_key, path=save_path, name=name))
