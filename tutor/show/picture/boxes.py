"""The content of a box: the sign and name of a part, its capacity, and its state."""

from __future__ import annotations

import re

from tutor.model.component import Channel, Client, Component, Database, Job, Service, Stream
from tutor.model.note import Note
from tutor.show.picture.glyphs import Glyphs, bar, cells_of, fitted, width_of
from tutor.show.picture.labels import duration
from tutor.show.picture.layout import COMPACT, SNUG, Scale
from tutor.show.states import PartState
from tutor.words import say

Piece = tuple[list[str], str]
"""Cells and the name of their style."""

PIPS = 6
"""The most workers that are drawn one by one; more are shown as a number."""

PARTITIONS = 16
"""The most partitions that a box makes itself wide for, to show the lag of each."""

TALLY = 4
"""Cells that a client's box of one line has more than its name needs: room for ``99✓`` or ``6k✓``."""


def title_width(component: Component) -> int:
    """Returns how many cells a box needs to show the whole name of a part, borders, sign and number of
    replicas included.
    """
    return width_of(component.name) + 6 + (3 if getattr(component, "replicas", 1) > 1 else 0)


_BREAKS = re.compile(r"(?<=[^\W_])(?=[A-Z][a-z])|(?<=-)|(?<= )")
"""Where a name may go on in the next row: at a blank, after a hyphen, before a word inside a word."""


def broken(name: str, first: int, second: int) -> tuple[str, str] | None:
    """Returns a name in two rows of so many cells, the upper one as full as can be; None if it does
    not fit.
    """
    for place in reversed([match.start() for match in _BREAKS.finditer(name)]):
        upper, lower = name[:place].rstrip(), name[place:].lstrip()
        if upper and lower and width_of(upper) <= first and width_of(lower) <= second:
            return upper, lower
    return None


def snug_width(component: Component) -> int:
    """Returns how many cells a box needs to show the whole name of a part in two rows, or in one if that
    takes no more.
    """
    whole = title_width(component)
    spare = whole - width_of(component.name)  # borders, sign, and what stands at the right of the first row
    return next(
        (width for width in range(spare + 1, whole) if broken(component.name, width - spare, width - 6)),
        whole,
    )


def shows_name(component: Component, width: int, scale: Scale) -> bool:
    """Returns whether a box of so many columns shows the whole name."""
    return width >= (
        snug_width(component) if scale.box_height > COMPACT.box_height else title_width(component)
    )


def note_lines(text: str, width: int, rows: int, more: str) -> list[list[str]]:
    """Returns a note's text in at most so many rows of so many cells, broken between words where it can be;
    the last row says that there is more.
    """
    found: list[list[str]] = []
    left = cells_of(text)
    while left and len(found) < rows:
        if len(left) <= width:
            return [*found, left]
        if len(found) == rows - 1:
            cut = left[: width - 1]
            if cut and left[len(cut)] == "":
                cut[-1] = " "
            return [*found, [*cut, more]]
        blank = next((at for at in range(width, 0, -1) if left[at] == " "), 0)
        end = blank or (width if left[width] else width - 1)
        found.append(left[:end])
        left = left[end + 1 if blank else end :]
    return found


def note_width(note: Note, scale: Scale) -> int:
    """Returns how many cells the box of a note needs to show all of its text without breaking a word, as wide
    as a box can be at most.
    """
    longest = max(map(width_of, note.text.split()), default=0)
    rows, room = scale.box_height - 2, range(max(scale.narrowest, longest + 4), scale.widest)
    return next(
        (width for width in room if len(note_lines(note.text, width - 4, rows + 1, "")) <= rows), scale.widest
    )


def needed_width(component: Component | Note, scale: Scale) -> int:
    """Returns how many cells the box of a part or note would like, borders included."""
    if isinstance(component, Note):
        return note_width(component, scale)
    title = snug_width(component) if scale is SNUG else title_width(component)
    if isinstance(component, Stream) and component.partitions <= PARTITIONS:
        title = max(title, component.partitions + 9)
    in_one_row = title == title_width(component)
    if isinstance(component, Client) and scale.box_height > COMPACT.box_height and in_one_row:
        title = max(title, width_of(component.event) + 4)  # its row is drawn in tall boxes
    if isinstance(component, Client) and scale.box_height < COMPACT.box_height:
        title += TALLY  # in a box of one line the answers so far stand beside the name
    return max(title, width_of(capacity_text(component, short=scale.narrowest < 16)) + 4)


