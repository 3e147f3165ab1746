"""Every command has help, and refuses what it can't use in one line."""

import os
import sys

import pytest

from tests.cli.program import LEVEL, Captured
from tutor.cli import run, tutor


@pytest.mark.parametrize("name", [None, *sorted(tutor.commands)])
def test_every_command_has_help_with_an_example(name: str | None, capsys: Captured) -> None:
    """--help says what a command does and shows an example as it is typed."""
    assert run(["--help"] if name is None else [name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert "Example" in out
    assert "  tutor" in out
    assert err == ""


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["chek"], 'did you mean "check"'),
        (["check"], "DESIGN is missing"),
        (["check", "a", "b"], 'unexpected argument "b"'),
        (["check", "x.toml", "--sed", "1"], "--seed"),
        (["check", "x.toml", "--seed", "one"], "one"),
        (["check", "x.toml", "--seed", "-1"], "-1"),
        (["--nothing"], "--nothing"),
        (["check", "missing.toml"], "missing.toml: this file doesn't exist"),
        (["check", "."], ".: this is a folder"),
        (["simulate", "missing.toml"], "missing.toml: this file doesn't exist"),
        (["play", "first-light/frst-event"], f'did you mean "{LEVEL}"'),
        (["play", "first-event"], "needs a terminal"),
        (["play", "x", "--levels", "nowhere"], "nowhere: this folder of levels doesn't exist"),
        (["sandbox", "missing.toml"], "missing.toml: this file doesn't exist"),
        ([], "needs a terminal"),
        (["lint", "nowhere"], "nowhere: "),
        (["watch", "missing.toml"], "missing.toml: this file doesn't exist"),
        (["watch", "."], ".: this is a folder"),
        (["watch", os.devnull], "this is a device or a pipe"),
        (["new-level", "Bad/Name"], "isn't the id of a level"),
        (["new-level", "only"], "isn't the id of a level"),
        (["levels", "--levels", "nowhere"], "nowhere: this folder of levels doesn't exist"),
        (["progress", "--export", "no/where.json"], "can't be written"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, list) else "",
)
def test_what_cannot_be_used_is_one_line(
    args: list[str], words: str, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bad input exits with 2, one line on standard error that says what is wrong, and nothing on standard
    output.
    """
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115, PTH123 - closed with the test
    assert run(args) == 2
    out, err = capsys.readouterr()
    sys.stdin.close()
    assert out == ""
    assert err.count("\n") == 1
    assert words in err, err
    assert "Traceback" not in err


def test_names_of_files_cannot_steer_the_terminal(capsys: Captured) -> None:
    """Escape codes in arguments don't reach standard error."""
    for args in (
        ["check", "\x1b[31mx.toml"],
        ["simulate", "a\nb.toml"],
        ["\x1b]0;title\x07"],
        ["play", "\x1b[2Jx"],
    ):
        assert run(args) == 2
        err = capsys.readouterr().err
        assert err.rstrip("\n").isprintable()
        assert err.count("\n") == 1
