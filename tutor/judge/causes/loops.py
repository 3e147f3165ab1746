"""Causes in a loop in the wiring: parts that wait for each other, and events that come around again."""

from __future__ import annotations

from collections.abc import Iterator

from tutor.judge.causes.cause import Cause, Explanation, found, row
from tutor.judge.evidence.paths import FORWARD
from tutor.judge.evidence.run import RunEvidence
from tutor.judge.evidence.symptom import BACKLOG, DUPLICATES, FAILED, LOAD, LOST, SLOW, WASTE, Symptom
from tutor.judge.words import render_clock, render_number
from tutor.model.wire import Call, DeadLetter, Publish, Wire
from tutor.words import say

STALLED_SHARE = 0.1
"""Parts that complete nothing for this share of the traffic's time, and hold work, are stalled."""
ROUNDS = 3
"""From so many times through one part on, an event goes in a loop."""


def _deadlock(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    near = {*case.near(symptom), *case.places(symptom)}
    for loop in _waiting_loops(case):
        if not near & {name for wire in loop for name in (wire.source, wire.target)}:
            continue
        services = [wire.source for wire in loop if case.service(wire.source) is not None]
        since = _stalled_since(case, services)
        if since is None:
            continue
        full = [
            name
            for wire in loop
            for name in (wire.target,)
            if (channel := case.buffer(name)) and channel.max_length
        ]
        how = (
            say("causes.said.full-loop", parts=[case.name(name) for name in full])
            if full
            else say("causes.said.call-loop")
        )
        names = [case.name(name) for name in services]
        return found(
            1.0,
            *(row("loop-wire", case.ends(wire), number=place) for place, wire in enumerate(loop, 1)),
            *(
                row("room", render_number(length), part=case.name(name))
                for name, length in _bounded(case, full)
            ),
            *(
                row("held-at-end", render_number(_busy_at_end(case, name)), part=case.name(name))
                for name in services
            ),
            row("nothing-completed-since", render_clock(since)),
            component=services[0],
            at_s=since,
            names=names,
            how=how,
            part=names[0],
            since=since,
        )
    return None


def _bounded(case: RunEvidence, names: list[str]) -> Iterator[tuple[str, int]]:
    """Yields the channels among these that are bounded, with their room."""
    for name in names:
        channel = case.buffer(name)
        if channel is not None and channel.max_length is not None:
            yield name, channel.max_length


def _waiting_loops(case: RunEvidence) -> list[list[Wire]]:
    """Returns the loops in which each part can wait for the next: by a call, or by a publish to a bounded
    channel that the next reads.
    """
    found_loops: list[list[Wire]] = []
    services = case.of_kind("service")
    for start in services:
        path = _path_back(case, start)
        if path and frozenset(wire.ref for wire in path) not in {
            frozenset(one.ref for one in loop) for loop in found_loops
        }:
            found_loops.append(path)
    return found_loops


def _path_back(case: RunEvidence, start: str) -> list[Wire]:
    """Returns the shortest loop of waits from a part back to itself; empty if there is none."""
    todo: list[tuple[str, list[Wire]]] = [(start, [])]
    seen: set[str] = set()
    while todo:
        name, path = todo.pop(0)
        for wire in _waits_on(case, name):
            if wire.target == start:
                return [*path, wire]
            if wire.target not in seen:
                seen.add(wire.target)
                todo.append((wire.target, [*path, wire]))
    return []


def _waits_on(case: RunEvidence, name: str) -> list[Wire]:
    """Returns the wires on which a part can be held: its calls, its publishes to bounded channels, and the
    wires that have to empty such a channel.
    """
    channel = case.buffer(name)
    if channel is not None:
        return (
            list(case.paths.subscribers(name))
            if channel.max_length is not None and channel.overflow == "reject"
            else []
        )
    bounded = [
        wire
        for wire in case.paths.out(name, Publish)
        if (to := case.buffer(wire.target)) and to.max_length is not None
    ]
    return [*case.paths.out(name, Call), *bounded]


def _stalled_since(case: RunEvidence, services: list[str]) -> float | None:
    """Returns when these parts stopped completing anything although they held work; None if they
    continued.
    """
    if case.timeline is None:
        return None
    last, held = 0, False
    traffic = min(case.timeline.steps, case.step_at(case.scenario.run.duration_s))
    for name in services:
        track = case.track(name)
        if track is None:
            return None
        last = max([last, *(step for step, done in enumerate(track.done[:traffic]) if done)])
        held = held or any(track.busy[last + 1 : traffic]) or any(track.depth[last + 1 : traffic])
    since = case.moment(last + 1)
    stalled = case.scenario.run.duration_s - since
    return since if held and stalled >= STALLED_SHARE * case.scenario.run.duration_s else None


def _busy_at_end(case: RunEvidence, name: str) -> int:
    track = case.track(name)
    traffic = case.step_at(case.scenario.run.duration_s)
    return track.busy[min(traffic, len(track.busy)) - 1] if track and track.busy else 0


def _event_loop(case: RunEvidence, symptom: Symptom) -> Explanation | None:
    for name in [*case.near(symptom), *case.places(symptom)]:
        part = case.service(name)
        if part is None:
            continue
        for event in case.paths.in_order(case.paths.types[name]):
            path = _event_path_back(case, name, event)
            rounds = _rounds(case, name) if path else 0
            if rounds < ROUNDS:
                continue
            return found(
                1.0,
                *(row("loop-wire", case.ends(wire), number=place) for place, wire in enumerate(path, 1)),
                row("rounds", render_number(rounds), part=case.name(name)),
                row("completed", render_number(case.count(name, "done")), part=case.name(name)),
                row("requests", render_number(case.requests())),
                component=name,
                wire=path[-1].ref,
                at_s=0.0,
                part=case.name(name),
                what_event=event,
                rounds=rounds,
            )
    return None


def _event_path_back(case: RunEvidence, name: str, event: str) -> list[Wire]:
    """Returns the shortest loop by which an event of a type comes back to a part; wires that run only after a
    failure do not count.
    """
    todo: list[tuple[str, str, list[Wire]]] = [(name, event, [])]
    seen: set[tuple[str, str]] = set()
    while todo:
        place, carried, path = todo.pop(0)
        for wire in case.paths.out(place, *FORWARD):
            if isinstance(wire, DeadLetter) or (isinstance(wire, Publish) and wire.on == "failure"):
                continue
            for next_type in case.paths.carried(wire, [carried]):
                if wire.target == name and next_type == event:
                    return [*path, wire]
                if (wire.target, next_type) not in seen:
                    seen.add((wire.target, next_type))
                    todo.append((wire.target, next_type, [*path, wire]))
    return []


def _rounds(case: RunEvidence, name: str) -> int:
    """Returns how often one followed event was begun at a part, redeliveries and attempts after the first not
    counted.
    """
    most = 0
    for journey in case.timeline.journeys if case.timeline else ():
        begun = sum(1 for hop in journey.hops if hop.where == name and hop.what == "started")
        tries = sum(
            1
            for hop in journey.hops
            if hop.what == "returned"
            or (hop.what == "sent" and hop.detail.startswith("attempt ") and hop.detail != "attempt 1")
        )
        most = max(most, begun - tries)
    return most


CAUSES = (
    Cause(
        id="deadlock",
        explains=frozenset({SLOW, BACKLOG, FAILED, LOST}),
        concept="backpressure",
        find=_deadlock,
        depth=1.6,
    ),
    Cause(
        id="event-loop",
        explains=frozenset({DUPLICATES, SLOW, BACKLOG, LOAD, WASTE, FAILED, LOST}),
        concept="choreography",
        find=_event_loop,
        depth=1.5,
    ),
)
"""The causes of this family."""
