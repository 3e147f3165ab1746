"""Writing files so that an interruption leaves the old text or the new, never a part of either."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from tutor.errors import InputError


def write_text(path: Path, text: str) -> None:
    """Replaces a file's text atomically, as UTF-8; raises :class:`InputError` where that is not possible."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(path, temporary)
        Path(temporary).replace(path)
        temporary = ""
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(f"cannot be written: {why}", file=str(path)) from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def _keep_mode(path: Path, temporary: str) -> None:
    """The new file gets the rights of the one it replaces, or those that a new file would have here."""
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    with contextlib.suppress(OSError, NotImplementedError):
        Path(temporary).chmod(mode)
