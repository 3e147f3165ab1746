"""The bench: a board with its inspector, its goals and its band of time. Levels and the sandbox are both played on it.

The screen holds no rules: it asks the session, and shows what the session says. Editing is here; what a run needs is in
the modules that build on it: playing, running, finding.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from tutor.judge.words import names_of
from tutor.model.component import Component
from tutor.model.wire import Wire
from tutor.session import Session
from tutor.show.advice import Situation, coach
from tutor.tui.board import messages as asked
from tutor.tui.board.board import Board
from tutor.tui.commands import CHARTS, COPY_LINK, COPY_PICTURE, PANEL, SET, STOP, bindings
from tutor.tui.screens.framed import Framed
from tutor.tui.widgets.goals import GoalsPane
from tutor.tui.widgets.hintline import HintLine
from tutor.tui.widgets.inspector import Inspector
from tutor.tui.widgets.timeline_pane import CHART_ROWS, TimelinePane
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

TALL = 56
"""From this height on the curves have more rows."""


class Bench(Framed):
    """A board and everything around it."""

    app: TutorApp
    BINDINGS = bindings(SET, CHARTS, PANEL, COPY_LINK, COPY_PICTURE, STOP)
    AUTO_FOCUS = "Board"
    CSS_PATH = "bench.tcss"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.item: str | None = None
        self.situation = Situation(free=session.level is None)
        self._charts: int | None = None
        self._panel: bool | None = None
        self._said_at: str | None = None

    def compose_body(self) -> ComposeResult:
        """The board with the inspector at its side; below, the goals in one line, the band of time and what to do next."""
        goals = self.session.level.goals if self.session.level is not None else ()
        names = names_of(self.session.start)
        with Horizontal(id="bench"):
            with Vertical(id="middle"):
                yield self.make_board()
            with Vertical(id="side"):
                if goals:
                    yield GoalsPane(goals, names, id="goals")
                yield Inspector(self.session.level, id="inspector")
        if goals:
            yield GoalsPane(goals, names, id="goals-strip", strip=True)
        yield TimelinePane(id="time")
        yield HintLine(id="hint")

    def make_board(self) -> Board:
        """The board, with the rules for what may be drawn here."""
        return Board(self.session.design, level=self.session.level, id="board")

    def on_mount(self) -> None:
        """Show where things stand."""
        self.settle()

    def settle(self) -> None:
        """Everything is there: board, goals and inspector show where things stand."""
        self.wear()
        self.item = self.board.item
        self.show_design()
        self.fit_charts()

    def wear(self) -> None:
        """The board follows the preferences."""
        self.board.ascii_only = self.app.preferences.ascii
        self.board.reduced_motion = self.app.preferences.reduced

    # where things are

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
        """The band of time."""
        return self.query_one("#time", TimelinePane)

    @property
    def part(self) -> Component | Wire | None:
        """The part or wire that has the focus."""
        return self.part_of(self.item)

    def part_of(self, item: str | None) -> Component | Wire | None:
        """A part by its id or a wire by its reference; None where the design has neither."""
        if item is None:
            return None
        return self.session.design.components.get(item) or self.session.design.wire(item)

    def name_of(self, item: str | None) -> str:
        """What the learner calls a part or wire."""
        part = self.part_of(item)
        if isinstance(part, Wire):
            ends = [self.session.design.components[end].name for end in (part.source, part.target)]
            return f"{ends[0]} → {ends[1]}"
        return part.name if part is not None else item or ""

    # saying things

    def say(self, message: str = "", *, refusal: bool = False) -> None:
        """Says something in the hint line until the next thing is done; a focus that moves for it does not wipe it away."""
        self._said_at = self.board.item
        self.query_one("#hint", HintLine).say(message, refusal=refusal)

    def advise(self, **changes: Any) -> None:
        """Something has changed: what to do next is another thing now."""
        self.situation = dataclasses.replace(self.situation, **changes)
        self.query_one("#hint", HintLine).words = coach(self.situation)
        self.refresh_bindings()

    def show_design(self) -> None:
        """Board, inspector and goals as the session has them."""
        self.board.design = self.session.design
        self.call_after_refresh(self.spare_panel)
        if self.part is None:
            self.item = None
        self.show_part()
        self.show_goals()

    def show_goals(self) -> None:
        """The goals, with what came of the latest run."""
        for pane in self.query(GoalsPane):
            pane.show_verdict(self.session.verdict, current=self.session.is_current)

    def show_part(self) -> None:
        """The inspector shows what has the focus."""
        part = self.part
        order: tuple[int, int] | None = None
        if isinstance(part, Wire):
            ways = [wire.ref for wire in self.session.design.wires_from(part.source)]
            order = (ways.index(part.ref) + 1, len(ways)) if len(ways) > 1 else None
        self.inspector.show_part(part, design=self.session.design, name=self.name_of(self.item), order=order, overview=self.overview())

    def overview(self) -> Content:
        """What the inspector says while nothing has the focus."""
        design = self.session.design
        return Content.assemble(
            ("The design\n", "bold $text"),
            (f"{len(design.components)} parts, {len(design.wires)} wires\n\n", "$muted"),
            ("Choose a part or wire to see its settings.", "$muted"),
        )

    # what the board asks for

    def on_board_focus_moved(self, event: asked.FocusMoved) -> None:
        """The inspector follows the focus."""
        self.item = event.item
        self.show_part()
        part = self.part
        if event.item != self._said_at:
            self.say()
        self.advise(focus=self.name_of(event.item) if part is not None else "", focus_is_wire=isinstance(part, Wire))

    def on_board_open_requested(self, event: asked.OpenRequested) -> None:
        """Into the settings."""
        self.item = event.item
        self.show_part()
        self.open_inspector()

    def on_board_wiring_changed(self, event: asked.WiringChanged) -> None:
        """How to go on with the wire that is being drawn."""
        self.say()
        self.advise(wiring=self.name_of(event.source))

    def on_board_pointed(self, event: asked.Pointed) -> None:
        """What the mouse can do where it is."""
        self.query_one("#hint", HintLine).aside = say(f"board.pointer.{event.zone}") if event.zone else ""

    def on_board_refused(self, event: asked.Refused) -> None:
        """Say why."""
        self.say(event.reason, refusal=True)

    def action_inspect(self) -> None:
        """Into the settings of what has the focus, and back to the board."""
        if self.inspector.has_focus_within:
            self.close_inspector()
        else:
            self.open_inspector()

    def open_inspector(self) -> None:
        """Gives the inspector the focus; where there is no room beside the board it covers it."""
        self.add_class("-inspecting")
        self.inspector.query_one("#fields").focus()

    def close_inspector(self) -> None:
        """Back to the board."""
        self.remove_class("-inspecting")
        self.board.focus()

    def show_board(self) -> None:
        """The board comes back where the inspector covers it."""
        if self.has_class("-inspecting") and (self.has_class("-narrow") or self.has_class("-alone")):
            self.close_inspector()

    def action_panel(self) -> None:
        """Hides or shows the panel beside the board; hidden, the settings take the board's place while they are open."""
        self._panel = self.has_class("-alone")
        self.set_class(not self._panel, "-alone")
        self.say(say("board.panel-back") if self._panel else say("board.panel-gone"))

    def spare_panel(self) -> None:
        """The panel gives way where the design is too wide to stand beside it and the learner has not asked for it."""
        if self._panel is None and not self.has_class("-narrow") and self.board.scene.size[0] > self.board.view.width > 0:
            self.add_class("-alone")

    def action_back(self) -> None:
        """One step back: out of typing, out of the inspector, out of wiring."""
        if self.inspector.has_focus_within:
            if not self.inspector.leave():
                self.close_inspector()
        elif self.query_one("#hint", HintLine).message:
            self.say()
        else:
            self.say("q leads back to the map")

    def action_charts(self) -> None:
        """All curves, none, or as many as there is room for."""
        room = self.room_for_charts()
        steps = sorted({0, 1, room, 4 if self.app.size.height >= 34 else 2})
        self._charts = next((count for count in steps if count > self.time.charts), 0)
        self.fit_charts()

    def room_for_charts(self) -> int:
        """How many curves fit without crowding the board."""
        height = self.app.size.height
        return 0 if height < 30 else 1 if height < 36 else 2 if height < 46 else 4

    def fit_charts(self) -> None:
        """As many curves as the learner wants, or as there is room for under the whole design; the board leaves them room."""
        rows = CHART_ROWS if self.app.size.height < TALL else CHART_ROWS + 2
        self.board.offer(self.room_for_charts() * rows, rows)
        self.time.chart_rows = rows
        self.time.charts = self._charts if self._charts is not None else self.board.reserved // rows
        self.board.taken = len(self.time.shown) * rows

    def on_resize(self) -> None:
        """Another size: another number of curves, and room for the panel or none."""
        if self.is_mounted:
            if self._panel is None:
                self.remove_class("-alone")
            self.fit_charts()
            self.call_after_refresh(self.spare_panel)

    def word_at_focus(self) -> str:
        """The word for the setting that is looked at, else the kind of part or wire that has the focus."""
        part = self.part
        if self.inspector.has_focus_within and self.inspector.word:
            return self.inspector.word
        return part.kind if part is not None else ""

    def describe_focus(self) -> str:
        """What has the focus."""
        part = self.part
        if self.inspector.has_focus_within and part is not None:
            name = self.name_of(self.item)
            return f"The settings of {name}. Up and down choose one, enter changes it, g explains it, escape goes back."
        if part is not None:
            return f"{self.name_of(self.item)}, a {part.kind}. {part.blurb}"
        return "The board. Arrows move from part to part, tab reaches the wires."
