"""Running in lines: the course of the run, the verdict, why, one event's journey, one seed, two runs side by
side.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from tutor.disk import refuse_target, write_text
from tutor.errors import InputError
from tutor.judge.goals import render_result
from tutor.judge.postmortem import heading
from tutor.judge.words import names_of
from tutor.model.report import Outcome
from tutor.model.setting import suggest
from tutor.plain.game import PlainGame
from tutor.plain.learning import after_passing
from tutor.session import Session
from tutor.session.texts import (
    clean,
    render_comparison,
    render_goals,
    render_journey,
    render_verdict,
    render_why,
)
from tutor.show.marks import ODD_HOPS, mark_words, marks_of, minded
from tutor.show.measured import MOST_WINDOWS, WindowOffer, measured, window_words, with_window
from tutor.show.sandbox import expecting, without_loose_ends
from tutor.words import say
from tutor.words.happenings import outcome_words

SHOWN_MARKS = 12
"""How many moments of a run are listed."""


def run(game: PlainGame) -> Iterator[str]:
    """Runs the design and describes what happened."""
    session = game.session
    if session.prediction_due:
        session.predict(None)
    yield say("plain.running")
    _finish_run(game)
    assert session.run is not None
    if session.run.outcome is not None:
        yield from _story(session.run.outcome, names_of(session.run.design), _minded(session))
    result = session.prediction_result()
    if result is not None and session.run.number == 1:
        yield result.text
    yield from _result(game)


def check(game: PlainGame) -> Iterator[str]:
    """Shows the verdict on all seeds, after a run if the design has changed."""
    session = game.session
    if session.level is None:
        raise InputError(say("plain.no-check"))
    if not session.is_current:
        if session.prediction_due:
            session.predict(None)
        yield say("plain.running")
        _finish_run(game)
    yield from _result(game)


def _finish_run(game: PlainGame) -> None:
    session = game.session
    if session.level is None and session.design != session.start:  # what is expected follows what was built
        fresh = expecting(without_loose_ends(session.scenario))
        session.change_conditions(faults=fresh.faults, effects=fresh.effects)
    game.session.start_run()
    try:
        while not game.session.advance():
            pass
    except KeyboardInterrupt:
        game.session.stop_run()
        raise


def _story(outcome: Outcome, names: Mapping[str, str], odd: Collection[str]) -> Iterator[str]:
    timeline = outcome.timeline
    if timeline is None:
        return
    marks = [
        mark for mark in marks_of(timeline, odd) if mark.kind not in ODD_HOPS
    ]  # those are in the journeys
    for mark in marks[:SHOWN_MARKS]:
        yield clean(mark_words(mark, timeline.end_s, names))
    if len(marks) > SHOWN_MARKS:
        yield say("plain.more-moments", count=len(marks) - SHOWN_MARKS)


def _minded(session: Session) -> Collection[str]:
    """Returns the odd outcomes of events that the goals limit."""
    return minded(session.level.goals if session.level is not None else ())


def _result(game: PlainGame) -> Iterator[str]:
    session = game.session
    if session.verdict is not None and session.level is not None:
        yield from render_verdict(session.verdict, session.hints_used)
        yield from render_goals(session.level, session.verdict)
    if session.diagnosis:
        yield from render_why(session.diagnosis, evidence=False, limit=1)
        yield say("plain.why-hint")
    elif session.culprit_due:
        yield from _ask_for_culprit(game)
    if not game.seeds_told and session.verdict is not None and len(session.verdict.seeds) > 1:
        game.seeds_told = True
        yield say("plain.seeds")
    if session.verdict is not None and session.verdict.passed and not game.told:
        yield from after_passing(game)


def why(game: PlainGame) -> Iterator[str]:
    """Explains why a goal was missed, with the evidence."""
    session = game.session
    if session.run is None:
        raise InputError(say("plain.no-run"))
    if not session.explained:
        yield say("level.exam")
        return
    if session.culprit_due:
        yield from _ask_for_culprit(game)
        return
    if not session.diagnosis:
        yield (
            say("plain.nothing-to-explain")
            if session.verdict and session.verdict.passed
            else say("plain.no-reasons")
        )
        return
    yield from render_why(session.diagnosis)


def _ask_for_culprit(game: PlainGame) -> Iterator[str]:
    level = game.session.level
    if level is not None and level.culprit is not None:
        yield clean(level.culprit.text)
        yield clean(level.culprit.clue)
        yield say("plain.culprit-form", parts=level.culprit.among)


def culprit(game: PlainGame) -> Iterator[str]:
    """Names the part that is behind a failure, where the level leaves it to the learner to find it."""
    if not game.session.culprit_due:
        raise InputError(say("culprit.none"))
    if not game.words:
        yield from _ask_for_culprit(game)
        return
    accusation = game.session.accuse(game.words[0])
    yield clean(accusation.text)
    if accusation.right:
        yield from why(game)
    else:
        yield say("plain.culprit-again")


def journey(game: PlainGame) -> Iterator[str]:
    """Lists the events that were followed, or shows the path of one."""
    words = game.words
    run = game.session.run
    timeline = run.outcome.timeline if run is not None and run.outcome is not None else None
    if run is None or timeline is None or not timeline.journeys:
        raise InputError(say("plain.no-journeys"))
    if not words:
        yield from (
            say(
                "plain.journey-row",
                id=one.event_id,
                outcome=outcome_words(one.outcome),
                type=one.type,
                subject=one.key,
            )
            for one in timeline.journeys[:20]
        )
        return
    found = {one.event_id: one for one in timeline.journeys}
    if words[0] not in found:
        raise InputError(say("plain.no-journey", id=words[0], suggestion=suggest(words[0], list(found)[:10])))
    yield from render_journey(found[words[0]], names_of(run.design))


def seed(game: PlainGame) -> Iterator[str]:
    """Shows the run of one seed."""
    run, verdict = game.session.run, game.session.verdict
    if run is None or verdict is None or not run.over:
        raise InputError(say("plain.no-run"))
    known = [str(seed.seed) for seed in verdict.seeds]
    example = verdict.counterexample
    if not game.words and example is None:
        raise InputError(say("plain.which-seed", seeds=known))
    word = game.words[0] if game.words else str(example.seed if example is not None else "")
    if word not in known:
        raise InputError(say("plain.no-seed", seed=clean(word), seeds=known))
    result = next(seed for seed in verdict.seeds if str(seed.seed) == word)
    outcome = run.open_seed(result.seed)
    names = names_of(run.design)
    if result.passed:
        yield say("plain.seed-passed", seed=result.seed)
    for goal in result.missed:
        yield say("plain.seed-missed", seed=result.seed, goal=clean(render_result(goal, names)))
    for reason in result.inconclusive:
        yield say("plain.seed-missed", seed=result.seed, goal=reason)
    yield from _story(outcome, names, _minded(game.session))
    if example is not None and example.seed == result.seed:
        yield clean(example.what)
        journeys = outcome.timeline.journeys if outcome.timeline is not None else []
        for journey in journeys:
            if journey.event_id == example.event:
                yield from render_journey(journey, names)


def compare(game: PlainGame) -> Iterator[str]:
    """Shows the last two runs side by side, and where they diverge."""
    comparison = game.session.comparison()
    if comparison is None:
        raise InputError(say("plain.no-compare"))
    yield say("compare.heading", seed=comparison.seed)
    yield from render_comparison(comparison)
    if not game.session.explained:
        return
    divergence = game.session.divergence()
    yield from (
        (clean(line) for line in divergence.lines) if divergence is not None else [say("run.diverge-nowhere")]
    )


def postmortem(game: PlainGame) -> Iterator[str]:
    """Shows the post-mortem of the run, or writes it to a file."""
    text = game.session.postmortem()
    if not game.rest:
        yield from text.splitlines()
        return
    refuse_target(Path(game.words[0]), begins=heading())
    write_text(Path(game.words[0]), text)
    yield say("plain.written", file=clean(game.words[0]))


def numbers(game: PlainGame) -> Iterator[str]:
    """Shows the measurements of the last run, and of each window in it."""
    run = game.session.run
    if run is None or run.outcome is None:
        raise InputError(say("plain.no-numbers"))
    yield from measured(run.outcome, run.scenario, editable=False).plain.rstrip("\n").splitlines()


def window(game: PlainGame) -> Iterator[str]:
    """Measures a part of the run on its own, or takes the last window away; lists the windows if no word
    follows.
    """
    session = game.session
    windows = session.scenario.windows
    if game.words and session.level is not None:
        raise InputError(say("plain.window.level"))
    if game.words == ["remove"] and windows:
        session.change_conditions(windows=windows[:-1])
        yield say("measured.removed", start=windows[-1].from_s, end=windows[-1].to_s)
    elif game.words:
        start, end = _span(game.words, session.scenario.run.duration_s)
        if len(windows) >= MOST_WINDOWS:
            raise InputError(say("plain.window.most", count=MOST_WINDOWS))
        session.change_conditions(windows=with_window(windows, WindowOffer(start, end, "")))
        yield say("plain.window.added", start=start, end=end)
    elif windows:
        yield from (window_words(one) for one in windows)
    else:
        yield say("plain.window.none")


def _span(words: Sequence[str], duration_s: float) -> tuple[float, float]:
    """Reads the two moments (s) of a window; raises :class:`InputError` if they are not valid."""
    try:
        start, end = (float(word) for word in words)
    except ValueError:
        raise InputError(say("plain.window.form", end=duration_s)) from None
    if not 0 <= start < end <= duration_s:
        raise InputError(say("plain.window.form", end=duration_s))
    return start, end