def capacity_text(component: Component, short: bool = False) -> str:
    """Returns the capacity of the part, in a few words."""
    match component:
        case Client():
            if component.profile:
                rates = [rate for _, rate in component.profile]
                return say("labels.box.rates", low=min(rates), high=max(rates))
            rate = component.rate_per_s
            return say("labels.box.rate-short", rate=rate) if short else say("labels.box.rate", rate=rate)
        case Service():
            workers = say("labels.box.workers", count=component.workers)
            if component.autoscale is not None:
                return f"{component.autoscale.min}-{component.autoscale.max} × {workers}"
            own = component.service_ms
            return (
                f"{workers} · {duration(own)}"
                if not short and isinstance(own, float | int) and own
                else workers
            )
        case Database():
            return say(f"labels.box.connections{'-short' if short else ''}", count=component.connections)
        case Job():
            return say("labels.box.every", time=duration(component.interval_s * 1000))
        case Stream():
            return say(f"labels.box.partitions{'-short' if short else ''}", count=component.partitions)
        case Channel():
            if component.max_length is None:
                return say("labels.box.no-limit")
            return say("labels.box.holds", count=component.max_length)
        case _:
            return ""


def box_lines(
    component: Component | Note, scale: Scale, inner: int, glyphs: Glyphs, live: PartState | None
) -> list[list[Piece]]:
    """Returns the lines inside a box of ``inner`` cells: the title, and then as many as the scale has room
    for; for a note, its text.

    ``live`` is the state in playback; without it the box shows the capacity of the part.
    """
    if isinstance(component, Note):
        rows = scale.box_height - 2
        written = note_lines(component.text, inner, rows, glyphs.signs["more"])
        written += [[]] * (rows - len(written))
        return [_padded([(line, "note")], inner) for line in written]
    if scale.box_height < COMPACT.box_height:
        return [_padded(_title(component, inner, glyphs, live, _tally(component, glyphs, live)), inner)]
    if scale.box_height > COMPACT.box_height:
        lines = _title_rows(component, inner, glyphs, live)
    else:
        lines = [_title(component, inner, glyphs, live)]
    capacity: list[Piece] = [
        (fitted(capacity_text(component, short=scale.narrowest < 16), inner, glyphs.signs["more"]), "quiet")
    ]
    if scale.box_height > COMPACT.box_height and len(lines) == 1:
        lines.append(capacity)
        if live is None and isinstance(component, Client):
            lines.append([(fitted(component.event, inner, glyphs.signs["more"]), "quiet")])
        else:
            lines.append(_live(component, inner, glyphs, live if live is not None else _at_rest(component)))
    elif live is None:
        lines.append(capacity)
    else:
        lines.append(_live(component, inner, glyphs, live))
    return [_padded(line, inner) for line in lines]


def _title_rows(
    component: Component, inner: int, glyphs: Glyphs, live: PartState | None
) -> list[list[Piece]]:
    """Returns the title in one row, or in two if one would cut the name and two show all of it."""
    badge, _ = _badge(component, glyphs, live)
    room = inner - 2 - (width_of(badge) + 1 if badge else 0)
    rows = broken(component.name, room, inner - 2) if width_of(component.name) > room else None
    if rows is None:
        return [_title(component, inner, glyphs, live)]
    upper = _title(component, inner, glyphs, live, name=rows[0])
    return [upper, [([" ", " ", *cells_of(rows[1])], "title")]]


def _padded(line: list[Piece], inner: int) -> list[Piece]:
    """Returns the line padded with blanks, so that it covers the cells drawn before."""
    used = sum(len(cells) for cells, _ in line)
    return [*line, ([" "] * (inner - used), "quiet")] if used < inner else line


