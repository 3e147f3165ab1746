"""An edit changes only what it is about; the rest of the picture stays."""

from __future__ import annotations

import dataclasses
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.show.picture.designs_to_draw import chain, fan, made_up, shop
from tutor.model.component import Queue
from tutor.model.design import Design, make_wire
from tutor.model.edit import AddComponent, AddWire, Edit, RemoveComponent, RemoveWire, SetComponent, apply
from tutor.model.wire import Publish, legal_kinds
from tutor.show.picture.glyphs import UNICODE
from tutor.show.picture.place import Box
from tutor.show.picture.scene import Scene, edit_scene, make_scene

VIEW = (160, 50)
LARGE = made_up(40, 80, 3)
NAMES = [f"new-{number}" for number in range(20)]


def after(edit: Edit, scene: Scene, near: str | None = None) -> Scene:
    """The scene after an edit, on a screen of the usual size."""
    return edit_scene(scene, apply(edit, scene.design), seen(scene), UNICODE, near)


def seen(scene: Scene, size: tuple[int, int] = VIEW) -> Box:
    """The area that the screen can show: at least the whole scene, which is centered."""
    width, height = max(size[0], scene.size[0]), max(size[1], scene.size[1])
    return Box((scene.size[0] - width) // 2, (scene.size[1] - height) // 2, width, height)


def corners(scene: Scene) -> dict[str, tuple[int, int]]:
    """The upper left cell of each part, in coordinates that an edit doesn't shift."""
    return {part: (box.x, box.y) for part, box in scene.layout.boxes.items()}


def same_ways(one: Scene, other: Scene) -> int:
    """How many wires keep their route."""
    return sum(
        ref in other.routes and route.corners == other.routes[ref].corners
        for ref, route in one.routes.items()
    )


@st.composite
def edits(draw: st.DrawFn, design: Design) -> Edit:
    """Any edit that a design allows: add, remove, wire, unwire or move."""
    parts = list(design.components)
    pairs = [
        (one, other, kind)
        for one in parts
        for other in parts
        if one != other
        for kind in legal_kinds(design.components[one].kind, design.components[other].kind)
        if design.wire(f"{one}->{other}:{kind}") is None
    ]
    kinds = [
        "add",
        *(["remove", "move"] if len(parts) > 1 else []),
        *(["unwire"] if design.wires else []),
        *(["wire"] if pairs else []),
    ]
    match draw(st.sampled_from(kinds)):
        case "add":
            return AddComponent(Queue(id=next(name for name in NAMES if name not in parts)))
        case "remove":
            return RemoveComponent(draw(st.sampled_from(parts)))
        case "unwire":
            return RemoveWire(draw(st.sampled_from([wire.ref for wire in design.wires])))
        case "move":
            slot = draw(st.tuples(st.integers(-1, 4), st.integers(-2, 8)))
            return SetComponent(draw(st.sampled_from(parts)), "at", slot)
    return AddWire(make_wire(design, *draw(st.sampled_from(pairs))))


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 16), st.integers(0, 50), st.data())
def test_no_edit_moves_a_part_that_it_is_not_about(parts: int, seed: int, data: st.DataObject) -> None:
    """Adding, removing, wiring, unwiring or moving a part leaves every other box where it is and as wide as
    it is, and boxes never overlap.
    """
    scene = make_scene(made_up(parts, parts + 2, seed), VIEW, UNICODE)
    for _ in range(5):
        edit = data.draw(edits(scene.design))
        again = after(edit, scene, next(iter(scene.boxes)))
        before, now = corners(scene), corners(again)
        touched = {edit.id} if isinstance(edit, SetComponent) else set()
        stay = before.keys() & now.keys() - touched
        assert all(now[part] == before[part] for part in stay)
        assert all(again.boxes[part].width == scene.boxes[part].width for part in stay)
        boxes = list(again.boxes.values())
        assert not any(one.meets(other) for place, one in enumerate(boxes) for other in boxes[:place])
        assert set(again.ways) == {wire.ref for wire in again.design.wires}
        for way in again.ways.values():
            assert not any(box.holds(cell) for cell in way for box in boxes)
            assert all(abs(x - to_x) + abs(y - to_y) == 1 for (x, y), (to_x, to_y) in pairwise(way))
        scene = again


