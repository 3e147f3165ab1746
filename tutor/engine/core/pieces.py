"""Work that is done in pieces, so that a caller can do something else between them; what comes of it does not
depend on where it stops.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

T = TypeVar("T")

PIECE = 4_000
"""How many events are looked at in one piece: a few milliseconds."""

Pieces = Generator[None, None, T]
"""Yields after each piece, and returns what came of it."""


def pieces(low: int, high: int) -> Iterator[range]:
    """The numbers from ``low`` to before ``high``, one piece after the other."""
    return (range(start, min(start + PIECE, high)) for start in range(low, high, PIECE))


def whole(work: Pieces[T]) -> T:
    """Does all pieces at once."""
    try:
        while True:
            next(work)
    except StopIteration as done:
        result: T = done.value
        return result
