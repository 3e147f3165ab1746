"""Causes in how partitions are shared out: too few of them, uneven shares, and one that carries most."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import peak
from tutor.judge.evidence.symptom import BACKLOG, IDLE, SLOW, Symptom
from tutor.judge.evidence.waits import BUSY, FREE
from tutor.judge.words import plural, render_clock, render_number, render_share
from tutor.model.component import Stream
from tutor.model.wire import Subscribe


def groups_near(case: RunEvidence, symptom: Symptom) -> list[tuple[Stream, Subscribe, int]]:
    """The consumer groups near a symptom: the stream, the subscription, and how many members it has."""
    near = {*case.near(symptom), *case.places(symptom)}
    rows = []
    for wire in case.design.wires:
        stream = case.stream(wire.source)
        if isinstance(wire, Subscribe) and stream is not None and (wire.target in near or wire.source in near):
            rows.append((stream, wire, case.hands(wire.target)))
    return rows


def _waited(case: RunEvidence, symptom: Symptom, stream: str, *states: str) -> float:
    """The share of all that waited near a symptom which waited at this stream, while its readers did one of these things."""
    total = case.waits.total(symptom)
    here = sum(wait.seconds for wait in case.waits.at(stream) if not states or wait.state in states)
    return here / total if total > 0 else 0.0


def _idle_members(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        if members <= stream.partitions:
            continue
        share = 1.0 if symptom.kind == IDLE else _waited(case, symptom, stream.id, FREE, BUSY)
        idle = members - stream.partitions
        return found(
            symptom,
            share,
            (f"partitions of {case.name(stream.id)}", render_number(stream.partitions)),
            (f"members of {case.name(wire.target)}", render_number(members)),
            ("members without a partition", render_number(case.count(wire.target, "idle") or idle)),
            *lag_row(case, stream.id),
            component=wire.target,
            wire=wire.ref,
            at_s=0.0,
            part=case.name(wire.target),
            members=members,
            stream=case.name(stream.id),
            partitions=plural(stream.partitions, "partition"),
            idle=plural(idle, "member"),
        )
    return None


def lag_row(case: RunEvidence, stream: str) -> list[Row]:
    """The most that lay unread in a stream, and when, as a row of evidence."""
    track = case.track(stream)
    step, most = peak(track.depth) if track else (0, 0)
    return [(f"most unread in {case.name(stream)}", f"{render_number(most)} at {render_clock(case.moment(step))}")]


def _hot_key(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        track = case.track(stream.id)
        if track is None or stream.partitions < 3 or members < 2:
            continue
        lags = {name: sum(values) for name, values in track.extra.items() if name.startswith("partition/") and name.endswith("/lag")}
        total = sum(lags.values())
        if total <= 0:
            continue
        name = max(lags, key=lambda one: lags[one])
        most = lags[name] / total
        if most < 0.5 or most < 2 / stream.partitions:
            continue
        number = name.split("/")[1]
        keys = [one.key for one in case.paths.feeding(stream.id)]
        return found(
            symptom,
            most * _waited(case, symptom, stream.id) * 1.2,
            (f"partitions of {case.name(stream.id)}", render_number(stream.partitions)),
            (f"share of the unread in partition {number}", render_share(round(most, 3))),
            ("key of what is published", ", ".join(dict.fromkeys(keys))),
            *lag_row(case, stream.id),
            component=stream.id,
            wire=wire.ref,
            part=case.name(stream.id),
            number=number,
            share_text=render_share(round(most, 2)),
            partitions=stream.partitions,
            keyed=" and ".join(dict.fromkeys(keys)),
        )
    return None


def _uneven(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        track = case.track(stream.id)
        extra = stream.partitions % members
        if track is None or members >= stream.partitions or not extra:
            continue
        most = -(-stream.partitions // members)
        lags = sorted(
            (sum(values) for name, values in track.extra.items() if name.startswith("partition/") and name.endswith("/lag")), reverse=True
        )
        total = sum(lags)
        crowded = sum(lags[: extra * most]) / total if total > 0 else 0.0
        if crowded < 1.5 * extra * most / stream.partitions:
            continue  # those who own more are not further behind than the rest
        return found(
            symptom,
            crowded * _waited(case, symptom, stream.id),
            (f"partitions of {case.name(stream.id)}", render_number(stream.partitions)),
            (f"members of {case.name(wire.target)}", render_number(members)),
            ("partitions that the busiest members own", render_number(most)),
            (f"share of the unread in {extra * most} of the partitions", render_share(round(crowded, 3))),
            *lag_row(case, stream.id),
            component=wire.target,
            wire=wire.ref,
            part=case.name(wire.target),
            stream=case.name(stream.id),
            partitions=stream.partitions,
            members=members,
            extra=f"{extra} of them own" if extra > 1 else "one of them owns",
            most=most,
            less=most - 1,
        )
    return None


CAUSES = (
    Cause(
        id="idle-members",
        title="More members than partitions",
        explains=frozenset({SLOW, BACKLOG, IDLE}),
        what=(
            "{part} has {members} members and {stream} has {partitions}, and each partition is read by one member: "
            "{idle} had nothing to do while records waited. The result: {said}."
        ),
        try_="Who may read which partition? Look at the members that are idle, and at what limits how many can work.",
        concept="consumer-group",
        find=_idle_members,
        depth=1.2,
    ),
    Cause(
        id="uneven-partitions",
        title="Some members own more partitions than others",
        explains=frozenset({SLOW, BACKLOG}),
        what=(
            "{partitions} partitions of {stream} do not divide among {members} members: {extra} {most}, the others {less}, and the "
            "group is as fast as its busiest member. The result: {said}."
        ),
        try_="Partitions are handed out whole. How many does the busiest member own, and how much of the load is that?",
        concept="consumer-group",
        find=_uneven,
        depth=1.2,
    ),
    Cause(
        id="hot-key",
        title="One partition carries most of the load",
        explains=frozenset({SLOW, BACKLOG}),
        what=(
            "{share_text} of what waited in {part} waited in partition {number} of {partitions}: the key ({keyed}) sends "
            "most of the traffic to one member, and the others cannot help. The result: {said}."
        ),
        try_="How many different values does the key have, and how evenly are events spread over them?",
        concept="hot-key",
        find=_hot_key,
        depth=1.25,
    ),
)
"""The causes of this family."""
