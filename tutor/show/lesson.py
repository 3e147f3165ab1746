"""A level as a lesson: briefing, prediction, verdict, question, debrief and the next step, each as a card."""

from __future__ import annotations

from collections.abc import Sequence

from tutor.errors import InputError
from tutor.judge.changes import changes_between
from tutor.judge.verdict import Verdict
from tutor.model.level import Hint, Level, Solution
from tutor.session import Session
from tutor.session.texts import debrief_links, debrief_with_sources
from tutor.show import stars
from tutor.show.cards import Card, Reply, Styled, numbered
from tutor.show.library import Library
from tutor.show.lines import VERDICT_WIDTH, hanging, style_goals
from tutor.show.standing import Learned
from tutor.show.styled import style_solution, style_verdict
from tutor.words import say


class Lesson:
    """The cards of one level; the session has the facts, the library the other levels."""

    def __init__(self, session: Session, level: Level, library: Library) -> None:
        self.session = session
        self.level = level
        self.library = library
        self._predicted = False

    # before a run

    def briefing(self, note: str, *, first: bool, notice: str = "") -> Card:
        """Returns the story and the goals; ``first`` is whether nothing has been run yet, ``notice`` what the
        learner has to know about the level as it was found.
        """
        run = Reply("run", say("level.run-first") if first else say("level.run"), key="r")
        board = Reply("", say("level.look-first") if first else say("level.to-board"))
        replies = (run, board) if first else (board, run)
        goals = style_goals((goal.say for goal in self.level.goals), VERDICT_WIDTH)
        return Card(self.level.title, goals, self.level.briefing, note=note, notice=notice, replies=replies)

    @property
    def prediction_due(self) -> bool:
        """True if it is time to ask what the run will show: once, and only of the design as it was found."""
        return self.session.prediction_due and self.session.design == self.session.start

    def prediction(self) -> Card:
        """Returns the question before the first run."""
        asked = self.level.prediction
        assert asked is not None
        skip = Reply("skip", say("level.skip"), say("level.skip-note"), "s")
        return Card(
            say("level.before-run"),
            [(asked.text, "$text")],
            note=say("level.expect"),
            replies=(*numbered(asked.labels), skip),
        )

    # after a run

    def verdict(self, verdict: Verdict, *, first: bool) -> Card:
        """Returns goals with values, stars or the reason, and the ways on; ``first`` is the learner's first
        verdict ever.
        """
        text = style_verdict(
            verdict,
            self.level,
            hints=self.session.hints_used,
            prediction=self._prediction_text(),
            first=first,
        )
        kind = "passed" if verdict.passed else "missed" if verdict.missed else "inconclusive"
        return Card(
            say(f"verdict.titles.{kind}"), text, note=verdict.headline, replies=self._replies(verdict)
        )

    def _prediction_text(self) -> str:
        """Returns the prediction beside the true value: once, with the run that it was about."""
        run = self.session.run
        if self._predicted or run is None or run.design != self.session.start:
            return ""
        result = self.session.prediction_result()
        self._predicted = result is not None
        return result.text if result is not None else ""

    def _replies(self, verdict: Verdict) -> tuple[Reply, ...]:
        if verdict.passed:
            note = say("level.question-next") if self.question_due else say("level.debrief-next")
            note = note if self.session.explained else ""
            on = Reply("on", say("level.go-on"), note)
            more = stars.total(verdict.stars) < stars.MOST
            board = Reply("", say("why.back"), say("level.more-stars") if more else "")
            return (
                on,
                board,
                *self._to_solutions(),
                Reply("bill", say("bill.title"), say("level.bill-note"), "b"),
            )
        replies = []
        if verdict.diagnosis:
            replies.append(Reply("why", say("level.why"), say("level.why-note"), "y"))
            replies.append(Reply("show", say("why.show"), say("why.show-note"), "s"))
        if self.session.culprit_due:
            replies.append(Reply("why", say("culprit.name"), say("culprit.name-note"), "y"))
        replies.append(Reply("", say("why.back")))
        if sum(run.outcome is not None for run in self.session.runs) > 1:
            replies.append(Reply("compare", say("level.compare"), say("level.compare-note"), "c"))
        failing = [seed.seed for seed in verdict.seeds if not seed.passed]
        if failing and failing[0] != verdict.seeds[0].seed:
            seed = seed_to_open(verdict)
            replies.append(Reply("seed", say("level.open-seed", seed=seed), say("level.open-seed-note")))
        if verdict.missed:
            replies.append(Reply("journey", say("level.journey"), say("level.journey-note"), "j"))
        if self.level.hints:
            replies.append(Reply("hint", say("level.hint"), key="h"))
        if self.session.explained and not self.session.culprit_due:
            replies.append(Reply("postmortem", say("level.postmortem"), key="p"))
        return tuple(replies)

    def _to_solutions(self) -> tuple[Reply, ...]:
        """Returns the way to the reference solutions, if a learner may see them."""
        return (Reply("solutions", say("level.solutions"), key="o"),) if self.library.shows_solutions else ()

    # the question and the debrief

    @property
    def question_due(self) -> bool:
        """True if the question still waits for its first answer in this session."""
        return self.level.question is not None and self.session.answered is None

    def question(self) -> Card:
        """Returns the check question."""
        question = self.level.question
        assert question is not None
        replies = numbered([choice.text for choice in question.choices])
        return Card(say("level.question"), [(question.text, "$text")], replies=replies)

    def answer(self, place: int) -> Card:
        """Takes an answer, and returns it with its reason; an exam only notes it."""
        choice = self.session.answer(place)
        if not self.session.explained:
            on = Reply("debrief", say("level.go-on"))
            return Card(say("level.answer-noted"), [(choice.text, "$text")], replies=(on,))
        sign, tone = ("✓ ", "bold $success") if choice.right else ("✗ ", "bold $error")
        text: Styled = [(sign, tone), (f"{choice.text}\n\n", "bold $text"), (choice.why, "$text")]
        on = Reply("debrief", say("level.go-on"), say("level.debrief-next"))
        again = () if choice.right else (Reply("again", say("level.again"), key="a"),)
        title = say("level.right") if choice.right else say("level.not-quite")
        return Card(title, text, replies=(*again, on))

    def debrief(self, learned: Learned, *, postmortem: bool) -> Card:
        """Returns what happened and why, and the way to the next level, or to the end of the course."""
        replies = []
        following = self.library.following(self.level.id, learned.passed, learned.unaided)
        if following is not None:
            replies.append(Reply("next", say("level.next", title=self.library.title(following)), key="n"))
        elif self.library.hands_in:
            replies.append(Reply("hand-in", say("level.hand-in"), say("level.hand-in-note"), "H"))
        elif self.level.id in self.library.order:
            replies.append(Reply("finale", say("level.finale"), say("level.finale-note"), "n"))
        replies.append(Reply("", say("why.back")))
        if postmortem and self.session.explained:
            replies.append(Reply("postmortem", say("level.postmortem"), say("level.postmortem-note"), "p"))
        replies += self._to_solutions()
        if self.session.explained and links_of(self.level):
            replies.append(Reply("sources", say("level.sources"), say("level.sources-note"), "s"))
        replies.append(Reply("map", say("level.map"), key="m"))
        if not self.session.explained:
            return Card(self.level.title, [(say("level.exam-passed"), "$text")], replies=tuple(replies))
        return Card(
            self.level.title,
            markdown=debrief_with_sources(self.level),
            note=say("level.debrief-next"),
            replies=tuple(replies),
        )

    def sources(self) -> Card:
        """Returns the addresses of what the debrief refers to."""
        text: Styled = []
        for title, url in links_of(self.level):
            text += [(f"{hanging(title, VERDICT_WIDTH)}\n", "$text"), (f"{url}\n\n", "$accent")]
        replies = (Reply("back", say("level.back-to-debrief")),)
        return Card(say("level.sources"), text, note=self.level.title, replies=replies)

    # help

    def hint(self) -> Card | str:
        """Returns the next hint, or why there is none."""
        hint = self.session.hint()
        if hint is None:
            verdict = self.session.verdict
            if verdict is not None and verdict.passed and self.session.is_current:
                return say("level.no-hint-needed")
            if not self.session.explained:
                return say("level.exam")
            if not self.level.hints:
                return say("level.no-hints")
            return (
                say("level.no-more-hints-solutions")
                if self.library.shows_solutions
                else say("level.no-more-hints")
            )
        replies = (Reply("", say("why.back")), Reply("more", say("level.another-hint"), key="h"))
        return Card(say("level.hint"), [(hint.text, "$text")], note=self._hint_note(hint), replies=replies)

    def _hint_note(self, hint: Hint) -> str:
        return say(f"level.hints.{hint.step}", count=self.session.hints_used)

    def locked_solutions(self) -> Card:
        """Returns what it takes to see the solutions before the level is passed."""
        replies = (Reply("", say("level.keep-trying")), Reply("up", say("level.give-up")))
        return Card(say("level.solutions-title"), [(say("level.solutions-locked"), "$text")], replies=replies)

    def solution(self, solution: Solution, *, comparable: bool) -> Card:
        """Returns a reference solution: its stars, and how it differs from the start."""
        changes = [
            change.text for change in changes_between(self.session.start, solution.design, self.level.palette)
        ]
        replies = [Reply("try", say("level.adopt"), say("level.adopt-note"), "t")]
        if comparable:
            replies.append(
                Reply("compare", say("level.compare-solution"), say("level.compare-solution-note"), "c")
            )
        replies.append(Reply("back", say("level.back-to-solutions")))
        return Card(
            solution.title or solution.name, style_solution(solution, changes), replies=tuple(replies)
        )


