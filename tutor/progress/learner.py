"""What one learner has done: levels passed, attempts, hints, predictions, answers with their reviews, and designs in progress."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from tutor.disk import write_text
from tutor.errors import InputError
from tutor.model.level import Stars
from tutor.progress.store import TABLES, Store, home_folder

DAY_S = 86_400.0
REVIEW_AFTER_DAYS = (1, 3, 7, 16, 35)
"""How long after a right answer a question comes again: further away with each right answer in a row, from the start after a wrong one."""
HISTORY = 30
"""How many earlier states of each design in progress are kept."""
SANDBOX = "sandbox"
"""The name under which the free board keeps its design."""

_NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Where a learner stands in one level."""

    passed: bool = False
    """Whether it was ever passed."""
    stars: Stars = Stars()
    """The best of each kind, over all passing attempts."""
    attempts: int = 0
    """How often it was scored."""
    hints: int = 0
    """How many hints were shown."""
    gave_up: bool = False
    """Whether the solutions were opened before it was passed."""


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """One design that was scored."""

    level: str
    """The level's id."""
    at: float
    """When, in seconds since 1970."""
    passed: bool
    """Whether it passed."""
    stars: Stars
    """What it earned."""
    diagnosis: str
    """The id of the first diagnosis; empty where there was none."""
    headline: str
    """The verdict in one line."""


