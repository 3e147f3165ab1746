"""JSON Schemas of the files for editors, made from the same settings that read them.

``python -m tutor.catalog.schema [DIR]`` writes them into the folder of levels; a file asks for one by a first
line such as ``#:schema ../../level.schema.json``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tutor.catalog.level_texts import HINT_STEPS
from tutor.disk import write_text
from tutor.model.component import KINDS, Component
from tutor.model.fault import COMMON, FAULT_KINDS, Fault
from tutor.model.level import FOLLOWED, FORMAT
from tutor.model.note import MOST_NOTES, Note
from tutor.model.price import Prices
from tutor.model.scenario import Effect, Run, Window
from tutor.model.setting import NOTHING_WORDS, TIME, Setting, settings_of
from tutor.model.wire import WIRES, Wire
from tutor.words import say

Schema = dict[str, Any]

_ID = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "maxLength": 64}
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_NUMBER = {"type": "number"}
_POINTER = {"type": "string", "pattern": "^/", "description": "A JSON Pointer into the report."}
_NAMES = {"type": "object", "additionalProperties": _TEXTS}
_STARS = {"type": "integer", "minimum": 0, "maximum": 3}


def setting_schema(setting: Setting) -> Schema:
    """Returns the schema of one setting's value."""
    schema = _shape_schema(setting)
    if setting.optional:
        schema = {"anyOf": [schema, {"enum": list(NOTHING_WORDS)}]}
    schema["description"] = f"{setting.doc} ({setting.unit})" if setting.unit else setting.doc
    if setting.default is None and setting.optional:
        schema["default"] = setting.off
    elif isinstance(setting.default, bool | int | float | str):
        schema["default"] = setting.default
    return schema


