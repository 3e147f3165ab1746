"""The board: a widget that shows a design, lets a learner work on it, and plays a run back on it.

It posts what the learner asks for (see ``messages``) and is given a new design in return; it never edits the design itself.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Offset, Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.timeline import Timeline
from tutor.model.wire import Wire
from tutor.tui.board import inks, messages
from tutor.tui.board.canvas import Canvas, Run
from tutor.tui.board.drawing import Animation, Highlights, Overlay, draw_scene
from tutor.tui.board.focus import following, reading_order, toward
from tutor.tui.board.glyphs import ASCII, UNICODE, Glyphs
from tutor.tui.board.keys import BINDINGS, DIRECTIONS
from tutor.tui.board.labels import wordings
from tutor.tui.board.layout import COMPACT, ROOMY, Scale
from tutor.tui.board.minimap import draw_map
from tutor.tui.board.pen import Pen
from tutor.tui.board.place import STEPS, Box, Cell, Slot
from tutor.tui.board.playback import Playback
from tutor.tui.board.pointer import Pointer
from tutor.tui.board.scene import Scene, make_scene
from tutor.tui.board.wiring import Drawing

EMPTY = "nothing here yet: a adds a part"
"""What a board without parts says."""


def _centred(text: str, width: int) -> list[Run]:
    return [(text.center(width)[:width], "quiet")]


class Board(ScrollView, can_focus=True):
    """Shows a design; see the module."""

    DEFAULT_CSS = inks.CSS
    COMPONENT_CLASSES: ClassVar[set[str]] = inks.COMPONENT_CLASSES
    ALLOW_SELECT = False

    FocusMoved = messages.FocusMoved
    WiringChanged = messages.WiringChanged
    OpenRequested = messages.OpenRequested
    AddRequested = messages.AddRequested
    WireRequested = messages.WireRequested
    RemoveRequested = messages.RemoveRequested
    MoveRequested = messages.MoveRequested
    TidyRequested = messages.TidyRequested
    PasteRequested = messages.PasteRequested
    MenuRequested = messages.MenuRequested
    Refused = messages.Refused

    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    design: reactive[Design] = reactive(Design, repaint=False, init=False)
    """The design that is shown."""
    item: reactive[str | None] = reactive(None, repaint=False, init=False)
    """The part or wire that has the focus."""
    cursor_s: reactive[float] = reactive(0.0, repaint=False, init=False)
    """Where playback is, in simulated seconds."""
    read_only: reactive[bool] = reactive(False, repaint=False, init=False, bindings=True)
    """Whether the design can be looked at only."""
    ascii_only: reactive[bool] = reactive(False, repaint=False, init=False)
    """Whether to draw with ASCII signs alone."""
    reduced_motion: reactive[bool] = reactive(False, repaint=False, init=False)
    """Whether to show states without moving events."""
    trail: reactive[frozenset[str]] = reactive(frozenset[str](), repaint=False, init=False)
    """Parts and wires to point out, such as the way of one event."""
    overview: reactive[bool] = reactive(True, init=False)
    """Whether to show a small map when not everything is in view."""

    def __init__(
        self,
        design: Design | None = None,
        *,
        wires: Collection[str] = (),
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self.wires = frozenset(wires)
        """The kinds of wire that may be drawn; all where it is empty."""
        self.hover: str | None = None
        self.copied: Component | None = None
        self.scene: Scene = make_scene(design or Design(), (78, 20), UNICODE)
        self.scale: Scale | None = None
        self._canvas = Canvas(1, 1)
        self._overlay: Overlay = {}
        self._playback: Playback | None = None
        self._animation: Animation | None = None
        self._pointer = Pointer(self)
        self._pen = Pen(self)
        self._inks: dict[str, Style] = {}
        self._viewport = Size(0, 0)
        self._map: tuple[object, list[list[Run]]] = (None, [])
        self._wanted: str | None = None
        self.set_reactive(Board.design, design or Design())
        self.set_reactive(Board.item, reading_order(self.scene)[0] if self.scene.boxes else None)

    @property
    def glyphs(self) -> Glyphs:
        """The signs in use."""
        return ASCII if self.ascii_only else UNICODE

    @property
    def _still(self) -> bool:
        """Whether nothing may move: by choice, or because the application does not animate."""
        return self.reduced_motion or self.app.animation_level == "none"

    @property
    def highlights(self) -> Highlights:
        """What stands out now."""
        if self.drawing is None:
            return Highlights(focus=self.item, hover=self.hover, trail=self.trail)
        return Highlights(focus=self.item, hover=self.hover, source=self.drawing.source, legal=self.drawing.legal)

    # Designs, sizes and themes

    def on_mount(self) -> None:
        """Draw for the first time."""
        self._rebuild()

    def on_resize(self) -> None:
        """Lay out again for another size; not when only a scroll bar has come or gone."""
        if self.container_size != self._viewport:
            self._rebuild(self.scene)
        self._keep_in_view(animate=False)

    def watch_design(self, old: Design, new: Design) -> None:
        """Show another design; a part that is new in it gets the focus, and what is gone loses it."""
        self.cancel_drawing()
        self._rebuild(self.scene)
        fresh = [part for part in new.components if part not in old.components]
        known = set(new.components) | {wire.ref for wire in new.wires}
        if self._wanted in known:
            self.item = self._wanted
        elif len(fresh) == 1 and old.components:
            self.item = fresh[0]
        elif self.item not in known:
            gone = old.wire(self.item) if self.item else None
            self.item = gone.source if gone and gone.source in known else next(iter(reading_order(self.scene)), None)
        self._wanted = None
        self._keep_in_view()

    def _rebuild(self, before: Scene | None = None) -> None:
        """Lay out, route and draw everything; ``before`` keeps the ways of wires that need no change."""
        self._viewport = self.container_size
        size = (self._viewport.width or 78, self._viewport.height or 20)
        self.scene = make_scene(self.design, size, self.glyphs, self.scale, before)
        if self.scene.size[1] > size[1] and size[0] > 1 and self.scene.size[0] == size[0]:
            self.scene = make_scene(self.design, (size[0] - 1, size[1]), self.glyphs, self.scale, before)
        if self.hover not in self.scene.boxes and self.hover not in self.scene.ways:
            self.hover = None
        self.virtual_size = Size(*self.scene.size)
        if self._playback is not None:
            self._animation = Animation(self.scene, self._playback, self.glyphs, self._still)
        self.redraw()

    def redraw(self) -> None:
        """Draw what stays, and what moves over it."""
        self._canvas = draw_scene(self.scene, self.glyphs, self.highlights)
        self._overlay = self._make_overlay()
        self.refresh()

    def notify_style_update(self) -> None:
        """Forget the colours: the theme has changed."""
        self._inks = {}
        super().notify_style_update()

    def watch_ascii_only(self) -> None:
        """Draw with the other signs."""
        self._rebuild(self.scene)

    def watch_reduced_motion(self) -> None:
        """Show or stop moving events."""
        self._rebuild(self.scene)

    def watch_trail(self) -> None:
        """Point out other parts and wires."""
        self.redraw()

    # Playback

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Play this run back on the board (move :attr:`cursor_s`); None shows the design at rest."""
        self._playback = Playback(timeline) if timeline is not None else None
        self._animation = Animation(self.scene, self._playback, self.glyphs, self._still) if self._playback else None
        self.redraw()

    @property
    def playback_rate(self) -> float:
        """Simulated seconds for each second on screen at the usual speed; 1 without a run."""
        return self._playback.rate if self._playback else 1.0

    def watch_cursor_s(self) -> None:
        """Redraw the rows that changed."""
        if self._animation is not None:
            self.refresh_overlay()

    def _make_overlay(self) -> Overlay:
        playing = self._animation if self.drawing is None else None
        overlay = playing.overlay(self.cursor_s, self.highlights) if playing else {}
        return self._pointer.draw_over(overlay)

    def refresh_overlay(self) -> None:
        """Draw what moves again, and refresh only rows that differ."""
        before, self._overlay = self._overlay, self._make_overlay()
        origin = self._origin
        regions = [
            Region(0, y + origin.y, self.size.width, 1)
            for y in before.keys() | self._overlay.keys()
            if 0 <= y + origin.y < self.view.height and before.get(y) != self._overlay.get(y)
        ]
        if regions:
            self.refresh(*regions)

    # Rendering

    @property
    def view(self) -> Size:
        """Columns and rows that show the canvas: the widget without its scroll bars."""
        return self.scrollable_content_region.size

    @property
    def _origin(self) -> Offset:
        """Where the canvas' first cell is on the widget: what is smaller than the widget stands in its middle."""
        width, height = self.scene.size
        view = self.view
        x = (view.width - width) // 2 if width < view.width else -self.scroll_offset.x
        y = (view.height - height) // 2 if height < view.height else -self.scroll_offset.y
        return Offset(x, y)

    def cell_at(self, offset: Offset) -> Cell:
        """The cell of the canvas under a place on the widget."""
        origin = self._origin
        return offset.x - origin.x, offset.y - origin.y

    def render_line(self, y: int) -> Strip:
        """One row of the widget."""
        width = self.size.width
        if self.drawing is not None and y == self.view.height - 1:
            return self._strip(self._pen.prompt(width), width)
        if not self.scene.boxes:
            return self._strip(_centred(EMPTY if y == self.view.height // 2 else "", width), width)
        origin = self._origin
        over = self._overlay.get(y - origin.y)
        mapped = self._map_row(y)
        if mapped:
            over = {**(over or {}), **{x - origin.x: run for x, run in mapped.items()}}
        return self._strip(self._canvas.row(y - origin.y, -origin.x, width, over), width)

    def _strip(self, runs: list[Run], width: int) -> Strip:
        segments = []
        for text, name in runs:
            style = self._inks.get(name)
            if style is None:
                style = self._inks[name] = inks.make_ink(name, self.get_component_rich_style, self.rich_style, self.app.theme_variables)
            segments.append(Segment(text, style))
        return Strip(segments, width)

    def _map_row(self, y: int) -> dict[int, Run]:
        """The cells of the small map in this row of the widget, by column."""
        if not self.overview:
            return {}
        view, origin = self.view, self._origin
        drawn_for = (id(self.scene), origin, view, self.item)
        if self._map[0] != drawn_for:
            seen = Box(-origin.x, -origin.y, view.width, view.height)
            self._map = drawn_for, draw_map(self.scene, seen, self.item, self.glyphs.map_part)
        rows = self._map[1]
        if not rows:
            return {}
        box = self.scene.boxes.get(self.item or "")
        corner = Box(view.width - len(rows[0]) - 1, view.height - len(rows) - 1, len(rows[0]) + 1, len(rows) + 1)
        hidden = box is not None and box.moved(origin.x, origin.y).meets(corner)
        top = 0 if hidden else view.height - len(rows) - (1 if self.drawing else 0)
        if not top <= y < top + len(rows):
            return {}
        row = rows[y - top]
        return {view.width - len(row) + column: run for column, run in enumerate(row)}

    def title_of(self, part: str) -> str:
        """What the screen calls a part."""
        return self.design.components[part].name

    # The focus

    def watch_item(self) -> None:
        """Show the focus, bring it into view and tell the screen."""
        self.redraw()
        self._keep_in_view()
        self.post_message(self.FocusMoved(self.item))

    def show_design(self, design: Design) -> None:
        """Show another design: the same as setting :attr:`design`."""
        self.design = design

    def focus_item(self, item: str | None) -> None:
        """Give a part or wire the focus, and bring it into view; one that is not there is left alone."""
        if item is None or item in self.scene.boxes or item in self.scene.ways:
            self.item = item

    def _keep_in_view(self, animate: bool = True) -> None:
        item = self.item or ""
        if item in self.scene.boxes:
            box = self.scene.boxes[item]
            region = Region(box.x - 2, box.y - 1, box.width + 4, box.height + 2)
        elif item in self.scene.ways:
            way = self.scene.ways[item]
            xs, ys = [x for x, _ in way], [y for _, y in way]
            region = Region(min(xs) - 1, min(ys) - 1, max(xs) - min(xs) + 3, max(ys) - min(ys) + 3)
        else:
            return
        self.scroll_to_region(region, animate=animate, force=True)

    def action_toward(self, direction: str) -> None:
        """Move the focus in a direction; scroll where there is nothing more that way."""
        found = toward(self.scene, self.item, DIRECTIONS[direction])
        if self.drawing is not None and found == self.drawing.source and self.item != found:
            found = toward(self.scene, found, DIRECTIONS[direction]) or found
        if found is not None:
            self.item = found
        else:
            dx, dy = STEPS[DIRECTIONS[direction]]
            self.scroll_relative(x=dx * 8, y=dy * 4, animate=False)

    def action_following(self, step: int) -> None:
        """Go to the next part or wire in reading order; beyond the last one the focus leaves the board."""
        found = following(self.scene, self.item, step)
        if found is not None:
            self.item = found
        elif step > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def action_open(self) -> None:
        """Open what has the focus."""
        if self.item is not None:
            self.post_message(self.OpenRequested(self.item))

    # Edits, asked for

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Edits are off while the board can only be looked at."""
        if self.read_only and action in ("add", "wire", "remove", "paste", "tidy", "shift"):
            return False
        return super().check_action(action, parameters)

    def action_add(self) -> None:
        """Ask for a new part."""
        near = self.item if self.item in self.scene.boxes else None
        self.post_message(self.AddRequested(near))

    def action_remove(self) -> None:
        """Ask to remove what has the focus."""
        if self.item is not None:
            self.post_message(self.RemoveRequested(self.item))

    def action_shift(self, direction: str) -> None:
        """Ask to move the part in focus by half a box, or by a column."""
        if self.item is not None and self.item in self.scene.boxes:
            dx, dy = STEPS[DIRECTIONS[direction]]
            column, row = self.scene.layout.slots[self.item]
            self.ask_move(self.item, (column + dx, row + dy))

    def ask_move(self, part: str, slot: Slot) -> None:
        """Ask to put a part into a slot."""
        self._wanted = part
        self.post_message(self.MoveRequested(part, slot))

    def action_copy(self) -> None:
        """Remember the part in focus."""
        if self.item is not None and self.item in self.scene.boxes:
            self.copied = self.design.components[self.item]

    def action_paste(self) -> None:
        """Ask for a copy of the part that was copied."""
        if self.copied is None:
            self.post_message(self.Refused("nothing is copied yet: put the focus on a part and copy it first"))
        else:
            self.post_message(self.PasteRequested(self.copied))

    def action_menu(self) -> None:
        """Ask for the menu of what has the focus, beside it."""
        box = self.scene.boxes.get(self.item or "")
        way = self.scene.ways.get(self.item or "")
        x, y = (box.x + 2, box.bottom) if box else way[len(way) // 2] if way else (0, 0)
        origin = self._origin
        self.post_message(self.MenuRequested(self.item, self.content_region.x + x + origin.x, self.content_region.y + y + origin.y))

    def action_tidy(self) -> None:
        """Route everything anew, and ask to forget where parts were put."""
        moved = tuple(part for part, component in self.design.components.items() if component.at is not None)
        self._rebuild()
        if moved:
            self.post_message(self.TidyRequested(moved))

    def action_fit(self) -> None:
        """From what fits, to compact, to roomy."""
        order: list[Scale | None] = [None, COMPACT, ROOMY]
        self.scale = order[(order.index(self.scale) + 1) % len(order)]
        self._rebuild(self.scene)
        self._keep_in_view()

    def action_overview(self) -> None:
        """Show or hide the small map."""
        self.overview = not self.overview

    # Wiring

    @property
    def drawing(self) -> Drawing | None:
        """The wire that is being drawn."""
        return self._pen.drawing

    def action_wire(self) -> None:
        """Start a wire at the part in focus; at the end of the wire in focus."""
        wire = self.design.wire(self.item or "")
        source = wire.target if wire else self.item
        if source is None:
            self.post_message(self.Refused("there is no part to start at: add one first"))
        else:
            self.start_drawing(source)

    def start_drawing(self, source: str) -> bool:
        """Start a wire at a part; False, with the reason told, where no wire can start there."""
        return self._pen.start(source)

    def cancel_drawing(self) -> None:
        """Forget the wire that is being drawn."""
        self._pen.cancel()

    def choose_end(self, part: str) -> None:
        """End the wire at a part: asks for it, asks which kind, or tells why it cannot go there."""
        self._pen.choose_end(part)

    def ask_wire(self, source: str, target: str, kind: str) -> None:
        """Ask for a wire; its end gets the focus."""
        self._wanted = target
        self.post_message(self.WireRequested(source, target, kind))

    def on_key(self, event: events.Key) -> None:
        """While a wire is drawn, letters choose its end and its kind."""
        self._pen.press(event)

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Start to drag, choose an end, or ask for a menu."""
        self._pointer.press(event)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag, or show what is under the pointer."""
        self._pointer.move(event)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Drop what was dragged."""
        self._pointer.release(event)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """The wheel scrolls sideways where there is nothing above or below."""
        self._wheel(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """The wheel scrolls sideways where there is nothing above or below."""
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, step: int) -> None:
        if not self.allow_vertical_scroll and self.allow_horizontal_scroll and not (event.ctrl or event.shift):
            self.scroll_relative(x=step * 8, animate=False)
            event.stop()
            event.prevent_default()

    def on_leave(self) -> None:
        """Nothing is under the pointer."""
        self.set_hover(None)

    def on_click(self, event: events.Click) -> None:
        """Open what is clicked twice."""
        if event.chain == 2 and event.button == 1 and self.drawing is None:
            self.action_open()

    def set_hover(self, item: str | None) -> None:
        """Show what is under the pointer."""
        if item != self.hover:
            self.hover = item
            wire = self.design.wire(item) if item else None
            self.tooltip = Content(self._wire_words(wire)) if wire else None
            self.redraw()

    def _wire_words(self, wire: Wire) -> str:
        """A wire in words: its ends, its whole policy, and what its kind means."""
        return f"{self.title_of(wire.source)} to {self.title_of(wire.target)}: {wordings(wire, self.glyphs)[0]}\n{wire.blurb}"
