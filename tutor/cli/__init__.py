"""The commands. Each imports what it needs when it runs, so that ``--help`` is there at once and only the game loads the screens.

Every refusal is one line on standard error; exit codes are those of the interface: 0 done, 1 missed, 2 unusable, 3 out of budget,
130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from tutor.cli import classroom
from tutor.cli.options import JSON, LEVELS, SEEDS, example
from tutor.errors import InputError, TutorError, printable
from tutor.terminal import ProgressLine, prepare_streams, show, show_json, tell

if TYPE_CHECKING:
    from tutor.model.level import Level
    from tutor.model.pack import PackRules
    from tutor.progress import Progress
    from tutor.tui.app import TutorApp

INTERRUPTED = 130
"""The exit code of an interrupted command."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Runs a command and ends the program with its exit code."""
    prepare_streams()
    sys.exit(run(args))


def run(args: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code; what went wrong is one line on standard error."""
    try:
        code = tutor.main(args=None if args is None else list(args), prog_name="tutor", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "tutor"
        tell(f'{path}: {error.format_message()} "{path} --help" shows how')
        return 2
    except click.ClickException as error:
        tell(error.format_message())
        return 2
    except TutorError as error:
        tell(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort, _Interrupted):
        tell("interrupted")
        return INTERRUPTED
    except MemoryError:
        tell("there is not enough memory for this: make the run shorter, or give it fewer requests")
        return 2
    except OSError as error:  # a full disk behind standard output, a device that has gone
        tell(f"{error.filename or 'the output'}: {error.strerror or error}")
        return 2


class _Interrupted(Exception):
    """Ctrl+c, before click makes an empty line of it."""


class Commands(click.Group):
    """The group of commands; an unknown one is answered with the nearest."""

    def invoke(self, ctx: click.Context) -> Any:
        """As click's; an interruption is said in one line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, with a suggestion."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            from tutor.model.setting import suggest

            ctx.fail(f'there is no command "{args[0]}"; {suggest(args[0], self.list_commands(ctx))}')
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, invoke_without_command=True, **example("tutor", "tutor play first-light/first-event", "tutor check design.toml"))
@click.version_option(package_name="eda-tutor", prog_name="tutor", message="%(prog)s %(version)s")
@click.pass_context
def tutor(ctx: click.Context) -> int | None:
    """A game that teaches event-driven architecture. Without a command it opens where you left off."""
    if ctx.invoked_subcommand is None:
        return _open_game()
    return None


@tutor.command(**example("tutor levels", "tutor levels --json"))
@JSON
@LEVELS
def levels(as_json: bool, levels_root: Path | None) -> int:
    """The campaign, with what is done."""
    from tutor.catalog import load_course
    from tutor.cli.campaign import campaign_rows, list_chapters
    from tutor.report_text import align

    course = load_course(levels_root)
    with _progress(levels_root) as progress:
        standings = progress.standings()
        _tell_notices(progress)
    chapters = list_chapters(course, standings, levels_root)
    if as_json:
        show_json(chapters)
    else:
        for line in align(campaign_rows(chapters), right=False):
            show(line)
    return 0


@tutor.command(**example("tutor play night-job/flash-sale", "tutor play flash-sale --plain", "tutor play --levels my-levels"))
@click.argument("level", required=False)
@click.option("--plain", is_flag=True, help="Lines and typed commands instead of the screen; read from a pipe where there is one.")
@LEVELS
def play(level: str | None, plain: bool, levels_root: Path | None) -> int:
    """Straight into one LEVEL, or into the class pack of this name; the map of levels where none is given."""
    from tutor.catalog import level_by_id, load_course
    from tutor.classroom.pack import is_pack

    if level is not None and is_pack(Path(level)):
        return _play_pack(Path(level), plain)
    if level is None and plain:
        from tutor.progress.fast_track import level_to_play, unaided_levels

        with _progress(levels_root) as progress:
            standings = progress.standings()
            passed = {name for name, standing in standings.items() if standing.passed}
            level = level_to_play(load_course(levels_root), passed, unaided_levels(standings), progress.latest)
    if level is None:
        load_course(levels_root)
        return _open_game(levels_root=levels_root)
    found = level_by_id(level, levels_root)
    if not plain:
        return _open_game(level=found.id, levels_root=levels_root)
    return _play_plain(found, levels_root)


