"""An edit changes what it is about, and the rest of the picture stays."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tui.board.designs_to_draw import made_up, shop
from tutor.model.component import Queue
from tutor.model.design import Design
from tutor.model.edit import AddComponent, AddWire, Edit, RemoveWire, apply
from tutor.model.wire import Publish
from tutor.tui.board.carry import Carry
from tutor.tui.board.glyphs import UNICODE
from tutor.tui.board.place import Box
from tutor.tui.board.route import Route, Span
from tutor.tui.board.scene import Scene, make_scene
from tutor.tui.board.slots import assign_slots

VIEW = (160, 50)
LARGE = made_up(40, 80, 3)


def after(edit: Edit, scene: Scene) -> Scene:
    """The scene after an edit."""
    return make_scene(apply(edit, scene.design), VIEW, UNICODE, before=scene)


def rows(scene: Scene) -> dict[str, int]:
    """The row of slots that each part stands in."""
    return {part: slot[1] for part, slot in scene.layout.slots.items()}


def same_ways(one: Scene, other: Scene) -> int:
    """How many wires keep their way between the columns."""
    carry = Carry(one.layout.boxes, other.layout.boxes)
    carried = {ref: carry.route(route) for ref, route in one.routes.items() if ref in other.routes}
    return sum(route is not None and route.corners == other.routes[ref].corners for ref, route in carried.items())


@pytest.mark.parametrize("design", [shop(), made_up(20, 40, 3)])
def test_a_layout_of_its_own_result_is_that_result(design: Design) -> None:
    """Laid out again from where everything stands, nothing moves."""
    slots = assign_slots(design)
    assert assign_slots(design, slots) == slots


def test_a_longer_title_draws_no_wire_anew() -> None:
    """A column that grows pushes the others aside, and every wire goes with them."""
    scene = make_scene(LARGE, VIEW, UNICODE)
    part = dataclasses.replace(LARGE.components["p5"], title="A much longer title")
    again = make_scene(LARGE.with_component(part), VIEW, UNICODE, before=scene)
    assert again.layout.size[0] > scene.layout.size[0]
    assert again.layout.slots == scene.layout.slots
    assert same_ways(scene, again) == len(LARGE.wires)


def test_a_wire_less_leaves_a_large_design_standing() -> None:
    """Without a wire that no column depends on, and with it again, parts stay in a large design, and most wires keep their ways."""
    scene = make_scene(LARGE, VIEW, UNICODE)
    layers = {part: slot[0] for part, slot in assign_slots(LARGE).items()}
    spare = (wire for wire in LARGE.wires if {p: slot[0] for p, slot in assign_slots(apply(RemoveWire(wire.ref), LARGE)).items()} == layers)
    wire = next(spare)
    less = after(RemoveWire(wire.ref), scene)
    again = after(AddWire(wire), less)
    for one, other in ((scene, less), (less, again)):
        assert rows(one) == rows(other)
        assert same_ways(one, other) > len(LARGE.wires) * 0.7


def test_a_part_that_is_wired_in_comes_beside_its_neighbour() -> None:
    """A new part of a large design leaves its place below the rest for the row of what it is wired to; the others stay."""
    scene = make_scene(LARGE, VIEW, UNICODE)
    source = next(part for part in LARGE.components.values() if part.kind == "service")
    aside = after(AddComponent(Queue(id="fresh")), scene)
    assert rows(aside)["fresh"] >= max(rows(scene).values())
    wired = after(AddWire(Publish(source=source.id, target="fresh")), aside)
    assert abs(rows(wired)["fresh"] - rows(wired)[source.id]) <= 6
    moved = {part for part, row in rows(scene).items() if rows(wired)[part] != row}
    assert len(moved) < 8


def test_a_part_given_back_finds_its_way_home() -> None:
    """In a large design, too, a part that a learner moved and gives back stands near its neighbours again."""
    scene = make_scene(LARGE, VIEW, UNICODE)
    home = scene.layout.slots["p7"]
    part = LARGE.components["p7"]
    away = make_scene(LARGE.with_component(dataclasses.replace(part, at=(home[0], 60))), VIEW, UNICODE, before=scene)
    assert away.layout.slots["p7"] == (home[0], 60)
    back = make_scene(LARGE, VIEW, UNICODE, before=away)
    assert back.layout.slots["p7"][1] < 40


def test_lanes_stay_beside_what_they_are_beside() -> None:
    """In a gap that grows a lane keeps its distance to the left, one before the next column stays there; without room it ends."""
    before = {"a": Box(0, 0, 10, 4), "b": Box(20, 0, 10, 4)}
    wider = Carry(before, {"a": Box(0, 3, 12, 4), "b": Box(26, 3, 10, 4)})
    assert [wider.x(x) for x in (-2, 0, 5, 10, 14, 19, 20, 29, 31)] == [-2, 0, 5, 12, 16, 25, 26, 35, 37]
    assert wider.down == 3
    narrower = Carry(before, {"a": Box(0, 0, 10, 4), "b": Box(14, 0, 10, 4)})
    assert [narrower.x(x) for x in (10, 12, 13, 19)] == [10, 12, None, 13]
    span = Span("a->b:call", "a", "b", "call")
    assert narrower.route(Route(span, ((10, 1), (16, 1), (16, 2), (19, 2)))) is None
    assert wider.route(Route(span, ((10, 1), (14, 1), (14, 2), (19, 2)))) == Route(span, ((12, 4), (16, 4), (16, 5), (25, 5)))


@settings(max_examples=25, deadline=None)
@given(st.integers(12, 24), st.integers(0, 50), st.data())
def test_edits_of_a_large_design_keep_the_rules(parts: int, seed: int, data: st.DataObject) -> None:
    """Whatever wires come and go, boxes do not overlap, and every wire is right-angled and goes round the boxes."""
    design = made_up(parts, 30, seed)
    scene = make_scene(design, VIEW, UNICODE)
    for _ in range(3):
        if not scene.design.wires:
            break
        scene = after(RemoveWire(data.draw(st.sampled_from([wire.ref for wire in scene.design.wires]))), scene)
        boxes = list(scene.boxes.values())
        assert not any(one.meets(other) for place, one in enumerate(boxes) for other in boxes[:place])
        assert set(scene.ways) == {wire.ref for wire in scene.design.wires}
        for way in scene.ways.values():
            assert not any(box.holds(cell) for cell in way for box in boxes)
            assert all(abs(x - to_x) + abs(y - to_y) == 1 for (x, y), (to_x, to_y) in pairwise(way))
