"""The colors: dark, light and safe for color-blind eyes.

Meaning never hangs on color alone; the themes only make it quicker to see. ``wire-*`` variables color the
kinds of wire.
"""

from __future__ import annotations

from textual.theme import Theme

from tutor.show.picture import inks

_SIGNALS = ("muted", "faint", *(name for name in inks.DARK if name.startswith("wire-")))
"""Colors that Textual has no word for."""

DARK = Theme(
    name="tutor-dark",
    primary=inks.DARK["primary"],
    secondary=inks.DARK["secondary"],
    accent=inks.DARK["accent"],
    warning=inks.DARK["warning"],
    error=inks.DARK["error"],
    success=inks.DARK["success"],
    foreground=inks.DARK["foreground"],
    background=inks.DARK["background"],
    surface="#161c26",
    panel="#1f2733",
    boost="#ffffff0a",
    dark=True,
    variables={
        **{name: inks.DARK[name] for name in _SIGNALS},
        "rule": "#27303e",
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
    primary=inks.LIGHT["primary"],
    secondary=inks.LIGHT["secondary"],
    accent=inks.LIGHT["accent"],
    warning=inks.LIGHT["warning"],
    error=inks.LIGHT["error"],
    success=inks.LIGHT["success"],
    foreground=inks.LIGHT["foreground"],
    background=inks.LIGHT["background"],
    surface="#f2efe7",
    panel="#e7e2d6",
    boost="#0000000a",
    dark=False,
    variables={
        **{name: inks.LIGHT[name] for name in _SIGNALS},
        "rule": "#ddd7ca",
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
    """Returns the theme for the word that settings use."""
    return THEMES[word]
