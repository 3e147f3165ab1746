"""The labels of wires on the board: a wire's policy in a few letters, and a place along the way where it
fits.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping

from tutor.model.wire import Call, Capture, DeadLetter, Poll, Publish, Read, Subscribe, Wire, Write
from tutor.show.picture.glyphs import Glyphs, width_of
from tutor.show.picture.place import Cell
from tutor.show.picture.route import Route
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Label:
    """Text on a wire."""

    text: str
    """What it says, without the blanks around it."""
    cell: Cell
    """Where its first cell is."""
    blanks: int = 1
    """How many blank cells set it off from the line on each side."""
    stretch: tuple[int, int] = (0, 0)
    """First column and length of the free piece of line that it stands on: a longer text may take that."""

    def cells(self) -> set[Cell]:
        """Returns the cells it takes, blanks included."""
        x, y = self.cell
        return {(x + offset, y) for offset in range(-self.blanks, width_of(self.text) + self.blanks)}


def duration(milliseconds: float) -> str:
    """Returns a time in the fewest letters: ``250ms``, ``2s``, ``1.5s``, ``2m``."""
    if milliseconds < 1000:
        return f"{milliseconds:g}ms"
    seconds = milliseconds / 1000
    return f"{seconds:.3g}s" if seconds < 120 or seconds % 60 else f"{seconds / 60:.3g}m"


def wordings(wire: Wire, glyphs: Glyphs) -> tuple[str, ...]:
    """Returns the wordings of a wire's label, from the longest to the shortest; the first that fits is
    shown.
    """
    kind, details = say(f"labels.wire.{wire.kind}"), _details(wire, glyphs)
    forms = [" ".join([kind, *details[:count]]) for count in range(len(details), 0, -1)]
    if isinstance(wire, Subscribe):
        forms = [" ".join(details[:count]) for count in range(len(details), 0, -1)]
        forms.append(wire.ack)
    elif details:
        forms += [" ".join(details), kind, details[0]]
    else:
        forms.append(kind)
    if isinstance(wire, DeadLetter):
        forms.append(say("labels.wire.dead-letter-short"))
    return tuple(sorted(dict.fromkeys(forms), key=width_of, reverse=True))


def _details(wire: Wire, glyphs: Glyphs) -> list[str]:
    times = glyphs.signs["times"]
    found: list[str] = []
    match wire:
        case Call() | Write() | Read():
            if wire.timeout_ms is not None:
                found.append(duration(wire.timeout_ms))
            if wire.retries:
                found.append(f"{times}{wire.retries}")
            if isinstance(wire, Call) and wire.breaker_failures is not None:
                found.append(say("labels.policy.breaker"))
            if isinstance(wire, Call) and wire.max_in_flight is not None:
                found.append(say("labels.policy.at-once", count=wire.max_in_flight))
            if not wire.required:
                found.append(say("labels.policy.optional"))
        case Publish():
            if wire.on == "failure":
                found.append(say("labels.policy.on-failure"))
            if wire.acks != "all":
                found.append(
                    say("labels.policy.no-acks")
                    if wire.acks == "none"
                    else say("labels.policy.acks", acks=wire.acks)
                )
            if wire.retries:
                found.append(f"{times}{wire.retries}")
            if wire.event:
                found.append(wire.event)
        case Subscribe():
            found.append(say("labels.policy.ack", ack=wire.ack))
            if wire.on_error != "retry":
                found.append(wire.on_error)
            if wire.prefetch != 1:
                found.append(
                    say("labels.policy.prefetch", count=wire.prefetch)
                    if wire.prefetch
                    else say("labels.policy.prefetch-all")
                )
            if wire.max_rate_per_s is not None:
                found.append(say("labels.policy.rate", rate=wire.max_rate_per_s))
        case Capture():
            if wire.event:
                found.append(wire.event)
        case Poll() | DeadLetter():
            pass
    return found


def place_labels(
    routes: Iterable[Route],
    texts: Mapping[str, tuple[str, ...]],
    shared: Collection[Cell],
    blocked: Collection[Cell],
    room: int,
) -> dict[str, Label]:
    """Finds a place for the label of each route, by key: on the line itself, where no other wire passes.

    ``texts`` has the wordings by key, ``shared`` the cells where wires cross or join, ``blocked`` every cell
    that something is drawn on, ``room`` how many columns there are. A label that fits nowhere, even in its
    shortest form, is left out.
    """
    found: dict[str, Label] = {}
    covered = set(blocked)
    for route in routes:
        cells = route.cells()
        runs = sorted(_level_runs(cells[:-1], shared), key=len, reverse=True)
        label = None
        for text in texts[route.span.key]:
            label = _on_level(text, runs, 1) or _on_upright(text, cells, shared, covered, room)
            if label:
                break
        label = label or next(
            (tight for text in texts[route.span.key] if (tight := _on_level(text, runs, 0))), None
        )
        if label:
            found[route.span.key] = label
            covered |= label.cells()
    return found


def _level_runs(cells: list[Cell], shared: Collection[Cell]) -> list[list[Cell]]:
    """Returns runs of neighboring cells in one row, ends and shared cells left out, from left to right."""
    runs: list[list[Cell]] = []
    run: list[Cell] = []
    for cell in cells:
        if cell in shared or (run and cell[1] != run[-1][1]):
            runs.append(run)
            run = [] if cell in shared else [cell]
        else:
            run.append(cell)
    runs.append(run)
    return [sorted(run) for run in runs if len(run) > 2]


def _on_level(text: str, runs: list[list[Cell]], blanks: int) -> Label | None:
    width = width_of(text)
    for run in runs:
        if len(run) >= width + 2 * blanks + 2:
            return Label(
                text, (run[0][0] + (len(run) - width) // 2, run[0][1]), blanks, (run[0][0], len(run))
            )
    return None


def _on_upright(
    text: str, cells: list[Cell], shared: Collection[Cell], blocked: Collection[Cell], room: int
) -> Label | None:
    """Places a label across an upright stretch with nothing to the left and right of it, inside the
    picture.
    """
    width = width_of(text)
    for before, here, after in zip(cells, cells[1:], cells[2:], strict=False):
        if before[0] != after[0] or here in shared:
            continue
        left = here[0] - width // 2
        wanted = [(left + offset, here[1]) for offset in range(-1, width + 1)]
        if left < 0 or left + width > room:
            continue
        if all(cell == here or cell not in blocked for cell in wanted):
            return Label(text, (left, here[1]), 1, (left - 1, width + 2))
    return None
