"""The layout of parts: layers, slots and boxes."""

from __future__ import annotations

import dataclasses
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.show.picture.designs_to_draw import chain, fan, made_up, shop
from tutor.catalog import level_by_id, load_course
from tutor.model.design import Design
from tutor.model.wire import Publish
from tutor.show.picture.boxes import broken, shows_name
from tutor.show.picture.glyphs import UNICODE, width_of
from tutor.show.picture.layers import assign_layers, order_layers, without_cycles
from tutor.show.picture.layout import COMPACT, ROOMY, SCALES
from tutor.show.picture.place import FULL
from tutor.show.picture.scene import make_scene
from tutor.show.picture.slots import assign_slots, spaced


def test_chain_flows_from_left_to_right() -> None:
    """Each part of a chain is to the right of its caller, in the same row."""
    slots = assign_slots(chain(5))
    assert [slots[part] for part in ("till", "s1", "s2", "s3", "s4")] == [(column, 0) for column in range(5)]


def test_cycle_is_broken_by_turning_one_wire() -> None:
    """A loop of calls has layers, and only the wire that closes it runs backward."""
    forward = without_cycles(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a")])
    assert set(forward) == {("a", "b"), ("b", "c"), ("a", "c")}
    assert assign_layers(["a", "b", "c"], forward) == {"a": 0, "b": 1, "c": 2}


def test_lone_source_stands_next_to_what_it_feeds() -> None:
    """A part without incoming wires moves right, next to its target, unless it must stay first."""
    pairs = [("a", "b"), ("b", "c"), ("late", "c")]
    assert assign_layers(["a", "b", "c", "late"], pairs)["late"] == 1
    assert assign_layers(["a", "b", "c", "late"], pairs, frozenset({"late"}))["late"] == 0


def test_order_undoes_a_crossing() -> None:
    """Wires that would cross in the design's order don't cross in the layout."""
    layers = {"a": 0, "b": 0, "x": 1, "y": 1}
    columns = order_layers(layers, [("a", "y"), ("b", "x")], {})
    assert (columns[0].index("a") < columns[0].index("b")) == (columns[1].index("y") < columns[1].index("x"))


def test_fan_out_stands_in_the_middle_of_its_targets() -> None:
    """A topic with three subscribers is in the row of the second one."""
    slots = assign_slots(fan(3))
    rows = sorted(slots[f"s{number}"][1] for number in range(3))
    assert rows == [rows[0], rows[0] + FULL, rows[0] + 2 * FULL]
    assert slots["topic"][1] == rows[1]


def test_dead_letters_stand_aside() -> None:
    """A queue's main flow runs straight on, and its dead-letter queue is below."""
    slots = assign_slots(shop())
    assert slots["orders"][1] == slots["billing"][1] == slots["ledger"][1]
    assert slots["dead"][1] > slots["billing"][1]


def test_moved_part_stays_where_it_was_put() -> None:
    """A moved part keeps its position, and the others stay where they were."""
    design = shop()
    before = assign_slots(design)
    moved = design.with_component(dataclasses.replace(design.components["mail"], at=(7, 6)))
    after = assign_slots(moved)
    assert after["mail"] == (7, 6)
    assert {part: slot for part, slot in after.items() if part != "mail"} == {
        part: slot for part, slot in before.items() if part != "mail"
    }


def test_part_gives_way_to_one_that_was_moved() -> None:
    """A part whose slot is taken by a moved one is placed next to it."""
    design = chain(3)
    moved = design.with_component(dataclasses.replace(design.components["s2"], at=(1, 0)))
    slots = assign_slots(moved)
    assert slots["s2"] == (1, 0)
    assert slots["s1"][0] == 1
    assert abs(slots["s1"][1]) >= FULL


@pytest.mark.parametrize("size", [(78, 14), (48, 14), (118, 30), (158, 40)])
def test_typical_levels_fit_the_pane_of_a_small_terminal(size: tuple[int, int]) -> None:
    """Three parts in a row, and a fan of three, fit a pane of 78 columns or more."""
    for design in (chain(3), fan(3)):
        scene = make_scene(design, size, UNICODE)
        if size[0] >= 78:
            assert scene.size[0] <= size[0]
            assert scene.size[1] <= size[1]


def test_boxes_are_at_least_twelve_by_three() -> None:
    """The smallest box is 12 columns wide and 3 rows high, with room for a title at any scale."""
    for scale in SCALES:
        scene = make_scene(shop(), (78, 14), UNICODE, scale)
        assert all(box.width >= 12 and box.height >= 3 for box in scene.boxes.values())


def test_roomy_is_taken_where_it_fits() -> None:
    """The same design is roomy on a large screen and compact on a small one."""
    assert make_scene(fan(3), (158, 40), UNICODE).layout.scale is ROOMY
    assert make_scene(fan(3), (78, 14), UNICODE).layout.scale is COMPACT


def test_slot_of_a_box_is_the_one_it_stands_in() -> None:
    """The slot of a part's box is the part's own slot, and the box of that slot is the part's own box."""
    for design in (shop(), fan(4), chain(9)):
        for size in ((78, 14), (158, 40)):
            scene = make_scene(design, size, UNICODE)
            for part, box in scene.boxes.items():
                assert scene.slot_of(box) == scene.layout.slots[part], part
                assert scene.box_of(scene.layout.slots[part]) == box, part


def test_long_chain_is_folded_into_tiers() -> None:
    """On a small screen eleven parts in a row fold into three tiers, each starting at the left."""
    scene = make_scene(chain(11), (78, 24), UNICODE)
    assert len(scene.layout.tiers) == 3
    assert scene.size[0] <= 78
    assert scene.boxes["s4"].x == scene.boxes["till"].x
    assert scene.boxes["s4"].y > scene.boxes["till"].bottom


def test_same_design_gives_the_same_picture() -> None:
    """Layout and routing are deterministic."""
    one, other = (make_scene(made_up(20, 30, 5), (118, 30), UNICODE) for _ in range(2))
    assert (one.boxes, one.ways, one.labels) == (other.boxes, other.ways, other.labels)


def test_no_part_at_all_is_a_picture_too() -> None:
    """An empty design gives an empty scene."""
    scene = make_scene(Design(), (78, 14), UNICODE)
    assert not scene.boxes
    assert not scene.ways


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 16), st.integers(0, 24), st.integers(0, 10**6))
def test_boxes_never_overlap(parts: int, wires: int, seed: int) -> None:
    """In any design every part has a box of its own, every wire has a route, and the text of every label is
    inside the picture; the blank beside it need not be.
    """
    design = made_up(parts, wires, seed)
    scene = make_scene(design, (78, 14), UNICODE)
    assert set(scene.boxes) == set(design.components)
    assert not [pair for pair in combinations(scene.boxes.values(), 2) if pair[0].meets(pair[1])]
    assert set(scene.ways) == {wire.ref for wire in design.wires}
    for label in scene.labels.values():
        assert 0 <= label.cell[0] <= scene.size[0] - width_of(label.text)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=12))
