"""A small picture of the whole board, for when it does not fit: where the parts are, and which stretch is in
view.
"""

from __future__ import annotations

from tutor.show.picture.canvas import Run
from tutor.show.picture.place import Box
from tutor.show.picture.scene import Scene

WIDEST, TALLEST = 28, 9
"""The most cells the map takes."""

SHARE = 4
"""The map takes at most one in so many columns, and rows, of the view."""

WORTH_IT = 1.3
"""How much larger than the view the board has to be before there is a map."""


def draw_map(scene: Scene, view: Box, focus: str | None, sign: str) -> list[list[Run]]:
    """Draws rows of cells, each a sign and a style; ``view`` is the part of the canvas that is in view. Empty
    if a map is not worth it.
    """
    width, height = scene.size
    widest, tallest = min(WIDEST, view.width // SHARE), min(TALLEST, view.height // SHARE)
    if widest < 8 or tallest < 2 or (width < view.width * WORTH_IT and height < view.height * WORTH_IT):
        return []
    scale = max(width / widest, height / tallest)
    across, down = max(2, round(width / scale)), max(2, round(height / scale))
    dx, dy = width / across, height / down

    def seen(column: int, row: int) -> bool:
        x, y = (column + 0.5) * dx, (row + 0.5) * dy
        return view.x <= x <= view.right and view.y <= y <= view.bottom

    cells: list[list[Run]] = [
        [(" ", "map-view" if seen(column, row) else "map") for column in range(across)] for row in range(down)
    ]
    for part, box in scene.boxes.items():
        x, y = box.middle
        column, row = min(across - 1, int(x / dx)), min(down - 1, int(y / dy))
        if cells[row][column][1] != "map-focus":
            cells[row][column] = (sign, "map-focus" if part == focus else cells[row][column][1])
    return cells
