"""The words for what a session knows: one place, so that screens and the plain mode say the same.

Every function gives plain lines without markup; texts from files have their control characters taken out.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from tutor.errors import printable_lines
from tutor.judge.diagnosis import Diagnosis
from tutor.judge.goals import render_goal
from tutor.judge.verdict import Verdict
from tutor.judge.words import names_of, plural, render_clock, render_metric, render_ms, render_s, render_share
from tutor.model.fault import Fault
from tutor.model.level import Level, Solution, Stars
from tutor.model.scenario import Scenario
from tutor.model.setting import settings_of
from tutor.model.timeline import Journey
from tutor.session.comparison import Comparison
from tutor.words import say

SAME = "The two runs do not part: every event that was followed fared alike, and as fast."
"""Where two runs of the same traffic show no difference."""


def clean(text: str) -> str:
    """A text from a file without control characters; line breaks stay."""
    return printable_lines(text)


SEEDS = (
    "A seed is a throw of the dice: the same design, other luck. What you saw was the first; all of them must"
    " hold."
)
"""What a seed is, told with the first verdict."""


def prose(text: str) -> list[str]:
    """Markdown from a level as plain lines, one for a paragraph: the signs of emphasis and of code are taken
    out.
    """
    paragraphs = [block.splitlines() for block in clean(text).strip().split("\n\n")]
    joined = [
        " ".join(lines) if not any(_LISTED.match(line) for line in lines) else "\n".join(lines)
        for lines in paragraphs
    ]
    return "\n\n".join(_EMPHASIS.sub(r"\2", block) for block in joined).splitlines()


_LISTED = re.compile(r"\s*([-*+#>|]|\d+\.)\s")
_EMPHASIS = re.compile(r"(\*\*|\*|`)(?=\S)(.+?)(?<=\S)\1")


def render_goals(level: Level, verdict: Verdict | None = None) -> list[str]:
    """The goals in the story's words with the check beside them and, after a run, how each fared on its worst
    seed.
    """
    lines = []
    names = names_of(level.scenario.design)
    for place, goal in enumerate(level.goals):
        line = f"{clean(goal.say)} ({clean(render_goal(goal, names))})"
        if verdict is not None:
            result = verdict.goals[place]
            value = render_metric(goal.metric, result.value) if result.value is not None else result.reason
            line = f"[{'met' if result.met else 'MISSED'}] {line} - now {value}, seed {result.seed}"
        lines.append(line)
    return lines


def render_verdict(verdict: Verdict, hints_used: int = 0) -> list[str]:
    """The verdict, the stars where it passed, what made it inconclusive, and how many hints it took."""
    lines = [verdict.headline[:1].upper() + verdict.headline[1:] + "."]
    if verdict.passed:
        lines.append(render_stars(verdict.stars))
    if verdict.counterexample is not None:
        lines.append(clean(verdict.counterexample.what))
    said = (
        verdict.inconclusive if verdict.missed else verdict.inconclusive[1:]
    )  # the headline has the first where no goal is missed
    lines += [f"Inconclusive: {reason}." for reason in said]
    if hints_used:
        lines.append(f"{plural(hints_used, 'hint')} used.")
    return lines


def render_stars(stars: Stars) -> str:
    """The stars in words and signs."""
    parts = [
        f"{name} {'*' * count or '-'} ({count} of 3)" for name, count in dataclasses.asdict(stars).items()
    ]
    return "Stars: " + ", ".join(parts)


def render_why(diagnosis: Sequence[Diagnosis], *, evidence: bool = True, limit: int = 3) -> list[str]:
    """Why goals were missed, worst first: what happened, the evidence behind the first, and where to look."""
    lines: list[str] = []
    for place, found in enumerate(diagnosis[:limit]):
        lines.append(f"{found.title}. {found.what}")
        if place == 0:
            if evidence:
                lines += [f"  {what}: {value}" for what, value in found.evidence]
            lines.append(f"  Where to look: {found.try_}")
    return lines


def render_sources(level: Level) -> list[str]:
    """Where the debrief's statements about products were read, a line each: what, the address,
    and the day.
    """
    return [
        say(
            "plain.source", product=clean(one.product), text=clean(one.say), url=clean(one.url), date=one.read
        )
        for one in level.sources
    ]


def debrief_with_sources(level: Level) -> str:
    """The debrief in Markdown, with a link for each statement about a product that was read somewhere."""
    if not level.sources:
        return level.debrief
    links = [
        "- "
        + say(
            "plain.source-link",
            product=clean(one.product),
            text=clean(one.say),
            url=clean(one.url),
            date=one.read,
        )
        for one in level.sources
    ]
    return "\n".join([level.debrief.rstrip(), "", say("plain.sources-title"), "", *links, ""])


def render_comparison(comparison: Comparison) -> list[str]:
    """What was changed between two runs, and each number before and after."""
    lines = [f"changed: {change.text}" for change in comparison.changes] or ["changed: nothing"]
    signs = {"better": "better", "worse": "worse", "same": "same", "other": "different"}
    lines += [f"{row.what}: {row.before} -> {row.after} ({signs[row.change]})" for row in comparison.rows]
    return lines


def render_faults(scenario: Scenario) -> list[str]:
    """The schedule of what will go wrong, a line each; it is no secret."""
    return [_fault(fault) for fault in scenario.faults if not fault.hidden]


def _fault(fault: Fault) -> str:
    if fault.mtbf_s is not None:
        repair = f", repaired after {render_s(fault.mttr_s)} on average" if fault.mttr_s is not None else ""
        when = f"at random, every {render_s(fault.mtbf_s)} on average{repair}"
    else:
        when = f"at {render_clock(fault.at_s)}"
        when += f" for {render_s(fault.for_s)}" if fault.for_s is not None else ""
        when += f", again every {render_s(fault.every_s)}" if fault.every_s is not None else ""
    how = ""
    if fault.kind in ("slow", "burst"):
        how = f" ({fault.factor:g} times)"
    elif fault.kind in ("drop-replies", "drop-acks", "die-between", "poison", "swallow"):
        how = f" ({render_share(fault.probability)})"
    replica = f" (replica {fault.replica})" if fault.replica is not None else ""
    return f"{fault.kind} of {fault.target}{replica} {when}{how}"


def render_journey(journey: Journey) -> list[str]:
    """One event's path: what it is, then each hop with its time since the request."""
    about = f"{journey.type} about {journey.key}, version {journey.version}, from {journey.client}"
    lines = [f"{journey.event_id}: {about}; outcome: {journey.outcome}"]
    began = journey.hops[0].at_s if journey.hops else 0.0
    for hop in journey.hops:
        detail = f" ({clean(hop.detail)})" if hop.detail else ""
        by = f" by {hop.wire}" if hop.wire else ""
        lines.append(
            f"  {render_clock(hop.at_s)} (+{render_ms((hop.at_s - began) * 1000)}) {hop.what} at"
            f" {hop.where}{by}{detail}"
        )
    return lines


def render_solution(solution: Solution) -> list[str]:
    """A reference solution in sentences."""
    from tutor.session.boards import render_board

    return [
        f"{clean(solution.title)} - {render_stars(solution.stars)}",
        *("  " + line for line in render_board(solution.design)),
    ]


def render_help(part: object, name: str) -> str:
    """What a setting of a part means, with its range and where it stands."""
    described = settings_of(type(part))[name]
    unit = f" {described.unit}" if described.unit else ""
    return (
        f"{name} = {described.render(getattr(part, name))}{unit} - {described.doc} ({described.range_text()})"
    )
