"""A file that is read again each time it is saved."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

POLL_S = 0.25
"""The seconds between two looks at the file."""

Stamp = tuple[int, int, int]
"""When a file was changed, its size and its number on the disk: an editor that replaces the file changes one
of them.
"""


def stamp_of(path: Path) -> Stamp | None:
    """The file's stamp; None where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def watch(path: Path, act: Callable[[], object], *, sleep: Callable[[float], object] = time.sleep) -> None:
    """Calls ``act`` at once and each time the file is saved, until it is interrupted.

    A file that is away for a moment, as some editors save, is waited for; one that changes while ``act`` runs
    is acted on again.
    """
    seen: Stamp | None = stamp_of(path)
    act()
    while True:
        sleep(POLL_S)
        now = stamp_of(path)
        if now is not None and now != seen:
            seen = now
            act()
