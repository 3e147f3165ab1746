"""The four curves under the board, taken from a timeline and the goals of its level. Pure."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Mapping, Sequence

from tutor.model.level import Goal
from tutor.model.timeline import Timeline
from tutor.words import say


@dataclasses.dataclass(frozen=True, slots=True)
class Series:
    """One curve on the time axis of the run."""

    name: str
    """latency, throughput, depth or errors."""
    unit: str
    """What its numbers are in: ms, /s or nothing."""
    of: str
    """What exactly is drawn, in a few words."""
    values: Sequence[float | None]
    """One for each step."""
    limit: float | None = None
    """A goal's limit in the same unit, drawn as a line."""
    good_below: bool = True
    """Whether values below the limit are the good ones."""
    beside: Sequence[float | None] = ()
    """What was predicted for the same steps, where the values were measured on a real broker."""

    @property
    def title(self) -> str:
        """The reader's name for the curve."""
        return say(f"series.name.{self.name}")

    def at(self, share: float) -> float | None:
        """Returns the value at a share of the run (0 to 1); the last known one if the step has none."""
        return _known(self.values, share)

    def beside_at(self, share: float) -> float | None:
        """Returns the prediction at a share of the run."""
        return _known(self.beside, share)


def _known(values: Sequence[float | None], share: float) -> float | None:
    if not values:
        return None
    place = min(len(values) - 1, int(share * len(values)))
    return next((values[at] for at in range(place, -1, -1) if values[at] is not None), None)


class Curves:
    """The curves of one run. Each is worked out once: three of the four are the same whatever has the focus,
    and the focus comes back to the same parts.
    """

    def __init__(
        self, timeline: Timeline, goals: Iterable[Goal] = (), called: Mapping[str, str] | None = None
    ) -> None:
        """Takes a run, the goals whose limits are drawn, and the titles of parts by id."""
        self.timeline = timeline
        self.goals = tuple(goals)
        self.called = dict(called or {})
        self._depths: dict[str, Series] = {}

    def of(self, component: str = "") -> tuple[Series, ...]:
        """Returns latency, throughput, depth and errors; the depth is that of ``component`` if it has a
        track.
        """
        if component not in self._depths:
            self._depths[component] = _depth(self.timeline, self.goals, component, self.called)
        return self._latency, self._throughput, self._depths[component], self._errors

    @functools.cached_property
    def _latency(self) -> Series:
        return _latency(self.timeline, self.goals)

    @functools.cached_property
    def _throughput(self) -> Series:
        return _throughput(self.timeline)

    @functools.cached_property
    def _errors(self) -> Series:
        return _errors(self.timeline)


def curves(
    timeline: Timeline,
    goals: Iterable[Goal] = (),
    component: str = "",
    called: Mapping[str, str] | None = None,
) -> tuple[Series, ...]:
    """Returns latency, throughput, depth and errors of a run; the depth is that of ``component`` if it has a
    track. ``called`` has the titles of parts by id.
    """
    return Curves(timeline, goals, called).of(component)


def _limit(goals: Sequence[Goal], *words: str) -> float | None:
    return next(
        (
            goal.at_most
            for goal in goals
            if goal.at_most is not None and all(word in goal.metric for word in words)
        ),
        None,
    )


def _highest(tracks: Sequence[Sequence[float | None]]) -> list[float | None]:
    return [
        max((value for value in step if value is not None), default=None)
        for step in zip(*tracks, strict=False)
    ]


def _total(tracks: Sequence[Sequence[int]]) -> list[float]:
    return [float(sum(step)) for step in zip(*tracks, strict=False)]


def _latency(timeline: Timeline, goals: Sequence[Goal]) -> Series:
    delay = _limit(goals, "delay_ms")
    if timeline.effects and (delay is not None or not timeline.clients):
        tracks = [track.delay_ms for track in timeline.effects.values()]
        return Series("latency", "ms", say("series.of.effect"), _highest(tracks), delay)
    tracks = [track.response_ms for track in timeline.clients.values()]
    return Series("latency", "ms", say("series.of.answer"), _highest(tracks), _limit(goals, "response_ms"))


def _throughput(timeline: Timeline) -> Series:
    if timeline.effects:
        done, of = _total([track.applied for track in timeline.effects.values()]), say("series.of.applied")
    else:
        done, of = _total([track.ok for track in timeline.clients.values()]), say("series.of.answered")
    return Series(
        "throughput", "/s", of, smoothed([value / timeline.step_s for value in done]), good_below=False
    )


def _depth(timeline: Timeline, goals: Sequence[Goal], component: str, called: Mapping[str, str]) -> Series:
    limit = _limit(goals, "/component/", "/queue/")
    track = timeline.components.get(component)
    if track is not None and track.depth:
        return Series(
            "depth",
            "",
            say("series.of.waiting-at", part=called.get(component, component)),
            [float(value) for value in track.depth],
            limit,
        )
    return Series(
        "depth",
        "",
        say("series.of.waiting"),
        _total([track.depth for track in timeline.components.values() if track.depth]),
        limit,
    )


def _errors(timeline: Timeline) -> Series:
    failed = _total([track.failed for track in timeline.clients.values()])
    return Series(
        "errors", "/s", say("series.of.errors"), smoothed([value / timeline.step_s for value in failed])
    )


def smoothed(values: Sequence[float]) -> list[float]:
    """Returns the mean over a moving window of a fiftieth of the run: single events would make a flow look
    like a comb.
    """
    if not values:
        return []
    half = max(1, len(values) // 100)
    totals = [0.0]
    for value in values:
        totals.append(totals[-1] + value)
    size = len(values)
    spans = ((max(0, place - half), min(size, place + half + 1)) for place in range(size))
    return [(totals[high] - totals[low]) / (high - low) for low, high in spans]
