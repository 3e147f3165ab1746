"""The places of boxes, in cells: slots spread over the screen, close or roomy, folded into tiers if a long
flow does not fit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence

from tutor.show.picture.place import FULL, Box, Slot

LabelSpan = tuple[str, str, int]
"""A wire as its source, its target and how many cells its label takes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scale:
    """A scale of drawing: the size of boxes and gaps."""

    name: str
    """``compact`` or ``roomy``."""
    box_height: int
    """Rows of a box, borders included."""
    row_gap: int
    """The fewest rows between two boxes of a column."""
    row_gap_most: int
    """The most rows between them, where there is room."""
    narrowest: int
    """The fewest columns of a box, borders included."""
    usual: int
    """The most columns of a box where room is short."""
    widest: int
    """The most columns of a box."""
    gap: int
    """The fewest columns between two columns of boxes."""
    gap_most: int
    """The most columns between them, where there is room."""


COMPACT = Scale(
    "compact", box_height=4, row_gap=1, row_gap_most=3, narrowest=12, usual=16, widest=36, gap=4, gap_most=16
)
ROOMY = Scale(
    "roomy", box_height=5, row_gap=2, row_gap_most=4, narrowest=16, usual=22, widest=36, gap=9, gap_most=24
)
SNUG = Scale(
    "snug", box_height=5, row_gap=1, row_gap_most=2, narrowest=12, usual=16, widest=36, gap=4, gap_most=16
)
"""Close together, with a row for the end of a long name in each box."""
TALL = Scale(
    "tall", box_height=5, row_gap=2, row_gap_most=4, narrowest=12, usual=16, widest=36, gap=5, gap_most=16
)
SMALL = Scale(
    "small", box_height=3, row_gap=1, row_gap_most=2, narrowest=12, usual=14, widest=34, gap=4, gap_most=12
)
SCALES = (SMALL, COMPACT, SNUG, TALL, ROOMY)
"""All scales, the smaller one first."""

APART = 8
"""Cells between a column that is added at the side and its neighbour: a lane for three wires, and a short
label.
"""

LEAST_GAP = 4
"""Cells that a box which grows leaves free before the next column: a line, a lane, a line and an arrow."""

LANES_MOST = 5
"""The most rows between boxes that are kept free for wires passing by."""

EMPTY_COLUMN = 4
"""Cells that a column without boxes takes."""


TIER_GAP = 3
"""Rows between two tiers of a folded layout: the wires from one to the next run there."""

CUT = 3
"""The most wires from one tier to the next; with more of them a fold is harder to read than a scroll bar."""


