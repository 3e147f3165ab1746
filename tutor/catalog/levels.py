"""Level folders: the start, the changes allowed, the goals, and the words around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from tutor.catalog.cards import LEVEL_FILE, check_format
from tutor.catalog.level_texts import (
    read_culprit,
    read_goals,
    read_hints,
    read_idea,
    read_look,
    read_par,
    read_prediction,
    read_question,
    read_sources,
)
from tutor.catalog.parts import (
    bare_wire,
    check_links,
    component_settings,
    kind_in,
    read_component,
    refuse_misfits,
    refuse_twice,
    wire_settings,
)
from tutor.catalog.reading import Table, is_id
from tutor.catalog.scenarios import conditions
from tutor.catalog.toml_text import read_text
from tutor.catalog.translation import read_translated
from tutor.errors import InputError, is_control
from tutor.model.component import KINDS, Component, links_of
from tutor.model.design import Design, make_design
from tutor.model.level import Level, PaletteEntry
from tutor.model.scenario import Scenario
from tutor.model.setting import Setting, settings_of, suggest
from tutor.model.wire import WIRES, Wire
from tutor.words import say, translated

LEVEL_KEYS = (
    *(
        "format",
        "title",
        "summary",
        "terms",
        "shows",
        "wire_kinds",
        "min_traffic",
        "must_hit",
        "lesson_edits",
    ),
    *(
        "run",
        "components",
        "wires",
        "palette",
        "unlocked",
        "locked",
        "faults",
        "effects",
        "windows",
        "prices",
    ),
    *("goals", "par", "prediction", "question", "hints", "idea", "look", "culprit", "sources"),
)
"""The top keys of a level file."""
_WIRE_KEYS = ("fixed", "locked", "unlocked")
_PART_KEYS = (*_WIRE_KEYS, "new_wires")
_ENTRY_KEYS = ("limit", "say", "locked", "unlocked")
_LIMIT = Setting("limit", "integer", None, at_least=1, at_most=100)
_EDITS = Setting("lesson_edits", "integer", 1, at_least=1, at_most=50)
_COUNT = Setting("min_traffic", "integer", 1, at_least=0)


def load_level(folder: Path | str) -> Level:
    """Loads the level in a folder; its id is the last two names of the folder's path.

    Raises :class:`InputError` with file, line and key where anything in it cannot be used.
    """
    folder = Path(folder).absolute()
    level_id = level_id_of(folder)
    if not (folder / LEVEL_FILE).is_file():
        key = "files.level.no-file" if folder.is_dir() else "files.level.no-folder"
        raise InputError(say(key, file=LEVEL_FILE), file=str(folder))
    top = read_translated(folder / LEVEL_FILE)
    texts = {name: _markdown(translated(folder / f"{name}.md")) for name in ("briefing", "debrief")}
    return _level(top, level_id, texts)


def level_id_of(folder: Path) -> str:
    """Returns ``<chapter>/<level>`` of a level folder."""
    for name in (folder.parent.name, folder.name):
        if not is_id(name):
            raise InputError(
                say("files.level.name", name=name, words=say("files.id-words")), file=str(folder)
            )
    return f"{folder.parent.name}/{folder.name}"


def _markdown(path: Path) -> str:
    if not path.exists():
        what = say("files.level.no-text")
        raise InputError(what, file=str(path))
    text = read_text(path)
    if not text.strip():
        raise InputError(say("files.level.empty-text"), file=str(path), line=1)
    for number, line in enumerate(text.splitlines(), 1):
        if any(is_control(char) and char != "\t" for char in line):
            raise InputError(say("files.control"), file=str(path), line=number)
    return text.strip() + "\n"


def _level(top: Table, level_id: str, texts: Mapping[str, str]) -> Level:
    check_format(top)
    top.only(LEVEL_KEYS)
    palette = _palette(top)
    design, fixed = _start(top, [entry.id for entry in palette])
    kinds = _wire_kinds(top)
    renames = (
        not kinds
        or bool(kinds & {"publish", "capture"})
        or any(hasattr(wire, "event") for wire in design.wires)
    )
    scenario = conditions(top, design, may_join=[entry.id for entry in palette], may_rename=renames)
    _check_what_must_stay(top, scenario, fixed)
    goals = read_goals(top, scenario, palette)
    return Level(
        id=level_id,
        title=top.text("title"),
        summary=top.text("summary"),
        briefing=texts["briefing"],
        debrief=texts["debrief"],
        scenario=scenario,
        fixed=fixed,
        unlocked=_locks(top, "unlocked", design, palette),
        locked=_locks(top, "locked", design, palette),
        palette=palette,
        wires=kinds,
        goals=goals,
        par=read_par(top, scenario, palette),
        hints=read_hints(top),
        prediction=read_prediction(top, scenario, palette),
        question=read_question(top),
        idea=read_idea(top),
        shows=_shows(top),
        terms=top.texts("terms"),
        min_traffic=int(top.value("min_traffic", _COUNT)) if "min_traffic" in top else 1,
        must_hit=top.flag("must_hit", True),
        lesson_edits=int(top.value("lesson_edits", _EDITS)) if "lesson_edits" in top else None,
        sources=read_sources(top),
        look=read_look(top, scenario),
        culprit=read_culprit(top, scenario),
        closed=_closed(top, fixed),
    )


def _start(top: Table, may_join: Iterable[str]) -> tuple[Design, frozenset[str]]:
    """Returns the design as the learner finds it, and the ids of its fixed parts and wires."""
    tables = dict(top.named("components"))
    components = {name: read_component(table, name, _PART_KEYS) for name, table in tables.items()}
    if not components:
        raise top.error(say("files.level.no-parts"), "components")
    check_links(tables, components, set(may_join))
    fixed = {name for name, table in tables.items() if table.flag("fixed", False)}
    design = make_design(components.values())
    wires: list[Wire] = []
    seen: dict[str, Table] = {}
    for table in top.tables("wires"):
        wire = bare_wire(table, design)
        refuse_twice(table, wire, seen)
        wires.append(
            type(wire)(
                source=wire.source,
                target=wire.target,
                id=wire.id,
                **wire_settings(table, type(wire), _WIRE_KEYS),
            )
        )
        if table.flag("fixed", False):
            for key, end in (("from", wire.source), ("to", wire.target)):
                if end not in fixed:
                    raise table.error(say("files.level.fixed-wire", part=end), key)
            fixed.add(wire.ref)
    design = design.with_wires(wires)
    refuse_misfits(top, design)
    return design, frozenset(fixed)


def _closed(top: Table, fixed: frozenset[str]) -> frozenset[str]:
    """Returns the fixed parts from which no new wire may be drawn: ``new_wires = false``."""
    found = set()
    for name, table in top.named("components"):
        if not table.flag("new_wires", True):
            if name not in fixed:
                raise table.error(say("files.level.closed"), "new_wires")
            found.add(name)
    return frozenset(found)


def _check_what_must_stay(top: Table, scenario: Scenario, fixed: frozenset[str]) -> None:
    """Refuses effects and links of fixed parts that a design could leave without their other end."""
    for table, effect in zip(top.tables("effects"), scenario.effects, strict=True):
        if effect.at and fixed.isdisjoint(effect.at):
            place = effect.at[0]
            raise table.error(
                say("files.level.leave-out-effect", part=place),
                "at",
            )
    for name, table in top.named("components"):
        for spec, linked in links_of(scenario.design.components[name]):
            if name in fixed and linked not in fixed:
                raise table.error(say("files.level.leave-out", part=linked), spec.name)


def _palette(top: Table) -> tuple[PaletteEntry, ...]:
    entries = []
    for name, table in top.named("palette"):
        cls = KINDS[kind_in(table)]
        component = cls(id=name, **component_settings(table, cls, _ENTRY_KEYS))
        limit = int(table.value("limit", _LIMIT)) if "limit" in table else None
        entries.append(PaletteEntry(name, component, limit, table.text("say", "")))
    return tuple(entries)


def _wire_kinds(top: Table) -> frozenset[str]:
    return _known_words(top, "wire_kinds", WIRES, "kind")


def _known_words(top: Table, key: str, known: Iterable[str], what: str) -> frozenset[str]:
    words = top.texts(key)
    known = list(known)
    for place, word in enumerate(words):
        if word not in known:
            raise top.error(
                say(f"files.level.unknown.{what}", word=word, suggestion=suggest(word, known)),
                key,
                *((place,) if isinstance(top[key], list) else ()),
            )
    return frozenset(words)


def _shows(top: Table) -> tuple[str, ...]:
    known = dict.fromkeys(name for cls in (*KINDS.values(), *WIRES.values()) for name in settings_of(cls))
    _known_words(top, "shows", known, "setting")
    return top.texts("shows")


def _locks(
    top: Table, key: str, design: Design, palette: tuple[PaletteEntry, ...]
) -> dict[str, frozenset[str]]:
    """Joins ``[locked]`` or ``[unlocked]`` with the lists inside components, wires and palette entries."""
    found: dict[str, frozenset[str]] = {}
    table = top.table(key)
    for name in table.data if table else ():
        assert table is not None
        found[name] = _lock_names(table, name, _classes(table, name, design, palette))
    parts: dict[str, tuple[Table, type[Component] | type[Wire]]] = {
        name: (inner, type(design.components[name])) for name, inner in top.named("components")
    }
    parts |= {
        wire.ref: (inner, type(wire)) for wire, inner in zip(design.wires, top.tables("wires"), strict=True)
    }
    entries = {entry.id: entry for entry in palette}
    for name, inner in top.named("palette"):
        if key in inner:
            names = _lock_names(inner, key, [type(entries[name].component)])
            found[name] = found.get(name, frozenset()) | names
    for name, (inner, cls) in parts.items():
        if key in inner:
            found[name] = found.get(name, frozenset()) | _lock_names(inner, key, [cls])
    return found


def _lock_names(table: Table, key: str, classes: Iterable[type[Component] | type[Wire]]) -> frozenset[str]:
    known = dict.fromkeys(("*", *(name for cls in classes for name in settings_of(cls))))
    return _known_words(table, key, known, "setting")


def _classes(
    table: Table, name: str, design: Design, palette: tuple[PaletteEntry, ...]
) -> list[type[Component] | type[Wire]]:
    """Returns the classes that a name in ``[locked]`` may mean: a kind, a part, a palette entry or a wire."""
    classes: list[type[Component] | type[Wire]] = []
    if name in KINDS:
        classes.append(KINDS[name])
    if name in WIRES:
        classes.append(WIRES[name])
    if name in design.components:
        classes.append(type(design.components[name]))
    classes += [type(entry.component) for entry in palette if entry.id == name]
    if "->" in name:
        kind = name.partition(":")[2].partition("#")[0]
        if kind not in WIRES:
            raise table.error(say("files.level.lock-wire", kind=kind), name)
        classes.append(WIRES[kind])
    if not classes:
        known = [*KINDS, *WIRES, *design.components, *(entry.id for entry in palette)]
        raise table.error(say("files.level.lock-part", name=name, suggestion=suggest(name, known)), name)
    return classes
