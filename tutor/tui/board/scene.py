"""A design laid out and routed: everything about the picture that does not change while it is looked at or played back."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping

from tutor.model.design import Design
from tutor.tui.board.boxes import needed_width
from tutor.tui.board.carry import Carry
from tutor.tui.board.glyphs import Glyphs, width_of
from tutor.tui.board.labels import Label, place_labels, wordings
from tutor.tui.board.layout import COMPACT, SCALES, TALL, Layout, Scale, lay_out, may_fold
from tutor.tui.board.place import Box, Cell, Slot
from tutor.tui.board.route import Route, Span
from tutor.tui.board.routing import LARGE, route_wires, still_good
from tutor.tui.board.slots import assign_slots, keep_slots

EDGE = 1
"""Blank cells to the left and right of everything."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """What stands where, in cells of the canvas."""

    design: Design
    """The design."""
    layout: Layout
    """The layout, in its own cells."""
    routes: Mapping[str, Route]
    """The ways of the wires by key, in the layout's cells."""
    shift: Cell
    """What to add to the layout's cells."""
    size: tuple[int, int]
    """Columns and rows of the canvas."""
    boxes: Mapping[str, Box]
    """The box of each part."""
    ways: Mapping[str, list[Cell]]
    """The cells of each wire by key, from its start to its end."""
    labels: Mapping[str, Label]
    """The label of each wire that has room for one."""
    users: Mapping[Cell, tuple[str, ...]]
    """The keys of the wires that use a cell."""

    def part_at(self, cell: Cell) -> str | None:
        """The part whose box holds the cell."""
        return next((part for part, box in self.boxes.items() if box.holds(cell)), None)

    def wire_at(self, cell: Cell) -> str | None:
        """The wire that uses the cell, or whose label does."""
        users = self.users.get(cell)
        if users:
            return users[0]
        return next((key for key, label in self.labels.items() if cell in label.cells()), None)

    def slot_of(self, box: Box) -> Slot:
        """The slot that a part takes when its box is dropped here."""
        return self.layout.slot_of(box.moved(-self.shift[0], -self.shift[1]))

    def box_of(self, slot: Slot) -> Box | None:
        """The box that a slot stands for; None for a column that does not exist yet."""
        box = self.layout.box_of(slot)
        return box.moved(*self.shift) if box else None


def make_scene(design: Design, viewport: tuple[int, int], glyphs: Glyphs, scale: Scale | None = None, before: Scene | None = None) -> Scene:
    """Lay out and route a design for a viewport of so many columns and rows.

    Without ``scale`` the roomiest is taken that fits, else the compact one. ``before`` is the scene that is on screen: order and
    the ways of wires that need no change are kept.
    """
    slots = _slots(design, before)
    inner = (max(10, viewport[0] - 2 * EDGE), max(4, viewport[1]))
    layout = _choose(design, slots, scale, inner, glyphs)
    spans = [Span(wire.ref, wire.source, wire.target, wire.kind) for wire in design.wires]
    kept: list[Route] = []
    if before is not None and before.layout.scale == layout.scale:
        carry = Carry(before.layout.boxes, layout.boxes)
        old = {part: carry.box(box) for part, box in before.layout.boxes.items()}
        carried = [carry.route(route) for route in before.routes.values()]
        kept = still_good([route for route in carried if route is not None], layout.boxes, old, spans)
    routes = route_wires(layout.boxes, spans, kept)
    return _scene(design, layout, routes, glyphs)


def _slots(design: Design, before: Scene | None) -> dict[str, Slot]:
    if before is None or len(design.wires) < LARGE or not before.boxes:
        return assign_slots(design, before.layout.slots if before else None)
    parts = design.components
    settled = {
        part
        for wire in before.design.wires
        for part in (wire.source, wire.target)
        if part in parts and (before.design.components[part].at is None or parts[part].at is not None)
    }
    return keep_slots(design, before.layout.slots, settled)


def _fits(layout: Layout, inner: tuple[int, int]) -> bool:
    return layout.size[0] <= inner[0] and layout.size[1] <= inner[1]


def _choose(design: Design, slots: Mapping[str, Slot], scale: Scale | None, inner: tuple[int, int], glyphs: Glyphs) -> Layout:
    """The roomiest layout that fits; else one that is folded; else the compact one, folded where that leaves less to scroll."""
    if scale is not None:
        return _lay_out(design, slots, scale, inner, glyphs)
    for size in reversed(SCALES):
        layout = _lay_out(design, slots, size, inner, glyphs)
        if _fits(layout, inner):
            return layout
    if layout.size[0] <= inner[0]:
        return layout
    spans = [(wire.source, wire.target, 0) for wire in design.wires]
    best, least = layout, _overflow(layout, inner)
    for folds in range(1, len(slots)):
        if may_fold(slots, spans, folds):
            for size in (TALL, COMPACT):
                folded = _lay_out(design, slots, size, inner, glyphs, folds)
                if _fits(folded, inner):
                    return folded
            if _overflow(folded, inner) < least:
                best, least = folded, _overflow(folded, inner)
    return best


def _overflow(layout: Layout, inner: tuple[int, int]) -> float:
    """How many times larger than the screen it is, in the direction where it is worse."""
    return max(layout.size[0] / inner[0], layout.size[1] / inner[1])


def _lay_out(design: Design, slots: Mapping[str, Slot], scale: Scale, inner: tuple[int, int], glyphs: Glyphs, folds: int = 0) -> Layout:
    widths = {part: needed_width(component, scale) for part, component in design.components.items()}
    pick = -1 if scale in (COMPACT, TALL) else 0
    spans = [(wire.source, wire.target, width_of(wordings(wire, glyphs)[pick])) for wire in design.wires]
    return lay_out(slots, widths, spans, scale, inner, folds)


def _scene(design: Design, layout: Layout, routes: Mapping[str, Route], glyphs: Glyphs) -> Scene:
    raw = {key: route.cells() for key, route in routes.items()}
    xs = [x for box in layout.boxes.values() for x in (box.x, box.right)] + [x for way in raw.values() for x, _ in way]
    ys = [y for box in layout.boxes.values() for y in (box.y, box.bottom)] + [y for way in raw.values() for _, y in way]
    left, top = min(xs, default=0) - EDGE, min(ys, default=0)
    size = (max(xs, default=0) - left + 1 + EDGE, max(ys, default=0) - top + 1)
    boxes = {part: box.moved(-left, -top) for part, box in layout.boxes.items()}
    ways = {key: [(x - left, y - top) for x, y in way] for key, way in raw.items()}
    users: defaultdict[Cell, list[str]] = defaultdict(list)
    for key, way in ways.items():
        for cell in way:
            users[cell].append(key)
    shared = {cell for cell, keys in users.items() if len(keys) > 1}
    blocked = set(users)
    for box in boxes.values():
        blocked.update((x, y) for x in range(box.x, box.right + 1) for y in range(box.y, box.bottom + 1))
    shifted = [Route(route.span, tuple((x - left, y - top) for x, y in route.corners)) for route in routes.values()]
    texts = {wire.ref: wordings(wire, glyphs) for wire in design.wires}
    labels = place_labels(shifted, texts, shared, blocked)
    return Scene(design, layout, routes, (-left, -top), size, boxes, ways, labels, {cell: tuple(keys) for cell, keys in users.items()})