@dataclasses.dataclass(frozen=True, slots=True)
class Tier:
    """A stretch of columns in one row of the picture; a layout that is not folded has one."""

    columns: Mapping[int, tuple[int, int]]
    """First cell and width of each column of boxes, by its number."""
    y: int
    """The first row of cells."""
    top: int
    """The row of slots that stands there."""
    height: int
    """Rows of cells."""


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """The place of every box."""

    scale: Scale
    """How large."""
    slots: Mapping[str, Slot]
    """The slot of each part."""
    boxes: Mapping[str, Box]
    """The box of each part."""
    tiers: tuple[Tier, ...]
    """The tiers from top to bottom."""
    pitch: int
    """Cells from one box to the next below it."""

    @property
    def size(self) -> tuple[int, int]:
        """The columns and rows of cells that the boxes take."""
        return (
            max((box.right + 1 for box in self.boxes.values()), default=0),
            max((box.bottom + 1 for box in self.boxes.values()), default=0),
        )

    def slot_of(self, box: Box) -> Slot:
        """Returns the slot for a box that was dropped here."""
        x, y = box.middle
        tier = min(self.tiers, key=lambda tier: max(tier.y - y, 0, y - tier.y - tier.height))
        row = round((box.y - tier.y) * FULL / self.pitch) + tier.top
        numbers = sorted(tier.columns)
        if not numbers:
            return 0, row
        if x < tier.columns[numbers[0]][0] - self.scale.gap:
            return numbers[0] - 1, row
        if x > sum(tier.columns[numbers[-1]]) + self.scale.gap:
            return numbers[-1] + 1, row
        return min(
            numbers, key=lambda number: abs(tier.columns[number][0] + tier.columns[number][1] / 2 - x)
        ), row

    def box_of(self, slot: Slot) -> Box | None:
        """Returns the box of a slot; None for a column that does not exist yet."""
        for tier in self.tiers:
            if slot[0] in tier.columns:
                x, width = tier.columns[slot[0]]
                return Box(x, self._row(tier, slot[1]), width, self.scale.box_height)
        return None

    def _row(self, tier: Tier, row: int) -> int:
        return tier.y + (row - tier.top) * self.pitch // FULL

    def column_numbers(self) -> list[int]:
        """The numbers of all columns, from left to right and from tier to tier."""
        return sorted(number for tier in self.tiers for number in tier.columns)

    def box_at(self, slot: Slot, wanted: int) -> Box | None:
        """Returns the place of a box of so many wanted columns while everything else stays; None if there is
        no room.

        It is as wide as its column, wider where the gap to the next column leaves room; a column beyond the
        outermost ones comes right beside them.
        """
        wanted = max(self.scale.narrowest, min(self.scale.widest, wanted))
        numbers = self.column_numbers()
        if not numbers:
            return Box(0, slot[1] * self.pitch // FULL, wanted, self.scale.box_height)
        apart = max(self.scale.gap, APART)
        for tier in self.tiers:
            here = sorted(tier.columns)
            if not here:
                continue
            if slot[0] in tier.columns:
                x, width = tier.columns[slot[0]]
                following = next((tier.columns[number][0] for number in here if number > slot[0]), None)
                room = wanted if following is None else following - LEAST_GAP - x
                return Box(x, self._row(tier, slot[1]), max(width, min(wanted, room)), self.scale.box_height)
            if slot[0] > here[-1] and here[-1] == numbers[-1]:
                x = (
                    sum(tier.columns[here[-1]])
                    + apart
                    + (slot[0] - here[-1] - 1) * (self.scale.narrowest + apart)
                )
                return Box(x, self._row(tier, slot[1]), wanted, self.scale.box_height)
            if slot[0] < here[0] and here[0] == numbers[0]:
                x = (
                    tier.columns[here[0]][0]
                    - apart
                    - wanted
                    - (here[0] - slot[0] - 1) * (self.scale.narrowest + apart)
                )
                return Box(x, self._row(tier, slot[1]), wanted, self.scale.box_height)
        return None

    def keeping(
        self, slots: Mapping[str, Slot], widths: Mapping[str, int], longer: Collection[str] = ()
    ) -> Layout | None:
        """Returns the layout for other slots in which every box that was there stays; None if a column has no
        room.

        ``widths`` is what each part's text needs. The boxes of ``longer`` parts, whose text has become
        longer, grow to the right for it, as far as the gap allows; all others keep their width.
        """
        boxes: dict[str, Box] = {}
        columns: dict[int, tuple[int, int]] = {}
        for part, slot in slots.items():
            box = self.box_at(slot, widths[part])
            if box is None:
                return None
            old = self.boxes.get(part)
            if old is not None and self.slots[part] == slot:
                wide = max(old.width, box.width) if part in longer else old.width
                box = Box(old.x, old.y, wide, old.height)
            boxes[part] = box
            columns.setdefault(slot[0], (box.x, box.width))
        tiers = list(self.tiers)
        known = set(self.column_numbers())
        for number, column in sorted(columns.items()):
            if number not in known:
                place = 0 if known and number < min(known) else -1
                tiers[place] = dataclasses.replace(
                    tiers[place], columns={**tiers[place].columns, number: column}
                )
        return dataclasses.replace(self, slots=dict(slots), boxes=boxes, tiers=tuple(tiers))


def lay_out(
    slots: Mapping[str, Slot],
    widths: Mapping[str, int],
    spans: Sequence[LabelSpan],
    scale: Scale,
    viewport: tuple[int, int],
    folds: int = 0,
    loose: Collection[str] = (),
) -> Layout:
    """Lays out boxes for slots. ``widths`` is what each part's text needs; ``folds`` is how often the flow
    starts again at the left; ``loose`` are those that don't make the column of others wider.

    Gaps grow up to the scale's limits to fill ``viewport`` (columns, rows), and never shrink below what their
    wires need.
    """
    numbers = sorted({column for column, _ in slots.values()})
    long = -(-len(numbers) // (folds + 1)) or 1
    stretches = [numbers[start : start + long] for start in range(0, len(numbers), long)] or [[]]
    needed, least, ideal = [scale.narrowest] * long, [0] * (long - 1), [0] * (long - 1)
    for stretch in stretches:
        for index, number in enumerate(stretch):
            stacked = [part for part, slot in slots.items() if slot[0] == number]
            firm = [part for part in stacked if part not in loose] or stacked
            needed[index] = max(needed[index], *(widths[part] for part in firm))
        for index, (narrow, wide) in enumerate(_gaps(slots, stretch, spans, scale)):
            least[index], ideal[index] = max(least[index], narrow), max(ideal[index], wide)
    across = _widths(needed, scale, viewport[0] - sum(least))
    gaps = _share(least, ideal, viewport[0] - sum(across), scale.gap_most)
    starts = [sum(across[:index]) + sum(gaps[:index]) for index in range(len(across))]
    pitch = scale.box_height + max(scale.row_gap, min(LANES_MOST, 1 + _passing(slots, numbers, spans)))
    while (
        pitch < scale.box_height + scale.row_gap_most
        and _height(slots, stretches, pitch + 1, scale) <= viewport[1] - 2
    ):
        pitch += 1
    tiers: list[Tier] = []
    boxes: dict[str, Box] = {}
    y = 0
    for stretch in stretches:
        here = {part: slot for part, slot in slots.items() if slot[0] in stretch}
        top, height = _extent(here, pitch, scale)
        columns = {number: (starts[index], across[index]) for index, number in enumerate(stretch)}
        tiers.append(Tier(columns, y, top, height))
        for part, (column, row) in here.items():
            boxes[part] = Box(
                columns[column][0], y + (row - top) * pitch // FULL, columns[column][1], scale.box_height
            )
        y += height + TIER_GAP
    wired = {part for source, target, _ in spans for part in (source, target)}
    for part in [part for part in boxes if part not in wired]:  # its name may go beyond its column
        boxes[part] = _grown(boxes, part, min(scale.widest, widths[part]), viewport[0], part in loose)
    return Layout(scale, dict(slots), {part: boxes[part] for part in slots}, tuple(tiers), pitch)


def _grown(boxes: Mapping[str, Box], part: str, wanted: int, room: int, partly: bool) -> Box:
    """Returns the box of a part beside which no wire passes: as wide as is wanted if nothing is in its way;
    ``partly``, as wide as it can be.
    """
    box = boxes[part]
    for width in range(wanted, box.width, -1):
        beside = Box(box.x, box.y, width + LEAST_GAP, box.height)
        others = (other for name, other in boxes.items() if name != part)
        if box.x + width <= room and not any(beside.meets(other) for other in others):
            return dataclasses.replace(box, width=width)
        if not partly:
            break
    return box


def _extent(slots: Mapping[str, Slot], pitch: int, scale: Scale) -> tuple[int, int]:
    """Returns the first row of slots, and how many rows of cells they take."""
    rows = [row for _, row in slots.values()]
    top = min(rows, default=0)
    return top, (max(rows, default=0) - top) * pitch // FULL + scale.box_height


def _height(slots: Mapping[str, Slot], stretches: Sequence[Sequence[int]], pitch: int, scale: Scale) -> int:
    heights = [
        _extent({part: slot for part, slot in slots.items() if slot[0] in stretch}, pitch, scale)[1]
        for stretch in stretches
    ]
    return sum(heights) + TIER_GAP * (len(stretches) - 1)


def may_fold(slots: Mapping[str, Slot], spans: Sequence[LabelSpan], folds: int) -> bool:
    """Returns whether so many folds cut only a few wires, and leave at least two columns in a tier."""
    numbers = sorted({column for column, _ in slots.values()})
    long = -(-len(numbers) // (folds + 1))
    if long < 2 or len(numbers) <= long:
        return False
    for cut in range(long, len(numbers), long):
        first = numbers[cut]
        crossing = sum(
            1 for source, target, _ in spans if (slots[source][0] < first) != (slots[target][0] < first)
        )
        if crossing > CUT:
            return False
    return True


def _widths(needed: Sequence[int], scale: Scale, room: int) -> list[int]:
    """Returns the width of each column of boxes: as much as its text needs, up to the scale's usual width.

    Up to its widest where there is room, and where it does not fit in any case; what needs the least more
    comes first, so that as few names as possible are cut.
    """
    widths = [min(scale.usual, width) for width in needed]
    if sum(widths) > room:
        return [min(scale.widest, width) for width in needed]
    room -= sum(widths)
    for index, width in sorted(enumerate(needed), key=lambda one: one[1] - widths[one[0]]):
        more = min(max(0, room), min(scale.widest, width) - widths[index])
        widths[index] += more
        room -= more
    return widths


def _passing(slots: Mapping[str, Slot], numbers: Sequence[int], spans: Sequence[LabelSpan]) -> int:
    """Returns how many wires pass between two boxes of the busiest column, evenly spread."""
    most = 0.0
    for number in numbers:
        passing = sum(
            1
            for source, target, _ in spans
            if min(slots[source][0], slots[target][0]) < number < max(slots[source][0], slots[target][0])
        )
        here = sum(1 for column, _ in slots.values() if column == number)
        most = max(most, passing / (here + 1))
    return round(most - 0.2)


def _gaps(
    slots: Mapping[str, Slot], stretch: Sequence[int], spans: Sequence[LabelSpan], scale: Scale
) -> list[tuple[int, int]]:
    """Returns for each gap between neighbors of a stretch: the least width for its lanes, and the width that
    suits its labels.
    """
    place = {number: index for index, number in enumerate(stretch)}
    lanes: list[set[str]] = [set() for _ in stretch[1:]]
    labels = [0 for _ in stretch[1:]]
    for source, target, label in spans:
        start, end = place.get(slots[source][0]), place.get(slots[target][0])
        if start is None or end is None:
            continue
        low, high = min(start, end), max(start, end)
        if slots[source][1] != slots[target][1] or high - low != 1:
            for gap in {low, high - 1} if high > low else {min(low, len(lanes) - 1)}:
                if 0 <= gap < len(lanes):
                    lanes[gap].add(source)
        if high - low == 1:
            labels[low] = max(labels[low], label)
    found = []
    for index, used in enumerate(lanes):
        skipped = stretch[index + 1] - stretch[index] - 1
        narrow = max(scale.gap, min(14, 3 + len(used))) + skipped * EMPTY_COLUMN
        found.append((narrow, max(narrow, min(scale.gap_most, labels[index] + 5 + (1 if used else 0)))))
    return found


def _share(least: list[int], ideal: list[int], room: int, most: int) -> list[int]:
    """Shares the room among the gaps: the least, then evenly up to what suits the labels, then evenly up to
    the most.
    """
    gaps = list(least)
    room -= sum(gaps)
    for limit in (ideal, [max(wide, most * 2 // 3) for wide in ideal]):
        growing = True
        while room > 0 and growing:
            growing = False
            for index, wide in enumerate(limit):
                if gaps[index] < wide and room > 0:
                    gaps[index] += 1
                    room -= 1
                    growing = True
    return gaps
