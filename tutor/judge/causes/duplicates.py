"""Causes where an effect takes place more than once."""

from __future__ import annotations

from collections import Counter

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.endings import harmed
from tutor.judge.evidence.returns import AT_WORK, DONE, returns, share_of_returns
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import ASIDE, DUPLICATES, LOST, SLOW, WASTE, Symptom
from tutor.judge.words import render_clock, render_number, render_s, times
from tutor.model.component import Service
from tutor.model.timeline import Journey
from tutor.model.wire import Capture, Publish, Subscribe
from tutor.words import say

_RETURNS = {"lease over": "lease-over", "connection lost": "connection-lost", "failed": "failed"}
"""By the detail of a return to a channel, why a message came again."""


ENOUGH = 40
"""So many events tell what most of them met."""


def _why_again(case: RunEvidence, journeys: list[Journey], place: str) -> str:
    """Returns the most frequent reason why a repeated event came again, in words; empty if no hop says it."""
    counts: Counter[tuple[str, str]] = Counter()
    for journey in journeys[:ENOUGH]:
        places = {hop.where for hop in journey.hops if hop.what == "returned"}
        states = {place: iter(returns(journey, place, *_RETURNS)) for place in places}
        for hop in journey.hops:
            if hop.what == "returned" and hop.detail in _RETURNS:
                state = next(states[hop.where], "")
                counts[
                    "lost-ack" if hop.detail == "lease over" and state == DONE else _RETURNS[hop.detail],
                    hop.where,
                ] += 1
            elif hop.what == "captured" and hop.detail == "again":
                counts["relay", hop.where] += 1
            elif hop.what == "sent" and hop.detail.startswith("attempt") and hop.detail != "attempt 1":
                wire = case.design.wire(hop.wire)
                counts["published-again" if isinstance(wire, Publish) else "asked-again", hop.where] += 1
    if not counts:
        return _lost_acks(case, place) or _read_again(case, place)
    why, where = max(counts, key=lambda key: counts[key])
    return say(f"causes.why.{why}", part=case.name(where))


