"""Finding the part behind a failure, in a level that leaves it to the learner."""

import pytest

from tutor.catalog import level_by_id, level_folder, load_solutions
from tutor.errors import InputError
from tutor.plain import play
from tutor.session import Session
from tutor.show.explanations import ACCUSED, Explanations
from tutor.show.lesson import Lesson
from tutor.show.library import Library

DETECTIVE = "streams/where-did-it-go"


def opened() -> Session:
    """A new learner's session in the level, after the first run."""
    level = level_by_id(DETECTIVE)
    session = Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))
    assert not session.culprit_due
    with pytest.raises(InputError, match="no part to name"):
        session.accuse("sorting")
    session.start_run()
    while not session.advance():
        pass
    return session


def test_reasons_stay_closed_until_the_part_is_named() -> None:
    """Neither the verdict nor the post-mortem gives a reason before; a wrong answer says what that part did
    and counts as a hint, the right one opens the reasons.
    """
    session = opened()
    assert session.culprit_due
    assert session.diagnosis == ()
    assert session.verdict is not None
    assert session.verdict.missed
    assert session.verdict.diagnosis == ()
    with pytest.raises(InputError, match="when you've named the part"):
        session.postmortem()
    with pytest.raises(InputError, match="Give sorting, weighing, loading, driving or delivery"):
        session.accuse("parcels")
    wrong = session.accuse("weighing")
    assert not wrong.right
    assert wrong.text.startswith("Weighing took in 2343 messages and passed on 2343.")
    assert session.accuse("delivery").text.startswith("Delivery took in 2274 messages and worked on all")
    assert session.hints_used == 2
    assert session.culprit_due
    right = session.accuse("loading")
    assert right.right
    assert "passed on only 2274. You found it with 3 tries." in right.text
    assert not session.culprit_due
    assert session.diagnosis[0].id == "swallowed"
    assert "Failures that look like success" in session.postmortem()


def test_cards_ask_for_the_part_and_lead_on_to_the_reason() -> None:
    """The verdict offers to name the part instead of reasons; the answer leads on to another question or to
    the reason.
    """
    session = opened()
    level, verdict = session.level, session.verdict
    assert level is not None
    assert verdict is not None
    explanations = Explanations(session, lambda item: (item or "").title())
    lesson = Lesson(session, level, Library())
    replies = [reply.id for reply in lesson.verdict(verdict, first=False).replies]
    assert replies[0] == "why"
    assert "show" not in replies
    assert "postmortem" not in replies
    asked = explanations.why()
    assert asked is not None
    assert "Which step eats them?" in asked.plain
    assert [reply.id for reply in asked.replies[:-1]] == [
        f"{ACCUSED}{part}" for part in ("sorting", "weighing", "loading", "driving", "delivery")
    ]
    assert explanations.accuse("driving").title == "Not this one"
    assert explanations.accuse("loading").title == "Found"
    shown = explanations.why()
    assert shown is not None
    assert shown.title == "Failures that look like success"


def test_plain_mode_asks_and_takes_the_answer() -> None:
    """A run asks which part it is; the command takes the answer, and the right one is followed by the
    reason.
    """
    level, shown = level_by_id(DETECTIVE), list[str]()
    assert play(Session(level), ["run", "why", "culprit", "culprit x", "culprit loading"], shown.append) == 0
    text = "\n".join(shown)
    assert text.count("Which step eats them?") == 3
    assert "culprit and one of sorting, weighing, loading, driving or delivery" in text
    assert '"x" isn\'t one of the parts to choose from' in text
    assert text.index("You found it at the first try.") < text.index("Failures that look like success")


def test_whoever_gave_up_or_passed_is_not_asked() -> None:
    """Once the solutions are open, nothing has to be found out any more."""
    session = opened()
    session.give_up(confirmed=True)
    assert not session.culprit_due
    assert session.diagnosis
