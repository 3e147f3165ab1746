"""Where a wire may end, the keys for its ends, and where the focus goes."""

from __future__ import annotations

import dataclasses
import unicodedata

import pytest
from rich.cells import cell_len
from textual.binding import Binding

from tests.show.picture.designs_to_draw import chain, fan, shop
from tutor.errors import IllegalWire
from tutor.model.component import Queue
from tutor.model.edit import AddComponent, RemoveComponent, apply
from tutor.model.level import Level
from tutor.show.picture.drawing import Highlights, draw_scene
from tutor.show.picture.glyphs import JOINERS, UNICODE, cells_of, fitted
from tutor.show.picture.place import DOWN, LEFT, RIGHT, UP, Box
from tutor.show.picture.scene import make_scene
from tutor.tui.board.focus import following, reading_order, toward
from tutor.tui.board.keys import BINDINGS
from tutor.tui.board.wiring import KIND_KEYS, PART_KEYS, Drawing, KindMenu, PartKeys, ends_from
from tutor.tui.commands import by_id


def test_every_other_part_is_an_end_or_says_why_not() -> None:
    """Each legal end has kinds and a key, and each other part has a reason."""
    design = shop()
    ends = ends_from(None, design, "api", PartKeys().keys_of(design))
    assert set(ends) == set(shop().components) - {"api"}
    assert all(
        bool(end.kinds) != bool(end.refusal) and bool(end.kinds) == bool(end.key) for end in ends.values()
    )
    assert "client" in ends["shoppers"].refusal


def test_existing_wire_is_not_offered_again() -> None:
    """A pair already joined by its only valid kind is refused with that reason."""
    assert "already have a call wire" in ends_from(None, shop(), "shoppers")["api"].refusal
    assert ends_from(None, shop(), "api")["ledger"].kinds == ("write",)


def test_level_limits_the_kinds(level: Level) -> None:
    """A kind that the level doesn't offer is refused with that reason."""
    design = level.scenario.design.with_component(Queue(id="dead"))
    ends = ends_from(level, design, "rail")
    assert ends["dead"].kinds == ()
    assert "this level" in ends["dead"].refusal
    assert ends_from(level, design, "till")["rail"].kinds == ("publish",)


def test_a_part_keeps_its_key() -> None:
    """Every part has a key of its own, which it keeps while others come and go, and gets again when it comes
    back.
    """
    known = PartKeys()
    design = shop()
    first = known.keys_of(design)
    assert len(set(first.values())) == len(design.components)
    assert list(first.values())[:3] == ["1", "2", "3"]
    without = apply(RemoveComponent("orders"), design)
    more = apply(AddComponent(Queue(id="fresh")), without)
    assert known.keys_of(more)["fresh"] not in first.values()
    assert {part: key for part, key in known.keys_of(more).items() if part in first} == {
        part: key for part, key in first.items() if part != "orders"
    }
    assert {part: known.keys_of(design)[part] for part in first} == first


def test_keys_of_parts_are_no_commands() -> None:
    """No command of the game shares a key with a part, so a key pressed too late does nothing."""
    taken = {key for command in by_id().values() for key in command.key.split(",")}
    taken |= {key for binding in BINDINGS if isinstance(binding, Binding) for key in binding.key.split(",")}
    assert not taken & set(PART_KEYS + KIND_KEYS)


def test_choice_of_kind_is_asked_where_several_fit() -> None:
    """A single valid kind is taken at once, several must be chosen from, and an illegal end raises the
    reason.
    """
    design = shop()
    drawing = Drawing("mail", ends_from(None, design, "mail"))
    assert drawing.choose_end("orders") == "publish"
    assert drawing.choose_end("ledger") is None
    assert drawing.menu is not None
    assert drawing.menu.kind_of_key("2") == "read"
    drawing.menu.move(1)
    assert drawing.menu.kinds[drawing.menu.at] == "read"
    with pytest.raises(IllegalWire, match="client"):
        drawing.choose_end("shoppers")
    with pytest.raises(IllegalWire, match="itself"):
        drawing.choose_end("mail")


