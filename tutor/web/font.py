"""The page's own font: DejaVu Sans Mono cut down to the characters that the game can show, with braille drawn
in.

A terminal on a page can't count on the fonts of the machine: one without braille or box characters shows
curves and wires as empty boxes. Needs fontTools and brotli (the extra ``web``).
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tutor.words import say

ALWAYS = (
    *range(0x20, 0x7F),  # ASCII
    *range(0xA0, 0x180),  # Latin: names of learners and classes
    *range(0x2010, 0x2040),  # dashes, quotes, the ellipsis
    *range(0x2190, 0x2200),  # arrows
    *range(0x2500, 0x2600),  # boxes, blocks, shapes
)
"""The characters that are kept whether or not a level or a screen has them today."""
BRAILLE = range(0x2800, 0x2900)
"""Curves are drawn with these; no free monospaced font that we know has them in the registry, so they are
drawn here.
"""
STAND_INS = {0x27F3: 0x21BB, 0x22D4: 0x03A8}
"""Signs that the font lacks and the nearest that it has: a turning arrow, a fork."""
NAME = "Tutor Mono"
"""The license of the font asks for another name once it is changed."""


def characters(texts: Iterable[Path]) -> set[int]:
    """Returns every character outside of ASCII in these files."""
    return {ord(char) for text in texts for char in text.read_text("utf-8") if ord(char) > 126}


def make_font(source: Path, wanted: Iterable[int]) -> bytes:
    """Returns a WOFF2 font with these characters and those of :data:`ALWAYS` and :data:`BRAILLE`, from a
    TrueType file.

    Raises ``LookupError`` with the characters that neither the font nor :data:`STAND_INS` has.
    """
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font = TTFont(source)
    known = font.getBestCmap()
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap.update(
                {
                    sign: known[other]
                    for sign, other in STAND_INS.items()
                    if sign not in known and other in known
                }
            )
    for code in BRAILLE:
        _add_glyph(font, code, _braille(font, code))
    missing = sorted(set(wanted) - set(font.getBestCmap()))
    if missing:
        signs = [f"{chr(code)} (U+{code:04X})" for code in missing]
        raise LookupError(say("web.build.no-signs", signs=signs))
    options = Options()
    options.hinting = (
        False  # the hints of a 2,048-unit font are half of its size, and browsers on phones ignore them
    )
    options.layout_features = []
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    del font["FFTM"]  # when it was made in the font editor
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=[*ALWAYS, *BRAILLE, *wanted])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 3, 4, 6):
            record.string = NAME.replace(" ", "") if record.nameID == 6 else NAME
    font.flavor = "woff2"
    packed = io.BytesIO()
    font.save(packed)
    return packed.getvalue()


def _add_glyph(font: Any, code: int, glyph: Any) -> None:
    name = f"uni{code:04X}"
    width = font["hmtx"]["A"][0]
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = glyph
    font["hmtx"][name] = (width, glyph.xMin if glyph.numberOfContours else 0)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name


_DOT = ((-1, -0.5), (-1, 0.5), (-0.5, 1), (0.5, 1), (1, 0.5), (1, -0.5), (0.5, -1))
"""The corners of a dot after its first, for one that is two wide."""


def _braille(font: Any, code: int) -> Any:
    """Draws the glyph of a braille pattern: dots on a grid of two by four that continues evenly from one cell
    to the next.
    """
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    width, top, bottom = font["hmtx"]["A"][0], font["hhea"].ascent, font["hhea"].descent
    step_x, step_y = width / 2, (top - bottom) / 4
    half = round(min(step_x, step_y) * 0.26)
    for bit, (column, row) in enumerate(((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))):
        if (code - 0x2800) >> bit & 1:
            x, y = round(step_x * (column + 0.5)), round(top - step_y * (row + 0.5))
            pen.moveTo((x - half // 2, y - half))
            for across, up in _DOT:
                pen.lineTo((x + round(across * half), y + round(up * half)))
            pen.closePath()
    glyph = pen.glyph()
    glyph.recalcBounds(font["glyf"])
    return glyph
