"""A run told as an incident is told afterwards: what happened, what it cost, why, what went well, what to
try. Markdown.

Titles and names come from files: they are written as data, so that none of them can be a heading, a link or a
table of its own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor.errors import printable
from tutor.judge.causes.cause import Diagnosis
from tutor.judge.counterexample import first_breaking
from tutor.judge.goals import GoalResult, judge_goals, render_limits, target_of
from tutor.judge.words import (
    names_of,
    plural,
    render_clock,
    render_metric,
    render_number,
    render_s,
    render_share,
)
from tutor.model.level import Level
from tutor.model.report import Outcome, pointer_tokens
from tutor.model.scenario import Scenario
from tutor.model.timeline import Mark

HEADING = "# Post-mortem: "
"""What every post-mortem begins with: by this a file is known to be one."""

MOST_MOMENTS = 40
"""Rows of the timeline; what is left out is counted in its last line."""
MOST_CAUSES = 5
"""Causes that are told in full; lesser ones are counted."""
NAMED_FAULTS = 3
"""Up to so many faults are named in the summary."""

_SIGNS = re.compile(r"[\\`*\[\]<|#~&]|(?<!\w)_|_(?!\w)|^[-+>=](?!\d)|(?<=\d)[.)](?=\s)")


def escape(text: str) -> str:
    """A text from a file as data in Markdown: one line, no control characters, no sign that means
    anything.
    """
    return _SIGNS.sub(lambda match: "\\" + match.group(0), printable(text))


def write_postmortem(
    subject: Level | Scenario,
    outcome: Outcome,
    diagnosis: Sequence[Diagnosis] = (),
    *,
    design: str = "",
    verdict: str = "",
) -> str:
    """The post-mortem of one run as a Markdown document that ends in a line break.

    ``subject`` is what was run: a level with the tried design in its scenario, or a scenario alone.
    ``diagnosis`` is what was found in this outcome; ``design`` a name for the design and ``verdict`` the line
    on all seeds, where there are such.
    """
    told = _Document(subject, outcome, diagnosis)
    title = subject.title if isinstance(subject, Level) else "a run of a free board"
    parts = [
        [f"{HEADING}{escape(title)}", "", *told.head(design, verdict)],
        ["## Summary", "", *told.summary()],
        ["## Impact", "", *told.impact()],
        ["## Timeline", "", *told.timeline()],
        ["## Causes", "", *told.causes()],
        ["## What went well", "", *told.went_well()],
        ["## What to try", "", *told.to_try()],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


class _Document:
    """One run, told section by section; every method gives lines."""

    def __init__(self, subject: Level | Scenario, outcome: Outcome, diagnosis: Sequence[Diagnosis]) -> None:
        self.subject = subject
        self.scenario = subject.scenario if isinstance(subject, Level) else subject
        self.outcome = outcome
        self.diagnosis = diagnosis
        self.results = judge_goals(subject.goals, outcome.report) if isinstance(subject, Level) else ()
        self.missed = [result for result in self.results if not result.met]
        self._names = names_of(self.scenario.design)

    def name(self, place: str) -> str:
        """What the screen calls a part, a wire (by pair or reference), or an effect's place, as data in
        Markdown.
        """
        ends = place.partition(":")[0].split("->")
        return escape(
            " -> ".join(" + ".join(self._names.get(one, one) for one in end.split("+")) for end in ends)
        )

    def head(self, design: str, verdict: str) -> list[str]:
        """What this is about."""
        run = self.scenario.run
        lines = [f"- Level: {escape(self.subject.id)}"] if isinstance(self.subject, Level) else []
        lines += [f"- Design: {escape(design)}"] if design else []
        drain = f" and {render_number(run.drain_s)} s of work after it" if run.drain_s else ""
        seed = self.outcome.report.data.get("seed", run.seed)
        lines.append(f"- Run: seed {seed}, {render_number(run.duration_s)} s of traffic{drain}")
        lines += [f"- Verdict: {escape(verdict)}"] if verdict else []
        if not self.outcome.report.complete:
            lines.append(
                "- The run was stopped by its budget of simulated events: the numbers are not the whole story"
            )
        return lines

    def summary(self) -> list[str]:
        """How much came in, what struck, what was missed, and the main cause."""
        requests = sum(
            int(client.get("requests", 0)) for client in self.outcome.report.data.get("client", {}).values()
        )
        lines = [f"In this run {plural(requests, 'request')} came in and {self._struck()}."]
        if self.missed:
            lines[0] += (
                f" {plural(len(self.missed), 'goal')} of {len(self.results)}"
                f" {'was' if len(self.missed) == 1 else 'were'} missed."
            )
        elif self.results:
            lines[0] += " Every goal was met."
        if self.diagnosis:
            first = self.diagnosis[0]
            lines.append(
                f"The main cause: {escape(first.title[:1].lower() + first.title[1:])}. {escape(first.what)}"
            )
        return ["\n\n".join(lines)]

    def _struck(self) -> str:
        happened = [
            fault
            for place, fault in enumerate(self.scenario.faults)
            if place not in self.outcome.unhit_faults and not fault.hidden
        ]
        if not happened:
            return "no scheduled fault struck"
        names = list(dict.fromkeys(f"{fault.kind} of {self.name(fault.target)}" for fault in happened))
        which = f" ({', '.join(names)})" if len(names) <= NAMED_FAULTS else ""
        return f"{plural(len(happened), 'scheduled fault')} struck{which}"

    def impact(self) -> list[str]:
        """The goals, then what clients and effects met, and for how long."""
        lines: list[str] = []
        if self.results:
            lines = ["| Goal | Wanted | Measured | |", "| --- | --- | --- | --- |"]
            for result in self.results:
                value = (
                    render_metric(result.goal.metric, result.value)
                    if result.value is not None
                    else result.reason
                )
                wanted = render_limits(result.goal)
                lines.append(
                    f"| {escape(result.goal.say)} | {escape(wanted)} | {escape(value)} |"
                    f" {'met' if result.met else '**missed**'} |"
                )
            lines.append("")
        return [*lines, *self._who_met_it()]

    def _who_met_it(self) -> list[str]:
        lines = []
        data = self.outcome.report.data
        for name, client in data.get("client", {}).items():
            share = client.get("availability")
            lines.append(
                f"- {self.name(name)}: {plural(client.get('requests', 0), 'request')},"
                f" {render_number(client.get('failed', 0))} failed"
                + (f" ({render_share(share)} succeeded)" if share is not None else "")
                + self._how_long(name)
            )
        for place, events in data.get("effect", {}).items():
            for event, counts in events.items():
                bad = [
                    f"{render_number(counts[key])} {said}" for key, said in _BAD.items() if counts.get(key)
                ]
                expected = render_number(counts.get("expected", 0))
                told = ", ".join([f"{render_number(counts.get('applied', 0))} of {expected} applied", *bad])
                lines.append(f"- {escape(event)} at {self.name(place)}: {told}")
        return lines or ["- Nothing was measured."]

    def _how_long(self, client: str) -> str:
        """From when to when a client saw failures."""
        timeline = self.outcome.timeline
        track = timeline.clients.get(client) if timeline is not None else None
        steps = [step for step, failed in enumerate(track.failed) if failed] if track is not None else []
        if timeline is None or not steps:
            return ""
        first, last = steps[0] * timeline.step_s, (steps[-1] + 1) * timeline.step_s
        return (
            f"; failures from {render_clock(first)} to {render_clock(last)}, {render_s(last - first)} in all"
        )

    def timeline(self) -> list[str]:
        """The marks of the run, the first event that broke each goal, and where each cause shows."""
        timeline = self.outcome.timeline
        if timeline is None:
            return ["No timeline was kept of this run."]
        hidden = {(fault.kind, fault.target) for fault in self.scenario.faults if fault.hidden}
        moments = [
            (mark.at_s, self._mark(mark)) for mark in timeline.marks if (mark.what, mark.target) not in hidden
        ]
        for result in self.missed:
            breaking = first_breaking(result, self.scenario, self.outcome)
            if breaking is not None:
                against = f"the first event that counts against \u201c{escape(result.goal.say)}\u201d"
                moments.append((breaking.at_s, f"{against}: {breaking.journey.event_id} {breaking.said}"))
        shown = enumerate(self.diagnosis[:MOST_CAUSES], 1)
        moments += [
            (found.at_s, f"cause {place} shows here: {escape(found.title)}")
            for place, found in shown
            if found.at_s is not None
        ]
        moments.append((self.scenario.run.duration_s, "the traffic stops"))
        rows = sorted(dict.fromkeys(moments), key=lambda moment: moment[0])
        left = len(rows) - MOST_MOMENTS
        lines = [
            "| When | What |",
            "| --- | --- |",
            *(f"| {render_clock(at_s)} | {said} |" for at_s, said in rows[:MOST_MOMENTS]),
        ]
        return lines if left <= 0 else [*lines, "", f"{plural(left, 'later moment')} left out."]

    def _mark(self, mark: Mark) -> str:
        what, target = escape(mark.what), self.name(mark.target)
        where = f" at {target}" if target and mark.target not in mark.what else ""
        match mark.kind:
            case "fault":
                return f"**{what or 'a fault'}{where} begins**"
            case "fault-over":
                return f"{what or 'the fault'}{where} is over"
            case "first-failure":
                return f"**first failure**{where}{': ' + what if what else ''}"
        return f"{escape(mark.kind.replace('-', ' '))}{where}{': ' + what if what else ''}"

    def causes(self) -> list[str]:
        """Each cause with its evidence and the goals it counts against, worst first."""
        if not self.diagnosis:
            return [
                (
                    "No cause was found for what went wrong."
                    if self.missed
                    else "Nothing went wrong that needs a cause."
                )
            ]
        says = {result.goal.metric: result.goal.say for result in self.results}
        lines: list[str] = []
        for place, found in enumerate(self.diagnosis[:MOST_CAUSES], 1):
            about = self.name(found.wire or found.component)
            lines += [
                f"### {place}. {escape(found.title)}{f' ({about})' if about else ''}",
                "",
                escape(found.what),
                "",
            ]
            hit = [says[metric] for metric in found.metrics if metric in says]
            lines += [f"It counts against: {escape('; '.join(dict.fromkeys(hit)))}.", ""] if hit else []
            if found.evidence:
                rows = (f"| {escape(what)} | {escape(value)} |" for what, value in found.evidence)
                lines += ["| Evidence | |", "| --- | --- |", *rows, ""]
        left = len(self.diagnosis) - MOST_CAUSES
        return [*lines, f"{plural(left, 'lesser cause')} left out."] if left > 0 else lines[:-1]

    def went_well(self) -> list[str]:
        """The goals that held with the room they left, and what no goal asks for and held all the same."""
        held = [result for result in self.results if result.met]
        lines = [f"- {escape(result.goal.say)}{_margin(result)}" for result in held]
        asked = {tuple(pointer_tokens(result.goal.metric)[:2]) for result in held}
        for name, client in self.outcome.report.data.get("client", {}).items():
            if client.get("requests") and client.get("failed") == 0 and ("client", name) not in asked:
                lines.append(f"- No request of {self.name(name)} failed.")
        for place, events in self.outcome.report.data.get("effect", {}).items():
            for event, counts in events.items():
                whole = (
                    counts.get("expected")
                    and counts.get("applied") == counts["expected"]
                    and not counts.get("duplicates")
                )
                if whole and ("effect", place) not in asked:
                    lines.append(f"- Every {escape(event)} took effect at {self.name(place)}, once.")
        return lines or ["- Nothing that was to hold held."]

    def to_try(self) -> list[str]:
        """Where to look, cause by cause; nothing of it is the solution."""
        lines = [
            f"- {escape(try_)}"
            for try_ in dict.fromkeys(found.try_ for found in self.diagnosis[:MOST_CAUSES])
        ]
        if lines:
            return lines
        if self.results and not self.missed:
            return [
                "- Nothing has to change. Ask what the next fault would be that this design does not survive."
            ]
        return ["- Follow one event that fared badly, hop by hop, and see where its time goes."]


_BAD = {
    "lost": "lost",
    "refused": "refused",
    "pending": "unfinished at the end",
    "duplicates": "applied again",
    "out_of_order": "out of order",
    "late": "late",
}
"""What an effect counts that is bad, in words."""


def _margin(result: GoalResult) -> str:
    """For a goal that was met: its value, and how much room is left where that can be said; nothing where
    none of the bad happened.
    """
    metric, value, target = result.goal.metric, result.value, target_of(result.goal)
    if target == 0 and value == 0:
        return ""
    assert value is not None
    text = f": {render_metric(metric, value)}, wanted {render_limits(result.goal)}"
    if isinstance(target, int | float) and target > 0 and result.goal.at_most is not None:
        room = (target - value) / target
        text += (
            f", with {render_share(round(room, 3))} of it to spare"
            if room >= 0.001
            else ", with nothing to spare"
        )
    return escape(text)
