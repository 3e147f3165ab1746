"""A level: briefing, prediction, run, why, rewire, verdict, question, debrief, next."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

from textual.content import Content

from tutor.errors import InputError
from tutor.model.level import Level
from tutor.session import FreeRun, Session
from tutor.show.standing import learned
from tutor.tui.commands import BRIEFING, DEBRIEF, bindings
from tutor.tui.screens.card import MarkdownCard, TextCard, Way, numbered
from tutor.tui.screens.helping import Helping
from tutor.tui.telling import tell_goals, tell_verdict
from tutor.tui.widgets import stars

if TYPE_CHECKING:
    from tutor.judge.verdict import Verdict


class LevelScreen(Helping):
    """One level, from its briefing to the next."""

    BINDINGS = bindings(BRIEFING, DEBRIEF)

    def __init__(self, level: Level, progress: object | None = None) -> None:
        from typing import cast

        from tutor.session.memory import Memory

        super().__init__(Session(level, cast("Memory | None", progress), load_solutions=self.load_solutions), level)
        self._opened = time.monotonic()

    def settle(self) -> None:
        """The briefing comes first."""
        super().settle()
        self.title_bar.heading = self.level.title
        if self.session.notice:
            self.notify(self.session.notice, markup=False)
        self._show_place()
        self.call_after_refresh(self.action_briefing)

    def on_unmount(self) -> None:
        """The time spent here counts."""
        if self.app.progress is not None:
            self.app.progress.note_time(self.level.id, time.monotonic() - self._opened)

    def _show_place(self) -> None:
        order = self.app.library.order
        chapter = next((one.title for one in self.app.library.course.chapters if self.level.id in one.levels), "")
        place = f"level {order.index(self.level.id) + 1} of {len(order)}" if self.level.id in order else ""
        self.title_bar.note = " · ".join(part for part in (chapter, place) if part)

    def show_goals(self) -> None:
        """The goals, and at the top what the design costs and what was won."""
        super().show_goals()
        verdict = self.session.verdict
        parts: list[Content | tuple[str, str]] = []
        if verdict is not None and verdict.passed and self.session.is_current:
            parts += [("passed  ", "bold $success")]
            for kind in stars.KINDS:
                parts += [stars.row(getattr(verdict.stars, kind)), (" ", "")]
        elif verdict is not None and self.session.is_current:
            parts.append(("not passed", "bold $error"))
        elif self.session.passed:
            parts.append(("passed before", "$success"))
        self.title_bar.state = Content.assemble(*parts)

    # briefing and prediction

    def action_briefing(self) -> None:
        """The story, and what must hold."""
        first = not self.situation.runs
        ways = (
            [Way("", "To the board"), Way("run", "Run it and watch", key="r")]
            if not first
            else [Way("run", "Run what is there, and watch", key="r"), Way("", "Look at the board first")]
        )
        card = MarkdownCard(self.level.title, self.level.briefing, note=self.title_bar.note, ways=ways, after=tell_goals(self.level.goals))
        self.app.push_screen(card, lambda way: self.start_run() if way == "run" else None)

    def start_run(self) -> None:
        """Runs the design; before the very first run there may be a prediction to make."""
        if not self.session.prediction_due:
            super().start_run()
            return
        asked = self.level.prediction
        assert asked is not None
        ways = numbered(asked.labels)
        card = TextCard(
            "Before you run it",
            Content(asked.text),
            note="what do you expect?",
            ways=[*ways, Way("skip", "Skip this", "no harm done", "s")],
        )

        def chosen(way: str | None) -> None:
            if not way:
                return
            self.session.predict(None if way == "skip" else int(way))
            super(LevelScreen, self).start_run()

        self.app.push_screen(card, chosen)

    # the verdict and what comes after it

    def watched(self) -> None:
        """The run has been seen: the verdict."""
        super().watched()
        self.show_verdict()

    def show_verdict(self) -> None:
        """Goals with values, stars or why, and the ways on."""
        verdict = self.session.verdict
        if verdict is None:
            return
        result = self.session.prediction_result() if len(self.session.runs) == 1 and self.situation.runs <= 1 else None
        told = tell_verdict(
            verdict,
            self.level,
            hints=self.session.hints_used,
            prediction=result.text if result else "",
            first=self.situation.runs <= 1 and not learned(self.app.progress).passed,
        )
        title = "It holds" if verdict.passed else "It does not hold yet" if verdict.missed else "This proves nothing yet"
        card = TextCard(title, told, note=verdict.headline, ways=self._ways_on())
        self.app.push_screen(card, self._go_on)

    def _ways_on(self) -> list[Way]:
        verdict = self.session.verdict
        assert verdict is not None
        if verdict.passed:
            on = (
                [Way("question", "Go on", "one question, then what happened and why")]
                if self.level.question
                else [Way("debrief", "Go on", "what happened and why")]
            )
            more = stars.total(verdict.stars) < 3 * len(stars.KINDS)
            return [*on, Way("", "Back to the board", "win more stars" if more else ""), *self.way_to_solutions()]
        ways = [Way("why", "Why?", "the evidence", "y")] if verdict.diagnosis else []
        if verdict.diagnosis and verdict.diagnosis[0].at_s is not None:
            ways.append(Way("show", "Show me", "puts the moment on the board", "s"))
        ways.append(Way("", "Back to the board"))
        failing = [seed.seed for seed in verdict.seeds if not seed.passed]
        if failing and failing[0] != verdict.seeds[0].seed:
            ways.append(Way("seed", f"Open seed {_seed_to_open(verdict)}", "where it failed, at that moment"))
        return [*ways, Way("hint", "A hint", key="h"), Way("postmortem", "Post-mortem", key="p")]

    def _go_on(self, way: str | None) -> None:
        verdict = self.session.verdict
        match way:
            case "question":
                self.ask_question()
            case "debrief":
                self.action_debrief()
            case "solutions":
                self.action_solutions()
            case "why":
                self.action_why()
            case "hint":
                self.action_hint()
            case "postmortem":
                self.action_postmortem()
            case "show" if verdict is not None and verdict.diagnosis:
                self.show_found(verdict.diagnosis[0])
            case "seed" if verdict is not None:
                self.open_seed(_seed_to_open(verdict))

    def open_seed(self, seed: int) -> None:
        """Puts the run of another seed on the board."""
        run = self.session.run
        found = self.session.verdict.counterexample if self.session.verdict is not None else None
        if run is not None and not self.computing and found is not None and found.seed == seed:
            self.show_event(run.open_seed(seed), found.event, found.at_s)
        elif run is not None and not self.computing:
            scenario = dataclasses.replace(run.scenario, run=dataclasses.replace(run.scenario.run, seed=seed))
            self.compute_beside(FreeRun(0, scenario), f"this is seed {seed}; r runs all of them again")

    def ask_question(self) -> None:
        """The check question; the answer comes with its reason, then the debrief."""
        question = self.level.question
        if question is None:
            self.action_debrief()
            return
        ways = numbered([choice.text for choice in question.choices])

        def answered(way: str | None) -> None:
            if not way:
                return
            choice = self.session.answer(int(way))
            told = Content.assemble(
                ("✓ " if choice.right else "✗ ", "bold $success" if choice.right else "bold $error"),
                (f"{choice.text}\n\n", "bold $text"),
                (choice.why, "$text"),
            )
            ways_on = [Way("debrief", "Go on", "what happened and why")]
            if not choice.right:
                ways_on.insert(0, Way("again", "Answer again", key="a"))
            card = TextCard("Right" if choice.right else "Not quite", told, ways=ways_on)
            self.app.push_screen(
                card, lambda on: self.ask_question() if on == "again" else self.action_debrief() if on == "debrief" else None
            )

        self.app.push_screen(TextCard("One question", Content(question.text), ways=ways), answered)

    def action_debrief(self) -> None:
        """What happened and why; then the next level."""
        if not self.session.passed:
            self.say("the debrief opens when the level is passed", refusal=True)
            return
        following = self.app.library.after(self.level.id, learned(self.app.progress).unaided)
        ways = [Way("", "Back to the board")]
        if following is not None:
            try:
                title = self.app.library.card(following).title
            except InputError:
                title = following
            ways.insert(0, Way("next", f"Next: {title}", key="n"))
        if self.session.run is not None and not self.computing:
            ways.append(Way("postmortem", "Post-mortem", "of the last run", "p"))
        ways += [*self.way_to_solutions(), Way("map", "Back to the map", key="m")]
        card = MarkdownCard(self.level.title, self.level.debrief, note="what happened and why", ways=ways)

        def chosen(way: str | None) -> None:
            if way == "next" and following is not None:
                self.app.pop_screen()
                self.app.open_level(following)
            elif way == "map":
                self.app.action_campaign()
            elif way == "postmortem":
                self.action_postmortem()
            elif way == "solutions":
                self.action_solutions()

        self.app.push_screen(card, chosen)

    def word_at_focus(self) -> str:
        """What has the focus, else the level's first word."""
        return super().word_at_focus() or (self.level.terms[0] if self.level.terms else "")


def _seed_to_open(verdict: Verdict) -> int:
    """The seed that breaks a design which holds on others; else the first on which it failed."""
    if verdict.counterexample is not None:
        return verdict.counterexample.seed
    return next(seed.seed for seed in verdict.seeds if not seed.passed)
