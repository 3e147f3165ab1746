"""Causes in the routing: events that reach nobody, half of the readers, or the same place twice."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.paths import FORWARD
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, DIVERGED, DUPLICATES, FAILED, LOST, SLOW, WASTE, Symptom
from tutor.judge.words import render_number, render_share
from tutor.model.scenario import Effect
from tutor.model.wire import Bind, Call, Capture, DeadLetter, Poll, Publish, Subscribe, Wire, Write
from tutor.words import say
from tutor.words.kinds import either


def _not_wired(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    effect = case.effect(symptom)
    if effect is not None:
        reached = [place for place in case.places(symptom) if effect.event in case.paths.types[place]]
        if reached or not case.places(symptom):
            return None
        place = case.places(symptom)[0]
        ends = _dead_ends(case, effect.event)
        if _nobody_subscribed(case, symptom) is not None:
            return None  # that nobody here reads the channel is the nearer cause
        senders = [name for name in case.of_kind("client") if effect.event in case.paths.types[name]]
        return found(
            1.0,
            row("paths-into", say("causes.said.none"), event=effect.event, part=case.name(place)),
            row(
                "starts-at",
                ", ".join(case.name(name) for name in senders) or say("causes.said.nowhere"),
                event=effect.event,
            ),
            row("last-reached", ", ".join(case.name(name) for name in ends) or say("causes.said.none")),
            component=place,
            at_s=0.0,
            what_event=effect.event,
            part=case.name(place),
        )
    for client in case.clients_of(symptom):
        if not case.paths.out(client):
            return found(
                1.0,
                row("outgoing", say("causes.said.none"), part=case.name(client)),
                component=client,
                at_s=0.0,
                what_event=next(iter(case.paths.types[client]), "requests"),
                part="anything",
            )
    return None


def _dead_ends(case: RunEvidence, event: str) -> list[str]:
    """Returns the parts that an event type reaches and does not leave."""
    return [
        name
        for name, types in case.paths.types.items()
        if event in types
        and (case.kind(name) != "database" or case.paths.out(name, Capture, Poll))
        and not any(case.paths.carried(wire, [event]) for wire in case.paths.out(name, *FORWARD))
    ]


def _nobody_subscribed(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    effect = case.effect(symptom)
    if effect is None:
        return _nobody_reads_it(case, symptom)
    best: tuple[float, str] | None = None
    for name in case.of_kind("queue", "topic", "stream"):
        if case.paths.into(name, DeadLetter) and not case.paths.feeding(name):
            continue
        unread = _unread(case, name, effect.event, case.places(symptom))
        if unread > 0 and (best is None or unread > best[0]):
            best = unread, name
    if best is None:
        return None
    unread, name = best
    harmed = case.effect_count(symptom, "lost") + case.effect_count(symptom, "pending")
    readers = ", ".join(case.name(wire.target) for wire in case.paths.subscribers(name))
    return found(
        unread / harmed if harmed else 1.0,
        row("published-to", render_number(_published(case, name)), part=case.name(name)),
        row("subscribers", readers or say("causes.said.none"), part=case.name(name)),
        row(
            "never-saw",
            render_number(unread),
            parts=", ".join(case.name(place) for place in case.places(symptom)),
        ),
        component=name,
        at_s=_removed_at(case, name),
        part=case.name(name),
        unread=unread,
        reader=", ".join(case.name(place) for place in case.places(symptom)),
    )


def _nobody_reads_it(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds what waits in a channel, or was dropped by it, because it has no subscriber at all."""
    name = symptom.place
    published = case.count(name, "received") or case.count(name, "published")
    if not case.paths.is_channel(name) or case.paths.out(name, Subscribe, Bind, DeadLetter):
        return None
    if case.paths.into(name, DeadLetter) or not published:
        return None  # what is set aside is another story
    return found(
        1.0,
        row("published-to", render_number(published), part=case.name(name)),
        row("subscribers", say("causes.said.none"), part=case.name(name)),
        component=name,
        at_s=0.0,
        variant="at-all",
        part=case.name(name),
        unread=published,
    )


def _unread(case: RunEvidence, name: str, event: str, places: list[str]) -> float:
    """Returns how many messages of a channel had no subscriber on the way to these places."""
    if event not in case.paths.types[name] and not any(
        event in case.paths.types.get(place, ()) for place in places
    ):
        return 0.0
    readers = {wire.target for wire in case.paths.subscribers(name)}
    if readers:
        ways_on = any(
            reader in places or set(places) & set(case.paths.downstream(reader)) for reader in readers
        )
        joined = any(case.paths.upstream(place) for place in places)
        # somebody reads, but nobody on this path, and no other path leads there
        return 0.0 if ways_on or joined else _published(case, name)
    return _published(case, name) if not any(event in case.paths.types[place] for place in places) else 0.0


