"""The design on a real broker: each part measured beside predicted, second by second, and at the end what
agreed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from tutor.errors import InputError
from tutor.show.braille import plot, plot_ascii
from tutor.show.live import LiveRow, LiveView
from tutor.tui.commands import BACK, READ_BACK, READ_ON, bindings
from tutor.tui.screens.framed import Framed
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.game import GameApp

LOOK_S = 0.5
"""How often the run is looked at: its numbers are by the second."""
CURVE_ROWS = 3
"""Rows of one curve."""


class LiveScreen(Framed):
    """One live run, from its start to its table; leaving the screen ends it."""

    app: GameApp
    BINDINGS = bindings(BACK, READ_ON, READ_BACK)
    DEFAULT_CSS = """
    LiveScreen {
        & #live { height: 1fr; padding: 1 2; }
        & #live-before { color: $muted; margin: 0 0 1 0; }
        & #live-after { margin: 1 0 0 0; }
    }
    """

    def __init__(self, view: LiveView) -> None:
        super().__init__()
        self.view = view
        self._timer: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """What is done differently, the curves, and the table."""
        with VerticalScroll(id="live"):
            yield Static("\n".join(self.view.before()), id="live-before", markup=False)
            yield Static("", id="live-state", markup=False)
            yield Static("", id="live-rows", markup=False)
            yield Static("", id="live-after", markup=False)

    def on_mount(self) -> None:
        """The run begins."""
        self.title_bar.heading = say("live.screen.title", broker=self.view.title)
        try:
            self.view.start()
        except InputError as error:
            self._end(str(error))
            return
        self._show(say("live.screen.starting"))
        self._timer = self.set_interval(LOOK_S, self._look)

    def on_unmount(self) -> None:
        """Nothing of the run outlives its screen."""
        self.view.close()

    def _look(self) -> None:
        try:
            phase, at_s, of_s = self.view.poll()
        except InputError as error:
            self._end(str(error))
            return
        if phase == "starting":
            return
        self._show(
            say("live.screen.over") if phase == "over" else say("live.screen.running", at=at_s, of=of_s)
        )
        self.query_one("#live-rows", Static).update(
            Content("\n").join(self._row(row) for row in self.view.rows())
        )
        if phase == "over":
            self.query_one("#live-after", Static).update("\n".join(self.view.after()))
            self._end("")

    def _end(self, trouble: str) -> None:
        if self._timer is not None:
            self._timer.stop()
        if trouble:
            self._show(trouble)
        self.view.close()

    def _show(self, text: str) -> None:
        self.query_one("#live-state", Static).update(text)

    def _row(self, row: LiveRow) -> Content:
        """One part: the numbers of this second, and both curves."""
        place = len(row.measured) - 1
        foretold = row.predicted[min(place, len(row.predicted) - 1)] if row.predicted else 0
        head = say("live.screen.row", name=row.name, at=place, measured=row.measured[-1], predicted=foretold)
        down = say("live.screen.down") if row.up < 1 else ""
        width = max(20, (self.size.width - 12) // 2)
        top = float(max(1, *row.measured, *row.predicted))
        draw = plot_ascii if self.app.preferences.ascii else plot
        whole = [*map(float, row.measured), *[None] * (len(row.predicted) - len(row.measured))]
        left = draw(whole, width, CURVE_ROWS, top)
        right = draw([float(value) for value in row.predicted], width, CURVE_ROWS, top)
        lines = [Content.assemble((head, "bold $text"), (f"  {down}" if down else "", "$error"))]
        captions = f"{say('live.screen.measured'):<{width}}    {say('live.screen.predicted')}"
        lines.append(Content.styled(captions, "$muted"))
        lines += [
            Content.assemble((one.ljust(width), "$accent"), "    ", (other, "$muted"))
            for one, other in zip(left, right, strict=True)
        ]
        return Content("\n").join(lines)

    def action_back(self) -> None:
        """Back to the board; a run under way ends."""
        self.app.pop_screen()

    def action_read(self, direction: int) -> None:
        """Scrolls by a page."""
        pane = self.query_one("#live", VerticalScroll)
        pane.scroll_relative(y=direction * max(1, pane.size.height - 2), animate=False)
