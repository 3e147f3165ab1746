"""Drawing a wire on the board, by keys or with the mouse: the start, then the end, then the kind where several fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tutor.errors import IllegalWire
from tutor.tui.board.canvas import Run
from tutor.tui.board.glyphs import cells_of
from tutor.tui.board.keys import DIRECTIONS
from tutor.tui.board.wiring import Drawing, ends_from

if TYPE_CHECKING:
    from tutor.tui.board.board import Board


class Pen:
    """The wire that is being drawn, if any."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.drawing: Drawing | None = None

    def start(self, source: str) -> bool:
        """Start a wire at a part; False, with the reason told, where no wire can start there."""
        board = self.board
        drawing = Drawing(source, ends_from(board.design, source, board.wires))
        if not drawing.legal:
            reasons = list(dict.fromkeys(end.refusal for end in drawing.ends.values()))
            board.post_message(board.Refused(reasons[0] if reasons else "there is nothing to wire to: add another part first"))
            return False
        self.drawing = drawing
        board.redraw()
        board.post_message(board.WiringChanged(source))
        return True

    def cancel(self) -> None:
        """Forget the wire."""
        if self.drawing is not None:
            self.drawing = None
            self.board.redraw()
            self.board.post_message(self.board.WiringChanged(None))

    def choose_end(self, part: str) -> None:
        """End the wire at a part: asks for it, asks which kind, or tells why it cannot go there."""
        drawing, board = self.drawing, self.board
        if drawing is None:
            return
        try:
            kind = drawing.choose_end(part)
        except IllegalWire as error:
            board.post_message(board.Refused(str(error)))
            return
        if kind is not None:
            self._ask_for(drawing.source, part, kind)
        else:
            board.refresh()

    def _ask_for(self, source: str, target: str, kind: str) -> None:
        self.cancel()
        self.board.ask_wire(source, target, kind)

    def press(self, event: events.Key) -> None:
        """A key while a wire is drawn: letters choose, escape goes back, arrows are left to the board."""
        drawing = self.drawing
        if drawing is None or event.key in (*DIRECTIONS, "tab", "shift+tab"):
            return
        if event.key == "escape":
            self._back(drawing)
        elif drawing.target is not None:
            self._press_kind(drawing, drawing.target, event)
        elif not self._press_end(drawing, event):
            return
        event.stop()
        event.prevent_default()

    def _back(self, drawing: Drawing) -> None:
        if drawing.target is None:
            self.cancel()
        else:
            drawing.target = None
            self.board.refresh()

    def _press_kind(self, drawing: Drawing, target: str, event: events.Key) -> None:
        kind = drawing.kind_of_key((event.character or "").lower())
        if event.key == "enter":
            kind = next(iter(drawing.kinds))
        if kind is not None:
            self._ask_for(drawing.source, target, kind)

    def _press_end(self, drawing: Drawing, event: events.Key) -> bool:
        """Choose an end; False for a key that means nothing here."""
        board = self.board
        if event.key == "enter":
            if board.item is not None and board.item in board.scene.boxes and board.item != drawing.source:
                self.choose_end(board.item)
            return True
        part = drawing.end_of_key((event.character or "").lower())
        if part is not None:
            self.choose_end(part)
        elif event.is_printable:
            board.post_message(board.Refused("no part has that key: choose one of those shown, or escape"))
        else:
            return False
        return True

    def prompt(self, width: int) -> list[Run]:
        """What the last row of the board asks: keys and words."""
        drawing = self.drawing
        if drawing is None:
            return []
        name = self.board.title_of(drawing.source)
        if drawing.target is not None:
            choices = [(key, kind) for kind, key in drawing.kinds.items()]
            words = f"{name} to {self.board.title_of(drawing.target)}:"
        else:
            choices = [(key, self.board.title_of(part)) for part, key in drawing.legal.items() if key]
            words = f"Wire from {name} to:"
        pieces: list[tuple[str, str]] = [(f" {words} ", "prompt")]
        for key, choice in (*choices, ("esc", "back" if drawing.target else "cancel")):
            pieces += [(f" {key} ", "prompt-key"), (f"{choice} ", "prompt")]
        runs: list[Run] = []
        for text, style in pieces:
            cells = cells_of(text)[:width]
            width -= len(cells)
            runs.append(("".join(cells), style))
        return [*runs, (" " * width, "prompt")]