def _play_pack(file: Path, plain: bool) -> int:
    """Opens a class pack; in lines, its first level that is not passed."""
    import shlex

    from tutor.catalog import level_by_id, load_course
    from tutor.classroom.pack import open_pack
    from tutor.progress import home_folder, open_progress

    opened = open_pack(file, home_folder())
    if not plain:
        return _open_game(levels_root=opened.levels_root, home=opened.home, rules=opened.rules)
    with open_progress(opened.home) as progress:
        order = [known for chapter in load_course(opened.levels_root).chapters for known in chapter.levels]
        following = next((known for known in order if not progress.passed(known)), order[-1])
    show(f"{opened.rules.title}: level {order.index(following) + 1} of {len(order)}")
    level = level_by_id(following, opened.levels_root)
    return _play_plain(level, opened.levels_root, home=opened.home, rules=opened.rules, again=shlex.quote(str(file)))


def _play_plain(
    level: Level, levels_root: Path | None, *, home: Path | None = None, rules: PackRules | None = None, again: str = ""
) -> int:
    """Plays a level in lines; ``again`` is the pack that gives the next level when it is opened again."""
    import shlex

    from tutor.catalog import level_folder, load_course, load_solutions
    from tutor.plain import play as play_lines
    from tutor.plain import typed_lines
    from tutor.progress.fast_track import level_after, unaided_levels
    from tutor.session import Session

    course = load_course(levels_root)
    folder = level_folder(level.id, levels_root)
    if rules is not None:
        level = rules.applied(level)
    with_solutions = rules is None or rules.solutions
    with _progress(levels_root, home) as progress:

        def following() -> str:
            unaided = unaided_levels(progress.standings()) if rules is None else frozenset()
            after = level_after(course, level.id, unaided)
            pack = f" --levels {shlex.quote(str(levels_root))}" if levels_root is not None else ""
            return (again or f"{after}{pack}") if after else ""

        session = Session(level, progress, load_solutions=(lambda: load_solutions(folder, level)) if with_solutions else None)
        try:
            return play_lines(session, typed_lines(sys.stdin), show, next_level=following)
        finally:
            _tell_notices(progress)


@tutor.command(**example("tutor sandbox", "tutor sandbox scenario.toml"))
@click.argument("file", required=False, type=click.Path(path_type=Path))
def sandbox(file: Path | None) -> int:
    """A free board with every part and every fault, on FILE where one is given."""
    if file is not None:
        from tutor.catalog import load_scenario

        load_scenario(file)
    return _open_game(sandbox=file if file is not None else True)


@tutor.command(
    **example(
        "tutor check design.toml",
        "tutor check design.toml --level night-job/flash-sale --seed 7 --json",
        "tutor check design.toml --postmortem why.md",
    )
)
@click.argument("design", type=click.Path(path_type=Path))
@click.option("--level", "level_id", metavar="ID", help="The level it answers, where the file does not say.")
@SEEDS
@JSON
@click.option("--postmortem", metavar="FILE", type=click.Path(path_type=Path), help="Writes what happened on the worst seed, as Markdown.")
@LEVELS
def check(
    design: Path, level_id: str | None, seeds: tuple[int, ...], as_json: bool, postmortem: Path | None, levels_root: Path | None
) -> int:
    """Scores a DESIGN file: goals, stars, diagnosis; on the level's five seeds unless told otherwise."""
    return _check(design, level_id, seeds, as_json, levels_root, postmortem)


def _check(
    design: Path,
    level_id: str | None,
    seeds: tuple[int, ...],
    as_json: bool,
    levels_root: Path | None,
    postmortem: Path | None = None,
) -> int:
    from tutor.check import budget_line
    from tutor.check import check as check_file

    with ProgressLine("checking") as line:
        checked = check_file(
            design, level_id=level_id or "", seeds=seeds, root=levels_root, on_progress=lambda share, _: line.update(share)
        )
    if postmortem is not None:
        from tutor.disk import write_text

        write_text(postmortem, checked.postmortem())
    if as_json:
        show_json(checked.verdict.plain())
    else:
        for text in checked.lines():
            show(text)
    if not checked.verdict.complete:
        tell(budget_line(checked))
    return checked.exit_code


