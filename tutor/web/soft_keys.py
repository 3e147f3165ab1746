"""The keys that work now, as buttons for fingers: the sequence a keyboard would send, and the words on the
button.
"""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import ActiveBinding

from tutor.tui.app import TutorApp
from tutor.tui.commands import command_of

SENT = {
    "space": " ",
    "full_stop": ".",
    "comma": ",",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "pagedown": "\x1b[6~",
    "pageup": "\x1b[5~",
}
"""What a terminal gets for the keys that have names."""
ELSEWHERE = frozenset(("enter", "escape", "tab", "up", "down", "left", "right"))
"""The keys that are always there, at the other side."""


def soft_keys(app: TutorApp) -> Iterator[list[str]]:
    """Yields the label, the sequence and the action of each key that the key bar would show, the most
    important first.
    """
    active = [one for one in app.screen.active_bindings.values() if one.enabled and one.binding.show]
    seen: set[str] = set()
    for one in sorted(active, key=lambda one: -_weight(one)):
        key = one.binding.key
        sent = _sent(key)
        command = command_of(one.binding)
        label = command.label if command is not None else one.binding.description
        if sent and key not in ELSEWHERE and not {sent, label} & seen:
            seen.update((sent, label))  # two keys for the same, such as ↓ and pgdn, need one button
            yield [label, sent, command.doc if command is not None else one.tooltip or one.binding.tooltip]


def _weight(active: ActiveBinding) -> int:
    command = command_of(active.binding)
    return command.weight if command is not None else 0


def _sent(key: str) -> str:
    if len(key) == 1:
        return key
    if key.startswith("ctrl+") and len(key) == 6:
        return chr(ord(key[-1]) - 96)
    return SENT.get(key, "")
