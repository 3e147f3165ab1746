"""The sections of a level file around the start: goals, par, prediction, question, hints and the idea."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from tutor.catalog.reading import Table
from tutor.errors import InputError
from tutor.model.level import (
    FOLLOWED,
    Choice,
    Citation,
    Culprit,
    Goal,
    Hint,
    Idea,
    Look,
    PaletteEntry,
    Par,
    Prediction,
    Question,
    StarLine,
    Without,
)
from tutor.model.report import pointer_tokens
from tutor.model.scenario import Scenario
from tutor.model.setting import Setting, suggest
from tutor.words import say

HINT_STEPS = ("question", "concept", "lead")
"""The steps of a hint, from the least to the most that it gives away."""
_DAY = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_MOMENT = Setting("from_s", "number", None, unit="s", at_least=0)
_NAMED_SECTIONS = ("client", "effect", "component", "database", "wire")
_SECTIONS = (*_NAMED_SECTIONS, "design", "engine", "window", "duration_s", "pattern")


def read_goals(top: Table, scenario: Scenario, palette: tuple[PaletteEntry, ...]) -> tuple[Goal, ...]:
    """Reads ``[[goals]]``: at least one, each with one limit."""
    goals = []
    for table in top.tables("goals"):
        table.only(("metric", "say", "at_least", "at_most"))
        metric = read_metric(table, scenario, palette)
        low, high = table.number("at_least"), table.number("at_most")
        if (low is None) == (high is None):
            what = say("files.level.no-limit") if low is None else say("files.level.two-limits")
            raise table.error(what, *(("at_most",) if low is not None else ()))
        goals.append(Goal(metric, table.text("say"), low, high))
    if not goals:
        raise top.error(say("files.level.no-goals"), "goals")
    return tuple(goals)


def read_metric(
    table: Table, scenario: Scenario, palette: tuple[PaletteEntry, ...], key: str = "metric"
) -> str:
    """Reads a JSON Pointer into the report whose names exist in the level."""
    metric = table.text(key)
    try:
        tokens = pointer_tokens(metric)
        _check_tokens(tokens, metric, scenario, palette)
    except InputError as error:
        raise table.located(error, key) from None
    return metric


def _check_tokens(
    tokens: list[str], metric: str, scenario: Scenario, palette: tuple[PaletteEntry, ...]
) -> None:
    section, rest = tokens[0], tokens[1:]
    if section not in _SECTIONS:
        raise InputError(say("files.metric.section", section=section, suggestion=suggest(section, _SECTIONS)))
    if section == "window":
        _check_name(rest, [window.id for window in scenario.windows], "window", metric)
        if len(rest) < 2:
            raise InputError(say("files.metric.window-short", metric=metric))
        _check_tokens(rest[1:], metric, scenario, palette)
    elif section in _NAMED_SECTIONS:
        _check_name(rest, _names(section, scenario, palette), section, metric)
        if section == "effect":
            events = {effect.event for effect in scenario.effects if effect.name == rest[0]}
            _check_name(rest[1:], sorted(events), "event", metric)
            rest = rest[1:]
        if len(rest) < 2:
            raise InputError(say("files.metric.name-short", metric=metric, example=_example(section)))


def _example(section: str) -> str:
    return {"client": "availability", "effect": "lost", "database": "diverged_keys"}.get(
        section, "throughput_per_s"
    )


def _check_name(rest: list[str], known: Iterable[str], what: str, metric: str) -> None:
    known = list(known)
    if not rest:
        raise InputError(say(f"files.metric.no-name.{what}", metric=metric, suggestion=suggest("", known)))
    if rest[0] not in known:
        raise InputError(
            say(f"files.metric.unknown.{what}", name=rest[0], suggestion=suggest(rest[0], known))
        )


def _names(section: str, scenario: Scenario, palette: tuple[PaletteEntry, ...]) -> list[str]:
    parts = scenario.design.components
    joined = {
        **{entry.id: entry.component.kind for entry in palette},
        **{name: part.kind for name, part in parts.items()},
    }
    if section == "effect":
        return list(dict.fromkeys(effect.name for effect in scenario.effects))
    if section == "wire":
        return [wire.ref for wire in scenario.design.wires] + [wire.pair for wire in scenario.design.wires]
    if section == "component":
        return list(joined)
    return [name for name, kind in joined.items() if kind == section]


def read_par(top: Table, scenario: Scenario, palette: tuple[PaletteEntry, ...]) -> Par:
    """Reads ``[par]``: the limits for three and two stars, for cost, speed and simplicity."""
    table = top.table("par")
    if table is None:
        raise top.error(say("files.level.no-par"), "par")
    table.only(("cost", "speed", "simplicity"))
    lines = {}
    for name in ("cost", "speed", "simplicity"):
        line = table.table(name)
        if line is None:
            raise table.error(say("files.level.par-line", name=name))
        line.only(("three", "two", *(("metric",) if name == "speed" else ())))
        three, two = line.number("three"), line.number("two")
        if three is None or two is None:
            raise line.error(say("files.level.par-both"))
        if three > two:
            raise line.error(say("files.level.par-order", two=two), "three")
        metric = read_metric(line, scenario, palette) if name == "speed" else ""
        lines[name] = StarLine(three, two, metric)
    return Par(**lines)


def read_prediction(top: Table, scenario: Scenario, palette: tuple[PaletteEntry, ...]) -> Prediction | None:
    """Reads ``[prediction]``, if there is one."""
    table = top.table("prediction")
    if table is None:
        return None
    table.only(("ask", "metric", "choices"))
    metric = read_metric(table, scenario, palette)
    values, labels = [], []
    for choice in table.tables("choices"):
        choice.only(("value", "say"))
        value = choice.number("value")
        if value is None:
            raise choice.error(say("files.level.no-value"))
        if value in values:
            raise choice.error(say("files.level.value-twice"), "value")
        values.append(value)
        labels.append(choice.text("say", f"{value:g}"))
    if len(values) < 2:
        raise table.error(say("files.level.few-choices"), "choices")
    return Prediction(table.text("ask"), metric, tuple(values), tuple(labels))


def read_question(top: Table) -> Question | None:
    """Reads ``[question]``, if there is one: at least two answers, each with its reason, and one of them
    right.
    """
    table = top.table("question")
    if table is None:
        return None
    table.only(("ask", "choices"))
    choices = []
    for choice in table.tables("choices"):
        choice.only(("say", "why", "right"))
        choices.append(Choice(choice.text("say"), choice.text("why"), choice.flag("right", False)))
    if len(choices) < 2:
        raise table.error(say("files.level.few-answers"), "choices")
    if sum(choice.right for choice in choices) != 1:
        raise table.error(say("files.level.one-right"), "choices")
    return Question(table.text("ask", lines=True), tuple(choices))


def read_hints(top: Table) -> tuple[Hint, ...]:
    """Reads ``[[hints]]``, in their order."""
    hints = []
    for table in top.tables("hints"):
        table.only(("step", "diagnosis", "text"))
        step = table.text("step")
        if step not in HINT_STEPS:
            raise table.error(
                say("files.level.step", step=step, suggestion=suggest(step, HINT_STEPS)), "step"
            )
        diagnosis = table.text("diagnosis", "")
        if diagnosis:
            table.check_id(diagnosis, "diagnosis")
        hints.append(Hint(table.text("text", lines=True), step, diagnosis))
    return tuple(hints)


def read_idea(top: Table) -> Idea:
    """Reads ``[idea]``: the idea that is taught, and how to take it out of a solution."""
    table = top.table("idea")
    if table is None:
        raise top.error(
            say("files.level.no-idea"),
            "idea",
        )
    table.only(("say", "without"))
    return Idea(table.text("say"), tuple(_without(edit) for edit in table.tables("without")))


def _without(table: Table) -> Without:
    table.only(("solutions", "remove", "wires", "set"))
    wires: list[dict[str, Any]] = []
    for wire in table.tables("wires"):
        wire.text("from")
        wire.text("to")
        wires.append(dict(wire.data))
    changes = {}
    outer = table.table("set")
    for name in outer.data if outer else ():
        assert outer is not None
        inner = outer.table(name)
        assert inner is not None
        changes[name] = dict(inner.data)
    found = Without(table.texts("solutions"), table.texts("remove"), tuple(wires), changes)
    if not (found.remove or found.wires or found.set):
        raise table.error(say("files.level.without"))
    return found


def read_sources(top: Table) -> tuple[Citation, ...]:
    """Reads ``[[sources]]``: where the debrief's statements about products come from."""
    found = []
    for table in top.tables("sources"):
        table.only(("product", "say", "url", "read"))
        url, day = table.text("url"), table.text("read")
        if not url.startswith("https://") or len(url.split()) != 1:
            raise table.error(say("files.level.url"), "url")
        if not _DAY.fullmatch(day):
            raise table.error(say("files.level.day"), "read")
        found.append(Citation(table.text("product"), table.text("say"), url, day))
    return tuple(found)


