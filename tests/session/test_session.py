"""One learner in one level: edits, undo, runs, predictions, hints, question, solutions - and what is kept."""

import dataclasses

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes, load_solutions
from tutor.errors import IllegalWire, InputError, LockedSetting
from tutor.judge.diagnosis import Diagnosis
from tutor.model.edit import RemoveWire
from tutor.model.level import Hint, Level, Prediction
from tutor.session import Session, choose_hint
from tutor.session.memory import NoMemory

SMALL = "first-light/first-event"


@pytest.fixture(scope="module")
def level() -> Level:
    """The first level."""
    return level_by_id(SMALL)


@pytest.fixture
def session(level: Level) -> Session:
    """A new learner in it."""
    return Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))


def run(session: Session) -> None:
    """A run to its end."""
    session.start_run()
    while not session.advance():
        pass


def fix(session: Session) -> None:
    """What passes the first level."""
    session.remove("till->kitchen")
    session.wire("till", "rail")


def test_undo_and_redo_are_lists(session: Session) -> None:
    """Edits are taken back and done again in order, and a new edit forgets what was undone."""
    start = session.design
    fix(session)
    fixed = session.design
    session.undo()
    session.undo()
    assert session.design == start
    assert not session.can_undo
    session.redo()
    session.redo()
    assert session.design == fixed
    session.undo()
    session.set("till->kitchen", "retries", "2") if session.design.wire(
        "till->kitchen:call"
    ) else session.add("queue")
    assert not session.can_redo
    with pytest.raises(InputError, match="nothing to redo"):
        session.redo()


def test_reset_can_be_undone(session: Session) -> None:
    """Back to the start is an edit like others."""
    fix(session)
    fixed = session.design
    session.reset()
    assert session.design == session.start
    session.undo()
    assert session.design == fixed


def test_the_rules_of_the_level_hold(session: Session) -> None:
    """What the level fixes stays, physics is refused, an illegal wire says why, and the design is
    as it was.
    """
    before = session.design
    with pytest.raises(LockedSetting):
        session.remove("kitchen")
    with pytest.raises(InputError, match=r"can't change|keeps"):
        session.set("kitchen", "service_ms", "1")
    with pytest.raises(IllegalWire):
        session.wire("kitchen", "till")
    with pytest.raises(InputError, match="did you mean"):
        session.remove("kitchn")
    with pytest.raises(InputError, match="doesn't fit"):
        session.set("till->kitchen", "timeout_ms", "soon")
    assert session.design == before
    assert not session.can_undo


def test_ends_of_a_wire_come_with_reasons(session: Session) -> None:
    """For each other part a session knows the kinds that may go there, or why none may."""
    ends = {end.target: (end.kinds, end.refusal) for end in session.ends("till")}
    assert ends["rail"][0] == ("publish",)
    assert ends["kitchen"][0] == ()
    assert "already have a" in ends["kitchen"][1]


def test_parts_come_from_the_palette_with_ids_and_limits(session: Session) -> None:
    """A part gets a free id, and when the palette is all 2 of it says so."""
    first, second = session.add("queue"), session.add("queue")
    assert first != second
    assert {entry.id: left for entry, left in session.palette()}["queue"] == 0
    with pytest.raises(InputError, match="all 2 of"):
        session.add("queue")


def test_a_run_goes_in_slices_and_is_noted_once(session: Session) -> None:
    """The verdict of the first seed comes early, the whole at the end, and the memory hears of it once."""
    noted: list[bool] = []

    class Listening(NoMemory):
        def note_run(self, level_id: str, passed: bool, *rest: object, **more: object) -> None:
            noted.append(passed)

    session.memory = Listening()
    made = session.start_run()
    while session.verdict is None:
        session.advance(20)
    assert len(session.verdict.seeds) == 1
    while not session.advance():
        pass
    session.advance()
    assert made.over
    assert noted == [False]
    assert session.diagnosis
    assert session.is_current


def test_two_runs_are_compared(session: Session) -> None:
    """After an edit and another run the two are side by side: what was changed, and which numbers
    got better.
    """
    run(session)
    assert session.comparison() is None
    fix(session)
    assert not session.is_current
    run(session)
    compared = session.comparison()
    assert compared is not None
    assert {change.text for change in compared.changes} == {
        "added a publish wire from Till to Order rail",
        "removed the call wire from Till to Kitchen",
    }
    assert next(row for row in compared.rows if row.metric == "/client/till/failed").change == "better"
    run(session)
    again = session.comparison()
    assert again is not None
    assert again.changes == ()
    assert all(row.change == "same" for row in again.rows)


def test_a_stopped_run_is_gone(session: Session) -> None:
    """A run that was stopped leaves the last finished one in its place."""
    run(session)
    finished = session.run
    session.start_run()
    session.advance(5)
    session.stop_run()
    assert session.run is finished


def asking(level: Level) -> Level:
    """The level with a prediction."""
    return dataclasses.replace(
        level,
        prediction=Prediction(
            "How many?", "/client/till/availability", (1.0, 0.75, 0.1), ("all", "three of four", "few")
        ),
    )


def test_a_prediction_is_asked_once_and_compared(level: Level) -> None:
    """It is due before the first run, remembered, and compared with the run of the start after it."""
    session = Session(asking(level))
    assert session.prediction_due
    session.predict(1)
    assert not session.prediction_due
    run(session)
    result = session.prediction_result()
    assert result is not None
    assert result.answer == 1
    assert result.right is True
    assert "You saw it coming" in result.text


