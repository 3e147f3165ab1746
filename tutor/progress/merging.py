"""The merging of exported progress: the better of both stays, so that nothing gets worse by it, however often
it is done.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import math
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tutor.errors import InputError
from tutor.words import say

if TYPE_CHECKING:
    from tutor.progress.learner import Progress

MAX_BYTES = 20_000_000
"""A larger file is refused unread; ten years of play are about one megabyte."""
MAX_DEPTH = 20
"""An export has three tables inside each other; a file that is deeper is refused unread."""
MAX_DESIGN = 256 * 1024
"""A longer design is refused."""

_LEVEL = re.compile(r"[a-z0-9-]+/[a-z0-9-]+", re.ASCII)
_NAME = re.compile(r"[a-z0-9-]+(/[a-z0-9-]+)?", re.ASCII)
_LATEST_S = 4_102_444_800.0  # the year 2100: a time after it is a slip, or a joke


@dataclasses.dataclass(frozen=True, slots=True)
class Export:
    """The content of an exported file, checked: rows as the store has them."""

    levels: dict[str, dict[str, Any]]
    attempts: list[tuple[Any, ...]]
    hints: list[tuple[Any, ...]]
    predictions: list[tuple[Any, ...]]
    answers: list[tuple[Any, ...]]
    reviews: list[tuple[Any, ...]]
    designs: dict[str, str]


def read_export(data: bytes, file: str) -> Export:
    """Reads the output of ``tutor progress --export``; raises :class:`InputError` with file and key for
    anything else.
    """
    if len(data) > MAX_BYTES:
        raise InputError(say("progress.too-large", most=MAX_BYTES // 1_000_000), file=file)
    try:
        if _depth(data) > MAX_DEPTH:
            raise RecursionError
        top = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InputError(say("progress.no-json"), file=file) from None
    reader = _Reader(file)
    if not isinstance(top, dict) or top.get("schema") != 1:
        raise reader.error("schema", say("progress.no-export"))
    return Export(
        levels={
            reader.level(name, "levels"): reader.standing(name, one)
            for name, one in reader.table(top, "levels").items()
        },
        attempts=[reader.attempt(one, key) for key, one in reader.rows(top, "attempts")],
        hints=[reader.hint(one, key) for key, one in reader.rows(top, "hints")],
        predictions=[reader.prediction(one, key) for key, one in reader.rows(top, "predictions")],
        answers=[reader.answer(one, key) for key, one in reader.rows(top, "answers")],
        reviews=[reader.review(one, key) for key, one in reader.rows(top, "reviews")],
        designs={name: reader.design(name, text) for name, text in reader.table(top, "designs").items()},
    )


def _depth(data: bytes) -> int:
    """Returns how deep tables and lists are inside each other. In a browser the parser that follows has no
    guard of its own: what is too deep for it ends the whole game.
    """
    signs = re.sub(rb'"(?:[^"\\]|\\.)*"|[^][{}"]+', b"", data)
    return max(itertools.accumulate((1 if sign in b"{[" else -1 for sign in signs), initial=0))


class _Reader:
    """A reader of an export's table; every refusal names the key."""

    def __init__(self, file: str) -> None:
        self.file = file

    def error(self, key: str, what: str) -> InputError:
        return InputError(what, key=key, file=self.file)

    def table(self, top: Mapping[str, Any], key: str) -> dict[str, Any]:
        value = top.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, say("progress.expected.table"))
        return value

    def rows(self, top: Mapping[str, Any], key: str) -> Iterator[tuple[str, dict[str, Any]]]:
        value = top.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, say("progress.expected.list"))
        for place, one in enumerate(value):
            where = f"{key}[{place}]"
            if not isinstance(one, dict):
                raise self.error(where, say("progress.expected.table"))
            yield where, one

    def level(self, name: Any, key: str) -> str:
        if not isinstance(name, str) or not _LEVEL.fullmatch(name):
            raise self.error(key, say("progress.expected.level"))
        return name

    def of_level(self, one: Mapping[str, Any], key: str) -> str:
        return self.level(one.get("level"), f"{key}.level")

    def text(self, one: Mapping[str, Any], name: str, key: str) -> str:
        value = one.get(name)
        if not isinstance(value, str) or len(value) > 10_000:
            raise self.error(f"{key}.{name}", say("progress.expected.text"))
        return value

    def number(self, one: Mapping[str, Any], name: str, key: str, most: float) -> float:
        value = one.get(name)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not math.isfinite(value)
            or not 0 <= value <= most
        ):
            raise self.error(f"{key}.{name}", say("progress.expected.number"))
        return float(value)

    def time(self, one: Mapping[str, Any], name: str, key: str) -> float:
        return self.number(one, name, key, _LATEST_S)

    def count(self, one: Mapping[str, Any], name: str, key: str, most: int = 1000) -> int:
        value = self.number(one, name, key, most)
        if value != int(value):
            raise self.error(f"{key}.{name}", say("progress.expected.count"))
        return int(value)

    def flag(self, one: Mapping[str, Any], name: str, key: str) -> bool:
        value = one.get(name)
        if not isinstance(value, bool):
            raise self.error(f"{key}.{name}", say("progress.expected.flag"))
        return value

    def stars(self, one: Mapping[str, Any], key: str) -> tuple[int, int, int]:
        value = one.get("stars")
        if not isinstance(value, dict):
            raise self.error(f"{key}.stars", say("progress.expected.table"))
        cost, speed, simplicity = (
            self.count(value, name, f"{key}.stars", 3) for name in ("cost", "speed", "simplicity")
        )
        return cost, speed, simplicity

    def standing(self, name: str, value: Any) -> dict[str, Any]:
        key = f"levels.{name}"
        if not isinstance(value, dict):
            raise self.error(key, say("progress.expected.table"))
        return {
            "passed": self.flag(value, "passed", key),
            "stars": self.stars(value, key),
            "gave_up": self.flag(value, "gave_up", key),
            "seconds": self.number(value, "seconds", key, _LATEST_S),
        }

    def attempt(self, one: Mapping[str, Any], key: str) -> tuple[Any, ...]:
        head = (self.of_level(one, key), self.time(one, "at", key), self.flag(one, "passed", key))
        return (*head, *self.stars(one, key), self.text(one, "diagnosis", key), self.count(one, "hints", key))

    def prediction(self, one: Mapping[str, Any], key: str) -> tuple[Any, ...]:
        choice = None if one.get("choice") is None else self.count(one, "choice", key)
        right = None if one.get("right") is None else self.flag(one, "right", key)
        return self.of_level(one, key), self.time(one, "at", key), choice, right

    def hint(self, one: Mapping[str, Any], key: str) -> tuple[Any, ...]:
        return self.of_level(one, key), self.text(one, "text", key), self.time(one, "at", key)

    def answer(self, one: Mapping[str, Any], key: str) -> tuple[Any, ...]:
        choice, right = self.count(one, "choice", key), self.flag(one, "right", key)
        return self.of_level(one, key), self.time(one, "at", key), choice, right

    def review(self, one: Mapping[str, Any], key: str) -> tuple[Any, ...]:
        return self.of_level(one, key), self.count(one, "box", key), self.time(one, "due", key)

    def design(self, name: str, text: Any) -> str:
        if not _NAME.fullmatch(name) or not isinstance(text, str) or len(text) > MAX_DESIGN:
            raise self.error(f"designs.{name}", say("progress.expected.design"))
        return text


