"""A class pack: one file with the levels a teacher chose, their order and the rules of the class.

It is a zip archive with ``pack.toml`` and a folder ``levels/`` as in a course. A pack is input from outside:
it is opened within budgets, and no path in it leaves the folder it is unpacked to. Nothing in it is secret: a
student's claims are checked by simulating again.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import io
import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from tutor.catalog import load_course
from tutor.catalog.reading import read_toml
from tutor.catalog.writing import toml_value
from tutor.disk import write_bytes
from tutor.errors import InputError, printable, why_refused
from tutor.model.pack import PackRules
from tutor.model.setting import suggest
from tutor.model.variant import LEAST, MOST, Variant
from tutor.progress import open_progress
from tutor.progress.store import STORE_FILE as STORE
from tutor.words import say

FORMAT = 1
"""The version of the pack's form."""
MAX_PACK_BYTES = 20_000_000
"""A larger pack is refused, packed or unpacked."""
MAX_FILES = 5_000
"""A pack with more files is refused."""
MAX_VARIANTS = 1000
"""Of a level, no more variants than this are read."""
MAX_TITLE = 100
"""A longer title of a pack is cut."""
_ENDINGS = {".toml", ".md"}
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    LookupError,
)
"""What zipfile raises for bytes that are no sound archive."""


@dataclasses.dataclass(frozen=True, slots=True)
class OpenPack:
    """A pack that has been unpacked and may be played."""

    rules: PackRules
    """What the teacher decided."""
    levels_root: Path
    """The folder with ``course.toml``."""
    home: Path
    """Where this pack's own progress is kept."""


def write_pack(
    path: Path,
    levels_roots: Path | Sequence[Path],
    level_ids: Sequence[str],
    rules: PackRules,
    *,
    with_answers: bool = False,
) -> None:
    """Writes a pack of these levels in this order; solutions and mistakes are left out unless
    ``with_answers``.

    A level is taken from the first of ``levels_roots`` that has it, so that a teacher's own levels mix with
    the game's; the glossary is the game's with the teacher's terms before it. Raises :class:`InputError` for
    a level that none of them has.
    """
    roots = [levels_roots] if isinstance(levels_roots, Path) else list(levels_roots)
    home = {level_id: folder.parent.parent for level_id, folder in level_folders(roots, level_ids).items()}
    chapters: dict[str, list[str]] = {}
    for level_id in level_ids:
        chapter, _, name = level_id.partition("/")
        if name in chapters.setdefault(chapter, []):
            raise InputError(say("class.pack.twice", level=level_id), key=level_id)
        chapters[chapter].append(name)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, "pack.toml", _rules_text(rules))
        _add(archive, "levels/course.toml", _course_text(rules.title, chapters))
        glossary = _glossary(roots)
        if glossary:
            _add(archive, "levels/glossary.toml", glossary)
        for chapter, names in chapters.items():
            _add(
                archive,
                f"levels/{chapter}/chapter.toml",
                _chapter_file(home[f"{chapter}/{names[0]}"] / chapter),
            )
            for name in names:
                levels_root = home[f"{chapter}/{name}"]
                for file in sorted((levels_root / chapter / name).rglob("*")):
                    inside = file.relative_to(levels_root).as_posix()
                    answers = "/solutions/" in inside or "/mistakes/" in inside
                    if file.is_file() and file.suffix in _ENDINGS and (with_answers or not answers):
                        _add(archive, f"levels/{inside}", file.read_bytes())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as wrong:
        raise InputError(say("files.unwritable", why=why_refused(wrong)), file=str(path)) from None
    write_bytes(path, buffer.getvalue())


def _glossary(roots: Sequence[Path]) -> str:
    """Joins the terms of all folders, each from the first that has it; empty if none has a glossary.

    Raises :class:`InputError` for one that cannot be read. What its terms refer to is checked when the pack
    is opened: a teacher's term may name one of the game's.
    """
    terms: dict[str, Mapping[str, Any]] = {}
    for root in roots:
        file = root / "glossary.toml"
        if file.exists():
            for table in read_toml(file).tables("term"):
                terms.setdefault(table.text("id"), table.data)
    blocks = (
        "[[term]]\n" + "".join(f"{key} = {toml_value(value)}\n" for key, value in term.items())
        for term in terms.values()
    )
    return "\n".join(blocks)


def level_folders(roots: Sequence[Path], level_ids: Sequence[str]) -> dict[str, Path]:
    """Returns the folders of these levels, each in the first of ``roots`` that has it; raises
    :class:`InputError` for a level that none of them has.
    """
    known: dict[str, Path] = {}
    for root in roots:
        for file in root.glob("*/*/level.toml"):
            known.setdefault(file.parent.relative_to(root).as_posix(), file.parent)
    for level_id in level_ids:
        if level_id not in known:
            near = suggest(level_id, sorted(known))
            raise InputError(say("class.pack.no-level", level=level_id, suggestion=near), key=level_id)
    return {level_id: known[level_id] for level_id in level_ids}


