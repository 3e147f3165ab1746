"""Causes in how consumers share: partitions, members, what one of them holds, and what a log no longer has."""

from __future__ import annotations

from tutor.judge.diagnosis.case import Case
from tutor.judge.diagnosis.cause import Cause, Finding, Row, found
from tutor.judge.diagnosis.dropping import harmed
from tutor.judge.diagnosis.symptom import BACKLOG, DIVERGED, DUPLICATES, HOARD, IDLE, LOST, SLOW, Symptom
from tutor.judge.diagnosis.tracks import at, peak
from tutor.judge.diagnosis.waiting import BUSY, FREE
from tutor.judge.words import plural, render_clock, render_number, render_s, render_share, times
from tutor.model.component import Stream
from tutor.model.wire import Wire


def _groups(case: Case, symptom: Symptom) -> list[tuple[Stream, Wire, int]]:
    """The consumer groups near a symptom: the stream, the subscription, and how many members it has."""
    near = {*case.near(symptom), *case.places(symptom)}
    rows = []
    for wire in case.design.wires:
        stream, reader = case.part(wire.source), case.part(wire.target)
        if wire.kind == "subscribe" and isinstance(stream, Stream) and (wire.target in near or wire.source in near):
            rows.append((stream, wire, int(getattr(reader, "replicas", 1) * getattr(reader, "workers", 1))))
    return rows


def _waited(case: Case, symptom: Symptom, stream: str, *states: str) -> float:
    """The share of all that waited near a symptom which waited at this stream, while its readers did one of these things."""
    total = case.waiting.total(symptom)
    here = sum(wait.seconds for wait in case.waiting.at(stream) if not states or wait.state in states)
    return here / total if total > 0 else 0.0


def _idle_members(case: Case, symptom: Symptom) -> Finding | None:
    for stream, wire, members in _groups(case, symptom):
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
            *_lag(case, stream.id),
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


def _lag(case: Case, stream: str) -> list[Row]:
    track = case.track(stream)
    step, most = peak(track.depth) if track else (0, 0)
    return [(f"most unread in {case.name(stream)}", f"{render_number(most)} at {render_clock(case.moment(step))}")]


def _hot_key(case: Case, symptom: Symptom) -> Finding | None:
    for stream, wire, members in _groups(case, symptom):
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
        keys = [getattr(one, "key", "entity") for one in case.ways.into(stream.id, "publish", "capture")]
        return found(
            symptom,
            most * _waited(case, symptom, stream.id) * 1.2,
            (f"partitions of {case.name(stream.id)}", render_number(stream.partitions)),
            (f"share of the unread in partition {number}", render_share(round(most, 3))),
            ("key of what is published", ", ".join(dict.fromkeys(keys))),
            *_lag(case, stream.id),
            component=stream.id,
            wire=wire.ref,
            part=case.name(stream.id),
            number=number,
            share_text=render_share(round(most, 2)),
            partitions=stream.partitions,
            keyed=" and ".join(dict.fromkeys(keys)),
        )
    return None


def _uneven(case: Case, symptom: Symptom) -> Finding | None:
    for stream, wire, members in _groups(case, symptom):
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
            *_lag(case, stream.id),
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


def _moves(case: Case, kinds: tuple[str, ...], reader: str) -> list[float]:
    return [
        mark.at_s
        for mark in (case.timeline.marks if case.timeline else ())
        if mark.kind in kinds and (not mark.target or reader in mark.target)
    ]


