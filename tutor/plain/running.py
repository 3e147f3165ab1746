"""Running in lines: what happened, the verdict, why, one event's journey, one seed, two runs side by side."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tutor.disk import refuse_target, write_text
from tutor.errors import InputError
from tutor.judge.goals import render_result
from tutor.judge.postmortem import HEADING
from tutor.judge.words import names_of
from tutor.model.report import Outcome
from tutor.model.setting import suggest
from tutor.plain.game import PlainGame
from tutor.plain.learning import after_passing
from tutor.session.texts import (
    SAME,
    SEEDS,
    clean,
    render_comparison,
    render_goals,
    render_journey,
    render_verdict,
    render_why,
)
from tutor.show.sandbox import expecting, without_loose_ends
from tutor.words import say


def run(game: PlainGame) -> Iterator[str]:
    """Runs the design and tells what happened."""
    session = game.session
    if session.prediction_due:
        session.predict(None)
    yield say("plain.running")
    _finish_run(game)
    assert session.run is not None
    if session.run.outcome is not None:
        yield from _story(session.run.outcome)
    result = session.prediction_result()
    if result is not None and session.run.number == 1:
        yield result.text
    yield from _result(game)


def check(game: PlainGame) -> Iterator[str]:
    """The verdict on all seeds, after a run where the design has changed."""
    session = game.session
    if session.level is None:
        raise InputError("a free board has no goals to check: run shows what happens")
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


def _story(outcome: Outcome) -> Iterator[str]:
    marks = outcome.timeline.marks if outcome.timeline is not None else []
    for mark in marks[:12]:
        target = f" at {mark.target}" if mark.target and mark.target not in mark.what else ""
        kind = {"fault": "begins", "fault-over": "ends"}.get(mark.kind, "")
        what = (
            f"{clean(mark.what)}{target} {kind}"
            if kind
            else f"{mark.kind}{target}{': ' if mark.what else ''}{clean(mark.what)}"
        )
        yield f"t={mark.at_s:.4g} s: {what}"
    if len(marks) > 12:
        yield f"... and {len(marks) - 12} more moments"


def _result(game: PlainGame) -> Iterator[str]:
    session = game.session
    if session.verdict is not None and session.level is not None:
        yield from render_verdict(session.verdict, session.hints_used)
        yield from render_goals(session.level, session.verdict)
    if session.diagnosis:
        yield from render_why(session.diagnosis, evidence=False, limit=1)
        yield "Type why for the evidence."
    if not game.seeds_told and session.verdict is not None and len(session.verdict.seeds) > 1:
        game.seeds_told = True
        yield SEEDS
    if session.verdict is not None and session.verdict.passed and not game.told:
        yield from after_passing(game)


def why(game: PlainGame) -> Iterator[str]:
    """Why a goal was missed, with the evidence."""
    session = game.session
    if session.run is None:
        raise InputError("nothing has been run yet: type run first")
    if not session.explained:
        yield say("level.exam")
        return
    if not session.diagnosis:
        yield (
            "Every goal was met: there is nothing to explain."
            if session.verdict and session.verdict.passed
            else "Nothing was found."
        )
        return
    yield from render_why(session.diagnosis)


def journey(game: PlainGame) -> Iterator[str]:
    """The events that were followed, or the path of one."""
    words = game.words
    run = game.session.run
    timeline = run.outcome.timeline if run is not None and run.outcome is not None else None
    if timeline is None or not timeline.journeys:
        raise InputError("no event has been followed yet: type run first")
    if not words:
        yield from (
            f"{one.event_id}: {one.outcome}, {one.type} about {one.key}" for one in timeline.journeys[:20]
        )
        return
    found = {one.event_id: one for one in timeline.journeys}
    if words[0] not in found:
        raise InputError(f'no event "{words[0]}" was followed; {suggest(words[0], list(found)[:10])}')
    yield from render_journey(found[words[0]])


def seed(game: PlainGame) -> Iterator[str]:
    """The story of one seed."""
    run, verdict = game.session.run, game.session.verdict
    if run is None or verdict is None or not run.over:
        raise InputError("nothing has been run yet: type run first")
    known = [str(seed.seed) for seed in verdict.seeds]
    example = verdict.counterexample
    if not game.words and example is None:
        raise InputError(f"open which seed? Give one of {', '.join(known)}")
    word = game.words[0] if game.words else str(example.seed if example is not None else "")
    if word not in known:
        raise InputError(f'"{clean(word)}" is not a seed that was run: give one of {", ".join(known)}')
    result = next(seed for seed in verdict.seeds if str(seed.seed) == word)
    outcome = run.open_seed(result.seed)
    yield f"Seed {word}: {'passed' if result.passed else 'not passed'}."
    yield from (f"Missed: {clean(render_result(goal, names_of(run.design)))}" for goal in result.missed)
    yield from _story(outcome)
    if example is not None and example.seed == result.seed:
        yield clean(example.what)
        journeys = outcome.timeline.journeys if outcome.timeline is not None else []
        for journey in journeys:
            if journey.event_id == example.event:
                yield from render_journey(journey)


def compare(game: PlainGame) -> Iterator[str]:
    """The last two runs side by side, and where they part."""
    comparison = game.session.comparison()
    if comparison is None:
        raise InputError("it takes two runs to compare: change something and run again")
    yield from render_comparison(comparison)
    if not game.session.explained:
        return
    divergence = game.session.divergence()
    yield from (clean(line) for line in divergence.lines) if divergence is not None else [SAME]


def postmortem(game: PlainGame) -> Iterator[str]:
    """The run told as an incident, shown or written to a file."""
    text = game.session.postmortem()
    if not game.rest:
        yield from text.splitlines()
        return
    refuse_target(Path(game.words[0]), begins=HEADING)
    write_text(Path(game.words[0]), text)
    yield f"Written to {clean(game.words[0])}."