def merge_export(progress: Progress, export: Export) -> str:
    """Adds an export to a learner's progress, and returns the result in one sentence.

    A level passed in either is passed, with the better stars of each kind; attempts, hints, predictions and
    answers of both are kept once; a question comes back when the further of both says; a design in progress
    is taken where there is none. Raises :class:`InputError` where the store cannot be written; then nothing
    has changed.
    """
    before = {level for level, standing in progress.standings().items() if standing.passed}
    try:
        with progress.writing() as store:
            _merge(store, export)
    except sqlite3.Error as error:
        raise InputError(say("progress.not-written", why=str(error)), file=str(progress.path)) from None
    for name, text in export.designs.items():
        if progress.kept_design(name) is None:
            progress.keep_design(name, text)
    passed = {level for level, standing in progress.standings().items() if standing.passed}
    return say("progress.merged", count=len(passed - before), passed=len(passed))


def _merge(store: sqlite3.Connection, export: Export) -> None:
    first: dict[str, float] = {}
    latest: dict[str, float] = {}
    for level, at, passed, *_ in export.attempts:
        latest[level] = max(at, latest.get(level, 0.0))
        if passed:
            first[level] = min(at, first.get(level, at))
    for level, known in export.levels.items():
        _merge_level(store, level, known, first.get(level, latest.get(level, 0.0)), latest.get(level, 0.0))
    _add(
        store,
        "attempt",
        "level, at, passed, cost, speed, simplicity, diagnosis, hints",
        export.attempts,
        same=2,
    )
    _add(store, "prediction", "level, at, choice, correct", export.predictions, same=2)
    _add(store, "answer", "level, at, choice, correct", export.answers, same=2)
    store.executemany("INSERT OR IGNORE INTO hint (level, text, at) VALUES (?, ?, ?)", export.hints)
    store.executemany(
        "INSERT INTO review (level, box, due) VALUES (?, ?, ?)"
        " ON CONFLICT (level) DO UPDATE SET box = max(box, excluded.box), due = max(due, excluded.due)",
        export.reviews,
    )


def _merge_level(
    store: sqlite3.Connection, level: str, known: Mapping[str, Any], passed_at: float, opened_at: float
) -> None:
    row = store.execute("SELECT 1 FROM level WHERE id = ?", (level,)).fetchone()
    if row is None:
        gave_up = opened_at if known["gave_up"] else None
        store.execute(
            "INSERT INTO level (id, opened_at, gave_up_at) VALUES (?, ?, ?)", (level, opened_at, gave_up)
        )
    store.execute("UPDATE level SET seconds = max(seconds, ?) WHERE id = ?", (known["seconds"], level))
    if known["passed"]:
        store.execute(
            "UPDATE level SET passed_at = min(coalesce(passed_at, ?), ?), cost = max(cost, ?), speed ="
            " max(speed, ?), simplicity = max(simplicity, ?) WHERE id = ?",
            (passed_at, passed_at, *known["stars"], level),
        )


def _add(
    store: sqlite3.Connection, table: str, columns: str, rows: list[tuple[Any, ...]], *, same: int
) -> None:
    """Adds the rows that are not there yet; two are the same if their first ``same`` columns (level and time)
    are.
    """
    names = columns.split(", ")
    known = set(store.execute(f"SELECT {', '.join(names[:same])} FROM {table}"))  # noqa: S608 - the names are constants
    marks = ", ".join("?" * len(names))
    for row in sorted(rows, key=lambda row: float(row[1])):
        if row[:same] not in known:
            known.add(row[:same])
            store.execute(f"INSERT INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608 - the names are constants
