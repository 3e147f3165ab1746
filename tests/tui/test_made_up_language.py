"""The screens in a made-up language with accents and longer texts: no text is left in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import screen_text
from tests.tui.test_pictures import RUN, walk
from tests.words import made_up
from tutor import words

PLAIN = re.compile(r"(?<![\w./-])[A-Za-z]{2,}(?: [A-Za-z]{2,})+(?![\w./-])")
"""Two plain words in a row: a text that isn't from a catalogue."""

WAYS: dict[str, tuple[str, ...]] = {
    "map": (),
    "glossary": ("g",),
    "settings": ("escape", "comma"),
    "progress": ("escape", "p"),
    "keys": ("escape", "question_mark"),
    "commands": ("escape", "ctrl+p"),
    "sandbox": ("escape", "s"),
    "adding": ("a",),
    "faults": ("escape", "e"),
    "promises": ("escape", "o"),
    "briefing": ("escape", "escape", "ctrl+o", "enter"),
    "board": ("escape",),
    "board's keys": ("question_mark",),
    "palette": ("escape", "a"),
    "menu": ("escape", "m"),
    "wiring": ("escape", "w"),
    "inspector": ("escape", "tab", "enter"),
    "verdict": ("escape", "escape", RUN),
    "why": ("escape", "y"),
    "hint": ("escape", "h"),
    "bill": ("escape", "dollar_sign"),
    "events": ("escape", "j"),
    "charts": ("escape", "t"),
    "post-mortem": ("p",),
    "solutions": ("escape", "o"),
}
"""The keys that lead from one screen to the next."""
WIDE: dict[str, tuple[str, ...]] = {
    "map": (),
    "board": ("enter", "escape"),
    "inspector": ("tab", "enter"),
    "verdict": ("escape", "escape", RUN),
    "charts": ("escape", "t"),
}
"""The keys that lead to the screens that say more where there is room."""


@pytest.fixture
def made_up_words() -> Iterator[None]:
    """Switch to the made-up language."""
    words.use(made_up.catalogue())
    yield
    words.use("en")


@pytest.mark.usefixtures("made_up_words")
@pytest.mark.parametrize(("size", "ways"), [((80, 24), WAYS), ((120, 40), WIDE)], ids=["80x24", "120x40"])
async def test_no_sentence_is_left_in_english(
    play: Any,
    course: Path,
    text: Callable[[Pilot[None]], str],
    size: tuple[int, int],
    ways: dict[str, tuple[str, ...]],
) -> None:
    """On every screen each text comes from the catalogue or from the level, even if it is long."""
    made_up.write_level_texts(course)
    left: dict[str, list[str]] = {}
    async with play(size) as pilot:
        for name, keys in ways.items():
            await walk(pilot, screen_text, keys)
            drawn = text(pilot)
            found = [match for line in drawn.splitlines() for match in PLAIN.findall(line)]
            if found:
                left[name] = found
    assert left == {}
