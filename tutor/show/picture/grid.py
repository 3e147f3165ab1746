"""The search for the way of one wire: A* over a grid of lanes.

The lanes are every row, and the columns of :func:`~tutor.show.picture.lanes.lanes`. A bend costs a little,
crossing another wire more, and running along another wire so much that it only happens where there is no
other way. The unit is one cell of a straight line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heappop, heappush
from itertools import pairwise

from tutor.show.picture.lanes import MARGIN, lanes, port_rows, upright_ports
from tutor.show.picture.place import DOWN, LEFT, RIGHT, UP, Box, Cell
from tutor.show.picture.route import Route, Span, siblings

Port = tuple[Cell, int, float]
"""Where a wire may leave or arrive: the cell beside the box, the direction there, and what it costs."""

BEND = 4.0
"""A bend costs four cells: a wire goes up to two cells out of its way on each side rather than turn twice for
nothing.
"""
CROSS = 9.0
"""Passing over another wire costs two bends and a cell: round a short wire, but over a long one."""
ALONG = 70.0
"""A step along a wire of another source. Two lines in one look like one: seventy cells is longer than any way
round in a level, and over 230 starts, solutions and mistakes at five sizes no such step is left.
"""
TOUCH = 45.0
"""Turning where another wire is, or passing where it turns: it would look like a joint. Dearer than five
crossings, so that a wire rather crosses all the others of a gap; of those 230 designs at most three keep one,
on the smallest screen.
"""
TAKEN = 30.0
"""Leaving or arriving where a wire of another source does: less than a turn on a wire, because arrow heads
may meet where more wires come than a side has places (three on the left, three above, three below).
"""
HUG = 0.5
"""A step right beside a box: half a cell each, so that of two equal ways the one in the middle of the gap is
taken.
"""
SIDE = 7.0
"""Leaving or arriving above or below a box: less than the two bends that reach its left or right side from
there.
"""
BACK = 10.0
"""Leaving a box on its left, or arriving on its right, against the flow: dearer than above or below."""
TRUNK = 0.7
"""A step along a wire of the same source and kind, instead of 1: a fan-out has one trunk and not as many as
readers.
"""
APART = 4.0
"""Leaving beside a sibling instead of where it does: one bend, or the trunk would begin with two lines."""
GREED = 12.0
"""How much the last search hurries, after the others were given up: it goes straight for the end and looks at
little.
"""
EXPANSIONS = 5000
"""The most states one search opens; a level's wire needs 40 to 900."""
DENSE = 2500
"""The same in a large design, where 80 searches have to end within a third of a second."""
FIRST_TRY = 250
"""The most states that a large design's search from right sides to left sides opens; then every side is
tried.
"""


def distance(one: Box, other: Box) -> float:
    """Returns how far apart two boxes are, rows counting double."""
    (x, y), (to_x, to_y) = one.middle, other.middle
    return abs(to_x - x) + 2 * abs(to_y - y)


