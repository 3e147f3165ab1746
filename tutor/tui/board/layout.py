"""Where the boxes stand: a layered layout in the direction of flow, left to right.

Two steps. :func:`assign_slots` gives each part a slot, a column and a row in half boxes, from the design alone; a part that a learner
has moved (``at``) keeps its own. :func:`lay_out` turns slots into cells, close or roomy, as the screen allows.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from tutor.model.design import Design
from tutor.tui.board.layers import assign_layers, order_layers, without_cycles
from tutor.tui.board.place import Box, Slot

_Pulls = dict[str, list[tuple[str, float]]]

FULL = 2
"""How many rows of the slot grid one box takes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scale:
    """How large things are drawn."""

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


COMPACT = Scale("compact", box_height=4, row_gap=1, row_gap_most=3, narrowest=12, usual=16, widest=22, gap=5, gap_most=16)
ROOMY = Scale("roomy", box_height=5, row_gap=2, row_gap_most=4, narrowest=16, usual=22, widest=28, gap=9, gap_most=24)
TALL = Scale("tall", box_height=5, row_gap=2, row_gap_most=4, narrowest=12, usual=16, widest=22, gap=5, gap_most=16)
SCALES = (COMPACT, TALL, ROOMY)
"""All scales, the smaller one first."""

LANES_MOST = 5
"""The most rows between boxes that are kept free for wires passing by."""

EMPTY_COLUMN = 4
"""Cells that a column without boxes takes."""


@dataclasses.dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands."""

    scale: Scale
    """How large."""
    slots: Mapping[str, Slot]
    """The slot of each part."""
    boxes: Mapping[str, Box]
    """The box of each part."""
    columns: Mapping[int, tuple[int, int]]
    """First cell and width of each column of boxes, by its number."""
    top: int
    """The row of slots at the upper edge."""
    pitch: int
    """Cells from one box to the next below it."""

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows of cells that the boxes take."""
        return (
            max((box.right + 1 for box in self.boxes.values()), default=0),
            max((box.bottom + 1 for box in self.boxes.values()), default=0),
        )

    def slot_at(self, x: float, y: float) -> Slot:
        """The slot whose box would have its middle nearest to this cell."""
        row = round((y - self.scale.box_height / 2) * FULL / max(1, self.pitch)) + self.top
        if not self.columns:
            return 0, row
        numbers = sorted(self.columns)
        if x < self.columns[numbers[0]][0] - self.scale.gap:
            return numbers[0] - 1, row
        if x > sum(self.columns[numbers[-1]]) + self.scale.gap:
            return numbers[-1] + 1, row
        return min(numbers, key=lambda number: abs(self.columns[number][0] + self.columns[number][1] / 2 - x)), row


def assign_slots(design: Design, before: Mapping[str, Slot] | None = None) -> dict[str, Slot]:
    """The slot of every part. ``before`` has the slots of the last layout: order is kept where it costs no crossings.

    Parts with ``at`` stand there; others give way to them. Parts without any wire stand below the rest.
    """
    before = before or {}
    pairs = [(wire.source, wire.target) for wire in design.wires]
    wired = {part for pair in pairs for part in pair}
    parts = [part for part in design.components if part in wired]
    clients = [part for part in parts if design.components[part].kind == "client"]
    forward = without_cycles(parts, pairs, clients)
    layers = assign_layers(parts, forward, frozenset(clients))
    pull = _pull(design)
    hint = {part: float(slot[1]) for part, slot in before.items()}
    for part in parts:
        aside = all(pull.get((wire.source, part), 0.0) < 1 for wire in design.wires_to(part)) and any(design.wires_to(part))
        hint.setdefault(part, 1e7 if aside else 1e6)
    columns = order_layers(layers, forward, hint)
    rows = _rows(columns, forward, pull)
    slots = {part: (layer, rows[part]) for part, layer in layers.items()}
    _place_unwired(design, slots, before)
    return _make_way(design, slots)


_PULLS = {"dead-letter": 0.2, "read": 0.5, "poll": 0.7}
"""How strongly a wire of a kind pulls its ends into one row, where that is not 1: the main flow is to run straight."""


def _pull(design: Design) -> dict[tuple[str, str], float]:
    """By pair, in the direction of the wire: how strongly it is pulled into one row."""
    found: dict[tuple[str, str], float] = {}
    for wire in design.wires:
        pair = wire.source, wire.target
        found[pair] = max(found.get(pair, 0.0), _PULLS.get(wire.kind, 1.0))
    return found


