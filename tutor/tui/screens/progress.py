"""Progress: the levels passed, the quality of the predictions, and the questions to be asked again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.errors import TutorError
from tutor.model.level import Stars
from tutor.progress.fast_track import is_tested_out
from tutor.show import stars
from tutor.show.cards import Card, Reply, numbered
from tutor.show.standing import Learned, learned
from tutor.tui.commands import CLOSE, REVIEW, bindings
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.framed import WIDTHS, Framed
from tutor.words import say

if TYPE_CHECKING:
    from tutor.progress import Progress
    from tutor.tui.game import GameApp


class ProgressScreen(Framed):
    """The numbers at the left, questions to review at the right."""

    app: GameApp
    HEADING = "progress"
    BINDINGS = bindings(CLOSE, REVIEW)
    AUTO_FOCUS = "#due"
    DEFAULT_CSS = """
    ProgressScreen {
        & #progress { padding: 1 2; }
        & #numbers { width: 1fr; padding: 0 2 0 1; }
        &.-narrow #numbers { width: 2fr; padding: 0 1; }
        & #reviews { width: 1fr; padding: 0 1 0 3; border-left: solid $rule; }
        & #due { height: auto; max-height: 1fr; }
    }
    """

    def compose_body(self) -> ComposeResult:
        """Shows the numbers and the questions."""
        with Horizontal(id="progress"):
            with VerticalScroll(id="numbers", can_focus=True):
                yield Static(id="numbers-text", markup=False)
            with VerticalScroll(id="reviews", can_focus=False):
                yield Static(id="reviews-text", markup=False)
                yield OptionList(id="due", markup=False)

    def on_mount(self) -> None:
        """Shows the facts in the store."""
        self._show()

    def on_resize(self) -> None:
        """Shows the rows as wide as there is room for."""
        self._show()

    def _show(self) -> None:
        known = learned(self.app.progress)
        self.query_one("#numbers-text", Static).update(self._numbers(known))
        due = self.query_one("#due", OptionList)
        due.clear_options()
        for level_id in known.due:
            due.add_option(
                Option(Content.assemble(("› ", "$accent"), (self._title(level_id), "$text")), id=level_id)
            )
        due.display = bool(known.due)
        later = len(self.app.progress.reviews()) - len(known.due) if self.app.progress is not None else 0
        words = say("screens.due", count=len(known.due)) if known.due else say("screens.nothing-due")
        parts: list[tuple[str, str]] = [
            (say("screens.to-review") + "\n", "bold $primary"),
            (words + "\n", "$text"),
        ]
        if later:
            parts.append((say("screens.later", count=later) + "\n", "$muted"))
        parts.append((f"\n{say('screens.review-days')}\n", "$muted"))
        self.query_one("#reviews-text", Static).update(Content.assemble(*parts))
        if known.due:
            due.highlighted = 0
        else:
            self.query_one("#numbers").focus()
        self.refresh_bindings()

    def _title(self, level_id: str) -> str:
        try:
            return self.app.library.card(level_id).title
        except (TutorError, OSError):
            return level_id

    def _numbers(self, known: Learned) -> Content:
        try:
            chapters = [chapter for chapter in self.app.library.course.chapters if chapter.levels]
        except TutorError as error:
            return Content.styled(str(error), "$error")
        narrow = self.app.size.width < WIDTHS[1][0]
        title, bar = (24, 8) if narrow else (28, 12)
        parts: list[tuple[str, str] | Content] = [(say("screens.levels") + "\n", "bold $primary")]
        for chapter in chapters:
            marks = [known.mark(level) for level in chapter.levels]
            passed = sum(mark.passed for mark in marks)
            won = sum(stars.total(mark.stars) for mark in marks)
            skipped = (
                passed < len(marks)
                and self.app.library.rules is None
                and is_tested_out(chapter, known.unaided)
            )
            done = round(bar * passed / max(1, len(marks)))
            tone = "$success" if passed == len(marks) else "$text"
            parts += [
                (chapter.title.ljust(title)[:title], tone),
                ("━" * done, "$success"),
                ("─" * (bar - done), "$faint"),
            ]
            parts += [
                (f"  {passed}/{len(marks)}", "$text"),
                (f"  ★ {won:<3}", "$accent" if won else "$muted"),
            ]
            parts += [(" »" if narrow else "  " + say("map.tested-out"), "$muted")] if skipped else []
            parts.append(("\n", ""))
        best = self._total(known)
        parts += [(f"\n{say('finale.stars')}\n", "bold $primary")]
        for kind in stars.KINDS:
            parts += [
                (stars.title(kind).ljust(14), "$text"),
                (f"{getattr(best, kind)}", "$accent"),
                (" " + say("screens.of", count=3 * len(self.app.library.order)) + "\n", "$muted"),
            ]
        if self.app.progress is not None:
            parts += [
                (f"\n{say('screens.predictions')}\n", "bold $primary"),
                *self._predictions(self.app.progress),
            ]
            if not self.app.progress.saving:
                parts.append((f"\n{say('screens.not-saving')}\n", "$warning"))
        else:
            parts.append((f"\n{say('screens.nothing-kept')}\n", "$warning"))
        return Content.assemble(*parts)

    @staticmethod
    def _total(known: Learned) -> Stars:
        marks = known.marks.values()
        return Stars(*(sum(getattr(mark.stars, kind) for mark in marks) for kind in stars.KINDS))

    @staticmethod
    def _predictions(progress: Progress) -> list[tuple[str, str]]:
        judged = [guess for guess in progress.predictions() if guess.right is not None]
        if not judged:
            return [(say("screens.no-predictions") + "\n", "$muted")]
        right = sum(bool(guess.right) for guess in judged)
        lately = judged[-5:]
        signs = "".join("✓" if guess.right else "✗" for guess in lately)
        return [
            (say("screens.predicted", right=right, count=len(judged)), "$text"),
            ("   " + say("screens.predicted-last", signs=signs) + "\n", "$muted"),
        ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allows a review only if a question is due."""
        if action == "review":
            return bool(learned(self.app.progress).due)
        return super().check_action(action, parameters)

    def action_review(self) -> None:
        """Asks the first question that is due."""
        known = learned(self.app.progress)
        if known.due:
            self.ask(known.due[0])

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Asks the chosen question."""
        if event.option_id:
            self.ask(event.option_id)

    def ask(self, level_id: str) -> None:
        """Asks a level's question again."""
        try:
            level = self.app.library.level(level_id)
        except TutorError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        question = level.question
        if question is None:
            return
        card = Card(
            say("screens.review"),
            [(question.text, "$text")],
            note=level.title,
            replies=numbered([one.text for one in question.choices]),
        )

        def answered(reply: str | None) -> None:
            if not reply or self.app.progress is None:
                return
            choice = question.choices[int(reply)]
            self.app.progress.answer(level_id, int(reply), choice.right)
            if not level.explained:
                self._show()
                return
            text = [
                (f"{choice.text}\n\n", "bold $success" if choice.right else "bold $error"),
                (choice.why, "$text"),
            ]
            title = say("level.right") if choice.right else say("level.not-quite")
            self._show()
            self.app.push_screen(
                CardScreen(Card(title, text, note=level.title, replies=(Reply("", say("level.go-on")),)))
            )

        self.app.push_screen(CardScreen(card), answered)

    def describe_focus(self) -> str:
        """Describes the purpose of the screen."""
        return say("screens.progress-help")
