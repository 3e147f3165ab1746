"""Causes where a story of several steps stops half way, and what was done stays done."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import ORPHANS, Symptom
from tutor.judge.words import render_number, times
from tutor.model.wire import Publish, Subscribe, Wire
from tutor.words import say


def _compensated(case: RunEvidence, symptom: Symptom, place: str) -> bool:
    """Whether the event that takes the symptom's effect back can come to its place at all."""
    effect = case.effect(symptom)
    return effect is not None and effect.undone_by in case.paths.types.get(place, frozenset())


def _no_compensation(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    effect, places = case.effect(symptom), case.places(symptom)
    orphans = case.effect_count(symptom, "orphans")
    if (
        effect is None
        or not places
        or not orphans
        or any(_compensated(case, symptom, place) for place in places)
    ):
        return None
    others = [
        one.name for one in case.scenario.effects if one.event == effect.event and one.name != effect.name
    ]
    half = _half_repair(case, effect.undone_by, places)
    return found(
        1.0,
        *_missing_half(case, half),
        (f"done at {case.name(places[0])} and left there", render_number(orphans)),
        ("taken back", render_number(case.effect_count(symptom, "undone"))),
        ("steps of the same story", ", ".join(case.name(name) for name in (effect.name, *others))),
        (f'"{effect.undone_by}" comes to {case.name(places[0])}', "never"),
        component=places[0],
        wire=half.ref if half is not None else "",
        at_s=_first_left(case, symptom),
        variant="" if half is None else "on-success" if half.on == "success" else "unnamed",
        part=case.name(places[0]),
        count=times(orphans),
        wire_name=case.ends(half) if half is not None else "",
        carried=half.event or effect.event if half is not None else "",
        undoing=effect.undone_by,
    )


def _half_repair(case: RunEvidence, undoing: str, places: list[str]) -> Publish | None:
    """A publish that leads to where the step was done and would report the failure, if it ran on failure and
    had the right name.
    """
    for wire in case.design.wires:
        if not isinstance(wire, Publish) or not any(
            place in case.paths.downstream(wire.target) for place in places
        ):
            continue
        if (
            wire.source in (*places, *(name for place in places for name in case.paths.answering(place)))
            and wire.on == "success"
        ):
            continue  # the next step of the saga, not a report
        subscribed = [
            one for place in places for one in case.paths.into(place, Subscribe) if one.source == wire.target
        ]
        if subscribed and ((wire.on == "failure" and wire.event != undoing) or wire.on == "success"):
            return wire
    return None


def _missing_half(case: RunEvidence, wire: Publish | None) -> list[Row]:
    """The settings of a half repair that are not yet as a compensation needs them."""
    if wire is None:
        return []
    on = say("causes.said.on-success") if wire.on == "success" else say("causes.said.on-failure")
    name = wire.event or say("causes.said.no-name")
    return [row("publishes-on", on, wire=case.ends(wire)), row("publishes-as", name, wire=case.ends(wire))]


def _first_left(case: RunEvidence, symptom: Symptom) -> float | None:
    """When the first sampled event of a failed story was done at the symptom's place."""
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
    wire, why = _leak(case, effect.undone_by, places)
    return found(
        0.95,
        (f"done at {case.name(places[0])} and left there", render_number(orphans)),
        ("taken back", render_number(case.effect_count(symptom, "undone"))),
        *([(f"the rule on {case.ends(wire)}", why)] if wire is not None else []),
        component=places[0],
        wire=wire.ref if wire is not None else "",
        at_s=_first_left(case, symptom),
        part=case.name(places[0]),
        count=times(orphans),
        undoing=effect.undone_by,
        why=why,
    )


def _leak(case: RunEvidence, undoing: str, places: list[str]) -> tuple[Wire | None, str]:
    """The wire on which a compensation gets lost, or is contradicted, and how."""
    for wire in case.design.wires:
        if (
            isinstance(wire, Subscribe)
            and wire.target in places
            and case.paths.carried(wire, case.paths.types.get(wire.source, ())) & {undoing}
        ):
            if wire.on_error == "drop":
                return wire, "what cannot be handled at once is dropped"
            if wire.ack != "after":
                return wire, "it is acknowledged before it is done"
            if not wire.durable:
                return wire, "what comes while the reader is away is not kept"
    for wire in case.design.wires:
        if (
            isinstance(wire, Publish)
            and wire.on == "failure"
            and wire.event == undoing
            and not wire.rescues
            and _tries_again(case, wire.source)
        ):
            return wire, "the failure is told, and then the same step is tried again"
    return None, "it came before the step that it should take back, or not at all"


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
