"""A card over the screen below: a title, something to read, and the replies it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.show.cards import Card, Reply
from tutor.tui.commands import READ_BACK, READ_ON, bindings
from tutor.tui.screens.asking import Asking
from tutor.tui.widgets.keybar import KeyBar
from tutor.words import say

if TYPE_CHECKING:
    from textual.widgets import Markdown


class CardScreen(Asking):
    """Shows a card; answers with the id of the chosen reply, or "" for escape."""

    AUTO_FOCUS = "#replies"
    DEFAULT_CSS = """
    CardScreen {
        & > #card {
            width: 80; max-width: 100%; height: auto; max-height: 100%;
            background: $surface; border-left: outer $accent; padding: 1 3 0 3;
        }
        &.-low > #card { padding: 0 3 0 3; }
        & #card-body { height: auto; max-height: 1fr; scrollbar-gutter: stable; }
        & #card-notice { margin: 0 0 1 0; }
        & #card-body Markdown { padding: 0; margin: 0; background: transparent; }
        & #card-body Markdown.-alone > :last-child { margin-bottom: 0; }
        & #card-body .code_inline { color: $accent; background: transparent; }
        & #replies { height: auto; max-height: 12; margin: 1 0 1 0; }
        &.-low #replies { margin: 1 0 0 0; }
    }
    """

    def __init__(self, card: Card) -> None:
        super().__init__(card.title, card.note)
        self.card = card

    def compose(self) -> ComposeResult:
        """Shows title, text, replies."""
        with Vertical(id="card"):
            yield self.make_heading()
            with Body(id="card-body"):
                yield from self.compose_text()
            if self.card.replies:
                rows = (Option(_row(reply), id=reply.id) for reply in self.card.replies)
                yield Replies(*rows, id="replies", markup=False)
        yield KeyBar()

    def compose_text(self) -> ComposeResult:
        """Shows the notice, then the Markdown from a level, if there is any, then the text."""
        if self.card.notice:
            yield Static(Content.styled(self.card.notice, "$warning"), id="card-notice", markup=False)
        text = Content.assemble(*self.card.text).rstrip("\n")
        if self.card.markdown:
            story = prose(self.card.markdown)
            story.set_class(not text.plain, "-alone")
            yield story
        if text.plain:
            yield Static(text, markup=False)

    def on_resize(self) -> None:
        """Makes a long text scroll, so that the replies stay in view."""
        low = self.has_class("-low")
        title = (2 if self.card.note else 1) + (1 if not low else 0) + 1
        replies = len(self.card.replies) + (2 if not low else 1) if self.card.replies else 1
        self.query_one("#card-body").styles.max_height = max(3, self.app.size.height - title - replies - 1)

    def on_mount(self) -> None:
        """Highlights the first reply, which is the usual one."""
        if self.card.replies:
            self.query_one("#replies", OptionList).highlighted = 0
        else:
            self.query_one("#card-body").focus()

    def on_key(self, event: events.Key) -> None:
        """Chooses a reply by its own key."""
        chosen = next((reply for reply in self.card.replies if reply.key and reply.key == event.key), None)
        if chosen is not None:
            event.stop()
            event.prevent_default()
            self.dismiss(chosen.id)

    def action_answer(self, reply: str) -> None:
        """Answers with the link that was clicked in the text."""
        self.dismiss(reply)

    def on_markdown_link_clicked(self, event: Markdown.LinkClicked) -> None:
        """Copies the address of a link, and shows it: nothing is opened from a text that a file brought."""
        event.stop()
        self.app.copy_to_clipboard(event.href)
        self.notify(say("screens.link-copied", url=event.href), markup=False)

    def word_at_focus(self) -> str:
        """Returns the term that the card is about; that of the screen below if it has no term of its own."""
        below = reversed(self.app.screen_stack[:-1])
        return self.card.word or next(
            (word() for one in below if (word := getattr(one, "word_at_focus", None))), ""
        )

    def describe_focus(self) -> str:
        """Describes the purpose of the card."""
        return say("screens.card-help", title=self.heading)


class Body(VerticalScroll, can_focus=True):
    """The text of a card; space scrolls it as it does in any text."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(READ_ON, READ_BACK)

    def on_mount(self) -> None:
        """Updates the key bar as long as there is more below to read."""
        self.watch(self, "scroll_y", self._keys_changed, init=False)
        self.watch(self, "virtual_size", self._text_laid_out, init=False)

    def _text_laid_out(self) -> None:
        """Makes room for all of the text: an automatic height is that of lines which are longer by the width
        of the scroll bar.
        """
        most = self.styles.max_height
        if most is not None and self.size.height < self.virtual_size.height:
            self.styles.min_height = min(self.virtual_size.height, int(most.value))
        self._keys_changed()

    def _keys_changed(self) -> None:
        self.call_after_refresh(self.screen.refresh_bindings)

    def action_read(self, by: int) -> None:
        """Scrolls the text."""
        (self.action_page_down if by > 0 else self.action_page_up)()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers reading on if there is more to read."""
        if action == "read":
            return self.scroll_offset.y < self.max_scroll_y if parameters == (1,) else True
        return super().check_action(action, parameters)


class Replies(OptionList):
    """The replies of a card; space and the page keys scroll the card's text."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(READ_ON, READ_BACK)

    @property
    def _body(self) -> Body:
        return self.screen.query_one("#card-body", Body)

    def action_read(self, by: int) -> None:
        """Scrolls the text."""
        self._body.action_read(by)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offers reading on if there is more to read."""
        if action == "read":
            return self._body.check_action(action, parameters)
        return super().check_action(action, parameters)


def _row(reply: Reply) -> Content:
    return Content.assemble(
        (f"{reply.key or '›'} ", "bold $accent" if reply.key else "$accent"),
        (reply.label, "$text"),
        (f"  {reply.note}" if reply.note else "", "$muted"),
    )


def prose(text: str) -> Widget:
    """Returns Markdown from a file as a widget; imported late, as it is the heaviest part of the screens."""
    from textual.widgets import Markdown

    return Markdown(text, open_links=False)
