"""The commands for teachers: ``tutor grade`` and ``tutor class``."""

from __future__ import annotations

import dataclasses
import os
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.decorators import FC

from tutor.cli.options import (
    JSON,
    LEVELS,
    Number,
    OneOf,
    WholeNumber,
    WordedGroup,
    command,
    example,
    path_option,
)
from tutor.errors import InputError, why_refused
from tutor.terminal import ProgressLine, note, show, show_json, tell
from tutor.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tutor.classroom.assignment import Grading
    from tutor.classroom.scheme import Scheme
    from tutor.model.variant import Variant

MAX_SECONDS = 86_400
"""The longest time limit of a submission, in seconds: a day."""

_WORK = (
    path_option("--pack", "pack_file"),
    path_option("--seeds", "seeds_file"),
    click.option("--level", "level_ids", metavar="ID", multiple=True),
    click.option("--jobs", metavar="N", type=WholeNumber(1, 256)),
    click.option("--dask", metavar="ADDRESS"),
    path_option("--journal"),
    click.option("--fresh", is_flag=True),
    click.option("--seconds", metavar="S", type=Number(), default=120.0),
    click.option("--max-events", metavar="N", type=WholeNumber(1000), default=2_000_000),
    LEVELS,
)


def _work_options(function: FC) -> FC:
    for option in reversed(_WORK):
        function = option(function)
    return function


