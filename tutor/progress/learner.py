"""One learner's records: levels passed, attempts, hints, predictions, answers with their reviews, and designs
in progress.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Concatenate, ParamSpec

from tutor.errors import InputError
from tutor.model.level import Stars
from tutor.progress.designs import KeptDesigns
from tutor.progress.occupancy import Occupancy
from tutor.progress.records import Guess, Review, ScoredDesign, Standing
from tutor.progress.store import TABLES, Store, home_folder
from tutor.words import say

DAY_S = 86_400.0
REVIEW_AFTER_DAYS = (1, 3, 7, 16, 35)
"""How long after a right answer a question comes again: further away with each right answer in a row, from
the start after a wrong one.
"""

Given = ParamSpec("Given")


def noted(
    write: Callable[Concatenate[Progress, Given], None],
) -> Callable[Concatenate[Progress, Given], None]:
    """Wraps a method that writes: a store that cannot be written gives a notice, and the game continues."""

    @functools.wraps(write)
    def careful(progress: Progress, /, *args: Given.args, **names: Given.kwargs) -> None:
        try:
            write(progress, *args, **names)
        except sqlite3.Error as error:
            progress._store.failed(error)
        if progress.watcher is not None:
            progress.watcher()

    return careful


def open_progress(
    home: Path | None = None, *, pack: str = "", clock: Callable[[], float] = time.time
) -> Progress:
    """Opens the learner's progress in ``home`` (:func:`home_folder` if None); a level pack has its own, by
    its name.

    Never fails: if nothing can be kept, ``notices`` has one line about it and the game continues.
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
        self.watcher: Callable[[], None] | None = None
        """Called after whatever is noted."""
        self._clock = clock
        self._designs = KeptDesigns(home)
        self._store = Store(home, time.strftime("%Y%m%d-%H%M%S", time.gmtime(clock())))
        self._occupancy = Occupancy(home / "open.pid")
        self._known: dict[str, str | None] = {}

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the store."""
        self._occupancy.release()
        self._store.close()

    def claim(self) -> None:
        """Notes that a window of the game works with this progress; a notice says so if another one already
        does.
        """
        other = self._occupancy.take() if self.saving else None
        if other is not None:
            self._store.notices.append(say("store.open-elsewhere", process=str(other)))

    @property
    def path(self) -> Path:
        """The SQLite file."""
        return self._store.path

    @property
    def saving(self) -> bool:
        """True if notes stay after the game."""
        return self._store.saving

    def take_notices(self) -> tuple[str, ...]:
        """Returns the notices for the learner, one line each, once."""
        notices = tuple(self._store.notices)
        self._store.notices.clear()
        return notices

    def writing(self) -> contextlib.AbstractContextManager[sqlite3.Connection]:
        """Opens a transaction on the store: all of it is kept, or nothing; raises ``sqlite3.Error`` if the
        store cannot be written.
        """
        return self._store.writing()

    @property
    def latest(self) -> str:
        """The id of the level that was opened last; empty before the first."""
        rows = self._store.rows("SELECT id FROM level ORDER BY opened_at DESC, rowid DESC LIMIT 1")
        return str(rows[0][0]) if rows else ""

    @noted
    def note_opened(self, level_id: str) -> None:
        """Notes that the level was opened now."""
        with self._store.writing() as store:
            store.execute(
                "INSERT INTO level (id, opened_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET opened_at ="
                " excluded.opened_at",
                (level_id, self._clock()),
            )

    @noted
    def note_time(self, level_id: str, seconds: float) -> None:
        """Notes how much more time was spent in a level."""
        with self._store.writing() as store:
            _begin(store, level_id, self._clock())
            store.execute(
                "UPDATE level SET seconds = seconds + ? WHERE id = ?", (max(0.0, seconds), level_id)
            )

    @noted
    def note_run(
        self, level_id: str, passed: bool, stars: Stars, diagnosis: str = "", hints: int = 0
    ) -> None:
        """Notes that a design was scored: kept as an attempt with its first diagnosis and, if it passed, the
        best stars of each kind.
        """
        now = self._clock()
        earned = (stars.cost, stars.speed, stars.simplicity) if passed else (0, 0, 0)
        with self._store.writing() as store:
            store.execute(
                "INSERT INTO attempt (level, at, passed, cost, speed, simplicity, diagnosis, hints) VALUES"
                " (?, ?, ?, ?, ?, ?, ?, ?)",
                (level_id, now, passed, *earned, diagnosis, hints),
            )
            _begin(store, level_id, now)
            if passed:
                store.execute(
                    "UPDATE level SET passed_at = coalesce(passed_at, ?), cost = max(cost, ?), speed ="
                    " max(speed, ?), simplicity = max(simplicity, ?) WHERE id = ?",
                    (now, *earned, level_id),
                )

    @noted
    def give_up(self, level_id: str) -> None:
        """Notes that the solutions were opened before the level was passed."""
        now = self._clock()
        with self._store.writing() as store:
            _begin(store, level_id, now)
            store.execute(
                "UPDATE level SET gave_up_at = coalesce(gave_up_at, ?) WHERE id = ?", (now, level_id)
            )

    def gave_up(self, level_id: str) -> bool:
        """Returns whether the solutions were opened before the level was passed."""
        return self.standing(level_id).gave_up

    def passed(self, level_id: str) -> bool:
        """Returns whether the level was ever passed."""
        return self.standing(level_id).passed

    def passes(self, level_id: str) -> int:
        """Returns how many runs have passed the level."""
        return len(self._store.rows("SELECT id FROM attempt WHERE level = ? AND passed", (level_id,)))

    def standings(self) -> dict[str, Standing]:
        """Returns the standing of every level that was ever opened, by level id."""
        attempts: dict[str, int] = dict(
            self._store.rows("SELECT level, count(*) FROM attempt GROUP BY level")
        )
        hints: dict[str, int] = dict(self._store.rows("SELECT level, count(*) FROM hint GROUP BY level"))
        alone = {
            level
            for (level,) in self._store.rows("SELECT DISTINCT level FROM attempt WHERE passed AND hints = 0")
        }
        rows = self._store.rows(
            "SELECT id, passed_at, cost, speed, simplicity, gave_up_at, seconds FROM level ORDER BY id"
        )
        return {
            level: Standing(
                passed=passed_at is not None,
                stars=Stars(cost, speed, simplicity),
                attempts=attempts.get(level, 0),
                hints=hints.get(level, 0),
                gave_up=gave_up_at is not None,
                seconds=seconds,
                unaided=level in alone and gave_up_at is None,
            )
            for level, passed_at, cost, speed, simplicity, gave_up_at, seconds in rows
        }

    def standing(self, level_id: str) -> Standing:
        """Returns the learner's standing in one level."""
        return self.standings().get(level_id, Standing())

    def attempts(self, level_id: str | None = None) -> tuple[ScoredDesign, ...]:
        """Returns all attempts, or those at one level, oldest first."""
        rows = self._store.rows(
            "SELECT level, at, passed, cost, speed, simplicity, diagnosis, hints FROM attempt WHERE ? IN ('',"
            " level) ORDER BY id",
            (level_id or "",),
        )
        return tuple(
            ScoredDesign(level, at, bool(passed), Stars(cost, speed, simplicity), diagnosis, hints)
            for level, at, passed, cost, speed, simplicity, diagnosis, hints in rows
        )

    @noted
    def show_hint(self, level_id: str, text: str) -> None:
        """Notes that a hint was shown."""
        with self._store.writing() as store:
            store.execute(
                "INSERT OR IGNORE INTO hint (level, text, at) VALUES (?, ?, ?)",
                (level_id, text, self._clock()),
            )

    def shown_hints(self, level_id: str) -> tuple[str, ...]:
        """Returns the texts of the hints shown in a level, in the order in which they were shown."""
        return tuple(
            str(text)
            for (text,) in self._store.rows(
                "SELECT text FROM hint WHERE level = ? ORDER BY rowid", (level_id,)
            )
        )

    @noted
    def predict(self, level_id: str, choice: int | None, right: bool | None = None) -> None:
        """Notes the answer to a prediction, as the place of the choice, or as skipped (None); ``right`` once
        a run has shown it.
        """
        with self._store.writing() as store:
            query = "SELECT id, choice, correct FROM prediction WHERE level = ? ORDER BY id DESC LIMIT 1"
            row = store.execute(query, (level_id,)).fetchone()
            if row is not None and row[1] == choice and row[2] is not None:
                return  # judged once, and counted once, however often the level is run
            if row is not None and row[1] == choice:
                store.execute("UPDATE prediction SET correct = ? WHERE id = ?", (right, row[0]))
            else:
                values = (level_id, self._clock(), choice, right)
                store.execute(
                    "INSERT INTO prediction (level, at, choice, correct) VALUES (?, ?, ?, ?)", values
                )

    def prediction(self, level_id: str) -> tuple[bool, int | None]:
        """Returns whether a level's prediction was dealt with, and the place of the latest choice; None if it
        was skipped.
        """
        guesses = self.predictions(level_id)
        return bool(guesses), guesses[-1].choice if guesses else None

    def predictions(self, level_id: str | None = None) -> tuple[Guess, ...]:
        """Returns all predictions, or those of one level, oldest first."""
        query = "SELECT level, at, choice, correct FROM prediction WHERE ? IN ('', level) ORDER BY id"
        rows = self._store.rows(query, (level_id or "",))
        return tuple(
            Guess(level, at, choice, None if correct is None else bool(correct))
            for level, at, choice, correct in rows
        )

    @noted
    def answer(self, level_id: str, choice: int, right: bool) -> None:
        """Notes the answer to a level's question; it comes again after a while, later the more often it was
        right in a row.
        """
        now = self._clock()
        with self._store.writing() as store:
            store.execute(
                "INSERT INTO answer (level, at, choice, correct) VALUES (?, ?, ?, ?)",
                (level_id, now, choice, right),
            )
            row = store.execute("SELECT box FROM review WHERE level = ?", (level_id,)).fetchone()
            box = min((row[0] if row else 0) + 1, len(REVIEW_AFTER_DAYS)) if right else 0
            due = now + REVIEW_AFTER_DAYS[max(0, box - 1)] * DAY_S
            store.execute(
                "INSERT OR REPLACE INTO review (level, box, due) VALUES (?, ?, ?)", (level_id, box, due)
            )

    def answered(self, level_id: str) -> bool | None:
        """Returns whether the latest answer to a level's question was right; None before the first."""
        rows = self._store.rows(
            "SELECT correct FROM answer WHERE level = ? ORDER BY id DESC LIMIT 1", (level_id,)
        )
        return bool(rows[0][0]) if rows else None

    def answer_choice(self, level_id: str) -> int | None:
        """Returns the place of the latest answer to a level's question; None before the first."""
        rows = self._store.rows(
            "SELECT choice FROM answer WHERE level = ? ORDER BY id DESC LIMIT 1", (level_id,)
        )
        return int(rows[0][0]) if rows else None

    def reviews(self) -> tuple[Review, ...]:
        """Returns every question that will come again, the earliest first."""
        return tuple(
            Review(*row) for row in self._store.rows("SELECT level, due, box FROM review ORDER BY due, level")
        )

    def due(self) -> tuple[Review, ...]:
        """Returns the questions that are due now, the most overdue first."""
        now = self._clock()
        return tuple(review for review in self.reviews() if review.due <= now)

    def design_path(self, name: str) -> Path:
        """Returns the file of the design in progress for a level id, or for :data:`SANDBOX`."""
        return self._designs.path(name)

    def keep_design(self, name: str, text: str) -> None:
        """Saves a design in progress, a design file's text, atomically; the former state goes to its
        history.
        """
        self.design_path(name)  # another name is the caller's fault and no notice
        if not self.saving:
            return
        try:
            self._notice_other_window(name, text)
            self._designs.keep(name, text, self._clock())
            self._known[name] = text
        except (OSError, InputError) as error:
            notice = say("store.no-design", why=str(error))
            if notice not in self._store.notices:
                self._store.notices.append(notice)

    def kept_design(self, name: str) -> str | None:
        """Returns the text of the design in progress; None if there is none."""
        kept = self._known[name] = self._designs.kept(name)
        return kept

    def _notice_other_window(self, name: str, text: str) -> None:
        """Reports a design that another window has changed since it was read or saved here, and puts it into
        the history.
        """
        before = self._designs.kept(name)
        if name in self._known and before is not None and before not in (self._known[name], text):
            self._designs.keep(name, text, self._clock())
            history = self._designs.history(name)
            self._store.notices.append(say("store.changed-elsewhere", path=str(history[-1])))

    def design_history(self, name: str) -> tuple[Path, ...]:
        """Returns the files of earlier states of a design in progress, oldest first."""
        return self._designs.history(name)

    @noted
    def take_over(self, other: Progress, level_ids: Sequence[str]) -> None:
        """Adds the records of ``other`` on these levels, with its designs; meant for a store that has no
        records of them yet.
        """
        with self._store.writing() as store:
            for table in TABLES:
                names = [row[1] for row in other._store.rows(f"PRAGMA table_info({table})")]
                names = [name for name in names if not (name == "id" and table != "level")]
                level = "id" if table == "level" else "level"
                picked = ", ".join(names)
                for row in other._store.rows(f"SELECT {picked} FROM {table}"):  # noqa: S608 - the names are the schema's
                    if row[names.index(level)] in level_ids:
                        places = ", ".join("?" for _ in names)
                        store.execute(f"INSERT OR IGNORE INTO {table} ({picked}) VALUES ({places})", row)  # noqa: S608
        for level_id in level_ids:
            text = other.kept_design(level_id)
            if text is not None and self.kept_design(level_id) is None:
                self.keep_design(level_id, text)

    @noted
    def reset(self) -> None:
        """Forgets everything in the store; the designs in progress are set aside in a folder
        ``designs.before-...``.
        """
        with self._store.writing() as store:
            for table in TABLES:
                store.execute(f"DELETE FROM {table}")  # noqa: S608 - the names are constants
        stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(self._clock()))
        self._designs.set_aside(stamp)

    def export(self) -> dict[str, Any]:
        """Returns everything in the store as one JSON document; times are seconds since 1970."""
        return {
            "schema": 1,
            "levels": {name: dataclasses.asdict(standing) for name, standing in self.standings().items()},
            "attempts": [dataclasses.asdict(attempt) for attempt in self.attempts()],
            "predictions": [dataclasses.asdict(guess) for guess in self.predictions()],
            "answers": [
                {"level": level, "at": at, "choice": choice, "right": bool(right)}
                for level, at, choice, right in self._store.rows(
                    "SELECT level, at, choice, correct FROM answer ORDER BY id"
                )
            ],
            "reviews": [dataclasses.asdict(review) for review in self.reviews()],
            "hints": [
                {"level": level, "text": text, "at": at}
                for level, text, at in self._store.rows("SELECT level, text, at FROM hint ORDER BY rowid")
            ],
            "designs": self._designs.all(),
        }


def _begin(store: sqlite3.Connection, level_id: str, now: float) -> None:
    """Makes sure that the level has a row."""
    store.execute(
        "INSERT INTO level (id, opened_at) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", (level_id, now)
    )
