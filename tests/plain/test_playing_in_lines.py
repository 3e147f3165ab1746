"""Plain mode: a level from story to verdict in typed lines."""

import dataclasses
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tutor.catalog import level_by_id, level_folder, load_glossary, load_solutions
from tutor.model.level import Goal, Stars
from tutor.plain import COMMANDS, Reviewing, play, typed_lines
from tutor.plain.commands import ALIASES
from tutor.progress import open_progress
from tutor.session import Session
from tutor.session.memory import NoMemory
from tutor.session.texts import prose
from tutor.show.sandbox import starter
from tutor.trial import run, score
from tutor.words import say


def session() -> Session:
    """A new learner's session in the first level."""
    level = level_by_id("first-light/first-event")
    return Session(level, load_solutions=lambda: load_solutions(level_folder(level.id), level))


def told(lines: Iterable[str], learner: Session | None = None) -> list[str]:
    """The output after the opening for these lines; the exit code must be 0."""
    shown: list[str] = []
    opening: list[str] = []
    play(learner or session(), [], opening.append)
    assert play(learner or session(), lines, shown.append, next_level=lambda: "night-job/night-shift") == 0
    return shown[len(opening) :]


def test_the_opening_tells_story_and_goals() -> None:
    """The opening shows the title, the story and each goal with its check."""
    shown: list[str] = []
    play(session(), [], shown.append)
    assert shown[0] == "The Doorbell (first-light/first-event)"
    assert any("the till turns nobody away (no requests from Till that fail)" in line for line in shown)
    assert not any("publish" in line for line in shown)


def test_a_kept_design_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    """A broken design in progress is reported in one line, and after the next edit its file is in the
    history.
    """
    with open_progress(tmp_path) as progress:
        path = progress.design_path("first-light/first-event")
        path.parent.mkdir(parents=True)
        path.write_text("garbage = =\n")
        shown: list[str] = []
        assert play(Session(session().level, progress), ["add queue"], shown.append) == 0
        (line,) = [line for line in shown if "saved design" in line]
        assert "isn't TOML" in line
        assert "garbage" in progress.design_history("first-light/first-event")[-1].read_text()


def test_a_level_is_played_to_its_verdict() -> None:
    """A level is run, fails, is rewired and passes, with the same verdict as the headless check."""
    learner = session()
    shown = told(
        [
            "run",
            "why",
            "remove till->kitchen",
            "wire till rail",
            "run",
            "answer 2",
            "solutions",
            "compare",
            "quit",
        ],
        learner,
    )
    text = "\n".join(shown)
    assert "Not passed" in text
    assert "Where to look:" in text
    assert "Passed on 5 seeds." in text
    assert "Right." in text
    assert "Next: tutor play night-job/night-shift --plain" in text
    assert "Changed: added a publish wire from Till to Order rail" in text
    assert learner.level is not None
    assert learner.verdict is not None
    again = score(learner.level, learner.design)
    assert (learner.verdict.passed, learner.verdict.stars) == (again.passed, again.stars)
    assert [goal.value for goal in learner.verdict.goals] == [goal.value for goal in again.goals]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("rnu", 'did you mean "run"?'),
        ("add", "which part to add"),
        ("add toaster", 'unknown part "toaster"'),
        ("wire till", "To Order rail: publish"),
        ("wire kitchen till", "nothing is wired to a client"),
        ("set kitchen", "Say which part or wire"),
        ("set kitchen replicas many", "a whole number"),
        ("set kitchen service_ms 1", "service time"),
        ("remove kitchen", "stays"),
        ("remove nothing", "unknown part or wire"),
        ("undo", "nothing to undo"),
        ("redo", "nothing to redo"),
        ("why", "Type run first"),
        ("compare", "two runs"),
        ("journey", "Type run first"),
        ("answer 1", "when you've passed the level"),
        ("predict 1", "nothing to predict"),
        ("solutions", "give-up"),
        ('set "till', "Say which part or wire"),
        ("help nothing", "unknown part or wire"),
        ("help kitchen colour", "no setting"),
    ],
)
def test_a_bad_line_gets_one_line_with_what_would_be_right(line: str, said: str) -> None:
    """No typed line ends the game or shows a traceback."""
    shown = told([line])
    assert any(said in text for text in shown), shown


def test_the_keys_of_the_screens_are_commands_too() -> None:
    """A letter does what its key does on the screens, and every alias leads to a command."""
    shown = told(["r", "y", "h"])
    assert any("Not passed" in line for line in shown)
    assert any(line.startswith("A hint, as a question:") for line in shown)
    assert set(ALIASES.values()) <= set(COMMANDS)


