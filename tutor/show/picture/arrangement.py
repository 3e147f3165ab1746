"""The slot each part keeps while a design is edited: a part stays in place until a learner moves it.

The first arrangement comes from the flow (``slots``). From then on an edit only ever places new parts, and
puts back parts that return. Pure: slots and boxes in, slots out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping

from tutor.model.design import Design
from tutor.show.picture.layout import Layout
from tutor.show.picture.place import FULL, Box, Cell, Slot

ASIDE = 2.2
"""A row counts as so many columns: a cell is about twice as tall as wide."""

AGAINST = 20.0
"""Standing to the left of what it is added to, against the flow: about as bad as one column of boxes further
right.
"""

COVERED = 12.0
"""Standing on a wire, which then has to run elsewhere: a box height away is better, a column away is not."""

BELOW_VIEW = 400.0
"""Reaching out of view at the top or bottom: any free place in view is better, and a screen is less than 400
cells wide.
"""

BESIDE_VIEW = 1200.0
"""The same at the left or right: free rows are used up before anything scrolls sideways."""

CLEAR = (4, 1)
"""Columns and rows that stay free around a new part: fewer leave no lane for a wire and its arrow."""


LONGEST = 10_000
"""Rows that are looked through for a free one; no design has as many parts."""


@dataclasses.dataclass(frozen=True, slots=True)
class Surroundings:
    """The surroundings by which a place for a new part is judged, in the cells of the layout."""

    layout: Layout
    """The boxes that stand."""
    widths: Mapping[str, int]
    """How many columns the box of each part would like."""
    view: Box
    """The cells that can be on screen together without moving anything."""
    ways: Collection[Collection[Cell]] = ()
    """The cells of each wire."""


def arrange(
    design: Design, before: Design, places: Mapping[str, Slot], around: Surroundings, near: str | None = None
) -> dict[str, Slot]:
    """Returns the slot of every part after an edit: a part in ``around.layout`` that was not moved keeps its
    slot.

    ``before`` is the design that is there now. ``places`` has the slot that each part had of itself when it
    was last on the board, also of parts that are gone: one that comes back, or is given back, takes it again
    where it is free. ``near`` is the part that a new one is added beside.
    """
    found: dict[str, Slot] = {}
    moved: dict[str, Slot] = {}
    stood = before.placed
    for part, component in design.placed.items():
        standing = around.layout.slots.get(part)
        wanted = component.at or places.get(part)
        if standing is not None and stood[part].at == component.at:
            found[part] = standing
        elif wanted is not None:
            moved[part] = wanted
    boxes = {part: box for part, slot in found.items() if (box := _box_at(around, part, slot)) is not None}
    for part, wanted in moved.items():
        found[part] = _free_slot(part, wanted, found.values(), boxes, around)
        if (box := _box_at(around, part, found[part])) is not None:
            boxes[part] = box
    for part in design.placed:
        if part not in found:
            found[part] = _place(design, part, found, boxes, around, near)
            if (box := _box_at(around, part, found[part])) is not None:
                boxes[part] = box
    return {part: found[part] for part in design.placed}


def _free_slot(
    part: str, wanted: Slot, taken: Iterable[Slot], boxes: Mapping[str, Box], around: Surroundings
) -> Slot:
    """Returns the free slot of the wanted column that is nearest, below before above.

    A column that would have to come between two existing ones is the nearer of them: nothing makes room for
    it.
    """
    column, row = wanted
    if around.layout.box_at(wanted, around.widths[part]) is None:
        column = min(around.layout.column_numbers(), key=lambda number: abs(number - column))
    rows = [other for at, other in taken if at == column]
    for distance in range(LONGEST):
        for candidate in (row + distance, row - distance):
            if all(abs(candidate - other) >= FULL for other in rows):
                box = around.layout.box_at((column, candidate), around.widths[part])
                if box is None or not any(box.meets(other) for other in boxes.values()):
                    return column, candidate
    raise AssertionError("a column has a free row")


def _box_at(around: Surroundings, part: str, slot: Slot) -> Box | None:
    if around.layout.slots.get(part) == slot:
        return around.layout.boxes[part]
    return around.layout.box_at(slot, around.widths[part])


def _place(
    design: Design,
    part: str,
    taken: Mapping[str, Slot],
    boxes: Mapping[str, Box],
    around: Surroundings,
    near: str | None,
) -> Slot:
    """Returns the best free slot for a new part: beside the part it is wired to or added to, in view, and off
    the wires.
    """
    goals = list(_goals(design, part, boxes, near))
    passing: dict[Cell, list[int]] = {}
    for number, way in enumerate(around.ways):
        for cell in way:
            passing.setdefault(cell, []).append(number)
    best: tuple[float, int, Slot] | None = None
    for slot in _candidates(around.layout, taken.values()):
        box = around.layout.box_at(slot, around.widths[part])
        if box is None or any(_grown(box, *CLEAR).meets(other) for other in boxes.values()):
            continue
        cost = _out_of_view(box, around.view)
        cost += sum(_distance(box, *goal) for goal in goals) / max(1, len(goals))
        if not goals:
            cost += box.y * ASIDE + box.x / 10
        if best is not None and cost > best[0]:
            continue  # no need to look at the wires below it
        cost += COVERED * len({number for cell in box.cells() for number in passing.get(cell, ())})
        found = (cost, slot[1] % FULL, slot)
        best = found if best is None or found < best else best
    if best is not None:
        return best[2]
    bottom = max((row for _, row in taken.values()), default=-FULL)
    return min((column for column, _ in taken.values()), default=0), bottom + FULL


def _goals(
    design: Design, part: str, boxes: Mapping[str, Box], near: str | None
) -> Iterator[tuple[Box, int]]:
    """Yields boxes to be near to, and on which side: 1 to the right of it, -1 to the left."""
    wired = False
    for wire in design.wires:
        if wire.target == part and wire.source in boxes:
            wired = True
            yield boxes[wire.source], 1
        elif wire.source == part and wire.target in boxes:
            wired = True
            yield boxes[wire.target], -1
    if not wired and near is not None and near in boxes:
        yield boxes[near], 1


def _distance(box: Box, goal: Box, side: int) -> float:
    """Returns how far a box is from the place right beside another one."""
    gap = box.x - goal.right if side > 0 else goal.x - box.right
    aside = abs(box.y - goal.y) * ASIDE
    if gap > 0:
        return gap + aside
    return AGAINST * (1 if box.x == goal.x else 2) + abs(box.x - goal.x) / 2 + aside


def _candidates(layout: Layout, taken: Iterable[Slot]) -> Iterator[Slot]:
    """Yields every slot that a new part might take: in all columns and one beyond, from a box above the top
    to a box below.
    """
    occupied: dict[int, list[int]] = {}
    for column, row in taken:
        occupied.setdefault(column, []).append(row)
    rows = [row for _, row in layout.slots.values()] or [0]
    low, high = min(rows) - FULL, max(rows) + 2 * FULL
    numbers = layout.column_numbers() or [0]
    for column in (*numbers, numbers[-1] + 1, numbers[0] - 1):
        for row in range(low, high + 1):
            if all(abs(row - other) >= FULL for other in occupied.get(column, ())):
                yield column, row


def _grown(box: Box, columns: int, rows: int) -> Box:
    return Box(box.x - columns, box.y - rows, box.width + 2 * columns, box.height + 2 * rows)


def _out_of_view(box: Box, view: Box) -> float:
    beside = max(0, view.x - box.x) + max(0, box.right - view.right)
    beyond = max(0, view.y - box.y) + max(0, box.bottom - view.bottom)
    return (BESIDE_VIEW + beside if beside else 0.0) + (BELOW_VIEW + beyond * ASIDE if beyond else 0.0)
