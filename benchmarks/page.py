"""The browser edition against the game in a terminal, on the same machine and in one run: the first frame,
the frames of a playback, and how soon the verdict comes.

    python benchmarks/page.py [--build DIR] [--rounds N]

``DIR`` is what ``python -m tutor.web build DIR`` made; without it the page is built first. A *cold* visit is
the first of a browser that has nothing, a *warm* one is a later tab of the same browser, once the first has
kept what later ones start from. The terminal is a
pty. Rounds alternate, and medians are compared, so that whatever else the machine does hits both. A verdict
is timed from the press of ``r`` (and of ``v`` once there is something to watch) to its text on the screen,
five seeds scored. Frames are
counted as the terminal on the page draws them, at 120x35, in a playback that nothing else disturbs and in one
that goes on while the other seeds are scored. Needs a Chromium. Ends with 1 where a limit is missed.
"""

from __future__ import annotations

import argparse
import fcntl
import functools
import http.server
import itertools
import os
import pty
import re
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tutor.catalog import level_by_id

WARM, VERDICT, FRAMES = 4.0, 2.5, 20.0
"""A warm first frame may take this many times as long as in a terminal, a verdict this many times; a playback
has at least so many frames a second.
"""
HEAVIEST = ("when-it-breaks/musical-chairs", "streams/black-friday")
"""The levels whose runs take longest."""
WATCHED = "first-light/first-event"
"""A level with a playback that is long enough to count frames."""
COLUMNS, ROWS = 120, 35
TITLE = "The Doorbell"
"""The first frame has it."""
SCORED = "5 seeds"
"""The verdict has it, once all seeds are scored."""
MOVING = "▶ 0:"
"""A playback has it on its axis."""
BRIEFED = "▌"
"""The side of a briefing."""
ASKED = "Skip this"
"""A card that asks for a prediction before the first run has it."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE_S = 120.0
COLORS = re.compile(rb"\x1b\[[0-9;]*m")
"""What stands between two letters of one word on a terminal."""


class Terminal:
    """The game in a pty."""

    def __init__(self, *arguments: str) -> None:
        self.began = time.perf_counter()
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self._home = tempfile.TemporaryDirectory()
        self._leader, self._seen = leader, b""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tutor", *arguments],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env={**os.environ, "TERM": "xterm-256color", "TUTOR_HOME": self._home.name},
            start_new_session=True,
        )
        os.close(follower)

    def press(self, *keys: str) -> None:
        """Presses keys; from now on only what is drawn anew is seen."""
        self._seen = b""
        for key in keys:
            os.write(self._leader, key.encode())

    def sees(self, words: str) -> None:
        """Waits until the words are drawn."""
        until = time.perf_counter() + PATIENCE_S
        while words.encode() not in COLORS.sub(b"", self._seen):
            if time.perf_counter() > until:
                raise TimeoutError(f"{words!r} was never drawn: {COLORS.sub(b'', self._seen)[-2000:]!r}")
            if select.select([self._leader], [], [], 0.2)[0]:
                self._seen += os.read(self._leader, 65536)

    def close(self) -> None:
        """Ends the game."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._leader)
        self._home.cleanup()


