"""The design on a real broker, in lines: a row for each second, then the table."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from tutor.errors import InputError
from tutor.plain.game import PlainGame
from tutor.session.texts import clean
from tutor.show.live import Seconds
from tutor.words import say

LOOK_S = 0.2
"""How often a live run is looked at."""


def run_live(game: PlainGame) -> Iterator[str]:
    """Runs the design of the last run on a real broker, measured beside predicted."""
    run, level = game.session.run, game.session.level
    if game.open_live is None:
        raise InputError(say("live.screen.absent"))
    if run is None or not game.session.is_current:
        raise InputError(say("live.screen.first"))
    view = game.open_live(run.scenario, level.goals if level is not None else ())
    with contextlib.closing(view):
        yield from (clean(line) for line in view.before())
        view.start()
        lines = Seconds(view)
        yield clean(lines.head())
        while view.poll()[0] != "over":
            yield from lines.new()
            time.sleep(LOOK_S)
        yield from lines.new(whole=True)
        yield from (clean(line) for line in view.after())
