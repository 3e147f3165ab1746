"""What can be kept of a picture when its columns slide apart or together: wires keep their ways between boxes that only moved aside."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping

from tutor.tui.board.place import Box
from tutor.tui.board.route import Route


class Carry:
    """Takes boxes and routes from one layout to another in which most columns are still there, wider or narrower, further left or right.

    Inside a gap a lane keeps its distance from the column at its left; right beside a column it stays beside it. Rows move together.
    """

    def __init__(self, before: Mapping[str, Box], after: Mapping[str, Box]) -> None:
        both = [(box, after[part]) for part, box in before.items() if part in after]
        slides = Counter(new.y - old.y for old, new in both)
        self.down = slides.most_common(1)[0][0] if slides else 0
        moves = Counter(((old.x, old.right), (new.x, new.right)) for old, new in both)
        columns: dict[tuple[int, int], tuple[int, int]] = {}
        for (old, new), _ in moves.most_common():
            columns.setdefault(old, new)
        self.columns = _in_order(sorted(columns.items()))
        """Left and right edge of each column before, and after."""
        self._lefts = [left for (left, _), _ in self.columns]

    def x(self, x: int) -> int | None:
        """Where a column of cells is now; None where there is no room for it any more."""
        place = bisect_right(self._lefts, x) - 1
        if not self.columns:
            return None
        if place < 0:
            (left, _), (new_left, _) = self.columns[0]
            return x - left + new_left
        (left, right), (new_left, new_right) = self.columns[place]
        if x <= right:
            return min(x - left + new_left, new_right)
        if place + 1 == len(self.columns):
            return x - right + new_right
        (following, _), (new_following, _) = self.columns[place + 1]
        if x == following - 1:
            return new_following - 1
        found = x - right + new_right
        return found if found < new_following - 1 else None

    def box(self, box: Box) -> Box | None:
        """Where a box would be if only its column had moved; None for one of no known column."""
        for (left, right), (new_left, new_right) in self.columns:
            if (left, right) == (box.x, box.right):
                return Box(new_left, box.y + self.down, new_right - new_left + 1, box.height)
        return None

    def route(self, route: Route) -> Route | None:
        """The same way between the moved columns; None where a lane of it has no room any more."""
        corners = []
        for x, y in route.corners:
            found = self.x(x)
            if found is None:
                return None
            corners.append((found, y + self.down))
        return Route(route.span, tuple(corners))


def _in_order(columns: list[tuple[tuple[int, int], tuple[int, int]]]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """The columns that stand in the same order before and after, without those that overlap."""
    kept: list[tuple[tuple[int, int], tuple[int, int]]] = []
    for old, new in columns:
        if not kept or (old[0] > kept[-1][0][1] and new[0] > kept[-1][1][1]):
            kept.append((old, new))
    return kept
