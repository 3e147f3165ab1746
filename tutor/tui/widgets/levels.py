"""The list of the campaign map: chapters as headings, levels as rows."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from tutor.tui.commands import PLAY, bindings


class Levels(OptionList):
    """Chapters and levels; enter plays the highlighted level, and the key bar says so."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(PLAY)

    def action_play(self) -> None:
        """Play the highlighted level."""
        self.action_select()
