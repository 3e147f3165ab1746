"""The words for the facts of a session, in one place, so that screens and the plain mode say the same.

Every function gives plain lines without markup; texts from files have their control characters taken out.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from tutor.errors import printable_lines
from tutor.judge.diagnosis import Diagnosis
from tutor.judge.goals import render_goal
from tutor.judge.verdict import Verdict
from tutor.judge.words import names_of, render_metric
from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.fault import Fault
from tutor.model.level import Level, Solution, Stars
from tutor.model.note import Note
from tutor.model.scenario import Scenario
from tutor.model.setting import settings_of, title_of
from tutor.model.timeline import Journey
from tutor.model.wire import Wire
from tutor.session.comparison import Comparison
from tutor.words import say
from tutor.words.happenings import detail_words, hop_words, outcome_words


def clean(text: str) -> str:
    """Returns a text from a file without control characters; line breaks stay."""
    return printable_lines(text)


def prose(text: str) -> list[str]:
    """Returns Markdown from a level as plain lines, one for a paragraph, without the signs of emphasis and of
    code.
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
    """Returns the goals in the story's words with the check beside them and, after a run, each result on its
    worst seed.
    """
    lines = []
    names = names_of(level.scenario.design)
    for place, goal in enumerate(level.goals):
        line = say("plain.goal-check", goal=clean(goal.say), check=clean(render_goal(goal, names)))
        if verdict is not None:
            result = verdict.goals[place]
            value = render_metric(goal.metric, result.value) if result.value is not None else result.reason
            line = say(
                f"plain.goal.{'met' if result.met else 'missed'}", goal=line, value=value, seed=result.seed
            )
        lines.append(line)
    return lines


def render_verdict(verdict: Verdict, hints_used: int = 0) -> list[str]:
    """Returns the verdict, the stars if it passed, the reasons if it was inconclusive, and how many hints
    were used.
    """
    lines = [say("plain.verdict", verdict=verdict.headline[:1].upper() + verdict.headline[1:])]
    if verdict.passed:
        lines.append(render_stars(verdict.stars))
    if verdict.counterexample is not None:
        lines.append(clean(verdict.counterexample.what))
    said = (
        verdict.inconclusive if verdict.missed else verdict.inconclusive[1:]
    )  # the headline has the first where no goal is missed
    lines += [say("plain.inconclusive", why=reason) for reason in said]
    if hints_used:
        lines.append(say("plain.hints-used", count=hints_used))
    return lines


def render_stars(stars: Stars) -> str:
    """Returns the stars in words and signs."""
    kinds = dataclasses.asdict(stars)
    return say(
        "plain.stars",
        **{name: say("plain.star", count=count, signs="*" * count or "-") for name, count in kinds.items()},
    )


def render_why(diagnosis: Sequence[Diagnosis], *, evidence: bool = True, limit: int = 3) -> list[str]:
    """Returns why goals were missed, worst first: what happened, the evidence behind the first, and where to
    look.
    """
    lines: list[str] = []
    for place, found in enumerate(diagnosis[:limit]):
        lines.append(say("plain.reason", title=found.title, what=found.what))
        if place == 0:
            if evidence:
                lines += [
                    "  " + say("plain.evidence", what=what, value=value) for what, value in found.evidence
                ]
            lines.append("  " + say("plain.where-to-look", where=found.try_))
    return lines


def render_sources(level: Level) -> list[str]:
    """Returns the sources of the debrief's statements about products, a line each: the source, the address,
    and the day.
    """
    return [
        say(
            "plain.source", product=clean(one.product), text=clean(one.say), url=clean(one.url), date=one.read
        )
        for one in level.sources
    ]


LINK = re.compile(r"\[(?P<title>[^\]]+)\]\((?P<url>https?://[^)\s]+)\)")
"""A link in Markdown."""


def debrief_links(level: Level) -> list[tuple[str, str]]:
    """Returns the links of the debrief: what it refers to, and the address."""
    return [(match["title"], match["url"]) for match in LINK.finditer(level.debrief)]


def debrief_with_sources(level: Level) -> str:
    """Returns the debrief in Markdown, with a link for each statement about a product that has a source."""
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


