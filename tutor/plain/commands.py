"""Every command that can be typed, and the names by which it goes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tutor.errors import InputError, TutorError
from tutor.model.setting import settings_of, suggest
from tutor.plain import editing, learning, running
from tutor.plain.game import Command, PlainGame
from tutor.session.texts import clean, render_help

ALIASES = {
    "exit": "quit",
    "q": "quit",
    "?": "help",
    "show": "board",
    "delete": "remove",
    "verdict": "check",
    "r": "run",
    "a": "add",
    "w": "wire",
    "x": "remove",
    "u": "undo",
    "y": "why",
    "h": "hint",
    "b": "briefing",
    "d": "debrief",
    "c": "compare",
    "j": "journey",
    "p": "postmortem",
    "o": "solutions",
    "v": "check",
}
"""Other names of commands; the letters are the keys of the screens."""


def answer(game: PlainGame, line: str) -> Iterator[str]:
    """Does one command and gives its lines; a bad one gives one line with what would be right. A number alone answers what was asked."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:
        words = line.split()
    if not words:
        return
    if words[0].isdigit():
        words.insert(0, "predict" if game.session.prediction_due else "answer")
        line = " ".join(words)
    name = ALIASES.get(words[0].lower(), words[0].lower())
    command = COMMANDS.get(name)
    if command is None:
        yield f'"{clean(words[0])}" is not a command; {suggest(name, COMMANDS)}'
        return
    game.words, game.rest = words[1:], line.strip()[len(words[0]) :].strip()
    try:
        yield from command.act(game)
    except TutorError as error:
        yield clean(str(error))


def tell_help(game: PlainGame) -> Iterator[str]:
    """The commands; what one of them does; or what the settings of a part mean."""
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


def leave(game: PlainGame) -> Iterator[str]:
    """Ends the game."""
    game.over = True
    if not game.told:
        yield from learning.what_next(game)
    yield "Your design is kept." if game.session.level is not None else "Goodbye."


_ALL = (
    Command("help", "[COMMAND | PART [SETTING]]", "the commands, or what a part's settings mean", tell_help),
    Command("briefing", "", "the story and the goals again", learning.briefing),
    Command("goals", "", "what must hold, and how it stands", learning.goals),
    Command("board", "", "the design in sentences, and the faults to come", editing.board),
    Command("parts", "", "what can be added", editing.parts),
    Command("add", "PART", "put a part on the board", editing.add),
    Command("wire", "FROM TO [KIND]", "join two parts; with FROM alone: where a wire may go", editing.wire),
    Command("set", "PART-OR-WIRE SETTING VALUE", "change a setting; a wire is FROM->TO", editing.change),
    Command("remove", "PART-OR-WIRE", "take a part or wire away", editing.remove),
    Command("undo", "", "take the last change back", editing.undo),
    Command("redo", "", "do it again", editing.redo),
    Command("reset", "", "back to the start", editing.reset),
    Command("predict", "NUMBER | skip", "answer the question before the first run", learning.predict),
    Command("run", "", "run the design and see what happens", running.run),
    Command("check", "", "the verdict on all seeds", running.check),
    Command("why", "", "why a goal was missed, with evidence", running.why),
    Command("journey", "[EVENT]", "the events that were followed, or the path of one", running.journey),
    Command("seed", "[NUMBER]", "the story of one seed; without a number of the one that failed", running.seed),
    Command("compare", "", "the last two runs side by side, and where they part", running.compare),
    Command("postmortem", "[FILE]", "the run told as an incident, as Markdown", running.postmortem),
    Command("hint", "", "a question, then a concept, then a lead", learning.hint),
    Command("answer", "NUMBER", "answer the question after passing", learning.answer),
    Command("debrief", "", "what happened and why, after passing", learning.debrief),
    Command("solutions", "[give-up]", "the reference solutions, once they are open", learning.solutions),
    Command("quit", "", "leave; the design is kept", leave),
)

COMMANDS = {command.name: command for command in _ALL}
"""Every command by its name, in the order of the help."""
