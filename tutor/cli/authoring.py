"""The commands for those who write levels: ``tutor lint`` and ``tutor new-level``."""

from __future__ import annotations

from pathlib import Path

import click

from tutor.cli.options import WholeNumber, command, path_option
from tutor.errors import InputError, printable
from tutor.terminal import ProgressLine, show, show_json, tell
from tutor.words import say


@command("lint", "tutor lint", "tutor lint --quick levels/night-job/flash-sale")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--quick", is_flag=True)
@click.option("--words", is_flag=True)
@click.option("--jobs", metavar="N", type=WholeNumber(1, 64))
@click.option("--notes", is_flag=True)
@click.option("--shortest", is_flag=True)
@click.option("--budget", metavar="N", type=WholeNumber(1000))
@click.option("--json", "as_json", is_flag=True)
def lint(
    paths: tuple[Path, ...],
    quick: bool,
    words: bool,
    jobs: int | None,
    notes: bool,
    shortest: bool,
    budget: int | None,
    as_json: bool,
) -> int:
    """Proves level folders: solutions earn their stars, mistakes get their diagnosis. All levels where no
    PATH is given.
    """
    import os

    if shortest:
        return _search(paths, jobs or os.cpu_count() or 1, budget, as_json)
    if as_json or budget is not None:
        raise InputError(say("commands.shortest-only"))

    from tutor.lint import lint as lint_levels

    with ProgressLine(say("commands.proving")) as line:
        report = lint_levels(
            paths,
            quick=quick,
            jobs=jobs or os.cpu_count() or 1,
            run=not words,
            on_case=lambda done, of, label: line.update(
                done / of, say("commands.done-of-at", done=done, count=of, what=label)
            ),
        )
    for text in report.unusable:
        tell(text)
    for text in [*report.faults, *(report.notes if notes else []), report.lines()[-1]]:
        show(printable(text))
    return report.exit_code


def _search(paths: tuple[Path, ...], jobs: int, budget: int | None, as_json: bool) -> int:
    """The search for the shortest pass of each level: 0 where no level has a fault, 1 where one has."""
    from tutor.lint import folders_by_root, render_shortest, search_levels
    from tutor.lint.shortest import BUDGET

    folders = [folder for found in folders_by_root(paths).values() for folder in found]
    with ProgressLine(say("commands.searching")) as line:
        found = search_levels(
            folders,
            jobs=jobs,
            budget=budget or BUDGET,
            on_level=lambda done, of, level: line.update(
                done / of, say("commands.done-of-at", done=done, count=of, what=level)
            ),
        )
    if as_json:
        show_json([one.plain() for one in found])
    else:
        for text in render_shortest(found):
            show(printable(text))
    return 1 if any(one.faults for one in found) else 0


@command(
    "new-level",
    "tutor new-level night-job/blackout",
    "tutor new-level my/first --levels my-levels",
    "tutor new-level my/sale --from night-job/flash-sale --levels my-levels",
    "tutor new-level my/own --design sandbox.toml --levels my-levels",
)
@click.argument("level", metavar="CHAPTER/NAME")
@click.option("--from", "source", metavar="LEVEL")
@path_option("--design")
@click.option("--levels", "levels_root", metavar="DIR", type=click.Path(path_type=Path))
def new_level(level: str, source: str | None, design: Path | None, levels_root: Path | None) -> int:
    """Writes a level folder to start from, CHAPTER/NAME: a small one that works, a copy of a level, or a
    level around a design.
    """
    from tutor.catalog.reading import is_id
    from tutor.catalog.template import copy_level, write_new_level

    chapter, _, name = level.partition("/")
    if not (is_id(chapter) and is_id(name)):
        raise InputError(say("files.level-id", word=level, words=say("files.id-words")))
    root = levels_root if levels_root is not None else Path("levels")
    if source is not None and design is not None:
        raise InputError(say("commands.two-sources"))
    if source is not None:
        folder = copy_level(root, level, _folder_of(source, root))
    elif design is not None:
        from tutor.lint.draft import draft_level

        folder = draft_level(root, level, design)
    else:
        folder = write_new_level(root, level)
    show(say("commands.new-level", folder=str(folder), level=level, root=str(root)))
    if (root / "course.toml").is_file():
        show(say("commands.new-level-course", file=str(root / "course.toml"), name=name, chapter=chapter))
    return 0


def _folder_of(source: str, root: Path) -> Path:
    """The folder of a level: one of the author's own, else one of the game's."""
    from tutor.catalog import level_by_id, level_folder

    if (root / source / "level.toml").is_file():
        return root / source
    return level_folder(level_by_id(source).id)
