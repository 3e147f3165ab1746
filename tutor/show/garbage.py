"""When the garbage collector may look at everything: not while something moves, for it would stand still for
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
    """From now on the oldest generation is left alone, and all there is now for good; returns what
    :func:`release` needs.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(before[0], before[1], _NEVER)
    return before


def sweep() -> None:
    """Frees the cycles that have come since :func:`hold`."""
    gc.collect()


def release(before: tuple[int, int, int]) -> None:
    """The garbage collector decides for itself again."""
    gc.set_threshold(*before)
    gc.unfreeze()
