"""The ways of wires as values."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

from tutor.show.picture.place import Box, Cell


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """A wire to be routed."""

    key: str
    """The wire's key."""
    source: str
    """The part it starts at."""
    target: str
    """The part it ends at."""
    kind: str
    """The wire's kind."""


@dataclasses.dataclass(frozen=True, slots=True)
class Route:
    """The way of a wire."""

    span: Span
    """The wire."""
    corners: tuple[Cell, ...]
    """From the first cell beside the source to the last one beside the target, by way of each bend."""

    def cells(self) -> list[Cell]:
        """Returns every cell of the way, in order."""
        found = [self.corners[0]]
        for (x, y), (to_x, to_y) in pairwise(self.corners):
            dx, dy = _sign(to_x - x), _sign(to_y - y)
            while (x, y) != (to_x, to_y):
                x, y = x + dx, y + dy
                found.append((x, y))
        return found

    def moved(self, dx: int, dy: int) -> Route:
        """Returns the same way elsewhere."""
        return Route(self.span, tuple((x + dx, y + dy) for x, y in self.corners))

    def meets(self, box: Box) -> bool:
        """Returns whether the route passes through the box."""
        return any(
            min(x, to_x) <= box.right
            and box.x <= max(x, to_x)
            and min(y, to_y) <= box.bottom
            and box.y <= max(y, to_y)
            for (x, y), (to_x, to_y) in pairwise(self.corners or ())
        )


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def siblings(one: Span, other: Span) -> bool:
    """Returns whether two wires belong together, and may share a trunk: the same kind from the same start.

    Not those with the same end: a line in which two sources meet does not say who feeds whom.
    """
    return one.kind == other.kind and one.source == other.source
