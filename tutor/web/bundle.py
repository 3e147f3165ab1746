"""The bundle of a page: the game and its packages, as one packed file that the page's worker unpacks into its
file system.
"""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path

from tutor.disk import find_levels_root

LEFT_OUT = (
    "tutor/_levels/README.md",
    "tutor/_levels/design.schema.json",
    "tutor/_levels/level.schema.json",
    "tutor/_levels/scenario.schema.json",
    "textual/drivers/linux",
    "textual/drivers/win",
    "rich/_win",
    "rich/__main__.py",
)
"""Files that no page opens, and modules that are named where a page never comes by: drivers of real
terminals. Modules that nobody names are left out by ``freeze``.
"""
TEXTS = frozenset((".py", ".toml", ".md", ".tcss", ".json"))
"""The kinds of files that are carried."""


def stage(folder: Path) -> None:
    """Copies the game, its levels and the packages that it needs into a folder, as they are installed."""
    for name, path in _files():
        if path.suffix in TEXTS and _carried(name):
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _carried(name: str) -> bool:
    return not name.startswith(LEFT_OUT)


def _files() -> Iterator[tuple[str, Path]]:
    """Yields every file by its path below site-packages."""
    package = Path(__file__).resolve().parent.parent
    for path in sorted(package.rglob("*")):
        if path.is_file() and "_levels" not in path.parts and "_web" not in path.parts:
            yield f"tutor/{path.relative_to(package).as_posix()}", path
    levels = find_levels_root()
    for path in sorted(levels.rglob("*")):
        if path.is_file() and "mistakes" not in path.parts:  # only a level's proof needs its mistakes
            yield f"tutor/_levels/{path.relative_to(levels).as_posix()}", path
    for name in sorted(_required("textual")):
        for file in metadata.files(name) or ():
            if ".dist-info" not in file.parts[0] and ".." not in file.parts:
                yield file.as_posix(), Path(str(file.locate()))


def _required(name: str, seen: set[str] | None = None) -> set[str]:
    """Returns a distribution and its requirements, as far as they are installed."""
    seen = set() if seen is None else seen
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return seen
    try:
        needs = metadata.requires(name) or []
    except metadata.PackageNotFoundError:  # an option, or for another system
        return seen
    seen.add(key)
    for need in needs:
        if "extra ==" not in need or "linkify" in need:
            found = re.match(r"[A-Za-z0-9._-]+", need)
            if found:
                _required(found.group(), seen)
    return seen


def pack(files: Mapping[str, bytes]) -> bytes:
    """Packs files into one: how long the list is (4 bytes), the list of names and lengths as JSON, then the
    contents one after the other.

    The page unpacks it with what every browser has, and no server needs to know how to compress.
    """
    listed = json.dumps(
        [[name, len(content)] for name, content in files.items()], separators=(",", ":")
    ).encode()
    return squeeze(len(listed).to_bytes(4, "little") + listed + b"".join(files.values()))


def squeeze(content: bytes) -> bytes:
    """Compresses the content in the gzip format, the same for the same content."""
    return gzip.compress(content, 9, mtime=0)


def read_stage(folder: Path) -> dict[str, bytes]:
    """Reads the files of a compiled stage, by their paths."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
