"""A small list of commands that work here, beside the pointer or beside the focused item."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.geometry import Offset
from textual.widgets import OptionList

from tutor.tui.commands import keycap
from tutor.tui.screens.chooser import Choosable, Chooser


class Menu(Chooser):
    """A chooser that leaves the screen below in view, and closes with a click beside it."""

    ROW_WIDTH = 26
    DEFAULT_CSS = """
    Menu {
        align: left top;
        background: transparent;
        & > #chooser { width: 32; padding: 0 1; border: round $accent; }
        & #heading { padding: 0 0 0 1; }
    }
    """

    def __init__(self, title: str, rows: Sequence[Choosable], at: tuple[int, int]) -> None:
        """Creates the menu; ``at`` is the cell of the screen beside which it opens."""
        super().__init__(title, rows)
        self.at = at

    def compose(self) -> ComposeResult:
        """Shows the name of the item, and the rows."""
        with Vertical(id="chooser"):
            yield self.make_heading()
            yield OptionList(id="rows", markup=False)

    def on_mount(self) -> None:
        """Places the menu beside the pointer, inside the screen."""
        self._place()

    def on_resize(self) -> None:
        """Places the menu again: the screen may have become too small for its place."""
        self._place()

    def _place(self) -> None:
        panel = self.query_one("#chooser")
        width, height = 32, len(self.rows) + 3
        x, y = self.at
        below = y + 1 + height <= self.app.size.height
        left = max(0, min(x, self.app.size.width - width))
        panel.styles.offset = Offset(left, y + 1 if below else max(0, min(y, self.app.size.height) - height))

    def on_key(self, event: events.Key) -> None:
        """Takes the row whose key is pressed: it stands beside the row."""
        found = next((row for row in self.rows if row.right == keycap(event.key)), None)
        if found is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(found.id)

    def on_click(self, event: events.Click) -> None:
        """Closes the menu on a click beside it."""
        if not self.query_one("#chooser").region.contains(event.screen_x, event.screen_y):
            self.dismiss("")
