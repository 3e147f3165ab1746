"""The making of variants of levels: candidates are drawn, and only those proved by running go into a pack."""

from __future__ import annotations

import functools
import itertools
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from pathlib import Path

from tutor.catalog import load_level, load_solutions
from tutor.model.level import Level, Solution
from tutor.model.variant import Variant, variable_settings
from tutor.trial import score

KINDS = ("cost", "speed", "simplicity")
"""The kinds of stars."""
WANTED = 12
"""Variants of a level: with three levels there are some 1,700 combinations."""
DRAWN = 24
"""Candidates that are proved, at most; what does not hold is left out."""
FACTORS = (0.75, 0.8, 0.85, 0.9, 0.95, 1.05, 1.1, 1.15, 1.2, 1.25)
"""What a number may be multiplied by: enough that a neighbor's design is no answer, and little enough that
the story still holds.
"""
AT_ONCE = 3
"""How many numbers of a level change at most."""


def candidates(level: Level) -> Iterator[Variant]:
    """Yields variants to try, each once, in an order that depends on the level alone."""
    numbers = variable_settings(level)
    if not numbers:
        return
    luck = random.Random(f"variants of {level.id}")
    seen = set()
    for _ in range(DRAWN * 4):
        chosen = sorted(luck.sample(numbers, min(AT_ONCE, len(numbers))))
        variant = Variant(tuple((part, name, luck.choice(FACTORS)) for part, name in chosen))
        if variant not in seen:
            seen.add(variant)
            yield variant


def is_proved(folder: Path, variant: Variant) -> bool:
    """Returns whether the variant is as good a level: its start fails on every seed and meets the same goals
    as before, and a reference solution passes on all seeds with the stars that it claims.
    """
    level = load_level(folder)
    varied = variant.applied(level)
    start = score(varied, varied.scenario.design, why=False)
    met = tuple(goal.met for goal in start.goals)
    if any(seed.passed for seed in start.seeds) or met != _met_at_the_start(folder):
        return False
    return any(_holds(varied, solution) for solution in load_solutions(folder, varied))


@functools.cache
def _met_at_the_start(folder: Path) -> tuple[bool, ...]:
    """Returns which goals the level's own start meets: in every variant they are met without any work."""
    level = load_level(folder)
    return tuple(goal.met for goal in score(level, level.scenario.design, why=False).goals)


def _holds(varied: Level, solution: Solution) -> bool:
    verdict = score(varied, solution.design, why=False)
    return verdict.passed and all(
        getattr(verdict.stars, kind) >= getattr(solution.stars, kind) for kind in KINDS
    )


def prove_variants(
    folders: Mapping[str, Path], executor: Executor, on_progress: Callable[[float], None]
) -> dict[str, tuple[Variant, ...]]:
    """Returns the proved variants of each level, by its id and folder; a level of which none could be proved
    has none.

    The same levels give the same variants, whatever executor does the work.
    """
    found: dict[str, tuple[Variant, ...]] = {}
    for place, (level_id, folder) in enumerate(folders.items()):
        proved: list[Variant] = []
        drawn = list(itertools.islice(candidates(load_level(folder)), DRAWN))
        while drawn and len(proved) < WANTED:
            tried, drawn = drawn[: WANTED - len(proved)], drawn[WANTED - len(proved) :]
            for variant, good in zip(
                tried, executor.map(is_proved, [folder] * len(tried), tried), strict=True
            ):
                proved += [variant] if good else []
                on_progress((place + len(proved) / WANTED) / len(folders))
        if proved:
            found[level_id] = tuple(proved)
    return found
