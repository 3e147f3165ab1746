"""The key bar: the commands that work now, by key and by mouse."""

from __future__ import annotations

from typing import Any

from textual import events
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.keys import key_to_character
from textual.reactive import reactive
from textual.widget import Widget

from tutor.tui.commands import command_of, keycap, spelled

ROOMY = 110
"""From this width on the palette has its place in the bar whatever else there is."""


class KeyBar(Widget):
    """One line of keys and words; a click does what the key does, and the most important stay if room is
    short.
    """

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        background: $surface;
        padding: 0 1;
    }
    """

    hovered: reactive[int] = reactive(-1)
    """Which entry the mouse is on; -1 is none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._entries: list[tuple[int, int, ActiveBinding]] = []
        self._drawn: tuple[list[ActiveBinding], list[ActiveBinding]] = [], []

    def on_mount(self) -> None:
        """Follows the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_updated)

    def _bindings_updated(self, screen: Any) -> None:
        if self.is_mounted and screen is self.screen and self._chosen() != self._drawn:
            self.refresh()

    def render(self) -> Content:
        """Renders the entries that fit, the most important first, help and the palette at the right."""
        left, right = self._drawn = self._chosen()
        self._entries = []
        parts: list[Content | tuple[str, str]] = []
        at = 0
        for active in left:
            at = self._put(parts, active, at)
        right_width = sum(self._width(active) for active in right) - (3 if right else 0)
        gap = self.size.width - at - right_width
        parts.append((" " * max(0, gap), ""))
        at += max(0, gap)
        for active in right:
            at = self._put(parts, active, at)
        return Content.assemble(*parts)

    def _put(self, parts: list[Content | tuple[str, str]], active: ActiveBinding, at: int) -> int:
        key, label = self._words(active)
        width = len(key) + 1 + len(label)
        on = len(self._entries) == self.hovered
        parts.append((key, "bold $text on $boost" if on else "bold $accent"))
        parts.append((f" {label}", "$text on $boost" if on else "$muted"))
        parts.append(("   ", ""))
        self._entries.append((at, at + width, active))
        return at + width + 3

    def _words(self, active: ActiveBinding) -> tuple[str, str]:
        binding = active.binding
        key = keycap(binding.key) if self._typing else binding.key_display or keycap(binding.key)
        command = command_of(binding)
        label = command.label if command is not None else binding.description
        return spelled(key) if self.app.has_class("-ascii") else key, label.lower()

    @property
    def _typing(self) -> bool:
        """True if letters go into a line of text just now."""
        focused = self.screen.focused
        return focused is not None and focused.check_consume_key("a", "a")

    def _width(self, active: ActiveBinding) -> int:
        key, label = self._words(active)
        return len(key) + len(label) + 4

    def _weight(self, binding: Binding) -> int:
        command = command_of(binding)
        return command.weight or 50 if command else 50

    def _chosen(self) -> tuple[list[ActiveBinding], list[ActiveBinding]]:
        seen: set[str] = set()
        found: list[ActiveBinding] = []
        focused = self.screen.focused
        for key, active in self.screen.active_bindings.items():
            if self._typing and focused is not None and focused.check_consume_key(key, key_to_character(key)):
                continue  # the line takes it
            binding = active.binding
            if binding.show and not binding.system and active.enabled and binding.action not in seen:
                seen.add(binding.action)
                found.append(active)
        right = [active for active in found if active.binding.id in ("app.help", "app.palette")]
        right.sort(key=lambda active: active.binding.id != "app.help")
        kept = right if self.size.width >= ROOMY else right[:1]  # the palette leads a mouse to everything
        room = self.size.width - sum(self._width(active) for active in kept) + 3
        left: list[ActiveBinding] = []
        for active in sorted(
            (one for one in found if one not in right), key=lambda one: -self._weight(one.binding)
        ):
            room -= self._width(active)
            if room < 3:
                break
            left.append(active)
        if kept is not right and (room < 3 or (len(right) > 1 and room < self._width(right[1]) + 3)):
            right = right[:1]
        return left, right

    def _at(self, x: int) -> int:
        for index, (start, end, _) in enumerate(self._entries):
            if start <= x < end:
                return index
        return -1

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Lights the entry under the mouse and says what it does."""
        self.hovered = self._at(event.x - self.styles.padding.left)
        self.tooltip = self._about(self._entries[self.hovered][2]) if self.hovered >= 0 else None

    @staticmethod
    def _about(active: ActiveBinding) -> str | None:
        command = command_of(active.binding)
        return command.doc if command is not None else active.tooltip or None

    def on_leave(self) -> None:
        """Notes that no entry is under the mouse any more."""
        self.hovered = -1

    async def on_click(self, event: events.Click) -> None:
        """Presses the key of the entry that was clicked."""
        index = self._at(event.x - self.styles.padding.left)
        if index >= 0:
            event.stop()
            active = self._entries[index][2]
            await self.app.run_action(active.binding.action, active.node)
