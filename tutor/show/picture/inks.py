"""The inks of a picture: the ink of each style's name, and the colors of the inks on dark and on light
ground.
"""

from __future__ import annotations

INKS = {
    "": "",
    "box": "",
    "box-faint": "faint",
    "number": "",
    "note": "",
    "kind-client": "kind",
    "kind-service": "kind",
    "kind-job": "kind",
    "kind-database": "store",
    "kind-queue": "channel",
    "kind-topic": "channel",
    "kind-stream": "channel",
    "frame-hover": "hover",
    "frame-focus": "focus",
    "frame-chosen": "focus",
    "frame-legal": "legal",
    "frame-refused": "bad",
    "frame-illegal": "faint",
    "frame-down": "bad",
    "ghost": "focus",
    "handle": "focus",
    "held": "warning",
    "news": "key",
    "stale": "warning-bar",
    "busy-all": "warning",
    "bar-full": "bad",
    "failed": "bad",
    "flow": "moving",
    "flow-strong": "moving",
    "frame-trail": "trail",
    "wire-trail": "trail",
    "wire-focus": "focus",
    "map-focus": "key",
    "wire-faint": "faint",
    "wire-call": "call",
    "wire-publish": "message",
    "wire-capture": "message",
    "wire-bind": "message",
    "wire-subscribe": "delivery",
    "wire-write": "access",
    "wire-read": "access",
    "wire-poll": "access",
    "wire-dead-letter": "dead-letter",
}
"""The ink of a style's name, where it is not the name itself; an empty ink is that of plain text."""

DARK = {
    "primary": "#7fb4d6",
    "secondary": "#9aa9d9",
    "accent": "#f0b866",
    "warning": "#e9a45b",
    "error": "#ef7a7a",
    "success": "#8fcf9b",
    "foreground": "#d7dde6",
    "background": "#10141b",
    "muted": "#7f8b9c",
    "faint": "#3a4555",
    "wire-call": "#7fb4d6",
    "wire-publish": "#f0b866",
    "wire-subscribe": "#8fcf9b",
    "wire-write": "#c79bd8",
    "wire-read": "#9aa9d9",
    "wire-poll": "#d6a07f",
    "wire-capture": "#7fd0c8",
    "wire-bind": "#7fd0c8",
    "wire-dead-letter": "#ef7a7a",
}
"""Colors on dark ground, by what they mean; wires have one for each kind."""

LIGHT = {
    "primary": "#1f6690",
    "secondary": "#4b5aa0",
    "accent": "#955300",
    "warning": "#955300",
    "error": "#b3322f",
    "success": "#2c7a3d",
    "foreground": "#28303a",
    "background": "#faf8f3",
    "muted": "#5d646f",
    "faint": "#c3beb2",
    "wire-call": "#1f6690",
    "wire-publish": "#955300",
    "wire-subscribe": "#2c7a3d",
    "wire-write": "#84429b",
    "wire-read": "#4b5aa0",
    "wire-poll": "#8a5230",
    "wire-capture": "#17716a",
    "wire-bind": "#17716a",
    "wire-dead-letter": "#b3322f",
}
"""Colors on light ground, by the same names."""

COLORS = {
    "": "foreground",
    "quiet": "muted",
    "title": "foreground",
    "kind": "primary",
    "channel": "accent",
    "store": "secondary",
    "frame": "muted",
    "hover": "foreground",
    "focus": "accent",
    "trail": "warning",
    "legal": "success",
    "key": "success",
    "faint": "faint",
    "good": "success",
    "warning": "warning",
    "warning-bar": "warning",
    "bad": "error",
    "fault": "error",
    "bar": "primary",
    "busy": "success",
    "moving": "foreground",
}
"""The color of each ink; a wire's ink has the color of its kind."""

BOLD = frozenset({"title", "focus", "trail", "legal", "key", "warning", "bad", "fault", "moving"})
"""The inks that are bold."""


def ink_of(style: str) -> tuple[str, bool]:
    """Returns the name of a style's color, and whether it is bold: ``-near`` is the same and bold, a label is
    like its wire.
    """
    name, near = style.removesuffix("-near"), style.endswith("-near")
    if name.startswith("label-"):
        name = "wire-" + name.removeprefix("label-")
    ink = INKS.get(name, name)
    color = name if name in DARK else COLORS.get(ink, "foreground")
    return color, near or ink in BOLD
