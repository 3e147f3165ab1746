"""The promises of the sandbox: what must happen to every event, where, and within what time."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.model.component import Client
from tutor.model.design import Design
from tutor.show.sandbox import PLACES, Promises, events_of, expected_effects, promise_words
from tutor.tui.commands import BACK, bindings
from tutor.tui.screens.chooser import Choosable, Chooser
from tutor.tui.screens.framed import Dialog
from tutor.tui.widgets.keybar import KeyBar
from tutor.words import say
from tutor.words.kinds import KINDS

NEW = "new"
"""The id of the row that adds a promise."""
DEADLINES = (1, 5, 10, 30, 60, 300, 900, 3600)
"""Deadlines to choose from, in seconds."""


class PromiseList(OptionList):
    """The promises; the highlighted one can be removed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x,delete",
            "screen.remove",
            "delete",
            id="promises.remove",
            key_display="x",
        ),
        Binding("a", "screen.add", "add", id="promises.add"),
    ]


class PromisesScreen(Dialog[bool]):
    """Edits promises; answers with whether any was changed."""

    BINDINGS = bindings(BACK)
    AUTO_FOCUS = "#promise-list"
    DEFAULT_CSS = """
    PromisesScreen {
        & > #promises { width: 80; max-width: 100%; height: auto; background: $surface;
            border-left: outer $accent; padding: 1 3; }
        & #promises-title { height: 2; }
        & #promise-list { height: auto; max-height: 20; }
        &.-low #promise-list { max-height: 12; }
        & KeyBar { background: $background; }
    }
    """

    def __init__(self, promises: Promises, design: Design, start: str | None = None) -> None:
        """Creates the screen; ``start`` is the client that a new promise is drawn from at once."""
        super().__init__()
        self.promises = promises
        self.design = design
        self._start = start
        self._before = promises.made

    def compose(self) -> ComposeResult:
        """Shows the promises, each in one sentence."""
        with Vertical(id="promises"):
            title = Content.assemble(
                (say("sandbox.promises"), "bold $text"), ("   " + say("sandbox.promises-note"), "$muted")
            )
            yield Static(title, id="promises-title", markup=False)
            yield PromiseList(id="promise-list", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Shows all promises; from a client with the focus a new one begins at once."""
        self._fill()
        if self._start is not None:
            self._choose_event(self._start)

    def _fill(self) -> None:
        rows = self.query_one("#promise-list", PromiseList)
        rows.clear_options()
        for place, effect in enumerate(self.promises.made):
            words = promise_words(effect, self.design)
            rows.add_option(Option(Content.assemble(("◆ ", "$accent"), (words, "$text")), id=str(place)))
        if not self.promises.made:
            rows.add_option(Option(Content.styled(say("sandbox.promises-none"), "$muted"), disabled=True))
        rows.add_option(
            Option(Content.assemble(("+ ", "bold $accent"), (say("sandbox.add-promise"), "$text")), id=NEW)
        )
        rows.highlighted = rows.option_count - 1

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Sets a deadline, or adds a promise."""
        event.stop()
        if event.option_id == NEW:
            self.action_add()
        elif event.option_id:
            self._choose_deadline(int(event.option_id))

    def action_add(self) -> None:
        """Asks for an event, then for the part that must handle it."""
        clients = [part.id for part in self.design.components.values() if isinstance(part, Client)]
        if len(clients) == 1:
            self._choose_event(clients[0])
            return
        rows = [Choosable(name, self.design.components[name].name) for name in clients]
        note = "" if rows else say("sandbox.no-client")
        chooser = Chooser(say("sandbox.which-event"), rows, note=note)
        self.app.push_screen(chooser, lambda name: self._choose_event(name) if name else None)

    def _choose_event(self, client: str) -> None:
        part = self.design.components.get(client)
        events = events_of(part) if isinstance(part, Client) else ()
        if len(events) == 1:
            self._choose_part(events[0])
            return
        rows = [Choosable(event, event) for event in events]
        chooser = Chooser(say("sandbox.which-event"), rows)
        self.app.push_screen(chooser, lambda event: self._choose_part(event) if event else None)

    def _choose_part(self, event: str) -> None:
        reached = {effect.at[0] for effect in expected_effects(self.design) if effect.event == event}
        places = [part for part in self.design.components.values() if part.kind in PLACES]
        rows = [
            Choosable(
                part.id,
                part.name,
                say("sandbox.reached") if part.id in reached else say("sandbox.not-reached"),
                glyph=part.glyph,
                tone="$accent",
            )
            for part in sorted(places, key=lambda part: part.id not in reached)
        ]

        def chosen(part: str | None) -> None:
            if part:
                self.promises.make(event, part)
                self._fill()

        self.app.push_screen(Chooser(say("sandbox.which-part", event=event), rows), chosen)

    def _choose_deadline(self, place: int) -> None:
        rows = [Choosable("none", say("sandbox.no-deadline"))]
        rows += [Choosable(str(seconds), KINDS["s"](seconds)) for seconds in DEADLINES]

        def chosen(row: str | None) -> None:
            if row:
                self.promises.set_deadline(place, None if row == "none" else float(row))
                self._fill()

        self.app.push_screen(Chooser(say("sandbox.which-deadline"), rows), chosen)

    def action_remove(self) -> None:
        """Removes the highlighted promise."""
        option = self.query_one("#promise-list", PromiseList).highlighted_option
        if option is not None and option.id and option.id != NEW:
            self.promises.drop(int(option.id))
            self._fill()

    def action_back(self) -> None:
        """Goes back to the board; the promises apply from the next run on."""
        self.dismiss(self.promises.made != self._before)

    def describe_focus(self) -> str:
        """Describes the purpose of the screen."""
        return say("sandbox.promises-help")
