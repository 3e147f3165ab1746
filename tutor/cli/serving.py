"""The command that offers the game to a class: ``tutor serve``."""

from __future__ import annotations

from pathlib import Path

import click

from tutor.cli.options import WholeNumber, command, path_option
from tutor.errors import InputError
from tutor.words import say

LOCAL = "127.0.0.1"


@command(
    "serve",
    "tutor serve",
    "tutor serve --port 9000 --homes class-a",
    "tutor serve --host 0.0.0.0 --url https://tutor.school.example",
)
@click.option("--port", metavar="N", type=WholeNumber(1, 65535), default=8000)
@click.option("--host", metavar="ADDRESS", default=LOCAL)
@click.option("--url", "public_url", default="", metavar="URL")
@click.option("--sessions", metavar="N", type=WholeNumber(1, 1000), default=30)
@click.option("--token", metavar="WORD", default="")
@path_option("--homes", metavar="DIR")
def serve(port: int, host: str, public_url: str, sessions: int, token: str, homes: Path | None) -> int:
    """Serves the game in browser tabs, to everyone who has the address with its token."""
    if token and len(token) < 12:
        raise InputError(say("web.short-token"))
    try:
        from tutor.web import serve as serving
    except ImportError as error:
        raise InputError(say("web.no-serve", name=str(error.name))) from None
    from tutor.progress import home_folder

    place = homes if homes is not None else home_folder() / "served"
    serving.serve(place, host=host, port=port, token=token, sessions=sessions, public_url=public_url)
    return 0
