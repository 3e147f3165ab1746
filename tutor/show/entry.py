"""A line of typed text: its text, its cursor, and the effect of each key."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(slots=True)
class Entry:
    """One line of text under a cursor. While ``fresh`` all of it is selected: the first letter
    replaces it.
    """

    text: str
    """What is typed so far."""
    cursor: int = 0
    """The letter before which the next one is inserted."""
    fresh: bool = True
    """Whether nothing has been typed yet."""

    def insert(self, text: str) -> None:
        """Inserts text at the cursor, or instead of everything if nothing has been typed yet."""
        kept = "".join(sign for sign in text if sign.isprintable())
        if self.fresh:
            self.text, self.cursor = "", 0
        self.text = self.text[: self.cursor] + kept + self.text[self.cursor :]
        self.cursor += len(kept)
        self.fresh = False

    def replace(self, text: str) -> None:
        """Replaces the text, with the cursor behind it."""
        self.text, self.cursor, self.fresh = text, len(text), False

    def press(self, key: str, character: str | None) -> bool:
        """Handles a key; returns False for one that means nothing in a line of text."""
        at = len(self.text) if self.fresh else self.cursor
        match key:
            case "backspace":
                self.text = "" if self.fresh else self.text[: max(0, at - 1)] + self.text[at:]
                self.cursor = 0 if self.fresh else max(0, at - 1)
            case "delete":
                self.text = "" if self.fresh else self.text[:at] + self.text[at + 1 :]
                self.cursor = 0 if self.fresh else at
            case "left":
                self.cursor = max(0, at - 1)
            case "right":
                self.cursor = min(len(self.text), at + 1)
            case "home" | "ctrl+a":
                self.cursor = 0
            case "end" | "ctrl+e":
                self.cursor = len(self.text)
            case "ctrl+u":
                self.text, self.cursor = self.text[at:], 0
            case _:
                if character is None or not character.isprintable():
                    return False
                self.insert(character)
        self.fresh = False
        return True
