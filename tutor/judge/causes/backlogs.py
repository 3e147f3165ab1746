"""Causes in a backlog: worked off too slowly, or too old to be worth the work."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.run import RunEvidence, Span
from tutor.judge.evidence.series import at, mean, peak
from tutor.judge.evidence.symptom import BACKLOG, SLOW, Symptom
from tutor.judge.evidence.waits import DOWN, DRAINING
from tutor.judge.words import render_number, render_s
from tutor.model.component import Channel, Service
from tutor.model.wire import Subscribe
from tutor.words import say


def _slow_drain(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    waits = [wait for wait in case.waits.near(symptom) if wait.state == DRAINING]
    total = case.waits.total(symptom)
    if not waits or total <= 0:
        return None
    worst = waits[0]
    rest = case.track(worst.at)
    if rest is not None and rest.depth[-1] > 0.1 * worst.peak:
        return None  # it was never worked off
    stood = [wait for wait in case.waits.near(symptom) if wait.state == DOWN and wait.at == worst.at]
    draining = sum(wait.seconds for wait in waits if wait.by == worst.by)
    lasted = worst.to_s - worst.from_s
    outages = [
        (end, start, name)
        for name in (worst.by, worst.at)
        for start, end in case.outages(name)
        if end <= worst.from_s + case.step_s
    ]
    until, since, gone = max(outages, default=(0.0, 0.0, worst.by))
    away = until - since
    if lasted < away * 0.2:
        return None
    track, line = case.track(worst.by), case.track(worst.at)
    first, last = case.step_at(worst.from_s), case.step_at(worst.to_s)
    done = mean(track.done, first, last) / case.step_s if track else 0.0
    shrink = (worst.peak - (at(line.depth, last, 0) if line else 0)) / max(lasted, case.step_s)
    share = min(1.0, (draining + 0.5 * sum(wait.seconds for wait in stood)) / total)
    rows: list[Row] = [
        row("was-away-from", render_s(away), part=case.name(gone)),
        row("piled-up-then", render_number(worst.peak)),
        row("then-completes", say("causes.said.a-second", rate=done)),
        row("shrinks-by", say("causes.said.a-second", rate=max(0.0, shrink))),
        row("drain-time", render_s(lasted)),
    ]
    facts = {
        "part": case.name(worst.by),
        "line": case.name(worst.at),
        "gone": case.name(gone),
        "away": render_s(away),
        "pile": worst.peak,
        "shrink": max(0.0, shrink),
        "lasted": render_s(lasted),
    }
    return Explanation(
        share,
        component=worst.by,
        facts=facts,
        evidence=tuple(rows),
        at_s=worst.from_s,
        variant=_kind_of_pile(case, gone, worst.at),
    )


def _stale_work(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds work that is done in full, in order, and too late to be worth anything."""
    effect = case.effect(symptom)
    if effect is None or effect.deadline_s is None:
        return None
    root = f"/effect/{effect.name}/{effect.event}"
    if not symptom.metric.endswith("/late") or case.number(f"{root}/late") < 0.05 * max(
        case.number(f"{root}/applied"), 1.0
    ):
        return None
    late, applied = case.effect_count(symptom, "late"), case.effect_count(symptom, "applied")
    best: tuple[float, str] | None = None
    for name in case.near(symptom):
        part, track = case.part(name), case.track(name)
        if part is None or track is None or not (case.paths.is_channel(name) or part.kind == "service"):
            continue
        if isinstance(part, Channel | Service) and part.discipline == "lifo":
            continue
        if isinstance(part, Channel) and part.ttl_s is not None:
            continue
        oldest = max(track.extra.get("oldest_age_s", [0.0]), default=0.0)
        if oldest > effect.deadline_s and (best is None or oldest > best[0]):
            best = oldest, name
    if best is None:
        return None
    oldest, name = best
    track = case.track(name)
    step, most = peak(track.depth) if track else (0, 0)
    rows: list[Row] = [
        row("worth-for", render_s(effect.deadline_s)),
        row("oldest", render_s(oldest), part=case.name(name)),
        row("most-waiting", say("causes.said.at", count=most, at=case.moment(step)), part=case.name(name)),
        row("done-in-all", render_number(applied)),
        row("done-late", render_number(late)),
    ]
    facts = {
        "line": case.name(name),
        "deadline": render_s(effect.deadline_s),
        "oldest": render_s(oldest),
        "what_event": effect.event,
        "late": late,
        "applied": applied,
    }
    return Explanation(1.0, component=name, facts=facts, evidence=tuple(rows), at_s=case.moment(step))


def _kind_of_pile(case: RunEvidence, gone: str, line: str) -> str:
    """Returns how a backlog came about: in a channel as intended, in the line of a service, or in the parts
    that kept it for a channel that was down itself.
    """
    if not case.paths.is_channel(line):
        return "line"
    return "kept" if gone == line else ""


