"""Draws a scene on a canvas: wires, labels and frames that stay, and the cells that change in playback.

Styles are names here (``wire-call``, ``frame-focus``, ...); the widget knows their colors.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from tutor.show.picture.boxes import box_lines
from tutor.show.picture.canvas import Canvas, Run
from tutor.show.picture.glyphs import UPRIGHT, Glyphs, cells_of, fitted, width_of
from tutor.show.picture.labels import Label
from tutor.show.picture.place import DOWN, LEFT, RIGHT, UP, Box, Cell
from tutor.show.picture.scene import Scene
from tutor.show.states import HALF_OPEN, OPEN, PartState, States, WireState
from tutor.words import say

Overlay = dict[int, dict[int, Run]]
"""Cells drawn on top of a canvas: by row, by column, the sign and its style."""


@dataclasses.dataclass(frozen=True, slots=True)
class Highlights:
    """The highlights while the learner works on the design."""

    focus: str | None = None
    """The part or wire that has the focus."""
    hover: str | None = None
    """The part or wire under the pointer."""
    source: str | None = None
    """Wiring: the part where the new wire starts."""
    legal: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Wiring: the parts where it may end, with the key for each."""
    trail: frozenset[str] = frozenset()
    """Parts and wires that are pointed out, such as the way of one event."""


def draw_scene(scene: Scene, glyphs: Glyphs, marked: Highlights) -> Canvas:
    """Draws everything that stays: wires, their labels, boxes with the capacities of the parts."""
    canvas = Canvas(*scene.size)
    _draw_wires(canvas, scene, glyphs, marked)
    for part in scene.boxes:
        draw_box(canvas, scene, part, glyphs, marked)
    return canvas


def wire_style(scene: Scene, key: str, marked: Highlights) -> str:
    """Returns the style of a wire: its kind's, stronger if it belongs to the focused item, faint while
    another wire is drawn.
    """
    if key == marked.focus:
        return "wire-focus"
    wire = scene.routes[key].span
    if marked.source is not None:
        return "wire-faint"
    if key in marked.trail:
        return "wire-trail"
    near = key == marked.hover or marked.focus in (wire.source, wire.target)
    return f"wire-{wire.kind}-near" if near else f"wire-{wire.kind}"


def lay_box(overlay: Overlay, box: Box, signs: str, style: str) -> None:
    """Adds a frame to the cells drawn on top."""
    for x in range(box.x, box.right + 1):
        above, below = (
            (signs[0], signs[4])
            if x == box.x
            else (signs[2], signs[5])
            if x == box.right
            else (signs[1], signs[1])
        )
        overlay.setdefault(box.y, {})[x] = (above, style)
        overlay.setdefault(box.bottom, {})[x] = (below, style)
    for y in range(box.y + 1, box.bottom):
        overlay.setdefault(y, {})[box.x] = overlay.setdefault(y, {})[box.right] = (signs[3], style)


def lay_captions(overlay: Overlay, scene: Scene, captions: Mapping[str, tuple[str, str]]) -> None:
    """Writes a few words into the upper edge of boxes; by part, the words and their style."""
    for part, (text, style) in captions.items():
        box = scene.boxes.get(part)
        if box is None:
            continue
        cells = [" ", *fitted(text, box.width - 4), " "]
        start = box.right - len(cells)
        for offset, sign in enumerate(cells):
            overlay.setdefault(box.y, {})[start + offset] = (sign, style)


def _draw_wires(canvas: Canvas, scene: Scene, glyphs: Glyphs, marked: Highlights) -> None:
    arms = {key: _arms(scene, key) for key in scene.ways}
    for cell, keys in scene.users.items():
        front, sign = _front_of(scene, keys, [arms[key][cell] for key in keys], glyphs, marked)
        canvas.put(cell[0], cell[1], sign, wire_style(scene, front, marked))
    for key, way in sorted(scene.ways.items(), key=lambda one: one[0] == marked.focus):
        arrow = glyphs.arrows[scene.routes[key].span.kind][_heading(scene, key)]
        canvas.put(way[-1][0], way[-1][1], arrow, wire_style(scene, key, marked))
    for key, label in scene.labels.items():
        style = wire_style(scene, key, marked)
        style = (
            "label-focus"
            if key == marked.focus
            else "wire-faint"
            if style == "wire-faint"
            else f"label-{style.removeprefix('wire-')}"
        )
        blanks = [" "] * label.blanks
        canvas.write(
            label.cell[0] - label.blanks, label.cell[1], [*blanks, *cells_of(label.text), *blanks], style
        )