def _rows(columns: list[list[str]], forward: Iterable[tuple[str, str]], pull: Mapping[tuple[str, str], float]) -> dict[str, int]:
    """A row for each part, near the rows of its neighbours, without overlap and in the given order."""
    before: dict[str, list[tuple[str, float]]] = {}
    after: dict[str, list[tuple[str, float]]] = {}
    for source, target in forward:
        weight = pull.get((source, target)) or pull.get((target, source), 1.0)
        before.setdefault(target, []).append((source, weight))
        after.setdefault(source, []).append((target, weight))
    rows = {part: float(index * FULL) for column in columns for index, part in enumerate(column)}
    for sweep in range(8):
        towards = (before, after) if sweep % 2 == 0 else (after, before)
        for column in columns if sweep % 2 == 0 else reversed(columns):
            wanted: list[float] = []
            firm: list[float] = []
            for part in column:
                near = towards[0].get(part) or towards[1].get(part) or [(part, 1.0)]
                if sweep >= 6:
                    near = [*before.get(part, []), *after.get(part, [])] or [(part, 1.0)]
                wanted.append(_median([(rows[other], weight) for other, weight in near]))
                firm.append(sum(weight for _, weight in near))
            rows.update(zip(column, spaced(wanted, firm), strict=True))
    placed: dict[str, int] = {}
    for column in columns:
        lowest = -(10**6)
        for part in column:
            lowest = max(round(rows[part] + 1e-6), lowest + FULL)
            placed[part] = lowest
    _straighten(columns, placed, before, after)
    top = min(placed.values(), default=0)
    return {part: row - top for part, row in placed.items()}


def _straighten(columns: list[list[str]], placed: dict[str, int], before: _Pulls, after: _Pulls) -> None:
    """Move single parts into the row of a neighbour where that makes their wires shorter and nothing is in the way."""
    for _ in range(3):
        moved = False
        for column in columns:
            for index, part in enumerate(column):
                near = [*before.get(part, []), *after.get(part, [])]
                lowest = placed[column[index - 1]] + FULL if index else -(10**6)
                highest = placed[column[index + 1]] - FULL if index + 1 < len(column) else 10**6
                lengths = {
                    row: sum(weight * abs(placed[other] - row) for other, weight in near)
                    for row in sorted({placed[part], *(placed[other] for other, _ in near)})
                    if lowest <= row <= highest
                }
                best = min(lengths, key=lengths.__getitem__, default=placed[part])
                if lengths and lengths[best] < lengths[placed[part]] - 1e-9:
                    placed[part], moved = best, True
        if not moved:
            return


def _median(weighted: list[tuple[float, float]]) -> float:
    """The weighted median: half-way between two values where the weight below is as large as that above."""
    half = sum(weight for _, weight in weighted) / 2
    ordered = sorted(weighted)
    below = 0.0
    for (value, weight), (following, _) in zip(ordered, [*ordered[1:], ordered[-1]], strict=True):
        below += weight
        if abs(below - half) < 1e-9:
            return (value + following) / 2
        if below > half:
            return value
    return ordered[-1][0]


def spaced(wanted: list[float], weights: list[float] | None = None) -> list[float]:
    """Positions nearest to ``wanted`` (least squares) that keep their order and ``FULL`` between neighbours.

    Pool adjacent violators: subtract the spacing, pool until the rest is not falling, add it again.
    """
    pools: list[tuple[float, float, int]] = []
    for index, want in enumerate(wanted):
        weight = weights[index] if weights else 1.0
        mean, mass, count = want - index * FULL, weight, 1
        while pools and pools[-1][0] >= mean:
            other, other_mass, other_count = pools.pop()
            mean = (mean * mass + other * other_mass) / (mass + other_mass)
            mass, count = mass + other_mass, count + other_count
        pools.append((mean, mass, count))
    found: list[float] = []
    for mean, _, count in pools:
        for _ in range(count):
            found.append(mean + len(found) * FULL)
    return found


_HOME = {"client": 0, "job": 1, "service": 1, "queue": 1, "topic": 1, "stream": 1, "database": 2}


def _place_unwired(design: Design, slots: dict[str, Slot], before: Mapping[str, Slot]) -> None:
    """Put parts that nothing is wired to below the others, in the column where their kind is usual."""
    bottom = max((row for _, row in slots.values()), default=-FULL)
    last = max((column for column, _ in slots.values()), default=len(design.components))
    for part, component in design.components.items():
        if part in slots:
            continue
        row = bottom + FULL
        column = min(_HOME.get(component.kind, 1), max(last, 1))
        old = before.get(part)
        if old is not None and old[1] >= row:
            column, row = old
        while any(slot[0] == column and abs(slot[1] - row) < FULL for slot in slots.values()):
            column += 1
        slots[part] = (column, row)


def _make_way(design: Design, slots: dict[str, Slot]) -> dict[str, Slot]:
    """Put moved parts where the learner put them, and push the others of that column just out of their way."""
    moved = {part: component.at for part, component in design.components.items() if component.at is not None}
    taken: dict[int, list[int]] = {}
    placed: dict[str, Slot] = {}
    for part, (column, row) in moved.items():
        placed[part] = (column, _free_row(taken.setdefault(column, []), row))
    for part, (column, row) in sorted(slots.items(), key=lambda item: (item[1][0], item[1][1])):
        if part not in moved:
            placed[part] = (column, _free_row(taken.setdefault(column, []), row))
    return {part: placed[part] for part in design.components}


