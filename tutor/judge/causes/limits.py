"""Causes where a limit decides: how long a message may wait, how many may, and who is turned away."""

from __future__ import annotations

from tutor.judge.causes.cause import Cause, Explanation, Row, found, row
from tutor.judge.evidence.drops import dropped_for, set_aside_for
from tutor.judge.evidence.endings import harmed
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.series import peak
from tutor.judge.evidence.symptom import BACKLOG, DIVERGED, FAILED, LOST, SLOW, Symptom
from tutor.judge.words import render_clock, render_number, render_s, render_share
from tutor.model.component import Channel, Stream
from tutor.model.wire import DeadLetter
from tutor.words import say


def dropped(case: RunEvidence, symptom: Symptom, reason: str) -> tuple[float, str]:
    """Returns how many messages channels near a symptom gave up for a reason, and the channel that gave up
    most of them.
    """
    gone_for_good = symptom.metric.endswith(("/lost", "/dropped"))  # what was set aside is not
    counts = {
        name: dropped_for(case, symptom, name, reason)
        or (0.0 if gone_for_good else set_aside_for(case, name, reason))
        for name in _channels(case, symptom)
    }
    name = max(counts, key=lambda one: counts[one], default="")
    return sum(counts.values()), name


def _channels(case: RunEvidence, symptom: Symptom) -> list[str]:
    near = [name for name in case.near(symptom) if case.paths.is_channel(name)]
    aside = [wire.target for name in near for wire in case.paths.out(name, DeadLetter)]
    return list(dict.fromkeys([*near, *aside]))


