"""Where a wire may end, the keys for it, and where the focus goes."""

from __future__ import annotations

import pytest

from tests.tui.board.designs_to_draw import chain, fan, shop
from tutor.errors import IllegalWire
from tutor.model.component import Queue
from tutor.model.level import Level
from tutor.tui.board.focus import following, reading_order, toward
from tutor.tui.board.glyphs import UNICODE, cells_of, fitted
from tutor.tui.board.place import DOWN, LEFT, RIGHT, UP
from tutor.tui.board.scene import make_scene
from tutor.tui.board.wiring import Drawing, ends_from, kind_keys, one_keys


def test_every_other_part_is_an_end_or_says_why_not() -> None:
    """Legal ends have kinds and a key, the others a reason."""
    ends = ends_from(None, shop(), "api")
    assert set(ends) == set(shop().components) - {"api"}
    assert all(bool(end.kinds) != bool(end.refusal) and bool(end.kinds) == bool(end.key) for end in ends.values())
    assert "client" in ends["shoppers"].refusal


def test_existing_wire_is_not_offered_again() -> None:
    """A pair that is joined by the only kind that fits says so."""
    assert "already joined" in ends_from(None, shop(), "shoppers")["api"].refusal
    assert ends_from(None, shop(), "api")["ledger"].kinds == ("write",)


def test_level_limits_the_kinds(level: Level) -> None:
    """A kind that the level does not offer is refused with that reason."""
    design = level.scenario.design.with_component(Queue(id="dead"))
    ends = ends_from(level, design, "rail")
    assert ends["dead"].kinds == ()
    assert "this level" in ends["dead"].refusal
    assert ends_from(level, design, "till")["rail"].kinds == ("publish",)


def test_keys_are_single_and_different() -> None:
    """Each end has a key of its own, a letter of its name where that is free."""
    keys = one_keys({"kitchen": "Kitchen", "klaxon": "Klaxon", "till": "Till", "k": "K"})
    assert keys["kitchen"] == "k"
    assert keys["klaxon"] == "l"
    assert len(set(keys.values())) == 4
    assert kind_keys(("write", "read")) == {"write": "w", "read": "r"}


def test_choice_of_kind_is_asked_where_several_fit() -> None:
    """One kind is taken at once, several are to be chosen from, and an illegal end raises the reason."""
    design = shop()
    drawing = Drawing("mail", ends_from(None, design, "mail"))
    assert drawing.choose_end("orders") == "publish"
    assert drawing.choose_end("ledger") is None
    assert drawing.kind_of_key("r") == "read"
    with pytest.raises(IllegalWire, match="client"):
        drawing.choose_end("shoppers")
    with pytest.raises(IllegalWire, match="itself"):
        drawing.choose_end("mail")


def test_arrows_go_where_the_eye_expects() -> None:
    """Right and left follow the flow, up and down the column; beyond the last part there is nothing."""
    scene = make_scene(fan(3), (158, 40), UNICODE)
    assert toward(scene, "till", RIGHT) == "topic"
    assert toward(scene, "topic", RIGHT) == "s1"
    assert toward(scene, "s1", UP) == "s0"
    assert toward(scene, "s1", DOWN) == "s2"
    assert toward(scene, "s2", LEFT) == "topic"
    assert toward(scene, "till", LEFT) is None


def test_arrows_lead_from_a_wire_to_its_ends() -> None:
    """From a wire, left and right lead to the parts it joins."""
    scene = make_scene(chain(2), (78, 14), UNICODE)
    assert toward(scene, "till->s1:call", RIGHT) == "s1"
    assert toward(scene, "till->s1:call", LEFT) == "till"


def test_arrows_follow_the_flow_over_a_fold() -> None:
    """In a folded layout, right at the end of a band goes on at the start of the next, and left comes back."""
    scene = make_scene(chain(11), (78, 24), UNICODE)
    assert len(scene.layout.tiers) > 1
    for number in range(1, 10):
        assert toward(scene, f"s{number}", RIGHT) == f"s{number + 1}"
        assert toward(scene, f"s{number + 1}", LEFT) == f"s{number}"


def test_every_part_can_be_reached_by_arrows() -> None:
    """From any part, the four arrows lead to every other one, folded or not."""
    for design, size in ((shop(), (158, 40)), (shop(), (78, 14)), (chain(11), (78, 14)), (fan(5), (78, 14))):
        scene = make_scene(design, size, UNICODE)
        for start in scene.boxes:
            seen, todo = {start}, [start]
            while todo:
                part = todo.pop()
                for direction in (RIGHT, DOWN, LEFT, UP):
                    found = toward(scene, part, direction)
                    if found is not None and found not in seen:
                        seen.add(found)
                        todo.append(found)
            assert seen == set(scene.boxes)


def test_reading_order_has_every_part_and_wire_once() -> None:
    """Tab goes through all parts and wires; there is an end at both sides."""
    scene = make_scene(shop(), (118, 30), UNICODE)
    order = reading_order(scene)
    assert sorted(order) == sorted([*scene.boxes, *scene.ways])
    assert order[:2] == ["shoppers", "shoppers->api:call"]
    assert following(scene, order[-1], 1) is None
    assert following(scene, order[0], -1) is None
    assert following(scene, None, 1) == order[0]


def test_text_is_measured_in_cells() -> None:
    """Wide characters take two cells, combining and control ones none, and a cut never halves one."""
    assert len(cells_of("日本")) == 4
    assert cells_of("e\u0301a\x1b[31m") == ["e", "a", "[", "3", "1", "m"]
    assert fitted("日本語", 4) == ["日", "", " ", "…"]
    assert fitted("abc", 3) == ["a", "b", "c"]
