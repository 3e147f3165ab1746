"""Simulated time: whole microseconds, made of the seconds of files in one place."""

from __future__ import annotations

SECOND = 1_000_000
"""Microseconds in a second."""


def micros(seconds: float) -> int:
    """Seconds as whole microseconds, halves rounded up."""
    return int(seconds * SECOND + 0.5)