def read_look(top: Table, scenario: Scenario) -> Look | None:
    """Reads ``[look]``: the place to look at in the run of the start."""
    table = top.table("look")
    if table is None:
        return None
    table.only(("say", "at", "from_s", "to_s", "follow"))
    at, design = table.text("at"), scenario.design
    if at not in design.components and design.wire(at) is None:
        known = [*design.components, *(wire.ref for wire in design.wires)]
        raise table.error(say("files.look.at", part=at, suggestion=suggest(at, known)), "at")
    found = Look(
        table.text("say"),
        at,
        float(table.value("from_s", _MOMENT)),
        float(table.value("to_s", _MOMENT)),
        table.text("follow", ""),
    )
    if found.follow and found.follow not in FOLLOWED:
        raise table.error(
            say("files.look.follow", outcome=found.follow, suggestion=suggest(found.follow, FOLLOWED)),
            "follow",
        )
    if not found.from_s < found.to_s:
        raise table.error(say("files.look.over"), "to_s")
    return found


def read_culprit(top: Table, scenario: Scenario) -> Culprit | None:
    """Reads ``[culprit]``: the part that the learner has to find before a run is explained."""
    table = top.table("culprit")
    if table is None:
        return None
    table.only(("ask", "at", "among", "clue"))
    at, among, parts = table.text("at"), table.texts("among"), scenario.design.components
    for part in among:
        if part not in parts:
            raise table.error(say("files.look.at", part=part, suggestion=suggest(part, parts)), "among")
    if len(set(among)) < 2 or len(set(among)) < len(among):
        raise table.error(say("files.culprit.few"), "among")
    if at not in among:
        raise table.error(say("files.culprit.not-among", part=at, suggestion=suggest(at, among)), "at")
    return Culprit(table.text("ask"), at, among, table.text("clue"))
