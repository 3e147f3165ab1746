"""Design files: what a learner submits. Joined with the level, whose fixed parts, physics and locks they
cannot change.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tutor.catalog.parts import (
    bare_wire,
    check_links,
    component_settings,
    kind_in,
    read_components,
    read_wires,
    refuse_misfits,
    refuse_twice,
    wire_settings,
    with_notes,
)
from tutor.catalog.reading import Table, parse_toml, read_toml
from tutor.errors import InputError, LockedSetting
from tutor.model.component import KINDS, Component, changed
from tutor.model.design import Design, make_design
from tutor.model.level import Level, Mistake, PaletteEntry, Solution, Stars
from tutor.model.setting import Setting, suggest
from tutor.model.wire import Wire
from tutor.rules import entry_of, no_entry, original_wire, used_up, why_locked
from tutor.words import say

DESIGN_KEYS = ("level", "title", "stars", "diagnosis", "spare", "components", "wires", "notes")
"""The top keys of a design file."""
_STAR = Setting("stars", "integer", 0, at_least=0, at_most=3)


@dataclasses.dataclass(frozen=True, slots=True)
class DesignFile:
    """A design file as it is written, not yet joined with its level."""

    file: str
    """Its path, as errors name it."""
    level: str
    """The id of the level that it answers; empty in the sandbox."""
    title: str
    """What it is, in a few words; may be empty."""
    stars: Stars | None
    """The stars that it claims."""
    diagnosis: str
    """For a mistake: the id of what the learner must be told first."""
    spare: tuple[str, ...]
    """For a solution: what it has on purpose though it would pass without."""
    top: Table
    """The file's content, with lines."""


def load_design_file(path: Path | str) -> DesignFile:
    """Reads a design file's head, and leaves its content unread; raises :class:`InputError` if it is not a
    design file.
    """
    return design_file_from(read_toml(Path(path)))


def parse_design_file(text: str, file: str = "design") -> DesignFile:
    """Parses a design file as :func:`load_design_file` does, from a text; ``file`` is its name in errors."""
    return design_file_from(parse_toml(text, file))


def design_file_from(top: Table) -> DesignFile:
    """Returns the head of a design file's top table."""
    for key in ("run", "faults", "effects", "windows", "prices"):
        if key in top:
            raise top.error(
                say("files.design.not-its-own", key=key),
                key,
            )
    top.only(DESIGN_KEYS)
    level = top.text("level", "")
    diagnosis = top.text("diagnosis", "")
    if diagnosis:
        top.check_id(diagnosis, "diagnosis")
    return DesignFile(
        top.document.file, level, top.text("title", ""), _stars(top), diagnosis, top.texts("spare"), top
    )


def _stars(top: Table) -> Stars | None:
    table = top.table("stars")
    if table is None:
        return None
    names = [field.name for field in dataclasses.fields(Stars)]
    table.only(names)
    for name in names:
        if name not in table:
            raise table.error(say("files.design.star", name=name))
    return Stars(**{name: int(table.value(name, _STAR)) for name in names})


def load_design(path: Path | str, level: Level | None = None) -> Design:
    """Loads the design of a file, joined with its level; complete in itself if there is no level.

    Raises :class:`InputError`, :class:`~tutor.errors.IllegalWire` or :class:`LockedSetting` with file, line
    and key.
    """
    return join(load_design_file(path), level)


def load_design_text(text: str, *, name: str = "design", level: Level | None = None) -> Design:
    """Loads a design as :func:`load_design` does, from a given text; ``name`` is its name in errors."""
    return join(parse_design_file(text, name), level)


def join(file: DesignFile, level: Level | None) -> Design:
    """Joins the design of a file that is already open: the learner's part and the parts that the level
    fixes.
    """
    top = file.top
    if level is None:
        components = read_components(top)
        check_links(dict(top.named("components")), components)
        design = make_design(components.values())
        design = design.with_wires(read_wires(top.tables("wires"), design))
        refuse_misfits(top, design)
        return with_notes(top, design)
    if file.level not in ("", level.id, level.id.partition("/")[2]):
        raise top.error(say("files.design.other-level", named=file.level, level=level.id), "level")
    design = make_design(_components(top, level).values())
    design = design.with_wires(_wires(top, design, level))
    refuse_misfits(top, design)
    return with_notes(top, design)


def _components(top: Table, level: Level) -> dict[str, Component]:
    start = level.scenario.design.components
    tables = dict(top.named("components"))
    components = {name: start[name] for name in start if name in level.fixed or name in tables}
    counts: dict[str, int] = {}
    for name, table in tables.items():
        part, entry = _original(table, name, level)
        if entry is not None and entry.limit is not None:
            counts[entry.id] = counts.get(entry.id, 0) + 1
            if counts[entry.id] > entry.limit:
                raise table.error(used_up(entry))
        values = component_settings(table, type(part), ("part",))
        for key, value in values.items():
            _refuse_change(table, level, part, key, value)
        components[name] = changed(part, values)
    check_links(tables, components)
    return components