def test_a_prediction_is_about_the_start(level: Level) -> None:
    """Where the design was changed before the first run, the truth is still that of the start."""
    session = Session(asking(level))
    session.predict(0)
    fix(session)
    run(session)
    result = session.prediction_result()
    assert result is not None
    assert result.truth is not None
    assert result.truth < 0.9
    assert result.right is False


def test_what_a_prediction_is_compared_with_is_run_in_slices(level: Level) -> None:
    """The run of the start, where the learner has run another design, holds nobody up: it goes on step by
    step like any run.
    """
    session = Session(asking(level))
    session.predict(0)
    fix(session)
    session.start_run()
    after = 0
    while not session.advance(50):
        assert session.run is not None
        after += session.run.over
    assert after > 5
    assert session.prediction_result() is not None


def test_a_skipped_prediction_is_not_asked_again(level: Level) -> None:
    """Skipping is an answer too, and a choice that is not there is refused."""
    session = Session(asking(level))
    with pytest.raises(InputError, match="choose a number from 1 to 3"):
        session.predict(7)
    session.predict(None)
    assert not session.prediction_due


def test_hints_climb_and_never_come_twice(session: Session) -> None:
    """From question to concept to lead, each once, and they are counted."""
    run(session)
    hints = []
    while (hint := session.hint()) is not None:
        hints.append(hint)
    assert [hint.step for hint in hints[:3]] == ["question", "concept", "lead"]
    assert len({hint.text for hint in hints}) == len(hints)
    assert session.hints_used == len(hints)


def test_the_next_hint_depends_on_what_is_wrong_now(level: Level) -> None:
    """With another diagnosis the next hint is another, from its own ladder."""
    hints = (
        Hint("q", "question"),
        Hint("c", "concept"),
        Hint("l", "lead"),
        Hint("q-sat", "question", "saturated"),
        Hint("l-lost", "lead", "lost-in-crash"),
    )
    told = dataclasses.replace(level, hints=hints)
    saturated, lost = Diagnosis("saturated", "", "", "try this"), Diagnosis("lost-in-crash", "", "", "")
    assert choose_hint(told, [], ()) == hints[0]
    assert choose_hint(told, [saturated], ()) == hints[3]
    assert choose_hint(told, [lost], ("q", "c")) == hints[4]
    last = choose_hint(told, [saturated], ("q", "c", "l", "q-sat"))
    assert last is not None
    assert last.text == "try this"


def test_no_hint_where_nothing_is_wrong(session: Session) -> None:
    """After a pass there is nothing to hint at."""
    fix(session)
    run(session)
    assert session.hint() is None


def test_solutions_open_by_passing_or_giving_up(level: Level, session: Session) -> None:
    """They are closed at first; a pass opens them, and so does a confirmed give-up, which is no pass."""
    with pytest.raises(InputError, match="open when you pass the level"):
        session.solutions()
    with pytest.raises(InputError, match="confirm"):
        session.give_up(confirmed=False)
    session.give_up(confirmed=True)
    assert session.solutions()
    assert not session.passed
    other = Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))
    fix(other)
    run(other)
    assert other.passed
    assert len(other.solutions()) >= 2


def test_every_choice_of_the_question_has_its_reason(session: Session) -> None:
    """An answer comes back with why it is right or wrong."""
    assert session.level is not None
    assert session.level.question is not None
    answers = [session.answer(place) for place in range(len(session.level.question.choices))]
    assert any(answer.right for answer in answers)
    assert all(answer.why for answer in answers)
    with pytest.raises(InputError):
        session.answer(99)


def test_the_design_is_kept_and_found_again(level: Level) -> None:
    """What was edited is there in the next session; a kept design that does not fit any more is told and left
    alone.
    """
    memory = NoMemory()
    first = Session(level, memory)
    fix(first)
    assert Session(level, memory).design == first.design
    memory.keep_design(level.id, "this is not a design")
    broken = Session(level, memory)
    assert broken.design == broken.start
    assert "doesn't fit" in broken.notice


def test_a_failing_seed_can_be_opened(level: Level) -> None:
    """The outcome of any seed comes with its timeline, the same whether it was kept or run again."""
    session = Session(level)
    run(session)
    assert session.run is not None
    assert session.verdict is not None
    seed = session.verdict.worst.seed
    opened = session.run.open_seed(seed)
    assert opened.timeline is not None
    assert opened.report.data["seed"] == seed
    assert session.run.open_seed(seed) is opened


def test_a_free_board_has_everything_but_goals(level: Level) -> None:
    """Without a level all parts can be added, a run explains itself, and there are no hints or questions."""
    session = Session(scenario=level.scenario)
    run(session)
    assert session.verdict is None
    assert session.diagnosis
    assert session.hint() is None
    session.set("kitchen", "service_ms", "1")
    session.do(RemoveWire("till->kitchen:call"))
    session.add("stream")
    with pytest.raises(InputError):
        session.answer(0)
    with pytest.raises(InputError):
        session.predict(0)
    with pytest.raises(ValueError, match="needs a level"):
        Session()


def test_mistakes_are_told_their_reason(level: Level) -> None:
    """A session with a mistake's design finds the diagnosis that the mistake states."""
    mistake = load_mistakes(level_folder(level.id), level)[0]
    session = Session(
        dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, design=mistake.design))
    )
    run(session)
    assert session.diagnosis[0].id == mistake.diagnosis
