"""The colors of the board: a Rich style for each name that the drawing uses, from component classes and so
from the theme.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.style import Style
from textual.color import Color

from tutor.show.picture.inks import INKS

CSS = """
Board {
    scrollbar-size: 1 1;
    background: $background;
    color: $foreground;

    & > .board--quiet { color: $muted; }
    & > .board--title { color: $foreground; text-style: bold; }
    & > .board--kind { color: $text-primary; }
    & > .board--channel { color: $text-accent; }
    & > .board--store { color: $text-secondary; }
    & > .board--frame { color: $foreground 40%; }
    & > .board--hover { color: $foreground 80%; }
    & > .board--focus { color: $accent; text-style: bold; }
    & > .board--trail { color: $text-warning; text-style: bold; }
    & > .board--legal { color: $text-success; text-style: bold; }
    & > .board--key { background: $success; color: $background; text-style: bold; }
    & > .board--faint { color: $foreground 25%; }
    & > .board--good { color: $text-success; }
    & > .board--warning { color: $text-warning; text-style: bold; }
    & > .board--bad { color: $text-error; text-style: bold; }
    & > .board--fault { background: $error; color: $background; text-style: bold; }
    & > .board--bar { color: $text-primary; }
    & > .board--busy { color: $text-success; }
    & > .board--call { color: $foreground 85%; }
    & > .board--message { color: $text-accent; }
    & > .board--delivery { color: $text-primary; }
    & > .board--access { color: $text-secondary; }
    & > .board--dead-letter { color: $text-error; }
    & > .board--moving { color: $foreground; text-style: bold; }
    & > .board--warning-bar { background: $warning; color: $background; text-style: bold; }
    & > .board--prompt { background: $panel; color: $foreground; }
    & > .board--prompt-key { background: $panel; color: $text-accent; text-style: bold; }
    & > .board--map { background: $panel; color: $foreground 60%; }
    & > .board--map-view { background: $primary 40%; color: $foreground; }
}
"""

COMPONENT_CLASSES = {
    f"board--{name}"
    for name in (
        *(
            "quiet",
            "title",
            "kind",
            "channel",
            "store",
            "frame",
            "hover",
            "focus",
            "trail",
            "legal",
            "key",
            "faint",
            "good",
            "warning",
            "bad",
        ),
        *(
            "fault",
            "bar",
            "busy",
            "call",
            "message",
            "delivery",
            "access",
            "dead-letter",
            "moving",
            "prompt",
            "prompt-key",
            "warning-bar",
        ),
        *("map", "map-view"),
    )
}
"""The component classes of the board, for themes and style sheets."""

BOLD, REVERSE = Style(bold=True), Style(reverse=True)


def make_ink(name: str, look_up: Callable[[str], Style], base: Style, theme: Mapping[str, str]) -> Style:
    """Returns the style for a name: ``-near`` is the same and bold, a label is like its wire, a label in
    focus is reversed.

    A theme may color a kind of wire by a variable of the style's name, e.g. ``wire-call``.
    """
    if name == "label-focus":
        return make_ink("wire-focus", look_up, base, theme) + REVERSE
    if name.endswith("-near"):
        return make_ink(name.removesuffix("-near"), look_up, base, theme) + BOLD
    if name.startswith("label-"):
        name = "wire-" + name.removeprefix("label-")
    known = INKS.get(name, name)
    style = look_up(f"board--{known}") if known else base
    if name.startswith("wire-") and name in theme:
        style += Style(color=Color.parse(theme[name]).rich_color)
    return style