def _expired(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    gone, name = dropped(case, symptom, "expired")
    part = case.buffer(name)
    total = harmed(case, symptom)
    if not gone or total <= 0 or part is None or part.ttl_s is None:
        return None
    track = case.track(name)
    step, most = peak(track.depth) if track else (0, 0)
    ttl = part.ttl_s
    return found(
        gone / total,
        row("waits-before-expiry", render_s(ttl), part=case.name(name)),
        row("expired", render_number(gone)),
        row("most-waited", say("causes.said.at", count=most, at=case.moment(step))),
        *_absences(case, name),
        component=name,
        at_s=_first_failed(case, name),
        part=case.name(name),
        ttl=render_s(ttl),
        gone=int(gone),
        where=_where_to(case, name, "expired"),
    )


_REASONS = {"expired": "expired", "overflow": "overflow", "error": "errors", "max-deliveries": "deliveries"}
"""By the word for a drop in the report, the word for it in a channel's ``dead_letter_on``."""


def _not_dead_lettered(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds messages that a channel drops although it has a dead-letter wire: that wire takes other reasons
    only.
    """
    best: tuple[float, Channel, DeadLetter, str] | None = None
    for name in _channels(case, symptom):
        channel, shelves = case.buffer(name), case.paths.out(name, DeadLetter)
        if channel is None or not shelves:
            continue
        for word, reason in _REASONS.items():
            gone = case.count(name, "dropped_by", word)
            if gone and reason not in channel.dead_letter_on and (best is None or gone > best[0]):
                best = gone, channel, shelves[0], word
    total = harmed(case, symptom)
    if best is None or total <= 0:
        return None
    gone, channel, wire, word = best
    takes = [say(f"causes.said.dead-letters.{reason}") for reason in channel.dead_letter_on]
    return found(
        gone / total,
        row("dropped", render_number(gone), part=case.name(channel.id)),
        row(
            "carried-aside",
            render_number(case.count(channel.id, "dead_lettered")),
            wire=case.ends(wire),
        ),
        row("dead-letters-for", ", ".join(takes) or say("causes.said.no-reason"), part=case.name(channel.id)),
        component=channel.id,
        wire=wire.ref,
        at_s=_first_failed(case, channel.id),
        variant=word if word in ("expired", "overflow") else "",
        part=case.name(channel.id),
        aside=case.name(wire.target),
        gone=int(gone),
    )


def _delay_line(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    """Finds messages that wait in a channel until they expire, and go on by its dead-letter wire: a delay on
    purpose.
    """
    for name in _channels(case, symptom):
        channel, onward = case.buffer(name), case.paths.out(name, DeadLetter)
        passed_on = case.count(name, "dead_lettered")
        if channel is None or not onward or not channel.ttl_s or case.paths.subscribers(name):
            continue
        if not passed_on or "expired" not in channel.dead_letter_on:
            continue
        track = case.track(name)
        left = track.depth[-1] if track is not None and track.depth else 0
        if symptom.kind == BACKLOG:
            share = left / symptom.value if symptom.value else 0.0
        else:
            share = 1000 * channel.ttl_s / symptom.value if symptom.value else 0.0
        return found(
            share,
            row("waits-before-expiry", render_s(channel.ttl_s), part=case.name(name)),
            row("carried-aside", render_number(passed_on), wire=case.ends(onward[0])),
            row("still-waiting", render_number(left), part=case.name(name)),
            component=name,
            wire=onward[0].ref,
            part=case.name(name),
            aside=case.name(onward[0].target),
            ttl=channel.ttl_s,
            passed=int(passed_on),
        )
    return None


def _where_to(case: RunEvidence, channel: str, reason: str) -> str:
    """Describes, in words, where a channel puts the messages that it gives up for a reason."""
    aside = [case.name(wire.target) for wire in case.paths.out(channel, DeadLetter)]
    if aside and not case.count(channel, "dropped_by", reason):
        return say("causes.said.dead-lettered-to", channels=aside)
    return say("causes.said.gone")


def _absences(case: RunEvidence, channel: str) -> list[Row]:
    rows: list[Row] = []
    for wire in case.paths.subscribers(channel):
        rows += [
            row("was-away-from", say("causes.said.span", start=a, end=b), part=case.name(wire.target))
            for a, b in case.outages(wire.target)[:2]
        ]
    return rows


def _first_failed(case: RunEvidence, name: str) -> float | None:
    track = case.track(name)
    for step, count in enumerate(track.failed if track else ()):
        if count:
            return case.moment(step)
    return None


def _overflow(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    gone, name = dropped(case, symptom, "overflow")
    if not gone:
        refusing = {one: case.count(one, "refused") for one in _channels(case, symptom)}
        name = max(refusing, key=lambda one: refusing[one], default="")
        gone = refusing.get(name, 0.0)
    buffer = case.buffer(name) or case.stream(name)
    limit = buffer.retention_records if isinstance(buffer, Stream) else buffer.max_length if buffer else None
    total = harmed(case, symptom)
    if not gone or buffer is None or limit is None or total <= 0:
        return None
    if isinstance(buffer, Stream) and buffer.overflow == "drop-oldest":
        return None  # such a log is never full: what it no longer has is a gap
    refuses = buffer.overflow == "reject"
    rule = say(f"causes.said.when-full.{buffer.overflow}")
    return found(
        gone / total,
        row("room", render_number(limit), part=case.name(name)),
        row("when-full", rule, part=case.name(name)),
        row("publishes-refused" if refuses else "pushed-out", render_number(gone), part=case.name(name)),
        *_absences(case, name),
        component=name,
        at_s=_first_failed(case, name) or case.first_mark("full", name),
        variant="refused" if refuses else "",
        part=case.name(name),
        limit=limit,
        rule=rule,
        gone=int(gone),
        where="" if refuses else _where_to(case, name, "overflow"),
    )


def _shed(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    refusing = {
        name: case.count(name, "refused")
        for name in case.near(symptom)
        if (part := case.service(name)) is not None and part.queue_limit is not None
    }
    name = max(refusing, key=lambda one: refusing[one], default="")
    total = harmed(case, symptom)
    if not refusing.get(name) or total <= 0:
        return None
    track = case.track(name)
    step, _ = peak(track.failed) if track else (0, 0)
    shedding = case.service(name)
    limit = (shedding.queue_limit if shedding else None) or 0
    return found(
        refusing[name] / total,
        row("places-in-line", render_number(limit), part=case.name(name)),
        row("turned-away", render_number(refusing[name])),
        row("busy-share", render_share(case.count(name, "utilization"))),
        row("most-refused", say("causes.said.at-moment", at=case.moment(step))),
        component=name,
        at_s=_first_failed(case, name),
        part=case.name(name),
        limit=limit,
        refused=refusing[name],
        when=render_clock(case.moment(step)),
    )


CAUSES = (
    Cause(
        id="not-dead-lettered",
        explains=frozenset({LOST, DIVERGED}),
        concept="dead-letter-queue",
        find=_not_dead_lettered,
        depth=1.4,
    ),
    Cause(
        id="delay-line",
        explains=frozenset({SLOW, BACKLOG}),
        concept="time-to-live",
        find=_delay_line,
        depth=1.3,
    ),
    Cause(
        id="expired",
        explains=frozenset({LOST, DIVERGED}),
        concept="time-to-live",
        find=_expired,
        depth=1.2,
        follows=frozenset({"not-dead-lettered"}),
    ),
    Cause(
        id="overflow",
        explains=frozenset({LOST, FAILED, DIVERGED}),
        concept="max-length",
        # a subscription that forgets has nowhere to keep what came meanwhile, and what it had no room for is
        # in its count already
        follows=frozenset({"deadlock", "not-dead-lettered", "not-durable"}),
        find=_overflow,
        depth=1.25,
    ),
    Cause(
        id="shed",
        explains=frozenset({FAILED, LOST}),
        concept="load-shedding",
        find=_shed,
        depth=1.25,
    ),
)
"""The causes of this family."""