def _shape_schema(setting: Setting) -> Schema:
    number = _number_schema(setting)
    match setting.shape:
        case "number" | "integer":
            return number
        case "flag":
            return {"type": "boolean"}
        case "choice":
            return {"enum": list(setting.choices)}
        case "text":
            limits = {"minLength": setting.at_least, "maxLength": setting.at_most}
            return {"type": "string", **{key: limit for key, limit in limits.items() if limit is not None}}
        case "texts":
            one: Schema = {"enum": list(setting.choices)}
            return {"anyOf": [one, {"type": "array", "items": one}]} if setting.choices else dict(_TEXTS)
        case "number-by-event":
            return {"anyOf": [number, {"type": "object", "additionalProperties": number, "minProperties": 1}]}
        case "profile":
            step = {
                "type": "array",
                "prefixItems": [_number_schema(TIME), number],
                "minItems": 2,
                "maxItems": 2,
            }
            return {"type": "array", "items": step}
        case "distribution":
            mixture = _pairs({"type": "number", "minimum": 0})
            table = _table({"mixture": mixture}, required=("mixture",))
            return {"anyOf": [{"enum": ["exponential", "constant", "mixture"]}, mixture, table]}
        case "groups":
            share = {"type": "number", "minimum": 0}
            return {
                "anyOf": [
                    {"type": "object", "additionalProperties": share},
                    {"type": "array", "items": share},
                ]
            }
        case "autoscale":
            return {"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4}
        case "position":
            return {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}
        case _:
            return {"type": "array", "items": {"type": "object"}}


def _number_schema(setting: Setting) -> Schema:
    schema: Schema = {"type": "integer" if setting.shape == "integer" else "number"}
    for key, value in (
        ("minimum", setting.at_least),
        ("maximum", setting.at_most),
        ("exclusiveMinimum", setting.above),
    ):
        if value is not None:
            schema[key] = value
    return schema


def _pairs(number: Schema) -> Schema:
    return {"type": "array", "items": {"type": "array", "items": number, "minItems": 2, "maxItems": 2}}


def _table(properties: Mapping[str, Any], *, required: Iterable[str] = (), doc: str = "") -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    if doc:
        schema["description"] = doc
    return schema


def _settings(cls: type, names: Iterable[str] | None = None) -> dict[str, Schema]:
    settings = settings_of(cls)
    return {name: setting_schema(settings[name]) for name in (settings if names is None else names)}


def _component(cls: type[Component], extra: Mapping[str, Any], *, kind_needed: bool = True) -> Schema:
    properties = {"kind": {"const": cls.kind}, **_settings(cls), **extra}
    if "distribution" in properties:
        properties["mixture"] = _pairs({"type": "number", "minimum": 0})
    return _table(properties, required=("kind",) if kind_needed else (), doc=say(f"kinds.about.{cls.kind}"))


def _components(extra: Mapping[str, Any], *, kind_needed: bool = True) -> Schema:
    """Returns one schema for each kind; if the kind may be left out, any of them."""
    schemas = [_component(cls, extra, kind_needed=kind_needed) for cls in KINDS.values()]
    return {"type": "object", "propertyNames": _ID, "additionalProperties": {"anyOf": schemas}}


def _wire(cls: type[Wire], extra: Mapping[str, Any]) -> Schema:
    properties = {"from": _ID, "to": _ID, "kind": {"const": cls.kind}, "id": _ID, **_settings(cls), **extra}
    return _table(properties, required=("from", "to"), doc=say(f"kinds.about.{cls.kind}"))


def _wires(extra: Mapping[str, Any]) -> Schema:
    return {"type": "array", "items": {"anyOf": [_wire(cls, extra) for cls in WIRES.values()]}}


def _notes() -> Schema:
    note = _table(_settings(Note), required=("text",), doc=say("kinds.about.note"))
    return {
        "type": "object",
        "propertyNames": _ID,
        "maxProperties": MOST_NOTES,
        "additionalProperties": note,
    }


def _fault(kind: str) -> Schema:
    names = [name for name in settings_of(Fault) if name in (*COMMON, *FAULT_KINDS[kind].settings)]
    return _table({**_settings(Fault, names), "kind": {"const": kind}}, required=("kind", "target"))


def _list_of(table: Schema) -> Schema:
    return {"type": "array", "items": table}


def _conditions() -> dict[str, Schema]:
    return {
        "run": _table(_settings(Run)),
        "faults": {"type": "array", "items": {"anyOf": [_fault(kind) for kind in FAULT_KINDS]}},
        "effects": _list_of(_table(_settings(Effect), required=("event", "at"))),
        "windows": _list_of(_table(_settings(Window), required=settings_of(Window))),
        "prices": _table(_settings(Prices)),
    }


def scenario_schema() -> Schema:
    """Returns the JSON Schema of a scenario file."""
    parts = {"components": _components({}), "wires": _wires({}), "notes": _notes()}
    properties = {"title": _TEXT, **parts, **_conditions()}
    return _whole("A scenario of tutor", properties, ("components",))


def design_schema() -> Schema:
    """Returns the JSON Schema of a design file, a solution or a mistake."""
    stars = _table(
        dict.fromkeys(("cost", "speed", "simplicity"), _STARS), required=("cost", "speed", "simplicity")
    )
    properties = {
        "level": {"type": "string", "description": "The level it answers, <chapter>/<level>."},
        "title": {"type": "string"},
        "stars": stars,
        "diagnosis": _ID,
        "spare": {**_TEXTS, "description": "What a solution has on purpose though it would pass without."},
        "components": _components(
            {"part": {"type": "string", "description": "The palette entry it comes from."}}, kind_needed=False
        ),
        "wires": _wires({}),
        "notes": _notes(),
    }
    return _whole("A design of tutor", properties, ())


def level_schema() -> Schema:
    """Returns the JSON Schema of ``level.toml``."""
    locks = {"locked": _TEXTS, "unlocked": _TEXTS}
    fixed = {
        "fixed": {
            "type": "boolean",
            "description": "It cannot be removed and need not be repeated in designs.",
        },
        **locks,
    }
    new_wires = {"type": "boolean", "description": "False: no new wire may be drawn from this fixed part."}
    entry = {"limit": {"type": "integer", "minimum": 1, "maximum": 100}, "say": {"type": "string"}, **locks}
    names = {name for cls in (*KINDS.values(), *WIRES.values()) for name in settings_of(cls)}
    properties = {
        "format": {"const": FORMAT},
        "title": _TEXT,
        "summary": _TEXT,
        "terms": _TEXTS,
        "shows": {"type": "array", "items": {"enum": sorted(names)}},
        "wire_kinds": {"type": "array", "items": {"enum": list(WIRES)}},
        "min_traffic": {"type": "integer", "minimum": 0},
        "must_hit": {"type": "boolean"},
        "lesson_edits": {
            "type": "integer",
            "minimum": 1,
            "maximum": 50,
            "description": "How many edits the lesson needs.",
        },
        "components": _components({**fixed, "new_wires": new_wires}),
        "wires": _wires(fixed),
        "palette": _components(entry),
        "locked": _NAMES,
        "unlocked": _NAMES,
        **_conditions(),
        **_teaching(),
    }
    return _whole(
        "A level of tutor", properties, ("format", "title", "summary", "components", "goals", "par", "idea")
    )


def _teaching() -> dict[str, Schema]:
    day = {
        "type": "string",
        "pattern": "^20[0-9]{2}-[0-9]{2}-[0-9]{2}$",
        "description": "The day on which the page was read.",
    }
    source = {"product": _TEXT, "say": _TEXT, "url": {"type": "string", "pattern": "^https://"}, "read": day}
    goal = _table(
        {"metric": _POINTER, "say": _TEXT, "at_least": _NUMBER, "at_most": _NUMBER},
        required=("metric", "say"),
    )
    line = {"three": _NUMBER, "two": _NUMBER}
    guess = _table({"value": _NUMBER, "say": _TEXT}, required=("value",))
    answer = _table({"say": _TEXT, "why": _TEXT, "right": {"type": "boolean"}}, required=("say", "why"))
    wires = _wires({})
    changes = {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": True}}
    without = _table({"solutions": _TEXTS, "remove": _TEXTS, "wires": wires, "set": changes})
    return {
        "goals": {**_list_of(goal), "minItems": 1},
        "par": _table(
            {
                "cost": _table(line, required=("three", "two")),
                "speed": _table({"metric": _POINTER, **line}, required=("metric", "three", "two")),
                "simplicity": _table(line, required=("three", "two")),
            },
            required=("cost", "speed", "simplicity"),
        ),
        "prediction": _table(
            {"ask": _TEXT, "metric": _POINTER, "choices": {**_list_of(guess), "minItems": 2}},
            required=("ask", "metric", "choices"),
        ),
        "question": _table(
            {"ask": _TEXT, "choices": {**_list_of(answer), "minItems": 2}}, required=("ask", "choices")
        ),
        "look": _table(
            {
                "say": _TEXT,
                "at": _TEXT,
                "from_s": _NUMBER,
                "to_s": _NUMBER,
                "follow": {"enum": list(FOLLOWED)},
            },
            required=("say", "at", "from_s", "to_s"),
        ),
        "culprit": _table(
            {
                "ask": _TEXT,
                "at": _ID,
                "among": {**_list_of(_ID), "minItems": 2, "uniqueItems": True},
                "clue": _TEXT,
            },
            required=("ask", "at", "among", "clue"),
        ),
        "sources": _list_of(_table(source, required=tuple(source))),
        "hints": _list_of(
            _table(
                {"step": {"enum": list(HINT_STEPS)}, "diagnosis": _ID, "text": _TEXT},
                required=("step", "text"),
            )
        ),
        "idea": _table({"say": _TEXT, "without": _list_of(without)}, required=("say",)),
    }


def _whole(title: str, properties: Mapping[str, Any], required: Iterable[str]) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **_table(properties, required=required),
    }


SCHEMAS = {
    "level.schema.json": level_schema,
    "design.schema.json": design_schema,
    "scenario.schema.json": scenario_schema,
}
"""Every schema file's name and what makes it."""


def render_schema(name: str) -> str:
    """Returns the text of a schema file."""
    return json.dumps(SCHEMAS[name](), indent=1, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> None:
    """Writes all schema files into a folder."""
    for name in SCHEMAS:
        write_text(folder / name, render_schema(name))


if __name__ == "__main__":
    from tutor.disk import find_levels_root

    write_schemas(Path(sys.argv[1]) if len(sys.argv) > 1 else find_levels_root())
