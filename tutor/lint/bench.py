"""A level on the bench: read once, with the verdicts on its solutions and what else was seen to fail, which
proofs and searches share.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from tutor.catalog import load_level, load_mistakes, load_solutions
from tutor.judge.verdict import Verdict
from tutor.lint.hope import Hope
from tutor.model.design import Design
from tutor.model.level import Solution
from tutor.trial import score


class LevelBench:
    """A level with its solutions and mistakes."""

    def __init__(self, folder: Path | str) -> None:
        self.level = load_level(folder)
        self.solutions = load_solutions(folder, self.level)
        self.mistakes = load_mistakes(folder, self.level)
        self._verdicts: dict[str, Verdict] = {}
        self._failed: dict[tuple[Any, ...], Hope] = {}

    def verdict(self, solution: Solution) -> Verdict:
        """Returns the verdict on a solution on the level's own seeds; it is run once."""
        verdict = self._verdicts.get(solution.name)
        if verdict is None:
            verdict = self._verdicts[solution.name] = score(self.level, solution.design, why=False)
        return verdict

    def remember(self, design: Design, hope: Hope) -> None:
        """Remembers that a design misses a goal on the level's first seed, if it does."""
        if hope.result.missed:
            self._failed[design_key(design)] = hope

    def failed(self, design: Design) -> Hope | None:
        """Returns the run on the level's first seed in which a design missed a goal, if it is remembered."""
        return self._failed.get(design_key(design))


def design_key(design: Design) -> tuple[Any, ...]:
    """Returns what tells a design from another that runs differently."""
    return tuple(sorted(design.components.items())), design.wires


def bench_of(folder: Path | str) -> LevelBench:
    """Returns the bench of a level folder, the same one as long as its files stay as they are; raises
    :class:`InputError` if it cannot be read.
    """
    files = (path for ending in ("toml", "md") for path in Path(folder).rglob(f"*.{ending}"))
    return _bench(str(folder), tuple((str(path), path.read_bytes()) for path in sorted(files)))


@functools.lru_cache(maxsize=2)
def _bench(folder: str, _files: tuple[tuple[str, bytes], ...]) -> LevelBench:
    return LevelBench(folder)
