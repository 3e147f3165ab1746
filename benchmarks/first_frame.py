"""Time to the first frame: the game against an empty Textual application, both in a real terminal (a pty), in
one run.

Rounds alternate, so that whatever else the machine does hits both; the medians are compared. The frame is
there when the terminal has received the marker that each application draws.

    python benchmarks/first_frame.py [ROUNDS]
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

LIMIT = 1.25
"""The game may take this many times as long as an empty application."""
SIZE = (40, 120)
"""Rows and columns."""

EMPTY = """
from textual.app import App
from textual.widgets import Static
class Empty(App):
    def compose(self):
        yield Static("FIRST-FRAME")
Empty().run()
"""
TITLE = b"The Doorbell"
"""The title of the first level: the first frame of the game has it."""
GAME = "from tutor.cli import main; main([])"


def first_frame(code: str, marker: bytes) -> float:
    """Seconds from the start of a fresh interpreter to the marker on its terminal."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=follower,
        stdout=follower,
        stderr=follower,
        env=environment,
        start_new_session=True,
    )
    os.close(follower)
    seen = b""
    try:
        while marker not in seen:
            if time.perf_counter() - began > 30:
                raise TimeoutError(f"no first frame within 30 s: {seen[-2000:]!r}")
            if select.select([leader], [], [], 0.2)[0]:
                seen += os.read(leader, 65536)
        return time.perf_counter() - began
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(leader)


def main() -> int:
    """Prints both medians and their ratio; 1 where the ratio is above the limit."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as home:
        os.environ["TUTOR_HOME"] = home
        first_frame(GAME, TITLE)
        first_frame(EMPTY, b"FIRST-FRAME")
        empty, game = [], []
        for _ in range(rounds):
            empty.append(first_frame(EMPTY, b"FIRST-FRAME"))
            game.append(first_frame(GAME, TITLE))
        one, other = statistics.median(empty), statistics.median(game)
        whole = statistics.median(first_frame(GAME, b"you are here") for _ in range(rounds))
        print(
            f"empty application {one * 1000:.0f} ms, the game {other * 1000:.0f} ms, ratio {other / one:.2f}"
            f" (limit {LIMIT})"
        )
        print(f"the map is read and drawn after {whole * 1000:.0f} ms, ratio {whole / one:.2f}")
        return 0 if other / one <= LIMIT else 1


if __name__ == "__main__":
    raise SystemExit(main())
