"""How fast the engine is, as a ratio to the same two scenarios written with SimPy, in one process and in
alternating rounds. Processor time of this process, so what else the machine computes isn't measured (by the
wall clock of a busy machine one tree read 2.0 in one run and 2.6 in another).

    python benchmarks/engine_vs_simpy.py [--rounds 5]

Prints a table of requests per second, and ends with 1 where the median ratio of a scenario is below its
target.
"""

from __future__ import annotations

import argparse
import gc
import random
import statistics
import sys
import time
from pathlib import Path

import simpy
import simpy_peer

from tutor.catalog import load_scenario
from tutor.engine import Simulation

HERE = Path(__file__).parent
TARGETS = {"queue": 2.2, "chain": 7.0}


def engine_rate(name: str) -> float:
    """Requests a second of the engine on one scenario; the simulation alone, with no timeline."""
    simulation = Simulation(load_scenario(HERE / f"{name}.toml"))
    started = time.process_time()
    while not simulation.advance(1_000_000):
        pass
    seconds = time.process_time() - started
    report = simulation.outcome().report
    return float(sum(client["requests"] for client in report.data["client"].values()) / seconds)


def peer_rate(name: str) -> float:
    """Requests a second of the SimPy peer on the same scenario."""
    delays: list[float] = []
    started = time.process_time()
    {"queue": simpy_peer.queue, "chain": simpy_peer.chain}[name](
        simpy.Environment(), random.Random(1), delays
    )
    return len(delays) / (time.process_time() - started)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    missed = False
    print(f"{'scenario':<10}{'engine/s':>12}{'simpy/s':>12}{'ratio':>8}{'target':>8}")
    for name, target in TARGETS.items():
        pairs = []
        for _ in range(rounds):
            gc.collect()
            engine = engine_rate(name)
            gc.collect()
            pairs.append((engine, peer_rate(name)))
        ratio = statistics.median(engine / peer for engine, peer in pairs)
        engine, peer = (statistics.median(rates) for rates in zip(*pairs, strict=True))
        missed = missed or ratio < target
        print(f"{name:<10}{engine:>12,.0f}{peer:>12,.0f}{ratio:>8.2f}{target:>8.2f}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