class Tab:
    """The game in a page."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.page: Page = context.new_page()
        self.began = time.perf_counter()
        self.page.goto(address, wait_until="commit")

    def press(self, *keys: str) -> None:
        """Presses keys."""
        for key in keys:
            self.page.keyboard.press({"\x1b": "Escape"}.get(key, key))

    def sees(self, words: str) -> None:
        """Waits until the words are on the terminal."""
        self.page.wait_for_function(
            """(words) => { if (typeof screen === 'undefined' || !screen?.terminal) return false;
            const lines = screen.terminal.buffer.active;
            for (let row = 0; row < screen.terminal.rows; row++)
              if (lines.getLine(row)?.translateToString().includes(words)) return true;
            return false }""",
            arg=words,
            polling="raf",
            timeout=PATIENCE_S * 1000,
        )

    def close(self) -> None:
        """Closes the tab."""
        self.page.close()

    def fit(self) -> None:
        """Makes the window as large as the terminal has to be."""
        width, height = self.page.evaluate(
            f"""() => {{ const cell = screen.terminal._core._renderService.dimensions.css.cell;
            const bar = document.getElementById('bar').getBoundingClientRect().height;
            return [Math.ceil({COLUMNS} * cell.width) + 1, Math.ceil({ROWS} * cell.height + bar) + 1] }}"""
        )
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.wait_for_function(
            f"() => screen.terminal.cols === {COLUMNS} && screen.terminal.rows === {ROWS}"
        )

    def frames(self, *, for_s: float = 0.0, until: str = "") -> list[float]:
        """The times between the frames that are drawn (s), for so long or until the words are there."""
        self.page.evaluate(
            """() => { window.drawn = [];
            window.counting = screen.terminal.onRender(() => drawn.push(performance.now())) }"""
        )
        if until:
            self.sees(until)
        time.sleep(for_s)
        drawn: list[float] = self.page.evaluate("() => { counting.dispose(); return drawn }")
        return [(later - earlier) / 1000 for earlier, later in itertools.pairwise(drawn)]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a plain server for a folder."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def first_frames(browser: Browser, address: str, rounds: int) -> tuple[float, float, float]:
    """The medians of a terminal, of a cold visit and of a warm one (s)."""
    native, cold, warm = [], [], []

    def frame(game: Terminal | Tab) -> float:
        game.sees(TITLE)
        return time.perf_counter() - game.began

    for number in range(rounds + 1):
        terminal = Terminal()
        one = frame(terminal)
        terminal.close()
        context = browser.new_context()
        tab = Tab(context, address)
        two = frame(tab)
        tab.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        until = time.perf_counter() + PATIENCE_S
        while not tab.page.evaluate("caches.match('memory').then(Boolean)"):
            if time.perf_counter() > until:
                raise TimeoutError("the first visit kept no memory")
            time.sleep(0.5)
        tab.close()
        tab = Tab(context, address)
        three = frame(tab)
        context.close()
        if number:  # the first round warms the machine's own caches
            native.append(one)
            cold.append(two)
            warm.append(three)
    return statistics.median(native), statistics.median(cold), statistics.median(warm)


def playback(browser: Browser, address: str) -> list[float]:
    """The times between the frames of a playback."""
    context = browser.new_context()
    tab = Tab(context, f"{address}#l={WATCHED}")
    tab.sees(BRIEFED)
    tab.fit()
    time.sleep(4)
    tab.press("\x1b", "r")
    tab.sees(MOVING)
    time.sleep(1.5)  # all seeds are scored
    gaps = tab.frames(for_s=5)
    context.close()
    return gaps


def verdicts(browser: Browser, address: str, level: str, rounds: int) -> tuple[float, float, list[float]]:
    """The medians of a terminal and of a page (s), and the times between frames of a playback that goes on
    while seeds are scored.
    """
    native, page = [], []
    gaps: list[float] = []

    def verdict(game: Terminal | Tab) -> float:
        game.press("\x1b")
        time.sleep(1.5)
        if level_by_id(level).prediction is not None:
            game.press("r")
            game.sees(ASKED)
        began = time.perf_counter()
        game.press("s" if level_by_id(level).prediction is not None else "r")
        game.sees(MOVING)
        game.press("v")
        game.sees(SCORED)
        return time.perf_counter() - began

    for _ in range(rounds):
        terminal = Terminal("play", level)
        terminal.sees(BRIEFED)
        time.sleep(2)
        native.append(verdict(terminal))
        terminal.close()
        context = browser.new_context()
        tab = Tab(context, f"{address}#l={level}")
        tab.sees(BRIEFED)
        tab.fit()
        time.sleep(6)  # the second worker is there
        page.append(verdict(tab))
        tab.press("\x1b", "\x1b", "\x1b", "r")
        tab.sees(MOVING)
        gaps += tab.frames(for_s=4)
        context.close()
    return statistics.median(native), statistics.median(page), gaps


def rate(gaps: list[float]) -> float:
    """Frames a second."""
    return len(gaps) / sum(gaps) if gaps else 0.0


def worst(gaps: list[float]) -> float:
    """The time between frames that one in twenty exceeds (ms)."""
    return sorted(gaps)[int(0.95 * len(gaps))] * 1000 if gaps else float("inf")


def main() -> int:
    """Prints a line for each measure; 1 where one is beyond its limit."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument("--build", type=Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--only", choices=("first", "playback", "verdict"))
    given = options.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        print("chromium is missing")
        return 2
    missed = []

    def row(name: str, value: float, limit: float, text: str, holds: Callable[[float, float], bool]) -> None:
        print(f"{name:<46}{text}", flush=True)
        if not holds(value, limit):
            missed.append(name)

    def below(value: float, limit: float) -> bool:
        return value <= limit

    def above(value: float, limit: float) -> bool:
        return value >= limit

    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as running:
        folder = given.build
        if folder is None:
            from tutor.web.build import build

            folder = Path(temporary)
            build(folder)
        browser = running.chromium.launch(executable_path=chromium, args=list(FLAGS))
        with served(folder / "site") as address:
            if given.only in (None, "first"):
                native, cold, warm = first_frames(browser, address, given.rounds)
                text = f"{native:.2f} s in a terminal, {cold:.2f} s cold, {warm:.2f} s warm: "
                text += f"{cold / native:.1f} and {warm / native:.1f} times (limit {WARM} warm)"
                row("first frame", warm / native, WARM, text, below)
            if given.only in (None, "playback"):
                gaps = playback(browser, address)
                text = f"{rate(gaps):.1f} frames a second (limit {FRAMES}), 95% within {worst(gaps):.0f} ms"
                row(f"playback at {COLUMNS}x{ROWS}", rate(gaps), FRAMES, text, above)
            for level in HEAVIEST if given.only in (None, "verdict") else ():
                here, there, gaps = verdicts(browser, address, level, given.rounds)
                text = f"{here:.2f} s in a terminal, {there:.2f} s in a page: {there / here:.2f} times"
                row(f"verdict of {level}", there / here, VERDICT, f"{text} (limit {VERDICT})", below)
                text = f"{rate(gaps):.1f} frames a second, 95% within {worst(gaps):.0f} ms,"
                text += f" the longest wait {max(gaps, default=0) * 1000:.0f} ms"
                row("  its playback while seeds are scored", rate(gaps), FRAMES, text, above)
        browser.close()
    if missed:
        print("beyond its limit: " + ", ".join(name.strip() for name in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
