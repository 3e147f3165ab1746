"""Causes where one user of something shared makes the others suffer."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.paths import patience_ms
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, COST, DUPLICATES, FAILED, LOAD, OTHER, SLOW, Symptom
from tutor.judge.evidence.waits import BLOCKED, BUSY, DOWN
from tutor.judge.words import render_ms, render_number, render_share
from tutor.model.component import Database
from tutor.model.wire import Call, Capture, Poll, Publish, Read, Subscribe, Write
from tutor.words import say


def _types_of(case: RunEvidence, symptom: Symptom) -> set[str]:
    """Returns the event types that a symptom is about: the effect's own ways back, or the types its client
    sends.
    """
    if symptom.event:
        senders = [one for one in case.of_kind("client") if symptom.event in case.paths.types[one]]
        return {symptom.event} | (
            {kind for one in senders for kind in case.paths.types[one]} if len(senders) == 1 else set()
        )
    return {kind for client in case.clients_of(symptom) for kind in case.paths.types[client]}


def _noisy_neighbour(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds workers that are held by calls which events of the symptom's own type never make."""
    mine = _types_of(case, symptom)
    amounts: dict[str, float] = {}
    total = case.waits.total(symptom)
    for wait in case.waits.near(symptom):
        wire = case.design.wire(wait.wire) if wait.state == BLOCKED else None
        if (
            wire is not None
            and wire.events
            and not mine & set(wire.events)
            and case.paths.into(wire.source, Subscribe)
        ):
            amounts[wire.ref] = amounts.get(wire.ref, 0.0) + wait.seconds
    if not amounts or total <= 0 or symptom.kind == COST:
        return None
    ref = max(amounts, key=lambda one: amounts[one])
    wire = case.design.wire(ref)
    assert wire is not None
    # what waits after the neighbour has gone is left over from that time, and counts with it
    share = min(
        1.0, sum(wait.seconds for wait in case.waits.near(symptom) if wait.state in (BLOCKED, BUSY)) / total
    )
    others = ", ".join(wire.events)
    trouble = case.faulted(wire.target)
    workers = case.hands(wire.source)
    timeout = patience_ms(wire)
    rows: list[Row] = [
        row("workers", render_number(workers), part=case.name(wire.source)),
        row(
            "timeout-for",
            render_ms(timeout) if timeout else say("causes.said.no-limit"),
            part=case.name(wire.target),
        ),
        row("held-by", render_share(round(case.waits.share(wire.source, BLOCKED), 3)), others=others),
    ]
    rows += [
        row("in-trouble", say("causes.said.span", start=a, end=b), part=case.name(wire.target))
        for a, b in trouble[:2]
    ]
    return found(
        share,
        *rows,
        component=wire.source,
        wire=ref,
        at_s=trouble[0][0] if trouble else None,
        part=case.name(wire.source),
        others=others,
        neighbour=case.name(wire.target),
        mine=", ".join(case.paths.in_order(mine)),
    )


def _users(case: RunEvidence, database: str) -> list[str]:
    users = [wire.source for wire in case.paths.into(database, Read, Write)]
    users += [wire.target for wire in case.paths.out(database, Poll)]
    return list(dict.fromkeys(users))


