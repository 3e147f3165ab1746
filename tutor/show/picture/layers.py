"""The column of each part, and the order within: layers in the direction of flow with few crossings.

The method of Sugiyama, Tagawa and Toda (1981): break cycles, layer by longest path, then order each layer by
the barycenter of its neighbors. Deterministic: ties fall to the order that was there before, then to the
order of the design.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

Pair = tuple[str, str]
"""Source and target."""

SWEEPS = 6
"""How many times the layers are ordered there and back; more finds nothing in practice."""


def without_cycles(parts: Sequence[str], pairs: Iterable[Pair], first: Iterable[str] = ()) -> list[Pair]:
    """Returns the pairs without doubles and loops, those that close a cycle turned round; the search starts
    at ``first``.
    """
    following: dict[str, list[str]] = {part: [] for part in parts}
    for source, target in dict.fromkeys(pairs):
        if source != target and source in following and target in following:
            following[source].append(target)
    entered = {target for targets in following.values() for target in targets}
    starts = dict.fromkeys([*first, *(part for part in parts if part not in entered), *parts])
    state: dict[str, int] = {}
    forward: dict[Pair, None] = {}
    for start in starts:
        if start in state:
            continue
        state[start] = 1
        trail = [(start, iter(following[start]))]
        while trail:
            part, rest = trail[-1]
            target = next(rest, "")
            if not target:
                state[part] = 2
                trail.pop()
            elif state.get(target) == 1:
                forward[target, part] = None
            else:
                forward[part, target] = None
                if target not in state:
                    state[target] = 1
                    trail.append((target, iter(following[target])))
    return list(forward)


def assign_layers(
    parts: Sequence[str], forward: Sequence[Pair], first: frozenset[str] = frozenset()
) -> dict[str, int]:
    """Returns the layer of each part, 0 at the left; ``forward`` must have no cycle.

    Longest path from the sources; then a part that nothing leads to moves right, next to what it feeds,
    unless it is in ``first``.
    """
    after: dict[str, list[str]] = {part: [] for part in parts}
    before: dict[str, list[str]] = {part: [] for part in parts}
    for source, target in forward:
        after[source].append(target)
        before[target].append(source)
    layers = dict.fromkeys(parts, 0)
    missing = {part: len(before[part]) for part in parts}
    ready = [part for part in parts if not missing[part]]
    for part in ready:
        for target in after[part]:
            layers[target] = max(layers[target], layers[part] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    for part in reversed(ready):
        if after[part] and not before[part] and part not in first:
            layers[part] = min(layers[target] for target in after[part]) - 1
    return layers


def order_layers(
    layers: Mapping[str, int], forward: Sequence[Pair], hint: Mapping[str, float]
) -> list[list[str]]:
    """Returns the parts of each layer from top to bottom, ordered for few crossings.

    ``hint`` says where parts were before, as rows; a part without a hint starts below the others. An order is
    only left for one with fewer crossings, so that a small change of the design does not stir the picture.
    Wires that pass over layers hold places there.
    """
    depth = max(layers.values(), default=-1) + 1
    columns: list[list[str]] = [[] for _ in range(depth)]
    rows = {part: hint.get(part, float("inf")) for part in layers}
    for part in layers:
        columns[layers[part]].append(part)
    above: dict[str, list[str]] = {part: [] for part in layers}
    below: dict[str, list[str]] = {part: [] for part in layers}
    for source, target in forward:
        previous = source
        for layer in range(layers[source] + 1, layers[target]):
            passing = f"\0{source}\0{target}\0{layer}"
            above[passing], below[passing] = [], []
            columns[layer].append(passing)
            share = (layer - layers[source]) / (layers[target] - layers[source])
            known = max(rows[source], rows[target]) < float("inf")
            rows[passing] = rows[source] + (rows[target] - rows[source]) * share if known else float("inf")
            below[previous].append(passing)
            above[passing].append(previous)
            previous = passing
        below[previous].append(target)
        above[target].append(previous)
    for column in columns:
        column.sort(key=rows.__getitem__)
    best, fewest = [list(column) for column in columns], _crossings(columns, below)
    for sweep in range(SWEEPS):
        if not fewest:
            break
        downwards = sweep % 2 == 0
        for index in range(1, depth) if downwards else range(depth - 2, -1, -1):
            fixed = columns[index - 1 if downwards else index + 1]
            columns[index] = _by_barycentre(columns[index], fixed, above if downwards else below)
        found = _crossings(columns, below)
        if found < fewest:
            best, fewest = [list(column) for column in columns], found
    _swap_neighbours(best, above, below)
    return [[part for part in column if part in layers] for column in best]


def _by_barycentre(column: list[str], fixed: list[str], neighbours: Mapping[str, list[str]]) -> list[str]:
    place = {part: index for index, part in enumerate(fixed)}
    wanted: dict[str, float] = {}
    for index, part in enumerate(column):
        rows = [place[other] for other in neighbours[part] if other in place]
        wanted[part] = sum(rows) / len(rows) if rows else index * len(fixed) / max(1, len(column))
    return sorted(column, key=wanted.__getitem__)


def _crossings(columns: list[list[str]], below: Mapping[str, list[str]]) -> int:
    """Returns how many pairs of wires between neighboring layers cross (counted by insertion, a few dozen
    wires a gap).
    """
    total = 0
    for left, right in pairwise(columns):
        place = {part: index for index, part in enumerate(right)}
        seen: list[int] = []
        for part in left:
            ends = sorted(place[other] for other in below[part] if other in place)
            total += sum(1 for end in ends for earlier in seen if earlier > end)
            seen.extend(ends)
    return total


def _swap_neighbours(
    columns: list[list[str]], above: Mapping[str, list[str]], below: Mapping[str, list[str]]
) -> None:
    """Swaps neighbors in place if that saves crossings: the barycenter leaves some."""
    place = {part: index for column in columns for index, part in enumerate(column)}
    for _ in range(4):
        improved = False
        for column in columns:
            for index in range(len(column) - 1):
                one, other = column[index], column[index + 1]
                saved = sum(
                    _turned(near[one], near[other], place) - _turned(near[other], near[one], place)
                    for near in (above, below)
                )
                if saved > 0:
                    column[index], column[index + 1] = other, one
                    place[one], place[other] = index + 1, index
                    improved = True
        if not improved:
            break


def _turned(upper: list[str], lower: list[str], place: Mapping[str, int]) -> int:
    """Returns how many wires of the upper of two neighbors cross wires of the lower one."""
    return sum(1 for one in upper for other in lower if place[one] > place[other])
