"""Causes in how partitions are shared out: too few of them, uneven shares, and one that carries most."""

from __future__ import annotations

from collections.abc import Callable

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import at, of_partitions, peak
from tutor.judge.evidence.symptom import BACKLOG, IDLE, SLOW, Symptom
from tutor.judge.evidence.waits import BUSY, FREE
from tutor.judge.words import render_number, render_share
from tutor.model.component import Stream
from tutor.model.timeline import ComponentTrack
from tutor.model.wire import Subscribe
from tutor.words import say


def groups_near(case: RunEvidence, symptom: Symptom) -> list[tuple[Stream, Subscribe, int]]:
    """Returns the consumer groups near a symptom: the stream, the subscription, and the number of members."""
    near = {*case.near(symptom), *case.places(symptom)}
    rows = []
    for wire in case.design.wires:
        stream = case.stream(wire.source)
        if (
            isinstance(wire, Subscribe)
            and stream is not None
            and (wire.target in near or wire.source in near)
        ):
            rows.append((stream, wire, case.hands(wire.target)))
    return rows


def _waited(case: RunEvidence, symptom: Symptom, stream: str, *states: str) -> float:
    """Returns this stream's share of all waiting near a symptom, while its readers were in one of these
    states.
    """
    total = case.waits.total(symptom)
    here = sum(
        wait.seconds for wait in case.waits.here(symptom, stream) if not states or wait.state in states
    )
    return here / total if total > 0 else 0.0


