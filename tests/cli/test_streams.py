"""Commands whose standard streams are closed, full or garbage give the right exit code and no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import SCENARIO, Captured
from tutor.terminal import show_wrapped


def shell(command: str, tmp_path: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``tutor`` uses this Python, with a learner of its own."""
    whole = {**os.environ, "TUTOR_HOME": str(tmp_path / "home"), **env}
    line = f'tutor() {{ "{sys.executable}" -m tutor "$@"; }}; {command}'
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd=tmp_path,
        env=whole,
        timeout=120,
    )


@pytest.mark.skipif(os.name == "nt", reason="bash and /dev/full are not there")
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("tutor check missing.toml 2>/dev/full", 2),
        ("tutor check missing.toml 2>&-", 2),
        ("tutor levels >&-", 0),
        ("tutor levels --json >/dev/full", 2),
        ("tutor <&-", 2),
        ("tutor play first-event --plain <&-", 0),
        ("tutor play first-event <&- >&- 2>&-", 2),
        ("tutor progress --reset <&-", 0),
        ("printf '\\xff\\xfe\\nquit\\n' | tutor play first-event --plain", 0),
        ("tutor levels --json | head -c 1; exit ${PIPESTATUS[0]}", 0),
    ],
)
def test_streams_that_are_not_there(command: str, code: int, tmp_path: Path) -> None:
    """A closed output or an empty input doesn't change the exit code."""
    done = shell(command, tmp_path, LC_ALL="C.UTF-8")
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") <= 1


def test_an_interruption_while_things_are_loaded(tmp_path: Path) -> None:
    """Ctrl+C exits with 130 even while Python executes a text, where Python itself would die by the
    signal.
    """
    script = tmp_path / "interrupted.py"
    script.write_text(
        "import os, signal, tutor.cli as cli\n"
        "def run(args):\n"
        "    try:\n"
        "        exec('os.kill(os.getpid(), signal.SIGINT)\\nsignal.pause()')\n"
        "    except KeyboardInterrupt:\n"
        "        return 130\n"
        "cli.run = run\n"
        "cli.main([])\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "interrupted"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_reader_that_goes_away() -> None:
    """A pipe that is closed early is no error and gives no traceback."""
    command = f"{sys.executable} -m tutor levels --json | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["[", "0"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("encoding", "args", "code"),
    [
        ("ascii", ["simulate", "s.toml", "--json"], 0),
        ("latin-1", ["simulate", "s.toml", "--json"], 0),
        ("utf-8", ["simulate", "s.toml", "--json"], 0),
        ("ascii", ["simulate", "s.toml"], 0),
        ("latin-1", ["check", "gr\u00f6\u00dfe☺.toml"], 2),
    ],
)
def test_any_encoding(tmp_path: Path, encoding: str, args: list[str], code: int) -> None:
    """Text that a terminal can't show doesn't stop a command, and the JSON document is the same."""
    (tmp_path / "s.toml").write_text(SCENARIO.replace("order.placed", "bestellung.größe→☺"), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tutor", *args],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
    )
    assert done.returncode == code, done.stderr
    assert b"Traceback" not in done.stderr
    if args[-1] == "--json":
        assert "bestellung.größe→☺" in json.loads(done.stdout.decode(encoding))["effect"]["kitchen"]


def test_a_full_disk_is_one_line() -> None:
    """An output that can't be written exits with 2 and one line, without a traceback."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "tutor", "levels"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


def test_a_terminal_gets_whole_words(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, long lines wrap between words and keep their indent; in a pipe they aren't wrapped."""
    line = "  one two three four five six seven eight nine ten"
    show_wrapped(line)
    assert capsys.readouterr().out == line + "\n"
    monkeypatch.setattr("tutor.terminal.is_terminal", lambda stream: True)
    monkeypatch.setattr("shutil.get_terminal_size", lambda *_args, **_named: os.terminal_size((31, 10)))
    show_wrapped(line)
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["  one two three four five six", "  seven eight nine ten"]
