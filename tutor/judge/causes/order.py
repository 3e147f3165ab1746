"""Causes where effects come in another order than the facts."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import DISORDER, DIVERGED, Symptom
from tutor.judge.words import render_clock, render_number
from tutor.model.component import Channel, Stream
from tutor.model.wire import Capture, DeadLetter, Publish, Subscribe, Write
from tutor.words import say


def _feeding(case: RunEvidence, symptom: Symptom) -> list[tuple[str, Subscribe]]:
    """Returns the channels on the way to a symptom, nearest first, each with the subscription that leads
    there.
    """
    rows = []
    for place in case.places(symptom):
        for name in (place, *case.paths.upstream(place)):
            rows += [(wire.source, wire) for wire in case.paths.into(name, Subscribe)]
    return rows


def _keys(case: RunEvidence, stream: str) -> list[tuple[Publish | Capture, str]]:
    return [(wire, wire.key) for wire in case.paths.feeding(stream)]


def _missing(case: RunEvidence, symptom: Symptom) -> float:
    """Returns, for a copy that differs, the share of the original's writes that never came; disorder cannot
    explain those.
    """
    if symptom.kind != DIVERGED:
        return 0.0
    shares = []
    for place in case.places(symptom):
        original = case.original(place)
        written = case.number(f"/database/{original}/writes") if original else 0.0
        shares += [1 - case.number(f"/database/{place}/writes") / written] if written else []
    return min(1.0, max([0.0, *shares]))


def _out_of_order(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name, wire in _feeding(case, symptom):
        part = case.part(name)
        hands = case.hands(wire.target)
        if isinstance(part, Stream):
            loose = [one for one, key in _keys(case, name) if key != "entity"]
            if part.partitions < 2 or not loose or hands < 2:
                continue
            key = loose[0].key
            how = say(
                "causes.how.spread",
                wire=case.ends(loose[0]),
                partitions=part.partitions,
                key=say(f"causes.said.keyed.{key}"),
            )
            wire_ref = loose[0].ref
        else:
            if hands < 2 or (isinstance(part, Channel) and part.lanes == "entity"):
                continue
            how = say("causes.how.workers", count=hands, part=case.name(wire.target), channel=case.name(name))
            wire_ref = wire.ref
        return _disorder(case, symptom, name, wire_ref, how, 1.0)
    for name in case.near(symptom):
        channel, onward = case.buffer(name), case.paths.out(name, DeadLetter)
        if channel is not None and channel.ttl_s and onward and case.count(name, "dead_lettered"):
            how = say(
                "causes.how.delayed", part=case.name(name), ttl=channel.ttl_s, wire=case.ends(onward[0])
            )
            return _disorder(case, symptom, name, onward[0].ref, how, 0.7)
    for name, wire in _feeding(case, symptom):
        if case.count(name, "redelivered"):
            how = say("causes.how.again", channel=case.name(name))
            return _disorder(case, symptom, name, wire.ref, how, 0.7)
    if symptom.kind == DIVERGED:
        return None
    return _disorder(case, symptom, "", "", say("causes.how.paths"), 0.3)


def _overtaken(case: RunEvidence, symptom: Symptom) -> float | None:
    """Returns how many effects came after a later one of their key; for a copy those of its writers; None if
    the ledger does not say.
    """
    if symptom.kind != DIVERGED:
        return case.effect_count(symptom, "out_of_order")
    places = set(case.places(symptom))
    places |= {wire.source for place in places for wire in case.paths.into(place, Write)}
    counts = [
        case.number(f"/effect/{effect.name}/{effect.event}/out_of_order")
        for effect in case.scenario.effects
        if places & set(effect.at)
    ]
    return sum(counts) if counts else None


def _disorder(
    case: RunEvidence, symptom: Symptom, name: str, ref: str, how: str, share: float
) -> Explanation | None:
    count = _overtaken(case, symptom)
    if count == 0:
        return None
    share *= 0.6 if symptom.kind == DIVERGED else 1.0
    count = count or 0.0
    journeys = case.journeys(symptom, "out-of-order")
    return found(
        share * (1 - _missing(case, symptom)),
        row("overtaken", render_number(count)),
        row("how", how),
        *(
            row(
                "version",
                say("causes.said.after-later"),
                event=one.event_id,
                version=one.version,
                key=one.key,
            )
            for one in journeys[:2]
        ),
        component=name,
        wire=ref,
        at_s=journeys[0].hops[-1].at_s if journeys and journeys[0].hops else None,
        how=how,
        count=count,
    )


def _repartitioned(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name, _ in _feeding(case, symptom):
        faults, stream = case.faults_of(name, "repartition"), case.stream(name)
        if not faults or stream is None or any(key != "entity" for _, key in _keys(case, name)):
            continue
        count = case.effect_count(symptom, "out_of_order") or case.number(symptom.metric)
        return found(
            0.9,
            row("partitions-before", render_number(stream.partitions)),
            row(
                "partitions-after",
                say("causes.said.from-then-on", count=faults[0].partitions, at=faults[0].at_s),
            ),
            row("overtaken", render_number(count)),
            component=name,
            at_s=faults[0].at_s,
            part=case.name(name),
            when=render_clock(faults[0].at_s),
            partitions=faults[0].partitions,
            count=count,
        )
    return None


CAUSES = (
    Cause(
        id="out-of-order",
        explains=frozenset({DISORDER, DIVERGED}),
        concept="partition-key",
        find=_out_of_order,
    ),
    Cause(
        id="repartitioned",
        explains=frozenset({DISORDER}),
        concept="partition",
        find=_repartitioned,
        depth=1.1,
    ),
)
"""The causes of this family."""
