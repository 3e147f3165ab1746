"""The one file that a student hands in: every design with the facts that the student's own game reports about
it.

It is a TOML file that a person can read; :mod:`tutor.classroom.handins` reads it back. The claims are for
comparison only.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from pathlib import Path

from tutor import trial
from tutor.catalog import level_by_id, load_course, load_design_text
from tutor.disk import refuse_target, write_text
from tutor.errors import InputError
from tutor.model.level import Level
from tutor.model.pack import PackRules
from tutor.progress import Progress, Standing
from tutor.progress.signature import Signature, load_signature, parse_signature, quoted, save_signature
from tutor.words import say

FORMAT = 1
"""The version of the hand-in's form."""
HEADING = "# A hand-in of tutor. Every design in it is simulated again when it is graded."
"""Its first line: by this a file is known that may be replaced by a later one."""


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

STEPS = 2_000
"""Steps of a run between two looks at the screen: some milliseconds."""

MOST_TRIED = 8
"""Of a level's earlier designs, no more than this are looked at for the best."""


LoadLevel = Callable[[str], Level]
"""Gives a level by its id, as the student plays it; raises :class:`InputError`."""


def gather_works(
    progress: Progress,
    level_ids: Sequence[str],
    load_level: LoadLevel,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> tuple[LevelWork, ...]:
    """Gathers a student's work on these levels, as far as there is any; ``on_progress`` is called with the
    progress, 0 to 1.

    The design in progress is handed in. Of a level that was passed it is the best of the latest designs
    instead, so that a last experiment takes nothing away. What is claimed is what this design earns here and
    now.
    """
    gathering = gather_in_steps(progress, level_ids, load_level)
    while True:
        try:
            on_progress(next(gathering))
        except StopIteration as done:
            found: tuple[LevelWork, ...] = done.value
            return found


def gather_in_steps(
    progress: Progress, level_ids: Sequence[str], load_level: LoadLevel
) -> Generator[float, None, tuple[LevelWork, ...]]:
    """Gathers as :func:`gather_works` does, in steps that a screen may take between two frames; each yields
    the progress.
    """
    works = []
    for done, level_id in enumerate(level_ids):
        yield done / len(level_ids)
        text = progress.kept_design(level_id)
        if text is None:
            continue
        standing = progress.standing(level_id)
        passed, stars = False, (0, 0, 0)
        if standing.passed:
            level = load_level(level_id)
            for share, found in _best(progress, level, text, standing):
                yield (done + share) / len(level_ids)
                text, passed, stars = found
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


Best = tuple[str, bool, tuple[int, int, int]]
"""A design, whether it passes, and its stars."""


def _best(progress: Progress, level: Level, text: str, standing: Standing) -> Iterator[tuple[float, Best]]:
    """Yields the progress of the search, and the best so far: the design with the most stars among the latest
    that pass; the one in progress if none does.
    """
    best: Best = (text, False, (0, 0, 0))
    enough = standing.stars.cost + standing.stars.speed + standing.stars.simplicity
    for place, design in enumerate(_texts(progress, level.id, text)):
        if place == MOST_TRIED or (best[1] and sum(best[2]) >= enough):
            break
        try:
            attempt = trial.Trial(level, load_design_text(design, level=level), why=False)
        except InputError:  # the level has changed since, and the design no longer fits
            continue
        while not attempt.advance(STEPS):
            yield (place + attempt.progress) / (place + 2), best
        verdict = attempt.verdict()
        if verdict.passed:
            stars = (verdict.stars.cost, verdict.stars.speed, verdict.stars.simplicity)
            if not best[1] or sum(stars) > sum(best[2]):
                best = (design, True, stars)
    yield 1.0, best


def _texts(progress: Progress, level_id: str, latest: str) -> Iterator[str]:
    yield latest
    for path in reversed(progress.design_history(level_id)):
        try:
            yield path.read_text(encoding="utf-8")
        except (OSError, ValueError):
            continue


def render_hand_in(signature: Signature, title: str, works: Iterable[LevelWork], made: str = "") -> str:
    """Renders the hand-in as TOML text; ``made`` is the moment, ISO 8601 in UTC.

    Raises :class:`InputError` if neither a name nor an address says whose it is.
    """
    if not signature:
        raise InputError(say("class.signature.nameless"), key="--name")
    lines = [
        HEADING,
        f"format = {FORMAT}",
        f"name = {quoted(signature.name)}",
        f"email = {quoted(signature.email)}",
        f"title = {quoted(title)}",
        *([f"made = {quoted(made)}"] if made else []),
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
            + (f", reasons = [{', '.join(map(quoted, work.reasons))}]" if work.reasons else "")
        )
        lines += [
            "",
            "[[designs]]",
            f"level = {quoted(work.level)}",
            f"claimed = {{{claimed}}}",
            f"design = {_block(work.design)}",
        ]
    return "\n".join(lines) + "\n"


def _block(text: str) -> str:
    """Renders a multi-line TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    clean = "".join(char if char.isprintable() or char == "\n" else f"\\U{ord(char):08x}" for char in escaped)
    if clean.endswith('"'):
        clean = clean[:-1] + '\\"'
    return '"""\n' + clean + '"""'


class Submission:
    """The hand-in of one student, from the signature to the file.

    ``home`` keeps the signature, ``folder`` gets the file, named by the student, unless ``file`` names
    another. ``levels_root`` has the levels, ``rules`` the teacher's choices about them.
    """

    def __init__(
        self,
        progress: Progress,
        home: Path,
        *,
        levels_root: Path | None = None,
        rules: PackRules | None = None,
        folder: Path | None = None,
        file: Path | None = None,
    ) -> None:
        self._progress = progress
        self._home = home
        self._root = levels_root
        self._rules = rules or PackRules()
        self._folder = folder or Path()
        self._file = file
        self.signature = load_signature(home)
        """Whose work it is."""
        self.result = ""
        """What was made, in a sentence or two; empty before."""

    def sign(self, name: str, email: str) -> None:
        """Takes and keeps the student's name and address; raises :class:`InputError` for an empty name or a
        bad address.
        """
        self.signature = parse_signature(name, email, address_needed=bool(self._rules.variants))
        save_signature(self._home, self.signature)

    @property
    def path(self) -> Path:
        """The file that is made."""
        return self._file or self._folder / self.signature.file_name

    def steps(self) -> Iterator[float]:
        """Makes the file, in short steps that yield the progress.

        Raises :class:`InputError` without a signature, if nothing was played, and if the file can't be
        written; a file that isn't a hand-in is not replaced.
        """
        if not self.signature:
            raise InputError(say("class.signature.nameless"), key="--name")
        path = self.path
        refuse_target(path, begins=HEADING)
        course = load_course(self._root)
        order = [level for chapter in course.chapters for level in chapter.levels]
        rules = self._rules.for_student(self.signature.email)
        works = yield from gather_in_steps(
            self._progress, order, lambda level: rules.applied(level_by_id(level, self._root))
        )
        if not works:
            raise InputError(say("class.nothing-to-hand-in"))
        made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        title = self._rules.title or course.title
        write_text(path, render_hand_in(self.signature, title, works, made))
        passed = sum(1 for one in works if one.passed)
        # Of a pack every level counts; whoever hands in from the whole course has what was played.
        asked = len(order) if self._rules.title else len(works)
        self.result = say("class.submitted", file=str(path), passed=passed, count=asked)
        if self._rules.deadline and made > self._rules.deadline:
            self.result += "\n" + say("class.submitted-late", deadline=self._rules.deadline)
