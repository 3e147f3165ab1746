"""The drawing of a wire on the board, by keys or with the mouse: the start, then the end, then the kind if
several fit.
"""

from __future__ import annotations

from typing import Protocol

from textual import events

from tutor.errors import IllegalWire
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.rules import why_no_wire
from tutor.show.picture.canvas import Run
from tutor.show.picture.drawing import Overlay, lay_box
from tutor.show.picture.glyphs import Glyphs, cells_of, width_of
from tutor.show.picture.place import DOWN, UP, Box, Cell
from tutor.show.picture.scene import Scene
from tutor.tui.board.keys import DIRECTIONS
from tutor.tui.board.wiring import Drawing, PartKeys, ends_from
from tutor.words import say


class Paper(Protocol):
    """The surface that a pen draws on: the board."""

    level: Level | None
    """The level whose rules hold."""

    @property
    def design(self) -> Design:
        """The design that is shown."""

    @property
    def scene(self) -> Scene:
        """The scene, with the place of everything."""

    @property
    def glyphs(self) -> Glyphs:
        """The signs in use."""

    @property
    def seen(self) -> Box:
        """The cells of the canvas that are in view."""

    @property
    def item(self) -> str | None:
        """The part or wire that has the focus."""

    def title_of(self, part: str) -> str:
        """Returns the name of a part on screen."""

    def redraw(self) -> None:
        """Draws everything again."""

    def refuse(self, reason: str) -> None:
        """Says why something cannot be done."""

    def report_wiring(self, source: str | None, *, choosing: bool = False) -> None:
        """Reports that a wire is being drawn from a part, and whether its kind is being chosen; or no
        longer.
        """

    def ask_wire(self, source: str, target: str, kind: str) -> None:
        """Asks for a wire."""


