"""Lines of text with hanging indents and breaks in allowed places, and goals as a list of them.

The map needs these and nothing of the judge, which ``styled`` reads: it is complete 0.1 s sooner.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from tutor.show.cards import Styled
from tutor.words import say

VERDICT_WIDTH = 70
"""Cells for a line of the verdict."""

_JOINED = "\N{NO-BREAK SPACE}"
_TOGETHER = re.compile(r"(?<=\d) (?=\d{3}\b|(?:ms|s|min|h|kB|MB)\b)")
"""The spaces at which no line may end."""


def style_goals(goals: Iterable[str], width: int = 0) -> Styled:
    """Returns the sentences of goals as a list; lines longer than ``width`` get a hanging indent."""
    parts: Styled = [(say("verdict.goals") + "\n", "bold $primary")]
    for goal in goals:
        parts += [("○ ", "$faint"), (f"{hanging(goal, width, 2)}\n", "$text")]
    return parts


def hanging(text: str, width: int, indent: int = 0) -> str:
    """Returns a text broken at ``width`` with all lines but the first indented; unchanged if it fits or no
    width is known.

    No line ends inside a number or between a number and its unit.
    """
    if width < indent + 10 or len(text) + indent <= width:
        return text
    lines = textwrap.wrap(_TOGETHER.sub(_JOINED, text), width - indent)
    return ("\n" + " " * indent).join(lines).replace(_JOINED, " ")
