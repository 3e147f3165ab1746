"""Each value has its placeholder's kind: a count is a number, and a duration is in its unit.

Each value is checked when its sentence is filled; these tests read the calls themselves, so that sentences
that no test fills are checked too.
"""

from __future__ import annotations

import ast

import pytest

from tests.words.test_sentences import SENTENCES, uses
from tutor.words.kinds import KINDS

NUMBERS = ("n", "number", "percent", "ms", "s", "clock", "money")
LISTS = ("list", "or", "comma")
TEXTS = (
    "str",
    "repr",
    "say",
    "clean",
    "printable",
    "render_metric",
    "render_number",
    "render_s",
    "render_ms",
)
"""Calls that return a text."""
COUNTS = ("len", "sum", "round", "int", "float", "abs")
"""Calls that return a number."""
UNITS = {"_ms": ("ms", "number", ""), "_s": ("s", "clock", "number", "n")}
"""For each ending of a name, the kinds that fit its unit."""


def shape(value: ast.expr) -> str:
    """The certain shape of an expression: ``text``, ``number`` or ``list``, or empty if it can't be told."""
    match value:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return "text"
        case ast.Constant(value=int() | float()):
            return "number"
        case ast.List() | ast.ListComp() | ast.Tuple():
            return "list"
        case ast.IfExp(body=one, orelse=other):
            return shape(one) or shape(other)
        case ast.Call(func=ast.Name(id=name)) if name in TEXTS:
            return "text"
        case ast.Call(func=ast.Name(id=name)) if name in COUNTS:
            return "number"
        case ast.Call(func=ast.Name(id="list" | "sorted")):
            return "list"
        case ast.Call(func=ast.Attribute(attr="join" | "strip" | "format")):
            return "text"
        case _:
            return ""


def wanted(kind: str) -> str:
    """The shape that a kind of value has."""
    return "number" if kind in NUMBERS else "list" if kind in LISTS else "text"


def wrong_values(call: ast.Call, placeholders: dict[str, str]) -> list[str]:
    """The values of a call that don't fit their placeholders or are in another unit."""
    wrong = []
    for one in call.keywords:
        if one.arg is None or one.arg not in placeholders:
            continue
        kind, found = placeholders[one.arg], shape(one.value)
        if found and found != wanted(kind):
            wrong.append(f"{one.arg} is a {found}, and {kind or 'text'} takes a {wanted(kind)}")
        name = getattr(one.value, "attr", getattr(one.value, "id", ""))
        for ending, kinds in UNITS.items():
            if name.endswith(ending) and kind not in kinds:
                wrong.append(f"{one.arg} is {name}, and its kind is {kind or 'text'}")
    return wrong


def test_every_call_fills_its_placeholders_with_values_of_their_kinds() -> None:
    """No call gives a text for a number or a list, a number for a name, or seconds for milliseconds."""
    wrong = [
        f"{use.place}: {key}: {what}"
        for use in uses()
        for key in (use.keys if use.fills else [])
        if key in SENTENCES
        for what in wrong_values(use.call, SENTENCES[key].placeholders)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("call", "kinds"),
    [
        ('say("k", count=f"{x}")', {"count": "n"}),
        ('say("k", part=3)', {"part": ""}),
        ('say("k", names=", ".join(x))', {"names": "list"}),
        ('say("k", part=len(x))', {"part": ""}),
        ('say("k", wait=fault.at_s)', {"wait": "ms"}),
        ('say("k", wait=timeout_ms)', {"wait": "s"}),
    ],
)
def test_a_value_of_another_kind_is_found(call: str, kinds: dict[str, str]) -> None:
    """A text for a count, a number for a title, a joined text for a list and another unit are each found."""
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert len(wrong_values(node, kinds)) == 1


def test_every_kind_has_a_shape() -> None:
    """Every kind of value is declared here as a text, a number or a list."""
    assert set(KINDS) == {"", *NUMBERS, *LISTS}
