"""The fault switches of the sandbox: which faults, when, and for how long."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.model.fault import FAULT_KINDS, Fault
from tutor.model.scenario import Scenario
from tutor.show.sandbox import fault_settings, fault_words, new_fault, target_words, targets_of
from tutor.tui.commands import BACK, bindings
from tutor.tui.screens.chooser import Choosable, Chooser
from tutor.tui.screens.framed import Dialog
from tutor.tui.widgets.inspector import Inspector
from tutor.tui.widgets.keybar import KeyBar
from tutor.words import say

NEW = "new"
"""The id of the row that adds a fault."""


class Switches(OptionList):
    """The list of faults; the highlighted one can be removed or opened."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "x,delete",
            "screen.remove",
            "delete",
            id="faults.remove",
            key_display="x",
        ),
        Binding("a", "screen.add", "add", id="faults.add"),
    ]


class Faults(Dialog[tuple[Fault, ...]]):
    """Edits the faults of a scenario; answers with all of them when it is closed."""

    BINDINGS = bindings(BACK)
    AUTO_FOCUS = "#switches"
    DEFAULT_CSS = """
    Faults {
        & > #faults { width: 92; max-width: 100%; height: 80%; background: $surface;
            border-left: outer $accent; padding: 1 1 0 3; }
        &.-narrow > #faults { height: 100%; padding: 1 0 0 1; }
        & #faults-title { height: 2; }
        & #faults-panes { height: 1fr; }
        & #switches { width: 1fr; height: 1fr; }
        & Inspector { width: 40; height: 1fr; padding: 0 2; border-left: solid $rule; }
        & KeyBar { background: $background; }
    }
    """

    def __init__(self, scenario: Scenario) -> None:
        super().__init__()
        self.scenario = scenario
        self.faults = list(scenario.faults)

    def compose(self) -> ComposeResult:
        """Shows the faults, and the settings of the highlighted one."""
        with Vertical(id="faults"):
            yield Static(
                Content.assemble(
                    (say("sandbox.faults"), "bold $text"), ("   " + say("sandbox.faults-note"), "$muted")
                ),
                id="faults-title",
                markup=False,
            )
            with Horizontal(id="faults-panes"):
                yield Switches(id="switches", markup=False)
                yield Inspector(None)
        yield KeyBar()

    def on_mount(self) -> None:
        """Shows all faults."""
        self._fill(0)

    def _fill(self, highlighted: int) -> None:
        switches = self.query_one("#switches", Switches)
        switches.clear_options()
        for index, fault in enumerate(self.faults):
            words = Content.assemble(
                ("▼ ", "bold $error"),
                (f"{fault.title} ", "bold $text"),
                (target_words(fault.target, self.scenario.design), "$primary"),
                (f"\n  {fault_words(fault)}", "$muted"),
            )
            switches.add_option(Option(words, id=str(index)))
        switches.add_option(
            Option(Content.assemble(("+ ", "bold $accent"), (say("sandbox.add-fault"), "$text")), id=NEW)
        )
        switches.highlighted = min(highlighted, switches.option_count - 1)

    @property
    def _chosen(self) -> int | None:
        option = self.query_one("#switches", Switches).highlighted_option
        return int(option.id) if option is not None and option.id and option.id != NEW else None

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Shows the settings of the highlighted fault."""
        if event.option_list.id == "switches":
            self._show()

    def _show(self) -> None:
        chosen = self._chosen
        inspector = self.query_one(Inspector)
        if chosen is None:
            inspector.show_part(None, overview=Content.styled(say("sandbox.faults-about"), "$muted"))
        else:
            fault = self.faults[chosen]
            inspector.show_part(
                fault,
                design=self.scenario.design,
                only=fault_settings(fault),
                about=fault.declared.doc,
            )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Goes into the settings, or adds another fault."""
        if event.option_list.id != "switches":
            return
        event.stop()
        if event.option_id == NEW:
            self.action_add()
        else:
            self.query_one(Inspector).query_one("#fields").focus()

    def on_inspector_setting_requested(self, event: Inspector.SettingRequested) -> None:
        """Changes one setting of the chosen fault."""
        event.stop()
        chosen = self._chosen
        if chosen is not None:
            self.faults[chosen] = dataclasses.replace(self.faults[chosen], **{event.name: event.value})
            self._fill(chosen)
            self._show()

    def action_add(self) -> None:
        """Asks for the kind of a new fault, then its target."""
        rows = [
            Choosable(kind.name, say(f"kinds.title.{kind.name}"), about=kind.doc, glyph="▼", tone="$error")
            for kind in FAULT_KINDS.values()
        ]

        def chosen(kind: str | None) -> None:
            if kind:
                self._choose_target(kind, targets_of(kind, self.scenario))

        self.app.push_screen(Chooser(say("sandbox.which-fault"), rows, search=True), chosen)

    def _choose_target(self, kind: str, targets: Sequence[str]) -> None:
        rows = [Choosable(target, target_words(target, self.scenario.design)) for target in targets]

        def chosen(target: str | None) -> None:
            if target:
                self.faults.append(new_fault(kind, target, self.scenario))
                self._fill(len(self.faults) - 1)

        note = "" if rows else say("sandbox.no-target")
        self.app.push_screen(Chooser(say("sandbox.which-target"), rows, note=note), chosen)

    def action_remove(self) -> None:
        """Removes the chosen fault."""
        chosen = self._chosen
        if chosen is not None:
            del self.faults[chosen]
            self._fill(chosen)
            self._show()

    def action_back(self) -> None:
        """Goes out of the settings; then closes, and the faults are set."""
        inspector = self.query_one(Inspector)
        if inspector.has_focus_within:
            if not inspector.leave():
                self.query_one("#switches", Switches).focus()
        else:
            self.dismiss(tuple(self.faults))

    def describe_focus(self) -> str:
        """Describes the purpose of the screen."""
        return say("sandbox.faults-help")
