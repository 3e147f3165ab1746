"""How the engine's cost grows: with traffic, with components, with a timeline; and what a long run keeps in
memory.

    python benchmarks/growth.py

Prints four tables. Costs are seconds of the processor for one run, the best of three, and the ratios beside
them are what counts: linear growth keeps the time per event level. Ends with 1 where a bound is broken: the
timeline more than a quarter on top, five seeds of 30,000 events over three seconds, a million events over 300
MB, or a time per event that more than doubles along a curve.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tutor.engine import simulate
from tutor.model.component import Client, Component, Queue, Service
from tutor.model.design import make_design
from tutor.model.scenario import Effect, Run, Scenario
from tutor.model.wire import Publish, Subscribe, Wire


def line_of(stages: int, events: int, rate: float = 500.0) -> Scenario:
    """A client and a line of queues and services, each publishing on to the next."""
    parts: list[Component] = [Client(id="source", rate_per_s=rate, event="thing.done")]
    wires: list[Wire] = []
    before = "source"
    for stage in range(stages):
        queue, service = f"queue-{stage}", f"service-{stage}"
        parts += [Queue(id=queue), Service(id=service, workers=4, service_ms=5.0)]
        wires += [Publish(source=before, target=queue), Subscribe(source=queue, target=service)]
        before = service
    return Scenario(
        design=make_design(parts, wires),
        run=Run(duration_s=events / rate, drain_s=10),
        effects=(Effect(event="thing.done", at=(before,)),),
    )


def seconds(scenario: Scenario, *, timeline: bool = False, rounds: int = 3) -> float:
    """The best processor time of a few runs: what else the machine does is not the engine's."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        simulate(scenario, timeline=timeline)
        best = min(best, time.process_time() - started)
    return best


def curve(title: str, points: list[tuple[int, Scenario, int]]) -> bool:
    """One table; whether the time per event stays level."""
    print(f"\n{title:>12} {'seconds':>9} {'µs an event and stage':>22}")
    each = []
    for size, scenario, work in points:
        took = seconds(scenario)
        each.append(took / work)
        print(f"{size:>12,} {took:>9.3f} {1e6 * took / work:>22.2f}")
    return max(each) <= 2 * min(each)


def memory_mb(events: int) -> float:
    """What one run takes at most, in a process of its own (MB); 0 where the system does not tell."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_peak_mb, events).result()


def _peak_mb(events: int) -> float:
    simulate(line_of(1, events))
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1_000_000 if sys.platform == "darwin" else 1000)


def five_seeds(events: int) -> tuple[float, float]:
    """Seconds until the first of five seeds is there, and until all are, on two processes."""
    scenario = line_of(1, events)
    with ProcessPoolExecutor(2) as pool:
        pool.submit(abs, 1).result()
        started = time.perf_counter()
        runs = [pool.submit(simulate, scenario, seed) for seed in range(1, 6)]
        runs[0].result()
        first = time.perf_counter() - started
        for run in runs:
            run.result()
        return first, time.perf_counter() - started


def main() -> int:
    """All tables; the exit code."""
    good = curve(
        "events",
        [(events, line_of(1, events), events) for events in (10_000, 20_000, 40_000, 80_000, 160_000)],
    )
    good &= curve(
        "stages", [(stages, line_of(stages, 10_000), 10_000 * stages) for stages in (1, 2, 4, 8, 16)]
    )
    plain, watched = (
        seconds(line_of(2, 60_000), rounds=5),
        seconds(line_of(2, 60_000), timeline=True, rounds=5),
    )
    print(f"\ntimeline: {watched / plain:.2f} times a run without one (limit 1.25)")
    first, every = five_seeds(30_000)
    print(
        f"five seeds of 30,000 events on two processes: first after {first:.2f} s, all after {every:.2f} s"
        " (limit 3)"
    )
    peak = memory_mb(1_000_000)
    print(f"a million events: {peak:.0f} MB at most (limit 300)")
    return 0 if good and watched <= 1.25 * plain and every < 3 and peak < 300 else 1


if __name__ == "__main__":
    sys.exit(main())
