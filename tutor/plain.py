"""A level in lines and typed commands: for screen readers, dumb terminals and scripts.

It shows the words of the session and holds no rules of its own. Where nobody types (standard input is no terminal) there is no prompt.
"""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

from tutor.disk import refuse_target, write_text
from tutor.errors import InputError, TutorError, printable
from tutor.judge.postmortem import HEADING
from tutor.model.report import Outcome
from tutor.model.setting import settings_of, suggest
from tutor.session import Session
from tutor.session.boards import render_board
from tutor.session.texts import (
    SAME,
    clean,
    render_comparison,
    render_faults,
    render_goals,
    render_help,
    render_journey,
    render_solution,
    render_verdict,
    render_why,
)
from tutor.terminal import is_terminal

INTERRUPTED = 130
"""The exit code of a session that was interrupted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Command:
    """One typed command."""

    name: str
    """What is typed."""
    form: str
    """What follows it."""
    doc: str
    """What it does, in a few words."""
    act: Callable[[PlainGame], Iterable[str]]
    """Does it and gives the lines to show; what follows the command is in the game's ``words`` and ``rest``."""


class PlainGame:
    """The loop of a level as lines."""

    def __init__(self, session: Session, *, next_level: Callable[[], str] = str) -> None:
        self.session = session
        self.next_level = next_level
        """Asked when the level is passed: what to play next, as it is typed after ``tutor play``; empty where nothing is left."""
        self.over = False
        self.told = False
        """Whether the debrief has been read out."""
        self.words: list[str] = []
        """The words after the command."""
        self.rest = ""
        """The same, as it was typed."""

    def opening(self) -> Iterator[str]:
        """What is said before the first command: the story, the goals, and the question before the first run."""
        yield from _briefing(self)
        yield "Type help for the commands."

    def answer(self, line: str) -> Iterator[str]:
        """Does one command and gives its lines; a bad one gives one line with what would be right."""
        try:
            words = shlex.split(line, comments=True)
        except ValueError:
            words = line.split()
        if not words:
            return
        name = {"exit": "quit", "q": "quit", "?": "help", "show": "board", "delete": "remove"}.get(words[0].lower(), words[0].lower())
        command = COMMANDS.get(name)
        if command is None:
            yield f'"{clean(words[0])}" is not a command; {suggest(name, COMMANDS)}'
            return
        self.words, self.rest = words[1:], line.strip()[len(words[0]) :].strip()
        try:
            yield from command.act(self)
        except TutorError as error:
            yield clean(str(error))


def play(session: Session, lines: Iterable[str], show: Callable[[str], None], *, next_level: Callable[[], str] = str) -> int:
    """Plays until ``quit`` or the end of ``lines`` and returns the exit code: 0, or 130 when it is interrupted.

    ``show`` writes one line. Lines may come from a file, a pipe or :func:`typed_lines`.
    """
    game = PlainGame(session, next_level=next_level)
    try:
        for text in game.opening():
            show(text)
        if session.notice:
            show(printable(session.notice))
        for line in lines:
            for text in game.answer(line):
                show(text)
            if game.over:
                break
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def typed_lines(stream: TextIO | None, prompt: str = "> ") -> Iterator[str]:
    """The lines of a stream as they come; with a prompt and the terminal's line editing where somebody types. None has no lines."""
    if not is_terminal(stream):
        yield from stream or ()
        return
    while True:
        try:
            yield input(prompt)
        except EOFError:
            return


def _briefing(game: PlainGame) -> Iterator[str]:
    level = game.session.level
    if level is None:
        yield "A free board: build, run and see what happens."
        return
    yield f"{clean(level.title)} ({level.id})"
    yield from clean(level.briefing).strip().splitlines()
    yield from _goals(game)
    yield from _ask(game)


