"""The occupancy of one learner's progress by a window of the game: a second one can see that it is the
second.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class Occupancy:
    """A file with the number of the process that has the progress open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mine = False

    def take(self) -> int | None:
        """Takes the progress for this process; returns the number of another running process that has it,
        else None.

        A file that can't be read or written is no reason not to play: then nobody is found.
        """
        try:
            other = int(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            other = 0
        if other != os.getpid() and _runs(other):
            return other
        with contextlib.suppress(OSError):
            self._path.write_text(str(os.getpid()), "utf-8")
            self._mine = True
        return None

    def release(self) -> None:
        """Releases the progress, if this process has it."""
        if self._mine:
            self._mine = False
            with contextlib.suppress(OSError):
                self._path.unlink()


def _runs(process: int) -> bool:
    """Returns whether a process of this number runs. Only POSIX can ask without a side effect."""
    if process <= 0 or os.name != "posix":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
