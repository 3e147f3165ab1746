"""Which settings the inspector shows for a part, in what order, and how a value steps up and down. Pure."""

from __future__ import annotations

import dataclasses
import math
from typing import Any, Literal

from tutor.errors import InputError
from tutor.model.component import Client, Component
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.setting import Setting, settings_of
from tutor.model.wire import Wire
from tutor.rules import FREE, why_locked

Part = Component | Wire | Fault
Section = Literal["first", "more", "given"]

HIDDEN = ("at",)
"""Settings that the board itself is for."""


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One row of the inspector."""

    setting: Setting
    """What the setting is."""
    value: Any
    """What it is set to."""
    locked: str
    """Why it cannot be changed; empty where it can."""
    section: Section
    """Shown first, under "more", or as given by the level."""
    changed: bool
    """Whether it differs from its default."""

    @property
    def text(self) -> str:
        """The value with its unit, as a learner reads it."""
        if self.setting.name == "profile" and self.value:
            return " → ".join(f"{rate:g}" for _, rate in self.value) + "/s"
        if self.setting.name == "groups" and self.value:
            return ", ".join(f"{name} {share:.0%}" for name, share in self.value)
        if self.setting.name == "sequences" and self.value:
            return ", ".join(one.name for one in self.value)
        shown = self.setting.render(self.value)
        if self.value is None or not self.setting.unit or self.setting.shape not in ("number", "integer", "number-by-event"):
            return shown
        unit = UNITS.get(self.setting.unit, self.setting.unit)
        return f"{shown}{unit}" if unit.startswith("/") else f"{shown} {unit}"


FREE_FIRST = (
    "replicas",
    "workers",
    "ack",
    "timeout_ms",
    "retries",
    "partitions",
    "max_deliveries",
    "payload",
    "acks",
    "interval_s",
    "event",
)
"""What the free board shows first."""

UNITS = {"per_s": "/s", "kb": "kB"}
"""Units that are written differently from their name."""


GIVEN = ("rate_per_s", "service_ms", "read_ms", "write_ms", "row_ms")
"""Physics that says most about a part: shown even as it comes."""


def fields_of(part: Part, level: Level | None) -> tuple[Field, ...]:
    """The rows for a part: what the level is about, then the rest of what may be changed, then what is given."""
    shows = level.shows if level is not None else ()
    rows: list[Field] = []
    for name, setting in settings_of(type(part)).items():
        if name in HIDDEN or (name == "rate_per_s" and isinstance(part, Client) and part.profile):
            continue
        value = getattr(part, name)
        locked = "" if isinstance(part, Fault) else why_locked(level, part, name)
        changed = value != setting.default
        section: Section = "more"
        if locked:
            section = "given" if changed or (name in GIVEN and value) else "more"
        elif name in shows or (level is None and (name in GIVEN or name in FREE_FIRST)) or (changed and name not in FREE):
            section = "first"
        rows.append(Field(setting, value, locked, section, changed))
    if not any(row.section == "first" for row in rows):
        rows = _promoted(rows)
    order = {"first": 0, "given": 1, "more": 2}
    place = {name: index for index, name in enumerate(shows)}
    return tuple(sorted(rows, key=lambda row: (order[row.section], place.get(row.setting.name, len(place)), bool(row.locked))))


def _promoted(rows: list[Field]) -> list[Field]:
    """Where a level shows none of a part's settings, the first few that may be changed are shown."""
    free = [row for row in rows if not row.locked and row.setting.name not in FREE][:4]
    return [dataclasses.replace(row, section="first") if row in free else row for row in rows]


def stepped(setting: Setting, value: Any, by: int) -> Any:
    """The value one step up or down: the next choice, the other answer, the next round number.

    Gives the value itself back where it cannot go further or has to be typed.
    """
    match setting.shape:
        case "flag":
            return not value
        case "choice":
            place = setting.choices.index(value) if value in setting.choices else 0
            return setting.choices[(place + by) % len(setting.choices)]
        case "integer":
            return _fitting(setting, (value if value is not None else _start(setting) - by) + by, value)
        case "number" | "number-by-event":
            if isinstance(value, tuple):
                return value
            now = value if value is not None else _start(setting)
            grain = _grain(now, setting)
            return _fitting(setting, now if value is None else round(now / grain) * grain + by * grain, value)
    return value


def _start(setting: Setting) -> float:
    low = setting.at_least if setting.at_least is not None else setting.above
    return max(low or 0, 1)


def _grain(now: float, setting: Setting) -> float:
    if setting.at_most is not None and setting.at_most <= 1:
        return 0.05
    return 10.0 ** math.floor(math.log10(now)) / 2 if now > 0 else 1.0


def _fitting(setting: Setting, value: float, before: Any) -> Any:
    try:
        return setting.parse(value)
    except InputError:
        return before
