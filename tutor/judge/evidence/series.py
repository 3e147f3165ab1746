"""Small questions to one track of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from tutor.model.timeline import ComponentTrack

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


def of_partitions(track: ComponentTrack, name: str) -> dict[str, list[float]]:
    """Returns one track (``lag``, ``written``) of each partition of a stream, by partition number."""
    return {
        key.split("/")[1]: values
        for key, values in track.extra.items()
        if key.startswith("partition/") and key.endswith(f"/{name}") and values
    }


def mean(values: Sequence[float], first: int, last: int) -> float:
    """Returns the mean of a track from one step to another, both included; 0 if there is none."""
    part = values[max(0, first) : last + 1]
    return sum(part) / len(part) if part else 0.0
