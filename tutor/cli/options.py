"""What the commands share: options that mean the same everywhere, and examples in their help."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import click
from click.decorators import FC

from tutor.model.setting import suggest
from tutor.words import say


def example(*lines: str) -> dict[str, Any]:
    """The end of a command's help: examples as they are typed."""
    return {
        "epilog": "\b\n" + "\n".join(f"  {line}" for line in lines),
        "context_settings": {"max_content_width": 120},
    }


def command(name: str, *examples: str) -> Callable[[Callable[..., int]], click.Command]:
    """Makes a command of a function that returns an exit code; ``examples`` end its help."""
    return click.command(name, cls=WordedCommand, **example(*examples))


class WordedFormatter(click.HelpFormatter):
    """The layout of a help text, with headings in the language in use."""

    HEADINGS: ClassVar[dict[str, str]] = {"Options": "options", "Commands": "commands"}
    """Click's headings, and the keys of ours."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line as click does, after our heading."""
        super().write_usage(prog, args, say("help.page.usage") + " " if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """Write a heading of click's in the language in use."""
        key = self.HEADINGS.get(heading)
        super().write_heading(say(f"help.page.{key}") if key else heading)


class WordedContext(click.Context):
    """The context of a command, with this layout for its help."""

    formatter_class = WordedFormatter


class WordedCommand(click.Command):
    """A command whose help is said in the language in use, when it is asked for."""

    context_class = WordedContext

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse as click does; report surplus arguments in the language in use."""
        ctx.allow_extra_args = True
        left = super().parse_args(ctx, args)
        if left and not ctx.resilient_parsing:
            ctx.fail(say("commands.usage-error.extra", words=" ".join(left), count=len(left)))
        return left

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog as click does, under a heading."""
        write_examples(ctx.command, formatter)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help as click does, in the language in use."""
        say_help(self, ctx.command_path)
        super().format_help(ctx, formatter)


class WordedGroup(click.Group):
    """A group of such commands."""

    command_class = WordedCommand
    context_class = WordedContext

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command as click does, with a suggestion for an unknown one."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            suggestion = suggest(args[0], self.list_commands(ctx))
            ctx.fail(say("commands.unknown", word=args[0], suggestion=suggestion))
        return super().resolve_command(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the epilog as click does, under a heading."""
        write_examples(ctx.command, formatter)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help as click does, with one line for each command."""
        say_help(self, ctx.command_path)
        for name, one in self.commands.items():
            one.short_help = say(f"help.{help_key(f'{ctx.command_path} {name}')}.short")
        super().format_help(ctx, formatter)


class _Worded(click.ParamType[Any]):
    """A type of value that says in the language in use what would be right."""

    def range_text(self) -> str:
        """The values that it takes."""
        raise NotImplementedError

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert as click does; name the value and what would be right where click can't."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            problem = say("commands.usage-error.fit", value=str(value), range=self.range_text())
            raise click.BadParameter(problem, ctx, param) from None


class WholeNumber(_Worded, click.IntRange):
    """A whole number of at least ``min``, and at most ``max`` where there is one."""

    def range_text(self) -> str:
        """The values that it takes."""
        return _limits("integer", self.min, self.max)


class Number(_Worded, click.FloatRange):
    """A number of at least ``min`` and at most ``max``, where they are given."""

    def range_text(self) -> str:
        """The values that it takes."""
        return _limits("number", self.min, self.max)


class OneOf(_Worded, click.Choice[str]):
    """One of several words."""

    def range_text(self) -> str:
        """The values that it takes."""
        return say("settings.choices", words=list(self.choices))


def _limits(shape: str, least: float | None, most: float | None) -> str:
    limits = {name: limit for name, limit in (("least", least), ("most", most)) if limit is not None}
    return say(f"settings.range.{shape}.{'-'.join(limits) or 'any'}", **limits)


def problem_of(error: click.UsageError) -> str:
    """What is wrong with how a command was typed, in the language in use."""
    match error:
        case click.NoSuchOption():
            known = [name for one in error.ctx.command.params for name in one.opts] if error.ctx else []
            near = suggest(error.option_name, known)
            return say("commands.usage-error.option", option=error.option_name, suggestion=near)
        case click.BadOptionUsage():
            return say("commands.usage-error.no-value", name=error.option_name)
        case click.MissingParameter():
            return say("commands.usage-error.missing", name=_called(error))
        case click.BadParameter():
            return say("commands.usage-error.value", name=_called(error), problem=error.message)
        case _:
            return error.format_message()


def _called(error: click.BadParameter) -> str:
    """An option or argument by how it is typed."""
    if error.param is None:
        return error.param_hint if isinstance(error.param_hint, str) else ""
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return error.param.make_metavar(error.ctx or click.Context(click.Command(None)))


def write_examples(command: click.Command, formatter: click.HelpFormatter) -> None:
    """Writes the examples that a command's help ends with."""
    if command.epilog:
        with formatter.section(say("help.page.examples")):
            formatter.write_text(command.epilog)


def say_help(command: click.Command, path: str) -> None:
    """Gives a command and its options their help: ``help.<command>.about``, and ``help.<command>.<option>``
    or ``help.any.<option>``.
    """
    key = help_key(path)
    command.help = say(f"help.{key}.about")
    with click.Context(command) as ctx:
        params = command.get_params(ctx)  # with the option that shows the help itself
    for one in params:
        if isinstance(one, click.Option) and one.name:
            name = "help" if "--help" in one.opts else one.name.replace("_", "-")
            try:
                one.help = say(f"help.{key}.{name}")
            except KeyError:
                one.help = say(f"help.any.{name}")


def help_key(path: str) -> str:
    """The key of a command's help: ``class-pack`` for ``tutor class pack``."""
    return "-".join(path.split()[1:]) or "tutor"


def path_option(*names: str, metavar: str = "FILE", required: bool = False) -> Callable[[FC], FC]:
    """An option that takes a path."""
    return click.option(*names, metavar=metavar, type=click.Path(path_type=Path), required=required)


LEVELS = path_option("--levels", "levels_root", metavar="DIR")
SEEDS = click.option("--seed", "seeds", metavar="N", type=WholeNumber(0), multiple=True)
JSON = click.option("--json", "as_json", is_flag=True)
