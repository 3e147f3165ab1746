"""The learner's changes: the differences between the start and a design, each counted once and described in
words.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tutor.judge.words import names_of
from tutor.model.component import Component, implied_settings
from tutor.model.design import Design
from tutor.model.level import PaletteEntry
from tutor.model.setting import settings_of, title_of
from tutor.model.wire import Wire
from tutor.words import say

_LOOKS = ("title", "at")
"""Settings that change the board and not the system."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """One difference between the start and a design."""

    what: str
    """``added``, ``removed``, ``set`` or ``moved``."""
    subject: str
    """A component's id or a wire's key."""
    name: str = ""
    """The setting, where one was changed."""
    before: str = ""
    """The setting's old value in words."""
    after: str = ""
    """The setting's new value in words."""
    title: str = ""
    """What the screen calls the setting."""
    called: str = ""
    """What the screen calls the component or the wire; the same as ``subject`` where it is empty."""

    @property
    def text(self) -> str:
        """Describes the difference in words."""
        called = self.called or self.subject
        if self.what == "set":
            return say("changes.set", part=called, setting=self.title, before=self.before, after=self.after)
        if self.what == "moved":
            return say("changes.moved", part=called)
        if "->" in self.subject:
            return say(f"changes.wires.{self.what}", wire=called)
        return say(f"changes.parts.{self.what}", part=called)


def changes_between(
    start: Design, design: Design, palette: Iterable[PaletteEntry] = ()
) -> tuple[Difference, ...]:
    """Returns every difference from ``start`` to ``design``: parts and wires added or removed, settings
    changed, orders of wires changed.

    A new part's settings are compared with the palette entry it is nearest to, a new wire's with the
    defaults.
    """
    found: list[Difference] = []
    presets = [entry.component for entry in palette]
    for name, part in design.components.items():
        if name in start.components and start.components[name].kind == part.kind:
            found += _settings(name, start.components[name], part)
        else:
            found += [Difference("removed", name)] if name in start.components else []
            found.append(Difference("added", name))
            found += _preset_changes(part, presets)
    found += [Difference("removed", name) for name in start.components if name not in design.components]
    old = {wire.ref: wire for wire in start.wires}
    new = {wire.ref: wire for wire in design.wires}
    for key, wire in new.items():
        if key in old:
            found += _settings(key, old[key], wire)
        else:
            found.append(Difference("added", key))
            found += _settings(key, _fresh(wire), wire)
    found += [Difference("removed", key) for key in old if key not in new]
    found += _moved(start, design)
    called = names_of(start, design)
    for one in (start, design):
        called.update((wire.ref, _called(wire, called)) for wire in one.wires)
    return tuple(dataclasses.replace(change, called=called[change.subject]) for change in found)


def _called(wire: Wire, names: Mapping[str, str]) -> str:
    """Describes a wire by its kind and the names of its ends; by its id too if it has one."""
    kind, source, target = say(f"kinds.title.{wire.kind}"), names[wire.source], names[wire.target]
    if wire.id:
        return say("changes.wire-named", kind=kind, id=wire.id, source=source, target=target)
    return say("changes.wire", kind=kind, source=source, target=target)


def _settings(subject: str, before: Component | Wire, after: Component | Wire) -> list[Difference]:
    found = []
    followed = _followed(before), _followed(after)
    for name, described in settings_of(type(after)).items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new and name not in _LOOKS and not (name in followed[0] and name in followed[1]):
            found.append(
                Difference(
                    "set",
                    subject,
                    name,
                    described.said(old),
                    described.said(new),
                    title_of(after.kind, name),
                )
            )
    return found


def _followed(part: Component | Wire) -> set[str]:
    """Returns the settings that follow from others: one that follows before and after is not a change of its
    own.
    """
    if isinstance(part, Wire):
        return set()
    return {name for name, value in implied_settings(part).items() if getattr(part, name) == value}


def _fresh(wire: Wire) -> Wire:
    """Returns the wire as it is when it is drawn: default policy, and the physics that nobody chose."""
    physics: dict[str, Any] = {
        name: getattr(wire, name) for name, described in settings_of(type(wire)).items() if described.physics
    }
    return type(wire)(source=wire.source, target=wire.target, id=wire.id, **physics)


def _preset_changes(part: Component, presets: Sequence[Component]) -> list[Difference]:
    candidates = [preset for preset in presets if preset.kind == part.kind] or [type(part)(id=part.id)]
    physics = [name for name, described in settings_of(type(part)).items() if described.physics]
    best: list[Difference] | None = None
    for preset in candidates:
        same = dataclasses.replace(preset, id=part.id, **{name: getattr(part, name) for name in physics})
        found = _settings(part.id, same, part)
        if best is None or len(found) < len(best):
            best = found
    return best or []


def _moved(start: Design, design: Design) -> list[Difference]:
    found = []
    for name in design.components:
        before = [wire.ref for wire in start.wires_from(name) if design.wire(wire.ref) is not None]
        after = [wire.ref for wire in design.wires_from(name) if start.wire(wire.ref) is not None]
        if before != after:
            found.append(Difference("moved", name))
    return found