def _duplicates(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    places = case.places(symptom)
    if not places:
        return None
    if case.paths.is_channel(places[0]):
        return _repeats_of_channel(case, places[0])
    repeated = case.effect_count(symptom, "duplicates")
    place = places[0]
    part = case.part(place)
    if not repeated or (
        isinstance(part, Service)
        and part.idempotent
        and part.dedup_window_s is None
        and part.dedup_scope == "shared"
    ):
        return None
    journeys = _repeated_at(case, symptom, place)
    why, relay = _why_again(case, journeys, place), _relay_of(case, journeys)
    rows: list[Row] = [
        row("applied", render_number(case.effect_count(symptom, "applied"))),
        row("applied-again", render_number(repeated)),
        row(
            "recognizes",
            say("causes.said.for-a-while")
            if isinstance(part, Service) and part.idempotent
            else say("causes.said.no"),
            part=case.name(place),
        ),
    ]
    for wire in case.paths.into(place, Subscribe):
        rows.append(
            row(
                "repeated", render_number(case.count(wire.source, "redelivered")), part=case.name(wire.source)
            )
        )
    rows += _relay_rows(case, relay) if relay is not None else []
    rows += [
        (journey.event_id, say("causes.said.again", moments=_again(journey, place)))
        for journey in journeys[:2]
    ]
    return found(
        0.85 if why or relay is not None else 0.6,
        *rows,
        component=place,
        at_s=_first_again(journeys, place),
        part=case.name(place),
        repeated=times(repeated),
        variant="relay" if relay is not None else "" if why else "unknown",
        source=case.name(relay.source) if relay is not None else "",
        checkpoint=relay.checkpoint_s if relay is not None else 0.0,
        why=why,
        what_event=symptom.event,
    )


def _repeats_of_channel(case: RunEvidence, name: str) -> Explanation | None:
    again = case.count(name, "redelivered")
    readers = [wire.target for wire in case.paths.subscribers(name)]
    if not again or not readers:
        return None
    journeys = [
        one
        for one in (case.timeline.journeys if case.timeline else [])
        if any(hop.what == "returned" for hop in one.hops)
    ]
    why = _why_again(case, journeys, readers[0])
    return found(
        0.6,
        row("deliveries", render_number(case.count(name, "delivered")), part=case.name(name)),
        row("repeats", render_number(again)),
        component=readers[0],
        part=case.name(readers[0]),
        repeated=times(again),
        variant="" if why else "unknown",
        why=why,
        what_event=say("causes.said.a-message"),
    )


def _repeats(journey: Journey, place: str) -> list[float]:
    """Returns when an event took effect at a place after the first time."""
    times = [hop.at_s for hop in journey.hops if hop.where == place and hop.what in ("applied", "repeated")]
    return times[1:]


def _again(journey: Journey, place: str) -> str:
    return ", ".join(render_clock(at_s) for at_s in _repeats(journey, place)[:3]) or say(
        "causes.said.not-followed"
    )


def _first_again(journeys: list[Journey], place: str) -> float | None:
    first: float | None = None
    for journey in journeys:
        if first is None or journey.hops[0].at_s < first:  # no event repeats before it is made
            again = _repeats(journey, place)
            first = min(again[0], first if first is not None else again[0]) if again else first
    return first


def _lease_too_short(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name in [*case.near(symptom), *case.places(symptom)]:
        for wire in (
            case.paths.into(name, Subscribe)
            if not case.paths.is_channel(name)
            else case.paths.subscribers(name)
        ):
            channel, reader = case.buffer(wire.source), case.service(wire.target)
            if channel is None or channel.redeliver_on != "lease" or wire.extend_lease or wire.ack != "after":
                continue
            lease = channel.visibility_timeout_s
            longest = _usual_ms(reader) / 1000
            again = case.count(wire.source, "redelivered")
            at_work = share_of_returns(case, wire.source, AT_WORK, "lease over")
            if longest <= lease or not again or at_work == 0:
                continue
            again = round(again * (at_work if at_work is not None else 1.0))
            gone = case.count(wire.source, "dead_lettered") + case.count(
                wire.source, "dropped_by", "max-deliveries"
            )
            total = harmed(case, symptom)
            if symptom.kind == LOST and not (gone and total):
                continue  # what comes back is not lost, unless it is given up in the end
            share = min(1.0, gone / total) if symptom.kind == LOST else 1.0
            return found(
                0.9 * share * (at_work if at_work is not None else 1.0),
                row("lease", render_s(lease), part=case.name(wire.source)),
                row("needs-up-to", render_s(longest), part=case.name(wire.target)),
                row("repeats", render_number(again)),
                row("given-up-limit", render_number(case.count(wire.source, "dead_lettered"))),
                component=wire.source,
                wire=wire.ref,
                part=case.name(wire.source),
                reader=case.name(wire.target),
                lease=render_s(lease),
                longest=render_s(longest),
                again=again,
            )
    return None


def _usual_ms(part: Service | None) -> float:
    """Returns the longest time that a piece of work ordinarily takes: of a mixture its longest part, else the
    mean.
    """
    if part is None:
        return 0.0
    if isinstance(part.distribution, tuple) and part.distribution:
        return max(ms for _, ms in part.distribution)
    return max(ms for _, ms in part.service_ms) if isinstance(part.service_ms, tuple) else part.service_ms


def _dedup_forgets(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for place in case.places(symptom):
        part = case.part(place)
        if not isinstance(part, Service) or not part.idempotent:
            continue
        repeated = case.effect_count(symptom, "duplicates")
        if part.dedup_scope == "replica" and part.replicas > 1:
            memory = say("causes.said.remembers-own", count=part.replicas)
        elif part.dedup_window_s is not None:
            memory = say("causes.said.remembers-for", window=part.dedup_window_s)
        else:
            continue
        if not repeated:
            continue
        journeys = case.journeys(symptom, "duplicate")
        return found(
            1.0,
            row("memory", memory, part=case.name(place)),
            row("applied-again", render_number(repeated)),
            *((one.event_id, say("causes.said.again", moments=_again(one, place))) for one in journeys[:2]),
            component=place,
            at_s=_first_again(journeys, place),
            part=case.name(place),
            memory=memory,
            repeated=repeated,
        )
    return None


def _lost_acks(case: RunEvidence, place: str) -> str:
    """Says, in words, that acks from a place got lost, where a fault took some and no repeated event was
    followed.
    """
    for wire in case.paths.into(place, Subscribe):
        struck = any(case.faults_of(target, "drop-acks") for target in (wire.pair, wire.ref, wire.target))
        if struck and case.count(wire.source, "redelivered"):
            return say("causes.why.lost-ack", part=case.name(wire.source))
    return ""


def _read_again(case: RunEvidence, place: str) -> str:
    """Says, in words, that members of a group left before they had committed what they had read."""
    for wire in case.paths.into(place, Subscribe):
        for count, why in (("evictions", "evicted"), ("rebalances", "rebalance")):
            if case.count(wire.source, "groups", wire.target, count):
                return say(f"causes.why.{why}", part=case.name(place))
    return ""


def _relay_of(case: RunEvidence, journeys: list[Journey]) -> Capture | None:
    """Returns the relay that published most of these events again after a restart; None if another reason is
    more frequent.
    """
    again = [
        hop.wire for one in journeys for hop in one.hops if hop.what == "captured" and hop.detail == "again"
    ]
    wire = (
        case.design.wire(Counter(again).most_common(1)[0][0])
        if 2 * len(again) >= len(journeys) and again
        else None
    )
    return wire if isinstance(wire, Capture) else None


def _relay_rows(case: RunEvidence, wire: Capture) -> list[Row]:
    """Returns rows of evidence on a relay and its checkpoint."""
    published = case.count(wire.target, "published") / max(1, len(case.paths.subscribers(wire.target)))
    restarts = case.outages(wire.source) or case.outages(wire.target)
    return [
        row(
            "writes",
            render_number(case.number(f"/database/{wire.source}/writes")),
            part=case.name(wire.source),
        ),
        row("published", render_number(published), part=case.name(wire.target)),
        row("checkpoint", render_s(wire.checkpoint_s)),
        *(
            row("was-down", say("causes.said.span", start=a, end=b), part=case.name(wire.source))
            for a, b in restarts[:3]
        ),
    ]


def _repeated_at(case: RunEvidence, symptom: Symptom, place: str) -> list[Journey]:
    """Returns the followed events that took effect again at a place, whatever else became of them."""
    return case.followed_through(place, "repeated") or case.journeys(symptom, "duplicate")


CAUSES = (
    Cause(
        id="duplicates",
        explains=frozenset({DUPLICATES}),
        concept="idempotency",
        find=_duplicates,
        follows=frozenset(
            {
                "lease-in-hand",
                "lease-too-short",
                "evicted",
                "timeout-too-short",
                "retry-storm",
                "given-up-unread",
                "publish-timeouts",
                "side-effects-replayed",
                "double-handling",
                "event-loop",
                "dedup-forgets",
                "callback-load",
                "poison",
            }
        ),
    ),
    Cause(
        id="lease-too-short",
        explains=frozenset({DUPLICATES, ASIDE, WASTE, SLOW, LOST}),
        concept="visibility-timeout",
        find=_lease_too_short,
    ),
    Cause(
        id="dedup-forgets",
        explains=frozenset({DUPLICATES}),
        concept="inbox",
        find=_dedup_forgets,
        depth=1.3,
    ),
)
"""The causes of this family."""
