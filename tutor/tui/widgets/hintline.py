"""The line above the key bar: what to do next."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from tutor.show.advice import Words
from tutor.tui.commands import keycap, spelled

_STYLES = {"key": "bold $accent", "name": "bold $text", "text": "$muted"}


class HintLine(Widget):
    """One line of advice; a message takes its place for a while."""

    DEFAULT_CSS = """
    HintLine { height: 1; padding: 0 1; background: $background; text-wrap: nowrap; text-overflow: ellipsis; }
    HintLine.-refusal { background: $error 15%; }
    """

    words: reactive[Words] = reactive(())
    """What to do next."""
    message: reactive[str] = reactive("")
    """Something that was just said instead; empty where nothing was."""

    aside: reactive[str] = reactive("")
    """What the mouse can do where the pointer is; empty while it is elsewhere. A message is more important."""

    def render(self) -> Content:
        """The message, what the mouse can do, or the advice."""
        if self.message:
            sign = "! " if self.has_class("-refusal") else "› "
            return Content.assemble((sign, "bold $error" if self.has_class("-refusal") else "bold $accent"), (self.message, "$text"))
        if self.aside:
            return Content.assemble(("› ", "$accent"), (self.aside, "$muted"))
        plain = self.app.has_class("-ascii")
        parts = [
            ((spelled(keycap(text)) if plain else keycap(text)) if kind == "key" else text, _STYLES[kind]) for kind, text in self.words
        ]
        return Content.assemble(("› ", "$accent"), *parts)

    def say(self, message: str, *, refusal: bool = False) -> None:
        """Says something until the next thing is done."""
        self.set_class(refusal and bool(message), "-refusal")
        self.message = message
        self.tooltip = Content(message) if len(message) > self.size.width - 4 and message else None
