"""A fault of the game itself: told in one line, with the rest in a file for whoever mends it."""

from __future__ import annotations

import contextlib
import traceback
from pathlib import Path

TROUBLE_FILE = "trouble.log"
"""Where the details of the latest fault are kept, beside the preferences."""


def note_trouble(error: BaseException, folder: Path | None) -> str:
    """Writes the details into ``folder`` (nowhere for None, or where that cannot be written) and returns one line for the learner."""
    said = " ".join(str(error).split())[:120]
    line = f"a fault in the game ({type(error).__name__}{f': {said}' if said else ''}); your design and progress are kept"
    if folder is not None:
        with contextlib.suppress(OSError):
            path = folder / TROUBLE_FILE
            path.write_text("".join(traceback.format_exception(error)), "utf-8", errors="replace")
            line += f"; details in {path}"
    return line
