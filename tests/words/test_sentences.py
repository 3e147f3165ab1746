"""The product's sentences are whole, keyed, filled with values of the right kind, and all in use."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import tutor
from tutor import words
from tutor.web.build import sources
from tutor.words.catalogue import FOLDER, Catalogue, Sentence
from tutor.words.kinds import KINDS

SOURCE = Path(tutor.__file__).parent
ENGLISH = Catalogue("en")
SENTENCES: dict[str, Sentence] = {
    key: found
    for file in sorted((FOLDER / "en").glob("*.toml"))
    for key, found in ENGLISH.sentences(file.stem).items()
}
FILES = {key.partition(".")[0] for key in SENTENCES}
HABITS = tomllib.loads((FOLDER / "habits.toml").read_text(encoding="utf-8"))["habits"]
SPEAKERS = ("say", "sentence")
"""The functions whose first argument is a key."""


class Use:
    """One place in the code that says a sentence."""

    def __init__(self, file: Path, call: ast.Call) -> None:
        self.place = f"{file.relative_to(SOURCE.parent)}:{call.lineno}"
        self.call = call
        self.key = call.args[0]
        self.fills = getattr(call.func, "id", getattr(call.func, "attr", "")) == "say"
        self.names = {one.arg for one in call.keywords if one.arg}
        self.open = any(one.arg is None for one in call.keywords)

    @property
    def keys(self) -> list[str]:
        """The keys that it means: one, or every key that an f-string may build."""
        return keys_of(self.key, r"[^.]+")


def keys_of(key: ast.expr, name: str = r"[^.]+(?:\.[^.]+)*") -> list[str]:
    """The keys that a text means: itself, or every key that an f-string matches with a ``name`` in
    each gap.
    """
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return [key.value]
    if not isinstance(key, ast.JoinedStr) or not isinstance(key.values[0], ast.Constant):
        return []
    file, dot, _ = str(key.values[0].value).partition(".")
    if not dot or file not in FILES:
        return []
    parts = [re.escape(str(one.value)) if isinstance(one, ast.Constant) else name for one in key.values]
    pattern = re.compile("".join(parts))
    return [key for key in SENTENCES if pattern.fullmatch(key)]


def uses() -> Iterator[Use]:
    """Every call that says a sentence, in the whole product."""
    for file in SOURCE.rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        if "from tutor.words import" not in source:
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Call) and node.args:
                name = node.func.id if isinstance(node.func, ast.Name) else ""
                if name in SPEAKERS and isinstance(node.args[0], ast.Constant | ast.JoinedStr):
                    yield Use(file, node)


USES = list(uses())
PAGE = "page."
"""The catalogue file with the sentences of the browser edition's scripts."""
SCRIPTS = {path.name: path.read_text(encoding="utf-8") for path in sorted(sources().glob("*.js"))}


def named_keys() -> set[str]:
    """Every key in the product's code, as a text or as an f-string's pattern, including tables of keys."""
    return {
        key
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant | ast.JoinedStr)
        for key in keys_of(node)
    }


def test_every_sentence_that_code_asks_for_is_there() -> None:
    """Every key that code names, and every family of keys that it builds, is in the English catalogue."""
    missing = [
        f"{use.place}: {ast.unparse(use.key)}"
        for use in USES
        if not [key for key in keys_of(use.key) if key in SENTENCES]
    ]
    assert not missing


def test_every_sentence_is_used() -> None:
    """Every sentence in the catalogue is used somewhere in the product."""
    used = named_keys()
    used |= {PAGE + word for text in SCRIPTS.values() for word in re.findall(r'"([a-z-]+)"', text)}
    assert sorted(set(SENTENCES) - used) == []


def test_every_placeholder_is_filled_where_the_sentence_is_said() -> None:
    """Every call that says a sentence gives a value for each of its placeholders, and no others."""
    wrong = []
    for use in USES:
        for key in use.keys if use.fills and not use.open else []:
            if key in SENTENCES and use.names != set(SENTENCES[key].placeholders):
                wrong.append(
                    f"{use.place}: {key} wants {sorted(SENTENCES[key].placeholders)}, gets"
                    f" {sorted(use.names)}"
                )
    assert wrong == []