def _rebalance(case: Case, symptom: Symptom) -> Finding | None:
    for stream, wire, _ in _groups(case, symptom):
        moves = _moves(case, ("rebalance",), wire.target)
        leaves = case.faulted(wire.target, "deploy", "crash", "hang")
        if not moves and not leaves:
            continue
        stopped = _stopped(case, stream.id, wire.target)
        track = case.track(stream.id)
        waiting = sum(track.depth) * case.step_s if track else 0.0
        total = case.waiting.total(symptom) or waiting
        near_moves = _near_moves(case, stream.id, moves)
        share = min(1.0, max(stopped, near_moves) / total) if total > 0 else 0.4
        if symptom.kind == DUPLICATES:
            share = 0.5
        return found(
            symptom,
            share,
            (f"how {case.name(wire.target)} shares its partitions", str(getattr(wire, "assignment", "eager"))),
            ("times they were dealt again", render_number(len(moves))),
            ("one of them lasts", render_s(getattr(wire, "rebalance_s", 3.0))),
            ("silence until a member counts as gone", render_s(getattr(wire, "session_timeout_s", 45.0))),
            *(("a restart or crash", f"{render_clock(a)} to {render_clock(b)}") for a, b in leaves[:2]),
            *_lag(case, stream.id),
            component=wire.target,
            wire=wire.ref,
            at_s=moves[0] if moves else leaves[0][0],
            part=case.name(wire.target),
            times=times(len(moves) or len(leaves)),
            how=str(getattr(wire, "assignment", "eager")),
        )
    return None


def _stopped(case: Case, stream: str, reader: str) -> float:
    """What waited at a stream while its readers had free hands: they were not allowed to read."""
    return sum(wait.seconds for wait in case.waiting.at(stream) if wait.state == FREE and wait.by == reader)


def _near_moves(case: Case, stream: str, moves: list[float]) -> float:
    """What waited at a stream from each rebalance until the pile was worked off again."""
    track = case.track(stream)
    if track is None:
        return 0.0
    steps: set[int] = set()
    for move in moves:
        step = case.step_at(move)
        while step < len(track.depth) and (track.depth[step] > 0 or case.moment(step) < move + 10) and step not in steps:
            steps.add(step)
            step += 1
    return sum(at(track.depth, step, 0) for step in steps) * case.step_s


def _evicted(case: Case, symptom: Symptom) -> Finding | None:
    for stream, wire, _ in _groups(case, symptom):
        out = _moves(case, ("evicted", "eviction"), wire.target)
        count = case.count(wire.target, "evictions") or case.count(stream.id, "evictions") or len(out)
        if not count:
            continue
        deadline = getattr(wire, "poll_deadline_s", 300.0)
        batch = getattr(wire, "batch", 500)
        return found(
            symptom,
            0.9,
            ("a member must come back for more within", render_s(deadline)),
            ("records it takes at once", render_number(batch)),
            ("members put out for being late", render_number(count)),
            component=wire.target,
            wire=wire.ref,
            at_s=out[0] if out else None,
            part=case.name(wire.target),
            deadline=render_s(deadline),
            batch=batch,
            count=times(count),
        )
    return None


def _prefetch_hoard(case: Case, symptom: Symptom) -> Finding | None:
    best: tuple[float, Wire] | None = None
    for wire in case.design.wires:
        prefetch = getattr(wire, "prefetch", 1)
        if wire.kind != "subscribe" or isinstance(case.part(wire.source), Stream) or 0 < prefetch <= 10:
            continue
        if wire.target not in (*case.near(symptom), *case.places(symptom)):
            continue
        held = case.count(wire.target, "held", "max")
        if best is None or held > best[0]:
            best = held, wire
    if best is None or best[0] < 10:
        return None
    held, wire = best
    prefetch = getattr(wire, "prefetch", 1)
    total = case.waiting.total(symptom)
    hoarded = _held_seconds(case, wire)
    share = 1.0 if symptom.kind == HOARD else hoarded / (total + hoarded) if total + hoarded > 0 else 0.5
    return found(
        symptom,
        share,
        ("messages in hand for each worker", "no limit" if prefetch == 0 else render_number(prefetch)),
        ("most that one consumer held", render_number(held)),
        ("what the others had meanwhile", f"what waits at {case.name(wire.source)}, and that was nothing"),
        component=wire.target,
        wire=wire.ref,
        part=case.name(wire.target),
        held=held,
        limit="without limit" if prefetch == 0 else f"up to {prefetch} for each worker",
    )


