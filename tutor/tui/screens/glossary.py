"""The glossary: every word of the course with one meaning, and the level that teaches it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from tutor.errors import TutorError
from tutor.model.glossary import GlossaryTerm
from tutor.tui.commands import CLOSE, ITS_LEVEL, bindings
from tutor.tui.screens.framed import Framed
from tutor.tui.widgets.line import SearchLine
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.game import GameApp


class Glossary(Framed):
    """The words at the left, the meaning of the highlighted one at the right; typing searches."""

    app: GameApp
    HEADING = "glossary"
    BINDINGS = bindings(CLOSE, ITS_LEVEL)
    AUTO_FOCUS = "#word"
    DEFAULT_CSS = """
    Glossary {
        & #words { padding: 1 2 0 1; }
        & #find { width: 34; }
        & #word { border: none; height: 1; padding: 0 1; margin: 0 1 1 0; background: $panel; }
        & #terms { height: 1fr; }
        & #meaning-pane { width: 1fr; padding: 0 2 0 3; border-left: solid $rule; }
        & #meaning-text { max-width: 76; }
    }
    """

    def __init__(self, word: str = "") -> None:
        super().__init__()
        self._word = word
        self._terms: dict[str, GlossaryTerm] = {}

    def compose_body(self) -> ComposeResult:
        """Shows the search line and words, and the meaning."""
        with Horizontal(id="words"):
            with Vertical(id="find"):
                yield SearchLine("#terms", placeholder=say("screens.search"), id="word")
                yield OptionList(id="terms", markup=False)
            with VerticalScroll(id="meaning-pane", can_focus=False):
                yield Static(id="meaning-text", markup=False)

    def on_mount(self) -> None:
        """Opens on the word that was asked for."""
        try:
            self._terms = {term.id: term for term in self.app.library.glossary}
        except TutorError as error:
            self.query_one("#meaning-text", Static).update(Content.styled(str(error), "$error"))
            return
        self.title_bar.note = say("screens.glossary-note", count=len(self._terms))
        self._fill("")
        found = find_term(self._word, self._terms)
        if found:
            self._show(found)

    def _fill(self, words: str) -> None:
        terms = self.query_one("#terms", OptionList)
        terms.clear_options()
        for term in ranked(words, self._terms):
            terms.add_option(Option(term.title, id=term.id))
        terms.highlighted = 0 if terms.option_count else None
        if not terms.option_count:
            self.query_one("#meaning-text", Static).update(
                Content.styled(say("screens.no-match", words=words), "$muted")
            )

    def _show(self, term_id: str) -> None:
        terms = self.query_one("#terms", OptionList)
        terms.highlighted = terms.get_option_index(term_id)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Narrows the words."""
        self._fill(event.value)

    def on_resize(self) -> None:
        """Keeps the highlighted word in view."""
        self.call_after_refresh(self.query_one("#terms", OptionList).scroll_to_highlight)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Shows the meaning."""
        term = self._terms.get(event.option_id or "")
        if term is None:
            return
        parts: list[tuple[str, str]] = [(term.title, "bold $text")]
        if term.aliases:
            parts.append(("\n" + say("screens.also", names=list(term.aliases)), "$muted"))
        parts.append((f"\n\n{term.definition}\n", "$text"))
        if term.see:
            parts.append((f"\n{say('screens.see')}  ", "bold $primary"))
            parts.append(
                (", ".join(self._terms[one].title for one in term.see if one in self._terms), "$text")
            )
        if term.level:
            parts.append((f"\n{say('screens.taught-in')}  ", "bold $primary"))
            parts.append((self._level_title(term.level), "$accent"))
        self.query_one("#meaning-text", Static).update(Content.assemble(*parts))

    def _level_title(self, level_id: str) -> str:
        try:
            return self.app.library.card(level_id).title
        except (TutorError, OSError):
            return level_id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Goes through the related words on Enter, so that one can read on."""
        term = self._terms.get(event.option_id or "")
        if term is not None and term.see:
            self.query_one("#word", Input).value = ""
            self._fill("")
            self._show(term.see[0])

    def action_play(self) -> None:
        """Plays the level that teaches the highlighted word."""
        option = self.query_one("#terms", OptionList).highlighted_option
        term = self._terms.get(option.id or "") if option else None
        if term is not None and term.level:
            self.app.pop_screen()
            self.app.open_level(term.level)

    def describe_focus(self) -> str:
        """Describes the purpose of the screen."""
        return say("screens.glossary-help")


def find_term(word: str, terms: dict[str, GlossaryTerm]) -> str:
    """Returns the id of the term that a word means: its id, title or another name, else the nearest; an empty
    text if none is near.
    """
    wanted = word.lower().strip()
    if not wanted:
        return ""
    names = {
        name.lower(): term.id for term in terms.values() for name in (*term.aliases, term.title, term.id)
    }
    if wanted in names:
        return names[wanted]
    near = difflib.get_close_matches(wanted, names, n=1, cutoff=0.75)
    return names[near[0]] if near else ""


def ranked(words: str, terms: dict[str, GlossaryTerm]) -> list[GlossaryTerm]:
    """Returns the terms that have these words: in their title first, then in another name, then in their
    meaning.
    """
    wanted = words.lower().split()
    if not wanted:
        return list(terms.values())
    found = []
    for term in terms.values():
        for rank, text in enumerate(
            (term.title.lower(), " ".join(term.aliases).lower() + " " + term.id, term.definition.lower())
        ):
            if all(word in text for word in wanted):
                found.append((rank, not term.title.lower().startswith(wanted[0]), term.title.lower(), term))
                break
    return [term for *_, term in sorted(found, key=lambda row: row[:3])]
