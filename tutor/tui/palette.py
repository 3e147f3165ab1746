"""The entries of the command palette: the commands that work here, the places to go, and every level."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand

from tutor.errors import TutorError
from tutor.tui.commands import (
    GLOSSARY,
    HELP,
    MAP,
    PALETTE,
    PROGRESS,
    SANDBOX,
    SETTINGS,
    KeyCommand,
    command_of,
    keycap,
    spelled,
)
from tutor.words import say

if TYPE_CHECKING:
    from textual.screen import Screen

    from tutor.tui.game import GameApp

PLACES = (MAP, SANDBOX, GLOSSARY, PROGRESS, SETTINGS, HELP)
"""Commands of the app that work from anywhere, whether a key leads there or not."""


STEPS = ("toward(", "shift(", "step(", "read(")
"""How the actions begin that only make sense under a finger: one step in a direction."""


def system_commands(app: GameApp, screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yields every command of this screen and beyond it."""
    seen: set[str] = {PALETTE.id}
    for active in screen.active_bindings.values():
        binding = active.binding
        command = command_of(binding)
        name = command.id if command is not None else binding.id
        if not active.enabled or not name or name in seen or binding.action.startswith(STEPS):
            continue
        seen.add(name)
        callback = partial(app.run_action, binding.action, active.node)
        if command is not None:
            yield _entry(app, command, callback)
        elif binding.tooltip:
            yield SystemCommand(
                f"{binding.description}   {binding.key_display or keycap(binding.key)}",
                binding.tooltip,
                callback,
            )
    for command in PLACES:
        if command.id not in seen:
            yield _entry(app, command, partial(app.run_action, command.action))
    yield from _parts(screen)
    yield from _levels(app)


def _parts(screen: Screen[Any]) -> Iterator[SystemCommand]:
    """Yields the parts and wires on the board, and the parts that can be added, by their names."""
    from tutor.tui.screens.bench import Bench

    if not isinstance(screen, Bench):
        return
    design = screen.session.design
    for item in (*design.components, *(wire.ref for wire in design.wires)):
        name = screen.edits.name_of(item)
        yield SystemCommand(
            say("palette.go", part=name), say("palette.go-doc"), partial(screen.focus_on, item)
        )
    for offer in screen.edits.palette():
        if not offer.refused:
            add = partial(screen.add_part, offer.id)
            yield SystemCommand(say("palette.add", part=offer.title), offer.about, add)


def _entry(app: GameApp, command: KeyCommand, callback: Any) -> SystemCommand:
    key = spelled(command.keycap) if app.preferences.ascii else command.keycap
    return SystemCommand(f"{command.label.capitalize()}   {key}", command.doc, callback)


def _levels(app: GameApp) -> Iterator[SystemCommand]:
    try:
        order = app.library.order
    except TutorError:
        return
    for level_id in order:
        try:
            card = app.library.card(level_id)
        except TutorError:
            continue
        yield SystemCommand(
            say("palette.play", level=card.title), card.summary, partial(app.open_level, level_id)
        )
