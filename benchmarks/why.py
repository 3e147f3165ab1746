"""What it costs to know why: the time of a diagnosis beside the time of the run that it explains.

    python benchmarks/why.py [CHAPTER/LEVEL]...

One line for each tempting mistake of the course (or of the levels named), dearest first: milliseconds of the
diagnosis, milliseconds of the run with its timeline, and the ratio; the best of ten and of three. Ends with 1
where a diagnosis takes more than a tenth of its run.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial

from tutor.catalog import find_levels_root, level_by_id, level_folder, load_course, load_mistakes
from tutor.judge.diagnosis import diagnose
from tutor.trial import run, with_design

MOST = 0.1
"""The share of its run that a diagnosis may take."""
SHOWN = 15
"""Lines of the table."""


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The best time of a few rounds, by the processor's clock."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best


def costs(level_id: str) -> Iterator[tuple[float, float, str]]:
    """For each mistake of a level: seconds of the diagnosis, seconds of the run, and its name."""
    level = level_by_id(level_id)
    for mistake in load_mistakes(level_folder(level.id), level):
        tried = with_design(level, mistake.design)
        outcome = run(tried.scenario, timeline=True)
        took = seconds(partial(run, tried.scenario, timeline=True), 3)
        why = seconds(partial(diagnose, tried, outcome), 10)
        yield why, took, f"{level.id}/{mistake.name}"


def main(level_ids: list[str]) -> int:
    """Prints the table; 1 where a diagnosis is too dear."""
    named = level_ids or [
        one for chapter in load_course(find_levels_root()).chapters for one in chapter.levels
    ]
    rows = sorted((row for level_id in named for row in costs(level_id)), key=lambda row: -row[0] / row[1])
    print(f"{'why':>8} {'run':>9} {'share':>7}")
    for why, took, name in rows[:SHOWN]:
        print(f"{1e3 * why:>5.2f} ms {1e3 * took:>6.1f} ms {why / took:>7.1%}  {name}")
    shares = [why / took for why, took, _ in rows]
    print(
        f"\n{len(rows)} mistakes, dearest {max(shares):.1%}, half of them below"
        f" {sorted(shares)[len(shares) // 2]:.1%}"
    )
    return 1 if max(shares) > MOST else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
