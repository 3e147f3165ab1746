"""The routes of wires: right-angled, around boxes, each in a lane of its own.

Wires that are siblings may share a trunk, which shows as a joint. Wires whose ends did not move keep the way
they had.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tutor.show.picture.grid import Grid, distance
from tutor.show.picture.place import Box
from tutor.show.picture.route import Route, Span

HASTE = 2.2
"""How much the searches of a large design hurry towards their end; 1 finds the cheapest way."""
LARGE = 24
"""The number of wires from which a design counts as large."""


def route_wires(
    boxes: Mapping[str, Box], spans: Sequence[Span], kept: Iterable[Route] = ()
) -> dict[str, Route]:
    """Returns a route for every span, by key; those of ``kept`` stay as they are. Short wires go first; the
    result is deterministic.
    """
    routes = {route.span.key: route for route in kept}
    grid = Grid(boxes, routes.values(), HASTE if len(spans) >= LARGE else 0.999)
    for route in routes.values():
        grid.occupy(route)
    crowd: dict[tuple[str, str], int] = {}
    for span in spans:
        for end in (("out", span.source), ("in", span.target)):
            crowd[end] = crowd.get(end, 0) + 1
    todo = [
        span for span in spans if span.key not in routes and span.source in boxes and span.target in boxes
    ]
    order = {span.key: index for index, span in enumerate(spans)}
    todo.sort(key=lambda span: (distance(boxes[span.source], boxes[span.target]), order[span.key]))
    for span in todo:
        late = crowd["in", span.target] > crowd["out", span.source]
        routes[span.key] = grid.search(span, late)
        grid.occupy(routes[span.key])
    return {span.key: routes[span.key] for span in spans if span.key in routes}


def still_good(
    routes: Iterable[Route], boxes: Mapping[str, Box], before: Mapping[str, Box | None], spans: Iterable[Span]
) -> list[Route]:
    """Returns the routes that need not be drawn anew: both ends are where they were, and no box is now in the
    way.
    """
    wanted = {span.key for span in spans}
    fresh = [box for part, box in boxes.items() if before.get(part) != box]
    return [
        route
        for route in routes
        if route.span.key in wanted
        and all(
            part in boxes and before.get(part) == boxes[part]
            for part in (route.span.source, route.span.target)
        )
        and not any(route.meets(box) for box in fresh)
    ]
