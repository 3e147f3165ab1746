"""The colours: dark, light and safe for colour-blind eyes.

Meaning never hangs on colour alone; the themes only make it quicker to see. ``wire-*`` variables colour the
kinds of wire.
"""

from __future__ import annotations

from textual.theme import Theme

DARK = Theme(
    name="tutor-dark",
    primary="#7fb4d6",
    secondary="#9aa9d9",
    accent="#f0b866",
    warning="#e9a45b",
    error="#ef7a7a",
    success="#8fcf9b",
    foreground="#d7dde6",
    background="#10141b",
    surface="#161c26",
    panel="#1f2733",
    boost="#ffffff0a",
    dark=True,
    variables={
        "muted": "#7f8b9c",
        "faint": "#3a4555",
        "rule": "#27303e",
        "wire-call": "#7fb4d6",
        "wire-publish": "#f0b866",
        "wire-subscribe": "#8fcf9b",
        "wire-write": "#c79bd8",
        "wire-read": "#9aa9d9",
        "wire-poll": "#d6a07f",
        "wire-capture": "#7fd0c8",
        "wire-bind": "#7fd0c8",
        "wire-dead-letter": "#ef7a7a",
        "block-cursor-background": "#2b3a4d",
        "block-cursor-foreground": "#f3f6fa",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1f2733",
        "input-selection-background": "#7fb4d6 35%",
        "scrollbar": "#2b3543",
        "scrollbar-hover": "#3d4a5c",
        "scrollbar-active": "#7fb4d6",
        "scrollbar-background": "#141a23",
        "scrollbar-background-hover": "#141a23",
        "scrollbar-background-active": "#141a23",
        "scrollbar-corner-color": "#141a23",
        "border": "#3a4555",
        "border-blurred": "#27303e",
    },
)

LIGHT = Theme(
    name="tutor-light",
    primary="#1f6690",
    secondary="#4b5aa0",
    accent="#955300",
    warning="#955300",
    error="#b3322f",
    success="#2c7a3d",
    foreground="#28303a",
    background="#faf8f3",
    surface="#f2efe7",
    panel="#e7e2d6",
    boost="#0000000a",
    dark=False,
    variables={
        "muted": "#5d646f",
        "faint": "#c3beb2",
        "rule": "#ddd7ca",
        "wire-call": "#1f6690",
        "wire-publish": "#955300",
        "wire-subscribe": "#2c7a3d",
        "wire-write": "#84429b",
        "wire-read": "#4b5aa0",
        "wire-poll": "#8a5230",
        "wire-capture": "#17716a",
        "wire-bind": "#17716a",
        "wire-dead-letter": "#b3322f",
        "block-cursor-background": "#d5e3ec",
        "block-cursor-foreground": "#16202b",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e7e2d6",
        "input-selection-background": "#1f6690 25%",
        "scrollbar": "#cfc9bb",
        "scrollbar-hover": "#b5ae9e",
        "scrollbar-active": "#1f6690",
        "scrollbar-background": "#f2efe7",
        "scrollbar-background-hover": "#f2efe7",
        "scrollbar-background-active": "#f2efe7",
        "scrollbar-corner-color": "#f2efe7",
        "border": "#c3beb2",
        "border-blurred": "#ddd7ca",
    },
)

SAFE = Theme(
    name="tutor-safe",
    primary="#56b4e9",
    secondary="#a9c4d8",
    accent="#f0e442",
    warning="#e69f00",
    error="#e69f00",
    success="#56b4e9",
    foreground="#e6e9ee",
    background="#101318",
    surface="#181c23",
    panel="#232932",
    boost="#ffffff0a",
    dark=True,
    variables={
        **DARK.variables,
        "wire-call": "#56b4e9",
        "wire-publish": "#f0e442",
        "wire-subscribe": "#ffffff",
        "wire-write": "#cc79a7",
        "wire-read": "#a9c4d8",
        "wire-poll": "#d9a441",
        "wire-capture": "#8fd3c0",
        "wire-bind": "#8fd3c0",
        "wire-dead-letter": "#e69f00",
        "scrollbar-active": "#56b4e9",
    },
)
"""After Okabe and Ito: blue for well, orange for ill, which every kind of colour vision tells apart."""

THEMES = {"dark": DARK, "light": LIGHT, "safe": SAFE}
"""The themes by the word that settings use."""


def theme_of(word: str) -> Theme:
    """The theme for the word that settings use."""
    return THEMES[word]
