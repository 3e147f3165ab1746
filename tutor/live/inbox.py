"""The inbox of an idempotent consumer, in SQLite: the events handled, committed together with the effect.

With a shared record all replicas of a service use one file; else each has its own. SQLite's write lock makes
check and mark one step.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tutor.live.events import CloudEvent
from tutor.model.component import Service

TABLES = """
create table if not exists handled (event text, type text, at_us integer, done integer, primary key (event,
    type)) without rowid;
create table if not exists newest (type text, key integer, version integer, primary key (type,
    key)) without rowid;
"""


class InboxTable:
    """The memory of one service, or of one replica of it."""

    def __init__(self, folder: Path, spec: Service, replica: int) -> None:
        self._spec = spec
        self.careful = spec.idempotent or spec.ignore_stale
        """Whether the service remembers anything."""
        if not self.careful:
            return
        name = spec.id if spec.dedup_scope == "shared" else f"{spec.id}-{replica}"
        self._file = open_database(folder / f"inbox-{name}.db", TABLES)

    def commit(self, event: CloudEvent, now_us: int) -> str:
        """Returns ``new`` if the effect is to be applied; ``begun`` or ``done`` if it has been, ``stale`` if
        it is out of date.
        """
        spec, base = self._spec, self._file
        base.execute("begin immediate")
        try:
            found = self._look(event, now_us)
            if found == "new" and spec.idempotent:
                base.execute(
                    "insert or replace into handled values (?, ?, ?, 0)", (event.id, event.type, now_us)
                )
        finally:
            base.execute("commit")
        return found

    def _look(self, event: CloudEvent, now_us: int) -> str:
        spec, base = self._spec, self._file
        if spec.idempotent:
            row = base.execute(
                "select at_us, done from handled where event = ? and type = ?", (event.id, event.type)
            ).fetchone()
            forgotten = (
                row is not None
                and spec.dedup_window_s is not None
                and now_us - row[0] >= spec.dedup_window_s * 1e6
            )
            if row is not None and not forgotten:
                return "done" if row[1] else "begun"
        if spec.ignore_stale:
            row = base.execute(
                "select version from newest where type = ? and key = ?", (event.type, event.key)
            ).fetchone()
            if row is not None and event.version < row[0]:
                return "stale"
            base.execute(
                "insert or replace into newest values (?, ?, ?)", (event.type, event.key, event.version)
            )
        return "new"

    def finish(self, event: CloudEvent) -> None:
        """Notes that the event has been handled to the end."""
        if self._spec.idempotent:
            self._file.execute(
                "update handled set done = 1 where event = ? and type = ?", (event.id, event.type)
            )


def open_database(path: Path, tables: str) -> sqlite3.Connection:
    """Opens a SQLite file with these tables; it survives the death of its process, which is all that a run
    does to it.
    """
    base = sqlite3.connect(path, timeout=20, isolation_level=None)
    base.execute("pragma journal_mode = wal")
    base.execute("pragma synchronous = off")
    base.executescript(tables)
    return base
