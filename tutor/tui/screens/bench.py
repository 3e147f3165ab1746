"""The bench: a board with its inspector, its goals and its time axis. A level and the sandbox are both played
on it.

The screen holds no rules. It hands the learner's requests to its controllers - edits, playback, runs,
explanations - and draws what they say. They know no screen; this file reads in the order in which a learner
meets it.
"""

from __future__ import annotations

import dataclasses
import io
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer

from tutor.errors import InputError
from tutor.judge.diagnosis import Diagnosis
from tutor.judge.words import names_of
from tutor.model.component import Component
from tutor.model.fault import Fault
from tutor.model.level import Look
from tutor.model.note import Note
from tutor.model.report import Outcome
from tutor.model.timeline import Journey, Mark, Timeline
from tutor.model.wire import Wire
from tutor.session import FreeRun, Session
from tutor.show.advice import Situation, advise
from tutor.show.cards import Card
from tutor.show.edits import Edited, Edits
from tutor.show.explanations import ACCUSED, Explanations
from tutor.show.garbage import sweep
from tutor.show.marks import mark_words, planned, turning_point
from tutor.show.measured import measured
from tutor.show.playback import Playback, followed, followed_words, moment_to_show
from tutor.show.runs import Phase, Runs, slice_s
from tutor.show.series import Curves
from tutor.tui import commands as keys
from tutor.tui.board import messages as asked
from tutor.tui.board.board import Board
from tutor.tui.screens.chooser import Choosable, Chooser
from tutor.tui.screens.framed import Framed
from tutor.tui.strips import forget_strips
from tutor.tui.widgets.band import Band
from tutor.tui.widgets.goals import GoalsPane
from tutor.tui.widgets.hintline import HintLine
from tutor.tui.widgets.inspector import Inspector
from tutor.tui.widgets.timeline_pane import CHART_ROWS, TimelinePane
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.game import GameApp

TALL = 56
"""From this height on the curves have more rows."""
FRAME_S = 1 / 30
"""Time from one frame of the playback to the next."""
LEAST_S = 0.1
"""The most time between two frames, however many keys come."""
AXIS_S = 0.1
"""How often the time axis follows a cursor that plays: it moves by a cell about as often, and numbers that
change faster can't be read.
"""
LIVE_S = 0.2
"""How often the words about the focused part follow the cursor: a redrawn inspector takes longer than the
board.
"""
COMPUTE_S = 1 / 60
"""Time from one slice of a run to the next."""
PLAYBACK_ACTIONS = ("pause", "step", "scrub", "next_fault", "first_failure", "speed", "replay", "journey")
"""Actions that need a run to play."""


