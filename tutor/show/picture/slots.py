"""The slot of each part: a column in the direction of flow, and a row in half boxes, from the design alone.

A part that a learner has moved (``at``) keeps its own slot. Everything is deterministic. How slots stay what
they are while the design is worked on is in ``arrangement``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, pairwise

from tutor.model.design import Design
from tutor.show.picture.layers import assign_layers, order_layers, without_cycles
from tutor.show.picture.place import FULL, Slot

ROUNDS = 4
"""How many times the slots are improved, each time starting with the last; most designs need one or two."""

_Pulls = dict[str, list[tuple[str, float]]]


def assign_slots(design: Design) -> dict[str, Slot]:
    """Returns the slot of every part, from the design alone.

    Parts with ``at`` are placed there; others give way to them. Parts without any wire are placed below the
    rest.
    """
    known: dict[str, Slot] = {}
    for _ in range(ROUNDS):
        found = _assign(design, known)
        if found == known:
            break
        known = found
    return found


def _layers(design: Design) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Returns the layer of each part that is wired, and the pairs that lead forward."""
    pairs = [(wire.source, wire.target) for wire in design.wires]
    wired = {part for pair in pairs for part in pair}
    parts = [part for part in design.components if part in wired]
    clients = [part for part in parts if design.components[part].kind == "client"]
    forward = without_cycles(parts, pairs, clients)
    return assign_layers(parts, forward, frozenset(clients)), forward


def _assign(design: Design, before: Mapping[str, Slot]) -> dict[str, Slot]:
    layers, forward = _layers(design)
    pull = _pull(design)
    hint = {part: float(slot[1]) for part, slot in before.items()}
    for part in layers:
        aside = all(pull.get((wire.source, part), 0.0) < 1 for wire in design.wires_to(part)) and any(
            design.wires_to(part)
        )
        hint.setdefault(part, 1e7 if aside else 1e6)
    columns = order_layers(layers, forward, hint)
    rows = _rows(columns, forward, pull)
    slots = {part: (layer, rows[part]) for part, layer in layers.items()}
    _place_unwired(design, slots, before)
    return _make_way(design, slots)


_PULLS = {"dead-letter": 0.2, "read": 0.5, "poll": 0.7}
"""How strongly a wire of a kind pulls its ends into one row, where that is not 1: the main flow is to run
straight.
"""


def _pull(design: Design) -> dict[tuple[str, str], float]:
    """Returns, by pair in the direction of the wire, how strongly it is pulled into one row."""
    found: dict[tuple[str, str], float] = {}
    for wire in design.wires:
        pair = wire.source, wire.target
        found[pair] = max(found.get(pair, 0.0), _PULLS.get(wire.kind, 1.0))
    return found


def _rows(
    columns: list[list[str]], forward: Iterable[tuple[str, str]], pull: Mapping[tuple[str, str], float]
) -> dict[str, int]:
    """Returns a row for each part, near the rows of its neighbors, without overlap and in the given order."""
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
    """Moves single parts into the row of a neighbor if that makes their wires shorter and nothing is in the
    way.
    """
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
    """Returns the weighted median: half-way between two values if the weight below is as large as that
    above.
    """
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
    """Returns positions nearest to ``wanted`` (least squares) that keep their order and ``FULL`` between
    neighbors.

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


def stackings(slots: Mapping[str, Slot]) -> Iterator[dict[str, Slot]]:
    """Yields slots with one column less, then with two less, for a screen that is too narrow: the parts of
    two neighboring columns stand in one, in the order of their rows or one column below the other.
    """
    numbers = sorted({column for column, _ in slots.values()})
    pairs = list(pairwise(numbers))
    for joined in (*((pair,) for pair in pairs), *combinations(pairs, 2)):
        if len({number for pair in joined for number in pair}) == 2 * len(joined):
            for order in (_by_row, _first_above, _first_below):
                yield _stacked(slots, numbers, joined, order)


_Order = Callable[[Slot], tuple[int, ...]]


def _by_row(slot: Slot) -> tuple[int, ...]:
    return slot[1], slot[0]


def _first_above(slot: Slot) -> tuple[int, ...]:
    return slot


def _first_below(slot: Slot) -> tuple[int, ...]:
    return -slot[0], slot[1]


def _stacked(
    slots: Mapping[str, Slot], numbers: list[int], joined: Iterable[tuple[int, int]], order: _Order
) -> dict[str, Slot]:
    """Returns slots in which each joined pair of columns is one."""
    second = {right: left for left, right in joined}
    place = {number: index - sum(right <= number for right in second) for index, number in enumerate(numbers)}
    found = {part: (place[column], row) for part, (column, row) in slots.items()}
    for left in second.values():
        here = sorted(
            (part for part in slots if found[part][0] == place[left]), key=lambda one: order(slots[one])
        )
        lowest = -(10**6)
        for part, row in zip(here, spaced([float(slots[part][1]) for part in here]), strict=True):
            lowest = max(round(row + 1e-6), lowest + FULL)
            found[part] = place[left], lowest
    top = min((row for _, row in found.values()), default=0)
    return {part: (column, row - top) for part, (column, row) in found.items()}


_HOME = {"client": 0, "job": 1, "service": 1, "queue": 1, "topic": 1, "stream": 1, "database": 2}


def _place_unwired(design: Design, slots: dict[str, Slot], before: Mapping[str, Slot]) -> None:
    """Puts parts without any wire, and notes, below the others, in the column where their kind is usual."""
    bottom = max((row for _, row in slots.values()), default=-FULL)
    last = max((column for column, _ in slots.values()), default=len(design.components))
    for part, component in design.placed.items():
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
    """Puts moved parts where the learner put them, and pushes the others of that column just out of their
    way; notes come last, and push nothing.
    """
    moved = {part: component.at for part, component in design.components.items() if component.at is not None}
    noted = {name: note.at or slots[name] for name, note in design.notes.items()}
    taken: dict[int, list[int]] = {}
    placed: dict[str, Slot] = {}
    for part, (column, row) in moved.items():
        placed[part] = (column, _free_row(taken.setdefault(column, []), row))
    for part, (column, row) in sorted(slots.items(), key=lambda item: (item[1][0], item[1][1])):
        if part not in moved and part not in noted:
            placed[part] = (column, _free_row(taken.setdefault(column, []), row))
    for note, (column, row) in noted.items():
        placed[note] = (column, _free_row(taken.setdefault(column, []), row))
    return {part: placed[part] for part in design.placed}


def _free_row(taken: list[int], row: int) -> int:
    """Returns the free row nearest to ``row``, below before above; notes it as taken."""
    for distance in range(10_000):
        for candidate in (row + distance, row - distance):
            if all(abs(candidate - other) >= FULL for other in taken):
                taken.append(candidate)
                return candidate
    raise AssertionError("a column has a free row")
