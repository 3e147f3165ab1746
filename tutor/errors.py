"""Everything that can go wrong on purpose, as one tree.

    TutorError                  the base of all; ``exit_code`` is what a command ends with
    ├── InputError (2)          a file, value or argument that cannot be used: file, line, key, remedy
    │   ├── IllegalWire         two parts that no wire may join, with the reason
    │   └── LockedSetting       a change that the level does not allow
    └── StoreError (2)          the progress store cannot be read or written

A run that exceeds its budget of simulated events is not an error: its report says ``complete: false``.
"""

from __future__ import annotations

__all__ = ["IllegalWire", "InputError", "LockedSetting", "StoreError", "TutorError"]


class TutorError(Exception):
    """The base of every error that a command turns into one line on standard error."""

    exit_code = 2


class InputError(TutorError):
    """Input that cannot be used: what is wrong, and what would be right.

    ``file``, ``line`` (from 1) and ``key`` (dotted, as in the file) are filled in as far as they are known; a layer that knows
    more adds it with :meth:`located`. The text is one line: ``file:line: key: what``.
    """

    def __init__(self, what: str, *, key: str = "", line: int | None = None, file: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.key = key
        self.line = line
        self.file = file

    def located(self, *, file: str = "", line: int | None = None, key: str = "") -> InputError:
        """The same error with the place filled in where it was not known before."""
        self.file = self.file or file
        self.line = self.line if self.line is not None else line
        self.key = self.key or key
        return self

    def __str__(self) -> str:
        place = self.file
        if self.file and self.line is not None:
            place = f"{self.file}:{self.line}"
        text = ": ".join(part for part in (place, self.key, self.what) if part)
        return " ".join(text.split())


class IllegalWire(InputError):
    """Two parts that no wire may join; the text is the reason, written for a learner."""


class LockedSetting(InputError):
    """A change to something that the level has fixed."""


class StoreError(TutorError):
    """The progress store cannot be read or written."""
