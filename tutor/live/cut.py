"""A stretch of a scenario that fits into real time: the half minute, or minute, around its first fault."""

from __future__ import annotations

import dataclasses

from tutor.engine.luck import Luck
from tutor.model.clock import SECOND
from tutor.model.component import Client, Component
from tutor.model.fault import Fault
from tutor.model.scenario import Run, Scenario, Window

SHORT_S, LONG_S = 30.0, 60.0
"""A live run has traffic for at least and at most this long, unless told otherwise."""
LEAD_S = 10.0
"""How much traffic there is before the first fault at most."""
AFTER_S = 15.0
"""How long to look on after the first fault is over."""
DRAIN_S = 20.0
"""How long a live run that was cut waits at most for what is still under way."""


def cut(scenario: Scenario, seconds: float | None = None, seed: int | None = None) -> Scenario:
    """Cuts out the stretch of a scenario around its first fault, with everything moved to its new start.

    ``seconds`` is the length of its traffic; without it, as long as the first fault needs, from 30 to 60 s. A
    scenario that is short enough stays as it is. Faults at random become the ones that this seed has drawn,
    so that prediction and measurement meet the same. The stretch starts empty: a backlog from before it is
    not included.
    """
    run = scenario.run
    whole = (seconds is None and run.duration_s <= LONG_S) or (
        seconds is not None and seconds >= run.duration_s
    )
    if whole and all(fault.mtbf_s is None for fault in scenario.faults):
        return _seeded(scenario, seed)
    if whole:
        seconds = run.duration_s
    luck = Luck(scenario, seed)
    spans = _spans(scenario, luck)
    first = _first_trouble(scenario, spans)
    if seconds is None:
        ends = [end for _, start, end, _ in spans if first is not None and start == first]
        lasts = min((end - first for end in ends), default=0.0) if first is not None else 0.0
        seconds = min(LONG_S, max(SHORT_S, LEAD_S + lasts + AFTER_S))
    lead = min(LEAD_S, seconds / 3)
    start = 0.0 if first is None else max(0.0, min(first - lead, run.duration_s - seconds))
    end = start + seconds
    parts = {id: _moved(part, start) for id, part in scenario.design.components.items()}
    return dataclasses.replace(
        _seeded(scenario, seed),
        design=dataclasses.replace(scenario.design, components=parts),
        run=_run(_seeded(scenario, seed).run, seconds, start),
        faults=tuple(_fault(scenario, *span, start) for span in spans if span[1] < end and span[2] > start),
        effects=tuple(
            dataclasses.replace(one, from_s=max(0.0, one.from_s - start)) for one in scenario.effects
        ),
        windows=tuple(
            _window(one, start, end) for one in scenario.windows if one.from_s < end and one.to_s > start
        ),
    )


def _seeded(scenario: Scenario, seed: int | None) -> Scenario:
    if seed is None:
        return scenario
    return dataclasses.replace(scenario, run=dataclasses.replace(scenario.run, seed=seed))


def _run(run: Run, seconds: float, start: float) -> Run:
    warmup = run.warmup_s if start == 0 and run.warmup_s < seconds / 2 else 0.0
    return dataclasses.replace(
        run,
        duration_s=seconds,
        warmup_s=warmup,
        drain_s=min(run.drain_s, DRAIN_S) or 5.0,
        timeline_step_s=None,
    )


Span = tuple[int, float, float, int | None]
"""A fault's place in the scenario, when it starts and ends (s), and its replica (from 0; None: what the fault
says).
"""


def _spans(scenario: Scenario, luck: Luck) -> list[Span]:
    """Returns every time that something goes wrong, in order."""
    found: list[Span] = []
    for place, fault in enumerate(scenario.faults):
        at_random = fault.mtbf_s is not None and fault.replica is None
        part = scenario.design.components.get(fault.target)
        replicas = range(int(getattr(part, "replicas", 1))) if at_random else (None,)
        for replica in replicas:
            drawn = replica if at_random else None if fault.replica is None else fault.replica - 1
            for start, end in luck.spans(place, drawn):
                found.append((place, start / SECOND, end / SECOND, replica))
    return sorted(found, key=lambda span: span[1])


def _first_trouble(scenario: Scenario, spans: list[Span]) -> float | None:
    """Returns when the first fault that isn't there from the beginning starts; else when a part joins, or a
    client's traffic peaks.
    """
    later = [start for place, start, _, _ in spans if start > 0 and _hits(scenario, scenario.faults[place])]
    if later:
        return later[0]
    joining = [part.from_s for part in scenario.design.components.values() if part.from_s > 0]
    if joining:
        return min(joining)
    peaks = [
        max(part.profile, key=lambda step: step[1])[0]
        for part in scenario.design.components.values()
        if isinstance(part, Client) and len(part.profile) > 1
    ]
    return min((at for at in peaks if at > 0), default=None)


def _hits(scenario: Scenario, fault: Fault) -> bool:
    """Returns whether the fault's target is in the design: a part that isn't built cannot fail."""
    design = scenario.design
    ends = fault.target.split("->")
    if len(ends) > 1:
        return any(fault.target in (wire.pair, wire.ref) for wire in design.wires)
    return fault.target in design.components


def _fault(
    scenario: Scenario, place: int, start: float, end: float, replica: int | None, moved: float
) -> Fault:
    fault = scenario.faults[place]
    last = scenario.run.duration_s + scenario.run.drain_s
    begins = max(0.0, start - moved)
    return dataclasses.replace(
        fault,
        at_s=begins,
        for_s=None if end > last else max(1e-6, end - moved - begins),
        every_s=None,
        mtbf_s=None,
        mttr_s=None,
        replica=fault.replica if replica is None else replica + 1,
    )


def _moved(part: Component, start: float) -> Component:
    part = dataclasses.replace(part, from_s=max(0.0, part.from_s - start))
    if not isinstance(part, Client) or not part.profile:
        return part
    steps = sorted(part.profile)
    at_start = [rate for at, rate in steps if at <= start]
    first = ((0.0, at_start[-1]),) if at_start else ()
    return dataclasses.replace(
        part, profile=(*first, *((at - start, rate) for at, rate in steps if at > start))
    )


def _window(window: Window, start: float, end: float) -> Window:
    return dataclasses.replace(
        window, from_s=max(0.0, window.from_s - start), to_s=min(end, window.to_s) - start
    )
