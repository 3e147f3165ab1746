"""What the signs on the board and on the band of time mean, in the signs that this terminal shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tutor.model.design import Design
from tutor.show.marks import SIGNS
from tutor.tui.board.glyphs import ACROSS, Glyphs

Entries = tuple[tuple[str, str, str], ...]
"""The sign, its colour, and what it means."""

KIND_WORDS = {
    "call": "a call: asks, and waits for the answer",
    "publish": "a publish: hands a message to a channel, and goes on",
    "subscribe": "a subscription: takes messages from a channel",
    "write": "a write to a database",
    "read": "a read from a database",
    "poll": "a poll: looks for news from time to time",
    "capture": "a capture: passes on what a database has committed",
    "bind": "a binding: copies each message of a topic into a queue",
    "dead-letter": "dead letters: where messages go that were given up",
}
"""What each kind of wire is."""


MARKS = (
    ("planned", "$error", "on the band of time: a fault that is planned"),
    ("fault", "$error", "there: a fault begins"),
    ("fault-over", "$muted", "there: it is over"),
    ("first-failure", "$error", "there: the first failure"),
)
"""What the marks on the band of time are."""

MOUSE = (
    ("click", "gives the focus; twice opens the settings"),
    ("drag", "moves a part; from its right edge it draws a wire; the ground scrolls"),
    ("right", "what can be done with a part or wire"),
    ("wheel", "scrolls"),
    ("time", "click or drag on the band of time: that moment is on the board"),
)
"""What the mouse does on the board."""


def legend(design: Design, glyphs: Glyphs, kinds_of_wire: Collection[str] = ()) -> Entries:
    """The wires that this design has or may have, its parts, then what can be seen in a run."""
    signs = glyphs.signs
    kinds = {part.kind: part.glyph for part in design.components.values()}
    return (
        *_wires(glyphs, [*(wire.kind for wire in design.wires), *kinds_of_wire]),
        *((glyphs.kinds.get(kind, sign), "$accent", f"a {kind}") for kind, sign in kinds.items()),
        (glyphs.pip, "$text", "a worker that is busy"),
        (glyphs.pip_free, "$text", "a worker that is free"),
        (glyphs.bar[-1] * 3, "$text", "how many are waiting, and their number"),
        (glyphs.flow, "$text", "an event on its way"),
        (glyphs.failed, "$error", "an attempt that failed"),
        (glyphs.fault, "$error", "a fault that is scheduled here, now"),
        (signs["held"], "$warning", "stands still, or waits for an answer"),
        (signs["down"], "$error", "is down"),
        (signs["open"], "$error", "a circuit breaker that is open"),
        *((SIGNS[kind][glyphs.bar.isascii()], tone, meaning) for kind, tone, meaning in MARKS),
    )


def _wires(glyphs: Glyphs, kinds: Iterable[str]) -> Entries:
    return tuple(
        (glyphs.lines[kind][ACROSS] * 2 + glyphs.arrows[kind][0], f"$wire-{kind}", KIND_WORDS[kind])
        for kind in dict.fromkeys(kinds)
    )
