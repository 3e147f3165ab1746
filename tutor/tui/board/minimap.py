"""A small picture of the whole board, for when it does not fit: where the parts are, and what of it is in view."""

from __future__ import annotations

from tutor.tui.board.canvas import Run
from tutor.tui.board.place import Box
from tutor.tui.board.scene import Scene

WIDEST, TALLEST = 24, 8
"""The most cells the map takes."""


def draw_map(scene: Scene, view: Box, focus: str | None, sign: str) -> list[list[Run]]:
    """Rows of cells, each a sign and a style; ``view`` is the part of the canvas that is in view."""
    width, height = scene.size
    scale = max(width / WIDEST, height * 2 / (TALLEST * 2), 1.0)
    across, down = max(1, round(width / scale)), max(1, min(TALLEST, round(height / max(height / TALLEST, scale / 2))))
    dx, dy = width / across, height / down
    cells: list[list[Run]] = []
    for row in range(down):
        line: list[Run] = []
        for column in range(across):
            box = Box(int(column * dx), int(row * dy), max(1, round(dx)), max(1, round(dy)))
            line.append((" ", "map-view" if box.meets(view) else "map"))
        cells.append(line)
    for part, box in scene.boxes.items():
        x, y = box.middle
        column, row = min(across - 1, int(x / dx)), min(down - 1, int(y / dy))
        seen = cells[row][column][1]
        cells[row][column] = (sign, "map-focus" if part == focus else seen)
    return cells
