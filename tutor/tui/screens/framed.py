"""What every full screen has: a title bar at the top, a key bar at the bottom; and what every panel over it
has.
"""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen

from tutor.tui.commands import GLOSSARY, HELP, INTERRUPT, PALETTE, QUIT, bindings
from tutor.tui.widgets.keybar import KeyBar
from tutor.tui.widgets.titlebar import TitleBar
from tutor.words import say

Result = TypeVar("Result")

WIDTHS = [(0, "-narrow"), (110, "-wide"), (150, "-broad")]
"""Classes by the width of the terminal."""
HEIGHTS = [(0, "-low"), (34, "-high"), (48, "-tall")]
"""Classes by the height of the terminal."""


class EarlyKeys:
    """Keys that come before a screen can answer them: they are kept and answered in their order, and none is
    lost.
    """

    def __init__(self) -> None:
        self._kept: list[events.Key] | None = []

    def keep(self, event: events.Key) -> bool:
        """Keeps a key and stops it; False once the keys have been answered, for then it goes its usual
        way.
        """
        if self._kept is None:
            return False
        self._kept.append(event)
        event.stop()
        return True

    def answer(self, app: App[None]) -> None:
        """Presses the keys again: what is on the screen now can answer them."""
        kept, self._kept = self._kept, None
        for key in kept or ():
            again = events.Key(key.key, key.character)
            again.set_sender(app)  # a key of the screen's own would not get past it to the app's bindings
            app.post_message(again)


class Framed(Screen[None]):
    """A full screen between a title bar and a key bar."""

    HEADING = ""
    """The key of what the title bar says, in ``screens.heading``."""
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def compose(self) -> ComposeResult:
        """Title bar, the screen's own widgets, key bar."""
        yield TitleBar(say(f"screens.heading.{self.HEADING}") if self.HEADING else "")
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """The screen's own widgets, between the bars."""
        yield from ()

    @property
    def title_bar(self) -> TitleBar:
        """The line at the top."""
        return self.query_one(TitleBar)

    def word_at_focus(self) -> str:
        """The term that the glossary should open on; empty where nothing in particular has the focus."""
        return ""

    def describe_focus(self) -> str:
        """One sentence for help: what has the focus and what it is for."""
        return ""


class Dialog(ModalScreen[Result]):
    """A panel over the screen below."""

    DEFAULT_CSS = """
    Dialog {
        align: center middle;
        background: $background 60%;
    }
    """
    BINDINGS = bindings(HELP, PALETTE, GLOSSARY, QUIT, INTERRUPT)
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Closes the panel with an answer, once: a second answer that was under way when it closed would
        close the screen below.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def word_at_focus(self) -> str:
        """The term that the glossary should open on."""
        return ""

    def describe_focus(self) -> str:
        """One sentence for help: what has the focus and what it is for."""
        return ""
