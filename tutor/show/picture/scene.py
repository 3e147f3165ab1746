"""A design laid out and routed: everything about the picture that does not change during viewing or
playback.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from tutor.model.design import Design
from tutor.show.picture.arrangement import Surroundings, arrange
from tutor.show.picture.boxes import needed_width, shows_name
from tutor.show.picture.glyphs import Glyphs, width_of
from tutor.show.picture.labels import Label, place_labels, wordings
from tutor.show.picture.layout import COMPACT, ROOMY, SMALL, SNUG, TALL, Layout, Scale, lay_out, may_fold
from tutor.show.picture.place import FULL, Box, Cell, Slot
from tutor.show.picture.route import Route, Span
from tutor.show.picture.routing import LARGE, route_wires, still_good
from tutor.show.picture.slots import assign_slots, stackings

EDGE = 1
"""Blank cells to the left and right of everything."""


TRIED = 8
"""The most layouts with shared columns that are routed: in the course one of the first three fits, or
none.
"""
BOTH = 0.1
"""What scrolling in both directions counts as, in sizes of the screen."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """A scene: everything drawn, and where, in cells of the canvas."""

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
    places: Mapping[str, Slot]
    """The slot that each part last had of itself, not by the learner's hand; those that are gone are still in
    it.
    """
    flow: Mapping[str, Slot]
    """The slots as they would be on a wider screen: where this one has too few columns, two columns of boxes
    may share one.
    """

    def part_at(self, cell: Cell) -> str | None:
        """Returns the part whose box holds the cell."""
        return next((part for part, box in self.boxes.items() if box.holds(cell)), None)

    def wires_at(self, cell: Cell) -> tuple[str, ...]:
        """Returns the wires that use the cell, or whose label does."""
        return self.users.get(cell) or tuple(
            key for key, label in self.labels.items() if cell in label.cells()
        )

    def slot_of(self, box: Box) -> Slot:
        """Returns the slot that a part takes when its box is dropped here."""
        return self.layout.slot_of(box.moved(-self.shift[0], -self.shift[1]))

    def free_slot(self, part: str, step: Cell) -> Slot | None:
        """Returns the next slot that is free for a part in a direction; None beyond the column that may be
        added at each side.
        """
        numbers = self.layout.column_numbers()
        column, row = self.layout.slots[part]
        for _ in range(2 * len(self.boxes) + 2):
            column, row = column + step[0], row + step[1]
            if not numbers[0] - 1 <= column <= numbers[-1] + 1:
                return None
            if step[0]:  # beside what stands there
                return self.nearest_slot(part, (column, row))
            if self._is_free(part, (column, row)):
                return column, row
        return None

    def nearest_slot(self, part: str, slot: Slot) -> Slot:
        """Returns the free slot nearest to this one in its column, below before above."""
        rows = (
            row
            for distance in range(4 * len(self.boxes) + 4)
            for row in (slot[1] + distance, slot[1] - distance)
        )
        return next(((slot[0], row) for row in rows if self._is_free(part, (slot[0], row))), slot)

    def _is_free(self, part: str, slot: Slot) -> bool:
        others = [other for name, other in self.layout.slots.items() if name != part]
        return all(column != slot[0] or abs(row - slot[1]) >= FULL for column, row in others)

    def box_of(self, slot: Slot) -> Box | None:
        """Returns the box of a slot; None for a column that does not exist yet."""
        box = self.layout.box_of(slot)
        return box.moved(*self.shift) if box else None


def make_scene(
    design: Design,
    viewport: tuple[int, int],
    glyphs: Glyphs,
    scale: Scale | None = None,
    before: Scene | None = None,
    *,
    grows: bool = False,
) -> Scene:
    """Lays out and routes a design anew for a viewport of so many columns and rows.

    Without ``scale`` the roomiest picture is taken that fits, else the one that leaves the least to scroll.
    The slots of ``before`` are kept, where there is one: parts stand in the same order, on another screen.
    Where a design ``grows`` a smaller picture that leaves rows for one more part is better than one that
    fills the screen.
    """
    slots = dict(before.flow) if before is not None else assign_slots(design)
    places = dict(before.places) if before is not None else {}
    inner = (max(10, viewport[0] - 2 * EDGE), max(4, viewport[1]))
    layouts = list(_layouts(design, slots, scale, inner, glyphs))
    spacious = list(_spacious(design, slots, inner, glyphs)) if grows and scale is None else []
    candidates = [*spacious, *sorted(layouts, key=lambda one: one.scale is SMALL or _cuts(one, design))]
    if len(design.wires) >= LARGE:
        candidates = _likeliest(candidates, inner)
    best: Scene | None = None
    for layout in candidates:
        if (
            best is not None
            and not _fits(layout.size, inner)
            and _overflow(best, viewport) <= _times(layout.size, inner)
        ):
            continue
        scene = _scene(
            design, layout, route_wires(layout.boxes, _spans(design)), glyphs, places, viewport[0], slots
        )
        if _fits(scene.size, viewport):
            return scene
        if best is None or _overflow(scene, viewport) < _overflow(best, viewport):
            best = scene
    assert best is not None
    if scale is None and best.size[0] > viewport[0] and len(design.wires) < LARGE:
        for layout in islice(_narrower(design, slots, inner, glyphs), TRIED):
            scene = _scene(
                design, layout, route_wires(layout.boxes, _spans(design)), glyphs, places, viewport[0], slots
            )
            if _fits(scene.size, viewport):
                return scene
    return best


def _likeliest(layouts: Sequence[Layout], inner: tuple[int, int]) -> list[Layout]:
    """Returns the layout to route where routing is dear: the first whose boxes fit, else the one with the
    least to scroll.
    """
    fits = next((layout for layout in layouts if _fits(layout.size, inner)), None)
    return [fits or min(layouts, key=lambda layout: _times(layout.size, inner))]


def edit_scene(before: Scene, design: Design, view: Box, glyphs: Glyphs, near: str | None = None) -> Scene:
    """Returns the scene after an edit: every part that was not touched stays in its cells, and its wires keep
    their ways.

    ``view`` is what the screen can show without moving anything, in cells of the scene before; ``near`` is
    the part that a new one is added beside.
    """
    scale, stood = before.layout.scale, before.design.placed
    widths = {part: needed_width(one, scale) for part, one in design.placed.items()}
    longer = {part for part in widths if part in stood and widths[part] > needed_width(stood[part], scale)}
    left, top = before.shift
    ways = [[(x - left, y - top) for x, y in way] for way in before.ways.values()]
    around = Surroundings(before.layout, widths, view.moved(-left, -top), ways)
    slots = arrange(design, before.design, before.places, around, near)
    layout = before.layout.keeping(slots, widths, longer)
    if layout is None:
        return make_scene(design, (view.width, view.height), glyphs, scale)
    spans = _spans(design)
    kept = still_good(before.routes.values(), layout.boxes, before.layout.boxes, spans)
    return _scene(
        design, layout, route_wires(layout.boxes, spans, kept), glyphs, before.places, view.right + 1
    )


def _spans(design: Design) -> list[Span]:
    return [Span(wire.ref, wire.source, wire.target, wire.kind) for wire in design.wires]


def _fits(size: tuple[int, int], room: tuple[int, int]) -> bool:
    return size[0] <= room[0] and size[1] <= room[1]


def _layouts(
    design: Design, slots: Mapping[str, Slot], scale: Scale | None, inner: tuple[int, int], glyphs: Glyphs
) -> Iterator[Layout]:
    """Yields layouts to try, the best to look at first: the roomiest, then folded, then small, then folded at
    any price.
    """
    if scale is not None:
        yield _lay_out(design, slots, scale, inner, glyphs)
        return
    for size in (ROOMY, TALL, COMPACT, SNUG):
        yield _lay_out(design, slots, size, inner, glyphs)
    folds = range(1, len({column for column, _ in slots.values()}))
    spans = [(wire.source, wire.target, 0) for wire in design.wires]
    for number in folds:
        if may_fold(slots, spans, number):
            for size in (TALL, COMPACT):
                yield _lay_out(design, slots, size, inner, glyphs, number)
    yield _lay_out(design, slots, SMALL, inner, glyphs)
    for number in folds:
        if may_fold(slots, spans, number):
            yield _lay_out(design, slots, SMALL, inner, glyphs, number)
    for number in folds:
        if not may_fold(slots, spans, number) and may_fold(slots, (), number):
            for size in (COMPACT, SMALL):
                yield _lay_out(design, slots, size, inner, glyphs, number)


def _narrower(
    design: Design, slots: Mapping[str, Slot], inner: tuple[int, int], glyphs: Glyphs
) -> Iterator[Layout]:
    """Yields layouts that fit because neighboring columns of boxes share one; none that would have to be
    scrolled.
    """
    for fewer in stackings(slots):
        for size in (TALL, COMPACT, SNUG, SMALL):
            layout = _lay_out(design, fewer, size, inner, glyphs)
            if _fits(layout.size, inner) and not _cuts(layout, design):
                yield layout


def _spacious(
    design: Design, slots: Mapping[str, Slot], inner: tuple[int, int], glyphs: Glyphs
) -> Iterator[Layout]:
    """Yields layouts that leave rows for one more box below the others."""
    for size in (ROOMY, TALL, COMPACT):
        room = inner[0], inner[1] - size.box_height - size.row_gap - 1
        layout = _lay_out(design, slots, size, room, glyphs)
        if _fits(layout.size, room) and not _cuts(layout, design):
            yield layout


def _overflow(scene: Scene, viewport: tuple[int, int]) -> float:
    return _times(scene.size, viewport)


def _cuts(layout: Layout, design: Design) -> bool:
    """Returns whether a name is cut: another layout that fits and cuts none is better, unless its boxes are
    of one line.
    """
    return any(
        not shows_name(part, layout.boxes[name].width, layout.scale)
        for name, part in design.components.items()
    )


def _times(size: tuple[int, int], room: tuple[int, int]) -> float:
    """Returns how many times larger than the room it is, in the direction where it is worse; scrolling in
    both directions is worse still.
    """
    across, down = size[0] / room[0], size[1] / room[1]
    return max(across, down) + (BOTH if min(across, down) > 1 else 0.0)


def _lay_out(
    design: Design,
    slots: Mapping[str, Slot],
    scale: Scale,
    inner: tuple[int, int],
    glyphs: Glyphs,
    folds: int = 0,
) -> Layout:
    widths = {part: needed_width(one, scale) for part, one in design.placed.items()}
    pick = 0 if scale is ROOMY else -1
    spans = [(wire.source, wire.target, width_of(wordings(wire, glyphs)[pick])) for wire in design.wires]
    return lay_out(slots, widths, spans, scale, inner, folds, design.notes)


def _scene(
    design: Design,
    layout: Layout,
    routes: Mapping[str, Route],
    glyphs: Glyphs,
    places: Mapping[str, Slot],
    room: int,
    flow: Mapping[str, Slot] | None = None,
) -> Scene:
    raw = {key: route.cells() for key, route in routes.items()}
    xs = [x for box in layout.boxes.values() for x in (box.x, box.right)] + [
        x for way in raw.values() for x, _ in way
    ]
    ys = [y for box in layout.boxes.values() for y in (box.y, box.bottom)] + [
        y for way in raw.values() for _, y in way
    ]
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
        blocked.update(box.cells())
    shifted = [
        Route(route.span, tuple((x - left, y - top) for x, y in route.corners)) for route in routes.values()
    ]
    texts = {wire.ref: wordings(wire, glyphs) for wire in design.wires}
    labels = place_labels(shifted, texts, shared, blocked, max(size[0], room))
    size = max([size[0], *(label.cell[0] + width_of(label.text) for label in labels.values())]), size[1]
    placed = design.placed
    own = {part: slot for part, slot in layout.slots.items() if placed[part].at is None}
    joined = {cell: tuple(keys) for cell, keys in users.items()}
    return Scene(
        design,
        layout,
        routes,
        (-left, -top),
        size,
        boxes,
        ways,
        labels,
        joined,
        {**places, **own},
        flow if flow is not None else layout.slots,
    )
