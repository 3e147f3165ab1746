"""The bench: a board with its inspector, its goals and its band of time. Levels and the sandbox are both played on it.

The screen holds no rules: it asks the session, and shows what the session says. Editing is here; what a run needs is in
:mod:`tutor.tui.screens.watching`.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from tutor.errors import InputError
from tutor.model.component import Component
from tutor.model.edit import AddComponent, Edit, MoveWire, SetComponent, SetWire, Several
from tutor.model.scenario import Fault
from tutor.model.wire import Wire
from tutor.session import Session
from tutor.tui.board import messages as asked
from tutor.tui.board.board import Board
from tutor.tui.coach import Situation, coach
from tutor.tui.commands import ADD, CHARTS, DELETE, MENU, REDO, RESET, SET, STOP, UNDO, WIRE, bindings
from tutor.tui.screens.chooser import Choosable, Chooser
from tutor.tui.screens.framed import Framed
from tutor.tui.widgets.goals import GoalsPane
from tutor.tui.widgets.hintline import HintLine
from tutor.tui.widgets.inspector import Inspector
from tutor.tui.widgets.timeline_pane import TimelinePane

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

WIDE = 110
"""From this width on the inspector stands beside the board."""


class Bench(Framed):
    """A board and everything around it."""

    app: TutorApp
    BINDINGS = bindings(ADD, WIRE, DELETE, UNDO, REDO, RESET, SET, MENU, CHARTS, STOP)
    AUTO_FOCUS = "Board"
    CSS_PATH = "bench.tcss"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.item: str | None = None
        self.situation = Situation(free=session.level is None)
        self._charts: int | None = None

    def compose_body(self) -> ComposeResult:
        """The board with the inspector at its side; below, the goals in one line, the band of time and what to do next."""
        goals = self.session.level.goals if self.session.level is not None else ()
        with Horizontal(id="bench"):
            with Vertical(id="middle"):
                yield self.make_board()
            with Vertical(id="side"):
                if goals:
                    yield GoalsPane(goals, id="goals")
                yield Inspector(self.session.level, id="inspector")
        if goals:
            yield GoalsPane(goals, id="goals-strip", strip=True)
        yield TimelinePane(id="time")
        yield HintLine(id="hint")

    def make_board(self) -> Board:
        """The board, with the kinds of wire that may be drawn here."""
        level = self.session.level
        return Board(self.session.design, wires=level.wires if level is not None else (), id="board")

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
        """Says something in the hint line until the next thing is done."""
        self.query_one("#hint", HintLine).say(message, refusal=refusal)

    def advise(self, **changes: Any) -> None:
        """Something has changed: what to do next is another thing now."""
        self.situation = dataclasses.replace(self.situation, **changes)
        self.query_one("#hint", HintLine).words = coach(self.situation)
        self.refresh_bindings()

    # editing

    def do(self, edit: Edit) -> bool:
        """Asks the session for an edit; False, with the reason on screen, where it is refused."""
        try:
            before = self.session.design
            self.session.do(edit)
        except InputError as error:
            self.say(error.what, refusal=True)
            return False
        if self.session.design != before:
            self.design_changed()
        return True

    def design_changed(self) -> None:
        """The design is another one: the board shows it, and the last run is of an older one."""
        self.say()
        self.show_design()
        self.advise(edited=self.session.run is not None and not self.session.is_current, current=self.session.is_current)

    def show_design(self) -> None:
        """Board, inspector and goals as the session has them."""
        self.board.design = self.session.design
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
        order = ""
        if isinstance(part, Wire):
            ways = [wire.ref for wire in self.session.design.wires_from(part.source)]
            order = f"{ways.index(part.ref) + 1} of {len(ways)}" if len(ways) > 1 else ""
        self.inspector.show_part(part, order=order, overview=self.overview())

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
        self.fit_charts()
        part = self.part
        self.say()
        self.advise(focus=self.name_of(event.item) if part is not None else "", focus_is_wire=isinstance(part, Wire))

    def on_board_open_requested(self, event: asked.OpenRequested) -> None:
        """Into the settings."""
        self.item = event.item
        self.show_part()
        self.open_inspector()

    def on_board_add_requested(self, event: asked.AddRequested) -> None:
        """The palette opens; the new part stands where it was pointed at."""
        self.choose_part(event)

    def on_board_wire_requested(self, event: asked.WireRequested) -> None:
        """A wire of a legal kind."""
        try:
            ref = self.session.wire(event.source, event.target, event.kind)
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.design_changed()
        self.board.focus_item(ref)

    def on_board_remove_requested(self, event: asked.RemoveRequested) -> None:
        """Off the board."""
        name = self.name_of(event.item)
        try:
            self.session.remove(event.item)
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.design_changed()
        self.say(f"{name} is gone; u brings it back")

    def on_board_move_requested(self, event: asked.MoveRequested) -> None:
        """To another place."""
        self.do(SetComponent(event.part, "at", event.at))

    def on_board_tidy_requested(self, event: asked.TidyRequested) -> None:
        """All parts where the layout wants them."""
        self.do(Several(tuple(SetComponent(part, "at", None) for part in event.parts)))

    def on_board_paste_requested(self, event: asked.PasteRequested) -> None:
        """A copy of a part under a new id."""
        number, name = 2, f"{event.component.id}-2"
        while name in self.session.design.components:
            number += 1
            name = f"{event.component.id}-{number}"
        if self.do(AddComponent(dataclasses.replace(event.component, id=name, at=None))):
            self.board.focus_item(name)

    def on_board_menu_requested(self, event: asked.MenuRequested) -> None:
        """What can be done there."""
        self.open_menu(event.item)

    def on_board_refused(self, event: asked.Refused) -> None:
        """Say why."""
        self.say(event.reason, refusal=True)

    # what the inspector asks for

    def on_inspector_setting_requested(self, event: Inspector.SettingRequested) -> None:
        """One setting of a part or wire."""
        part = event.part
        if isinstance(part, Fault):
            return
        edit = SetWire(part.ref, event.name, event.value) if isinstance(part, Wire) else SetComponent(part.id, event.name, event.value)
        try:
            self.session.do(edit)
        except InputError as error:
            self.inspector.refuse(error.what)
            return
        self.design_changed()

    def on_inspector_order_requested(self, event: Inspector.OrderRequested) -> None:
        """A wire earlier or later in its component's work."""
        self.do(MoveWire(event.ref, event.by))

    # actions

    def choose_part(self, event: asked.AddRequested | None = None) -> None:
        """The palette of parts, with search and prices."""

        def add(entry_id: str | None) -> None:
            if not entry_id:
                return
            try:
                part = self.session.add(entry_id)
            except InputError as error:
                self.say(error.what, refusal=True)
                return
            if event is not None and event.at is not None:
                self.session.do(SetComponent(part, "at", event.at))
            self.design_changed()
            self.board.focus_item(part)
            self.say(f"{self.name_of(part)} is on the board; w draws a wire from it")

        self.app.push_screen(Chooser("Add a part", self.parts(), search=True), add)

    def parts(self) -> list[Choosable]:
        """The parts of the palette as rows."""
        from tutor.tui.pricing import price_of

        prices = self.session.scenario.prices
        rows = []
        for entry, left in self.session.palette():
            part = entry.component
            count = "" if left is None else f"{left} left   "
            rows.append(
                Choosable(
                    id=entry.id,
                    label=part.title or entry.id,
                    right=f"{count}{price_of(part, prices):g} an hour" if price_of(part, prices) else f"{count}free",
                    about=entry.say or part.blurb,
                    glyph=part.glyph,
                    refused="used up: do it with fewer" if left == 0 else "",
                    tone="$accent",
                )
            )
        return rows

    def open_menu(self, item: str | None) -> None:
        """What can be done with a part or wire, or with the board."""
        part = self.part_of(item)
        commands = [SET, WIRE, DELETE] if isinstance(part, Component) else [SET, DELETE] if part is not None else []
        rows = [Choosable(one.action, one.label, one.keycap, one.doc) for one in (*commands, ADD, UNDO, REDO, RESET)]

        def chosen(action: str | None) -> None:
            if action:
                self.call_later(self.run_action, action)

        self.app.push_screen(Chooser(self.name_of(item) or "The board", rows), chosen)

    def action_menu(self) -> None:
        """What can be done with what has the focus."""
        self.open_menu(self.item)

    def action_add(self) -> None:
        """Add a part."""
        self.choose_part()

    async def action_wire(self) -> None:
        """Draw a wire from the part with the focus."""
        self.board.focus()
        await self.board.run_action("wire")

    async def action_delete(self) -> None:
        """Delete what has the focus."""
        self.board.focus()
        await self.board.run_action("remove")

    def action_undo(self) -> None:
        """Take the last edit back."""
        self._history(self.session.undo)

    def action_redo(self) -> None:
        """Make it again."""
        self._history(self.session.redo)

    def action_reset(self) -> None:
        """Back to the start."""
        self._history(self.session.reset)
        self.say("back to the start; u brings your work back")

    def _history(self, change: Any) -> None:
        try:
            change()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.design_changed()

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

    def action_back(self) -> None:
        """One step back: out of typing, out of the inspector, out of wiring."""
        if self.inspector.has_focus_within:
            if not self.inspector.leave():
                self.close_inspector()
        else:
            self.say()

    def action_charts(self) -> None:
        """All curves, none, or as many as there is room for."""
        room = self.room_for_charts()
        steps = sorted({0, 1, room, 4})
        self._charts = next((count for count in steps if count > self.time.charts), 0)
        self.fit_charts()

    def room_for_charts(self) -> int:
        """How many curves fit without crowding the board."""
        height = self.app.size.height
        return 0 if height < 30 else 1 if height < 36 else 2 if height < 46 else 4

    def fit_charts(self) -> None:
        """As many curves as the learner wants, or as there is room for."""
        self.time.charts = self._charts if self._charts is not None else self.room_for_charts()

    def on_resize(self) -> None:
        """Another size: another number of curves."""
        if self.is_mounted:
            self.fit_charts()

    def word_at_focus(self) -> str:
        """The kind of part or wire that has the focus."""
        part = self.part
        return part.kind if part is not None else ""

    def describe_focus(self) -> str:
        """What has the focus."""
        part = self.part
        if self.inspector.has_focus_within and part is not None:
            name = self.name_of(self.item)
            return f"The settings of {name}. Up and down choose one, left and right step it, enter types it, escape goes back."
        if part is not None:
            return f"{self.name_of(self.item)}, a {part.kind}. {part.blurb}"
        return "The board. Arrows move from part to part, tab reaches the wires."
