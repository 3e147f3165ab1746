"""Pyodide's part in a build: it finds the files of the game, its packages and the standard library that a
page loads, and compiles them.

This file is run as a script inside Pyodide by ``web/freeze.mjs``; it imports nothing of ``tutor``.
``/stage/app`` holds the packages as they are installed; afterwards byte code has taken the place of the
sources that a page can load, the others are gone, and ``/stage/python.zip`` is the standard library.
``/cache`` keeps the byte code of each source text, so that a build after a change compiles the change.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import opcode
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

APP = Path("/stage/app")
CACHE = Path("/cache")
LIBRARY = Path("/lib/python314.zip")
OUT = Path("/stage/python.zip")

ROOTS = ["tutor.web.page", "tutor.web.scoring", "tutor.web.memory"]
"""What the page's workers import; all else is found from here."""
BY_NAME = [
    "pygments.formatters._mapping",
    "pygments.lexers._mapping",
    "pygments.lexers.special",
    "pygments.styles.default",
]
"""Modules that are imported by a name that is made up while the game runs."""
WIDGETS = "textual.widgets."
"""A package whose classes are in modules named after them: ``TabPane`` in ``_tab_pane``."""
CELLS = "rich/_unicode_data/unicode"
"""The tables of how wide characters are, one for each version of Unicode: only the newest is asked for."""
ALWAYS = ("encodings", "_pyodide", "pyodide", "importlib", "collections", "json", "asyncio", "sqlite3")
"""Packages that are kept whole: Python starts with them, or finds their modules by a name that it
makes up.
"""
STARTED = [
    "site",
    "os",
    "io",
    "abc",
    "codecs",
    "stat",
    "posixpath",
    "genericpath",
    "_collections_abc",
    "_sitebuiltins",
]
"""What Python itself imports when it starts."""
NEVER = frozenset(
    (
        *(
            "doctest",
            "pdb",
            "bdb",
            "cmd",
            "pty",
            "tty",
            "pydoc",
            "pydoc_data",
            "unittest",
            "test",
            "tkinter",
            "idlelib",
        ),
        *(
            "ssl",
            "multiprocessing",
            "ctypes",
            "curses",
            "webbrowser",
            "wsgiref",
            "xmlrpc",
            "ensurepip",
            "lib2to3",
        ),
        *(
            "_pyrepl",
            "rlcompleter",
            "readline",
            "trace",
            "tracemalloc",
            "profile",
            "cProfile",
            "pstats",
            "ftplib",
            "smtplib",
        ),
    )
)
"""Modules that are named somewhere in what we carry, for what a page cannot do; those who name them do so
when it is asked of them.
"""
CODECS = frozenset(
    (
        "__init__",
        "aliases",
        "ascii",
        "latin_1",
        "utf_8",
        "utf_8_sig",
        "utf_16",
        "utf_32",
        "idna",
        "punycode",
        "cp437",
        "unicode_escape",
    )
)
"""The encodings that are kept; cp437 is that of names in zip archives."""

IMPORT_NAME = opcode.opmap["IMPORT_NAME"]
IMPORT_FROM = opcode.opmap["IMPORT_FROM"]
EXTENDED_ARG = opcode.opmap["EXTENDED_ARG"]
LOAD_SMALL_INT = opcode.opmap["LOAD_SMALL_INT"]


def freeze() -> None:
    """Compiles every file that a page can load."""
    kept, wanted = _app()
    for path in sorted(APP.rglob("*.py")):
        name = path.relative_to(APP).as_posix()
        if name in kept:
            path.with_suffix(".pyc").write_bytes(kept[name])
        path.unlink()
    library = _library([*STARTED, *wanted])
    with zipfile.ZipFile(
        OUT, "w", zipfile.ZIP_STORED
    ) as archive:  # stored: the page's download is packed as a whole
        for name, packed in sorted(library.items()):
            archive.writestr(zipfile.ZipInfo(name + "c", (2020, 1, 1, 0, 0, 0)), packed)


