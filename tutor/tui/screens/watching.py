"""Running and watching on the bench: a run is computed in slices between frames, then played back by a cursor.

The timers live only while something moves.
"""

from __future__ import annotations

import time

from textual.content import Content
from textual.timer import Timer

from tutor.errors import InputError
from tutor.model.scenario import Fault, Scenario
from tutor.model.timeline import Journey, Mark, Timeline
from tutor.model.wire import Wire
from tutor.session import Session
from tutor.tui.board.playback import Playback
from tutor.tui.commands import (
    BACKWARD,
    COMPARE,
    FASTER,
    FIRST_FAILURE,
    FORWARD,
    JOURNEY,
    NEXT_FAULT,
    PAUSE,
    RUN,
    SKIP,
    SLOWER,
    START_OVER,
    STEP,
    WHY,
    bindings,
)
from tutor.tui.player import Player
from tutor.tui.screens.bench import Bench
from tutor.tui.series import curves
from tutor.tui.widgets.braille import clock
from tutor.tui.widgets.timeline_pane import Band, TimelinePane

SLICE_S = 0.012
"""How long a run is computed between two looks at the keyboard."""
FIRST_SLICE = 400
"""Timers in the first slice; the next ones are as many as fit into its time."""
FRAME_S = 1 / 30
"""Time from one frame of the playback to the next."""
COMPARED = 66
"""Cells for the curves of two runs side by side."""
LIVE_S = 0.2
"""How often the words about the focused part follow the cursor."""


