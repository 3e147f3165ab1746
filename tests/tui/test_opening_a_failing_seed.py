"""If a design passes on most seeds and fails on one, its verdict opens that seed at the event that broke the
goal.
"""

from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.tui.screens.card import CardScreen
from tutor.tui.screens.level import LevelScreen

BARELY_PATIENT = "20250"
"""In milliseconds: as long as the kitchen's hang and one order take on four seeds of five."""


async def verdict_on_screen(pilot: Pilot[None], text: Any) -> LevelScreen:
    """Wait until the verdict is shown; return the level below it."""
    for _ in range(400):
        await pilot.pause(0.02)
        if isinstance(pilot.app.screen, CardScreen) and "Not passed yet" in text(pilot):
            await pilot.pause()
            return next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))
    raise AssertionError("no verdict came")


async def test_the_failing_seed_opens_at_its_event(play: Any, text: Any) -> None:
    """The verdict names the failing seed; opening it shows its run at the moment of the failure, with that
    event's path.
    """
    async with play(level="one/bell") as pilot:
        await pilot.press("escape")
        await pilot.pause()
        level = next(screen for screen in pilot.app.screen_stack if isinstance(screen, LevelScreen))
        level.session.set("till->kitchen:call", "timeout_ms", BARELY_PATIENT)
        await pilot.press("r")
        level = await verdict_on_screen(pilot, text)
        verdict = level.session.verdict
        assert verdict is not None
        example = verdict.counterexample
        assert example is not None
        assert [seed.seed for seed in verdict.seeds if not seed.passed] == [example.seed]
        said = " ".join(text(pilot).split())
        assert f"fails on seed {example.seed}" in said
        assert f"Open seed {example.seed}" in said
        pilot.app.screen.dismiss("seed")
        for _ in range(300):
            await pilot.pause(0.02)
            if (
                level.playback.player is not None
                and level.playback.player.timeline.journeys
                and not level.computing
                and level.board.trail
            ):
                break
        assert level.playback.player is not None
        assert any(
            one.event_id == example.event and one.outcome == "failed"
            for one in level.playback.player.timeline.journeys
        )
        assert level.playback.player.cursor_s == pytest.approx(
            example.at_s, abs=level.playback.player.timeline.step_s
        )
        assert {"till", "kitchen"} <= level.board.trail
        assert not level.playback.player.playing
