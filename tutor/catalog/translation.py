"""The texts of levels in the language in use: files of the same names, in a folder named by its code.

``first-event/xx/briefing.md`` is read for ``briefing.md``; ``xx/level.toml`` has nothing
but texts, at the same places as in ``level.toml``. What is missing there is read in English. Tables of a list
are matched by their place, or by their id where they have one.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tutor.catalog.reading import Table, read_toml
from tutor.catalog.toml_lines import Path as KeyPath
from tutor.words import say, translated

TEXTS = ("title", "summary", "blurb", "say", "why", "ask", "text", "clue", "definition", "aliases")
"""The keys whose values may be translated."""


def read_translated(path: Path) -> Table:
    """Reads the file's top table with its texts in the language in use, as far as they are there.

    Raises :class:`InputError` if a translation has a key that is not in the file, or is not a text.
    """
    top = read_toml(path)
    beside = translated(path)
    if beside == path:
        return top
    other = read_toml(beside)
    return Table(top.document, (), _joined(other, (), top.data, other.data))


def _joined(other: Table, path: KeyPath, own: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(own)
    for key, value in texts.items():
        here = (*path, key)
        if key == "id" and own.get("id") == value:
            continue
        if key not in own or type(value) is not type(own[key]):
            raise other.error(say("files.translation.unknown", key=key), *here)
        if isinstance(value, Mapping):
            found[key] = _joined(other, here, own[key], value)
        elif isinstance(value, list) and key not in TEXTS:
            found[key] = _joined_list(other, here, own[key], value)
        elif key in TEXTS:
            found[key] = value
        else:
            raise other.error(say("files.translation.text", key=key), *here)
    return found


def _joined_list(other: Table, path: KeyPath, own: list[Any], texts: list[Any]) -> list[Any]:
    found = list(own)
    places = {one.get("id"): place for place, one in enumerate(own) if isinstance(one, Mapping)}
    for number, one in enumerate(texts):
        here = (*path, number)
        if not isinstance(one, Mapping):
            raise other.error(say("files.translation.text", key=str(path[-1])), *here)
        place = places.get(one["id"], len(own)) if "id" in one else number
        if place >= len(own):
            raise other.error(say("files.translation.unknown", key=str(path[-1])), *here)
        found[place] = _joined(other, here, own[place], one)
    return found
