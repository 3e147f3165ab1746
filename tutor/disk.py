"""The game's own folder of levels, and the writing of files so that an interruption leaves the old text or
the new, never a part of either.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path

from tutor.errors import InputError, why_refused
from tutor.words import say


def find_levels_root() -> Path:
    """Returns the folder of the levels that ship with the game: inside the installed package, else in the
    checkout.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_levels", package.parent / "levels"):
        if folder.is_dir():
            return folder
    raise InputError(say("files.disk.no-levels"))


def write_text(path: Path, text: str) -> None:
    """Replaces a file's text atomically, as UTF-8; raises :class:`InputError` if that is not possible."""
    try:
        data = text.encode("utf-8")
    except ValueError as error:
        raise InputError(say("files.unwritable", why=str(error)), file=str(path)) from None
    write_bytes(path, data)


def write_bytes(path: Path, data: bytes) -> None:
    """Replaces a file's content atomically; raises :class:`InputError` if that is not possible."""
    temporary = ""
    _refuse_other_than_file(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(path, temporary)
        Path(temporary).replace(path)
        temporary = ""
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(say("files.unwritable", why=why), file=str(path)) from None
    finally:
        if temporary:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()


def refuse_target(path: Path, *kept: Path, begins: str = "") -> None:
    """Raises :class:`InputError` if ``path`` cannot become a file, or is one of ``kept``: before the long
    work, not after it.

    With ``begins`` a file is only replaced by its like: one that is there, and is not empty, has to begin
    with these words.
    """
    _refuse_other_than_file(path)
    if not path.parent.is_dir():
        raise InputError(say("files.disk.no-folder", folder=str(path.parent)), file=str(path))
    if any(path.resolve() == other.resolve() for other in kept):
        raise InputError(say("files.disk.read-here"), file=str(path))
    if begins and not _begins(path, begins):
        raise InputError(say("files.disk.unlike", begins=begins.strip()), file=str(path))


def _begins(path: Path, words: str) -> bool:
    """Returns whether a file begins with these words, or is empty, or is not there."""
    wanted = words.encode()
    try:
        with path.open("rb") as file:
            found = file.read(len(wanted))
    except FileNotFoundError:
        return True
    except OSError as error:
        raise InputError(say("files.unreadable", why=why_refused(error)), file=str(path)) from None
    return found in (b"", wanted)


def _refuse_other_than_file(path: Path) -> None:
    """Refuses anything but a file: a folder has no text, and replacing a device such as /dev/null would take
    it from the whole machine.
    """
    if path.is_dir():
        raise InputError(say("files.disk.a-folder"), file=str(path))
    if path.exists() and not path.is_file():
        raise InputError(say("files.disk.device"), file=str(path))


def _keep_mode(path: Path, temporary: str) -> None:
    """Gives the new file the mode of the one it replaces, or that of a new file here."""
    try:
        mode = path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        mode = 0o666 & ~mask
    with contextlib.suppress(OSError, NotImplementedError):
        Path(temporary).chmod(mode)
