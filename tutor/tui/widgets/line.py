"""A line to type in."""

from __future__ import annotations

from textual.widgets import Input


class Line(Input):
    """A line whose cursor stands still: one that blinks draws the screen twice a second for as long as it is looked at."""

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(placeholder=placeholder, id=id, compact=True)
        self.set_reactive(Input.cursor_blink, False)
