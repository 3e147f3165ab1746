"""Learning in lines: the story and the goals, predictions, hints, the question, the debrief and the
solutions.
"""

from __future__ import annotations

from collections.abc import Iterator

from tutor.errors import InputError
from tutor.plain.game import PlainGame
from tutor.session.texts import clean, prose, render_goals, render_solution
from tutor.words import say


def briefing(game: PlainGame) -> Iterator[str]:
    """Shows the story, the goals, and the question before the first run."""
    level = game.session.level
    if level is None:
        yield say("plain.sandbox")
        return
    yield say("plain.level", title=clean(level.title), id=level.id)
    yield from prose(level.briefing)
    yield from goals(game)
    yield from _ask(game)


def goals(game: PlainGame) -> Iterator[str]:
    """Shows the goals, and the results so far."""
    if game.session.level is None:
        raise InputError(say("plain.no-goals"))
    yield say("plain.goals")
    yield from ("  " + line for line in render_goals(game.session.level, game.session.verdict))


def _ask(game: PlainGame) -> Iterator[str]:
    if (
        game.session.prediction_due
        and game.session.level is not None
        and game.session.level.prediction is not None
    ):
        asked = game.session.level.prediction
        yield say("plain.before-run", question=clean(asked.text))
        yield from (f"  {place}. {clean(label)}" for place, label in enumerate(asked.labels, 1))
        yield say("plain.predict-form")


def predict(game: PlainGame) -> Iterator[str]:
    """Answers the question before the first run, or skips it."""
    words = game.words
    if not game.session.prediction_due:
        raise InputError(say("plain.no-prediction"))
    if not words:
        yield from _ask(game)
        return
    choice = None if words[0] in ("skip", "none") else _place(words[0])
    game.session.predict(choice)
    yield say("plain.skipped") if choice is None else say("plain.predicted")


def hint(game: PlainGame) -> Iterator[str]:
    """Shows the next hint."""
    if not game.session.explained:
        yield say("level.exam")
        return
    found = game.session.hint()
    if found is not None:
        yield say(f"plain.hint.{found.step}", text=clean(found.text))
    elif game.session.level is not None and not game.session.level.hints:
        yield say("plain.no-hints")
    elif game.session.verdict is not None and game.session.verdict.passed:
        yield say("plain.no-hint-needed")
    else:
        yield say("plain.last-hint")


def after_passing(game: PlainGame) -> Iterator[str]:
    """Asks the question if it is not answered yet, else shows the debrief."""
    level = game.session.level
    assert level is not None
    if level.question is None or game.session.answered is not None:
        yield from debrief(game)
        return
    yield clean(level.question.text)
    yield from (f"  {place}. {clean(choice.text)}" for place, choice in enumerate(level.question.choices, 1))
    yield say("plain.answer-form")


def debrief(game: PlainGame) -> Iterator[str]:
    """Shows what happened and why, and the next level; open once the level is passed."""
    level = game.session.level
    if level is None or not game.session.passed:
        raise InputError(say("plain.no-debrief"))
    game.told = True
    if game.session.explained:
        yield from prose(level.debrief)
        if level.sources:
            yield say("plain.more-sources")
    else:
        yield say("level.exam-passed")
    yield from what_next(game)


def what_next(game: PlainGame) -> Iterator[str]:
    """Names the next level, once this one is passed; nothing if no level is left."""
    following = game.next_level() if game.session.passed else ""
    if following:
        yield say("plain.next", level=clean(following))
    elif game.session.passed and game.hand_in is not None:
        yield say("plain.hand-in.offer")


def hand_in(game: PlainGame) -> Iterator[str]:
    """Makes the file for the teacher; the name and the address are asked for once."""
    if game.hand_in is None:
        raise InputError(say("plain.hand-in.no-pack"))
    if game.words:
        name, email = [*game.words, ""][:2]
        if len(game.words) > 2:
            raise InputError(say("plain.hand-in.form"))
        try:
            game.hand_in.sign(name, email)
        except InputError as error:
            raise InputError(error.what) from None
    if not game.hand_in.signature:
        raise InputError(say("plain.hand-in.form"))
    yield say("plain.hand-in.checking")
    for _ in game.hand_in.steps():
        pass
    yield from game.hand_in.result.splitlines()


def answer(game: PlainGame) -> Iterator[str]:
    """Answers the question after passing; a right answer leads on to the debrief."""
    words = game.words
    session = game.session
    if session.level is not None and session.level.question is not None and not session.passed:
        raise InputError(say("plain.question-later"))
    if not words:
        raise InputError(say("plain.answer-which"))
    chosen = session.answer(_place(words[0]))
    if not session.explained:
        yield say("plain.answer-noted")
        if not game.told:
            yield from debrief(game)
        return
    why = clean(chosen.why)
    yield say("plain.right", why=why) if chosen.right else say("plain.wrong", why=why)
    if not chosen.right:
        yield say("plain.answer-again")
    elif not game.told:
        yield from debrief(game)


def review(game: PlainGame) -> Iterator[str]:
    """Asks the first question that is due again, or takes its answer; then asks the next one."""
    reviews = game.reviews
    due = reviews.due() if reviews is not None else ()
    if game.words and reviews is not None and due and due[0].question is not None:
        level, choices = due[0], due[0].question.choices
        place = _place(game.words[0])
        if not 0 <= place < len(choices):
            raise InputError(say("plain.no-choice", word=game.words[0]))
        chosen = choices[place]
        reviews.note(level.id, place, chosen.right)
        if not level.explained:
            yield say("plain.answer-noted")
        else:
            why = clean(chosen.why)
            yield say("plain.right", why=why) if chosen.right else say("plain.wrong", why=why)
        due = [one for one in reviews.due() if one.id != level.id]
    question = due[0].question if due else None
    if question is None:
        yield say("screens.nothing-due")
        return
    yield say("plain.review", level=clean(due[0].title), question=clean(question.text))
    yield from (f"  {number}. {clean(one.text)}" for number, one in enumerate(question.choices, 1))
    yield say("plain.review-form")


def _place(word: str) -> int:
    if not word.isdigit():
        raise InputError(say("plain.no-choice", word=word))
    return int(word) - 1


def solutions(game: PlainGame) -> Iterator[str]:
    """Shows the reference solutions, once they are open."""
    words = game.words
    if words in (["give", "up"], ["give-up"]):
        game.session.give_up(confirmed=True)
    if not game.session.solutions_open:
        raise InputError(say("plain.solutions-locked"))
    found = game.session.solutions()
    for solution in found:
        yield from render_solution(solution)
    if not found:
        yield say("plain.no-solutions")
