"""Scenario files: everything the engine needs, with no teaching in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

from tutor.catalog.parts import check_links, read_components, read_wires, refuse_misfits
from tutor.catalog.reading import Table, parse_toml, read_toml
from tutor.model.component import Client, Service
from tutor.model.design import Design, make_design
from tutor.model.fault import COMMON, FAULT_KINDS, MOST_STRIKES, Fault
from tutor.model.price import Prices
from tutor.model.scenario import Effect, Run, Scenario, Window
from tutor.model.setting import settings_of, suggest

SCENARIO_KEYS = ("run", "components", "wires", "faults", "effects", "windows", "prices")
"""The top keys of a scenario."""

_EFFECT_AT = ("service", "job", "database")
_Record = TypeVar("_Record")


def load_scenario(path: Path | str) -> Scenario:
    """The scenario of a file; raises :class:`~tutor.errors.InputError` with file, line and key where it
    cannot be used.
    """
    return scenario_from(read_toml(Path(path)))


def parse_scenario(text: str, file: str = "scenario") -> Scenario:
    """The scenario of a text; ``file`` is what errors call it."""
    return scenario_from(parse_toml(text, file))


def scenario_from(top: Table) -> Scenario:
    """The scenario of a file's top table."""
    if "level" in top:
        raise top.error(
            'this is a design that answers a level, not a scenario: "tutor check" scores it', "level"
        )
    for key in ("format", "goals"):
        if key in top:
            raise top.error(
                'this is a level, not a scenario: "tutor play" plays it, and "tutor lint" with its folder'
                " proves it",
                key,
            )
    top.only((*SCENARIO_KEYS, "title"), "a scenario")
    components = read_components(top)
    if not components:
        raise top.error("a scenario needs at least one part: [components.<id>]", "components")
    check_links(dict(top.named("components")), components)
    design = make_design(components.values())
    design = design.with_wires(read_wires(top.tables("wires"), design))
    refuse_misfits(top, design)
    return dataclasses.replace(conditions(top, design), design=design)


def conditions(
    top: Table, design: Design, *, may_join: Collection[str] | None = None, may_rename: bool = False
) -> Scenario:
    """A scenario's run, faults, effects, windows and prices around a design.

    ``may_join`` are ids that a learner's design may add, and wires may then be drawn between any parts: what
    is aimed at either is not refused. ``may_rename``: event types may be renamed by wires that are not there
    yet.
    """
    run = read_run(top)
    return Scenario(
        design=design,
        run=run,
        faults=tuple(_fault(table, design, run, may_join) for table in top.tables("faults")),
        effects=_effects(top.tables("effects"), design, may_join, may_rename),
        windows=_windows(top.tables("windows"), run),
        prices=_record(prices, Prices, "the price list") if (prices := top.table("prices")) else Prices(),
    )


def _record(table: Table, cls: type[_Record], what: str) -> _Record:
    table.only(settings_of(cls), what)
    return cls(**table.settings(cls))


def _need(table: Table, *keys: str) -> None:
    for key in keys:
        if key not in table:
            raise table.error(f'"{key}" is missing: {_remedy(key)}')


def _remedy(key: str) -> str:
    return {
        "kind": f"give one of {', '.join(FAULT_KINDS)}",
        "target": 'give the id of a component, or a wire as "from->to"',
        "event": "give an event type such as order.placed",
        "at": "give the service that must apply it",
    }.get(key, "give it")


def read_run(top: Table) -> Run:
    """``[run]``, or the defaults."""
    table = top.table("run")
    if table is None:
        return Run()
    run = _record(table, Run, "[run]")
    if run.warmup_s >= run.duration_s:
        raise table.error(f"the warm-up ends after the run of {run.duration_s:g} s: give less", "warmup_s")
    if run.timeline_step_s is not None and (run.duration_s + run.drain_s) / run.timeline_step_s > 100_000:
        raise table.error("a timeline of more than 100,000 steps: give a longer step", "timeline_step_s")
    return run


def _fault(table: Table, design: Design, run: Run, may_join: Collection[str] | None) -> Fault:
    _need(table, "kind", "target")
    known = settings_of(Fault)
    kind = table.value("kind", known["kind"])
    own = FAULT_KINDS[kind].settings
    for key in table.data:
        if key in known and key not in (*COMMON, *own):
            raise table.error(f'a {kind} has no "{key}"; it takes {", ".join((*own, *COMMON[2:]))}', key)
    table.only((*COMMON, *own), f"a {kind}")
    fault = Fault(**table.settings(Fault))
    _check_target(table, fault, design, may_join)
    if (fault.mtbf_s is None) != (fault.mttr_s is None):
        given, missing = ("mtbf_s", "mttr_s") if fault.mttr_s is None else ("mttr_s", "mtbf_s")
        raise table.error(f'a fault at random needs both mtbf_s and mttr_s: "{missing}" is missing', given)
    if fault.mtbf_s is not None and fault.every_s is not None:
        raise table.error("a fault comes at random (mtbf_s) or on a schedule (every_s), not both", "every_s")
    if fault.every_s is not None and fault.for_s is not None and fault.every_s < fault.for_s:
        raise table.error(
            f"it would come again before it is over: give at least for_s, {fault.for_s:g}", "every_s"
        )
    _refuse_too_often(table, fault, run.duration_s + run.drain_s)
    return fault


