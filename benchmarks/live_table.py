"""Simulated against measured, as a Markdown table: ``python benchmarks/live_table.py [--on nats] [--at-once
3] [SCENARIO...]``.

Runs the scenarios that real brokers were measured on, some at once since they mostly wait, and prints the
table of docs/live.md.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tutor.catalog import load_scenario
from tutor.live.run import LiveRun

FOLDER = Path(__file__).parents[1] / "tests" / "brokers" / "scenarios"
COUNTS = ("applied", "refused", "lost", "pending", "duplicates", "out_of_order")


def measured(paths: list[Path], broker: str) -> list[dict[str, Any]]:
    """The live reports of some scenarios that run at the same time."""
    runs = [LiveRun(load_scenario(path), broker=broker) for path in paths]
    try:
        for run in runs:
            run.start()
        while any([run.poll().phase != "over" for run in runs]):  # noqa: C419  # all of them have to be looked at
            time.sleep(0.3)
        return [dict(run.report().data) for run in runs]
    finally:
        for run in runs:
            run.close()


def rows(name: str, data: dict[str, Any]) -> Iterator[str]:
    """The rows of one scenario, one for each effect."""
    for place, events in data["effect"].items():
        for event, seen in events.items():
            known = data["predicted"]["effect"][place][event]
            counts = ", ".join(
                f"{key} {known[key]} / {seen[key]}" for key in COUNTS if known[key] or seen[key]
            )
            mean = " / ".join(
                "-" if one["delay_ms"]["mean"] is None else f"{one['delay_ms']['mean']:.0f}"
                for one in (known, seen)
            )
            yield f"| {name} | {place} | {counts} | {mean} | {data['live']['lag_ms']['p95']:.0f} |"


def main() -> None:
    """Prints the table as it comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenarios", nargs="*", help="the beginnings of their names; all of them without any")
    parser.add_argument("--on", default="nats")
    parser.add_argument("--at-once", type=int, default=3)
    asked = parser.parse_args()
    paths = [
        path
        for path in sorted(FOLDER.glob("*.toml"))
        if not asked.scenarios or path.stem.startswith(tuple(asked.scenarios))
    ]
    print("| scenario | at | simulated / measured | mean delay, ms | lag, ms |")
    print("| --- | --- | --- | --- | --- |")
    for first in range(0, len(paths), asked.at_once):
        some = paths[first : first + asked.at_once]
        for path, data in zip(some, measured(some, asked.on), strict=True):
            for row in rows(path.stem, data):
                print(row, flush=True)


if __name__ == "__main__":
    main()
