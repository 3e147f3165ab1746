"""How fast the slowest designs run that a learner can build: steps per second, and how long the first verdict
takes.

    python benchmarks/slowest.py [--most 5]

Each design in ``slowest/`` was found by a search over the levels. Prints a row for each, and ends with 1
where the first seed of one takes longer than ``--most`` seconds of processor time.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from pathlib import Path

from tutor.catalog import level_by_id, load_design
from tutor.engine.simulate import Simulation
from tutor.model.report import Report
from tutor.trial import with_design

DESIGNS = Path(__file__).parent / "slowest"


def first_seed(path: Path) -> tuple[Report, float]:
    """The report of a design's first seed, and the processor time it took (s)."""
    level = level_by_id(tomllib.loads(path.read_text(encoding="utf-8"))["level"])
    scenario = with_design(level, load_design(path, level)).scenario
    start = time.process_time()
    simulation = Simulation(scenario, timeline=True)
    while not simulation.advance():
        pass
    report = simulation.outcome().report
    return report, time.process_time() - start


def main() -> int:
    """Print one row a design."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    options.add_argument(
        "--most", type=float, default=5.0, help="seconds of processor time that the first seed may take"
    )
    most = options.parse_args().most
    print(f"{'design':<52}{'seconds':>9}{'steps':>10}{'steps/s':>10}  why it stopped")
    slow = 0
    for path in sorted(DESIGNS.glob("*.toml")):
        report, seconds = first_seed(path)
        steps = int(report.value("/engine/events"))
        print(
            f"{path.stem[:50]:<52}{seconds:>9.2f}{steps:>10,}{steps / seconds:>10,.0f} "
            f" {report.get('/stopped/why', '')}"
        )
        slow += seconds > most
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