class Pen:
    """The wire that is being drawn, if any."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.drawing: Drawing | None = None
        self._keys = PartKeys()

    def start(self, source: str) -> bool:
        """Starts a wire at a part; returns False, and reports the reason, if no wire can start there."""
        paper = self.paper
        drawing = Drawing(
            source, ends_from(paper.level, paper.design, source, self._keys.keys_of(paper.design))
        )
        if not drawing.legal:
            reason = why_no_wire(paper.level, paper.design, source)
            paper.refuse(reason or say("board.nothing-to-wire-to"))
            return False
        self.drawing = drawing
        paper.redraw()
        paper.report_wiring(source)
        return True

    def learn_keys(self) -> None:
        """Gives every part of the design its key, in order of appearance."""
        self._keys.keys_of(self.paper.design)

    def cancel(self) -> None:
        """Forgets the wire."""
        if self.drawing is not None:
            self.drawing = None
            self.paper.redraw()
            self.paper.report_wiring(None)

    def choose_end(self, part: str) -> bool:
        """Ends the wire at a part: asks for it, or for its kind; returns False, and reports the reason, if it
        cannot go there.
        """
        if self.drawing is None:
            return False
        try:
            kind = self.drawing.choose_end(part)
        except IllegalWire as error:
            self.paper.refuse(str(error))
            return False
        if kind is not None:
            self.choose_kind(part, kind)
        else:
            self.paper.redraw()
            self.paper.report_wiring(self.drawing.source, choosing=True)
        return True

    def drop_on(self, part: str) -> None:
        """Ends the wire at a part, as :meth:`choose_end` does; if it cannot go there it is given up, and the
        reason is reported last.
        """
        if self.drawing is None:
            return
        refused = self.drawing.why_not(part)
        if refused:
            self.cancel()
            self.paper.refuse(refused)
        else:
            self.choose_end(part)

    def choose_kind(self, target: str, kind: str) -> None:
        """Asks for the wire, of this kind."""
        if self.drawing is not None:
            source = self.drawing.source
            self.cancel()
            self.paper.ask_wire(source, target, kind)

    # Keys

    def press(self, event: events.Key) -> None:
        """Handles a key while a wire is drawn: keys of parts and kinds choose, escape goes back, arrows are
        left to the board.
        """
        drawing = self.drawing
        if drawing is None:
            return
        if drawing.menu is not None:
            self._press_in_menu(drawing, event)
        elif event.key in (*DIRECTIONS, "tab", "shift+tab"):
            return
        elif event.key == "escape":
            self.cancel()
        elif not self._press_end(drawing, event):
            return
        event.stop()
        event.prevent_default()

    def _press_in_menu(self, drawing: Drawing, event: events.Key) -> None:
        menu = drawing.menu
        assert menu is not None
        step = {DOWN: 1, UP: -1}.get(DIRECTIONS.get(event.key, -1), 0) or {"tab": 1, "shift+tab": -1}.get(
            event.key, 0
        )
        kind = menu.kinds[menu.at] if event.key == "enter" else menu.kind_of_key(event.character or "")
        if event.key == "escape":
            drawing.menu = None
            self.paper.report_wiring(drawing.source)
        elif step:
            menu.move(step)
        elif kind is not None:
            self.choose_kind(menu.target, kind)
            return
        self.paper.redraw()

    def _press_end(self, drawing: Drawing, event: events.Key) -> bool:
        """Chooses an end; returns False for a key that means nothing here."""
        paper = self.paper
        if event.key == "enter":
            if paper.item is not None and paper.item in paper.scene.boxes and paper.item != drawing.source:
                self.choose_end(paper.item)
            return True
        part = drawing.end_of_key(event.character or "")
        if part is not None:
            self.choose_end(part)
        elif event.is_printable:
            paper.refuse(say("board.no-such-end"))
        else:
            return False
        return True

    # The mouse

    def menu_row(self, cell: Cell) -> int | None:
        """Returns the row of the menu of kinds under a cell of the canvas."""
        menu = self.drawing.menu if self.drawing is not None else None
        return menu.row_at(cell, self._menu_box()) if menu is not None else None

    def point(self, cell: Cell) -> None:
        """Moves the pointer over a cell: a click chooses the row of the menu there."""
        row = self.menu_row(cell)
        if (
            row is not None
            and self.drawing is not None
            and self.drawing.menu is not None
            and self.drawing.menu.at != row
        ):
            self.drawing.menu.at = row
            self.paper.redraw()

    def click(self, cell: Cell) -> bool:
        """Handles a click while the menu is open: takes the row, else gives the wire up; returns True if it
        took one.
        """
        row = self.menu_row(cell)
        if row is None or self.drawing is None or self.drawing.menu is None:
            self.cancel()
            return False
        menu = self.drawing.menu
        self.choose_kind(menu.target, menu.kinds[row])
        return True

    # Drawing

    def _menu_box(self) -> Box:
        assert self.drawing is not None
        assert self.drawing.menu is not None
        seen = self.paper.seen
        room = Box(seen.x, seen.y, seen.width, seen.height - 1)  # the prompt has the last row
        return self.drawing.menu.box(self.paper.scene.boxes[self.drawing.menu.target], room)

    def draw_over(self, overlay: Overlay) -> Overlay:
        """Adds the menu of kinds to the cells drawn on top."""
        menu = self.drawing.menu if self.drawing is not None else None
        if menu is not None:
            box = self._menu_box()
            lay_box(overlay, box, self.paper.glyphs.frames["focus"], "ghost")
            for number, words in enumerate(menu.rows):
                cells = cells_of(words)
                cells += [" "] * (box.width - 2 - len(cells))
                style = "key" if number == menu.at else "prompt"
                overlay.setdefault(box.y + 1 + number, {}).update(
                    (box.x + 1 + at, (sign, style)) for at, sign in enumerate(cells)
                )
        return overlay

    def prompt(self, width: int) -> list[Run]:
        """Returns the last row of the board with its question: keys and words, first those of ends out of
        view, since boxes in view show their own.
        """
        drawing = self.drawing
        if drawing is None:
            return []
        name = self.paper.title_of(drawing.source)
        if drawing.menu is not None:
            target = self.paper.title_of(drawing.menu.target)
            words = say("board.ask-kind", source=name, target=target)
            choices = [("⏎" if self.paper.glyphs.unicode else "enter", drawing.menu.blurb())]
            out = say("board.back")
        else:
            words = say("board.ask-end", source=name)
            ends = sorted((part for part, key in drawing.legal.items() if key), key=self._in_view)
            choices = [(drawing.legal[part], self.paper.title_of(part)) for part in ends]
            out = say("board.cancel")
        tail = [(" esc ", "prompt-key"), (f"{out} ", "prompt")]
        room = width - sum(width_of(text) for text, _ in tail)
        told, left = self._fitting(f" {words} ", choices, room)
        if left and drawing.menu is not None:  # what the kind does is more than what the board shows
            told, left = self._fitting("", choices, room)
        elif left:
            told, left = self._fitting(
                f" {words} ", choices, room - width_of(say("board.more-ends", count=99)) - 2
            )
            told.append((f" {say('board.more-ends', count=left)} ", "prompt"))
        runs: list[Run] = []
        for text, style in (*told, *tail):
            cells = cells_of(text)[:width]
            width -= len(cells)
            runs.append(("".join(cells), style))
        return [*runs, (" " * width, "prompt")]

    def _in_view(self, part: str) -> bool:
        """Returns whether a part's box, which shows its key, is in view."""
        return self.paper.scene.boxes[part].meets(self.paper.seen)

    @staticmethod
    def _fitting(words: str, choices: list[tuple[str, str]], room: int) -> tuple[list[tuple[str, str]], int]:
        """Returns the words and as many choices as there is room for, with their styles; and how many are
        left out.
        """
        pieces = [(words, "prompt")]
        room -= width_of(words)
        for number, (key, choice) in enumerate(choices):
            room -= width_of(key) + width_of(choice) + 3
            if room < 0:
                return pieces, len(choices) - number
            pieces += [(f" {key} ", "prompt-key"), (f"{choice} ", "prompt")]
        return pieces, 0
