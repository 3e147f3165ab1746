"""The controllers of a screen (playback, runs, edits, explanations, lesson), without a terminal."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tutor.catalog import level_by_id, level_folder, load_solutions
from tutor.errors import InputError
from tutor.model.level import Goal, Level, Look
from tutor.model.timeline import ClientTrack, ComponentTrack, Hop, Journey, Mark, Timeline
from tutor.session import Session
from tutor.show.edits import Edits
from tutor.show.explanations import Explanations
from tutor.show.lesson import Lesson, finale
from tutor.show.library import Library
from tutor.show.marks import marks_of, minded, turning_point
from tutor.show.playback import (
    Playback,
    followed,
    followed_words,
    in_order,
    moment_to_show,
    overtaken_by,
)
from tutor.show.runs import Phase, Runs, slice_s
from tutor.show.standing import Learned, LevelMark

SMALL = "first-light/first-event"


class Recorder:
    """A stage that records what it is asked to show."""

    def __init__(self) -> None:
        self.shown: list[Timeline | None] = []
        self.cursors = 0
        self.playing = False

    def show_run(self, timeline: Timeline | None) -> None:
        """Record the run."""
        self.shown.append(timeline)

    def show_cursor(self, *, now: bool) -> None:
        """Count how often the cursor is shown."""
        self.cursors += 1

    def show_playing(self, playing: bool) -> None:
        """Record whether the playback is playing."""
        self.playing = playing


def journey(name: str, outcome: str, version: int, *hops: tuple[float, str]) -> Journey:
    """The path of one order, with hops at the shop."""
    made = tuple(Hop(at_s, "shop", what) for at_s, what in hops)
    return Journey(f"till/{name}", "order.changed", "order-1", "till", version, outcome, made)


def run_of(*journeys: Journey, failed: tuple[int, ...] = (0,) * 10) -> Timeline:
    """A timeline of ten seconds in ten steps."""
    track = ClientTrack(requests=[1] * 10, ok=[1] * 10, failed=list(failed))
    return Timeline(
        step_s=1.0, steps=10, duration_s=10.0, end_s=10.0, clients={"till": track}, journeys=list(journeys)
    )


@pytest.fixture(scope="module")
def level() -> Level:
    """The first level."""
    return level_by_id(SMALL)


@pytest.fixture
def session(level: Level) -> Session:
    """A new learner's session in it."""
    return Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))


def finish(runs: Runs) -> list[Phase]:
    """Compute a run to its end; return the phases on the way."""
    phases = []
    while Phase.OVER not in phases:
        phases.append(runs.advance(0.05))
    runs.finish()
    return phases


def test_a_playback_draws_on_its_stage_and_keeps_its_own_time() -> None:
    """A loaded run is shown once, plays to its end by ticks, and reappears after an edit when the cursor
    moves.
    """
    stage = Recorder()
    playback = Playback(stage)
    playback.tick(1.0)
    assert stage.shown == []
    run = run_of()
    playback.load(run)
    assert stage.shown == [run]
    assert not playback.playing
    playback.play()
    assert stage.playing
    ticks = next(count for count in itertools.count(1) if playback.tick(1.0))
    assert ticks > 50  # no tick moves further than a quarter of a second on the wall
    assert playback.over
    assert not stage.playing
    playback.rest()
    assert stage.shown == [run, None]
    assert playback.state_of(None) is None
    playback.scrub(-1)
    assert stage.shown == [run, None, run]


def test_a_step_says_what_has_just_happened() -> None:
    """A step's caption names the event, what happened to it and where; a moment without news shows how the
    clients fare.
    """
    playback = Playback(Recorder())
    playback.load(run_of(journey("1", "ok", 1, (2.5, "stored"))))
    playback.step()
    assert "1 requests ok and 0 failed" not in playback.moment({})
    assert "nothing new" in playback.moment({})
    while playback.player is not None and playback.player.cursor_s < 2.5:
        playback.step()
    assert "till/1 stored at Shop" in playback.moment({"shop": "Shop"})


@pytest.mark.parametrize(
    ("outcome", "hop"), [("duplicate", "repeated"), ("out-of-order", "applied"), ("late", "applied")]
)
def test_events_that_take_effect_wrongly_are_marked(outcome: str, hop: str) -> None:
    """Duplicate, out-of-order and late effects each have their own mark, and the earliest is the first
    failure.
    """
    marks = marks_of(run_of(journey("7", outcome, 1, (3.0, "stored"), (6.0, hop))))
    assert [(mark.kind, mark.at_s, mark.target) for mark in marks] == [
        (outcome, 6.0, "shop"),
        ("first-failure", 6.0, "shop"),
    ]


