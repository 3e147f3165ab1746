"""Causes in how long callers wait and how often they retry."""

from __future__ import annotations

from itertools import accumulate

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import peak
from tutor.judge.evidence.symptom import (
    ATTEMPTS,
    BACKLOG,
    DUPLICATES,
    FAILED,
    LOAD,
    LOST,
    SLOW,
    WASTE,
    Symptom,
)
from tutor.judge.evidence.waits import BUSY
from tutor.judge.words import render_ms, render_number, render_s, render_share
from tutor.model.component import Client
from tutor.model.wire import Call, Subscribe, Wire
from tutor.words import say


def _retrying(case: RunEvidence, symptom: Symptom) -> list[tuple[Call, float, float]]:
    """Returns the call wires near a symptom that retry: the wire, attempts on it, and attempts for each first
    attempt.
    """
    near = {*case.near(symptom), *case.places(symptom)}
    starts = near | set(case.clients_of(symptom))
    rows = []
    for wire in case.design.wires:
        if not isinstance(wire, Call) or not wire.retries or wire.source not in starts:
            continue
        track = case.wire_track(wire.ref)
        sent = float(sum(track.sent)) if track else 0.0
        rate = case.number(f"/client/{wire.source}/attempts_per_request")
        if not rate:
            into = sum(
                sum(one.sent)
                for other in case.paths.into(wire.source)
                if (one := case.wire_track(other.ref)) is not None
            )
            rate = sent / into if into else 1.0
        rows.append((wire, sent, rate))
    return sorted(rows, key=lambda row: -row[2])