def _free_row(taken: list[int], row: int) -> int:
    """The free row nearest to ``row``, below before above; notes it as taken."""
    for distance in range(10_000):
        for candidate in (row + distance, row - distance):
            if all(abs(candidate - other) >= FULL for other in taken):
                taken.append(candidate)
                return candidate
    raise AssertionError("a column has a free row")


def lay_out(
    slots: Mapping[str, Slot],
    widths: Mapping[str, int],
    spans: Sequence[tuple[str, str, int]],
    scale: Scale,
    viewport: tuple[int, int],
) -> Layout:
    """Boxes for slots. ``widths`` is what each part's text needs; ``spans`` are wires as source, target and width of the label.

    Gaps grow up to the scale's limits to fill ``viewport`` (columns, rows), and never shrink below what its wires need.
    """
    numbers = sorted({column for column, _ in slots.values()})
    needed = {number: max([scale.narrowest, *(widths[part] for part, slot in slots.items() if slot[0] == number)]) for number in numbers}
    least, ideal = _gaps(slots, numbers, spans, scale)
    column_width = _widths(needed, scale, viewport[0] - sum(least))
    room = viewport[0] - sum(column_width.values())
    gaps = _share(least, ideal, room, scale.gap_most)
    columns: dict[int, tuple[int, int]] = {}
    x = 0
    for index, number in enumerate(numbers):
        columns[number] = (x, column_width[number])
        x += column_width[number] + (gaps[index] if index < len(gaps) else 0)
    top = min((row for _, row in slots.values()), default=0)
    span = max((row for _, row in slots.values()), default=0) - top
    pitch = scale.box_height + max(scale.row_gap, min(LANES_MOST, 1 + _passing(slots, numbers, spans)))
    while pitch < scale.box_height + scale.row_gap_most and (span * (pitch + 1)) // FULL + scale.box_height <= viewport[1] - 2:
        pitch += 1
    boxes = {
        part: Box(columns[column][0], (row - top) * pitch // FULL, columns[column][1], scale.box_height)
        for part, (column, row) in slots.items()
    }
    return Layout(scale, dict(slots), boxes, columns, top, pitch)


def _widths(needed: Mapping[int, int], scale: Scale, room: int) -> dict[int, int]:
    """The width of each column of boxes: what its text needs up to the scale's usual width.

    Up to its widest where there is room, and where it does not fit in any case.
    """
    widths = {number: min(scale.usual, width) for number, width in needed.items()}
    if sum(widths.values()) > room:
        return {number: min(scale.widest, width) for number, width in needed.items()}
    room -= sum(widths.values())
    for number, width in needed.items():
        more = min(max(0, room), min(scale.widest, width) - widths[number])
        widths[number] += more
        room -= more
    return widths


def _passing(slots: Mapping[str, Slot], numbers: list[int], spans: Iterable[tuple[str, str, int]]) -> int:
    """How many wires pass between two boxes of the busiest column, evenly spread."""
    most = 0.0
    for number in numbers:
        passing = sum(
            1 for source, target, _ in spans if min(slots[source][0], slots[target][0]) < number < max(slots[source][0], slots[target][0])
        )
        here = sum(1 for column, _ in slots.values() if column == number)
        most = max(most, passing / (here + 1))
    return round(most - 0.2)


def _gaps(
    slots: Mapping[str, Slot], numbers: list[int], spans: Iterable[tuple[str, str, int]], scale: Scale
) -> tuple[list[int], list[int]]:
    """For each gap between columns: the least width for its lanes, and the width that suits its labels."""
    place = {number: index for index, number in enumerate(numbers)}
    lanes: list[set[str]] = [set() for _ in numbers[1:]]
    labels = [0 for _ in numbers[1:]]
    for source, target, label in spans:
        start, end = place[slots[source][0]], place[slots[target][0]]
        low, high = min(start, end), max(start, end)
        if slots[source][1] != slots[target][1] or high - low != 1:
            for gap in {low, high - 1} if high > low else {min(low, len(lanes) - 1)}:
                if 0 <= gap < len(lanes):
                    lanes[gap].add(source)
        if high - low == 1:
            labels[low] = max(labels[low], label)
    least, ideal = [], []
    for index, used in enumerate(lanes):
        skipped = numbers[index + 1] - numbers[index] - 1
        narrow = max(scale.gap, min(14, 3 + len(used))) + skipped * EMPTY_COLUMN
        least.append(narrow)
        ideal.append(max(narrow, min(scale.gap_most, labels[index] + 5 + (1 if used else 0))))
    return least, ideal


def _share(least: list[int], ideal: list[int], room: int, most: int) -> list[int]:
    """Gaps for the room there is: the least, then evenly up to what suits the labels, then evenly up to the most."""
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
