"""The routes of wires."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.show.picture.designs_to_draw import chain, fan, made_up, shop
from tutor.model.wire import Subscribe
from tutor.show.picture.drawing import Highlights, draw_scene
from tutor.show.picture.glyphs import ASCII, UNICODE, width_of
from tutor.show.picture.place import Box
from tutor.show.picture.route import Route, Span
from tutor.show.picture.routing import route_wires, still_good
from tutor.show.picture.scene import Scene, make_scene


def span(source: str, target: str, kind: str = "call") -> Span:
    """A wire between two parts."""
    return Span(f"{source}->{target}:{kind}", source, target, kind)


def test_straight_wire_has_no_bend() -> None:
    """Two boxes in one row are joined by a straight line from right side to left side."""
    route = route_wires({"a": Box(0, 0, 12, 4), "b": Box(20, 0, 12, 4)}, [span("a", "b")])["a->b:call"]
    assert len(route.corners) == 2
    assert route.corners[0][0] == 12
    assert route.corners[1][0] == 19


def test_wire_goes_round_a_box_in_the_way() -> None:
    """A wire goes round a box that is between its ends."""
    boxes = {"a": Box(0, 0, 12, 4), "wall": Box(20, 0, 12, 4), "b": Box(40, 0, 12, 4)}
    route = route_wires(boxes, [span("a", "b")])["a->b:call"]
    assert not any(boxes["wall"].holds(cell) for cell in route.cells())


def test_parallel_wires_have_lanes_of_their_own() -> None:
    """A read and a write between the same parts share no cell."""
    routes = route_wires(
        {"a": Box(0, 0, 12, 4), "b": Box(24, 8, 12, 4)}, [span("a", "b", "write"), span("a", "b", "read")]
    )
    one, other = (set(route.cells()) for route in routes.values())
    assert not one & other


def test_fan_out_of_one_kind_shares_a_trunk() -> None:
    """A topic's subscriptions leave it as one line and branch at joints, not crossings."""
    scene = make_scene(fan(3), (118, 30), UNICODE)
    starts = {scene.ways[f"topic->s{number}:subscribe"][0] for number in range(3)}
    assert len(starts) == 1


def _crossings(scene: Scene) -> set[tuple[int, int]]:
    return {
        cell
        for cell, keys in scene.users.items()
        if len({(scene.routes[key].span.kind, scene.routes[key].span.source) for key in keys}) > 1
    }


def test_crossing_is_told_from_a_joint() -> None:
    """Two unrelated wires cross with a crossing sign of their weights, never with a joint."""
    boxes = {"a": Box(0, 0, 12, 4), "b": Box(40, 0, 12, 4), "c": Box(20, -12, 12, 4), "d": Box(20, 12, 12, 4)}
    routes = route_wires(boxes, [span("a", "b"), span("c", "d", "publish")])
    shared = set(routes["a->b:call"].cells()) & set(routes["c->d:publish"].cells())
    assert len(shared) <= 1
    scene = make_scene(shop(), (158, 40), UNICODE)
    text = draw_scene(scene, UNICODE, Highlights()).text().splitlines()
    joints = set("├┤┬┴●╠╣╦╩┣┫┳┻")
    for x, y in _crossings(scene):
        keys = scene.users[x, y]
        related = len({scene.routes[key].span.kind for key in keys}) == 1
        assert related or text[y][x] not in joints


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 14), st.integers(1, 18), st.integers(0, 10**6))
def test_ways_are_right_angled_and_stay_outside_boxes(parts: int, wires: int, seed: int) -> None:
    """Every route is a chain of neighboring cells from one box to the other, and touches no box on
    the way.
    """
    scene = make_scene(made_up(parts, wires, seed), (118, 30), UNICODE)
    for key, way in scene.ways.items():
        ends = scene.routes[key].span
        assert all(abs(x - to_x) + abs(y - to_y) == 1 for (x, y), (to_x, to_y) in pairwise(way))
        assert not any(box.holds(cell) for box in scene.boxes.values() for cell in way)
        for cell, part in ((way[0], ends.source), (way[-1], ends.target)):
            box = scene.boxes[part]
            grown = Box(box.x - 1, box.y - 1, box.width + 2, box.height + 2)
            assert grown.holds(cell)


