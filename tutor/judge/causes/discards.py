"""Causes where a message is given up: by a rule for errors, or by a part that reports success."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.endings import endings, harmed, share_of
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import (
    ASIDE,
    BACKLOG,
    DIVERGED,
    DUPLICATES,
    FAILED,
    LOST,
    SLOW,
    WASTE,
    Symptom,
)
from tutor.judge.words import render_number, render_share
from tutor.model.path import walk
from tutor.model.wire import Call, DeadLetter, Publish, Subscribe, Wire
from tutor.words import say


def _dropped_on_error(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    near = set(case.near(symptom))
    rules: list[tuple[Wire, float, str]] = []
    for wire in case.design.wires:
        if isinstance(wire, Subscribe) and wire.on_error == "drop" and wire.target in near:
            gone = _failed_on(case, wire) or case.count(wire.source, "dropped_by", "error")
            rules.append((wire, gone, say("causes.said.rule-drop")))
        elif isinstance(wire, Subscribe) and wire.ack != "after" and wire.target in near:
            rules.append(
                (wire, case.count(wire.source, "dropped_by", "error"), say("causes.said.rule-early-ack"))
            )
        elif (
            isinstance(wire, Call)
            and not wire.required
            and wire.source in near | set(case.clients_of(symptom))
        ):
            if wire.target in near or wire.target in case.places(symptom):
                rules.append((wire, _failed_on(case, wire), say("causes.said.rule-optional")))
        elif isinstance(wire, Subscribe) and wire.on_error == "dead-letter" and wire.target in near:
            gone = case.count(wire.source, "dropped_by", "error")
            if gone and not case.paths.out(wire.source, DeadLetter):
                rules.append((wire, gone, say("causes.said.rule-no-shelf", channel=case.name(wire.source))))
    rules = [rule for rule in rules if rule[1] > 0]
    total = harmed(case, symptom)
    if not rules or total <= 0:
        return None
    wire, gone, rule = max(rules, key=lambda one: one[1])
    part = wire.target if wire.kind == "subscribe" else wire.source
    share = min(1.0, gone / total, _share_of_failures(case, symptom, wire))
    lost = round(share * total)
    if not lost:
        return None
    return found(
        share,
        row("rule-on", rule, wire=case.ends(wire)),
        row("attempts-failed", render_number(gone), wire=case.ends(wire)),
        row("lost-for-good", render_number(lost)),
        component=part,
        wire=wire.ref,
        at_s=_first_wire_failure(case, wire),
        part=case.name(part),
        pair=case.ends(wire),
        rule=rule,
        gone=gone,
        lost=lost,
    )


def _share_of_failures(case: RunEvidence, symptom: Symptom, wire: Wire) -> float:
    """Returns the share of a loss that ended where a wire's handling fails, by the followed events, or by
    what the channel counted.
    """
    dropped = case.count(symptom.place, "dropped") if case.paths.is_channel(symptom.place) else 0.0
    if dropped:
        return case.count(symptom.place, "dropped_by", "error") / dropped
    ends = endings(case, symptom, "lost")
    failed = [
        one
        for one in ends
        if (one.where == wire.source and one.detail in ("error", "failed"))
        or (one.where == wire.target and one.what == "failed")
        or wire.kind == "call"
    ]
    return share_of(ends, failed) if ends else 1.0


def _failed_on(case: RunEvidence, wire: Wire) -> float:
    """Returns how often something failed on a wire, by the timeline."""
    track = case.wire_track(wire.ref)
    return float(sum(track.failed)) if track else 0.0


def _first_wire_failure(case: RunEvidence, wire: Wire) -> float | None:
    track = case.wire_track(wire.ref)
    for step, count in enumerate(track.failed if track else ()):
        if count:
            return case.moment(step)
    return None


def _gave_up_early(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds failures or losses where one attempt was made, the other end was back soon, and nothing kept the
    work meanwhile.
    """
    total = harmed(case, symptom)
    best: tuple[float, Wire] | None = None
    starts = {*case.near(symptom), *case.clients_of(symptom)}
    for wire in case.design.wires:
        if not isinstance(wire, Call) or wire.source not in starts or wire.retries or not wire.required:
            continue
        trouble = case.faulted(wire.target, "crash", "hang", "slow", "deploy") or case.faults_of(wire.pair)
        if not trouble and not ((callee := case.service(wire.target)) and callee.failure_rate):
            continue
        track = case.wire_track(wire.ref)
        steps = case.steps(symptom, wire.timeout_ms or 0.0)
        failed = float(sum(track.failed[steps.start : steps.stop])) if track else 0.0
        if failed and (best is None or failed > best[0]):
            best = failed, wire
    if best is None or total <= 0:
        return None
    failed, wire = best
    return found(
        0.7 * min(1.0, failed / total),
        row("attempts-on", "1", wire=case.ends(wire)),
        row("failed-attempts", render_number(failed)),
        row("kept-by", say("causes.said.nothing")),
        *(
            row("in-trouble", say("causes.said.span", start=a, end=b), part=case.name(wire.target))
            for a, b in case.faulted(wire.target)[:2]
        ),
        component=wire.source,
        wire=wire.ref,
        at_s=_first_wire_failure(case, wire),
        part=case.name(wire.source),
        callee=case.name(wire.target),
        failed=failed,
    )


