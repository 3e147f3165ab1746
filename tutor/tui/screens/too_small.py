"""The screen of a terminal below 80 by 24: one friendly sentence, until there is room."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor.tui.commands import INTERRUPT, QUIT, bindings
from tutor.tui.game import MIN_HEIGHT, MIN_WIDTH
from tutor.words import say


class TooSmall(ModalScreen[None]):
    """A cover for everything while the terminal is too small; the screens below continue where they were."""

    BINDINGS = bindings(QUIT, INTERRUPT)
    DEFAULT_CSS = """
    TooSmall { align: center middle; background: $background; }
    TooSmall Static { width: auto; max-width: 100%; text-align: center; }
    """

    def compose(self) -> ComposeResult:
        """Shows the sentence."""
        yield Static(id="too-small", markup=False)

    def on_resize(self, event: events.Resize) -> None:
        """Says how large the terminal is and how large it has to be."""
        width, height = event.size
        self.query_one(Static).update(
            Content.assemble(
                (say("screens.too-small") + "\n\n", "bold $accent"),
                (
                    say("screens.too-small-size", now=f"{width}×{height}", needed=f"{MIN_WIDTH}×{MIN_HEIGHT}")
                    + "\n",
                    "$text",
                ),
                (say("screens.too-small-remedy"), "$muted"),
            )
        )
