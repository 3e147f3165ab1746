"""The README's moving picture, made by the game itself: the first level, lost and then won.

    python docs/make_pictures.py

Writes ``docs/first-level.svg``: one file that moves by itself, without a script. What the frames have in
common is drawn once.
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

from textual.pilot import Pilot

from tutor.progress import open_progress
from tutor.show.preferences import Preferences
from tutor.tui.app import Options, make_app
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.level import LevelScreen

SIZE = (100, 30)
"""Columns and rows."""
RUN = 9
"""Frames of each of the two runs."""
STILL_S = 1.6
"""How long a frame stays in which the learner does something."""
MOVING_S = 0.45
"""How long a frame of a run stays."""

Frame = tuple[str, float]
"""A screen as SVG, and how long it stays in seconds."""


async def frames(home: Path) -> AsyncIterator[Frame]:
    """The first level: a run that fails, three keys, a run that passes."""
    progress = open_progress(home)
    options = Options(
        level="first-light/first-event", progress=progress, preferences=Preferences(motion="reduced")
    )
    app = make_app(options)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(0.3)
        await pilot.press("escape")
        await pilot.pause(0.3)
        screen = next(one for one in app.screen_stack if isinstance(one, LevelScreen))
        yield app.export_screenshot(title="tutor"), STILL_S
        async for frame in _run(pilot, screen):
            yield frame
        for keys in (("tab", "x"), ("w", "2")):  # the call goes; the till publishes to the order rail
            await pilot.press(*keys)
            await pilot.pause(0.3)
            yield app.export_screenshot(title="tutor"), STILL_S
        async for frame in _run(pilot, screen):
            yield frame
        yield app.export_screenshot(title="tutor"), 2 * STILL_S
    progress.close()


async def _run(pilot: Pilot[None], screen: LevelScreen) -> AsyncIterator[Frame]:
    """Runs what is on the board and shows moments of it, then the verdict."""
    app = pilot.app
    await pilot.press("r")
    while screen.playback.player is None or screen.computing:
        await pilot.pause(0.05)
    while isinstance(app.screen, CardScreen):
        await pilot.press("escape")
        await pilot.pause(0.1)
    player = screen.playback.player
    assert player is not None
    for number in range(RUN):
        screen.playback.seek(player.end_s * (number + 0.5) / RUN)
        await pilot.pause(0.15)
        yield app.export_screenshot(title="tutor"), MOVING_S
    await pilot.press("v")
    await pilot.pause(0.4)
    yield app.export_screenshot(title="tutor"), 2 * STILL_S
    while isinstance(app.screen, CardScreen):
        await pilot.press("escape")
        await pilot.pause(0.1)


def moving(pictures: list[Frame]) -> str:
    """One SVG of all frames: each piece is drawn once, and is there in the frames that have it."""
    total = sum(stay for _, stay in pictures)
    starts = [sum(stay for _, stay in pictures[:number]) / total for number in range(len(pictures))]
    styles: dict[str, str] = {}
    seen: dict[tuple[int, str], set[int]] = defaultdict(set)
    for number, (svg, _) in enumerate(pictures):
        for layer, piece in _pieces(svg, styles):
            seen[layer, piece].add(number)
    groups: dict[tuple[int, frozenset[int]], list[str]] = defaultdict(list)
    for (layer, piece), numbers in seen.items():
        groups[layer, frozenset(numbers)].append(piece)
    head = pictures[0][0]
    box = re.search(r'viewBox="([^"]+)"', head)
    window = re.search(r"</defs>(.*?)<g transform", head, re.DOTALL)
    place = re.search(r'<g transform="(translate\([^)]+\))" clip-path', head)
    assert box is not None
    assert window is not None
    assert place is not None
    rules = "".join(f".{name}{{{rule}}}" for rule, name in styles.items())
    rules += (
        "text{font-family:'Fira Code',Menlo,Consolas,'DejaVu Sans"
        f" Mono',monospace;font-size:{_font_size(head)}px}}"
    )
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box[1]}" role="img">',
        (
            "<title>The first level of tutor: a call fails during the tea break, a queue keeps the"
            " orders</title>"
        ),
        f"<style>{rules}</style>",
        re.sub(r' ?(?:clip-path|class)="[^"]*"', "", window[1]),
        f'<g transform="{place[1]}" xml:space="preserve">',
    ]
    for (_, there), pieces in sorted(groups.items(), key=lambda item: item[0][0]):
        body = "".join(pieces)
        if len(there) == len(pictures):
            out.append(body)
            continue
        values = ";".join("visible" if number in there else "hidden" for number in range(len(pictures)))
        times = ";".join(f"{start:.4f}" for start in starts)
        out.append(
            f'<g visibility="{"visible" if 0 in there else "hidden"}"><animate attributeName="visibility"'
            f' values="{values}" keyTimes="{times}" calcMode="discrete" dur="{total:.1f}s"'
            f' repeatCount="indefinite"/>{body}</g>'
        )
    return "\n".join([*out, "</g></svg>"])


def _font_size(svg: str) -> str:
    found = re.search(r"font-size: (\d+(?:\.\d+)?)px", svg)
    return found[1] if found else "20"


def _pieces(svg: str, styles: dict[str, str]) -> list[tuple[int, str]]:
    """The pieces of one frame, backgrounds (0) before texts (1), with style names that all frames share."""
    own = {name: " ".join(rule.split()) for name, rule in re.findall(r"\.([\w-]+-r\d+) \{([^}]*)\}", svg)}
    for rule in own.values():
        styles.setdefault(rule, f"s{len(styles)}")
    found = []
    for piece in re.findall(
        r'<rect fill="[^>]*shape-rendering[^>]*/>|<text class="[\w-]+-r\d+"[^>]*>[^<]*</text>', svg
    ):
        layer = 1 if piece.startswith("<text") else 0
        piece = re.sub(r' clip-path="[^"]*"| shape-rendering="[^"]*"', "", piece)
        piece = re.sub(r'class="([\w-]+-r\d+)"', lambda match: f'class="{styles[own[match[1]]]}"', piece)
        if layer == 0 or piece.partition(">")[2].replace("&#160;", "").strip() != "</text>":
            found.append((layer, piece))
    return found


async def _collect() -> list[Frame]:
    with tempfile.TemporaryDirectory() as home:
        return [frame async for frame in frames(Path(home))]


def main() -> None:
    """Writes the picture beside this file, or into the folder that is given."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    picture = folder / "first-level.svg"
    picture.write_text(moving(asyncio.run(_collect())), "utf-8")


if __name__ == "__main__":
    main()
