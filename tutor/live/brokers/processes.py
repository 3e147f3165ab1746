"""Servers as processes of this machine: found, started on a port of their own, killed, stopped and ended."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.metadata
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tutor.errors import InputError, why_refused
from tutor.words import say

START_S = 20.0
"""How long a server may take to answer; NATS takes 60 ms on an idle machine, and others need the processor
too.
"""


def free_port() -> int:
    """Returns a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def packaged(distribution: str, *names: str) -> Path | None:
    """Returns a program that came with an installed Python package; None if there is none."""
    with contextlib.suppress(importlib.metadata.PackageNotFoundError):
        for file in importlib.metadata.files(distribution) or ():
            if file.name in names:
                found = Path(str(file.locate())).resolve()
                if found.is_file():
                    return found
    return None


def listens(port: int) -> bool:
    """Returns whether any process listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def dies_with_parent() -> None:
    """Asks the kernel (Linux) to kill this process when its parent has died; on other systems the parent's
    pipe is watched.
    """
    if sys.platform == "linux":
        set_death_signal = 1
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


class ServerProcess:
    """A server that the run starts, on a port of its own; the common part of all brokers.

    ``url`` has a place for the port. ``command`` makes the command line for a port. ``version`` asks the
    server on a port for its version: None while it is not ready.
    """

    def __init__(
        self,
        title: str,
        url: str,
        command: Callable[[int], Sequence[str]],
        version: Callable[[int], str | None],
        log: Path,
        environment: Callable[[int], dict[str, str]] | None = None,
        patience_s: float = START_S,
    ) -> None:
        self.what = title
        self.port = 0
        self.version = ""
        self._url = url
        self._command = command
        self._ask_version = version
        self._log = log
        self._environment = environment
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address where the server listens."""
        return self._url.format(port=self.port)

    def start(self) -> None:
        """Starts the server on a free port; if it ends because another process took that port first, on
        another one. Raises :class:`InputError` if it doesn't start, or doesn't answer in time.
        """
        for _ in range(3):
            self.port = free_port()
            if self._begin():
                return
        raise InputError(say("live.missing.ended", server=self.what, said=self._last_words()))

    def recover(self) -> None:
        """Restarts the server on its former port, with the same data, without waiting until it answers."""
        self._spawn()

    def crash(self) -> None:
        """Kills the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def hang(self) -> None:
        """Stops the process where it is."""
        if self._process is not None and hasattr(signal, "SIGSTOP"):
            with contextlib.suppress(ProcessLookupError):  # it has been killed meanwhile
                os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets the process continue."""
        if self._process is not None and hasattr(signal, "SIGCONT"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGCONT)

    def pids(self) -> list[int]:
        """Returns the process that is running, if one is."""
        return [self._process.pid] if self._process is not None and self._process.poll() is None else []

    def stop(self) -> None:
        """Ends the process, even if it was stopped."""
        self.crash()

    def _spawn(self) -> None:
        with self._log.open("ab") as log:
            try:
                self._process = subprocess.Popen(  # noqa: S603
                    self._command(self.port),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=None if self._environment is None else {**os.environ, **self._environment(self.port)},
                    preexec_fn=dies_with_parent if os.name == "posix" else None,
                )
            except OSError as error:
                why = why_refused(error)
                raise InputError(say("live.missing.unstartable", server=self.what, why=why)) from None

    def _begin(self) -> bool:
        self._spawn()
        assert self._process is not None
        until = time.monotonic() + self._patience_s
        while time.monotonic() < until:
            if self._process.poll() is not None:
                return False
            if listens(self.port) and (found := self._ask_version(self.port)) is not None:
                self.version = found
                return True
            time.sleep(0.02)
        self.crash()
        raise InputError(say("live.missing.silent", server=self.what, patience=self._patience_s))

    def _last_words(self) -> str:
        """Returns the last line that the process wrote."""
        with contextlib.suppress(OSError):
            lines = self._log.read_text(errors="replace").strip().splitlines()
            if lines:
                return lines[-1][-200:]
        return say("live.missing.no_words")
