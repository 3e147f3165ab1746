"""Causes where more comes in than goes out."""

from __future__ import annotations

import dataclasses

from tutor.judge.causes.cause import Cause, Explanation, Row, row
from tutor.judge.evidence.paths import patience_ms
from tutor.judge.evidence.run import RunEvidence, Span
from tutor.judge.evidence.series import at, mean, peak
from tutor.judge.evidence.symptom import BACKLOG, FAILED, LOAD, SLOW, Symptom
from tutor.judge.evidence.waits import BLOCKED, BUSY, Wait
from tutor.judge.words import render_clock, render_number, render_s, render_share
from tutor.model.component import Channel, Service
from tutor.model.wire import Call, DeadLetter, Subscribe
from tutor.words import say


def busy_waits(case: RunEvidence, symptom: Symptom) -> dict[str, list[Wait]]:
    """Returns the waits for parts that were busy with their own work, by that part; indirect waits
    count too.
    """
    found: dict[str, list[Wait]] = {}
    for wait in case.waits.near(symptom):
        if wait.state == BUSY:
            found.setdefault(wait.by, []).append(wait)
        elif wait.state == BLOCKED and wait.root_state == BUSY:
            found.setdefault(wait.root, []).append(wait)
    return found


def _saturated(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if symptom.kind == FAILED:
        failures = [one for one in case.failures.near(symptom) if BUSY in (one.state, one.root_state)]
        total = case.failures.total(symptom)
        if not failures:
            return None
        worst = failures[0]
        name = worst.by if worst.state == BUSY else worst.root
        count = sum(one.count for one in failures if name in (one.by, one.root))
        return _overloaded(case, symptom, name, count / total)
    if symptom.kind == LOAD:
        used = case.count(symptom.place, "utilization")
        return _overloaded(case, symptom, symptom.place, 0.8) if used > 0.6 else None
    groups = busy_waits(case, symptom)
    total = case.waits.total(symptom)
    if not groups or total <= 0:
        return None
    name = max(groups, key=lambda one: sum(wait.seconds for wait in groups[one]))
    return _overloaded(case, symptom, name, sum(wait.seconds for wait in groups[name]) / total)


_STANDSTILL = 0.01
"""Who completes a smaller share than this of what comes in does not merely lag behind."""


_SURPLUS = 1.02
"""Less than this much more than goes out is not more than goes out: a random line grows and
shrinks as well.
"""
_GROWING_STEPS = 2
"""Who is overloaded has a line that grows for longer than this many steps of the timeline."""
_BUSY_AT_LEAST = 0.8
"""Who is less busy than this while a line grows is not overloaded."""


def _busy_while(case: RunEvidence, name: str, first: int, top: int) -> float:
    """Returns the share of a part's workers, or connections, that were busy on average while a line grew."""
    track = case.track(name)
    if track is None:
        return 0.0
    steps = range(first, max(top, first + 1) + 1)
    there = sum(at(track.capacity, step, 0) for step in steps)
    return (
        sum(min(at(track.busy, step, 0), at(track.capacity, step, 0)) for step in steps) / there
        if there
        else 0.0
    )


_FULL_AT_LEAST = 0.5
"""Who had a worker free for more than this share of the time was not out of capacity, busy as it was: the
shipped mistakes are full for 96% of it and more.
"""


def _out_of_capacity(case: RunEvidence, symptom: Symptom, name: str, first: int, top: int) -> bool:
    """Returns whether none of a part's workers were free for most of the time that its line grew in, as far
    as the symptom looks at that time; steps in which the part was away count neither way.
    """
    track = case.track(name)
    if track is None:
        return False
    grew = range(first, max(top, first + 1) + 1)
    seen = case.steps(symptom)
    looked_at = [step for step in grew if step in seen] or list(grew)
    there = [step for step in looked_at if at(track.capacity, step, 0) > 0]
    full = sum(1 for step in there if at(track.busy, step, 0) >= at(track.capacity, step, 0))
    return full >= _GROWING_STEPS and full >= _FULL_AT_LEAST * len(there)


_NEGLIGIBLE = 0.05
"""A wait that is a smaller share of a time than this does not explain it."""


def _overloaded(case: RunEvidence, symptom: Symptom, name: str, share: float) -> Explanation | None:
    line = _line(case, name)
    track = case.track(line)
    if track is None or not any(track.depth):
        return None
    depth = _depth(case, name, line)
    first, top = _growth(depth)
    peak_step, turned_away = top, 0.0
    if _is_full(case, line, depth[top]):
        # a line that is full grows no longer: it is overloaded for as long as it stays full
        top = next((step for step in range(top, len(depth)) if depth[step] < 0.5 * depth[peak_step]), top)
        turned_away = mean(track.failed, first, top) / case.step_s
    done, arriving = _rates(case, name, depth, first, top)
    arriving += turned_away
    if top - first < _GROWING_STEPS:
        return None  # a burst of a moment is no overload
    if not _out_of_capacity(case, symptom, name, first, top):
        return None
    arriving = min(arriving, _fresh_rate(case, line, first, top, arriving))
    if arriving < _SURPLUS * done or _busy_while(case, name, first, top) < _BUSY_AT_LEAST:
        # As much goes out as comes in, or its workers had time: whatever is slow, it is not overloaded.
        return None
    if done < _STANDSTILL * arriving or _fails_more(case, name, first, top):
        return None  # what completes next to nothing is not too slow: it is away, or fails at what it does
    wait_s = _longest_wait(case, symptom, name, depth, peak_step, done)
    if symptom.metric.endswith(("/mean", "/p50")) and any(track.done):
        # what half of them meet is the usual line (by Little's law), not the longest
        wait_s = min(wait_s, sum(depth) * case.step_s / sum(track.done))
        if symptom.value and wait_s * 1000 < _NEGLIGIBLE * symptom.value:
            return None
    share *= _reach(case, symptom, wait_s)
    busy = case.waits.share(name, BUSY)
    workers = case.hands(name)
    rows: list[Row] = [
        row("nobody-free", render_share(busy), part=case.name(name)),
        row(
            "comes-in",
            say("causes.said.a-second", rate=arriving),
            **{"from": case.moment(first)},
            to=case.moment(top),
        ),
        row("goes-out", say("causes.said.a-second", rate=done)),
        row(
            "most-waiting",
            say("causes.said.at", count=depth[peak_step], at=case.moment(peak_step)),
            part=case.name(line),
        ),
    ]
    if used := case.count(name, "utilization"):
        rows.insert(0, row("busy", render_share(used), part=case.name(name)))
    away = _some_away(case, name, first, top)
    rows += [
        row("replicas-away", say("causes.said.span", start=start, end=end), part=case.name(name))
        for start, end in away[:2]
    ]
    facts = {
        "part": case.name(name),
        "workers": say("causes.said.workers", count=workers),
        "from": render_clock(case.moment(first)),
        "arriving": arriving,
        "done": done,
        "line": case.name(line),
        "peak": depth[peak_step],
        "peak_at": render_clock(case.moment(peak_step)),
    }
    return Explanation(
        share,
        component=name,
        facts=facts,
        evidence=tuple(rows),
        at_s=case.moment(first),
        variant="short" if away else "full" if turned_away else "",
    )


def _is_full(case: RunEvidence, line: str, longest: int) -> bool:
    """Returns whether a line was as long as it may be."""
    part = case.part(line)
    limit = (
        part.queue_limit
        if isinstance(part, Service)
        else part.max_length
        if isinstance(part, Channel)
        else None
    )
    return bool(limit) and longest >= (limit or 0)


def _some_away(case: RunEvidence, name: str, first: int, top: int) -> list[Span]:
    """Returns when some of a part's replicas, but not all, were down or hung while its line grew."""
    if case.replicas(name) < 2:
        return []
    from_s, to_s = case.moment(first), case.moment(top)
    away = case.faulted(name, "crash", "hang", "deploy")
    return [(start, end) for start, end in away if start <= to_s and end >= from_s]


def _fails_more(case: RunEvidence, name: str, first: int, top: int) -> bool:
    """Returns whether more of a part's work failed than was completed while a line grew; work that died with
    the part does not count.
    """
    track = case.track(name)
    if track is None:
        return False
    down = case.down(name)
    steps = [step for step in range(first, max(top, first + 1) + 1) if not at(down, step, False)]
    failed, refused = case.count(name, "failed"), case.count(name, "refused")
    own = failed / (failed + refused) if failed else 0.0  # the track counts what was refused as well
    return own * sum(at(track.failed, step, 0) for step in steps) > sum(
        at(track.done, step, 0) for step in steps
    )


def _fresh_rate(case: RunEvidence, line: str, first: int, top: int, otherwise: float) -> float:
    """Returns how many messages a second were published to a channel while its line grew; redeliveries had
    come in before.
    """
    channels = (
        [line] if case.paths.is_channel(line) else [wire.source for wire in case.paths.into(line, Subscribe)]
    )
    if not any(case.count(channel, "redelivered") for channel in channels):
        return otherwise
    wires = [
        wire for channel in channels for wire in case.paths.into(channel) if not isinstance(wire, DeadLetter)
    ]
    wires += case.paths.into(line, Call)
    tracks = [track for wire in wires if (track := case.wire_track(wire.ref))]
    last = max(top, first + 1)
    return sum(mean(track.sent, first, last) for track in tracks) / case.step_s if tracks else otherwise


def _longest_wait(
    case: RunEvidence, symptom: Symptom, name: str, depth: list[int], top: int, done: float
) -> float:
    """Returns how long the last in line waited when the line was longest, in seconds; failures of a window
    had to do with its own line only.
    """
    track = case.track(name)
    if symptom.kind == FAILED and symptom.window and track is not None:
        steps = case.steps(symptom, 0.0)
        top = max(steps, key=lambda step: at(depth, step, 0), default=top)
        done = mean(track.done, steps.start, steps.stop) / case.step_s
    return at(depth, top, 0) / done if done else case.end_s


def _reach(case: RunEvidence, symptom: Symptom, wait_s: float) -> float:
    """Returns how much of the symptom a line of this length, in seconds of work, explains; 1 if it is a good
    part of it.
    """
    needed = 0.0
    effect = case.effect(symptom)
    if symptom.kind == SLOW and symptom.metric.endswith("/late") and effect is not None:
        needed = effect.deadline_s or 0.0
    elif symptom.kind == SLOW and symptom.value and "_ms" in symptom.metric:
        needed = symptom.value / 1000
    elif symptom.kind == FAILED and not any(case.count(name, "refused") for name in case.near(symptom)):
        starts = {*case.near(symptom), *case.clients_of(symptom)}
        patience = [patience_ms(wire) for wire in case.design.wires if wire.source in starts]
        # a caller gives up when its whole patience is over; a short line explains nothing
        needed = 3 * min((ms for ms in patience if ms), default=0.0) / 1000
    return min(1.0, wait_s / (0.25 * needed)) if needed > 0 else 1.0


def _line(case: RunEvidence, name: str) -> str:
    """Returns the place where the work for a part waits most: its own line, or a channel that it reads."""
    lines = [name, *(wire.source for wire in case.paths.into(name, Subscribe))]
    return max(lines, key=lambda one: sum(track.depth) if (track := case.track(one)) else 0)


def _growth(depth: list[int]) -> tuple[int, int]:
    """Returns the steps between which a line grew to its longest: the last time it was (nearly) empty, and
    its peak.
    """
    top, _ = peak(depth)
    first = top
    while first > 0 and depth[first - 1] > depth[top] * 0.02:
        first -= 1
    return first, top


def _depth(case: RunEvidence, name: str, line: str) -> list[int]:
    """Returns how much waited at a line in each step. The messages in a consumer's hands go back to its queue
    when it is down, so the line of a part that reads one is both together.
    """
    tracks = [case.track(line)]
    if line == name:
        tracks += [
            case.track(wire.source)
            for wire in case.paths.into(name, Subscribe)
            if case.kind(wire.source) == "queue" and wire.prefetch != 1
        ]
    depths = [track.depth for track in tracks if track is not None]
    return depths[0] if len(depths) == 1 else [sum(values) for values in zip(*depths, strict=False)]


def _rates(case: RunEvidence, name: str, depth: list[int], first: int, top: int) -> tuple[float, float]:
    """Returns how much a part completed, and how much came in for it, a second, while its line grew."""
    track = case.track(name)
    if track is None:
        return 0.0, 0.0
    last = max(top, first + 1)
    done = mean(track.done, first, last) / case.step_s
    grown = (at(depth, top, 0) - at(depth, first, 0)) / ((last - first) * case.step_s)
    return done, done + max(0.0, grown)


def _late_scale(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    if not any(isinstance(one, Service) and one.autoscale for one in case.design.components.values()):
        return None
    base = _saturated(case, symptom)
    if base is None:
        return None
    part = case.part(base.component)
    if not isinstance(part, Service) or part.autoscale is None:
        return None
    track = case.track(base.component)
    replicas = track.extra.get("replicas", []) if track else []
    most_step, most = peak(replicas)
    if most <= part.autoscale.min:
        first = "never"
    else:
        first = render_clock(
            case.moment(next(step for step, count in enumerate(replicas) if count > replicas[0]))
        )
    rows: list[Row] = [
        row("scales-from", say("causes.said.replicas-range", min=part.autoscale.min, max=part.autoscale.max)),
        row("scale-at", render_number(part.autoscale.depth)),
        row("start-time", render_s(max(part.autoscale.start_s, part.boot_s))),
        row("first-more", first),
        row("most-replicas", say("causes.said.at", count=most, at=case.moment(most_step))),
        *base.evidence,
    ]
    facts = {
        **base.facts,
        "depth": part.autoscale.depth,
        "start": render_s(max(part.autoscale.start_s, part.boot_s)),
        "first": first,
    }
    return dataclasses.replace(base, facts=facts, evidence=tuple(rows), variant="")


CAUSES = (
    Cause(
        id="saturated",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOAD}),
        concept="utilization",
        find=_saturated,
        follows=frozenset(
            {
                "retry-storm",
                "retries-without-pause",
                "lease-in-hand",
                "lease-too-short",
                "hot-redelivery",
                "poison",
                "deadlock",
                "event-loop",
                "hot-key",
                "idle-members",
                "uneven-partitions",
                "noisy-neighbour",
                "callback-load",
                "polling-load",
                "blocked-partition",
                "too-many-kinds",
                "evicted",
            }
        ),
    ),
    Cause(
        id="late-scale",
        explains=frozenset({SLOW, BACKLOG, FAILED}),
        concept="autoscaling",
        find=_late_scale,
        depth=1.2,
    ),
)
"""The causes of this family."""
