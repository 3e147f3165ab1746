"""Errors of the game itself: one line, no traceback, no lost work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tutor.show.crash import TROUBLE_FILE
from tutor.tui.screens.level import LevelScreen


async def test_a_run_that_breaks_is_told_and_the_board_stays(play: Any, text: Any, tmp_path: Path) -> None:
    """An error during a run leaves the level open and the design unchanged, with the details in a file."""
    with pytest.raises(RuntimeError, match="broken engine"):  # noqa: PT012 - a driven game fails at its end with what went wrong in it
        async with play(level="one/bell") as pilot:
            await pilot.press("escape", "tab", "x")
            screen = pilot.app.screen
            assert isinstance(screen, LevelScreen)

            def broken(max_events: int) -> bool:
                raise RuntimeError("broken engine")

            screen.session.advance = broken  # type: ignore[method-assign, assignment]
            await pilot.press("r")
            await pilot.pause(0.2)
            assert pilot.app.screen is screen
            assert not screen.computing
            assert screen.session.design.wire("till->kitchen:call") is None
            assert "RuntimeError" in text(pilot)
            await pilot.press("u")
            assert screen.session.design == screen.session.start
    assert "broken engine" in (tmp_path / TROUBLE_FILE).read_text("utf-8")


async def test_a_command_that_breaks_is_told_and_the_screen_stays(
    play: Any, text: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error in a key's command gives one line, and the next key works."""

    def broken(self: LevelScreen) -> None:
        raise ZeroDivisionError("a bad day")

    monkeypatch.setattr(LevelScreen, "action_hint", broken)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - as above
        async with play(level="one/bell") as pilot:
            await pilot.press("escape", "h")
            await pilot.pause()
            assert "a bad day" in text(pilot)
            await pilot.press("tab", "x")
            screen = pilot.app.screen
            assert isinstance(screen, LevelScreen)
            assert screen.session.design.wire("till->kitchen:call") is None


async def test_the_letter_before_a_way_chooses_it(play: Any, text: Any) -> None:
    """The board's keys work on a card that offers the same action: r on the briefing, y on the verdict."""
    async with play(level="one/bell") as pilot:
        await pilot.press("r")
        for _ in range(300):
            await pilot.pause(0.02)
            if "Not passed yet" in text(pilot):
                break
        await pilot.press("y")
        await pilot.pause()
        assert "Evidence" in text(pilot)