def _shared_database(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    total = case.waits.total(symptom)
    amounts: dict[str, float] = {}
    if symptom.kind in (SLOW, BACKLOG) and total > 0:
        for wait in case.waits.near(symptom):
            name = wait.root if wait.state == BLOCKED else wait.by
            if case.kind(name) == "database" and (
                wait.root_state if wait.state == BLOCKED else wait.state
            ) in (BUSY, DOWN, "free"):
                amounts[name] = amounts.get(name, 0.0) + wait.seconds / total
    elif symptom.kind == FAILED and (failed := case.failures.total(symptom)):
        for failure in case.failures.near(symptom):
            name = failure.root if failure.state == BLOCKED else failure.by
            if case.kind(name) == "database":
                amounts[name] = amounts.get(name, 0.0) + failure.count / failed
    elif symptom.kind == LOAD and case.kind(symptom.place) == "database":
        amounts[symptom.place] = 0.8
    amounts = {name: share for name, share in amounts.items() if len(_users(case, name)) > 1}
    if not amounts:
        return None
    name = max(amounts, key=lambda one: amounts[one])
    users = _users(case, name)
    part = case.part(name)
    rows: list[Row] = [row("users", ", ".join(case.name(user) for user in users), part=case.name(name))]
    if isinstance(part, Database):
        rows.append(row("connections", render_number(part.connections)))
    rows.append(row("busy-share", render_share(round(case.count(name, "utilization"), 3))))
    for user in users:
        sent = sum(
            sum(track.sent)
            for wire in case.paths.out(user, Read, Write)
            if (track := case.wire_track(wire.ref)) is not None
        )
        rows.append(row("accesses", render_number(sent), part=case.name(user)))
    return found(
        amounts[name],
        *rows,
        component=name,
        part=case.name(name),
        users=say("causes.counted.user", count=len(users)),
        names=", ".join(case.name(user) for user in users),
    )


def _callback_load(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a service that is asked for details by the parts that were notified of a change."""
    best: tuple[float, str, list[Call]] | None = None
    for name in [*case.near(symptom), *case.places(symptom)]:
        lookups = [wire for wire in case.paths.into(name, Call) if wire.lookup]
        asked = float(
            sum(sum(track.sent) for wire in lookups if (track := case.wire_track(wire.ref)) is not None)
        )
        if asked and (best is None or asked > best[0]):
            best = asked, name, lookups
    if best is None:
        return None
    asked, name, lookups = best
    into = sum(
        sum(track.sent)
        for wire in case.paths.into(name, Call)
        if (track := case.wire_track(wire.ref)) is not None
    )
    part_of_load = asked / max(1.0, float(into))
    away = case.outages(name)
    asks = [wire.source for wire in lookups]
    places = case.places(symptom)
    writers = [
        wire.source for place in places for wire in case.paths.into(place, Write)
    ]  # where the effect is what is written
    direct = (
        bool(set(asks) & {*places, *writers}) or case.kind(symptom.place) == "client" or symptom.place == name
    )
    failed = sum(sum(track.failed) for wire in lookups if (track := case.wire_track(wire.ref)) is not None)
    if not direct or (symptom.kind == DUPLICATES and not failed):
        return None
    held = symptom.kind == SLOW and symptom.event and away
    share = 1.0 if held else min(1.0, 0.3 + part_of_load)
    rows: list[Row] = [
        row("calls", render_number(into), part=case.name(name)),
        row("lookups", say("causes.said.and-share", count=asked, share=round(part_of_load, 3))),
        row("asked-by", ", ".join(case.name(one) for one in asks)),
        row("busy", render_share(round(case.count(name, "utilization"), 3)), part=case.name(name)),
    ]
    rows += [
        row("was-away-from", say("causes.said.span", start=a, end=b), part=case.name(name))
        for a, b in away[:1]
    ]
    return found(
        share,
        *rows,
        component=name,
        wire=lookups[0].ref,
        at_s=away[0][0] if held else None,
        part=case.name(name),
        asks=say("causes.counted.reader", count=len(asks)),
        asked=asked,
        share_text=render_share(round(part_of_load, 2)),
    )


_SLIM_KB = 2.0
"""An event of this size or less says little more than that something happened: many of them are a load, and
none of them is fat.
"""


def _fat_events(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if "kb" not in symptom.metric:
        return None
    wires = [wire for wire in case.design.wires if isinstance(wire, Publish | Capture)]
    wires = [
        wire for wire in wires if not symptom.place or symptom.place in (wire.target, wire.source)
    ] or wires
    if not wires:
        return None
    wire = max(wires, key=lambda one: one.size_kb)
    copies = max(1, len(case.paths.subscribers(wire.target)))
    size = wire.size_kb
    if size <= _SLIM_KB:
        return None
    return found(
        1.0,
        row("event-size", say("causes.said.kilobytes", size=size)),
        row("readers-with-copy", render_number(copies)),
        ("events", render_number(case.count(wire.target, "published"))),
        component=wire.target,
        wire=wire.ref,
        part=case.name(wire.target),
        size=say("causes.said.kilobytes", size=size),
        copies=say("causes.counted.copy", count=copies),
    )


CAUSES = (
    Cause(
        id="noisy-neighbour",
        explains=frozenset({SLOW, BACKLOG, FAILED}),
        concept="bulkhead",
        find=_noisy_neighbour,
        depth=1.4,
    ),
    Cause(
        id="shared-database",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOAD}),
        concept="shared-database",
        find=_shared_database,
        depth=1.1,
    ),
    Cause(
        id="callback-load",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOAD, DUPLICATES}),
        concept="event-carried-state-transfer",
        find=_callback_load,
        depth=1.3,
    ),
    Cause(
        id="fat-events",
        explains=frozenset({LOAD, OTHER, COST}),
        concept="event-carried-state-transfer",
        find=_fat_events,
        depth=1.2,
    ),
)
"""The causes of this family."""
