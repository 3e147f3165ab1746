"""The commands. Each imports what it needs when it runs, so that ``--help`` is there at once and only the
game loads the screens.

Every refusal is one line on standard error; exit codes are those of the interface: 0 done, 1 missed, 2
unusable, 3 out of budget, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from tutor.cli import authoring, classroom, exporting, learning, live, playing, scoring, serving
from tutor.cli.options import WordedGroup, example, problem_of
from tutor.errors import TutorError, why_refused
from tutor.terminal import INTERRUPTED, prepare_streams, tell
from tutor.words import Catalogue, choose_language, languages, read_folder, say, use


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Runs a command and ends the program with its exit code."""
    prepare_streams()
    code = run(args)
    if code == INTERRUPTED:
        _leave_interrupted()
    sys.exit(code)


def _leave_interrupted() -> NoReturn:
    """Ends with the code that was promised.

    Where the interruption came while Python executed a text, as it does for every data class that it loads,
    ``python -m`` remembers it although it was caught, and would end by the signal itself.
    """
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    os._exit(INTERRUPTED)


def run(args: Sequence[str] | None = None) -> int:
    """Runs a command and returns its exit code; what went wrong is one line on standard error."""
    use_language("")
    try:
        code = tutor.main(args=None if args is None else list(args), prog_name="tutor", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx is not None else "tutor"
        tell(say("commands.usage", command=path, problem=problem_of(error)))
        return 2
    except click.ClickException as error:
        tell(error.format_message())
        return 2
    except TutorError as error:
        tell(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort, _Interrupted):
        tell(say("commands.interrupted"))
        return INTERRUPTED
    except MemoryError:
        tell(say("commands.no-memory"))
        return 2
    except OSError as error:  # a full disk behind standard output, a device that has gone
        tell(f"{error.filename or say('commands.the-output')}: {why_refused(error)}")
        return 2


class _Interrupted(Exception):
    """An interruption by ctrl+c, raised before click prints an empty line for it."""


WORDS_VARIABLE = "TUTOR_WORDS"
"""The variable that names a folder with more languages: where a translation is written before it is part of
the product.
"""


class Commands(WordedGroup):
    """The group of all commands."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command as click does; an interruption gets one line."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise _Interrupted from None


def _choose(ctx: click.Context, param: click.Parameter, code: str | None) -> None:
    """Switches to the language of this code; refuses an unknown one."""
    if code is not None and not use_language(code):
        raise click.BadParameter(
            say("commands.unknown-language", code=code, known=list(known_languages())), ctx, param
        )


def known_languages() -> dict[str, Path]:
    """The folder of each available language, by its code."""
    more = os.environ.get(WORDS_VARIABLE, "")
    return languages(*([Path(more)] if more else []))


def use_language(code: str) -> bool:
    """Switches to the language of this code, or that of the environment where it is empty; False for an
    unknown one.
    """
    known = known_languages()
    chosen = code or choose_language(os.environ, known)
    if chosen in known:
        use(Catalogue(chosen, read_folder(known[chosen])))
    return chosen in known


@click.group(
    cls=Commands,
    invoke_without_command=True,
    **example("tutor", "tutor play first-light/first-event", "tutor check design.toml"),
)
@click.version_option(package_name="eda-tutor", prog_name="tutor", message="%(prog)s %(version)s")
@click.option(
    "--language",
    metavar="CODE",
    callback=_choose,
    expose_value=False,
    is_eager=True,
)
@click.pass_context
def tutor(ctx: click.Context) -> int | None:
    """A game that teaches event-driven architecture. Without a command it opens where you left off."""
    if ctx.invoked_subcommand is None:
        return playing.open_game()
    return None


for command in (
    *(learning.levels, learning.progress),
    *(playing.play, playing.sandbox, playing.link),
    *(scoring.check, scoring.watch, scoring.simulate, live.live, exporting.export),
    serving.serve,
    *(authoring.lint, authoring.new_level),
    *(classroom.grade, classroom.class_),
):
    tutor.add_command(command)
