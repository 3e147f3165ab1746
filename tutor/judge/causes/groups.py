"""Causes in a group of consumers: members that come and go, are put out, or hold work that others
could do.
"""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.causes.partitions import groups_near, lag_row
from tutor.judge.evidence.endings import share_not_counted
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import at
from tutor.judge.evidence.symptom import BACKLOG, DUPLICATES, HOARD, LOST, SLOW, Symptom
from tutor.judge.evidence.waits import FREE
from tutor.judge.words import render_number, render_s, times
from tutor.model.wire import Subscribe, Wire
from tutor.words import say


def _moves(case: RunEvidence, kinds: tuple[str, ...], reader: str) -> list[float]:
    """Returns the times of the marks of these kinds at a reader, or at its subscription."""
    return [
        mark.at_s
        for mark in (case.timeline.marks if case.timeline else ())
        if mark.kind in kinds and (not mark.target or reader in mark.target.partition(":")[0].split("->"))
    ]


def _rebalance(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, _ in groups_near(case, symptom):
        moves = _moves(case, ("rebalance",), wire.target)
        leaves = case.faulted(wire.target, "deploy", "crash", "hang")
        if not moves and not leaves:
            continue
        stopped = _stopped(case, stream.id, wire.target)
        track = case.track(stream.id)
        waiting = sum(track.depth) * case.step_s if track else 0.0
        total = case.waits.total(symptom) or waiting
        near_moves = _near_moves(case, stream.id, moves)
        share = min(1.0, max(stopped, near_moves) / total) if total > 0 else 0.4
        if symptom.kind == BACKLOG and total > 0:
            # in the measure of the backlog: what is left, or what waited at one part
            share = min(1.0, max(stopped, near_moves) / waiting) if waiting else 0.0
            share *= sum(wait.seconds for wait in case.waits.here(symptom, stream.id)) / total
        if symptom.kind == DUPLICATES:
            share = 0.5
        return found(
            share,
            row("assignment", wire.assignment, part=case.name(wire.target)),
            row("rebalances", render_number(len(moves))),
            row("rebalance-time", render_s(wire.rebalance_s)),
            row("session-timeout", render_s(wire.session_timeout_s)),
            *(row("restart", say("causes.said.span", start=a, end=b)) for a, b in leaves[:2]),
            *lag_row(case, stream.id),
            component=wire.target,
            wire=wire.ref,
            at_s=moves[0] if moves else leaves[0][0],
            part=case.name(wire.target),
            times=times(len(moves) or len(leaves)),
            how=wire.assignment,
        )
    return None


def _stopped(case: RunEvidence, stream: str, reader: str) -> float:
    """Returns how long work waited at a stream while its readers had free hands but were not allowed to
    read.
    """
    return sum(wait.seconds for wait in case.waits.at(stream) if wait.state == FREE and wait.by == reader)


def _near_moves(case: RunEvidence, stream: str, moves: list[float]) -> float:
    """Returns how long work waited at a stream from each rebalance until the backlog was worked off again."""
    track = case.track(stream)
    if track is None:
        return 0.0
    steps: set[int] = set()
    for move in moves:
        step = case.step_at(move)
        while (
            step < len(track.depth)
            and (track.depth[step] > 0 or case.moment(step) < move + 10)
            and step not in steps
        ):
            steps.add(step)
            step += 1
    return sum(at(track.depth, step, 0) for step in steps) * case.step_s


def _evicted(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for stream, wire, members in groups_near(case, symptom):
        out = _moves(case, ("evicted",), wire.target)
        count = case.count(stream.id, "groups", wire.target, "evictions")
        if not count or (symptom.kind == BACKLOG and not case.waits.here(symptom, stream.id)):
            continue
        forgotten = symptom.kind == LOST and wire.ack != "after"
        if symptom.kind == LOST and not forgotten:
            continue  # what was not committed is read again
        return found(
            0.9 * (share_not_counted(case, symptom) if forgotten else 1.0),
            row("poll-deadline", render_s(wire.poll_deadline_s), part=case.name(wire.target)),
            row("batch", render_number(wire.batch), part=case.name(wire.target)),
            row("one-piece", render_s(case.work_ms(wire.target) / 1000), part=case.name(wire.target)),
            row("evictions", render_number(count), part=case.name(wire.target)),
            component=wire.target,
            wire=wire.ref,
            at_s=out[0] if out else None,
            variant="committed" if forgotten else "",
            part=case.name(wire.target),
            deadline=wire.poll_deadline_s,
            batch=say("causes.said.batch", count=wire.batch),
            again=say("causes.said.another-reads" if members > 1 else "causes.said.reads-again"),
            count=times(count),
        )
    return None


def _prefetch_hoard(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    best: tuple[float, Subscribe] | None = None
    for wire in case.design.wires:
        if not isinstance(wire, Subscribe) or case.stream(wire.source) is not None or 0 < wire.prefetch <= 10:
            continue
        if wire.target not in (*case.near(symptom), *case.places(symptom)):
            continue
        held = case.count(wire.target, "held", "max")
        if best is None or held > best[0]:
            best = held, wire
    if best is None or best[0] < 10:
        return None
    held, wire = best
    prefetch = wire.prefetch
    others_free = _others_were_free(case, wire)
    if symptom.kind != HOARD and not others_free:
        return None  # what one consumer holds makes nobody wait longer where nobody else could take it
    total = case.waits.total(symptom)
    hoarded = _held_seconds(case, wire)
    share = 1.0 if symptom.kind == HOARD else hoarded / (total + hoarded) if total + hoarded > 0 else 0.5
    return found(
        share,
        row("in-hand", say("causes.said.no-limit") if prefetch == 0 else render_number(prefetch)),
        row("most-held", render_number(held)),
        component=wire.target,
        wire=wire.ref,
        variant="" if others_free else "alone",
        part=case.name(wire.target),
        held=held,
        limit=say("causes.said.without-limit") if prefetch == 0 else say("causes.said.up-to", count=prefetch),
    )


def _others_were_free(case: RunEvidence, wire: Subscribe) -> bool:
    """Returns whether there was another consumer, and workers were free for a good part of the time that
    messages waited in hand.
    """
    channel, reader = case.track(wire.source), case.track(wire.target)
    if channel is None or reader is None or case.replicas(wire.target) < 2:
        return False
    held = channel.extra.get(f"held/{wire.target}") or [float(busy) for busy in channel.busy]
    waiting = [step for step, one in enumerate(held) if one > at(reader.busy, step, 0)]
    free = [step for step in waiting if at(reader.busy, step, 0) < at(reader.capacity, step, 0)]
    return len(free) > 0.1 * len(waiting)


def _held_seconds(case: RunEvidence, wire: Wire) -> float:
    """Returns how much consumers held in hand beyond the work in progress."""
    channel, reader = case.track(wire.source), case.track(wire.target)
    if channel is None or reader is None:
        return 0.0
    held = channel.extra.get(f"held/{wire.target}") or [float(busy) for busy in channel.busy]
    return sum(max(0.0, one - at(reader.busy, step, 0)) for step, one in enumerate(held)) * case.step_s


CAUSES = (
    Cause(
        id="rebalance",
        explains=frozenset({SLOW, BACKLOG, DUPLICATES}),
        concept="rebalance",
        find=_rebalance,
        depth=1.2,
    ),
    Cause(
        id="evicted",
        explains=frozenset({SLOW, BACKLOG, DUPLICATES, LOST}),
        concept="session-timeout",
        find=_evicted,
        depth=1.35,
    ),
    Cause(
        id="prefetch-hoard",
        explains=frozenset({HOARD, SLOW, BACKLOG}),
        concept="prefetch",
        find=_prefetch_hoard,
        depth=1.2,
        follows=frozenset({"lease-in-hand", "given-up-unread"}),
    ),
)
"""The causes of this family."""
