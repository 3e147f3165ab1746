"""The command that takes a design out of the game: ``tutor export``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from tutor.cli.options import LEVELS, OneOf, command
from tutor.terminal import show

TARGETS = ("nats", "rabbitmq", "redis", "kafka", "asyncapi", "mermaid")


@command(
    "export",
    "tutor export design.toml --to nats --out shop",
    "tutor export design.toml --to asyncapi > asyncapi.json",
    "tutor export first-light/first-event --to mermaid",
)
@click.argument("design", metavar="DESIGN|LEVEL")
@click.option("--to", "target", type=OneOf(TARGETS), required=True)
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True)
@LEVELS
def export(design: str, target: str, out: Path | None, force: bool, levels_root: Path | None) -> int:
    """Writes a DESIGN as a project that runs on a broker, or as a document."""
    from tutor.cli.live import find
    from tutor.words import say

    name, scenario, level = find(design, levels_root)
    title = level.title if level is not None else Path(name).stem
    if target == "asyncapi":
        from tutor.export.asyncapi import describe

        return _document(
            json.dumps(describe(scenario.design, title), indent=2), out, "asyncapi.json", force=force
        )
    if target == "mermaid":
        from tutor.export.mermaid import draw

        return _document(draw(scenario.design).rstrip(), out, "design.mmd", force=force)
    from tutor.export.honor import TITLES
    from tutor.export.project import build, save

    folder = out or Path(f"{Path(design).stem}-{target}")
    found = build(scenario.design, title, target)
    save(found, folder, force=force)
    show(say("export.done.project", count=len(found), folder=str(folder), broker=TITLES[target]))
    return 0


def _document(text: str, out: Path | None, name: str, *, force: bool) -> int:
    """Shows a document, or writes it into a folder."""
    if out is None:
        show(text)
        return 0
    from tutor.export.project import save
    from tutor.words import say

    save({name: text + "\n"}, out, force=force)
    show(say("export.done.document", file=str(out / name)))
    return 0