def _app() -> tuple[dict[str, bytes], list[str]]:
    """Returns the byte code of the app's files that can be loaded from :data:`ROOTS`, by path, and the
    modules of the standard library that they name.
    """
    files = {_module(name): name for path in APP.rglob("*.py") for name in [path.relative_to(APP).as_posix()]}
    newest = max((name for name in files.values() if name.startswith(CELLS)), key=_version)
    wanted = [*ROOTS, *BY_NAME, _module(newest)]
    found: dict[str, bytes] = {}
    others: list[str] = []
    while wanted:
        module = wanted.pop()
        if module.startswith(WIDGETS) and module not in files:
            snake = re.sub("(?<!^)(?=[A-Z])", "_", module.removeprefix(WIDGETS)).lower()
            module = f"{WIDGETS}_{snake}"
        name = files.get(module)
        if name is None:
            others.append(module)
        elif name not in found:
            code, found[name] = compiled((APP / name).read_bytes(), name)
            wanted += [module.rpartition(".")[0], *imports(code, name, deep=True)]
    return found, others


def _module(name: str) -> str:
    """Returns the module name of a file."""
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _version(name: str) -> list[int]:
    """Returns the version of Unicode that a table is for."""
    return [int(number) for number in re.findall(r"\d+", name)]


def compiled(source: bytes, name: str) -> tuple[CodeType, bytes]:
    """Returns the code of a source file and the text of its ``.pyc``. Docstrings and assertions are left out:
    nobody reads them on a page.
    """
    kept = CACHE / hashlib.sha256(b"3\n" + name.encode() + b"\n" + source).hexdigest()
    try:
        packed = kept.read_bytes()
        return marshal.loads(packed[16:]), packed  # noqa: S302 - what this function wrote
    except OSError:
        code = compile(source, name, "exec", dont_inherit=True, optimize=2)
    packed = (
        importlib.util.MAGIC_NUMBER
        + struct.pack("<I", 0b01)
        + importlib.util.source_hash(source)
        + marshal.dumps(code)
    )
    kept.write_bytes(packed)
    return code, packed


def _library(wanted: list[str]) -> dict[str, bytes]:
    """Returns the byte code of the library's files that are wanted, and of those that they import when they
    are loaded, by path.
    """
    with zipfile.ZipFile(LIBRARY) as archive:
        files = {
            _module(name): name
            for name in archive.namelist()
            if name.endswith(".py") and (not name.startswith("encodings/") or Path(name).stem in CODECS)
        }
        wanted = [*wanted, *(module for module in files if module.partition(".")[0] in ALWAYS)]
        found: dict[str, bytes] = {}
        while wanted:
            module = wanted.pop()
            name = files.get(module)
            if name is None or name in found or module.partition(".")[0] in NEVER:
                continue
            code, found[name] = compiled(archive.read(name), name)
            wanted += [module.rpartition(".")[0], *imports(code, name, deep=False)]
        return found


def imports(code: CodeType, name: str, *, deep: bool) -> Iterator[str]:
    """Yields the modules that the code of a file names; with ``deep`` also inside of functions.

    ``from package import name`` may mean a module, so both are given.
    """
    package = Path(name).parts[:-1]
    argument = level = 0
    base = ""
    for place in range(0, len(code.co_code), 2):
        operation, value = code.co_code[place], code.co_code[place + 1] | argument << 8
        argument = value if operation == EXTENDED_ARG else 0
        if operation == LOAD_SMALL_INT:
            level = value
        elif operation == IMPORT_NAME:
            start = list(package[: len(package) - level + 1]) if level else []
            base = ".".join([*start, *filter(None, [code.co_names[value]])])
            level = 0
            yield base
        elif operation == IMPORT_FROM:
            yield f"{base}.{code.co_names[value]}"
    for inner in code.co_consts:
        if isinstance(inner, CodeType) and (
            deep or not inner.co_flags & 0x02
        ):  # CO_NEWLOCALS: a function, not the body of a class
            yield from imports(inner, name, deep=deep)


if __name__ == "__main__":
    freeze()
