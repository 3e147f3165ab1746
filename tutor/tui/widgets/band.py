"""The content of a run's axis - curves, faults and marks - drawn as rows of cells."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tutor.model.timeline import Mark
from tutor.show.braille import nice_top, plot, plot_ascii, row_of
from tutor.show.marks import SIGNS
from tutor.show.series import Series

USUAL = 0.8
"""The share of the run from which on a fault is the usual state."""


@dataclasses.dataclass(frozen=True, slots=True)
class Band:
    """Everything that is drawn on the axis."""

    end_s: float
    """The length of the axis."""
    marks: tuple[Mark, ...] = ()
    """What stands on it."""
    curves: tuple[Series, ...] = ()
    """What is drawn above it."""
    played: bool = False
    """Whether there is a run to play; without one the axis shows what is planned."""
    called: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """The titles of parts by id, for the marks in words."""

    def troubled(self) -> list[tuple[float, float]]:
        """The spans during which a fault lasts; one that lasts nearly all the time sets nothing apart."""
        spans = []
        for index, mark in enumerate(self.marks):
            if mark.kind in ("fault", "planned"):
                later = (
                    one
                    for one in self.marks[index + 1 :]
                    if one.kind == "fault-over" and one.target == mark.target
                )
                over = next(later, None)
                spans.append((mark.at_s, over.at_s if over else self.end_s))
        return [(start, end) for start, end in spans if end - start < USUAL * self.end_s]

    def differs(self, other: Band) -> bool:
        """Returns whether something else than curves is drawn otherwise than in another band."""
        return dataclasses.replace(self, curves=()) != dataclasses.replace(other, curves=())

    def column_of(self, at_s: float, width: int) -> int:
        """Returns the cell of a moment on an axis of so many cells."""
        return min(width - 1, max(0, int(at_s / self.end_s * width)))


def top_of(series: Series) -> float:
    """Returns the highest number on the axis of a curve."""
    present = [value for value in (*series.values, *series.beside) if value is not None]
    highest = max(present, default=0.0)
    if series.limit is not None and series.limit <= highest * 4:
        highest = max(highest, series.limit)
    return nice_top(highest)


Look = Callable[[str], Style]
"""The style of what is called so."""
LOUD = ("fault", "planned", "first-failure")
"""Kinds of mark that lie over the others, in the colour of trouble."""


Drawn = dict[int, tuple[Series, list[Strip]]]
"""Curves that are drawn already, by their identity: a run has hundreds of values for each."""
MOST_DRAWN = 64
"""Curves that are kept: more than a design has parts."""


def draw_band(
    band: Band, shown: Sequence[Series], width: int, rows: int, look: Look, drawn: Drawn, *, plain: bool
) -> list[Strip]:
    """Draws the curves, each of so many rows, and the row of marks under them.

    ``drawn`` has the curves that were drawn before for the same marks, room and look, and keeps the new ones.
    """
    trouble = [False] * width
    for start, end in band.troubled():
        for column in range(band.column_of(start, width), band.column_of(end, width) + 1):
            trouble[column] = True
    for series in shown:
        if id(series) not in drawn:
            drawn[id(series)] = series, _draw_curve(series, width, rows, trouble, look, plain=plain)
            if len(drawn) > MOST_DRAWN:
                del drawn[next(iter(drawn))]
    strips = [strip for series in shown for strip in drawn[id(series)][1]]
    return [*strips, _draw_marks(band, width, trouble, look, plain=plain)]


def _draw_curve(
    series: Series, width: int, rows: int, trouble: Sequence[bool], look: Look, *, plain: bool
) -> list[Strip]:
    top = top_of(series)
    draw = plot_ascii if plain else plot
    drawn = draw(_without_zeros(series, series.values), width, rows, top)
    ghost = draw(_without_zeros(series, series.beside), width, rows, top) if series.beside else ()
    limit_row = row_of(series.limit, rows, top) if series.limit is not None and series.limit <= top else None
    curve = look("bad" if series.name == "errors" else "good")
    strips = []
    for number, row in enumerate(drawn):
        beyond = limit_row is not None and (number < limit_row if series.good_below else number > limit_row)
        cells = []
        for column, sign in enumerate(row):
            foretold = ghost[number][column] if ghost else " "
            if foretold != " " and sign == " ":
                cells.append((foretold, look("ahead")))
            elif foretold != " " and not plain:
                cells.append((chr(ord(sign) | ord(foretold)), curve))  # braille: the dots of both
            elif sign == " " and number == limit_row:
                cells.append(("-" if plain else "╌", look("limit")))
            elif sign == " " and number == rows - 1:
                cells.append((" " if plain else "⣀", look("ahead")))
            else:
                cells.append((sign, look("bad") if beyond else curve))
            if trouble[column]:
                cells[-1] = (cells[-1][0], cells[-1][1] + look("trouble"))
        strips.append(_runs(cells))
    return strips


def _without_zeros(series: Series, values: Sequence[float | None]) -> Sequence[float | None]:
    """Leaves out the zeros of a curve: where nothing waits or fails, no line is drawn."""
    return [value or None for value in values] if series.name in ("errors", "depth") else values


def _draw_marks(band: Band, width: int, trouble: Sequence[bool], look: Look, *, plain: bool) -> Strip:
    cells = [(" ", look("trouble") if trouble[column] else look("mark")) for column in range(width)]
    for mark in sorted(band.marks, key=lambda mark: mark.kind in LOUD):
        signs = SIGNS.get(mark.kind, ("•", "."))
        style = look("fault" if mark.kind in LOUD else "mark")
        column = band.column_of(mark.at_s, width)
        cells[column] = (signs[1 if plain else 0], style + look("trouble") if trouble[column] else style)
    return _runs(cells)


def _runs(cells: Sequence[tuple[str, Style]]) -> Strip:
    """Returns a strip with neighbors of one style joined: a segment a cell would be many times slower to
    draw.
    """
    segments: list[Segment] = []
    text, style = "", Style.null()
    for sign, look in cells:
        if look is not style and look != style and text:
            segments.append(Segment(text, style))
            text = ""
        text, style = text + sign, look
    if text:
        segments.append(Segment(text, style))
    return Strip(segments, len(cells))