@command(
    "grade",
    "tutor grade hand-ins --roster students.csv",
    "tutor grade hand-ins --roster students.csv --csv grades.csv --html grades.html",
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@path_option("--roster")
@click.option("--partial", metavar="N", type=WholeNumber(0, 100), default=50)
@click.option("--stars", metavar="N", type=WholeNumber(0, 100), default=0)
@click.option("--late", metavar="PERCENT", type=WholeNumber(0, 100), default=0)
@path_option("--csv", "csv_file")
@path_option("--feedback", "feedback_dir", metavar="DIR")
@path_option("--feedback-zip", "feedback_zip")
@path_option("--canvas", "canvas_file")
@path_option("--moodle", "moodle_file")
@path_option("--html", "html_file")
@JSON
@_work_options
def grade(
    folder: Path,
    roster: Path | None,
    partial: int,
    stars: int,
    late: int,
    csv_file: Path | None,
    feedback_dir: Path | None,
    feedback_zip: Path | None,
    canvas_file: Path | None,
    moodle_file: Path | None,
    html_file: Path | None,
    as_json: bool,
    **work: Any,
) -> int:
    """Simulates every submission in DIR again: DIR/<student>/*.toml, or DIR/<student>.toml.

    Claimed scores are compared and never trusted. A result is written for every student and level, also for a
    broken file.
    """
    from tutor.classroom import feedback, page, tables
    from tutor.classroom.scheme import Scheme
    from tutor.disk import write_bytes, write_text
    from tutor.show.picture.svg import svg_of

    _refuse_targets((csv_file, canvas_file, moodle_file, html_file, feedback_zip), roster, work)
    scheme = Scheme(partial=partial, stars=stars, late=late)
    beside = feedback_dir is not None or feedback_zip is not None
    grading = _graded(folder, roster, work, scheme, beside=beside)
    if as_json:
        show_json(tables.rows_of(grading.entries))
    else:
        show(tables.render_text(grading.entries).rstrip("\n"))
    written: tuple[tuple[Path | None, Callable[[], str]], ...] = (
        (csv_file, lambda: tables.render_csv(grading.entries)),
        (canvas_file, lambda: tables.render_gradebook(grading.entries, "canvas", scheme.possible)),
        (moodle_file, lambda: tables.render_gradebook(grading.entries, "moodle", scheme.possible)),
        (
            html_file,
            lambda: page.render_grades(
                say("class.grades-title", folder=folder.resolve().name), grading, scheme, svg_of
            ),
        ),
    )
    for path, render in written:
        if path is not None:
            write_text(path, render())
            note(say("class.written", file=str(path)))
    if feedback_dir is not None:
        count = feedback.write_pages(feedback_dir, grading)
        note(say("class.feedback-written", count=count, folder=str(feedback_dir)))
    if feedback_zip is not None:
        write_bytes(feedback_zip, feedback.moodle_archive(grading))
        note(say("class.written", file=str(feedback_zip)))
    return 0


def _refuse_targets(targets: Iterable[Path | None], roster: Path | None, work: dict[str, Any]) -> None:
    """Refuses a result that could not be written, or would be written over what is read, before the long work
    and not after it.
    """
    from tutor.disk import refuse_target

    kept = [path for path in (roster, work["seeds_file"], work["pack_file"]) if path is not None]
    if work["journal"] is not None:
        refuse_target(work["journal"], *kept)
        kept.append(work["journal"])
    for target in targets:
        if target is not None:
            refuse_target(target, *kept)
            kept.append(target)


def _graded(
    folder: Path,
    roster: Path | None,
    work: dict[str, Any],
    scheme: Scheme | None = None,
    *,
    beside: bool = False,
) -> Grading:
    from tutor.classroom.assignment import Assignment, default_journal, grade_folder
    from tutor.classroom.grading import Limits
    from tutor.classroom.pack import open_pack
    from tutor.classroom.scheme import Scheme
    from tutor.classroom.work import dask_pool, process_pool
    from tutor.model.pack import PackRules
    from tutor.progress import home_folder

    opened = open_pack(work["pack_file"], home_folder()) if work["pack_file"] is not None else None
    if opened is not None and work["levels_root"] is not None:
        raise InputError(say("class.pack-and-levels"), key="--levels")
    levels_root = opened.levels_root if opened is not None else work["levels_root"]
    levels = tuple(work["level_ids"]) or (level_order(levels_root) if opened is not None else ())
    assignment = Assignment(
        hand_ins=folder,
        roster=roster,
        levels_root=levels_root,
        levels=levels,
        seeds=work["seeds_file"],
        limits=Limits(max_events=work["max_events"], seconds=work["seconds"]),
        rules=opened.rules if opened is not None else PackRules(),
        scheme=scheme or Scheme(),
        beside_a_pass=beside,
    )
    if not 1 <= work["seconds"] <= MAX_SECONDS:  # written so that "not a number" is refused, too
        raise InputError(say("commands.seconds", most=MAX_SECONDS), key="--seconds")
    journal: Path = work["journal"] or default_journal(home_folder(), assignment)
    if work["fresh"]:
        journal.unlink(missing_ok=True)
    executor = dask_pool(work["dask"]) if work["dask"] else process_pool(work["jobs"] or os.cpu_count())
    with ProgressLine(say("commands.grading")) as line:
        grading = grade_folder(
            assignment,
            journal,
            executor,
            lambda done, of: line.update(done / max(1, of), say("commands.done-of", done=done, count=of)),
        )
    for name in grading.passed_over:
        tell(say("class.passed-over", file=f"{folder}/{name}"))
    return grading


def level_order(levels_root: Path | None) -> tuple[str, ...]:
    """The levels of a course, in its order."""
    from tutor.catalog import load_course

    return tuple(level for chapter in load_course(levels_root).chapters for level in chapter.levels)


@click.group(
    "class",
    cls=WordedGroup,
    **example(
        "tutor class pack week-1.pack first-light/first-event night-job/flash-sale",
        "tutor class report hand-ins",
    ),
)
def class_() -> None:
    """Teach a class: packs of levels, hand-ins, and what was understood."""


@class_.command(
    **example(
        'tutor class pack week-1.pack first-light/first-event night-job/flash-sale --title "Week 1"'
        " --no-solutions"
    )
)
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("level_ids", metavar="LEVEL...", nargs=-1, required=True)
@click.option("--title", default=lambda: say("class.pack-title"))
@click.option("--hints/--no-hints", default=True)
@click.option("--solutions/--no-solutions", default=True)
@click.option("--open", "all_open", is_flag=True)
@click.option("--deadline", metavar="DATE")
@click.option("--exam", is_flag=True)
@click.option("--variants", is_flag=True)
@click.option("--report-to", metavar="PLACE", default="")
@click.option("--force", is_flag=True)
@LEVELS
def pack(
    file: Path,
    level_ids: tuple[str, ...],
    title: str,
    hints: bool,
    solutions: bool,
    all_open: bool,
    deadline: str | None,
    exam: bool,
    variants: bool,
    report_to: str,
    force: bool,
    levels_root: Path | None,
) -> int:
    """Writes one FILE with these levels in this order; a student plays it with tutor play FILE."""
    from tutor.catalog import find_levels_root
    from tutor.classroom.pack import level_folders, parse_deadline, write_pack
    from tutor.disk import refuse_target
    from tutor.model.pack import PackRules

    refuse_target(file)
    if file.exists() and not force:
        raise InputError(say("class.exists"), file=str(file))
    due = parse_deadline(deadline) if deadline else ""
    rules = PackRules(
        title,
        hints and not exam,
        solutions and not exam,
        "open" if all_open else "course",
        due,
        report_to=report_to,
        token=secrets.token_urlsafe(16) if report_to else "",
        exam=exam,
    )
    roots = [root for root in (levels_root, find_levels_root()) if root is not None]
    if variants:
        rules = dataclasses.replace(rules, variants=_proved(level_folders(roots, level_ids)))
    write_pack(file, roots, level_ids, rules, with_answers=rules.solutions)
    show(say("class.packed", file=str(file), count=len(level_ids)))
    return 0


def _proved(folders: Mapping[str, Path]) -> dict[str, tuple[Variant, ...]]:
    """Variants of these levels, proved on all cores; says for each level how many."""
    from tutor.classroom.variation import prove_variants
    from tutor.classroom.work import process_pool

    with process_pool()() as executor, ProgressLine(say("commands.proving-variants")) as line:
        found = prove_variants(folders, executor, line.update)
    for level in folders:
        if level in found:
            note(say("class.variant.proved", level=level, count=len(found[level])))
        else:
            tell(say("class.variant.none", level=level))
    return found


@class_.command(
    **example('tutor class submit ada.toml --name "Ada Lovelace" --email ada@example.org --pack week-1.pack')
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", default="")
@click.option("--email", default="")
@path_option("--pack", "pack_file")
@LEVELS
def submit(file: Path, name: str, email: str, pack_file: Path | None, levels_root: Path | None) -> int:
    """Writes the one FILE to hand in: your designs, with tries, time and hints."""
    from tutor.classroom.pack import open_pack
    from tutor.classroom.submit import Submission
    from tutor.disk import refuse_target
    from tutor.progress import home_folder, open_progress

    refuse_target(file, *((pack_file,) if pack_file is not None else ()))
    opened = open_pack(pack_file, home_folder()) if pack_file is not None else None
    root, home = (opened.levels_root, opened.home) if opened is not None else (levels_root, None)
    rules = opened.rules if opened is not None else None
    pack_name = str(root.absolute()) if root is not None and home is None else ""
    with open_progress(home, pack=pack_name) as progress, ProgressLine(say("commands.checking")) as line:
        submission = Submission(progress, home_folder(), levels_root=root, rules=rules, file=file)
        if name or email or not submission.signature:
            submission.sign(name or submission.signature.name, email or submission.signature.email)
        for share in submission.steps():
            line.update(share)
    for text in submission.result.splitlines():
        show(text)
    return 0


@class_.command(
    **example(
        "tutor class report hand-ins --roster students.csv --html class.html",
        "tutor class report hand-ins --anonymous",
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@path_option("--roster")
@path_option("--csv", "csv_file")
@path_option("--html", "html_file")
@click.option("--anonymous", is_flag=True)
@JSON
@_work_options
def report(
    folder: Path,
    roster: Path | None,
    csv_file: Path | None,
    html_file: Path | None,
    anonymous: bool,
    as_json: bool,
    **work: Any,
) -> int:
    """What the class understood: who solved what, each level's most frequent first diagnosis, and how the
    designs compare.
    """
    from tutor.classroom import insight, page
    from tutor.disk import write_text
    from tutor.show.picture.svg import svg_of

    _refuse_targets((csv_file, html_file), roster, work)
    grading = _graded(folder, roster, work)
    insights = insight.gather(grading.entries, grading.grades)
    if as_json:
        show_json(
            {
                "levels": [one.plain() for one in insights],
                "students": insight.plain_rows(grading.entries, anonymous=anonymous),
            }
        )
    else:
        show(insight.render_text(insights).rstrip("\n"))
    if csv_file is not None:
        write_text(csv_file, insight.render_csv(grading.entries, anonymous=anonymous))
        note(say("class.written", file=str(csv_file)))
    if html_file is not None:
        title = say("class.report-title", folder=folder.resolve().name)
        write_text(html_file, page.render_report(title, grading, insights, anonymous=anonymous, draw=svg_of))
        note(say("class.written", file=str(html_file)))
    return 0


@class_.command(**example("tutor class wheels tutor-offline"))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
def wheels(folder: Path) -> int:
    """Fills DIR with all that an install needs, for computers without a network."""
    from tutor.classroom.wheels import gather_wheels

    with ProgressLine(say("commands.gathering")):
        found = gather_wheels(folder)
    show(say("class.wheels", count=len(found), folder=str(folder)))
    return 0


@class_.command(
    **example(
        "tutor class live lesson --pack week-1.pack", "tutor class live lesson --pack week-1.pack --port 8080"
    )
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@path_option("--pack", "pack_file", required=True)
@click.option("--port", metavar="N", type=WholeNumber(0, 65535))
@click.option("--host", metavar="ADDRESS", default="127.0.0.1")
@click.option("--once", is_flag=True)
def live(folder: Path, pack_file: Path, port: int | None, host: str, once: bool) -> int:
    """The lesson as it happens: signs of students' games in the shared folder DIR, or posted to this
    computer.

    Students' games leave signs where the pack was made with --report-to.
    """
    from tutor.catalog import level_by_id
    from tutor.classroom.lesson import LessonServer, render_lines
    from tutor.classroom.pack import open_pack
    from tutor.classroom.signs import Signs
    from tutor.progress import home_folder

    opened = open_pack(pack_file, home_folder())
    levels = {
        level_id: level_by_id(level_id, opened.levels_root) for level_id in level_order(opened.levels_root)
    }
    signs = Signs(folder)
    server: LessonServer | None = None
    if port is not None:
        if not opened.rules.token:
            raise InputError(say("class.lesson.tokenless"), file=str(pack_file))
        try:
            server = LessonServer((host, port), signs, opened.rules.token, levels)
        except OSError:
            raise InputError(say("class.lesson.port", port=port), key="--port") from None
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://{host}:{server.server_address[1]}/?token={opened.rules.token}"
        show(say("class.lesson.address", address=address))
        if host == "127.0.0.1":
            show(say("class.lesson.reach"))
    seen: list[str] = []
    try:
        while True:
            lines = render_lines(signs.all(), levels)
            if lines != seen:
                for line in lines:
                    show(line)
                show()
                seen = lines
            if once:
                return 0
            time.sleep(LOOK_S)
    finally:
        if server is not None:
            server.shutdown()
            server.server_close()


LOOK_S = 1.0
"""The seconds between two looks at the lesson."""


PLATFORM_NAMES = ("gradescope", "classroom50", "github", "vpl", "nbgrader")
"""The platforms that there are recipes for, by name; a test holds them to the declarations."""


@class_.command(
    **example(
        "tutor class recipe gradescope autograder --pack week-1.pack --seeds seeds.txt",
        "tutor class recipe github starter --pack week-1.pack",
    )
)
@click.argument("platform", metavar="PLATFORM", type=OneOf(PLATFORM_NAMES))
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@path_option("--pack", "pack_file", required=True)
@path_option("--seeds", "seeds_file")
def recipe(platform: str, folder: Path, pack_file: Path, seeds_file: Path | None) -> int:
    """Fills DIR with what PLATFORM needs to grade the levels of a pack: gradescope, classroom50, github, vpl
    or nbgrader.
    """
    from tutor.catalog import level_by_id
    from tutor.classroom.assignment import load_seeds
    from tutor.classroom.pack import open_pack
    from tutor.classroom.recipes import PACK, SEEDS, platform_of, write_recipe
    from tutor.classroom.scheme import Scheme
    from tutor.disk import write_bytes
    from tutor.progress import home_folder

    opened = open_pack(pack_file, home_folder())
    seeds = seeds_file.read_bytes() if seeds_file is not None and load_seeds(seeds_file) else b""
    order = level_order(opened.levels_root)
    levels = [(level, level_by_id(level, opened.levels_root).title) for level in order]
    found = platform_of(platform)
    beside = folder / ".tutor" if platform == "github" else folder
    try:
        beside.mkdir(parents=True, exist_ok=True)
        made = write_recipe(folder, found, levels, Scheme().possible)
    except OSError as error:
        raise InputError(say("class.folder", why=why_refused(error)), file=str(folder)) from None
    write_bytes(beside / PACK, pack_file.read_bytes())
    if seeds:
        write_bytes(beside / SEEDS, seeds)
    show(say("class.recipe.written", count=len(made), title=found.title, folder=str(folder)))
    if platform != "nbgrader":
        show(say("class.recipe.wheels", folder=str(beside / "wheels")))
    return 0


@class_.command(
    **example(
        "tutor class mark gradescope submission --pack week-1.pack --out results.json",
        "tutor class mark github . --pack week-1.pack --level first-light/first-event",
    )
)
@click.argument("platform", metavar="PLATFORM", type=OneOf(PLATFORM_NAMES))
@click.argument("submission", metavar="SUBMISSION", type=click.Path(path_type=Path))
@path_option("--pack", "pack_file", required=True)
@path_option("--seeds", "seeds_file")
@click.option("--level", "level_ids", metavar="ID", multiple=True)
@click.option("--email", default="")
@path_option("--metadata")
@path_option("--out")
@click.option("--partial", metavar="N", type=WholeNumber(0, 100), default=50)
@click.option("--late", metavar="PERCENT", type=WholeNumber(0, 100), default=0)
@click.option("--seconds", metavar="S", type=Number(), default=120.0)
def mark(
    platform: str,
    submission: Path,
    pack_file: Path,
    seeds_file: Path | None,
    level_ids: tuple[str, ...],
    email: str,
    metadata: Path | None,
    out: Path | None,
    partial: int,
    late: int,
    seconds: float,
) -> int:
    """Marks one SUBMISSION, a file or a folder with a hand-in in it, in the form of PLATFORM.

    There is always a result, also when everything fails.
    """
    from tutor.classroom.assignment import Assignment
    from tutor.classroom.grading import Limits
    from tutor.classroom.marking import LevelScore, mark_submission
    from tutor.classroom.pack import open_pack
    from tutor.classroom.recipes import platform_of
    from tutor.classroom.scheme import Scheme
    from tutor.disk import write_text
    from tutor.progress import home_folder

    scheme = Scheme(partial=partial, late=late)
    failed = False
    try:
        opened = open_pack(pack_file, home_folder())
        assignment = Assignment(
            submission,
            levels_root=opened.levels_root,
            levels=level_ids,
            seeds=seeds_file,
            rules=opened.rules,
            scheme=scheme,
            limits=Limits(seconds=seconds),
        )
        marks = mark_submission(submission, assignment, email or _submitter(metadata))
    except Exception as error:  # whatever it is: a platform must not be left without a result
        failed = True
        why = str(error) if isinstance(error, InputError) else type(error).__name__
        text = say("class.recipe.failed", why=why)
        marks = (LevelScore("grading", "tutor", 0, scheme.possible, False, (text,)),)
        tell(text)
    environment = dict(os.environ)
    environment["TUTOR_NOW"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    result = platform_of(platform).render(marks, environment)
    if out is not None:
        write_text(out, result)
    else:
        show(result.rstrip("\n"))
    summary = os.environ.get("GITHUB_STEP_SUMMARY") if platform == "github" else None
    if summary:
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(result)
    return 2 if failed else 0 if all(one.passed for one in marks) else 1


def _submitter(metadata: Path | None) -> str:
    """The e-mail address of whoever submitted, as Gradescope's submission_metadata.json says; empty where it
    doesn't.
    """
    import json

    if metadata is None:
        return ""
    try:
        users = json.loads(metadata.read_text("utf-8"))["users"]
        return str(users[0]["email"])
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        return ""
