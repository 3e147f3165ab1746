"""What the commands share: options that mean the same everywhere, and examples in their help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from click.decorators import FC


def example(*lines: str) -> dict[str, Any]:
    """The end of a command's help: examples as they are typed."""
    return {"epilog": "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines), "context_settings": {"max_content_width": 120}}


def command(name: str, *examples: str) -> Callable[[Callable[..., int]], click.Command]:
    """Makes a command of a function that returns an exit code; ``examples`` end its help."""
    return click.command(name, cls=click.Command, **example(*examples))


def path_option(*names: str, help: str, metavar: str = "FILE", required: bool = False) -> Callable[[FC], FC]:
    """An option that takes a path."""
    return click.option(*names, metavar=metavar, type=click.Path(path_type=Path), help=help, required=required)


LEVELS = path_option("--levels", "levels_root", metavar="DIR", help="A folder of levels, not the game's.")
SEEDS = click.option("--seed", "seeds", metavar="N", type=click.IntRange(0), multiple=True, help="This seed; may be given again.")
JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")
