"""A screen at rest costs nothing: it runs no timers."""

from __future__ import annotations

from typing import Any

import pytest
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tutor.show.preferences import Preferences

PLACES = {
    "map": (),
    "glossary": ("g",),
    "help": ("question_mark",),
    "settings": ("comma",),
    "sandbox": ("s",),
    "progress": ("p",),
    "palette of parts": ("s", "a"),
    "briefing": ("enter",),
    "level": ("enter", "escape"),
    "inspector": ("enter", "escape", "enter"),
    "typing a value": ("enter", "escape", "enter", "enter"),
    "wiring": ("enter", "escape", "w"),
}
"""The keys that lead from the map to each place."""


def ticking(pilot: Pilot[None]) -> list[str]:
    """The running timers."""
    pumps: list[MessagePump] = [pilot.app]
    for screen in pilot.app.screen_stack:
        pumps += list(screen.walk_children(with_self=True))
    return [f"{pump}: {timer}" for pump in pumps for timer in pump._timers if timer._active.is_set()]


@pytest.mark.parametrize("place", PLACES)
async def test_nothing_ticks(play: Any, place: str) -> None:
    """Wherever the learner stops to read, no timer runs, not even a cursor's."""
    async with play((120, 40), preferences=Preferences(motion="full")) as pilot:
        for key in PLACES[place]:
            await pilot.press(key)
            await pilot.pause()
        await pilot.pause(0.4)  # tooltips and scrolling have their moment
        assert ticking(pilot) == []
