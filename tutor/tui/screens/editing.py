"""Rewiring on the bench: what board, inspector, palette and menu ask for becomes edits of the session; refusals say why."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from tutor.errors import InputError
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.edit import AddComponent, Edit, MoveWire, SetComponent, SetWire, Several
from tutor.model.fault import Fault
from tutor.model.price import price_of
from tutor.model.wire import Wire
from tutor.tui.board import messages as asked
from tutor.tui.commands import ADD, DELETE, MENU, REDO, RESET, SET, UNDO, WIRE, bindings
from tutor.tui.screens.bench import Bench
from tutor.tui.screens.chooser import Choosable, Chooser
from tutor.tui.widgets.inspector import Inspector
from tutor.words import say


class Editing(Bench):
    """A bench on which the design can be changed."""

    BINDINGS = bindings(ADD, WIRE, DELETE, UNDO, REDO, RESET, MENU)

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
        wire = self.session.design.wire(ref)
        names = {"source": self.name_of(event.source), "target": self.name_of(event.target)}
        if wire is not None and wire.events:
            self.say(say("board.wired-with-filter", **names, events=wire.events))
        else:
            self.say(say("board.wired", **names))

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
        if self.do(Several(tuple(SetComponent(part, "at", slot) for part, slot in event.slots.items()))):
            self.say(say("board.tidied"))

    def on_board_copied(self, event: asked.Copied) -> None:
        """What can be done with a copy."""
        self.say(f"{self.name_of(event.part)} is copied with its settings; V pastes it")

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
        self.open_menu(event.item, (event.x, event.y))

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

    def open_menu(self, item: str | None, at: tuple[int, int]) -> None:
        """What can be done with a part or wire, or with the board, beside a cell of the screen."""
        from tutor.tui.screens.menu import Menu

        part = self.part_of(item)
        commands = [SET, WIRE, DELETE] if isinstance(part, Component) else [SET, DELETE] if part is not None else []
        commands.append(ADD)
        commands += [
            one
            for one, there in (
                (UNDO, self.session.can_undo),
                (REDO, self.session.can_redo),
                (RESET, self.session.design != self.session.start),
            )
            if there
        ]
        rows = [Choosable(one.action, one.label.capitalize(), one.keycap) for one in commands]

        def chosen(action: str | None) -> None:
            if action:
                self.call_later(self.run_action, action)

        self.app.push_screen(Menu(self.name_of(item) or "The board", rows, at), chosen)

    def action_menu(self) -> None:
        """What can be done with what has the focus."""
        self.board.action_menu()

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

    def _history(self, change: Callable[[], Design]) -> None:
        try:
            change()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        self.design_changed()
