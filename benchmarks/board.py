"""What the board costs: layout, routing and drawing of a design, and frames of playback.

Run ``python benchmarks/board.py``. Times are milliseconds of processor time, the median of several rounds; a
frame at 30 a second may take 33 ms before it needs a whole core.
"""

from __future__ import annotations

import asyncio
import functools
import random
import statistics
import time
from collections.abc import Callable, Iterator

from textual.app import App, ComposeResult

from tutor.model.component import Client, Component, Database, Job, Queue, Service, Stream, Topic
from tutor.model.design import Design, make_design
from tutor.model.timeline import ComponentTrack, Timeline, WireTrack
from tutor.model.wire import WIRES, Wire, legal_kinds
from tutor.show.picture.drawing import Animation, Highlights, draw_scene
from tutor.show.picture.glyphs import UNICODE
from tutor.show.picture.scene import make_scene
from tutor.show.picture.slots import assign_slots
from tutor.show.states import States
from tutor.tui.board import Board
from tutor.tui.themes import theme_of

SIZES = ((8, 10), (20, 40), (40, 80))
SCREEN = (160, 50)
FRAMES = 90
FRAMES_PER_S = 30


def made_up(parts: int, wires: int, seed: int = 3) -> Design:
    """A legal design in which wires lead on by at most a dozen parts, as in a system that grew."""
    draw = random.Random(seed)
    kinds = (Client, Service, Service, Service, Queue, Topic, Database, Stream, Job)
    components: list[Component] = [
        (Client if number < 4 else draw.choice(kinds))(id=f"p{number}", title=f"Part {number}")
        for number in range(parts)
    ]
    found: dict[str, Wire] = {}
    while len(found) < wires:
        one, other = sorted(draw.sample(range(parts), 2))
        legal = legal_kinds(components[one].kind, components[other].kind)
        if legal and other - one <= 12:
            wire = WIRES[draw.choice(legal)](source=components[one].id, target=components[other].id)
            found[wire.ref] = wire
    return make_design(components, found.values())


def busy_run(design: Design, steps: int = 600) -> Timeline:
    """A run in which every wire carries events and every queue fills and empties."""
    draw = random.Random(7)
    timeline = Timeline(step_s=0.2, steps=steps, duration_s=100, end_s=steps * 0.2)
    for part, component in design.components.items():
        depth = [abs(200 - step) % 97 for step in range(steps)]
        busy = [draw.randrange(5) for _ in range(steps)]
        timeline.components[part] = ComponentTrack(
            component.kind, depth, busy, [4] * steps, [1.0] * steps, [1] * steps, [0] * steps
        )
    for wire in design.wires:
        rate = draw.choice((0.1, 0.5, 1, 4, 40))
        sent = [int(rate) + (draw.random() < rate % 1) for _ in range(steps)]
        timeline.wires[wire.ref] = WireTrack(
            wire.kind, sent, [int(draw.random() < 0.02) for _ in range(steps)], [0] * steps
        )
    return timeline


def cost(work: Callable[[], object], rounds: int = 5) -> float:
    """Median processor time of one call, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


class Bench(App[None]):
    """A board alone."""

    CSS = "Board { height: 1fr; }"

    def __init__(self, design: Design) -> None:
        super().__init__()
        self.register_theme(theme_of("dark"))
        self.theme = theme_of("dark").name
        self.board = Board(design)

    def compose(self) -> ComposeResult:
        """The board."""
        yield self.board


def next_overlay(animation: Animation, moments: Iterator[float]) -> object:
    """What the next moment of a run draws over the board."""
    return animation.overlay(next(moments), Highlights())


async def frame_cost(design: Design, timeline: Timeline) -> float:
    """Processor time of one frame of playback in the whole application, in milliseconds; less what it costs
    at rest.
    """
    app = Bench(design)
    async with app.run_test(size=SCREEN):
        app.board.show_timeline(timeline)
        await asyncio.sleep(0.3)
        start = time.process_time()
        for frame in range(FRAMES):
            app.board.cursor_s = 30 + frame * app.board.playback_rate / FRAMES_PER_S
            await asyncio.sleep(1 / FRAMES_PER_S)
        return (time.process_time() - start) * 1000 / FRAMES


def main() -> None:
    """Print one row for each size of design."""
    print(f"milliseconds of processor time; screen {SCREEN[0]}x{SCREEN[1]}")
    print(
        f"{'parts':>6}{'wires':>6}{'slots':>9}{'all':>9}{'moved':>9}{'draw':>9}{'overlay':>9}{'frame':>9}{'core':>8}"
    )
    for parts, wires in SIZES:
        design = made_up(parts, wires)
        timeline = busy_run(design)
        scene = make_scene(design, SCREEN, UNICODE)
        column, row = scene.layout.slots["p5"]
        part = design.components["p5"]
        moved = design.with_component(type(part)(id=part.id, title=part.title, at=(column, row + 1)))
        animation = Animation(scene, States(timeline), UNICODE)
        moments = iter(30 + number * 0.16 for number in range(1000))
        frame = asyncio.run(frame_cost(design, timeline))
        row_of = (
            cost(functools.partial(assign_slots, design)),
            cost(functools.partial(make_scene, design, SCREEN, UNICODE)),
            cost(functools.partial(make_scene, moved, SCREEN, UNICODE, before=scene)),
            cost(functools.partial(draw_scene, scene, UNICODE, Highlights())),
            cost(functools.partial(next_overlay, animation, moments), 30),
            frame,
        )
        print(
            f"{parts:>6}{wires:>6}"
            + "".join(f"{value:>9.1f}" for value in row_of)
            + f"{frame * FRAMES_PER_S / 1000:>8.0%}"
        )


if __name__ == "__main__":
    main()
