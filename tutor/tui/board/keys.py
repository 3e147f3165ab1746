"""The keys of the board, each with an id so that it can be remapped; their words are in ``keys.toml``."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tutor.show.picture.place import DOWN, LEFT, RIGHT, UP

DIRECTIONS = {"right": RIGHT, "down": DOWN, "left": LEFT, "up": UP}
"""The direction of each arrow key."""


def _key(key: str, action: str, name: str, *, show: bool = False, shown: str | None = None) -> Binding:
    return Binding(key, action, name, show=show, key_display=shown, id=f"board.{name}")


BINDINGS: list[BindingType] = [
    *(_key(key, f"toward('{key}')", key) for key in DIRECTIONS),
    *(_key(f"shift+{key}", f"shift('{key}')", f"shift-{key}") for key in DIRECTIONS),
    _key("tab", "following(1)", "next"),
    _key("shift+tab", "following(-1)", "previous"),
    _key("enter", "open", "open", show=True),
    _key("a", "add", "add", show=True),
    _key("w", "wire", "wire", show=True),
    _key("escape", "give_up", "give-up", show=True),
    _key("x,delete", "remove", "remove", show=True, shown="x"),
    _key("C", "copy", "copy"),
    _key("V", "paste", "paste"),
    _key("m", "menu", "menu"),
    _key("T", "tidy", "tidy"),
    _key("z", "fit", "fit"),
    _key("Z", "overview", "overview"),
]
