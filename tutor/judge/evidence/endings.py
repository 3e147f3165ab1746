"""The ends of events: how many ended badly, and the last bad thing that happened to each sampled one on the
way to where a symptom shows.
"""

from __future__ import annotations

import dataclasses

from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import FAILED, LOST, Symptom
from tutor.model.timeline import Hop, Journey
from tutor.model.wire import DeadLetter

FATAL = ("lost", "dropped", "dead-lettered", "refused", "timed-out", "failed", "skipped", "rolled-back")
"""Hops that can end an event, whichever is last."""


@dataclasses.dataclass(slots=True)
class Ending:
    """The events that ended the same way at the same place."""

    what: str
    """The hop's word; empty for events that just stopped."""
    where: str
    """The component."""
    detail: str
    """The hop's detail."""
    wire: str
    """The wire, if any."""
    journeys: list[Journey] = dataclasses.field(default_factory=list)
    """The sampled events."""
    first_s: float = 0.0
    """When the first of them ended."""


def endings(case: RunEvidence, symptom: Symptom, *outcomes: str) -> list[Ending]:
    """Returns the ends of the sampled events with these outcomes, most frequent first."""
    near = {*case.near(symptom), *case.clients_of(symptom)}
    near |= {wire.target for name in list(near) for wire in case.paths.out(name, DeadLetter)}
    places = case.places(symptom)
    found: dict[tuple[str, str, str], Ending] = {}
    for journey in case.journeys(symptom, *outcomes):
        if any(_took_effect(hop) for hop in journey.hops if hop.where in places):
            continue
        hop = _last(journey, near)
        key = (hop.what, hop.where, hop.detail) if hop else ("", "", "")
        ending = found.setdefault(
            key, Ending(*key, hop.wire if hop else "", first_s=hop.at_s if hop else 0.0)
        )
        ending.journeys.append(journey)
    return sorted(found.values(), key=lambda ending: -len(ending.journeys))


def _took_effect(hop: Hop) -> bool:
    """Returns whether an event had its effect where it was handled, or needed none; what was swallowed had
    not.
    """
    return hop.what in ("applied", "repeated") or (hop.what == "skipped" and hop.detail != "swallowed")


def _last(journey: Journey, near: set[str]) -> Hop | None:
    last = None
    for hop in journey.hops:
        if hop.what in FATAL and hop.where in near:
            last = hop
    return last


def share_of(all_fates: list[Ending], chosen: list[Ending]) -> float:
    """Returns the share of the sampled events that ended in the chosen ways."""
    total = sum(len(ending.journeys) for ending in all_fates)
    return sum(len(ending.journeys) for ending in chosen) / total if total else 0.0


def harmed(case: RunEvidence, symptom: Symptom) -> float:
    """Returns how many events a symptom is about: lost, refused or failed ones."""
    if symptom.event:
        name = "refused" if symptom.kind == FAILED else "lost"
        missing = case.effect_count(symptom, "expected") - case.effect_count(symptom, "applied")
        return case.effect_count(symptom, name) or max(0.0, missing)
    if symptom.kind == LOST and case.paths.is_channel(symptom.place):
        return case.count(symptom.place, "dropped")
    return sum(case.client_count(symptom, client, "failed") for client in case.clients_of(symptom))


def share_not_counted(case: RunEvidence, symptom: Symptom) -> float:
    """Returns the share of a loss that no channel on the path counted as dropped or given up."""
    total = harmed(case, symptom)
    counted = sum(
        case.count(name, what)
        for name in case.near(symptom)
        if case.paths.is_channel(name)
        for what in ("dropped", "dead_lettered")
    )
    return max(0.0, 1 - counted / total) if total else 0.0