def _refuse_change(table: Table, level: Level, part: Component | Wire, key: str, value: object) -> None:
    if value == getattr(part, key):
        return
    reason = why_locked(level, part, key)
    if reason:
        raise table.error(reason, "mixture" if key not in table else key, kind=LockedSetting)


def _original(table: Table, name: str, level: Level) -> tuple[Component, PaletteEntry | None]:
    """Returns the part as the level has it before the file's settings: from the start, or a palette entry."""
    start = level.scenario.design.components.get(name)
    kind = kind_in(table) if "kind" in table else ""
    if "part" in table:
        entry = _entry_named(table, level, kind)
        if name in level.fixed:
            raise table.error(say("files.design.fixed", part=name), "part", kind=LockedSetting)
        return dataclasses.replace(entry.component, id=name), entry
    if start is not None and kind in ("", start.kind):
        return start, None
    if name in level.fixed:
        assert start is not None
        raise table.error(
            say("files.design.fixed-kind", part=name, kind=start.kind),
            "kind",
            kind=LockedSetting,
        )
    kind = kind_in(table)
    entry_or_none = (
        entry_of(level, KINDS[kind](id=name))
        if start is not None
        else next((entry for entry in level.palette if entry.component.kind == kind), None)
    )
    if entry_or_none is None:
        raise table.error(no_entry(level, kind), "kind")
    return dataclasses.replace(entry_or_none.component, id=name), entry_or_none


def _entry_named(table: Table, level: Level, kind: str) -> PaletteEntry:
    word = table.text("part")
    entry = next((entry for entry in level.palette if entry.id == word), None)
    if entry is None:
        raise table.error(
            say(
                "files.design.palette",
                word=word,
                suggestion=suggest(word, [known.id for known in level.palette]),
            ),
            "part",
        )
    if kind and kind != entry.component.kind:
        raise table.error(
            say("files.design.palette-kind", word=word, kind=entry.component.kind),
            "kind",
        )
    return entry


def _wires(top: Table, design: Design, level: Level) -> list[Wire]:
    """Returns fixed wires that the file does not name first, in the level's order; then the file's, in its
    own.
    """
    wires: dict[str, Wire] = {}
    seen: dict[str, Table] = {}
    for table in top.tables("wires"):
        _refuse_left_out(table, design, level)
        wire = bare_wire(table, design)
        refuse_twice(table, wire, seen)
        try:
            original = original_wire(wire, level)
        except InputError as error:
            raise table.located(error, *(("kind",) if "kind" in table else ())) from None
        values = wire_settings(table, type(wire))
        for key, value in values.items():
            _refuse_change(table, level, original, key, value)
        wires[wire.ref] = dataclasses.replace(original, **values)
    unnamed = [
        wire for wire in level.scenario.design.wires if wire.ref in level.fixed and wire.ref not in wires
    ]
    return [*unnamed, *wires.values()]


def _refuse_left_out(table: Table, design: Design, level: Level) -> None:
    for key in ("from", "to"):
        end = table.data.get(key)
        if isinstance(end, str) and end in level.scenario.design.components and end not in design.components:
            kind = level.scenario.design.components[end].kind
            raise table.error(
                say("files.design.left-out", part=end, kind=kind),
                key,
            )


def load_solutions(folder: Path | str, level: Level) -> tuple[Solution, ...]:
    """Loads the designs in a level folder's ``solutions/``, by name; each has ``title`` and ``stars``."""
    found = []
    for path in sorted((Path(folder) / "solutions").glob("*.toml")):
        file = _of_level(path, level)
        if file.stars is None:
            raise file.top.error(say("files.design.no-stars"), "stars")
        found.append(Solution(path.stem, file.title or path.stem, join(file, level), file.stars, file.spare))
    return tuple(found)


def load_mistakes(folder: Path | str, level: Level) -> tuple[Mistake, ...]:
    """Loads the designs in a level folder's ``mistakes/``, by name; each has ``title`` and ``diagnosis``."""
    found = []
    for path in sorted((Path(folder) / "mistakes").glob("*.toml")):
        file = _of_level(path, level)
        if not file.diagnosis:
            raise file.top.error(say("files.design.no-diagnosis"), "diagnosis")
        found.append(Mistake(path.stem, file.title or path.stem, join(file, level), file.diagnosis))
    return tuple(found)


def _of_level(path: Path, level: Level) -> DesignFile:
    file = load_design_file(path)
    if file.level != level.id:
        raise file.top.error(say("files.design.level", level=level.id), "level")
    return file
