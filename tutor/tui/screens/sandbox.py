"""The sandbox: a board with every part, every fault and promises of one's own. The design is saved, and can
be kept as a file.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from tutor.errors import InputError, TutorError
from tutor.model.component import Client, Component
from tutor.model.fault import Fault
from tutor.model.note import Note
from tutor.model.scenario import Effect, Scenario, Window
from tutor.model.wire import Wire
from tutor.session import Session
from tutor.session.editing import new_note
from tutor.session.learner import FREE_BOARD
from tutor.show.measured import measured, window_offers, with_window
from tutor.show.sandbox import (
    Promises,
    events_of,
    promise_places,
    promise_words,
    starter,
    stuck_words,
    without_loose_ends,
)
from tutor.tui.board import messages as asked
from tutor.tui.commands import FAULTS, OPEN_FILE, PROMISES, SAVE, KeyCommand, bindings
from tutor.tui.screens.bench import Bench
from tutor.words import say

if TYPE_CHECKING:
    from tutor.progress import Progress
    from tutor.tui.game import GameApp

MOST_FILES = 200
"""How many files of a folder are offered to open."""


class Sandbox(Bench):
    """A board without a level."""

    BINDINGS = bindings(FAULTS, PROMISES, SAVE, OPEN_FILE)

    def __init__(self, scenario: Scenario, progress: Progress | None, path: Path | None) -> None:
        super().__init__(Session(None, progress, scenario=scenario))
        self.path = path
        self.promises = Promises(scenario)

    def on_mount(self) -> None:
        """Says which board this is."""
        self.board.promises = True
        self.title_bar.heading = say("sandbox.title")
        self.title_bar.note = str(self.path) if self.path is not None else say("sandbox.note")
        self.scored()

    def on_board_promise_requested(self, event: asked.PromiseRequested) -> None:
        """Adds a promise that was drawn from a client to a part, or to the channel of those that must keep
        it.
        """
        design = self.session.design
        client, part = design.components[event.client], design.components[event.part]
        places = promise_places(design, part.id) if not isinstance(part, Client) else ()
        if not places or not isinstance(client, Client):
            self.say(say("sandbox.nobody-keeps-it", part=part.name), refusal=True)
            return
        made = events_of(client)
        if len(made) == 1:
            self._promise(made[0], places)
            return
        from tutor.tui.screens.chooser import Choosable, Chooser

        chooser = Chooser(say("sandbox.which-event"), [Choosable(one, one) for one in made])
        self.app.push_screen(chooser, lambda one: self._promise(one, places) if one else None)

    def _promise(self, event: str, places: Sequence[str]) -> None:
        for place in places:
            self.promises.make(event, place)
        self.conditions_changed()
        design = self.session.design
        self.say(
            say("sandbox.promised", promise=promise_words(Effect(event=event, at=tuple(places)), design))
        )

    def scored(self) -> None:
        """Shows the number of faults and promises in the title."""
        faults, promises = len(self.session.scenario.faults), len(self.promises.made)
        self.title_bar.state = Content.assemble(
            (say("sandbox.fault-count", count=faults), "bold $error")
            if faults
            else (say("sandbox.faults-none"), "$muted"),
            ("   ", ""),
            (say("sandbox.promise-count", count=promises), "bold $accent")
            if promises
            else (say("sandbox.promises-none"), "$muted"),
        )

    def overview(self) -> Content:
        """Returns the promises, under the overview of the design."""
        design = self.session.design
        lines = [promise_words(effect, design) for effect in self.promises.effects(design)]
        told = "".join(f"◆ {line}\n" for line in lines)
        return Content.assemble(
            super().overview(), (f"\n\n{say('sandbox.promises')}\n", "bold $primary"), (told, "$muted")
        )

    def design_changed(self) -> None:
        """Adapts the promises and faults to the changed board."""
        self._follow()
        super().design_changed()
        self.scored()
        if self.playback.player is None:
            self.show_plan()

    def _follow(self) -> None:
        faults = without_loose_ends(self.session.scenario).faults
        self.session.change_conditions(faults=faults, effects=self.promises.effects(self.session.design))

    def conditions_changed(self) -> None:
        """Reacts to changed conditions: the next run is another one, though the design is the same."""
        self._follow()
        self.scored()
        self.show_part()
        self.playback.unload()
        self.show_plan()
        self.advise(edited=True)

    def see_outcome(self) -> None:
        """Shows the outcome. There are no goals: the reasons are a key away, and stuck work is always
        mentioned.
        """
        super().see_outcome()
        run = self.session.run
        stuck = (
            stuck_words(run.outcome.report, run.design) if run is not None and run.outcome is not None else ""
        )
        if self.session.diagnosis:
            self.say(say("sandbox.look", cause=self.session.diagnosis[0].title))
        else:
            self.say(stuck or say("sandbox.clean"))

    def add_part(self, entry: str, at: tuple[int, int] | None = None) -> None:
        """Adds a part from the palette, or a note, whose text is typed at once."""
        if entry != Note.kind:
            super().add_part(entry, at)
            return
        self.board.focus()
        slot = at or self.board.slot_for(new_note(self.session.design, say("edit.new-note")))
        edited = self.edits.note(slot)
        if self.settle(edited):
            self.item = edited.focus
            self.show_part()
            self.open_inspector()
            self.inspector.open_row("text")

    def offers_for(self, part: Component | Wire | Note | None) -> list[KeyCommand]:
        """Offers a promise as well, from a client; of the board itself, what belongs to all of it."""
        if part is None:
            return [FAULTS, PROMISES, SAVE, OPEN_FILE]
        return [*super().offers_for(part), *([PROMISES] if isinstance(part, Client) else [])]

    def action_promises(self) -> None:
        """Opens the promises; from a client with the focus a new one is drawn at once."""
        from tutor.tui.screens.promises import PromisesScreen

        start = self.part.id if isinstance(self.part, Client) else None
        screen = PromisesScreen(self.promises, self.session.design, start)
        self.app.push_screen(screen, lambda changed: self.conditions_changed() if changed else None)

    def action_faults(self) -> None:
        """Opens the fault switches."""
        from tutor.tui.screens.faults import Faults

        def changed(faults: tuple[Fault, ...] | None) -> None:
            if faults is not None and faults != self.session.scenario.faults:
                self.session.change_conditions(faults=faults)
                self.conditions_changed()

        self.app.push_screen(Faults(self.session.scenario), changed)

    def action_measured(self) -> None:
        """Shows the numbers of the last run, and the windows in which they are measured on their own."""
        run = self.session.run
        if run is not None and run.outcome is not None:
            self.show_card(measured(run.outcome, run.scenario, editable=True), self._change_windows)

    def _change_windows(self, reply: str) -> None:
        windows = self.session.scenario.windows
        if reply == "window":
            self._choose_window()
        elif reply == "remove" and windows:
            self._set_windows(windows[:-1])
            self.say(say("measured.removed", start=windows[-1].from_s, end=windows[-1].to_s))

    def _choose_window(self) -> None:
        from tutor.tui.screens.chooser import Choosable, Chooser

        player = self.playback.player
        offers = window_offers(self.session.scenario, player.cursor_s if player is not None else None)
        rows = [
            Choosable(
                str(place), offer.label, say("measured.window", start=offer.from_s, end=offer.to_s).lower()
            )
            for place, offer in enumerate(offers)
        ]

        def chosen(row: str | None) -> None:
            if row:
                offer = offers[int(row)]
                self._set_windows(with_window(self.session.scenario.windows, offer))
                self.say(say("measured.added", start=offer.from_s, end=offer.to_s))

        self.app.push_screen(Chooser(say("measured.which"), rows), chosen)

    def _set_windows(self, windows: tuple[Window, ...]) -> None:
        self.session.change_conditions(windows=windows)
        self.conditions_changed()

    def action_save(self) -> None:
        """Writes the scenario file: the one that was opened, else one with a free name."""
        from tutor.catalog import save_scenario

        if self.app.is_web:
            self.app.deliver_text(
                io.StringIO(self.session.text), save_filename="sandbox.toml", mime_type="application/toml"
            )
            return
        path = self.path if self.path is not None else free_path(Path("sandbox.toml"))
        try:
            save_scenario(self.session.scenario, path)
        except InputError as error:
            self.say(str(error), refusal=True)
            return
        self.path = path
        self.title_bar.note = str(path)
        self.say(say("sandbox.saved", path=str(path.absolute())))

    def action_open_file(self) -> None:
        """Opens a scenario file of this folder, or a level, on the board."""
        from tutor.tui.screens.chooser import Choosable, Chooser

        files = sorted(Path().glob("*.toml"))[:MOST_FILES] if not self.app.is_web else []
        library = self.app.library
        rows = [Choosable(f"file:{path}", path.name, about=say("sandbox.open-file")) for path in files]
        rows += [
            Choosable(f"level:{one}", library.title(one), about=say("sandbox.open-level"))
            for one in library.order
        ]
        self.app.push_screen(Chooser(say("sandbox.open"), rows, search=True), self._open)

    def _open(self, row: str | None) -> None:
        from tutor.catalog import load_scenario

        kind, _, name = (row or "").partition(":")
        try:
            if kind == "file":
                self.put_on(load_scenario(Path(name)), name)
                self.path = Path(name)
            elif kind == "level":
                self.put_on(self.app.library.level(name).scenario, self.app.library.title(name))
        except TutorError as error:
            self.say(str(error), refusal=True)

    def put_on(self, scenario: Scenario, name: str) -> None:
        """Puts a whole scenario on the board; undo brings the former design back."""
        self.session.adopt_scenario(scenario)
        self.promises = Promises(scenario)
        self.design_changed()
        self.playback.unload()
        self.show_plan()
        self.say(say("sandbox.opened", name=name))


def free_path(path: Path) -> Path:
    """Returns the path, with a number if a file of its name exists: saving never writes over another file."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def open_sandbox(app: GameApp, path: Path | None, adopted: str = "") -> None:
    """Opens the sandbox: on a file, on the last design, or on a small start; ``adopted`` is a scenario to put
    on it.
    """
    from tutor.catalog import load_scenario, parse_scenario

    try:
        scenario = load_scenario(path) if path is not None else None
        coming = parse_scenario(adopted, say("screens.scenario-name")) if adopted else None
    except TutorError as error:
        app.notify(str(error), title=say("sandbox.unreadable"), severity="error", markup=False)
        return
    if scenario is None:
        kept = app.progress.kept_design(FREE_BOARD) if app.progress is not None else None
        try:
            scenario = parse_scenario(kept) if kept is not None else starter()
        except InputError:
            scenario = starter()
    screen = Sandbox(scenario, app.progress, path)
    if coming is not None:
        screen.session.adopt_scenario(coming)
        screen.promises = Promises(coming)
    app.push_screen(screen)
