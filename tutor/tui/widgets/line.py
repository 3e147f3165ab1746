"""Lines to type in."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, OptionList


class Line(Input):
    """A line whose cursor doesn't blink: a blinking one draws the screen twice a second for as long as it is
    looked at.
    """

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True)
        self.set_reactive(Input.cursor_blink, False)


class SearchLine(Line):
    """A line that narrows a list; while it has the focus the arrow and page keys move through the list."""

    def __init__(self, listed: str, *, placeholder: str = "", id: str | None = None) -> None:
        """Creates the line; ``listed`` is the selector of the list."""
        super().__init__(placeholder=placeholder, id=id)
        self._listed = listed

    def on_key(self, event: events.Key) -> None:
        """Passes up, down and the page keys to the list."""
        if event.key not in ("up", "down", "pageup", "pagedown"):
            return
        event.stop()
        event.prevent_default()
        rows = self.screen.query_one(self._listed, OptionList)
        if event.key == "up":
            rows.action_cursor_up()
        elif event.key == "down":
            rows.action_cursor_down()
        elif event.key == "pageup":
            rows.action_page_up()  # type: ignore[no-untyped-call]
        else:
            rows.action_page_down()  # type: ignore[no-untyped-call]
