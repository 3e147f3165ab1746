"""Verdicts, diagnoses, journeys and comparisons as styled text. The session found what is said here; this only sets it."""

from __future__ import annotations

import itertools
import re
import textwrap
from collections.abc import Mapping, Sequence

from textual.content import Content

from tutor.judge.diagnosis import Diagnosis
from tutor.judge.divergence import Divergence
from tutor.judge.goals import GoalResult, render_goal
from tutor.judge.stars import worst_value
from tutor.judge.verdict import Verdict
from tutor.judge.words import names_of, plural, render_metric
from tutor.model.level import Goal, Level, Solution
from tutor.model.timeline import Hop, Journey
from tutor.session import Comparison
from tutor.session.texts import SAME, SEEDS
from tutor.show.braille import duration, moment, nice_top, plot, short
from tutor.show.series import Series
from tutor.show.states import PartState, WireState
from tutor.tui.widgets import stars

Parts = list[tuple[str, str] | Content]

VERDICT_WIDTH = 70
"""Cells for a line of the verdict."""

NOTICED = 0.05
"""The share by which the worst seed's value differs from the one that was watched before both are told."""

_JOINED = "\N{NO-BREAK SPACE}"
_TOGETHER = re.compile(r"(?<=\d) (?=\d{3}\b|(?:ms|s|min|h|kB|MB)\b)")
"""The spaces at which no line may end."""

OUTCOMES = {
    "ok": ("✓", "$success"),
    "failed": ("✗", "$error"),
    "unanswered": ("✗", "$error"),
    "lost": ("✗", "$error"),
    "duplicate": ("‼", "$warning"),
    "late": ("!", "$warning"),
    "pending": ("…", "$warning"),
    "out-of-order": ("⇅", "$warning"),
    "ghost": ("?", "$error"),
}
"""The sign and colour of what became of an event."""

HOP_TONES = {
    "refused": "$error",
    "failed": "$error",
    "timed-out": "$error",
    "lost": "$error",
    "dropped": "$error",
    "dead-lettered": "$error",
    "rolled-back": "$error",
    "returned": "$warning",
    "repeated": "$warning",
    "skipped": "$warning",
    "applied": "$success",
    "answered": "$success",
    "confirmed": "$success",
}
"""Colours of hops that are good or bad news."""


def tell_goals(goals: tuple[Goal, ...], width: int = 0) -> Content:
    """What must hold, as a list; its lines hang in where ``width`` says how long they may be."""
    parts: Parts = [("What must hold\n", "bold $primary")]
    for goal in goals:
        parts += [("○ ", "$faint"), (f"{hanging(goal.say, width, 2)}\n", "$text")]
    return Content.assemble(*parts)


def hanging(text: str, width: int, indent: int = 0) -> str:
    """A text broken at ``width`` with all lines but the first moved in; as it is where it fits or no width is known.

    No line ends inside a number or between a number and its unit.
    """
    if width < indent + 10 or len(text) + indent <= width:
        return text
    lines = textwrap.wrap(_TOGETHER.sub(_JOINED, text), width - indent)
    return ("\n" + " " * indent).join(lines).replace(_JOINED, " ")


def tell_verdict(verdict: Verdict, level: Level, *, hints: int, prediction: str = "", first: bool = False) -> Content:
    """What was missed and why, the goals that hold, stars where it passed; values are the worst seed's.

    ``first`` is whether the learner has not met a verdict before.
    """
    missed = [result for result in verdict.goals if not result.met]
    seen = {result.goal.metric: result for result in verdict.seeds[0].goals}
    parts = _goal_lines(missed, seen, names_of(level.scenario.design))
    failing = [seed for seed in verdict.seeds if not seed.passed]
    if failing and len(failing) < len(verdict.seeds):
        names = ", ".join(str(seed.seed) for seed in failing)
        parts.append((f"\nNot passed on seed {names} of {len(verdict.seeds)}\n", "$warning"))
    if verdict.counterexample is not None:
        parts.append((f"{hanging(verdict.counterexample.what, VERDICT_WIDTH)}\n", "$text"))
    for reason in verdict.inconclusive:
        parts += [("\n! inconclusive  ", "bold $warning"), (f"{reason}\n", "$text")]
    if verdict.diagnosis and not verdict.passed:
        parts += [("\nWhy\n", "bold $primary"), (hanging(verdict.diagnosis[0].what, VERDICT_WIDTH) + "\n", "$text")]
    told = [("\nPrediction\n", "bold $primary"), (hanging(prediction, VERDICT_WIDTH) + "\n", "$text")] if prediction else []
    if not verdict.passed:
        parts += told
    if parts:
        parts.append(("\n", ""))
    parts += _goal_lines([result for result in verdict.goals if result.met])
    if verdict.passed:
        parts.append(("\n", ""))
        for kind in stars.KINDS:
            parts += [stars.row(getattr(verdict.stars, kind)), (f"  {kind.ljust(12)}", "$text")]
            parts += [(_won_with(verdict, level, kind).ljust(14), "$text"), (_par(level, kind) + "\n", "$muted")]
        parts.append((f"\n{plural(hints, 'hint')} used\n" if hints else "", "$muted"))
    if verdict.passed:
        parts += told
    if first and len(verdict.seeds) > 1:
        parts.append((f"\n{SEEDS}\n", "$muted"))
    return Content.assemble(*parts)


