"""Causes of a bill that is too high, and the last resort for work that is merely slow."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import COST, KINDS, SLOW, Symptom
from tutor.judge.words import describe_metric, render_metric, render_ms, render_number
from tutor.model.price import price_of
from tutor.words import say


def _too_expensive(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    costs = {name: price_of(part, case.scenario.prices) for name, part in case.design.components.items()}
    costs = {name: cost for name, cost in costs.items() if cost > 0}
    if not costs:
        return None
    ranked = sorted(costs, key=lambda name: -costs[name])
    rows: list[Row] = []
    for name in ranked[:5]:
        used = case.count(name, "utilization")
        price = (
            say("causes.said.price-busy", price=costs[name], share=round(used, 2))
            if used
            else say("causes.said.price", price=costs[name])
        )
        rows.append((case.name(name), price))
    idle = [name for name in ranked if 0 < case.count(name, "utilization") < 0.5]
    name = idle[0] if idle else ranked[0]
    used = case.count(name, "utilization")
    state = say("causes.said.busy-only", share=round(used, 2)) if used else say("causes.said.largest")
    return found(
        1.0,
        *rows,
        component=name,
        part=case.name(name),
        cost=costs[name],
        state=state,
        total=symptom.value if symptom.value is not None else sum(costs.values()),
    )


def _too_slow(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds, where no named cause explains a delay, the part on the way whose own work takes longest."""
    if symptom.value is None:
        return None
    times: dict[str, float] = {}
    for name in [*case.near(symptom), *case.places(symptom)]:
        times[name] = case.work_ms(name)
    name = max(times, key=lambda one: times[one], default="")
    failed = any(case.count(one, "failed") or case.count(one, "redelivered") for one in case.near(symptom))
    if not name or failed or sum(times.values()) < 0.2 * symptom.value:
        return None  # something failed on the way, or the work is not where the time goes
    waits = case.waits.near(symptom)
    rows: list[Row] = [
        row("one-piece", render_ms(ms), part=case.name(one))
        for one, ms in sorted(times.items(), key=lambda row: -row[1])[:4]
        if ms
    ]
    if waits:
        name = waits[0].at
        rows.append(row("most-waiting", render_number(waits[0].peak), part=case.name(name)))
    return found(0.08, *rows, component=name, part=case.name(name))


def _unknown(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Gives the last resort where nothing else explains a symptom: where it shows, and that the reason is
    unknown.
    """
    places = [*case.places(symptom), *case.clients_of(symptom), *case.design.components]
    if not places:
        return None
    names = case.names
    value = (
        render_metric(symptom.metric, symptom.value)
        if symptom.metric
        else render_number(symptom.value or 0.0)
    )
    measured = describe_metric(symptom.metric, names) if symptom.metric else case.name(places[0])
    return found(0.06, (measured, value), component=places[0], part=case.name(places[0]))


CAUSES = (
    Cause(
        id="too-expensive",
        explains=frozenset({COST}),
        concept="utilization",
        find=_too_expensive,
    ),
    Cause(
        id="too-slow",
        explains=frozenset({SLOW}),
        concept="littles-law",
        find=_too_slow,
        depth=0.5,
        resort=1,
    ),
    Cause(
        id="unknown",
        explains=frozenset(KINDS),
        concept="littles-law",
        find=_unknown,
        depth=0.5,
        resort=2,
    ),
)
"""The causes of this family."""
