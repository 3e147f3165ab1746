"""Causes where two places that should agree diverge: state and message, copy and original, a story and its
undoing.
"""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.endings import harmed
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, DIVERGED, FAILED, GHOSTS, LOAD, LOST, SLOW, Symptom
from tutor.judge.words import render_clock, render_number, render_share
from tutor.model.component import Database, Service
from tutor.model.wire import Capture, Publish, Read, Subscribe, Wire, Write
from tutor.words import say

CHANGING: tuple[type[Wire], ...] = (Write, Publish)


def _writers_between(case: RunEvidence, symptom: Symptom) -> list[tuple[str, list[Wire]]]:
    """Returns the services and jobs that change two places one after the other and can die in between."""
    names = {*case.near(symptom), *case.places(symptom)}
    for place in case.places(symptom):
        if case.kind(place) == "database":
            names |= {wire.source for wire in case.paths.into(place, Write)}
            original = case.original(place)
            names |= {wire.source for wire in case.paths.into(original, Write)}
    rows = []
    for name in (one for one in case.design.components if one in names):
        wires = [wire for wire in case.paths.out(name, *CHANGING) if _on_success(wire)]
        if len(wires) >= 2 and case.faults_of(name, "die-between", "crash", "deploy"):
            rows.append((name, wires))
    return sorted(rows, key=lambda row: not case.faults_of(row[0], "die-between"))


def _on_success(wire: Wire) -> bool:
    return not isinstance(wire, Publish) or wire.on == "success"


def _rollback_rate(case: RunEvidence, name: str) -> float:
    part = case.part(name)
    return part.rollback_rate if isinstance(part, Database) else 0.0


