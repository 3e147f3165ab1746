"""Rewiring in lines: the board and its parts, adding, wiring, setting, removing, and taking it back."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.errors import InputError
from tutor.model.edit import MoveWire
from tutor.model.price import cost_per_hour, price_of
from tutor.model.wire import Wire
from tutor.plain.game import PlainGame
from tutor.session.boards import render_board
from tutor.session.texts import clean, render_faults, render_help
from tutor.words import say


def board(game: PlainGame) -> Iterator[str]:
    """The design in sentences, and the faults to come."""
    yield from render_board(game.session.design, game.session.level)
    faults = render_faults(game.session.scenario)
    if faults:
        yield "What goes wrong in a run:"
        yield from ("  " + line for line in faults)


def parts(game: PlainGame) -> Iterator[str]:
    """What can be added."""
    for entry, left in game.session.palette():
        number = "" if left is None else f", {left} left"
        yield f"{entry.id}, a {entry.component.kind}{number}: {clean(entry.say) or entry.component.blurb}"


def add(game: PlainGame) -> Iterator[str]:
    """Puts a part on the board."""
    words = game.words
    if len(words) != 1:
        raise InputError(
            "add what? Give one of"
            f" {', '.join(entry.id for entry, _ in game.session.palette()) or 'nothing here'}"
        )
    yield f"Added {game.session.add(words[0])}."


def wire(game: PlainGame) -> Iterator[str]:
    """Joins two parts; with one alone it tells where a wire may go."""
    words = [
        word for given in game.words for word in map(str.strip, given.split("->")) if word not in ("", "to")
    ]
    if len(words) == 1:
        source = game.session.find(words[0])
        for end in game.session.ends(source.id):
            yield (
                f"{words[0]} to {end.target}: {' or '.join(end.kinds) if end.kinds else 'no, ' + end.refusal}"
            )
        return
    if not 2 <= len(words) <= 3:
        raise InputError(
            "wire what? Give the start and the end, and the kind where several fit: wire till orders publish"
        )
    yield f"Wired {game.session.wire(*words)}."


def change(game: PlainGame) -> Iterator[str]:
    """Changes a setting of a part or wire."""
    words = game.words
    if len(words) < 3:
        raise InputError(
            "set what? Give a part or wire, a setting and a value: set kitchen workers 3, or set"
            " till->kitchen timeout_ms 500"
        )
    subject, name = words[:2]
    value = game.rest.split(None, 2)[2]
    game.session.set(subject, name.rstrip("="), value.lstrip("= "))
    yield render_help(game.session.find(subject), name.rstrip("=")) + "."


def remove(game: PlainGame) -> Iterator[str]:
    """Takes a part or wire away."""
    words = game.words
    if len(words) not in (1, 2):
        raise InputError("remove what? Give a part, or a wire as from->to")
    subject = "->".join(words)
    game.session.remove(subject)
    yield f"Removed {subject}."


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
    part = before.components[wire.source].name
    if game.session.design == before:
        yield say("plain.not-moved", wire=wire.pair, part=part)
    elif words[-1] == "earlier":
        yield say("plain.moved-earlier", wire=wire.pair, part=part)
    else:
        yield say("plain.moved-later", wire=wire.pair, part=part)


_PLACES = {"earlier": -1, "later": 1}


def prices(game: PlainGame) -> Iterator[str]:
    """What each part of the design costs, and each that can be added."""
    session = game.session
    given = session.scenario.prices
    for part in session.design.components.values():
        yield say("plain.price", part=clean(part.name), cost=price_of(part, given))
    for entry, _ in session.palette():
        yield say(
            "plain.price-entry",
            part=clean(entry.component.title or entry.id),
            cost=price_of(entry.component, given),
        )
    yield say("plain.price-sum", cost=cost_per_hour(session.design, given))


def undo(game: PlainGame) -> Iterator[str]:
    """Takes the last change back."""
    game.session.undo()
    yield "Undone."


def redo(game: PlainGame) -> Iterator[str]:
    """Does it again."""
    game.session.redo()
    yield "Done again."


def reset(game: PlainGame) -> Iterator[str]:
    """Back to the start."""
    game.session.reset()
    yield "Back to the start; undo takes that back."
