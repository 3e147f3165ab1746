"""A database: SQLite behind a port, with so many connections and the times that the scenario gives it.

A write commits the entity's new version, a row for the jobs that poll, and an entry of the outbox, in one
transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any, cast

from tutor.live.events import CloudEvent, decode
from tutor.live.http import serve
from tutor.live.inbox import open_database
from tutor.live.site import Site
from tutor.model.component import Database
from tutor.model.wire import Write

TABLES = """
create table if not exists entity (key integer primary key, version integer, event text);
create table if not exists row (event text, type text, body text, at_us integer, primary key (event, type));
create table if not exists outbox (place integer primary key autoincrement, at_us integer, body text);
create table if not exists handled (job text, event text, type text, primary key (job, event,
    type)) without rowid;
create table if not exists checkpoint (wire text primary key, place integer) without rowid;
"""


class SqliteStore:
    """One database."""

    def __init__(self, site: Site, id: str) -> None:
        self.site = site
        self.id = id
        self.spec = cast("Database", site.part(id))
        self.base: sqlite3.Connection = open_database(site.place.folder / f"store-{id}.db", TABLES)
        self.free = asyncio.Semaphore(self.spec.connections)
        self.types = {effect.event for effect in site.scenario.effects if id in effect.at}
        self.waiting = 0

    async def answer(self, path: str, asked: dict[str, Any]) -> dict[str, Any] | None:
        """Answers one request."""
        match path:
            case "/write" | "/read":
                return await self._access(path[1:], asked)
            case "/scan":
                return await self._scan(asked)
            case "/done":
                self.base.execute(
                    "insert or ignore into handled values (?, ?, ?)",
                    (asked["job"], asked["event"], asked["type"]),
                )
                return {"ok": True}
            case "/outbox":
                return {
                    "ok": True,
                    "changes": self._changes(int(asked["after"])),
                    "start": self._checkpoint(asked["wire"]),
                }
            case "/checkpoint":
                self.base.execute(
                    "insert or replace into checkpoint values (?, ?)", (asked["wire"], asked["place"])
                )
                return {"ok": True}
        return None

    async def _access(self, kind: str, asked: dict[str, Any]) -> dict[str, Any]:
        event, turn = decode(asked["event"].encode())
        site, faults = self.site, self.site.faults
        if faults.schema_changed(self.id) and asked["user"] != self.spec.owner:
            return {"ok": False}
        self.waiting += 1
        async with self.free:
            self.waiting -= 1
            length = site.luck.access_us(self.id, asked["wire"], kind, event.source, event.number, turn) / 1e6
            await site.clock.sleep(length * faults.slowness(self.id, 0))
            if kind == "read":
                site.step("read", self.id)
                return {"ok": True}
            wire = site.design.wire(asked["wire"])
            if isinstance(wire, Write) and wire.needs_state and not event.state:
                return {"ok": True}
            return {"ok": self._commit(event, asked["user"])}

    def _commit(self, event: CloudEvent, user: str) -> bool:
        site, base = self.site, self.base
        if site.luck.rolls_back(self.id, event.source, event.number):
            site.step("rolled-back", self.id, event.source, event.number)
            return False
        by_job = site.part(user).kind == "job"
        now, body = site.clock.now_us(), event.encode().decode()
        base.execute("begin immediate")
        base.execute("insert or replace into entity values (?, ?, ?)", (event.key, event.version, event.id))
        if not by_job:
            base.execute("insert or replace into row values (?, ?, ?, ?)", (event.id, event.type, body, now))
            base.execute("delete from handled where event = ? and type = ?", (event.id, event.type))
        base.execute("insert into outbox (at_us, body) values (?, ?)", (now, body))
        base.execute("commit")
        site.step("wrote", self.id, event.source, event.number, event.key, event.version)
        if event.type in self.types:
            site.step("applied", self.id, event.type, event.source, event.number, event.key, event.version)
        return True

    async def _scan(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Returns the rows that a job has not handled, in the order of their commits."""
        rows = self.spec.rows + int(self.base.execute("select count(*) from row").fetchone()[0])
        async with self.free:
            await self.site.clock.sleep(
                (asked["scan_ms"] + asked["scan_ms_per_1000_rows"] * rows / 1000) / 1000
            )
            return {"ok": True, "rows": self.unhandled(asked["job"], asked["types"])}

    def unhandled(self, job: str, types: list[str]) -> list[str]:
        """Returns the events of the rows that a job has not handled."""
        found = self.base.execute(
            "select body, type from row where not exists (select 1 from handled h where h.job = ? and h.event"
            " = row.event and h.type = row.type) order by at_us, rowid",
            (job,),
        )
        return [body for body, type in found if not types or type in types]

    def _changes(self, after: int) -> list[list[Any]]:
        """Returns committed writes after a place of the outbox."""
        return [
            list(row)
            for row in self.base.execute(
                "select * from outbox where place > ? order by place limit 500", (after,)
            )
        ]

    def _checkpoint(self, wire: str) -> int:
        """Returns how far a relay had got at its last checkpoint."""
        row = self.base.execute("select place from checkpoint where wire = ?", (wire,)).fetchone()
        return int(row[0]) if row is not None else 0


async def be_store(site: Site, id: str, begin_s: float) -> None:
    """Runs a database until it is told to stop."""
    store = SqliteStore(site, id)
    watching = asyncio.ensure_future(site.clock.watch())
    await site.ready(id)
    await site.clock.until(max(begin_s, store.spec.from_s))
    await serve(store.answer, site.place.stores[id])
    site.step("up", id, None)
    while not watching.done():
        site.step("depth", id, store.waiting, store.spec.connections - store.free._value)
        await asyncio.sleep(0.25)
