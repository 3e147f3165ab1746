"""A post-mortem of a run, as for an incident: what happened, its impact, its causes, what went well, what to
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
from tutor.judge.words import at_once, names_of, render_clock, render_metric
from tutor.model.level import Level
from tutor.model.report import Outcome, pointer_tokens
from tutor.model.scenario import Scenario
from tutor.model.timeline import Mark
from tutor.words import say
from tutor.words.happenings import detail_words, mark_kind_words

MOST_MOMENTS = 40
"""Rows of the timeline; what is left out is counted in its last line."""
MOST_CAUSES = 5
"""Causes that are described in full; lesser ones are counted."""
NAMED_FAULTS = 3
"""Up to so many faults are named in the summary."""


def heading() -> str:
    """Returns the heading of every post-mortem: it marks a file as one."""
    return f"# {say('postmortem.heading')} "


_SIGNS = re.compile(r"[\\`*\[\]<|#~&]|(?<!\w)_|_(?!\w)|^[-+>=](?!\d)|(?<=\d)[.)](?=\s)")


def escape(text: str) -> str:
    """Escapes a text from a file as data in Markdown: one line, no control characters, no sign that means
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
    """Returns the post-mortem of one run as a Markdown document that ends in a line break.

    ``subject`` is the thing that was run: a level with the tried design in its scenario, or a scenario alone.
    ``diagnosis`` has the findings of this outcome; ``design`` a name for the design and ``verdict`` the line
    on all seeds, where there are such.
    """
    told = _Document(subject, outcome, diagnosis)
    title = subject.title if isinstance(subject, Level) else say("postmortem.sandbox")
    parts = [
        [f"{heading()}{escape(title)}", "", *told.head(design, verdict)],
        [f"## {say('postmortem.part.summary')}", "", *told.summary()],
        [f"## {say('postmortem.part.impact')}", "", *told.impact()],
        [f"## {say('postmortem.part.timeline')}", "", *told.timeline()],
        [f"## {say('postmortem.part.causes')}", "", *told.causes()],
        [f"## {say('postmortem.part.went-well')}", "", *told.went_well()],
        [f"## {say('postmortem.part.to-try')}", "", *told.to_try()],
    ]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


