"""The signs the board draws with, in Unicode and in ASCII: lines by kind of wire, frames, arrows, pips and
bars.

Kinds of wire differ in the line itself, so that they can be told apart without color: a call is heavy, a
publish dashed, a subscription double, reads and writes are light with a different arrow, a capture is dotted,
a dead letter heavy and dotted.
"""

from __future__ import annotations

import dataclasses
import functools
import unicodedata
from collections.abc import Mapping

from tutor.model.wire import WIRES

ARM_RIGHT, ARM_DOWN, ARM_LEFT, ARM_UP = 1, 2, 4, 8
"""Where lines leave a cell, as bits; ``1 << direction``."""
ACROSS = ARM_RIGHT | ARM_LEFT
UPRIGHT = ARM_DOWN | ARM_UP

_ARMS = (ACROSS, UPRIGHT, 3, 6, 9, 12, 11, 14, 7, 13, 15)


def _line(signs: str) -> Mapping[int, str]:
    """Maps arms to signs, given in the order ``─ │ ┌ ┐ └ ┘ ├ ┤ ┬ ┴ ●``; a lone arm is drawn as the straight
    line.
    """
    table = dict(zip(_ARMS, signs, strict=True))
    table.update({ARM_RIGHT: signs[0], ARM_LEFT: signs[0], ARM_DOWN: signs[1], ARM_UP: signs[1], 0: " "})
    return table


@dataclasses.dataclass(frozen=True, slots=True)
class Glyphs:
    """One set of signs."""

    unicode: bool
    """Whether there is more than ASCII."""
    lines: Mapping[str, Mapping[int, str]]
    """By kind of wire: the sign for each combination of arms."""
    arrows: Mapping[str, str]
    """By kind of wire: arrow heads to the right, down, left and up."""
    frames: Mapping[str, str]
    """By state of a box: upper left, horizontal, upper right, vertical, lower left, lower right."""
    kinds: Mapping[str, str]
    """By kind of component, where it differs from the component's own sign."""
    bar: str
    """A filled bar cell, after the partly filled ones in rising order."""
    bar_empty: str
    """A bar cell that is empty."""
    pip: str
    """A worker that is busy."""
    pip_free: str
    """A worker that is free."""
    levels: str
    """A column of a small chart, from nothing to full."""
    moving: Mapping[str, str]
    """By kind of wire: an event on its way."""
    failed: str
    """An attempt that ended badly."""
    flow: str
    """Events too many to tell apart."""
    handle: str
    """Where a wire can be pulled out of a part."""
    fault: str
    """Something is wrong here on purpose."""
    map_part: str
    """A part on the small map."""
    signs: Mapping[str, str]
    """Small signs: ok, times, more, held, open, probing, down, part, up."""


_KINDS = tuple(WIRES)

UNICODE = Glyphs(
    unicode=True,
    lines={
        "call": _line("━┃┏┓┗┛┣┫┳┻●"),
        "publish": _line("╌╎╭╮╰╯├┤┬┴●"),
        "subscribe": _line("═║╔╗╚╝╠╣╦╩●"),
        "write": _line("─│╭╮╰╯├┤┬┴●"),
        "read": _line("─│╭╮╰╯├┤┬┴●"),
        "poll": _line("╍╏┏┓┗┛┣┫┳┻●"),
        "capture": _line("┈┊╭╮╰╯├┤┬┴●"),
        "bind": _line("┄┆╭╮╰╯├┤┬┴●"),
        "dead-letter": _line("┅┇┏┓┗┛┣┫┳┻●"),
    },
    arrows={kind: "▷▽◁△" if kind in ("read", "poll") else "▶▼◀▲" for kind in _KINDS},
    frames={
        "plain": "╭─╮│╰╯",
        "focus": "┏━┓┃┗┛",
        "chosen": "╔═╗║╚╝",
        "legal": "╭─╮│╰╯",
        "illegal": "╭╌╮╎╰╯",
        "down": "┌╌┐╎└┘",
        "ghost": "┌┄┐┆└┘",
    },
    kinds={},
    bar="╸━",
    bar_empty="·",
    pip="●",
    pip_free="○",
    levels=" ▁▂▃▄▅▆▇█",
    moving={kind: "●" if kind in ("call", "write", "read", "poll") else "◆" for kind in _KINDS},
    failed="✗",
    flow="•",
    handle="○",
    fault="↯",
    map_part="▪",
    signs={
        "ok": "✓",
        "times": "×",
        "more": "…",
        "held": "◌",
        "open": "⊘",
        "probing": "◐",
        "down": "✖",
        "part": "◐",
        "up": "●",
    },
)

