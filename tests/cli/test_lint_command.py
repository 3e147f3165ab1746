"""``tutor lint``: how many cases it ran, and interruptions."""

import signal
import time

from tests.cli.program import Captured, start
from tutor.cli import run


def test_lint_counts(capsys: Captured) -> None:
    """Lint checks a new level from its own folder and reports how many cases it ran."""
    assert run(["new-level", "my/first", "--levels", "pack"]) == 0
    capsys.readouterr()
    assert run(["lint", "pack/my/first", "--words"]) in (0, 1)
    assert "1 level, no case was run; no faults" in capsys.readouterr().out


def test_an_interrupted_lint_does_not_wait_for_its_processes() -> None:
    """Ctrl+C that reaches only lint exits at once with 130 and one line, whatever its processes are doing."""
    process = start("lint", "--jobs", "2")
    try:
        time.sleep(4)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, out, err) == (130, "", "interrupted\n")
