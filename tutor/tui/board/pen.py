"""Drawing a wire on the board, by keys or with the mouse: the start, then the end, then the kind where several fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events

from tutor.errors import IllegalWire
from tutor.tui.board.canvas import Run
from tutor.tui.board.glyphs import cells_of, width_of
from tutor.tui.board.keys import DIRECTIONS
from tutor.tui.board.place import Box
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
        drawing = Drawing(source, ends_from(board.level, board.design, source))
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
        """What the last row of the board asks: keys and words, those of ends out of view first, for the others show theirs."""
        drawing = self.drawing
        if drawing is None:
            return []
        name = self.board.title_of(drawing.source)
        if drawing.target is not None:
            choices = [(key, kind) for kind, key in drawing.kinds.items()]
            words = f"{name} to {self.board.title_of(drawing.target)}:"
        else:
            ends = sorted((part for part, key in drawing.legal.items() if key), key=self._in_view)
            choices = [(drawing.legal[part], self.board.title_of(part)) for part in ends]
            words = f"Wire from {name} to:"
        out = [(" esc ", "prompt-key"), ("back " if drawing.target else "cancel ", "prompt")]
        room = width - sum(width_of(text) for text, _ in out)
        told, left = self._fitting(f" {words} ", choices, room)
        if left:
            told, left = self._fitting(f" {words} ", choices, room - len(" and 99 more "))
            told.append((f" and {left} more ", "prompt"))
        runs: list[Run] = []
        for text, style in (*told, *out):
            cells = cells_of(text)[:width]
            width -= len(cells)
            runs.append(("".join(cells), style))
        return [*runs, (" " * width, "prompt")]

    def _in_view(self, part: str) -> bool:
        """Whether a part's box, which shows its key, is in view."""
        board = self.board
        box = board.scene.boxes[part].moved(board.origin.x, board.origin.y)
        return box.meets(Box(0, 0, board.view.width, board.view.height))

    @staticmethod
    def _fitting(words: str, choices: list[tuple[str, str]], room: int) -> tuple[list[tuple[str, str]], int]:
        """The words and as many choices as there is room for, with their styles; and how many are left out."""
        pieces = [(words, "prompt")]
        room -= width_of(words)
        for number, (key, choice) in enumerate(choices):
            room -= width_of(key) + width_of(choice) + 3
            if room < 0:
                return pieces, len(choices) - number
            pieces += [(f" {key} ", "prompt-key"), (f"{choice} ", "prompt")]
        return pieces, 0
