"""Standard output and standard error: one document or lines, on any terminal, pipe or encoding."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Mapping
from typing import IO, Any

from tutor.errors import printable

INTERRUPTED = 130
"""The exit code of an interrupted command, as a shell gives it."""

NARROWEST = 20
"""Columns below which lines are left as they are."""


def prepare_streams() -> None:
    """Makes the streams tolerant: characters that an encoding lacks, and bytes that are invalid in it, become
    ``?`` and never stop a command.
    """
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError, OSError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def show(line: str = "") -> None:
    """Writes one line to standard output."""
    _write(sys.stdout, line + "\n")


def show_wrapped(line: str = "") -> None:
    """Writes one line to standard output, broken between words where a terminal would break it anywhere."""
    columns = shutil.get_terminal_size().columns - 1 if is_terminal(sys.stdout) else 0
    if columns < len(line) and columns >= NARROWEST:
        indent = " " * (len(line) - len(line.lstrip()))
        line = "\n".join(textwrap.wrap(line, columns, subsequent_indent=indent, break_on_hyphens=False))
    show(line)


def show_json(document: object) -> None:
    """Writes one JSON document to standard output; infinities and NaN become null."""
    utf8 = (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
    _write(sys.stdout, json.dumps(finite(document), indent=2, ensure_ascii=not utf8, allow_nan=False) + "\n")


def tell(line: str) -> None:
    """Writes one line to standard error: a refusal or a notice. If nothing can be written, the exit code must
    do.
    """
    with contextlib.suppress(OSError):
        _write(sys.stderr, printable(line) + "\n")


def is_terminal(stream: IO[str] | None) -> bool:
    """Returns whether a stream is a terminal: not if it is None or closed."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def has_screen() -> bool:
    """Returns whether the terminal can be drawn on: one that calls itself dumb has lines only."""
    return os.environ.get("TERM", "") not in ("dumb", "unknown")


def can_draw(stream: IO[str] | None) -> bool:
    """Returns whether a stream's encoding, and the language that was asked for, have the characters of boxes
    and signs.

    Python writes UTF-8 even where the locale is C (PEP 540); a terminal that was set to C may not show it.
    """
    chosen = next((value for name in ("LC_ALL", "LC_CTYPE", "LANG") if (value := os.environ.get(name))), "")
    if chosen in ("C", "POSIX"):
        return False
    try:
        "━▶●".encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeError, LookupError):
        return False
    return True


def note(line: str) -> None:
    """Writes one line to standard error for a person who is watching: nothing if that is not a terminal."""
    if is_terminal(sys.stderr):
        tell(line)


def finite(value: Any) -> Any:
    """Returns ``value`` with None in the place of infinities and NaN, which JSON does not have."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(name): finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    return value


class LastingStream:
    """A text stream that takes what is written to it even when its terminal is gone.

    Textual writes in a thread, which an error ends; whoever writes next would wait for that thread for ever,
    and a game whose window was closed would never end.
    """

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Writes a text if that is possible; returns its length."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flushes the stream if that is possible."""
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def lasting_screen() -> Iterator[None]:
    """Lets the stream that a screen is drawn on outlive its terminal."""
    stream = sys.__stderr__
    if stream is None:
        yield
        return
    vars(sys)["__stderr__"] = LastingStream(stream)
    try:
        yield
    finally:
        vars(sys)["__stderr__"] = stream


class ProgressLine:
    """The progress of long work: one line on standard error, written over and cleared at the end; nothing if
    that is not a terminal.
    """

    def __init__(self, label: str) -> None:
        self.label = label
        self._shown = ""
        self._active = is_terminal(sys.stderr)

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self._replace("")

    def update(self, share: float, what: str = "") -> None:
        """Shows ``share`` from 0 to 1, and the present step."""
        percent = int(max(0.0, min(1.0, share)) * 100)
        text = f"{self.label} {percent:3d}%" + (f" ({what})" if what else "")
        columns = shutil.get_terminal_size().columns - 1
        self._replace(printable(text)[:columns])

    def _replace(self, text: str) -> None:
        if self._active and text != self._shown:
            _write(sys.stderr, "\r" + text.ljust(len(self._shown)) + ("" if text else "\r"))
            self._shown = text


def _writable(text: str, stream: IO[str]) -> str:
    """Returns ``text`` with ``->`` for the arrows that a stream's encoding lacks."""
    try:
        "→".encode(getattr(stream, "encoding", None) or "utf-8")
    except (UnicodeError, LookupError):
        return text.replace("→", "->")
    return text


def _write(stream: IO[str] | None, text: str) -> None:
    """Writes a text; a reader that has gone away (``| head``) is not an error: nothing more is written, and
    the exit code stays what it is.
    """
    if stream is None:
        return
    try:
        stream.write(_writable(text, stream))
        stream.flush()
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
