"""A learner's session in one level: edits, undo, runs, predictions, hints, question and solutions, and what
is saved.
"""

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
    """A new learner's session in it."""
    return Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))


def run(session: Session) -> None:
    """Run the design to its end."""
    session.start_run()
    while not session.advance():
        pass


def fix(session: Session) -> None:
    """Make the edits that pass the first level."""
    session.remove("till->kitchen")
    session.wire("till", "rail")


def test_undo_and_redo_are_lists(session: Session) -> None:
    """Edits are undone and redone in order, and a new edit discards what was undone."""
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
    """A reset is an edit like any other, and can be undone."""
    fix(session)
    fixed = session.design
    session.reset()
    assert session.design == session.start
    session.undo()
    assert session.design == fixed


def test_the_rules_of_the_level_hold(session: Session) -> None:
    """Fixed parts stay, physics can't be set, and an illegal wire is refused with a reason; the design is
    unchanged.
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
    """For each other part a session gives the kinds of wire that may lead there, or the reason why
    none may.
    """
    ends = {end.target: (end.kinds, end.refusal) for end in session.ends("till")}
    assert ends["rail"][0] == ("publish",)
    assert ends["kitchen"][0] == ()
    assert "already have a" in ends["kitchen"][1]


def test_parts_come_from_the_palette_with_ids_and_limits(session: Session) -> None:
    """A new part gets a free id, and once both of the palette's 2 are used the refusal says so."""
    first, second = session.add("queue"), session.add("queue")
    assert first != second
    assert {entry.id: left for entry, left in session.palette()}["queue"] == 0
    with pytest.raises(InputError, match="all 2 of"):
        session.add("queue")


def test_a_run_goes_in_slices_and_is_noted_once(session: Session) -> None:
    """The first seed's verdict comes early and the whole at the end, and the memory notes the run once."""
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
    """After an edit and another run, the two are compared: the changes, and which numbers got better."""
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
    """Stopping a run leaves the last finished one in place."""
    run(session)
    finished = session.run
    session.start_run()
    session.advance(5)
    session.stop_run()
    assert session.run is finished


def asking(level: Level) -> Level:
    """The level with a prediction added."""
    return dataclasses.replace(
        level,
        prediction=Prediction(
            "How many?", "/client/till/availability", (1.0, 0.75, 0.1), ("all", "three of four", "few")
        ),
    )


def test_a_prediction_is_asked_once_and_compared(level: Level) -> None:
    """A prediction is due before the first run, saved, and compared with the next run of the start."""
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
    """If the design is changed before the first run, the prediction is still compared with the start."""
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
    """If the learner runs another design, the run of the start for the prediction advances in slices like any
    run.
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
    """A skipped prediction isn't asked again, and an invalid choice is refused."""
    session = Session(asking(level))
    with pytest.raises(InputError, match="choose a number from 1 to 3"):
        session.predict(7)
    session.predict(None)
    assert not session.prediction_due


def test_hints_climb_and_never_come_twice(session: Session) -> None:
    """Hints go from question to concept to lead, each once, and are counted."""
    run(session)
    hints = []
    while (hint := session.hint()) is not None:
        hints.append(hint)
    assert [hint.step for hint in hints[:3]] == ["question", "concept", "lead"]
    assert len({hint.text for hint in hints}) == len(hints)
    assert session.hints_used == len(hints)


def test_the_next_hint_depends_on_what_is_wrong_now(level: Level) -> None:
    """If the diagnosis changes, the next hint comes from the new diagnosis's ladder."""
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
    """After a pass there is no hint."""
    fix(session)
    run(session)
    assert session.hint() is None


def test_solutions_open_by_passing_or_giving_up(level: Level, session: Session) -> None:
    """Solutions are closed until the level is passed or given up with a confirmation; giving up is
    no pass.
    """
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
    """Each answer to the question gets its own explanation."""
    assert session.level is not None
    assert session.level.question is not None
    answers = [session.answer(place) for place in range(len(session.level.question.choices))]
    assert any(answer.right for answer in answers)
    assert all(answer.why for answer in answers)
    with pytest.raises(InputError):
        session.answer(99)


def test_the_design_is_kept_and_found_again(level: Level) -> None:
    """An edited design is there in the next session; a saved design that is no longer valid is reported and
    left alone.
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
    """Any seed opens with its timeline, which is the same whether it was kept or run again."""
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
    """Without a level all parts can be added and a run is explained, but there are no hints and no
    question.
    """
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
    """A mistake's design gets the diagnosis that the mistake states."""
    mistake = load_mistakes(level_folder(level.id), level)[0]
    session = Session(
        dataclasses.replace(level, scenario=dataclasses.replace(level.scenario, design=mistake.design))
    )
    run(session)
    assert session.diagnosis[0].id == mistake.diagnosis
