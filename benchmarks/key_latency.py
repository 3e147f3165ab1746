"""How soon a key is answered: while a run is computed, while it is scored and played, in playback, and at
rest.

    python benchmarks/key_latency.py [LEVEL[:DESIGN] ...] [--steps MS]

The game runs in a real terminal (a pty) of 160x50 and plays a level (its start, or a solution or mistake by
its name) from the first moment to the end of the playback. All the while ``tab`` and ``shift+tab`` are
pressed in turn. A key is answered when the frame that shows the new focus has been written. For each phase of
the run the table has the wait of the keys on the wall, the processor time the game spent between the press
and the answer (which other programs on the machine do not lengthen), and the longest single step of the event
loop, which no key can interrupt. ``--steps`` names the steps longer than so many milliseconds. Linux only: it
reads another process' clock. Ends with 1 where in some phase nine keys of ten took more than 50 ms of
processor time, or a step of the loop did.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import gc
import inspect
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT_MS = 50.0
"""A key is answered within this."""
SIZE = (50, 160)
"""Rows and columns."""
EVERY_S = 0.083
"""Time between two keys; no multiple of a frame."""
LEVELS = (
    "when-it-breaks/musical-chairs",
    "streams/black-friday",
    "streams/black-friday:log",
    "who-gets-it/in-order:one-partition",
)
"""The levels with the longest runs, the largest designs and the most that has to be told afterwards."""
TAB, BACK_TAB = b"\t", b"\x1b[Z"
PHASES = ("at rest", "computed", "scored and played", "played")


# The game: in a process of its own, and telling on a pipe what happens in it


class Teller:
    """Writes what happens to the measuring process, one JSON document a line."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def __call__(self, **what: Any) -> None:
        """One document."""
        os.write(self.pipe, json.dumps(what).encode() + b"\n")


def time_steps(tell: Teller, phase: Callable[[], str], least_ms: float = 15.0) -> None:
    """Report every long step of the event loop, and every collection of garbage, from now on."""
    run = asyncio.events.Handle._run
    began = [0.0]

    def timed(handle: asyncio.Handle) -> None:
        before, start = phase(), time.thread_time()
        run(handle)
        took = (time.thread_time() - start) * 1000
        if took > least_ms:
            tell(step=took, phase=before, what=name_of(handle))

    def collected(moment: str, told: dict[str, int]) -> None:
        if moment == "start":
            began[0] = time.thread_time()
        elif (took := (time.thread_time() - began[0]) * 1000) > least_ms / 2:
            tell(step=took, phase=phase(), what=f"garbage of generation {told['generation']}")

    asyncio.events.Handle._run = timed  # type: ignore[method-assign, assignment]
    gc.callbacks.append(collected)


def name_of(handle: asyncio.Handle) -> str:
    """What a step of the loop belongs to, as well as that can be told."""
    owner = getattr(handle._callback, "__self__", None)  # type: ignore[attr-defined]
    return owner.get_name() if isinstance(owner, asyncio.Task) else repr(handle._callback)  # type: ignore[attr-defined]


def play(level_id: str, design: str, pipe: int) -> None:
    """Opens the level, runs it, and goes on until the playback is over."""
    from tutor.catalog import level_folder, load_mistakes, load_solutions
    from tutor.show.preferences import Preferences
    from tutor.tui.app import Options, TutorApp
    from tutor.tui.board import Board
    from tutor.tui.screens.level import LevelScreen

    tell = Teller(pipe)

    class Measured(TutorApp):
        """The game, which tells when a frame with a new focus has been written."""

        CSS_PATH = str(Path(inspect.getfile(TutorApp)).with_name("app.tcss"))
        moved = painted = told = 0
        bench: LevelScreen | None = None

        def _display(self, screen: Any, renderable: Any) -> None:
            super()._display(screen, renderable)
            while self.told < self.painted:
                self.told += 1
                tell(painted=self.told, at=time.perf_counter(), cpu=time.process_time(), phase=phase())

    def phase() -> str:
        bench = app.bench
        if bench is None or (bench.playback.player is None and not bench.computing):
            return "at rest"
        return (
            "computed"
            if bench.playback.player is None
            else "scored and played"
            if bench.computing
            else "played"
        )

    def watch_item(board: Board) -> None:
        app.moved += 1
        watched(board)

    def render_lines(board: Board, crop: Any) -> Any:
        app.painted = app.moved
        return rendered(board, crop)

    watched, rendered = Board.watch_item, Board.render_lines
    Board.watch_item, Board.render_lines = watch_item, render_lines  # type: ignore[method-assign, assignment]

    async def go() -> None:
        while not isinstance(app.screen, LevelScreen) and len(app.screen_stack) < 3:
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.5)
        bench = next(screen for screen in app.screen_stack if isinstance(screen, LevelScreen))
        while app.screen is not bench:
            app.pop_screen()
            await asyncio.sleep(0.1)
        if design:
            level = bench.level
            folder = level_folder(level.id)
            known = {one.name: one.design for one in load_solutions(folder, level)}
            known |= {one.name: one.design for one in load_mistakes(folder, level)}
            bench.session.adopt(known[design])
            bench.design_changed()
        if bench.session.prediction_due:
            bench.session.predict(None)
        bench.see_outcome = lambda: None  # type: ignore[method-assign]  # no card over the board: it would take the keys
        await asyncio.sleep(0.5)
        app.bench = bench
        app.moved = app.painted = app.told = 0  # from here on only keys move the focus
        time_steps(tell, phase)
        tell(go=True)
        await asyncio.sleep(1.5)
        bench.start_run()
        while bench.computing or (bench.playback.player is not None and not bench.playback.player.over):
            await asyncio.sleep(0.1)
        tell(over=True)

    app = Measured(Options(level=level_id, preferences=Preferences(motion="full")))
    tasks: list[asyncio.Task[None]] = []
    app.call_later(lambda: tasks.append(asyncio.create_task(go())))
    app.run()


