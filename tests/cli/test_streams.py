"""Commands whose standard streams are closed, full or garbage give the right exit code and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


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
