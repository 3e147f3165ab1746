"""The board widget, driven by keys and by the mouse."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from tests.show.picture.designs_to_draw import chain, fan, made_up, shop
from tutor.errors import InputError
from tutor.model.component import Client, Queue, Service
from tutor.model.design import Design, make_design, make_wire
from tutor.model.edit import AddComponent, AddWire, Edit, RemoveComponent, RemoveWire, SetComponent, apply
from tutor.model.timeline import ComponentTrack, Timeline, WireTrack
from tutor.show.picture.place import Cell
from tutor.tui.board import Board
from tutor.tui.board.messages import (
    AddRequested,
    MenuRequested,
    MoveRequested,
    OpenRequested,
    PasteRequested,
    PromiseRequested,
    Refused,
    RemoveRequested,
    TidyRequested,
    WireRequested,
)
from tutor.tui.themes import theme_of


class Bench(App[None]):
    """A board on a screen that carries out what the board requests."""

    CSS = "Board { height: 1fr; }"

    def __init__(self, design: Design, **board: Any) -> None:
        super().__init__()
        for word in ("dark", "light"):
            self.register_theme(theme_of(word))
        self.theme = theme_of("dark").name
        self.board = Board(design, **board)
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        """Only the board."""
        yield self.board

    def on_mount(self) -> None:
        """Give the board the focus."""
        self.board.focus()

    def do(self, edit: Edit) -> None:
        """Apply an edit, or record why it is refused."""
        try:
            self.board.design = apply(edit, self.board.design)
        except InputError as error:
            self.told.append(Board.Refused(str(error)))

    def on_board_wire_requested(self, event: WireRequested) -> None:
        """Draw the wire."""
        self.told.append(event)
        self.do(AddWire(make_wire(self.board.design, event.source, event.target, event.kind)))

    def on_board_promise_requested(self, event: PromiseRequested) -> None:
        """Record the request."""
        self.told.append(event)

    def on_board_remove_requested(self, event: RemoveRequested) -> None:
        """Remove the part or wire."""
        self.told.append(event)
        self.do(
            RemoveComponent(event.item)
            if event.item in self.board.design.components
            else RemoveWire(event.item)
        )

    def on_board_move_requested(self, event: MoveRequested) -> None:
        """Move the part."""
        self.told.append(event)
        self.do(SetComponent(event.part, "at", event.at))

    def on_board_add_requested(self, event: AddRequested) -> None:
        """Add a queue."""
        self.told.append(event)
        self.do(AddComponent(Queue(id="rail", title="Order rail")))

    def on_board_paste_requested(self, event: PasteRequested) -> None:
        """Add the copy."""
        self.told.append(event)
        self.do(AddComponent(dataclasses.replace(event.component, id="copy", at=None)))

    def on_board_open_requested(self, event: OpenRequested) -> None:
        """Record the request."""
        self.told.append(event)

    def on_board_menu_requested(self, event: MenuRequested) -> None:
        """Record the request."""
        self.told.append(event)

    def on_board_tidy_requested(self, event: TidyRequested) -> None:
        """Record the request."""
        self.told.append(event)

    def on_board_refused(self, event: Refused) -> None:
        """Record the refusal."""
        self.told.append(event)

    def last(self, kind: type[Message]) -> Any:
        """The last message of this kind from the board."""
        return next((message for message in reversed(self.told) if isinstance(message, kind)), None)

    def screen_text(self) -> str:
        """The rows of text that the board shows."""
        return "\n".join(self.board.render_line(y).text for y in range(self.board.size.height))


def place(app: Bench, cell: Cell) -> tuple[int, int]:
    """The widget position of a canvas cell."""
    origin = app.board.origin
    return cell[0] + origin.x, cell[1] + origin.y


def middle(app: Bench, part: str) -> tuple[int, int]:
    """The widget position of the middle of a part's box."""
    x, y = app.board.scene.boxes[part].middle
    return place(app, (int(x), int(y)))


