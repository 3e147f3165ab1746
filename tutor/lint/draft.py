"""A level drafted from a design: the author's design is taken apart again, and is the first solution.

Clients, services and databases are the world and stay; channels and wires are what a learner has to find.
Goals and par are the results of the author's own design on five seeds, so that the draft can be played at
once; the author tightens them and writes the story.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tutor.catalog import level_by_id, load_design_file, load_level, load_scenario, render_design
from tutor.catalog.course import level_folder
from tutor.catalog.designs import join
from tutor.catalog.reading import read_toml
from tutor.catalog.template import copy_level, write_new_level
from tutor.catalog.writing import render_scenario, toml_value
from tutor.errors import InputError
from tutor.model.component import Channel, Client, Component, Stream
from tutor.model.design import Design
from tutor.model.level import Level
from tutor.model.report import Report
from tutor.model.scenario import Scenario
from tutor.trial import SEEDS, run, score
from tutor.words import say

ROOM = 1.25
"""How much slower or dearer than the author's a design may be and have three stars; twice that for two."""
SPARE = 2
"""How many changes more than the author's cost a star for simplicity."""
FIRST = "solutions/first.toml"
"""Where the author's design goes."""


def draft_level(root: Path, level_id: str, file: Path, levels_root: Path | None = None) -> Path:
    """Writes a level below ``root`` whose first solution is the design in ``file``, and returns its folder.

    A design that answers a level gives a copy of that level; a scenario is taken apart. Raises
    :class:`InputError` for a design that has no client or no wires, can't be run, or doesn't pass its level.
    """
    if "level" in read_toml(file):
        answer = load_design_file(file)
        level = level_by_id(answer.level, levels_root)
        design = join(answer, level)
        folder = copy_level(root, level_id, level_folder(level.id, levels_root))
    else:
        scenario = load_scenario(file)
        design = scenario.design
        folder = write_new_level(root, level_id, dict(_files(scenario, file, level_id)))
    try:
        _keep_solution(folder, load_level(folder), design, file)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def _keep_solution(folder: Path, level: Level, design: Design, file: Path) -> None:
    """Writes the author's design with the stars that it earns; raises :class:`InputError` if it doesn't
    pass.
    """
    verdict = score(level, design, why=False)
    if not verdict.passed:
        missed = [goal.goal.say for goal in verdict.missed] or list(verdict.inconclusive)
        raise InputError(say("lint.draft.not-passed", missed=missed), file=str(file))
    stars = ", ".join(f"{kind} = {getattr(verdict.stars, kind)}" for kind in ("cost", "speed", "simplicity"))
    head, _, rest = render_design(design, level, title=say("lint.draft.solution")).partition("\n\n")
    (folder / FIRST).parent.mkdir(exist_ok=True)
    (folder / FIRST).write_text(f"{head}\nstars = {{{stars}}}\n\n{rest}", "utf-8")


def _files(scenario: Scenario, file: Path, level_id: str) -> Iterator[tuple[str, str]]:
    parts = scenario.design.components.values()
    if not any(isinstance(part, Client) for part in parts):
        raise InputError(say("lint.draft.no-client"), file=str(file))
    if not scenario.design.wires:
        raise InputError(say("lint.draft.no-wires"), file=str(file))
    first = scenario.run.seed
    try:
        reports = [run(scenario, seed).report for seed in range(first, first + SEEDS)]
    except InputError as error:
        raise error.located(file=str(file)) from None
    title = level_id.partition("/")[2].replace("-", " ").capitalize()
    yield "level.toml", _level_text(scenario, reports, title)
    yield "briefing.md", say("lint.draft.briefing") + "\n"
    yield "debrief.md", say("lint.draft.debrief") + "\n"


def _level_text(scenario: Scenario, reports: Sequence[Report], title: str) -> str:
    design = scenario.design
    palette = {name: part for name, part in design.components.items() if isinstance(part, Channel | Stream)}
    parts = {name: part for name, part in design.components.items() if name not in palette}
    start = dataclasses.replace(scenario, design=dataclasses.replace(design, components=parts, wires=()))
    world = "".join(
        line + ("fixed = true\n" if line.startswith("[components.") else "")
        for line in render_scenario(start).splitlines(keepends=True)
    )
    goals = "\n".join(
        f"[[goals]]\nmetric = {toml_value(metric)}\nat_most = {limit:g}\nsay = {toml_value(words)}\n"
        for metric, limit, words in _goals(scenario, reports)
    )
    changes = len(design.wires) + len(palette)
    return "\n".join(
        (
            "#:schema ../../level.schema.json",
            f"format = 1\ntitle = {toml_value(title)}",
            f"summary = {toml_value(say('lint.draft.summary'))}\n",
            world,
            _shelf(palette),
            goals,
            _par(scenario, reports, changes),
            f"[idea]\nsay = {toml_value(say('lint.draft.idea'))}",
            f"[[idea.without]]\nremove = {toml_value(list(palette) or [design.wires[0].ref])}\n",
        )
    )


def _shelf(palette: Mapping[str, Component]) -> str:
    """Returns the author's channels as palette entries, without their places on the board."""
    alone = Scenario(design=Design(components=dict(palette), wires=()))
    lines = render_scenario(alone).splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith("at = ")).replace(
        "[components.", "[palette."
    )


def _goals(scenario: Scenario, reports: Sequence[Report]) -> Iterator[tuple[str, float, str]]:
    """Yields the results of the author's design on every seed: metric, limit, and a sentence."""
    names = {part.id: part.name for part in scenario.design.components.values()}
    for part in scenario.design.components.values():
        if isinstance(part, Client):
            metric = f"/client/{part.id}/failed"
            worst = _worst(reports, metric)
            yield metric, worst, say("lint.draft.failed", part=part.name, count=int(worst))
    for effect in scenario.effects:
        for what in ("lost", "pending"):
            metric = f"/effect/{effect.name}/{effect.event}/{what}"
            worst = _worst(reports, metric)
            place = ", ".join(names.get(one, one) for one in effect.at)
            words = say(f"lint.draft.goal.{what}", event=effect.event, place=place, count=int(worst))
            yield metric, worst, words


def _par(scenario: Scenario, reports: Sequence[Report], changes: int) -> str:
    client = next(part.id for part in scenario.design.components.values() if isinstance(part, Client))
    metric = f"/client/{client}/response_ms/p95"
    if scenario.effects:
        effect = scenario.effects[0]
        metric = f"/effect/{effect.name}/{effect.event}/delay_ms/p95"
    cost, speed = _worst(reports, "/design/cost_per_hour"), _worst(reports, metric) or 1.0

    def line(three: float, two: float) -> str:
        return f"three = {three:.4g}, two = {two:.4g}"

    return (
        f"[par]\ncost = {{{line(cost * ROOM, cost * ROOM * 2)}}}\n"
        f"speed = {{metric = {toml_value(metric)}, {line(speed * ROOM, speed * ROOM * 2)}}}\n"
        f"simplicity = {{{line(changes, changes + SPARE)}}}\n"
    )


def _worst(reports: Sequence[Report], metric: str) -> float:
    values = [report.get(metric) for report in reports]
    return max((float(value) for value in values if isinstance(value, int | float)), default=0.0)
