"""The picture of a design: laid out, routed and drawn, scrolled, and played back. It knows nothing of keys,
mouse or edits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Set

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tutor.model.design import Design
from tutor.model.timeline import Timeline
from tutor.rules import runs_alike
from tutor.show.picture.canvas import Canvas, Run
from tutor.show.picture.drawing import Animation, Highlights, Overlay, draw_scene, lay_captions
from tutor.show.picture.glyphs import ASCII, UNICODE, Glyphs
from tutor.show.picture.layout import Scale
from tutor.show.picture.place import Box, Cell
from tutor.show.picture.scene import Scene, edit_scene, make_scene
from tutor.show.states import States
from tutor.tui.board import inks
from tutor.tui.board.focus import reading_order
from tutor.tui.board.minimap import draw_map
from tutor.tui.board.wiring import Drawing
from tutor.words import say

FIRST_COLUMN = 4
"""Where a board begins that has one column of parts: what is added comes to the right of them."""

RUNS_KEPT = 8
"""Runs of which the board remembers the design: the screen keeps as many to go back to."""


def _centred(text: str, width: int, style: str = "quiet") -> list[Run]:
    return [(text.center(width)[:width], style)]


def changed_parts(before: Design, after: Design) -> frozenset[str]:
    """Returns the parts that differ from before, or are wired differently."""

    def joined(design: Design, part: str) -> set[str]:
        return {wire.ref for wire in design.wires if part in (wire.source, wire.target)}

    return frozenset(
        part
        for part, component in after.components.items()
        if part not in before.components
        or dataclasses.replace(component, at=None) != dataclasses.replace(before.components[part], at=None)
        or joined(before, part) != joined(after, part)
    )


class BoardView(ScrollView):
    """Shows a design; see the module."""

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
    captions: reactive[Mapping[str, tuple[str, str]]] = reactive(dict, repaint=False, init=False)
    """A few words in the upper edge of a part's box, and their style; by part."""
    overview: reactive[bool] = reactive(True, init=False)
    """Whether to show a small map when not everything is in view."""

    def __init__(
        self,
        design: Design | None = None,
        *,
        name: str | None = None,
        id: str | None = None,
        classes: str | None = None,
        disabled: bool = False,
    ) -> None:
        super().__init__(name=name, id=id, classes=classes, disabled=disabled)
        self.hover: str | None = None
        self.scene: Scene = make_scene(design or Design(), (78, 20), UNICODE)
        self.scale: Scale | None = None
        self._canvas = Canvas(1, 1)
        self._overlay: Overlay = {}
        self._playback: States | None = None
        self._animation: Animation | None = None
        self._ran = design or Design()
        self._shown: list[tuple[Timeline, Design]] = []
        self._inks: dict[str, Style] = {}
        self._viewport = Size(0, 0)
        self._terminal = Size(0, 0)
        self.corner = Offset(0, 0)
        """Where the first cell of the layout was put on the widget."""
        self._seen: dict[Size, Scene] = {}
        self.reserved = 0
        """Rows at the bottom that the picture leaves free for what comes and goes there: the
        charts of a run.
        """
        self.taken = 0
        """How many of them, or more, are taken just now."""
        self._offer = (0, 1)
        self.grows = False
        """Whether parts may be added: then the picture leaves rows for one more."""
        self.settled = False
        """Whether the learner has begun to work here: until then every new room is filled anew, from then on
        nothing moves.
        """
        self._map: tuple[object, list[list[Run]]] = (None, [])
        self._place: tuple[Size, Offset] | None = None
        self.set_reactive(BoardView.design, design or Design())
        self.set_reactive(BoardView.item, reading_order(self.scene)[0] if self.scene.boxes else None)

    @property
    def glyphs(self) -> Glyphs:
        """The signs in use."""
        return ASCII if self.ascii_only else UNICODE

    # What those who draw on the board have to say

    @property
    def drawing(self) -> Drawing | None:
        """The wire that is being drawn."""
        return None

    def prompt(self, width: int) -> list[Run]:  # noqa: ARG002 - for those who draw
        """Returns the last row while a wire is drawn, with its question."""
        return []

    def lay_over(self, overlay: Overlay) -> Overlay:
        """Adds the dragged part or wire to the cells that are drawn on top."""
        return overlay

    @property
    def _still(self) -> bool:
        """True if nothing may move: by choice, or because the application does not animate."""
        return self.reduced_motion or self.app.animation_level == "none"

    @property
    def highlights(self) -> Highlights:
        """The highlights of this moment."""
        if self.drawing is None:
            return Highlights(focus=self.item, hover=self.hover, trail=self.trail)
        return Highlights(
            focus=self.item, hover=self.hover, source=self.drawing.source, legal=self.drawing.legal
        )

    # Designs, sizes and themes

    def on_mount(self) -> None:
        """Draws for the first time, if the room for it is known by now."""
        if self.container_size:
            self.rebuild()

    def on_resize(self) -> None:
        """Fits the design to another room; not if only a scroll bar has come or gone, or if the settings take
        the board's place for a while.
        """
        if self.container_size not in (self._viewport, Size(0, 0)):
            self._fit_room()
        self.show_item(animate=False)

    def _fit_room(self) -> None:
        """Fits the picture to another room: from scratch on another terminal, or if that brings more into
        view; else everything stays.

        What was seen in a room is seen there again, so that a panel or a chart that comes and goes changes
        nothing.
        """
        if self._terminal != self.app.size or not self.settled:
            self.rebuild()
            return
        self._seen[self._viewport] = self.scene
        room = self.container_size.width, self.container_size.height
        before = self._seen.get(self.container_size)
        if (
            before is not None
            and before.design == self.scene.design
            and before.layout.slots == self.scene.layout.slots
        ):
            self._viewport = self.container_size
            self.show_scene(before, self.corner)
        elif any(self.scene.size[side] > min(room[side], self._viewport[side]) for side in (0, 1)):
            self.rebuild()
        else:
            self._viewport = self.container_size
            self.refresh()

    def rebuild(self, *, anew: bool = False) -> None:
        """Lays out, routes and draws everything for the room there is; ``anew`` forgets which slots the parts
        have.
        """
        self._viewport = self.container_size
        self._terminal = self.app.size if self._viewport else Size(0, 0)
        self._seen.clear()
        before = None if anew or self.scene.design != self.design else self.scene
        width, height = self._viewport.width or 78, (self._viewport.height or 20) + self.taken
        most, step = self._offer
        for reserved in sorted({*range(most, self.taken, -step), self.taken}, reverse=True):
            self.reserved = reserved
            room = width, height - reserved
            scene = make_scene(self.design, room, self.glyphs, self.scale, before, grows=self.grows)
            if scene.size[1] <= room[1]:
                break
        if scene.size[1] > room[1] and scene.size[0] == room[0]:  # the scroll bar takes a column
            scene = make_scene(self.design, (room[0] - 1, room[1]), self.glyphs, self.scale, before)
        more = scene.layout.pitch if self.grows and scene.size[1] + scene.layout.pitch <= room[1] else 0
        across, down = max(0, (room[0] - scene.size[0]) // 2), max(0, (room[1] - scene.size[1] - more) // 2)
        if self.grows and len(scene.layout.column_numbers()) == 1:
            across = min(across, FIRST_COLUMN)
        self.show_scene(scene, Offset(across + scene.shift[0], down + scene.shift[1]))

    def offer(self, most: int, step: int) -> None:
        """Leaves up to ``most`` rows at the bottom free for something else, as many whole ``step`` rows as
        the design can spare.
        """
        if self._offer != (most, step):
            self._offer = most, step
            if self._viewport and self._terminal == self.app.size:  # else the new room is still to come
                self.rebuild()

    @property
    def fitted(self) -> bool:
        """True if the picture was made for the present room: not between a layout of the screen and the
        message about it.
        """
        return self._viewport == self.container_size

    @property
    def spare(self) -> int:
        """The rows at the bottom that are still to be taken."""
        return max(0, self.reserved - self.taken)

    def edit(self, near: str | None) -> None:
        """Shows the design after an edit: everything that was not touched stays where it is on the screen."""
        self.settled = True
        corner = self.origin + Offset(*self.scene.shift)
        self._seen.clear()
        self.show_scene(edit_scene(self.scene, self.design, self.in_reach, self.glyphs, near), corner)

    @property
    def in_reach(self) -> Box:
        """The cells of the canvas that are in view, or can be scrolled to."""
        room, (width, height) = self.view, self.scene.size
        left, top = max(0, width - room.width), max(0, height - room.height)
        view = Box(-self.origin.x, -self.origin.y, room.width, max(1, room.height - self.spare))
        if not left and not top:
            return view
        return Box(0 if left else view.x, 0 if top else view.y, room.width + left, view.height + top)

    def show_scene(self, scene: Scene, corner: Offset) -> None:
        """Shows a scene with the first cell of its layout at ``corner`` of the widget, or as near as the room
        allows.
        """
        self.scene = scene
        if self.hover not in scene.boxes and self.hover not in scene.ways:
            self.hover = None
        self.virtual_size = Size(*scene.size)
        self.corner = corner
        x, y = corner.x - scene.shift[0], corner.y - scene.shift[1]
        self.scroll_to(max(0, -x), max(0, -y), animate=False, immediate=True, force=True)
        self._make_animation()
        self.redraw()

    def redraw(self) -> None:
        """Draws the cells that stay, and those that move over them."""
        self._canvas = draw_scene(self.scene, self.glyphs, self.highlights)
        self._overlay = self._make_overlay()
        self.refresh()

    def remark(self) -> None:
        """Draws other highlights on the same scene, and refreshes only rows that differ."""
        if self.drawing is not None or self._map[1]:  # the question and the small map lie over the picture
            self.redraw()
            return
        before, self._canvas = self._canvas, draw_scene(self.scene, self.glyphs, self.highlights)
        self.refresh_overlay(self._canvas.rows_unlike(before))

    def notify_style_update(self) -> None:
        """Forgets the colors: the theme has changed."""
        self._inks = {}
        super().notify_style_update()

    def watch_ascii_only(self) -> None:
        """Draws with the other signs."""
        self.rebuild()

    def watch_reduced_motion(self) -> None:
        """Shows or stops moving events."""
        self.rebuild()

    def watch_trail(self) -> None:
        """Points out other parts and wires."""
        self.redraw()

    def watch_captions(self) -> None:
        """Writes other words into the boxes' edges."""
        self.refresh_overlay()

    # States

    def show_timeline(self, timeline: Timeline | None, ran: Design | None = None) -> None:
        """Plays this run back on the board (move :attr:`cursor_s`); None shows the design at rest.

        ``ran`` is the design that ran; by default, the one that was on the board when this run was first
        shown. If the design has changed since, the board says so, and the changed parts are shown at rest.
        """
        self._playback = States(timeline) if timeline is not None else None
        if timeline is not None:
            known = next((design for one, design in self._shown if one is timeline), ran or self.design)
            self._shown = [
                *((one, design) for one, design in self._shown if one is not timeline),
                (timeline, known),
            ][-RUNS_KEPT:]
            self._ran = known
        self._make_animation()
        self.redraw()

    @property
    def stale(self) -> bool:
        """True if the run on the board is of another design than the one that is shown."""
        return self._playback is not None and not runs_alike(self._ran, self.design)

    def _make_animation(self) -> None:
        """Prepares the animation: the run on the board, without the parts that were changed since."""
        playback = self._playback
        quiet = changed_parts(self._ran, self.design) if self.stale else frozenset()
        self._animation = (
            Animation(self.scene, playback, self.glyphs, self._still, quiet) if playback is not None else None
        )

    @property
    def playback_rate(self) -> float:
        """The simulated seconds for each second on screen at the usual speed; 1 without a run."""
        return self._playback.rate if self._playback else 1.0

    def watch_cursor_s(self) -> None:
        """Redraws the rows that changed."""
        if self._animation is not None:
            self.refresh_overlay()

    def _make_overlay(self) -> Overlay:
        playing = self._animation if self.drawing is None else None
        overlay = playing.overlay(self.cursor_s, self.highlights) if playing else {}
        lay_captions(overlay, self.scene, self.captions)
        return self.lay_over(overlay)

    def refresh_overlay(self, rows: Set[int] = frozenset()) -> None:
        """Draws the moving cells again, and refreshes only rows that differ, besides ``rows`` of the
        canvas.
        """
        before, self._overlay = self._overlay, self._make_overlay()
        origin, height, width = self.origin, self.view.height, self.size.width
        regions = [
            Region(0, y + origin.y, width, 1)
            for y in before.keys() | self._overlay.keys() | rows
            if 0 <= y + origin.y < height and (y in rows or before.get(y) != self._overlay.get(y))
        ]
        if regions:
            self.refresh(*regions)

    # Rendering

    @property
    def view(self) -> Size:
        """The columns and rows that show the canvas: the widget without its scroll bars; while it is hidden,
        the room that it comes back to.
        """
        return self.scrollable_content_region.size or self._viewport

    @property
    def origin(self) -> Offset:
        """The place of the canvas' first cell on the widget: where it was put, or where it is scrolled to if
        it does not fit.
        """
        width, height = self.scene.size
        view, scene = self.view, self.scene
        x = (
            min(max(0, self.corner.x - scene.shift[0]), view.width - width)
            if width <= view.width
            else -self.scroll_offset.x
        )
        y = (
            min(max(0, self.corner.y - scene.shift[1]), view.height - height)
            if height <= view.height
            else -self.scroll_offset.y
        )
        return Offset(x, y)

    @property
    def seen(self) -> Box:
        """The cells of the canvas that are in view."""
        return Box(-self.origin.x, -self.origin.y, self.view.width, self.view.height)

    def cell_at(self, offset: Offset) -> Cell:
        """Returns the cell of the canvas under a place on the widget."""
        origin = self.origin
        return offset.x - origin.x, offset.y - origin.y

    def render_lines(self, crop: Region) -> list[Strip]:
        """Renders rows; the place of the canvas is worked out once for all of them."""
        self._place = self.view, self.origin
        try:
            return super().render_lines(crop)
        finally:
            self._place = None

    def render_line(self, y: int) -> Strip:
        """Renders one row of the widget."""
        width, (view, origin) = self.size.width, self._place or (self.view, self.origin)
        if self.drawing is not None and y == view.height - 1:
            return self._strip(self.prompt(width), width)
        if y == 0 and self.stale:
            return self._strip(_centred(say("board.stale"), width, "stale"), width)
        if not self.scene.boxes:
            return self._strip(_centred(say("board.empty") if y == view.height // 2 else "", width), width)
        over = self._overlay.get(y - origin.y)
        mapped = self._map_row(y, view, origin)
        if mapped:
            over = {**(over or {}), **{x - origin.x: run for x, run in mapped.items()}}
        return self._strip(self._canvas.row(y - origin.y, -origin.x, width, over), width)

    def _strip(self, runs: list[Run], width: int) -> Strip:
        segments = []
        for text, name in runs:
            style = self._inks.get(name)
            if style is None:
                style = self._inks[name] = inks.make_ink(
                    name, self.get_component_rich_style, self.rich_style, self.app.theme_variables
                )
            segments.append(Segment(text, style))
        return Strip(segments, width)

    def _map_row(self, y: int, view: Size, origin: Offset) -> dict[int, Run]:
        """Returns the cells of the small map in this row of the widget, by column."""
        if not self.overview:
            return {}
        drawn_for = (id(self.scene), origin, view, self.item)
        if self._map[0] != drawn_for:
            self._map = drawn_for, draw_map(self.scene, self.seen, self.item, self.glyphs.map_part)
        rows = self._map[1]
        if not rows:
            return {}
        box = self.scene.boxes.get(self.item or "")
        corner = Box(
            view.width - len(rows[0]) - 1, view.height - len(rows) - 1, len(rows[0]) + 1, len(rows) + 1
        )
        hidden = box is not None and box.moved(origin.x, origin.y).meets(corner)
        top = 0 if hidden else view.height - len(rows) - (1 if self.drawing else 0)
        if not top <= y < top + len(rows):
            return {}
        row = rows[y - top]
        return {view.width - len(row) + column: run for column, run in enumerate(row)}

    def title_of(self, part: str) -> str:
        """Returns the name of a part on screen."""
        return self.design.placed[part].name

    def show_item(self, animate: bool = True) -> None:
        """Scrolls to the focused part or wire."""
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
