"""The legend of the board and the time band, in the signs that this terminal shows."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tutor.model.design import Design
from tutor.show.marks import SIGNS
from tutor.show.picture.glyphs import ACROSS, Glyphs
from tutor.words import say

Entries = tuple[tuple[str, str, str], ...]
"""Three texts each: in the legend the sign, its color, and what it means."""

MARKS = (
    ("planned", "$error"),
    ("fault", "$error"),
    ("fault-over", "$muted"),
    ("first-failure", "$error"),
)
"""The marks on the band of time, and their colors."""

MOUSE = ("click", "drag", "right", "wheel", "time")
"""What the mouse does on the board."""


def legend(design: Design, glyphs: Glyphs, kinds_of_wire: Collection[str] = ()) -> Entries:
    """Returns the wires that this design has or may have, its parts, then the signs of a run."""
    kinds = {part.kind: part.glyph for part in design.components.values()}
    return (
        *_wires(glyphs, [*(wire.kind for wire in design.wires), *kinds_of_wire]),
        *(
            (glyphs.kinds.get(kind, sign), "$accent", say(f"kinds.name.{kind}"))
            for kind, sign in kinds.items()
        ),
        *((sign, tone, say(f"legend.signs.{name}")) for name, sign, tone in _signs(glyphs)),
        *((SIGNS[kind][glyphs.bar.isascii()], tone, say(f"legend.marks.{kind}")) for kind, tone in MARKS),
    )


def _signs(glyphs: Glyphs) -> Entries:
    """Returns the signs of a run: the name in the catalogue, the sign and its color."""
    signs = glyphs.signs
    return (
        ("busy", glyphs.pip, "$text"),
        ("free", glyphs.pip_free, "$text"),
        ("waiting", glyphs.bar[-1] * 3, "$text"),
        ("event", glyphs.flow, "$text"),
        ("failed", glyphs.failed, "$error"),
        ("fault", glyphs.fault, "$error"),
        ("held", signs["held"], "$warning"),
        ("down", signs["down"], "$error"),
        ("open", signs["open"], "$error"),
    )


def _wires(glyphs: Glyphs, kinds: Iterable[str]) -> Entries:
    return tuple(
        (
            glyphs.lines[kind][ACROSS] * 2 + glyphs.arrows[kind][0],
            f"$wire-{kind}",
            say(f"legend.wires.{kind}"),
        )
        for kind in dict.fromkeys(kinds)
    )
