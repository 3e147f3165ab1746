"""The search for why a goal was missed: trigger, mechanism, effect - found from the outcome alone; the cause
that explains most comes first.
"""

from __future__ import annotations

from tutor.judge.causes import (
    availability,
    backlogs,
    blocked_callers,
    broker,
    consistency,
    cost,
    crashes,
    deliveries,
    discards,
    duplicates,
    groups,
    history,
    limits,
    loops,
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
from tutor.judge.evidence.symptom import (
    ASIDE,
    DISORDER,
    DIVERGED,
    DUPLICATES,
    FAILED,
    GHOSTS,
    LOST,
    ORPHANS,
    Symptom,
    symptom_of,
    symptoms_without_goals,
)
from tutor.judge.goals import judge_goals
from tutor.judge.words import names_of
from tutor.model.level import Level
from tutor.model.report import Outcome
from tutor.model.scenario import Scenario

__all__ = ["CAUSES", "Diagnosis", "diagnose", "rank"]

_FAMILIES = (
    loops,
    deliveries,
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
_BY_ID = {cause.id: cause for cause in CAUSES}
_PLACE = {cause.id: place for place, cause in enumerate(CAUSES)}
"""What decides between causes that explain exactly as much: the order in which they are declared."""

ABOUT_AS_MUCH = 0.95
"""Of the goals of which a cause explains at least this share of the most, the one that the level names first
speaks for it.
"""

OF_WIRING = ("diverged", "nobody-reads", "not-wired", "nobody-subscribed", "skipped-history", "unknown")
"""Causes in what leads where; the only ones for a copy that nothing was ever written to."""

LEAST_SHARE = 0.05
"""What explains less of a symptom than this is no explanation."""

GOOD_PART = 0.25
"""What explains a smaller part of what a consequence explains than this is not the cause of it."""

GRAVITY = {
    LOST: 6.0,
    DUPLICATES: 6.0,
    DISORDER: 6.0,
    GHOSTS: 6.0,
    DIVERGED: 6.0,
    ASIDE: 5.0,
    ORPHANS: 2.0,
    FAILED: 2.0,
}
"""How much more it counts that something is lost, done twice, wrong or refused than that it is slow (1). What
was refused, or failed later and was not taken back yet, can still be put right.
"""


def diagnose(subject: Level | Scenario, outcome: Outcome) -> tuple[Diagnosis, ...]:
    """Returns why goals were missed in this outcome, worst first; empty if none was.

    ``subject`` is the thing that was run: a level *with the design that was tried in its scenario*, whose
    missed goals are explained, or a scenario alone, for which losses, failures, repeats, disorder, backlogs
    and long waits are. Needs an outcome with a timeline to see most causes; a symptom that none of them
    explains has an unknown reason.
    """
    if isinstance(subject, Level):
        scenario = subject.scenario
        names = names_of(scenario.design)
        windows = {one.id: (one.from_s, one.to_s) for one in scenario.windows}
        missed = [result for result in judge_goals(subject.goals, outcome.report) if not result.met]
        symptoms = [symptom_of(result, names, windows) for result in missed]
    else:
        scenario = subject
        symptoms = symptoms_without_goals(scenario, outcome.report)
    return rank(RunEvidence(scenario, outcome), symptoms)


def rank(case: RunEvidence, symptoms: list[Symptom]) -> tuple[Diagnosis, ...]:
    """Finds the causes of these symptoms, one diagnosis for each cause and place, by how much they
    explain.
    """
    merged: dict[tuple[str, str, str], list[tuple[float, Symptom, Explanation]]] = {}
    for symptom in symptoms:
        for cause, explanation in explaining(case, symptom):
            weight = (
                symptom.weight * GRAVITY.get(symptom.kind, 1.0) * min(1.0, explanation.share) * cause.depth
            )
            merged.setdefault((cause.id, explanation.component, explanation.wire), []).append(
                (weight, symptom, explanation)
            )
    found = []
    together: dict[str, float] = {}
    for (cause_id, _, _), entries in merged.items():
        most = max(weight for weight, _, _ in entries)
        _, symptom, main = next(entry for entry in entries if entry[0] >= ABOUT_AS_MUCH * most)
        metrics = tuple(symptom.metric for _, symptom, _ in entries)
        weight = sum(weight for weight, _, _ in entries)
        together[cause_id] = together.get(cause_id, 0.0) + weight
        found.append(_BY_ID[cause_id].diagnose(main, symptom, metrics, weight))
    # a cause that is at work in several places counts as one, and its worst place speaks for it
    found.sort(key=lambda one: (-together[one.id], _PLACE[one.id], -one.weight))
    return tuple(_after_causes(found))


def _after_causes(found: list[Diagnosis]) -> list[Diagnosis]:
    """Returns the same diagnoses with every consequence after the causes that it has for a goal of its own;
    else in the same order.
    """
    left, placed = list(found), list[Diagnosis]()
    while left:
        free = (one for one in left if not any(_leads_to(other, one) for other in left if other is not one))
        first = next(free, left[0])
        placed.append(first)
        left.remove(first)
    return placed


def _leads_to(cause: Diagnosis, consequence: Diagnosis) -> bool:
    """Returns whether one diagnosis is behind another: for the same goal, and for a good part of the other's
    share.
    """
    return (
        cause.id in _BY_ID[consequence.id].follows
        and cause.weight >= GOOD_PART * consequence.weight
        and bool(set(cause.metrics) & set(consequence.metrics))
    )


def explaining(case: RunEvidence, symptom: Symptom) -> list[tuple[Cause, Explanation]]:
    """Returns the causes that explain a noticeable part of one symptom; a last resort only if there is
    nothing better.
    """
    unfed = case.unfed(symptom)
    found = []
    for cause in CAUSES:
        if symptom.kind not in cause.explains or (unfed and cause.id not in OF_WIRING):
            continue
        explanation = cause.find(case, symptom)
        if explanation is None or explanation.share < LEAST_SHARE:
            continue
        if cause.id not in OF_WIRING and not case.can_matter(
            symptom, explanation.component, explanation.wire, explanation.at_s
        ):
            continue  # what is not joined to a symptom has no hand in it, unless that is what is wrong
        if cause.requires is None or cause.requires(case, explanation):
            found.append((cause, explanation))
    best = min((cause.resort for cause, _ in found), default=0)
    return [one for one in found if one[0].resort == best]
