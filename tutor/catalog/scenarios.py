"""Scenario files: everything the engine needs, with no teaching in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

from tutor.catalog.parts import check_links, read_components, read_wires, refuse_misfits, with_notes
from tutor.catalog.reading import Table, parse_toml, read_toml
from tutor.model.component import Client, Service
from tutor.model.design import Design, make_design
from tutor.model.fault import COMMON, FAULT_KINDS, MOST_STRIKES, Fault
from tutor.model.price import Prices
from tutor.model.scenario import Effect, Run, Scenario, Window
from tutor.model.setting import settings_of, suggest
from tutor.words import say

SCENARIO_KEYS = ("run", "components", "wires", "faults", "effects", "windows", "prices")
"""The top keys of a scenario."""

_EFFECT_AT = ("service", "job", "database")
_Record = TypeVar("_Record")


def load_scenario(path: Path | str) -> Scenario:
    """Loads the scenario of a file; raises :class:`~tutor.errors.InputError` with file, line and key if it
    cannot be used.
    """
    return scenario_from(read_toml(Path(path)))


def parse_scenario(text: str, file: str = "scenario") -> Scenario:
    """Parses the scenario of a text; ``file`` is its name in errors."""
    return scenario_from(parse_toml(text, file))


def scenario_from(top: Table) -> Scenario:
    """Reads the scenario of a file's top table."""
    if "level" in top:
        raise top.error(say("files.scenario.design"), "level")
    for key in ("format", "goals"):
        if key in top:
            raise top.error(
                say("files.scenario.level"),
                key,
            )
    top.only((*SCENARIO_KEYS, "title", "notes"))
    components = read_components(top)
    if not components:
        raise top.error(say("files.scenario.no-parts"), "components")
    check_links(dict(top.named("components")), components)
    design = make_design(components.values())
    design = design.with_wires(read_wires(top.tables("wires"), design))
    refuse_misfits(top, design)
    return dataclasses.replace(conditions(top, design), design=with_notes(top, design))


def conditions(
    top: Table, design: Design, *, may_join: Collection[str] | None = None, may_rename: bool = False
) -> Scenario:
    """Builds a scenario around a design: its run, faults, effects, windows and prices.

    ``may_join`` are ids that a learner's design may add, and wires may then be drawn between any parts:
    faults and effects aimed at either are not refused. ``may_rename``: event types may be renamed by wires
    that are not there yet.
    """
    run = read_run(top)
    return Scenario(
        design=design,
        run=run,
        faults=tuple(_fault(table, design, run, may_join) for table in top.tables("faults")),
        effects=_effects(top.tables("effects"), design, may_join, may_rename),
        windows=_windows(top.tables("windows"), run),
        prices=_record(prices, Prices) if (prices := top.table("prices")) else Prices(),
    )


def _record(table: Table, cls: type[_Record]) -> _Record:
    table.only(settings_of(cls))
    return cls(**table.settings(cls))


def _need(table: Table, *keys: str) -> None:
    for key in keys:
        if key not in table:
            raise table.error(say(f"files.scenario.needs.{key}"))


def read_run(top: Table) -> Run:
    """Reads ``[run]``, or the defaults."""
    table = top.table("run")
    if table is None:
        return Run()
    run = _record(table, Run)
    if run.warmup_s >= run.duration_s:
        raise table.error(say("files.scenario.warm-up", duration=run.duration_s), "warmup_s")
    if run.timeline_step_s is not None and (run.duration_s + run.drain_s) / run.timeline_step_s > 100_000:
        raise table.error(say("files.scenario.timeline"), "timeline_step_s")
    return run


def _fault(table: Table, design: Design, run: Run, may_join: Collection[str] | None) -> Fault:
    _need(table, "kind", "target")
    known = settings_of(Fault)
    kind = table.value("kind", known["kind"])
    own = FAULT_KINDS[kind].settings
    for key in table.data:
        if key in known and key not in (*COMMON, *own):
            raise table.error(
                say("files.scenario.fault-key", kind=kind, key=key, keys=(*own, *COMMON[2:])), key
            )
    table.only((*COMMON, *own))
    fault = Fault(**table.settings(Fault))
    _check_target(table, fault, design, may_join)
    if (fault.mtbf_s is None) != (fault.mttr_s is None):
        given, missing = ("mtbf_s", "mttr_s") if fault.mttr_s is None else ("mttr_s", "mtbf_s")
        raise table.error(say("files.scenario.random-both", missing=missing), given)
    if fault.mtbf_s is not None and fault.every_s is not None:
        raise table.error(say("files.scenario.random-or"), "every_s")
    if fault.every_s is not None and fault.for_s is not None and fault.every_s < fault.for_s:
        raise table.error(say("files.scenario.overlap", least=fault.for_s), "every_s")
    _refuse_too_often(table, fault, run.duration_s + run.drain_s)
    return fault


