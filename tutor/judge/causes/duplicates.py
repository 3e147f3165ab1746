"""Causes where an effect takes place more than once."""

from __future__ import annotations

from collections import Counter

from tutor.judge.causes.cause import Cause, Explanation, Row, found
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import ASIDE, DUPLICATES, LOST, SLOW, WASTE, Symptom
from tutor.judge.words import render_clock, render_number, render_s, times
from tutor.model.component import Service
from tutor.model.timeline import Journey
from tutor.model.wire import Subscribe

_WHY = {
    "lease over": "its lease was over while the work still went on or its ack had been lost",
    "connection lost": "its reader went away before it could acknowledge",
    "failed": "its handling failed after the effect",
    "attempt": "the caller gave up waiting and asked again",
    "relay": "it was sent twice on the way",
}


ENOUGH = 40
"""So many events tell what most of them met."""


def _why_again(journeys: list[Journey]) -> tuple[str, str]:
    """The most frequent reason why a repeated event came again, as a key of the words and a component."""
    counts: Counter[tuple[str, str]] = Counter()
    for journey in journeys[:ENOUGH]:
        for hop in journey.hops:
            if hop.what not in ("returned", "timed-out", "sent"):
                continue
            if hop.what == "returned" and hop.detail in _WHY:
                counts[hop.detail, hop.where] += 1
            elif hop.what == "timed-out" or (hop.what == "sent" and hop.detail.startswith("attempt") and hop.detail != "attempt 1"):
                counts["attempt", hop.where] += 1
    return max(counts, key=lambda key: counts[key]) if counts else ("relay", "")


def _duplicates(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    places = case.places(symptom)
    if not places:
        return None
    if case.paths.is_channel(places[0]):
        return _repeats_of_channel(case, symptom, places[0])
    repeated = case.effect_count(symptom, "duplicates")
    place = places[0]
    part = case.part(place)
    if not repeated or (isinstance(part, Service) and part.idempotent and part.dedup_window_s is None and part.dedup_scope == "shared"):
        return None
    journeys = case.journeys(symptom, "duplicate")
    why, where = _why_again(journeys)
    rows: list[Row] = [
        ("applied", render_number(case.effect_count(symptom, "applied"))),
        ("applied again", render_number(repeated)),
        (f"{case.name(place)} recognises what it did", "for a while" if isinstance(part, Service) and part.idempotent else "no"),
    ]
    for wire in case.paths.into(place, Subscribe):
        rows.append((f"deliveries repeated by {case.name(wire.source)}", render_number(case.count(wire.source, "redelivered"))))
    rows += [(journey.event_id, f"again at {_again(journey, place)}") for journey in journeys[:2]]
    return found(
        symptom,
        0.85,
        *rows,
        component=place,
        at_s=_first_again(journeys, place),
        part=case.name(place),
        repeated=times(repeated),
        why=_WHY[why],
        where=f" ({case.name(where)})" if where else "",
        what_event=symptom.event,
    )


def _repeats_of_channel(case: RunEvidence, symptom: Symptom, name: str) -> Explanation | None:
    again = case.count(name, "redelivered")
    readers = [wire.target for wire in case.paths.subscribers(name)]
    if not again or not readers:
        return None
    journeys = [one for one in (case.timeline.journeys if case.timeline else []) if any(hop.what == "returned" for hop in one.hops)]
    why, where = _why_again(journeys)
    return found(
        symptom,
        0.6,
        (f"deliveries of {case.name(name)}", render_number(case.count(name, "delivered"))),
        ("of which repeats", render_number(again)),
        component=readers[0],
        part=case.name(readers[0]),
        repeated=times(again),
        why=_WHY[why],
        where=f" ({case.name(where)})" if where else "",
        what_event="a message",
    )


def _repeats(journey: Journey, place: str) -> list[float]:
    """When an event took effect at a place after the first time."""
    times = [hop.at_s for hop in journey.hops if hop.where == place and hop.what in ("applied", "repeated")]
    return times[1:]


def _again(journey: Journey, place: str) -> str:
    return ", ".join(render_clock(at_s) for at_s in _repeats(journey, place)[:3]) or "a moment that was not followed"


def _first_again(journeys: list[Journey], place: str) -> float | None:
    first: float | None = None
    for journey in journeys:
        if first is None or journey.hops[0].at_s < first:  # no event repeats before it is made
            again = _repeats(journey, place)
            first = min(again[0], first if first is not None else again[0]) if again else first
    return first


def _lease_too_short(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name in [*case.near(symptom), *case.places(symptom)]:
        for wire in case.paths.into(name, Subscribe) if not case.paths.is_channel(name) else case.paths.subscribers(name):
            channel, reader = case.buffer(wire.source), case.service(wire.target)
            if channel is None or channel.redeliver_on != "lease" or wire.extend_lease:
                continue
            lease = channel.visibility_timeout_s
            longest = _usual_ms(reader) / 1000 * max(1, wire.prefetch)
            again = case.count(wire.source, "redelivered")
            if longest <= lease or not again:
                continue
            return found(
                symptom,
                0.75 if symptom.kind == DUPLICATES else 0.9,
                (f"lease of {case.name(wire.source)}", render_s(lease)),
                (f"{case.name(wire.target)} needs up to", render_s(longest)),
                ("deliveries repeated", render_number(again)),
                ("given up after too many deliveries", render_number(case.count(wire.source, "dead_lettered"))),
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
    """The longest that a piece of work ordinarily takes: of a mixture its longest part, else the mean."""
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
            memory = f"each of its {part.replicas} replicas remembers only what it did itself"
        elif part.dedup_window_s is not None:
            memory = f"it remembers for {render_s(part.dedup_window_s)}, and the repeat came later"
        else:
            continue
        if not repeated:
            continue
        journeys = case.journeys(symptom, "duplicate")
        return found(
            symptom,
            1.0,
            (f"memory of {case.name(place)}", memory),
            ("applied again all the same", render_number(repeated)),
            *((one.event_id, f"again at {_again(one, place)}") for one in journeys[:2]),
            component=place,
            at_s=_first_again(journeys, place),
            part=case.name(place),
            memory=memory,
            repeated=repeated,
        )
    return None


CAUSES = (
    Cause(
        id="duplicates",
        title="Delivered again, done again",
        explains=frozenset({DUPLICATES}),
        what=(
            "{part} got {what_event} again, most often because {why}{where}, and could not tell that it had done it: "
            "that went wrong {repeated}. The result: {said}."
        ),
        try_="Repeats cannot be ruled out on the way. What would {part} need to know to see that this very piece of work is done?",
        concept="idempotency",
        find=_duplicates,
    ),
    Cause(
        id="lease-too-short",
        title="The lease ends before the work does",
        explains=frozenset({DUPLICATES, ASIDE, WASTE, SLOW, LOST}),
        what=(
            "{part} hands a message to somebody else after {lease}, and {reader} may need {longest} for one: {again} messages "
            "were handed out again while the first was still at work. The result: {said}."
        ),
        try_="Compare the lease of {part} with the longest piece of work, not with the average one.",
        concept="visibility-timeout",
        find=_lease_too_short,
    ),
    Cause(
        id="dedup-forgets",
        title="The memory of what was done is too small",
        explains=frozenset({DUPLICATES}),
        what="{part} recognises repeats, but {memory}: {repeated} went through a second time. The result: {said}.",
        try_="Where does {part} keep the note that a piece of work is done, who else can read it, and for how long?",
        concept="inbox",
        find=_dedup_forgets,
        depth=1.3,
    ),
)
"""The causes of this family."""
