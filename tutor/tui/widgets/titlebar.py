"""The line at the top: the learner's place, and what is worth knowing there."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget


class TitleBar(Widget):
    """Title and subtitle at the left, a short state at the right."""

    DEFAULT_CSS = """
    TitleBar {
        dock: top;
        height: 1;
        background: $surface;
        padding: 0 1;
    }
    """

    heading: reactive[str] = reactive("")
    """What this screen is."""
    note: reactive[str] = reactive("")
    """Where it belongs, in quiet letters."""
    state: reactive[Content] = reactive(Content(""))
    """At the right: what is worth knowing at a glance."""

    def __init__(self, heading: str = "", note: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.set_reactive(TitleBar.heading, heading)
        self.set_reactive(TitleBar.note, note)

    def render(self) -> Content:
        """Renders one line; the note gives way first."""
        width = self.size.width
        state = self.state
        left = Content.assemble(("▌ ", "$accent"), (self.heading, "bold $text"))
        room = width - left.cell_length - state.cell_length - 4
        if self.note and room >= 8:
            note = self.note if len(self.note) <= room else self.note[: room - 1] + "…"
            left = Content.assemble(left, ("  " + note, "$muted"))
        gap = max(1, width - left.cell_length - state.cell_length)
        return Content.assemble(left, " " * gap, state)
