"""Causes where a part polls from time to time instead of being notified."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, FAILED, LOAD, SLOW, Symptom
from tutor.judge.words import render_ms, render_number, render_s, render_share
from tutor.model.component import Database, Job
from tutor.model.wire import Capture, Poll
from tutor.words import say


def _polling_delay(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name in [*case.near(symptom), *case.places(symptom)]:
        part = case.part(name)
        if isinstance(part, Job):
            wait_ms = part.interval_s * 1000
            how = say("causes.said.every", interval=part.interval_s)
            return _delay(case, symptom, name, "", wait_ms, how)
        for wire in case.paths.into(name, Capture):
            if isinstance(wire, Capture) and wire.lag_ms >= 1000:
                return _delay(
                    case, symptom, name, wire.ref, wire.lag_ms, say("causes.said.after", lag=wire.lag_ms)
                )
    return None


def _delay(
    case: RunEvidence, symptom: Symptom, name: str, ref: str, wait_ms: float, how: str
) -> Explanation | None:
    if symptom.kind == BACKLOG:
        share = 0.4
    elif not symptom.value:
        return None
    else:
        share = min(1.0, wait_ms / symptom.value)
    source = next((wire.source for wire in case.paths.into(name, Poll, Capture)), "")
    return found(
        share,
        row("looks-at", how, part=case.name(name), other=case.name(source)),
        row("wait-mean", render_ms(wait_ms / 2)),
        row("wait-worst", render_ms(wait_ms)),
        component=name,
        wire=ref,
        at_s=0.0,
        part=case.name(name),
        how=how,
        mean=render_ms(wait_ms / 2),
        worst=render_ms(wait_ms),
    )


def _polling_load(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    near = dict.fromkeys([*case.near(symptom), *case.places(symptom)])
    best: tuple[float, str, str] | None = None
    for name in near:
        database = case.part(name)
        if not isinstance(database, Database):
            continue
        for wire in case.paths.out(name, Poll):
            job = case.part(wire.target)
            if isinstance(job, Job):
                rows = database.rows / 1000 * job.scan_ms_per_1000_rows
                load = (job.scan_ms + rows) / (job.interval_s * 1000) / database.connections
                if best is None or load > best[0]:
                    best = load, name, wire.target
    if best is None:
        return None
    load, name, job_name = best
    job = case.part(job_name)
    assert isinstance(job, Job)
    used = case.count(name, "utilization")
    if symptom.kind == LOAD:
        share = load / used if used else 0.0
    else:
        # the innocent meet a scan as often as the database is at one, and then wait for its end
        share = (
            1.0 if load > 0.02 and job.scan_ms >= 0.5 * (symptom.value or job.scan_ms) else min(0.9, load * 2)
        )
        if symptom.event and job_name in case.near(symptom):
            share *= 0.5
    return found(
        share,
        row("looks", say("causes.said.every", interval=job.interval_s), part=case.name(job_name)),
        row("scan-cost", render_ms(job.scan_ms)),
        row("looking-share", render_share(round(min(1.0, load), 3)), part=case.name(name)),
        row("busy", render_share(round(used, 3)), part=case.name(name)),
        row("looks-an-hour", render_number(round(3600 / job.interval_s))),
        component=name,
        at_s=0.0,
        part=case.name(name),
        job=case.name(job_name),
        interval=render_s(job.interval_s),
        scan=render_ms(job.scan_ms),
        load=render_share(round(min(1.0, load), 2)),
    )


CAUSES = (
    Cause(
        id="polling-delay",
        explains=frozenset({SLOW, BACKLOG}),
        concept="polling",
        find=_polling_delay,
        depth=1.3,
    ),
    Cause(
        id="polling-load",
        explains=frozenset({SLOW, LOAD, FAILED}),
        concept="polling",
        find=_polling_load,
        depth=1.45,
    ),
)
"""The causes of this family."""
