"""A made-up language: English with every letter accented and every text 40% longer.

A text shown in it with a plain letter didn't come from the catalogue, and a text that is cut off or breaks in
it would do so in any language with longer words. It is generated on demand and never stored.
"""

from __future__ import annotations

import json
import math
import re
import string
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from tutor.catalog.translation import TEXTS
from tutor.words.catalogue import ENGLISH, FOLDER, FORMS, Catalogue

CODE = "xx"
"""The code of the made-up language."""
LONGER = 0.4
"""How much longer a text gets, as a share of its letters."""
ACCENTED = str.maketrans(string.ascii_letters, "áƀčďéḟğȟíǰķľḿňóṕʠřšťúṽŵẋýžÁɃČĎÉḞĞȞÍĴĶĽḾŇÓṔɊŘŠŤÚṼŴẊÝŽ")
"""An accented letter for each plain one, one cell wide."""
FILLER = "öùü"
"""The filler that makes a text longer: words of its own after several words, else letters at the end of the
word.
"""

_NAMES = re.compile(r"\{\w*(?::\w+)?\}|\{\{|\}\}")


def accented(text: str) -> str:
    """The text with an accent on every letter, at its original length."""
    return text.translate(ACCENTED)


def made_up(form: str) -> str:
    """A form of a sentence in the made-up language, with its placeholders unchanged."""
    pieces = _NAMES.split(form)
    names = [*_NAMES.findall(form), ""]
    letters = sum(len(piece) for piece in pieces)
    more = (FILLER * letters)[: math.ceil(letters * LONGER)]
    if " " in form.strip() and len(more) > 6:
        more = " " + " ".join(more[at : at + 6] for at in range(0, len(more) - 1, 7))
    text = "".join(accented(piece) + name for piece, name in zip(pieces, names, strict=True))
    end = text[-1] if text[-1:] in ".:?!" else ""
    return text.removesuffix(end) + more + end


def _made_up_table(table: Mapping[str, object]) -> dict[str, object]:
    forms = "other" in table
    return {
        name: _made_up_table(value)
        if isinstance(value, Mapping)
        else made_up(str(value))
        if not forms or name in FORMS
        else value
        for name, value in table.items()
    }


def english(file: str) -> dict[str, object]:
    """The English catalogue's sentences in a file."""
    path = FOLDER / ENGLISH / f"{file}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def catalogue() -> Catalogue:
    """The catalogue of the made-up language."""
    return Catalogue(CODE, lambda file: _made_up_table(english(file)))


def write(folder: Path) -> Path:
    """Write the language into a folder of languages, as a translator would; return that folder."""
    (folder / CODE).mkdir(parents=True)
    for path in sorted((FOLDER / ENGLISH).glob("*.toml")):
        lines = "\n".join(_lines(_made_up_table(english(path.stem)), ()))
        (folder / CODE / path.name).write_text(lines + "\n", encoding="utf-8")
    return folder


def _lines(table: Mapping[str, object], path: tuple[str, ...], heading: str = "[{}]") -> Iterator[str]:
    if path:
        yield heading.format(".".join(json.dumps(one) for one in path))
    tables = {name for name, value in table.items() if isinstance(value, Mapping) or _is_tables(value)}
    for name, value in table.items():
        if name not in tables:
            yield f"{json.dumps(name)} = {json.dumps(value, ensure_ascii=False)}"
    for name in (one for one in table if one in tables):
        inner = table[name]
        for one in inner if isinstance(inner, list) else [inner]:
            if isinstance(one, Mapping):
                yield from _lines(one, (*path, name), "[[{}]]" if isinstance(inner, list) else "[{}]")


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def write_level_texts(root: Path) -> None:
    """Write the texts of every level, chapter and glossary below ``root`` in the language, beside the English
    ones.
    """
    for path in [*root.rglob("*.toml"), *root.rglob("*.md")]:
        if CODE in path.parts or path.parent.name in ("solutions", "mistakes"):
            continue
        beside = path.parent / CODE
        beside.mkdir(exist_ok=True)
        if path.suffix == ".md":
            text = accented(path.read_text(encoding="utf-8"))
        else:
            texts = _texts_of(tomllib.loads(path.read_text(encoding="utf-8")))
            text = "\n".join(_lines(texts if isinstance(texts, dict) else {}, ())) + "\n"
        (beside / path.name).write_text(text, encoding="utf-8")


def _texts_of(value: object) -> object:
    """The accented texts in a level file's data, at their places; None if it has no texts."""
    if isinstance(value, Mapping):
        texts = {
            name: _accented_value(inner)
            if name in TEXTS and not isinstance(inner, Mapping)
            else _texts_of(inner)
            for name, inner in value.items()
        }
        return {name: inner for name, inner in texts.items() if inner is not None} or None
    if isinstance(value, list) and all(isinstance(one, Mapping) for one in value):
        found = [_texts_of(one) for one in value]
        return [one or {} for one in found] if any(found) else None
    return None


def _accented_value(value: object) -> object:
    return [accented(str(one)) for one in value] if isinstance(value, list) else accented(str(value))
