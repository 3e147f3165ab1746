"""The SQLite file: opened, brought to the current schema, and set aside under a new name if it is damaged."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tutor.errors import why_refused
from tutor.words import say

STORE_FILE = "progress.sqlite"
"""The store's name in the home folder."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE level (
        id TEXT PRIMARY KEY, opened_at REAL NOT NULL, passed_at REAL, gave_up_at REAL,
            seconds REAL NOT NULL DEFAULT 0,
        cost INTEGER NOT NULL DEFAULT 0, speed INTEGER NOT NULL DEFAULT 0,
            simplicity INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE attempt (
        id INTEGER PRIMARY KEY, level TEXT NOT NULL, at REAL NOT NULL, passed INTEGER NOT NULL,
        cost INTEGER NOT NULL, speed INTEGER NOT NULL, simplicity INTEGER NOT NULL,
        diagnosis TEXT NOT NULL, hints INTEGER NOT NULL
    );
    CREATE INDEX attempt_level ON attempt (level);
    CREATE TABLE hint (level TEXT NOT NULL, text TEXT NOT NULL, at REAL NOT NULL, PRIMARY KEY (level, text));
    CREATE TABLE prediction (id INTEGER PRIMARY KEY, level TEXT NOT NULL, at REAL NOT NULL, choice INTEGER,
        correct INTEGER);
    CREATE TABLE answer (
        id INTEGER PRIMARY KEY, level TEXT NOT NULL, at REAL NOT NULL, choice INTEGER NOT NULL,
            correct INTEGER NOT NULL
    );
    CREATE TABLE review (level TEXT PRIMARY KEY, box INTEGER NOT NULL, due REAL NOT NULL);
    """,
)
"""The steps from an empty file to the current schema; ``PRAGMA user_version`` is how many have been taken."""

TABLES = ("level", "attempt", "hint", "prediction", "answer", "review")
"""Every table that holds what a learner did."""


NOWHERE = "~"
"""The home folder of someone who has none: nothing is kept there."""


def home_folder() -> Path:
    """Returns where progress is kept: ``$TUTOR_HOME``, else the platform's folder for data of programs;
    :data:`NOWHERE` without a home.
    """
    given = os.environ.get("TUTOR_HOME", "").strip()
    if given:
        return Path(given).expanduser()
    import platformdirs

    try:
        return Path(platformdirs.user_data_dir("tutor", appauthor=False))
    except (RuntimeError, KeyError):  # neither $HOME nor an entry for the user
        return Path(NOWHERE)


class Store:
    """A connection that never stops the game: if nothing can be kept, it works in memory and says so in
    ``notices``.
    """

    def __init__(self, home: Path, stamp: str) -> None:
        self.home = home
        self.path = home / STORE_FILE
        self.saving = True
        """Whether what is written stays."""
        self.notices: list[str] = []
        """What the learner has to know, one line each."""
        self._connection = self._open(stamp)

    def _open(self, stamp: str) -> sqlite3.Connection:
        if self.home.parts[:1] == (NOWHERE,):
            return self._in_memory(say("store.no-home"))
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            return _ready(self.path)
        except _Newer:
            return self._in_memory(say("store.newer", path=str(self.path)))
        except sqlite3.OperationalError as error:
            return self._in_memory(say("store.not-saving", folder=str(self.home), why=str(error)))
        except sqlite3.DatabaseError:
            return self._after_damage(stamp)
        except OSError as error:
            return self._in_memory(say("store.not-saving", folder=str(self.home), why=why_refused(error)))

    def _after_damage(self, stamp: str) -> sqlite3.Connection:
        aside = _free_name(self.path.with_name(f"{self.path.stem}.damaged-{stamp}{self.path.suffix}"))
        try:
            self.path.replace(aside)
            for ending in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    self.path.with_name(self.path.name + ending).replace(aside.with_name(aside.name + ending))
            connection = _ready(self.path)
        except (OSError, sqlite3.Error) as error:
            return self._in_memory(say("store.damaged-stuck", file=str(self.path), why=str(error)))
        self.notices.append(say("store.damaged", aside=str(aside)))
        return connection

    def _in_memory(self, notice: str) -> sqlite3.Connection:
        """Opens a store for this time only, with the rows of the file that can be read."""
        self.saving = False
        self.notices.append(notice)
        connection = sqlite3.connect(":memory:", isolation_level=None)
        with contextlib.suppress(sqlite3.Error, OSError):
            if self.path.is_file():
                kept = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
                with contextlib.closing(kept):
                    if kept.execute("PRAGMA user_version").fetchone()[0] <= len(MIGRATIONS):
                        kept.backup(connection)
        try:
            _migrate(connection)
        except sqlite3.Error:
            connection.close()
            connection = sqlite3.connect(":memory:", isolation_level=None)
            _migrate(connection)
        return connection

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Returns the rows of a query; nothing if the store cannot be read any more."""
        try:
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            self.failed(error)
            return []

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Opens a transaction: all of it is kept, or nothing; raises ``sqlite3.Error`` if the store cannot be
        written (:func:`noted`).
        """
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield self._connection
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def failed(self, error: sqlite3.Error) -> None:
        """Notes once that the store cannot be read or written; the game continues."""
        notice = say("store.not-saved", file=str(self.path), why=str(error))
        if notice not in self.notices:
            self.notices.append(notice)

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()


class _Newer(Exception):
    """The error of a file whose schema this version does not know."""


def _free_name(path: Path) -> Path:
    number = 1
    while path.exists():
        number += 1
        path = path.with_name(f"{path.stem.partition('~')[0]}~{number}{path.suffix}")
    return path


def _ready(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None)
    try:
        if connection.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError(say("store.file-damaged"))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Takes the missing steps, all in one transaction; several programs may start at once."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > len(MIGRATIONS):
            raise _Newer
        for script in MIGRATIONS[version:]:
            for statement in filter(str.strip, script.split(";")):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")
        known = {
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        }
        if not known.issuperset(TABLES):
            raise sqlite3.DatabaseError(say("store.no-tables"))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
