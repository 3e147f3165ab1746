"""Running a design on the bench: computed in slices between frames, so that every key is answered meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from textual.content import Content
from textual.timer import Timer

from tutor.errors import InputError
from tutor.session import FreeRun, Session
from tutor.show.garbage import sweep
from tutor.tui.commands import RUN, SKIP, bindings
from tutor.tui.screens.playing import Playing

SLICE_S = 0.01
"""How long a run is computed between two looks at the keyboard."""
SHORT_S = 0.003
"""The same while there is something else to do: a playback, or a learner who presses keys; with both the run waits."""
TOUCHED_S = 0.05
"""For how long after a key the learner counts as busy."""
STEP = 400
"""Timers between two looks at the clock: one or two milliseconds."""


class Running(Playing):
    """A bench on which runs are computed, then played back."""

    BINDINGS = bindings(RUN, SKIP)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._compute: Timer | None = None
        self._watched = False

    def settle(self) -> None:
        """What is loaded by now is there to stay."""
        super().settle()
        self.call_after_refresh(self.app.hold_garbage)

    def on_unmount(self) -> None:
        """What was shown here is not needed any more."""
        sweep()

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
        self.player = None
        self.rest()
        sweep()
        self.show_plan()
        self.time.computing = 0.0
        self.advise(computing=True, playing=False, paused=False, asked_why=False)
        self._compute = self.set_interval(1 / 60, self._advance)

    def _advance(self) -> None:
        """One slice of the run, about as long as fits between two frames."""
        over = self._one_slice(self.session.advance)
        if not self.computing:
            return
        run = self.session.run
        if self.player is None:
            self.time.computing = run.progress if run is not None else None
        elif run is not None:
            self.title_bar.state = Content.styled(f"scoring {run.progress:.0%}", "$accent")
        if over:
            self._computed()
        elif self.player is None and run is not None and run.outcome is not None and run.progress < 0.5:
            self.start_playback()

    def compute_beside(self, run: FreeRun, said: str) -> None:
        """Computes a run that scores nothing, in slices too, and plays it; ``said`` is told with it."""
        self.stop_playing()
        self.time.computing = 0.0
        self.advise(computing=True)
        self._compute = self.set_interval(1 / 60, partial(self._advance_beside, run, said))

    def _advance_beside(self, run: FreeRun, said: str) -> None:
        over = self._one_slice(run.advance)
        if not self.computing:
            return
        self.time.computing = run.progress
        if over and run.outcome is not None and run.outcome.timeline is not None:
            self._end_computing()
            self.load_timeline(run.outcome.timeline)
            self._watched = True
            self.play()
            self.say(said)

    def _one_slice(self, advance: Callable[[int], bool]) -> bool:
        """Computes for about as long as fits between two frames; True when the run is over."""
        now = time.perf_counter()
        moving = self.player is not None and self.player.playing
        touched = now - self.app.touched_at < TOUCHED_S
        until = now + (SLICE_S if not (moving or touched) else SHORT_S if not (moving and touched) else 0.0)
        over = False
        try:
            while not over and time.perf_counter() < until:
                over = advance(STEP)
        except Exception as error:  # whatever it is: the design is untouched, and can be changed or run again
            self.stop_run()
            if isinstance(error, InputError):
                self.say(error.what, refusal=True)
            else:
                self.app.tell_trouble(error)
            return False
        return over

    def _end_computing(self) -> None:
        if self._compute is not None:
            self._compute.stop()
            self._compute = None
        self.time.computing = None
        self.advise(computing=False)

    def _computed(self) -> None:
        if self._compute is not None:
            self._compute.stop()
            self._compute = None
        self.time.computing = None
        run = self.session.run
        self.scored()
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

    def scored(self) -> None:
        """All is computed: the title no longer says how far it is; what came of it waits for the end of the playback."""
        self.title_bar.state = Content("")

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

    def at_end(self) -> None:
        """The first time the end is seen, and all is computed, comes what came of it."""
        if not self._watched and not self.computing:
            self.watched()

    def watched(self) -> None:
        """The playback has come to its end for the first time: what came of it."""
        self._watched = True
        self.say()
        self.show_goals()

    def design_changed(self) -> None:
        """An edit while a run is computed or played stops it, unless it only moves parts: it is of another design."""
        if not self.session.is_current:
            if self.computing:
                self.stop_run()
            self.stop_playing()
            self.rest()
        super().design_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of the playback are there when there is something to play."""
        if action in ("pause", "step", "scrub", "next_fault", "first_failure", "speed", "replay"):
            return self.player is not None
        if action in ("verdict", "why", "journey"):
            return self.session.run is not None and not (self.computing and self.player is None)
        if action == "postmortem":
            return self.session.run is not None and not self.computing
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
            self.board.trail = frozenset()
            super().action_back()

    async def action_verdict(self) -> None:
        """Skip to the end."""
        if self.player is not None:
            self.stop_playing()
            self.move_cursor(self.player.end_s)
        if self.computing:
            self.say("the verdict comes when every seed is scored")
        else:
            self.watched()
