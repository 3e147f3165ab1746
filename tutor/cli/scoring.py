"""The commands that run designs: ``tutor check``, ``tutor watch`` and ``tutor simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutor.cli.options import JSON, LEVELS, SEEDS, command
from tutor.errors import InputError, TutorError
from tutor.terminal import ProgressLine, show, show_json, tell
from tutor.words import say

if TYPE_CHECKING:
    from tutor.judge.diagnosis import Diagnosis


@command(
    "check",
    "tutor check design.toml",
    "tutor check design.toml --level night-job/flash-sale --seed 7 --json",
    "tutor check design.toml --postmortem why.md",
    "tutor check design.toml --against start",
)
@click.argument("design", type=click.Path(path_type=Path))
@click.option("--level", "level_id", metavar="ID")
@SEEDS
@JSON
@click.option("--postmortem", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--against", metavar="DESIGN")
@LEVELS
def check(
    design: Path,
    level_id: str | None,
    seeds: tuple[int, ...],
    as_json: bool,
    postmortem: Path | None,
    against: str | None,
    levels_root: Path | None,
) -> int:
    """Scores a DESIGN file: goals, stars, diagnosis; on the level's five seeds unless told otherwise."""
    return _check(design, level_id, seeds, as_json, levels_root, postmortem, against)


def _check(
    design: Path,
    level_id: str | None,
    seeds: tuple[int, ...],
    as_json: bool,
    levels_root: Path | None,
    postmortem: Path | None = None,
    against: str | None = None,
) -> int:
    from tutor.check import check as check_file

    if postmortem is not None:
        from tutor.disk import refuse_target
        from tutor.judge.postmortem import HEADING

        refuse_target(postmortem, design, *([Path(against)] if against else []), begins=HEADING)
    with ProgressLine("checking") as line:
        checked = check_file(
            design,
            level_id=level_id or "",
            seeds=seeds,
            root=levels_root,
            against=against,
            on_progress=lambda share, _: line.update(share),
        )
    if postmortem is not None:
        from tutor.disk import write_text

        write_text(postmortem, checked.postmortem())
    if as_json:
        show_json(checked.plain())
    else:
        for text in checked.lines():
            show(text)
    if not checked.verdict.complete:
        tell(f"{checked.file}: {checked.verdict.why_stopped}")
    return checked.exit_code


@command("watch", "tutor watch design.toml")
@click.argument("design", type=click.Path(path_type=Path))
@click.option("--level", "level_id", metavar="ID")
@SEEDS
@LEVELS
def watch(design: Path, level_id: str | None, seeds: tuple[int, ...], levels_root: Path | None) -> int:
    """Checks a DESIGN file again each time it is saved, until ctrl+c."""
    from tutor.cli.watch import watch as watch_file

    if not design.is_file():  # what is broken may be mended and saved; what is no file at all is never saved
        from tutor.catalog.toml_text import read_text

        read_text(design)

    def check_again() -> None:
        try:
            _check(design, level_id, seeds, False, levels_root)
        except TutorError as error:
            tell(str(error))
        show()

    watch_file(design, check_again)
    return 0


@command(
    "simulate",
    "tutor simulate scenario.toml",
    "tutor simulate scenario.toml --seed 7 --json --timeline timeline.json",
)
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--seed", metavar="N", type=click.IntRange(0))
@JSON
@click.option("--timeline", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--why", is_flag=True)
def simulate(scenario: Path, seed: int | None, as_json: bool, timeline: Path | None, why: bool) -> int:
    """Runs a SCENARIO file and prints the report."""
    from tutor.catalog import load_scenario
    from tutor.disk import refuse_target
    from tutor.engine.simulate import Simulation

    found = load_scenario(scenario)
    if timeline is not None:
        refuse_target(timeline, scenario)
    try:
        simulation = Simulation(found, seed, timeline=why or timeline is not None)
    except InputError as error:
        raise error.located(file=str(scenario)) from None
    with ProgressLine("simulating") as line:
        while not simulation.advance(50_000):
            line.update(simulation.progress)
    outcome = simulation.outcome()
    if timeline is not None and outcome.timeline is not None:
        import json

        from tutor.disk import write_text
        from tutor.terminal import finite

        write_text(timeline, json.dumps(finite(outcome.timeline.plain()), allow_nan=False) + "\n")
    diagnosis: tuple[Diagnosis, ...] = ()
    if why:
        from tutor.judge.diagnosis import diagnose

        diagnosis = diagnose(found, outcome)
    if as_json:
        reasons = {"diagnosis": [one.plain() for one in diagnosis]} if why else {}
        show_json({**outcome.report.data, **reasons})
    else:
        from tutor.session.texts import render_why
        from tutor.show.report import render_report

        show(render_report(outcome.report))
        if why:
            show()
            for text in render_why(diagnosis) or [say("plain.no-reasons")]:
                show(text)
    if not outcome.report.complete:
        tell(f"{scenario}: {outcome.report.why_stopped}")
        return 3
    return 0