class Bench(Framed):
    """A board and everything around it."""

    app: GameApp
    BINDINGS = keys.bindings(
        *(keys.SET, keys.CHARTS, keys.PANEL, keys.COPY_LINK, keys.COPY_PICTURE, keys.STOP),
        *(keys.ADD, keys.WIRE, keys.DELETE, keys.UNDO, keys.REDO, keys.RESET, keys.MENU),
        *(keys.PAUSE, keys.STEP, keys.BACKWARD, keys.FORWARD, keys.NEXT_FAULT, keys.FIRST_FAILURE),
        *(keys.FASTER, keys.SLOWER, keys.START_OVER, keys.RUN, keys.SKIP),
        *(keys.WHY, keys.JOURNEY, keys.COMPARE, keys.LIVE, keys.POSTMORTEM, keys.BILL, keys.MEASURED),
    )
    AUTO_FOCUS = "Board"
    CSS_PATH = "bench.tcss"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.edits = Edits(session)
        self.playback = Playback(self, goals=session.level.goals if session.level is not None else ())
        self.runs = Runs(session, time.perf_counter)
        self.explanations = Explanations(session, self.edits.name_of)
        self._traced: Journey | None = None
        self.situation = Situation(free=session.level is None)
        self.item: str | None = None
        self._charts: int | None = None
        self._panel: bool | None = None
        self._said_at: str | None = None
        self._curves: Curves | None = None
        self._behind = False
        self._frames: Timer | None = None
        self._compute: Timer | None = None
        self._frame_at = self._axis_at = self._live_at = 0.0

    # what there is on the screen

    def compose_body(self) -> ComposeResult:
        """Lays out the board with the inspector at its side; below, the goals in one line, the time axis and
        the next step.
        """
        level = self.session.level
        goals = level.goals if level is not None else ()
        names = names_of(self.session.start)
        with Horizontal(id="bench"):
            with Vertical(id="middle"):
                board = Board(self.session.design, level=level, id="board")
                board.grows |= level is None  # everything can be added there
                yield board
            with Vertical(id="side"):
                if goals:
                    yield GoalsPane(goals, names, id="goals")
                yield Inspector(level, id="inspector")
        if goals:
            yield GoalsPane(goals, names, id="goals-strip", strip=True)
        yield TimelinePane(id="time")
        yield HintLine(id="hint")

    def on_mount(self) -> None:
        """Shows the design, and the faults to come on the time axis."""
        self.wear()
        self.item = self.board.item
        self.playback.speed = self.time.speed = self.app.preferences.speed
        self.show_design()
        self.show_plan()
        self.fit_charts()
        self.advise()
        self.call_after_refresh(self.app.hold_garbage)

    def on_unmount(self) -> None:
        """Frees the things that were shown here."""
        forget_strips()
        sweep()

    def on_resize(self) -> None:
        """Adapts to another size: the number of curves, and room for the panel or none."""
        if self.is_mounted:
            if self._panel is None:
                self.remove_class("-alone")
            self.fit_charts()
            self.call_after_refresh(self._refit)

    def _refit(self, tries: int = 3) -> None:
        """Fits charts and panel to the room that the board has on another terminal, once its picture is made
        for that.
        """
        if not self.board.fitted and tries:
            self.call_after_refresh(self._refit, tries - 1)
            return
        self.fit_charts()
        self.spare_panel()

    def wear(self) -> None:
        """Applies the preferences to the board."""
        self.board.ascii_only = self.app.preferences.ascii
        self.board.reduced_motion = self.app.preferences.reduced

    @property
    def board(self) -> Board:
        """The board."""
        return self.query_one("#board", Board)

    @property
    def inspector(self) -> Inspector:
        """The inspector."""
        return self.query_one("#inspector", Inspector)

    @property
    def time(self) -> TimelinePane:
        """The time axis."""
        return self.query_one("#time", TimelinePane)

    @property
    def hint_line(self) -> HintLine:
        """The line that suggests the next step."""
        return self.query_one("#hint", HintLine)

    @property
    def part(self) -> Component | Wire | Note | None:
        """The part, wire or note that has the focus."""
        return self.edits.part_of(self.item)

    @property
    def names(self) -> dict[str, str]:
        """The titles of the parts of the design, by id; those of the run on show if it is of another
        design.
        """
        run = self.session.run
        return names_of(
            *(one for one in (run.design if run is not None else None, self.session.design) if one)
        )

    # saying things

    def say(self, message: str = "", *, refusal: bool = False) -> None:
        """Says something in the hint line until the next thing is done; a focus that moves for it does not
        wipe it away.
        """
        self._said_at = self.board.item
        self.hint_line.say(message, refusal=refusal)

    def advise(self, **changes: Any) -> None:
        """Updates the suggested next step after a change, and the keys that are offered."""
        self.suggest(**changes)
        self.refresh_bindings()

    def suggest(self, **changes: Any) -> None:
        """Updates the suggested next step alone: which keys there are does not depend on the focus."""
        player = self.playback.player
        marks = {mark.kind for mark in player.marks} if player is not None else set()
        self.situation = dataclasses.replace(
            self.situation,
            computing=self.runs.computing,
            playing=self.playback.playing,
            paused=self.playback.paused,
            runs=self.runs.done,
            current=self.session.is_current,
            failures="first-failure" in marks,
            faults="fault" in marks,
            journeys=player is not None and bool(player.timeline.journeys),
            comparable=self.explanations.comparable,
            explained=bool(self.session.diagnosis) or self.session.culprit_due,
            inspecting=self.inspector.has_focus_within,
            **changes,
        )
        self.hint_line.words = advise(self.situation)

    def show_card(self, card: Card, answered: Callable[[str], None] | None = None) -> None:
        """Puts a card over the board; ``answered`` gets the id of the chosen reply, or "" for escape."""
        from tutor.tui.screens.card import CardScreen

        self.app.push_screen(
            CardScreen(card), (lambda reply: answered(reply or "")) if answered is not None else None
        )

    # the design

    def show_design(self) -> None:
        """Shows board, inspector and goals as the session has them."""
        self.board.design = self.session.design
        self.call_after_refresh(self.spare_panel)
        if self.part is None:
            self.item = None
        self.show_part()
        self.show_goals()

    def show_goals(self) -> None:
        """Shows the goals, with the values of the latest run."""
        for pane in self.query(GoalsPane):
            pane.show_verdict(self.session.verdict, current=self.session.is_current)

    def show_part(self) -> None:
        """Shows the focused part or wire in the inspector, with its state at the cursor; the depth curve is
        that part's.
        """
        part = self.part
        order = self.edits.order_of(part) if isinstance(part, Wire) else None
        name = self.edits.name_of(self.item)
        design = self.session.design
        self.inspector.show_part(part, design=design, name=name, order=order, overview=self.overview())
        self.show_live()
        self.show_band()

    def overview(self) -> Content:
        """Returns the inspector's text while nothing has the focus."""
        design = self.session.design
        return Content.assemble(
            (say("screens.design") + "\n", "bold $text"),
            (
                say("screens.design-size", parts=len(design.components), wires=len(design.wires)) + "\n\n",
                "$muted",
            ),
            (say("screens.design-choose"), "$muted"),
        )

    def settle(self, edited: Edited) -> bool:
        """Shows the result of an edit: a refusal with its reason, or the design as it is now."""
        if edited.refused:
            self.say(edited.said, refusal=True)
            return False
        if edited.changed:
            self.design_changed()
        if edited.focus:
            self.board.focus_item(edited.focus)
        if edited.said:
            self.say(edited.said)
        return True

    def design_changed(self) -> None:
        """Reacts to a changed design: a run under way stops and the board shows none, unless the edit only
        moved parts.
        """
        if not self.session.is_current:
            if self.runs.computing:
                self.stop_run()
            self.playback.rest()
        self.say()
        self.show_design()
        self.advise(edited=self.session.run is not None and not self.session.is_current)
        self.app.tell_notices()

    # what the board asks for

    def on_board_focus_moved(self, event: asked.FocusMoved) -> None:
        """Shows the new focus on the board at once, and then the inspector and the curve that go with it:
        they take four times as long, and the next key need not wait for them.
        """
        self.item = event.item
        if event.item != self._said_at:
            self.say()
        if not self._behind:
            self._behind = True
            self.call_after_refresh(self.catch_up)

    def catch_up(self) -> None:
        """Moves the inspector and the advice to the focus of the board, if they are not there yet."""
        if not self._behind:
            return
        self._behind = False
        self.show_part()
        part = self.part
        focus = self.edits.name_of(self.item) if part is not None else ""
        self.suggest(focus=focus, focus_is_wire=isinstance(part, Wire))

    def on_board_open_requested(self, event: asked.OpenRequested) -> None:
        """Opens the settings of a part or wire."""
        self.item = event.item
        self.show_part()
        self.open_inspector()
        if isinstance(self.part, Note):
            self.inspector.open_row("text")

    def on_board_wiring_changed(self, event: asked.WiringChanged) -> None:
        """Shows how to continue the wire that is being drawn."""
        self.say()
        self.advise(wiring=self.edits.name_of(event.source), choosing_kind=event.choosing)

    def on_board_pointed(self, event: asked.Pointed) -> None:
        """Shows what the mouse can do at its place."""
        self.hint_line.aside = say(f"board.pointer.{event.zone}") if event.zone else ""

    def on_board_refused(self, event: asked.Refused) -> None:
        """Says why the board refused something."""
        self.say(event.reason, refusal=True)

    def on_board_add_requested(self, event: asked.AddRequested) -> None:
        """Opens the palette; the new part goes where it was pointed at."""
        self.choose_part(event.at)

    def on_board_wire_requested(self, event: asked.WireRequested) -> None:
        """Adds a wire of a legal kind."""
        self.settle(self.edits.wire(event.source, event.target, event.kind))

    def on_board_remove_requested(self, event: asked.RemoveRequested) -> None:
        """Removes a part or wire from the board."""
        self.settle(self.edits.remove(event.item))

    def on_board_move_requested(self, event: asked.MoveRequested) -> None:
        """Moves a part to another place."""
        self.settle(self.edits.move(event.part, event.at))

    def on_board_tidy_requested(self, event: asked.TidyRequested) -> None:
        """Places all parts where the layout wants them."""
        self.settle(self.edits.tidy(event.slots))

    def on_board_copied(self, event: asked.Copied) -> None:
        """Says what can be done with a copy."""
        self.say(self.edits.copied(event.part))

    def on_board_paste_requested(self, event: asked.PasteRequested) -> None:
        """Adds a copy of a part."""
        self.settle(self.edits.paste(event.component))

    def on_board_menu_requested(self, event: asked.MenuRequested) -> None:
        """Opens the menu of what can be done there."""
        self.open_menu(event.item, (event.x, event.y))

    # what the inspector asks for

    def on_inspector_setting_requested(self, event: Inspector.SettingRequested) -> None:
        """Changes one setting of a part or wire."""
        if isinstance(event.part, Fault):
            return
        edited = self.edits.set(event.part, event.name, event.value)
        if edited.refused:
            self.inspector.refuse(edited.said)
        else:
            self.settle(dataclasses.replace(edited, changed=True))
            if isinstance(event.part, Note):  # its text was all there is to it
                self.close_inspector()

    def on_inspector_order_requested(self, event: Inspector.OrderRequested) -> None:
        """Moves a wire to an earlier or later place in its part's work."""
        self.settle(self.edits.reorder(event.ref, event.by))

    def on_inspector_left(self) -> None:
        """Gives the board the keys again, if the settings are beside it."""
        if not (self.has_class("-narrow") or self.has_class("-alone")):
            self.close_inspector()

    def action_inspect(self) -> None:
        """Goes into the settings of the focused part or wire, and back to the board."""
        if self.inspector.has_focus_within:
            self.close_inspector()
        else:
            self.open_inspector()

    def open_inspector(self) -> None:
        """Gives the inspector the focus; if there is no room beside the board it covers it."""
        self.catch_up()
        self.add_class("-inspecting")
        self.inspector.query_one("#fields").focus()

    def on_descendant_focus(self) -> None:
        """Says what to do where the focus is now: other keys work in the settings than on the board."""
        if self.situation.inspecting != self.inspector.has_focus_within:
            self.advise()

    def close_inspector(self) -> None:
        """Goes back to the board."""
        self.remove_class("-inspecting")
        self.board.focus()

    def show_board(self) -> None:
        """Brings the board back if the inspector covers it."""
        if self.has_class("-inspecting") and (self.has_class("-narrow") or self.has_class("-alone")):
            self.close_inspector()

    def action_panel(self) -> None:
        """Hides or shows the panel beside the board; hidden, the settings take the board's place while they
        are open.
        """
        self._panel = self.has_class("-alone")
        self.set_class(not self._panel, "-alone")
        self.say(say("board.panel-back") if self._panel else say("board.panel-gone"))

    def spare_panel(self, tries: int = 3) -> None:
        """Hides the panel if the design is too wide to fit beside it and the learner has not asked for it. A
        picture that was made for another room than the board has by now is waited for.
        """
        if self._panel is not None or self.has_class("-narrow"):
            return
        if not self.board.fitted and tries:
            self.call_after_refresh(self.spare_panel, tries - 1)
        elif self.board.scene.size[0] > self.board.view.width > 0:
            self.add_class("-alone")

    # what the keys ask for

    def choose_part(self, at: tuple[int, int] | None = None) -> None:
        """Opens the palette of parts, with search and prices."""
        rows = [
            Choosable(one.id, one.title, one.right, one.about, one.glyph, one.refused, "$accent")
            for one in self.edits.palette()
        ]

        def add(entry: str | None) -> None:
            if entry:
                self.add_part(entry, at)

        self.app.push_screen(Chooser(say("edit.palette"), rows, search=True), add)

    def add_part(self, entry: str, at: tuple[int, int] | None = None) -> None:
        """Adds a part from the palette."""
        self.settle(self.edits.add(entry, at))

    def focus_on(self, item: str) -> None:
        """Moves the focus to a part or wire of the board."""
        self.show_board()
        self.board.focus()
        self.board.focus_item(item)

    def open_menu(self, item: str | None, at: tuple[int, int]) -> None:
        """Opens a menu of what can be done with a part or wire, or with the board, beside a cell of the
        screen.
        """
        from tutor.tui.screens.menu import Menu

        part = self.edits.part_of(item)
        offers = [*self.offers_for(part), keys.ADD]
        offers += [keys.UNDO] if self.session.can_undo else []
        offers += [keys.REDO] if self.session.can_redo else []
        offers += [keys.RESET] if self.session.design != self.session.start else []
        rows = [Choosable(one.action, one.label.capitalize(), one.keycap) for one in offers]

        def chosen(action: str | None) -> None:
            if action:
                self.call_later(self.run_action, action)

        self.app.push_screen(Menu(self.edits.name_of(item) or say("edit.board"), rows, at), chosen)

    def offers_for(self, part: Component | Wire | Note | None) -> list[keys.KeyCommand]:
        """Returns the commands for a part, wire or note."""
        if isinstance(part, Component):
            return [keys.SET, keys.WIRE, keys.DELETE]
        return [keys.SET, keys.DELETE] if part is not None else []

    def action_menu(self) -> None:
        """Opens the menu of the focused part or wire."""
        self.board.action_menu()

    def action_add(self) -> None:
        """Adds a part."""
        self.choose_part()

    async def action_wire(self) -> None:
        """Draws a wire from the part with the focus."""
        self.board.focus()
        await self.board.run_action("wire")

    async def action_delete(self) -> None:
        """Deletes the focused part or wire."""
        self.board.focus()
        await self.board.run_action("remove")

    def action_undo(self) -> None:
        """Undoes the last edit."""
        self.settle(self.edits.undo())

    def action_redo(self) -> None:
        """Redoes the edit that was undone last."""
        self.settle(self.edits.redo())

    def action_reset(self) -> None:
        """Goes back to the start."""
        self.settle(self.edits.reset())

    def action_back(self) -> None:
        """Goes one step back: out of typing, out of the inspector, out of a run, out of the playback; last,
        says how to leave.
        """
        if self.inspector.has_focus_within:
            if not self.inspector.leave():
                self.close_inspector()
        elif self.runs.computing:
            self.stop_run()
        elif self.playback.playing:
            self.stop_playing()
        else:
            self.board.trail = frozenset()
            self.say("" if self.hint_line.message else say("screens.leave-by-q"))

    # running

    @property
    def computing(self) -> bool:
        """True while a run is being computed."""
        return self.runs.computing

    async def action_run(self) -> None:
        """Runs the present design."""
        if not self.runs.computing:
            self.start_run()

    def start_run(self) -> None:
        """Starts to compute a run; the keyboard stays quick meanwhile."""
        try:
            self.runs.start()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.say()
        self.playback.unload()
        self.board.trail = frozenset()
        sweep()
        self.show_plan()
        self.begin_computing()

    def compute_beside(self, run: FreeRun, computed: Callable[[FreeRun], None]) -> None:
        """Computes a run that scores nothing, in slices too; ``computed`` gets it when it is over."""
        self.playback.stop()
        self.runs.start_beside(run)
        self.begin_computing(partial(computed, run))

    def begin_computing(self, then: Callable[[], None] | None = None) -> None:
        """Computes slice by slice from now on; ``then`` is called in the place of scoring."""
        self.time.computing = 0.0
        self.advise(asked_why=False)
        self._compute = self.set_interval(COMPUTE_S, partial(self._advance, then))

    def _advance(self, then: Callable[[], None] | None) -> None:
        """Computes one slice of the run, about as long as fits between two frames."""
        if self._compute is None:
            return  # a tick that was already on its way when the run ended: it would end it twice
        idle_s = time.perf_counter() - self.app.touched_at
        try:
            phase = self.runs.advance(slice_s(moving=self.playback.playing, idle_s=idle_s))
        except Exception as error:  # whatever it is: the design is untouched, and can be changed or run again
            self.stop_run()
            if isinstance(error, InputError):
                self.say(error.what, refusal=True)
            else:
                self.app.tell_trouble(error)
            return
        if self.playback.player is None or self.runs.beside:
            self.time.computing = self.runs.progress
        else:
            self.title_bar.state = Content.styled(
                say("screens.scoring", share=round(self.runs.progress, 2)), "$accent"
            )
        if phase is Phase.OVER:
            self._end_computing()
            wanted = self.runs.finish()
            if then is not None:
                self.advise()
                then()
            else:
                self.run_over(wanted)
        elif phase is Phase.WATCHABLE and self.playback.player is None:
            self.start_playback()

    def _end_computing(self) -> None:
        if self._compute is not None:
            self._compute.stop()
            self._compute = None
        self.time.computing = None

    def run_over(self, wanted: str) -> None:
        """Handles the end of scoring: the learner's request from meanwhile is carried out, else the playback
        continues to its end.
        """
        run = self.session.run
        self.scored()
        self.app.tell_notices()
        self.advise(
            passed=run.verdict.passed if run is not None and run.verdict is not None else None,
            edited=not self.session.is_current,
        )
        if self.playback.player is None and not wanted:
            self.start_playback()
        elif wanted:
            if self.playback.player is None:
                self.load_outcome()
            self.playback.to_end()
            if wanted == "why" and self.explanations.found:
                self.runs.seen = True  # and no verdict below: "Show me" has to lead to the board
                self.say()
                self.show_goals()
                self.action_why()
            else:
                self.see_outcome()
        elif self.playback.over and not self.runs.seen:
            self.see_outcome()

    def scored(self) -> None:
        """Clears the progress from the title: everything is computed."""
        self.title_bar.state = Content("")

    def stop_run(self) -> None:
        """Drops the run that is being computed; the run before is on show again, at its end."""
        self._end_computing()
        self.runs.stop()
        self.playback.unload()
        self.show_plan()
        self.scored()
        if self.load_outcome():
            self.playback.to_end()
        self.advise()
        self.say(say("screens.stopped"))

    def load_outcome(self) -> bool:
        """Puts the latest run on show, at its start; returns False if there is no run to show."""
        outcome = self.runs.outcome
        if outcome is None or outcome.timeline is None:
            return False
        self.show_timeline(outcome.timeline)
        return True

    def start_playback(self) -> None:
        """Plays the latest run from its start; with reduced motion it is at its end at once."""
        if not self.load_outcome():
            return
        self.time.computing = None
        if self.app.preferences.reduced:
            self.playback.to_end()
            if not self.runs.computing:
                self.see_outcome()
        else:
            self.playback.play()
            self.advise()

    def see_outcome(self) -> None:
        """Shows the outcome when the run has been watched to its end for the first time, and all of it is
        scored.
        """
        self.runs.seen = True
        self.say()
        self.show_goals()

    async def action_verdict(self) -> None:
        """Skips to the end; while seeds are still to be scored the verdict comes as soon as they are."""
        self.playback.to_end()
        if self.runs.computing:
            self.runs.wanted = "verdict"
            self.say(say("screens.verdict-later"))
        else:
            self.see_outcome()

    # playing a run back: the stage

    def show_timeline(self, timeline: Timeline) -> None:
        """Shows a finished run on the board and on the time axis, at its start."""
        self.show_board()
        self.playback.speed = (
            self.app.preferences.speed if self.playback.player is None else self.playback.speed
        )
        self.playback.load(timeline)
        self.time.speed = self.playback.speed
        self.show_band()
        self.advise()

    def show_run(self, timeline: Timeline | None) -> None:
        """Shows this run on the board, or the design at rest."""
        self.board.show_timeline(timeline)
        if timeline is None:
            self.board.trail = frozenset()
            self.show_live()
        elif self.session.run is not None and not self.session.is_current:
            self.say(say("playback.older-design"))

    def show_cursor(self, *, now: bool) -> None:
        """Shows board, time axis and inspector as they are at the cursor."""
        player = self.playback.player
        if player is None:
            return
        self.board.cursor_s = player.cursor_s
        at = time.perf_counter()
        if now or at - self._axis_at >= AXIS_S:
            self._axis_at, self.time.cursor_s = at, player.cursor_s
        if now or at - self._live_at >= LIVE_S:
            self.show_live()
        if now:
            self.advise()

    def show_playing(self, playing: bool) -> None:
        """Starts or stops the frames; their timer lives only while something moves."""
        if playing and self._frames is None:
            self._frame_at = time.perf_counter()
            self._frames = self.set_interval(FRAME_S, self._frame)
        elif not playing and self._frames is not None:
            self._frames.stop()
            self._frames = None
        if self.is_mounted:
            self.time.playing = playing
            if self.playback.player is not None:
                self.time.cursor_s = self.playback.player.cursor_s

    def show_live(self) -> None:
        """Shows in the inspector the state of the focused part or wire at the cursor."""
        self._live_at = time.perf_counter()
        state = self.playback.state_of(self.part)
        self.inspector.show_live(Content.assemble(*state) if state is not None else None)

    def show_plan(self) -> None:
        """Shows the faults to come on an empty axis."""
        scenario = self.session.scenario
        end_s = scenario.run.duration_s + scenario.run.drain_s
        self.time.show_band(Band(end_s, planned(scenario), called=self.names))
        self.fit_charts()

    def show_band(self) -> None:
        """Shows curves and marks of the run on show."""
        player = self.playback.player
        if player is None:
            return
        goals = self.session.level.goals if self.session.level is not None else ()
        component = self.item if self.item in player.timeline.components else ""
        called = self.names
        known = self._curves
        if known is None or known.timeline is not player.timeline or known.called != called:
            self._curves = known = Curves(player.timeline, goals, called)
        drawn = known.of(component or "")
        self.time.show_band(Band(player.end_s, player.marks, drawn, played=True, called=called))
        self.fit_charts()

    def _frame(self) -> None:
        now = time.perf_counter()
        if now - self.app.touched_at < FRAME_S and now - self._frame_at < LEAST_S:
            return  # what was pressed is drawn first
        passed_s, self._frame_at = now - self._frame_at, now
        if self.playback.tick(passed_s) and not self.runs.seen and not self.runs.computing:
            self.see_outcome()

    def stop_playing(self) -> None:
        """Stops the cursor where it is."""
        self.playback.stop()
        self.advise()

    # playing a run back: the keys

    def action_pause(self) -> None:
        """Pauses or resumes the playback."""
        if self.playback.playing:
            self.stop_playing()
        else:
            self.show_board()
            self.playback.play()
            self.advise()

    def action_step(self) -> None:
        """Goes to the next event on the timeline, and describes it."""
        self.playback.step()
        self.say(self.playback.moment(self.names, self.part))

    def action_scrub(self, presses: int) -> None:
        """Goes back or forward."""
        self.playback.scrub(presses)

    def action_speed(self, by: int) -> None:
        """Plays faster or slower."""
        self.time.speed = self.playback.change_speed(by)

    def action_replay(self) -> None:
        """Plays from the start again."""
        self.playback.seek(0.0)
        self.playback.play()
        self.advise()

    def action_next_fault(self) -> None:
        """Jumps to the next fault."""
        self._show_mark(self.playback.jump("fault"), say("playback.no-fault"))

    def action_first_failure(self) -> None:
        """Jumps to the first failure."""
        self._show_mark(self.playback.jump("first-failure"), say("playback.no-failure"))

    def _show_mark(self, mark: Mark | None, without: str) -> None:
        player = self.playback.player
        if mark is None or player is None:
            self.say(without)
            return
        where = mark.target.partition("+")[0]  # of places that share an effect, the first
        if where in self.session.design.components:
            self.board.focus_item(where)
        self.say(mark_words(mark, player.end_s, self.names))

    def on_timeline_pane_cursor_moved(self, event: TimelinePane.CursorMoved) -> None:
        """Moves the cursor to the mouse on the axis."""
        self.playback.stop()
        self.playback.seek(event.at_s)

    def action_charts(self) -> None:
        """Shows all curves, none, or as many as there is room for."""
        room = self.room_for_charts()
        steps = sorted({0, 1, room, 4 if self.app.size.height >= 34 else 2})
        self._charts = next((count for count in steps if count > self.time.charts), 0)
        self.fit_charts()

    def room_for_charts(self) -> int:
        """Returns how many curves fit without crowding the board."""
        height = self.app.size.height
        return 0 if height < 30 else 1 if height < 36 else 2 if height < 46 else 4

    def fit_charts(self) -> None:
        """Shows as many curves as the learner wants, or as there is room for under the whole design; the
        board leaves them room.
        """
        rows = CHART_ROWS if self.app.size.height < TALL else CHART_ROWS + 2
        self.board.offer(self.room_for_charts() * rows, rows)
        self.time.chart_rows = rows
        most = min(self.room_for_charts(), self.board.reserved // rows)
        self.time.charts = self._charts if self._charts is not None else most
        self.board.taken = len(self.time.shown) * rows

    # finding out why

    def action_why(self) -> None:
        """Shows the first reason with its evidence; while the run is computed it comes as soon as there is
        one.
        """
        if self.runs.computing and not self.runs.beside:
            self.runs.wanted = "why"
            self.say(say("screens.why-later"))
            return
        self.advise(asked_why=True)
        card = self.explanations.why()
        if card is None:
            self.say(self.explanations.why_not())
            return

        def answered(reply: str) -> None:
            kind, _, index = reply.partition(":")
            if kind == "show":
                self.show_found(self.explanations.found[0])
            elif reply.startswith(ACCUSED):
                self.show_card(
                    self.explanations.accuse(reply.removeprefix(ACCUSED)),
                    lambda on: self.action_why() if on == "why" else None,
                )
            elif kind == "also":
                self._show_other(int(index))

        self.show_card(card, answered)

    def explain_goal(self, metric: str) -> None:
        """Shows the first reason that explains a missed goal; the first of all if none does."""
        found = self.explanations.found
        index = next((at for at, one in enumerate(found) if metric in one.metrics), 0)
        if index:
            self._show_other(index)
        else:
            self.action_why()

    def _show_other(self, index: int) -> None:
        found = self.explanations.found[index]
        self.show_card(
            self.explanations.also(index),
            lambda reply: self.show_found(found) if reply == "show" else self.action_why(),
        )

    def show_found(self, found: Diagnosis) -> None:
        """Shows a finding on the board, in the run in which it was found: that of the seed that failed the
        worst.
        """
        run, verdict = self.session.run, self.session.verdict
        if run is None or self.runs.computing:
            return
        seed = verdict.worst.seed if verdict is not None else run.scenario.run.seed
        timeline = run.open_seed(seed).timeline  # kept since it was explained
        if timeline is not None and timeline is not self.playback.timeline:
            self.show_timeline(timeline)
        look = self.explanations.look if found is self.explanations.found[0] else None
        worst = seed if seed != run.scenario.run.seed else None
        event = followed(timeline, look) if timeline is not None else None
        if timeline is not None and look is not None and event is not None:
            self._show_followed(timeline, look, event, worst)
            return
        self.show_moment(self.explanations.moment_of(found), found.component or found.wire, worst)
        if look is not None:
            self._say_look("look-moment", worst, look=look.say)

    def _show_followed(self, timeline: Timeline, look: Look, event: Journey, seed: int | None) -> None:
        """Shows what the level is about by the path of one event, at the moment where it went wrong."""
        self._trace(event)
        self.show_moment(turning_point(event), look.at)
        self._say_look("look", seed, look=look.say, event=followed_words(event, timeline, self.names))

    def _say_look(self, key: str, seed: int | None, **facts: str) -> None:
        """Says what to look at: when it is, and on which seed where that isn't the one that was watched."""
        key, more = (f"playback.{key}", {}) if seed is None else (f"playback.{key}-seed", {"seed": seed})
        self.say(say(key, when=self.playback.when, **facts, **more))

    def show_moment(self, at_s: float | None, item: str = "", seed: int | None = None) -> None:
        """Shows a moment of the run on the board where its picture shows it, with the focus where it
        happened.
        """
        self.show_board()
        if item and self.edits.part_of(item) is not None:
            self.board.focus_item(item)
        player = self.playback.player
        if player is None:
            return
        moment = moment_to_show(player.timeline, at_s, item, player.marks)
        self.playback.stop()
        self.playback.seek(moment)
        when = self.playback.when
        if seed is not None:
            self.say(say("playback.seed", when=when, seed=seed))
        else:
            self.say(
                say("playback.moment" if self.explanations.found else "playback.moment-alone", when=when)
            )

    def show_event(self, outcome: Outcome | None, event: str, at_s: float | None, where: str = "") -> None:
        """Shows a run on the board at a moment, with the path that one event took."""
        if outcome is None or outcome.timeline is None:
            return
        if self.playback.timeline is not outcome.timeline:
            self.show_timeline(outcome.timeline)
        journey = next((one for one in outcome.timeline.journeys if one.event_id == event), None)
        self._trace(journey)
        self.show_moment(at_s, where)

    def _trace(self, journey: Journey | None) -> None:
        """Marks the path that an event took."""
        hops = journey.hops if journey is not None else ()
        self._traced = journey
        self.board.trail = frozenset(name for hop in hops for name in (hop.where, hop.wire) if name)

    def action_journey(self) -> None:
        """Opens the list of events to choose one and read its journey."""
        from tutor.tui.screens.journeys import Journeys

        timeline = self.playback.timeline
        if timeline is None:
            return

        def chosen(answer: tuple[Journey, float] | None) -> None:
            if answer is not None:
                journey, at_s = answer
                where = next((hop.where for hop in journey.hops if hop.at_s == at_s), "")
                self.show_moment(at_s, where)
                self._trace(journey)

        self.stop_playing()
        self.app.push_screen(
            Journeys(timeline, self.names, self._traced if self.board.trail else None), chosen
        )

    def action_compare(self) -> None:
        """Shows the last two runs side by side."""
        card = self.explanations.compare()
        if card is None:
            self.say(say("compare.too-few"))
            return
        diverged = self.session.divergence()
        run = self.session.run

        def answered(reply: str) -> None:
            if reply == "show" and diverged is not None and run is not None:
                self.show_event(run.outcome, diverged.event, diverged.at_s, diverged.where)

        self.show_card(card, answered)

    def action_live(self) -> None:
        """Runs the design on a real broker, after its run in the simulation."""
        run = self.session.run
        if self.app.open_live is None:
            self.say(say("live.screen.absent"), refusal=True)
            return
        if run is None or not self.session.is_current:
            self.say(say("live.screen.first"), refusal=True)
            return
        try:
            goals = self.session.level.goals if self.session.level is not None else ()
            view = self.app.open_live(run.scenario, goals)
        except InputError as error:
            self.say(str(error), refusal=True)
            return
        from tutor.tui.screens.live import LiveScreen

        self.app.push_screen(LiveScreen(view, goals))

    def action_postmortem(self) -> None:
        """Shows the post-mortem of the last run, to read and to save."""
        try:
            card = self.explanations.postmortem()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.show_card(card, lambda reply: self._save_postmortem() if reply == "save" else None)

    def _save_postmortem(self) -> None:
        if self.app.is_web:
            name, text = self.explanations.postmortem_file()
            self.app.deliver_text(io.StringIO(text), save_filename=name, mime_type="text/markdown")
            return
        try:
            path = self.explanations.save_postmortem(Path())
        except InputError as error:
            self.say(str(error), refusal=True)
        else:
            self.say(say("postmortem.saved", path=str(path)))

    def action_bill(self) -> None:
        """Shows what each part costs per hour."""
        self.show_bill()

    def show_bill(self, then: Callable[[], None] | None = None) -> None:
        """Shows the bill as a card; ``then`` shows the next screen after it, if that is not the board."""
        card = self.explanations.bill(self.edits.bill(), to_verdict=then is not None)
        self.show_card(card, (lambda _: then()) if then is not None else None)

    def action_measured(self) -> None:
        """Shows the numbers of the last run."""
        run = self.session.run
        if run is not None and run.outcome is not None:
            self.show_card(measured(run.outcome, run.scenario, editable=False))

    # what is offered, and help

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers a key only if it does something now."""
        run = self.session.run
        if action in PLAYBACK_ACTIONS:
            return self.playback.player is not None
        if action in ("verdict", "why"):
            return run is not None
        if action in ("postmortem", "measured"):
            return run is not None and not self.runs.computing
        if action == "compare":
            return self.explanations.comparable
        if action == "run":
            return not self.runs.computing
        if action == "delete":
            return self.board.drawing is None
        if action == "undo":
            return True if self.session.can_undo else None  # named in help, and left out of the key bar
        if action == "redo":
            return True if self.session.can_redo else None
        return super().check_action(action, parameters)

    def word_at_focus(self) -> str:
        """Returns the glossary's word for the highlighted setting, else the kind of part or wire that has the
        focus.
        """
        part = self.part
        if self.inspector.has_focus_within and self.inspector.word:
            return self.inspector.word
        return part.kind if part is not None else ""

    def describe_focus(self) -> str:
        """Describes what has the focus."""
        part = self.part
        name = self.edits.name_of(self.item)
        if self.inspector.has_focus_within and part is not None:
            return say("screens.settings-help", part=name)
        if part is not None:
            return say(
                "screens.part-help",
                part=name,
                kind=say(f"kinds.title.{part.kind}"),
                about=say(f"kinds.about.{part.kind}"),
            )
        return say("screens.board-help")

    def on_key(self, event: events.Key) -> None:
        """Says so when undo or redo has reached its limit; such a key is not silent."""
        if event.key == "u" and not self.session.can_undo:
            self.say(say("screens.nothing-to-undo"))
