"""Self-contained HTML: one file, no address outside, at most one small script of ours; every text from a
hand-in is escaped.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from tutor.errors import printable
from tutor.words import language

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --dim: #5d6b7a; --line: #d7dee6; --paper: #fff;
    --card: #f5f7fa; --good: #1e7f4f; --good-soft: #d8f0e2; --bad: #b3362b; --bad-soft: #fbe1dd;
    --bar: #3b6ea5; --bar-soft: #dbe7f3; --accent: #8a5a00; --accent-soft: #fff3d6; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --dim: #9aa7b5; --line: #36414d;
    --paper: #151a20; --card: #1d242c; --good: #58c48b; --good-soft: #16382a; --bad: #f08a7e;
    --bad-soft: #43211e; --bar: #79aee0; --bar-soft: #22364a; --accent: #f0c060; --accent-soft: #3a2f16; } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem;
    margin: 0 auto; padding: 1.5rem 1.25rem 4rem }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem } .lead { color: var(--dim); margin: 0 0 1.5rem }
h2 { font-size: 1.4rem; margin: 2.5rem 0 .75rem; padding-top: .75rem; border-top: 3px solid var(--bar) }
h3 { font-size: 1.05rem; margin: 1.25rem 0 .4rem } a { color: var(--bar) }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 }
th, td { padding: .3rem .6rem; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line) }
th { font-weight: 600 } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums }
.passed { color: var(--good) } .failed, .broken, .stopped { color: var(--bad) }
.missing, .inconclusive, .not-asked-for, .dim { color: var(--dim) }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem }
.card { background: var(--card); border-radius: .6rem; padding: 1rem 1.1rem; color: inherit;
    text-decoration: none; display: block } .card b { display: block; font-size: 1.05rem }
.card .big { font-size: 2.1rem; font-weight: 700; line-height: 1.2 } .card .big small { font-size: 1rem;
    font-weight: 400; color: var(--dim) }
.stack { display: flex; height: .7rem; border-radius: .35rem; overflow: hidden; background: var(--line);
    margin: .4rem 0 .5rem } .stack i { display: block; background: var(--bad) }
.stack .passed { background: var(--good) } .stack .missing { background: transparent }
.two { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0 2rem }
.callout { background: var(--accent-soft); border-left: .35rem solid var(--accent); padding: .8rem 1rem;
    border-radius: 0 .5rem .5rem 0; margin: .5rem 0 1rem } .callout p { margin: .3rem 0 }
.callout .number { display: inline-block; background: var(--accent); color: var(--paper); font-weight: 700;
    border-radius: .3rem; padding: 0 .45rem; margin-right: .4rem } .callout q { quotes: none;
    font-size: 1.15rem; font-weight: 600 }
.bars { display: grid; grid-template-columns: minmax(6rem, 14rem) 1fr auto; gap: .3rem .7rem;
    align-items: center } .bars .track { background: var(--card); height: 1.15em; border-radius: .2em }
.bars .track i { display: block; height: 100%; background: var(--bar); border-radius: .2em; min-width: 2px }
.bars .right i { background: var(--good) } .bars .n { font-variant-numeric: tabular-nums }
figure { margin: .6rem 0; overflow-x: auto } figure.wall svg.design { max-width: 100%; height: auto }
svg.chart { max-width: 100%; height: auto } svg.chart text { font: 12px system-ui, sans-serif;
    fill: var(--ink) } svg.chart .tick, svg.chart .axis-name { fill: var(--dim) }
svg.chart .dot { fill: var(--bar) } svg.chart .dot.best { fill: var(--good) }
svg.chart .front { fill: none; stroke: var(--good); stroke-width: 1.5; stroke-dasharray: 5 3 }
svg.chart .axis { stroke: var(--dim) } svg.chart .grid { stroke: var(--line) }
.wide { overflow-x: auto } table.matrix { width: auto; min-width: 60% }
table.matrix th, table.matrix td { white-space: nowrap } table.matrix td a { text-decoration: none;
    color: inherit; display: block } table.matrix thead th { position: sticky; top: 0;
    background: var(--paper); cursor: pointer; z-index: 1 } table.matrix tbody th { position: sticky; left: 0;
    background: var(--paper) }
table.matrix thead th[aria-sort=ascending]::after { content: " \\25B2" }
table.matrix thead th[aria-sort=descending]::after { content: " \\25BC" }
table.matrix td.passed { background: var(--good-soft) } table.matrix td.failed,
table.matrix td.stopped, table.matrix td.broken { background: var(--bad-soft) }
input { font: inherit; padding: .3rem .6rem; border: 1px solid var(--line); border-radius: .4rem;
    background: var(--paper); color: inherit }
details { margin: .4rem 0 } summary { cursor: pointer } details.case { border-bottom: 1px solid var(--line);
    padding: .35rem 0; scroll-margin-top: 4rem } details.case > div { padding: .2rem 0 .6rem 1.1rem }
pre { overflow-x: auto; border: 1px solid var(--line); padding: .6rem; font-size: 13px }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px }
:root:has(body.projector) { font-size: 130% } .projector .card .big { font-size: 2.6rem }
@media screen and (max-width: 46rem) { figure svg.chart { max-width: none; width: 36rem }
    .two { grid-template-columns: minmax(0, 1fr) } h1 { font-size: 1.5rem }
    .bars { grid-template-columns: 1fr auto } .bars > .label { grid-column: 1 / -1; margin-top: .3rem } }
@page { margin: 14mm }
@media print { body { font-size: 11pt; max-width: none; padding: 0 } .noprint, input { display: none }
    .card, .bars .track i, .stack i, .callout, table.matrix td, .callout .number {
    print-color-adjust: exact; -webkit-print-color-adjust: exact } section.level { break-before: page }
    .cards { grid-template-columns: repeat(3, 1fr) } .card .big { font-size: 1.5rem }
    section.level h2 { margin-top: 0 } figure, .callout, .bars, tr { break-inside: avoid }
    table.matrix thead th, table.matrix tbody th { position: static } table.matrix { font-size: 9pt }
    table.matrix th, table.matrix td { padding: .1rem .4rem } a { color: inherit } }
"""


