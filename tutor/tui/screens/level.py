"""A level: briefing, prediction, run, why, rewire, verdict, question, debrief, next."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from functools import partial

from textual.content import Content

from tutor.errors import InputError
from tutor.judge.divergence import find_divergence
from tutor.judge.words import names_of
from tutor.model.level import Level, Solution
from tutor.session import FreeRun, Session, compare
from tutor.session.memory import Memory
from tutor.session.runs import HERE, Trials
from tutor.show import stars
from tutor.show.cards import Card
from tutor.show.lesson import Lesson, finale, seed_to_open
from tutor.show.library import Library
from tutor.show.standing import Learned, learned
from tutor.show.styled import GOAL
from tutor.tui.commands import BRIEFING, DEBRIEF, HINT, SOLUTIONS, TO_SANDBOX, bindings
from tutor.tui.screens.bench import Bench
from tutor.words import say


class LevelScreen(Bench):
    """One level, from its briefing to the next."""

    BINDINGS = bindings(HINT, SOLUTIONS, BRIEFING, DEBRIEF, TO_SANDBOX)

    def __init__(
        self, level: Level, library: Library, memory: Memory | None = None, trials: Trials = HERE
    ) -> None:
        session = Session(
            level, memory, load_solutions=partial(_load_solutions, level, library), trials=trials
        )
        super().__init__(session)
        self.level = session.level or level
        self.lesson = Lesson(session, self.level, library)
        self._notice = session.notice
        self._opened = time.monotonic()

    def on_mount(self) -> None:
        """Begins with the briefing."""
        self.title_bar.heading = self.level.title
        self.title_bar.note = self._place()
        self.advise(solutions=self.app.library.shows_solutions, hints=self.session.explained)
        self.app.type_ahead.hold(self)  # keys are for the briefing
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        try:
            self.action_briefing()
        finally:
            self.app.type_ahead.release(self)

    def on_unmount(self) -> None:
        """Adds the time spent here to the learner's record."""
        self.app.type_ahead.release(self)
        if self.app.progress is not None:
            self.app.progress.note_time(self.level.id, time.monotonic() - self._opened)

    def _place(self) -> str:
        library = self.app.library
        chapter = next((one.title for one in library.course.chapters if self.level.id in one.levels), "")
        order = library.order
        if self.level.id not in order:
            return chapter
        place = say("level.place", place=order.index(self.level.id) + 1, count=len(order))
        return f"{chapter} · {place}" if chapter else place

    def show_goals(self) -> None:
        """Shows the goals, and at the top whether the level is passed and with which stars."""
        super().show_goals()
        verdict = self.session.verdict
        parts: list[tuple[str, str]] = []
        if verdict is not None and verdict.passed and self.session.is_current:
            parts.append((say("level.passed") + "  ", "bold $success"))
            for kind in stars.KINDS:
                parts += [*stars.row(getattr(verdict.stars, kind)), (" ", "")]
        elif verdict is not None and self.session.is_current:
            parts.append((say("level.not-passed"), "bold $error"))
        elif self.session.passed:
            parts.append((say("level.passed-before"), "$success"))
        self.title_bar.state = Content.assemble(*parts)

    # briefing and prediction

    def action_briefing(self) -> None:
        """Shows the story and the goals."""
        notice, self._notice = self._notice, ""
        card = self.lesson.briefing(self._place(), first=not self.runs.done, notice=notice)
        self.show_card(card, lambda reply: self.start_run() if reply == "run" else None)

    def start_run(self) -> None:
        """Runs the design; before the very first run there may be a prediction to make."""
        if not self.lesson.prediction_due:
            super().start_run()
            return

        def answered(reply: str) -> None:
            if reply:
                self.session.predict(None if reply == "skip" else int(reply))
                super(LevelScreen, self).start_run()

        self.show_card(self.lesson.prediction(), answered)

    # the verdict, and the ways on

    def see_outcome(self) -> None:
        """Shows the verdict when the run has been watched to its end."""
        super().see_outcome()
        self.show_verdict()

    def show_verdict(self) -> None:
        """Shows the card of the latest verdict, with the ways on."""
        verdict = self.session.verdict
        if verdict is not None:
            first = self.runs.done <= 1 and not self._learned.passed
            self.show_card(self.lesson.verdict(verdict, first=first), self._go_on)

    def _go_on(self, reply: str) -> None:
        """Follows the chosen way out of the verdict; from a passing one every way leads by the question
        first.
        """
        verdict = self.session.verdict
        if verdict is None:
            return
        if reply == "bill":  # something to look at, and no way out
            self.show_bill(self.show_verdict)
            return
        if verdict.passed and self.lesson.question_due:
            self.ask_question()
            return
        if reply.startswith(GOAL):
            self.explain_goal(reply.removeprefix(GOAL))
            return
        match reply:
            case "on":
                self.action_debrief()
            case "solutions":
                self.action_solutions()
            case "why":
                self.action_why()
            case "show" if verdict.diagnosis:
                self.show_found(verdict.diagnosis[0])
            case "compare":
                self.action_compare()
            case "seed":
                self.open_seed(seed_to_open(verdict))
            case "journey":
                self.action_journey()
            case "hint":
                self.action_hint()
            case "postmortem":
                self.action_postmortem()

    def open_seed(self, seed: int) -> None:
        """Shows the run of another seed on the board."""
        run, verdict = self.session.run, self.session.verdict
        if run is None or verdict is None or self.runs.computing:
            return
        found = verdict.counterexample
        if found is not None and found.seed == seed:
            self.show_event(run.open_seed(seed), found.event, found.at_s)
            return
        scenario = dataclasses.replace(run.scenario, run=dataclasses.replace(run.scenario.run, seed=seed))
        self.compute_beside(FreeRun(0, scenario), partial(self._play_seed, seed))

    def _play_seed(self, seed: int, run: FreeRun) -> None:
        outcome = run.outcome
        if outcome is not None and outcome.timeline is not None:
            self.show_timeline(outcome.timeline)
            self.runs.seen = True
            self.playback.play()
            self.advise()
            self.say(say("playback.other-seed", seed=seed))

    # the question, the debrief and what comes next

    def ask_question(self) -> None:
        """Asks the check question; the answer comes with its reason, then the debrief."""

        def answered(reply: str) -> None:
            if reply:
                self.show_card(self.lesson.answer(int(reply)), went_on)

        def went_on(reply: str) -> None:
            if reply == "again":
                self.ask_question()
            elif reply == "debrief":
                self.action_debrief()

        if self.level.question is None:
            self.action_debrief()
        else:
            self.show_card(self.lesson.question(), answered)

    def action_debrief(self) -> None:
        """Shows what happened and why; then the next level."""
        if not self.session.passed:
            self.say(say("level.no-debrief"), refusal=True)
            return
        postmortem = self.session.run is not None and not self.runs.computing
        learned_now = self._learned
        following = self.app.library.following(self.level.id, learned_now.passed, learned_now.unaided)

        def answered(reply: str) -> None:
            if reply == "next" and following is not None:
                self.app.pop_screen()
                self.app.open_level(following)
            elif reply == "finale":
                self.show_card(finale(self.app.library, self._learned), self._leave_finale)
            elif reply == "hand-in":
                self.app.action_hand_in()
            elif reply == "map":
                self.app.action_campaign()
            elif reply == "postmortem":
                self.action_postmortem()
            elif reply == "solutions":
                self.action_solutions()
            elif reply == "sources":
                self.show_card(self.lesson.sources(), lambda _: self.action_debrief())

        self.show_card(self.lesson.debrief(learned_now, postmortem=postmortem), answered)

    def _leave_finale(self, reply: str) -> None:
        kind, _, level_id = reply.partition(":")
        if kind == "level":
            self.app.pop_screen()
            self.app.open_level(level_id)
        elif kind == "map":
            self.app.action_campaign()
        elif kind == "progress":
            self.app.action_progress()
        elif kind == "sandbox":
            self.app.action_sandbox()

    @property
    def _learned(self) -> Learned:
        """The learner's present standing in the store."""
        return learned(self.app.progress)

    # help on the level

    def action_hint(self) -> None:
        """Shows the next hint; it costs nothing."""
        hint = self.lesson.hint()
        if isinstance(hint, str):
            self.say(hint)
        else:
            self.show_card(hint, lambda reply: self.action_hint() if reply == "more" else None)

    def action_solutions(self) -> None:
        """Shows the reference solutions, once the level is passed or given up."""
        if not self.session.solutions_open:
            self.show_card(
                self.lesson.locked_solutions(), lambda reply: self._give_up() if reply == "up" else None
            )
            return
        try:
            found = self.session.solutions()
        except InputError as error:
            self.say(error.what, refusal=True)
            return
        from tutor.tui.screens.chooser import Choosable, Chooser

        rows = [
            Choosable(str(index), one.title or one.name, f"{stars.total(one.stars)}/{stars.MOST} ★")
            for index, one in enumerate(found)
        ]
        chooser = Chooser(say("level.solutions-title"), rows, note=say("level.solutions-note"))
        self.app.push_screen(chooser, lambda row: self._show_solution(found[int(row)]) if row else None)

    def _give_up(self) -> None:
        self.session.give_up(True)
        self.action_solutions()

    def _show_solution(self, solution: Solution) -> None:
        def answered(reply: str) -> None:
            if reply == "try":
                self.settle(self.edits.adopt(solution.design))
            elif reply == "compare":
                self._compare_with(solution)
            elif reply == "back":
                self.action_solutions()

        comparable = self.session.run is not None and not self.runs.computing
        self.show_card(self.lesson.solution(solution, comparable=comparable), answered)

    def _compare_with(self, solution: Solution) -> None:
        """Runs a solution on the traffic of the last run, and puts both side by side."""
        run = self.session.run
        if run is None:
            return
        scenario = dataclasses.replace(run.scenario, design=solution.design)
        self.compute_beside(FreeRun(0, scenario), partial(self._show_compared, solution))

    def _show_compared(self, solution: Solution, theirs: FreeRun) -> None:
        mine = self.session.run
        if mine is None or mine.outcome is None or theirs.outcome is None:
            return
        comparison = compare(
            (mine.scenario, mine.outcome), (theirs.scenario, theirs.outcome), self.level.goals
        )
        timelines = [line for line in (mine.outcome.timeline, theirs.outcome.timeline) if line is not None]
        note = say("compare.solution-note", seed=comparison.seed)
        diverged = find_divergence(mine.outcome, theirs.outcome, names_of(mine.design, theirs.design))
        sides = say("run.yours"), say("run.solution")
        card: Card = self.explanations.side_by_side(comparison, diverged, timelines, note, sides)
        self.show_card(card, lambda _: self._show_solution(solution))

    def action_to_sandbox(self) -> None:
        """Opens this design in the sandbox, with the level's traffic and faults."""
        from tutor.catalog import render_scenario
        from tutor.trial import with_design

        self.app.open_sandbox(scenario=render_scenario(with_design(self.level, self.session.design).scenario))

    # what is offered

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disables keys to solutions that nobody may see, or to a debrief before the level is passed; in an
        exam also those to reasons, and to the sandbox, which would explain its runs.
        """
        if action == "solutions":
            return self.app.library.shows_solutions
        if action in ("why", "hint", "postmortem", "to_sandbox") and not self.session.explained:
            return False
        return super().check_action(action, parameters)

    def word_at_focus(self) -> str:
        """Returns the word for what has the focus, else the level's first term."""
        return super().word_at_focus() or (self.level.terms[0] if self.level.terms else "")


def _load_solutions(level: Level, library: Library) -> Sequence[Solution]:
    """Loads the reference solutions of a level; none if a class pack keeps them back."""
    from tutor.catalog import level_folder, load_solutions

    return load_solutions(level_folder(level.id, library.root), level) if library.shows_solutions else ()
