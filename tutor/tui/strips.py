"""Textual's memory of widgets that are gone, and the way to free it."""

from __future__ import annotations

from textual._styles_cache import StylesCache


def forget_strips() -> None:
    """Frees the drawn lines of widgets that are gone.

    Textual remembers 1,024 mixed colors by the cache of lines that asked for them, and so keeps those caches
    with all their lines: 1.7 MB for each level that is opened and left. What is needed is mixed again.
    """
    StylesCache.get_inner_outer.cache_clear()
