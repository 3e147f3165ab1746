"""The common frame of full screens, with a title bar at the top and a key bar at the bottom; and that of
panels over them.
"""

from __future__ import annotations

from typing import TypeVar

from textual.app import ComposeResult
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


def size_up(screen: Screen[Result]) -> None:
    """Gives a screen the classes of its size before it is laid out: Textual does so after the first layout,
    which would be for another room than the second.
    """
    size = screen.app.size
    for room, limits in ((size.width, WIDTHS), (size.height, HEIGHTS)):
        found = [name for limit, name in limits if room >= limit]
        screen.update_classes({name: name == found[-1] for _, name in limits}, animate=False)


class Framed(Screen[None]):
    """A full screen between a title bar and a key bar."""

    HEADING = ""
    """The key of what the title bar says, in ``screens.heading``."""
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def compose(self) -> ComposeResult:
        """Shows title bar, the screen's own widgets, key bar."""
        yield TitleBar(say(f"screens.heading.{self.HEADING}") if self.HEADING else "")
        yield from self.compose_body()
        yield KeyBar()

    def compose_body(self) -> ComposeResult:
        """Yields the screen's own widgets, between the bars."""
        yield from ()

    def on_mount(self) -> None:
        """Takes the classes of its size."""
        size_up(self)

    @property
    def title_bar(self) -> TitleBar:
        """The line at the top."""
        return self.query_one(TitleBar)

    def word_at_focus(self) -> str:
        """Returns the term that the glossary should open on; an empty text if nothing in particular has the
        focus.
        """
        return ""

    def describe_focus(self) -> str:
        """Describes in one sentence, for help, what has the focus and its purpose."""
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

    def on_mount(self) -> None:
        """Takes the classes of its size."""
        size_up(self)

    def dismiss(self, result: Result | None = None) -> AwaitComplete:
        """Closes the panel with an answer, once: a second answer that was under way when it closed would
        close the screen below.
        """
        return super().dismiss(result) if self.is_active else AwaitComplete()

    def word_at_focus(self) -> str:
        """Returns the term that the glossary should open on."""
        return ""

    def describe_focus(self) -> str:
        """Describes in one sentence, for help, what has the focus and its purpose."""
        return ""
