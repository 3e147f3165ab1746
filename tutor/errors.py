"""The errors that are raised on purpose, as one tree.

    TutorError                  the base of all; ``exit_code`` is what a command ends with
    ├── InputError (2)          a file, value or argument that cannot be used: file, line, key, remedy
    │   ├── IllegalWire         two parts that no wire may join, with the reason
    │   └── LockedSetting       a change that the level does not allow
    └── StoreError (2)          the progress store cannot be read or written

A run that exceeds its budget of simulated events is not an error: its report says ``complete: false``.
"""

from __future__ import annotations

import unicodedata

__all__ = [
    "IllegalWire",
    "InputError",
    "LockedSetting",
    "StoreError",
    "TutorError",
    "printable",
    "printable_lines",
]

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c")


def is_control(char: str) -> bool:
    """Returns whether a character controls a terminal or turns the direction of text instead of showing
    something.
    """
    return char in _BIDI or unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp")


_JOINERS = frozenset("\u200c\u200d")


def is_shown(char: str) -> bool:
    """Returns whether a character shows something, or joins letters as some scripts need it; not if it is
    unassigned, private or invisible.
    """
    return char.isprintable() or char in _JOINERS or unicodedata.category(char) == "Zs"


def printable(text: str, gap: str = "") -> str:
    """Returns ``text`` without control characters, escape codes and direction marks; line breaks and tabs
    become spaces.

    For whatever comes from outside (file names, arguments, file contents) on its way to a terminal. ``gap``
    takes the place of each character that is removed.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if is_shown(char) else gap for char in " ".join(text.split()))


def printable_lines(text: str) -> str:
    """Returns ``text`` as :func:`printable` does, with its line breaks: a story, a debrief, a post-mortem."""
    if text.isascii() and text.replace("\n", "").isprintable():
        return text
    return "".join(char for char in text.replace("\t", " ") if char == "\n" or is_shown(char))


def why_refused(error: OSError) -> str:
    """Returns why the system refused something, in its own words."""
    return error.strerror or str(error)


class TutorError(Exception):
    """The base of every error that a command turns into one line on standard error."""

    exit_code = 2


class InputError(TutorError):
    """Input that cannot be used: what is wrong, and what would be right.

    ``file``, ``line`` (from 1) and ``key`` (dotted, as in the file) are filled in as far as they are known; a
    layer that knows more adds it with :meth:`located`. The text is one line: ``file:line: key: what``.
    """

    def __init__(self, what: str, *, key: str = "", line: int | None = None, file: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.key = key
        self.line = line
        self.file = file

    def located(self, *, file: str = "", line: int | None = None, key: str = "") -> InputError:
        """Returns the same error with the place filled in if it was not known before."""
        self.file = self.file or file
        self.line = self.line if self.line is not None else line
        self.key = self.key or key
        return self

    def __str__(self) -> str:
        place = self.file
        if self.file and self.line is not None:
            place = f"{self.file}:{self.line}"
        text = ": ".join(part for part in (place, _brief(self.key), _brief_quotes(self.what)) if part)
        return printable(text)


def _brief_quotes(text: str) -> str:
    """Shortens the words that ``text`` quotes from a file, if they are too long to read."""
    return '"'.join(_brief(part, 80) if place % 2 else part for place, part in enumerate(text.split('"')))


def _brief(word: str, most: int = 200) -> str:
    return word if len(word) <= most else word[: most - 3] + "..."


class IllegalWire(InputError):
    """An attempt to join two parts that no wire may join; the text is the reason, written for a learner."""


class LockedSetting(InputError):
    """An attempt to change something that the level has fixed."""


class StoreError(TutorError):
    """A progress store that cannot be read or written."""
