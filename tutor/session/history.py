"""The designs of a session in the order they were made, for undo and redo."""

from __future__ import annotations

from tutor.errors import InputError
from tutor.model.design import Design
from tutor.words import say


class History:
    """The past and future designs of a session."""

    def __init__(self, first: Design) -> None:
        self._past = [first]
        self._future: list[Design] = []

    @property
    def design(self) -> Design:
        """The present design."""
        return self._past[-1]

    @property
    def past(self) -> tuple[Design, ...]:
        """The designs up to now, the oldest first."""
        return tuple(self._past)

    @property
    def can_undo(self) -> bool:
        """True if there is an edit to undo."""
        return len(self._past) > 1

    @property
    def can_redo(self) -> bool:
        """True if there is an edit to redo."""
        return bool(self._future)

    def push(self, design: Design) -> bool:
        """Adds a design, and forgets the undone ones; returns False, and does nothing else, if it is the same
        as now.
        """
        if design == self.design:
            return False
        self._past.append(design)
        self._future.clear()
        return True

    def undo(self) -> None:
        """Goes back by one design; raises :class:`InputError` at the beginning."""
        if not self.can_undo:
            raise InputError(say("session.undo"))
        self._future.append(self._past.pop())

    def redo(self) -> None:
        """Goes forward by one design; raises :class:`InputError` at the end."""
        if not self.can_redo:
            raise InputError(say("session.redo"))
        self._past.append(self._future.pop())
