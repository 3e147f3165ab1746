"""Ways to share the board: a link that puts the design on another board, and a picture of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from textual.strip import Strip

from tutor.errors import InputError
from tutor.link import DesignLink, render_link
from tutor.words import say

if TYPE_CHECKING:
    from tutor.tui.board import Board
    from tutor.tui.game import GameApp
    from tutor.tui.screens.bench import Bench


def bench_of(app: GameApp) -> Bench | None:
    """Returns the level or sandbox that is open, also below a card; None on the map."""
    from tutor.tui.screens.bench import Bench

    return next((screen for screen in reversed(app.screen_stack) if isinstance(screen, Bench)), None)


def copy_link(app: GameApp) -> None:
    """Copies a link to the design on the board to the clipboard."""
    bench = bench_of(app)
    if bench is None:
        app.notify(say("link.no-board"), markup=False)
        return
    session = bench.session
    try:
        link = render_link(
            DesignLink(session.level.id if session.level is not None else "", session.text), app.address
        )
    except InputError as error:
        app.notify(str(error), severity="warning", markup=False)
        return
    app.copy_to_clipboard(link)
    app.notify(say("link.copied", length=len(link)), markup=False)


def save_picture(app: GameApp) -> None:
    """Saves a picture of the board as it is now, at rest or at a moment of a run."""
    bench = bench_of(app)
    if bench is None:
        app.notify(say("link.no-board"), markup=False)
        return
    level = bench.session.level
    name = f"{level.id.replace('/', '-') if level is not None else 'sandbox'}.svg"
    title = level.title if level is not None else "sandbox"
    picture = draw_picture(bench.board, title)
    path = app.deliver_text(io.StringIO(picture), save_filename=name, mime_type="image/svg+xml")
    if path is not None and not app.is_web:
        app.notify(say("link.picture", name=name), markup=False)


def draw_picture(board: Board, title: str) -> str:
    """Draws the board as SVG, as large as it is on the screen, in text that scales and can be searched. It
    asks for no font from elsewhere.
    """
    from rich.console import Console
    from rich.segment import Segment, Segments
    from rich.terminal_theme import TerminalTheme

    strips: list[Strip] = [board.render_line(row) for row in range(board.size.height)]
    theme = board.app.current_theme
    background = theme.background or "#000000"
    console = Console(
        file=io.StringIO(),
        width=board.size.width,
        height=board.size.height,
        record=True,
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for strip in strips:
        console.print(Segments([*strip, Segment.line()]), end="")
    ansi = TerminalTheme(_rgb(background), _rgb(theme.foreground or "#ffffff"), [(0, 0, 0)] * 8)
    return console.export_svg(title=title, theme=ansi, code_format=_FORMAT, font_aspect_ratio=0.6)


_FORMAT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<style>
.{unique_id}-matrix {{
  font-family: "Tutor Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect x="0"
    y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
