"""Hand-ins: the files students send. They are hostile input until they have been read within their budgets.

A student is a folder ``DIR/<student>/`` with ``*.toml`` files, or one file ``DIR/<student>.toml``. A file is one design, or what
``tutor class submit`` makes: a TOML file with ``[[designs]]``, each with its ``level``, the text of its ``design`` and what the student's
own game claims about it.
"""

from __future__ import annotations

import dataclasses
import stat
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tutor.errors import InputError

MAX_FILE_BYTES = 1_000_000
"""A larger file is not read."""
MAX_FILES = 200
"""More files of one student are not read."""
MAX_DESIGNS = 200
"""More designs in one file are not read."""


@dataclasses.dataclass(frozen=True, slots=True)
class HandIn:
    """One design that a student sent, or the reason why there is none."""

    student: str
    """The name of the folder or file."""
    file: str
    """The path below the directory of hand-ins, for messages."""
    text: str = ""
    """The text of the design file."""
    level: str = ""
    """The level that the bundle names; empty where the design itself says it."""
    claimed: tuple[tuple[str, Any], ...] = ()
    """What the student's own game says of it: never trusted, only compared."""
    broken: str = ""
    """Why it cannot be read; empty where it can."""


def find_hand_ins(folder: Path) -> tuple[HandIn, ...]:
    """Everything handed in below ``folder``, in order of name; links and special files are named and not followed.

    Raises :class:`InputError` only when ``folder`` itself cannot be read.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as wrong:
        raise InputError(f"the folder of hand-ins cannot be read: {wrong.strerror}", file=str(folder)) from None
    found: list[HandIn] = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        mode = _mode(entry)
        if stat.S_ISDIR(mode):
            found.extend(_student_folder(entry))
        elif entry.suffix == ".toml":
            found.extend(read_hand_in(entry, entry.stem, entry.name, mode))
    return tuple(found)


def read_hand_in(path: Path, student: str, shown: str, mode: int | None = None) -> Iterator[HandIn]:
    """The designs of one file; a file that cannot be used gives one broken hand-in."""
    try:
        text = _read(path, _mode(path) if mode is None else mode)
    except InputError as wrong:
        yield HandIn(student, shown, broken=str(wrong))
        return
    bundle = _bundle(text)
    if bundle is None:
        yield HandIn(student, shown, text, claimed=_claims(text))
        return
    if len(bundle) > MAX_DESIGNS:
        yield HandIn(student, shown, broken=f"the file holds more than {MAX_DESIGNS} designs")
        return
    for number, table in enumerate(bundle, 1):
        place = f"{shown}#{number}"
        if not isinstance(table, Mapping) or not isinstance(table.get("design"), str):
            yield HandIn(student, place, broken='an entry of "designs" needs the text of its design')
            continue
        claimed = table.get("claimed")
        claims = tuple(sorted(claimed.items())) if isinstance(claimed, Mapping) else ()
        yield HandIn(student, place, table["design"], str(table.get("level", "")), claims)


def _student_folder(folder: Path) -> Iterator[HandIn]:
    try:
        paths = sorted((path for path in folder.iterdir() if path.suffix == ".toml"), key=lambda path: path.name)
    except OSError as wrong:
        yield HandIn(folder.name, folder.name, broken=f"the folder cannot be read: {wrong.strerror}")
        return
    if not paths:
        yield HandIn(folder.name, folder.name, broken="the folder holds no .toml file")
    if len(paths) > MAX_FILES:
        yield HandIn(folder.name, folder.name, broken=f"the folder holds more than {MAX_FILES} designs")
        return
    for path in paths:
        yield from read_hand_in(path, folder.name, f"{folder.name}/{path.name}")


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _read(path: Path, mode: int) -> str:
    if stat.S_ISLNK(mode):
        raise InputError("this is a link, and links are not followed: hand in the file itself")
    if not stat.S_ISREG(mode):
        raise InputError("this is not a file")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as wrong:
        raise InputError(f"the file cannot be read: {wrong.strerror}") from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"the file is larger than {MAX_FILE_BYTES:,} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("the file is not UTF-8 text") from None


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return {}


def _bundle(text: str) -> list[Any] | None:
    """The designs of a bundle, or None where the text is one design (or no TOML: reading it as a design says what is wrong)."""
    if "[[designs]]" not in text:
        return None
    designs = _parsed(text).get("designs")
    return designs if isinstance(designs, list) else None


def _claims(text: str) -> tuple[tuple[str, Any], ...]:
    parsed = _parsed(text)
    claims = {name: parsed[name] for name in ("passed", "stars") if name in parsed}
    return tuple(sorted(claims.items()))