def links_of(level: Level) -> list[tuple[str, str]]:
    """Returns what the debrief refers to, and its address: its links, then the documentation behind its
    statements about products.
    """
    return [*debrief_links(level), *((f"{one.product}: {one.say}", one.url) for one in level.sources)]


def seed_to_open(verdict: Verdict) -> int:
    """Returns the seed that breaks a design that passes on others; else the first on which it failed."""
    if verdict.counterexample is not None:
        return verdict.counterexample.seed
    return next(seed.seed for seed in verdict.seeds if not seed.passed)


def finale(library: Library, learned: Learned) -> Card:
    """Returns the end of the course: the ideas learned, the stars earned, and what to do next."""
    order = library.order
    won = {level: learned.mark(level).stars for level in order}
    text: Styled = [(say("finale.learned") + "\n", "bold $primary")]
    for chapter in library.course.chapters:
        if chapter.levels:
            terms = [*dict.fromkeys(term for level in chapter.levels for term in _terms(library, level))]
            text.append((f"{chapter.title}\n", "$text"))
            text.append(("  " + hanging(" · ".join(terms), VERDICT_WIDTH, 2) + "\n", "$muted"))
    text.append((f"\n{say('finale.stars')}\n", "bold $primary"))
    for kind in stars.KINDS:
        count = sum(getattr(one, kind) for one in won.values())
        text.append((f"  {stars.title(kind).ljust(12)}", "$text"))
        text.append((say("finale.star-count", won=count, most=3 * len(order)) + "\n", "$muted"))
    lacking = sorted(order, key=lambda level: stars.total(won[level]))
    replies = []
    text.append((f"\n{say('finale.next')}\n", "bold $primary"))
    if lacking and stars.total(won[lacking[0]]) < stars.MOST:
        fewest = library.title(lacking[0])
        text += _advice(say("finale.win-stars", level=fewest, count=stars.total(won[lacking[0]])))
        replies.append(Reply(f"level:{lacking[0]}", say("finale.replay", level=fewest), key="n"))
    if learned.due:
        text += _advice(say("finale.reviews", count=len(learned.due)))
        replies.append(Reply("progress", say("finale.review"), key="r"))
    text += [*_advice(say("finale.sandbox")), *_advice(say("finale.live"))]
    replies += [Reply("sandbox", say("finale.to-sandbox"), key="s"), Reply("map", say("level.map"), key="m")]
    return Card(say("finale.title"), text, note=say("finale.note", count=len(order)), replies=tuple(replies))


def _advice(sentence: str) -> Sequence[tuple[str, str]]:
    return [("  · ", "$accent"), (hanging(sentence, VERDICT_WIDTH, 4) + "\n", "$text")]


def _terms(library: Library, level_id: str) -> list[str]:
    """Returns the titles of the terms that a level teaches; none if it can't be read."""
    try:
        titles = {term.id: term.title for term in library.glossary}
        return [titles.get(term, term) for term in library.level(level_id).terms]
    except InputError:
        return []
