"""Looking back in lines: the state of a part at a moment of the run, and over the whole of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutor.errors import InputError
from tutor.model.component import Channel, Client, Stream
from tutor.model.report import Outcome
from tutor.plain.game import PlainGame
from tutor.session.texts import clean
from tutor.show.states import PartState, States
from tutor.words import say

MOMENTS = 60
"""How many moments of a run are looked at by ``watch``; a line is said only where something has changed."""
LINES = 20
"""Lines that ``watch`` says at most: the moments with the greatest change."""


def state(game: PlainGame) -> Iterator[str]:
    """Shows the state of a part at one moment: ``state kitchen at 92``; at the end if no time is given."""
    name, time = _split(game.words)
    if not name:
        raise InputError(say("plain.state-form"))
    outcome, part = _outcome(game), _part(game, name)
    assert outcome.timeline is not None
    at_s = _time(time, outcome.timeline.end_s) if time else outcome.timeline.end_s
    yield from _lines(game, States(outcome.timeline), part, at_s)


def watch(game: PlainGame) -> Iterator[str]:
    """Shows a part over the whole run: a line for each moment where its state changed."""
    if not game.words:
        raise InputError(say("plain.watch-form"))
    outcome, part = _outcome(game), _part(game, " ".join(game.words))
    assert outcome.timeline is not None
    playback, end_s = States(outcome.timeline), outcome.timeline.end_s
    moments = [end_s * number / MOMENTS for number in range(MOMENTS + 1)]
    states = [playback.part(part, at_s) for at_s in moments]
    news = [
        0,
        *(place for place in range(1, len(states)) if _looks(states[place]) != _looks(states[place - 1])),
    ]
    every = max(1, -(-len(news) // LINES))
    for place in news[::every]:
        yield from _lines(game, playback, part, moments[place])


def _split(words: Sequence[str]) -> tuple[str, str]:
    """Returns the name of a part, which may have several words, and the time after it, if there is one."""
    if "at" in words[1:]:
        place = len(words) - 1 - words[::-1].index("at")
        return " ".join(words[:place]), " ".join(words[place + 1 :])
    if len(words) > 1 and words[-1].removesuffix("s").replace(".", "", 1).isdigit():
        return " ".join(words[:-1]), words[-1]
    return " ".join(words), ""


def _outcome(game: PlainGame) -> Outcome:
    run = game.session.run
    if run is None or run.outcome is None or run.outcome.timeline is None:
        raise InputError(say("plain.no-run"))
    return run.outcome


def _part(game: PlainGame, word: str) -> str:
    """Returns the id of a part of the design that was run."""
    found = game.session.find(word)
    if found.id not in game.session.design.components:
        raise InputError(say("plain.watch-form"))
    return found.id


def _time(word: str, end_s: float) -> float:
    try:
        at_s = float(word.removesuffix("s"))
    except ValueError:
        at_s = -1.0
    if not 0 <= at_s <= end_s:
        raise InputError(say("plain.bad-time", word=clean(word), end=end_s))
    return at_s


def _looks(one: PartState) -> tuple[object, ...]:
    """Returns the part of a state whose changes are worth a line: the queue by its size, not by each
    message.
    """
    size = len(str(one.depth)) if one.depth else 0
    return (
        size,
        one.busy == one.capacity,
        one.up,
        one.hung,
        one.faults,
        one.dead_letters > 0,
        one.failed_total > 0,
    )


def _lines(game: PlainGame, playback: States, part_id: str, at_s: float) -> Iterator[str]:
    part, one = game.session.design.components[part_id], playback.part(part_id, at_s)
    name = clean(part.name)
    if isinstance(part, Client):
        text = say("plain.state.client", at=at_s, part=name, ok=one.ok_total, failed=one.failed_total)
    elif part_id not in playback.timeline.components:
        text = say("plain.state.unknown", part=name)
    elif isinstance(part, Channel | Stream):
        text = say("plain.state.channel", at=at_s, part=name, waiting=one.depth, busy=one.busy)
    else:
        text = say(
            "plain.state.part",
            at=at_s,
            part=name,
            waiting=one.depth,
            busy=one.busy,
            capacity=one.capacity,
            failed=one.failed_total,
        )
    yield " ".join((text, *_asides(one)))


def _asides(one: PartState) -> Iterator[str]:
    if one.up <= 0:
        yield say("plain.state.down")
    elif one.up < 1:
        yield say("plain.state.partly-down", up=one.up)
    if one.hangs:
        yield say("plain.state.hung")
    elif one.hung:
        yield say("plain.state.partly-hung", hung=one.hung)
    if one.faults:
        yield say("plain.state.fault", kinds=list(one.faults))
    if any(one.partitions):
        yield say("plain.state.lag", lags=[str(lag) for lag in one.partitions])
    if one.dead_letters:
        yield say("plain.state.dead-letters", count=one.dead_letters)
    if one.diverged:
        yield say("plain.state.diverged", count=one.diverged)
