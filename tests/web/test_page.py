"""The browser edition in a real browser: the whole loop, by key and by mouse, and what stays when the page is closed.

Tests look for signs, titles and numbers rather than for sentences: those are edited more often than the game.
"""

from __future__ import annotations

import re
import time

from tests.web.conftest import Visit, Visits
from tutor.catalog import find_levels_root, level_by_id, load_course

FIRST = "first-light/first-event"
COURSE = load_course()
ORDER = [level for chapter in COURSE.chapters for level in chapter.levels]
SOLUTION = (find_levels_root() / FIRST / "solutions").glob("*.toml")


def title(level_id: str) -> str:
    """What a level is called."""
    return level_by_id(level_id).title


def open_first(game: Visit) -> None:
    """From the map to the board of the first level."""
    game.sees(title(FIRST))
    game.press("Enter")
    game.sees("▌   " + title(FIRST))
    game.press("Escape")
    game.sees("ack after")


def run_to_verdict(game: Visit) -> None:
    """Runs what is on the board, skips the playback and waits for all five seeds."""
    game.press("r")
    game.sees("0:00")
    game.press("v")
    game.sees("5 of 5")


def rewire(game: Visit) -> None:
    """The rail takes the orders: by keys alone."""
    game.press("Tab", "x", "w", "2")


def test_the_whole_loop_is_played_in_a_page(visit: Visits) -> None:
    """Map, level, run, playback, verdict, why, wires by key and mouse, a pass, the question, the next level; a reload keeps it."""
    game = visit()
    game.sees(title(FIRST))
    game.picture("map")
    game.press("Enter")
    game.sees("▌   " + title(FIRST))
    game.picture("briefing")
    game.press("r")
    early = game.sees("▶", "call")
    time.sleep(1)
    assert game.sees("▶") != early, "events move"
    game.picture("playback")
    game.press("v")
    game.sees("✗", "Kitchen", "5 of 5")
    game.picture("verdict")
    game.press("y")
    game.sees("▌", "Kitchen")
    game.picture("why")
    game.press("Escape", "Escape")
    rewire(game)
    assert "call" not in game.sees("ack after").split("Goals")[0].split("latency")[0]
    game.press("u")  # the wire again, with the mouse
    source, target = game.cell("Till", at=0), game.cell("Order rail")
    edge = game.point(0, 0)[0] + _right_edge(game, "Till") * (game.point(1, 0)[0] - game.point(0, 0)[0])
    game.page.mouse.move(edge, source[1])
    game.page.mouse.down()
    game.page.mouse.move(*target, steps=6)
    game.page.mouse.up()
    game.picture("wired")
    run_to_verdict(game)
    game.sees("★★★")
    game.picture("passed")
    game.press("Enter")
    game.sees("1", "2", "3")
    game.picture("question")
    game.press("1")
    game.press("Enter", "Enter")
    game.sees(title(ORDER[1]))
    game.kept()
    game.page.reload()
    assert re.search(rf"✓ +1 +{re.escape(title(FIRST))}", game.sees(title(FIRST), "★★★"))


def _right_edge(game: Visit, words: str) -> int:
    """The column of the right edge of the box that these words are in."""
    line = next(line for line in game.text.split("\n") if words in line)
    found = re.compile("[│┃║]").search(line, line.index(words))
    assert found, line
    return found.start()
