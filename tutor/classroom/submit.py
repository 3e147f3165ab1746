"""The one file that a student hands in: every design with what the student's own game says about it.

It is a TOML file that a person can read; :mod:`tutor.classroom.handins` reads it back. The claims are for
comparison only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from tutor import trial
from tutor.catalog import level_by_id, load_design_text
from tutor.errors import InputError, printable
from tutor.judge.verdict import Verdict
from tutor.model.level import Level
from tutor.progress import Progress, Standing
from tutor.words import say

FORMAT = 1
"""The version of the hand-in's form."""


@dataclasses.dataclass(frozen=True, slots=True)
class LevelWork:
    """A student's work on one level."""

    level: str
    """The level's id."""
    design: str
    """The text of the design file."""
    passed: bool
    """Whether the student's game passed it."""
    stars: tuple[int, int, int] = (0, 0, 0)
    """Cost, speed and simplicity."""
    tries: int = 0
    """Runs made."""
    seconds: float = 0.0
    """Time spent in the level."""
    hints: int = 0
    """Hints used."""
    prediction: int | None = None
    """The place of the choice that was predicted; -1 where it was skipped, None where it was not asked."""
    answer: int | None = None
    """The place of the latest answer to the level's question; None without one."""
    reasons: tuple[str, ...] = ()
    """The first reason of each run that failed, oldest first."""


MOST_REASONS = 100
"""Of the reasons of a level's failed runs, no more than the latest of this number are handed in."""

MOST_TRIED = 8
"""Of a level's earlier designs, no more than this are looked at for the best."""


def gather_works(
    progress: Progress,
    level_ids: Sequence[str],
    levels_root: Path | None,
    on_level: Callable[[int, int], None] = lambda _done, _of: None,
) -> tuple[LevelWork, ...]:
    """A student's work on these levels, as far as there is any; ``on_level`` is told how many are done, of
    how many.

    The design in progress is handed in. Of a level that was passed it is the best of the latest designs
    instead, so that a last experiment takes nothing away. What is claimed is what this design earns here and
    now.
    """
    works = []
    for done, level_id in enumerate(level_ids):
        on_level(done, len(level_ids))
        text = progress.kept_design(level_id)
        if text is None:
            continue
        standing = progress.standing(level_id)
        passed, stars = False, (0, 0, 0)
        if standing.passed:
            text, passed, stars = _best(progress, level_by_id(level_id, levels_root), text, standing)
        hints = len(progress.shown_hints(level_id))
        asked, choice = progress.prediction(level_id)
        works.append(
            LevelWork(
                level_id,
                text,
                passed,
                stars,
                standing.attempts,
                standing.seconds,
                hints,
                prediction=(-1 if choice is None else choice) if asked else None,
                answer=progress.answer_choice(level_id),
                reasons=tuple(one.diagnosis for one in progress.attempts(level_id) if one.diagnosis)[
                    -MOST_REASONS:
                ],
            )
        )
    return tuple(works)


def _best(
    progress: Progress, level: Level, text: str, standing: Standing
) -> tuple[str, bool, tuple[int, int, int]]:
    """The design with the most stars among the latest that pass, whether it passes, and its stars; the one in
    progress if none does.
    """
    found: tuple[str, bool, tuple[int, int, int]] = (text, False, (0, 0, 0))
    enough = standing.stars.cost + standing.stars.speed + standing.stars.simplicity
    for place, design in enumerate(_texts(progress, level.id, text)):
        if place == MOST_TRIED or (found[1] and sum(found[2]) >= enough):
            break
        verdict = _verdict(level, design)
        if verdict is not None and verdict.passed:
            stars = (verdict.stars.cost, verdict.stars.speed, verdict.stars.simplicity)
            if not found[1] or sum(stars) > sum(found[2]):
                found = (design, True, stars)
    return found


def _texts(progress: Progress, level_id: str, latest: str) -> Iterator[str]:
    yield latest
    for path in reversed(progress.design_history(level_id)):
        try:
            yield path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue


def _verdict(level: Level, text: str) -> Verdict | None:
    """What a design earns; None where the level has changed since and it no longer fits."""
    try:
        return trial.score(level, load_design_text(text, level=level), why=False)
    except InputError:
        return None


def render_hand_in(name: str, email: str, title: str, works: Iterable[LevelWork], made: str = "") -> str:
    """The hand-in as TOML text; ``made`` is the moment, ISO 8601 in UTC.

    Raises :class:`InputError` where neither a name nor an address says whose it is.
    """
    if not (name.strip() or email.strip()):
        raise InputError(say("class.nameless"), key="--name")
    lines = [
        "# What tutor class submit made. Every design in it is simulated again when it is graded.",
        f"format = {FORMAT}",
        f"name = {_text(name)}",
        f"email = {_text(email)}",
        f"title = {_text(title)}",
        *([f"made = {_text(made)}"] if made else []),
    ]
    for work in works:
        cost, speed, simplicity = work.stars
        claimed = (
            f"passed = {str(work.passed).lower()}, stars = {{cost = {cost}, speed = {speed}, simplicity ="
            f" {simplicity}}}, tries = {work.tries}, seconds = {work.seconds:.0f}, hints = {work.hints}"
            + "".join(
                f", {key} = {value}"
                for key, value in (("prediction", work.prediction), ("answer", work.answer))
                if value is not None
            )
            + (f", reasons = [{', '.join(map(_text, work.reasons))}]" if work.reasons else "")
        )
        lines += [
            "",
            "[[designs]]",
            f"level = {_text(work.level)}",
            f"claimed = {{{claimed}}}",
            f"design = {_block(work.design)}",
        ]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    return '"' + printable(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _block(text: str) -> str:
    """A multi-line TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    clean = "".join(char if char.isprintable() or char == "\n" else f"\\U{ord(char):08x}" for char in escaped)
    if clean.endswith('"'):
        clean = clean[:-1] + '\\"'
    return '"""\n' + clean + '"""'
