"""Self-contained HTML: one file, no address outside, at most one small script of ours; every text from a
hand-in is escaped.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from html import escape

from tutor.errors import printable
from tutor.words import language

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --good: #2a8f5b; --bad: #c2483d; --dim: #888;
    --bar: #4a7fb5; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top }
th { border-bottom: 2px solid var(--line) } td { border-bottom: 1px solid var(--line) }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: var(--good) } .failed, .broken, .stopped { color: var(--bad) }
.missing, .inconclusive, .dim { color: var(--dim) }
svg { max-width: 100%; height: auto } svg text { font: 11px system-ui, sans-serif; fill: currentColor }
svg .bar { fill: var(--bar) }
svg .front { fill: none; stroke: var(--bad); stroke-width: 1.5 }
svg .axis { stroke: currentColor; opacity: .5 }
table.matrix th, table.matrix td { white-space: nowrap } table.matrix td a { text-decoration: none }
table.matrix thead th { position: sticky; top: 0; background: Canvas; cursor: pointer }
.wide { overflow-x: auto }
table.matrix td.passed::before { content: "● " } table.matrix td.failed::before { content: "○ " }
table.matrix td.missing::before { content: "– " } table.matrix td.broken::before { content: "✗ " }
figure { margin: .6rem 0; overflow-x: auto } figure svg { max-width: none }
input { font: inherit; padding: .2rem .4rem }
details { margin: .4rem 0 } summary { cursor: pointer }
.bars { display: grid; grid-template-columns: auto 1fr auto; gap: .15rem .6rem }
.bars i { background: var(--bar); height: 1em; align-self: center; min-width: 1px }
.bars .right i { background: var(--good) }
section.case { border-top: 1px solid var(--line); padding-top: .4rem; scroll-margin-top: 1rem }
@media print { input, .noprint { display: none } section.case, figure { break-inside: avoid }
table.matrix thead th { position: static } }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .6rem; font-size: 13px }
"""


def text(value: object) -> str:
    """Any value as HTML text: escaped, without control characters."""
    return escape(printable(str(value)), quote=True)


def page(title: str, body: Iterable[str], *, script: str = "") -> str:
    """One whole document; forbids itself every outside address and every script but ``script``, which it
    knows by its hash.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    if script:
        allowed += f"; script-src 'sha256-{digest}'"
    return (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{_STYLE}</style></head><body>\n<h1>{text(title)}</h1>\n"
        + "\n".join(body)
        + (f"\n<script>{script}</script>" if script else "")
        + "\n</body></html>\n"
    )


def table(
    head: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Iterable[str] = (), marks: str = ""
) -> str:
    """A table; columns named in ``numbers`` are right-aligned, cells of the column ``marks`` carry their text
    as a class.
    """
    right = {index for index, name in enumerate(head) if name in set(numbers)}
    marked = head.index(marks) if marks else -1
    out = ["<table><thead><tr>"]
    out += [f"<th{' class=n' if index in right else ''}>{text(name)}</th>" for index, name in enumerate(head)]
    out.append("</tr></thead><tbody>")
    for row in rows:
        out.append("<tr>")
        for index, cell in enumerate(row):
            style = " class=n" if index in right else f' class="{text(cell)}"' if index == marked else ""
            out.append(f"<td{style}>{text('' if cell is None else cell)}</td>")
        out.append("</tr>")
    return "".join(out) + "</tbody></table>"


def histogram(title: str, values: Sequence[float], *, bins: int = 8) -> str:
    """A histogram as inline SVG; empty text where there is nothing to show."""
    if not values:
        return ""
    low, high = min(values), max(values)
    width = (high - low) / bins or 1.0
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, int((value - low) / width))] += 1
    top = max(counts)
    bars = []
    for index, count in enumerate(counts):
        tall = 58 * count / top
        bars.append(
            f'<rect class="bar" x="{10 + index * 28}" y="{95 - tall:.1f}" width="24" height="{tall:.1f}"/>'
        )
        if count:
            bars.append(
                f'<text x="{22 + index * 28}" y="{91 - tall:.1f}" text-anchor="middle">{count}</text>'
            )
    ends = (
        f'<text x="10" y="110">{number(low)}</text><text x="{6 + bins * 28}" y="110"'
        f' text-anchor="end">{number(high)}</text>'
    )
    head = f'<text x="10" y="12">{text(title)}</text>'
    return (
        f'<svg viewBox="0 0 {20 + bins * 28} 116" width="{20 + bins * 28}"'
        f' role="img">{head}{"".join(bars)}{ends}</svg>'
    )


def scatter(
    title: str, points: Sequence[tuple[float, float]], front: Sequence[tuple[float, float]], x: str, y: str
) -> str:
    """A scatter of designs with their Pareto front (the designs that no other beats in both) as
    inline SVG.
    """
    if not points:
        return ""
    left, right = _span([point[0] for point in points])
    low, high = _span([point[1] for point in points])

    def place(point: tuple[float, float]) -> tuple[float, float]:
        return 50 + 300 * (point[0] - left) / (right - left), 190 - 150 * (point[1] - low) / (high - low)

    dots = "".join(
        f'<circle class="bar" cx="{px:.1f}" cy="{py:.1f}" r="4" opacity=".7"/>'
        for px, py in map(place, points)
    )
    line = " ".join(f"{px:.1f},{py:.1f}" for px, py in map(place, sorted(front)))
    labels = (
        f'<text x="50" y="14">{text(title)}</text><text x="350" y="222"'
        f' text-anchor="end">{text(x)}</text><text x="46" y="32" text-anchor="end">{text(y)}</text><text'
        f' x="50" y="206">{number(left)}</text><text x="350" y="206"'
        f' text-anchor="end">{number(right)}</text><text x="46" y="190"'
        f' text-anchor="end">{number(low)}</text><text x="46" y="44" text-anchor="end">{number(high)}</text>'
    )
    axes = '<path class="axis" fill="none" d="M50 40V190H350"/>'
    return (
        f'<svg viewBox="-20 0 390 230" width="480" role="img">{labels}{axes}{dots}<polyline class="front"'
        f' points="{line}"/></svg>'
    )


def number(value: float) -> str:
    """A number on an axis, in few digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    return (low, high) if high > low else (low - 0.5, high + 0.5)
