"""A run told as an incident is told afterwards: what happened, what it cost, why, what went well, what to try. Markdown.

Titles and names come from files: they are written as data, so that none of them can be a heading, a link or a table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tutor.errors import printable
from tutor.judge.breaking import first_breaking
from tutor.judge.diagnosis.cause import Diagnosis
from tutor.judge.goals import GoalResult, judge_goals, render_goal, target_of
from tutor.judge.words import plural, render_clock, render_metric, render_number, render_share
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario
from tutor.model.timeline import Mark

HEADING = "# Post-mortem: "
"""What every post-mortem begins with: by this a file is known to be one."""

MOST_MOMENTS = 40
"""Rows of the timeline; what is left out is counted in its last line."""

_SIGNS = re.compile(r"[\\`*\[\]<|#~&]|(?<!\w)_|_(?!\w)|^[-+>=](?!\d)|(?<=\d)[.)](?=\s)")


def escape(text: str) -> str:
    """A text from a file as data in Markdown: one line, no control characters, no sign that means anything."""
    return _SIGNS.sub(lambda match: "\\" + match.group(0), printable(text))


def write_postmortem(
    subject: Level | Scenario, outcome: Outcome, diagnosis: Sequence[Diagnosis] = (), *, design: str = "", verdict: str = ""
) -> str:
    """The post-mortem of one run as a Markdown document that ends in a line break.

    ``subject`` is what was run: a level with the tried design in its scenario, or a scenario alone. ``diagnosis`` is what was found in this
    outcome; ``design`` a name for the design and ``verdict`` the line on all seeds, where there are such.
    """
    scenario = subject.scenario if isinstance(subject, Level) else subject
    results = judge_goals(subject.goals, outcome.report) if isinstance(subject, Level) else ()
    title = subject.title if isinstance(subject, Level) else "a run of a free board"
    parts = [
        [f"{HEADING}{escape(title)}", "", *_head(subject, outcome, design, verdict)],
        ["## Summary", "", *_summary(scenario, outcome, results, diagnosis)],
        ["## Impact", "", *_impact(outcome, results)],
        ["## Timeline", "", *_timeline(scenario, outcome, results, diagnosis)],
        ["## Causes", "", *_causes(results, diagnosis)],
        ["## What went well", "", *_went_well(outcome, results)],
        ["## What to try", "", *_to_try(results, diagnosis)],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _head(subject: Level | Scenario, outcome: Outcome, design: str, verdict: str) -> list[str]:
    scenario = subject.scenario if isinstance(subject, Level) else subject
    lines = [f"- Level: {escape(subject.id)}"] if isinstance(subject, Level) else []
    lines += [f"- Design: {escape(design)}"] if design else []
    run = scenario.run
    drain = f" and {render_number(run.drain_s)} s of work after it" if run.drain_s else ""
    lines.append(f"- Run: seed {outcome.report.data.get('seed', run.seed)}, {render_number(run.duration_s)} s of traffic{drain}")
    lines += [f"- Verdict: {escape(verdict)}"] if verdict else []
    if not outcome.report.complete:
        lines.append("- The run was stopped by its budget of simulated events: the numbers are not the whole story")
    return lines


def _summary(scenario: Scenario, outcome: Outcome, results: Sequence[GoalResult], diagnosis: Sequence[Diagnosis]) -> list[str]:
    missed = [result for result in results if not result.met]
    requests = sum(int(client.get("requests", 0)) for client in outcome.report.data.get("client", {}).values())
    happened = [fault for place, fault in enumerate(scenario.faults) if place not in outcome.unhit_faults]
    struck = f"{plural(len(happened), 'scheduled fault')} struck" if happened else "no scheduled fault struck"
    lines = [f"In this run {plural(requests, 'request')} came in and {struck}."]
    if missed:
        lines[0] += f" {plural(len(missed), 'goal')} of {len(results)} {'was' if len(missed) == 1 else 'were'} missed."
    elif results:
        lines[0] += " Every goal was met."
    if diagnosis:
        lines.append(f"The main cause: {escape(diagnosis[0].title[:1].lower() + diagnosis[0].title[1:])}. {escape(diagnosis[0].what)}")
    return ["\n\n".join(lines)]


def _impact(outcome: Outcome, results: Sequence[GoalResult]) -> list[str]:
    lines: list[str] = []
    if results:
        lines = ["| Goal | Wanted | Measured | |", "| --- | --- | --- | --- |"]
        for result in results:
            value = render_metric(result.goal.metric, result.value) if result.value is not None else result.reason
            wanted = render_goal(result.goal).rpartition(": ")[2]
            lines.append(f"| {escape(result.goal.say)} | {escape(wanted)} | {escape(value)} | {'met' if result.met else '**missed**'} |")
        lines.append("")
    return [*lines, *_who_met_it(outcome)]


def _who_met_it(outcome: Outcome) -> list[str]:
    """What clients and effects met, in numbers: one line for each."""
    lines = []
    data = outcome.report.data
    for name, client in data.get("client", {}).items():
        share = client.get("availability")
        lines.append(
            f"- {escape(name)}: {plural(client.get('requests', 0), 'request')}, {render_number(client.get('failed', 0))} failed"
            + (f" ({render_share(share)} succeeded)" if share is not None else "")
        )
    for place, events in data.get("effect", {}).items():
        for event, counts in events.items():
            bad = [
                f"{render_number(counts[key])} {said}"
                for key, said in (
                    ("lost", "lost"),
                    ("refused", "refused"),
                    ("pending", "unfinished at the end"),
                    ("duplicates", "applied again"),
                    ("out_of_order", "out of order"),
                    ("late", "late"),
                )
                if counts.get(key)
            ]
            expected = render_number(counts.get("expected", 0))
            told = ", ".join([f"{render_number(counts.get('applied', 0))} of {expected} applied", *bad])
            lines.append(f"- {escape(event)} at {escape(place)}: {told}")
    return lines or ["- Nothing was measured."]


def _timeline(scenario: Scenario, outcome: Outcome, results: Sequence[GoalResult], diagnosis: Sequence[Diagnosis]) -> list[str]:
    if outcome.timeline is None:
        return ["No timeline was kept of this run."]
    hidden = {(fault.kind, fault.target) for fault in scenario.faults if fault.hidden}
    moments = [(mark.at_s, _mark(mark)) for mark in outcome.timeline.marks if (mark.what, mark.target) not in hidden]
    for result in results:
        breaking = None if result.met else first_breaking(result, scenario, outcome)
        if breaking is not None:
            said = f"the first event that counts against \u201c{escape(result.goal.say)}\u201d: {breaking.journey.event_id} {breaking.said}"
            moments.append((breaking.at_s, said))
    moments += [(found.at_s, f"here it shows: {escape(found.title)}") for found in diagnosis if found.at_s is not None]
    moments.append((scenario.run.duration_s, "the traffic stops"))
    rows = sorted(dict.fromkeys(moments), key=lambda moment: moment[0])
    left = len(rows) - MOST_MOMENTS
    lines = ["| When | What |", "| --- | --- |", *(f"| {render_clock(at_s)} | {said} |" for at_s, said in rows[:MOST_MOMENTS])]
    return lines if left <= 0 else [*lines, "", f"{plural(left, 'later moment')} left out."]


def _mark(mark: Mark) -> str:
    what, target = escape(mark.what), escape(mark.target)
    where = f" at {target}" if target and mark.target not in mark.what else ""
    match mark.kind:
        case "fault":
            return f"**{what or 'a fault'}{where} begins**"
        case "fault-over":
            return f"{what or 'the fault'}{where} is over"
        case "first-failure":
            return f"**first failure**{where}{': ' + what if what else ''}"
    return f"{escape(mark.kind.replace('-', ' '))}{where}{': ' + what if what else ''}"


def _causes(results: Sequence[GoalResult], diagnosis: Sequence[Diagnosis]) -> list[str]:
    if not diagnosis:
        failed = any(not result.met for result in results)
        return ["No cause was found for what went wrong." if failed else "Nothing went wrong that needs a cause."]
    says = {result.goal.metric: result.goal.say for result in results}
    lines: list[str] = []
    for place, found in enumerate(diagnosis, 1):
        about = found.wire or found.component
        lines += [f"### {place}. {escape(found.title)}{f' ({escape(about)})' if about else ''}", "", escape(found.what), ""]
        hit = [says[metric] for metric in found.metrics if metric in says]
        lines += [f"It counts against: {escape('; '.join(dict.fromkeys(hit)))}.", ""] if hit else []
        if found.evidence:
            lines += ["| Evidence | |", "| --- | --- |", *(f"| {escape(what)} | {escape(value)} |" for what, value in found.evidence), ""]
    return lines[:-1]


def _went_well(outcome: Outcome, results: Sequence[GoalResult]) -> list[str]:
    lines = [f"- {escape(result.goal.say)}: {_margin(result)}" for result in results if result.met]
    for name, client in outcome.report.data.get("client", {}).items():
        if client.get("requests") and client.get("failed") == 0:
            lines.append(f"- No request of {escape(name)} failed.")
    for place, events in outcome.report.data.get("effect", {}).items():
        for event, counts in events.items():
            if counts.get("expected") and counts.get("applied") == counts["expected"] and not counts.get("duplicates"):
                lines.append(f"- Every {escape(event)} took effect at {escape(place)}, once.")
    return lines or ["- Nothing that was to hold held."]


def _margin(result: GoalResult) -> str:
    """A goal that was met: its value, and how much room is left where that can be said."""
    metric, value, target = result.goal.metric, result.value, target_of(result.goal)
    assert value is not None
    text = f"{render_metric(metric, value)}, wanted {render_goal(result.goal).rpartition(': ')[2]}"
    if isinstance(target, int | float) and target > 0 and result.goal.at_most is not None:
        room = (target - value) / target
        text += f", with {render_share(round(room, 3))} of it to spare" if room >= 0.001 else ", with nothing to spare"
    return escape(text)


def _to_try(results: Sequence[GoalResult], diagnosis: Sequence[Diagnosis]) -> list[str]:
    lines = _once(f"- {escape(found.try_)}" for found in diagnosis)
    if lines:
        return lines
    if results and all(result.met for result in results):
        return ["- Nothing has to change. Ask what the next fault would be that this design does not survive."]
    return ["- Follow one event that fared badly, hop by hop, and see where its time goes."]


def _once(lines: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(lines))
