"""Small questions to one track of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def peak(values: Sequence[float]) -> tuple[int, float]:
    """Returns where a track is highest (the first such step), and how high; (0, 0) if it is empty."""
    if not values:
        return 0, 0.0
    most = max(values)
    return values.index(most), most


def at(values: Sequence[T], step: int, default: T) -> T:
    """Returns the value of a track at a step, or ``default`` past its end."""
    return values[step] if 0 <= step < len(values) else default


def mean(values: Sequence[float], first: int, last: int) -> float:
    """Returns the mean of a track from one step to another, both included; 0 if there is none."""
    part = values[max(0, first) : last + 1]
    return sum(part) / len(part) if part else 0.0
