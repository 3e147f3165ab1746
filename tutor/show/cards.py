"""Cards: a title, something to read and the replies it offers. Its content is decided here; a screen only
draws it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.model.price import Item

Styled = list[tuple[str, str]]
"""Text in pieces, each with the name of its style; nothing in it is markup."""


def answering(reply: str) -> str:
    """Returns the style of a piece of a card's text that answers the card when it is clicked."""
    return f"@click=screen.answer({reply!r})"


@dataclasses.dataclass(frozen=True, slots=True)
class Reply:
    """One reply that a card can be answered with."""

    id: str
    """What the card answers with; empty for back to what is below."""
    label: str
    """What it says."""
    note: str = ""
    """More about it, in quiet letters."""
    key: str = ""
    """The key that chooses it at once: the one that does the same on the board. Empty: arrows and
    enter only.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Card:
    """A card with something to read, and the replies that go on from it."""

    title: str
    """The heading."""
    text: Sequence[tuple[str, str]] = ()
    """What there is to read, in styled pieces."""
    markdown: str = ""
    """What stands before the text: Markdown from a level, whose links are words."""
    note: str = ""
    """A line under the title, in quiet letters."""
    notice: str = ""
    """What to know before anything else; above the text."""
    replies: tuple[Reply, ...] = ()
    """How to go on; the first is the usual one."""
    word: str = ""
    """The glossary term it is about."""

    @property
    def plain(self) -> str:
        """The whole text of the card, without styles: for tests and for plain mode."""
        return self.markdown + "".join(piece for piece, _ in self.text)


def numbered(labels: Sequence[str]) -> tuple[Reply, ...]:
    """Returns answers to choose from: each answers with its place, and the number before it chooses it."""
    return tuple(Reply(str(index), label, key=str(index + 1)) for index, label in enumerate(labels))


@dataclasses.dataclass(frozen=True, slots=True)
class BillLine:
    """A part or wire on the bill."""

    title: str
    """What the learner calls it."""
    price: float
    """What it costs an hour."""
    items: tuple[Item, ...] = ()
    """What that is made of."""
