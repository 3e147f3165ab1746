"""Causes in how messages are handed over: too many or too few in hand, and deliveries that nobody used."""

from __future__ import annotations

import itertools
from collections import Counter

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.returns import UNREAD as UNREAD_WORK
from tutor.judge.evidence.returns import returns, share_of_returns
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import at
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
from tutor.judge.words import render_clock, render_ms, render_number, render_s, render_share
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
    """Returns the subscriptions of queues and topics near a symptom, each with its channel and its reader."""
    near = {*case.near(symptom), *case.places(symptom)}
    rows = []
    for wire in case.design.wires:
        if isinstance(wire, Subscribe) and (wire.source in near or wire.target in near):
            channel, reader = case.buffer(wire.source), case.service(wire.target)
            if channel is not None and reader is not None:
                rows.append((channel, wire, reader))
    return rows


def in_hand_s(case: RunEvidence, wire: Subscribe, reader: Service) -> float:
    """Returns how long the last of the messages that a consumer holds at most waits for its work to be
    over.
    """
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
        if count < 1:
            continue
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
    """Counts, of the followed events that a channel gave up, those that nobody ever failed on, all of them,
    and the reasons why they came back.
    """
    whys: Counter[str] = Counter()
    unread = seen = 0
    for journey in case.followed_through(channel, "dead-lettered", "dropped"):
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
        idle = case.waits.idle_s(symptom, channel.id, reader.id)
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
        stopped = _stopped_by(case, channel.id, reader.id)
        if wire.retry_delay_s > 0 or not again:
            continue
        if not stopped and (again < HOT_REPEATS * max(published, 1.0) or not _comes_at_once(case, channel)):
            continue
        return found(
            0.95,
            row("published", render_number(published), part=case.name(channel.id)),
            row("repeated", render_number(again), part=case.name(channel.id)),
            row("pause", render_s(wire.retry_delay_s)),
            row("failed-work", render_number(case.count(reader.id, "failed")), part=case.name(reader.id)),
            component=reader.id,
            wire=wire.ref,
            at_s=stopped,
            variant="stopped" if stopped is not None else "",
            part=case.name(reader.id),
            channel=case.name(channel.id),
            again=int(again),
            messages=int(published),
            at=render_clock(stopped or 0.0),
        )
    return None


def _stopped_by(case: RunEvidence, channel: str, reader: str) -> float | None:
    """Returns when the run was stopped because this reader failed immediately at messages this channel
    redelivered immediately; None if it was not.
    """
    stopped = case.report.data.get("stopped")
    if not stopped or stopped.get("why") != "redelivery":
        return None
    loop = stopped["channel"]["id"], stopped["consumer"]["id"]
    return float(stopped["at_s"]) if loop == (channel, reader) else None


