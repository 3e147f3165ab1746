"""Causes in how messages are handed over: too many or too few in hand, and deliveries that nobody made use
of.
"""

from __future__ import annotations

import itertools
from collections import Counter

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.returns import UNREAD as UNREAD_WORK
from tutor.judge.evidence.returns import returns, share_of_returns
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import (
    ASIDE,
    BACKLOG,
    DISORDER,
    DUPLICATES,
    FAILED,
    HOARD,
    LOST,
    SLOW,
    WASTE,
    Symptom,
)
from tutor.judge.evidence.waits import FREE
from tutor.judge.words import render_ms, render_number, render_s, render_share
from tutor.model.component import Channel, Service
from tutor.model.timeline import Journey
from tutor.model.wire import Subscribe
from tutor.words import say

UNREAD = ("connection lost", "lease over")
"""Why a delivery came back that nobody had failed on."""
HOT_GAP_S = 0.01
"""A message that is back in less than this comes back without a pause."""
HOT_REPEATS = 10
"""Repeats for each message, from which on a redelivery loop is what the channel is busy with."""


def subscriptions_near(case: RunEvidence, symptom: Symptom) -> list[tuple[Channel, Subscribe, Service]]:
    """The subscriptions of queues and topics near a symptom, each with its channel and its reader."""
    near = {*case.near(symptom), *case.places(symptom)}
    rows = []
    for wire in case.design.wires:
        if isinstance(wire, Subscribe) and (wire.source in near or wire.target in near):
            channel, reader = case.buffer(wire.source), case.service(wire.target)
            if channel is not None and reader is not None:
                rows.append((channel, wire, reader))
    return rows


def in_hand_s(case: RunEvidence, wire: Subscribe, reader: Service) -> float:
    """How long the last of the messages that a consumer held at most waits for its work to be over."""
    held = case.count(reader.id, "held", "max")
    if wire.prefetch:
        held = min(held, wire.prefetch * reader.workers)
    return held / reader.workers * case.work_ms(reader.id) / 1000


