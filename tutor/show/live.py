"""A live run on show, whatever carries it out: each part measured beside predicted, second by second.

Both are timelines of the same form, with steps of a second, so the board, the time axis and plain lines read
the same numbers from them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from tutor.model.component import Channel, Service
from tutor.model.design import Design
from tutor.model.level import Goal
from tutor.model.scenario import Scenario
from tutor.model.timeline import Timeline
from tutor.show.series import Series, curves
from tutor.words import say

NEAR = 0.1
"""Counts that chance and the moment of a kill move agree within this share..."""
FEW = 5
"""...or within so many."""
MOST_COLUMNS = 4
"""More numbers side by side do not fit into 80 cells."""


class LiveView(Protocol):
    """A live run as a screen sees it. Nothing here waits; errors are :class:`~tutor.errors.InputError`, one
    line each.
    """

    title: str
    """Where it runs, such as ``NATS JetStream``."""
    scenario: Scenario
    """The stretch that is run."""
    predicted: Timeline
    """The simulation of the same stretch, in steps of a second."""

    @property
    def measured(self) -> Timeline:
        """The measurements so far, in steps of a second; the last step is still in progress."""

    def before(self) -> list[str]:
        """Describes in sentences what is run, and where it differs from the design."""

    def start(self) -> None:
        """Starts the run."""

    def poll(self) -> tuple[str, float, float]:
        """Returns ``starting``, ``running`` or ``over``; how many seconds it has run, and how many it runs at
        most.
        """

    def after(self) -> list[str]:
        """Returns the table of agreements and differences, with the reasons, when the run is over."""

    def close(self) -> None:
        """Ends the run at any point."""


OpenLive = Callable[[Scenario, Sequence[Goal]], LiveView]
"""Makes a live run of a scenario, with the goals to judge at its end; raises
:class:`~tutor.errors.InputError` where that cannot be.
"""


def near(measured: float, predicted: float) -> bool:
    """Returns whether two counts agree."""
    return abs(measured - predicted) <= max(FEW, NEAR * predicted)


def figure(timeline: Timeline, part: str, second: int) -> int:
    """Returns the number that says how a part is doing at the end of a second, counted from 0.

    For a client the answers so far; for a service with an effect the effects applied so far, for another, a
    database or a job the work done so far; for a channel or stream the backlog.
    """
    until = second + 1
    if part in timeline.clients:
        return sum(timeline.clients[part].ok[:until])
    effects = [track for name, track in timeline.effects.items() if part in name.partition("/")[0].split("+")]
    if effects:
        return sum(sum(track.applied[:until]) + sum(track.duplicates[:until]) for track in effects)
    track = timeline.components.get(part)
    if track is None:
        return 0
    if track.kind in ("queue", "topic", "stream"):
        return track.depth[min(second, len(track.depth) - 1)] if track.depth else 0
    return sum(track.done[:until])


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """One part's number, measured and predicted."""

    measured: int
    predicted: int

    @property
    def text(self) -> str:
        """Both numbers, the prediction in brackets."""
        return say("live.run.pair", measured=self.measured, predicted=self.predicted)

    @property
    def agrees(self) -> bool:
        """True if the two numbers agree."""
        return near(self.measured, self.predicted)


def pairs(design: Design, view: LiveView, second: int) -> dict[str, Pair]:
    """Returns the number of each part at the end of a second."""
    return {
        id: Pair(figure(view.measured, id, second), figure(view.predicted, id, second))
        for id in design.components
    }


def paired_curves(view: LiveView, goals: Sequence[Goal], component: str) -> tuple[Series, ...]:
    """Returns the curves measured so far, each with that of the prediction beside it; both as long as the
    run. The backlog comes first: there may be room for one curve only.
    """
    steps = max(view.predicted.steps, view.measured.steps)

    def whole(values: Sequence[float | None], most: int) -> list[float | None]:
        return [*values[:most], *[None] * (steps - min(most, len(values)))]

    done = max(1, view.measured.steps - 1)  # the last second is still going on
    found = [
        dataclasses.replace(one, values=whole(one.values, done), beside=whole(other.values, steps))
        for one, other in zip(
            curves(view.measured, goals, component), curves(view.predicted, goals, component), strict=True
        )
    ]
    return tuple(sorted(found, key=lambda one: one.name != "depth"))


class Seconds:
    """A live run as lines: a row of numbers for each second."""

    def __init__(self, view: LiveView) -> None:
        self._view = view
        self._told = 0
        parts = view.scenario.design.components
        acting = {at for effect in view.scenario.effects for at in effect.at}
        channels = [id for id, part in parts.items() if isinstance(part, Channel)]
        services = [id for id, part in parts.items() if isinstance(part, Service) and id in acting]
        self._columns = [*channels, *services][:MOST_COLUMNS]

    def head(self) -> str:
        """Returns the names of the columns."""
        parts = self._view.scenario.design.components
        titles = [
            say("live.run.waits", part=parts[id].name)
            if isinstance(parts[id], Channel)
            else say("live.run.done", part=parts[id].name)
            for id in self._columns
        ]
        return "  ".join([say("live.run.time").rjust(5), *(title.rjust(18) for title in titles)])

    def new(self, *, whole: bool = False) -> Iterator[str]:
        """Yields the seconds that are over since the last call; all remaining ones if the run is over."""
        measured = self._view.measured
        last = measured.steps if whole else measured.steps - 1
        for second in range(self._told, last):
            cells = [f"{second // 60}:{second % 60:02}".rjust(5)]
            for id in self._columns:
                pair = Pair(figure(measured, id, second), figure(self._view.predicted, id, second))
                cells.append(pair.text.rjust(18))
            yield "  ".join(cells)
        self._told = max(self._told, last)
