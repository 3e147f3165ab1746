"""The loop: an opening, then a line at a time until the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TextIO

from tutor.errors import printable
from tutor.model.glossary import GlossaryTerm
from tutor.plain.commands import answer
from tutor.plain.game import PlainGame, Reviewing
from tutor.plain.learning import briefing
from tutor.session import Session
from tutor.show.handing_in import HandingIn
from tutor.show.live import OpenLive
from tutor.terminal import INTERRUPTED, is_terminal
from tutor.words import say


def play(
    session: Session,
    lines: Iterable[str],
    show: Callable[[str], None],
    *,
    next_level: Callable[[], str] = str,
    glossary: Callable[[], Sequence[GlossaryTerm]] = tuple,
    open_level: Callable[[str], Session] | None = None,
    hand_in: HandingIn | None = None,
    open_live: OpenLive | None = None,
    reviews: Reviewing | None = None,
) -> int:
    """Plays until ``quit`` or the end of ``lines`` and returns the exit code: 0, or 130 when it is
    interrupted.

    ``show`` writes one line. Lines may come from a file, a pipe or :func:`typed_lines`.
    """
    game = PlainGame(
        session,
        next_level=next_level,
        glossary=glossary,
        open_level=open_level,
        hand_in=hand_in,
        open_live=open_live,
        reviews=reviews,
    )
    try:
        for text in (*briefing(game), say("plain.help-hint")):
            show(text)
        if session.notice:
            show(printable(session.notice))
        for line in lines:
            for text in answer(game, line):
                show(text)
            if game.over:
                break
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def typed_lines(stream: TextIO | None, prompt: str = "> ") -> Iterator[str]:
    """Yields the lines of a stream as they come; with a prompt and the terminal's line editing if somebody
    types. None has no lines.
    """
    if not is_terminal(stream):
        yield from stream or ()
        return
    while True:
        try:
            yield input(prompt)
        except EOFError:
            return
