"""Causes where work is lost because the part that held it went down."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, row
from tutor.judge.evidence.endings import Ending, endings, share_not_counted, share_of
from tutor.judge.evidence.run import RunEvidence, Span
from tutor.judge.evidence.symptom import LOST, Symptom
from tutor.judge.words import render_clock, render_number, times
from tutor.model.wire import Subscribe
from tutor.words import say


def _lost_in_crash(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    ends = endings(case, symptom, "lost")
    gone = [
        ending
        for ending in ends
        if _died(ending) and case.kind(ending.where) in ("service", "job", "database")
    ]
    if gone:
        name, share = gone[0].where, share_of(ends, gone)
    else:
        candidates = [
            name for name in case.near(symptom) if _early_acks(case, name) and _went_down(case, name)
        ]
        if ends or not candidates:
            return None
        name, share = candidates[0], share_not_counted(case, symptom)
    early = _early_acks(case, name)
    outages = _went_down(case, name)
    lost = case.effect_count(symptom, "lost")
    rows: list[Row] = [row("lost", render_number(lost))]
    rows += [row("goes-down", render_clock(start), part=case.name(name)) for start, _ in outages[:3]]
    for wire in early:
        prefetch = wire.prefetch
        rows.append(row("forgotten", say("causes.said.on-handover"), part=case.name(wire.source)))
        rows.append(row("in-hand", say("causes.said.no-limit") if prefetch == 0 else render_number(prefetch)))
    rows += [
        (journey.event_id, say("causes.said.gone-at", at=journey.hops[-1].at_s))
        for ending in gone[:1]
        for journey in ending.journeys[:2]
    ]
    count = max(1, len(case.faulted(name, "crash", "deploy")), len(outages))
    first = gone[0].first_s if gone else outages[0][0]
    facts = {
        "part": case.name(name),
        "times": times(count),
        "at": say("causes.said.at-moment", at=first)
        if count == 1
        else say("causes.said.first-lost", at=first),
        "memory": say("causes.said.already-forgotten") if early else say("causes.said.nobody-kept"),
    }
    wire_ref = early[0].ref if early else ""
    return Explanation(share, component=name, wire=wire_ref, facts=facts, evidence=tuple(rows), at_s=first)


def _went_down(case: RunEvidence, name: str) -> list[Span]:
    """Returns when a component was down, or some of its replicas were."""
    return case.outages(name) or case.faulted(name, "crash", "deploy")


def _died(ending: Ending) -> bool:
    """Returns whether these events ended at a part that went down; events that come back later have another
    end.
    """
    return ending.what == "lost" or (ending.what == "failed" and ending.detail == "crash")


def _early_acks(case: RunEvidence, name: str) -> list[Subscribe]:
    return [wire for wire in case.paths.into(name, Subscribe) if wire.ack != "after"]


CAUSES = (
    Cause(
        id="lost-in-crash",
        explains=frozenset({LOST}),
        concept="ack",
        find=_lost_in_crash,
    ),
)
"""The causes of this family."""