@settings(max_examples=30, deadline=None)
@given(st.integers(2, 14), st.integers(1, 18), st.integers(0, 10**6))
def test_labels_never_collide(parts: int, wires: int, seed: int) -> None:
    """No label touches another label, a box, or another wire."""
    scene = make_scene(made_up(parts, wires, seed), (118, 30), UNICODE)
    seen: set[tuple[int, int]] = set()
    for key, label in scene.labels.items():
        cells = label.cells()
        assert not cells & seen
        assert not any(box.holds(cell) for box in scene.boxes.values() for cell in cells)
        assert all(set(scene.users.get(cell, ())) <= {key} for cell in cells)
        seen |= cells


def test_only_wires_of_what_moved_are_routed_again() -> None:
    """A route is kept as long as neither end moves and no box gets in its way."""
    boxes = {"a": Box(0, 0, 12, 4), "b": Box(24, 0, 12, 4), "c": Box(24, 8, 12, 4)}
    spans = [span("a", "b"), span("a", "c")]
    routes = route_wires(boxes, spans)
    moved = {**boxes, "c": Box(24, 16, 12, 4)}
    assert [route.span.target for route in still_good(routes.values(), moved, boxes, spans)] == ["b"]
    in_the_way = {**boxes, "new": Box(14, 0, 8, 4)}
    assert "b" not in [route.span.target for route in still_good(routes.values(), in_the_way, boxes, spans)]


def test_kept_routes_stay_to_the_cell() -> None:
    """Adding a wire leaves all other routes unchanged if no box moves."""
    design = shop()
    before = make_scene(design, (158, 40), UNICODE)
    more = design.with_wires([*design.wires, Subscribe(source="dead", target="mail")])
    after = make_scene(more, (158, 40), UNICODE, before=before)
    same = [part for part, box in before.layout.boxes.items() if after.layout.boxes[part] == box]
    for key, route in before.routes.items():
        if route.span.source in same and route.span.target in same:
            assert after.routes[key].corners == route.corners or any(
                route.meets(box) for box in after.layout.boxes.values()
            )


def test_way_back_is_found() -> None:
    """A wire to a part further left goes round and still arrives at one of its sides."""
    boxes = {"a": Box(0, 0, 12, 4), "b": Box(24, 0, 12, 4)}
    route = route_wires(boxes, [span("a", "b"), span("b", "a")])["b->a:call"]
    assert not any(box.holds(cell) for box in boxes.values() for cell in route.cells())


def test_cells_follow_the_corners() -> None:
    """A route's cells are all cells between its corners, each once."""
    route = Route(span("a", "b"), ((0, 0), (3, 0), (3, 2)))
    assert route.cells() == [(0, 0), (1, 0), (2, 0), (3, 0), (3, 1), (3, 2)]


@pytest.mark.parametrize(("glyphs", "plain"), [(UNICODE, False), (ASCII, True)])
def test_ascii_mode_draws_with_ascii_alone(glyphs: object, plain: bool) -> None:
    """In ASCII mode all signs are ASCII; in the other mode they aren't."""
    assert glyphs in (UNICODE, ASCII)
    drawn = draw_scene(
        make_scene(shop(), (118, 30), ASCII if plain else UNICODE), ASCII if plain else UNICODE, Highlights()
    ).text()
    assert drawn.isascii() == plain


def test_label_says_the_policy_in_short() -> None:
    """A call's label shows its timeout and retries where there is room."""
    scene = make_scene(chain(2), (78, 14), UNICODE)
    assert scene.labels["till->s1:call"].text == "call"
    big = make_scene(shop(), (200, 50), UNICODE)
    assert big.labels["shoppers->api:call"].text == "call 2s ×3"
    assert width_of(big.labels["shoppers->api:call"].text) == 10
