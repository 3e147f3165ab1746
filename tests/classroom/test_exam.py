"""Exams: the verdict says which goals were met, and nothing explains why."""

from __future__ import annotations

import functools

from tutor.catalog import level_by_id
from tutor.judge.verdict import Verdict
from tutor.model.level import Level
from tutor.model.pack import PackRules
from tutor.plain.commands import COMMANDS, answer
from tutor.plain.game import PlainGame
from tutor.session import Session
from tutor.show.explanations import Explanations
from tutor.trial import score
from tutor.words import say

EXAM = PackRules("Exam", hints=False, solutions=False, exam=True)
LEVEL = "first-light/first-event"


def exam_level() -> Level:
    """A level with the rules of an exam."""
    return EXAM.applied(level_by_id(LEVEL))


@functools.cache
def explained() -> Verdict:
    """The explanations that the same level gives outside an exam."""
    level = level_by_id(LEVEL)
    return score(level, level.scenario.design)


def test_a_verdict_in_an_exam_has_no_reasons() -> None:
    """The goals are judged as usual; the diagnosis that is there outside an exam is missing."""
    level = exam_level()
    found = score(level, level.scenario.design)
    assert explained().diagnosis
    assert found.diagnosis == ()
    assert found.counterexample is None
    assert [goal.met for goal in found.goals] == [goal.met for goal in explained().goals]


def test_no_command_of_the_plain_mode_gives_a_reason_away() -> None:
    """After a failed run, no plain-mode command reveals a cause, its remedy, a hint or the debrief."""
    level = exam_level()
    game = PlainGame(Session(level))
    forms = {"solutions": "solutions give-up", "predict": "predict skip", "set": "set", "play": "play"}
    said = [line for name in ("run", "run") for line in answer(game, name)]
    for name in COMMANDS:
        if name not in ("quit", "postmortem"):
            said += answer(game, forms.get(name, name))
    said += answer(game, "postmortem")
    text = "\n".join(said)
    for one in explained().diagnosis:
        assert one.title not in text
        assert one.try_ not in text
    assert all(hint.text not in text for hint in level_by_id(LEVEL).hints)
    assert level.debrief.strip().splitlines()[0] not in text
    assert text.count(say("level.exam")) >= 4


def test_the_screen_of_an_exam_explains_nothing() -> None:
    """The reason card and the divergence of two runs aren't available; the comparison of their numbers is."""
    session = Session(exam_level())
    explanations = Explanations(session, str)
    for _ in range(2):
        session.start_run()
        while not session.advance():
            pass
    assert explanations.why() is None
    assert explanations.why_not() == say("level.exam")
    assert session.divergence() is None
    assert session.comparison() is not None
