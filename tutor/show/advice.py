"""The line that suggests the next step: keys are taught when they are needed, and only those that
work now.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from tutor.words import say

Words = tuple[tuple[str, str], ...]
"""Pieces of the line: ``key`` or ``text``, and what it says."""


@dataclasses.dataclass(frozen=True, slots=True)
class Situation:
    """The situation that the line depends on."""

    runs: int = 0
    """How many runs there have been."""
    computing: bool = False
    """A run is being computed."""
    playing: bool = False
    """A run is being played back."""
    paused: bool = False
    """A run is on the board and rests before its end."""
    passed: bool | None = None
    """Whether the latest run passed; None where there is none yet, or nothing to pass."""
    current: bool = False
    """The latest run is of the design as it is now."""
    edited: bool = False
    """Something was changed since the last run."""
    wiring: str = ""
    """The part from which a wire is being drawn."""
    choosing_kind: bool = False
    """Its end is chosen, and several kinds of wire fit."""
    inspecting: bool = False
    """The settings have the focus: letters choose among their values, and are no commands."""
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
    debrief: bool = True
    """There is a debrief to read after passing."""
    hints: bool = True
    """There are hints to ask for."""
    failures: bool = True
    """The run on show has a first failure to jump to."""
    faults: bool = True
    """The run on show has faults to jump to."""
    comparable: bool = False
    """There are two runs to put side by side."""
    explained: bool = True
    """There is a reason to show for the latest run."""
    journeys: bool = True
    """The run on show has events to follow."""


def advise(now: Situation) -> Words:
    """Returns the next step to suggest, in one line."""
    if now.wiring and now.choosing_kind:
        return _line(_lead("kinds"), ("enter", "takes-kind"), ("escape", "goes-back"))
    if now.wiring:
        return _line(_lead("wiring"), ("enter", "wiring-enter"), ("escape", "stops"))
    if now.inspecting:
        return _line(_lead("settings"), ("enter", "changes"), ("escape", "goes-back"))
    if now.computing and not now.playing and not now.paused:
        return _line(_lead("computing"), ("escape", "stops"))
    if now.playing:
        failure = [("f", "first-failure")] if now.failures else []
        return _line(
            ("space", "pauses"), ("v", "to-verdict" if not now.free else "to-end"), *failure, ("+ -", "speed")
        )
    if now.edited:
        other = ("x", "deletes-wire") if now.focus_is_wire else ("tab", "next-wire")
        return _line(("r", "runs-design"), other, ("u", "undoes"))
    if now.paused:
        fault = [("n", "next-fault")] if now.faults else []
        journey = [("j", "journey")] if now.journeys else []
        return _line(("space", "plays-on"), (".", "steps"), ("[ ]", "scrubs"), *fault, *journey)
    if now.runs == 0:
        return _line(("r", "runs-first"))
    if now.passed and now.current:
        ways = [("d", "debrief")] if now.debrief else []
        ways += [("o", "solutions")] if now.solutions else []
        return _line(_lead("passed"), ("v", "verdict"), *ways, ("q", "map"))
    if now.passed is False and not now.asked_why and now.explained:
        return _line(("y", "why"), *([("j", "journey")] if now.journeys else []))
    compare = [("c", "compares")] if now.comparable and now.passed is False else []
    if now.focus_is_wire:
        return _line(("name", now.focus), ("enter", "settings"), ("x", "deletes"), ("a", "adds"), *compare)
    if now.focus:
        return _line(
            ("name", now.focus),
            ("w", "wires"),
            ("a", "adds"),
            ("enter", "settings"),
            *(compare or [("tab", "next-wire")]),
        )
    hint = [("h", "hint")] if now.hints and not now.free else []
    return _line(_lead("arrows"), ("a", "adds"), *hint)


def _lead(key: str) -> tuple[str, str]:
    return "text", key


def _line(*tips: tuple[str, str]) -> Words:
    """Joins tips as pieces: each a key and its action, a name, or a sentence that leads on to the keys."""
    pieces: list[tuple[str, str]] = []
    for kind, key in tips:
        if pieces:
            pieces.append(("text", "   "))
        if kind == "text":
            pieces.append(("text", say(f"advice.leads.{key}")))
        elif kind == "name":
            pieces.append(("name", key))
        else:
            pieces += [("key", kind), ("text", " " + say(f"advice.keys.{key}"))]
    return tuple(pieces)


def plain(words: Sequence[tuple[str, str]]) -> str:
    """Returns the line without its signs."""
    return "".join(text for _, text in words)