def _held_seconds(case: Case, wire: Wire) -> float:
    """What consumers held in hand beyond what their workers were at."""
    channel, reader = case.track(wire.source), case.track(wire.target)
    if channel is None or reader is None:
        return 0.0
    held = channel.extra.get(f"held/{wire.target}") or [float(busy) for busy in channel.busy]
    return sum(max(0.0, one - at(reader.busy, step, 0)) for step, one in enumerate(held)) * case.step_s


def _retention_gap(case: Case, symptom: Symptom) -> Finding | None:
    places = case.places(symptom)
    for stream, wire, _ in sorted(_groups(case, symptom), key=lambda row: row[1].target not in places):
        counts = case.report.get(f"/component/{stream.id}/dropped_by") or {}
        gone = sum(count for reason, count in counts.items() if reason in ("retention", "expired", "compacted"))
        if stream.retention_s is None and not stream.compacted:
            continue
        total = harmed(case, symptom)
        if not gone and not total:
            continue
        kept = "only the latest of each key" if stream.compacted else f"records for {render_s(stream.retention_s or 0)}"
        away = case.outages(wire.target)
        joins = getattr(case.part(wire.target), "from_s", 0.0)
        # what went before the reader joined is in nobody's books
        late = getattr(wire, "from_offset", "") == "earliest" and joins > (stream.retention_s or joins)
        gone = total if late else gone
        rows: list[Row] = [(f"{case.name(stream.id)} keeps", kept), ("gone before they were read", render_number(gone or total))]
        rows += [(f"{case.name(wire.target)} was away", f"{render_clock(a)} to {render_clock(b)}") for a, b in away[:2]]
        rows += [(f"{case.name(wire.target)} joins", render_clock(joins))] if joins else []
        return found(
            symptom,
            max(0.9 if away or joins else 0.0, min(1.0, gone / total) if total else 0.0),
            *rows,
            component=stream.id,
            at_s=away[0][0] if away else joins,
            part=case.name(stream.id),
            kept=kept,
            reader=case.name(wire.target),
            gone=gone or total,
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
    Cause(
        id="rebalance",
        title="Everybody stops when the partitions are dealt again",
        explains=frozenset({SLOW, BACKLOG, DUPLICATES}),
        what=(
            "A member of {part} left or came {times}, and the partitions were dealt again ({how}): until that was over nobody "
            "read what was being moved, and records waited. The result: {said}."
        ),
        try_="Who has to stop when one member goes for a moment, and how would the group know that it comes back?",
        concept="rebalance",
        find=_rebalance,
        depth=1.2,
    ),
    Cause(
        id="evicted",
        title="Put out of the group for taking too long",
        explains=frozenset({SLOW, BACKLOG, DUPLICATES}),
        what=(
            "A member of {part} has to come back for more within {deadline} and takes {batch} records at once: one was late {count}, "
            "lost its partitions, and its work was done again by another. The result: {said}."
        ),
        try_="What does a group take as a sign of progress? Compare the time for one batch with the deadline for it.",
        concept="session-timeout",
        find=_evicted,
        depth=1.35,
    ),
    Cause(
        id="prefetch-hoard",
        title="One consumer holds what others could do",
        explains=frozenset({HOARD, SLOW, BACKLOG}),
        what=(
            "{part} takes messages {limit}, and one consumer held {held} at once: they waited for its workers while those of "
            "the others were free. The result: {said}."
        ),
        try_="How many messages does a worker need in hand to stay busy, and who could take the rest?",
        concept="prefetch",
        find=_prefetch_hoard,
        depth=1.2,
    ),
    Cause(
        id="retention-gap",
        title="The log had forgotten it already",
        explains=frozenset({LOST, SLOW, BACKLOG, DIVERGED}),
        what="{part} keeps {kept}; {gone} records were gone before {reader} came to read them. The result: {said}.",
        try_="How far back must {reader} be able to go on the worst day? Compare that with what {part} keeps.",
        concept="retention",
        find=_retention_gap,
        depth=1.3,
    ),
)
"""The causes of this family."""
