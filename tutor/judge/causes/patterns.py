"""Causes in stream processing: matches that a window or a pattern misses, and matches it reports that are not
there.
"""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import ALARMS, LOST, Symptom
from tutor.judge.words import render_number, render_s, render_share
from tutor.model.component import Client, Queue, Service, Stream
from tutor.model.wire import Subscribe
from tutor.words import say


def _detectors(case: RunEvidence, symptom: Symptom) -> list[Service]:
    names = [*case.places(symptom), *case.near(symptom)]
    parts = [case.part(name) for name in dict.fromkeys(names)]
    return [part for part in parts if isinstance(part, Service) and (part.pattern or part.window_s)]


def _recall(case: RunEvidence, part: Service) -> tuple[float, float]:
    return case.number(f"/pattern/{part.id}/recall", 1.0), case.number(f"/pattern/{part.id}/precision", 1.0)


def _late_events_dropped(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for part in _detectors(case, symptom):
        late = [
            one for one in case.design.components.values() if isinstance(one, Client) and one.late_share > 0
        ]
        longest = max((one.late_s for one in late), default=0.0)
        if part.watermark_s >= longest or not symptom.metric.endswith(
            ("recall", "lost", "applied", "missed")
        ):
            continue
        missing = 1 - part.watermark_s / longest
        dropped = case.count(part.id, "late_dropped")
        return found(
            0.5 + 0.4 * missing,
            row(
                "watermark",
                render_s(part.watermark_s) if part.watermark_s else say("causes.said.not-at-all"),
                part=case.name(part.id),
            ),
            row("latest", render_s(longest)),
            row("late-share", render_share(max(one.late_share for one in late))),
            *((row("late-dropped", render_number(dropped)),) if dropped else ()),
            component=part.id,
            part=case.name(part.id),
            watermark=render_s(part.watermark_s) if part.watermark_s else say("causes.said.no-time"),
            longest=render_s(longest),
        )
    return None


def _unkeyed_pattern(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if symptom.metric.endswith("precision"):
        return None
    for part in _detectors(case, symptom):
        members = part.replicas * part.workers
        if members < 2 or len(part.pattern) < 2:
            continue
        for wire in case.paths.into(part.id, Subscribe):
            source = case.part(wire.source)
            keys = [one.key for one in case.paths.feeding(wire.source)]
            queue = isinstance(source, Queue) and source.lanes != "entity"
            if not queue and (
                (source.partitions if isinstance(source, Stream) else 1) < 2
                or all(key == "entity" for key in keys)
            ):
                continue
            return found(
                1.0,
                row("members", render_number(members), part=case.name(part.id)),
                row("publish-key", ", ".join(dict.fromkeys(keys)) or say("causes.said.none")),
                row("chance-to-meet", render_share(round(1 / members, 3))),
                component=part.id,
                wire=wire.ref,
                part=case.name(part.id),
                members=members,
                channel=case.name(wire.source),
            )
    return None


def _false_alarms(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if not symptom.metric.endswith(("precision", "false_alarms")) or symptom.value is None:
        return None
    for part in _detectors(case, symptom):
        _, precision = _recall(case, part)
        if symptom.metric.endswith("precision"):
            precision = symptom.value
        loose = say("causes.said.one-event") if len(part.pattern) < 2 else say("causes.said.any-two")
        return found(
            1.0,
            row("alarm-on", loose),
            row("true-alarms", render_share(round(precision, 3))),
            component=part.id,
            part=case.name(part.id),
            share_text=render_share(round(precision, 2)),
            loose=loose,
        )
    return None


CAUSES = (
    Cause(
        id="late-events-dropped",
        explains=frozenset({ALARMS, LOST}),
        concept="watermark",
        find=_late_events_dropped,
        depth=1.1,
    ),
    Cause(
        id="unkeyed-pattern",
        explains=frozenset({ALARMS, LOST}),
        concept="partition-key",
        find=_unkeyed_pattern,
        depth=1.3,
    ),
    Cause(
        id="false-alarms",
        explains=frozenset({ALARMS}),
        concept="complex-event-processing",
        find=_false_alarms,
    ),
)
"""The causes of this family."""
