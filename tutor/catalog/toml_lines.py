"""The line of each key of a TOML text: a map from key paths to lines, which :mod:`tomllib` does not give.

A path is a tuple of keys and, inside arrays, places from 0: ``("wires", 1, "kind")``. The scanner runs after
:mod:`tomllib` has accepted the text, so it may take the grammar for granted and only has to find where things
begin.
"""

from __future__ import annotations

import tomllib

Path = tuple[str | int, ...]
"""A place in the data: keys of tables and places in arrays."""

_SPACE = " \t"
_BLANK = " \t\r\n"


def line_index(text: str) -> dict[Path, int]:
    """Returns the line, from 1, on which each key, table, array element and array of tables of a valid TOML
    text begins.
    """
    return _Scanner(text.replace("\r\n", "\n")).scan()


class _Scanner:
    """One pass over the text; ``place`` is the present position, ``line`` the line there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.line = 1
        self.lines: dict[Path, int] = {}
        self.tables_in: dict[Path, int] = {}  # how many tables each array of tables has so far

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        while self._skip(_BLANK, comments=True):
            if self.text.startswith("[[", self.place):
                table = self._array_table_header()
            elif self.text[self.place] == "[":
                self._move(1)
                table = self._resolved(self._key("]"))
                self._move(1)
                self._note(table)
            else:
                self._pair(table)
        return self.lines

    def _array_table_header(self) -> Path:
        self._move(2)
        keys = self._key("]")
        self._move(2)
        array = (*self._resolved(keys[:-1]), keys[-1])
        number = self.tables_in.get(array, 0)
        self.tables_in[array] = number + 1
        self._note((*array, number))
        return (*array, number)

    def _resolved(self, keys: tuple[str, ...]) -> Path:
        """Resolves a header's keys to a path: through an array of tables they mean its latest table."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.tables_in:
                path = (*path, self.tables_in[path] - 1)
        return path

    def _note(self, path: Path) -> None:
        """Records this path, and its parents where they have no line yet, at the current line."""
        for length in range(1, len(path) + 1):
            self.lines.setdefault(path[:length], self.line)

    def _pair(self, table: Path) -> None:
        """Reads ``key = value``: in an inline table or on a line of its own."""
        self._skip(_BLANK, comments=True)
        path = (*table, *self._key("="))
        self._note(path)
        self._move(1)
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip(_SPACE)
        char = self.text[self.place]
        if char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        elif char in "\"'":
            self._string()
        else:
            while self.place < len(self.text) and self.text[self.place] not in ",]}#\n":
                self._move(1)

    def _array(self, path: Path) -> None:
        self._move(1)
        number = 0
        while True:
            self._skip(_BLANK, comments=True)
            if self.text[self.place] == "]":
                break
            self._note((*path, number))
            self._value((*path, number))
            number += 1
            self._skip(_BLANK, comments=True)
            if self.text[self.place] == ",":
                self._move(1)
        self._move(1)

    def _inline_table(self, path: Path) -> None:
        self._move(1)
        while True:
            self._skip(_BLANK, comments=True)
            if self.text[self.place] == "}":
                break
            self._pair(path)
            self._skip(_BLANK, comments=True)
            if self.text[self.place] == ",":
                self._move(1)
        self._move(1)

    def _key(self, end: str) -> tuple[str, ...]:
        """Reads the parts of a dotted key, up to the character ``end``, which is left to be read."""
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            begin = self.place
            if self.text[begin] in "\"'":
                self._string()
                quoted = self.text[begin : self.place]
                parts.append(str(tomllib.loads(f"key = {quoted}")["key"]))
            else:
                while self.text[self.place] not in f".{end}{_SPACE}":
                    self._move(1)
                parts.append(self.text[begin : self.place])
            self._skip(_SPACE)
            if self.text[self.place] == end:
                return tuple(parts)
            self._move(1)

    def _string(self) -> None:
        """Moves past a string of any of the four forms."""
        quote = self.text[self.place]
        if self.text.startswith(quote * 3, self.place):
            self._move(3)
            self._to_closing(quote * 3, escapes=quote == '"')
            while (
                self.text[self.place : self.place + 1] == quote
            ):  # up to two quotes may stand before the closing three
                self._move(1)
        else:
            self._move(1)
            self._to_closing(quote, escapes=quote == '"')

    def _to_closing(self, closing: str, *, escapes: bool) -> None:
        while not self.text.startswith(closing, self.place):
            self._move(2 if escapes and self.text[self.place] == "\\" else 1)
        self._move(len(closing))

    def _skip(self, chars: str, *, comments: bool = False) -> bool:
        """Moves past these characters, and past comments; returns True if something is left."""
        while self.place < len(self.text):
            if self.text[self.place] in chars:
                self._move(1)
            elif comments and self.text[self.place] == "#":
                while self.place < len(self.text) and self.text[self.place] != "\n":
                    self._move(1)
            else:
                return True
        return False

    def _move(self, by: int) -> None:
        self.line += self.text.count("\n", self.place, self.place + by)
        self.place += by