class Grid:
    """The lanes, the boxes that block them and the wires that use them. A node is ``row * width + lane``; its
    edges go to the right and down.
    """

    def __init__(self, boxes: Mapping[str, Box], kept: Iterable[Route], haste: float) -> None:
        self.boxes = boxes
        self.haste = haste
        columns = set(lanes(boxes.values()))
        rows = [row for box in boxes.values() for row in (box.y, box.bottom)]
        low, high = min(rows, default=0) - MARGIN, max(rows, default=0) + MARGIN
        for route in kept:
            for x, y in route.corners:
                columns.add(x)
                low, high = min(low, y), max(high, y)
        self.columns = sorted(columns)
        self.lane = {x: index for index, x in enumerate(self.columns)}
        self.top = low
        self.width = len(self.columns)
        self.height = high - low + 1
        self.blocked = bytearray(self.width * self.height)
        self.soft = [0.0] * (self.width * self.height)
        for box in boxes.values():
            inside = [index for index, x in enumerate(self.columns) if box.x <= x <= box.right]
            for row in range(box.y - low, box.bottom - low + 1):
                for index in inside:
                    self.blocked[row * self.width + index] = 1
                for x in (box.x - 1, box.right + 1):
                    self.soft[row * self.width + self.lane[x]] = HUG
            for row in (box.y - 1 - low, box.bottom + 1 - low):
                for index in inside:
                    self.soft[row * self.width + index] = HUG
        self.along: tuple[dict[int, list[Span]], dict[int, list[Span]]] = ({}, {})
        self.turns: dict[int, list[Span]] = {}
        self.busy = bytearray(self.width * self.height)
        """Where any wire passes: everywhere else a search need not ask who is there."""
        self.ports: dict[int, list[Span]] = {}

    def node(self, cell: Cell) -> int:
        """Returns the number of the node at a cell that is on a lane."""
        return (cell[1] - self.top) * self.width + self.lane[cell[0]]

    def occupy(self, route: Route) -> None:
        """Notes the edges, turns and both ends that a route uses."""
        corners = route.corners
        for corner in corners[1:-1]:
            self.turns.setdefault(self.node(corner), []).append(route.span)
        for port in (corners[0], corners[-1]):
            self.ports.setdefault(self.node(port), []).append(route.span)
        for one, other in pairwise(corners):
            start, end = sorted((self.node(one), self.node(other)))
            step, used = (1, self.along[0]) if one[1] == other[1] else (self.width, self.along[1])
            self.busy[start : end + 1 : step] = b"\1" * ((end - start) // step + 1)
            for node in range(start, end, step):
                used.setdefault(node, []).append(route.span)

    def search(self, span: Span, late: bool) -> Route:
        """Returns the cheapest way: from the right side to the left, or round the other sides if that is much
        shorter.
        """
        source, target = self.boxes[span.source], self.boxes[span.target]
        direct = distance(source, target) / 2 + 4 * BEND
        found = None
        starts = self._withsiblings(span, self._leaving(source, False))
        ends = self._withsiblings(span, self._arriving(target, False))
        if target.x > source.right + 1 and all(
            any(self._port_cost(self.node(cell), span) == 0 for cell, _, _ in side) for side in (starts, ends)
        ):
            found = self._find(span, starts, ends, late, most=EXPANSIONS if self.haste < 1 else FIRST_TRY)
        if found is None or found[0] > direct + 3 * CROSS + TAKEN:
            most = EXPANSIONS if self.haste < 1 else DENSE
            round_about = self._find(
                span, self._leaving(source, True), self._arriving(target, True), late, most=most
            )
            if round_about is not None and (found is None or round_about[0] < found[0]):
                found = round_about
        if found is None:
            starts, ends = self._leaving(source, True), self._arriving(target, True)
            found = self._find(span, starts, ends, late, haste=GREED)
        if found is None:
            return Route(span, self._plain_way(source, target))
        return Route(span, _corners(found[1]))

    def _withsiblings(self, span: Span, ends: list[Port]) -> list[Port]:
        """Returns the ends, with those that no sibling uses made dearer if a sibling uses another one."""
        used = [
            any(siblings(span, other) for other in self.ports.get(self.node(cell), ())) for cell, _, _ in ends
        ]
        if not any(used):
            return ends
        return [
            (cell, way, cost if shared else cost + APART)
            for (cell, way, cost), shared in zip(ends, used, strict=True)
        ]

    def _leaving(self, box: Box, every_side: bool) -> list[Port]:
        """Returns where a wire may leave the box: cell, direction, extra cost."""
        ends = [((box.right + 1, row), RIGHT, cost) for row, cost in port_rows(box)]
        if every_side:
            for number, x in enumerate(upright_ports(box.x, box.right)):
                ends += [
                    ((x, box.y - 1), UP, SIDE + number / 2),
                    ((x, box.bottom + 1), DOWN, SIDE + number / 2),
                ]
            ends += [((box.x - 1, row), LEFT, BACK + cost) for row, cost in port_rows(box)]
        return ends

    def _arriving(self, box: Box, every_side: bool) -> list[Port]:
        ends = [((box.x - 1, row), RIGHT, cost) for row, cost in port_rows(box)]
        if every_side:
            for number, x in enumerate(upright_ports(box.x, box.right)):
                ends += [
                    ((x, box.y - 1), DOWN, SIDE + number / 2),
                    ((x, box.bottom + 1), UP, SIDE + number / 2),
                ]
            ends += [((box.right + 1, row), LEFT, BACK + cost) for row, cost in port_rows(box)]
        return ends

    def _find(
        self,
        span: Span,
        starts: list[Port],
        ends: list[Port],
        late: bool,
        *,
        most: int = EXPANSIONS,
        haste: float | None = None,
    ) -> tuple[float, list[Cell]] | None:
        """Runs A* over (node, direction); returns the cost and the cells of the way, one for each lane or row
        passed; None if there is none.
        """
        width, columns, blocked, soft = self.width, self.columns, self.blocked, self.soft
        along_h, along_v, size, occupied = self.along[0], self.along[1], self.width * self.height, self.busy
        goals: dict[int, float] = {}
        for cell, direction, extra in ends:
            node = self.node(cell)
            if not blocked[node]:
                goals[node * 4 + direction] = extra + self._port_cost(node, span)
        if not goals:
            return None
        guess_x, guess_y, guess_turn = self._guesses(goals, haste or self.haste)
        toward_x = min(columns[state // 4 % width] for state in goals) if late else starts[0][0][0]
        best: dict[int, float] = {}
        came: dict[int, int] = {}
        heap: list[tuple[float, int, float]] = []
        for cell, direction, extra in starts:
            node = self.node(cell)
            if not blocked[node]:
                state = node * 4 + direction
                best[state] = extra + self._port_cost(node, span)
                heappush(heap, (best[state], state, best[state]))
        opened, end = 0, (1e18, -1)
        while heap and opened < most:
            estimate, state, cost = heappop(heap)
            if estimate >= end[0]:
                break
            if cost > best[state]:
                continue
            if state in goals and cost + goals[state] < end[0]:
                end = (cost + goals[state], state)
            opened += 1
            node, came_by = state >> 2, state & 3
            lane, busy = node % width, occupied[node]
            turn = -1.0
            for direction in (came_by, (came_by + 1) & 3, (came_by - 1) & 3):
                if direction == RIGHT:
                    if lane + 1 >= width:
                        continue
                    ahead, edge, length = node + 1, node, columns[lane + 1] - columns[lane]
                elif direction == LEFT:
                    if lane == 0:
                        continue
                    ahead, edge, length = node - 1, node - 1, columns[lane] - columns[lane - 1]
                elif direction == DOWN:
                    ahead, edge, length = node + width, node, 1
                    if ahead >= size:
                        continue
                else:
                    ahead, edge, length = node - width, node - width, 1
                    if ahead < 0:
                        continue
                if blocked[ahead]:
                    continue
                price = cost + length + soft[ahead] * length
                if busy and (users := (along_v if direction & 1 else along_h).get(edge)) is not None:
                    price += length * (TRUNK - 1 if all(siblings(span, other) for other in users) else ALONG)
                if direction != came_by:
                    if turn < 0:
                        turn = BEND + abs(columns[lane] - toward_x) * 0.05
                        if busy:
                            turn += self._turn_cost(span, node)
                    price += turn
                elif busy:
                    price += self._pass_cost(span, node, direction)
                following = ahead * 4 + direction
                if price < best.get(following, 1e18):
                    best[following] = price
                    came[following] = state
                    row = ahead // width
                    heappush(
                        heap,
                        (
                            price
                            + guess_x[ahead - row * width]
                            + guess_y[row]
                            + guess_turn[direction & 1][row],
                            following,
                            price,
                        ),
                    )
        if end[1] < 0:
            return None
        way = []
        state = end[1]
        while True:
            way.append((columns[(state >> 2) % width], (state >> 2) // width + self.top))
            if state not in came:
                break
            state = came[state]
        way.reverse()
        return end[0], way

    def _guesses(
        self, goals: Mapping[int, float], haste: float
    ) -> tuple[list[float], list[float], tuple[list[float], list[float]]]:
        """Returns the least cost still to come: by lane, by row, and for bends by row for level and upright
        directions.
        """
        xs = [self.columns[state // 4 % self.width] for state in goals]
        ys = [state // 4 // self.width for state in goals]
        left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
        by_lane = [haste * max(left - x, 0, x - right) for x in self.columns]
        by_row = [haste * max(top - y, 0, y - bottom) + min(goals.values()) for y in range(self.height)]
        if left != right:
            nothing = [0.0] * self.height
            return by_lane, by_row, (nothing, nothing)
        level = [0.0 if top <= y <= bottom else 2 * BEND for y in range(self.height)]
        return by_lane, by_row, (level, [BEND] * self.height)

    def _plain_way(self, source: Box, target: Box) -> tuple[Cell, ...]:
        """Returns a way that ignores all obstacles, for when the search was given up."""
        start, end = (source.right + 1, source.y + 1), (target.x - 1, target.y + 1)
        middle = min(self.columns, key=lambda x: abs(x - (start[0] + end[0]) / 2))
        return _corners([start, (middle, start[1]), (middle, end[1]), end])

    def _port_cost(self, node: int, span: Span) -> float:
        return sum(0.0 if siblings(span, other) else TAKEN for other in self.ports.get(node, ()))

    def _turn_cost(self, span: Span, node: int) -> float:
        """Returns the cost of turning at a node where other wires are."""
        cost = 0.0
        for users in (
            self.along[0].get(node),
            self.along[0].get(node - 1),
            self.along[1].get(node),
            self.along[1].get(node - self.width),
        ):
            if users is not None:
                cost += sum(0.0 if siblings(span, other) else TOUCH for other in users)
        return cost

    def _pass_cost(self, span: Span, node: int, direction: int) -> float:
        """Returns the cost of going straight over a node where other wires cross or turn."""
        if direction & 1:
            users = self.along[0].get(node) or self.along[0].get(node - 1)
        else:
            users = self.along[1].get(node) or self.along[1].get(node - self.width)
        if users is None:
            return 0.0
        cost = sum(0.0 if siblings(span, other) else CROSS for other in users)
        turning = self.turns.get(node)
        if turning:
            cost += sum(0.0 if siblings(span, other) else TOUCH for other in turning)
        return cost


def _corners(way: list[Cell]) -> tuple[Cell, ...]:
    """Returns the corners of a route: its ends and its bends."""
    if len(way) < 3:
        return tuple(way)
    kept = [way[0]]
    for before, here, after in zip(way, way[1:], way[2:], strict=False):
        if (before[0] == here[0]) != (here[0] == after[0]) or (before[1] == here[1]) != (here[1] == after[1]):
            kept.append(here)
    kept.append(way[-1])
    return tuple(kept)
