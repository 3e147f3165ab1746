"""The common base of panels from which something is chosen: a heading, and one answer."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import OptionList, Static

from tutor.tui.commands import BACK, bindings
from tutor.tui.screens.framed import Dialog


class Asking(Dialog[str]):
    """A panel with a heading and a list; answers with the id of the chosen row, or "" for escape."""

    BINDINGS = bindings(BACK)
    DEFAULT_CSS = """
    Asking {
        & #heading { height: auto; padding: 0 0 1 0; }
        & KeyBar { background: $background; }
    }
    """

    def __init__(self, heading: str, note: str = "") -> None:
        super().__init__()
        self.heading, self.note = heading, note

    def make_heading(self) -> Static:
        """Creates the heading, and under it a note in quiet letters."""
        note = f"\n{self.note}" if self.note else ""
        return Static(
            Content.assemble((self.heading, "bold $text"), (note, "$muted")), id="heading", markup=False
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answers with the chosen row."""
        event.stop()
        self.dismiss(event.option_id or "")

    def action_back(self) -> None:
        """Closes without a choice."""
        self.dismiss("")