def _chapter_file(folder: Path) -> bytes:
    """Returns a chapter's file; a folder of levels need not have one, but a course must."""
    file = folder / "chapter.toml"
    return (
        file.read_bytes()
        if file.exists()
        else f"title = {_quoted(folder.name.replace('-', ' ').capitalize())}\n".encode()
    )


def open_pack(path: Path, home: Path) -> OpenPack:
    """Unpacks a pack below ``home`` (once for each content) and returns what the game needs to play it.

    Raises :class:`InputError` for a file that is not a pack, or breaks a budget.
    """
    data = _bytes_of(path)
    place = home / "packs" / hashlib.sha256(data).hexdigest()[:16]
    if not (place / "levels" / "course.toml").exists():
        _unpack(data, path, place)
        rules = _load_rules(place / "pack.toml", path)
        _carry_over(rules.title, place)
        return OpenPack(rules, place / "levels", place)
    return OpenPack(_load_rules(place / "pack.toml", path), place / "levels", place)


def _carry_over(title: str, place: Path) -> None:
    """Takes over the progress of the pack that this one replaces: the latest with this title. Levels that
    changed begin anew.
    """
    earlier = [
        folder
        for folder in place.parent.iterdir()
        if folder != place and (folder / STORE).is_file() and _title_of(folder / "pack.toml") == title
    ]
    if not earlier or (place / STORE).exists():
        return
    latest = max(earlier, key=lambda folder: (folder / STORE).stat().st_mtime)
    with open_progress(latest) as before, open_progress(place) as progress:
        progress.take_over(
            before, [level for level in _levels_in(place) if _same_level(latest, place, level)]
        )


def _title_of(file: Path) -> str:
    with contextlib.suppress(InputError):
        title = read_toml(file).data.get("title")
        return title if isinstance(title, str) else ""
    return ""


def _levels_in(place: Path) -> list[str]:
    return sorted(
        file.parent.relative_to(place / "levels").as_posix()
        for file in (place / "levels").glob("*/*/level.toml")
    )


def _same_level(one: Path, other: Path, level_id: str) -> bool:
    """Returns whether a level is played the same in two packs: the files around it, such as its texts in
    Markdown, do not count.
    """
    files = [place / "levels" / level_id / "level.toml" for place in (one, other)]
    return all(file.is_file() for file in files) and files[0].read_bytes() == files[1].read_bytes()