def _ask(game: PlainGame) -> Iterator[str]:
    if game.session.prediction_due and game.session.level is not None and game.session.level.prediction is not None:
        asked = game.session.level.prediction
        yield f"Before the first run: {clean(asked.text)}"
        yield from (f"  {place}. {clean(label)}" for place, label in enumerate(asked.labels, 1))
        yield "Type predict and a number, or run to skip."


def _help(game: PlainGame) -> Iterator[str]:
    words = game.words
    if words:
        command = COMMANDS.get(words[0])
        if command is not None:
            yield f"{command.name} {command.form} - {command.doc}".replace("  ", " ")
            return
        part = game.session.find(words[0])
        names = words[1:] or list(settings_of(type(part)))
        for name in names:
            if name not in settings_of(type(part)):
                raise InputError(f'a {part.kind} has no setting "{name}"; {suggest(name, settings_of(type(part)))}')
            reason = game.session.locked(part, name)
            if not reason:
                yield render_help(part, name)
            elif len(words) > 1:
                yield f"{render_help(part, name)} - fixed: {reason}"
        return
    for command in COMMANDS.values():
        yield f"{command.name} {command.form} - {command.doc}".replace("  ", " ")


def _board(game: PlainGame) -> Iterator[str]:
    yield from render_board(game.session.design, game.session.level)
    faults = render_faults(game.session.scenario)
    if faults:
        yield "What goes wrong in a run:"
        yield from ("  " + line for line in faults)


def _parts(game: PlainGame) -> Iterator[str]:
    for entry, left in game.session.palette():
        number = "" if left is None else f", {left} left"
        yield f"{entry.id}, a {entry.component.kind}{number}: {clean(entry.say) or entry.component.blurb}"


def _add(game: PlainGame) -> Iterator[str]:
    words = game.words
    if len(words) != 1:
        raise InputError(f"add what? Give one of {', '.join(entry.id for entry, _ in game.session.palette()) or 'nothing here'}")
    yield f"Added {game.session.add(words[0])}."


def _wire(game: PlainGame) -> Iterator[str]:
    words = [word for given in game.words for word in given.replace("->", " ").split() if word != "to"]
    if len(words) == 1:
        game.session.find(words[0])
        for target, kinds, reason in game.session.ends(words[0]):
            yield f"{words[0]} to {target}: {' or '.join(kinds) if kinds else 'no, ' + reason}"
        return
    if not 2 <= len(words) <= 3:
        raise InputError("wire what? Give the start and the end, and the kind where several fit: wire till orders publish")
    yield f"Wired {game.session.wire(*words)}."


def _set(game: PlainGame) -> Iterator[str]:
    words = game.words
    if len(words) < 3:
        raise InputError("set what? Give a part or wire, a setting and a value: set kitchen workers 3, or set till->kitchen timeout_ms 500")
    subject, name = words[:2]
    value = game.rest.split(None, 2)[2]
    game.session.set(subject, name.rstrip("="), value.lstrip("= "))
    yield render_help(game.session.find(subject), name.rstrip("=")) + "."


def _remove(game: PlainGame) -> Iterator[str]:
    words = game.words
    if len(words) not in (1, 2):
        raise InputError("remove what? Give a part, or a wire as from->to")
    subject = "->".join(words)
    game.session.remove(subject)
    yield f"Removed {subject}."


def _undo(game: PlainGame) -> Iterator[str]:
    game.session.undo()
    yield "Undone."


def _redo(game: PlainGame) -> Iterator[str]:
    game.session.redo()
    yield "Done again."


def _reset(game: PlainGame) -> Iterator[str]:
    game.session.reset()
    yield "Back to the start; undo takes that back."


def _finish_run(game: PlainGame) -> None:
    game.session.start_run()
    try:
        while not game.session.advance():
            pass
    except KeyboardInterrupt:
        game.session.stop_run()
        raise


def _run(game: PlainGame) -> Iterator[str]:
    session = game.session
    if session.prediction_due:
        session.predict(None)
    _finish_run(game)
    assert session.run is not None
    if session.run.outcome is not None:
        yield from _story(session.run.outcome)
    result = session.prediction_result()
    if result is not None and session.run.number == 1:
        yield result.text
    yield from _result(game)


