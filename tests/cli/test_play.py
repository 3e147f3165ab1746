"""``tutor play``: plain mode in a pipe, packs, interruptions, and terminals that can't draw."""

import io
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from tests.cli.program import LEVEL, Captured, start
from tutor.catalog import find_levels_root
from tutor.classroom.pack import write_pack
from tutor.cli import run
from tutor.model.pack import PackRules
from tutor.progress import open_progress


def test_play_plain_reads_a_pipe() -> None:
    """A whole visit through standard input works: board, run, goodbye; the design is saved for the
    next time.
    """
    with start("play", "first-event", "--plain") as process:
        out, err = process.communicate("board\nremove till->kitchen\nquit\n")
    assert process.returncode == 0, err
    assert "Till calls Kitchen" in out
    with start("play", LEVEL, "--plain") as process:
        out, err = process.communicate("board\n")
    assert process.returncode == 0, err
    assert "Till calls Kitchen" not in out


def exit_code(pid: int, until: float) -> int | None:
    """Wait for a process until a moment of the monotonic clock; None for one that had to be killed."""
    ended, status = os.waitpid(pid, os.WNOHANG)
    while not ended and time.monotonic() < until:
        time.sleep(0.1)
        ended, status = os.waitpid(pid, os.WNOHANG)
    if not ended:
        os.kill(pid, signal.SIGKILL)
        return None
    return os.waitstatus_to_exitcode(status)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_game_ends_with_its_terminal() -> None:
    """A window that is closed takes its game with it, although nothing can be restored on its screen any
    more.
    """
    import pty
    import select

    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS="100", LINES="30")
        os.execv(sys.executable, [sys.executable, "-m", "tutor", "play", LEVEL])
    seen = b""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and b"Doorbell" not in seen:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 65536)
    os.close(terminal)
    code = exit_code(pid, deadline + 10)
    assert b"Doorbell" in seen
    assert code == 128 + signal.SIGHUP


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_an_interrupted_game_says_so() -> None:
    """A game that is interrupted restores the terminal and exits with 130."""
    import pty
    import select

    pid, terminal = pty.fork()
    if pid == 0:
        signal.signal(
            signal.SIGINT, signal.SIG_DFL
        )  # a runner in the background has it ignored, and children inherit that
        os.environ.update(TERM="xterm-256color", COLUMNS="100", LINES="30")
        os.execv(sys.executable, [sys.executable, "-m", "tutor", "play", LEVEL])
    seen = b""
    deadline = time.monotonic() + 30
    signalled = False
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                seen += os.read(terminal, 65536)
            except OSError:
                break
        elif b"Doorbell" in seen and not signalled:
            os.kill(pid, signal.SIGINT)
            signalled = True
    code = exit_code(pid, deadline + 10)
    assert signalled
    assert code == 130
    assert b"\x1b[?1049l" in seen


def test_a_pack_is_played_without_naming_a_level(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pack opens at its first unpassed level, names the next one as it is typed, and has its own
    progress.
    """
    for name in ("first", "second"):
        assert run(["new-level", f"my/{name}", "--levels", "a pack"]) == 0
    solve = "add queue\nremove till->kitchen\nwire till queue\nwire queue kitchen\ncheck\nquit\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(solve))
    assert run(["play", "--levels", "a pack", "--plain"]) == 0
    out = capsys.readouterr().out
    assert "Next: tutor play my/second --levels 'a pack' --plain" in out
    monkeypatch.setattr("sys.stdin", io.StringIO("quit\n"))
    assert run(["play", "--levels", "a pack", "--plain"]) == 0
    assert "Second" in capsys.readouterr().out
    with open_progress() as progress:
        assert progress.standings() == {}


def test_a_level_of_a_pack_is_chosen(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain mode opens a pack at its first unpassed level, or at a named one if the pack allows it."""
    levels = [LEVEL, "night-job/night-shift"]
    for order in ("open", "course"):
        write_pack(tmp_path / f"{order}.pack", find_levels_root(), levels, PackRules("Week 1", order=order))
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run(["play", str(tmp_path / "open.pack"), "--plain"]) == 0
    assert "Week 1: level 1 of 2" in capsys.readouterr().out
    assert run(["play", str(tmp_path / "open.pack"), "--plain", "--level", "night-shift"]) == 0
    assert "Week 1: level 2 of 2" in capsys.readouterr().out
    assert run(["play", str(tmp_path / "course.pack"), "--plain", "--level", "night-shift"]) == 2
    assert "isn't open yet" in capsys.readouterr().err
    assert run(["play", LEVEL, "--level", "night-shift"]) == 2
    assert "a class pack" in capsys.readouterr().err


def test_a_dumb_terminal_is_sent_to_the_plain_mode(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal that can't draw screens gets one line that says what works."""
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("tutor.cli.playing.is_terminal", lambda stream: True)
    assert run([]) == 2
    assert "--plain" in capsys.readouterr().err
