"""A list to choose from, with a line to search it: parts, events, solutions, commands."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tutor.show.lines import hanging
from tutor.tui.screens.asking import Asking
from tutor.tui.widgets.keybar import KeyBar
from tutor.tui.widgets.line import SearchLine
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Choosable:
    """One row to choose."""

    id: str
    """What the chooser answers with."""
    label: str
    """The row's words."""
    right: str = ""
    """At the right end: a price, a key, an outcome."""
    about: str = ""
    """A second line in quiet letters."""
    glyph: str = ""
    """A sign before the words."""
    refused: str = ""
    """Why it cannot be chosen now; empty where it can."""
    tone: str = "$text"
    """The color of the glyph."""


class Chooser(Asking):
    """Rows to choose from; typing searches. Answers with the id of the row, or "" for escape."""

    ROW_WIDTH = 60
    """Cells of a row."""
    AUTO_FOCUS = "#rows"
    DEFAULT_CSS = """
    Chooser {
        & > #chooser {
            width: 70; max-width: 96%; height: auto; max-height: 90%;
            background: $surface; border-left: outer $accent; padding: 1 3 1 3;
        }
        & #search { height: 1; border: none; padding: 0 1; margin: 0 0 1 0; background: $panel; }
        & #rows { height: auto; max-height: 24; }
        &.-low #rows { max-height: 12; }
    }
    """

    def __init__(
        self, title: str, rows: Sequence[Choosable], *, note: str = "", search: bool = False
    ) -> None:
        super().__init__(title, note)
        self.rows = tuple(rows)
        self.search = search
        self._typed = ""

    def compose(self) -> ComposeResult:
        """Shows the title, the line to search with, the rows."""
        with Vertical(id="chooser"):
            yield self.make_heading()
            if self.search:
                yield SearchLine("#rows", placeholder=say("screens.search"), id="search")
            yield OptionList(id="rows", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Shows all rows; typing goes to the search line."""
        self._fill("")
        if self.search:
            self.query_one("#search", Input).focus()

    def _fill(self, words: str) -> None:
        rows = self.query_one("#rows", OptionList)
        rows.clear_options()
        wanted = words.lower().split()
        for row in self.rows:
            text = f"{row.label} {row.right} {row.about} {row.id}".lower()
            if all(word in text for word in wanted):
                rows.add_option(Option(self._prompt(row), id=row.id, disabled=bool(row.refused)))
        if not rows.option_count:
            rows.add_option(
                Option(Content.styled(say("screens.no-match", words=words), "$muted"), disabled=True)
            )
        rows.highlighted = next(
            (index for index in range(rows.option_count) if not rows.get_option_at_index(index).disabled),
            None,
        )

    def _prompt(self, row: Choosable) -> Content:
        quiet = "$muted" if row.refused else "$text"
        parts: list[tuple[str, str]] = (
            [(f"{row.glyph}  ", row.tone if not row.refused else "$faint")] if row.glyph else []
        )
        room = self.ROW_WIDTH - len(row.right) - 2 - (3 if row.glyph else 0)
        first, *rest = Content(row.label).wrap(room) if len(row.label) > room else [Content(row.label)]
        parts += [
            (first.plain.rstrip().ljust(room), quiet),
            ("  ", ""),
            (row.right, "$accent" if not row.refused else "$muted"),
        ]
        parts += [("\n" + ("   " if row.glyph else "") + line.plain.rstrip(), quiet) for line in rest]
        second = row.refused or row.about
        if second:
            indent = "   " if row.glyph else ""
            below = hanging(second, self.ROW_WIDTH - len(indent)).replace("\n", f"\n{indent}")
            parts.append((f"\n{indent}{below}", "$warning" if row.refused else "$muted"))
        return Content.assemble(*parts)

    def on_key(self, event: events.Key) -> None:
        """Jumps to the row that begins with the typed letters, where there is no line to search with."""
        if self.search or not event.is_printable or event.character in (None, " ", "?"):
            return
        for typed in (self._typed + str(event.character), str(event.character)):
            found = next((row for row in self.rows if row.label.lower().startswith(typed.lower())), None)
            if found is not None:
                self._typed = typed
                rows = self.query_one("#rows", OptionList)
                rows.highlighted = rows.get_option_index(found.id)
                event.stop()
                event.prevent_default()
                return

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the rows."""
        event.stop()
        self._fill(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Chooses the highlighted row on Enter in the search line."""
        event.stop()
        self.query_one("#rows", OptionList).action_select()

    def describe_focus(self) -> str:
        """Describes the purpose of the list."""
        if self.search:
            return say("screens.search-help", title=self.heading)
        return say("screens.list-help", title=self.heading)