def test_the_debrief_waits_for_the_question() -> None:
    """A pass asks its question before the debrief; a plain number is accepted as an answer."""
    learner = session()
    shown = told(["remove till->kitchen", "wire till rail", "debrief", "run", "1", "2", "debrief"], learner)
    before, after = (
        shown[: shown.index("Type answer and a number. debrief shows what happened and why.")],
        shown,
    )
    assert "The debrief opens when you pass the level." in before
    assert not any(line.startswith("What happened.") for line in before)
    told_at = [place for place, line in enumerate(after) if line.startswith("What happened.")]
    wrong = next(place for place, line in enumerate(after) if line.startswith("Not quite."))
    right = next(place for place, line in enumerate(after) if line.startswith("Right."))
    assert wrong < right < told_at[0]
    assert len(told_at) == 2


def test_a_seed_is_explained_with_the_first_verdict_only() -> None:
    """The game explains only once what a seed is."""
    assert told(["run", "check", "set kitchen replicas 2", "run"]).count(say("plain.seeds")) == 1


def test_emphasis_is_not_read_out() -> None:
    """Each paragraph is one line without Markdown signs; lists keep their lines."""
    text = "**One** word of\n*two* and `three`, 2 * 3.\n\n- a\n- b\n"
    assert prose(text) == ["One word of two and three, 2 * 3.", "", "- a", "- b"]


def test_every_command_explains_itself() -> None:
    """Help lists all commands, and explains each command and each part on its own."""
    listed = told(["help"])
    assert all(any(line.startswith(name) for line in listed) for name in COMMANDS)
    assert all(told([f"help {name}"]) for name in COMMANDS)
    assert any("replicas = 1" in line for line in told(["help kitchen"]))


def test_edits_are_told_and_taken_back() -> None:
    """Adding, wiring, setting and removing report what they did, and so do undo and redo."""
    shown = told(["add topic", "wire till topic", "set kitchen replicas 2", "undo", "redo", "reset", "board"])
    assert shown[0].startswith("Added ")
    assert "Undone." in shown
    assert "Redone." in shown
    assert any(line.startswith("Kitchen, a service") for line in shown)
    assert "  hang of Kitchen: at 0:15, for 20 s" in shown


def test_hints_and_journeys() -> None:
    """A hint shows which step it is; an event's path lists its hops with times."""
    shown = told(["run", "hint", "journey", "journey till/3", "journey till/999999", "goals", "check"])
    assert any(line.startswith("A hint, as a question:") for line in shown)
    assert any("requested at Till" in line for line in shown)
    assert any(line.startswith("No event") for line in shown)


def test_the_end_of_input_is_a_clean_end() -> None:
    """Input that ends without quit exits with 0; blank lines and comments do nothing."""
    assert told(["", "   ", "# a comment"]) == []


def test_interrupting_ends_with_130() -> None:
    """Ctrl+C exits with 130."""

    def interrupted() -> Iterator[str]:
        yield "board"
        raise KeyboardInterrupt

    assert play(session(), interrupted(), lambda text: None) == 130


def test_lines_of_a_pipe_have_no_prompt() -> None:
    """A stream that isn't a terminal gets no prompt."""
    assert list(typed_lines(io.StringIO("run\nquit\n"))) == ["run\n", "quit\n"]


def test_what_files_say_cannot_steer_a_terminal() -> None:
    """Control characters in a command are not echoed."""
    shown = told(["\x1b[31mrun"])
    assert shown
    assert not any("\x1b" in line for line in shown)


def test_a_run_is_told_afterwards(tmp_path: Path) -> None:
    """The post-mortem is shown, or written to a file of any name; before the first run the answer says what
    is missing.
    """
    file = tmp_path / "what happened.md"
    shown = told(["postmortem", "run", "postmortem", f"postmortem '{file}'"])
    assert shown[0].startswith("Nothing has been run yet")
    assert "# Post-mortem: The Doorbell" in shown
    assert file.read_text("utf-8").startswith("# Post-mortem: The Doorbell")
    file.write_text("my notes\n", "utf-8")
    assert any("would be lost" in line for line in told(["run", f"postmortem '{file}'"]))
    assert file.read_text("utf-8") == "my notes\n"