async def drag(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press, move in two steps and release."""
    await pilot.mouse_down(Board, offset=start)
    await pilot.hover(Board, offset=((start[0] + end[0]) // 2, (start[1] + end[1]) // 2))
    await pilot.hover(Board, offset=end)
    await pilot.mouse_up(Board, offset=end)
    await pilot.pause()


SIZES = [(80, 24), (200, 60)]


def till_and_kitchen() -> Design:
    """Two parts without a wire between them."""
    return make_design([Client(id="till", title="Till"), Service(id="kitchen", title="Kitchen")])


@pytest.mark.parametrize("size", SIZES)
async def test_first_fix_takes_few_keys(size: tuple[int, int]) -> None:
    """A queue is added with a, and wired to kitchen and till with w and the part's key each."""
    app = Bench(till_and_kitchen())
    async with app.run_test(size=size) as pilot:
        await pilot.press("a")
        assert app.board.item == "rail"
        await pilot.press("w", "2")
        assert app.board.item == "rail->kitchen:subscribe"
        app.board.focus_item("till")
        await pilot.press("w", "3")
        assert [wire.ref for wire in app.board.design.wires] == [
            "rail->kitchen:subscribe",
            "till->rail:publish",
        ]
        shown = app.screen_text()
        assert "Till" in shown
        assert "Order rail" in shown
        assert "Kitchen" in shown


async def test_arrows_and_tab_move_the_focus() -> None:
    """Arrows go from part to part and Tab also reaches the wires, and the screen is notified."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        assert app.board.item == "till"
        await pilot.press("right")
        assert app.board.item == "s1"
        await pilot.press("left", "tab")
        assert app.board.item == "till->s1:call"
        await pilot.press("right")
        assert app.board.item == "s1"
        await pilot.press("shift+tab")
        assert app.board.item == "till->s1:call"
        await pilot.press("enter")
        assert app.last(Board.OpenRequested).item == "till->s1:call"


async def test_wiring_asks_which_kind() -> None:
    """If both a read and a write are valid, a menu at the wire's end asks for the kind; Escape closes the
    menu, then stops wiring.
    """
    app = Bench(shop())
    async with app.run_test(size=(200, 60)) as pilot:
        app.board.focus_item("mail")
        await pilot.press("w")
        key = app.board.drawing.legal["ledger"] if app.board.drawing else ""
        await pilot.press(key)
        await pilot.pause()
        assert "1 write" in app.screen_text()
        assert "2 read" in app.screen_text()
        await pilot.press("escape")
        assert app.board.drawing is not None
        await pilot.press("escape")
        assert app.board.drawing is None
        await pilot.press("w", key, "2")
        assert app.board.design.wire("mail->ledger:read") is not None
        app.board.focus_item("mail")
        await pilot.press("w", key, "enter")
        assert app.board.design.wire("mail->ledger:write") is not None


async def test_illegal_end_explains_itself() -> None:
    """Enter on an illegal end shows the reason, and wiring continues."""
    app = Bench(shop())
    async with app.run_test(size=(200, 60)) as pilot:
        app.board.focus_item("mail")
        await pilot.press("w")
        app.board.focus_item("shoppers")
        await pilot.press("enter")
        assert "client" in app.last(Board.Refused).reason
        assert app.board.drawing is not None
        await pilot.press("Y")
        assert "No part has that key" in app.last(Board.Refused).reason


async def test_part_that_no_wire_can_leave_says_so() -> None:
    """Wiring doesn't start at a part that has no legal end, and the reason is shown."""
    app = Bench(make_design([Client(id="till"), Queue(id="rail")]))
    async with app.run_test(size=(80, 24)) as pilot:
        app.board.focus_item("rail")
        await pilot.press("w")
        assert app.board.drawing is None
        assert app.last(Board.Refused).reason


async def test_keys_choose_ends_and_nothing_else_while_wiring() -> None:
    """While a wire is being drawn, keys with another meaning at other times only choose ends."""
    app = Bench(till_and_kitchen())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("w", "x", "a")
        assert set(app.board.design.components) == {"till", "kitchen"}
        assert app.board.drawing is not None


async def test_delete_moves_the_focus_on() -> None:
    """Deleting a wire moves the focus to its start, and deleting a part moves it to another part."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("tab", "x")
        assert [wire.ref for wire in app.board.design.wires] == ["s1->s2:call"]
        assert app.board.item == "till"
        await pilot.press("x")
        assert "till" not in app.board.design.components
        assert app.board.item in app.board.design.components


async def test_what_to_press_is_told_where_ends_are_many() -> None:
    """On a narrow board the last row names ends that are out of view first, counts those that don't fit, and
    always says how to stop.
    """
    app = Bench(made_up(24, 30, 5))
    async with app.run_test(size=(80, 24)) as pilot:
        board = app.board
        source = next(part.id for part in board.design.components.values() if part.kind == "service")
        board.focus_item(source)
        await pilot.press("w")
        await pilot.pause()
        assert board.drawing is not None
        row = board.render_line(board.view.height - 1).text
        assert row.rstrip().endswith("esc cancel")
        assert " more " in row
        named = row.partition(":")[2].split(" and ")[0]
        first = next(part for part in board.drawing.legal if board.title_of(part) in named)
        box = board.scene.boxes[first].moved(board.origin.x, board.origin.y)
        assert not 0 <= box.y < board.view.height or not 0 <= box.x < board.view.width


async def test_copy_and_paste() -> None:
    """A copy has the part's settings; pasting without a copy says what to do; a wire can't be copied."""
    app = Bench(shop())
    async with app.run_test(size=(200, 60)) as pilot:
        await pilot.press("V")
        assert "copied" in app.last(Board.Refused).reason
        app.board.focus_item(app.board.design.wires[0].ref)
        await pilot.press("C")
        assert "Only parts" in app.last(Board.Refused).reason
        app.board.focus_item("billing")
        await pilot.press("C", "V")
        copy = app.board.design.components["copy"]
        assert isinstance(copy, Service)
        assert copy.replicas == 3
        assert app.board.item == "copy"


async def test_shift_and_arrows_move_a_part() -> None:
    """Shift and arrows move a part by half a box, it stays there, and tidy asks to put it back into
    the flow.
    """
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("right", "shift+down", "shift+down")
        assert app.board.design.components["s1"].at == (1, 2)
        assert app.board.scene.boxes["s1"].y > app.board.scene.boxes["till"].bottom
        await pilot.press("T")
        assert app.last(Board.TidyRequested).slots["s1"] == (1, 0)


@pytest.mark.parametrize("size", SIZES)
async def test_click_focuses_and_double_click_opens(size: tuple[int, int]) -> None:
    """A click on a part or a wire focuses it, and a double click opens it."""
    app = Bench(chain(3))
    async with app.run_test(size=size) as pilot:
        await pilot.click(Board, offset=middle(app, "s2"))
        assert app.board.item == "s2"
        way = app.board.scene.ways["till->s1:call"]
        await pilot.click(Board, offset=place(app, way[len(way) // 2]))
        assert app.board.item == "till->s1:call"
        await pilot.click(Board, offset=middle(app, "s1"), times=2)
        assert app.last(Board.OpenRequested).item == "s1"


async def test_dragging_a_part_moves_it() -> None:
    """A part dropped two boxes below moves there; dropped where it was, it requests nothing."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        x, y = middle(app, "s1")
        await drag(pilot, (x, y), (x, y + 2 * app.board.scene.layout.pitch))
        assert app.last(Board.MoveRequested).at == (1, 4)
        asked = len(app.told)
        x, y = middle(app, "s1")
        await drag(pilot, (x, y), (x + 1, y))
        assert len(app.told) == asked


async def test_dragging_shows_where_the_part_will_stand() -> None:
    """While a part is dragged its new frame is shown, and it disappears after the drop."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        x, y = middle(app, "s1")
        await pilot.mouse_down(Board, offset=(x, y))
        await pilot.hover(Board, offset=(x, y + 8))
        assert "┄" in app.screen_text()
        await pilot.mouse_up(Board, offset=(x, y))
        assert "┄" not in app.screen_text()


@pytest.mark.parametrize("size", SIZES)
async def test_dragging_from_the_edge_draws_a_wire(size: tuple[int, int]) -> None:
    """A drag from a part's right edge draws a wire to a legal end, shows the reason at an illegal one, and
    does nothing on the background.
    """
    app = Bench(make_design([Client(id="till"), Service(id="kitchen"), Queue(id="rail")]))
    async with app.run_test(size=size) as pilot:

        def handle(part: str) -> tuple[int, int]:
            box = app.board.scene.boxes[part]
            return place(app, (box.right, box.y + 1))

        await drag(pilot, handle("till"), middle(app, "rail"))
        assert [wire.ref for wire in app.board.design.wires] == ["till->rail:publish"]
        await drag(pilot, handle("rail"), middle(app, "till"))
        assert "client" in app.last(Board.Refused).reason
        assert app.board.drawing is None
        await drag(pilot, handle("rail"), (1, 1))
        assert len(app.board.design.wires) == 1
        assert app.board.drawing is None


async def test_right_click_asks_for_the_menu() -> None:
    """A right click requests the menu of what is under it, or of the board."""
    app = Bench(chain(2))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.click(Board, offset=middle(app, "s1"), button=3)
        assert app.last(Board.MenuRequested).item == "s1"
        await pilot.click(Board, offset=(1, 1), button=3)
        assert app.last(Board.MenuRequested).item is None


async def test_focus_scrolls_into_view() -> None:
    """On a design larger than the screen the focused box is scrolled into view, and a small map shows where
    it is.
    """
    app = Bench(made_up(30, 45, 4))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "▪" in app.screen_text()
        for part in list(app.board.scene.boxes)[:12]:
            app.board.focus_item(part)
            await pilot.wait_for_scheduled_animations()
            x, y = place(app, (app.board.scene.boxes[part].x, app.board.scene.boxes[part].y))
            assert 0 <= x < app.board.view.width
            assert 0 <= y < app.board.view.height
        await pilot.press("Z")
        assert "▪" not in app.screen_text()


async def test_read_only_board_edits_nothing() -> None:
    """On a read-only board, editing keys and drags do nothing, and looking around works."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        app.board.read_only = True
        await pilot.press("a", "w", "x", "shift+down", "right")
        x, y = middle(app, "s1")
        await drag(pilot, (x, y), (x, y + 9))
        assert not [message for message in app.told if not isinstance(message, Board.OpenRequested)]
        assert app.board.item == "s1"


@pytest.mark.parametrize("size", SIZES)
async def test_rows_are_as_wide_as_the_board(size: tuple[int, int]) -> None:
    """Every row is exactly as wide as the board, even with wide characters; markup in titles is shown as
    text.
    """
    design = make_design(
        [Client(id="till", title="[red]カフェ[/] 日本"), Service(id="k", title="\x1b[31mKitchen")]
    )
    app = Bench(design)
    async with app.run_test(size=size):
        rows = app.screen_text().splitlines()
        assert {cell_len(row) for row in rows} == {app.board.view.width}
        assert "[red]" in app.screen_text()
        assert "\x1b" not in app.screen_text()


def timeline() -> Timeline:
    """A call a second from a till to a kitchen."""
    return Timeline(
        step_s=0.5,
        steps=200,
        duration_s=100,
        end_s=100,
        components={
            "s1": ComponentTrack(
                "service", depth=list(range(200)), busy=[1] * 200, capacity=[1] * 200, up=[1.0] * 200
            )
        },
        wires={"till->s1:call": WireTrack("call", sent=[1, 0] * 100, failed=[0] * 200)},
    )


async def test_playback_moves_with_the_cursor_and_back() -> None:
    """The same cursor position always gives the same picture; without a timeline the board is at
    rest again.
    """
    app = Bench(chain(2))
    async with app.run_test(size=(80, 24)) as pilot:
        rest = app.screen_text()
        app.board.show_timeline(timeline())
        app.board.cursor_s = 20.25
        await pilot.pause()
        there = app.screen_text()
        assert "●" in there
        app.board.cursor_s = 77.0
        await pilot.pause()
        assert app.screen_text() != there
        app.board.cursor_s = 20.25
        await pilot.pause()
        assert app.screen_text() == there
        app.board.show_timeline(None)
        await pilot.pause()
        assert app.screen_text() == rest


async def test_playback_refreshes_only_what_changed() -> None:
    """A small step of the cursor refreshes fewer rows than the board has."""
    app = Bench(chain(2))
    async with app.run_test(size=(80, 24)) as pilot:
        app.board.show_timeline(timeline())
        await pilot.pause()
        drawn: list[int] = []
        render_line = app.board.render_line

        def counted(y: int) -> Any:
            drawn.append(y)
            return render_line(y)

        app.board.render_line = counted  # type: ignore[method-assign]
        app.board.cursor_s = 0.2
        await pilot.pause()
        assert 0 < len(set(drawn)) < 6


async def test_board_at_rest_has_no_timer() -> None:
    """A board at rest runs no timer."""
    app = Bench(chain(2))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert not app.board._timers


async def test_theme_colours_the_wires() -> None:
    """Changing the theme changes the colors of the wires."""
    app = Bench(chain(2))
    async with app.run_test(size=(80, 24)) as pilot:
        y = app.board.scene.ways["till->s1:call"][0][1] + app.board.origin.y
        dark = [segment.style for segment in app.board.render_line(y)]
        app.theme = theme_of("light").name
        await pilot.pause()
        assert [segment.style for segment in app.board.render_line(y)] != dark


async def test_ascii_mode_is_ascii() -> None:
    """In ASCII mode every row of the board is ASCII, during playback as well."""
    app = Bench(shop())
    async with app.run_test(size=(120, 40)) as pilot:
        app.board.ascii_only = True
        app.board.show_timeline(timeline())
        await pilot.press("w")
        assert app.screen_text().isascii()


async def test_trail_points_out_parts_and_wires() -> None:
    """An event's path is highlighted until it is cleared."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        plain = app.screen_text()
        app.board.trail = frozenset({"s2", "s1->s2:call"})
        await pilot.pause()
        assert "╔" in app.screen_text()
        app.board.trail = frozenset()
        await pilot.pause()
        assert app.screen_text() == plain


async def test_hover_says_what_a_wire_does() -> None:
    """The tooltip of a wire has its ends and policy as text; a part under the pointer shows its wiring
    handle.
    """
    app = Bench(chain(2))
    async with app.run_test(size=(120, 40)) as pilot:
        way = app.board.scene.ways["till->s1:call"]
        await pilot.hover(Board, offset=place(app, way[0]))
        await pilot.hover(Board, offset=place(app, way[3]))
        assert "Till to Step 1: call" in str(app.board.tooltip)
        await pilot.hover(Board, offset=middle(app, "s1"))
        assert app.board.tooltip is None
        box = app.board.scene.boxes["s1"]
        row = app.board.render_line(place(app, (box.right, box.y + 2))[1]).text
        assert row[place(app, (box.right, 0))[0]] == "○"


async def test_wheel_scrolls() -> None:
    """The wheel scrolls a design larger than the screen: down, or sideways if it is only too wide."""
    app = Bench(made_up(30, 45, 4))
    async with app.run_test(size=(80, 24)) as pilot:
        board = app.board
        board.scroll_to(0, 0, animate=False)
        await pilot._post_mouse_events([events.MouseScrollDown], Board, offset=(5, 5))
        await pilot.wait_for_scheduled_animations()
        assert board.scroll_offset != (0, 0)


async def test_other_scales_are_a_key_away() -> None:
    """One key cycles from the fitting scale to compact, to roomy, and back."""
    app = Bench(chain(3))
    async with app.run_test(size=(120, 40)) as pilot:
        first = app.screen_text()
        await pilot.press("z")
        assert app.board.scene.layout.scale.name == "compact"
        await pilot.press("z")
        assert app.board.scene.layout.scale.name == "roomy"
        await pilot.press("z")
        assert app.screen_text() == first


async def test_empty_board_says_how_to_begin() -> None:
    """An empty board names the key that adds a part, and no key crashes it."""
    app = Bench(Design())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "Press a or double-click to add a part" in app.screen_text()
        await pilot.press("right", "tab", "enter", "x", "w", "C", "V", "m", "z", "T", "shift+up")
        app.board.focus()
        await pilot.press("a")
        assert app.board.item == "rail"


async def test_order_outlives_a_change_of_size() -> None:
    """Resizing the screen keeps the parts' order from top to bottom."""
    app = Bench(fan(3))
    async with app.run_test(size=(120, 40)) as pilot:
        more = app.board.design.with_component(Service(id="a-new"))
        app.board.design = more
        app.do(AddWire(make_wire(more, "topic", "a-new")))
        await pilot.pause()

        def order() -> list[str]:
            return sorted(("s0", "s1", "s2", "a-new"), key=lambda part: app.board.scene.boxes[part].y)

        before = order()
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert order() == before


async def test_ctrl_and_drag_promises_a_clients_events() -> None:
    """Where promises are possible, a Ctrl+drag from a client to a part requests one and leaves the client in
    place.
    """
    app = Bench(shop())
    async with app.run_test(size=(160, 40)) as pilot:
        app.board.promises = True
        client, part = "shoppers", "billing"
        before = app.board.scene.boxes[client]
        (x, y), (to_x, to_y) = middle(app, client), middle(app, part)
        await pilot.mouse_down(Board, offset=(x, y), control=True)
        await pilot.hover(Board, offset=((x + to_x) // 2, y))
        await pilot.mouse_up(Board, offset=(to_x, to_y))
        await pilot.pause()
        asked = [one for one in app.told if isinstance(one, PromiseRequested)]
        assert [(one.client, one.part) for one in asked] == [(client, part)]
        assert app.board.scene.boxes[client] == before