def _title(
    component: Component,
    inner: int,
    glyphs: Glyphs,
    live: PartState | None,
    tally: tuple[str, str] = ("", ""),
    name: str = "",
) -> list[Piece]:
    alarm = _alarm(glyphs, live)
    sign, tone = alarm or (glyphs.kinds.get(component.kind, component.glyph), f"kind-{component.kind}")
    badge, style = tally if tally[0] else _badge(component, glyphs, live)
    room = inner - 2 - (len(cells_of(badge)) + 1 if badge else 0)
    shown = fitted(name or component.name, max(1, room), glyphs.signs["more"])
    gap = [" "] * (inner - 2 - len(shown) - len(cells_of(badge)))
    return [([sign, " "], tone), (shown, "title"), (gap, "quiet"), (cells_of(badge), style)]


def _tally(component: Component, glyphs: Glyphs, live: PartState | None) -> tuple[str, str]:
    """Returns the figure beside the title in a box of one line: the backlog, or the failures, or the answers
    so far.
    """
    if live is None:
        return "", ""
    if isinstance(component, Client):
        if live.failed_total:
            return f"{_whole(live.failed_total)}{glyphs.failed}", "bad"
        return (f"{_whole(live.ok_total)}{glyphs.signs['ok']}", "good") if live.ok_total else ("", "")
    return (count(live.depth), "number") if live.depth else ("", "")


def _whole(number: int) -> str:
    """Returns a count without tenths of thousands: ``6k``, which is ``6.0k`` where there is more room."""
    return f"{number // 1000}k" if 1000 <= number < 10_000 else count(number)


def _alarm(glyphs: Glyphs, live: PartState | None) -> tuple[str, str] | None:
    """Returns the sign that takes the place of the kind's if a part is down, hangs, or has lost some of its
    replicas.
    """
    if live is None:
        return None
    if live.hangs:
        return glyphs.signs["held"], "warning"
    if live.up <= 0:
        return glyphs.signs["down"], "bad"
    return (glyphs.signs["part"], "warning") if live.working < 0.999 else None


def _badge(component: Component, glyphs: Glyphs, live: PartState | None) -> tuple[str, str]:
    """Returns the sign at the right of the title: how many replicas, and whether they are well."""
    replicas = getattr(component, "replicas", 1)
    if live is not None:
        replicas = live.replicas or replicas
        if live.working < 0.999 and replicas > 1:
            return f"{round(live.working * replicas)}/{replicas}", "bad" if live.up <= 0 else "warning"
        if live.in_sync is not None and live.in_sync < replicas:
            return f"{live.in_sync}/{replicas}", "warning"
    return (f"{glyphs.signs['times']}{replicas}", "quiet") if replicas > 1 else ("", "quiet")


def _at_rest(component: Component) -> PartState:
    """Returns the state of a part before any run: everything free, nothing waiting."""
    if isinstance(component, Service):
        return PartState(capacity=component.replicas * component.workers)
    if isinstance(component, Database):
        return PartState(capacity=component.connections)
    return PartState(partitions=(0,) * component.partitions if isinstance(component, Stream) else ())


def _live(component: Component, inner: int, glyphs: Glyphs, live: PartState) -> list[Piece]:
    if live.up <= 0 and not isinstance(component, Client):
        down = say("labels.box.down")
        waits = say("labels.box.down-waiting", count=count(live.depth)) if live.depth else down
        return [(fitted(waits if width_of(waits) <= inner else down, inner), "bad")]
    match component:
        case Client():
            return _client(inner, glyphs, live)
        case Stream():
            return _stream(inner, glyphs, live)
        case Service() | Database():
            return _worker(component, inner, glyphs, live)
        case _:
            return _store(component, inner, glyphs, live)


def _client(inner: int, glyphs: Glyphs, live: PartState) -> list[Piece]:
    ok = cells_of(f"{count(live.ok_total)}{glyphs.signs['ok']}")
    failed = cells_of(f"{count(live.failed_total)}{glyphs.failed}")
    gap = [" "] * max(1, inner - len(ok) - len(failed))
    return [
        (ok, "good" if live.ok_total else "quiet"),
        (gap, "quiet"),
        (failed, "bad" if live.failed_total else "quiet"),
    ]


