"""What a worker does before its memory is kept for later visits.

Only Pyodide runs this, in the worker that scores, once the game on the page is at play.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tempfile
import time
from pathlib import Path

import tutor.tui.screens.level
import tutor.web.game
import tutor.web.scoring  # noqa: F401 - what a game needs until its first level is open
from tutor.progress import open_progress
from tutor.tui.app import Options, make_app
from tutor.web.driver import PageDriver
from tutor.words import read_all


def preload() -> None:
    """Imports the modules a game needs until its first level is open, and shows its first frame to nobody;
    the memory of a worker that has done so is kept for later visits, which find everything read and parsed.
    """
    read_all()
    rehearse()
    gc.collect()


def rehearse() -> None:
    """Plays from the start of the game to its first frame, with a new progress and no terminal."""

    async def first_frame(home: Path) -> None:
        with contextlib.ExitStack() as closing:
            options = Options(
                progress=lambda: closing.enter_context(open_progress(home)),
                preferences_file=home / "preferences.toml",
                driver=PageDriver,
            )
            app = make_app(options)
            app.call_later(app.call_after_refresh, app.exit)
            await app.run_async(size=(120, 35))

    PageDriver.terminal = Nobody()
    outer = asyncio._get_running_loop()  # in a worker the browser's loop counts as running all the time
    asyncio._set_running_loop(None)
    try:
        with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=LoopOfItsOwn) as runner:
            runner.run(first_frame(Path(folder)))
    finally:
        asyncio._set_running_loop(outer)


class Nobody:
    """A terminal that nobody looks at."""

    def write(self, text: str) -> None:
        """Draws nothing."""

    def download(self, name: str, mime: str, data: bytes) -> None:
        """Gives nobody a file."""

    def open(self, address: str) -> None:
        """Opens nothing."""


class LoopOfItsOwn(asyncio.BaseEventLoop):
    """An event loop that needs nothing from the browser, so that what ran in it leaves nothing there; it
    watches no files.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = self  # where the base class looks for what has happened to files

    def select(self, timeout: float | None) -> tuple[()]:
        """Waits for the next timer; a task that waits for anything else would wait for ever."""
        time.sleep(timeout or 0)
        return ()

    def _process_events(self, _events: tuple[()]) -> None:
        """Does nothing: there are no files."""

    def _write_to_self(self) -> None:
        """Does nothing: there is no other thread."""
