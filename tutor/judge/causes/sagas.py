"""Causes where a story of several steps stops half way, and the steps already done are not undone."""

from __future__ import annotations

from collections import Counter

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import ORPHANS, Symptom
from tutor.judge.words import render_number, times
from tutor.model.design import make_design
from tutor.model.path import Reach
from tutor.model.wire import Call, Publish, Subscribe, Wire
from tutor.words import say


def _compensated(case: RunEvidence, symptom: Symptom, place: str) -> bool:
    """Returns whether the event that takes the symptom's effect back can come to its place at all."""
    effect = case.effect(symptom)
    return effect is not None and effect.undone_by in case.paths.types.get(place, frozenset())


def _no_compensation(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    effect, places = case.effect(symptom), case.places(symptom)
    orphans = case.effect_count(symptom, "orphans")
    if effect is None or not places or not orphans:
        return None
    half = _half_repair(case, symptom, effect.undone_by, places)
    if half is None and any(_compensated(case, symptom, place) for place in places):
        return None
    others = [
        one.name for one in case.scenario.effects if one.event == effect.event and one.name != effect.name
    ]
    elsewhere = [
        name
        for name in case.of_kind("service")
        if effect.undone_by in case.paths.types[name] and name not in places
    ]
    return found(
        1.0,
        *_missing_half(case, half),
        row("left-standing", render_number(orphans), part=case.name(places[0])),
        row("taken-back", render_number(case.effect_count(symptom, "undone"))),
        row("steps-of-saga", ", ".join(case.name(name) for name in (effect.name, *others))),
        *(
            [row("comes-to", say("causes.said.never"), event=effect.undone_by, part=case.name(places[0]))]
            if half is None
            else []
        ),
        component=places[0],
        wire=half.ref if half is not None else "",
        at_s=_first_left(case, symptom),
        variant=("elsewhere" if elsewhere else "")
        if half is None
        else "on-success"
        if half.on == "success"
        else "unnamed",
        elsewhere=[case.name(name) for name in elsewhere],
        part=case.name(places[0]),
        count=times(orphans),
        wire_name=case.ends(half) if half is not None else "",
        carried=half.event or effect.event if half is not None else "",
        undoing=effect.undone_by,
    )


def _half_repair(case: RunEvidence, symptom: Symptom, undoing: str, places: list[str]) -> Publish | None:
    """Finds a publish that leads to where the step was done and would report the failure, if it ran on
    failure and had the right name.
    """
    event = effect.event if (effect := case.effect(symptom)) is not None else ""
    reports: list[tuple[int, Publish]] = []
    for wire in case.design.wires:
        if not isinstance(wire, Publish) or case.kind(wire.source) == "client":
            continue
        reached = [
            place
            for place in places
            if place != wire.source
            and any(one.source == wire.target for one in case.paths.into(place, Subscribe))
        ]
        if not reached or (wire.on == "failure" and wire.event == undoing):
            continue
        if wire.on == "failure":
            reports.append((0, wire))
        elif wire.event == undoing:
            reports.append((1, wire))
        elif _comes_anyway(case, wire, event, reached):
            reports.append((2, wire))
    return min(reports, key=lambda one: one[0])[1] if reports else None


def _comes_anyway(case: RunEvidence, wire: Publish, event: str, places: list[str]) -> bool:
    """Returns whether places get an event without a publish too, so that it isn't the saga's own next
    step.
    """
    if wire.event and wire.event != event:
        return False
    without = make_design(
        case.design.components.values(), [one for one in case.design.wires if one is not wire]
    )
    reach = Reach(without)
    return all(event in reach.types_at(place) for place in places)


def _missing_half(case: RunEvidence, wire: Publish | None) -> list[Row]:
    """Returns the settings of a half repair that are not yet as a compensation needs them."""
    if wire is None:
        return []
    on = say("causes.said.on-success") if wire.on == "success" else say("causes.said.on-failure")
    name = wire.event or say("causes.said.no-name")
    return [row("publishes-on", on, wire=case.ends(wire)), row("publishes-as", name, wire=case.ends(wire))]


def _first_left(case: RunEvidence, symptom: Symptom) -> float | None:
    """Returns when the first sampled event of a failed story was done at the symptom's place."""
    times = [
        hop.at_s
        for journey in case.journeys(symptom, "failed", "lost", "unanswered")
        for hop in journey.hops
        if hop.what == "applied" and hop.where in case.places(symptom)
    ]
    return min(times, default=None)


def _stuck_saga(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    effect, places = case.effect(symptom), case.places(symptom)
    orphans = case.effect_count(symptom, "orphans")
    if effect is None or not orphans or not any(_compensated(case, symptom, place) for place in places):
        return None
    if _half_repair(case, symptom, effect.undone_by, places) is not None:
        return None
    wire, why = _leak(case, symptom, effect.undone_by, places)
    return found(
        0.95,
        row("left-standing", render_number(orphans), part=case.name(places[0])),
        row("taken-back", render_number(case.effect_count(symptom, "undone"))),
        *([row("rule-on", why, wire=case.ends(wire))] if wire is not None else []),
        component=places[0],
        wire=wire.ref if wire is not None else "",
        at_s=_first_left(case, symptom),
        part=case.name(places[0]),
        count=times(orphans),
        undoing=effect.undone_by,
        why=why,
    )


def _leak(case: RunEvidence, symptom: Symptom, undoing: str, places: list[str]) -> tuple[Wire | None, str]:
    """Finds the wire on which a compensation gets lost, or is contradicted, and how; else the part that
    fails, or stops, without a report.
    """
    for wire in case.design.wires:
        if (
            isinstance(wire, Subscribe)
            and wire.target in places
            and case.paths.carried(wire, case.paths.types.get(wire.source, ())) & {undoing}
        ):
            if wire.on_error == "drop":
                return wire, say("causes.why-left.dropped")
            if wire.ack != "after":
                return wire, say("causes.why-left.acked-early")
            if not wire.durable:
                return wire, say("causes.why-left.not-kept")
    silent = _silent_failure(case, symptom, undoing)
    if silent:
        return None, say("causes.why-left.unreported", failing=case.name(silent), undoing=undoing)
    for wire in case.design.wires:
        if (
            isinstance(wire, Publish)
            and wire.on == "failure"
            and wire.event == undoing
            and not wire.rescues
            and _tries_again(case, wire.source)
        ):
            return wire, say("causes.why-left.tried-again", failing=case.name(wire.source))
    dead = _died_between(case, undoing)
    if dead:
        return None, say("causes.why-left.died", failing=case.name(dead), undoing=undoing)
    stopped = _stopped_before(case, symptom)
    if stopped:
        return None, say("causes.why-left.stopped", next=case.name(stopped))
    return None, say("causes.why-left.too-early")


def _silent_failure(case: RunEvidence, symptom: Symptom, undoing: str) -> str:
    """Returns the part at which most of the followed events failed last, if nothing publishes the
    compensation when it fails; else an empty text.
    """
    counts = Counter[str]()
    for journey in case.journeys(symptom, "failed", "lost", "unanswered", "pending", "orphan"):
        failing = [
            hop.where
            for hop in journey.hops
            if hop.what == "failed" and case.service(hop.where) and hop.where not in case.places(symptom)
        ]
        if failing:
            counts[failing[-1]] += 1
    if not counts:
        return ""
    name = max(counts, key=lambda one: counts[one])
    callers = [wire.source for wire in case.paths.into(name, Call)]
    reports = [
        wire
        for wire in case.design.wires
        if isinstance(wire, Publish)
        and wire.on == "failure"
        and wire.event == undoing
        and wire.source in (name, *callers)
    ]
    return name if not reports else ""


def _died_between(case: RunEvidence, undoing: str) -> str:
    """Returns the part that reports the failures and has died between two steps of its work, if it works on
    calls: nothing hands it the same work again, so that what it was to report is gone; else an empty text.
    """
    for wire in case.design.wires:
        if (
            isinstance(wire, Publish)
            and (wire.on, wire.event) == ("failure", undoing)
            and case.faults_of(wire.source, "die-between")
            and not case.paths.into(wire.source, Subscribe)
        ):
            return wire.source
    return ""


def _stopped_before(case: RunEvidence, symptom: Symptom) -> str:
    """Returns the place at which a later effect of the same event is missing, for most of the effects left in
    place.
    """
    effect, orphans = case.effect(symptom), case.effect_count(symptom, "orphans")
    for other in case.scenario.effects:
        if effect is None or other.event != effect.event or other.name == effect.name:
            continue
        root = f"/effect/{other.name}/{other.event}"
        missing = case.number(f"{root}/lost") + case.number(f"{root}/pending")
        if missing >= 0.5 * orphans and other.at:
            return other.at[0]
    return ""


def _tries_again(case: RunEvidence, name: str) -> bool:
    return any(
        isinstance(wire, Subscribe) and wire.on_error == "retry" for wire in case.paths.into(name, Subscribe)
    )


CAUSES = (
    Cause(
        id="no-compensation",
        explains=frozenset({ORPHANS}),
        concept="compensation",
        find=_no_compensation,
        depth=1.2,
    ),
    Cause(
        id="stuck-saga",
        explains=frozenset({ORPHANS}),
        concept="saga",
        find=_stuck_saga,
        depth=1.2,
    ),
)
"""The causes of this family."""