def _story(outcome: Outcome) -> Iterator[str]:
    marks = outcome.timeline.marks if outcome.timeline is not None else []
    for mark in marks[:12]:
        target = f" at {mark.target}" if mark.target and mark.target not in mark.what else ""
        kind = {"fault": "begins", "fault-over": "ends"}.get(mark.kind, "")
        what = f"{clean(mark.what)}{target} {kind}" if kind else f"{mark.kind}{target}{': ' if mark.what else ''}{clean(mark.what)}"
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
    if session.verdict is not None and session.verdict.passed and not game.told:
        game.told = True
        yield from _after(game)


def _after(game: PlainGame) -> Iterator[str]:
    level = game.session.level
    assert level is not None
    if level.question is not None and game.session.answered is None:
        yield clean(level.question.text)
        yield from (f"  {place}. {clean(choice.text)}" for place, choice in enumerate(level.question.choices, 1))
        yield "Type answer and a number."
    yield from clean(level.debrief).strip().splitlines()
    following = game.next_level()
    if following:
        yield f"Next: tutor play {clean(following)} --plain"


def _check(game: PlainGame) -> Iterator[str]:
    session = game.session
    if session.level is None:
        raise InputError("a free board has no goals to check: run shows what happens")
    if not session.is_current:
        if session.prediction_due:
            session.predict(None)
        _finish_run(game)
    yield from _result(game)


def _why(game: PlainGame) -> Iterator[str]:
    session = game.session
    if session.run is None:
        raise InputError("nothing has been run yet: type run first")
    if not session.diagnosis:
        yield "Every goal was met: there is nothing to explain." if session.verdict and session.verdict.passed else "Nothing was found."
        return
    yield from render_why(session.diagnosis)


def _hint(game: PlainGame) -> Iterator[str]:
    hint = game.session.hint()
    if hint is not None:
        yield f"Hint, a {hint.step}: {clean(hint.text)}"
    elif game.session.level is not None and not game.session.level.hints:
        yield "There are no hints here."
    elif game.session.verdict is not None and game.session.verdict.passed:
        yield "It works: there is nothing to hint at."
    else:
        yield "That was all for what is wrong now; change something and run, and other hints may fit."


def _goals(game: PlainGame) -> Iterator[str]:
    if game.session.level is None:
        raise InputError("a free board has no goals")
    yield "Goals:"
    yield from ("  " + line for line in render_goals(game.session.level, game.session.verdict))


def _compare(game: PlainGame) -> Iterator[str]:
    comparison = game.session.comparison()
    if comparison is None:
        raise InputError("it takes two runs to compare: change something and run again")
    yield from render_comparison(comparison)
    divergence = game.session.divergence()
    yield from (clean(line) for line in divergence.lines) if divergence is not None else [SAME]


def _seed(game: PlainGame) -> Iterator[str]:
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
    yield from (f"Missed: {clean(goal.text)}" for goal in result.missed)
    yield from _story(outcome)
    if example is not None and example.seed == result.seed:
        yield clean(example.what)
        journeys = outcome.timeline.journeys if outcome.timeline is not None else []
        for journey in journeys:
            if journey.event_id == example.event:
                yield from render_journey(journey)


def _postmortem(game: PlainGame) -> Iterator[str]:
    text = game.session.postmortem()
    if not game.rest:
        yield from text.splitlines()
        return
    refuse_target(Path(game.words[0]), begins=HEADING)
    write_text(Path(game.words[0]), text)
    yield f"Written to {clean(game.words[0])}."


