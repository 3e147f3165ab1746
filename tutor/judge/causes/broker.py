"""Causes in the broker: nodes that fail, confirms that promise too little, and writes that are refused."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.drops import absences, dropped_for, missed_away
from tutor.judge.evidence.endings import harmed
from tutor.judge.evidence.run import RunEvidence, Span
from tutor.judge.evidence.series import at
from tutor.judge.evidence.symptom import ALONE, BACKLOG, DUPLICATES, FAILED, GHOSTS, LOST, SLOW, Symptom
from tutor.judge.evidence.waits import DOWN
from tutor.judge.words import render_clock, render_ms, render_number, render_s, times
from tutor.model.component import Channel, Database, Stream
from tutor.model.wire import Publish, Subscribe
from tutor.words import say


def _publishes(case: RunEvidence, symptom: Symptom) -> list[tuple[Publish, float]]:
    """Returns the publish wires on the way of a symptom, with the number of failed attempts on each."""
    starts = {*case.near(symptom), *case.clients_of(symptom)}
    rows = []
    for wire in case.design.wires:
        if isinstance(wire, Publish) and wire.source in starts:
            track = case.wire_track(wire.ref)
            rows.append((wire, float(sum(track.failed)) if track else 0.0))
    return sorted(rows, key=lambda row: -row[1])


def _failover_s(case: RunEvidence, name: str) -> float:
    part = case.part(name)
    return part.failover_s if isinstance(part, Channel | Stream | Database) else 0.0


def _node_crashes(case: RunEvidence, name: str) -> list[tuple[float, float]]:
    if case.replicas(name) > 1 and case.hangs_whole(name):
        return sorted(case.faulted(name, "crash"))  # where all nodes hang, none was lost, and none takes over
    return sorted(case.faulted(name, "crash", "hang")) or case.outages(name)


def _broker_down(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    total = harmed(case, symptom)
    for wire, failed in _publishes(case, symptom):
        crashes = _node_crashes(case, wire.target)
        if not failed or not crashes or _short_of_copies(case, wire.target) > 0.5 * failed:
            continue
        if symptom.kind == LOST and case.kind(wire.source) == "client" and wire.acks != "none":
            continue  # whoever got no confirm knows that it failed; what is lost was lost after a confirm
        part = case.part(wire.target)
        nodes = case.replicas(wire.target)
        if nodes == 1 and not isinstance(part, Stream):
            continue  # with one node it is a single point of failure like any other
        retries, buffer = wire.retries, wire.buffer
        kept = _kept(retries, buffer)
        return found(
            _part_of_delay(case, symptom, wire.target, crashes)
            if symptom.kind in (SLOW, BACKLOG)
            else min(1.0, failed / total)
            if total
            else 0.4,
            row("nodes", render_number(nodes), part=case.name(wire.target)),
            *(
                row("node-away", say("causes.said.span", start=a, end=b), part=case.name(wire.target))
                for a, b in crashes[:3]
            ),
            *([row("failover", render_s(_failover_s(case, wire.target)))] if nodes > 1 else []),
            row("failed-publishes", render_number(failed), part=case.name(wire.source)),
            row("producer-keeps", kept),
            component=wire.target,
            wire=wire.ref,
            at_s=crashes[0][0],
            variant="" if nodes > 1 else "alone",
            part=case.name(wire.target),
            producer=case.name(wire.source),
            failed=failed,
            kept=kept,
            when=render_clock(crashes[0][0]),
        )
    return None


def _kept(retries: int, buffer: int) -> str:
    """Describes, in words, how a producer gets through the time in which nobody confirms."""
    left = [say("causes.said.more-tries", count=retries)] if retries else []
    left += [say("causes.said.buffer", count=buffer)] if buffer else []
    return say("causes.said.both", parts=left) if left else say("causes.said.neither")


def _part_of_delay(
    case: RunEvidence, symptom: Symptom, name: str, crashes: list[tuple[float, float]]
) -> float:
    """Returns how much of a delay the wait for a broker can account for: its failover, or its whole absence
    where no other node takes over.
    """
    if symptom.kind == BACKLOG or not symptom.value or "_ms" not in symptom.metric:
        total = case.waits.total(symptom)
        stood = sum(
            wait.seconds for wait in case.waits.near(symptom) if wait.by == name and wait.state == DOWN
        )
        return 0.4 * stood / total if total > 0 else 0.0
    away_s = (
        max(end - start for start, end in crashes) if case.replicas(name) == 1 else _failover_s(case, name)
    )
    return float(0.4 * min(1.0, 1000 * away_s / symptom.value))


def _short_of_copies(case: RunEvidence, name: str) -> float:
    """Returns how many publishes to a stream failed while it was up and had fewer copies in sync than it asks
    for.
    """
    stream = case.stream(name)
    need = stream.min_insync if stream else 1
    track = case.track(name)
    if need <= 1 or track is None or "in_sync" not in track.extra:
        return 0.0
    count = 0.0
    for wire in case.paths.feeding(name):
        wire_track = case.wire_track(wire.ref)
        if wire_track is None:
            continue
        for step, failed in enumerate(wire_track.failed):
            if failed and at(track.extra["in_sync"], step, float(need)) < need:
                count += failed
    return count


def _not_enough_insync(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    total = harmed(case, symptom)
    for name in case.of_kind("stream"):
        refused = _short_of_copies(case, name)
        part = case.stream(name)
        if not refused or part is None:
            continue
        need, nodes = part.min_insync, part.replicas
        crashes = _node_crashes(case, name)
        return found(
            min(1.0, refused / total) if total else 0.5,
            row("copies", render_number(nodes), part=case.name(name)),
            row("copies-needed", render_number(need)),
            row("nodes-spare", render_number(max(0, nodes - need))),
            *(row("a-node-away", say("causes.said.span", start=a, end=b)) for a, b in crashes[:3]),
            row("writes-refused", render_number(refused)),
            component=name,
            at_s=crashes[0][0] if crashes else None,
            part=case.name(name),
            need=need,
            nodes=nodes,
            spare="none" if nodes <= need else render_number(nodes - need),
            refused=refused,
        )
    return None


def _unreplicated_ack(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if symptom.kind == ALONE:
        return _confirmed_alone(case, symptom.place)
    for name in [*case.near(symptom), *case.of_kind("stream")]:
        part = case.stream(name)
        if part is None or part.replicas < 2:
            continue
        crashes = _node_crashes(case, name)
        weak = [wire for wire in case.paths.into(name, Publish) if wire.acks != "all"]
        alone = part.min_insync == 1
        if not crashes or not (weak or alone or part.unclean_election):
            continue
        by = case.count(name, "unreplicated")
        total = harmed(case, symptom)
        if not by and all(wire.acks != "none" for wire in weak):
            continue
        share = min(1.0, by / total) if by and total else 0.8
        promise = _promise(part, weak)
        return found(
            share,
            row("copies", render_number(part.replicas), part=case.name(name)),
            row("confirm-means", promise),
            *(row("a-node-away", say("causes.said.span", start=a, end=b)) for a, b in crashes[:3]),
            row("unclean", say("causes.said.yes") if part.unclean_election else say("causes.said.no")),
            row("confirmed-by-one", render_number(by), part=case.name(name)),
            row("confirmed-and-gone", render_number(min(by, total) if by and total else by or total)),
            component=name,
            wire=weak[0].ref if weak else "",
            at_s=crashes[0][0],
            part=case.name(name),
            promise=promise,
            gone=min(by, total) if by and total else by or total,
            when=render_clock(crashes[0][0]),
        )
    return None


def _promise(part: Stream, weak: list[Publish]) -> str:
    """Describes what a confirm of a stream means: what its weak publishers wait for, or how few copies may be
    in sync.
    """
    if weak:
        return say("causes.said.acks", acks=weak[0].acks)
    return say("causes.said.acks-insync", count=part.min_insync)


def _confirmed_alone(case: RunEvidence, name: str) -> Explanation | None:
    """Finds why a stream confirmed what one of its nodes alone had: nothing need be lost yet."""
    part, alone = case.stream(name), case.count(name, "confirmed_alone")
    if part is None or not alone:
        return None
    weak = [wire for wire in case.paths.into(name, Publish) if wire.acks != "all"]
    crashes = _node_crashes(case, name)
    promise = _promise(part, weak)
    return found(
        1.0,
        row("copies", render_number(part.replicas), part=case.name(name)),
        row("confirm-means", promise),
        *(row("a-node-away", say("causes.said.span", start=a, end=b)) for a, b in crashes[:3]),
        row("confirmed-by-one", render_number(alone), part=case.name(name)),
        component=name,
        wire=weak[0].ref if weak else "",
        at_s=crashes[0][0] if crashes else None,
        variant="alone",
        part=case.name(name),
        promise=promise,
        alone=alone,
    )


def _not_durable(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    readers = [wire.target for place in case.places(symptom) for wire in case.paths.subscribers(place)]
    for name in dict.fromkeys([*case.near(symptom), *readers]):
        explanation = _absent_reader(case, symptom, name) or _forgetful_channel(case, symptom, name)
        if explanation is not None:
            return explanation
    return None


def _absent_reader(case: RunEvidence, symptom: Symptom, name: str) -> Explanation | None:
    """Finds a subscription that exists only while its reader is there, and a reader that was away."""
    total = harmed(case, symptom)
    for wire in case.paths.into(name, Subscribe):
        if wire.durable or case.kind(wire.source) != "topic":
            continue
        away, missed = absences(case, wire), missed_away(case, wire)
        if not away or not missed:
            continue
        # what the same subscription could not hold for a reader that fell behind is gone for the same reason
        behind = dropped_for(case, symptom, wire.source, "overflow") if case.places(symptom) else 0.0
        channel = case.buffer(wire.source)
        limit = channel.max_length if channel is not None else None
        return found(
            min(1.0, (missed + behind) / total) if total else 0.7,
            row("subscription", say("causes.said.while-there"), part=case.name(name)),
            *(
                row("was-away-from", say("causes.said.span", start=a, end=b), part=case.name(name))
                for a, b in away[:3]
            ),
            row("published-meanwhile", render_number(missed), part=case.name(wire.source)),
            *([row("pushed-out", render_number(behind), part=case.name(wire.source))] if behind else []),
            component=name,
            wire=wire.ref,
            at_s=away[0][0],
            variant="and-behind" if behind and limit is not None else "",
            holder=say("causes.said.subscription-of", part=case.name(name)),
            when=render_clock(away[0][0]),
            gone=missed,
            part=case.name(name),
            channel=case.name(wire.source),
            **({"behind": behind, "limit": limit} if behind and limit is not None else {}),
        )
    return None


def _forgetful_channel(case: RunEvidence, symptom: Symptom, name: str) -> Explanation | None:
    """Finds a channel that keeps its messages in memory, and went down with some of them."""
    part, total = case.part(name), harmed(case, symptom)
    gone = case.count(name, "dropped_by", "crash")
    if not isinstance(part, Channel | Stream) or part.durable or not gone:
        return None
    away = _node_crashes(case, name)
    return found(
        min(1.0, gone / total) if total else 0.6,
        row("keeps-messages", say("causes.said.in-memory"), part=case.name(name)),
        row("gone-with-crash", render_number(gone), part=case.name(name)),
        component=name,
        at_s=away[0][0] if away else None,
        holder=case.name(name),
        when=render_clock(away[0][0]) if away else say("causes.said.its-crash"),
        gone=gone,
    )


def _no_majority(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a queue or topic whose nodes confirm by majority, in the time when too few of them were up."""
    near = {*case.near(symptom), *case.places(symptom)}
    for name in case.of_kind("queue", "topic"):
        nodes = case.replicas(name)
        track = case.track(name)
        if nodes < 2 or name not in near or track is None:
            continue
        need = nodes // 2 + 1
        up = track.extra.get("in_sync", [])
        short = [step for step, count in enumerate(up) if count < need]
        if not short:
            continue
        spans = _spans(short)
        away = len(short) * case.step_s
        failed = _failed_while(case, name, set(short))
        total = harmed(case, symptom) or case.failures.total(symptom)
        slow = symptom.kind in (SLOW, BACKLOG)
        return found(
            _part_of_delay(case, symptom, name, [(a * case.step_s, b * case.step_s) for a, b in spans])
            if slow
            else min(1.0, failed / total)
            if total
            else 0.5,
            row("nodes", render_number(nodes), part=case.name(name)),
            row("majority", render_number(need)),
            row("no-majority", render_s(away)),
            *(
                row("failed-publishes", render_number(count), part=case.name(source))
                for source, count in _failing_publishers(case, name)
            ),
            component=name,
            at_s=spans[0][0] * case.step_s,
            variant="two" if nodes == 2 else "",
            part=case.name(name),
            nodes=nodes,
            need=need,
            times=times(len(spans)),
            away=away,
        )
    return None


