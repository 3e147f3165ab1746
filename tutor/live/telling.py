"""A live run in lines of text: before it, and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tutor.judge.goals import judge_goal, render_goal
from tutor.judge.words import render_metric
from tutor.live.comparison import Compared, agreed, compare
from tutor.live.run import LiveRun
from tutor.model.level import Goal
from tutor.model.report import Report
from tutor.words import say
from tutor.words.kinds import milliseconds, number


def before(run: LiveRun) -> Iterator[str]:
    """Yields what is run, and every setting that is not honored."""
    title = run.adapter.title
    plan = run.scenario.run
    yield say("live.run.stretch", seconds=plan.duration_s, drain=plan.drain_s)
    yield say("live.run.second")
    if run.not_honored:
        yield say("live.run.honest", broker=title)
        yield from (f"  {sentence}" for sentence in run.not_honored)
    else:
        yield say("live.run.nothing_differs", broker=title)


def after(run: LiveRun, report: Report, goals: Sequence[Goal] = ()) -> Iterator[str]:
    """Yields the table of agreements and differences, with the reasons; then the results of the goals."""
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
    yield from _goals(run, report, goals)


def _goals(run: LiveRun, report: Report, goals: Sequence[Goal]) -> Iterator[str]:
    """Yields the results of the goals on the stretch, predicted and measured, and whether that confirms the
    verdict.
    """
    names = {part.id: part.name for part in run.scenario.design.components.values()}
    judged = [(judge_goal(goal, run.predicted.report), judge_goal(goal, report)) for goal in goals]
    both = [(one, other) for one, other in judged if one.value is not None and other.value is not None]
    if not both:
        return
    yield say("live.run.goals")
    for foretold, seen in both:
        metric = seen.goal.metric
        said = say(
            "live.run.goal",
            goal=render_goal(seen.goal, names),
            predicted=render_metric(metric, foretold.value),
            measured=render_metric(metric, seen.value),
            verdict=say("live.run.met") if seen.met else say("live.run.missed"),
        )
        yield f"  {said}"
    if all(foretold.met == seen.met for foretold, seen in both):
        passed = all(seen.met for _, seen in both)
        yield say("live.run.passed") if passed else say("live.run.failed_too")
    else:
        yield say("live.run.turned", count=sum(one.met != other.met for one, other in both))


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