def _front_of(
    scene: Scene, keys: tuple[str, ...], masks: list[int], glyphs: Glyphs, marked: Highlights
) -> tuple[str, str]:
    """Returns the wire whose style a cell has, and its sign: the focused wire's, a joint of one source, or
    the upper wire.

    Where wires of different sources cross, the upright one passes over the level one, which stops before it
    and goes on behind it: a sign with four arms would look like a joint.
    """
    joined: dict[tuple[str, str], int] = {}
    fronts: dict[tuple[str, str], str] = {}
    for key, mask in zip(keys, masks, strict=True):
        span = scene.routes[key].span
        joined[span.source, span.kind] = joined.get((span.source, span.kind), 0) | mask
        fronts.setdefault((span.source, span.kind), key)
    stands_out = [key for key in keys if key == marked.focus or key in marked.trail]
    if stands_out:
        key = stands_out[0] if marked.focus not in keys else str(marked.focus)
        span = scene.routes[key].span
        return key, _sign_for(span.kind, joined[span.source, span.kind], glyphs)
    over = next((group for group, mask in joined.items() if mask == UPRIGHT), next(iter(joined)))
    return fronts[over], _sign_for(over[1], joined[over], glyphs)


def _heading(scene: Scene, key: str) -> int:
    """Returns the direction in which a wire arrives."""
    way, target = scene.ways[key], scene.boxes[scene.routes[key].span.target]
    x, y = way[-1]
    if x < target.x:
        return RIGHT
    if x > target.right:
        return LEFT
    return DOWN if y < target.y else UP


def _arms(scene: Scene, key: str) -> dict[Cell, int]:
    """Returns, for each cell of a wire, the directions in which it continues; both ends touch their box."""
    way, span = scene.ways[key], scene.routes[key].span
    found: dict[Cell, int] = {}
    first, last = scene.boxes[span.source], scene.boxes[span.target]
    cells = [_beside(way[0], first), *way, _beside(way[-1], last)]
    for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
        found[here] = found.get(here, 0) | _arm(here, before) | _arm(here, after)
    return found


def _beside(cell: Cell, box: Box) -> Cell:
    """Returns the cell of the box next to this one."""
    return min(max(cell[0], box.x), box.right), min(max(cell[1], box.y), box.bottom)


def _arm(here: Cell, other: Cell) -> int:
    dx, dy = other[0] - here[0], other[1] - here[1]
    if abs(dx) >= abs(dy):
        return 1 << (RIGHT if dx > 0 else LEFT)
    return 1 << (DOWN if dy > 0 else UP)


def _sign_for(kind: str, arms: int, glyphs: Glyphs) -> str:
    """Returns the sign of a piece of line, or of a joint."""
    return glyphs.lines[kind][arms]