def test_a_column_between_two_is_the_nearer_of_them() -> None:
    """A part placed between two columns without room between them joins the nearer one; the others stay."""
    scene = make_scene(made_up(2, 4, 10), VIEW, UNICODE)
    assert scene.layout.column_numbers() == [0, 2]
    again = after(SetComponent("p0", "at", (1, -1)), scene)
    assert corners(again)["p1"] == corners(scene)["p1"]


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(0, 50), st.data())
def test_what_is_taken_back_stands_where_it_stood(parts: int, seed: int, data: st.DataObject) -> None:
    """Undoing any edit returns every part to the cells that it had before."""
    scene = make_scene(made_up(parts, parts + 2, seed), VIEW, UNICODE)
    edit = data.draw(edits(scene.design))
    back = edit_scene(after(edit, scene), scene.design, seen(scene), UNICODE)
    assert corners(back) == corners(scene)


def test_a_longer_title_moves_nothing() -> None:
    """A box with a longer title grows into the gap as far as it can, and nothing else changes."""
    scene = make_scene(LARGE, VIEW, UNICODE)
    part = dataclasses.replace(LARGE.components["p5"], title="A much longer title")
    again = edit_scene(scene, LARGE.with_component(part), seen(scene), UNICODE)
    assert corners(again) == corners(scene)
    assert again.boxes["p5"].width >= scene.boxes["p5"].width


def test_a_wire_less_leaves_the_others_in_their_ways() -> None:
    """Removing a wire, and adding it back, leaves every other route unchanged, in large designs as in small
    ones.
    """
    for design in (LARGE, shop()):
        scene = make_scene(design, VIEW, UNICODE)
        wire = design.wires[len(design.wires) // 2]
        less = after(RemoveWire(wire.ref), scene)
        again = after(AddWire(wire), less)
        assert same_ways(scene, less) == len(design.wires) - 1
        assert same_ways(less, again) == len(design.wires) - 1


def test_a_new_part_comes_beside_the_one_in_focus() -> None:
    """A new part appears to the right of the focus if there is room, else near it, in view, and over a wire
    only if it must.
    """
    scene = make_scene(fan(3), (100, 26), UNICODE)
    for near in scene.boxes:
        again = edit_scene(
            scene, apply(AddComponent(Queue(id="fresh")), scene.design), seen(scene, (100, 26)), UNICODE, near
        )
        assert same_ways(scene, again) == len(scene.design.wires)
        assert again.size[0] <= 100
        assert again.size[1] <= 26
    row = make_scene(chain(2), (158, 40), UNICODE)
    beside = edit_scene(
        row, apply(AddComponent(Queue(id="fresh")), row.design), seen(row, (158, 40)), UNICODE, "s1"
    )
    assert beside.boxes["fresh"].y == beside.boxes["s1"].y
    assert beside.boxes["fresh"].x > beside.boxes["s1"].right


@pytest.mark.parametrize("size", [(78, 18), (118, 30)])
def test_free_rows_are_used_before_anything_scrolls_sideways(size: tuple[int, int]) -> None:
    """Parts added to a row as wide as the screen are placed above and below it."""
    scene = make_scene(chain(3), size, UNICODE)
    for number in range(4):
        scene = edit_scene(
            scene, apply(AddComponent(Queue(id=f"q{number}")), scene.design), seen(scene, size), UNICODE, "s2"
        )
        assert scene.size[0] <= size[0]


def test_a_part_that_comes_back_with_others_in_its_place_stands_beside_it() -> None:
    """A restored part whose slot has been taken is placed beside the part that took it."""
    scene = make_scene(shop(), VIEW, UNICODE)
    slot = scene.layout.slots["mail"]
    without = after(RemoveComponent("mail"), scene)
    taken = after(SetComponent("dead", "at", slot), without)
    both = after(AddComponent(scene.design.components["mail"]), taken)
    assert both.layout.slots["dead"] == slot
    assert both.layout.slots["mail"][0] == slot[0]
    assert not both.boxes["mail"].meets(both.boxes["dead"])


def test_a_part_given_back_finds_its_way_home() -> None:
    """A moved part whose position is cleared returns to where it was before the move."""
    scene = make_scene(LARGE, VIEW, UNICODE)
    away = after(SetComponent("p7", "at", (scene.layout.slots["p7"][0], 60)), scene)
    assert away.layout.slots["p7"][1] == 60
    back = after(SetComponent("p7", "at", None), away)
    assert back.layout.slots == scene.layout.slots


def test_wiring_a_new_part_in_leaves_it_where_it_was_put() -> None:
    """Wiring a part that is already placed doesn't move it."""
    scene = make_scene(chain(2), VIEW, UNICODE)
    added = after(AddComponent(Queue(id="fresh")), scene, "till")
    wired = after(AddWire(Publish(source="till", target="fresh")), added)
    assert corners(wired) == corners(added)