def test_spacing_is_kept_and_what_fits_is_left(wanted: list[float]) -> None:
    """Positions keep their order and minimum distance; those already far enough apart don't move."""
    found = spaced(wanted)
    assert all(later - earlier >= FULL - 1e-6 for earlier, later in pairwise(found))
    if all(later - earlier >= FULL for earlier, later in pairwise(wanted)):
        assert found == pytest.approx(wanted)


def test_publish_back_to_an_earlier_part_keeps_the_flow() -> None:
    """A wire that closes a loop doesn't move its source to the left."""
    design = shop()
    looped = design.with_wires([*design.wires, Publish(source="mail", target="orders")])
    assert assign_slots(looped)["mail"][0] > assign_slots(looped)["orders"][0]


@pytest.mark.parametrize("room", [(80, 17), (76, 33)])
def test_every_level_opens_whole(room: tuple[int, int]) -> None:
    """On the smallest terminal, and beside the panel of a large one, every level's start fits without
    scrolling, and shows the whole name of each part.
    """
    for level_id in (level for chapter in load_course().chapters for level in chapter.levels):
        level = level_by_id(level_id)
        design = level.scenario.design
        scene = make_scene(design, room, UNICODE, grows=bool(level.palette))
        assert scene.size[0] <= room[0], level_id
        assert scene.size[1] <= room[1], level_id
        cut = [
            design.components[part].name
            for part, box in scene.boxes.items()
            if not shows_name(design.components[part], box.width, scene.layout.scale)
        ]
        assert not cut, level_id


def test_columns_are_shared_only_where_the_screen_is_too_narrow() -> None:
    """Where a design is too wide, two columns of boxes share one, without overlap; on a wider screen each is
    again its own.
    """
    design = level_by_id("what-you-say/thin-or-fat").scenario.design
    wide = make_scene(design, (158, 40), UNICODE)
    narrow = make_scene(design, (80, 17), UNICODE, before=wide)
    columns = [len({column for column, _ in scene.layout.slots.values()}) for scene in (wide, narrow)]
    assert columns == [5, 4]
    assert not [pair for pair in combinations(narrow.boxes.values(), 2) if pair[0].meets(pair[1])]
    assert make_scene(design, (158, 40), UNICODE, before=narrow).boxes == wide.boxes


def test_a_long_name_goes_on_in_a_second_row() -> None:
    """A long name breaks at a blank, after a hyphen or at a capital inside a word, and nowhere else."""
    assert broken("Warehouse North", 9, 9) == ("Warehouse", "North")
    assert broken("Analytics (opens at 100 s)", 16, 16) == ("Analytics (opens", "at 100 s)")
    assert broken("ShipOrderEvent", 9, 9) == ("ShipOrder", "Event")
    assert broken("re-indexer", 6, 9) == ("re-", "indexer")
    assert broken("Photosynthesis", 9, 9) is None
