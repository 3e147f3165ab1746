"""How one person likes the screen: colours, signs, motion, speed. Kept in a small file beside the progress."""

from __future__ import annotations

import dataclasses
import json
import os
import tomllib
from pathlib import Path
from typing import Any

from tutor.errors import InputError
from tutor.model.setting import setting, settings_of


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What the settings screen shows; each field says what it does."""

    theme: str = setting("dark", "choice", "Colours: dark, light, or safe for colour-blind eyes.", choices=("dark", "light", "safe"))
    ascii: bool = setting(False, "flag", "Draw with plain letters and signs only, for terminals without box characters.")
    motion: str = setting("full", "choice", "reduced: no moving events and no gliding, only states.", choices=("full", "reduced"))
    speed: float = setting(1.0, "number", "How fast runs are played back; 1 takes about 25 seconds.", at_least=0.25, at_most=8)

    @property
    def reduced(self) -> bool:
        """Whether motion is unwanted, by choice or by the environment."""
        return self.motion == "reduced" or os.environ.get("TEXTUAL_ANIMATIONS") == "none"


def load_preferences(path: Path | None) -> Preferences:
    """The preferences in this file; what is missing or does not fit falls back to its default, one by one."""
    if path is None:
        return Preferences()
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return Preferences()
    values: dict[str, Any] = {}
    for name, described in settings_of(Preferences).items():
        if name in raw:
            try:
                values[name] = described.parse(raw[name])
            except InputError:
                continue
    return Preferences(**values)


def save_preferences(preferences: Preferences, path: Path | None) -> None:
    """Writes the preferences, whole or not at all; a place that cannot be written is no reason to stop playing."""
    if path is None:
        return
    lines = [f"{name} = {json.dumps(getattr(preferences, name))}" for name in settings_of(Preferences)]
    new = path.with_name(path.name + ".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text("\n".join(lines) + "\n", "utf-8")
        new.replace(path)
    except OSError:
        return
