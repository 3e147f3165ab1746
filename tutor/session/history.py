"""The designs of a session in the order they were made, for undo and redo."""

from __future__ import annotations

from tutor.errors import InputError
from tutor.model.design import Design
from tutor.words import say


class History:
    """Where a learner has been, and where from there."""

    def __init__(self, first: Design) -> None:
        self._past = [first]
        self._future: list[Design] = []

    @property
    def design(self) -> Design:
        """The design as it is now."""
        return self._past[-1]

    @property
    def past(self) -> tuple[Design, ...]:
        """The designs up to now, the oldest first."""
        return tuple(self._past)

    @property
    def can_undo(self) -> bool:
        """Whether there is anything to take back."""
        return len(self._past) > 1

    @property
    def can_redo(self) -> bool:
        """Whether there is anything to do again."""
        return bool(self._future)

    def push(self, design: Design) -> bool:
        """Goes on to a design, and forgets what was undone; False, and nothing else, where it is the same as
        now.
        """
        if design == self.design:
            return False
        self._past.append(design)
        self._future.clear()
        return True

    def undo(self) -> None:
        """Go back by one; raises :class:`InputError` at the beginning."""
        if not self.can_undo:
            raise InputError(say("session.undo"))
        self._future.append(self._past.pop())

    def redo(self) -> None:
        """Forward by one; raises :class:`InputError` at the end."""
        if not self.can_redo:
            raise InputError(say("session.redo"))
        self._past.append(self._future.pop())