def test_two_events_that_crossed_come_first_and_together() -> None:
    """The list of events begins with the wrong effects, and the event that overtook another is found."""
    late = journey("1", "out-of-order", 1, (1.0, "stored"), (8.0, "applied"))
    early = journey("2", "ok", 2, (2.0, "stored"), (3.0, "applied"))
    failed = journey("3", "failed", 3, (4.0, "refused"))
    assert in_order([failed, late, early])[0] is late
    assert overtaken_by(late, [failed, early]) is early
    assert overtaken_by(early, [late, failed]) is None
    assert turning_point(late) == 8.0


def test_show_me_lands_where_the_picture_shows_it() -> None:
    """A moment inside the run is kept; one at its start or end, or a missing one, becomes that of a failure
    at the part.
    """
    wrong = journey("1", "duplicate", 1, (2.0, "applied"), (5.0, "repeated"))
    run = run_of(wrong)
    marks = marks_of(run)
    assert moment_to_show(run, 4.0, "shop", marks) == 4.0
    for at_s in (None, 0.0, 10.0):
        assert moment_to_show(run, at_s, "shop", marks) == 5.0
    assert moment_to_show(run, None, "elsewhere", (Mark(7.0, "first-failure", "shop", ""),)) == 7.0


def test_show_me_never_lands_where_nothing_is_seen() -> None:
    """A finding without a moment of its own is shown where its copy differs, or its wait is the longest; and
    never at the start or the end of the run.
    """
    run = run_of()
    run.clients["till"].response_ms = [None, 5.0, 5.0, 80.0, 100.0, 100.0, 5.0, 5.0, 5.0, 5.0]
    run.components["copy"] = ComponentTrack("database", extra={"diverged_keys": [0.0] * 6 + [2.0] * 4})
    assert moment_to_show(run, None, "till", ()) == 4.5
    assert moment_to_show(run, 0.0, "copy", ()) == 6.5
    assert 1.0 <= moment_to_show(run, None, "", ()) < 9.0
    assert 1.0 <= moment_to_show(run, 0.0, "elsewhere", ()) < 9.0


def test_a_failure_is_what_a_goal_limits() -> None:
    """Where goals ask for no order, an event out of order is marked and is no first failure."""
    goals = [Goal(metric="/effect/shop/order.changed/duplicates", say="once", at_most=0)]
    crossed = journey("1", "out-of-order", 1, (2.0, "applied"))
    doubled = journey("2", "duplicate", 2, (3.0, "applied"), (5.0, "repeated"))
    for odd, first in ((minded(()), 2.0), (minded(goals), 5.0)):
        marks = marks_of(run_of(crossed, doubled), odd)
        assert [mark.at_s for mark in marks if mark.kind == "first-failure"] == [first]
        assert {mark.kind for mark in marks} == {"out-of-order", "duplicate", "first-failure"}


@pytest.mark.parametrize(
    ("outcome", "hops", "words"),
    [
        ("duplicate", ("applied", "repeated"), "was done at Shop at 2.0s, and done again at 5.0s."),
        ("out-of-order", ("stored", "applied"), "Version 1 of order-1 took effect at Shop after version 2."),
        ("failed", ("applied", "failed"), "was done at Shop, and then failed at Shop."),
        ("failed", ("stored", "refused"), "till/1 went wrong at Shop."),
        ("lost", ("stored", "dropped"), "got as far as Shop, and no further."),
    ],
)
def test_an_event_that_is_followed_says_what_went_wrong(
    outcome: str, hops: tuple[str, str], words: str
) -> None:
    """The event to follow is the one with the outcome in the time span, and a sentence says how it fared."""
    wrong = journey("1", outcome, 1, (2.0, hops[0]), (5.0, hops[1]))
    later = journey("2", "ok", 2, (3.0, "stored"), (4.0, "applied"))
    run = run_of(later, wrong)
    assert followed(run, Look("", "shop", 4, 6, wrong.outcome)) is wrong
    assert followed(run, Look("", "shop", 6, 9, wrong.outcome)) is None
    assert followed(run, Look("", "shop", 4, 6)) is None
    assert words in followed_words(wrong, run, {"shop": "Shop"})


def test_a_run_is_watchable_before_it_is_over(session: Session) -> None:
    """The first seed can be watched while the others are scored; a request made meanwhile is returned at the
    end.
    """
    clock = itertools.count()
    runs = Runs(session, lambda: next(clock) / 1000)
    runs.start()
    assert runs.computing
    assert runs.outcome is None
    phases = []
    while Phase.OVER not in phases:
        phases.append(runs.advance(0.003))
        if runs.outcome is not None:
            runs.wanted = "why"
    assert phases.index(Phase.WATCHABLE) < phases.index(Phase.OVER)
    assert runs.finish() == "why"
    assert (runs.computing, runs.done, runs.wanted) == (False, 1, "")


