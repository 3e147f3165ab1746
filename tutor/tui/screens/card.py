"""A card over the screen below: a title, something to read, and what can be done next."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.tui.commands import READ_BACK, READ_ON, bindings
from tutor.tui.screens.asking import Asking
from tutor.tui.widgets.keybar import KeyBar


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """One way on from a card."""

    id: str
    """What the card answers with."""
    label: str
    """What it says."""
    note: str = ""
    """More about it, in quiet letters."""
    key: str = ""
    """The key that chooses it at once: the one that does the same on the board. Empty: none but the arrows and enter."""


class Card(Asking):
    """A title, a text, and ways on; answers with the id of the chosen way, or "" for escape."""

    AUTO_FOCUS = "#ways"
    DEFAULT_CSS = """
    Card {
        & > #card {
            width: 80; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border-left: outer $accent; padding: 1 3 0 3;
        }
        & #card-body { height: auto; max-height: 1fr; scrollbar-gutter: stable; }
        & #card-body Markdown { padding: 0; margin: 0; background: transparent; }
        & #card-body Markdown.-alone > :last-child { margin-bottom: 0; }
        & #card-body .code_inline { color: $accent; background: transparent; }
        & #ways { height: auto; max-height: 12; margin: 1 0 1 0; }
    }
    """

    def __init__(self, title: str, note: str = "", ways: Sequence[Way] = (), word: str = "") -> None:
        super().__init__(title, note)
        self.ways = tuple(ways)
        self.word = word
        """The term that the glossary opens on."""

    def compose(self) -> ComposeResult:
        """Title, text, ways on."""
        with Vertical(id="card"):
            yield self.make_heading()
            with Body(id="card-body"):
                yield from self.compose_text()
            if self.ways:
                yield Ways(*(Option(_way(way), id=way.id) for way in self.ways), id="ways", markup=False)
        yield KeyBar()

    def compose_text(self) -> ComposeResult:
        """What there is to read."""
        yield from ()

    def on_resize(self) -> None:
        """A long text scrolls: the ways on stay in view."""
        title = 3 if self.note else 2
        ways = len(self.ways) + 2 if self.ways else 1
        self.query_one("#card-body").styles.max_height = max(3, self.app.size.height - title - ways - 2)

    def on_mount(self) -> None:
        """The first way on is the usual one."""
        if self.ways:
            ways = self.query_one("#ways", OptionList)
            ways.highlighted = 0
        else:
            self.query_one("#card-body").focus()

    def on_key(self, event: events.Key) -> None:
        """A way's own key chooses it."""
        chosen = next((way for way in self.ways if way.key and way.key == event.key), None)
        if chosen is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(chosen.id)

    def word_at_focus(self) -> str:
        """The word that the card is about; of the screen below where it has none of its own."""
        return self.word or next(
            (word() for one in reversed(self.app.screen_stack[:-1]) if (word := getattr(one, "word_at_focus", None))), ""
        )

    def describe_focus(self) -> str:
        """What the card is for."""
        return (
            f"{self.heading}. Arrows choose how to go on, enter does it, and so does the letter before a way; "
            "space and the page keys scroll a long text."
        )


class Body(VerticalScroll, can_focus=True):
    """What a card has to read."""

    def on_mount(self) -> None:
        """The key bar says how to read on for as long as there is more below."""
        self.watch(self, "scroll_y", self._tell_keys, init=False)
        self.watch(self, "virtual_size", self._tell_keys, init=False)

    def _tell_keys(self) -> None:
        self.call_after_refresh(self.screen.refresh_bindings)


class Ways(OptionList):
    """The ways on from a card; space and the page keys scroll the card's text."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(READ_ON, READ_BACK)

    def action_read(self, by: int) -> None:
        """Scroll the text."""
        body = self.screen.query_one("#card-body", Body)
        (body.action_page_down if by > 0 else body.action_page_up)()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Reading on is offered where there is more to read."""
        if action == "read":
            body = self.screen.query_one("#card-body", Body)
            return body.scroll_offset.y < body.max_scroll_y if parameters == (1,) else True
        return super().check_action(action, parameters)


def numbered(labels: Sequence[str]) -> list[Way]:
    """Answers to choose from: each answers with its place, and the number before it chooses it."""
    return [Way(str(index), label, key=str(index + 1)) for index, label in enumerate(labels)]


def _way(way: Way) -> Content:
    return Content.assemble(
        (f"{way.key or '›'} ", "bold $accent" if way.key else "$accent"),
        (way.label, "$text"),
        (f"  {way.note}" if way.note else "", "$muted"),
    )


class TextCard(Card):
    """A card whose text is ready-made."""

    def __init__(self, title: str, text: Content, *, note: str = "", ways: Sequence[Way] = (), word: str = "") -> None:
        super().__init__(title, note, ways, word)
        self.text = text

    def compose_text(self) -> ComposeResult:
        """The text."""
        yield Static(self.text.rstrip("\n"), markup=False)


class MarkdownCard(Card):
    """A card whose text is Markdown from a level; links in it are words."""

    def __init__(self, title: str, text: str, *, note: str = "", ways: Sequence[Way] = (), after: Content | None = None) -> None:
        super().__init__(title, note, ways)
        self.text, self.after = text, after

    def compose_text(self) -> ComposeResult:
        """The Markdown, then what comes after it."""
        text = prose(self.text)
        text.set_class(self.after is None, "-alone")
        yield text
        if self.after is not None:
            yield Static(self.after.rstrip("\n"), markup=False)


def prose(text: str) -> Widget:
    """Markdown from a file as a widget; imported late, it is the heaviest part of the screens."""
    from textual.widgets import Markdown

    return Markdown(text, open_links=False)
