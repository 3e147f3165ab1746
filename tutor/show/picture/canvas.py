"""A grid of cells, each a sign with the name of its style; rows come out as runs of equal style."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

BLANK = ""
"""The name of the style of empty cells."""

Run = tuple[str, str]
"""Text and the name of its style."""


class Canvas:
    """Cells by column and row; anything drawn outside is left out."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.height = height
        self.signs = [[" "] * width for _ in range(height)]
        self.styles = [[BLANK] * width for _ in range(height)]

    def put(self, x: int, y: int, sign: str, style: str) -> None:
        """Draws one cell."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self.signs[y][x] = sign
            self.styles[y][x] = style

    def write(self, x: int, y: int, cells: Iterable[str], style: str) -> int:
        """Draws cells in a row; returns the column after the last."""
        for sign in cells:
            self.put(x, y, sign, style)
            x += 1
        return x

    def row(self, y: int, left: int, width: int, over: Mapping[int, Run] | None = None) -> list[Run]:
        """Returns ``width`` cells of a row from column ``left``, as runs; ``over`` has cells drawn on top, by
        column.

        Columns and rows outside are blank.
        """
        right = left + width
        if not 0 <= y < self.height:
            signs, styles = [" "] * width, [BLANK] * width
        else:
            low, high = max(0, left), min(self.width, right)
            before, after = [0] * max(0, min(width, -left)), [0] * max(0, min(width, right - self.width))
            signs = [" " for _ in before] + self.signs[y][low:high] + [" " for _ in after]
            styles = [BLANK for _ in before] + self.styles[y][low:high] + [BLANK for _ in after]
        if over:
            for x, (sign, style) in over.items():
                if left <= x < right:
                    signs[x - left] = sign
                    styles[x - left] = style
        return runs_of(signs, styles)

    def rows_unlike(self, other: Canvas) -> set[int]:
        """Returns the rows that differ from those of another canvas; rows that one alone has differ."""
        mine, theirs = (list(zip(one.signs, one.styles, strict=True)) for one in (self, other))
        differ = {y for y, (here, there) in enumerate(zip(mine, theirs, strict=False)) if here != there}
        return differ | set(range(min(len(mine), len(theirs)), max(len(mine), len(theirs))))

    def text(self) -> str:
        """Returns the signs alone, one line a row, for tests and plain text."""
        return "\n".join("".join(row).rstrip() for row in self.signs)


def runs_of(signs: list[str], styles: list[str]) -> list[Run]:
    """Joins neighbors of one style into runs."""
    runs: list[Run] = []
    start = 0
    end = len(signs)
    while start < end:
        style = styles[start]
        stop = start + 1
        while stop < end and styles[stop] == style:
            stop += 1
        runs.append(("".join(signs[start:stop]), style))
        start = stop
    return runs
