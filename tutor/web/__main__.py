"""``python -m tutor.web build DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Builds the browser edition; returns the exit code 0, or 2 with one line on standard error."""
    from tutor.errors import TutorError
    from tutor.terminal import show, tell
    from tutor.words import say

    parser = argparse.ArgumentParser(
        prog="python -m tutor.web",
        description=say("web.build.about"),
        epilog=say("web.build.example"),
    )
    commands = parser.add_subparsers(required=True, metavar="build")
    building = commands.add_parser(
        "build",
        help=say("web.build.build"),
        epilog=say("web.build.example"),
    )
    building.add_argument("folder", metavar="DIR", type=Path)
    building.add_argument(
        "--cache",
        metavar="DIR",
        type=Path,
        help=say("web.build.cache"),
    )
    given = parser.parse_args()
    try:
        from tutor.web.build import build

        weights = build(given.folder, given.cache)
    except ImportError as error:
        tell(say("web.build.extra", name=str(error.name)))
        return 2
    except TutorError as error:
        tell(str(error))
        return error.exit_code
    except (OSError, LookupError) as error:
        tell(str(error))
        return 2
    for name, weight in weights.items():
        show(say("web.build.weight", file=str(given.folder / name), megabytes=weight / 1e6))
    return 0


if __name__ == "__main__":
    sys.exit(main())
