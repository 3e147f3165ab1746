"""What a session offers after a run: the post-mortem, the divergence of two runs, hints that fit the
diagnosis, and giving up.
"""

import pytest

from tutor.catalog import level_by_id, level_folder, load_mistakes, load_solutions
from tutor.errors import InputError
from tutor.model.level import Level
from tutor.session import Session
from tutor.session.memory import NoMemory

FIRST = "first-light/first-event"


@pytest.fixture(scope="module")
def level() -> Level:
    """The first level."""
    return level_by_id(FIRST)


def opened(level: Level, memory: NoMemory | None = None) -> Session:
    """A session in the level with its solutions available."""
    return Session(level, memory, load_solutions=lambda: load_solutions(level_folder(level.id), level))


def run(session: Session) -> None:
    """Run the design to its end."""
    session.start_run()
    while not session.advance():
        pass


def test_a_post_mortem_is_of_the_latest_run_and_its_worst_seed(level: Level) -> None:
    """Before a run there is no post-mortem; after it, and also in the sandbox, it is about the seed that the
    verdict explains.
    """
    session = opened(level)
    with pytest.raises(InputError, match="Nothing has been run yet"):
        session.postmortem()
    run(session)
    assert session.verdict is not None
    text = session.postmortem()
    assert f"- Run: seed {session.verdict.worst.seed}, " in text
    assert session.diagnosis[0].title in text
    free = Session(scenario=level.scenario)
    run(free)
    assert "# Post-mortem: a run in the sandbox" in free.postmortem()


def test_runs_part_where_an_edit_shows_first(level: Level) -> None:
    """A divergence needs two runs; its event is one that the latest timeline can show, at a moment
    inside it.
    """
    session = opened(level)
    run(session)
    assert session.divergence() is None
    session.remove("till->kitchen")
    session.wire("till", "rail")
    run(session)
    divergence = session.divergence()
    assert divergence is not None
    assert session.run is not None
    assert session.run.outcome is not None
    timeline = session.run.outcome.timeline
    assert timeline is not None
    assert divergence.event in {journey.event_id for journey in timeline.journeys}
    assert 0 <= divergence.at_s <= timeline.end_s


def test_a_hint_never_comes_twice_also_over_sessions(level: Level) -> None:
    """Hints shown are remembered: another session continues with the next one, until none is left."""
    memory = NoMemory()
    texts: list[str] = []
    for _ in range(2):
        session = opened(level, memory)
        run(session)
        for _ in range(2):
            hint = session.hint()
            if hint is not None:
                texts.append(hint.text)
    session = opened(level, memory)
    run(session)
    while (hint := session.hint()) is not None:
        texts.append(hint.text)
    assert len(texts) >= 3
    assert len(texts) == len(set(texts))
    assert session.hint() is None


def test_a_hint_follows_what_is_wrong_now(level: Level) -> None:
    """A design gets the hints for its own diagnosis and the general ones, never those of another
    diagnosis.
    """
    given: dict[str, set[str]] = {}
    for mistake in load_mistakes(level_folder(level.id), level):
        session = opened(level)
        session.adopt(mistake.design)
        run(session)
        wrong = [found.id for found in session.diagnosis]
        hints = list(iter(session.hint, None))
        assert {hint.diagnosis for hint in hints} <= {"", *wrong}
        assert {hint.text for hint in level.hints if hint.diagnosis == wrong[0]} <= {
            hint.text for hint in hints
        }
        given[wrong[0]] = {hint.text for hint in hints}
    assert len(given) > 1
    assert len({frozenset(texts) for texts in given.values()}) == len(given)


def test_no_hint_is_a_solution(level: Level) -> None:
    """No hint names a wire of a solution."""
    solutions = load_solutions(level_folder(level.id), level)
    wires = {wire.pair for solution in solutions for wire in solution.design.wires}
    assert not [hint.text for hint in level.hints if any(pair in hint.text for pair in wires)]


def test_giving_up_opens_solutions_and_passes_nothing(level: Level) -> None:
    """Giving up must be confirmed. It opens the solutions, and the level stays unpassed, also in the next
    session.
    """
    memory = NoMemory()
    session = opened(level, memory)
    with pytest.raises(InputError, match="confirm"):
        session.give_up(confirmed=False)
    assert not session.solutions_open
    session.give_up(confirmed=True)
    assert session.solutions()
    assert not session.passed
    again = opened(level, memory)
    assert again.solutions_open
    assert not again.passed
    run(again)
    assert not again.passed