def test_compare_says_where_the_runs_part() -> None:
    """Below the numbers, compare shows the first event that fared differently, and the consequences."""
    shown = told(["run", "remove till->kitchen", "wire till rail", "run", "compare"])
    assert any("The first event that fares differently is till/14" in line for line in shown)
    assert any("From then on, failures that Till saw" in line for line in shown)


def test_a_seed_is_opened_by_its_number() -> None:
    """``seed`` with a number shows its result and path; without a failing seed a number is required, and an
    unknown one is refused.
    """
    shown = told(["seed 1", "run", "seed", "seed 99", "seed 2"])
    assert shown[0].startswith("Nothing has been run yet")
    assert any(line.startswith("Say which seed: 1, 2, 3, 4, 5") for line in shown)
    assert any(line.startswith('Seed "99" wasn\'t run') for line in shown)
    assert any(line.startswith("Seed 2 missed: expected no requests from Till that fail") for line in shown)


def test_the_failing_seed_is_told_with_its_event() -> None:
    """If most seeds pass, the verdict names the failing one with moment and event, and plain ``seed`` shows
    that event's path.
    """
    level = level_by_id("first-light/first-event")
    counts = {seed: run(level.scenario, seed).report.value("/client/till/failed") for seed in range(1, 6)}
    worst = max(counts, key=lambda seed: counts[seed])
    limit = sorted(counts.values())[-2]
    assert limit < counts[worst], "one seed has to stand out"
    goals = (Goal("/client/till/failed", "few are turned away", at_most=limit),)
    shown = told(["run", "seed"], Session(dataclasses.replace(level, goals=goals)))
    assert any(f"The design passes on 4 other seeds and fails on seed {worst}" in line for line in shown)
    assert any(line.startswith(f"Seed {worst} missed: ") for line in shown)
    assert any(line.startswith("till/") and "Outcome: failed" in line for line in shown)


def test_titles_are_understood_as_well_as_ids() -> None:
    """A part may be named by its title in any case, alone or as a wire's end."""
    learner = session()
    told(['remove "Till->Kitchen"', "wire TILL rail", 'set "Rail" visibility_timeout_s 7'], learner)
    assert learner.design.wire("till->kitchen:call") is None
    assert learner.design.wire("till->rail:publish") is not None
    (line,) = told(["wire till nowhere"])
    assert "nowhere" in line


def test_a_part_is_looked_back_at() -> None:
    """``state`` shows a part at a moment and ``watch`` shows its changes; both need a run and a moment within
    it.
    """
    assert told(["state kitchen"]) == ["Nothing has been run yet. Type run first."]
    level = session().level
    assert level is not None
    at_s = level.scenario.faults[0].at_s + 5
    shown = told(["predict skip", "run", f"state kitchen at {at_s:g}"])
    assert ", Kitchen has" in shown[-1]
    assert "hangs" in shown[-1]
    assert "not a time in this run" in told(["predict skip", "run", "state kitchen at 9999"])[-1]
    watched = told(["predict skip", "run", "watch kitchen"])
    lines = [line for line in watched if line.startswith("At ") and "Kitchen" in line]
    assert 2 <= len(lines) <= 21
    assert any("hangs" in line for line in lines)
    assert any(line.startswith("At 0:00") for line in lines)


def test_stars_prices_and_seeds_are_said() -> None:
    """Commands show what the stars require, what parts cost, and which seeds missed which goals."""
    assert [line.split(":")[0].split(" (")[0] for line in told(["stars"])] == ["Cost", "Speed", "Simplicity"]
    prices = told(["prices"])
    assert prices[-1].startswith("This design: ")
    assert any("to add" in line for line in prices)
    shown = told(["predict skip", "run", "seeds"])
    assert sum(line.startswith("Seed ") and "missed" in line for line in shown) == 5


def test_the_order_of_wires_is_changed() -> None:
    """A wire moves among its part's outgoing wires; at either end the answer says so."""
    learner = session()
    told(["wire till rail"], learner)
    before = [wire.ref for wire in learner.design.wires_from("till")]
    shown = told(["move till->rail earlier", "move till->rail earlier", "move till->rail up"], learner)
    assert [wire.ref for wire in learner.design.wires_from("till")] == before[::-1]
    assert shown[1] == "Till → Order rail is already at that end of the outgoing wires of Till."
    assert shown[2].startswith("Say which wire")