def _retry_storm(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    rows = _retrying(case, symptom)
    if not rows or rows[0][2] < 1.25:
        return None
    wire, _, rate = rows[0]
    if symptom.kind == DUPLICATES and not _repeats_there(case, symptom, wire):
        return None
    wasted = max(
        (case.count(name, "wasted_work") for name in (wire.target, *case.paths.answering(wire.target))),
        default=0.0,
    )
    busy = case.waits.share(wire.target, "busy")
    if symptom.kind != ATTEMPTS and (
        wasted < 0.15
        or max(busy, case.count(wire.target, "utilization"), _busy_storming(case, wire)) < _STORM_BUSY
    ):
        return None  # who has time for every attempt is not kept down by them
    trigger = next(iter(case.faulted(wire.target)), None) or next(
        (span for name in case.paths.answering(wire.target) for span in case.faulted(name)), None
    )
    top_rate, top_step = _peak_attempts(case, wire)
    share = 1.0 if symptom.kind == ATTEMPTS else min(1.0, 0.6 + wasted)
    evidence: list[Row] = [
        row("retries-on", render_number(wire.retries), wire=case.ends(wire)),
        row("attempts-each", render_number(rate)),
        row("most-attempts", say("causes.said.a-second-at", rate=top_rate, at=case.moment(top_step))),
        row("wasted", render_share(round(wasted, 3)), part=case.name(wire.target)),
        row("nobody-free", render_share(round(busy, 3)), part=case.name(wire.target)),
    ]
    if trigger is not None:
        evidence.append(row("trigger", say("causes.said.span-gone", start=trigger[0], end=trigger[1])))
    return found(
        share,
        *evidence,
        component=wire.target,
        wire=wire.ref,
        at_s=trigger[1] if trigger else case.moment(top_step),
        part=case.name(wire.target),
        caller=case.name(wire.source),
        rate=rate,
        wasted=render_share(round(wasted, 2)),
        variant="" if trigger else "load",
        since=trigger[0] if trigger else 0.0,
    )


_STORM_BUSY = 0.6
"""Retries keep a part down only where they keep it busy."""


def _busy_storming(case: RunEvidence, wire: Call) -> float:
    """Returns the share of its time that a part had no free worker, from the end of the trigger of a retry
    storm until its line was empty again.
    """
    spans = case.faulted(wire.target, "crash", "hang", "slow")
    track = case.track(wire.target)
    if not spans or track is None:
        return 0.0
    first = case.step_at(max(end for _, end in spans))
    last = next((step for step in range(first, len(track.depth)) if not track.depth[step]), len(track.depth))
    states = case.waits.states(wire.target)[first:last]
    return sum(1 for state, _ in states if state == BUSY) / len(states) if len(states) > 5 else 0.0


def _timeout_too_short(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds calls that time out while the work continues, though the callee is not overloaded."""
    near = {*case.near(symptom), *case.places(symptom), *case.clients_of(symptom)}
    for wire in case.design.wires:
        if (
            not isinstance(wire, Call)
            or not wire.timeout_ms
            or wire.source not in near
            or wire.target not in near
        ):
            continue
        work = sum(case.work_ms(name) for name in (wire.target, *case.paths.answering(wire.target)))
        track = case.wire_track(wire.ref)
        timeouts = sum(track.failed) if track else 0
        if (
            work < 0.2 * wire.timeout_ms
            or not timeouts
            or case.count(wire.target, "utilization") > _STORM_BUSY
        ):
            continue
        if symptom.kind == DUPLICATES and not (wire.retries and _repeats_there(case, symptom, wire)):
            continue
        if case.faulted(wire.target) or case.count(wire.target, "wasted_work") < _NOTICEABLE:
            continue
        sent = sum(track.sent) if track else 0
        return found(
            0.9,
            row("timeout", render_ms(wire.timeout_ms), part=case.name(wire.source)),
            row("one-piece", render_ms(work), part=case.name(wire.target)),
            row(
                "busy",
                render_share(round(case.count(wire.target, "utilization"), 3)),
                part=case.name(wire.target),
            ),
            row("attempts", render_number(sent), wire=case.ends(wire)),
            row("attempts-failed", render_number(timeouts), wire=case.ends(wire)),
            row(
                "wasted",
                render_share(round(case.count(wire.target, "wasted_work"), 3)),
                part=case.name(wire.target),
            ),
            component=wire.source,
            wire=wire.ref,
            variant="" if wire.retries else "once",
            caller=case.name(wire.source),
            part=case.name(wire.target),
            timeout=wire.timeout_ms,
            work=work,
            timeouts=timeouts,
        )
    return None


def _repeats_there(case: RunEvidence, symptom: Symptom, wire: Call) -> bool:
    """Returns whether another attempt on a call repeats an effect at the symptom's place."""
    reached = {wire.target, *case.paths.answering(wire.target), *case.paths.downstream(wire.target)}
    return bool(reached & set(case.places(symptom)))


def _without_pause(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds refusals that are answered by another attempt at once, so that most of the work is refusing."""
    near = {*case.near(symptom), *case.places(symptom), *case.clients_of(symptom)}
    for wire in case.design.wires:
        if not isinstance(wire, Call) or wire.target not in near or wire.backoff_ms > 0:
            continue
        refused, done = case.count(wire.target, "refused"), case.count(wire.target, "done")
        if refused < 3 * max(done, 1.0) or not (wire.retries or _comes_again(case, wire.source)):
            continue
        track = case.wire_track(wire.ref)
        return found(
            0.9,
            row("refused", render_number(refused), part=case.name(wire.target)),
            row("completed", render_number(done), part=case.name(wire.target)),
            row("attempts", render_number(sum(track.sent) if track else 0), wire=case.ends(wire)),
            row("retry-pause", render_ms(wire.backoff_ms), wire=case.ends(wire)),
            row(
                "busy",
                render_share(round(case.count(wire.source, "utilization"), 3)),
                part=case.name(wire.source),
            ),
            component=wire.target,
            wire=wire.ref,
            part=case.name(wire.target),
            caller=case.name(wire.source),
            refused=int(refused),
        )
    return None


def _comes_again(case: RunEvidence, name: str) -> bool:
    """Returns whether a message whose handling fails at a part is immediately delivered to it again."""
    return any(
        wire.on_error == "retry" and not wire.retry_delay_s for wire in case.paths.into(name, Subscribe)
    )


def _peak_attempts(case: RunEvidence, wire: Wire) -> tuple[float, int]:
    track = case.wire_track(wire.ref)
    if track is None or not track.sent:
        return 0.0, 0
    span = max(1, round(1 / case.step_s))
    sums = list(accumulate(track.sent, initial=0))
    best, place = peak([later - earlier for earlier, later in zip(sums, sums[span:], strict=False)])[::-1]
    return best / (span * case.step_s), place


_NOTICEABLE = 0.05
"""A smaller share of work for callers who had gone is not worth a word."""


def _waits_too_long(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds waits that are long by their settings: nobody gives up, or a watermark holds everything back."""
    held = _held_by_watermark(case, symptom)
    if held is not None:
        return held
    if symptom.kind not in (SLOW, FAILED) or not symptom.place or case.kind(symptom.place) != "client":
        return None
    for wire in case.paths.out(symptom.place, Call):
        timeout = wire.timeout_ms
        work = sum(case.work_ms(name) for name in (wire.target, *case.paths.answering(wire.target)))
        wasted = case.count(wire.target, "wasted_work")
        patient = timeout is None or timeout >= max(20 * work, 5000.0 if symptom.kind == FAILED else 0.0)
        if not patient or (symptom.kind == FAILED and wasted < 0.2):
            continue
        if symptom.kind == SLOW and symptom.value is not None and symptom.value <= 2 * work:
            continue  # it takes what the work takes: nobody's patience is tried
        if (
            symptom.kind == SLOW
            and timeout is not None
            and (symptom.value or 0.0) <= 0.3 * timeout
            and wasted < _NOTICEABLE
        ):
            continue  # nobody waited anywhere near as long as they would have
        patience = (
            say("causes.said.up-to-ms", timeout=timeout)
            if timeout is not None
            else say("causes.said.without-end")
        )
        # without a limit the wait is only a symptom of whatever is slow behind it
        share = (
            0.9
            if timeout is not None
            and symptom.value
            and symptom.kind == SLOW
            and symptom.value > 0.3 * timeout
            else 0.5
        )
        return found(
            share,
            row("timeout", patience, part=case.name(wire.source)),
            row("answer-usual", render_ms(work), part=case.name(wire.target)),
            row("wasted", render_share(round(wasted, 3)), part=case.name(wire.target)),
            component=wire.source,
            wire=wire.ref,
            part=case.name(wire.source),
            patience=patience,
            work=work,
            callee=case.name(wire.target),
            variant="" if wasted >= _NOTICEABLE else "stood",
        )
    return None


def _held_by_watermark(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a place that holds every answer back for events that may still come."""
    for place in case.places(symptom):
        part = case.service(place)
        watermark = part.watermark_s if part else 0.0
        latest = max(
            (one.late_s for one in case.design.components.values() if isinstance(one, Client)), default=0.0
        )
        if watermark and symptom.kind == SLOW and symptom.value and watermark * 1000 > 0.5 * symptom.value:
            return found(
                1.0,
                row("watermark", render_s(watermark), part=case.name(place)),
                row("latest", render_s(latest)),
                component=place,
                part=case.name(place),
                wait=watermark,
                variant="watermark",
            )
    return None


CAUSES = (
    Cause(
        id="retry-storm",
        explains=frozenset({FAILED, SLOW, BACKLOG, ATTEMPTS, WASTE, LOST, DUPLICATES}),
        concept="retry-storm",
        find=_retry_storm,
        depth=1.3,
    ),
    Cause(
        id="timeout-too-short",
        explains=frozenset({DUPLICATES, FAILED, ATTEMPTS, WASTE, SLOW}),
        concept="timeout",
        find=_timeout_too_short,
        depth=1.3,
    ),
    Cause(
        id="retries-without-pause",
        explains=frozenset({FAILED, SLOW, BACKLOG, ATTEMPTS, LOAD, DUPLICATES, LOST}),
        concept="retry-storm",
        find=_without_pause,
        depth=1.4,
    ),
    Cause(
        id="waits-too-long",
        explains=frozenset({SLOW, FAILED}),
        concept="timeout",
        find=_waits_too_long,
        depth=1.05,
    ),
)
"""The causes of this family."""
