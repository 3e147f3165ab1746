"""Settings: typed fields made from the declaration of each preference; every change takes effect
immediately.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.show.preferences import Preferences, choices_of, doc_of, title_of, word_of
from tutor.tui.commands import CLOSE, bindings
from tutor.tui.screens.framed import Framed
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.game import GameApp


NAME_WIDTH = 14
"""Cells for the name of a setting."""


class Choices(OptionList):
    """The list of settings; left and right change the highlighted one."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.change(-1)", "before", show=False, id="list.before"),
        Binding(
            "right,enter",
            "screen.change(1)",
            "change",
            key_display="← →",
            id="list.change",
        ),
    ]

    @dataclasses.dataclass
    class ValueClicked(Message):
        """Reports that the mouse chose a value."""

        name: str
        """The setting."""
        word: str
        """The value's word."""

    def on_click(self, event: events.Click) -> None:
        """Chooses a value on a click; a click on the name goes on to the next one, as enter does."""
        clicked = event.style.meta.get("option")
        option = self.get_option_at_index(clicked) if clicked is not None else None
        if option is None or not option.id:
            return
        end = NAME_WIDTH
        for word in choices_of(option.id):
            start, end = end, end + len(word_of(option.id, word)) + 3
            if start <= event.x < end:
                event.prevent_default()
                self.highlighted = clicked
                self.post_message(self.ValueClicked(option.id, word))


class SettingsScreen(Framed):
    """The screen for colors, signs, motion and speed."""

    app: GameApp
    HEADING = "settings"
    BINDINGS = bindings(CLOSE)
    AUTO_FOCUS = "#choices"
    DEFAULT_CSS = """
    SettingsScreen {
        & #settings { width: 96; max-width: 100%; height: auto; padding: 2 3; }
        & #choices { height: auto; }
        & #choice-doc { padding: 1 1 0 1; color: $muted; }
        & #sample { padding: 2 1 0 1; }
    }
    """

    def compose_body(self) -> ComposeResult:
        """Shows the settings, the effect of the highlighted one, and a sample of the colors."""
        with Vertical(id="settings"):
            yield Choices(id="choices", markup=False)
            yield Static(id="choice-doc", markup=False)
            yield Static(id="sample", markup=False)

    def on_mount(self) -> None:
        """Shows the present settings."""
        self.title_bar.note = say("screens.settings-note")
        choices = self.query_one("#choices", Choices)
        for name in Preferences.__dataclass_fields__:
            choices.add_option(Option(self._row(name), id=name))
        choices.highlighted = 0
        self._show_sample()

    def _row(self, name: str) -> Content:
        value = getattr(self.app.preferences, name)
        parts: list[tuple[str, str]] = [(title_of(name).ljust(NAME_WIDTH), "bold $text")]
        for word, held in choices_of(name).items():
            on = held == value
            parts.append((f" {word_of(name, word)} ", "bold $background on $accent" if on else "$muted"))
            parts.append((" ", ""))
        return Content.assemble(*parts)

    def _show_sample(self) -> None:
        kinds = ("call", "publish", "subscribe", "write", "read", "capture", "dead-letter")
        parts: list[tuple[str, str]] = []
        for kind in kinds:
            parts += [("━━▶ ", f"$wire-{kind}"), (say(f"kinds.title.{kind}") + "  ", "$muted")]
        parts += [
            (f"\n\n✓ {say('screens.sample-met')}   ", "$success"),
            (f"✗ {say('screens.sample-missed')}   ", "$error"),
            (f"! {say('screens.sample-warning')}   ", "$warning"),
            ("★★☆", "$accent"),
        ]
        self.query_one("#sample", Static).update(Content.assemble(*parts))

    def action_change(self, by: int) -> None:
        """Chooses the next value of the highlighted setting."""
        choices = self.query_one("#choices", Choices)
        option = choices.highlighted_option
        if option is None or not option.id:
            return
        values = list(choices_of(option.id).values())
        now = getattr(self.app.preferences, option.id)
        place = values.index(now) if now in values else 0
        self._set(option.id, values[(place + by) % len(values)])

    def _set(self, name: str, value: Any) -> None:
        self.app.prefer(dataclasses.replace(self.app.preferences, **{name: value}))
        choices = self.query_one("#choices", Choices)
        for one in Preferences.__dataclass_fields__:
            choices.replace_option_prompt(one, self._row(one))

    def on_choices_value_clicked(self, event: Choices.ValueClicked) -> None:
        """Sets the value that was clicked."""
        self._set(event.name, choices_of(event.name)[event.word])

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Describes the effect of the highlighted setting."""
        if event.option_id:
            self.query_one("#choice-doc", Static).update(doc_of(event.option_id))

    def on_option_list_option_selected(self) -> None:
        """Changes the setting on a click."""
        self.action_change(1)

    def describe_focus(self) -> str:
        """Describes the purpose of the screen."""
        return say("screens.preferences-help")
