"""Causes where a limit decides: how long a message may wait, how many may, and who is turned away at the
door.
"""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found
from tutor.judge.evidence.endings import harmed
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import peak
from tutor.judge.evidence.symptom import DIVERGED, FAILED, LOST, Symptom
from tutor.judge.words import render_clock, render_number, render_s, render_share
from tutor.model.wire import DeadLetter
from tutor.words import say


def dropped(case: RunEvidence, symptom: Symptom, reason: str) -> tuple[float, str]:
    """How many messages channels near a symptom dropped for a reason, and the channel that dropped most of
    them.
    """
    counts = {name: case.count(name, "dropped_by", reason) for name in _channels(case, symptom)}
    name = max(counts, key=lambda one: counts[one], default="")
    return sum(counts.values()), name


def _channels(case: RunEvidence, symptom: Symptom) -> list[str]:
    near = [name for name in case.near(symptom) if case.paths.is_channel(name)]
    aside = [wire.target for name in near for wire in case.paths.out(name, DeadLetter)]
    return list(dict.fromkeys([*near, *aside]))


def _expired(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    gone, name = dropped(case, symptom, "expired")
    part = case.buffer(name)
    total = harmed(case, symptom)
    if not gone or total <= 0 or part is None or part.ttl_s is None:
        return None
    track = case.track(name)
    step, most = peak(track.depth) if track else (0, 0)
    ttl = part.ttl_s
    return found(
        gone / total,
        (f"a message may wait in {case.name(name)}", render_s(ttl)),
        ("expired there", render_number(gone)),
        ("most that waited", f"{render_number(most)} at {render_clock(case.moment(step))}"),
        *_absences(case, name),
        component=name,
        at_s=_first_failed(case, name),
        part=case.name(name),
        ttl=render_s(ttl),
        gone=int(gone),
        where=_where_to(case, name),
    )


def _where_to(case: RunEvidence, channel: str) -> str:
    """Where a channel puts what it gives up, in words."""
    aside = [case.name(wire.target) for wire in case.paths.out(channel, DeadLetter)]
    return say("causes.said.dead-lettered-to", channels=aside) if aside else say("causes.said.gone")


def _absences(case: RunEvidence, channel: str) -> list[Row]:
    rows: list[Row] = []
    for wire in case.paths.subscribers(channel):
        rows += [
            (f"{case.name(wire.target)} was away", f"{render_clock(a)} to {render_clock(b)}")
            for a, b in case.outages(wire.target)[:2]
        ]
    return rows


def _first_failed(case: RunEvidence, name: str) -> float | None:
    track = case.track(name)
    for step, count in enumerate(track.failed if track else ()):
        if count:
            return case.moment(step)
    return None


def _overflow(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    gone, name = dropped(case, symptom, "overflow")
    if not gone:
        refusing = {one: case.count(one, "refused") for one in _channels(case, symptom)}
        name = max(refusing, key=lambda one: refusing[one], default="")
        gone = refusing.get(name, 0.0)
    buffer = case.buffer(name)
    limit = buffer.max_length if buffer else None
    total = harmed(case, symptom)
    if not gone or buffer is None or limit is None or total <= 0:
        return None
    rule = say("causes.said.refuses-new") if buffer.overflow == "reject" else say("causes.said.drops-oldest")
    return found(
        gone / total,
        (f"room in {case.name(name)}", render_number(limit)),
        ("when it is full it", rule),
        ("messages that this hit", render_number(gone)),
        *_absences(case, name),
        component=name,
        at_s=_first_failed(case, name) or case.first_mark("full", name),
        part=case.name(name),
        limit=limit,
        rule=rule,
        gone=int(gone),
        where=_where_to(case, name),
    )


def _shed(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    refusing = {
        name: case.count(name, "refused")
        for name in case.near(symptom)
        if (part := case.service(name)) is not None and part.queue_limit is not None
    }
    name = max(refusing, key=lambda one: refusing[one], default="")
    total = harmed(case, symptom)
    if not refusing.get(name) or total <= 0:
        return None
    track = case.track(name)
    step, _ = peak(track.failed) if track else (0, 0)
    shedding = case.service(name)
    limit = (shedding.queue_limit if shedding else None) or 0
    return found(
        refusing[name] / total,
        (f"places in line at {case.name(name)}", render_number(limit)),
        ("requests turned away", render_number(refusing[name])),
        ("busy", render_share(case.count(name, "utilization"))),
        ("most turned away", f"at {render_clock(case.moment(step))}"),
        component=name,
        at_s=_first_failed(case, name),
        part=case.name(name),
        limit=limit,
        refused=refusing[name],
        when=render_clock(case.moment(step)),
    )


CAUSES = (
    Cause(
        id="expired",
        explains=frozenset({LOST, DIVERGED}),
        concept="time-to-live",
        find=_expired,
        depth=1.2,
    ),
    Cause(
        id="overflow",
        explains=frozenset({LOST, FAILED, DIVERGED}),
        concept="max-length",
        follows=frozenset({"deadlock"}),
        find=_overflow,
        depth=1.25,
    ),
    Cause(
        id="shed",
        explains=frozenset({FAILED, LOST}),
        concept="load-shedding",
        find=_shed,
        depth=1.25,
    ),
)
"""The causes of this family."""