def _refuse_too_often(table: Table, fault: Fault, length_s: float) -> None:
    """Refuses a fault that strikes without end: it would be scheduled without end."""
    if fault.every_s is not None and length_s > fault.every_s * MOST_STRIKES:
        raise table.error(say("files.scenario.often", most=MOST_STRIKES), "every_s")
    if fault.mtbf_s is not None and length_s > (fault.mtbf_s + (fault.mttr_s or 0)) * MOST_STRIKES:
        raise table.error(say("files.scenario.often", most=MOST_STRIKES), "mtbf_s")


def _check_target(table: Table, fault: Fault, design: Design, may_join: Collection[str] | None) -> None:
    declared = fault.declared
    if "->" in fault.target:
        if not declared.wires:
            raise table.error(say("files.scenario.aim-part", fault=fault.kind), "target")
        source, _, target = fault.target.partition("->")
        pairs = dict.fromkeys(wire.pair for wire in design.wires)
        if fault.target in pairs:
            kinds = [wire.kind for wire in design.wires if wire.pair == fault.target]
            if may_join is None and not any(kind in declared.wires for kind in kinds):
                raise table.error(
                    say(
                        "files.scenario.aim-wire",
                        fault=fault.kind,
                        kinds=list(declared.wires),
                        target=fault.target,
                        kind=kinds[0],
                    ),
                    "target",
                )
            return
        drawable = {*design.components, *may_join} if may_join is not None else set()
        if not (source in drawable and target in drawable):
            raise table.error(
                say("files.scenario.no-wire", wire=fault.target, suggestion=suggest(fault.target, pairs)),
                "target",
            )
        return
    if fault.target in (may_join or ()) and fault.target not in design.components:
        return
    if fault.target not in design.components:
        raise table.error(
            say("rules.no-part", part=fault.target, suggestion=suggest(fault.target, design.components)),
            "target",
        )
    kind = design.components[fault.target].kind
    if kind not in declared.strikes:
        raise table.error(
            say(
                "files.scenario.aim",
                why=declared.why,
                target=fault.target,
                kind=kind,
                kinds=list(declared.strikes),
            ),
            "target",
        )


def event_types(design: Design) -> set[str] | None:
    """Returns the event types that can occur in a design; None if a service derives events whose names are
    not written down.
    """
    if any(
        isinstance(part, Service) and (part.window_s is not None or part.pattern)
        for part in design.components.values()
    ):
        return None
    found = {name for wire in design.wires if (name := getattr(wire, "event", ""))}
    for part in design.components.values():
        if isinstance(part, Client):
            found.add(part.event)
            found.update(step.event for sequence in part.sequences for step in sequence.steps)
    return found


def _effects(
    tables: Iterable[Table], design: Design, may_join: Collection[str] | None, may_rename: bool
) -> tuple[Effect, ...]:
    occurring = None if may_rename else event_types(design)
    effects: list[Effect] = []
    for table in tables:
        table.only(settings_of(Effect))
        _need(table, "event", "at")
        effect = Effect(**table.settings(Effect))
        if not effect.at:
            raise table.error(say("files.scenario.no-place"), "at")
        for place in effect.at:
            _check_effect_place(table, place, design, may_join)
        for key in ("event", "undone_by"):
            name = getattr(effect, key)
            if name and occurring is not None and name not in occurring:
                raise table.error(
                    say("files.scenario.no-event", event=name, suggestion=suggest(name, sorted(occurring))),
                    key,
                )
        if any((other.event, other.name) == (effect.event, effect.name) for other in effects):
            raise table.error(say("files.scenario.effect-twice", event=effect.event, place=effect.name))
        effects.append(effect)
    return tuple(effects)


def _check_effect_place(table: Table, place: str, design: Design, may_join: Collection[str] | None) -> None:
    known = [part.id for part in design.components.values() if part.kind in _EFFECT_AT]
    if place in known or (place in (may_join or ()) and place not in design.components):
        return
    if place in design.components:
        kind = design.components[place].kind
        raise table.error(
            say("files.scenario.effect-place", part=place, kind=kind),
            "at",
        )
    raise table.error(say("rules.no-part", part=place, suggestion=suggest(place, known)), "at")


def _windows(tables: Iterable[Table], run: Run) -> tuple[Window, ...]:
    windows: dict[str, Window] = {}
    for table in tables:
        fields: dict[str, Any] = settings_of(Window)
        table.only(fields)
        for key in fields:
            if key not in table:
                raise table.error(say("files.scenario.window-key", key=key))
        window = Window(**table.settings(Window))
        table.check_id(window.id, "id")
        if window.id in windows:
            raise table.error(say("files.scenario.window-twice", window=window.id), "id")
        if window.to_s <= window.from_s:
            raise table.error(say("files.scenario.window-ends", start=window.from_s), "to_s")
        if window.from_s >= run.duration_s + run.drain_s:
            raise table.error(say("files.scenario.over", end=run.duration_s + run.drain_s), "from_s")
        windows[window.id] = window
    return tuple(windows.values())
