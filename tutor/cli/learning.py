"""The commands about the course and the learner: ``tutor levels`` and ``tutor progress``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tutor.cli.options import JSON, LEVELS, command, path_option
from tutor.cli.store import kept_progress, tell_notices
from tutor.errors import InputError, why_refused
from tutor.terminal import is_terminal, show, show_json
from tutor.words import say

if TYPE_CHECKING:
    from tutor.progress import Progress


@command("levels", "tutor levels", "tutor levels --json")
@JSON
@LEVELS
def levels(as_json: bool, levels_root: Path | None) -> int:
    """The campaign, with what is done."""
    from tutor.catalog import load_course
    from tutor.cli.campaign import campaign_rows, list_chapters
    from tutor.show.report import align

    course = load_course(levels_root)
    with kept_progress(levels_root) as progress:
        standings = progress.standings()
        tell_notices(progress)
    chapters = list_chapters(course, standings, levels_root)
    if as_json:
        show_json(chapters)
    else:
        for line in align(campaign_rows(chapters), right=False):
            show(line)
    return 0


@command(
    "progress",
    "tutor progress",
    "tutor progress --export progress.json",
    "tutor progress --import progress.json",
)
@click.option("--reset", is_flag=True)
@click.option("--export", "export_to", metavar="FILE", type=click.Path(path_type=Path))
@path_option("--import", "import_from")
@LEVELS
def progress(reset: bool, export_to: Path | None, import_from: Path | None, levels_root: Path | None) -> int:
    """Show what has been learned, and where it is kept."""
    with kept_progress(levels_root) as kept:
        if export_to is not None:
            import json

            from tutor.disk import refuse_target, write_text
            from tutor.terminal import finite

            refuse_target(export_to, kept.path)
            write_text(export_to, json.dumps(finite(kept.export()), indent=2, ensure_ascii=False) + "\n")
            show(say("commands.written", file=str(export_to)))
        if reset:
            if is_terminal(sys.stdin) and not click.confirm(say("commands.forget"), err=True):
                return 0
            kept.reset()
            show(say("commands.forgotten"))
        if import_from is not None:
            from tutor.progress.merging import merge_export, read_export

            try:
                data = import_from.read_bytes()
            except OSError as error:
                raise InputError(
                    say("progress.unreadable", why=why_refused(error)), file=str(import_from)
                ) from None
            show(merge_export(kept, read_export(data, str(import_from))))
        if export_to is None and import_from is None and not reset:
            _show_progress(kept, levels_root)
        tell_notices(kept)
    return 0


def _show_progress(kept: Progress, levels_root: Path | None) -> None:
    from tutor.catalog import load_course
    from tutor.progress.fast_track import is_tested_out, unaided_levels

    standings = kept.standings()
    unaided = unaided_levels(standings)
    passed = [standing for standing in standings.values() if standing.passed]
    stars = sum(standing.stars.cost + standing.stars.speed + standing.stars.simplicity for standing in passed)
    guesses = [guess.right for guess in kept.predictions() if guess.right is not None]
    show(
        say(
            "commands.learned",
            passed=len(passed),
            opened=len(standings),
            stars=stars,
            attempts=len(kept.attempts()),
        )
    )
    tested_out = [
        chapter.title for chapter in load_course(levels_root).chapters if is_tested_out(chapter, unaided)
    ]
    if tested_out:
        show(say("commands.chapters-tested", chapters=tested_out))
    if guesses:
        show(say("commands.guesses", right=sum(guesses), count=len(guesses)))
    if kept.due():
        show(say("commands.reviews", levels=[review.level for review in kept.due()]))
    show(say("commands.kept-in", file=str(kept.path)))
