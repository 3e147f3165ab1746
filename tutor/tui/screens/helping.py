"""Help on a level, on the bench: hints in three steps, and the reference solutions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tutor.errors import InputError
from tutor.judge.words import plural
from tutor.model.level import Level
from tutor.session import Session
from tutor.tui.commands import HINT, SOLUTIONS, bindings
from tutor.tui.screens.card import TextCard, Way
from tutor.tui.screens.finding import Finding
from tutor.tui.telling import tell_solution
from tutor.tui.widgets import stars

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tutor.model.level import Solution

STEPS = {"question": "something to ask yourself", "concept": "the idea", "lead": "a concrete lead"}
"""What each step of a hint is, in words."""


class Helping(Finding):
    """A bench on which a level helps its learner."""

    BINDINGS = bindings(HINT, SOLUTIONS)

    def __init__(self, session: Session, level: Level) -> None:
        super().__init__(session)
        self.level = level

    def settle(self) -> None:
        """What is advised depends on whether there are solutions to see."""
        super().settle()
        self.advise(solutions=self.shows_solutions)

    @property
    def shows_solutions(self) -> bool:
        """Whether there are reference solutions to see after passing; a class pack may keep them back."""
        return self.app.library.shows_solutions

    def way_to_solutions(self) -> list[Way]:
        """The way from a card to the solutions, where there are any to see."""
        return [Way("solutions", "Other solutions", key="o")] if self.shows_solutions else []

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key leads to solutions that nobody may see."""
        if action == "solutions":
            return self.shows_solutions
        return super().check_action(action, parameters)

    def load_solutions(self) -> Sequence[Solution]:
        """The reference solutions of the level; none where a class pack keeps them back."""
        from tutor.catalog import level_folder, load_solutions

        if not self.shows_solutions:
            return ()
        return load_solutions(level_folder(self.level.id, self.app.library.root), self.level)

    def action_hint(self) -> None:
        """The next hint; it costs nothing."""
        hint = self.session.hint()
        if hint is None:
            fine = self.session.verdict is not None and self.session.verdict.passed and self.session.is_current
            more = ", o opens the solutions" if self.shows_solutions else ""
            self.say("it holds: no hint needed" if fine else f"no more hints; y tells why the last run failed{more}")
            return
        used = plural(self.session.hints_used, "hint")
        card = TextCard(
            "A hint",
            Content(hint.text),
            note=f"{STEPS.get(hint.step, hint.step)} · {used} so far, they cost nothing",
            ways=[Way("", "Back to the board"), Way("more", "Another hint", key="h")],
        )
        self.app.push_screen(card, lambda way: self.action_hint() if way == "more" else None)

    def action_solutions(self) -> None:
        """The reference solutions, once the level is passed or given up."""
        if not self.session.solutions_open:
            card = TextCard(
                "Solutions",
                Content(
                    "They open when the level is passed. You can also give it up: then you see them, "
                    "and the level stays unpassed until you pass it yourself."
                ),
                ways=[Way("", "I go on trying"), Way("up", "Show me the solutions")],
            )
            self.app.push_screen(card, lambda way: self._give_up() if way == "up" else None)
            return
        try:
            found = self.session.solutions()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        from tutor.tui.screens.chooser import Choosable, Chooser

        rows = [Choosable(str(index), one.title or one.name, f"{stars.total(one.stars)}/9 ★") for index, one in enumerate(found)]

        def chosen(row: str | None) -> None:
            if row:
                self._show_solution(found[int(row)])

        self.app.push_screen(Chooser("Reference solutions", rows, note="they differ in kind; none is the only one"), chosen)

    def _give_up(self) -> None:
        self.session.give_up(True)
        self.action_solutions()

    def _show_solution(self, solution: Solution) -> None:
        from tutor.judge.changes import changes_between

        changes = [change.text for change in changes_between(self.session.start, solution.design, self.level.palette)]
        ways = [Way("try", "Put it on my board", "undo brings yours back", "t"), Way("back", "Back to the solutions")]

        def chosen(way: str | None) -> None:
            if way == "try":
                self._adopt(solution)
            elif way == "back":
                self.action_solutions()

        self.app.push_screen(TextCard(solution.title or solution.name, tell_solution(solution, changes), ways=ways), chosen)

    def _adopt(self, solution: Solution) -> None:
        self.session.adopt(solution.design)
        self.design_changed()
        self.say("the solution is on your board; r runs it, u brings yours back")
