"""A word of the field, with one meaning and the level that teaches it."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """One entry of the glossary."""

    id: str
    """Lower-case kebab; what levels and other terms name it by."""
    title: str
    """The word."""
    definition: str
    """What it means, in a few sentences."""
    level: str = ""
    """The id of the level that teaches it; empty where none does."""
    see: tuple[str, ...] = ()
    """Ids of related terms."""
    aliases: tuple[str, ...] = ()
    """Other words for it."""
