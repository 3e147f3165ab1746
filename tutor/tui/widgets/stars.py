"""Stars, as a row of signs."""

from __future__ import annotations

from textual.content import Content

from tutor.model.level import Stars

KINDS = ("cost", "speed", "simplicity")
"""What stars are given for."""


def row(earned: int, of: int = 3, *, ascii_only: bool = False) -> Content:
    """``★★☆`` for two of three."""
    full, empty = ("*", ".") if ascii_only else ("★", "☆")
    return Content.assemble((full * earned, "$accent"), (empty * (of - earned), "$faint"))


def total(stars: Stars) -> int:
    """All stars together, 0 to 9."""
    return stars.cost + stars.speed + stars.simplicity
