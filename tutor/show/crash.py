"""Crashes of the game itself: one line for the learner, and the rest in a file for whoever fixes it."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

from tutor.words import say

MOST_WORDS = 120
"""Letters of an error that fit into one line on screen."""
TROUBLE_FILE = "trouble.log"
"""Where the details of the latest fault are kept, beside the preferences."""


def note_trouble(error: BaseException, folder: Path | None) -> str:
    """Writes the details into ``folder`` (nowhere for None, or where that cannot be written) and returns one
    line for the learner.
    """
    said = " ".join(str(error).split())[:MOST_WORDS]
    name = f"{type(error).__name__}: {said}" if said else type(error).__name__
    line = say("screens.trouble", error=name)
    if folder is not None:
        with contextlib.suppress(OSError):
            path = folder / TROUBLE_FILE
            path.write_text("".join(traceback.format_exception(error)), "utf-8", errors="replace")
            line = say("screens.trouble-details", error=name, path=str(path))
    return line
