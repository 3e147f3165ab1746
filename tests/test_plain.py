"""The plain mode: a level from story to verdict in typed lines."""

import io
from collections.abc import Iterable, Iterator

import pytest

from tutor.catalog import level_by_id, level_folder, load_solutions
from tutor.plain import COMMANDS, play, typed_lines
from tutor.session import Session
from tutor.trial import score


def session() -> Session:
    """A new learner in the first level."""
    level = level_by_id("first-light/first-event")
    return Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))


def told(lines: Iterable[str], learner: Session | None = None) -> list[str]:
    """What is shown after the opening when these lines are typed; the exit code has to be 0."""
    shown: list[str] = []
    opening: list[str] = []
    play(learner or session(), [], opening.append)
    assert play(learner or session(), lines, shown.append, next_level=lambda: "night-job/night-shift") == 0
    return shown[len(opening) :]


def test_the_opening_tells_story_and_goals() -> None:
    """Before the first command there are the title, the story and each goal with its check."""
    shown: list[str] = []
    play(session(), [], shown.append)
    assert shown[0] == "The Doorbell (first-light/first-event)"
    assert any("the till turns nobody away (requests of till that fail: 0)" in line for line in shown)
    assert not any("publish" in line for line in shown)


def test_a_level_is_played_to_its_verdict() -> None:
    """Run, see it fail, rewire, run, pass: and the verdict is that of the headless check."""
    learner = session()
    shown = told(["run", "why", "remove till->kitchen", "wire till rail", "run", "answer 2", "solutions", "compare", "quit"], learner)
    text = "\n".join(shown)
    assert "Not passed" in text
    assert "Where to look:" in text
    assert "Passed on 5 seeds." in text
    assert "Right." in text
    assert "Next: tutor play night-job/night-shift --plain" in text
    assert "changed: added till->rail:publish" in text
    assert learner.level is not None
    assert learner.verdict is not None
    again = score(learner.level, learner.design)
    assert (learner.verdict.passed, learner.verdict.stars) == (again.passed, again.stars)
    assert [goal.value for goal in learner.verdict.goals] == [goal.value for goal in again.goals]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rnu", 'did you mean "run"?'),
        ("add", "add what?"),
        ("add toaster", 'there is no part "toaster"'),
        ("wire till", "till to rail: publish"),
        ("wire kitchen till", "nothing is wired to it"),
        ("set kitchen", "set what?"),
        ("set kitchen replicas many", "a whole number"),
        ("set kitchen service_ms 1", "service_ms"),
        ("remove kitchen", "stays"),
        ("remove nothing", "no part or wire"),
        ("undo", "nothing to undo"),
        ("redo", "nothing to redo"),
        ("why", "type run first"),
        ("compare", "two runs"),
        ("journey", "type run first"),
        ("answer 1", "when the level is passed"),
        ("predict 1", "nothing to predict"),
        ("solutions", "give-up"),
        ('set "till', "set what?"),
        ("help nothing", "no part or wire"),
        ("help kitchen colour", "no setting"),
    ],
)
def test_a_bad_line_gets_one_line_with_what_would_be_right(line: str, said: str) -> None:
    """Nothing that is typed ends the game or shows a traceback."""
    shown = told([line])
    assert any(said in text for text in shown), shown


def test_every_command_explains_itself() -> None:
    """Help lists all commands, and each of them and each part alone."""
    listed = told(["help"])
    assert all(any(line.startswith(name) for line in listed) for name in COMMANDS)
    assert all(told([f"help {name}"]) for name in COMMANDS)
    assert any("replicas = 1" in line for line in told(["help kitchen"]))


def test_edits_are_told_and_taken_back() -> None:
    """Adding, wiring, setting and removing say what they did, and undo and redo follow."""
    shown = told(["add topic", "wire till topic", "set kitchen replicas 2", "undo", "redo", "reset", "board"])
    assert shown[0].startswith("Added ")
    assert "Undone." in shown
    assert "Done again." in shown
    assert any(line.startswith('kitchen "Kitchen", a service') for line in shown)
    assert "  hang of kitchen at t=15 s for 20 s" in shown


def test_hints_and_journeys() -> None:
    """A hint names its step; an event's path has its hops with times."""
    shown = told(["run", "hint", "journey", "journey till/3", "journey till/999999", "goals", "check"])
    assert any(line.startswith("Hint, a question:") for line in shown)
    assert any("requested at till" in line for line in shown)
    assert any("no event" in line for line in shown)


def test_the_end_of_input_is_a_clean_end() -> None:
    """Without a last quit the game ends with 0; blank lines and comments do nothing."""
    assert told(["", "   ", "# a comment"]) == []


def test_interrupting_ends_with_130() -> None:
    """Ctrl-C ends the game with 130, whatever it was doing."""

    def interrupted() -> Iterator[str]:
        yield "board"
        raise KeyboardInterrupt

    assert play(session(), interrupted(), lambda text: None) == 130


def test_lines_of_a_pipe_have_no_prompt() -> None:
    """A stream that is no terminal is read as it is."""
    assert list(typed_lines(io.StringIO("run\nquit\n"))) == ["run\n", "quit\n"]


def test_what_files_say_cannot_steer_a_terminal() -> None:
    """Control characters in a command come back without effect."""
    shown = told(["\x1b[31mrun"])
    assert shown
    assert not any("\x1b" in line for line in shown)
