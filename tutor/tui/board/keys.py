"""The keys of the board, each with an id so that it can be remapped."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from tutor.tui.board.place import DOWN, LEFT, RIGHT, UP

DIRECTIONS = {"right": RIGHT, "down": DOWN, "left": LEFT, "up": UP}
"""The direction of each arrow key."""

BINDINGS: list[BindingType] = [
    *(
        Binding(
            key,
            f"toward('{key}')",
            f"Focus {key}",
            show=False,
            id=f"board.{key}",
            tooltip=f"Move the focus {key}",
        )
        for key in DIRECTIONS
    ),
    *(
        Binding(
            f"shift+{key}",
            f"shift('{key}')",
            f"Move {key}",
            show=False,
            id=f"board.shift-{key}",
            tooltip=f"Move the part {key}",
        )
        for key in DIRECTIONS
    ),
    Binding(
        "tab", "following(1)", "Next", show=False, id="board.next", tooltip="Go to the next part or wire"
    ),
    Binding(
        "shift+tab",
        "following(-1)",
        "Previous",
        show=False,
        id="board.previous",
        tooltip="Go to the part or wire before",
    ),
    Binding("enter", "open", "Open", id="board.open", tooltip="Open the part or wire in the inspector"),
    Binding("a", "add", "Add", id="board.add", tooltip="Add a part"),
    Binding("w", "wire", "Wire", id="board.wire", tooltip="Draw a wire from the part in focus"),
    Binding(
        "x,delete",
        "remove",
        "Delete",
        key_display="x",
        id="board.remove",
        tooltip="Delete the part or wire in focus",
    ),
    Binding(
        "C", "copy", "Copy", show=False, id="board.copy", tooltip="Copy the part in focus with its settings"
    ),
    Binding("V", "paste", "Paste", show=False, id="board.paste", tooltip="Add a copy of the copied part"),
    Binding(
        "m", "menu", "Menu", show=False, id="board.menu", tooltip="What can be done with what is in focus"
    ),
    Binding("T", "tidy", "Tidy", show=False, id="board.tidy", tooltip="Place every part automatically again"),
    Binding("z", "fit", "Fit", show=False, id="board.fit", tooltip="Fit to the screen, compact, or roomy"),
    Binding(
        "Z", "overview", "Overview", show=False, id="board.overview", tooltip="Show or hide the small map"
    ),
]
