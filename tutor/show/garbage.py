"""Timing of the garbage collector's full collections: not while something moves, as each pauses the game for
several frames.

Cycles of objects come from screens that are closed; a run frees itself when it is over. So it is enough to
look when a run starts and when a level is left, where the whole picture changes anyway. What the application
itself consists of is never looked at again.
"""

from __future__ import annotations

import gc

_NEVER = 1_000_000
"""How many collections of the middle generation there would have to be before one of the oldest is made
unasked.
"""


def hold() -> tuple[int, int, int]:
    """Keeps the collector away from the oldest generation from now on, and from all present objects for good;
    returns what :func:`release` needs.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(before[0], before[1], _NEVER)
    return before


def sweep() -> None:
    """Frees the cycles that have come since :func:`hold`."""
    gc.collect()


def release(before: tuple[int, int, int]) -> None:
    """Lets the garbage collector decide for itself again."""
    gc.set_threshold(*before)
    gc.unfreeze()
