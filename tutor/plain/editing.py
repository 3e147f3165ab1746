"""Rewiring in lines: the board and its parts, adding, wiring, setting, removing, and undoing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tutor.errors import InputError
from tutor.judge.words import names_of
from tutor.model.edit import MoveWire
from tutor.model.level import PaletteEntry
from tutor.model.price import cost_per_hour, price_of
from tutor.model.wire import Wire
from tutor.plain.game import PlainGame
from tutor.rules import title_of_entry
from tutor.session.boards import render_board
from tutor.session.editing import setting_named
from tutor.session.texts import clean, ends_words, render_faults, render_help
from tutor.words import say


def board(game: PlainGame) -> Iterator[str]:
    """Describes the design in sentences, and the faults to come."""
    yield from render_board(game.session.design, game.session.level)
    faults = render_faults(game.session.scenario)
    if faults:
        yield say("plain.faults")
        yield from ("  " + line for line in faults)


def parts(game: PlainGame) -> Iterator[str]:
    """Lists the parts that can be added."""
    for entry, left in game.session.palette():
        about = clean(entry.say) or say(f"kinds.about.{entry.component.kind}")
        if left is None:
            yield say("plain.entry", part=_entry(entry), kind=entry.component.kind, about=about)
        else:
            yield say(
                "plain.entry-left", part=_entry(entry), kind=entry.component.kind, about=about, count=left
            )


def _entry(entry: PaletteEntry) -> str:
    """Describes a part that can be added, with the word that adds it if that is another."""
    title = entry.component.title
    return (
        say("board.said.labeled", title=clean(title), id=entry.id)
        if title and title.casefold() != entry.id
        else entry.id
    )


def add(game: PlainGame) -> Iterator[str]:
    """Puts a part on the board."""
    words = game.words
    if not words:
        raise InputError(
            say("plain.add-form", parts=[_entry(entry) for entry, _ in game.session.palette()])
            if game.session.palette()
            else say("plain.nothing-to-add")
        )
    part = game.session.add(" ".join(words))
    yield say("plain.added", part=clean(game.session.design.components[part].name))


def wire(game: PlainGame) -> Iterator[str]:
    """Joins two parts; with one alone it says where a wire may go."""
    words = [
        word for given in game.words for word in map(str.strip, given.split("->")) if word not in ("", "to")
    ]
    if len(words) == 1:
        source = game.session.find(words[0])
        parts = game.session.design.components
        for end in game.session.ends(source.id):
            target = clean(parts[end.target].name)
            if end.kinds:
                yield say("plain.may-wire", part=target, kinds=end.kinds)
            else:
                yield say("plain.no-wire", part=target, why=end.refusal)
        return
    if not 2 <= len(words) <= 3:
        raise InputError(say("plain.wire-form"))
    made = game.session.find(game.session.wire(*words))
    names = names_of(game.session.design)
    yield say(
        "plain.wired", wire=ends_words(made.ref if isinstance(made, Wire) else "", names), kind=made.kind
    )


def change(game: PlainGame) -> Iterator[str]:
    """Changes a setting of a part or wire."""
    words = game.words
    if len(words) < 3:
        raise InputError(say("plain.set-form"))
    subject, name = words[:2]
    value = _VALUE.sub("", game.rest, count=1)
    part = game.session.find(subject)
    name = setting_named(part, name.rstrip("="))
    game.session.set(subject, name, value.lstrip("= "))
    yield render_help(game.session.find(subject), name)


def note(game: PlainGame) -> Iterator[str]:
    """Puts a note on the board."""
    if not game.rest:
        raise InputError(say("plain.note-form"))
    made = game.session.note(game.rest.strip("\"'"))
    yield say("plain.noted", id=made)


def remove(game: PlainGame) -> Iterator[str]:
    """Removes a part or wire."""
    words = game.words
    if len(words) not in (1, 2):
        raise InputError(say("plain.remove-form"))
    subject = "->".join(words)
    part, names = game.session.find(subject), names_of(game.session.design)
    game.session.remove(subject)
    yield say(
        "plain.removed", what=ends_words(part.ref, names) if isinstance(part, Wire) else clean(part.name)
    )


def move(game: PlainGame) -> Iterator[str]:
    """Changes the place of a wire among its part's outgoing wires: their order is the order of the work."""
    words = game.words
    if len(words) < 2 or words[-1] not in _PLACES:
        raise InputError(say("plain.move-form"))
    wire = game.session.find("->".join(words[:-1]))
    if not isinstance(wire, Wire):
        raise InputError(say("plain.move-form"))
    before = game.session.design
    game.session.do(MoveWire(wire.ref, _PLACES[words[-1]]))
    part, called = before.components[wire.source].name, ends_words(wire.pair, names_of(before))
    if game.session.design == before:
        yield say("plain.not-moved", wire=called, part=part)
    elif words[-1] == "earlier":
        yield say("plain.moved-earlier", wire=called, part=part)
    else:
        yield say("plain.moved-later", wire=called, part=part)


_VALUE = re.compile(r"\s*(?:(?:\"[^\"]*\"|'[^']*'|\S)+\s+){2}")
"""The part and the setting before a value, as ``set`` takes them; a name of several words is in quotes."""

_PLACES = {"earlier": -1, "later": 1}


def prices(game: PlainGame) -> Iterator[str]:
    """Lists the price of each part of the design, and of each that can be added."""
    session = game.session
    given = session.scenario.prices
    for part in session.design.components.values():
        yield say("plain.price", part=clean(part.name), cost=price_of(part, given))
    for entry, _ in session.palette():
        yield say(
            "plain.price-entry",
            part=clean(title_of_entry(entry)),
            cost=price_of(entry.component, given),
        )
    yield say("plain.price-sum", cost=cost_per_hour(session.design, given))


def undo(game: PlainGame) -> Iterator[str]:
    """Undoes the last change."""
    game.session.undo()
    yield say("plain.undone")


def redo(game: PlainGame) -> Iterator[str]:
    """Redoes the change that was undone last."""
    game.session.redo()
    yield say("plain.redone")


def reset(game: PlainGame) -> Iterator[str]:
    """Goes back to the start."""
    game.session.reset()
    yield say("plain.reset")
