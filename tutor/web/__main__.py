"""``python -m tutor.web build DIR``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main() -> int:
    """Builds the browser edition; the exit code is 0, or 2 with one line on standard error."""
    from tutor.errors import TutorError
    from tutor.terminal import show, tell

    parser = argparse.ArgumentParser(
        prog="python -m tutor.web",
        description="The browser edition of tutor.",
        epilog="Example: python -m tutor.web build public",
    )
    commands = parser.add_subparsers(required=True, metavar="build")
    building = commands.add_parser(
        "build",
        help="makes DIR/site (a folder for any web server) and DIR/tutor.html (the same as one file)",
        epilog="Example: python -m tutor.web build public",
    )
    building.add_argument("folder", metavar="DIR", type=Path)
    building.add_argument(
        "--cache",
        metavar="DIR",
        type=Path,
        help="keeps what comes from the npm registry (DIR/cache unless given)",
    )
    given = parser.parse_args()
    try:
        from tutor.web.build import build

        weights = build(given.folder, given.cache)
    except ImportError as error:
        tell(f'the build needs {error.name}: pip install "eda-tutor[web]"')
        return 2
    except TutorError as error:
        tell(str(error))
        return error.exit_code
    except (OSError, LookupError) as error:
        tell(str(error))
        return 2
    for name, weight in weights.items():
        show(f"{given.folder / name}: {weight / 1e6:.2f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