def text(value: object) -> str:
    """Returns any value as HTML text: escaped, without control characters."""
    return escape(printable(str(value)), quote=True)


def page(title: str, body: Iterable[str], *, lead: str = "", script: str = "", kind: str = "") -> str:
    """Returns one whole document; it forbids itself every outside address and every script but ``script``,
    which it knows by its hash. ``lead`` is a line below the title, ``kind`` a class of the body.
    """
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    allowed = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    if script:
        allowed += f"; script-src 'sha256-{digest}'"
    below = f"<p class=lead>{text(lead)}</p>\n" if lead else ""
    return (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{_STYLE}</style></head>"
        f'<body class="{text(kind)}">\n<h1>{text(title)}</h1>\n{below}'
        + "\n".join(body)
        + (f"\n<script>{script}</script>" if script else "")
        + "\n</body></html>\n"
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Returns a table."""
    out = ["<table><thead><tr>"]
    out += [f"<th scope=col>{text(name)}</th>" for name in head]
    out.append("</tr></thead><tbody>")
    for row in rows:
        cells = "".join(f"<td>{text('' if cell is None else cell)}</td>" for cell in row)
        out.append(f"<tr>{cells}</tr>")
    return "".join(out) + "</tbody></table>"


def bars(rows: Sequence[tuple[str, int]], right: Iterable[int] = ()) -> str:
    """Draws counts as bars, with their numbers; the places in ``right`` are marked as right."""
    most = max((count for _, count in rows), default=0) or 1
    marked = set(right)
    cells = []
    for place, (label, count) in enumerate(rows):
        good = place in marked
        bar = f'<i style="width:{100 * count // most}%"></i>' if count else ""
        cells.append(
            f"<span class=label>{text(label + (' ✓' if good else ''))}</span>"
            f'<span class="track{" right" if good else ""}">{bar}</span>'
            f"<span class=n>{count}</span>"
        )
    return f"<div class=bars>{''.join(cells)}</div>"


WIDTH, HEIGHT = 720, 380
"""Of a chart, in its own units."""
LEFT, RIGHT, TOP, BOTTOM = 84, 60, 44, 56
"""The margins around what is drawn in a chart."""
LABEL = 40
"""Dots nearer to each other than this have their labels above and below."""


def scatter(
    points: Sequence[tuple[float, float]],
    front: Sequence[tuple[float, float]],
    x: str,
    y: str,
    title: str,
    low: str = "",
) -> str:
    """Draws a scatter of designs with their Pareto front (the designs that no other beats in both) as inline
    SVG.

    Where dots coincide, the dot is larger and has their number; dots of the front have letters. ``low`` is
    said in the corner where both are small.
    """
    if not points:
        return ""
    columns, rows = _ticks([point[0] for point in points]), _ticks([point[1] for point in points])

    def place(point: tuple[float, float]) -> tuple[float, float]:
        across = (point[0] - columns[0]) / (columns[-1] - columns[0])
        up = (point[1] - rows[0]) / (rows[-1] - rows[0])
        return LEFT + (WIDTH - LEFT - RIGHT) * across, HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * up

    parts = []
    for tick in columns:
        at, _ = place((tick, rows[0]))
        parts.append(f'<path class="grid" d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        label = f'<text class="tick" x="{at:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
        parts.append(f"{label}{number(tick)}</text>")
    for tick in rows:
        _, at = place((columns[0], tick))
        parts.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}"/>')
        label = f'<text class="tick" x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">'
        parts.append(f"{label}{number(tick)}</text>")
    parts.append(f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    best = sorted(set(front))
    if len(best) > 1:
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in map(place, best))
        parts.append(f'<polyline class="front" points="{line}"/>')
    labelled: list[tuple[float, float]] = []
    for point, count in sorted(Counter(points).items()):
        px, py = place(point)
        kind = "dot best" if point in best else "dot"
        size = min(16.0, 4.0 + 1.6 * math.sqrt(count))
        parts.append(f'<circle class="{kind}" cx="{px:.1f}" cy="{py:.1f}" r="{size:.1f}" opacity=".85"/>')
        letter = f"{letter_of(best.index(point))} " if point in best else ""
        many = f"×{count}" if count > 1 else ""
        if letter or many:
            words = text(f"{letter}{many}".strip())
            near = any(abs(px - x) < LABEL and abs(py - y) < LABEL / 2 for x, y in labelled)
            labelled.append((px, py))
            down = py + size + 12 if near else py - size + 2
            parts.append(f'<text x="{px + size + 4:.1f}" y="{down:.1f}">{words}</text>')
    names = (  # both lie flat: what counts as speed is a sentence, and longer than the picture is high
        f'<text class="axis-name" x="{WIDTH - RIGHT}" y="{HEIGHT - 14}" text-anchor="end">{text(x)}</text>'
        f'<text class="axis-name" x="8" y="18">{text(y)}</text>'
    )
    corner = f'<text class="tick" x="{LEFT + 6}" y="{HEIGHT - BOTTOM - 8}">{text(low)}</text>' if low else ""
    return (
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img">'
        f"<title>{text(title)}</title>{''.join(parts)}{names}{corner}</svg>"
    )


def letter_of(place: int) -> str:
    """Returns the letter of the design at this place of a front: A, B, and so on."""
    return chr(ord("A") + place) if place < 26 else f"#{place + 1}"


def number(value: float) -> str:
    """Returns a number on an axis, in few digits."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _ticks(values: Sequence[float]) -> list[float]:
    """Returns round numbers that span the values, some five of them."""
    low, high = min(values), max(values)
    if high <= low:
        low, high = low - max(1.0, abs(low) * 0.1), high + max(1.0, abs(high) * 0.1)
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 2.5, 5, 10) if power * nice >= rough)
    first = math.floor(low / step)
    count = math.ceil(high / step) - first
    return [round((first + place) * step, 10) for place in range(count + 1)]