@tutor.command(**example("tutor watch design.toml"))
@click.argument("design", type=click.Path(path_type=Path))
@click.option("--level", "level_id", metavar="ID", help="The level it answers, where the file does not say.")
@SEEDS
@LEVELS
def watch(design: Path, level_id: str | None, seeds: tuple[int, ...], levels_root: Path | None) -> int:
    """Checks a DESIGN file again each time it is saved, until ctrl+c."""
    from tutor.watching import stamp_of
    from tutor.watching import watch as watch_file

    if stamp_of(design) is None:
        from tutor.catalog.reading import read_text

        read_text(design)

    def check_again() -> None:
        try:
            _check(design, level_id, seeds, False, levels_root)
        except TutorError as error:
            tell(str(error))
        show()

    watch_file(design, check_again)
    return 0


@tutor.command(**example("tutor simulate scenario.toml", "tutor simulate scenario.toml --seed 7 --json --timeline timeline.json"))
@click.argument("scenario", type=click.Path(path_type=Path))
@click.option("--seed", metavar="N", type=click.IntRange(0), help="Another seed than the file's.")
@JSON
@click.option("--timeline", metavar="FILE", type=click.Path(path_type=Path), help="Writes what a screen needs to replay the run, as JSON.")
def simulate(scenario: Path, seed: int | None, as_json: bool, timeline: Path | None) -> int:
    """Runs a SCENARIO file and prints the report."""
    from tutor.catalog import load_scenario
    from tutor.disk import refuse_target
    from tutor.engine.simulate import Simulation

    found = load_scenario(scenario)
    if timeline is not None:
        refuse_target(timeline, scenario)
    try:
        simulation = Simulation(found, seed, timeline=timeline is not None)
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
    if as_json:
        show_json(outcome.report.data)
    else:
        from tutor.report_text import render_report

        show(render_report(outcome.report))
    if not outcome.report.complete:
        budget = found.run.max_events
        tell(f"{scenario}: stopped by the budget of {budget:,} simulated events; look for a circle of wires, or raise max_events")
        return 3
    return 0


@tutor.command(**example("tutor lint", "tutor lint --quick levels/night-job/flash-sale"))
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True, help="Fewer seeds: seconds for a level.")
@click.option("--words", is_flag=True, help="Only what can be said without running: files, links, words.")
@click.option("--jobs", metavar="N", type=click.IntRange(1, 64), help="Processes that share the work; one for each core where not given.")
@click.option("--notes", is_flag=True, help="Also what was found that is no fault.")
def lint(paths: tuple[Path, ...], quick: bool, words: bool, jobs: int | None, notes: bool) -> int:
    """Proves level folders: solutions earn their stars, mistakes get their diagnosis. All levels where no PATH is given."""
    import os

    from tutor.lint import lint as lint_levels

    with ProgressLine("proving") as line:
        report = lint_levels(
            paths,
            quick=quick,
            jobs=jobs or os.cpu_count() or 1,
            run=not words,
            on_case=lambda done, of, label: line.update(done / of, f"{done} of {of}, {label}"),
        )
    for text in report.unusable:
        tell(text)
    for text in [*report.faults, *(report.notes if notes else []), report.lines()[-1]]:
        show(printable(text))
    return report.exit_code


@tutor.command("new-level", **example("tutor new-level night-job/blackout", "tutor new-level my/first --levels my-levels"))
@click.argument("level", metavar="CHAPTER/NAME")
@click.option(
    "--levels", "levels_root", metavar="DIR", type=click.Path(path_type=Path), help="The folder of levels; ./levels where not given."
)
def new_level(level: str, levels_root: Path | None) -> int:
    """Writes a level folder to start from, CHAPTER/NAME."""
    from tutor.catalog.reading import ID_WORDS, is_id
    from tutor.new_level import write_new_level

    chapter, _, name = level.partition("/")
    if not (is_id(chapter) and is_id(name)):
        raise InputError(f'"{level}" is no level id: give <chapter>/<level>, each of {ID_WORDS}')
    root = levels_root if levels_root is not None else Path("levels")
    folder = write_new_level(root, level)
    show(f"{folder}: edit level.toml, prove it with tutor lint {folder}, play it with tutor play {level} --levels {root}")
    if (root / "course.toml").is_file():
        show(f'It is part of the course when {root / "course.toml"} names it: add "{name}" to the levels of {chapter}.')
    return 0


