"""ASCII mode for everything at once: a filter over the drawn screen, so that no widget has to know
about it.
"""

from __future__ import annotations

import functools
import unicodedata

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_BOX = {
    "─━┄┅┈┉╌╍╴╶╸╺╼╾": "-",
    "═": "=",
    "│┃┆┇┊┋╎╏╵╷╹╻╽╿": "|",
    "║": "|",
    "▌▐▎▏▍▕": "|",
    "█▉▊▋▇▆▅■◼▪": "#",
    "▓▒░": ".",
    "▄▂▃▁▀▔": "_",
    "▸▶►→⇒➤›": ">",
    "»": "~",
    "◀◂←‹«": "<",
    "▾▼▽↓": "v",
    "▴▲△↑": "^",
    "✓✔": "+",
    "✗✘×": "x",
    "★": "*",
    "☆·∙•⋅": ".",
    "○◌◯": "o",
    "●◉": "@",
    "◆": "#",
    "◇": "o",
    "…": ".",
    "–—‐‑": "-",
    "‖": "=",
    "⏎": "e",
    "⇧": "S",
    "⇄⇅⟳↔": "%",
    "±": "+",
    "‼": "!",
    "≠": "!",
    "“”": '"',
    "‘’": "'",
    "☺": "u",
    "▣◫": "#",
    "≡▤": "=",
    "⋔": "Y",
}
_SIGNS = {ord(sign): plain for signs, plain in _BOX.items() for sign in signs}


class PlainSigns(LineFilter):
    """Replaces box characters and signs by letters of ASCII of the same width; letters of any script stay."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's signature
        """Returns the segments in plain signs."""
        return [Segment(plain_text(text), style, control) for text, style, control in segments]


@functools.lru_cache(4096)
def plain_text(text: str) -> str:
    """Returns a text in plain signs, as many cells wide as before."""
    return text if text.isascii() else "".join(sign if sign.isascii() else _plain(sign) for sign in text)


def _plain(sign: str) -> str:
    code = ord(sign)
    if code in _SIGNS:
        return _SIGNS[code]
    if 0x2800 <= code <= 0x28FF:
        return " " if code == 0x2800 else "_" if code & 0xC0 and not code & 0x3F else "."
    if 0x2500 <= code <= 0x257F:
        return "+"
    if unicodedata.category(sign)[0] == "L":
        return sign
    return "??" if unicodedata.east_asian_width(sign) in "WF" else "" if unicodedata.combining(sign) else "?"
