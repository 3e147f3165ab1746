"""Line charts in braille dots: two dots a cell across, four down. Pure functions."""

from __future__ import annotations

import math
from collections.abc import Sequence

_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bit of each dot: by column, then by row from the top."""
_LEVELS = " .:-=+*#"
"""The same picture without braille: one row of signs, low to high."""


def buckets(values: Sequence[float | None], count: int) -> list[float | None]:
    """Returns the values squeezed or stretched into ``count`` buckets; the largest of each, so that no peak
    is lost.
    """
    if not values or count <= 0:
        return [None] * max(0, count)
    size = len(values)
    found: list[float | None] = []
    for index in range(count):
        low = index * size // count
        high = max(low + 1, (index + 1) * size // count)
        present = [value for value in values[low:high] if value is not None]
        found.append(max(present) if present else None)
    return found


def bridged(values: Sequence[float | None], longest: int) -> list[float | None]:
    """Returns the values with gaps of at most ``longest`` filled by a straight line between their ends."""
    found = list(values)
    last: int | None = None
    for place, value in enumerate(values):
        if value is None:
            continue
        if last is not None and 1 < place - last <= longest:
            start = values[last]
            assert start is not None
            for between in range(last + 1, place):
                found[between] = start + (value - start) * (between - last) / (place - last)
        last = place
    return found


def nice_top(highest: float) -> float:
    """Returns the next round number above, for the top of a scale: 1, 2, 2.5 or 5 times a power of ten."""
    if not math.isfinite(highest) or highest <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(highest))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= highest * 0.9999)


def plot(values: Sequence[float | None], width: int, height: int, top: float) -> list[str]:
    """Draws a line through the values in ``height`` rows of ``width`` braille cells; 0 is the bottom row of
    dots, ``top`` the uppermost.
    """
    cells = [[0] * width for _ in range(height)]
    rows = height * 4
    before: int | None = None
    for x, value in enumerate(bridged(buckets(values, width * 2), max(2, width // 8))):
        if value is None:
            before = None
            continue
        y = rows - 1 - round(min(max(value / top, 0.0), 1.0) * (rows - 1))
        start = y if before is None else before + (1 if y > before else -1 if y < before else 0)
        for dot in range(min(start, y), max(start, y) + 1):
            cells[dot // 4][x // 2] |= _DOTS[x % 2][dot % 4]
        before = y
    return ["".join(chr(0x2800 + bits) if bits else " " for bits in row) for row in cells]


def plot_ascii(values: Sequence[float | None], width: int, height: int, top: float) -> list[str]:
    """Draws the same in plain signs: a column is as high as its value."""
    heights = [
        None if value is None else min(max(value / top, 0.0), 1.0) * height
        for value in buckets(values, width)
    ]
    rows = []
    for row in range(height - 1, -1, -1):
        line = ""
        for value in heights:
            inside = 0.0 if value is None else min(max(value - row, 0.0), 1.0)
            line += _LEVELS[round(inside * (len(_LEVELS) - 1))]
        rows.append(line)
    return rows


def row_of(value: float, height: int, top: float) -> int:
    """Returns the row (from the top) on which a value of the scale lies."""
    rows = height * 4
    return (rows - 1 - round(min(max(value / top, 0.0), 1.0) * (rows - 1))) // 4


def short(value: float) -> str:
    """Returns a number in at most five signs: 950, 1.2k, 35k, 0.25."""
    size = abs(value)
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if size >= limit:
            scaled = value / (1e3 if unit == "k" else limit)
            return f"{scaled:.0f}{unit}" if abs(scaled) >= 10 else f"{scaled:.1f}{unit}"
    if size >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2g}"


def clock(at_s: float, total_s: float) -> str:
    """Returns a moment in the form that suits the length of the run: 12.4 s, 2:05, 3:12:00."""
    if total_s < 60:
        return f"{at_s:.1f}s"
    whole = int(at_s)
    if total_s < 3600:
        return f"{whole // 60}:{whole % 60:02}"
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def moment(at_s: float) -> str:
    """Returns a moment to the hundredth of a second: 0:15.02, 1:03:20.50."""
    hours, rest = divmod(at_s, 3600)
    minutes, seconds = divmod(rest, 60)
    return (
        f"{int(minutes)}:{seconds:05.2f}" if not hours else f"{int(hours)}:{int(minutes):02}:{seconds:05.2f}"
    )


def duration(milliseconds: float) -> str:
    """Returns a time as a learner reads it: 12 ms, 1.4 s, 3 min."""
    if abs(milliseconds) < 1000:
        return (
            f"{milliseconds:.0f} ms"
            if abs(milliseconds) >= 10 or milliseconds == int(milliseconds)
            else f"{milliseconds:.1f} ms"
        )
    seconds = milliseconds / 1000
    if abs(seconds) < 120:
        return f"{seconds:.1f} s" if seconds != int(seconds) else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min"