def test_the_scripts_of_the_page_say_sentences_that_are_there_and_fill_them() -> None:
    """Each ``say("key", { ... })`` in a script names a sentence of the page and gives exactly its values."""
    wrong = []
    for name, text in SCRIPTS.items():
        for key, values in re.findall(r'say\("([\w-]+)"(?:, \{([^}]*)\})?', text):
            given = {part.partition(":")[0].strip() for part in values.split(",") if part.strip()}
            found = SENTENCES.get(PAGE + key)
            if found is None or given != set(found.placeholders):
                wrong.append(f"{name}: {key}")
    assert wrong == []


@pytest.mark.parametrize("found", SENTENCES.values(), ids=list(SENTENCES))
def test_a_sentence_names_known_kinds_and_keeps_the_style(found: Sentence) -> None:
    """All forms of a sentence have placeholders of known kinds, no stray blanks, and no habit that the style
    sheet rules out.
    """
    assert set(found.placeholders.values()) <= set(KINDS)
    for form in found.forms:
        assert form == form.strip()
        assert not any("  " in line.strip() for line in form.splitlines())
        habits = [habit["instead"] for habit in HABITS if re.search(habit["pattern"], form, re.IGNORECASE)]
        assert not habits, form


def test_a_number_chooses_the_form() -> None:
    """The count chooses between "one message was lost" and "two messages were lost", and is written as people
    write it.
    """
    lost = Sentence("x", "{count:n} messages were lost", "1 message was lost")
    assert [lost.fill({"count": count}) for count in (1, 2, 12_345)] == [
        "1 message was lost",
        "2 messages were lost",
        "12,345 messages were lost",
    ]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("percent", 1, "100%"),
        ("percent", 0.99999, "99.999%"),
        ("percent", 0.0004, "0.04%"),
        ("percent", 0.955, "95.5%"),
        ("ms", 12.34, "12.3 ms"),
        ("ms", 4200, "4.2 s"),
        ("s", 250, "4 min 10 s"),
        ("s", 0.2, "200 ms"),
        ("s", 7500, "2 h 5 min"),
        ("clock", 130, "2:10"),
        ("number", 0.04567, "0.0457"),
        ("number", 1234.5, "1234"),
        ("list", ["a", "b", "c"], "a, b and c"),
    ],
)
def test_values_are_written_as_people_write_them(kind: str, value: object, shown: str) -> None:
    """Shares are percentages, times have the most readable unit, and lists end with "and"."""
    assert KINDS[kind](value) == shown


def test_a_value_of_another_kind_is_a_slip_that_is_found() -> None:
    """A text in place of a number, or a number in place of a name, raises an error at once."""
    with pytest.raises(TypeError):
        Sentence("x", "{count:n} left").fill({"count": "many"})
    with pytest.raises(TypeError):
        Sentence("x", "{part} is down").fill({"part": 3})


def test_a_language_falls_back_to_english() -> None:
    """A sentence missing from a language is shown in English, and one that it has in its own words."""
    made_up = Catalogue("xx", lambda file: {"interrupted": "ïntérrüptéd"} if file == "commands" else {})
    assert made_up.say("commands.interrupted", {}) == "ïntérrüptéd"
    assert made_up.say("commands.no-memory", {}) == ENGLISH.say("commands.no-memory", {})


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({"LANG": "xx_YY.UTF-8"}, "xx"),
        ({"LANG": "xx", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "de_AT@euro"}, "de_AT"),
        ({}, "en"),
    ],
)
def test_the_environment_chooses_the_language(environment: dict[str, str], chosen: str) -> None:
    """LC_ALL takes precedence over LC_MESSAGES and LANG; a region falls back to its language, and an unknown
    language to English.
    """
    assert words.choose_language(environment, ["en", "xx", "de_AT", "de"]) == chosen