def _goal_lines(
    results: Sequence[GoalResult], seen: Mapping[str, GoalResult] | None = None, names: Mapping[str, str] | None = None
) -> Parts:
    """Each goal with its value at the end of its last line, and what was wanted where it is missed.

    ``seen`` has the results of the run that was watched, by metric: a value that differs from it is told with both. ``names`` is what the
    screen calls the components.
    """
    parts: Parts = []
    for result in results:
        sign, tone = ("✓", "$success") if result.met else ("✗", "bold $error")
        value = "–" if result.value is None else render_metric(result.goal.metric, result.value)
        say = hanging(result.goal.say, VERDICT_WIDTH - len(value) - 2, 2)
        last = len(say.rpartition("\n")[2]) + (0 if "\n" in say else 2)
        parts += [(f"{sign} ", tone), (say, "$text"), (" " * max(2, VERDICT_WIDTH - last - len(value)), ""), (value, tone), ("\n", "")]
        if not result.met:
            detail = result.reason or f"wanted: {render_goal(result.goal, names)}"
            watched = (seen or {}).get(result.goal.metric)
            if watched is not None and _differ(watched.value, result.value):
                detail += f"; in the run you saw it was {render_metric(result.goal.metric, watched.value)}"
            parts.append((f"  {hanging(detail, VERDICT_WIDTH, 2)}\n", "$muted"))
    return parts


def _differ(seen: float | None, told: float | None) -> bool:
    """Whether two values of a goal differ so much that a learner wonders."""
    return seen is not None and told is not None and abs(seen - told) > NOTICED * abs(told)


def _won_with(verdict: Verdict, level: Level, kind: str) -> str:
    """What the stars of a kind were given for: the worst seed's cost or speed, or the number of changes."""
    if kind == "simplicity":
        return plural(verdict.changes, "change")
    metric = "/design/cost_per_hour" if kind == "cost" else level.par.speed.metric
    value = worst_value(metric, [seed.report for seed in verdict.seeds])
    return "–" if value is None else f"{value:.4g} an hour" if kind == "cost" else render_metric(metric, value)


def _par(level: Level, kind: str) -> str:
    """What the stars of a kind take."""
    line = getattr(level.par, kind)
    if kind == "speed":
        return f"★★★ up to {render_metric(line.metric, line.three)}, ★★ up to {render_metric(line.metric, line.two)}"
    return f"★★★ up to {line.three:g}, ★★ up to {line.two:g}"


def tell_diagnosis(found: Diagnosis, *, evidence: bool = True) -> Content:
    """What was found: two sentences, where to look, and what was measured."""
    parts: Parts = [(hanging(found.what, VERDICT_WIDTH) + "\n", "$text"), ("\n› ", "$accent"), (found.try_ + "\n", "$text")]
    if evidence and found.evidence:
        parts.append(("\nEvidence\n", "bold $primary"))
        width = max(len(what) for what, _ in found.evidence)
        for what, value in found.evidence:
            parts += [(f"  {what.ljust(width)}  ", "$muted"), (f"{value}\n", "$text")]
    return Content.assemble(*parts)


def tell_part(state: PartState, when: str, kind: str) -> Content:
    """How a part is at a moment of a run."""
    parts: Parts = [(f"at {when}   ", "$muted")]
    if kind == "client":
        return Content.assemble(*parts, (f"{state.ok_total} ok", "$success"), (f"   {state.failed_total} failed", "$error"))
    parts.append((f"{state.depth} waiting", "$text"))
    if state.capacity or state.busy:
        parts.append((f"   {state.busy}/{state.capacity} busy", "$text"))
    if state.up < 1:
        parts.append((f"   {state.up:.0%} up", "bold $error"))
    if state.dead_letters:
        parts.append((f"   {state.dead_letters} given up", "bold $error"))
    return Content.assemble(*parts)


def tell_wire(state: WireState, when: str) -> Content:
    """How a wire is at a moment of a run."""
    said = f"{state.waiting} under way" if state.waiting else "sending" if state.active else "quiet"
    return Content.assemble((f"at {when}   ", "$muted"), (said, "$text"), ("   failing" if state.failing else "", "bold $error"))


def tell_journey(journey: Journey, width: int = 0) -> Content:
    """One event: what it was, then each hop with its time and how long it took from the one before.

    What there is to add to a hop stands under it where it would pass ``width``.
    """
    sign, tone = OUTCOMES.get(journey.outcome, ("·", "$muted"))
    parts: Parts = [
        (f"{sign} ", tone),
        (journey.outcome.replace("-", " "), f"bold {tone}"),
        ("\n\nid       ", "$muted"),
        (journey.event_id, "$text"),
        ("\ntype     ", "$muted"),
        (journey.type, "$text"),
        ("\nsource   ", "$muted"),
        (journey.client, "$text"),
        ("\nsubject  ", "$muted"),
        (f"{journey.key}, version {journey.version}", "$text"),
    ]
    if journey.hops:
        parts += [("\ntime     ", "$muted"), (moment(journey.hops[0].at_s), "$text")]
    parts.append(("\n\n", ""))
    return Content.assemble(*parts, *_hops(journey.hops, width))


