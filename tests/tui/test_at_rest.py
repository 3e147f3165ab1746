"""A screen at rest costs nothing: it runs no timers."""

from __future__ import annotations

from typing import Any

from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tutor.show.preferences import Preferences

PLACES: dict[str, tuple[str, ...]] = {
    "map": (),
    "glossary": ("g",),
    "help": ("escape", "question_mark"),
    "settings": ("escape", "comma"),
    "progress": ("escape", "p"),
    "sandbox": ("escape", "s"),
    "palette of parts": ("a",),
    "briefing": ("escape", "q", "enter"),
    "level": ("escape",),
    "wiring": ("w",),
    "inspector": ("escape", "enter"),
    "typing a value": ("enter",),
}
"""The keys that lead to each place from the one before it, and to the first from the map."""


def ticking(pilot: Pilot[None]) -> list[str]:
    """The running timers."""
    pumps: list[MessagePump] = [pilot.app]
    for screen in pilot.app.screen_stack:
        pumps += list(screen.walk_children(with_self=True))
    return [f"{pump}: {timer}" for pump in pumps for timer in pump._timers if timer._active.is_set()]


async def test_nothing_ticks(play: Any) -> None:
    """Wherever the learner stops to read, no timer runs, not even a cursor's."""
    seen = []
    async with play((120, 40), preferences=Preferences(motion="full")) as pilot:
        for place, keys in PLACES.items():
            for key in keys:
                await pilot.press(key)
                await pilot.pause()
            for _ in range(40):  # tooltips and scrolling have their moment
                await pilot.pause(0.05)
                if not ticking(pilot):
                    break
            assert ticking(pilot) == [], place
            seen.append((type(pilot.app.screen).__name__, type(pilot.app.focused).__name__))
    assert len(set(seen)) >= 10  # the keys lead to different places
