"""Help: what has the focus, its purpose, every key that works here (taken from the bindings), the mouse and
the signs.
"""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tutor.tui.board import Board
from tutor.tui.board.legend import MOUSE, legend
from tutor.tui.commands import BACK, GROUPS, bindings, by_id, command_of, keycap, spelled
from tutor.tui.screens.framed import Dialog
from tutor.tui.widgets.keybar import KeyBar
from tutor.words import say

KEY_WIDTH = 11
"""Cells for a key's name."""
TEXT_WIDTH = 44
"""Cells for what it does."""
UNTOLD = (
    "Scroll Left",
    "Scroll Right",
    "Scroll Home",
    "Scroll End",
    "Page Left",
    "Page Right",
    "Copy selected text",
)
"""Keys of every list that say nothing about this game."""
PLAIN_WORDS = {
    "Up": "up",
    "Down": "down",
    "First": "first",
    "Last": "last",
    "Select": "select",
    "Page Up": "page-up",
    "Page Down": "page-down",
    "Scroll Up": "line-up",
    "Scroll Down": "line-down",
    "Focus Next": "next-pane",
    "Focus Previous": "previous-pane",
}
"""Textual's names of keys, and the sentence for each."""
TOGETHER = {"toward(": "toward", "shift(": "shift"}
"""Actions with a key for each direction, by how they begin: told once."""
ORDER = ("focused", *GROUPS[:-2], "moving", *GROUPS[-2:])
"""The headings, the nearest to what the learner is doing first."""


class Help(Dialog[None]):
    """The keys of the screen below."""

    BINDINGS = bindings(BACK)
    AUTO_FOCUS = "#help"
    DEFAULT_CSS = """
    Help {
        align: right middle;
        & > #help {
            width: 64; max-width: 100%; height: 100%;
            background: $surface; border-left: outer $accent; padding: 1 3;
        }
        & Static { height: auto; }
        & KeyBar { background: $background; }
    }
    """

    def __init__(self, about: Screen[Any]) -> None:
        super().__init__()
        self._about = about
        self._text = help_text(about)

    def compose(self) -> ComposeResult:
        """Shows one scrolling text."""
        with VerticalScroll(id="help"):
            yield Static(self._text, markup=False)
        yield KeyBar()

    def action_back(self) -> None:
        """Closes help."""
        self.dismiss(None)


def help_text(screen: Screen[Any]) -> Content:
    """Returns what has the focus on a screen, its keys by group, the mouse, and the meaning of the signs."""
    parts: list[tuple[str, str]] = [(say("screens.help") + "\n", "bold $text")]
    told = str(getattr(screen, "describe_focus", str)())
    if told:
        parts.append((f"\n{told}\n", "$text"))
    groups = _keys(screen)
    for group in sorted(groups, key=ORDER.index):
        heading = say(f"keys.groups.{group}")
        parts.append((f"\n{heading}\n", "bold $primary"))
        for keys, doc in groups[group].items():
            parts += _line(spelled(keys) if screen.app.has_class("-ascii") else keys, "bold $accent", doc)
    board = getattr(screen, "board", None)
    if isinstance(board, Board):
        parts.append((f"\n{say('screens.mouse')}\n", "bold $primary"))
        for gesture in MOUSE:
            parts += _line(say(f"legend.gesture.{gesture}"), "bold $accent", say(f"legend.mouse.{gesture}"))
        parts.append((f"\n{say('screens.signs')}\n", "bold $primary"))
        for sign, tone, doc in legend(
            board.design, board.glyphs, board.level.wires if board.level is not None else ()
        ):
            parts += _line(sign, tone, doc)
    return Content.assemble(*parts)


def _words_of(active: ActiveBinding) -> str:
    """Describes a key that is not a command of ours: the board's keys by their ids, lists' keys by Textual's
    names for them.
    """
    own = command_of(active.binding)
    if own is not None:
        return own.doc
    word = PLAIN_WORDS.get(active.binding.description)
    return say(f"keys.plain.{word}") if word else active.tooltip or active.binding.description


def _keys(screen: Screen[Any]) -> dict[str, dict[str, str]]:
    """Returns the effect of each key, by group; keys that do one thing in several directions are listed
    once.
    """
    groups: dict[str, dict[str, str]] = {}
    known = by_id()
    done: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        action = binding.action
        if (
            binding.system
            or binding.description in UNTOLD
            or not (binding.description or binding.tooltip)
            or action in done
        ):
            continue
        done.add(action)
        command = known.get(binding.id or "")
        group = (
            command.id.partition(".")[0]
            if command
            else "focused"
            if active.node is screen.focused
            else "moving"
        )
        keys = binding.key_display or keycap(binding.key)
        doc = command.doc if command else _words_of(active)
        for prefix, name in TOGETHER.items():
            if action.startswith(prefix):
                keys, doc = say(f"keys.together.{name}-keys"), say(f"keys.together.{name}")
        groups.setdefault(group, {})[keys] = doc
    return groups


def _line(first: str, tone: str, doc: str) -> list[tuple[str, str]]:
    lines = Content(doc).wrap(TEXT_WIDTH)
    told = ("\n" + " " * KEY_WIDTH).join(line.plain.rstrip() for line in lines)
    return [(first.ljust(KEY_WIDTH), tone), (f"{told}\n", "$text")]
