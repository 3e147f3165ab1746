"""The way from a file to TOML data: every refusal names the file and, if there is one, the line, and says
what would be right.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from tutor.errors import InputError
from tutor.model.setting import suggest
from tutor.words import say

MAX_BYTES = 1_000_000
"""No file of a design, a scenario or a level is larger than this."""
MAX_LINE = 10_000
"""No line of one is longer than this many characters; the reader's time grows with its square."""

_LONG_KEY = re.compile(r"(?<![\w-])(?:(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+){20}")
_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def read_text(path: Path) -> str:
    """Reads the text of a file; raises :class:`InputError` if it is missing, a folder, too large, or not
    plain UTF-8 text.
    """
    name = str(path)
    try:
        if path.is_dir():
            raise InputError(say("files.folder"), file=name)
        if path.exists() and not path.is_file():
            raise InputError(say("files.device"), file=name)
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(say("files.missing", suggestion=_neighbours(path)), file=name) from None
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise InputError(say("files.unreadable", why=why), file=name) from None
    if len(raw) > MAX_BYTES:
        raise InputError(say("files.large", most=MAX_BYTES // 1000000), file=name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(say("files.utf8"), file=name, line=line) from None
    if "\0" in text:
        raise InputError(
            say("files.nul"),
            file=name,
            line=text.count("\n", 0, text.index("\0")) + 1,
        )
    return text


def _neighbours(path: Path) -> str:
    try:
        names = sorted(entry.name for entry in path.parent.iterdir() if entry.suffix == path.suffix)[:20]
    except (OSError, ValueError):
        return say("files.no-folder", folder=str(path.parent))
    return suggest(path.name, names) if names else say("files.none-here", folder=str(path.parent))


def toml_data(text: str, file: str) -> dict[str, Any]:
    """Parses the data of a TOML text; ``file`` is its name in errors."""
    if not text.strip():
        raise InputError(say("files.toml.empty"), file=file, line=1)
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            raise InputError(say("files.toml.long-line", most=MAX_LINE), file=file, line=number)
    deep = _LONG_KEY.search(text)
    if deep:
        line_number = text.count("\n", 0, deep.start()) + 1
        raise InputError(say("files.toml.long-key"), file=file, line=line_number)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(say("files.toml.deep"), file=file, line=_deepest_line(text)) from None
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text, file) from None
    except ValueError:
        raise InputError(say("files.toml.digits"), file=file, line=_longest_number_line(text)) from None


def _deepest_line(text: str) -> int:
    """Returns the line with the most opening brackets."""
    openings = [line.count("[") + line.count("{") for line in text.split("\n")]
    return openings.index(max(openings)) + 1


def _longest_number_line(text: str) -> int:
    runs = [(len(found.group()), found.start()) for found in re.finditer(r"[0-9_]+", text)]
    return text.count("\n", 0, max(runs)[1]) + 1 if runs else 1


_SYNTAX_REMEDIES = {
    "Invalid value": "files.toml.remedy.value",
    "Invalid statement": "files.toml.remedy.line",
    "Expected '=' after a key": "files.toml.remedy.equals",
    "Expected newline or end of document": "files.toml.remedy.one-value",
    "Cannot overwrite a value": "files.toml.remedy.twice",
    "Unterminated string": "files.toml.remedy.quote",
    "Unclosed array": "files.toml.remedy.list",
    "Illegal character": "files.toml.remedy.lines",
}
"""How the reader's messages begin, and the sentence that says what would be right."""


def _syntax_error(message: str, text: str, file: str) -> InputError:
    place = _PLACE.search(message)
    line = int(place[1]) if place and place[1] else text.rstrip("\n").count("\n") + 1
    problem = message[: place.start()] if place else message
    twice = re.match(r"Cannot declare \((.*)\) twice", problem)
    if twice:
        name = ".".join(re.findall(r"'([^']*)'", twice[1]))
        return InputError(say("files.toml.table-twice", name=name), file=file, line=line, key=name)
    if problem == "Cannot mutate immutable namespace ('wires',)":
        what = say("files.toml.wires")
        return InputError(what, file=file, line=line, key="wires")
    if problem.startswith("Cannot mutate immutable namespace"):
        return InputError(say("files.toml.both"), file=file, line=line)
    key = next((key for begin, key in _SYNTAX_REMEDIES.items() if problem.startswith(begin)), "")
    remedy = say(key) if key else say("files.toml.remedy.unknown", problem=problem)
    if place and place[2]:
        what = say("files.toml.syntax-at", column=int(place[2]), remedy=remedy)
    else:
        what = say("files.toml.syntax", remedy=remedy)
    return InputError(what, file=file, line=line)