_ROWS = {
    "better": "plain.row.better",
    "worse": "plain.row.worse",
    "same": "plain.row.same",
    "other": "plain.row.different",
}
"""The sentence for a row of a comparison, by how its number changed."""


def render_comparison(comparison: Comparison) -> list[str]:
    """Returns the changes between two runs, and each number before and after."""
    changes = [say("plain.changed", change=change.text) for change in comparison.changes]
    rows = [
        say(_ROWS[row.change], what=row.what, before=row.before, after=row.after) for row in comparison.rows
    ]
    return [*(changes or [say("plain.changed-nothing")]), *rows]


def render_faults(scenario: Scenario) -> list[str]:
    """Returns the schedule of faults to come, a line each; it is no secret."""
    return [fault_words(fault, scenario.design) for fault in scenario.faults if not fault.hidden]


def fault_words(fault: Fault, design: Design) -> str:
    """Describes what a fault does, to which part, and when."""
    what = say("faults.part", fault=fault.title, part=ends_words(fault.target, names_of(design)))
    if fault.replica is not None:
        what = say("faults.replica", fault=what, replica=fault.replica)
    if "factor" in fault.declared.settings:
        what = say("faults.factor", fault=what, factor=fault.factor)
    elif "probability" in fault.declared.settings:
        what = say("faults.share", fault=what, share=fault.probability)
    if fault.mtbf_s is not None:
        every, repair = fault.mtbf_s, fault.mttr_s if fault.mttr_s is not None else fault.for_s
        if repair is None:
            return say("faults.at-random", fault=what, every=every)
        return say("faults.at-random-repaired", fault=what, every=every, repair=repair)
    times = {"at": fault.at_s, "for": fault.for_s, "every": fault.every_s}
    given = {name: value for name, value in times.items() if value is not None}
    return say(f"faults.when.{'-'.join(given)}", fault=what, **given)


def ends_words(ref: str, names: Mapping[str, str]) -> str:
    """Returns a part, or a wire by both of its ends, by their names on screen; ``ref`` as reports have it."""
    ends = [names.get(end, end) for end in ref.partition(":")[0].split("->")]
    return ends[0] if len(ends) == 1 else say("names.wire", source=ends[0], target=ends[1])


def render_journey(journey: Journey, names: Mapping[str, str]) -> list[str]:
    """Returns one event's path: what it is, then each hop with its time since the request; ``names`` has the
    titles of parts by id.
    """
    lines = [
        say(
            "plain.journey",
            id=journey.event_id,
            type=journey.type,
            subject=journey.key,
            version=journey.version,
            client=names.get(journey.client, journey.client),
            outcome=outcome_words(journey.outcome),
        )
    ]
    began = journey.hops[0].at_s if journey.hops else 0.0
    for hop in journey.hops:
        facts = {
            "after": (hop.at_s - began) * 1000,
            "what": hop_words(hop.what),
            "part": names.get(hop.where, hop.where),
        }
        detail = ", ".join(filter(None, (hop.event, clean(detail_words(hop.detail)))))
        where = ends_words(hop.wire, names) if hop.wire else ""
        which = "-".join(name for name, given in (("wire", where), ("detail", detail)) if given) or "plain"
        known = {"wire": where, "detail": detail}
        lines.append(
            "  " + say(f"plain.hop.{which}", at=hop.at_s, **facts, **{k: v for k, v in known.items() if v})
        )
    return lines


def render_solution(solution: Solution) -> list[str]:
    """Describes a reference solution in sentences."""
    from tutor.session.boards import render_board

    return [
        say("plain.solution", title=clean(solution.title), stars=render_stars(solution.stars)),
        *("  " + line for line in render_board(solution.design)),
    ]


def render_help(part: Component | Wire | Note, name: str) -> str:
    """Returns the meaning of a part's setting, with its range and its present value."""
    described = settings_of(type(part))[name]
    shown = described.render(getattr(part, name))
    unit = described.unit if isinstance(getattr(part, name), int | float) else ""
    return say(
        f"plain.setting.{unit or 'plain'}",
        name=name,
        title=title_of(part.kind, name),
        value=shown,
        about=described.doc,
        range=described.range_text(),
    )
