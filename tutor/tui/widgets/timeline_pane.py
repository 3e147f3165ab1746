"""The run as a band of time: curves, marks and a cursor, all on one axis."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from tutor.show.braille import clock, duration, short
from tutor.show.marks import mark_words
from tutor.show.series import Series
from tutor.tui.widgets.band import Band, Drawn, draw_band, top_of
from tutor.words import say

Words = tuple[tuple[str, str], ...]
"""Texts with the names of their styles, from left to right; a last one after an empty one stands at the
right.
"""

GUTTER = 20
"""Cells at the left for names and numbers."""
CHART_ROWS = 3
"""Rows of one curve, where there is no room for more."""


class TimelinePane(Widget):
    """The curves over a bar with marks; a click puts the cursor there."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "time--name",
        "time--value",
        "time--quiet",
        "time--ahead",
        "time--behind",
        "time--cursor",
        "time--mark",
        "time--fault",
        "time--trouble",
        "time--limit",
        "time--good",
        "time--bad",
        "time--busy",
    }
    DEFAULT_CSS = """
    TimelinePane {
        height: auto;
        background: $background;
        padding: 0 1;
        & > .time--name { color: $foreground; text-style: bold; }
        & > .time--value { color: $accent; }
        & > .time--quiet { color: $muted; }
        & > .time--ahead { color: $faint; }
        & > .time--behind { color: $primary; }
        & > .time--cursor { color: $accent; background: $boost; text-style: bold; }
        & > .time--mark { color: $muted; }
        & > .time--fault { color: $error; text-style: bold; }
        & > .time--trouble { background: $error 9%; }
        & > .time--limit { color: $warning; }
        & > .time--good { color: $primary; }
        & > .time--bad { color: $error; }
        & > .time--busy { color: $accent; }
    }
    """

    @dataclasses.dataclass
    class CursorMoved(Message):
        """Reports that the mouse asked for another moment."""

        at_s: float
        """The moment."""

    cursor_s: reactive[float] = reactive(0.0, repaint=False)
    """Where the cursor is, in simulated seconds."""
    playing: reactive[bool] = reactive(False)
    """Whether the run is moving."""
    speed: reactive[float] = reactive(1.0)
    """The playback speed, shown beside the clock."""
    computing: reactive[float | None] = reactive(None)
    """How far a run is computed, 0 to 1; None when none is."""
    charts: reactive[int] = reactive(0, layout=True)
    """How many curves are shown."""
    chart_rows: reactive[int] = reactive(CHART_ROWS, layout=True)
    """How many rows each of them has."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.band = Band(1.0)
        self._base: list[Strip] = []
        self._base_size = (0, 0, 0)
        self._drawn: Drawn = {}
        self._looks: dict[str, Style] = {}
        self._drag = False
        self._told: list[Words] = []
        self._tops: dict[str, float] = {}

    def show_band(self, band: Band) -> None:
        """Draws another run, or the plan of one."""
        shown, before = self.shown, self.band
        self.band = band
        self._base = []
        self._tops = {series.name: top_of(series) for series in band.curves}
        if len(self.shown) != len(shown) or band.differs(before):
            self._drawn = {}
            self._told = []
            self.refresh(layout=len(self.shown) != len(shown))
            return
        left, top, rows = self.styles.padding.left, self.styles.padding.top, self.chart_rows
        for number, (old, new) in enumerate(zip(shown, self.shown, strict=True)):
            if old is not new:
                self.refresh(Region(left, top + number * rows, self.content_size.width, rows))
                self._told[number * rows : (number + 1) * rows] = [()] * rows

    @property
    def shown(self) -> tuple[Series, ...]:
        """The curves that are drawn, if there are any."""
        return self.band.curves[: self.charts]

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Returns the height in rows: the curves, the marks, the bar."""
        return len(self.shown) * self.chart_rows + 2

    def _plot_width(self) -> int:
        return max(10, self.content_size.width - GUTTER - 1)

    def column_of(self, at_s: float) -> int:
        """Returns the cell (from the left of the plot) of a moment."""
        return self.band.column_of(at_s, self._plot_width())

    def watch_cursor_s(self, before: float, after: float) -> None:
        """Redraws only where the cursor was and is, and the numbers at the left that have changed."""
        if not self.is_mounted:
            return
        height = self.content_size.height
        left, top = self.styles.padding.left, self.styles.padding.top
        old, new = self.column_of(before), self.column_of(after)
        told, self._told = self._told, [self._left(row) for row in range(height)]
        regions = [
            Region(left, top + row, GUTTER, 1)
            for row, words in enumerate(self._told)
            if told[row : row + 1] != [words]
        ]
        if old != new:
            low, high = min(old, new), max(old, new)
            regions.append(Region(left + GUTTER + low, top, high - low + 1, height))
        if regions:
            self.refresh(*regions)

    def watch_computing(self) -> None:
        """Draws the bar again: it changes while a run is computed."""
        self._base = []

    def notify_style_update(self) -> None:
        """Draws everything again in another theme."""
        self._base = []
        self._drawn = {}
        self._looks = {}
        super().notify_style_update()

    def _style(self, name: str) -> Style:
        look = self._looks.get(name)
        if look is None:
            if name == "trouble":  # laid over another
                tint = self.get_component_styles("time--trouble").background
                look = Style(bgcolor=(self.background_colors[1] + tint).rich_color)
            else:
                look = self.rich_style
                look += self.get_component_rich_style(f"time--{name}", partial=True) if name else Style.null()
            self._looks[name] = look
        return look

    @property
    def _plain(self) -> bool:
        return self.app.has_class("-ascii")

    def render_line(self, y: int) -> Strip:
        """Renders one row: numbers at the left, then the plot with the cursor laid over it."""
        width = self._plot_width()
        size = width, len(self.shown), self.chart_rows
        if self._base_size != size:
            self._drawn = {}
        if not self._base or self._base_size != size:
            self._base, self._base_size = self._draw(width), size
        if y >= len(self._base):
            return Strip.blank(self.content_size.width, self._style(""))
        base = self._base[y]
        if self.computing is None and self.band.played:
            column = self.column_of(self.cursor_s)
            under = base.crop(column, column + 1).text
            last = y == len(self._base) - 1
            sign = (
                ("|" if self._plain else "●")
                if last
                else under
                if under.strip()
                else ("|" if self._plain else "│")
            )
            ahead = base.crop(column + 1)
            behind = base.crop(0, column)
            if last:
                behind = Strip([Segment(("=" if self._plain else "━") * column, self._style("behind"))])
            base = Strip.join([behind, Strip([Segment(sign, self._style("cursor"))]), ahead])
        return Strip.join([self._words(self._left(y)), base, Strip([Segment(" ", self._style(""))])])

    def _left(self, y: int) -> Words:
        """Returns the label at the left of a row."""
        rows = len(self.shown) * self.chart_rows
        if y < rows:
            return self._chart_words(self.shown[y // self.chart_rows], y % self.chart_rows)
        if y == rows:
            return ((say("labels.band.marks") if self.band.played else say("labels.band.planned"), "quiet"),)
        if self.computing is not None:
            return ((say("labels.band.running", share=f"{self.computing:>4.0%}"), "busy"),)
        now = clock(self.cursor_s, self.band.end_s)
        if not self.band.played:
            return (clock(0, self.band.end_s), "quiet"), (
                f"/{clock(self.band.end_s, self.band.end_s)}",
                "quiet",
            )
        sign = ("> " if self._plain else "▶ ") if self.playing else ("= " if self._plain else "‖ ")
        pace = f" ×{self.speed:g}" if self.speed != 1 else ""
        return (sign, "value"), (now, "name"), (f"/{clock(self.band.end_s, self.band.end_s)}{pace}", "quiet")

    def _chart_words(self, series: Series, row: int) -> Words:
        if row == 0:
            return (series.title, "name"), ("", ""), (self._number(series, self._tops[series.name]), "quiet")
        if row == 1:
            share = self.cursor_s / self.band.end_s
            value, foretold = series.at(share), series.beside_at(share)
            beyond = (
                value is not None and series.limit is not None and (value > series.limit) == series.good_below
            )
            text = "–" if value is None else self._number(series, value)
            beside = f" ({self._number(series, foretold)})" if foretold is not None else ""
            return (text, "bad" if beyond else "value"), (beside, "quiet")
        if row != 2:
            return (("", "quiet"),)
        whole = len(series.of) <= GUTTER - 2
        return ((series.of if whole else f"{series.of[: GUTTER - 3].rstrip()}…", "quiet"),)

    def _words(self, words: Words) -> Strip:
        room = GUTTER - 2 - sum(len(text) for text, _ in words)
        segments = [
            Segment(text, self._style(style)) if text else Segment(" " * max(1, room), self._style(""))
            for text, style in words
        ]
        blank = self._style("")
        return Strip(segments).adjust_cell_length(GUTTER - 1, blank).extend_cell_length(GUTTER, blank)

    @staticmethod
    def _number(series: Series, value: float) -> str:
        return duration(value) if series.unit == "ms" else short(value) + series.unit

    def _draw(self, width: int) -> list[Strip]:
        rows = draw_band(
            self.band, self.shown, width, self.chart_rows, self._style, self._drawn, plain=self._plain
        )
        return [*rows, self._draw_bar(width)]

    def _draw_bar(self, width: int) -> Strip:
        full, empty = ("=", "-") if self._plain else ("━", "─")
        done = round((self.computing or 0.0) * width)
        return Strip(
            [Segment(full * done, self._style("busy")), Segment(empty * (width - done), self._style("ahead"))]
        )

    def _moment(self, x: int) -> float:
        return (x - self.styles.padding.left - GUTTER + 0.5) / self._plot_width() * self.band.end_s

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Puts the cursor under the mouse, and lets it follow."""
        if self.band.played and event.x >= GUTTER:
            self._drag = True
            self.capture_mouse()
            self.post_message(self.CursorMoved(min(self.band.end_s, max(0.0, self._moment(event.x)))))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Follows a drag; otherwise says what the mark under the mouse is."""
        if self._drag:
            self.post_message(self.CursorMoved(min(self.band.end_s, max(0.0, self._moment(event.x)))))
            return
        at = event.x - self.styles.padding.left - GUTTER
        near = [mark for mark in self.band.marks if abs(self.column_of(mark.at_s) - at) <= 1]
        said = "\n".join(mark_words(mark, self.band.end_s, self.band.called) for mark in near[:6])
        self.tooltip = Content(said) if said else None

    def on_mouse_up(self) -> None:
        """Ends a drag."""
        if self._drag:
            self._drag = False
            self.release_mouse()
