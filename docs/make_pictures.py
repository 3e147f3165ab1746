"""The README's picture, made by the game itself: the first level while the kitchen has its tea.

    python docs/make_pictures.py

Writes ``docs/first-level.svg`` and, where ``resvg_py`` is installed, ``docs/first-level.png`` from it.
"""

from __future__ import annotations

import asyncio
import importlib
import sys
from pathlib import Path

from tutor.tui.preferences import Preferences

from tutor.tui.app import TutorApp
from tutor.tui.screens.card import Card
from tutor.tui.screens.level import LevelScreen

SIZE = (116, 34)
"""Columns and rows."""
MOMENT_S = 26.0
"""A moment inside the tea break, which is from 15 s to 35 s."""
FONTS = "/usr/share/fonts"
"""Where Fira Code is looked for."""


async def first_level() -> str:
    """The screen as SVG: the level as it starts, in the middle of its fault."""
    app = TutorApp(level="first-light/first-event", preferences=Preferences(motion="reduced"))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "r")
        screen = next(one for one in app.screen_stack if isinstance(one, LevelScreen))
        while screen.player is None or screen.computing:
            await pilot.pause(0.05)
        await pilot.pause(0.2)
        while isinstance(app.screen, Card):
            await pilot.press("escape")
            await pilot.pause(0.1)
        screen.board.focus_item("kitchen")
        await pilot.pause(0.1)
        screen.move_cursor(MOMENT_S)
        await pilot.pause(0.2)
        return app.export_screenshot(title="tutor")


def main() -> None:
    """Writes the pictures beside this file."""
    here = Path(__file__).parent
    svg = asyncio.run(first_level())
    picture = here / "first-level.svg"
    picture.write_text(svg, "utf-8")
    try:
        resvg = importlib.import_module("resvg_py")
    except ImportError:
        sys.stderr.write(f"{picture} is written; install resvg_py for a PNG\n")
        return
    png = bytes(resvg.svg_to_bytes(svg_string=svg, font_dirs=[FONTS], font_family="Fira Code", monospace_family="Fira Code"))
    (here / "first-level.png").write_bytes(png)


if __name__ == "__main__":
    main()