def test_terms_are_looked_up() -> None:
    """The glossary lists its terms, explains one by id, title or synonym, and suggests the nearest match."""
    terms = load_glossary()
    shown: list[str] = []
    lines = ["glossary", "glossary queue", "glossary Queue", "glossary quue"]
    play(session(), [], shown.append)
    opening = len(shown)
    shown.clear()
    play(session(), lines, shown.append, glossary=lambda: terms)
    assert len(shown) - opening == len(terms) + 3
    assert shown[-3] == shown[-2]
    assert 'did you mean "queue"?' in shown[-1]


def test_another_level_is_opened() -> None:
    """``play`` opens another level in the same sitting; if it can't, the answer gives the command
    that does.
    """
    other = level_by_id("night-job/night-shift")
    shown: list[str] = []
    play(
        session(),
        ["play night-shift", "goals"],
        shown.append,
        open_level=lambda word: Session(level_by_id(word)),
    )
    assert any(other.title in line for line in shown)
    assert any("tickets are in the mail" in line for line in shown)
    assert "tutor play LEVEL --plain" in told(["play night-shift"])[0]


def test_sources_open_with_the_debrief() -> None:
    """Before the level is passed, ``sources`` says that they open with the debrief."""
    assert told(["sources"]) == ["The sources open with the debrief, when the level is passed."]


def test_parts_of_a_run_are_measured_on_their_own_in_the_sandbox() -> None:
    """Windows are added by two times and removed again, and a run's numbers have a section for each; a
    level's windows can't be changed.
    """
    free = Session(scenario=starter())
    shown = told(
        ["numbers", "window", "window 60 0", "window 0 60", "window 60 120", "window", "run", "numbers"], free
    )
    assert "Nothing has been measured yet. Type run first." in shown
    assert any("two times in seconds" in line for line in shown)
    assert "A window from 0:00 to 1:00. Type run to measure it." in shown
    begun = shown.index("The whole run")
    assert "From 0:00 to 1:00" in shown[begun:]
    assert "From 1:00 to 2:00" in shown[begun:]
    assert [(one.from_s, one.to_s) for one in free.scenario.windows] == [(0, 60), (60, 120)]
    assert "The window from 1:00 to 2:00 is gone." in told(["window remove"], free)
    assert len(free.scenario.windows) == 1
    assert told(["window 0 60"])[0] == say("plain.window.level")


def test_titles_of_several_words_need_no_quotes() -> None:
    """A part's title is understood as it is written on the board, with a time after it or without."""
    moments = ["state rail at 20", "state order rail at 20", "state Order rail 20s", "watch order rail"]
    shown = told(["run", *moments])
    first = next(place for place, line in enumerate(shown) if line.startswith("At 0:20"))
    assert shown[first] == shown[first + 1] == shown[first + 2]
    assert shown[first + 3].startswith("At 0:00, Order rail")


def test_a_term_is_found_with_hyphens_or_without() -> None:
    """The glossary knows a dead letter queue by both spellings."""
    shown: list[str] = []
    play(session(), ["glossary dead letter queue"], shown.append, glossary=load_glossary)
    assert shown[-1].startswith("Dead-letter queue: ")


def test_the_story_of_a_run_has_its_first_failure() -> None:
    """The moments of a run in lines are those on the time axis of the screen."""
    assert "0:17: first failure: a request fails: Till" in told(["run"])


def test_links_of_a_debrief_are_listed_with_its_sources() -> None:
    """What a debrief refers to in a link can be read in lines, with its address."""
    level = level_by_id("what-you-say/field-21")
    memory = NoMemory()
    memory.note_run(level.id, True, Stars(3, 3, 3), "", 0)
    shown = told(["sources"], Session(level, memory))
    assert any(line.startswith("Root cause analysis: https://www.crowdstrike.com/") for line in shown)


def test_questions_come_back_in_lines() -> None:
    """A due question is asked, its answer noted and explained, and the next one asked."""
    due = [level_by_id("first-light/first-event"), level_by_id("night-job/flash-sale")]
    noted: list[tuple[str, int, bool]] = []

    def note(level: str, place: int, right: bool) -> None:
        noted.append((level, place, right))
        due.pop(0)

    shown: list[str] = []
    lines = ["review", "review 9", "review 1", "review 3", "review"]
    assert play(session(), lines, shown.append, reviews=Reviewing(lambda: list(due), note)) == 0
    assert noted == [("first-light/first-event", 0, False), ("night-job/flash-sale", 2, True)]
    assert any(line.startswith("From The Doorbell: ") for line in shown)
    assert shown[-1] == say("screens.nothing-due")
    assert told(["review"]) == [say("screens.nothing-due")]
