"""From a file to TOML data: every refusal names the file and, where there is one, the line, and says what
would be right.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from tutor.errors import InputError
from tutor.model.setting import suggest

MAX_BYTES = 1_000_000
"""No file of a design, a scenario or a level is larger than this."""
MAX_LINE = 10_000
"""No line of one is longer than this many characters; the reader's time grows with its square."""

_LONG_KEY = re.compile(r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_text(path: Path) -> str:
    """The text of a file; raises :class:`InputError` where it is missing, a folder, too large, or not plain
    UTF-8 text.
    """
    name = str(path)
    try:
        if path.is_dir():
            raise InputError("this is a folder: give the file in it", file=name)
        if path.exists() and not path.is_file():
            raise InputError("this is a device or a pipe: give a plain file", file=name)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"there is no such file; {_neighbours(path)}", file=name) from None
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(f"cannot be read: {why}", file=name) from None
    if len(raw) > MAX_BYTES:
        raise InputError(
            f"the file is larger than {MAX_BYTES // 1_000_000} MB, which no design needs", file=name
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError("this is not UTF-8 text: save the file as UTF-8", file=name, line=line) from None
    if "\0" in text:
        raise InputError(
            "this is not text: it has a NUL character",
            file=name,
            line=text.count("\n", 0, text.index("\0")) + 1,
        )
    return text


def _neighbours(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix == path.suffix)[:20]
    except (OSError, ValueError):
        return f"there is no folder {path.parent} either"
    return suggest(path.name, names) if names else f"{path.parent} has no {path.suffix or 'such'} file"


def toml_data(text: str, file: str) -> dict[str, Any]:
    """The data of a TOML text; ``file`` is what errors call it."""
    if not text.strip():
        raise InputError("the file is empty: it needs at least one [components.<id>]", file=file, line=1)
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise InputError(
                f"the line is longer than {MAX_LINE} characters: break it up", file=file, line=number
            )
    deep = _LONG_KEY.search(text)
    if deep:
        line_number = text.count("\n", 0, deep.start()) + 1
        raise InputError(
            "a key of so many parts is not used here: use [components.<id>]", file=file, line=line_number
        )
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(
            "tables and lists are nested too deeply", file=file, line=_deepest_line(text)
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, file) from None
    except ValueError:
        raise InputError("a number has too many digits", file=file, line=_longest_number_line(text)) from None


def _deepest_line(text: str) -> int:
    """The line with the most opening brackets."""
    openings = [line.count("[") + line.count("{") for line in text.split("\n")]
    return openings.index(max(openings)) + 1


def _longest_number_line(text: str) -> int:
    runs = [(len(found.group()), found.start()) for found in re.finditer(r"[0-9_]+", text)]
    return text.count("\n", 0, max(runs)[1]) + 1 if runs else 1


_SYNTAX_REMEDIES = {
    "Invalid value": 'a value is a number, true, false, a list or a text in "double quotes"',
    "Invalid statement": (
        'a line is key = value, [table] or # comment; a key with other characters stands in "quotes"'
    ),
    "Expected '=' after a key": "a line is key = value",
    "Expected newline or end of document": "one value in a line; a text needs quotes around all of it",
    "Cannot overwrite a value": "this key is already there: keep one of the two",
    "Unterminated string": "close the text with a quote",
    "Unclosed array": 'close the list with "]"',
    "Illegal character": "a text in single quotes ends in its line; use three quotes for several lines",
}


def _syntax_error(message: str, text: str, file: str) -> InputError:
    place = _PLACE.search(message)
    line = text.rstrip("\n").count("\n") + 1
    column = ""
    if place and place[1]:
        line = int(place[1])
        column = f" at column {place[2]}"
    problem = message[: place.start()] if place else message
    twice = re.match(r"Cannot declare \((.*)\) twice", problem)
    if twice:
        name = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return InputError(
            f"[{name}] is already there: give the second one another name", file=file, line=line, key=name
        )
    if problem == "Cannot mutate immutable namespace ('wires',)":
        what = (
            '"wires" cannot be a list of words and [[wires]] too: the kinds that may be drawn are wire_kinds'
            " = [...]"
        )
        return InputError(what, file=file, line=line, key="wires")
    if problem.startswith("Cannot mutate immutable namespace"):
        return InputError(
            f"{problem[:1].lower()}{problem[1:]}: a key cannot be both a value and a [[table]]",
            file=file,
            line=line,
        )
    remedy = next(
        (text for begin, text in _SYNTAX_REMEDIES.items() if problem.startswith(begin)), "see https://toml.io"
    )
    return InputError(f"not TOML{column}: {problem[:1].lower()}{problem[1:]}; {remedy}", file=file, line=line)
