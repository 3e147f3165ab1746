"""The line that says what to do next: keys are taught when they are needed. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

Words = tuple[tuple[str, str], ...]
"""Pieces of the line: ``key`` or ``text``, and what it says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Situation:
    """What the line depends on."""

    runs: int = 0
    """How many runs there have been."""
    computing: bool = False
    """A run is being computed."""
    playing: bool = False
    """A run is being played back."""
    paused: bool = False
    """A run is on the board and stands still before its end."""
    passed: bool | None = None
    """What came of the latest run; None where there is none yet, or nothing to pass."""
    current: bool = False
    """The latest run is of the design as it is now."""
    edited: bool = False
    """Something was changed since the last run."""
    wiring: str = ""
    """The part from which a wire is being drawn."""
    asked_why: bool = False
    """The learner has looked at the diagnosis of the latest run."""
    focus: str = ""
    """The name of the part or wire with the focus."""
    focus_is_wire: bool = False
    """Whether that is a wire."""
    free: bool = False
    """There is no level."""
    solutions: bool = True
    """There are solutions to see after passing."""


def coach(now: Situation) -> Words:
    """What to do next, in one line."""
    if now.wiring:
        return _line("press the letter of an end, or go there by the arrows and ", "@enter", "   ", "@escape", " stops")
    if now.computing and not now.playing and not now.paused:
        return _line("the run is being computed; ", "@escape", " stops it")
    if now.playing:
        return _line("@space", " pauses   ", "@v", " straight to the verdict   ", "@f", " first failure   ", "@+ -", " speed")
    if now.edited and now.focus_is_wire:
        return _line("press ", "@r", " to run your design   ", "@x", " deletes this wire   ", "@u", " takes the change back")
    if now.edited:
        return _line("press ", "@r", " to run your design   ", "@tab", " next wire   ", "@u", " takes the change back")
    if now.paused:
        return _line(
            "@space",
            " goes on   ",
            "@.",
            " next step   ",
            "@[ ]",
            " scrub   ",
            "@n",
            " next fault   ",
            "@j",
            " one event's way",
        )
    if now.runs == 0:
        return _line("press ", "@r", " to run what is there, and watch")
    if now.passed and now.current:
        others = ("@o", " other solutions   ") if now.solutions else ()
        return _line("passed. ", "@v", " verdict   ", "@d", " debrief   ", *others, "@q", " back to the map")
    if now.passed is False and not now.asked_why:
        return _line("press ", "@y", " to see why it failed")
    if now.focus_is_wire:
        return _line(f"*{now.focus}*", ":  ", "@enter", " its settings   ", "@x", " deletes it   ", "@a", " adds a part")
    if now.focus:
        return _line(
            f"*{now.focus}*",
            ":  ",
            "@w",
            " draws a wire from it   ",
            "@a",
            " adds a part   ",
            "@enter",
            " settings   ",
            "@tab",
            " next wire",
        )
    return _line("arrows choose a part   ", "@w", " draws a wire from it   ", "@a", " adds a part   ", "@h", " hint")


def _line(*pieces: str) -> Words:
    """``@`` marks a key, ``*...*`` a name."""
    return tuple(
        ("key", piece[1:]) if piece.startswith("@") else ("name", piece.strip("*")) if piece.startswith("*") else ("text", piece)
        for piece in pieces
    )


def plain(words: Sequence[tuple[str, str]]) -> str:
    """The line without its signs."""
    return "".join(text for _, text in words)
