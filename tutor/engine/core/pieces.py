"""Work that is done in pieces, so that a caller can do something else between them; the result does not
depend on where it pauses.
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
    """Returns the numbers from ``low`` to before ``high``, as one range after the other."""
    return (range(start, min(start + PIECE, high)) for start in range(low, high, PIECE))


def whole(work: Pieces[T]) -> T:
    """Does all pieces at once, and returns the result."""
    try:
        while True:
            next(work)
    except StopIteration as done:
        result: T = done.value
        return result
