"""Level texts avoid the habits that the style sheet lists, as the product's own sentences do."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor.words.catalogue import FOLDER

LEVELS = Path(__file__).parents[2] / "levels"
HABITS = [
    (re.compile(habit["pattern"], re.IGNORECASE), habit["instead"])
    for habit in tomllib.loads((FOLDER / "habits.toml").read_text(encoding="utf-8"))["habits"]
]
FILES = sorted(path for path in LEVELS.rglob("*") if path.suffix in (".toml", ".md"))


def texts(value: object) -> Iterator[str]:
    """Every text in a TOML document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(LEVELS)))
def test_a_level_text_has_none_of_the_lost_habits(file: Path) -> None:
    """No briefing, debrief, hint, question, goal or title has a habit that the style sheet rules out."""
    text = file.read_text(encoding="utf-8")
    found = [
        f"{match[0]!r}: {instead}"
        for one in (texts(tomllib.loads(text)) if file.suffix == ".toml" else [text])
        for pattern, instead in HABITS
        for match in [pattern.search(" ".join(one.split()))]
        if match
    ]
    assert found == []
