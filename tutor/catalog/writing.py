"""The way from the model to TOML: short, in one order, so that two saved designs differ where the designs do.
Files are replaced whole or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tutor.disk import write_text
from tutor.model.component import IMPLYING, Component, changed
from tutor.model.design import Design
from tutor.model.fault import Fault
from tutor.model.level import Level
from tutor.model.note import Note
from tutor.model.price import Prices
from tutor.model.scenario import Effect, Run, Scenario, Window
from tutor.model.setting import settings_of
from tutor.model.wire import Wire
from tutor.rules import entry_of, original_wire, start_part


def save_design(design: Design, path: Path | str, level: Level | None = None, *, title: str = "") -> None:
    """Writes the learner's part of a design as a design file; :func:`~tutor.catalog.designs.load_design`
    gives the same design back.

    The file is replaced atomically; raises :class:`~tutor.errors.InputError` where it cannot be written.
    """
    write_text(Path(path), render_design(design, level, title=title))


def save_scenario(scenario: Scenario, path: Path | str) -> None:
    """Writes a scenario file, atomically."""
    write_text(Path(path), render_scenario(scenario))


def render_design(design: Design, level: Level | None = None, *, title: str = "") -> str:
    """Returns the learner's part of a design as TOML."""
    head = {}
    if level is not None:
        head["level"] = level.id
    if title:
        head["title"] = title
    blocks = [_lines(head)] if head else []
    for part in design.components.values():
        block = _component_block(part, level)
        if block:
            blocks.append(block)
    blocks += [*_wire_blocks(design, level), *_note_blocks(design)]
    return "\n".join(blocks)


def _component_block(part: Component, level: Level | None) -> str:
    """Returns a component's table; empty for a fixed part that the learner left as it is."""
    original: Component = type(part)(id=part.id)
    keys: dict[str, Any] = {"kind": part.kind}
    if level is not None:
        start = start_part(level, part)
        entry = entry_of(level, part)
        if start is not None:
            original = start
        elif entry is not None:
            original = entry.component
            first = next(known for known in level.palette if known.component.kind == part.kind)
            if entry.id != first.id or part.id in level.scenario.design.components:
                keys["part"] = entry.id
    keys_changed = _changed(part, original)
    if level is not None and part.id in level.fixed and not keys_changed:
        return ""
    return f"[components.{part.id}]\n" + _lines({**keys, **keys_changed})


def _changed(part: Component | Wire, original: Component | Wire) -> dict[str, Any]:
    settings = settings_of(type(part))
    differing = []
    if isinstance(
        original, Component
    ):  # what follows from these is not written: it follows again when the file is read
        for name in IMPLYING:
            if name in settings and getattr(part, name) != getattr(original, name):
                differing.append(name)
                original = changed(original, {name: getattr(part, name)})
    return {
        name: spec.plain(getattr(part, name))
        for name, spec in settings.items()
        if name in differing or getattr(part, name) != getattr(original, name)
    }


def _wire_blocks(design: Design, level: Level | None) -> list[str]:
    fixed = level.fixed if level is not None else frozenset()
    named = [
        wire
        for wire in design.wires
        if wire.ref not in fixed or (level is not None and wire != original_wire(wire, level))
    ]
    if level is not None:
        refs = {wire.ref for wire in named}
        unnamed = [wire for wire in level.scenario.design.wires if wire.ref in fixed and wire.ref not in refs]
        if [*unnamed, *named] != list(
            design.wires
        ):  # the order matters and differs: it has to be written down
            named = list(design.wires)
    return [_wire_block(wire, _plain_wire(wire, level)) for wire in named]


def _plain_wire(wire: Wire, level: Level | None) -> Wire:
    start = level.scenario.design.wire(wire.ref) if level is not None else None
    return start if start is not None else type(wire)(source=wire.source, target=wire.target, id=wire.id)


def _wire_block(wire: Wire, original: Wire) -> str:
    keys = {"from": wire.source, "to": wire.target, "kind": wire.kind, **({"id": wire.id} if wire.id else {})}
    return "[[wires]]\n" + _lines({**keys, **_changed(wire, original)})


def _note_blocks(design: Design) -> list[str]:
    return [
        f"[notes.{note.id}]\n" + _lines(_record(note, Note(id=note.id))) for note in design.notes.values()
    ]


def render_scenario(scenario: Scenario) -> str:
    """Returns a scenario as TOML."""
    blocks = []
    run = _record(scenario.run, Run())
    if run:
        blocks.append("[run]\n" + _lines(run))
    blocks += [_component_block(part, None) for part in scenario.design.components.values()]
    blocks += [*_wire_blocks(scenario.design, None), *_note_blocks(scenario.design)]
    blocks += ["[[faults]]\n" + _lines(_record(fault, Fault())) for fault in scenario.faults]
    blocks += ["[[effects]]\n" + _lines(_record(effect, Effect())) for effect in scenario.effects]
    blocks += ["[[windows]]\n" + _lines(_record(window, None)) for window in scenario.windows]
    prices = _record(scenario.prices, Prices())
    if prices:
        blocks.append("[prices]\n" + _lines(prices))
    return "\n".join(blocks)


def _record(
    record: Run | Fault | Effect | Window | Prices | Note,
    default: Run | Fault | Effect | Prices | Note | None,
) -> dict[str, Any]:
    """Returns the settings of a record that differ from the default, as plain data."""
    found = {}
    for name, spec in settings_of(type(record)).items():
        value = getattr(record, name)
        if default is None or value != getattr(default, name):
            plain = spec.plain(value)
            found[name] = (
                plain[0] if isinstance(record, Effect) and name == "at" and len(plain) == 1 else plain
            )
    return found


def _lines(values: Mapping[str, Any]) -> str:
    return "".join(f"{_key(name)} = {toml_value(value)}\n" for name, value in values.items())


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name, re.ASCII) else json_string(name)


def json_string(text: str) -> str:
    """Returns a text as a TOML basic string, which JSON's rules for strings fit except for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def toml_value(value: object) -> str:
    """Returns plain data as a TOML value in one line."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            return repr(value)
        case str():
            return json_string(value)
        case Mapping():
            return (
                "{"
                + ", ".join(f"{_key(str(name))} = {toml_value(item)}" for name, item in value.items())
                + "}"
            )
        case Iterable():
            return "[" + ", ".join(toml_value(item) for item in value) + "]"
    raise TypeError(f"TOML has no value for {type(value).__name__}")