@dataclasses.dataclass(frozen=True, slots=True)
class Guess:
    """One prediction."""

    level: str
    """The level's id."""
    at: float
    """When it was asked, in seconds since 1970."""
    metric: str
    """The JSON Pointer that was guessed."""
    answer: float | None
    """What was guessed; None where it was skipped."""
    truth: float | None
    """What the run showed; None until there was one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Review:
    """A question that comes back."""

    level: str
    """The level whose question it is."""
    due: float
    """When, in seconds since 1970."""
    box: int
    """How many right answers in a row."""


def open_progress(home: Path | None = None, *, pack: str = "", clock: Callable[[], float] = time.time) -> Progress:
    """The learner's progress in ``home`` (:func:`home_folder` where None); a level pack has its own, by its name.

    Never fails: where nothing can be kept, ``notices`` has one line about it and the game goes on.
    """
    folder = home if home is not None else home_folder()
    if pack:
        folder = folder / "packs" / (re.sub(r"[^a-z0-9-]+", "-", pack.lower()).strip("-") or "pack")
    return Progress(folder, clock)


class Progress:
    """The learner's records; close it, or use it in a ``with`` statement."""

    def __init__(self, home: Path, clock: Callable[[], float] = time.time) -> None:
        self.home = home
        """The folder that holds it all."""
        self._clock = clock
        self._store = Store(home, time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock())))

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Closes the store."""
        self._store.close()

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self._store.path

    @property
    def saving(self) -> bool:
        """Whether what is noted stays after the game."""
        return self._store.saving

    def take_notices(self) -> tuple[str, ...]:
        """What the learner has to know, one line each, once."""
        notices = tuple(self._store.notices)
        self._store.notices.clear()
        return notices

    @property
    def latest(self) -> str:
        """The id of the level that was opened last; empty before the first."""
        rows = self._store.rows("SELECT id FROM level ORDER BY opened_at DESC, rowid DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    def note_opened(self, level_id: str) -> None:
        """The level was opened now."""
        with self._store.writing() as store:
            store.execute(
                "INSERT INTO level (id, opened_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at",
                (level_id, self._clock()),
            )

    def note_attempt(self, level_id: str, *, passed: bool, stars: Stars, diagnosis: str = "", headline: str = "") -> None:
        """A design was scored: kept as an attempt, and where it passed, the best stars of each kind."""
        now = self._clock()
        earned = (stars.cost, stars.speed, stars.simplicity) if passed else (0, 0, 0)
        with self._store.writing() as store:
            store.execute(
                "INSERT INTO attempt (level, at, passed, cost, speed, simplicity, diagnosis, headline) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (level_id, now, passed, *earned, diagnosis, headline),
            )
            store.execute("INSERT INTO level (id, opened_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (level_id, now))
            if passed:
                store.execute(
                    "UPDATE level SET passed_at = coalesce(passed_at, ?), cost = max(cost, ?), speed = max(speed, ?),"
                    " simplicity = max(simplicity, ?) WHERE id = ?",
                    (now, *earned, level_id),
                )

    def note_gave_up(self, level_id: str) -> None:
        """The solutions were opened before the level was passed."""
        now = self._clock()
        with self._store.writing() as store:
            store.execute("INSERT INTO level (id, opened_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (level_id, now))
            store.execute("UPDATE level SET gave_up_at = coalesce(gave_up_at, ?) WHERE id = ?", (now, level_id))

    def standings(self) -> dict[str, Standing]:
        """By level id, for every level that was ever opened."""
        attempts: dict[str, int] = dict(self._store.rows("SELECT level, count(*) FROM attempt GROUP BY level"))
        hints: dict[str, int] = dict(self._store.rows("SELECT level, count(*) FROM hint GROUP BY level"))
        rows = self._store.rows("SELECT id, passed_at, cost, speed, simplicity, gave_up_at FROM level ORDER BY id")
        return {
            level: Standing(
                passed=passed_at is not None,
                stars=Stars(cost, speed, simplicity),
                attempts=attempts.get(level, 0),
                hints=hints.get(level, 0),
                gave_up=gave_up_at is not None,
            )
            for level, passed_at, cost, speed, simplicity, gave_up_at in rows
        }

    def standing(self, level_id: str) -> Standing:
        """Where the learner stands in one level."""
        return self.standings().get(level_id, Standing())

    def attempts(self, level_id: str | None = None) -> tuple[Attempt, ...]:
        """All attempts, or those at one level, oldest first."""
        rows = self._store.rows(
            "SELECT level, at, passed, cost, speed, simplicity, diagnosis, headline FROM attempt WHERE ? IN ('', level) ORDER BY id",
            (level_id or "",),
        )
        return tuple(
            Attempt(level, at, bool(passed), Stars(cost, speed, simplicity), diagnosis, headline)
            for level, at, passed, cost, speed, simplicity, diagnosis, headline in rows
        )

    def note_hint(self, level_id: str, text: str) -> None:
        """A hint was shown."""
        with self._store.writing() as store:
            store.execute("INSERT OR IGNORE INTO hint (level, text, at) VALUES (?, ?, ?)", (level_id, text, self._clock()))

    def hints_seen(self, level_id: str) -> tuple[str, ...]:
        """The texts of the hints shown in a level, in the order in which they were."""
        return tuple(str(text) for (text,) in self._store.rows("SELECT text FROM hint WHERE level = ? ORDER BY rowid", (level_id,)))

    def note_prediction(self, level_id: str, metric: str, answer: float | None) -> None:
        """A prediction was asked and answered, or skipped (None)."""
        with self._store.writing() as store:
            store.execute(
                "INSERT INTO prediction (level, at, metric, answer) VALUES (?, ?, ?, ?)", (level_id, self._clock(), metric, answer)
            )

    def note_truth(self, level_id: str, metric: str, truth: float | None) -> None:
        """What a run showed for the latest prediction of this metric."""
        with self._store.writing() as store:
            store.execute(
                "UPDATE prediction SET truth = ? WHERE id = (SELECT max(id) FROM prediction WHERE level = ? AND metric = ?)",
                (truth, level_id, metric),
            )

    def predictions(self, level_id: str | None = None) -> tuple[Guess, ...]:
        """All predictions, or those of one level, oldest first."""
        query = "SELECT level, at, metric, answer, truth FROM prediction WHERE ? IN ('', level) ORDER BY id"
        return tuple(Guess(*row) for row in self._store.rows(query, (level_id or "",)))

    def note_answer(self, level_id: str, answer: str, *, right: bool) -> None:
        """A level's question was answered; it comes again after a while, the later the more often it was right in a row."""
        now = self._clock()
        with self._store.writing() as store:
            store.execute("INSERT INTO answer (level, at, answer, correct) VALUES (?, ?, ?, ?)", (level_id, now, answer, right))
            row = store.execute("SELECT box FROM review WHERE level = ?", (level_id,)).fetchone()
            box = min((row[0] if row else 0) + 1, len(REVIEW_AFTER_DAYS)) if right else 0
            due = now + REVIEW_AFTER_DAYS[max(0, box - 1)] * DAY_S
            store.execute("INSERT OR REPLACE INTO review (level, box, due) VALUES (?, ?, ?)", (level_id, box, due))

    def answered(self, level_id: str) -> bool | None:
        """Whether the latest answer to a level's question was right; None before the first."""
        rows = self._store.rows("SELECT correct FROM answer WHERE level = ? ORDER BY id DESC LIMIT 1", (level_id,))
        return bool(rows[0][0]) if rows else None

    def reviews(self) -> tuple[Review, ...]:
        """Every question that will come again, the earliest first."""
        return tuple(Review(*row) for row in self._store.rows("SELECT level, due, box FROM review ORDER BY due, level"))

    def due(self) -> tuple[Review, ...]:
        """The questions that are due now, the most overdue first."""
        now = self._clock()
        return tuple(review for review in self.reviews() if review.due <= now)

    def design_path(self, name: str) -> Path:
        """The file of the design in progress for a level id, or for :data:`SANDBOX`."""
        if not _NAME.fullmatch(name):
            raise InputError(f'"{name}" is no level id')
        return self.home / "designs" / f"{name}.toml"

    def keep_design(self, name: str, text: str) -> None:
        """Saves a design in progress, a design file's text, atomically; the state before goes to its history."""
        path = self.design_path(name)
        before = self.kept_design(name)
        if not self.saving or before == text:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if before is not None:
                self._remember(path, before)
            write_text(path, text)
        except (OSError, InputError) as error:
            notice = f"the design could not be saved: {error}"
            if notice not in self._store.notices:
                self._store.notices.append(notice)

    def kept_design(self, name: str) -> str | None:
        """The text of the design in progress; None where there is none."""
        try:
            return self.design_path(name).read_text("utf-8")
        except (OSError, ValueError):
            return None

    def design_history(self, name: str) -> tuple[Path, ...]:
        """The files of earlier states of a design in progress, oldest first."""
        return tuple(sorted(_history_folder(self.design_path(name)).glob("*.toml")))

    def _remember(self, path: Path, text: str) -> None:
        folder = _history_folder(path)
        folder.mkdir(exist_ok=True)
        old = sorted(folder.glob("*.toml"))
        number = int(old[-1].stem.partition("-")[0]) + 1 if old and old[-1].stem.partition("-")[0].isdigit() else 1
        write_text(folder / f"{number:06d}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(self._clock()))}.toml", text)
        for extra in old[: max(0, len(old) + 1 - HISTORY)]:
            with contextlib.suppress(OSError):
                extra.unlink()

    def reset(self) -> None:
        """Forgets everything in the store; the designs in progress are set aside in a folder ``designs.before-...``."""
        with self._store.writing() as store:
            for table in TABLES:
                store.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are constants
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._clock()))
        with contextlib.suppress(OSError):
            (self.home / "designs").rename(self.home / f"designs.before-{stamp}")

    def export(self) -> dict[str, Any]:
        """Everything in the store as one JSON document; times are seconds since 1970."""
        return {
            "schema": 1,
            "levels": {name: dataclasses.asdict(standing) for name, standing in self.standings().items()},
            "attempts": [dataclasses.asdict(attempt) for attempt in self.attempts()],
            "predictions": [dataclasses.asdict(guess) for guess in self.predictions()],
            "answers": [
                {"level": level, "at": at, "answer": answer, "right": bool(right)}
                for level, at, answer, right in self._store.rows("SELECT level, at, answer, correct FROM answer ORDER BY id")
            ],
            "reviews": [dataclasses.asdict(review) for review in self.reviews()],
            "hints": [
                {"level": level, "text": text, "at": at}
                for level, text, at in self._store.rows("SELECT level, text, at FROM hint ORDER BY rowid")
            ],
        }


def _history_folder(path: Path) -> Path:
    return path.with_suffix(".history")