def test_a_stopped_run_scores_nothing(session: Session) -> None:
    """Stopping a run leaves the session unchanged."""
    runs = Runs(session, lambda: 0.0)
    runs.start()
    runs.stop()
    assert session.run is None
    assert runs.done == 0


def test_a_busy_screen_computes_less() -> None:
    """With a playback and a recent key press the run pauses; with one of the two it gets a little time."""
    assert slice_s(moving=True, idle_s=0.0) == 0.0
    assert (
        0
        < slice_s(moving=True, idle_s=1.0)
        == slice_s(moving=False, idle_s=0.0)
        < slice_s(moving=False, idle_s=1.0)
    )


def test_edits_answer_with_what_changed_or_why_not(session: Session) -> None:
    """An edit reports whether the design changed and where the focus goes; a refusal has a reason and changes
    nothing.
    """
    edits = Edits(session)
    refused = edits.remove("kitchen")
    assert (refused.changed, refused.refused) == (False, True)
    assert refused.said
    gone = edits.remove("till->kitchen:call")
    assert gone.changed
    assert "Till" in gone.said
    drawn = edits.wire("till", "rail", "publish")
    assert drawn.focus == "till->rail:publish"
    assert edits.undo().changed
    assert edits.undo().changed
    assert edits.undo().refused
    assert sum(line.price for line in edits.bill()) > 0


def test_a_failed_run_is_explained_compared_and_told(session: Session, tmp_path: Path) -> None:
    """Each reason can show its moment, two runs are compared, and the post-mortem is saved, but not over
    another kind of file.
    """
    edits = Edits(session)
    told = Explanations(session, edits.name_of)
    assert told.why() is None
    assert told.compare() is None
    runs = Runs(session, lambda: 0.0)
    clock = itertools.count()
    runs = Runs(session, lambda: next(clock) / 1000)
    runs.start()
    finish(runs)
    why = told.why()
    assert why is not None
    assert why.replies[0].id == "show"
    edits.remove("till->kitchen:call")
    edits.wire("till", "rail", "publish")
    runs.start()
    finish(runs)
    card = told.compare()
    assert card is not None
    assert "added" in card.plain
    saved = told.save_postmortem(tmp_path)
    assert saved.read_text("utf-8").startswith("# Post-mortem: ")
    assert told.save_postmortem(tmp_path) == saved
    saved.write_text("mine", "utf-8")
    with pytest.raises(InputError, match="would be lost"):
        told.save_postmortem(tmp_path)


def test_a_lesson_leads_from_the_verdict_to_the_question_and_on(session: Session, level: Level) -> None:
    """A failing verdict offers why and show me, a passing one the question first, and the debrief the next
    unpassed level.
    """
    library = Library()
    lesson = Lesson(session, level, library)
    clock = itertools.count()
    runs = Runs(session, lambda: next(clock) / 1000)
    runs.start()
    finish(runs)
    assert session.verdict is not None
    failed = lesson.verdict(session.verdict, first=True)
    assert [reply.id for reply in failed.replies][:2] == ["why", "show"]
    edits = Edits(session)
    edits.remove("till->kitchen:call")
    edits.wire("till", "rail", "publish")
    runs.start()
    finish(runs)
    passed = lesson.verdict(session.verdict, first=False)
    assert passed.replies[0].id == "on"
    assert "three stars up to" in passed.plain
    assert lesson.question_due
    lesson.answer(0)
    assert not lesson.question_due
    done = frozenset(library.order[1:4])
    card = lesson.debrief(Learned({one: LevelMark(passed=True) for one in done}), postmortem=True)
    assert library.title(library.order[4]) in card.replies[0].label
    everything = Learned({one: LevelMark(passed=True) for one in library.order})
    assert lesson.debrief(everything, postmortem=True).replies[0].id == "finale"
    end = finale(library, everything)
    assert library.course.chapters[0].title in end.plain


def test_a_prediction_is_shown_once_and_only_with_the_design_it_is_about(level: Level) -> None:
    """A prediction's result is in the first verdict after its run, and not in the next one."""
    asking = level_by_id("night-job/flash-sale")
    if asking.prediction is None:
        pytest.skip("the level asks for no prediction")
    session = Session(asking)
    lesson = Lesson(session, asking, Library())
    assert lesson.prediction_due
    clock = itertools.count()
    runs = Runs(session, lambda: next(clock) / 1000)
    session.predict(0)
    runs.start()
    finish(runs)
    assert session.verdict is not None
    title = asking.prediction.labels[0]
    assert title in lesson.verdict(session.verdict, first=False).plain
    assert title not in lesson.verdict(session.verdict, first=False).plain
