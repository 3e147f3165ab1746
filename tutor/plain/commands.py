"""Every command that can be typed, and the names by which it goes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from tutor.errors import InputError, TutorError
from tutor.model.setting import settings_of, suggest
from tutor.plain import editing, learning, live, playback, reference, running
from tutor.plain.game import Command, PlainGame
from tutor.session.editing import setting_named
from tutor.session.texts import clean, render_help
from tutor.words import say

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
    "g": "glossary",
    "b": "briefing",
    "d": "debrief",
    "c": "compare",
    "j": "journey",
    "l": "live",
    "p": "postmortem",
    "o": "solutions",
    "v": "check",
}
"""Other names of commands; the letters are the keys of the screens."""


def answer(game: PlainGame, line: str) -> Iterator[str]:
    """Runs one command and yields its lines; a bad one gives one line with what would be right. A number
    alone answers the question that was asked.
    """
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
        yield say("plain.unknown", word=clean(words[0]), suggestion=suggest(name, COMMANDS))
        return
    game.words, game.rest = words[1:], line.strip()[len(words[0]) :].strip()
    try:
        yield from command.act(game)
    except InputError as error:  # the key is the file's: a learner has typed none
        yield clean(str(error) if error.file else error.what)
    except TutorError as error:
        yield clean(str(error))


def tell_help(game: PlainGame) -> Iterator[str]:
    """Lists the commands; or describes one of them, or the settings of a part."""
    words = game.words
    if words:
        command = COMMANDS.get(words[0])
        if command is not None:
            yield command.line.replace("  ", " ")
            return
        part = game.session.find(words[0])
        names = [setting_named(part, name) for name in words[1:]] or list(settings_of(type(part)))
        for name in names:
            if name not in settings_of(type(part)):
                raise InputError(
                    say(
                        "rules.no-setting",
                        kind=part.kind,
                        name=name,
                        suggestion=suggest(name, settings_of(type(part))),
                    )
                )
            reason = game.session.locked(part, name)
            if not reason:
                yield render_help(part, name)
            elif len(words) > 1:
                yield say("plain.fixed", setting=render_help(part, name), why=reason)
        return
    for command in COMMANDS.values():
        yield command.line


def leave(game: PlainGame) -> Iterator[str]:
    """Ends the game."""
    game.over = True
    if not game.told:
        yield from learning.what_next(game)
    kept = game.session.level is not None and game.session.memory.saving
    yield say("plain.kept") if kept else say("plain.goodbye")


_ALL = (
    Command("help", "[COMMAND | PART [SETTING]]", tell_help),
    Command("briefing", "", learning.briefing),
    Command("goals", "", learning.goals),
    Command("board", "", editing.board),
    Command("parts", "", editing.parts),
    Command("add", "PART", editing.add),
    Command("wire", "FROM TO [KIND]", editing.wire),
    Command("set", "PART-OR-WIRE SETTING VALUE", editing.change),
    Command("remove", "PART-OR-WIRE", editing.remove),
    Command("note", "TEXT", editing.note),
    Command("move", "WIRE earlier | later", editing.move),
    Command("prices", "", editing.prices),
    Command("undo", "", editing.undo),
    Command("redo", "", editing.redo),
    Command("reset", "", editing.reset),
    Command("predict", "NUMBER | skip", learning.predict),
    Command("run", "", running.run),
    Command("check", "", running.check),
    Command("numbers", "", running.numbers),
    Command("window", "[FROM TO | remove]", running.window),
    Command("why", "", running.why),
    Command("culprit", "PART", running.culprit),
    Command("state", "PART [at SECONDS]", playback.state),
    Command("watch", "PART", playback.watch),
    Command("seeds", "", reference.seeds),
    Command("stars", "", reference.stars),
    Command("journey", "[EVENT]", running.journey),
    Command("seed", "[NUMBER]", running.seed),
    Command("compare", "", running.compare),
    Command("live", "", live.run_live),
    Command("postmortem", "[FILE]", running.postmortem),
    Command("hint", "", learning.hint),
    Command("answer", "NUMBER", learning.answer),
    Command("debrief", "", learning.debrief),
    Command("review", "[NUMBER]", learning.review),
    Command("solutions", "[give-up]", learning.solutions),
    Command("sources", "", reference.sources),
    Command("glossary", "[TERM]", reference.glossary),
    Command("play", "LEVEL", reference.play_other),
    Command("hand-in", '["NAME" ADDRESS]', learning.hand_in),
    Command("quit", "", leave),
)

COMMANDS = {command.name: command for command in _ALL}
"""Every command by its name, in the order of the help."""