_NOTICEABLE = 0.2
"""A pile that is a smaller share of the longest line afterwards than this did not make that line."""


def _outage_backlog(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds work that piled up during an outage and is still there, or that made others wait long
    after it.
    """
    best: tuple[int, str, str, Span] | None = None
    for line in case.near(symptom):
        track = case.track(line)
        if track is None or not any(track.depth):
            continue
        takers = dict.fromkeys([line, *(wire.target for wire in case.paths.subscribers(line))])
        spans = [(span, name) for name in takers for span in case.outages(name)]
        spans += [(span, wire.target) for wire in case.paths.subscribers(line) for span in case.cuts(wire)]
        for span, name in spans:
            before = case.piled_before(line, name, case.step_at(span[0]))
            piled = at(track.depth, case.step_at(span[1]), 0) - before
            if piled > 2 and (best is None or piled > best[0]):
                best = piled, line, name, span
    if best is None:
        return None
    piled, line, name, (start, end) = best
    track = case.track(line)
    depth = track.depth if track else []
    left = depth[-1] if depth else 0
    after = sum(depth[case.step_at(end) :]) * case.step_s
    total = case.waits.total(symptom)
    if symptom.metric.endswith(("/pending", "/queue/end")):
        if not left:
            return None
        share = min(1.0, piled / left) * 0.8
    else:
        # of what waited afterwards it explains as much as it is of the longest line there
        longest = max(depth[case.step_at(end) :], default=0)
        part = min(1.0, piled / longest) if longest else 0.0
        share = 0.8 * min(1.0, after / total) * part if total and part >= _NOTICEABLE else 0.0
    return found(
        share,
        row("was-away", render_s(end - start), part=case.name(name)),
        row("piled-up", render_number(at(depth, case.step_at(end), 0)), part=case.name(line)),
        row("still-waiting", render_number(left), part=case.name(line)),
        component=line,
        at_s=start,
        variant=_kind_of_pile(case, name, line),
        gone=case.name(name),
        away=end - start,
        pile=piled,
        line=case.name(line),
        left=left,
    )


def _still_at_work(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds, where no unfinished event was followed, that no more is unfinished than a part had begun, or had
    on the wire to its free workers.
    """
    name = case.places(symptom)[0]
    track = case.track(name)
    if track is None or not track.busy or case.down(name)[-1]:
        return None
    coming = sum(
        case.count(wire.source, "in_flight")
        for wire in case.paths.into(name, Subscribe)
        if case.buffer(wire.source) is not None
    )
    begun = max(track.busy[-1], min(int(coming), case.hands(name)))
    if not symptom.value or symptom.value > begun:
        return None
    return found(
        0.08,
        row("at-work-at-end", render_number(begun), part=case.name(name)),
        component=name,
        variant="at-work",
        part=case.name(name),
    )


def _cut_short(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds work that is unfinished only because the run was over: it is no older than what was done got."""
    if not symptom.metric.endswith(("/pending", "/queue/end")) or not case.places(symptom):
        return None
    effect = case.effect(symptom)
    about = [effect] if effect is not None else list(case.scenario.effects)
    left = [
        one
        for one in case.journeys(symptom, "pending")
        if one.hops and (not symptom.event or one.type == symptom.event)
    ]
    if effect is None:  # those whose last step was at this part
        left = [one for one in left if one.hops[-1].where in case.places(symptom)]
    roots = [f"/effect/{one.name}/{one.event}/delay_ms/max" for one in about]
    usual_s = max((case.number(root) for root in roots), default=0.0) / 1000
    oldest_s = max((case.end_s - one.hops[0].at_s for one in left), default=0.0)
    if not left:
        return _still_at_work(case, symptom)
    if oldest_s > usual_s:
        return None
    return found(
        0.08,
        row("oldest-unfinished", render_s(round(oldest_s, 2))),
        row("longest-done", render_s(round(usual_s, 2))),
        component=case.places(symptom)[0],
        part=case.name(case.places(symptom)[0]),
        at_s=min(one.hops[0].at_s for one in left),
        oldest=render_s(round(oldest_s, 2)),
        usual=render_s(round(usual_s, 2)),
    )


CAUSES = (
    Cause(
        id="cut-short",
        explains=frozenset({BACKLOG}),
        concept="littles-law",
        find=_cut_short,
        depth=0.5,
        resort=1,
    ),
    Cause(
        id="outage-backlog",
        explains=frozenset({BACKLOG, SLOW}),
        concept="backlog",
        find=_outage_backlog,
        depth=1.1,
        follows=frozenset({"slow-drain", "broker-down", "no-majority"}),
    ),
    Cause(
        id="slow-drain",
        explains=frozenset({SLOW, BACKLOG}),
        concept="backlog",
        find=_slow_drain,
        depth=1.15,
    ),
    Cause(
        id="stale-work",
        explains=frozenset({SLOW}),
        concept="goodput",
        find=_stale_work,
        depth=1.3,
    ),
)
"""The causes of this family."""
