"""The list of the campaign map: chapters as headings, levels as rows."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.widgets import OptionList

from tutor.tui.commands import PLAY, bindings


class Levels(OptionList):
    """The chapters and levels; enter plays the highlighted level, and the key bar says so."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(PLAY)

    def on_click(self, event: events.Click) -> None:
        """Shows a level on a click; a click on the level already shown plays it, as in any list."""
        clicked = event.style.meta.get("option")
        if (
            clicked is not None
            and clicked != self.highlighted
            and not self.get_option_at_index(clicked).disabled
        ):
            event.prevent_default()
            self.highlighted = clicked

    def action_play(self) -> None:
        """Plays the highlighted level."""
        self.action_select()
