"""Causes in the remains of the past: a log that forgot, a reader that came too late, and one that did it all
again.
"""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.causes.partitions import groups_near
from tutor.judge.evidence.endings import harmed
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, DIVERGED, DUPLICATES, LOST, SLOW, Symptom
from tutor.judge.words import render_clock, render_number
from tutor.model.wire import Subscribe
from tutor.words import say


def _skipped_history(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name in case.near(symptom):
        joins = case.joins_s(name)
        for wire in case.paths.into(name, Subscribe):
            source = case.part(wire.source)
            missed = case.history(wire.source)
            late = joins > 0 and case.count(wire.source, "published") > 0
            if source is None or source.kind == "queue" or not (late or missed):
                continue  # a queue keeps what nobody has taken
            if source.kind == "stream" and wire.from_offset == "earliest":
                continue
            gone = _before(case, symptom, wire.source, joins) + missed
            harmed = case.effect_count(symptom, "lost") or case.effect_count(
                symptom, "expected"
            ) - case.effect_count(symptom, "applied")
            kept = say("causes.said.no-past") if source.kind != "stream" else say("causes.said.past-behind")
            return found(
                min(1.0, gone / harmed) if harmed > 0 else 0.7,
                row("joins", render_clock(joins), part=case.name(name)),
                row("published-before", render_number(gone), part=case.name(wire.source)),
                row("offers-new", kept, part=case.name(wire.source)),
                component=name,
                wire=wire.ref,
                at_s=joins,
                part=case.name(name),
                channel=case.name(wire.source),
                joins=render_clock(joins),
                gone=gone,
            )
    return None


def _before(case: RunEvidence, symptom: Symptom, channel: str, at_s: float) -> float:
    """Returns how many requests clients on the way to a symptom had sent before a moment."""
    if case.timeline is None:
        return 0.0
    last = case.step_at(at_s)
    clients = [one for one in case.paths.upstream(channel) if case.kind(one) == "client"] or case.clients_of(
        symptom
    )
    return float(
        sum(
            sum(case.timeline.clients[one].requests[:last]) for one in clients if one in case.timeline.clients
        )
    )


def _side_effects_replayed(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds duplicates at a place that a reader of the past leads to."""
    for place in case.places(symptom):
        for name in (place, *case.paths.upstream(place)):
            for wire in case.paths.into(name, Subscribe):
                joins = case.joins_s(name)
                if wire.from_offset != "earliest" or (joins <= 0 and not case.history(wire.source)):
                    continue
                repeated = case.effect_count(symptom, "duplicates") or case.effect_count(symptom, "applied")
                return found(
                    1.0,
                    row(
                        "reads",
                        say("causes.said.from-start"),
                        part=case.name(name),
                        other=case.name(wire.source),
                    ),
                    row("joins", render_clock(joins), part=case.name(name)),
                    row(
                        "happened-again", render_number(repeated), event=symptom.event, part=case.name(place)
                    ),
                    component=place,
                    wire=wire.ref,
                    at_s=joins,
                    part=case.name(name),
                    channel=case.name(wire.source),
                    place=case.name(place),
                    repeated=repeated,
                )
    return None


def _retention_gap(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    places = case.places(symptom)
    for stream, wire, _ in sorted(groups_near(case, symptom), key=lambda row: row[1].target not in places):
        counts = case.report.get(f"/component/{stream.id}/dropped_by") or {}
        gone = sum(
            count for reason, count in counts.items() if reason in ("retention", "expired", "compacted")
        )
        skipped = counts.get("offset-reset", 0)
        gone += skipped
        by_count = stream.retention_records is not None and stream.overflow == "drop-oldest"
        if stream.retention_s is None and not stream.compacted and not by_count:
            continue
        total = harmed(case, symptom)
        if not gone and not total:
            continue
        if symptom.metric.endswith("/pending"):
            continue  # what the log no longer has is lost, and not unfinished
        if stream.compacted and not (skipped and stream.retention_s is not None):
            kept = say("causes.said.latest-of-key")
        elif stream.retention_s is not None:
            kept = say("causes.said.records-for", retention=stream.retention_s)
        else:
            kept = say("causes.said.last-records", count=stream.retention_records or 0)
        away = case.outages(wire.target)
        joins = case.joins_s(wire.target)
        # what went before the reader joined is in nobody's books
        late = wire.from_offset == "earliest" and joins > (stream.retention_s or joins)
        gone = total if late else gone
        rows: list[Row] = [
            row("keeps", kept, part=case.name(stream.id)),
            row("gone-unread", render_number(gone or total)),
        ]
        rows += [
            row("was-away-from", say("causes.said.span", start=a, end=b), part=case.name(wire.target))
            for a, b in away[:2]
        ]
        rows += [row("joins", render_clock(joins), part=case.name(wire.target))] if joins else []
        return found(
            max(0.9 if away or joins else 0.0, min(1.0, gone / total) if total else 0.0),
            *rows,
            *(
                [row("skipped-to-end", render_number(skipped), part=case.name(wire.target))]
                if skipped
                else []
            ),
            component=stream.id,
            at_s=away[0][0] if away else joins,
            variant="skipped" if skipped else "",
            part=case.name(stream.id),
            kept=kept,
            reader=case.name(wire.target),
            gone=gone or total,
            skipped=skipped,
        )
    return None


CAUSES = (
    Cause(
        id="skipped-history",
        explains=frozenset({LOST, SLOW, DIVERGED, BACKLOG}),
        concept="replay",
        find=_skipped_history,
        depth=1.25,
    ),
    Cause(
        id="side-effects-replayed",
        explains=frozenset({DUPLICATES}),
        concept="replay",
        find=_side_effects_replayed,
        depth=1.4,
    ),
    Cause(
        id="retention-gap",
        explains=frozenset({LOST, SLOW, BACKLOG, DIVERGED}),
        concept="retention",
        find=_retention_gap,
        depth=1.3,
    ),
)
"""The causes of this family."""
