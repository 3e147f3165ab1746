"""The command that runs a design on a real broker: ``tutor live``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutor.cli.options import JSON, LEVELS, Number, WholeNumber, command
from tutor.errors import InputError
from tutor.terminal import show, show_json, tell

if TYPE_CHECKING:
    from tutor.model.level import Level
    from tutor.model.scenario import Scenario

LOOK_S = 0.2
"""The seconds between two looks at a live run."""


@command(
    "live",
    "tutor live first-light/first-event",
    "tutor live design.toml --on nats --seconds 45 --seed 7",
    "tutor live design.toml --on rabbitmq --url amqp://guest:guest@127.0.0.1/ --json",
)
@click.argument("design", metavar="DESIGN|LEVEL")
@click.option("--on", "broker", metavar="BROKER", default="nats")
@click.option("--url", metavar="URL")
@click.option("--seconds", metavar="N", type=Number(5, 3600))
@click.option("--seed", metavar="N", type=WholeNumber(0))
@JSON
@LEVELS
def live(
    design: str,
    broker: str,
    url: str | None,
    seconds: float | None,
    seed: int | None,
    as_json: bool,
    levels_root: Path | None,
) -> int:
    """Runs a DESIGN, or a LEVEL as it starts, in real time on a real broker, beside its prediction."""
    from tutor.live.run import LiveRun
    from tutor.live.telling import after, before
    from tutor.live.view import LiveRunView
    from tutor.show.live import Seconds

    name, scenario, level = find(design, levels_root)
    with LiveRun(scenario, broker=broker, url=url, seconds=seconds, seed=seed) as run:
        say_before = tell if as_json else show
        say_before(name)
        for line in before(run):
            say_before(line)
        run.start()
        lines = Seconds(LiveRunView(scenario, run=run))
        if not as_json:
            show(lines.head())
        while run.poll().phase != "over":
            if not as_json:
                for line in lines.new():
                    show(line)
            time.sleep(LOOK_S)
        report = run.report()
        if as_json:
            show_json(report.data)
            return 0
        goals = level.goals if level is not None else ()
        for line in (*lines.new(whole=True), *after(run, report, goals)):
            show(line)
    return 0


def find(what: str, levels_root: Path | None) -> tuple[str, Scenario, Level | None]:
    """What a design file, a scenario file or a level's id stands for: its name, the scenario, and the level
    it answers.
    """
    from tutor.catalog import join, level_by_id, load_design_file, load_scenario
    from tutor.catalog.toml_text import read_text, toml_data
    from tutor.trial import with_design
    from tutor.words import say

    path = Path(what)
    if path.suffix != ".toml" and not path.exists():
        if "/" not in what:
            raise InputError(say("live.error.nothing", name=what))
        level = level_by_id(what, levels_root)
        return level.title, level.scenario, level
    if "run" in toml_data(read_text(path), what):
        return what, load_scenario(path), None
    file = load_design_file(path)
    if not file.level:
        return what, load_scenario(path), None
    level = level_by_id(file.level, levels_root)
    return f"{level.title} ({what})", with_design(level, join(file, level)).scenario, level
