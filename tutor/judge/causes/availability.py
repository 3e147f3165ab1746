"""Causes where a part is down and nothing takes its place."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.endings import endings, harmed
from tutor.judge.evidence.paths import patience_ms
from tutor.judge.evidence.run import RunEvidence, Span
from tutor.judge.evidence.symptom import BACKLOG, FAILED, LOST, SLOW, Symptom
from tutor.judge.evidence.waits import BLOCKED, CUT, DOWN, DRAINING
from tutor.judge.words import render_clock, render_number, render_s, render_share, times
from tutor.model.wire import Subscribe, Wire
from tutor.words import say


def failures_by_part(case: RunEvidence, symptom: Symptom) -> dict[str, float]:
    """Counts failed requests by the part that was down at the time."""
    found: dict[str, float] = {}
    for failure in case.failures.near(symptom):
        if failure.state in (DOWN, DRAINING):
            found[failure.by] = found.get(failure.by, 0.0) + failure.count
        elif failure.state == BLOCKED and failure.root_state == DOWN:
            found[failure.root] = found.get(failure.root, 0.0) + failure.count * 0.5
    return found


def _amounts(case: RunEvidence, symptom: Symptom) -> tuple[dict[str, float], float]:
    """Returns how much each part that was down costs the symptom, and the total."""
    if symptom.kind == FAILED:
        return failures_by_part(case, symptom), case.failures.total(symptom)
    if symptom.kind == LOST:
        return _losses_by_part(case, symptom)
    found: dict[str, float] = {}
    for wait in case.waits.near(symptom):
        if wait.state == DOWN:
            found[wait.by] = found.get(wait.by, 0.0) + 0.8 * wait.seconds
    total = case.waits.total(symptom)
    if symptom.metric.endswith("/pending"):
        for name, count in _kept_by_callers(case, symptom).items():
            found[name] = found.get(name, 0.0) + 0.8 * count
            total += count
    if not total and symptom.kind == SLOW and symptom.value and "_ms" in symptom.metric:
        # nothing waited where it could be seen: the sender kept it until the part was up again
        away = {name: case.outages(name) for name in case.near(symptom)}
        longest = {name: max(end - start for start, end in spans) for name, spans in away.items() if spans}
        return {name: 800 * min(s, symptom.value / 1000) for name, s in longest.items()}, symptom.value
    return found, total


def _kept_by_callers(case: RunEvidence, symptom: Symptom) -> dict[str, int]:
    """Counts the attempts that callers and publishers still had under way at the end, by the part they waited
    for, where that was down then.
    """
    found: dict[str, int] = {}
    starts = {*case.near(symptom), *case.clients_of(symptom)}
    for wire in case.design.wires:
        track = case.wire_track(wire.ref)
        if wire.source not in starts or track is None or not track.waiting or not case.down(wire.target)[-1]:
            continue
        found[wire.target] = found.get(wire.target, 0) + track.waiting[-1]
    return {name: count for name, count in found.items() if count}


def _losses_by_part(case: RunEvidence, symptom: Symptom) -> tuple[dict[str, float], float]:
    """Counts the followed events that ended at a part, or on the way to it, while it was down, and all that
    were lost.
    """
    ends = endings(case, symptom, "lost")
    found: dict[str, float] = {}
    for ending in ends:
        wire = case.design.wire(ending.wire)
        for name in dict.fromkeys([ending.where, wire.target if wire is not None else ending.where]):
            stood = [
                span
                for span in case.outages(name)
                if span[0] - case.step_s <= ending.first_s <= span[1] + case.step_s
            ]
            if stood:
                found[name] = found.get(name, 0.0) + 0.8 * len(ending.journeys)
    return found, float(sum(len(ending.journeys) for ending in ends))


def _single_point(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    amounts, total = _amounts(case, symptom)
    amounts = {name: amount for name, amount in amounts.items() if not _fails_over(case, name)}
    if not amounts or total <= 0:
        return None
    name = max(amounts, key=lambda one: amounts[one])
    outages = case.outages(name)
    if not outages:
        return None
    away = sum(end - start for start, end in outages)
    longest = max(outages, key=lambda span: span[1] - span[0])
    rows: list[Row] = [
        row("copies", render_number(case.replicas(name)), part=case.name(name)),
        row("time-up", render_share(max(0.0, 1 - away / case.end_s)), part=case.name(name)),
        row("was-down-in-all", say("causes.said.times-in-all", times=times(len(outages)), all=away)),
        row("longest-outage", say("causes.said.span", start=longest[0], end=longest[1])),
    ]
    if symptom.kind == FAILED:
        rows.append(row("failed-meanwhile", say("causes.said.of-all", count=round(amounts[name]), all=total)))
    facts = {
        "part": case.name(name),
        "when": say(
            "causes.said.longest-span" if len(outages) > 1 else "causes.said.one-span",
            start=longest[0],
            end=longest[1],
        ),
        "away": render_s(away),
        "times": times(len(outages)),
    }
    return Explanation(
        amounts[name] / total,
        component=name,
        facts=facts,
        evidence=tuple(rows),
        at_s=longest[0],
        variant="all-hang" if case.replicas(name) > 1 and case.hangs_whole(name) else "",
    )


def _fails_over(case: RunEvidence, name: str) -> bool:
    """Returns whether a broker or database has other nodes that take over; where all of them hang, none
    does.
    """
    part = case.part(name)
    if part is None or part.kind == "service" or case.replicas(name) == 1:
        return False
    return not case.hangs_whole(name)


_MOSTLY_ONE = 0.6
"""Where one link has more than this share of all the time that links are down, that link is the story and not
the chain.
"""


def _series_product(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    amounts = failures_by_part(case, symptom)
    total = case.failures.total(symptom)
    if len(amounts) < 2 or total <= 0:
        return None
    ups = {name: _one_up(case, name) for name in amounts}
    down = {name: 1 - up for name, up in ups.items()}
    # by the time that each is down, and not by the failures of this run: outages shorter than a step of the
    # timeline are not all seen
    if max(down.values()) > _MOSTLY_ONE * sum(down.values()):
        return None
    product = 1.0
    for up in ups.values():
        product *= up
    names = sorted(amounts, key=lambda one: -amounts[one])
    rows: list[Row] = [row("time-up", render_share(ups[name]), part=case.name(name)) for name in names]
    rows.append(row("all-up", render_share(product)))
    rows += [
        row("failed-while-down", render_number(round(amounts[name])), part=case.name(name)) for name in names
    ]
    facts = {
        "count": say("causes.counted.part", count=len(names)),
        "names": ", ".join(case.name(name) for name in names),
        "product": render_share(product),
        "best": render_share(min(ups.values())),
    }
    worst = case.outages(names[0])
    return Explanation(
        sum(amounts.values()) / total,
        component=names[0],
        facts=facts,
        evidence=tuple(rows),
        at_s=worst[0][0] if worst else None,
    )


def _one_up(case: RunEvidence, name: str) -> float:
    """Returns the share of time in which at least one copy of a part is up, assuming that copies fail on
    their own.
    """
    up = case.count(name, "up") or 1.0
    copies = case.replicas(name)
    return 1 - (1 - up) ** copies if isinstance(copies, int) else up


def _cut_off(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a wire that a fault cut, on the path of the events that failed, were lost or waited."""
    near = {*case.near(symptom), *case.places(symptom), *case.clients_of(symptom)}
    best: tuple[float, Wire] | None = None
    for wire in case.design.wires:
        if wire.source not in near or wire.target not in near:
            continue
        away = sum(end - start for start, end in case.cuts(wire))
        if away and (best is None or away > best[0]):
            best = away, wire
    gone = _removed(case, symptom, near)
    if gone is not None and (best is None or gone.share >= _share_while(case, symptom, case.cuts(best[1]))):
        return gone
    if best is None:
        return None
    away, wire = best
    cuts = case.cuts(wire)
    # what else was in trouble shares what went wrong: a cut explains as much of it as lies in its time
    share = _share_while(case, symptom, cuts)
    return found(
        0.9 * share,
        *(row("was-cut", say("causes.said.span", start=a, end=b), wire=case.ends(wire)) for a, b in cuts[:3]),
        component=wire.target,
        wire=wire.ref,
        at_s=cuts[0][0],
        wire_name=case.ends(wire),
        part=case.name(wire.source),
        times=times(len(cuts)),
        away=away,
    )


