"""Wires are drawn with few keys, or with the mouse from anywhere on a part's right edge."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.show.picture.designs_to_draw import fan, made_up, shop
from tests.tui.board.test_board import Bench, drag, middle, place
from tutor.model.component import Client, Database, Queue, Service, Topic
from tutor.model.design import Design, make_design
from tutor.model.wire import WIRES
from tutor.show.picture.drawing import Highlights, draw_scene
from tutor.show.picture.glyphs import ASCII, UNICODE
from tutor.show.picture.inks import INKS
from tutor.show.picture.place import Cell
from tutor.show.picture.scene import Scene, make_scene
from tutor.tui.board import Board
from tutor.words import say


def apart() -> Design:
    """A service, a topic with four unwired readers, and a database."""
    readers = [Service(id=name, title=name.title()) for name in ("billing", "mail", "search", "stock")]
    return make_design([Topic(id="orders", title="Orders"), *readers, Database(id="ledger", title="Ledger")])


async def test_a_fan_of_four_takes_nine_keys() -> None:
    """After a wire is drawn, the same key starts the next one at the same part: one key for the focus, then w
    and a key for each reader.
    """
    app = Bench(apart())
    async with app.run_test(size=(120, 40)) as pilot:
        app.board.focus_item("billing")
        await pilot.press("tab")  # no wire leaves it: the next part, and back
        app.board.focus_item("orders")
        for key in "2345":
            await pilot.press("w", key)
        readers = [wire.target for wire in app.board.design.wires]
        assert readers == ["billing", "mail", "search", "stock"]
        assert {wire.source for wire in app.board.design.wires} == {"orders"}
        assert app.board.item == "orders->stock:subscribe"


async def test_a_refused_start_leaves_no_key() -> None:
    """After a refused start no key is pending: the next key does nothing, and no part shows a key."""
    app = Bench(make_design([Client(id="till", title="Till"), Queue(id="rail", title="Rail")]))
    async with app.run_test(size=(80, 24)) as pilot:
        app.board.focus_item("rail")
        await pilot.press("w", "1", "2")
        assert app.board.drawing is None
        assert not app.board.design.wires
        assert "[1]" not in app.screen_text()


async def test_the_menu_of_kinds_takes_a_click_and_never_confuses_the_next_drag() -> None:
    """A click on a row draws that wire; a press elsewhere closes the menu and has its usual effect."""
    app = Bench(shop())
    async with app.run_test(size=(160, 50)) as pilot:
        board = app.board

        def edge(part: str) -> tuple[int, int]:
            box = board.scene.boxes[part]
            return place(app, (box.right, box.y + 1))

        await drag(pilot, edge("mail"), middle(app, "ledger"))
        assert board.drawing is not None
        assert board.drawing.menu is not None
        box = board.pen._menu_box()
        await pilot.click(Board, offset=place(app, (box.x + 2, box.y + 2)))
        assert board.design.wire("mail->ledger:read") is not None
        await drag(pilot, edge("mail"), middle(app, "ledger"))
        assert board.design.wire("mail->ledger:write") is not None  # the only kind that is left
        await pilot.press("x")
        await drag(pilot, edge("mail"), middle(app, "dead"))
        before = len(board.design.wires)
        board.design = shop()
        await drag(pilot, edge("mail"), middle(app, "ledger"))
        assert board.drawing is not None
        await drag(pilot, edge("api"), middle(app, "billing"))
        assert board.drawing is None
        assert board.design.wire("api->billing:call") is not None
        assert len(board.design.wires) <= before


@pytest.mark.parametrize("size", [(80, 23), (160, 50)])
async def test_the_whole_right_edge_starts_a_wire(size: tuple[int, int]) -> None:
    """A wire starts at any cell of the right edge, corners included, and ends at any cell of a part, frame
    included.
    """
    app = Bench(make_design([Client(id="till"), Service(id="kitchen"), Queue(id="rail")]))
    async with app.run_test(size=size) as pilot:
        start, end = (app.board.scene.boxes[part] for part in ("till", "rail"))
        assert start.height >= 3
        for y in range(start.y, start.bottom + 1):
            for x in range(start.right - 1, start.right + 2):
                await drag(pilot, place(app, (x, y)), place(app, (end.x, end.bottom)))
                assert app.board.design.wire("till->rail:publish") is not None
                await pilot.press("x")
                assert not app.board.design.wires


async def test_a_failed_drop_says_why_and_ends_the_wire() -> None:
    """A drop on the background, on the part itself or on an illegal end shows a reason, and no wire is
    pending.
    """
    app = Bench(make_design([Client(id="till"), Service(id="kitchen"), Queue(id="rail")]))
    async with app.run_test(size=(120, 40)) as pilot:
        box = app.board.scene.boxes["rail"]
        edge = place(app, (box.right, box.y + 1))
        for end, word in (
            ((1, 1), "Drop the wire"),
            (middle(app, "rail"), "joins two parts"),
            (middle(app, "till"), "client"),
        ):
            app.told.clear()
            await drag(pilot, edge, end)
            assert word in app.last(Board.Refused).reason
            assert app.board.drawing is None


async def test_the_pointer_says_what_it_can_do() -> None:
    """The board reports what is under the pointer: a part, its edge, a wire or the background."""
    app = Bench(fan(3))
    async with app.run_test(size=(120, 40)) as pilot:
        box = app.board.scene.boxes["topic"]
        way = app.board.scene.ways["till->topic:publish"]
        for cell, zone in (
            ((box.x + 2, box.y + 1), "part"),
            ((box.right, box.bottom), "edge"),
            (way[len(way) // 2], "wire"),
            ((box.x, box.bottom + 9), "ground"),
        ):
            await pilot.hover(Board, offset=place(app, cell))
            assert app.board._zone == zone


async def test_a_second_click_selects_the_other_wire() -> None:
    """Where two wires share a cell, repeated clicks select one and then the other."""
    app = Bench(fan(3))
    async with app.run_test(size=(120, 40)) as pilot:
        cell, keys = next((cell, keys) for cell, keys in app.board.scene.users.items() if len(keys) > 1)
        found = []
        for _ in keys:
            await pilot.click(Board, offset=place(app, cell))
            await pilot.pause(0.6)
            found.append(app.board.item or "")
        assert sorted(found) == sorted(keys)


def rails(scene: Scene) -> list[tuple[Cell, tuple[str, ...]]]:
    """The segments that wires of different sources share."""
    sources = {key: route.span.source for key, route in scene.routes.items()}
    pieces: dict[frozenset[Cell], list[str]] = {}
    for key, way in scene.ways.items():
        for piece in pairwise(way):
            pieces.setdefault(frozenset(piece), []).append(key)
    return [
        (min(piece), tuple(keys)) for piece, keys in pieces.items() if len({sources[key] for key in keys}) > 1
    ]


@pytest.mark.parametrize("seed", range(6))
def test_wires_of_different_sources_share_no_piece_of_line(seed: int) -> None:
    """Wires of different sources share no segment and don't turn at each other's cells, so two lines never
    look like one.
    """
    scene = make_scene(made_up(9, 12, seed), (118, 30), UNICODE)
    assert not rails(scene)


@pytest.mark.parametrize("seed", range(6))
def test_a_crossing_never_looks_like_a_joint(seed: int) -> None:
    """Where wires of different sources cross, one is drawn straight through; only wires of one source have
    joints.
    """
    scene = make_scene(made_up(12, 18, seed), (118, 30), UNICODE)
    canvas = draw_scene(scene, UNICODE, Highlights())
    straight = {signs[arms] for signs in UNICODE.lines.values() for arms in (5, 10)}
    for (x, y), keys in scene.users.items():
        if len({scene.routes[key].span.source for key in keys}) > 1 and all(
            (x, y) not in (scene.ways[key][0], scene.ways[key][-1]) for key in keys
        ):
            assert canvas.signs[y][x] in straight


def test_the_focused_wire_stands_out_along_its_whole_way() -> None:
    """Every cell of the focused wire has the focus color, including shared cells and crossings."""
    scene = make_scene(shop(), (118, 30), UNICODE)
    for key, way in scene.ways.items():
        canvas = draw_scene(scene, UNICODE, Highlights(focus=key))
        label = scene.labels[key].cells() if key in scene.labels else set()
        over = {cell for other, one in scene.labels.items() if other != key for cell in one.cells()}
        assert {canvas.styles[y][x] for x, y in way if (x, y) not in label | over} == {"wire-focus"}


@pytest.mark.parametrize("kind", WIRES)
def test_every_kind_of_wire_is_drawn_and_explained(kind: str) -> None:
    """Every kind of wire in the model has lines in both alphabets, a color of its own and an entry in the
    legend.
    """
    for glyphs in (UNICODE, ASCII):
        assert set(range(16)) == set(glyphs.lines[kind])
        assert kind in glyphs.arrows
        assert kind in glyphs.moving
    assert f"wire-{kind}" in INKS
    assert say(f"legend.wires.{kind}")
