"""Verdicts, diagnoses, journeys and comparisons as styled text: the session finds them, and this module gives
them their form.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from tutor.judge.diagnosis import Diagnosis
from tutor.judge.divergence import Divergence
from tutor.judge.goals import GoalResult, render_expected
from tutor.judge.stars import worst_value
from tutor.judge.verdict import Verdict
from tutor.judge.words import describe_metric, names_of, render_metric
from tutor.model.component import KINDS, Channel, Stream
from tutor.model.level import Level, Solution
from tutor.model.timeline import Journey
from tutor.session import Comparison
from tutor.show import stars
from tutor.show.braille import duration, moment, nice_top, plot, short
from tutor.show.cards import BillLine, Styled, answering
from tutor.show.lines import VERDICT_WIDTH, hanging
from tutor.show.series import Series
from tutor.show.states import PartState, WireState
from tutor.words import say
from tutor.words.happenings import detail_words, hop_words, outcome_words

GOAL = "goal:"
"""What the answer of a card begins with where a missed goal was clicked; its metric follows."""

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
"""The sign and color of what became of an event."""

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
"""Colors of hops that are good or bad news."""


def style_verdict(
    verdict: Verdict, level: Level, *, hints: int, prediction: str = "", first: bool = False
) -> Styled:
    """Styles a verdict: missed goals and the reason, then the goals that were met, and the stars of a design
    that passed.

    A value is that of the worst seed, and says so if it isn't the seed that was watched. ``first`` is whether
    the learner has never seen a verdict before: then it says what a seed is.
    """
    missed = [result for result in verdict.goals if not result.met]
    watched = {result.goal.metric: result for result in verdict.seeds[0].goals}
    names = names_of(level.scenario.design)
    parts = _goal_lines(missed, watched, names)
    failing = [str(seed.seed) for seed in verdict.seeds if not seed.passed]
    passing = [str(seed.seed) for seed in verdict.seeds if seed.passed]
    if verdict.counterexample is not None:
        parts.append((f"\n{hanging(verdict.counterexample.what, VERDICT_WIDTH)}\n", "$text"))
    elif failing and passing:
        unlike = say("verdict.unlike", passing=", ".join(passing), failing=", ".join(failing))
        parts.append((f"\n{hanging(unlike, VERDICT_WIDTH)}\n", "$warning"))
    for reason in verdict.inconclusive:
        parts.append(
            ("\n! " + hanging(say("verdict.doubt", reason=reason), VERDICT_WIDTH, 2) + "\n", "$warning")
        )
    if verdict.diagnosis and not verdict.passed:
        parts.append((f"\n{say('verdict.why')}\n", "bold $primary"))
        parts.append((hanging(verdict.diagnosis[0].what, VERDICT_WIDTH) + "\n", "$text"))
    guess: Styled = []
    if prediction:
        guess = [(f"\n{say('verdict.prediction')}\n", "bold $primary")]
        guess.append((hanging(prediction, VERDICT_WIDTH) + "\n", "$text"))
    if not verdict.passed:
        parts += guess
    if parts:
        parts.append(("\n", ""))
    parts += _goal_lines([result for result in verdict.goals if result.met], watched)
    if verdict.passed:
        parts += [("\n", ""), *_star_lines(verdict, level, names), *guess]
    if hints:
        parts.append((f"\n{say('verdict.hints', count=hints)}\n", "$muted"))
    if first and len(verdict.seeds) > 1:
        parts.append((f"\n{hanging(say('verdict.seeds'), VERDICT_WIDTH)}\n", "$muted"))
    return parts


def _goal_lines(
    results: Sequence[GoalResult],
    watched: Mapping[str, GoalResult] | None = None,
    names: Mapping[str, str] | None = None,
) -> Styled:
    """Styles each goal with its value at the end of its last line, and the expected value if it is missed."""
    parts: Styled = []
    for result in results:
        sign, tone = ("✓", "$success") if result.met else ("✗", "bold $error")
        value = _shown_value(result, (watched or {}).get(result.goal.metric))
        text = hanging(result.goal.say, VERDICT_WIDTH - len(value) - 2, 2)
        last = len(text.rpartition("\n")[2]) + (0 if "\n" in text else 2)
        gap = " " * max(2, VERDICT_WIDTH - last - len(value))
        link = "" if result.met else f" {answering(f'{GOAL}{result.goal.metric}')}"
        parts += [(f"{sign} ", tone), (text, f"$text{link}"), (gap, ""), (value, tone), ("\n", "")]
        if not result.met:
            detail = result.reason or _expected(result, (watched or {}).get(result.goal.metric), names)
            parts.append((f"  {hanging(detail, VERDICT_WIDTH, 2)}\n", "$muted"))
    return parts


def _shown_value(result: GoalResult, watched: GoalResult | None) -> str:
    """Renders a goal's value, with the seed of a met goal's where the run that was watched shows another; a
    missed goal says so in its second line.
    """
    if result.value is None:
        return "–"
    value = render_metric(result.goal.metric, result.value)
    if not result.met or watched is None or watched.value is None:
        return value
    if render_metric(result.goal.metric, watched.value) == value:
        return value
    return say("verdict.value-on-seed", value=value, seed=result.seed)


def _expected(result: GoalResult, watched: GoalResult | None, names: Mapping[str, str] | None) -> str:
    """Describes what a missed goal expects, and the seed of its value if that isn't the one that was
    watched.
    """
    expected = render_expected(result.goal, names)
    if watched is None or watched.seed == result.seed:
        return expected
    if watched.value is None:
        return say("verdict.expected-on-seed", expected=expected, seed=result.seed)
    value = render_metric(result.goal.metric, watched.value)
    return say(
        "verdict.expected-and-watched", expected=expected, seed=result.seed, watched=watched.seed, value=value
    )


def _star_lines(verdict: Verdict, level: Level, names: Mapping[str, str]) -> Styled:
    """Styles the stars of each kind: the reason for them, and what more of them would take."""
    parts: Styled = []
    for kind in stars.KINDS:
        line = getattr(level.par, kind)
        parts += [*stars.row(getattr(verdict.stars, kind)), (f"  {stars.title(kind).ljust(12)}", "$text")]
        parts.append((_won_with(verdict, level, kind) + "\n", "$text"))
        limits = {
            name: render_metric(line.metric, value) if kind == "speed" else f"{value:g}"
            for name, value in (("three", line.three), ("two", line.two))
        }
        parts.append((" " * 17 + say("verdict.star-limits", **limits) + "\n", "$muted"))
        if kind == "speed":
            about = say("verdict.star-speed", metric=describe_metric(line.metric, names))
        else:
            about = say("verdict.star-simplicity") if kind == "simplicity" else ""
        if about:
            parts.append((" " * 17 + hanging(about, VERDICT_WIDTH, 17) + "\n", "$muted"))
    return parts


def _won_with(verdict: Verdict, level: Level, kind: str) -> str:
    """Describes what the stars of a kind were given for: the worst seed's cost or speed, or the number of
    changes.
    """
    if kind == "simplicity":
        return say("verdict.star-changes", count=verdict.changes)
    metric = "/design/cost_per_hour" if kind == "cost" else level.par.speed.metric
    value = worst_value(metric, [seed.report for seed in verdict.seeds])
    if value is None:
        return say("verdict.star-cost-unknown")
    return say("verdict.star-cost", value=value) if kind == "cost" else render_metric(metric, value)


def style_bill(lines: Sequence[BillLine]) -> Styled:
    """Styles the price of each part per hour with its items, the dearest first, and the sum."""
    priced = sorted(lines, key=lambda line: -line.price)
    total = say("verdict.bill-total")
    width = max((len(name) for name in (total, *(line.title for line in priced))), default=0)
    parts: Styled = [(say("verdict.bill") + "\n", "bold $primary")]
    for line in priced:
        parts += [(f"  {line.title.ljust(width)}  ", "$text"), (f"{line.price:>8.2f}\n", "$text")]
        parts += [
            (f"    {say(f'bill.items.{item.what}', count=item.count, each=f'{item.each:.2f}')}\n", "$muted")
            for item in line.items
        ]
    parts += [
        (f"  {total.ljust(width)}  ", "$muted"),
        (f"{sum(line.price for line in priced):>8.2f}\n", "bold $text"),
    ]
    return parts


def style_diagnosis(found: Diagnosis, *, evidence: bool = True) -> Styled:
    """Styles a finding: two sentences, where to look, and the measurements."""
    parts: Styled = [
        (hanging(found.what, VERDICT_WIDTH) + "\n", "$text"),
        ("\n› ", "$accent"),
        (found.try_ + "\n", "$text"),
    ]
    if evidence and found.evidence:
        parts.append((f"\n{say('run.evidence')}\n", "bold $primary"))
        for what, value in found.evidence:
            parts += _evidence(what, value, max(len(what) for what, _ in found.evidence))
    return parts


def _evidence(what: str, value: str, widest: int) -> Styled:
    """Styles one measurement: the value beside its words, in the column of all values or before it, and in
    rows of its own if the line is too short for both.
    """
    beside = VERDICT_WIDTH - 4 - len(value)
    if len(what) <= beside:
        return [(f"  {what.ljust(min(widest, beside))}  ", "$muted"), (f"{value}\n", "$text")]
    return [(f"  {what}\n", "$muted"), (f"    {hanging(value, VERDICT_WIDTH - 4, 4)}\n", "$text")]


def style_part(state: PartState, when: str, kind: str) -> Styled:
    """Styles the state of a part at a moment of a run."""
    parts: Styled = [(say("playback.at", when=when) + "   ", "$muted")]
    if kind == "client":
        failed = "   " + say("playback.failed", count=state.failed_total)
        return [*parts, (say("playback.ok", count=state.ok_total), "$success"), (failed, "$error")]
    parts.append((say("playback.waiting", count=state.depth), "$text"))
    if issubclass(KINDS[kind], (Channel, Stream)):  # it has no workers: others hold what it gave them
        parts.append(("   " + say("playback.in-flight", count=state.busy), "$text"))
    elif state.capacity or state.busy:
        parts.append(("   " + say("playback.busy", busy=state.busy, capacity=state.capacity), "$text"))
    if state.up < 1:
        parts.append(("   " + say("playback.up", share=state.up), "bold $error"))
    if state.dead_letters:
        parts.append(("   " + say("playback.dead-lettered", count=state.dead_letters), "bold $error"))
    return parts


def style_wire(state: WireState, when: str) -> Styled:
    """Styles the state of a wire at a moment of a run."""
    if state.waiting:
        text = say("playback.in-flight", count=state.waiting)
    else:
        text = say("playback.sending") if state.active else say("playback.quiet")
    failing = "   " + say("playback.failing") if state.failing else ""
    return [(say("playback.at", when=when) + "   ", "$muted"), (text, "$text"), (failing, "bold $error")]


def style_journey(journey: Journey, width: int = 0, called: Mapping[str, str] | None = None) -> Styled:
    """Styles one event: what it was, then each hop with its time, how long it took from the one before, and
    where.

    ``called`` has the titles of the parts by id. The detail of a hop goes under it where it would pass
    ``width``.
    """
    sign, tone = OUTCOMES.get(journey.outcome, ("·", "$muted"))
    names = called or {}
    labels = [
        say("journey.id"),
        say("journey.type"),
        say("journey.source"),
        say("journey.subject"),
        say("journey.time"),
    ]
    values = [
        journey.event_id,
        journey.type,
        names.get(journey.client, journey.client),
        say("journey.version", subject=journey.key, version=journey.version),
        moment(journey.hops[0].at_s) if journey.hops else "–",
    ]
    room = max(len(label) for label in labels) + 2
    parts: Styled = [(f"{sign} ", tone), (outcome_words(journey.outcome), f"bold {tone}"), ("\n", "")]
    for label, value in zip(labels, values, strict=True):
        parts += [("\n" + label.ljust(room), "$muted"), (value, "$text")]
    parts.append(("\n\n", ""))
    return [*parts, *_hops(journey, width, names)]


def _hops(journey: Journey, width: int, names: Mapping[str, str]) -> Styled:
    """Styles a line for each hop, in columns as narrow as they can be: when, how long after the one before,
    where, what.
    """
    hops = journey.hops
    gaps = [None, *(after.at_s - before.at_s for before, after in itertools.pairwise(hops))]
    rows = [
        (
            moment(hop.at_s),
            "" if gap is None else f"+{_gap(gap)}",
            names.get(hop.where, hop.where),
            hop_words(hop.what),
        )
        for hop, gap in zip(hops, gaps, strict=False)
    ]
    when, waited, where, what = (max((len(row[column]) for row in rows), default=0) for column in range(4))
    aside = when + waited + where + what + 8
    below = "\n" + " " * (when + waited + 6)
    repeated = any(hop.detail == "attempt 2" for hop in hops)
    parts: Styled = []
    for hop, gap, row in zip(hops, gaps, rows, strict=False):
        detail = (
            "" if hop.detail == "attempt 1" and not repeated else detail_words(hop.detail)
        )  # the only one needs no number
        detail = ", ".join(filter(None, (hop.event, detail)))
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
    return (
        f"{seconds * 1000:.0f} ms"
        if seconds < 1
        else f"{seconds:.1f} s"
        if seconds < 120
        else f"{seconds / 60:.1f} min"
    )


def style_comparison(
    comparison: Comparison, divergence: Divergence | None = None, sides: tuple[str, str] | None = None
) -> Styled:
    """Styles the changes between two runs, where they diverge, then each number of both; ``sides`` names them
    where they aren't the runs before and after a change.
    """
    parts: Styled = [(say("run.changed") + "\n", "bold $primary")]
    if not comparison.changes:
        parts.append(("  " + say("run.changed-nothing") + "\n", "$muted"))
    for change in comparison.changes:
        parts += [("  · ", "$accent"), (f"{change.text}\n", "$text")]
    if divergence is not None:
        parts += [
            (f"\n{say('run.diverge')}\n", "bold $primary"),
            (f"{hanging(divergence.what, VERDICT_WIDTH)}\n", "$text"),
        ]
        for line in divergence.followed:
            parts += [("  · ", "$accent"), (f"{hanging(line, VERDICT_WIDTH, 4)}\n", "$muted")]
    elif comparison.changes:
        parts.append((f"\n{say('run.diverge')}\n", "bold $primary"))
        parts.append((hanging(say("run.diverge-nowhere"), VERDICT_WIDTH) + "\n", "$text"))
    parts.append(("\n", ""))
    before, after = sides or (say("run.before"), say("run.after"))
    signs = {
        "better": (f"▲ {say('run.better')}", "$success"),
        "worse": (f"▼ {say('run.worse')}", "$error"),
        "same": (f"= {say('run.same')}", "$muted"),
        "other": ("", "$muted"),
    }
    old = max([len(before), *(len(row.before) for row in comparison.rows)])
    new = max([len(after), *(len(row.after) for row in comparison.rows)])
    what = VERDICT_WIDTH - old - new - 6 - max(len(sign) for sign, _ in signs.values())
    parts.append((" " * what + f"  {before:>{old}}  {after:>{new}}\n", "bold $primary"))
    for row in comparison.rows:
        sign, tone = signs[row.change]
        name = hanging(row.what, what, 2 if len(row.what) > what else 0)
        parts += [(name, "$text"), (" " * (what - len(name.rpartition("\n")[2])), "")]
        parts += [
            (f"  {row.before:>{old}}  ", "$muted"),
            (f"{row.after:>{new}}", "$text"),
            (f"  {sign}\n", tone),
        ]
    return parts


def style_curves(
    before: Sequence[Series], after: Sequence[Series], width: int, sides: tuple[str, str] | None = None
) -> Styled:
    """Styles the curves of two runs side by side, each pair on one scale; ``width`` cells for both, ``sides``
    as in :func:`style_comparison`.
    """
    half = max(10, (width - 3) // 2)
    left_side, right_side = sides or (say("run.before"), say("run.after"))
    parts: Styled = [(left_side.ljust(half + 3), "bold $primary"), (right_side + "\n", "bold $primary")]
    for old, new in zip(before, after, strict=True):
        present = [value for value in (*old.values, *new.values) if value is not None]
        top = nice_top(max(present, default=0.0))
        scale = duration(top) if old.unit == "ms" else short(top) + old.unit
        parts.append((say("run.curve", name=old.title, of=old.of, top=scale) + "\n", "$muted"))
        tone = "$error" if old.name == "errors" else "$primary"
        for left, right in zip(plot(old.values, half, 2, top), plot(new.values, half, 2, top), strict=True):
            parts += [(left.ljust(half), tone), (" │ ", "$faint"), (right.ljust(half), tone), ("\n", "")]
    return parts


def style_solution(solution: Solution, changes: list[str]) -> Styled:
    """Styles a reference solution: its stars, and how it differs from the start."""
    parts: Styled = []
    for kind in stars.KINDS:
        parts += [*stars.row(getattr(solution.stars, kind)), (f"  {stars.title(kind)}   ", "$muted")]
    parts.append(("\n\n", ""))
    for change in changes:
        parts += [("  · ", "$accent"), (f"{change}\n", "$text")]
    return parts
