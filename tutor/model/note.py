"""Notes: text that a learner puts on the board beside the parts. A run does not read them."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from tutor.model.setting import setting

LONGEST = 200
"""The most characters of a note: as many as a wide box has room for, twice."""

MOST_NOTES = 50
"""The most notes of a design: each takes a place on the board, as a part does."""

SHORT = 32
"""The most characters of a note's text where it stands for the note in a sentence."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note on the board."""

    kind: ClassVar[str] = "note"
    """The word for it in the palette and on screen."""
    glyph: ClassVar[str] = "¶"
    """Its sign in the palette."""

    id: str
    """Lower-case kebab; unique among the parts and notes of the design."""
    text: str = setting("", "text", at_least=1, at_most=LONGEST, passive=True)
    at: tuple[int, int] | None = setting(None, "position", off="none", passive=True)

    @property
    def name(self) -> str:
        """The beginning of its text, which stands for it in a sentence."""
        return self.text if len(self.text) <= SHORT else f"{self.text[: SHORT - 1].rstrip()}…"