def _refuse_too_often(table: Table, fault: Fault, length_s: float) -> None:
    """A fault that strikes without end would be scheduled without end."""
    if fault.every_s is not None and length_s > fault.every_s * MOST_STRIKES:
        raise table.error(f"it would strike more than {MOST_STRIKES:,} times: give a longer time", "every_s")
    if fault.mtbf_s is not None and length_s > (fault.mtbf_s + (fault.mttr_s or 0)) * MOST_STRIKES:
        raise table.error(f"it would strike more than {MOST_STRIKES:,} times: give a longer time", "mtbf_s")


def _check_target(table: Table, fault: Fault, design: Design, may_join: Collection[str] | None) -> None:
    declared = fault.declared
    if "->" in fault.target:
        if not declared.wires:
            raise table.error(f"a {fault.kind} strikes a component, not a wire: give its id", "target")
        source, _, target = fault.target.partition("->")
        pairs = dict.fromkeys(wire.pair for wire in design.wires)
        if fault.target in pairs:
            kinds = [wire.kind for wire in design.wires if wire.pair == fault.target]
            if may_join is None and not any(kind in declared.wires for kind in kinds):
                struck = " or ".join(f'"{kind}"' for kind in declared.wires)
                raise table.error(
                    f'a {fault.kind} strikes {struck} wires, and "{fault.target}" is a "{kinds[0]}" wire: aim'
                    " it at another",
                    "target",
                )
            return
        drawable = {*design.components, *may_join} if may_join is not None else set()
        if not (source in drawable and target in drawable):
            raise table.error(f'there is no wire "{fault.target}"; {suggest(fault.target, pairs)}', "target")
        return
    if fault.target in (may_join or ()) and fault.target not in design.components:
        return
    if fault.target not in design.components:
        raise table.error(
            f'there is no component "{fault.target}"; {suggest(fault.target, design.components)}', "target"
        )
    kind = design.components[fault.target].kind
    if kind not in declared.strikes:
        raise table.error(
            f'{declared.why}, and "{fault.target}" is a {kind}: aim it at a {" or ".join(declared.strikes)}',
            "target",
        )


def event_types(design: Design) -> set[str] | None:
    """The event types that can occur in a design; None where a service derives events whose names are not
    written down.
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
        table.only(settings_of(Effect), "an effect")
        _need(table, "event", "at")
        effect = Effect(**table.settings(Effect))
        if not effect.at:
            raise table.error("the list is empty: give the service that must apply it", "at")
        for place in effect.at:
            _check_effect_place(table, place, design, may_join)
        for key in ("event", "undone_by"):
            name = getattr(effect, key)
            if name and occurring is not None and name not in occurring:
                raise table.error(f'no "{name}" ever occurs here; {suggest(name, sorted(occurring))}', key)
        if any((other.event, other.name) == (effect.event, effect.name) for other in effects):
            raise table.error(
                f'the effect of "{effect.event}" at {effect.name} is already there: take one out'
            )
        effects.append(effect)
    return tuple(effects)


def _check_effect_place(table: Table, place: str, design: Design, may_join: Collection[str] | None) -> None:
    known = [part.id for part in design.components.values() if part.kind in _EFFECT_AT]
    if place in known or (place in (may_join or ()) and place not in design.components):
        return
    if place in design.components:
        kind = design.components[place].kind
        raise table.error(
            f'"{place}" is a {kind}, and effects happen where code runs or data is kept: a service, job or'
            " database",
            "at",
        )
    raise table.error(f'there is no component "{place}"; {suggest(place, known)}', "at")


def _windows(tables: Iterable[Table], run: Run) -> tuple[Window, ...]:
    windows: dict[str, Window] = {}
    for table in tables:
        fields: dict[str, Any] = settings_of(Window)
        table.only(fields, "a window")
        for key in fields:
            if key not in table:
                raise table.error(f'"{key}" is missing: a window has id, from_s and to_s')
        window = Window(**table.settings(Window))
        table.check_id(window.id, "id")
        if window.id in windows:
            raise table.error(f'there is already a window "{window.id}": give it another id', "id")
        if window.to_s <= window.from_s:
            raise table.error(f"the window ends before it begins: give more than {window.from_s:g}", "to_s")
        if window.from_s >= run.duration_s + run.drain_s:
            raise table.error(
                f"the run is over after {run.duration_s + run.drain_s:g} s: give less", "from_s"
            )
        windows[window.id] = window
    return tuple(windows.values())