def _idle_members(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        if members <= stream.partitions:
            continue
        share = 1.0 if symptom.kind == IDLE else _waited(case, symptom, stream.id, FREE, BUSY)
        idle = members - stream.partitions
        return found(
            share,
            row("partitions", render_number(stream.partitions), part=case.name(stream.id)),
            row("members", render_number(members), part=case.name(wire.target)),
            row("members-idle", render_number(case.count(wire.target, "idle") or idle)),
            *lag_row(case, stream.id),
            component=wire.target,
            wire=wire.ref,
            at_s=0.0,
            part=case.name(wire.target),
            members=members,
            stream=case.name(stream.id),
            partitions=say("causes.counted.partition", count=stream.partitions),
            idle=say("causes.counted.member", count=idle),
        )
    return None


def lag_row(case: RunEvidence, stream: str) -> list[Row]:
    """Returns the peak lag of a stream, and when it was, as a row of evidence."""
    track = case.track(stream)
    step, most = peak(track.depth) if track else (0, 0)
    return [
        row("most-unread", say("causes.said.at", count=most, at=case.moment(step)), part=case.name(stream))
    ]


def _hot_key(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        track = case.track(stream.id)
        if track is None or stream.partitions < 3 or members < 2:
            continue
        written = _totals(track, "written", lambda values: values[-1] - values[0])
        lags = _totals(track, "lag", sum)
        total = sum(written.values())
        if total <= 0 or sum(lags.values()) <= 0:
            continue
        number = max(written, key=lambda one: written[one])
        most = written[number] / total
        if most < HOT_SHARE or most < 2 / stream.partitions or number != max(lags, key=lambda one: lags[one]):
            continue
        keys = [one.key for one in case.paths.feeding(stream.id)]
        return found(
            lags[number] / sum(lags.values()) * _waited(case, symptom, stream.id) * 1.2,
            row("partitions", render_number(stream.partitions), part=case.name(stream.id)),
            row("share-published", render_share(round(most, 3)), number=number),
            row("share-unread", render_share(round(lags[number] / sum(lags.values()), 3)), number=number),
            row("publish-key", ", ".join(dict.fromkeys(keys))),
            *lag_row(case, stream.id),
            component=stream.id,
            wire=wire.ref,
            part=case.name(stream.id),
            number=number,
            share_text=render_share(round(most, 2)),
            partitions=stream.partitions,
            keyed=list(dict.fromkeys(keys)),
        )
    return None


HOT_SHARE = 0.4
"""A partition that gets this share of what is published carries most of the load of several."""


def _totals(track: ComponentTrack, name: str, total: Callable[[list[float]], float]) -> dict[str, float]:
    """Returns the total of one track of each partition, by partition number."""
    return {number: total(values) for number, values in of_partitions(track, name).items()}


def _blocked_partition(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a partition that lags far behind the others although it gets no more than they do."""
    for stream, wire, _ in groups_near(case, symptom):
        track = case.track(stream.id)
        if track is None:
            continue
        lags, written = (
            _totals(track, "lag", sum),
            _totals(track, "written", lambda values: values[-1] - values[0]),
        )
        total, published = sum(lags.values()), sum(written.values())
        number = max(lags, key=lambda one: lags[one], default="")
        if total <= 0 or published <= 0:
            continue
        share = lags[number] / total
        even = written.get(number, 0.0) / published
        how, moment, failing = _held_up(case, wire)
        lagging = len(lags) < 2 or (share >= 0.5 and share >= 2 * even)
        if not how or not (lagging or failing):
            continue
        step, most = peak(track.extra[f"partition/{number}/lag"])
        others = (
            sum(at(values, step, 0.0) for key, values in track.extra.items() if key.endswith("/lag")) - most
        )
        return found(
            share * _waited(case, symptom, stream.id) * 1.2,
            row("share-unread", render_share(round(share, 3)), number=number),
            row("share-published", render_share(round(even, 3)), number=number),
            row("repeated", render_number(case.count(stream.id, "redelivered")), part=case.name(stream.id)),
            *lag_row(case, stream.id),
            component=stream.id,
            wire=wire.ref,
            at_s=moment if moment is not None else case.moment(step),
            part=case.name(stream.id),
            reader=case.name(wire.target),
            number=number,
            how=how,
            waiting=round(most),
            others=round(others),
        )
    return None


def _held_up(case: RunEvidence, wire: Subscribe) -> tuple[str, float | None, bool]:
    """Returns the reason the readers of a stream were held up, in words, since when, and whether it failed
    again and again (or took very long).
    """
    work = case.work_ms(wire.target) / 1000
    slowest, begun, failed = 0.0, None, 0
    first: float | None = None
    for journey in case.timeline.journeys if case.timeline else ():
        tries = [hop.at_s for hop in journey.hops if hop.where == wire.target and hop.what == "failed"]
        if len(tries) > failed:
            failed, first = len(tries), tries[0]
        start: float | None = None
        for hop in journey.hops:
            if hop.where != wire.target:
                continue
            if hop.what == "started":
                start = hop.at_s
            elif (
                hop.what in ("done", "failed", "applied") and start is not None and hop.at_s - start > slowest
            ):
                slowest, begun = hop.at_s - start, start
    if failed >= 3 and wire.on_error == "retry":
        return say("causes.said.failed-again", count=failed), first, True
    if slowest > 20 * max(work, 0.001) and slowest > 1:
        return say("causes.said.took", wait=slowest), begun, False
    if (
        wire.on_error == "retry"
        and case.count(wire.source, "redelivered")
        and case.count(wire.target, "failed")
    ):
        return say("causes.said.failed-often"), None, False
    return "", None, False


def _uneven(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        track = case.track(stream.id)
        extra = stream.partitions % members
        if track is None or members >= stream.partitions or not extra:
            continue
        most = -(-stream.partitions // members)
        lags = sorted(_totals(track, "lag", sum).values(), reverse=True)
        total = sum(lags)
        crowded = sum(lags[: extra * most]) / total if total > 0 else 0.0
        if crowded < 1.5 * extra * most / stream.partitions:
            continue  # those who own more are not further behind than the rest
        return found(
            crowded * _waited(case, symptom, stream.id),
            row("partitions", render_number(stream.partitions), part=case.name(stream.id)),
            row("members", render_number(members), part=case.name(wire.target)),
            row("partitions-most", render_number(most)),
            row("crowded", render_share(round(crowded, 3)), count=extra * most),
            *lag_row(case, stream.id),
            component=wire.target,
            wire=wire.ref,
            part=case.name(wire.target),
            stream=case.name(stream.id),
            partitions=stream.partitions,
            members=members,
            extra=say("causes.said.own", count=extra),
            most=most,
            less=most - 1,
        )
    return None


CAUSES = (
    Cause(
        id="idle-members",
        explains=frozenset({SLOW, BACKLOG, IDLE}),
        concept="consumer-group",
        find=_idle_members,
        depth=1.2,
    ),
    Cause(
        id="uneven-partitions",
        explains=frozenset({SLOW, BACKLOG}),
        concept="consumer-group",
        find=_uneven,
        depth=1.2,
    ),
    Cause(
        id="hot-key",
        explains=frozenset({SLOW, BACKLOG}),
        concept="hot-key",
        find=_hot_key,
        depth=1.25,
    ),
    Cause(
        id="blocked-partition",
        explains=frozenset({SLOW, BACKLOG}),
        concept="head-of-line-blocking",
        find=_blocked_partition,
        depth=1.35,
    ),
)
"""The causes of this family."""