# The measuring process


def measure(
    level_id: str, design: str
) -> tuple[dict[str, list[tuple[float, float]]], dict[str, list[tuple[float, str]]]]:
    """By phase: the wait of each key in ms, on the wall and in processor time; and the long steps with their
    names.
    """
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    told, telling = os.pipe()
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "TUTOR_HOME": home}
        process = subprocess.Popen(
            [sys.executable, __file__, "--play", level_id, design, str(telling)],
            stdin=follower,
            stdout=follower,
            stderr=follower,
            env=environment,
            start_new_session=True,
            pass_fds=(telling,),
        )
        os.close(follower)
        os.close(telling)
        drawn = bytearray()
        threading.Thread(target=swallow, args=(leader, drawn), daemon=True).start()
        pressed: list[tuple[float, float]] = []
        over = threading.Event()
        waits: dict[str, list[tuple[float, float]]] = defaultdict(list)
        steps: dict[str, list[tuple[float, str]]] = defaultdict(list)
        try:
            with os.fdopen(told) as lines:
                for line in lines:
                    what = json.loads(line)
                    if "go" in what:
                        threading.Thread(
                            target=press, args=(leader, process.pid, pressed, over), daemon=True
                        ).start()
                    elif "painted" in what:
                        at, cpu = pressed[what["painted"] - 1]
                        waits[what["phase"]].append(((what["at"] - at) * 1000, (what["cpu"] - cpu) * 1000))
                    elif "step" in what:
                        steps[what["phase"]].append((what["step"], what["what"]))
                    elif "over" in what:
                        break
                else:
                    raise RuntimeError(f"the game ended too soon: {drawn.decode(errors='replace')}")
        finally:
            over.set()
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(leader)
    return waits, steps


def swallow(leader: int, drawn: bytearray) -> None:
    """Reads what the game draws, as a terminal does, and keeps the last of it."""
    try:
        while got := os.read(leader, 65536):
            drawn += got
            del drawn[:-4000]
    except OSError:
        return


def press(leader: int, process: int, pressed: list[tuple[float, float]], over: threading.Event) -> None:
    """Presses tab and shift+tab in turn, and notes when on both clocks."""
    clock = (~process << 3) | 2  # the processor time of another process, as the kernel numbers these clocks
    while not over.is_set():
        key = BACK_TAB if len(pressed) % 2 else TAB
        pressed.append((time.perf_counter(), time.clock_gettime(clock)))
        os.write(leader, key)
        time.sleep(EVERY_S)


def share(values: list[float], part: float) -> float:
    """The value below which this part of all values lies."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))]


def main() -> int:
    """Prints a row for each level and phase; 1 where a key had to wait too long."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("levels", nargs="*", default=LEVELS)
    parser.add_argument("--steps", type=float, default=1e9, help="name steps longer than so many ms")
    parser.add_argument("--play", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.play:
        play(asked.play[0], asked.play[1], int(asked.play[2]))
        return 0
    late = False
    print(f"{'':<40}{'':<20}{'':>6}{'wall, ms':>21}{'processor, ms':>21}{'step':>8}")
    print(f"{'level':<40}{'phase':<20}{'keys':>6}" + f"{'p50':>7}{'p90':>7}{'max':>7}" * 2 + f"{'max':>8}")
    for name in asked.levels:
        level_id, _, design = name.partition(":")
        waits, steps = measure(level_id, design)
        for phase in PHASES:
            if not waits[phase]:
                continue
            wall, cpu = ([pair[clock] for pair in waits[phase]] for clock in (0, 1))
            longest = max((took for took, _ in steps[phase]), default=0.0)
            late |= share(cpu, 0.9) > LIMIT_MS or longest > LIMIT_MS
            numbers = "".join(
                f"{value:>7.0f}" for of in (wall, cpu) for value in (share(of, 0.5), share(of, 0.9), max(of))
            )
            print(f"{name:<40}{phase:<20}{len(wall):>6}{numbers}{longest:>8.0f}")
            for took, what in sorted(steps[phase], reverse=True)[:12]:
                if took >= asked.steps:
                    print(f"{'':<40}  {took:.0f} ms: {what}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