def is_pack(path: Path) -> bool:
    """Returns whether this is a pack, even a broken one, rather than the id of a level."""
    return path.is_file() and (path.suffix == ".pack" or zipfile.is_zipfile(path))


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PACK_BYTES + 1)
    except OSError as wrong:
        raise InputError(say("class.pack.unreadable", why=why_refused(wrong)), file=str(path)) from None
    if len(data) > MAX_PACK_BYTES:
        raise InputError(say("class.pack.large", most=MAX_PACK_BYTES // 1_000_000), file=str(path))
    return data


def _unpack(data: bytes, path: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    unpacked = Path(tempfile.mkdtemp(dir=place.parent, prefix=".unpacking-"))
    try:
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                _extract(archive, path, unpacked)
        except _DAMAGED:
            raise InputError(say("class.pack.no-pack"), file=str(path)) from None
        except OSError as wrong:  # such as a name that is too long, or a file where another path has a folder
            raise InputError(say("class.pack.stuck", why=why_refused(wrong)), file=str(path)) from None
        if not (unpacked / "pack.toml").exists() or not (unpacked / "levels" / "course.toml").exists():
            raise InputError(say("class.pack.no-files"), file=str(path))
        _load_rules(unpacked / "pack.toml", path)
        try:
            load_course(unpacked / "levels")
        except InputError as wrong:
            raise InputError(say("class.pack.levels", why=wrong.what), file=str(path)) from None
        shutil.rmtree(place / "levels", ignore_errors=True)
        place.mkdir(exist_ok=True)  # a student's progress may be there already
        for name in ("pack.toml", "levels"):
            (unpacked / name).replace(place / name)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _extract(archive: zipfile.ZipFile, path: Path, place: Path) -> None:
    members = archive.infolist()
    if len(members) > MAX_FILES:
        raise InputError(say("class.pack.many", most=MAX_FILES), file=str(path))
    left = MAX_PACK_BYTES
    for member in members:
        inside = PurePosixPath(member.filename)
        if inside.is_absolute() or ".." in inside.parts or "\\" in member.filename or ":" in member.filename:
            raise InputError(say("class.pack.path"), file=str(path), key=ascii(member.filename))
        if member.is_dir() or inside.suffix not in _ENDINGS:
            continue
        with archive.open(member) as file:
            content = file.read(left + 1)
        left -= len(content)
        if left < 0:
            raise InputError(say("class.pack.unpacked", most=MAX_PACK_BYTES // 1_000_000), file=str(path))
        target = place.joinpath(*inside.parts)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _load_rules(file: Path, pack: Path) -> PackRules:
    try:
        table = read_toml(file)
    except InputError as wrong:
        raise InputError(say("class.pack.rules", why=wrong.what), file=str(pack)) from None
    if table.data.get("format") != FORMAT:
        raise InputError(
            say("class.pack.format", found=repr(table.data.get("format")), format=FORMAT),
            file=str(pack),
            key="format",
        )
    found = {name: table.data.get(name, default) for name, default in _DEFAULTS.items()}
    found["title"] = found["title"] or say("class.pack-title")
    right = all(isinstance(found[name], type(default)) for name, default in _DEFAULTS.items())
    if (
        not right
        or found["order"] not in ("course", "open")
        or (found["deadline"] and not _MOMENT.fullmatch(found["deadline"]))
    ):
        raise InputError(say("class.pack-value"), file=str(pack), key="pack.toml")
    variants = _variants(found["variants"], pack)
    return PackRules(**{**found, "title": printable(found["title"])[:MAX_TITLE], "variants": variants})


def _variants(table: Mapping[str, Any], pack: Path) -> dict[str, tuple[Variant, ...]]:
    """Reads the variants of each level; raises :class:`InputError` for anything but factors within their
    bounds.
    """
    found: dict[str, tuple[Variant, ...]] = {}
    try:
        for level, rows in table.items():
            found[level] = tuple(
                Variant(tuple((part, name, float(factor)) for part, name, factor in row))
                for row in rows[:MAX_VARIANTS]
            )
    except (TypeError, ValueError):
        raise InputError(say("class.pack-value"), file=str(pack), key="variants") from None
    factors = [factor for rows in found.values() for row in rows for _, _, factor in row.factors]
    if not all(LEAST <= factor <= MOST for factor in factors):
        raise InputError(say("class.pack-value"), file=str(pack), key="variants")
    return found


_DEFAULTS: dict[str, Any] = {
    "title": "",
    "hints": True,
    "solutions": True,
    "order": "course",
    "deadline": "",
    "exam": False,
    "report_to": "",
    "token": "",
    "variants": {},
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def parse_deadline(text: str) -> str:
    """Reads a deadline as a teacher types it, in UTC to the second; raises :class:`InputError`.

    ``2026-12-01`` is the end of that day here, ``2026-12-01T18:00`` that moment here; a zone may be given.
    """
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        raise InputError(say("class.deadline", given=printable(text)), key="--deadline") from None
    if len(text) == len("2026-12-01"):
        moment += datetime.timedelta(hours=23, minutes=59, seconds=59)
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _rules_text(rules: PackRules) -> str:
    return (
        f"format = {FORMAT}\ntitle = {_quoted(rules.title)}\nhints = {str(rules.hints).lower()}\n"
        f'solutions = {str(rules.solutions).lower()}\norder = "{rules.order}"\n'
        f'deadline = "{rules.deadline}"\nexam = {str(rules.exam).lower()}\n'
        f"report_to = {_quoted(rules.report_to)}\ntoken = {_quoted(rules.token)}\n"
        + ("\n[variants]\n" if rules.variants else "")
        + "".join(
            f"{_quoted(level)} = [\n"
            + "".join(f"    [{', '.join(map(_factor, one.factors))}],\n" for one in variants)
            + "]\n"
            for level, variants in rules.variants.items()
        )
    )


def _factor(one: tuple[str, str, float]) -> str:
    part, name, factor = one
    return f"[{_quoted(part)}, {_quoted(name)}, {factor:g}]"


def _course_text(title: str, chapters: Mapping[str, Sequence[str]]) -> str:
    lines = [f"title = {_quoted(title)}", ""]
    for chapter, names in chapters.items():
        lines += [
            "[[chapters]]",
            f'id = "{chapter}"',
            f"levels = [{', '.join(_quoted(name) for name in names)}]",
            "",
        ]
    return "\n".join(lines)


def _quoted(text: str) -> str:
    import json

    return json.dumps(printable(text, " "), ensure_ascii=False)


def _add(archive: zipfile.ZipFile, name: str, content: str | bytes) -> None:
    """Adds a file with a fixed date, so that the same choice gives the same bytes."""
    info = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(info, content)
