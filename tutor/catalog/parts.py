"""Components and wires from their tables, read the same way for scenarios, designs, levels and palettes."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from tutor.catalog.reading import Table
from tutor.errors import InputError
from tutor.model.component import KINDS, Component, linkable, links_of
from tutor.model.design import Design, kinds_between, make_wire
from tutor.model.limits import misfits
from tutor.model.note import MOST_NOTES, Note
from tutor.model.setting import settings_of, suggest
from tutor.model.wire import WIRES, Wire
from tutor.words import say

WIRE_KEYS = ("from", "to", "kind", "id")
"""The keys of a wire that are not settings."""


def kind_in(table: Table, known: Mapping[str, type[Component]] = KINDS) -> str:
    """Returns the kind of component that a table names."""
    if "kind" not in table:
        raise table.error(say("files.part.no-kind", kinds=list(known)))
    kind = table["kind"]
    if not isinstance(kind, str):
        raise table.error(say("files.part.kind-text", kinds=list(known)), "kind")
    if kind not in known:
        raise table.error(say("files.part.kind", kind=kind, suggestion=suggest(kind, known)), "kind")
    return kind


def component_settings(table: Table, cls: type[Component], extra: Collection[str] = ()) -> dict[str, Any]:
    """Reads the settings that a table gives to a component of this class; ``extra`` are keys that are read
    elsewhere.
    """
    settings = settings_of(cls)
    mixed = "distribution" in settings and "mixture" in table.data
    table.only(["kind", *settings, *extra, *(["mixture"] if mixed else [])])
    if table.data.get("distribution") == "mixture" and not mixed:
        raise table.error(
            say("files.part.mixture"),
            "distribution",
        )
    if not mixed:
        return table.settings(cls)
    if table.data.get("distribution", "mixture") != "mixture":
        raise table.error(say("files.part.mixture-with"), "distribution")
    try:
        parts = settings["distribution"].parse({"mixture": table["mixture"]})
        if isinstance(parts, str):
            raise InputError(say("files.part.mixture-list"))
    except InputError as error:
        raise table.located(error, "mixture") from None
    return {**table.settings(cls, skip=("distribution",)), "distribution": parts}


def read_component(table: Table, component_id: str, extra: Collection[str] = ()) -> Component:
    """Reads the component that a table describes completely."""
    cls = KINDS[kind_in(table)]
    return cls(id=component_id, **component_settings(table, cls, extra))


def read_components(top: Table, extra: Collection[str] = ()) -> dict[str, Component]:
    """Reads all of ``[components.<id>]``."""
    return {name: read_component(table, name, extra) for name, table in top.named("components")}


def with_notes(top: Table, design: Design) -> Design:
    """Returns the design with the notes of ``[notes.<id>]`` on it."""
    settings = settings_of(Note)
    notes: list[Note] = []
    for name, table in top.named("notes"):
        table.only(settings)
        if "text" not in table:
            raise table.error(say("files.no-text", key="text"))
        if name in design.components:
            raise table.error(say("rules.part-exists", part=name))
        if len(notes) == MOST_NOTES:
            raise table.error(say("rules.notes-full", most=MOST_NOTES))
        notes.append(Note(id=name, **table.settings(Note)))
    return design.with_notes(notes)


def check_links(
    tables: Mapping[str, Table], components: Mapping[str, Component], also: Collection[str] = ()
) -> None:
    """Refuses an ``owner`` that is not a service and a ``copy_of`` that is not another database; ``also`` may
    still join the design.
    """
    for name, table in tables.items():
        for spec, linked in links_of(components[name]):
            known = linkable(components[name], spec, components.values())
            if linked not in known and linked not in also:
                raise table.error(
                    say(f"rules.no-link.{spec.names}", part=linked, suggestion=suggest(linked, known)),
                    spec.name,
                )


def refuse_misfits(top: Table, design: Design) -> None:
    """Refuses values too large for any run, and patterns that never match, at the setting responsible."""
    for misfit in misfits(design):
        tables = dict(top.named("components"))
        if misfit.subject not in tables:
            tables |= {bare_wire(table, design).ref: table for table in top.tables("wires")}
        table = tables.get(misfit.subject)
        if table is None:
            raise top.error(f"{misfit.subject}: {misfit.what}", "components")
        raise table.error(misfit.what, *((misfit.setting,) if misfit.setting in table else ()))


def bare_wire(table: Table, design: Design) -> Wire:
    """Reads the wire that a table names by ``from``, ``to``, ``kind`` and ``id``, with default settings,
    checked against the parts.
    """
    for key in ("from", "to"):
        end = table.text(key)
        if end not in design.components:
            raise table.error(say("rules.no-part", part=end, suggestion=suggest(end, design.components)), key)
    source, target = table.text("from"), table.text("to")
    kind = table.text("kind", "")
    wire_id = table.text("id", "")
    if wire_id:
        table.check_id(wire_id, "id")
    if kind and kind not in WIRES:
        try:
            fits = kinds_between(design, source, target)
        except InputError:
            fits = tuple(WIRES)
        raise table.error(say("rules.no-kind", kind=kind, suggestion=suggest(kind, fits)), "kind")
    try:
        return make_wire(design, source, target, kind, wire_id)
    except InputError as error:
        raise table.located(
            error, *(("kind",) if error.key == "kind" and kind else ("to",) if not error.key else ())
        ) from None


def wire_settings(table: Table, cls: type[Wire], extra: Collection[str] = ()) -> dict[str, Any]:
    """Reads the settings that a table gives to a wire of this class."""
    settings = settings_of(cls)
    table.only([*WIRE_KEYS, *settings, *extra])
    return table.settings(cls)


def read_wires(tables: Iterable[Table], design: Design, extra: Collection[str] = ()) -> list[Wire]:
    """Reads the wires that tables describe completely, each once."""
    wires: list[Wire] = []
    seen: dict[str, Table] = {}
    for table in tables:
        wire = bare_wire(table, design)
        refuse_twice(table, wire, seen)
        wires.append(dataclasses.replace(wire, **wire_settings(table, type(wire), extra)))
    return wires


def refuse_twice(table: Table, wire: Wire, seen: dict[str, Table]) -> None:
    """Notes the wire as seen; refuses one that is already there."""
    before = seen.setdefault(wire.ref, table)
    if before is not table:
        line = before.document.line(before.path)
        raise table.error(
            say("files.part.wire-twice", kind=wire.kind, source=wire.source, target=wire.target, line=line)
        )
