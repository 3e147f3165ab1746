"""Hand-ins: the files students send. They are hostile input until they have been read within their budgets.

A student is a folder ``DIR/<student>/`` with ``*.toml`` files, or one file ``DIR/<student>.toml``. A file is
one design, or the output of ``tutor class submit``: a TOML file with ``[[designs]]``, each with its
``level``, the text of its ``design`` and the claims of the student's own game about it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tutor.catalog.reading import parse_toml
from tutor.errors import InputError, printable, why_refused
from tutor.words import say

MAX_FILE_BYTES = 1_000_000
"""A larger file is not read."""
MAX_STUDENT_BYTES = 4_000_000
"""Of one student, no more than this is read."""
MAX_FILES = 200
"""More files of one student are not read."""
MAX_DESIGNS = 200
"""More designs of one student are not read."""
MAX_TOLD = 1e8
"""What a game says of tries, seconds and hints is smaller than this."""
MAX_CHOICES = 100
"""A question has fewer choices than this."""
MAX_LINE = 200
"""Of a name or an address, no more characters than this are read."""
MAX_REASONS = 100
"""Of the first reasons of a student's runs, no more than this are read."""


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
    name: str = ""
    """The name in the file, as its student gave it."""
    email: str = ""
    """The e-mail address in the file: never trusted, only compared."""


def find_hand_ins(folder: Path) -> tuple[HandIn, ...]:
    """Finds everything handed in below ``folder``, in order of name; links and special files are named and
    not followed.

    Raises :class:`InputError` only when ``folder`` itself cannot be read.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as wrong:
        raise InputError(say("class.file.folder", why=why_refused(wrong)), file=str(folder)) from None
    found: list[HandIn] = []
    for entry in entries:
        if entry.name.startswith("."):
            continue
        mode = _mode(entry)
        if stat.S_ISDIR(mode):
            found.extend(_student_folder(entry))
        elif entry.suffix.lower() == ".toml":
            found.extend(read_hand_in(entry, entry.stem, entry.name))
        elif stat.S_ISLNK(mode):
            found.append(HandIn(entry.name, entry.name, broken=say("class.file.link")))
    return tuple(found)


def find_passed_over(folder: Path) -> tuple[str, ...]:
    """Finds the files in the folder of hand-ins that cannot be hand-ins, as they are not TOML, by their path
    below it, in order of name.
    """
    found: list[str] = []
    with contextlib.suppress(OSError):
        for entry in sorted(folder.iterdir(), key=lambda path: path.name):
            if entry.name.startswith("."):
                continue
            mode = _mode(entry)
            if stat.S_ISDIR(mode):
                with contextlib.suppress(OSError):
                    found += sorted(
                        f"{entry.name}/{one.name}" for one in entry.iterdir() if not _may_be_design(one)
                    )
            elif not stat.S_ISLNK(mode) and not _may_be_design(entry):
                found.append(entry.name)
    return tuple(found)


def _may_be_design(path: Path) -> bool:
    return path.suffix.lower() == ".toml" or path.name.startswith(".")


def read_hand_in(path: Path, student: str, shown: str) -> Iterator[HandIn]:
    """Yields the designs of one file; a file that cannot be used gives one broken hand-in."""
    try:
        text = _read(path)
    except InputError as wrong:
        yield HandIn(student, shown, broken=str(wrong))
        return
    try:
        content = parse_toml(text, shown).data
    except InputError as wrong:
        yield HandIn(student, shown, text, _level_line(text), broken=str(wrong))
        return
    bundle = content.get("designs")
    if not isinstance(bundle, list):
        yield HandIn(student, shown, text, _level_of(content), _claims(content))
        return
    if not bundle:
        yield HandIn(student, shown, broken=say("class.file.empty"))
    if len(bundle) > MAX_DESIGNS:
        yield HandIn(student, shown, broken=say("class.file.many", most=MAX_DESIGNS))
        return
    for number, table in enumerate(bundle, 1):
        place = f"{shown}#{number}"
        if not isinstance(table, Mapping) or not isinstance(table.get("design"), str):
            yield HandIn(student, place, broken=say("class.file.no-design"))
            continue
        claimed = table.get("claimed")
        level = _level_of(table) or _level_line(table["design"])
        claims = _claims(claimed) if isinstance(claimed, Mapping) else ()
        signed = {"name": _line(content, "name"), "email": _line(content, "email")}
        yield HandIn(student, place, table["design"], level, (*claims, *_made(content)), **signed)


def _student_folder(folder: Path) -> Iterator[HandIn]:
    """Yields a student's designs, within the budgets of one student."""
    try:
        paths = sorted(
            (path for path in folder.iterdir() if path.suffix.lower() == ".toml"), key=lambda path: path.name
        )
    except OSError as wrong:
        yield HandIn(
            folder.name,
            folder.name,
            broken=say("class.file.folder-unreadable", why=why_refused(wrong)),
        )
        return
    if not paths:
        yield HandIn(folder.name, folder.name, broken=say("class.file.no-toml"))
    if len(paths) > MAX_FILES:
        yield HandIn(folder.name, folder.name, broken=say("class.file.folder-many", most=MAX_FILES))
        return
    designs, size = 0, 0
    for path in paths:
        for one in read_hand_in(path, folder.name, f"{folder.name}/{path.name}"):
            designs, size = designs + 1, size + len(one.text)
            if designs > MAX_DESIGNS or size > MAX_STUDENT_BYTES:
                yield HandIn(
                    folder.name,
                    one.file,
                    broken=say("class.file.too-much"),
                )
                return
            yield one


