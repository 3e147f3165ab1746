"""A game for tests to play: a course of two small levels, a store in a temporary folder, and Pilot."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from tutor.progress import Progress
from tutor.show.preferences import Preferences
from tutor.tui.app import Options, make_app
from tutor.tui.game import GameApp

DOORBELL = """
format = 1
title = "The Bell"
summary = "A till that calls the kitchen."
terms = ["event", "queue"]
shows = ["timeout_ms", "ack", "replicas"]
[run]
duration_s = 60
drain_s = 30
[components.till]
kind = "client"
title = "Till"
fixed = true
arrivals = "constant"
event = "order.placed"
[components.rail]
kind = "queue"
title = "Rail"
[components.kitchen]
kind = "service"
title = "Kitchen"
fixed = true
service_ms = 200
[[wires]]
from = "till"
to = "kitchen"
kind = "call"
timeout_ms = 2000
[[wires]]
from = "rail"
to = "kitchen"
kind = "subscribe"
[palette.shelf]
kind = "queue"
title = "Shelf"
limit = 1
say = "keeps [bold]orders[/bold]"
[palette.topic]
kind = "topic"
[[faults]]
kind = "hang"
target = "kitchen"
at_s = 15
for_s = 20
[[effects]]
event = "order.placed"
at = "kitchen"
[[goals]]
metric = "/client/till/failed"
at_most = 0
say = "the till turns [b]nobody[/b] away"
[[goals]]
metric = "/effect/kitchen/order.placed/lost"
at_most = 0
say = "no order is lost"
[par]
cost = {three = 2, two = 3}
speed = {metric = "/effect/kitchen/order.placed/delay_ms/p95", three = 20000, two = 25000}
simplicity = {three = 2, two = 4}
PREDICTION
[question]
ask = "What did the rail make faster?"
[[question.choices]]
say = "the baking"
why = "The kitchen does the same work."
[[question.choices]]
say = "the wait"
right = true
why = "The till is free at once."
[[hints]]
step = "question"
text = "Who waits for whom?"
[[hints]]
step = "concept"
text = "Something must hold the order."
[[hints]]
step = "lead"
text = "Publish to the rail."
[idea]
say = "A channel keeps the event."
[[idea.without]]
remove = ["rail"]
"""

PREDICTION = """
[prediction]
ask = "How many orders fail?"
metric = "/client/till/failed"
choices = [{value = 0, say = "none"}, {value = 20, say = "about twenty"}]
"""

GLOSSARY = """
[[term]]
id = "event"
title = "Event"
definition = "A statement that something has happened."
level = "one/bell"
see = ["queue"]
aliases = ["fact"]
[[term]]
id = "queue"
title = "Queue"
definition = "Holds messages; each goes to one consumer."
level = "one/bell"
see = ["event"]
aliases = []
"""

RAIL = """
level = "one/bell"
title = "over the rail"
stars = {cost = 3, speed = 3, simplicity = 3}
[components.rail]
kind = "queue"
[[wires]]
from = "till"
to = "rail"
kind = "publish"
[[wires]]
from = "rail"
to = "kitchen"
kind = "subscribe"
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A levels folder with two levels; the second asks for a prediction."""
    root = tmp_path / "levels"
    for name, prediction in (("bell", ""), ("guess", PREDICTION)):
        folder = root / "one" / name
        (folder / "solutions").mkdir(parents=True)
        (folder / "mistakes").mkdir()
        text = DOORBELL.replace("PREDICTION", prediction)
        (folder / "level.toml").write_text(
            text.replace("The Bell", "The Guess") if prediction else text, "utf-8"
        )
        (folder / "briefing.md").write_text(
            "The kitchen drinks **tea**. [click](https://example.org)\n", "utf-8"
        )
        (folder / "debrief.md").write_text("The rail *kept* the orders.\n", "utf-8")
        (folder / "solutions" / "rail.toml").write_text(RAIL.replace("one/bell", f"one/{name}"), "utf-8")
    (root / "one" / "chapter.toml").write_text('title = "Chapter One"\nblurb = "A small start."\n', "utf-8")
    (root / "course.toml").write_text(
        'title = "A course"\nchapters = [{id = "one", levels = ["bell", "guess"]}]\n', "utf-8"
    )
    (root / "glossary.toml").write_text(GLOSSARY, "utf-8")
    return root


Player = Callable[..., contextlib.AbstractAsyncContextManager[Pilot[None]]]


@pytest.fixture
def play(course: Path, tmp_path: Path) -> Player:
    """Open the game at a size, with a store in a temporary folder, and close it afterwards."""

    @contextlib.asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40), *, kept: bool = True, **choices: Any
    ) -> AsyncIterator[Pilot[None]]:
        choices.setdefault("preferences", Preferences(motion="reduced"))
        progress = Progress(tmp_path / "home") if kept else None
        kept_in = tmp_path / "preferences.toml"
        app = make_app(Options(levels_root=course, progress=progress, preferences_file=kept_in, **choices))
        try:
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                yield pilot
        finally:
            if progress is not None:
                progress.close()

    return opened


async def send(pilot: Pilot[None], *keys: str) -> None:
    """Send keys in one burst, as from a fast typist or a paste, with no pause between them, and wait until
    the last one has had its effect.
    """
    app = pilot.app
    assert isinstance(app, GameApp)
    for key in keys:
        single = len(key) == 1
        app.post_message(events.Key(_character_to_key(key) if single else key, key if single else None))
    for _ in range(200):
        await pilot.pause(0.02)
        if app.type_ahead.idle:
            return
    raise AssertionError("keys are still waiting")


def screen_text(pilot: Pilot[None]) -> str:
    """The text of the whole screen, in lines."""
    screen = pilot.app.screen
    width, height = pilot.app.size
    lines = screen._compositor.render_strips()
    return "\n".join(strip.text[:width] for strip in lines[:height])


@pytest.fixture
def text() -> Callable[[Pilot[None]], str]:
    """A function that reads the screen as text."""
    return screen_text
