"""The campaign map: chapters and levels, stars, and the learner's place."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tutor.errors import TutorError
from tutor.tui.commands import CONTINUE, PROGRESS, SANDBOX, bindings
from tutor.tui.screens.framed import Framed
from tutor.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.containers import Horizontal
    from textual.widgets import OptionList

    from tutor.show.standing import Learned, LevelMark
    from tutor.tui.game import GameApp

FIRST_FRAME_S = 0.03
"""How long the first frame gets to reach the terminal before the model is imported, which would
hold it up.
"""
CARD_S = 0.02
"""Time from one card that is read for the command palette to the next."""


def make_map() -> Horizontal:
    """Creates the list of levels at the left, the highlighted one at the right."""
    from textual.containers import Horizontal, VerticalScroll

    from tutor.tui.widgets.levels import Levels

    about = VerticalScroll(
        Static(id="about-text", markup=False),
        PlayLine(id="about-play", markup=False),
        id="about",
        can_focus=False,
    )
    return Horizontal(Levels(id="levels", markup=False), about, id="map")


class PlayLine(Static):
    """The key that plays the highlighted level; a click does the same."""

    def on_click(self) -> None:
        """Plays the highlighted level."""
        from textual.widgets import OptionList

        self.screen.query_one("#levels", OptionList).action_select()


class Campaign(Framed):
    """The map with every level of the course, the next one to play, and the subject of the highlighted one.

    The first frame needs neither model nor store: it has the bars and the titles, and the list takes their
    place right after it.
    """

    app: GameApp
    HEADING = "campaign"
    BINDINGS = bindings(CONTINUE, SANDBOX, PROGRESS)

    def __init__(self) -> None:
        super().__init__()
        self._learned: Learned
        self._order: tuple[str, ...] = ()
        self._was_here = ""
        self._worded = False

    def compose_body(self) -> ComposeResult:
        """Shows the titles, as quickly as they can be read; the map takes their place."""
        yield Static(self._outline(), id="moment", markup=False)

    def _outline(self) -> Content:
        parts: list[tuple[str, str]] = []
        number = 0
        for chapter, titles in self.app.library.outline():
            parts.append((("\n" if parts else "") + f"{chapter}\n", "bold $primary"))
            for title in titles:
                number += 1
                parts += [(" · ", "$faint"), (f"{number:>2}  ", "$muted"), (f"{title}\n", "$muted")]
        return Content.assemble(*parts)

    def on_mount(self) -> None:
        """Draws the map after the first frame, and the levels' own words after that."""
        rules = self.app.library.rules
        self.title_bar.note = rules.title if rules is not None and rules.title else say("map.note")
        self.set_timer(FIRST_FRAME_S, self._begin)

    async def _begin(self) -> None:
        self.app.dress()
        self.app.tell_notices()
        try:
            order = self.app.library.order
        except TutorError as error:
            self.query_one("#moment", Static).update(
                Content.assemble((say("map.unreadable") + "\n\n", "bold $error"), str(error))
            )
            self.app.type_ahead.release(self.app)
            return
        made = make_map()
        with self.app.batch_update():  # one frame from the titles to the map
            if self.is_attached:
                await self.mount(made, after=self.title_bar)
            if self.is_attached:
                await self.query_one("#moment").remove()
            if not self.is_attached:  # the game was left meanwhile
                return
            self._order = order
            self._draw()
            self.levels.focus()
        self.app.type_ahead.release(self.app)
        self.call_after_refresh(self._read_words)

    @property
    def levels(self) -> OptionList:
        """The list of chapters and levels; there once the course is read."""
        from textual.widgets import OptionList

        return self.query_one("#levels", OptionList)

    def on_resize(self) -> None:
        """Draws the rows again, as wide as there is room for."""
        if self._order:
            self.call_after_refresh(self._draw)

    def on_screen_resume(self) -> None:
        """Shows the stars won meanwhile."""
        if self._order:
            self._draw()

    def _draw(self) -> None:
        from textual.widgets.option_list import Option

        from tutor.show.standing import learned

        self._learned = learned(self.app.progress)
        levels = self.levels
        kept = levels.highlighted_option.id if levels.highlighted_option else None
        levels.clear_options()
        chapters = [chapter for chapter in self.app.library.course.chapters if chapter.levels]
        for number, chapter in enumerate(chapters):
            heading = Content.assemble(("\n" if number else "", ""), (chapter.title, "bold $primary"))
            levels.add_option(Option(heading, id=f"chapter:{chapter.id}", disabled=True))
            for level_id in chapter.levels:
                levels.add_option(Option(self._row(level_id), id=level_id))
        here = self.here
        if kept is None or kept == self._was_here:  # whoever stood at the level to play next moves on with it
            kept = here
        self._was_here = here
        if kept:
            levels.highlighted = levels.get_option_index(kept)
        self._show_state()

    @property
    def here(self) -> str:
        """The level to play next: the last one left unfinished, or the first that is neither passed nor
        tested out.
        """
        from tutor.progress.fast_track import level_to_play

        return level_to_play(
            self.app.library.course, self._learned.passed, self._unaided, self._learned.latest
        )

    @property
    def _unaided(self) -> frozenset[str]:
        """The levels whose passing counts for the fast track: in a class pack every level is to be played."""
        return self._learned.unaided if self.app.library.rules is None else frozenset()

    @property
    def _skipped(self) -> frozenset[str]:
        """The levels that need not be played, because their chapter is tested out."""
        from tutor.progress.fast_track import skipped_levels

        return skipped_levels(self.app.library.course, self._learned.passed, self._unaided)

    def _show_state(self) -> None:
        from tutor.show.stars import total

        passed = sum(self._learned.mark(level).passed for level in self._order)
        won = sum(total(self._learned.mark(level).stars) for level in self._order)
        self.title_bar.state = Content.assemble(
            (f"{passed}", "bold $success"),
            (" " + say("map.passed", count=len(self._order)) + "   ", "$muted"),
            ("★ ", "$accent"),
            (f"{won}", "bold $accent"),
            (f"/{9 * len(self._order)}", "$muted"),
        )

    def _row(self, level_id: str) -> Content:
        mark = self._learned.mark(level_id)
        number = self._order.index(level_id) + 1
        title = self.app.library.heading(level_id)
        here = level_id == self.here
        skipped = level_id in self._skipped
        sign, style = (
            ("✓", "$success")
            if mark.passed
            else ("▸", "$accent")
            if here
            else ("»", "$muted")
            if skipped
            else ("·", "$faint")
        )
        test = self.app.library.rules is None and any(
            level_id == chapter.test for chapter in self.app.library.course.chapters
        )
        won = self._won(mark, here=here, skipped=skipped, test=test)
        room = (44 if self.has_class("-narrow") else 50) - won.cell_length
        words = title if len(title) <= room else title[: room - 1] + "…"
        quiet = "$text" if mark.passed or here else "$muted"
        return Content.assemble(
            (f" {sign} ", style), (f"{number:>2}  ", "$muted"), (words.ljust(room), quiet), won
        )

    def _won(self, mark: LevelMark, *, here: bool, skipped: bool, test: bool) -> Content:
        from tutor.show import stars

        if mark.passed:
            if self.has_class("-narrow"):
                return Content.assemble(("★", "$accent"), (f" {stars.total(mark.stars)}", "$muted"))
            rows = (
                Content.assemble(*stars.row(count))
                for count in (mark.stars.cost, mark.stars.speed, mark.stars.simplicity)
            )
            return Content(" ").join(rows)
        if here:
            return Content.styled(say("map.here"), "$accent")
        return Content.styled(say("map.tested-out") if skipped else say("map.test") if test else "", "$muted")

    def _read_words(self) -> None:
        """Reads the glossary's titles of the terms, once the map is drawn."""
        self._worded = True
        option = self.levels.highlighted_option
        if option is not None and option.id:
            self._show_level(option.id)
        self._read_cards()

    def _read_cards(self, start: int = 0) -> None:
        """Reads the cards that the command palette lists, one at a time, so that keys are answered
        meanwhile.
        """
        if self.is_mounted and start < len(self._order):
            with contextlib.suppress(TutorError):  # opening the level tells what is wrong with it
                self.app.library.card(self._order[start])
            self.set_timer(CARD_S, lambda: self._read_cards(start + 1))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Shows the subject of the highlighted level."""
        if event.option_id:
            self._show_level(event.option_id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Plays the chosen level."""
        if event.option_id:
            self.app.open_level(event.option_id)

    def _show_level(self, level_id: str) -> None:
        from tutor.show.lines import hanging, style_goals

        width = self.query_one("#about-text").size.width
        chapter = next(chapter for chapter in self.app.library.course.chapters if level_id in chapter.levels)
        mark = self._learned.mark(level_id)
        parts: list[Content | tuple[str, str]] = [(f"{chapter.title}\n", "$muted")]
        try:
            card = self.app.library.card(level_id)
        except TutorError as error:
            parts += [
                (f"{level_id}\n\n", "bold $text"),
                (say("map.level-unreadable") + "\n", "$error"),
                (f"{error}\n", "$muted"),
            ]
        else:
            parts += [(f"{card.title}\n\n", "bold $text"), (f"{card.summary}\n", "$text")]
            parts.append(("\n", ""))
            parts += style_goals(card.goals, width)
            if card.terms and self._worded:
                words = hanging(" · ".join(self._titles(card.terms)), width, 0)
                parts += [(f"\n{say('map.terms')}\n", "bold $primary"), (words + "\n", "$muted")]
        if mark.passed:
            from tutor.show import stars

            parts.append((f"\n{say('map.won')}\n", "bold $primary"))
            for kind in stars.KINDS:
                parts += [
                    ("  ", ""),
                    *stars.row(getattr(mark.stars, kind)),
                    (f"  {stars.title(kind)}\n", "$muted"),
                ]
        elif level_id == chapter.test and self.app.library.rules is None:
            parts.append((f"\n{say('map.test-about')}\n", "$muted"))
        if chapter.blurb:
            parts += [("\n", ""), (" ".join(chapter.blurb.split()) + "\n", "$muted")]
        key = "enter" if self.app.preferences.ascii else "⏎"
        play = say("map.play-again") if mark.passed else say("map.play")
        self.query_one("#about-play", Static).update(
            Content.assemble((key, "bold $accent"), (f"  {play}", "$muted"))
        )
        self.query_one("#about-text", Static).update(Content.assemble(*parts))

    def _titles(self, terms: Sequence[str]) -> list[str]:
        """Returns the glossary's titles of these terms."""
        try:
            known = {term.id: term.title for term in self.app.library.glossary}
        except TutorError:
            known = {}
        return [known.get(term, term) for term in terms]

    def word_at_focus(self) -> str:
        """Returns the first word that the highlighted level teaches."""
        option = self.levels.highlighted_option if self._order else None
        try:
            terms = self.app.library.card(option.id or "").terms if option else ()
        except TutorError:
            return ""
        return terms[0] if terms else ""

    def describe_focus(self) -> str:
        """Describes the purpose of the list."""
        return say("map.help")

    def action_continue(self) -> None:
        """Continues where the learner left off."""
        if self._order:
            self.app.open_level(self.here)
