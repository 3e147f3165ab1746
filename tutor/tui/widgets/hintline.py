"""The line above the key bar, which suggests the next step."""

from __future__ import annotations

import time

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.keys import _character_to_key as character_to_key
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Static

from tutor.show.advice import Words
from tutor.show.lines import hanging
from tutor.tui.commands import keycap, spelled

_STYLES = {"key": "bold $accent", "name": "bold $text", "text": "$muted"}


READ_S = 4.0
"""How long a message stays when the mouse moves on: long enough to read two lines."""


class HintLine(Widget):
    """One line of advice; a message takes its place for a while."""

    DEFAULT_CSS = """
    HintLine { height: 1; padding: 0 1; background: $background; text-wrap: nowrap; text-overflow: ellipsis; }
    HintLine.-refusal { background: $error 15%; }
    HintLine > #said { display: none; overlay: screen; width: 100%; height: auto; background: $surface; }
    HintLine.-long > #said { display: block; }
    HintLine.-refusal > #said { background: $surface; }
    """

    words: reactive[Words] = reactive(())
    """What to do next."""
    message: reactive[str] = reactive("")
    """Something that was just said instead; empty where nothing was."""

    aside: reactive[str] = reactive("")
    """What the mouse can do where the pointer is; empty while it is elsewhere. A message is more important
    for a while.
    """

    _said_at = 0.0
    _lines = ""

    def compose(self) -> ComposeResult:
        """Shows all of a message that is longer than the line, over the rows above."""
        yield Static(id="said", markup=False)

    def render(self) -> Content:
        """Renders the message, what the mouse can do, or the advice."""
        if self.message and not self._pointing:
            return self._said(self.message)
        if self.aside:
            return Content.assemble(("› ", "$accent"), (self.aside, "$muted"))
        parts = [(self._shown(kind, text), _STYLES[kind]) for kind, text in self._fitting]
        return Content.assemble(("› ", "$accent"), *parts)

    @property
    def _pointing(self) -> bool:
        """True if the mouse is somewhere, and the message has been there long enough to be read."""
        return bool(self.aside) and time.monotonic() - self._said_at > READ_S

    def watch_aside(self) -> None:
        """Takes a long message away when the mouse has something to say instead."""
        self.set_class(bool(self._lines) and not self._pointing, "-long")

    def _said(self, message: str) -> Content:
        refusal = self.has_class("-refusal")
        return Content.assemble(
            ("! " if refusal else "› ", "bold $error" if refusal else "bold $accent"), (message, "$text")
        )

    def _shown(self, kind: str, text: str) -> str:
        if kind != "key":
            return text
        return spelled(keycap(text)) if self.app.has_class("-ascii") else keycap(text)

    @property
    def _fitting(self) -> Words:
        """The advice without the last tips if there is no room for them: tips are never cut in half."""
        words = self.words
        room = self.content_size.width - 2
        while words and sum(Content(self._shown(*piece)).cell_length for piece in words) > room:
            gap = next((at for at in range(len(words) - 1, 0, -1) if words[at][1].isspace()), 0)
            if not gap:
                return words
            words = words[:gap]
        return words

    def key_at(self, column: int) -> str:
        """Returns the name of the key at a cell of the advice, or before the words there; an empty text if
        there is none.
        """
        if self.message or self.aside:
            return ""
        at, found = 2 + self.styles.padding.left, ""
        for kind, text in self._fitting:
            shown = self._shown(kind, text)
            if kind == "key":
                found = text if " " not in text else text.split()[int(column >= at + len(shown) / 2)]
            elif kind == "name" or text.isspace():
                found = "" if kind == "name" else found
            at += Content(shown).cell_length
            if column < at:
                return found
        return ""

    def on_click(self, event: events.Click) -> None:
        """Presses the key of the tip that was clicked."""
        key = self.key_at(event.x)
        if key:
            event.stop()
            self.app.simulate_key(character_to_key(key))

    def say(self, message: str, *, refusal: bool = False) -> None:
        """Says something until the next thing is done, or the mouse points at something some seconds
        later.
        """
        self._said_at = time.monotonic()
        self.set_class(refusal and bool(message), "-refusal")
        self.message = message
        self._spread()

    def on_resize(self) -> None:
        """Adapts the rows of a message to another width."""
        self._spread()

    def _spread(self) -> None:
        """Shows all of the message, in as many rows as it needs from the line upwards: nothing else moves."""
        room = self.content_size.width
        long = bool(room) and 2 + Content(self.message).cell_length > room
        self._lines = hanging(self.message, room - 2, 2) if long else ""
        self.set_class(long, "-long")
        if long:
            said = self.query_one("#said", Static)
            said.update(self._said(self._lines))
            said.styles.offset = (0, -self._lines.count("\n"))