def _mode(path: Path) -> int:
    try:
        return path.lstat().st_mode
    except OSError:
        return 0


def _read(path: Path) -> str:
    if stat.S_ISLNK(_mode(path)):
        raise InputError(say("class.file.link"))
    try:
        # Opened so that it neither follows a link that has just been put there nor waits at a pipe; then it
        # is looked at.
        handle = os.open(
            path,
            os.O_RDONLY
            | getattr(os, "O_NOFOLLOW", 0)
            | getattr(os, "O_NONBLOCK", 0)
            | getattr(os, "O_BINARY", 0),
        )
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise InputError(say("class.file.not-a-file"))
            data = file.read(MAX_FILE_BYTES + 1)
    except OSError as wrong:
        raise InputError(
            say("class.file.not-a-file")
            if path.is_dir()
            else say("class.file.unreadable", why=why_refused(wrong))
        ) from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(say("class.file.large", most=MAX_FILE_BYTES))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(say("class.file.utf8")) from None
    if "\0" in text:
        raise InputError(say("class.file.nul"))
    return text


def _level_of(table: Mapping[str, Any]) -> str:
    level = table.get("level", "")
    return level if isinstance(level, str) else ""


def _level_line(text: str) -> str:
    """Returns the level that a text names in a line of its own, even if the rest of it cannot be read."""
    line = re.search(r'^level[ \t]*=[ \t]*"([a-z0-9/-]{1,130})"', text, re.MULTILINE)
    return line[1] if line else ""


def _claims(table: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Returns the claims, as small plain values in a fixed order; anything else in the table is left out."""
    claims: list[tuple[str, Any]] = []
    if isinstance(table.get("passed"), bool):
        claims.append(("passed", table["passed"]))
    stars = table.get("stars")
    if isinstance(stars, Mapping):
        told = [stars.get(name) for name in ("cost", "speed", "simplicity")]
        claims.append(
            ("stars", tuple(star if isinstance(star, int) and 0 <= star <= 99 else "?" for star in told))
        )
    for name in ("tries", "seconds", "hints"):
        value = table.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < MAX_TOLD:
            claims.append((name, value))
    for name in ("prediction", "answer"):
        value = table.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and -1 <= value < MAX_CHOICES:
            claims.append((name, value))
    reasons = table.get("reasons")
    if isinstance(reasons, list):
        claims.append(
            (
                "reasons",
                tuple(one for one in reasons[:MAX_REASONS] if isinstance(one, str) and _ID.fullmatch(one)),
            )
        )
    return tuple(claims)


def _line(content: Mapping[str, Any], key: str) -> str:
    """Returns a text of one line; empty if there is none."""
    value = content.get(key, "")
    return printable(value, " ").strip()[:MAX_LINE] if isinstance(value, str) else ""


def _made(content: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Returns when the hand-in was made, as the student's own game says: ISO 8601 in UTC."""
    made = content.get("made")
    return (("made", made),) if isinstance(made, str) and _MOMENT.fullmatch(made) else ()


_ID = re.compile(r"[a-z0-9-]{1,60}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
