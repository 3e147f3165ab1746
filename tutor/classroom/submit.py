"""The one file that a student hands in: every design with what the student's own game says about it.

It is a TOML file that a person can read; :mod:`tutor.classroom.handins` reads it back. The claims are for comparison only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

FORMAT = 1
"""The version of the hand-in's form."""


@dataclasses.dataclass(frozen=True, slots=True)
class Work:
    """A student's work on one level."""

    level: str
    """The level's id."""
    design: str
    """The text of the design file."""
    passed: bool
    """Whether the student's game passed it."""
    stars: tuple[int, int, int] = (0, 0, 0)
    """Cost, speed and simplicity."""
    tries: int = 0
    """Runs made."""
    seconds: float = 0.0
    """Time spent in the level."""
    hints: int = 0
    """Hints used."""


def render_hand_in(name: str, email: str, title: str, works: Iterable[Work]) -> str:
    """The hand-in as TOML text."""
    lines = [
        "# What tutor class submit made. Every design in it is simulated again when it is graded.",
        f"format = {FORMAT}",
        f"name = {_text(name)}",
        f"email = {_text(email)}",
        f"title = {_text(title)}",
    ]
    for work in works:
        cost, speed, simplicity = work.stars
        claimed = (
            f"passed = {str(work.passed).lower()}, stars = {{cost = {cost}, speed = {speed}, simplicity = {simplicity}}}, "
            f"tries = {work.tries}, seconds = {work.seconds:.0f}, hints = {work.hints}"
        )
        lines += ["", "[[designs]]", f"level = {_text(work.level)}", f"claimed = {{{claimed}}}", f"design = {_block(work.design)}"]
    return "\n".join(lines) + "\n"


def _text(text: str) -> str:
    clean = "".join(char if char.isprintable() else " " for char in text)
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _block(text: str) -> str:
    """A multi-line TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    clean = "".join(char if char.isprintable() or char == "\n" else f"\\U{ord(char):08x}" for char in escaped)
    if clean.endswith('"'):
        clean = clean[:-1] + '\\"'
    return '"""\n' + clean + '"""'