def _removed(case: RunEvidence, symptom: Symptom, near: set[str]) -> Explanation | None:
    """Finds a wire that a fault removed for good, on the path of what failed, was lost or waits."""
    best: Explanation | None = None
    for wire in case.design.wires:
        at_s = case.removed_at(wire)
        if at_s is None or wire.source not in near or wire.target not in near:
            continue
        if isinstance(wire, Subscribe):
            share = _share_unread(case, symptom, wire)
        elif symptom.kind in (FAILED, LOST) or (
            symptom.kind == BACKLOG
            and case.kind(wire.source) == "service"
            and case.count(wire.source, "failed")
        ):
            share = _share_while(case, symptom, [(at_s, case.end_s)])
        else:
            continue  # what could not leave its sender makes nothing else late
        explained = found(
            0.9 * share,
            row("was-removed", say("causes.said.at-moment", at=at_s), wire=case.ends(wire)),
            component=wire.target,
            wire=wire.ref,
            at_s=at_s,
            variant="removed",
            wire_name=case.ends(wire),
            part=case.name(wire.source),
            at=render_clock(at_s),
        )
        if explained is not None and (best is None or explained.share > best.share):
            best = explained
    return best


def _share_unread(case: RunEvidence, symptom: Symptom, wire: Subscribe) -> float:
    """Returns the share of a loss, or of what waits, that a channel had for the reader at a removed wire."""
    if symptom.kind == LOST:
        total = case.count(symptom.place, "dropped") or harmed(case, symptom)
        return min(1.0, case.count(wire.source, "dropped_by", "no-subscription") / total) if total else 0.0
    total = case.waits.total(symptom)
    here = [wait for wait in case.waits.here(symptom, wire.source) if wait.state == CUT]
    return sum(wait.seconds for wait in here) / total if total else 0.0