def _comes_at_once(case: RunEvidence, channel: Channel) -> bool:
    """Returns whether messages come back to a channel without a pause, as far as events were followed."""
    gaps = sorted(
        gap for journey in _journeys_through(case, channel.id) for gap in _gaps(journey, channel.id)
    )
    return not gaps or gaps[len(gaps) // 2] <= HOT_GAP_S


def _rate_limited(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a subscription that limits its messages per second, while more come and workers are free."""
    total = case.waits.total(symptom)
    for wire in case.design.wires:
        reader = case.service(wire.target)
        if not isinstance(wire, Subscribe) or wire.max_rate_per_s is None or reader is None or total <= 0:
            continue
        if wire.source not in case.near(symptom):
            continue
        idle = case.waits.idle_s(symptom, wire.source, reader.id)
        taken = case.count(reader.id, "throughput_per_s")
        if not idle or not _at_its_limit(case, wire):
            continue
        busy = case.count(reader.id, "utilization")
        return found(
            idle / total,
            row("rate-limit", say("causes.said.a-second", rate=wire.max_rate_per_s), wire=case.ends(wire)),
            row("completed-a-second", say("causes.said.a-second", rate=taken), part=case.name(reader.id)),
            row("busy", render_share(round(busy, 3)), part=case.name(reader.id)),
            component=wire.source,
            wire=wire.ref,
            part=case.name(reader.id),
            channel=case.name(wire.source),
            rate=wire.max_rate_per_s,
        )
    return None


def _at_its_limit(case: RunEvidence, wire: Subscribe) -> bool:
    """Returns whether a subscription handed over as much as its rate limit allows while more of it waited."""
    track, line = case.wire_track(wire.ref), case.track(wire.source)
    if track is None or line is None or wire.max_rate_per_s is None:
        return False
    waiting = [step for step, _ in enumerate(line.depth) if max(line.depth[max(0, step - 1) : step + 1]) > 0]
    sent = sum(at(track.sent, step, 0) for step in waiting)
    return sent >= 0.7 * wire.max_rate_per_s * len(waiting) * case.step_s > 0


def _held_lane(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a channel that hands out one message of a key at a time, while other messages of that key
    wait.
    """
    total = case.waits.total(symptom)
    for channel, wire, reader in subscriptions_near(case, symptom):
        if channel.lanes != "entity" or total <= 0 or _at_its_limit(case, wire):
            continue
        idle = case.waits.idle_s(symptom, channel.id, reader.id)
        if not idle:
            continue
        failed = case.count(reader.id, "failed")
        again = case.count(channel.id, "redelivered")
        back = bool(failed and again and wire.on_error == "retry")
        return found(
            idle / total,
            row("lanes", say("causes.said.one-of-a-key"), part=case.name(channel.id)),
            *([row("failed-work", render_number(failed), part=case.name(reader.id))] if back else []),
            *([row("pause", render_s(wire.retry_delay_s))] if back else []),
            row("one-piece", render_ms(case.work_ms(reader.id)), part=case.name(reader.id)),
            row(
                "busy",
                render_share(round(case.count(reader.id, "utilization"), 3)),
                part=case.name(reader.id),
            ),
            component=channel.id,
            wire=wire.ref,
            at_s=_first_back(case, channel.id) if back else None,
            variant="failed" if back else "",
            channel=case.name(channel.id),
            part=case.name(reader.id),
            **({"failed": int(failed)} if back else {}),
            pause=say("causes.said.pause", wait=wire.retry_delay_s)
            if wire.retry_delay_s
            else say("causes.said.no-pause"),
        )
    return None


def _first_back(case: RunEvidence, channel: str) -> float | None:
    """Returns when a followed event first came back to a channel."""
    backs = [
        hop.at_s
        for journey in _journeys_through(case, channel)
        for hop in journey.hops
        if hop.where == channel and hop.what == "returned"
    ]
    return min(backs, default=None)


def _next_try(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds events that are late because their first tries failed, and the next one comes after a pause."""
    if not symptom.value or not symptom.metric.rpartition("/")[0].endswith("_ms"):
        return None
    best: tuple[float, Subscribe, int, int] | None = None
    late = _slow_ones(case, symptom)
    whole = sum(end - journey.hops[0].at_s for journey, end in late)
    for channel, wire, _ in subscriptions_near(case, symptom):
        if wire.on_error != "retry" or not wire.retry_delay_s or not case.count(channel.id, "redelivered"):
            continue
        pauses = [_paused_s(journey, channel.id, end, wire.retry_delay_s) for journey, end in late]
        share = sum(pauses) / whole if whole else 0.0
        if share and (best is None or share > best[0]):
            best = share, wire, len(late), sum(1 for pause in pauses if pause)
    if best is None:
        return None
    share, wire, slow, failed = best
    return found(
        share,
        row("slow-followed", render_number(slow)),
        row("slow-failed-first", render_number(failed)),
        row("waited-for-next", render_share(round(share, 3))),
        row("pause", render_s(wire.retry_delay_s)),
        row("failed-work", render_number(case.count(wire.target, "failed")), part=case.name(wire.target)),
        component=wire.target,
        wire=wire.ref,
        part=case.name(wire.target),
        channel=case.name(wire.source),
        share_text=render_share(round(share, 2)),
        pause=wire.retry_delay_s,
    )


def _paused_s(journey: Journey, channel: str, end_s: float, most_s: float) -> float:
    """Returns how long an event waited at a channel between a try and the next, up to a moment, pauses
    alone.
    """
    waited, since = 0.0, None
    for hop in journey.hops:
        if hop.where != channel or hop.at_s > end_s:
            continue
        if hop.what == "returned":
            since = hop.at_s
        elif hop.what == "delivered" and since is not None:
            waited += min(most_s, hop.at_s - since)
            since = None
    return waited


def _slow_ones(case: RunEvidence, symptom: Symptom) -> list[tuple[Journey, float]]:
    """Returns the followed events that took as long as the symptom says, or longer, each with when it took
    effect or was answered.
    """
    places, found_ones = set(case.places(symptom)), []
    for journey in case.timeline.journeys if case.timeline else ():
        if not journey.hops or (symptom.event and journey.type != symptom.event):
            continue
        end = next(
            (
                hop.at_s
                for hop in journey.hops
                if hop.where in places and hop.what in ("applied", "answered", "confirmed")
            ),
            None,
        )
        if end is not None and 1000 * (end - journey.hops[0].at_s) >= 0.9 * (symptom.value or 0.0):
            found_ones.append((journey, end))
    return found_ones


def _journeys_through(case: RunEvidence, channel: str) -> list[Journey]:
    return case.followed_through(channel, "returned")


def _gaps(journey: Journey, channel: str) -> list[float]:
    """Returns the times between two returns of a message to a channel."""
    backs = [hop.at_s for hop in journey.hops if hop.where == channel and hop.what == "returned"]
    return [later - earlier for earlier, later in itertools.pairwise(backs)]


CAUSES = (
    Cause(
        id="held-lane",
        explains=frozenset({SLOW, BACKLOG}),
        concept="head-of-line-blocking",
        find=_held_lane,
        depth=1.35,
    ),
    Cause(
        id="rate-limited",
        explains=frozenset({SLOW, BACKLOG}),
        concept="backpressure",
        find=_rate_limited,
        depth=1.2,
    ),
    Cause(
        id="next-try",
        explains=frozenset({SLOW}),
        concept="retry",
        find=_next_try,
        depth=1.2,
        follows=frozenset({"held-lane", "poison", "schema-break"}),
    ),
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
        # good messages given up matter more than the disorder that the same redeliveries make
        depth=1.8,
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
