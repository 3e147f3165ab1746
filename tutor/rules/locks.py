"""The settings a learner may change in a level, and who keeps the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from tutor.model.component import Component
from tutor.model.design import Design
from tutor.model.edit import known_setting
from tutor.model.level import Level
from tutor.model.note import Note
from tutor.model.setting import settings_of, title_of
from tutor.model.wire import Wire
from tutor.rules.palette import ALL, entry_of
from tutor.words import say

FREE = ("at", "title")
"""Settings that change nothing in a run: they are the learner's, always."""


def runs_alike(one: Design, other: Design) -> bool:
    """Returns whether two designs run alike: they differ at most in the places and titles of parts."""
    if one.wires != other.wires or one.components.keys() != other.components.keys():
        return False
    return all(
        type(part) is type(other.components[name])
        and all(
            getattr(part, key) == getattr(other.components[name], key)
            for key in settings_of(type(part))
            if key not in FREE
        )
        for name, part in one.components.items()
    )


def may_set(level: Level | None, part: Component | Wire, name: str) -> bool:
    """Returns whether a learner may change this setting of this part; without a level everything may be
    changed.
    """
    return not why_locked(level, part, name)


def editable(level: Level | None, part: Component | Wire) -> tuple[str, ...]:
    """Returns the settings of a part that a learner may change in this level, in the order of the model."""
    return tuple(name for name in settings_of(type(part)) if may_set(level, part, name))


def why_locked(level: Level | None, part: Component | Wire | Note, name: str) -> str:
    """Returns why a learner may not change this setting of this part, in one sentence; an empty text if it
    may be changed.
    """
    if level is None or isinstance(part, Note) or name in FREE:
        return ""
    spec = known_setting(part, name)
    lock = _lock(level, part, name)
    given = getattr(part, name)
    other = level.scenario.design.components.get(given) if spec.names else None
    value = other.name if other is not None else spec.said(given)
    if lock == "level":
        why = say(
            "rules.locked.level", setting=title_of(part.kind, name), part=_called(level, part), value=value
        )
    elif lock == "world":
        why = say(
            "rules.locked.world", setting=title_of(part.kind, name), part=_called(level, part), value=value
        )
    else:
        return ""
    instead = _instead(level, part)
    return say("rules.locked.instead", why=why, settings=instead) if instead else why


def _lock(level: Level, part: Component | Wire, name: str) -> Literal["", "level", "world"]:
    """Returns who keeps a setting as it is: the level, the world (physics), or nobody. The most specific word
    decides.
    """
    for owner in _lock_names(level, part):
        if {name, ALL} & level.unlocked.get(owner, frozenset()):
            return ""
        if {name, ALL} & level.locked.get(owner, frozenset()):
            return "level"
    return "world" if settings_of(type(part))[name].physics else ""


def _instead(level: Level, part: Component | Wire) -> list[str]:
    """Returns the settings that may be changed instead: those that the level shows, as far as this part has
    them.
    """
    settings = settings_of(type(part))
    names = [name for name in level.shows if name in settings and not _lock(level, part, name)]
    return [title_of(part.kind, name) for name in names[:5]]


def _called(level: Level, part: Component | Wire) -> str:
    """Returns a part's name on screen; for a wire, its ends."""
    if isinstance(part, Component):
        return part.name
    parts = level.scenario.design.components
    source, target = (parts[end].name if end in parts else end for end in (part.source, part.target))
    return say("rules.called-wire", kind=part.kind, source=source, target=target)


def _lock_names(level: Level, part: Component | Wire) -> Iterable[str]:
    """Returns the names under which a level may lock or unlock this part's settings, the most specific
    first.
    """
    if isinstance(part, Wire):
        return dict.fromkeys((part.ref, f"{part.pair}:{part.kind}", part.kind))
    entry = entry_of(level, part)
    return dict.fromkeys((part.id, *((entry.id,) if entry else ()), part.kind))