@pytest.mark.parametrize(
    ("box", "below"), [(Box(30, 5, 20, 4), True), (Box(70, 20, 10, 4), False), (Box(0, 0, 12, 4), True)]
)
def test_the_menu_of_kinds_stands_in_view_where_the_wire_ends(box: Box, below: bool) -> None:
    """The menu is in view and touches the part, below it or above it, and every row can be hit at
    its cells.
    """
    view = Box(0, 0, 80, 24)
    menu = KindMenu("ledger", ("write", "read"))
    found = menu.box(box, view)
    assert view.x <= found.x <= found.right <= view.right
    assert (found.y == box.bottom + 1) if below else (found.bottom == box.y - 1)
    assert [menu.row_at((found.x + 1, found.y + 1 + row), found) for row in range(3)] == [0, 1, None]


def test_arrows_go_where_the_eye_expects() -> None:
    """Left and right follow the flow, and up and down the column; beyond the last part there is no target."""
    scene = make_scene(fan(3), (158, 40), UNICODE)
    assert toward(scene, "till", RIGHT) == "topic"
    assert toward(scene, "topic", RIGHT) == "s1"
    assert toward(scene, "s1", UP) == "s0"
    assert toward(scene, "s1", DOWN) == "s2"
    assert toward(scene, "s2", LEFT) == "topic"
    assert toward(scene, "till", LEFT) is None


def test_arrows_lead_from_a_wire_to_its_ends() -> None:
    """From a wire, left and right lead to its ends."""
    scene = make_scene(chain(2), (78, 14), UNICODE)
    assert toward(scene, "till->s1:call", RIGHT) == "s1"
    assert toward(scene, "till->s1:call", LEFT) == "till"


def test_arrows_follow_the_flow_over_a_fold() -> None:
    """In a folded layout, right at the end of a row leads to the start of the next, and left leads back."""
    scene = make_scene(chain(11), (78, 24), UNICODE)
    assert len(scene.layout.tiers) > 1
    for number in range(1, 10):
        assert toward(scene, f"s{number}", RIGHT) == f"s{number + 1}"
        assert toward(scene, f"s{number + 1}", LEFT) == f"s{number}"


def test_every_part_can_be_reached_by_arrows() -> None:
    """From any part, the four arrows can reach every other one, in folded layouts too."""
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
    """Tab visits all parts and wires once, and ends at both sides."""
    scene = make_scene(shop(), (118, 30), UNICODE)
    order = reading_order(scene)
    assert sorted(order) == sorted([*scene.boxes, *scene.ways])
    assert order[:2] == ["shoppers", "shoppers->api:call"]
    assert following(scene, order[-1], 1) is None
    assert following(scene, order[0], -1) is None
    assert following(scene, None, 1) == order[0]


def test_text_is_measured_in_cells() -> None:
    """Wide characters take two cells, marks stay with their letter, control characters vanish, and a cut
    never halves a character.
    """
    assert len(cells_of("日本")) == 4
    assert cells_of("e\u0301a\x1b[31m") == ["e\u0301", "a", "[", "3", "1", "m"]
    assert fitted("日本語", 4) == ["日", "", " ", "…"]
    assert fitted("abc", 3) == ["a", "b", "c"]


TITLES = [
    "ที่รับคำสั่งซื้อ",
    "ऑर्डर की दुकान",
    "e\u0301t\u0302e\u0323 ＦＵＬＬ",
    "注文する人々",
    "הזמנות مطبخ",
    "📦❤️👩‍👩‍👧 box",
]


@pytest.mark.parametrize("title", TITLES)
def test_titles_in_any_script_keep_their_marks_and_their_borders(title: str) -> None:
    """Every row of a box is as wide as its frame, as Rich measures it, and no accent or vowel sign
    is lost.
    """
    design = chain(2)
    scene = make_scene(
        design.with_component(dataclasses.replace(design.components["s1"], title=title)), (78, 14), UNICODE
    )
    box = scene.boxes["s1"]
    canvas = draw_scene(scene, UNICODE, Highlights())
    assert all(cell_len("".join(canvas.signs[y])) == scene.size[0] for y in range(scene.size[1]))
    shown = "".join(canvas.signs[box.y + 1])
    marks = [sign for sign in title[:6] if unicodedata.category(sign) == "Mn" and sign not in JOINERS]
    assert all(sign in shown for sign in marks)
