"""A design as SVG: the same picture as on the board, in text that can be searched. It asks for no font."""

from __future__ import annotations

from html import escape

from tutor.model.design import Design
from tutor.show.picture.canvas import Canvas
from tutor.show.picture.drawing import Highlights, draw_scene
from tutor.show.picture.glyphs import UNICODE, cells_of
from tutor.show.picture.inks import DARK, LIGHT, ink_of
from tutor.show.picture.scene import make_scene

CELL = (8, 16)
"""Width and height of a cell in the SVG's own units."""

BASE = 12
"""Where letters stand in their cell, from its top."""

ROOM = (110, 40)
"""Columns and rows that a design is fitted into where nothing else is said; a larger one takes more."""

FONT = '"Tutor Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace'


def text_of(design: Design, room: tuple[int, int] = ROOM) -> str:
    """Returns a design as lines of text, fitted into so many columns and rows if possible."""
    return _canvas(design, room).text()


def svg_of(design: Design, title: str, room: tuple[int, int] = ROOM) -> str:
    """Returns a design as one ``svg`` element that may stand alone or inside a page.

    ``title`` names it for those who can't see it; ``room`` is how many columns and rows it is fitted into.
    The colors follow the reader's setting for dark or light.
    """
    canvas = _canvas(design, room)
    width, height = canvas.width * CELL[0], canvas.height * CELL[1]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="design" viewBox="0 0 {width} {height}"'
        f' width="{width}" height="{height}" role="img"><title>{escape(_printable(title))}</title>'
        f"<style>{_STYLE}</style>{''.join(_rows(canvas))}</svg>"
    )


def _canvas(design: Design, room: tuple[int, int]) -> Canvas:
    return draw_scene(make_scene(design, room, UNICODE), UNICODE, Highlights())


def _rows(canvas: Canvas) -> list[str]:
    """Returns a text element for each run of one ink; its length is given, so that other fonts leave no
    gaps.
    """
    found = []
    for y in range(canvas.height):
        x = 0
        for cells, style in _runs(canvas, y):
            filled = [index for index, sign in enumerate(cells) if sign != " "]
            if filled:
                start, end = filled[0], filled[-1] + 1
                color, bold = ink_of(style)
                names = f"ink-{color} ink-bold" if bold else f"ink-{color}"
                found.append(
                    f'<text class="{names}" x="{(x + start) * CELL[0]}" y="{y * CELL[1] + BASE}"'
                    f' textLength="{(end - start) * CELL[0]}" lengthAdjust="spacingAndGlyphs">'
                    f"{escape(''.join(cells[start:end]))}</text>"
                )
            x += len(cells)
    return found


def _runs(canvas: Canvas, y: int) -> list[tuple[list[str], str]]:
    """Returns neighbors of one style, cell by cell: an empty cell belongs to the wide sign before it."""
    found: list[tuple[list[str], str]] = []
    for sign, style in zip(canvas.signs[y], canvas.styles[y], strict=True):
        if found and found[-1][1] == style:
            found[-1][0].append(sign)
        else:
            found.append(([sign], style))
    return found


def _printable(text: str) -> str:
    return "".join(cells_of(text))


def _rules(colors: dict[str, str]) -> str:
    return "".join(f".design .ink-{name}{{fill:{color}}}" for name, color in colors.items())


_STYLE = (
    f".design text{{font:14px {FONT};white-space:pre}}.design .ink-bold{{font-weight:bold}}"
    f"{_rules(LIGHT)}@media (prefers-color-scheme:dark){{{_rules(DARK)}}}"
)