def _hops(hops: Sequence[Hop], width: int) -> Parts:
    """A line for each hop, in columns as narrow as they can be: when, how long after the one before, where, what."""
    gaps = [None, *(after.at_s - before.at_s for before, after in itertools.pairwise(hops))]
    rows = [(moment(hop.at_s), "" if gap is None else f"+{_gap(gap)}", hop.where, hop.what) for hop, gap in zip(hops, gaps, strict=False)]
    when, waited, where, what = (max((len(row[column]) for row in rows), default=0) for column in range(4))
    aside = when + waited + where + what + 8
    below = "\n" + " " * (when + waited + 6)
    repeated = any(hop.detail == "attempt 2" for hop in hops)
    parts: Parts = []
    for hop, gap, row in zip(hops, gaps, rows, strict=False):
        detail = "" if hop.detail == "attempt 1" and not repeated else hop.detail  # the only one needs no number
        parts += [
            (f"{row[0]:>{when}}  ", "$muted"),
            (f"{row[1]:>{waited}}  ", "$warning" if gap is not None and gap >= 1 else "$muted"),
            (f"{row[2]:<{where}}  ", "$primary"),
            (f"{row[3]:<{what}}  ", HOP_TONES.get(hop.what, "$text")),
            (below if width and detail and len(detail) > width - aside else "", ""),
            (f"{detail}\n", "$muted"),
        ]
    return parts


def _gap(seconds: float) -> str:
    if seconds < 0.0005:
        return "0"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def tell_comparison(comparison: Comparison, divergence: Divergence | None = None) -> Content:
    """What was changed between two runs, where they part, then each number before and after."""
    parts: Parts = [("Changed in between\n", "bold $primary")]
    if not comparison.changes:
        parts.append(("  nothing: the same design twice gives the same numbers\n", "$muted"))
    for change in comparison.changes:
        parts += [("  · ", "$accent"), (f"{change.text}\n", "$text")]
    if divergence is not None:
        parts += [("\nWhere they part\n", "bold $primary"), (f"{hanging(divergence.what, VERDICT_WIDTH)}\n", "$text")]
        for line in divergence.followed:
            parts += [("  · ", "$accent"), (f"{hanging(line, VERDICT_WIDTH, 4)}\n", "$muted")]
    elif comparison.changes:
        parts += [("\nWhere they part\n", "bold $primary"), (f"{hanging(SAME, VERDICT_WIDTH)}\n", "$text")]
    parts.append(("\n", ""))
    old = max([6, *(len(row.before) for row in comparison.rows)])
    new = max([5, *(len(row.after) for row in comparison.rows)])
    what = VERDICT_WIDTH - old - new - 2 - 2 - 2 - len("▲ better")
    parts.append((" " * what + f"  {'before':>{old}}  {'after':>{new}}\n", "bold $primary"))
    signs = {"better": ("▲ better", "$success"), "worse": ("▼ worse", "$error"), "same": ("= same", "$muted"), "other": ("", "$muted")}
    for row in comparison.rows:
        sign, tone = signs[row.change]
        name = hanging(row.what, what, 2 if len(row.what) > what else 0)
        parts += [(name, "$text"), (" " * (what - len(name.rpartition("\n")[2])), "")]
        parts += [(f"  {row.before:>{old}}  ", "$muted"), (f"{row.after:>{new}}", "$text"), (f"  {sign}\n", tone)]
    return Content.assemble(*parts)


def tell_curves(before: Sequence[Series], after: Sequence[Series], width: int) -> Content:
    """The curves of two runs side by side, each pair on one scale; ``width`` cells for both."""
    half = max(10, (width - 3) // 2)
    parts: Parts = [("before".ljust(half + 3), "bold $primary"), ("after\n", "bold $primary")]
    for old, new in zip(before, after, strict=True):
        present = [value for value in (*old.values, *new.values) if value is not None]
        top = nice_top(max(present, default=0.0))
        scale = duration(top) if old.unit == "ms" else short(top) + old.unit
        parts.append((f"{old.name}, {old.of}, up to {scale}\n", "$muted"))
        tone = "$error" if old.name == "errors" else "$primary"
        for left, right in zip(plot(old.values, half, 2, top), plot(new.values, half, 2, top), strict=True):
            parts += [(left.ljust(half), tone), (" │ ", "$faint"), (right.ljust(half), tone), ("\n", "")]
    return Content.assemble(*parts)


def tell_solution(solution: Solution, changes: list[str]) -> Content:
    """A reference solution: what it earns, and how it differs from the start."""
    parts: Parts = []
    for kind in stars.KINDS:
        parts += [stars.row(getattr(solution.stars, kind)), (f"  {kind}   ", "$muted")]
    parts.append(("\n\n", ""))
    for change in changes:
        parts += [("  · ", "$accent"), (f"{change}\n", "$text")]
    return Content.assemble(*parts)
