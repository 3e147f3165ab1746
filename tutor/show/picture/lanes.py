"""The lanes that wires may run in, between and beside the boxes, and the ports where they may join a box."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from tutor.show.picture.place import Box

MARGIN = 3
"""Lanes outside the outermost boxes."""


def lanes(boxes: Iterable[Box]) -> list[int]:
    """Returns the columns that wires may run down: beside every box, its middle, and every second cell of the
    gaps between columns.
    """
    found: set[int] = set()
    edges = sorted({(box.x, box.right) for box in boxes})
    if not edges:
        return []
    for left, right in edges:
        found.update((left - 1, right + 1, *upright_ports(left, right)))
    covered: list[list[int]] = []
    for left, right in edges:
        if covered and left <= covered[-1][1]:
            covered[-1][1] = max(covered[-1][1], right)
        else:
            covered.append([left, right])
    for (_, right), (left, _) in pairwise(covered):
        found.update(range(right + 2, left - 1, 2))
        found.add(left - 2)
    first, last = covered[0][0], covered[-1][1]
    found.update(range(first - 1 - 2 * MARGIN, first, 2))
    found.update(range(last + 1, last + 2 + 2 * MARGIN, 2))
    return sorted(found)


def upright_ports(left: int, right: int) -> tuple[int, int, int]:
    """Returns the columns where a wire may join a box from above or below: the middle, and half-way to both
    sides.
    """
    middle = (left + right) // 2
    return middle, (left + middle) // 2, (middle + right + 1) // 2


def port_rows(box: Box) -> list[tuple[int, float]]:
    """Returns the rows of a box that wires may join, with the cost of each: the middle is best."""
    middle = box.y + (box.height - 1) // 2
    return [(row, 1.1 * abs(row - middle)) for row in range(box.y + 1, box.bottom)]