def draw_box(canvas: Canvas, scene: Scene, part: str, glyphs: Glyphs, marked: Highlights) -> None:
    """Draws the frame of a part and its text at rest."""
    state, style = _frame(part, marked)
    box, noted = scene.boxes[part], part in scene.design.notes
    _draw_frame(canvas, box, glyphs.frames["ghost" if noted and state == "plain" else state], style)
    inner = box.width - 4
    faint = style == "frame-illegal"
    for row, pieces in enumerate(
        box_lines(scene.design.placed[part], scene.layout.scale, inner, glyphs, None), 1
    ):
        for y_cell in (box.x + 1, box.right - 1):
            canvas.put(y_cell, box.y + row, " ", "box")
        x = box.x + 2
        for cells, name in pieces:
            x = canvas.write(x, box.y + row, cells, "box-faint" if faint else name)
    if part in marked.legal:
        canvas.write(box.x + 2, box.y, ["[", *cells_of(marked.legal[part]), "]"], "key")
    if part == marked.hover and marked.source is None and not noted:
        canvas.put(box.right, box.y + (box.height - 1) // 2, glyphs.handle, "handle")


def _frame(part: str, marked: Highlights) -> tuple[str, str]:
    if marked.source is not None:
        if part == marked.source:
            return "chosen", "frame-chosen"
        if part not in marked.legal:
            return ("focus", "frame-refused") if part == marked.focus else ("illegal", "frame-illegal")
        return ("focus", "frame-legal") if part == marked.focus else ("legal", "frame-legal")
    if part == marked.focus:
        return "focus", "frame-focus"
    if part in marked.trail:
        return "chosen", "frame-trail"
    return "plain", "frame-hover" if part == marked.hover else "frame"


def _draw_frame(canvas: Canvas, box: Box, signs: str, style: str) -> None:
    for x in range(box.x + 1, box.right):
        canvas.put(x, box.y, signs[1], style)
        canvas.put(x, box.bottom, signs[1], style)
    for y in range(box.y + 1, box.bottom):
        canvas.put(box.x, y, signs[3], style)
        canvas.put(box.right, y, signs[3], style)
    for x, y, sign in (
        (box.x, box.y, signs[0]),
        (box.right, box.y, signs[2]),
        (box.x, box.bottom, signs[4]),
        (box.right, box.bottom, signs[5]),
    ):
        canvas.put(x, y, sign, style)


class Animation:
    """The cells that change in playback, for one scene and one timeline."""

    def __init__(
        self,
        scene: Scene,
        playback: States,
        glyphs: Glyphs,
        still: bool = False,
        quiet: frozenset[str] = frozenset(),
    ) -> None:
        """Prepares the animation: ``still`` shows states without moving events; the parts of ``quiet`` stay
        at rest, and so do their wires.
        """
        self.quiet = quiet
        self.scene = scene
        self.playback = playback
        self.glyphs = glyphs
        self.still = still
        self._signs = {
            key: [_sign_for(scene.routes[key].span.kind, arms[cell], glyphs) for cell in way]
            for key, way, arms in _all_arms(scene)
        }
        self._boxes: dict[str, tuple[PartState, list[tuple[int, int, Run]]]] = {}

    def overlay(self, cursor_s: float, marked: Highlights) -> Overlay:
        """Returns the cells to draw over the scene at the cursor; wires first, so that boxes stay whole."""
        overlay: Overlay = {}
        for key in self.scene.ways:
            span = self.scene.routes[key].span
            if span.source not in self.quiet and span.target not in self.quiet:
                self._wire(overlay, key, cursor_s)
        for part in self.scene.design.components:
            if part in self.quiet:
                continue
            state = self.playback.part(part, cursor_s)
            known = self._boxes.get(part)
            if known is None or known[0] != state:
                known = self._boxes[part] = (state, self._box(part, state))
            framed = _frame(part, marked)[1] == "frame"
            for x, y, run in known[1]:
                if framed or run[1] != "frame-down":
                    overlay.setdefault(y, {})[x] = run
        return overlay

    def _wire(self, overlay: Overlay, key: str, cursor_s: float) -> None:
        scene, glyphs = self.scene, self.glyphs
        way, kind = scene.ways[key], scene.routes[key].span.kind
        state = self.playback.wire(key, cursor_s)
        label = scene.labels.get(key)
        covered: set[Cell] = set()
        note = _notes(state, glyphs)
        if note:
            covered = self._write_note(overlay, way, label, *note)
        elif label:
            covered = label.cells()
        last = len(way) - 1
        if self.still:
            if state.active:
                for (x, y), sign in zip(way[:-1], self._signs[key], strict=False):
                    if (x, y) not in covered and len(scene.users[x, y]) == 1:
                        overlay.setdefault(y, {})[x] = (sign, "moving")
            if state.failing:
                overlay.setdefault(way[last][1], {})[way[last][0]] = (glyphs.failed, "failed")
            return
        cells, crowd = self.playback.moving(key, cursor_s, len(way))
        if crowd > 0.5:
            self._flow(overlay, way, covered, cursor_s, crowd)
        for index in cells:
            x, y = way[index]
            if index < last and (x, y) not in covered:
                overlay.setdefault(y, {})[x] = (glyphs.moving[kind], "moving")
        for index in self.playback.bouncing(key, cursor_s, len(way)):
            x, y = way[index]
            if (x, y) not in covered:
                overlay.setdefault(y, {})[x] = (glyphs.failed, "failed")

    def _flow(
        self, overlay: Overlay, way: list[Cell], covered: set[Cell], cursor_s: float, crowd: float
    ) -> None:
        """Draws a stream of events too dense to tell apart: a moving pattern, the fuller the more
        there are.
        """
        pattern = "10" if crowd < 1.5 else "110" if crowd < 4 else "1110"
        style = "flow" if crowd < 4 else "flow-strong"
        offset = int(cursor_s / self.playback.rate * 12)
        for index, (x, y) in enumerate(way[:-1]):
            if (x, y) not in covered and pattern[(offset - index) % len(pattern)] == "1":
                overlay.setdefault(y, {})[x] = (self.glyphs.flow, style)

    def _write_note(
        self, overlay: Overlay, way: list[Cell], label: Label | None, texts: tuple[str, ...], style: str
    ) -> set[Cell]:
        """Writes a short note on a wire, in the place of its label; its shortest form on the middle of the
        wire if it has no label.
        """
        if label is None:
            x, y = way[len(way) // 2]
            cells = cells_of(texts[-1])[:1]
        else:
            start, room = label.stretch
            cells = next(
                (cells_of(text) for text in texts if width_of(text) + 2 <= room), cells_of(texts[-1])[:room]
            )
            cells = [" ", *cells, " "] if len(cells) + 2 <= room else cells
            covered = width_of(label.text) + 2 * label.blanks
            if len(cells) < covered:
                before = (covered - len(cells)) // 2
                cells = [" "] * before + cells + [" "] * (covered - len(cells) - before)
            x, y = start + (room - len(cells)) // 2, label.cell[1]
        row = overlay.setdefault(y, {})
        for offset, sign in enumerate(cells):
            row[x + offset] = (sign, style)
        return {(x + offset, y) for offset in range(len(cells))}

    def _box(self, part: str, state: PartState) -> list[tuple[int, int, Run]]:
        """Returns the inside of a box in this state, and its frame if something is wrong."""
        scene, glyphs = self.scene, self.glyphs
        box = scene.boxes[part]
        found: list[tuple[int, int, Run]] = []
        if state.up <= 0 or state.faults:
            canvas = Canvas(box.width, box.height)
            _draw_frame(
                canvas,
                box.moved(-box.x, -box.y),
                glyphs.frames["down" if state.up <= 0 else "plain"],
                "frame-down",
            )
            for y, signs in enumerate(canvas.signs):
                edge = range(box.width) if y in (0, box.height - 1) else (0, box.width - 1)
                found += [(box.x + x, box.y + y, (signs[x], "frame-down")) for x in edge]
        inner = box.width - 4
        for row, pieces in enumerate(
            box_lines(scene.design.components[part], scene.layout.scale, inner, glyphs, state), 1
        ):
            x = box.x + 2
            for cells, name in pieces:
                for sign in cells:
                    found.append((x, box.y + row, (sign, name)))
                    x += 1
        if state.faults:
            named = " ".join(say(f"labels.fault.{fault}") for fault in state.faults)
            text = [" ", glyphs.fault, *fitted(named, box.width - 6), " "]
            found += [(box.x + 2 + offset, box.bottom, (sign, "fault")) for offset, sign in enumerate(text)]
        elif state.news:
            text = [" ", *fitted(state.news, box.width - 6), " "]
            found += [(box.x + 2 + offset, box.bottom, (sign, "news")) for offset, sign in enumerate(text)]
        return found


def _all_arms(scene: Scene) -> list[tuple[str, list[Cell], dict[Cell, int]]]:
    return [(key, way, _arms(scene, key)) for key, way in scene.ways.items()]


def _notes(state: WireState, glyphs: Glyphs) -> tuple[tuple[str, ...], str] | None:
    """Returns the note for a wire right now, the most important first: wordings from long to short, and their
    style.
    """
    signs = glyphs.signs
    if state.faults:
        return (f"{glyphs.fault} {say(f'labels.fault.{state.faults[0]}')}", glyphs.fault), "fault"
    if state.breaker == OPEN:
        sign = signs["open"]
        long, short = (
            say("labels.now.breaker-open", sign=sign),
            say("labels.now.breaker-open-short", sign=sign),
        )
        return (long, short, sign), "bad"
    if state.breaker == HALF_OPEN:
        sign = signs["probing"]
        long = say("labels.now.breaker-probes", sign=sign)
        return (long, say("labels.now.breaker-probes-short", sign=sign), sign), "warning"
    if state.waiting > 1:
        waiting = state.waiting
        return (
            say("labels.now.callers", count=waiting),
            say("labels.now.callers-short", count=waiting),
            f"{signs['held']}{waiting}",
        ), "held"
    return None
