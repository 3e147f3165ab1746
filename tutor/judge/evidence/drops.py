"""The messages that channels dropped or dead-lettered, for which reason and for whom: a topic's messages are
counted for each subscription.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tutor.judge.evidence.run import RunEvidence, Span
from tutor.judge.evidence.symptom import Symptom
from tutor.model.wire import Subscribe

AWAY = "not-durable"
"""The report's word for what had no subscription to wait in, because its reader was away."""


def dropped_for(case: RunEvidence, symptom: Symptom, channel: str, why: str) -> float:
    """Returns how many messages a channel dropped for a reason, in the subscriptions that lead to a
    symptom.
    """
    dropped = case.count(channel, "dropped_by", why)
    subscriptions = case.paths.subscribers(channel)
    theirs = [wire for wire in subscriptions if _leads_to(case, wire, symptom)]
    if not dropped or case.kind(channel) != "topic" or not theirs or len(theirs) == len(subscriptions):
        return dropped
    if why == AWAY:
        return sum(missed_away(case, wire) for wire in theirs)
    # of each subscription the report has one count of drops, whatever their reason
    mine = {wire.ref: _drops(case, wire) - missed_away(case, wire) for wire in subscriptions}
    total = sum(mine.values())
    share = sum(mine[wire.ref] for wire in theirs) / total if total else 0.0
    return round(dropped * share)


def set_aside_for(case: RunEvidence, channel: str, why: str) -> float:
    """Returns how many messages a channel put on its dead-letter wire for a reason, by the fate of the
    followed ones.
    """
    moved = case.count(channel, "dead_lettered")
    if not moved:
        return 0.0
    whys = Counter(
        hop.detail
        for journey in (case.timeline.journeys if case.timeline else ())
        for hop in journey.hops
        if hop.where == channel and hop.what == "dead-lettered"
    )
    seen = sum(whys.values())
    return round(moved * whys[why] / seen) if seen else 0.0


def missed_away(case: RunEvidence, wire: Subscribe) -> float:
    """Returns how many messages of a topic had no subscription to wait in while the reader at this wire was
    away.
    """
    dropped = case.count(wire.source, "dropped_by", AWAY)
    if not dropped or wire.durable:
        return 0.0
    sent = {
        one.ref: sent_during(case, wire.source, absences(case, one))
        for one in case.paths.subscribers(wire.source)
        if not one.durable
    }
    total = sum(sent.values())
    return round(dropped * sent[wire.ref] / total) if total else 0.0


def absences(case: RunEvidence, wire: Subscribe) -> list[Span]:
    """Returns when the reader at a subscription was down, or cut off from its channel."""
    return sorted([*case.outages(wire.target), *case.cuts(wire)])


def sent_during(case: RunEvidence, channel: str, spans: Iterable[Span]) -> float:
    """Returns how many messages were published to a channel in these times."""
    count = 0.0
    for wire in case.paths.feeding(channel):
        track = case.wire_track(wire.ref)
        if track is not None:
            for start, end in spans:
                count += sum(track.sent[case.step_at(start) : case.step_at(end)])
    return count


def _drops(case: RunEvidence, wire: Subscribe) -> float:
    return case.count(wire.source, "subscriptions", wire.target, "dropped")


def _leads_to(case: RunEvidence, wire: Subscribe, symptom: Symptom) -> bool:
    places = case.places(symptom)
    return any(place == wire.target or wire.target in case.paths.upstream(place) for place in places)
