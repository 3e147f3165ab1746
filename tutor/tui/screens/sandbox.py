"""The sandbox: a free board with every part and every fault. What is built is kept, and can be saved as a scenario file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from tutor.errors import InputError, TutorError
from tutor.model.fault import Fault
from tutor.model.scenario import Scenario
from tutor.session import Session
from tutor.session.learner import FREE_BOARD
from tutor.show.sandbox import expecting, starter, without_loose_ends
from tutor.tui.commands import FAULTS, SAVE, bindings
from tutor.tui.screens.bench import Bench

if TYPE_CHECKING:
    from tutor.progress import Progress
    from tutor.tui.app import TutorApp


class Sandbox(Bench):
    """A board without goals."""

    BINDINGS = bindings(FAULTS, SAVE)

    def __init__(self, scenario: Scenario, progress: Progress | None, path: Path | None) -> None:
        super().__init__(Session(None, progress, scenario=scenario))
        self.path = path

    def on_mount(self) -> None:
        """Say where this is."""
        self.title_bar.heading = "Sandbox"
        self.title_bar.note = str(self.path) if self.path is not None else "every part, every fault; kept for next time"
        self._show_faults()

    def _show_faults(self) -> None:
        count = len(self.session.scenario.faults)
        self.title_bar.state = Content.assemble(
            (f"{count} " if count else "no ", "bold $error" if count else "$muted"), ("fault" if count == 1 else "faults", "$muted")
        )

    def design_changed(self) -> None:
        """What every event is expected to do, and what may still be struck, follows the board."""
        fresh = expecting(without_loose_ends(self.session.scenario))
        self.session.change_conditions(faults=fresh.faults, effects=fresh.effects)
        super().design_changed()
        self._show_faults()
        if self.playback.player is None:
            self.show_plan()

    def scored(self) -> None:
        """The title goes on to count the faults."""
        self._show_faults()

    def see_outcome(self) -> None:
        """There are no goals: what looks wrong is a key away."""
        super().see_outcome()
        found = self.session.diagnosis
        self.say(f"{found[0].title}; y tells why" if found else "nothing looks wrong; e adds a fault")

    def action_faults(self) -> None:
        """The fault switches."""
        from tutor.tui.screens.faults import Faults

        def changed(faults: tuple[Fault, ...] | None) -> None:
            if faults is not None and faults != self.session.scenario.faults:
                self.session.change_conditions(faults=faults)
                self._show_faults()
                self.playback.unload()
                self.show_plan()
                self.advise(edited=True)

        self.app.push_screen(Faults(self.session.scenario), changed)

    def action_save(self) -> None:
        """Write the scenario file."""
        from tutor.catalog import save_scenario

        if self.app.is_web:
            self.app.deliver_text(io.StringIO(self.session.text), save_filename="sandbox.toml", mime_type="application/toml")
            return
        path = self.path if self.path is not None else Path("sandbox.toml")
        try:
            save_scenario(self.session.scenario, path)
        except InputError as error:
            self.say(str(error), refusal=True)
            return
        self.say(f"written to {path.absolute()}; tutor simulate runs it")


def open_sandbox(app: TutorApp, path: Path | None, adopted: str = "") -> None:
    """Opens the free board: on a file, on what was built last time, or on a small start; ``adopted`` is a scenario to put on it."""
    from tutor.catalog import load_scenario, parse_scenario

    try:
        scenario = load_scenario(path) if path is not None else None
        coming = parse_scenario(adopted, "the scenario") if adopted else None
    except TutorError as error:
        app.notify(str(error), title="This file cannot be opened", severity="error", markup=False)
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
    app.push_screen(screen)