def _dual_write(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name, wires in _writers_between(case, symptom):
        between = case.faults_of(name, "die-between")
        total = case.number(symptom.metric) or harmed(case, symptom)
        died = [
            journey
            for journey in case.journeys(symptom, "lost", "ghost", "failed")
            if any(hop.where == name and "between" in hop.detail for hop in journey.hops)
        ]
        if symptom.kind == FAILED:
            if not died:
                continue
            total = sum(case.number(f"/client/{client}/failed") for client in case.clients_of(symptom))
        rows: list[Row] = [
            row("change", case.ends(wire), number=place) for place, wire in enumerate(wires, 1)
        ]
        rows += [row("dies-between", render_share(fault.probability)) for fault in between]
        rows += [(journey.event_id, say("causes.said.first-only")) for journey in died[:2]]
        rows.append(row("disagree", render_number(total)))
        return found(
            0.9 if between else 0.45,
            *rows,
            component=name,
            wire=wires[-1].ref,
            at_s=died[0].hops[-1].at_s if died and died[0].hops else None,
            part=case.name(name),
            places=say("causes.counted.place", count=len(wires)),
            list=say("causes.said.one-after-other", wires=[case.ends(wire) for wire in wires]),
            count=total,
        )
    return None


def _own_ghosts(case: RunEvidence, symptom: Symptom, name: str, write: Wire) -> Explanation | None:
    """Finds a part whose own effect is in place although its transaction rolled back and was not tried
    again.
    """
    count = case.effect_count(symptom, "ghosts") or case.number(symptom.metric)
    return found(
        1.0,
        row("then", case.ends(write)),
        row("rollbacks", render_share(_rollback_rate(case, write.target)), part=case.name(write.target)),
        row("ghost-effects", render_number(count)),
        component=name,
        wire=write.ref,
        variant="own",
        part=case.name(name),
        database=case.name(write.target),
        count=count,
    )


def _ghosts(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name in [*case.near(symptom), *case.places(symptom)]:
        wires = case.paths.out(name, *CHANGING)
        publishes = [
            place for place, wire in enumerate(wires) if isinstance(wire, Publish) and _on_success(wire)
        ]
        writes = [place for place, wire in enumerate(wires) if wire.kind == "write"]
        rolling = [wires[place] for place in writes if _rollback_rate(case, wires[place].target) > 0]
        if rolling and name in case.places(symptom):
            return _own_ghosts(case, symptom, name, rolling[0])
        if not publishes or not rolling or min(publishes) > min(writes):
            continue
        count = case.effect_count(symptom, "ghosts") or case.number(symptom.metric)
        database = rolling[0].target
        return found(
            1.0,
            row("first", case.ends(wires[min(publishes)])),
            row("then", case.ends(rolling[0])),
            row("rollbacks", render_share(_rollback_rate(case, database)), part=case.name(database)),
            row("ghost-effects", render_number(count)),
            component=name,
            wire=wires[min(publishes)].ref,
            part=case.name(name),
            database=case.name(database),
            count=count,
        )
    return None


def _diverged(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for place in case.places(symptom):
        part = case.part(place)
        if not isinstance(part, Database) or not part.copy_of:
            continue
        keys = case.number(f"/database/{place}/diverged_keys")
        writers = [wire.source for wire in case.paths.into(place, Write)]
        return found(
            0.5 if case.unfed(symptom) else 0.15,
            row("original", case.name(part.copy_of), part=case.name(place)),
            row(
                "written-by", ", ".join(case.name(writer) for writer in writers) or say("causes.said.nobody")
            ),
            row(
                "changes-written",
                render_number(case.number(f"/database/{part.copy_of}/writes")),
                part=case.name(part.copy_of),
            ),
            row(
                "changes-written",
                render_number(case.number(f"/database/{place}/writes")),
                part=case.name(place),
            ),
            row("differ-at-end", render_number(keys)),
            component=place,
            variant="unfed" if case.unfed(symptom) else "",
            part=case.name(place),
            original=case.name(part.copy_of),
            keys=keys,
        )
    return None


def _nobody_reads(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a database that should be read, and that no wire reads."""
    if not symptom.metric.endswith("/reads"):
        return None
    for place in case.places(symptom):
        if case.paths.into(place, Read):
            continue
        writes = case.number(f"/database/{place}/writes")
        users = [case.name(wire.source) for wire in case.paths.into(place, Write)]
        return found(
            1.0,
            row("written-by", ", ".join(users) or say("causes.said.nobody")),
            row("changes-written", render_number(writes), part=case.name(place)),
            row("read-by", say("causes.said.nobody")),
            component=place,
            at_s=0.0,
            part=case.name(place),
        )
    return None


def _schema_break(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    best: tuple[float, str, float, list[str]] | None = None
    for name in case.design.components:
        for fault in case.faults_of(name, "schema-change"):
            broken = _readers_of(case, name)
            touched = [one for one in broken if one in case.near(symptom) or one in case.places(symptom)]
            if touched and (best is None or fault.at_s < best[2]):
                best = 0.0, name, fault.at_s, touched
    for wire in case.design.wires:
        if not isinstance(wire, Publish | Capture) or wire.schema_change == "none":
            continue
        strict = [
            one.target
            for one in case.paths.subscribers(wire.target)
            if wire.schema_change == "breaking" or one.schema == "strict" or _strict(case, one.target)
        ]
        touched = [one for one in strict if one in case.near(symptom) or one in case.places(symptom)]
        if touched and best is None:
            best = 0.0, wire.source, 0.0, touched
    if best is None:
        return None
    _, name, at_s, touched = best
    share = _failed_after(case, symptom, at_s)
    if symptom.kind == LOST and any(
        wire.on_error == "drop" for one in touched for wire in case.paths.into(one, Subscribe)
    ):
        share *= 0.5  # the form made the handling fail; that this lost the event was the rule for errors
    return found(
        share,
        row("format-changed", render_clock(at_s), part=case.name(name)),
        row("old-readers", ", ".join(case.name(one) for one in touched)),
        *(
            row("failed-work", render_number(case.count(one, "failed")), part=case.name(one))
            for one in touched[:4]
        ),
        component=name,
        at_s=at_s,
        part=case.name(name),
        when=render_clock(at_s),
        names=", ".join(case.name(one) for one in touched),
    )


def _strict(case: RunEvidence, name: str) -> bool:
    part = case.part(name)
    return isinstance(part, Service) and part.strict


def _readers_of(case: RunEvidence, name: str) -> list[str]:
    """Returns the parts that break when the form of a database's or service's data changes."""
    part = case.part(name)
    if isinstance(part, Database):
        users = [wire.source for wire in case.paths.into(name, Read, Write)]
        return [user for user in dict.fromkeys(users) if user != part.owner]
    found_readers: dict[str, None] = {}
    for wire in case.paths.out(name, Publish):
        found_readers |= dict.fromkeys(one.target for one in case.paths.subscribers(wire.target))
    return list(found_readers)


def _failed_after(case: RunEvidence, symptom: Symptom, at_s: float) -> float:
    """Returns the share of a symptom's failures from a moment on; a fixed share if there is no timeline for
    them.
    """
    if case.timeline is None:
        return 0.5
    tracks = [case.timeline.clients[one] for one in case.clients_of(symptom) if one in case.timeline.clients]
    if symptom.kind != FAILED or not tracks:
        return 0.8
    first = case.step_at(at_s)
    total = sum(sum(track.failed) for track in tracks)
    return sum(sum(track.failed[first:]) for track in tracks) / total if total else 0.0


CAUSES = (
    Cause(
        id="dual-write",
        explains=frozenset({LOST, DIVERGED, FAILED}),
        concept="dual-write",
        find=_dual_write,
        depth=1.2,
    ),
    Cause(
        id="ghosts",
        explains=frozenset({GHOSTS}),
        concept="outbox",
        find=_ghosts,
        depth=1.2,
    ),
    Cause(
        id="diverged",
        explains=frozenset({DIVERGED}),
        concept="eventual-consistency",
        find=_diverged,
        depth=0.3,  # it says that they differ, and not why: whatever does comes before it
        follows=frozenset(
            {"out-of-order", "dual-write", "schema-break", "skipped-history", "retention-gap", "swallowed"}
        ),
    ),
    Cause(
        id="nobody-reads",
        explains=frozenset({LOAD}),
        concept="read-model",
        find=_nobody_reads,
        depth=0.6,  # what is wrong because nothing writes it says more
    ),
    Cause(
        id="schema-break",
        explains=frozenset({FAILED, LOST, SLOW, BACKLOG, DIVERGED}),
        concept="compatibility",
        find=_schema_break,
        depth=1.3,
    ),
)
"""The causes of this family."""
