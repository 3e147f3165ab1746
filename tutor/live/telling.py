"""A live run in lines of text: before it, each second of it, and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutor.live.comparison import Compared, agreed, compare
from tutor.live.run import LiveRun
from tutor.model.component import Channel, Service
from tutor.model.report import Report
from tutor.words import say
from tutor.words.kinds import milliseconds, number

MOST_COLUMNS = 4
"""More numbers side by side do not fit into 80 cells."""


def before(run: LiveRun) -> Iterator[str]:
    """What is run, and every setting that is not honored."""
    title = run.adapter.title
    plan = run.scenario.run
    yield say("live.run.stretch", seconds=plan.duration_s, drain=plan.drain_s)
    yield say("live.run.second")
    if run.not_honored:
        yield say("live.run.honest", broker=title)
        yield from (f"  {sentence}" for sentence in run.not_honored)
    else:
        yield say("live.run.nothing_differs", broker=title)


class Seconds:
    """The lines of the seconds: measured beside predicted."""

    def __init__(self, run: LiveRun) -> None:
        self._run = run
        self._told = 0
        self._columns = columns(run)[:MOST_COLUMNS]
        self._applied = dict.fromkeys(run.scenario.design.components, 0)

    def head(self) -> str:
        """The names of the columns."""
        parts = self._run.scenario.design.components
        titles = [
            say("live.run.done", part=parts[id].name) if done else say("live.run.waits", part=parts[id].name)
            for id, done in self._columns
        ]
        return "  ".join([say("live.run.time").rjust(5), *(title.rjust(18) for title in titles)])

    def new(self, *, whole: bool = False) -> Iterator[str]:
        """The seconds that are over since the last call; all that there are where the run is over."""
        seconds = self._run.measured.seconds
        last = len(seconds) if whole else len(seconds) - 1
        for place in range(self._told, last):
            cells = [f"{place // 60}:{place % 60:02}".rjust(5)]
            for id, done in self._columns:
                self._applied[id] += seconds[place].applied[id] if done else 0
                measured = self._applied[id] if done else seconds[place].waiting.get(id, 0)
                cells.append(
                    say(
                        "live.run.pair",
                        measured=measured,
                        predicted=predicted(self._run, id, place, done=done),
                    ).rjust(18)
                )
            yield "  ".join(cells)
        self._told = max(self._told, last)


def columns(run: LiveRun) -> list[tuple[str, bool]]:
    """What is shown by the second: parts by id, with their effects applied (True) or with what
    waits there.
    """
    parts = run.scenario.design.components
    channels = [(id, False) for id, part in parts.items() if isinstance(part, Channel)]
    return [
        *channels,
        *((id, True) for id, part in parts.items() if isinstance(part, Service) and _acts(run, id)),
    ]


def predicted(run: LiveRun, id: str, second: int, *, done: bool) -> int:
    """What the engine has for a second: what waits at a part at its end, or what has been applied there by
    then.
    """
    timeline = run.predicted.timeline
    if timeline is None:
        return 0
    if done:
        tracks = [track for name, track in timeline.effects.items() if id in name.split("/")[0].split("+")]
        return sum(sum(track.applied[: second + 1]) + sum(track.duplicates[: second + 1]) for track in tracks)
    track = timeline.components.get(id)
    return track.depth[min(second, len(track.depth) - 1)] if track is not None and track.depth else 0


def _acts(run: LiveRun, id: str) -> bool:
    return any(id in effect.at for effect in run.scenario.effects)


def after(run: LiveRun, report: Report) -> Iterator[str]:
    """The table of what agreed and what differed, and why."""
    lines = compare(run.scenario, report.data)
    yield say("live.run.table")
    yield from _table(lines)
    yield say("live.run.band")
    reasons = list(dict.fromkeys(line.why for line in lines if line.why))
    if reasons:
        yield say("live.run.why")
        yield from (f"  {reason}" for reason in reasons)
    late = run.measured.lag_ms["p95"]
    if late is not None:
        yield say("live.run.slow", late=late) if run.too_slow else say("live.run.lag", late=late)
    if agreed(lines):
        yield say("live.run.confirmed")
    else:
        yield say(
            "live.run.unconfirmed", count=sum(line.verdict == "differs" for line in lines), all=len(lines)
        )


def _table(lines: Sequence[Compared]) -> Iterator[str]:
    rows = [
        [say("live.run.column_what"), say("live.run.column_predicted"), say("live.run.column_measured"), ""]
    ]
    rows += [
        [
            line.what,
            _value(line, line.predicted),
            _value(line, line.measured),
            say(f"live.verdict.{line.verdict}"),
        ]
        for line in lines
    ]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    for row in rows:
        cells = [row[0].ljust(widths[0]), row[1].rjust(widths[1]), row[2].rjust(widths[2]), row[3]]
        yield "  " + "  ".join(cells).rstrip()


def _value(line: Compared, value: float | None) -> str:
    if value is None:
        return "-"
    return milliseconds(value) if line.milliseconds else number(value)
