"""The way from a file to checked values: every refusal names file, line and key, and says what would be
right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any

from tutor.catalog.toml_lines import Path, line_index
from tutor.catalog.toml_text import read_text, toml_data
from tutor.errors import InputError, is_control
from tutor.model.setting import Setting, settings_of, suggest
from tutor.words import say

MAX_DEPTH = 20
"""Tables and arrays inside each other; the format needs eight."""


_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*", re.ASCII)
_MAX_ID = 64


def read_toml(path: FilePath) -> Table:
    """Reads the file's top table; raises :class:`InputError` with the line if it is not TOML or has values no
    game file has.
    """
    text = read_text(path)
    return parse_toml(text, str(path))


def parse_toml(text: str, file: str) -> Table:
    """Parses the top table of a TOML text; ``file`` is its name in errors."""
    data = toml_data(text, file)
    document = Document(file, text)
    _refuse_unusable(document, (), data)
    return Table(document, (), data)


def _refuse_unusable(document: Document, path: Path, value: object) -> None:
    """Refuses values that no game file has, so that later code need not consider them: control characters,
    huge numbers, depth, dates.
    """
    if len(path) > MAX_DEPTH:
        raise document.error(path[:MAX_DEPTH], say("files.toml.deep"))
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not key.isprintable() and any(map(is_control, key)):
                raise document.error((*path, key), say("files.key-control"))
            _refuse_unusable(document, (*path, key), item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            _refuse_unusable(document, (*path, place), item)
    elif isinstance(value, str):
        if not value.replace("\n", "").isprintable() and any(
            is_control(char) and char not in "\n\t\r" for char in value
        ):
            raise document.error(path, say("files.control"))
    elif isinstance(value, bool | float):
        return
    elif isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise document.error(path, say("files.toml.large"))
    else:
        raise document.error(path, say("files.toml.date"))


class Document:
    """One file's name and text; knows the line of every key, found only when an error asks for it."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text

    @cached_property
    def lines(self) -> Mapping[Path, int]:
        """The line of each key path."""
        return line_index(self.text)

    def line(self, path: Path) -> int:
        """Returns the line of a key path, or of its nearest parent that is written down."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def error(self, path: Path, what: str, kind: type[InputError] = InputError) -> InputError:
        """Creates an error at a key path."""
        return kind(what, key=dotted(path), line=self.line(path), file=self.file)


def dotted(path: Path) -> str:
    """Returns a key path as an error names it: ``components.orders.replicas``; places in lists are left to
    the line.
    """
    return ".".join(_key_text(part) for part in path if isinstance(part, str))


def _key_text(key: str) -> str:
    return key if re.fullmatch(r"[\w-]+", key) else f'"{key}"'


class Table:
    """A table of a file, with its place in it: hands out checked values and makes errors that know where they
    are.
    """

    def __init__(self, document: Document, path: Path, data: Mapping[str, Any]) -> None:
        self.document = document
        self.path = path
        self.data = data

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def error(self, what: str, *inner: str | int, kind: type[InputError] = InputError) -> InputError:
        """Creates an error at this table, or at a key inside it."""
        return self.document.error((*self.path, *inner), what, kind)

    def located(self, error: InputError, *inner: str | int) -> InputError:
        """Returns ``error`` with its place filled in, as of a key in this table; a key that it names itself
        gives way to the dotted one.
        """
        path = (*self.path, *inner)
        error.key = dotted(path)
        error.line = self.document.line(path)
        error.file = self.document.file
        return error

    def only(self, known: Collection[str]) -> None:
        """Refuses unknown keys."""
        for key in self.data:
            if key not in known:
                raise self.error(say("settings.error.key", key=key, suggestion=suggest(key, known)), key)

    def value(self, key: str, setting: Setting) -> Any:
        """Returns the value of a key as its setting reads it."""
        raw = self.data[key]
        try:
            parsed = setting.parse(raw)
        except InputError as error:
            raise self.located(error, key) from None
        for text in _texts_in(parsed):
            if "\n" in text or "\r" in text:
                raise self.error(say("files.one-line"), key)
        return parsed

    def settings(self, cls: type, skip: Collection[str] = ()) -> dict[str, Any]:
        """Returns the values of all keys that are settings of a model class; other keys have to be checked by
        :meth:`only` first.
        """
        return {
            key: self.value(key, spec)
            for key, spec in settings_of(cls).items()
            if key in self.data and key not in skip
        }

    def text(self, key: str, default: str | None = None, *, lines: bool = False) -> str:
        """Returns a text; required if there is no default, of one line unless ``lines``."""
        if key not in self.data:
            if default is None:
                raise self.error(say("files.no-text", key=key), *(() if self.path else (key,)))
            return default
        text = self.data[key]
        if not isinstance(text, str):
            raise self.error(say("files.quotes"), key)
        if default is None and not text.strip():
            raise self.error(say("files.empty-text"), key)
        if not lines and ("\n" in text or "\r" in text):
            raise self.error(say("files.one-line"), key)
        return text.strip()

    def flag(self, key: str, default: bool) -> bool:
        """Returns True or False."""
        value = self.data.get(key, default)
        if not isinstance(value, bool):
            raise self.error(say("files.flag"), key)
        return value

    def number(self, key: str, default: float | None = None) -> float | None:
        """Returns a finite number."""
        if key not in self.data:
            return default
        return float(self.value(key, Setting(key, "number", None)))

    def texts(self, key: str) -> tuple[str, ...]:
        """Returns a list of texts of one line; empty if there is none."""
        if key not in self.data:
            return ()
        found: tuple[str, ...] = self.value(key, Setting(key, "texts", ()))
        return found

    def table(self, key: str) -> Table | None:
        """Returns the table at a key; None if there is no such key."""
        if key not in self.data:
            return None
        data = self.data[key]
        if not isinstance(data, Mapping):
            raise self.error(say("files.table", name=dotted((*self.path, key))), key)
        return Table(self.document, (*self.path, key), data)

    def tables(self, key: str) -> list[Table]:
        """Returns the tables of an array of tables; empty if there is no such key."""
        data = self.data.get(key, [])
        name = dotted((*self.path, key))
        if not isinstance(data, list):
            raise self.error(say("files.tables", name=name), key)
        for place, item in enumerate(data):
            if not isinstance(item, Mapping):
                raise self.error(say("files.tables", name=name), key, place)
        return [Table(self.document, (*self.path, key, place), item) for place, item in enumerate(data)]

    def named(self, key: str) -> Iterator[tuple[str, Table]]:
        """Yields the tables inside the table at a key, with their names, each of which must be an id."""
        outer = self.table(key)
        for name in outer.data if outer else ():
            assert outer is not None
            outer.check_id(name, name)
            inner = outer.table(name)
            assert inner is not None
            yield name, inner

    def check_id(self, word: str, *inner: str | int) -> str:
        """Returns ``word`` if it is an id; the error is at a key inside this table."""
        if not is_id(word):
            raise self.error(
                say("files.id", word=word[:80], words=say("files.id-words"), most=_MAX_ID), *inner
            )
        return word


def is_id(word: str) -> bool:
    """Returns whether a word is lower-case kebab."""
    return len(word) <= _MAX_ID and _ID.fullmatch(word) is not None


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts_in(item)
