"""A process for scoring: started when a level is opened, it ends with the game, however that ends."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from multiprocessing.connection import Connection

from tutor.scoring.remote import answers


class ProcessLine:
    """A line to a process of our own; it is started by :meth:`prepare`, and again after it has died."""

    def __init__(self) -> None:
        self._process: multiprocessing.process.BaseProcess | None = None
        self._here: Connection | None = None

    def prepare(self) -> None:
        """Starts the process if there is none; if the system allows none, everything is scored here."""
        if self.open:
            return
        context = multiprocessing.get_context(
            "spawn"
        )  # a fork would copy a terminal in the middle of a frame
        try:
            self._here, there = context.Pipe()
            self._process = context.Process(target=work, args=(there,), daemon=True, name="tutor-scoring")
            self._process.start()
            there.close()
        except (OSError, RuntimeError, ValueError):
            self.close()

    @property
    def open(self) -> bool:
        """True if the process is there."""
        return self._process is not None and self._process.is_alive()

    def send(self, request: bytes) -> bool:
        """Sends a request; returns False if there is no process."""
        self.prepare()
        try:
            if self._here is None:
                return False
            self._here.send_bytes(request)
        except OSError:
            self.close()
            return False
        return True

    def received(self) -> Iterator[bytes]:
        """Yields the answers that have come."""
        try:
            while self._here is not None and self._here.poll():
                yield self._here.recv_bytes()
        except (OSError, EOFError):
            self.close()

    def close(self) -> None:
        """Ends the process."""
        if self._process is not None and self._process.pid is not None:
            self._process.terminate()
            self._process.join(1)
        if self._here is not None:
            self._here.close()
        self._process = self._here = None


def work(line: Connection) -> None:
    """Runs one trial at a time in the process, until nobody is at the other end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ctrl+c is the game's; it ends this process when it ends
    current: Iterator[None] | None = None
    try:
        while True:
            if current is None or line.poll():
                current = answers(line.recv_bytes(), line.send_bytes)
            try:
                next(current)
            except StopIteration:
                current = None
    except (OSError, EOFError):
        return
