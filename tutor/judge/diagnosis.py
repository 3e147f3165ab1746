"""Why a goal was missed: trigger, mechanism, effect - found from the outcome alone; what explains most of what went wrong comes first."""

from __future__ import annotations

from tutor.judge.causes import (
    availability,
    backlogs,
    blocked_callers,
    broker,
    consistency,
    cost,
    crashes,
    discards,
    duplicates,
    groups,
    history,
    limits,
    order,
    overload,
    partitions,
    patterns,
    polling,
    retries,
    routing,
    sagas,
    shared_resources,
)
from tutor.judge.causes.cause import Cause, Diagnosis, Explanation
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import Symptom, symptom_of, symptoms_without_goals
from tutor.judge.goals import judge_goals
from tutor.judge.words import names_of
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario

__all__ = ["CAUSES", "Diagnosis", "diagnose", "rank"]

_FAMILIES = (
    routing,
    crashes,
    limits,
    discards,
    broker,
    availability,
    blocked_callers,
    shared_resources,
    overload,
    backlogs,
    retries,
    polling,
    partitions,
    groups,
    history,
    duplicates,
    order,
    consistency,
    sagas,
    patterns,
    cost,
)

CAUSES: tuple[Cause, ...] = tuple(cause for family in _FAMILIES for cause in family.CAUSES)
"""Every cause, in no order of importance: what is found decides that."""

OF_WIRING = ("diverged", "not-wired", "nobody-subscribed", "skipped-history")
"""Causes in what leads where; the only ones for a copy that nothing was ever written to."""

LEAST_SHARE = 0.05
"""What explains less of a symptom than this is no explanation."""


def diagnose(subject: Level | Scenario, outcome: Outcome) -> tuple[Diagnosis, ...]:
    """Why goals were missed in this outcome, worst first; empty where none was.

    ``subject`` is what was run: a level *with the design that was tried in its scenario*, whose missed goals are explained, or a scenario
    alone, for which losses, failures, repeats, disorder and long waits are. Needs an outcome with a timeline to see most causes.
    """
    if isinstance(subject, Level):
        scenario = subject.scenario
        names = names_of(scenario.design)
        symptoms = [symptom_of(result, names) for result in judge_goals(subject.goals, outcome.report) if not result.met]
    else:
        scenario = subject
        symptoms = symptoms_without_goals(scenario, outcome.report)
    return rank(RunEvidence(scenario, outcome), symptoms)


def rank(case: RunEvidence, symptoms: list[Symptom]) -> tuple[Diagnosis, ...]:
    """The causes found for these symptoms, one diagnosis for each cause and place, by how much they explain."""
    merged: dict[tuple[str, str, str], list[tuple[float, Symptom, Explanation]]] = {}
    for symptom in symptoms:
        for cause, finding in _explaining(case, symptom):
            weight = symptom.weight * min(1.0, finding.share) * cause.depth
            merged.setdefault((cause.id, finding.component, finding.wire), []).append((weight, symptom, finding))
    causes = {cause.id: cause for cause in CAUSES}
    found = []
    together: dict[str, float] = {}
    for (cause_id, _, _), entries in merged.items():
        _, _, main = max(entries, key=lambda entry: entry[0])
        metrics = tuple(symptom.metric for _, symptom, _ in entries)
        weight = sum(weight for weight, _, _ in entries)
        together[cause_id] = together.get(cause_id, 0.0) + weight
        found.append(causes[cause_id].diagnose(main, metrics, weight))
    # a cause that is at work in several places counts as one, and its worst place speaks for it
    return tuple(sorted(found, key=lambda one: (-together[one.id], one.id, -one.weight)))


def _explaining(case: RunEvidence, symptom: Symptom) -> list[tuple[Cause, Explanation]]:
    """The causes that explain a noticeable part of one symptom; the last resort only where there is no other."""
    unfed = case.unfed(symptom)
    found = []
    for cause in CAUSES:
        if symptom.kind not in cause.explains or (unfed and cause.id not in OF_WIRING):
            continue
        finding = cause.find(case, symptom)
        if finding is not None and finding.share >= LEAST_SHARE:
            found.append((cause, finding))
    named = [one for one in found if not one[0].last_resort]
    return named or found
