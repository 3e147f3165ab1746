"""Stars, counted and as a row of signs."""

from __future__ import annotations

from tutor.model.level import Stars
from tutor.words import say

KINDS = ("cost", "speed", "simplicity")
"""What stars are given for."""
MOST = 3 * len(KINDS)
"""The most stars that one level gives."""


def title(kind: str) -> str:
    """Returns the reader's name for one kind of star."""
    return say(f"verdict.kind.{kind}")


def row(earned: int, of: int = 3) -> list[tuple[str, str]]:
    """Returns ``★★☆`` for two of three, as styled text."""
    return [("★" * earned, "$accent"), ("☆" * (of - earned), "$faint")]


def total(stars: Stars) -> int:
    """Returns all stars together, 0 to 9."""
    return stars.cost + stars.speed + stars.simplicity
