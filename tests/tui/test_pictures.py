"""Every screen as text, on small, usual and large terminals.

The pictures are in ``pictures/``, one file for each screen, made with the course of ``conftest.py``. If a
screen is meant to look different, ``ACCEPT_PICTURES=1 pytest tests/tui/test_pictures.py`` rewrites them;
check ``git diff`` before committing.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.level import LevelScreen

FOLDER = Path(__file__).with_name("pictures")
SIZES = [(80, 24), (120, 40), (200, 60)]
RUN = "run"
"""A placeholder key: wait for the run until its verdict is on the screen."""

WALKS: dict[str, dict[str, tuple[str, ...]]] = {
    "outside": {
        "map": (),
        "glossary": ("g",),
        "settings": ("escape", "comma"),
        "sandbox": ("escape", "s"),
        "inspector": ("escape", "q", "enter", "escape", "tab", "enter"),
    },
    "kept": {
        "progress": ("p",),
    },
    "level": {
        "briefing": ("enter",),
        "board": ("escape",),
        "help": ("question_mark",),
        "palette": ("escape", "a"),
        "menu": ("escape", "m"),
        "wiring": ("escape", "w"),
        "verdict": ("escape", RUN),
        "events": ("escape", "j"),
        "why": ("escape", "y"),
        "run": ("escape", "f"),
    },
}
"""By walk through one game, with a store in "kept" and none in the others, and by screen: the keys that lead
to it from the screen before it, the first from the map.
"""


async def settled(pilot: Pilot[None], text: Callable[[Pilot[None]], str]) -> str:
    """The text of the screen once it no longer changes: what lies below a card is drawn a little later."""
    seen = ""
    for _ in range(100):
        await pilot.pause(0.05)
        before, seen = seen, text(pilot)
        if seen == before:
            break
    return seen


async def walk(pilot: Pilot[None], text: Callable[[Pilot[None]], str], keys: tuple[str, ...]) -> str:
    """Press keys, each on a settled screen, and wait for any run to finish; return the screen."""
    await settled(pilot, text)
    for key in keys:
        await pilot.press("r" if key == RUN else key)
        await settled(pilot, text)
        if key == RUN:
            level = next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))
            for _ in range(500):
                await pilot.pause(0.02)
                scored = level.session.verdict is not None and not level.computing
                if isinstance(pilot.app.screen, CardScreen) and scored:
                    break
            await settled(pilot, text)
    return await settled(pilot, text)


def told(name: str, drawn: str, known: str) -> str:
    """How a screen differs from its picture, and what to do about it."""
    lines = difflib.unified_diff(
        known.splitlines(), drawn.splitlines(), f"pictures/{name}.txt", "on the screen", lineterm="", n=2
    )
    advice = "If this is how it is meant to look: ACCEPT_PICTURES=1 pytest tests/tui/test_pictures.py"
    return "\n".join((f"the screen {name} looks different:", *lines, advice))


@pytest.mark.parametrize("walk_name", WALKS)
async def test_screens_look_as_they_did(
    play: Any, text: Callable[[Pilot[None]], str], walk_name: str
) -> None:
    """Each screen matches its picture line by line, at every size."""
    pictures: dict[str, list[str]] = {name: [] for name in WALKS[walk_name]}
    for width, height in SIZES:
        async with play((width, height), kept=walk_name == "kept") as pilot:
            for name, keys in WALKS[walk_name].items():
                rows = [line.rstrip() for line in (await walk(pilot, text, keys)).splitlines()]
                pictures[name].append("\n".join((f"{f' {width}x{height} ':=^{width}}", *rows)))
    different = []
    for name, sizes in pictures.items():
        drawn = "\n".join(sizes) + "\n"
        path = FOLDER / f"{name}.txt"
        if os.environ.get("ACCEPT_PICTURES"):
            path.write_text(drawn, "utf-8")
        known = path.read_text("utf-8") if path.exists() else ""
        if drawn != known:
            different.append(told(name, drawn, known))
    if different:
        pytest.fail("\n".join(different), pytrace=False)


def test_every_picture_is_of_a_screen() -> None:
    """Every picture belongs to a screen that is still drawn."""
    assert {path.stem for path in FOLDER.glob("*.txt")} == {name for walk in WALKS.values() for name in walk}
