"""The commands that run designs: ``tutor check``, ``tutor watch`` and ``tutor simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutor.cli.options import JSON, LEVELS, SEEDS, WholeNumber, command, path_option
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
    "tutor check ada.toml --pack week-1.pack",
)
@click.argument("design", type=click.Path(path_type=Path))
@click.option("--level", "level_id", metavar="ID")
@SEEDS
@JSON
@click.option("--postmortem", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--against", metavar="DESIGN")
@path_option("--pack", "pack_file")
@LEVELS
def check(
    design: Path,
    level_id: str | None,
    seeds: tuple[int, ...],
    as_json: bool,
    postmortem: Path | None,
    against: str | None,
    pack_file: Path | None,
    levels_root: Path | None,
) -> int:
    """Scores a DESIGN file: goals, stars, diagnosis; on the level's five seeds unless told otherwise. A
    hand-in is checked design by design.
    """
    from tutor.classroom.inspection import is_hand_in

    if is_hand_in(design):
        if level_id or postmortem is not None or against:
            raise InputError(say("class.inspection.options"), file=str(design))
        return _inspect(design, seeds, as_json, pack_file, levels_root)
    if pack_file is not None:
        raise InputError(say("class.inspection.no-hand-in"), file=str(design))
    return _check(design, level_id, seeds, as_json, levels_root, postmortem, against)


def _inspect(
    file: Path, seeds: tuple[int, ...], as_json: bool, pack_file: Path | None, levels_root: Path | None
) -> int:
    from tutor.classroom.assignment import Assignment
    from tutor.classroom.inspection import inspect_hand_in
    from tutor.classroom.pack import open_pack
    from tutor.model.pack import PackRules
    from tutor.progress import home_folder

    opened = open_pack(pack_file, home_folder()) if pack_file is not None else None
    assignment = Assignment(
        file,
        levels_root=opened.levels_root if opened is not None else levels_root,
        rules=opened.rules if opened is not None else PackRules(),
    )
    with ProgressLine(say("commands.checking")):
        found = inspect_hand_in(file, assignment, seeds)
    if as_json:
        show_json(found.plain())
    else:
        for text in found.lines():
            show(text)
    return found.exit_code


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
        from tutor.judge.postmortem import heading

        refuse_target(postmortem, design, *([Path(against)] if against else []), begins=heading())
    with ProgressLine(say("commands.checking")) as line:
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
@click.option("--seed", metavar="N", type=WholeNumber(0))
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
    with ProgressLine(say("commands.simulating")) as line:
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