class _Document:
    """One run, described section by section; every method gives lines."""

    def __init__(self, subject: Level | Scenario, outcome: Outcome, diagnosis: Sequence[Diagnosis]) -> None:
        self.subject = subject
        self.scenario = subject.scenario if isinstance(subject, Level) else subject
        self.outcome = outcome
        self.diagnosis = diagnosis
        self.results = judge_goals(subject.goals, outcome.report) if isinstance(subject, Level) else ()
        self.missed = [result for result in self.results if not result.met]
        self._names = names_of(self.scenario.design)

    def name(self, place: str) -> str:
        """Returns the screen's name of a part, a wire (by pair or reference), or an effect's place, as data
        in Markdown.
        """
        ends = place.partition(":")[0].split("->")
        called = [at_once(end, self._names) for end in ends]
        return escape(
            called[0] if len(called) == 1 else say("names.wire", source=called[0], target=called[1])
        )

    def head(self, design: str, verdict: str) -> list[str]:
        """Returns the head of the document: what it is about."""
        run = self.scenario.run
        lines = []
        if isinstance(self.subject, Level):
            lines.append(say("postmortem.level", level=escape(self.subject.id)))
        if design:
            lines.append(say("postmortem.design", design=escape(design)))
        facts = {"seed": self.outcome.report.data.get("seed", run.seed), "duration": run.duration_s}
        lines.append(
            say("postmortem.run-drain", **facts, drain=run.drain_s)
            if run.drain_s
            else say("postmortem.run", **facts)
        )
        if verdict:
            lines.append(say("postmortem.verdict", verdict=escape(verdict)))
        if not self.outcome.report.complete:
            lines.append(say("postmortem.stopped"))
        return [f"- {line}" for line in lines]

    def summary(self) -> list[str]:
        """Returns the summary: how much came in, which faults struck, which goals were missed, and the main
        cause.
        """
        clients = self.outcome.report.data.get("client", {}).values()
        lines = [say("postmortem.requests", count=sum(int(client.get("requests", 0)) for client in clients))]
        lines.append(self._struck())
        if self.missed:
            lines.append(say("postmortem.missed", count=len(self.missed), goals=len(self.results)))
        elif self.results:
            lines.append(say("postmortem.met"))
        paragraphs = [" ".join(lines)]
        if self.diagnosis:
            first = self.diagnosis[0]
            paragraphs.append(say("postmortem.main", cause=escape(first.title), what=escape(first.what)))
        return ["\n\n".join(paragraphs)]

    def _struck(self) -> str:
        happened = [
            fault
            for place, fault in enumerate(self.scenario.faults)
            if place not in self.outcome.unhit_faults and not fault.hidden
        ]
        if not happened:
            return say("postmortem.no-fault")
        names = list(
            dict.fromkeys(
                say("faults.part", fault=fault.title, part=self.name(fault.target)) for fault in happened
            )
        )
        if len(names) > NAMED_FAULTS:
            return say("postmortem.faults", count=len(happened))
        return say("postmortem.faults-named", count=len(happened), faults=names)

    def impact(self) -> list[str]:
        """Returns the goals, then the harm to clients and effects, and for how long."""
        lines: list[str] = []
        if self.results:
            lines = [_row(*(say(f"postmortem.column.{one}") for one in ("goal", "wanted", "measured")), "")]
            lines.append("| --- | --- | --- | --- |")
            for result in self.results:
                value = (
                    render_metric(result.goal.metric, result.value)
                    if result.value is not None
                    else result.reason
                )
                cells = [escape(one) for one in (result.goal.say, render_limits(result.goal), value)]
                how = say("postmortem.goal-met") if result.met else f"**{say('postmortem.goal-missed')}**"
                lines.append(_row(*cells, how))
            lines.append("")
        return [*lines, *self._who_met_it()]

    def _who_met_it(self) -> list[str]:
        lines = []
        data = self.outcome.report.data
        for name, client in data.get("client", {}).items():
            facts = {
                "part": self.name(name),
                "count": client.get("requests", 0),
                "failed": client.get("failed", 0),
            }
            share, when = client.get("availability"), self._how_long(name)
            if share is None:
                lines.append(say("postmortem.client", **facts))
            elif when is None:
                lines.append(say("postmortem.client-share", **facts, share=share))
            else:
                lines.append(say("postmortem.client-failing", **facts, share=share, **when))
        for place, events in data.get("effect", {}).items():
            for event, counts in events.items():
                bad = [say(f"postmortem.bad.{key}", count=counts[key]) for key in _BAD if counts.get(key)]
                told = say(
                    "postmortem.applied", count=counts.get("applied", 0), expected=counts.get("expected", 0)
                )
                lines.append(
                    say(
                        "postmortem.effect",
                        event=escape(event),
                        part=self.name(place),
                        counts=[told, *bad],
                    )
                )
        return [f"- {line}" for line in lines or [say("postmortem.no-numbers")]]

    def _how_long(self, client: str) -> dict[str, float] | None:
        """Returns from when to when a client saw failures, and for how long; None if it saw none."""
        timeline = self.outcome.timeline
        track = timeline.clients.get(client) if timeline is not None else None
        steps = [step for step, failed in enumerate(track.failed) if failed] if track is not None else []
        if timeline is None or not steps:
            return None
        first, last = steps[0] * timeline.step_s, (steps[-1] + 1) * timeline.step_s
        return {"first": first, "last": last, "length": last - first}

    def timeline(self) -> list[str]:
        """Returns the marks of the run, the first event that broke each goal, and where each cause shows."""
        timeline = self.outcome.timeline
        if timeline is None:
            return [say("postmortem.no-timeline")]
        hidden = {(fault.kind, fault.target) for fault in self.scenario.faults if fault.hidden}
        moments = [
            (mark.at_s, self._mark(mark)) for mark in timeline.marks if (mark.what, mark.target) not in hidden
        ]
        for result in self.missed:
            breaking = first_breaking(result, self.scenario, self.outcome)
            if breaking is not None:
                said = say(
                    "postmortem.first-event",
                    goal=escape(result.goal.say),
                    event=breaking.journey.event_id,
                    what=breaking.said,
                )
                moments.append((breaking.at_s, said))
        shown = enumerate(self.diagnosis[:MOST_CAUSES], 1)
        moments += [
            (found.at_s, say("postmortem.cause-here", number=place, cause=escape(found.title)))
            for place, found in shown
            if found.at_s is not None
        ]
        moments.append((self.scenario.run.duration_s, say("postmortem.traffic-stops")))
        rows = sorted(dict.fromkeys(moments), key=lambda moment: moment[0])
        left = len(rows) - MOST_MOMENTS
        lines = [
            _row(say("postmortem.column.when"), say("postmortem.column.what")),
            "| --- | --- |",
            *(f"| {render_clock(at_s)} | {said} |" for at_s, said in rows[:MOST_MOMENTS]),
        ]
        return lines if left <= 0 else [*lines, "", say("postmortem.moments-left-out", count=left)]

    def _mark(self, mark: Mark) -> str:
        what, kind = escape(detail_words(mark.what)), escape(mark_kind_words(mark.kind))
        part = self.name(mark.target) if mark.target and mark.target not in mark.what else ""
        key = mark.kind if mark.kind in ("fault", "fault-over", "first-failure") else "other-mark"
        if not what:
            key, what = "bare-mark", kind
        facts = {"what": what, "kind": kind} if key == "other-mark" else {"what": what}
        return (
            say(f"postmortem.mark-at.{key}", **facts, part=part)
            if part
            else say(f"postmortem.mark.{key}", **facts)
        )

    def causes(self) -> list[str]:
        """Returns each cause with its evidence and the goals it counts against, worst first."""
        if not self.diagnosis:
            return [
                say("postmortem.no-cause") if self.missed else say("postmortem.nothing-wrong"),
            ]
        says = {result.goal.metric: result.goal.say for result in self.results}
        lines: list[str] = []
        for place, found in enumerate(self.diagnosis[:MOST_CAUSES], 1):
            about = self.name(found.wire or found.component)
            title = escape(found.title)
            if about:
                title = say("postmortem.cause-of", cause=title, part=about)
            lines += [f"### {place}. {title}", "", escape(found.what), ""]
            hit = [says[metric] for metric in found.metrics if metric in says]
            goals = escape("; ".join(dict.fromkeys(hit)))
            lines += [say("postmortem.counts-against", goals=goals), ""] if hit else []
            if found.evidence:
                rows = (f"| {escape(what)} | {escape(value)} |" for what, value in found.evidence)
                lines += [_row(say("postmortem.column.evidence"), ""), "| --- | --- |", *rows, ""]
        left = len(self.diagnosis) - MOST_CAUSES
        return [*lines, say("postmortem.causes-left-out", count=left)] if left > 0 else lines[:-1]

    def went_well(self) -> list[str]:
        """Returns the goals that passed with the room they left, and what went well without a goal for it."""
        held = [result for result in self.results if result.met]
        lines = [f"- {_held(result)}" for result in held]
        asked = {tuple(pointer_tokens(result.goal.metric)[:2]) for result in held}
        for name, client in self.outcome.report.data.get("client", {}).items():
            if client.get("requests") and client.get("failed") == 0 and ("client", name) not in asked:
                lines.append("- " + say("postmortem.no-failures", part=self.name(name)))
        for place, events in self.outcome.report.data.get("effect", {}).items():
            for event, counts in events.items():
                whole = (
                    counts.get("expected")
                    and counts.get("applied") == counts["expected"]
                    and not counts.get("duplicates")
                )
                if whole and ("effect", place) not in asked:
                    lines.append(
                        "- " + say("postmortem.all-applied", event=escape(event), part=self.name(place))
                    )
        return lines or ["- " + say("postmortem.nothing-well")]

    def to_try(self) -> list[str]:
        """Returns where to look, cause by cause; none of it is the solution."""
        lines = [
            f"- {escape(try_)}"
            for try_ in dict.fromkeys(found.try_ for found in self.diagnosis[:MOST_CAUSES])
        ]
        if lines:
            return lines
        if self.results and not self.missed:
            return ["- " + say("postmortem.try-next-fault")]
        return ["- " + say("postmortem.try-journey")]


_BAD = ("lost", "refused", "pending", "duplicates", "out_of_order", "late")
"""What an effect counts that is bad."""


def _row(*cells: str) -> str:
    """Returns a row of a table in Markdown."""
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")


def _held(result: GoalResult) -> str:
    """Describes a goal that was met: its value, and the room left if that can be said; nothing if none of the
    bad happened.
    """
    metric, value, target = result.goal.metric, result.value, target_of(result.goal)
    if target == 0 and value == 0:
        return escape(result.goal.say)
    assert value is not None
    facts = {
        "goal": result.goal.say,
        "value": render_metric(metric, value),
        "wanted": render_limits(result.goal),
    }
    if isinstance(target, int | float) and target > 0 and result.goal.at_most is not None:
        room = (target - value) / target
        if room >= 0.001:
            return escape(say("postmortem.held-room", **facts, room=round(room, 3)))
        return escape(say("postmortem.held-just", **facts))
    return escape(say("postmortem.held", **facts))