ASCII = Glyphs(
    unicode=False,
    lines={
        "call": _line("=H+++++++++"[:10] + "o"),
        "publish": _line("-:++++ooooo"),
        "subscribe": _line("~!++++ooooo"),
        "write": _line("-|++++ooooo"),
        "read": _line("-|++++ooooo"),
        "poll": _line('";++++ooooo'),
        "capture": _line(".:++++ooooo"),
        "bind": _line(",:++++ooooo"),
        "dead-letter": _line("_;++++ooooo"),
    },
    arrows={kind: "}v{^" if kind in ("read", "poll") else ">v<^" for kind in _KINDS},
    frames={
        "plain": "+-+|++",
        "focus": "#=#H##",
        "chosen": "@=@H@@",
        "legal": "+-+|++",
        "illegal": "+.+:++",
        "down": "+x+x++",
        "ghost": "+.+:++",
    },
    kinds={
        "client": "@",
        "service": "#",
        "database": "D",
        "job": "J",
        "queue": "=",
        "topic": "Y",
        "stream": "S",
    },
    bar="#",
    bar_empty=".",
    pip="*",
    pip_free="o",
    levels=" .:-=+*#%",
    moving={kind: "o" if kind in ("call", "write", "read", "poll") else "*" for kind in _KINDS},
    failed="x",
    flow="*",
    handle="o",
    fault="!",
    map_part="#",
    signs={
        "ok": "+",
        "times": "x",
        "more": "~",
        "held": "%",
        "open": "/",
        "probing": "?",
        "down": "x",
        "part": "/",
        "up": "*",
    },
)


JOINERS = "\u200b\u200d\ufe0e\ufe0f"
"""Signs that only tell how others are drawn: terminals disagree about what becomes of them, so
none is drawn.
"""


_NO_CELL = ((0x1160, 0x11FF), (0xD7B0, 0xD7FF), (0x3164, 0x3164), (0xFFA0, 0xFFA0), (0x1F3FB, 0x1F3FF))
"""Letters that join the one before, beside the marks: vowels and ends of Korean syllables, fillers, skin
tones.
"""

_TWO_CELLS = ((0x2630, 0x2637), (0x268A, 0x268F), (0x4DC0, 0x4DFF), (0x1D300, 0x1D376))
"""Signs that newer terminals draw wide and that the tables of Python before 3.14 don't have as wide."""


@functools.cache
def _cells_taken(sign: str) -> int:
    number = ord(sign)
    if unicodedata.category(sign)[0] == "M" or any(low <= number <= high for low, high in _NO_CELL):
        return 0
    wide = unicodedata.east_asian_width(sign) in "WF"
    return 2 if wide or any(low <= number <= high for low, high in _TWO_CELLS) else 1


def cells_of(text: str) -> list[str]:
    """Returns the text cell by cell, measured as terminals and Rich measure it.

    A wide letter takes two cells (the second is empty); a mark (an accent, a Thai vowel, a Hindi sign) stays
    in the cell of the letter that it belongs to; control characters vanish.
    """
    found: list[str] = []
    for sign in text:
        if sign in JOINERS or not (sign.isprintable() or sign == " "):
            continue
        width = 1 if sign.isascii() else _cells_taken(sign)
        if width == 0:
            place = next((index for index in range(len(found) - 1, -1, -1) if found[index]), None)
            if place is not None:
                found[place] += sign
            continue
        found.append(sign)
        found += [""] * (width - 1)
    return found


def width_of(text: str) -> int:
    """Returns how many cells the text takes."""
    return len(cells_of(text))


def fitted(text: str, width: int, more: str = "…") -> list[str]:
    """Returns the text cell by cell, cut to ``width`` cells with a sign that there is more."""
    cells = cells_of(text)
    if len(cells) <= width:
        return cells
    cut = cells[: max(0, width - 1)]
    if cut and cells[len(cut)] == "":
        cut[-1] = " "
    return [*cut, more] if width > 0 else []


def bar(share: float, width: int, glyphs: Glyphs) -> str:
    """Draws a bar of ``width`` cells that is full if ``share`` is 1; any share above 0 shows."""
    share = min(1.0, max(0.0, share))
    steps = len(glyphs.bar)
    units = round(share * width * steps)
    if share > 0:
        units = max(1, units)
    full, part = divmod(units, steps)
    text = glyphs.bar[-1] * full + (glyphs.bar[part - 1] if part else "")
    return text + glyphs.bar_empty * (width - len(text))
