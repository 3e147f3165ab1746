"""Help: what has the focus, what it is for, and every key that works here, taken from the bindings."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from tutor.tui.commands import BACK, GROUPS, bindings, by_id, keycap
from tutor.tui.screens.framed import Dialog
from tutor.tui.widgets.keybar import KeyBar

KEY_WIDTH = 11
"""Cells for a key's name."""
TEXT_WIDTH = 44
"""Cells for what it does."""
UNTOLD = ("Scroll Left", "Scroll Right", "Page Left", "Page Right", "Copy selected text")
"""Keys of every list that say nothing about this game."""


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
        """One scrolling text."""
        with VerticalScroll(id="help"):
            yield Static(self._text, markup=False)
        yield KeyBar()

    def action_back(self) -> None:
        """Close."""
        self.dismiss(None)


def help_text(screen: Screen[Any]) -> Content:
    """What has the focus on a screen, and its keys by group."""
    parts: list[tuple[str, str]] = [("Help\n", "bold $text")]
    told = str(getattr(screen, "describe_focus", str)())
    if told:
        parts.append((f"\n{told}\n", "$text"))
    groups: dict[str, list[tuple[str, str, bool]]] = {}
    known = by_id()
    done: set[str] = set()
    for active in screen.active_bindings.values():
        binding = active.binding
        if (
            binding.system
            or binding.description in UNTOLD
            or not (binding.description or binding.tooltip)
            or (key := binding.action) in done
        ):
            continue
        done.add(key)
        command = known.get(binding.id or "")
        group = command.group if command else "What has the focus" if active.node is screen.focused else "Moving about"
        keys = binding.key_display or keycap(active.binding.key)
        groups.setdefault(group, []).append((keys, active.tooltip or binding.description, active.enabled))
    order = ["What has the focus", *GROUPS.values(), "Moving about"]
    for group in sorted(groups, key=lambda name: order.index(name) if name in order else 99):
        parts.append((f"\n{group}\n", "bold $primary"))
        for keys, doc, enabled in groups[group]:
            parts.append((keys.ljust(KEY_WIDTH), "bold $accent" if enabled else "$faint"))
            lines = Content(doc).wrap(TEXT_WIDTH)
            told = ("\n" + " " * KEY_WIDTH).join(line.plain.rstrip() for line in lines)
            parts.append((f"{told}\n", "$text" if enabled else "$faint"))
    return Content.assemble(*parts)