def _journey(game: PlainGame) -> Iterator[str]:
    words = game.words
    run = game.session.run
    timeline = run.outcome.timeline if run is not None and run.outcome is not None else None
    if timeline is None or not timeline.journeys:
        raise InputError("no event has been followed yet: type run first")
    if not words:
        yield from (f"{one.event_id}: {one.outcome}, {one.type} about {one.key}" for one in timeline.journeys[:20])
        return
    found = {one.event_id: one for one in timeline.journeys}
    if words[0] not in found:
        raise InputError(f'no event "{words[0]}" was followed; {suggest(words[0], list(found)[:10])}')
    yield from render_journey(found[words[0]])


def _predict(game: PlainGame) -> Iterator[str]:
    words = game.words
    if not game.session.prediction_due:
        raise InputError("there is nothing to predict now")
    if not words:
        yield from _ask(game)
        return
    choice = None if words[0] in ("skip", "none") else _place(words[0])
    game.session.predict(choice)
    yield "Skipped." if choice is None else "Noted. Now run, and see."


def _answer(game: PlainGame) -> Iterator[str]:
    words = game.words
    session = game.session
    if session.level is not None and session.level.question is not None and not session.passed:
        raise InputError("the question comes when the level is passed")
    if not words:
        raise InputError("answer what? Give the number of a choice")
    chosen = session.answer(_place(words[0]))
    yield ("Right. " if chosen.right else "Not quite. ") + clean(chosen.why)


def _place(word: str) -> int:
    if not word.isdigit():
        raise InputError(f'"{word}" is not the number of a choice: give 1, 2, ...')
    return int(word) - 1


def _solutions(game: PlainGame) -> Iterator[str]:
    words = game.words
    if words in (["give", "up"], ["give-up"]):
        game.session.give_up(confirmed=True)
    if not game.session.solutions_open:
        raise InputError("the solutions open when the level is passed; solutions give-up shows them now and leaves it unpassed")
    solutions = game.session.solutions()
    for solution in solutions:
        yield from render_solution(solution)
    if not solutions:
        yield "There are no solutions to see here."


def _quit(game: PlainGame) -> Iterator[str]:
    game.over = True
    yield "Your design is kept." if game.session.level is not None else "Goodbye."


_ALL = (
    Command("help", "[COMMAND | PART [SETTING]]", "the commands, or what a part's settings mean", _help),
    Command("briefing", "", "the story and the goals again", _briefing),
    Command("goals", "", "what must hold, and how it stands", _goals),
    Command("board", "", "the design in sentences, and the faults to come", _board),
    Command("parts", "", "what can be added", _parts),
    Command("add", "PART", "put a part on the board", _add),
    Command("wire", "FROM TO [KIND]", "join two parts; with FROM alone: where a wire may go", _wire),
    Command("set", "PART-OR-WIRE SETTING VALUE", "change a setting; a wire is FROM->TO", _set),
    Command("remove", "PART-OR-WIRE", "take a part or wire away", _remove),
    Command("undo", "", "take the last change back", _undo),
    Command("redo", "", "do it again", _redo),
    Command("reset", "", "back to the start", _reset),
    Command("predict", "NUMBER | skip", "answer the question before the first run", _predict),
    Command("run", "", "run the design and see what happens", _run),
    Command("check", "", "the verdict on all seeds", _check),
    Command("why", "", "why a goal was missed, with evidence", _why),
    Command("journey", "[EVENT]", "the events that were followed, or the path of one", _journey),
    Command("seed", "[NUMBER]", "the story of one seed; without a number of the one that failed", _seed),
    Command("compare", "", "the last two runs side by side, and where they part", _compare),
    Command("postmortem", "[FILE]", "the run told as an incident, as Markdown", _postmortem),
    Command("hint", "", "a question, then a concept, then a lead", _hint),
    Command("answer", "NUMBER", "answer the question after passing", _answer),
    Command("solutions", "[give-up]", "the reference solutions, once they are open", _solutions),
    Command("quit", "", "leave; the design is kept", _quit),
)

COMMANDS = {command.name: command for command in _ALL}
"""Every command by its name, in the order of the help."""
