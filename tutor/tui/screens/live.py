"""The design on a real broker: the board as it was measured, with the prediction beside it, second by second;
at the end the table of agreements.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.timer import Timer
from textual.widgets import Static

from tutor.errors import InputError
from tutor.model.level import Goal
from tutor.model.timeline import Mark
from tutor.show.live import LiveView, paired_curves, pairs
from tutor.tui import commands as keys
from tutor.tui.board.board import Board
from tutor.tui.screens.framed import Framed
from tutor.tui.widgets.band import Band
from tutor.tui.widgets.timeline_pane import TimelinePane
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.game import GameApp

LOOK_S = 0.25
"""How often the run is looked at: its numbers are by the second."""
BEHIND_S = 1.0
"""How far the board is behind the run: it shows whole seconds."""
PLANNED = ("fault", "fault-over")
"""Marks of the prediction that are facts of both runs."""


class LiveScreen(Framed):
    """One live run, from its start to its table; leaving the screen ends it."""

    app: GameApp
    BINDINGS = keys.bindings(keys.BACK, keys.TABLE, keys.BACKWARD, keys.FORWARD, keys.READ_ON, keys.READ_BACK)
    AUTO_FOCUS = "Board"
    DEFAULT_CSS = """
    LiveScreen {
        & #live-state { padding: 0 2; }
        & #live-board { height: 1fr; }
        & #live-text { height: 1fr; padding: 1 2; display: none; }
        & #live-before { color: $muted; margin: 0 0 1 0; }
        &.-reading #live-text { display: block; }
        &.-reading #live-board { display: none; }
    }
    """

    def __init__(self, view: LiveView, goals: Sequence[Goal] = ()) -> None:
        super().__init__()
        self.view = view
        self.goals = goals
        self.over = False
        self._timer: Timer | None = None
        self._told = -1
        """The last second that the board was shown at."""

    def compose_body(self) -> ComposeResult:
        """Shows the progress; the board, or the text to read; the time axis with both curves."""
        yield Static("", id="live-state", markup=False)
        yield Board(self.view.scenario.design, level=None, id="live-board")
        with VerticalScroll(id="live-text"):
            yield Static("\n".join(self.view.before()), id="live-before", markup=False)
            yield Static("", id="live-after", markup=False)
        yield TimelinePane(id="live-time")

    @property
    def board(self) -> Board:
        """The board."""
        return self.query_one("#live-board", Board)

    @property
    def time(self) -> TimelinePane:
        """The time axis."""
        return self.query_one("#live-time", TimelinePane)

    def on_mount(self) -> None:
        """Begins the run; until it has started there is time to read about the differences."""
        self.title_bar.heading = say("live.screen.title", broker=self.view.title)
        self.board.read_only = True
        self.board.ascii_only = self.app.preferences.ascii
        self.board.reduced_motion = self.app.preferences.reduced
        self.add_class("-reading")
        self.fit_charts()
        try:
            self.view.start()
        except InputError as error:
            self._end(str(error))
            return
        self._show(say("live.screen.starting"))
        self._timer = self.set_interval(LOOK_S, self._look)

    def on_unmount(self) -> None:
        """Ends the run with its screen."""
        self.view.close()

    def on_resize(self) -> None:
        """Adapts the number of curves to another size."""
        if self.is_mounted:
            self.fit_charts()

    def fit_charts(self) -> None:
        """Shows as many curves as there is room for, at least one."""
        height = self.app.size.height
        self.time.charts = 1 if height < 34 else 2 if height < 46 else 4

    # the run

    def _look(self) -> None:
        try:
            phase, at_s, of_s = self.view.poll()
        except InputError as error:
            self._end(str(error))
            return
        if phase == "starting":
            return
        measured = self.view.measured
        if self._told < 0:
            self.remove_class("-reading")
            self.board.focus()
            self.time.playing = True
        if phase == "over":
            self.over = True
            self.refresh_bindings()
            self._told = -1
            self.query_one("#live-after", Static).update("\n".join(self.view.after()))
            self._end("")
            self._show(say("live.screen.over"))
            self._show_second(float(measured.steps))
            self.add_class("-reading")
            self.query_one("#live-text").focus()
            self.call_after_refresh(self._read_from_table)
            return
        self._show(say("live.screen.running", at=at_s, of=of_s))
        self._show_second(max(0.0, min(at_s, float(measured.steps)) - BEHIND_S))

    def _read_from_table(self) -> None:
        pane = self.query_one("#live-text", VerticalScroll)
        pane.scroll_to_widget(self.query_one("#live-after"), top=True, animate=False)

    def _show_second(self, at_s: float) -> None:
        """Shows board and axis at a moment; news of a second only once."""
        measured, end_s = self.view.measured, self.view.predicted.end_s
        cursor_s = min(at_s, end_s)
        second = min(int(cursor_s), measured.steps - 1)
        if second != self._told:
            self._told = second
            design = self.view.scenario.design
            measured.marks = [mark for mark in self._planned() if mark.at_s <= measured.steps]
            self.board.show_timeline(measured)
            self.board.captions = {
                id: (pair.text, "news" if pair.agrees else "warning")
                for id, pair in pairs(design, self.view, second).items()
            }
            self._show_band()
        self.board.cursor_s = self.time.cursor_s = cursor_s

    def _show_band(self) -> None:
        item = self.board.item or ""
        component = item if item in self.view.measured.components else ""
        drawn = paired_curves(self.view, self.goals, component)
        self.time.show_band(Band(self.view.predicted.end_s, tuple(self._planned()), drawn, played=True))
        self.fit_charts()

    def _planned(self) -> list[Mark]:
        return [mark for mark in self.view.predicted.marks if mark.kind in PLANNED]

    def _end(self, trouble: str) -> None:
        if self._timer is not None:
            self._timer.stop()
        self.time.playing = False
        if trouble:
            self._show(trouble)
        self.view.close()

    def _show(self, text: str) -> None:
        self.query_one("#live-state", Static).update(text)

    # the keys

    def on_board_focus_moved(self) -> None:
        """Switches the depth curve to the part with the focus."""
        if self._told >= 0:
            self._show_band()

    def on_board_open_requested(self) -> None:
        """Opens the table: nothing can be set during the run."""
        self.action_table()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allows other seconds to be chosen once the run is over."""
        return self.over if action == "scrub" else super().check_action(action, parameters)

    def on_timeline_pane_cursor_moved(self, event: TimelinePane.CursorMoved) -> None:
        """Chooses the second by the mouse once the run is over."""
        if self.over:
            self._show_second(event.at_s)

    def action_table(self) -> None:
        """Shows the board or the text in its place."""
        self.toggle_class("-reading")
        self.query_one("#live-text" if self.has_class("-reading") else "#live-board").focus()

    def action_scrub(self, presses: int) -> None:
        """Shows another second, once the run is over."""
        if self.over:
            self._show_second(max(0.0, float(self._told + presses)))

    def action_back(self) -> None:
        """Goes back to the level; a run under way ends."""
        self.app.pop_screen()

    def action_read(self, direction: int) -> None:
        """Scrolls by a page."""
        pane = self.query_one("#live-text", VerticalScroll)
        pane.scroll_relative(y=direction * max(1, pane.size.height - 2), animate=False)
