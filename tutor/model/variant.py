"""A student's own numbers: a level whose rates, times and capacities are slightly different for each
student.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from tutor.model.component import Client, Component
from tutor.model.level import Level
from tutor.model.setting import Setting, settings_of
from tutor.words import say

LEAST, MOST = 0.5, 2.0
"""No factor of a variant is outside of these."""
LARGE = 20
"""Whole numbers from here on can be scaled by some percent and still be whole: a capacity of 1 can't."""
_UNITS = ("per_s", "ms", "s")
_SHAPES = ("number", "integer", "profile", "number-by-event")


@dataclasses.dataclass(frozen=True, slots=True)
class Variant:
    """The changes to one level: factors for settings of fixed parts."""

    factors: tuple[tuple[str, str, float], ...] = ()
    """The id of a part, the name of a setting, and its factor."""

    def applied(self, level: Level) -> Level:
        """Returns the level with these numbers, and with a note at the end of its briefing that names them.

        A part or setting that the level doesn't have is passed over.
        """
        parts = dict(level.scenario.design.components)
        notes = []
        for part_id, name, factor in self.factors:
            part = parts.get(part_id)
            spec = settings_of(type(part)).get(name) if part is not None else None
            if part is None or spec is None:
                continue
            before = getattr(part, name)
            after = scaled(spec, before, factor)
            parts[part_id] = dataclasses.replace(part, **{name: after})
            notes.append(_note(part, spec, before, after))
        if not notes:
            return level
        design = dataclasses.replace(level.scenario.design, components=parts)
        scenario = dataclasses.replace(level.scenario, design=design)
        briefing = f"{level.briefing.rstrip()}\n\n{say('class.variant.note', numbers=notes)}\n"
        return dataclasses.replace(level, scenario=scenario, briefing=briefing)


def variable_settings(level: Level) -> list[tuple[str, str]]:
    """Returns the numbers of a level that a variant may scale: part and setting.

    They are rates, times and large capacities of fixed parts that are the world's and not the learner's;
    where the palette has the same part with the same number, both would have to change, and neither does.
    """
    found = []
    for part_id, part in level.scenario.design.components.items():
        if part_id not in level.fixed:
            continue
        for name, spec in settings_of(type(part)).items():
            value = getattr(part, name)
            unlocked = any(name in level.unlocked.get(owner, ()) for owner in (part_id, part.kind))
            copied = any(
                entry.component.kind == part.kind and getattr(entry.component, name) == value
                for entry in level.palette
            )
            if spec.physics and not unlocked and not copied and _scales(part, spec, value):
                found.append((part_id, name))
    return found


def _scales(part: Component, spec: Setting, value: Any) -> bool:
    if spec.shape not in _SHAPES or not value:
        return False
    if spec.shape == "profile":
        return True
    if isinstance(part, Client) and spec.name == "rate_per_s" and part.profile:
        return False  # the profile replaces the rate
    if spec.shape == "integer":
        return isinstance(value, int) and value >= LARGE and spec.name not in ("keys", "rows")
    return spec.unit in _UNITS


def scaled(spec: Setting, value: Any, factor: float) -> Any:
    """Returns a setting's value times ``factor``, rounded to numbers that a person would choose."""
    if spec.shape == "profile":
        return tuple((at_s, _round(rate * factor)) for at_s, rate in value)
    if isinstance(value, tuple):
        return tuple((event, _round(number * factor)) for event, number in value)
    return round(value * factor) if spec.shape == "integer" else _round(value * factor)


def _round(number: float) -> float:
    """Rounds to two significant digits, three from 100 on."""
    return float(f"{number:.3g}") if abs(number) >= 100 else float(f"{number:.2g}")


def _note(part: Component, spec: Setting, before: Any, after: Any) -> str:
    title = say(f"settings.title.{spec.name.replace('_', '-')}")
    return say(
        "class.variant.number",
        part=part.name,
        setting=title,
        after=_shown(spec, after),
        before=_shown(spec, before),
    )


def _shown(spec: Setting, value: Any) -> str:
    numbers = [number for _, number in value] if isinstance(value, tuple) else [value]
    words = ", ".join(f"{number:g}" for number in numbers)
    return say(f"settings.unit.{spec.unit}", number=words) if spec.unit and spec.unit != "per_s" else words