def _worker(component: Component, inner: int, glyphs: Glyphs, live: PartState) -> list[Piece]:
    """Draws workers or connections as pips or numbers, then the work that waits for them."""
    if live.capacity <= PIPS:
        busy = min(live.busy, live.capacity)
        pieces: list[Piece] = [
            ([glyphs.pip] * busy, "busy-all" if busy and busy == live.capacity else "busy"),
            ([glyphs.pip_free] * (live.capacity - busy), "quiet"),
        ]
        used = live.capacity
    else:
        text = cells_of(f"{count(live.busy)}/{count(live.capacity)}")
        pieces = [(text, "busy-all" if live.busy >= live.capacity else "busy" if live.busy else "quiet")]
        used = len(text)
    pieces.append(([" "], "quiet"))
    if live.diverged:
        room, many = inner - used - 1, count(live.diverged)
        words = say("labels.box.differ", count=many)
        if width_of(words) > room:
            words = say("labels.box.differ-short", count=many)
        text = fitted(words, room, glyphs.signs["more"])
        return [*pieces, ([" "] * (inner - used - 1 - len(text)), "quiet"), (text, "warning")]
    limit = getattr(component, "queue_limit", None)
    return pieces + _bar(
        inner - used - 1,
        live.depth,
        limit or live.depth_most,
        glyphs,
        full=limit is not None and live.depth >= limit,
    )


def _store(component: Component, inner: int, glyphs: Glyphs, live: PartState) -> list[Piece]:
    """Draws a bar for the waiting messages, then those in hand or given up."""
    limit = getattr(component, "max_length", None)
    pieces: list[Piece] = []
    if live.dead_letters:
        text = cells_of(f" {glyphs.failed}{count(live.dead_letters)}")
        pieces, inner = [(text, "bad")], inner - len(text)
    return [
        *_bar(
            inner,
            live.depth,
            limit or live.depth_most,
            glyphs,
            full=limit is not None and live.depth >= limit,
        ),
        *pieces,
    ]


def _stream(inner: int, glyphs: Glyphs, live: PartState) -> list[Piece]:
    """Draws a column for the lag of each partition, or a bar for all if they are too many."""
    number = cells_of(count(live.depth))
    room = inner - len(number) - 1
    if not live.partitions or len(live.partitions) > room:
        return _bar(inner, live.depth, live.depth_most, glyphs)
    top, most = len(glyphs.levels) - 1, max(1, live.partitions_most)
    pieces: list[Piece] = []
    for lag in live.partitions:
        level = min(top, max(1, -(-lag * top // most))) if lag > 0 else 0
        pieces.append(([glyphs.levels[level]], "bar") if level else ([glyphs.bar_empty], "quiet"))
    gap = [" "] * (inner - len(number) - len(live.partitions))
    return [*pieces, (gap, "quiet"), (number, "number" if live.depth else "quiet")]


def _bar(width: int, depth: int, full_at: int, glyphs: Glyphs, full: bool = False) -> list[Piece]:
    """Draws a bar and its number, right-aligned in ``width`` cells; the number alone if there is no room for
    a bar.
    """
    number = cells_of(count(depth))
    room = width - len(number) - 1
    style = "bad" if full else "number" if depth else "quiet"
    if room < 2:
        return [([" "] * max(0, width - len(number)), "quiet"), (number, style)]
    text = bar(depth / max(10, full_at) if not full else 1.0, room, glyphs)
    filled = len(text.rstrip(glyphs.bar_empty))
    return [
        (cells_of(text[:filled]), "bar-full" if full else "bar"),
        (cells_of(text[filled:]), "quiet"),
        ([" "], "quiet"),
        (number, style),
    ]


def count(number: int) -> str:
    """Returns a count in at most four letters: ``950``, ``1.2k``, ``34k``, ``5.1M``."""
    if number < 1000:
        return str(number)
    for size, unit in ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        scaled = number / size
        if scaled < 9.95:
            return f"{scaled:.1f}{unit}"
        if scaled < 999.5:
            return f"{scaled:.0f}{unit}"
    return f"{number:.0e}"
