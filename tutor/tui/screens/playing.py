"""Playing a finished run back on the bench: a cursor moves through it, and board, axis and inspector follow.

The timer of the frames lives only while something moves.
"""

from __future__ import annotations

import time

from textual.content import Content
from textual.timer import Timer

from tutor.model.timeline import Timeline
from tutor.model.wire import Wire
from tutor.session import Session
from tutor.show.braille import clock
from tutor.show.marks import mark_words, planned
from tutor.show.player import Player
from tutor.show.series import curves
from tutor.show.states import Playback
from tutor.tui.commands import BACKWARD, FASTER, FIRST_FAILURE, FORWARD, NEXT_FAULT, PAUSE, SLOWER, START_OVER, STEP, bindings
from tutor.tui.screens.editing import Editing
from tutor.tui.telling import tell_part, tell_wire
from tutor.tui.widgets.band import Band
from tutor.tui.widgets.timeline_pane import TimelinePane

FRAME_S = 1 / 30
"""Time from one frame of the playback to the next."""
LEAST_S = 0.1
"""The most time between two frames, however many keys come."""
LIVE_S = 0.2
"""How often the words about the focused part follow the cursor."""


class Playing(Editing):
    """A bench on which runs are played back."""

    BINDINGS = bindings(PAUSE, STEP, BACKWARD, FORWARD, NEXT_FAULT, FIRST_FAILURE, FASTER, SLOWER, START_OVER)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.player: Player | None = None
        self._states: Playback | None = None
        self._frames: Timer | None = None
        self._frame_at = 0.0
        self._live_at = 0.0
        self._shown = False

    def settle(self) -> None:
        """The axis shows what is going to happen."""
        super().settle()
        self.time.speed = self.app.preferences.speed
        self.show_plan()
        self.advise()

    def show_plan(self) -> None:
        """The faults to come on an empty axis."""
        scenario = self.session.scenario
        run = scenario.run
        self.time.show_band(Band(run.duration_s + run.drain_s, planned(scenario)))
        self.fit_charts()

    def load_timeline(self, timeline: Timeline) -> None:
        """Puts a finished run on the board and on the axis, at its start."""
        self.player = Player(timeline, speed=self.app.preferences.speed)
        self._states = Playback(timeline)
        self._shown = False
        self.show_board()
        self.show_band()
        self.time.speed = self.player.speed
        self.move_cursor(0.0)

    def show_band(self) -> None:
        """Curves and marks of the run on the board."""
        if self.player is None:
            return
        timeline = self.player.timeline
        goals = self.session.level.goals if self.session.level is not None else ()
        component = self.item if self.item in timeline.components else ""
        drawn = curves(timeline, goals, component or "")
        self.time.show_band(Band(self.player.end_s, self.player.marks, drawn, played=True))
        self.fit_charts()

    def play(self) -> None:
        """Lets the cursor run."""
        if self.player is None:
            return
        if self.player.over:
            self.move_cursor(0.0)
        self.show_board()
        self.player.playing = True
        self._frame_at = time.perf_counter()
        if self._frames is None:
            self._frames = self.set_interval(FRAME_S, self._frame)
        self.time.playing = True
        self.advise(playing=True, paused=False)

    def stop_playing(self) -> None:
        """Stops the cursor where it is."""
        if self._frames is not None:
            self._frames.stop()
            self._frames = None
        if self.player is not None:
            self.player.playing = False
        self.time.playing = False
        self.advise(playing=False, paused=self.player is not None and not self.player.over)

    def _frame(self) -> None:
        if self.player is None:
            return
        now = time.perf_counter()
        if now - self.app.touched_at < FRAME_S and now - self._frame_at < LEAST_S:
            return  # what was pressed is drawn first
        over = self.player.advance(min(now - self._frame_at, 0.25))
        self._frame_at = now
        self.show_cursor()
        if over:
            self.stop_playing()
            self.at_end()

    def at_end(self) -> None:
        """The playback has come to its end."""

    def move_cursor(self, at_s: float) -> None:
        """Puts the cursor on a moment."""
        if self.player is not None:
            self.player.seek(at_s)
            self.show_cursor(now=True)
            self.advise(paused=not self.player.playing and not self.player.over)

    def show_cursor(self, *, now: bool = False) -> None:
        """Board, axis and inspector as they are at the cursor."""
        if self.player is None:
            return
        if not self._shown:
            self._shown = True
            self.board.show_timeline(self.player.timeline)
        self.board.cursor_s = self.player.cursor_s
        self.time.cursor_s = self.player.cursor_s
        if now or time.perf_counter() - self._live_at >= LIVE_S:
            self._live_at = time.perf_counter()
            self.inspector.show_live(self.live_words())

    def live_words(self) -> Content | None:
        """How the part or wire with the focus is at the cursor."""
        part = self.part
        if self.player is None or self._states is None or part is None or not self._shown:
            return None
        at_s = self.player.cursor_s
        when = clock(at_s, self.player.end_s)
        if isinstance(part, Wire):
            return tell_wire(self._states.wire(part.ref, at_s), when)
        return tell_part(self._states.part(part.id, at_s), when, part.kind)

    def show_part(self) -> None:
        """The inspector follows the focus, with the state at the cursor; the depth curve is that part's."""
        super().show_part()
        self.inspector.show_live(self.live_words())
        self.show_band()

    def rest(self) -> None:
        """The board shows the design without the run; the run comes back with the next move of the cursor."""
        self.board.trail = frozenset()
        if self._shown:
            self._shown = False
            self.board.show_timeline(None)
            self.inspector.show_live(None)
        self.advise(paused=False)

    def action_pause(self) -> None:
        """Pause, or go on."""
        if self.player is not None and self.player.playing:
            self.stop_playing()
        else:
            self.play()

    def action_step(self) -> None:
        """The next thing that happens."""
        if self.player is not None:
            self.stop_playing()
            self.player.step()
            self.move_cursor(self.player.cursor_s)
            self._tell_moment()

    def _tell_moment(self) -> None:
        assert self.player is not None
        at = self.player.cursor_s
        for journey in self.player.timeline.journeys:
            for hop in journey.hops:
                if abs(hop.at_s - at) < 1e-6:
                    detail = f" ({hop.detail})" if hop.detail else ""
                    self.say(f"{clock(at, self.player.end_s)}  {journey.event_id} {hop.what} at {self.name_of(hop.where)}{detail}")
                    return
        mark = next((mark for mark in self.player.marks if abs(mark.at_s - at) < 1e-6), None)
        self.say(mark_words(mark, self.player.end_s) if mark else "")

    def action_scrub(self, presses: int) -> None:
        """Back or forward."""
        if self.player is not None:
            self.player.scrub(presses)
            self.move_cursor(self.player.cursor_s)

    def action_speed(self, by: int) -> None:
        """Faster or slower."""
        if self.player is not None:
            self.time.speed = self.player.change_speed(by)

    def action_replay(self) -> None:
        """From the start again."""
        self.move_cursor(0.0)
        self.play()

    def action_next_fault(self) -> None:
        """Jump to the next fault."""
        self._jump("no fault in this run", "fault")

    def action_first_failure(self) -> None:
        """Jump to where it first went wrong."""
        self._jump("nothing failed in this run", "first-failure")

    def _jump(self, nothing: str, kind: str) -> None:
        if self.player is None:
            return
        mark = self.player.next_mark(kind)
        if mark is None:
            self.say(nothing)
            return
        self.stop_playing()
        self.move_cursor(max(0.0, mark.at_s))
        if mark.target in self.session.design.components:
            self.board.focus_item(mark.target)
        self.say(mark_words(mark, self.player.end_s))

    def on_timeline_pane_cursor_moved(self, event: TimelinePane.CursorMoved) -> None:
        """The mouse is on the axis."""
        self.stop_playing()
        self.move_cursor(event.at_s)

    def show_moment(self, at_s: float | None, item: str = "") -> None:
        """Puts a moment of the run on the board, with the focus where it happened."""
        self.show_board()
        if item and self.part_of(item) is not None:
            self.board.focus_item(item)
        if at_s is not None and self.player is not None:
            self.stop_playing()
            self.move_cursor(at_s)
            self.say(f"this is {clock(at_s, self.player.end_s)}; space goes on, [ ] scrub, y tells why again")
