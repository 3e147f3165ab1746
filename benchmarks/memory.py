"""Growth of the process while levels are played: opened, run, watched to the verdict and left, over and over.

An hour of play is about forty levels opened; the first rounds load what stays. Resident memory is read from
/proc.

    python benchmarks/memory.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
from pathlib import Path

from tutor.progress import Progress
from tutor.show.preferences import Preferences
from tutor.tui.app import Options, make_app
from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.level import LevelScreen

LIMIT_MB = 20
"""How much the process may grow after the first rounds."""
WARM = 4
"""Rounds that load what stays."""
LEVELS = ("first-light/first-event", "night-job/flash-sale", "who-gets-it/three-teams")


def resident_mb() -> float:
    """The resident memory of this process."""
    for line in Path("/proc/self/status").read_text("utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS in /proc/self/status")


async def play(rounds: int, home: Path) -> list[float]:
    """The resident memory after each round."""
    grown = []
    with Progress(home) as progress:
        app = make_app(Options(progress=progress, preferences=Preferences(motion="reduced")))
        async with app.run_test(size=(120, 40)) as pilot:
            order = [level for level in LEVELS if level in app.library.order] or list(app.library.order[:3])
            for number in range(rounds):
                app.open_level(order[number % len(order)])
                await pilot.pause()
                screen = next(one for one in app.screen_stack if isinstance(one, LevelScreen))
                while isinstance(app.screen, CardScreen):
                    await pilot.press("escape")
                    await pilot.pause()
                super(LevelScreen, screen).start_run()
                while screen.computing or not isinstance(app.screen, CardScreen):
                    await pilot.pause(0.02)
                while not app.screen.query("#replies"):
                    await pilot.pause(0.02)
                await pilot.pause()
                app.action_campaign()
                await pilot.pause()
                gc.collect()
                grown.append(resident_mb())
                print(f"round {number + 1}: {grown[-1]:.1f} MB", flush=True)
    return grown


def main() -> int:
    """Prints the memory after each round; 1 where it grew by more than the limit."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with tempfile.TemporaryDirectory() as home:
        grown = asyncio.run(play(rounds, Path(home)))
    growth = grown[-1] - grown[min(WARM, len(grown) - 1)]
    print(f"grown by {growth:.1f} MB after round {WARM + 1} (limit {LIMIT_MB})")
    return 0 if growth <= LIMIT_MB else 1


if __name__ == "__main__":
    raise SystemExit(main())
