"""The movement of the focus: to the nearest part in a direction, or to the next part or wire in reading
order.
"""

from __future__ import annotations

from tutor.show.picture.place import DOWN, LEFT, RIGHT, Box
from tutor.show.picture.scene import Scene

ASPECT = 2.0
"""How much taller than wide a cell is."""


def toward(scene: Scene, item: str | None, direction: int) -> str | None:
    """Returns the part that an arrow key leads to from a part or wire; None if there is nothing that way.

    From a wire, left and right lead to the part at that end of it.
    """
    if item is None or (item not in scene.boxes and item not in scene.ways):
        return reading_order(scene)[0] if scene.boxes else None
    if item in scene.ways:
        span = scene.routes[item].span
        ends = sorted((span.source, span.target), key=lambda part: scene.boxes[part].middle[0])
        if direction in (LEFT, RIGHT):
            return ends[0] if direction == LEFT else ends[1]
        way = scene.ways[item]
        x, y = way[len(way) // 2]
        start = Box(x, y, 1, 1)
    else:
        start = scene.boxes[item]
    near = {
        wire.target if wire.source == item else wire.source
        for wire in scene.design.wires
        if item in (wire.source, wire.target)
    }
    best: tuple[float, int, str] | None = None
    for part, box in scene.boxes.items():
        if part == item:
            continue
        cost = _effort(start, box, direction)
        if cost is not None:
            found = (cost * (0.85 if part in near else 1.0), box.y, part)  # of two as near, the upper one
            best = found if best is None or found < best else best
    if best is None and len(scene.layout.tiers) > 1:
        return _along_the_flow(scene, item, direction)
    return best[2] if best else None


def _along_the_flow(scene: Scene, item: str, direction: int) -> str | None:
    """Follows the flow in a folded layout: at the end of a tier to where a wire leads, back at its start to
    where one comes from.
    """
    if direction == RIGHT:
        return next((wire.target for wire in scene.design.wires_from(item)), None)
    if direction == LEFT:
        return next((wire.source for wire in scene.design.wires_to(item)), None)
    return None


def _effort(start: Box, end: Box, direction: int) -> float | None:
    """Returns how far the eye has to go; None if ``end`` does not lie that way. Straight ahead is near, aside
    is far.
    """
    (x, y), (to_x, to_y) = start.middle, end.middle
    dx, dy = to_x - x, (to_y - y) * ASPECT
    along, aside = (dx, dy) if direction in (RIGHT, LEFT) else (dy, dx)
    if direction not in (RIGHT, DOWN):
        along = -along
    if along <= 0:
        return None
    if direction in (RIGHT, LEFT):
        overlap = min(start.bottom, end.bottom) - max(start.y, end.y)
        if end.x <= start.right and start.x <= end.right:
            return None
    else:
        overlap = min(start.right, end.right) - max(start.x, end.x)
        if end.y <= start.bottom and start.y <= end.bottom:
            return None
    return along + (0.5 if overlap >= 0 else 2.5) * abs(aside)


def reading_order(scene: Scene) -> list[str]:
    """Returns every part from left to right and from top to bottom, each followed by the wires that
    leave it.
    """
    parts = sorted(scene.boxes, key=scene.layout.slots.__getitem__)
    return [item for part in parts for item in (part, *(wire.ref for wire in scene.design.wires_from(part)))]


def following(scene: Scene, item: str | None, step: int) -> str | None:
    """Returns the part or wire ``step`` places on in reading order; None beyond either end."""
    order = reading_order(scene)
    if item not in order:
        return (order[0] if step > 0 else order[-1]) if order else None
    place = order.index(item) + step
    return order[place] if 0 <= place < len(order) else None