def _swallowed(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    ends = endings(case, symptom, "lost")
    silent = [ending for ending in ends if ending.what == "skipped" and ending.detail == "swallowed"]
    names = [name for name in case.near(symptom) if case.faults_of(name, "swallow")] if not ends else []
    total = harmed(case, symptom)
    if total <= 0 or not (silent or names):
        return None
    name = silent[0].where if silent else names[0]
    share = share_of(ends, silent) if silent else 0.6
    gone = round(share * total) if silent else total
    inside, outside = _in_and_out(case, name)
    if not gone or (not silent and outside >= inside):
        return None
    rows: list[Row] = [
        row("took-in", render_number(inside), part=case.name(name)),
        row("reported-done", render_number(case.count(name, "done")), part=case.name(name)),
        row("handed-on", render_number(outside), part=case.name(name)),
        row("reported-errors", render_number(case.count(name, "failed")), part=case.name(name)),
    ]
    rows += [
        (journey.event_id, say("causes.said.ends-at", part=case.name(name), at=silent[0].first_s))
        for journey in (silent[0].journeys[:1] if silent else [])
    ]
    return found(
        share,
        *rows,
        component=name,
        at_s=silent[0].first_s if silent else None,
        part=case.name(name),
        gone=gone,
    )


def _in_and_out(case: RunEvidence, name: str) -> tuple[float, float]:
    def sent(wires: Sequence[Wire]) -> float:
        return float(
            sum(sum(track.sent) for wire in wires if (track := case.wire_track(wire.ref)) is not None)
        )

    return sent(case.paths.into(name, Call, Subscribe)), sent(case.paths.out(name, Call, Publish))


def _poison(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds messages that fail every time and come back without a limit. Of what is done twice they explain
    deliveries alone: nothing was done with them.
    """
    if symptom.kind == DUPLICATES and not case.paths.is_channel(symptom.place):
        return None
    struck = [
        fault
        for fault in case.scenario.faults
        if fault.kind == "poison" and fault.target in (*case.near(symptom), *case.places(symptom))
    ]
    if not struck:
        return None
    best: tuple[float, Wire, str] | None = None
    for wire in case.design.wires:
        if not isinstance(wire, Subscribe) or wire.target != struck[0].target:
            continue
        again = case.count(wire.source, "redelivered")
        channel = case.buffer(wire.source)
        replayer = _replayed_by(case, wire.source)
        if replayer:
            again += case.count(wire.source, "dead_lettered")
        elif wire.on_error != "retry" or (channel is not None and channel.max_deliveries is not None):
            continue
        if again and (best is None or again > best[0]):
            best = again, wire, replayer
    if best is None:
        return None
    again, wire, replayer = best
    limit = say("causes.said.replayed", part=case.name(replayer)) if replayer else say("causes.said.no-limit")
    delivered = case.count(wire.source, "delivered") or again
    share = again / max(delivered, 1.0)
    stuck = _stuck_share(case, symptom, wire.target)
    return found(
        max(share, stuck),
        row("deliveries", render_number(delivered), part=case.name(wire.source)),
        row("repeats", say("causes.said.and-share", count=again, share=round(share, 3))),
        row("delivery-limit-any", limit),
        row("failed-attempts", render_number(case.count(wire.target, "failed"))),
        component=wire.source,
        wire=wire.ref,
        at_s=struck[0].at_s,
        part=case.name(wire.target),
        channel=case.name(wire.source),
        again=again,
        variant="" if share >= _KEPT_FROM_GOOD else "few",
        share_text=render_share(round(share, 2)),
    )


def _replayed_by(case: RunEvidence, channel: str) -> str:
    """Returns the part that puts the dead letters of a channel back into it; empty if none does."""
    paths = case.paths
    ahead = [wire.target for wire in paths.out(channel, DeadLetter)]
    behind = dict.fromkeys(name for one in ahead for name in (one, *walk(one, _takers(case))))
    back = (wire.source for wire in paths.into(channel, Publish))
    return next((source for source in back if source in behind), "")


def _takers(case: RunEvidence) -> Callable[[str], list[str]]:
    """Returns, for a part, those that take from it what it holds or passes on."""
    return lambda name: [wire.target for wire in case.paths.out(name, Subscribe, Publish)]


_KEPT_FROM_GOOD = 0.2
"""Where fewer of the deliveries are repeats than this, they kept nobody from good messages."""
_TRIES = 3
"""What failed so often at a part, and was never done there, is stuck."""


def _stuck_share(case: RunEvidence, symptom: Symptom, name: str) -> float:
    """Returns the share of the symptom's followed events that failed again and again at a part and were never
    done.
    """
    about = [
        one
        for one in case.journeys(symptom, "lost", "pending", "failed", "unanswered")
        if not symptom.event or one.type == symptom.event
    ]
    stuck = [
        one
        for one in about
        if sum(1 for hop in one.hops if hop.where == name and hop.what == "failed") >= _TRIES
        and not any(hop.where == name and hop.what in ("done", "applied") for hop in one.hops)
    ]
    return len(stuck) / len(about) if about else 0.0


def _dead_letters_unowned(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    near = {*case.near(symptom), *case.places(symptom)}
    shelves = {
        wire.target
        for wire in case.design.wires
        if wire.source in near and (isinstance(wire, DeadLetter) or _sets_aside(case, wire, symptom))
    }
    passed_on = {name for name in shelves if case.paths.out(name, DeadLetter)}
    owned = passed_on | {name for name in shelves if case.paths.subscribers(name)}
    # what somebody publishes to a shelf was given up only if its handling had failed
    unread = {
        name: sum(
            case.count(wire.source, "dead_lettered")
            for wire in case.paths.into(name, DeadLetter)
            if wire.source in near
        )
        + sum(
            _arrived_by(case, wire)
            for wire in case.paths.into(name, Publish)
            if wire.source in near and _sets_aside(case, wire, symptom)
        )
        for name in case.of_kind("queue")
        if name in shelves - owned
    }
    # without a shelf what is given up is gone
    bare = {
        wire.source: case.count(wire.source, "dropped_by", "max-deliveries")
        for wire in case.design.wires
        if wire.kind == "subscribe" and wire.source in near and not case.paths.out(wire.source, DeadLetter)
    }
    if symptom.metric.endswith(("/lost", "/dropped")):
        unread = {}  # what somebody holds is not lost
    name = max(unread, key=lambda one: unread[one], default="")
    kept = unread.get(name, 0.0)
    how = say("causes.said.holds-given-up", part=case.name(name), count=kept)
    if not kept:
        name = max(bare, key=lambda one: bare[one], default="")
        kept = bare.get(name, 0.0)
        how = say("causes.said.gave-up-no-place", part=case.name(name), count=kept)
    if not kept:
        return None
    total = harmed(case, symptom)
    if symptom.kind == ASIDE:
        total = case.count(symptom.place, "dead_lettered")
    elif symptom.kind == BACKLOG and symptom.event:
        total = case.effect_count(symptom, "pending")
    elif symptom.kind == SLOW:
        total += case.effect_count(symptom, "pending")
    share = min(1.0, kept / total) if total > 0 else (1.0 if symptom.kind == ASIDE else 0.0)
    return found(
        share,
        row("set-aside", render_number(kept), part=case.name(name)),
        row("readers-none", say("causes.said.none")),
        component=name,
        at_s=None,
        part=case.name(name),
        how=how,
    )


def _sets_aside(case: RunEvidence, wire: Wire, symptom: Symptom) -> bool:
    """Returns whether a wire puts a copy of what failed into a channel, where it waits for somebody."""
    return (
        isinstance(wire, Publish)
        and wire.on == "failure"
        and case.paths.is_channel(wire.target)
        and symptom.kind == BACKLOG
        and bool(symptom.event)
    )


def _arrived_by(case: RunEvidence, wire: Publish) -> float:
    """Returns how many messages came into a channel by a wire, by the timeline."""
    track = case.wire_track(wire.ref)
    return float(sum(track.sent) - sum(track.failed)) if track else 0.0


CAUSES = (
    Cause(
        id="dropped-on-error",
        explains=frozenset({LOST, DIVERGED}),
        concept="retry",
        find=_dropped_on_error,
        depth=1.3,
    ),
    Cause(
        id="gave-up-early",
        explains=frozenset({FAILED, LOST}),
        concept="retry",
        find=_gave_up_early,
        follows=frozenset({"cut-off"}),
        depth=0.95,
    ),
    Cause(
        id="swallowed",
        explains=frozenset({LOST, DIVERGED}),
        concept="completeness",
        find=_swallowed,
        depth=1.3,
    ),
    Cause(
        id="poison",
        explains=frozenset({SLOW, BACKLOG, LOST, WASTE, FAILED, DUPLICATES}),
        concept="poison-message",
        find=_poison,
        depth=1.45,
        follows=frozenset({"blocked-partition"}),
    ),
    Cause(
        id="dead-letters-unowned",
        explains=frozenset({LOST, BACKLOG, ASIDE, SLOW}),
        concept="dead-letter-queue",
        find=_dead_letters_unowned,
        depth=1.15,
        follows=frozenset(
            {
                "poison",
                "given-up-unread",
                "lease-too-short",
                "lease-in-hand",
                "evicted",
                "prefetch-hoard",
                "expired",
            }
        ),
    ),
)
"""The causes of this family."""
