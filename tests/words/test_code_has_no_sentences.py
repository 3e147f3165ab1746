"""Code contains no sentences: the catalogue has all text that a reader sees, and a new sentence elsewhere
fails here.

Every text in the product's code with several words is a sentence, unless it is a docstring, goes where no
reader sees it (``Walk.UNSEEN``), is a code of the engine, or is listed in ``not_sentences.toml`` with its
reason.
"""

from __future__ import annotations

import ast
import functools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import tutor
from tutor import words
from tutor.words.happenings import slug

SOURCE = Path(tutor.__file__).parent
ALLOWED = tomllib.loads((Path(__file__).with_name("not_sentences.toml")).read_text("utf-8"))["allowed"]
HOLE = "\ufffd"
"""A placeholder for what is filled into an f-string."""
WORDS = re.compile(rf"[A-Za-z]{{2,}}[,.:;)'\"]* +[a-z(]|[a-z]{{2,}}[,:;]? {HOLE}|{HOLE} [a-z]{{2,}}")
"""Words in a row, or a word beside a placeholder."""
TAGS = re.compile(r"<[^>]*>?")
SINKS = (
    "show",
    "tell",
    "note",
    "notify",
    "show_wrapped",
    "InputError",
    "LockedSetting",
    "ProgressLine",
    "echo",
)
"""Functions that show their first argument to a reader: even a single word there is a sentence."""


class Walk(ast.NodeVisitor):
    """A visitor that collects the texts of one file that a reader may see."""

    UNSEEN = (
        *("TypeError", "KeyError", "AttributeError", "AssertionError", "NotImplementedError"),
        *("compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer"),
        *("execute", "executemany", "executescript", "rows", "say", "sentence", "command", "example"),
        *("getLogger", "debug", "Random", "TypeVar", "Literal"),
    )
    """Calls whose texts no reader sees: errors for programmers, patterns, queries, keys, and typed lines."""

    def __init__(self) -> None:
        self.found: list[tuple[int, str]] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """Skip a text that stands alone: it documents what is before it."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Skip the arguments of a call whose texts no reader sees."""
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in self.UNSEEN:
            for one in (node.func, *(argument.value for argument in node.keywords if name == "say")):
                self.visit(one)
            return
        if name in SINKS and node.args:
            self._text(node.args[0], alone=True)
        self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Skip ``Literal["a b"]``, which is a type."""
        if getattr(node.value, "id", "") != "Literal":
            self.generic_visit(node)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """Collect a text beside its color, even if it is a single word."""
        if len(node.elts) == 2 and isinstance(node.elts[1], ast.Constant) and "$" in str(node.elts[1].value):
            self._text(node.elts[0], alone=True)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Collect a text."""
        self._text(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Collect an f-string's own text, and visit the values that fill it."""
        self._text(node)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self.visit(part.value)

    def _text(self, node: ast.AST, *, alone: bool = False) -> None:
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(one.value) if isinstance(one, ast.Constant) else HOLE for one in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            return
        seen = TAGS.sub("", text)
        if WORDS.search(seen) or (alone and re.search(r"[A-Za-z]{2,}", seen)):
            self.found.append((node.lineno, text))


@functools.cache
def codes() -> set[str]:
    """The engine's codes for what happens to events, each the last part of its key."""
    catalogue = words.Catalogue("en")
    return {key.rpartition(".")[2] for key in catalogue.sentences("happenings")}


def sentences_of(source: str) -> list[tuple[int, str]]:
    """The texts of a module that a reader may see, with their lines, except the engine's codes."""
    walk = Walk()
    walk.visit(ast.parse(source))
    known = codes()
    return [one for one in walk.found if slug(one[1].replace(HOLE, "1")) not in known]


def files() -> Iterator[tuple[str, str]]:
    """The source of every module of the product, by its path below ``tutor``."""
    for path in sorted(SOURCE.rglob("*.py")):
        yield path.relative_to(SOURCE).as_posix(), path.read_text("utf-8")


def test_no_sentence_is_in_code() -> None:
    """Every sentence in code is on the list of exceptions with its reason, and every exception is still in
    code.
    """
    left, used = [], set()
    for file, source in files():
        for line, text in sentences_of(source):
            entry = next(
                (
                    place
                    for place, one in enumerate(ALLOWED)
                    if re.fullmatch(one["file"], file) and re.search(one.get("text", ""), text)
                ),
                None,
            )
            if entry is None:
                left.append(f"{file}:{line}: {text.replace(HOLE, '{}')[:90]!r}")
            else:
                used.add(entry)
    assert left == []
    assert [one for place, one in enumerate(ALLOWED) if place not in used] == []


@pytest.mark.parametrize(
    "source",
    [
        'raise InputError("this is wrong")',
        'raise InputError(f"no {word}")',
        'show("overdue")',
        'parts = [("Goals", "bold $primary")]',
        'text = f"{count} times"',
        'text = "a" if x else "not found here"',
    ],
)
def test_a_new_sentence_is_found(source: str) -> None:
    """A sentence in an error, in output, in pieces or in a choice is found, and so is a single word beside a
    color.
    """
    assert len(sentences_of(source)) >= 1


@pytest.mark.parametrize(
    "source",
    [
        'say("a.b", part="x")',
        '"""What it is for."""',
        'raise KeyError("no such part")',
        'x = "connection lost"',
    ],
)
def test_what_nobody_reads_is_no_sentence(source: str) -> None:
    """Keys, docstrings, error messages for programmers and the engine's codes are skipped."""
    assert sentences_of(source) == []