class Watching(Bench):
    """A bench on which runs are computed and played back."""

    BINDINGS = bindings(
        RUN, PAUSE, STEP, BACKWARD, FORWARD, SKIP, NEXT_FAULT, FIRST_FAILURE, FASTER, SLOWER, START_OVER, WHY, JOURNEY, COMPARE
    )

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.player: Player | None = None
        self._states: Playback | None = None
        self._compute: Timer | None = None
        self._frames: Timer | None = None
        self._slice = FIRST_SLICE
        self._frame_at = 0.0
        self._live_at = 0.0
        self._watched = False
        self._shown = False

    def settle(self) -> None:
        """The axis shows what is going to happen."""
        super().settle()
        self.time.speed = self.app.preferences.speed
        self.show_plan()
        self.advise()

    # what is planned

    def show_plan(self) -> None:
        """The faults to come on an empty axis."""
        scenario = self.session.scenario
        run = scenario.run
        self.time.show_band(Band(run.duration_s + run.drain_s, planned(scenario)))

    # computing

    @property
    def computing(self) -> bool:
        """Whether a run is being computed."""
        return self._compute is not None

    async def action_run(self) -> None:
        """Run the design as it is."""
        if not self.computing:
            self.start_run()

    def start_run(self) -> None:
        """Starts to compute; the keyboard stays quick meanwhile."""
        self.stop_playing()
        try:
            self.session.start_run()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.say()
        self._watched = False
        self._slice = FIRST_SLICE
        self.player = None
        self.rest()
        self.show_plan()
        self.time.computing = 0.0
        self.advise(computing=True, playing=False, paused=False, asked_why=False)
        self._compute = self.set_interval(1 / 60, self._advance)

    def _advance(self) -> None:
        """One slice of the run, about as long as fits between two frames."""
        began = time.perf_counter()
        over = self.session.advance(self._slice)
        took = time.perf_counter() - began
        self._slice = max(50, min(50_000, int(self._slice * min(2.0, SLICE_S / max(took, 1e-4)))))
        run = self.session.run
        if self.player is None:
            self.time.computing = run.progress if run is not None else None
        if over:
            self._computed()
        elif self.player is None and run is not None and run.outcome is not None and run.progress < 0.5:
            self.start_playback()

    def _computed(self) -> None:
        if self._compute is not None:
            self._compute.stop()
            self._compute = None
        self.time.computing = None
        run = self.session.run
        self.advise(
            computing=False,
            runs=self.situation.runs + 1,
            passed=run.verdict.passed if run is not None and run.verdict is not None else None,
            current=self.session.is_current,
            edited=not self.session.is_current,
        )
        if self.player is None:
            self.start_playback()
        elif self.player.over and not self._watched:
            self.watched()

    def stop_run(self) -> None:
        """Drops the run that is being computed."""
        if self._compute is not None:
            self._compute.stop()
            self._compute = None
        self.session.stop_run()
        self.stop_playing()
        self.player = None
        self.rest()
        self.time.computing = None
        self.show_plan()
        self.show_last()
        self.advise(computing=False, playing=False, paused=False)
        self.say("stopped; nothing was scored")

    def show_last(self) -> None:
        """The run before, standing at its end, where there is one."""
        run = self.session.run
        if run is not None and run.outcome is not None and run.outcome.timeline is not None:
            self.load_timeline(run.outcome.timeline)
            assert self.player is not None
            self.move_cursor(self.player.end_s)

    # playing back

    def load_timeline(self, timeline: Timeline) -> None:
        """Puts a finished run on the board and on the axis, at its start."""
        self.player = Player(timeline, speed=self.app.preferences.speed)
        self._states = Playback(timeline)
        self._shown = False
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

    def start_playback(self) -> None:
        """Plays the latest run from its start; with reduced motion it is at its end at once."""
        run = self.session.run
        if run is None or run.outcome is None or run.outcome.timeline is None:
            return
        self.time.computing = None
        self.load_timeline(run.outcome.timeline)
        if self.app.preferences.reduced:
            assert self.player is not None
            self.move_cursor(self.player.end_s)
            if not self.computing:
                self.watched()
        else:
            self.play()

    def play(self) -> None:
        """Lets the cursor run."""
        if self.player is None:
            return
        if self.player.over:
            self.move_cursor(0.0)
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
        over = self.player.advance(min(now - self._frame_at, 0.25))
        self._frame_at = now
        self.show_cursor()
        if over:
            self.stop_playing()
            if not self._watched and not self.computing:
                self.watched()

    def watched(self) -> None:
        """The playback has come to its end for the first time: what came of it."""
        self._watched = True
        self.show_goals()

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
        at = self.player.cursor_s
        when = (f"at {clock(at, self.player.end_s)}   ", "$muted")
        if isinstance(part, Wire):
            wire = self._states.wire(part.ref, at)
            said = f"{wire.waiting} under way" if wire.waiting else "sending" if wire.active else "quiet"
            return Content.assemble(when, (said, "$text"), ("   failing" if wire.failing else "", "bold $error"))
        state = self._states.part(part.id, at)
        if part.kind == "client":
            return Content.assemble(when, (f"{state.ok_total} ok", "$success"), (f"   {state.failed_total} failed", "$error"))
        parts = [when, (f"{state.depth} waiting", "$text")]
        if state.capacity or state.busy:
            parts.append((f"   {state.busy}/{state.capacity} busy", "$text"))
        if state.up < 1:
            parts.append((f"   {state.up:.0%} up", "bold $error"))
        if state.dead_letters:
            parts.append((f"   {state.dead_letters} given up", "bold $error"))
        return Content.assemble(*parts)

    def show_part(self) -> None:
        """The inspector follows the focus, with the state at the cursor; the depth curve is that part's."""
        super().show_part()
        self.inspector.show_live(self.live_words())
        self.show_band()

    def design_changed(self) -> None:
        """An edit while a run is computed or played stops it: it is of another design, which stands at rest."""
        if self.computing:
            self.stop_run()
        self.stop_playing()
        self.rest()
        super().design_changed()

    def rest(self) -> None:
        """The board shows the design without the run; the run comes back with the next move of the cursor."""
        if self._shown:
            self._shown = False
            self.board.show_timeline(None)
            self.inspector.show_live(None)

    # actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the playback are there when there is something to play."""
        if action in ("pause", "step", "scrub", "next_fault", "first_failure", "speed", "replay"):
            return self.player is not None
        if action in ("verdict", "why", "journey"):
            return self.session.run is not None and not (self.computing and self.player is None)
        if action == "compare":
            return sum(run.outcome is not None for run in self.session.runs) > 1
        if action == "run":
            return not self.computing
        return super().check_action(action, parameters)

    def action_back(self) -> None:
        """Stops a run that is computed; stops the playback; else as on any bench."""
        if self.inspector.has_focus_within:
            super().action_back()
        elif self.computing:
            self.stop_run()
        elif self.player is not None and self.player.playing:
            self.stop_playing()
        else:
            super().action_back()

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
        self.say(_mark_words(mark, self.player.end_s) if mark else "")

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
        self.say(_mark_words(mark, self.player.end_s))
        if mark.target in self.session.design.components:
            self.board.focus_item(mark.target)

    def on_timeline_pane_cursor_moved(self, event: TimelinePane.CursorMoved) -> None:
        """The mouse is on the axis."""
        self.stop_playing()
        self.move_cursor(event.at_s)

    async def action_verdict(self) -> None:
        """Skip to the end."""
        if self.player is not None:
            self.stop_playing()
            self.move_cursor(self.player.end_s)
        if not self.computing:
            self.watched()

    def show_moment(self, at_s: float | None, item: str = "") -> None:
        """Puts a moment of the run on the board, with the focus where it happened."""
        if item and self.part_of(item) is not None:
            self.board.focus_item(item)
        if at_s is not None and self.player is not None:
            self.stop_playing()
            self.move_cursor(at_s)
            self.say(f"this is {clock(at_s, self.player.end_s)}; space goes on, [ ] scrub, y tells why again")

    def action_why(self) -> None:
        """What was found, with the evidence."""
        from tutor.tui.screens.card import TextCard, Way
        from tutor.tui.telling import tell_diagnosis

        found = self.session.diagnosis
        self.advise(asked_why=True)
        if not found:
            fine = "Nothing is wrong with the last run." if self.session.run is not None else "Nothing has been run yet: press r."
            self.say(fine)
            return
        first = found[0]
        ways = [Way("show", "Show me", "puts the moment on the board")]
        ways += [Way(f"other:{index}", f"Also: {one.title}") for index, one in enumerate(found[1:3], 1)]
        ways.append(Way("", "Back to the board"))

        def chosen(way: str | None) -> None:
            if way == "show":
                self.show_moment(first.at_s, first.component or first.wire)
            elif way and way.startswith("other:"):
                other = found[int(way[6:])]
                self.app.push_screen(
                    TextCard(other.title, tell_diagnosis(other), note="also found", ways=[Way("show", "Show me"), Way("", "Back")]),
                    lambda answer: self.show_moment(other.at_s, other.component or other.wire) if answer == "show" else None,
                )

        self.app.push_screen(TextCard(first.title, tell_diagnosis(first), note=self._stale_note(), ways=ways), chosen)

    def _stale_note(self) -> str:
        return "" if self.session.is_current else "of the last run; the design has changed since"

    def action_journey(self) -> None:
        """Choose one event and read its way."""
        from tutor.tui.screens.journeys import Journeys

        if self.player is None:
            return
        timeline = self.player.timeline

        def chosen(answer: tuple[Journey, float] | None) -> None:
            if answer is not None:
                journey, at_s = answer
                where = next((hop.where for hop in journey.hops if hop.at_s == at_s), "")
                self.show_moment(at_s, where)

        self.stop_playing()
        self.app.push_screen(Journeys(timeline, self.item or ""), chosen)

    def action_compare(self) -> None:
        """The last two runs side by side."""
        from tutor.tui.screens.card import TextCard, Way
        from tutor.tui.telling import tell_comparison, tell_curves

        comparison = self.session.comparison()
        if comparison is None:
            self.say("there are not two runs to compare yet")
            return
        goals = self.session.level.goals if self.session.level is not None else ()
        timelines = [run.outcome.timeline for run in self.session.runs if run.outcome is not None and run.outcome.timeline is not None]
        told = tell_comparison(comparison)
        if len(timelines) > 1:
            before, after = (curves(timeline, goals) for timeline in timelines[-2:])
            told = Content.assemble(told, "\n", tell_curves(before, after, COMPARED))
        self.app.push_screen(
            TextCard("Before and after", told, note="the last two runs, same traffic", ways=[Way("", "Back to the board")])
        )


def planned(scenario: Scenario) -> tuple[Mark, ...]:
    """The scheduled faults as marks on the axis, with their ends; hidden ones stay hidden."""
    marks = []
    end_s = scenario.run.duration_s + scenario.run.drain_s
    for fault in scenario.faults:
        if fault.mtbf_s is not None or getattr(fault, "hidden", False):
            continue
        for at_s in _starts(fault, end_s):
            marks.append(Mark(at_s, "planned", fault.target, fault.kind))
            if fault.for_s is not None:
                marks.append(Mark(min(end_s, at_s + fault.for_s), "fault-over", fault.target, fault.kind))
    return tuple(sorted(marks, key=lambda mark: mark.at_s))


def _starts(fault: Fault, end_s: float) -> list[float]:
    if fault.every_s is None:
        return [fault.at_s]
    return [fault.at_s + number * fault.every_s for number in range(min(50, int((end_s - fault.at_s) / fault.every_s) + 1))]


def _mark_words(mark: Mark, end_s: float) -> str:
    words = f"{mark.kind.replace('-', ' ')}: {mark.what}" if mark.what else mark.kind.replace("-", " ")
    return f"{clock(mark.at_s, end_s)}  {words}" + (f" of {mark.target}" if mark.target else "")
