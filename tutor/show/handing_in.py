"""Handing in, as screens and typed lines see it; the opener of a class pack says how it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from tutor.progress import Progress
from tutor.progress.signature import Signature


class HandingIn(Protocol):
    """The making of the one file that a student hands in."""

    @property
    def signature(self) -> Signature:
        """The name and address given before; empty before the first time."""

    def sign(self, name: str, email: str) -> None:
        """Takes and keeps the student's name and address; raises :class:`InputError` for an empty name."""

    def steps(self) -> Iterator[float]:
        """Makes the file in short steps, each with the progress, 0 to 1; raises :class:`InputError` if there
        is nothing to hand in, or the file can't be written.
        """

    @property
    def result(self) -> str:
        """Describes the file that was made, in a sentence or two; empty before."""


OpenHandingIn = Callable[[Progress], HandingIn]
"""Opens it on a learner's progress."""