def _spans(steps: list[int]) -> list[tuple[int, int]]:
    """Returns the runs of consecutive steps, each as its first and the one after its last."""
    found_spans: list[tuple[int, int]] = []
    for step in steps:
        if found_spans and found_spans[-1][1] == step:
            found_spans[-1] = found_spans[-1][0], step + 1
        else:
            found_spans.append((step, step + 1))
    return found_spans


def _failed_while(case: RunEvidence, name: str, steps: set[int]) -> float:
    """Counts the publish attempts to a channel that failed in these steps, or in the one after."""
    count = 0
    for wire in case.paths.into(name, Publish):
        track = case.wire_track(wire.ref)
        count += (
            sum(failed for step, failed in enumerate(track.failed) if {step, step - 1} & steps)
            if track
            else 0
        )
    return float(count)


def _failing_publishers(case: RunEvidence, name: str) -> list[tuple[str, float]]:
    rows = []
    for wire in case.paths.into(name, Publish):
        track = case.wire_track(wire.ref)
        if track is not None and any(track.failed):
            rows.append((wire.source, float(sum(track.failed))))
    return rows[:3]


def _publish_timeouts(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds publishes that timed out before the broker had confirmed them: sent again, or failed, though it
    may have them.
    """
    starts = {*case.near(symptom), *case.clients_of(symptom)}
    for wire in case.design.wires:
        if not isinstance(wire, Publish) or not wire.timeout_ms or wire.source not in starts:
            continue
        track = case.wire_track(wire.ref)
        failed = sum(track.failed) if track else 0
        if not failed or (symptom.kind == DUPLICATES and not wire.retries):
            continue
        away = case.outages(wire.target) or case.faulted(wire.target, "hang", "slow") or case.cuts(wire)
        return found(
            0.9 if symptom.kind == DUPLICATES else 0.8,
            row("timeout", render_ms(wire.timeout_ms), part=case.name(wire.source)),
            row("failed-publishes", render_number(failed), part=case.name(wire.source)),
            row("publish-retries", render_number(wire.retries), part=case.name(wire.source)),
            *(
                row("was-down", say("causes.said.span", start=a, end=b), part=case.name(wire.target))
                for a, b in away[:3]
            ),
            component=wire.source,
            wire=wire.ref,
            at_s=away[0][0] if away else None,
            producer=case.name(wire.source),
            part=case.name(wire.target),
            timeout=wire.timeout_ms,
            failed=failed,
        )
    return None


def _confirms_lost(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds publishes that a broker stored and whose confirms a fault took: its producer counts them as
    failed.
    """
    starts = {*case.near(symptom), *case.clients_of(symptom)}
    best: tuple[float, Publish, list[Span]] | None = None
    for wire in case.design.wires:
        if not isinstance(wire, Publish) or wire.source not in starts or wire.acks == "none":
            continue
        targets = (wire.ref, wire.pair, wire.target)
        faults = [fault for one in targets for fault in case.faults_of(one, "drop-acks")]
        spans = [span for fault in faults for span in case.spans(fault)]
        track, down = case.wire_track(wire.ref), case.down(wire.target)
        inside = {step for a, b in spans for step in range(case.step_at(a), case.step_at(b) + 2)}
        inside = {step for step in inside if not at(down, step, False)}
        failed = sum(count for step, count in enumerate(track.failed) if step in inside) if track else 0
        lost = float(failed)
        if lost and (best is None or lost > best[0]):
            best = lost, wire, sorted(spans)
    if best is None:
        return None
    lost, wire, spans = best
    total = harmed(case, symptom)
    tries = wire.retries + 1
    return found(
        0.9 * min(1.0, lost / tries / total) if total else 0.5,
        row("lost-confirms", render_number(lost), part=case.name(wire.target)),
        *(
            row("confirms-got-lost", say("causes.said.span", start=a, end=b), wire=case.ends(wire))
            for a, b in spans[:3]
        ),
        row("publish-retries", render_number(wire.retries), part=case.name(wire.source)),
        component=wire.target,
        wire=wire.ref,
        at_s=spans[0][0],
        part=case.name(wire.target),
        producer=case.name(wire.source),
        lost=int(lost),
    )


CAUSES = (
    Cause(
        id="confirms-lost",
        explains=frozenset({FAILED}),
        concept="publisher-confirm",
        find=_confirms_lost,
        depth=1.15,
    ),
    Cause(
        id="publish-timeouts",
        explains=frozenset({DUPLICATES, FAILED}),
        concept="publisher-confirm",
        find=_publish_timeouts,
        depth=1.15,
    ),
    Cause(
        id="no-majority",
        explains=frozenset({FAILED, LOST, SLOW, BACKLOG}),
        concept="replication",
        find=_no_majority,
        depth=1.35,
    ),
    Cause(
        id="broker-down",
        explains=frozenset({FAILED, LOST, SLOW, BACKLOG}),
        concept="publisher-confirm",
        find=_broker_down,
        depth=1.1,
        follows=frozenset({"no-majority", "unreplicated-ack"}),
    ),
    Cause(
        id="not-enough-insync",
        explains=frozenset({FAILED, LOST, SLOW}),
        concept="replication",
        find=_not_enough_insync,
        depth=1.2,
    ),
    Cause(
        id="unreplicated-ack",
        explains=frozenset({LOST, GHOSTS, ALONE}),
        concept="replication",
        find=_unreplicated_ack,
        depth=1.2,
    ),
    Cause(
        id="not-durable",
        explains=frozenset({LOST}),
        concept="durable-subscription",
        find=_not_durable,
        depth=1.25,
    ),
)
"""The causes of this family."""