def _share_while(case: RunEvidence, symptom: Symptom, spans: list[Span]) -> float:
    """Returns the share of the symptom's failures or waits that fell in these times or soon after."""
    if case.timeline is None:
        return 0.5
    inside = {step for a, b in spans for step in range(case.step_at(a), case.step_at(b) + 1)}
    if symptom.kind == FAILED:
        tracks = [
            case.timeline.clients[one].failed
            for one in case.clients_of(symptom)
            if one in case.timeline.clients
        ]
        patience = max((patience_ms(wire) or 0.0 for wire in case.design.wires), default=0.0) / 1000
        inside |= {step for _, b in spans for step in range(case.step_at(b), case.step_at(b + patience) + 1)}
    else:
        tracks = [
            track.outstanding
            for key, track in case.timeline.effects.items()
            if key == f"{symptom.place}/{symptom.event}"
        ]
        if not tracks:
            tracks = [track.depth for name in case.near(symptom) if (track := case.track(name))]
    total = sum(sum(values) for values in tracks)
    return (
        sum(sum(values[step] for step in inside if step < len(values)) for values in tracks) / total
        if total
        else 0.5
    )


CAUSES = (
    Cause(
        id="cut-off",
        explains=frozenset({FAILED, LOST, SLOW, BACKLOG}),
        concept="partition",
        find=_cut_off,
        depth=1.15,
        follows=frozenset({"not-durable", "nobody-subscribed"}),
    ),
    Cause(
        id="single-point-of-failure",
        explains=frozenset({FAILED, SLOW, BACKLOG, LOST}),
        concept="single-point-of-failure",
        find=_single_point,
    ),
    Cause(
        id="series-product",
        explains=frozenset({FAILED}),
        concept="availability",
        find=_series_product,
        depth=1.2,
    ),
)
"""The causes of this family."""
