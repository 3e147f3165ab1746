"""Places on the board: boxes and cells, counted from the board's upper left corner."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

Cell = tuple[int, int]
"""Column and row of one character cell."""

Slot = tuple[int, int]
"""Where a part stands in the grid that a learner moves it on: column, and row in half boxes."""

FULL = 2
"""How many rows of slots one box takes."""

RIGHT, DOWN, LEFT, UP = range(4)
"""The four directions, clockwise."""

STEPS: tuple[Cell, ...] = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""What one cell in each direction adds to column and row."""


@dataclasses.dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of cells."""

    x: int
    """Its first column."""
    y: int
    """Its first row."""
    width: int
    """How many columns."""
    height: int
    """How many rows."""

    @property
    def right(self) -> int:
        """The last column of the place."""
        return self.x + self.width - 1

    @property
    def bottom(self) -> int:
        """The last row of the place."""
        return self.y + self.height - 1

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of the place, in cells."""
        return self.x + (self.width - 1) / 2, self.y + (self.height - 1) / 2

    def holds(self, cell: Cell) -> bool:
        """Returns whether the cell is inside, borders included."""
        return self.x <= cell[0] <= self.right and self.y <= cell[1] <= self.bottom

    def cells(self) -> Iterator[Cell]:
        """Returns every cell inside, borders included, row by row."""
        return (
            (x, y) for y in range(self.y, self.y + self.height) for x in range(self.x, self.x + self.width)
        )

    def meets(self, other: Box) -> bool:
        """Returns whether the two share a cell."""
        return (
            self.x <= other.right
            and other.x <= self.right
            and self.y <= other.bottom
            and other.y <= self.bottom
        )

    def moved(self, dx: int, dy: int) -> Box:
        """Returns the same box elsewhere."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)