tutor.add_command(classroom.grade)
tutor.add_command(classroom.class_)


@tutor.command(**example("tutor progress", "tutor progress --export progress.json", "tutor progress --reset"))
@click.option("--reset", is_flag=True, help="Forgets what has been learned; designs are set aside.")
@click.option("--export", "export_to", metavar="FILE", type=click.Path(path_type=Path), help="Writes all of it as JSON.")
@LEVELS
def progress(reset: bool, export_to: Path | None, levels_root: Path | None) -> int:
    """What has been learned, and where it is kept."""
    with _progress(levels_root) as kept:
        if export_to is not None:
            import json

            from tutor.disk import refuse_target, write_text
            from tutor.terminal import finite

            refuse_target(export_to, kept.path)
            write_text(export_to, json.dumps(finite(kept.export()), indent=2, ensure_ascii=False) + "\n")
            show(f"written to {export_to}")
        if reset:
            if sys.stdin.isatty() and not click.confirm("Forget all that has been learned?", err=True):
                return 0
            kept.reset()
            show("forgotten: the course begins anew")
        if export_to is None and not reset:
            _show_progress(kept, levels_root)
        _tell_notices(kept)
    return 0


def _show_progress(kept: Progress, levels_root: Path | None) -> None:
    from tutor.catalog import load_course
    from tutor.progress.fast_track import is_tested_out, unaided_levels

    standings = kept.standings()
    unaided = unaided_levels(standings)
    passed = [standing for standing in standings.values() if standing.passed]
    stars = sum(standing.stars.cost + standing.stars.speed + standing.stars.simplicity for standing in passed)
    guesses = [guess.right for guess in kept.predictions() if guess.right is not None]
    show(f"{len(passed)} passed of {len(standings)} opened, {stars} stars, {len(kept.attempts())} attempts")
    tested_out = [chapter.title for chapter in load_course(levels_root).chapters if is_tested_out(chapter, unaided)]
    if tested_out:
        show(f"tested out: {', '.join(tested_out)}")
    if guesses:
        show(f"{sum(guesses)} of {len(guesses)} predictions were right")
    if kept.due():
        show(f"to review: {', '.join(review.level for review in kept.due())}")
    show(f"kept in {kept.path}")


def _progress(levels_root: Path | None, home: Path | None = None) -> Progress:
    """The learner's progress; a folder of levels of its own has its own, and so has a pack, at its ``home``."""
    from tutor.progress import open_progress

    if home is not None:
        return open_progress(home)
    return open_progress(pack=str(levels_root.absolute()) if levels_root is not None else "")


def _tell_notices(kept: Progress) -> None:
    for notice in kept.take_notices():
        tell(notice)


def _leave(app: TutorApp) -> None:
    """Ends the game from a signal; the loop may be asleep, so it has to be woken."""
    import asyncio
    import contextlib

    with contextlib.suppress(RuntimeError):  # before the loop runs there is nothing to leave
        asyncio.get_running_loop().call_soon_threadsafe(lambda: app.exit(return_code=INTERRUPTED))


def _open_game(
    *,
    level: str | None = None,
    sandbox: Path | bool = False,
    levels_root: Path | None = None,
    home: Path | None = None,
    rules: PackRules | None = None,
) -> int:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InputError('the game needs a terminal; "tutor play LEVEL --plain" works without one')
    import contextlib
    import signal

    from tutor.progress import home_folder
    from tutor.tui.app import TutorApp

    with contextlib.ExitStack() as closing:
        app = TutorApp(
            levels_root=levels_root,
            rules=rules,
            progress=lambda: closing.enter_context(_progress(levels_root, home)),
            level=level,
            sandbox=sandbox,
            preferences_file=home_folder() / "preferences.toml",
        )
        # asyncio would take the signal for a cancelled game, which ends with 0; the game's own ctrl+c is a key.
        signal.signal(signal.SIGINT, lambda *_: _leave(app))
        app.run()
        if app.progress is not None:
            _tell_notices(app.progress)
        return app.return_code or 0