def _lease_in_hand(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for channel, wire, reader in subscriptions_near(case, symptom):
        again = case.count(channel.id, "redelivered")
        if channel.redeliver_on != "lease" or wire.extend_lease or wire.prefetch == 1 or not again:
            continue
        lease, wait = channel.visibility_timeout_s, in_hand_s(case, wire, reader)
        work = case.work_ms(reader.id) / 1000
        unread = share_of_returns(case, channel.id, UNREAD_WORK, "lease over")
        if wait <= lease or work > lease or unread == 0:
            continue  # where one piece of work takes longer than the lease, that is the nearer cause
        limit = (
            say("causes.said.no-limit")
            if not wire.prefetch
            else say("causes.said.for-each-worker", count=wire.prefetch)
        )
        return found(
            0.95,
            row("lease", render_s(lease), part=case.name(channel.id)),
            row("prefetch", limit),
            row("most-held", render_number(case.count(reader.id, "held", "max"))),
            row("one-piece", render_s(work), part=case.name(reader.id)),
            row("repeated", render_number(again), part=case.name(channel.id)),
            component=reader.id,
            wire=wire.ref,
            part=case.name(channel.id),
            reader=case.name(reader.id),
            held=int(case.count(reader.id, "held", "max")),
            workers=reader.workers,
            lease=lease,
            again=round(again * (unread if unread is not None else 1.0)),
        )
    return None


def _given_up_unread(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for channel, wire, reader in subscriptions_near(case, symptom):
        gone = case.count(channel.id, "dead_lettered") + case.count(
            channel.id, "dropped_by", "max-deliveries"
        )
        if channel.max_deliveries is None or not gone:
            continue
        unread, seen, whys = _unread(case, channel.id)
        if not seen or not unread:
            continue
        count = gone * unread / seen
        why = max(whys, key=lambda one: whys[one])
        total = _missing(case, symptom)
        held = case.count(reader.id, "held", "max")
        return found(
            1.0 if symptom.kind == ASIDE else min(1.0, count / total) if total else 0.4,
            row("given-up", render_number(gone), part=case.name(channel.id)),
            row("given-up-followed", render_number(seen)),
            row("given-up-followed-unread", render_number(unread)),
            row("delivery-limit", render_number(channel.max_deliveries), part=case.name(channel.id)),
            row("most-held", render_number(held)),
            component=channel.id,
            wire=wire.ref,
            at_s=_first_given_up(case, channel.id),
            channel=case.name(channel.id),
            reader=case.name(reader.id),
            limit=channel.max_deliveries,
            gone=round(count),
            why=say(f"causes.why-unread.{why.replace(' ', '-')}", reader=case.name(reader.id)),
        )
    return None


def _missing(case: RunEvidence, symptom: Symptom) -> float:
    missing = case.effect_count(symptom, "expected") - case.effect_count(symptom, "applied")
    return missing if symptom.event else 0.0


def _unread(case: RunEvidence, channel: str) -> tuple[int, int, Counter[str]]:
    """Of the followed events that a channel gave up: how many nobody ever failed on, how many in all, and why
    they came back.
    """
    whys: Counter[str] = Counter()
    unread = seen = 0
    for journey in case.timeline.journeys if case.timeline else ():
        if not any(hop.where == channel and hop.what in ("dead-lettered", "dropped") for hop in journey.hops):
            continue
        seen += 1
        states = returns(journey, channel)
        backs = Counter(
            hop.detail
            for hop in journey.hops
            if hop.where == channel and hop.what in ("returned", "dead-lettered")
        )
        if 2 * states.count(UNREAD_WORK) > len(states) and not backs["failed"] and not backs["error"]:
            unread += 1
            whys.update({why: count for why, count in backs.items() if why in UNREAD})
    return unread if whys else 0, seen, whys


def _first_given_up(case: RunEvidence, channel: str) -> float | None:
    hops = [
        hop.at_s
        for journey in (case.timeline.journeys if case.timeline else ())
        for hop in journey.hops
        if hop.where == channel and hop.what == "dead-lettered"
    ]
    return min(hops, default=None)


def _small_prefetch(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    total = case.waits.total(symptom)
    for channel, wire, reader in subscriptions_near(case, symptom):
        round_trip, work = 2 * wire.latency_ms, case.work_ms(reader.id)
        if not wire.prefetch or round_trip <= 0 or total <= 0:
            continue
        most = min(1.0, wire.prefetch * work / (work + round_trip))
        busy = case.count(reader.id, "utilization")
        idle = sum(
            wait.seconds for wait in case.waits.at(channel.id) if wait.state == FREE and wait.by == reader.id
        )
        if most >= 0.9 or busy > 1.1 * most + 0.02 or not idle:
            continue
        return found(
            idle / total,
            row("prefetch", say("causes.said.for-each-worker", count=wire.prefetch)),
            row("round-trip", render_ms(round_trip), part=case.name(channel.id)),
            row("one-piece", render_ms(work), part=case.name(reader.id)),
            row("busy", render_share(round(busy, 3)), part=case.name(reader.id)),
            row("busy-at-most", render_share(round(most, 3))),
            component=reader.id,
            wire=wire.ref,
            part=case.name(reader.id),
            channel=case.name(channel.id),
            prefetch=wire.prefetch,
            round_trip=round_trip,
            busy=round(busy, 3),
        )
    return None


def _hot_redelivery(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for channel, wire, reader in subscriptions_near(case, symptom):
        again, published = case.count(channel.id, "redelivered"), case.count(channel.id, "published")
        if wire.retry_delay_s > 0 or again < HOT_REPEATS * max(published, 1.0):
            continue
        gaps = sorted(
            gap for journey in _journeys_through(case, channel.id) for gap in _gaps(journey, channel.id)
        )
        if gaps and gaps[len(gaps) // 2] > HOT_GAP_S:
            continue
        return found(
            0.95,
            row("published", render_number(published), part=case.name(channel.id)),
            row("repeated", render_number(again), part=case.name(channel.id)),
            row("pause", render_s(wire.retry_delay_s)),
            row("failed-work", render_number(case.count(reader.id, "failed")), part=case.name(reader.id)),
            component=reader.id,
            wire=wire.ref,
            part=case.name(reader.id),
            channel=case.name(channel.id),
            again=int(again),
            messages=int(published),
        )
    return None


def _journeys_through(case: RunEvidence, channel: str) -> list[Journey]:
    journeys = case.timeline.journeys if case.timeline else []
    return [
        journey
        for journey in journeys
        if any(hop.where == channel and hop.what == "returned" for hop in journey.hops)
    ]


def _gaps(journey: Journey, channel: str) -> list[float]:
    """The times between two returns of a message to a channel."""
    backs = [hop.at_s for hop in journey.hops if hop.where == channel and hop.what == "returned"]
    return [later - earlier for earlier, later in itertools.pairwise(backs)]


CAUSES = (
    Cause(
        id="lease-in-hand",
        explains=frozenset({DUPLICATES, ASIDE, WASTE, SLOW, BACKLOG, LOST, HOARD}),
        concept="prefetch",
        find=_lease_in_hand,
        depth=1.4,
    ),
    Cause(
        id="given-up-unread",
        explains=frozenset({LOST, BACKLOG, ASIDE, SLOW}),
        concept="dead-letter-queue",
        find=_given_up_unread,
        depth=1.4,
    ),
    Cause(
        id="small-prefetch",
        explains=frozenset({SLOW, BACKLOG}),
        concept="prefetch",
        find=_small_prefetch,
        depth=1.3,
    ),
    Cause(
        id="hot-redelivery",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOST, DUPLICATES, DISORDER, WASTE, ASIDE}),
        concept="retry",
        find=_hot_redelivery,
        depth=1.5,
        follows=frozenset({"deadlock", "poison", "schema-break", "retries-without-pause"}),
    ),
)
"""The causes of this family."""