def _published(case: RunEvidence, name: str) -> float:
    """Returns how many messages were published to a channel; the report of a topic counts a copy for each
    subscription.
    """
    copies = len(case.paths.subscribers(name)) if case.kind(name) == "topic" else 1
    return case.count(name, "published") / max(1, copies)


def _removed_at(case: RunEvidence, name: str) -> float | None:
    for wire in case.paths.subscribers(name):
        for target in (wire.pair, wire.ref):
            for fault in case.faults_of(target, "remove"):
                return fault.at_s
    return 0.0


def _shared_queue(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    places = set(case.places(symptom))
    for name in case.of_kind("queue"):
        readers = list(
            dict.fromkeys(
                wire.target
                for wire in case.paths.subscribers(name)
                if case.paths.carried(wire, case.paths.types[name])
            )
        )
        if len(readers) < 2:
            continue
        served = [reader for reader in readers if _leads_to(case, reader, places)]
        if not served or len(served) == len(readers):
            continue
        delivered = case.count(name, "acked") or case.count(name, "delivered")
        harmed = case.effect_count(symptom, "lost") + case.effect_count(symptom, "pending")
        share = min(1.0, delivered * (1 - len(served) / len(readers)) / harmed) if harmed else 0.9
        joins = max(case.joins_s(reader) for reader in served)
        late = joins > 0 and (effect := case.effect(symptom)) is not None and effect.from_s < joins
        if late and harmed:  # what others took before it joined is as gone as what they took since
            others = sum(_handed(case, name, reader) for reader in readers if reader not in served)
            share = min(1.0, others / harmed)
        rows: list[Row] = [
            row("readers", ", ".join(case.name(reader) for reader in readers), part=case.name(name))
        ]
        rows += [
            row("got", render_number(_handed(case, name, reader)), part=case.name(reader))
            for reader in readers
        ]
        rows.append(row("handed-out", render_number(delivered)))
        return found(
            share,
            *rows,
            component=name,
            at_s=joins if late else 0.0,
            variant="late" if late else "",
            joins=joins,
            part=case.name(name),
            readers=say("causes.counted.service", count=len(readers)),
            names=", ".join(case.name(reader) for reader in readers),
            share_text=_share_handed(case, name, served, readers),
            reader=", ".join(case.name(one) for one in served),
        )
    return None


def _share_handed(case: RunEvidence, channel: str, served: list[str], readers: list[str]) -> str:
    """Returns these readers' share of a queue's deliveries, from the same counts as the evidence
    beside it.
    """
    counts = {reader: _handed(case, channel, reader) for reader in readers}
    total = sum(counts.values())
    return render_share(round(sum(counts[one] for one in served) / total, 2)) if total else render_share(0)


def _leads_to(case: RunEvidence, reader: str, places: set[str]) -> bool:
    """Returns whether a reader's work shows at one of these places: it is one, feeds one, or keeps a database
    that is one.
    """
    reached = {reader, *case.paths.downstream(reader)}
    written = {wire.target for name in reached for wire in case.paths.out(name, Write)}
    return bool(places & (reached | written))


def _handed(case: RunEvidence, channel: str, reader: str) -> float:
    """Returns how many messages a channel handed to a reader: by the wires, or if these say nothing by the
    work the reader began.
    """
    tracks = [case.wire_track(wire.ref) for wire in case.paths.subscribers(channel) if wire.target == reader]
    handed = float(sum(sum(track.sent) for track in tracks if track is not None))
    return handed or case.count(reader, "done") + case.count(reader, "failed")


def _double_handling(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if case.kind(symptom.place) == "client":
        return _needless_call(case, symptom)
    effect = case.effect(symptom)
    if effect is None:
        return None
    return _doubled(case, effect, 0.3)


def _needless_call(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a call that a client waits for, or is refused by, though it only repeats the work its event
    causes on another way.
    """
    for effect in case.scenario.effects:
        arrivals = _arrivals(case, effect)
        if not any(wire.source == symptom.place and wire.kind == "call" for wire in arrivals):
            continue
        if any(
            wire.kind != "call" and symptom.place in case.paths.upstream(wire.source) for wire in arrivals
        ):
            return _doubled(case, effect, 0.0, 0.9)
    return None


def _arrivals(case: RunEvidence, effect: Effect) -> list[Wire]:
    """Returns the wires by which an effect's event comes to where it takes effect; wires that run only after
    a failure do not count.
    """
    return [
        wire
        for place in effect.at
        for wire in case.paths.into(place, *FORWARD)
        if effect.event in case.paths.carried(wire, case.paths.types[wire.source])
        and not _on_failure(case, wire)
    ]


def _doubled(case: RunEvidence, effect: Effect, rare: float, often: float = 1.0) -> Explanation | None:
    arrivals = _arrivals(case, effect)
    if len(arrivals) < 2 or (len(effect.at) > 1 and _one_queue(case, arrivals)):
        return None
    root = f"/effect/{effect.name}/{effect.event}"
    applied, repeated = case.number(f"{root}/applied"), case.number(f"{root}/duplicates")
    if applied <= 0:
        return None
    rows: list[Row] = [row("path", case.ends(wire), number=place) for place, wire in enumerate(arrivals, 1)]
    rows += [row("applied", render_number(applied)), row("applied-again", render_number(repeated))]
    return found(
        often if repeated >= 0.3 * applied else rare,
        *rows,
        component=effect.at[0],
        wire=arrivals[-1].ref,
        at_s=0.0,
        what_event=effect.event,
        ways=say("causes.counted.path", count=len(arrivals)),
        list=[case.ends(wire) for wire in arrivals],
        part=either([case.name(place) for place in effect.at]),
        repeated=repeated,
        applied=applied,
    )


def _one_queue(case: RunEvidence, arrivals: list[Wire]) -> bool:
    """Returns whether all of these wires compete for the messages of one queue."""
    return len({wire.source for wire in arrivals}) == 1 and case.kind(arrivals[0].source) == "queue"


def _on_failure(case: RunEvidence, wire: Wire) -> bool:
    """Returns whether a wire only brings events that could not be handled before: dead letters, and events
    published on failure.
    """
    feeding = (
        [wire]
        if wire.kind == "publish"
        else case.paths.into(wire.source)
        if case.paths.is_channel(wire.source)
        else []
    )
    return bool(feeding) and all(
        one.kind == "dead-letter" or (isinstance(one, Publish) and one.on == "failure") for one in feeding
    )


def _too_many_kinds(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds a subscription without a filter that brings a part kinds of event which have no effect there."""
    effect = case.effect(symptom)
    for place in case.places(symptom):
        wanted = {one.event for one in case.scenario.effects if place in one.at} | {
            one.undone_by for one in case.scenario.effects if place in one.at and one.undone_by
        }
        for wire in case.paths.into(place, Subscribe, Call):
            kinds = case.paths.carried(wire, case.paths.types[wire.source])
            others = kinds - wanted - {kind for one in case.paths.out(place) for kind in one.events}
            if not wanted & kinds or not others or wire.events:
                continue
            extra = _of_kinds(case, place, others)
            if extra <= 0:
                continue
            mistaken = (
                effect is not None
                and symptom.kind == DUPLICATES
                and case.effect_count(symptom, "duplicates") > 0
            )
            total = case.count(place, "done")
            return found(
                0.9 if mistaken else min(1.0, extra / max(1.0, total)),
                row("carries", ", ".join(case.paths.in_order(kinds)), wire=case.ends(wire)),
                row("belongs", ", ".join(case.paths.in_order(wanted & kinds)), part=case.name(place)),
                component=place,
                wire=wire.ref,
                at_s=0.0,
                wire_name=case.ends(wire),
                kinds=case.paths.in_order(kinds),
                wanted=case.paths.in_order(wanted & kinds),
                part=case.name(place),
                channel=case.name(wire.source),
                extra=int(extra),
            )
    return None


def _of_kinds(case: RunEvidence, place: str, kinds: set[str]) -> float:
    """Returns how many pieces of work of these kinds a part began, by the share of the followed events."""
    followed = [
        one
        for one in (case.timeline.journeys if case.timeline else [])
        if any(hop.where == place for hop in one.hops)
    ]
    if not followed:
        return 0.0
    return case.count(place, "done") * sum(1 for one in followed if one.type in kinds) / len(followed)


CAUSES = (
    Cause(
        id="too-many-kinds",
        explains=frozenset({DUPLICATES, BACKLOG, SLOW, LOST, WASTE}),
        concept="channel",
        find=_too_many_kinds,
        depth=1.3,
    ),
    Cause(
        id="not-wired",
        explains=frozenset({LOST, FAILED, SLOW, BACKLOG}),
        concept="channel",
        find=_not_wired,
        depth=1.4,
    ),
    Cause(
        id="nobody-subscribed",
        explains=frozenset({LOST, BACKLOG, SLOW}),
        concept="subscription",
        find=_nobody_subscribed,
        depth=1.35,
    ),
    Cause(
        id="shared-queue",
        explains=frozenset({LOST, BACKLOG, SLOW, DIVERGED}),
        concept="competing-consumers",
        find=_shared_queue,
        depth=1.35,
    ),
    Cause(
        id="double-handling",
        explains=frozenset({DUPLICATES, FAILED, SLOW}),
        concept="command",
        find=_double_handling,
        depth=1.2,
    ),
)
"""The causes of this family."""
