"""One person's preferences for the screen: colors, signs, motion, speed. Kept in a small file beside the
progress.

Read before the first frame, so it needs nothing of the model.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from pathlib import Path
from typing import Any

from tutor.terminal import can_draw
from tutor.words import say


def _kept(default: Any, **choices: Any) -> Any:
    """Creates a field with its choices: their names and the values they stand for."""
    return dataclasses.field(default=default, metadata={"choices": choices})


@dataclasses.dataclass(frozen=True)
class Preferences:
    """The preferences of the settings screen; their words are in ``preferences.toml``."""

    theme: str = _kept(
        "dark",
        dark="dark",
        light="light",
        safe="safe",
    )
    ascii: bool = _kept(
        False,
        no=False,
        yes=True,
    )
    motion: str = _kept("full", full="full", reduced="reduced")
    speed: float = _kept(
        1.0,
        **{"×0.25": 0.25, "×0.5": 0.5, "×1": 1.0, "×2": 2.0, "×4": 4.0, "×8": 8.0},
    )

    @property
    def reduced(self) -> bool:
        """True if motion is unwanted, by choice or by the environment."""
        return self.motion == "reduced" or os.environ.get("TEXTUAL_ANIMATIONS") == "none"


def choices_of(name: str) -> dict[str, Any]:
    """Returns the values that a preference may have, by their names."""
    return dict(Preferences.__dataclass_fields__[name].metadata["choices"])


def doc_of(name: str) -> str:
    """Returns the effect of a preference, in one sentence."""
    return say(f"preferences.{name}.about")


def title_of(name: str) -> str:
    """Returns the title of a preference on screen."""
    return say(f"preferences.{name}.title")


def word_of(name: str, choice: str) -> str:
    """Returns the name of one choice of a preference on screen; a number stays as it is."""
    return choice if choice.startswith("×") else say(f"preferences.{name}.choice.{choice}")


def load_preferences(path: Path | None) -> Preferences:
    """Loads the preferences in this file; a missing or unusable one falls back to its default, each on its
    own.

    A terminal whose encoding lacks box characters is drawn in plain letters unless the file says otherwise.
    """
    usual = Preferences(ascii=not can_draw(sys.stdout))
    try:
        text = path.read_text("utf-8") if path is not None else ""
    except (OSError, ValueError):
        text = ""
    if not text:
        return usual
    import tomllib

    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return usual
    fitting = {
        name: raw[name] for name in Preferences.__dataclass_fields__ if name in raw and _fits(raw[name], name)
    }
    return dataclasses.replace(usual, **fitting)


def _fits(value: object, name: str) -> bool:
    return any(
        value == known and isinstance(value, bool) == isinstance(known, bool)
        for known in choices_of(name).values()
    )


def save_preferences(preferences: Preferences, path: Path | None) -> None:
    """Writes the preferences, whole or not at all; a place that cannot be written is no reason to stop
    playing.
    """
    if path is None or path.parts[:1] == ("~",):  # nothing to keep them in
        return
    from tutor.disk import write_text
    from tutor.errors import InputError

    lines = [
        f"{name} = {json.dumps(getattr(preferences, name))}" for name in Preferences.__dataclass_fields__
    ]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, "\n".join(lines) + "\n")
    except (OSError, InputError):
        return
