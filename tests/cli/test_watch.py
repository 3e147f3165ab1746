"""``tutor watch`` scores a design after each save."""

import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.program import LEVEL, until


def test_watch_checks_again(tmp_path: Path, solution: Path) -> None:
    """The design is scored at once and again after each save, a broken state in between is survived, and
    Ctrl+C exits with 130.
    """
    path = tmp_path / "d.toml"
    path.write_text(f'level = "{LEVEL}"\n')
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("w") as stdout, err.open("w") as stderr:
        command = [sys.executable, "-m", "tutor", "watch", str(path), "--seed", "1"]
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL)
        try:
            assert until(
                lambda: out.read_text().count("Not passed") == 1 or "Inconclusive" in out.read_text()
            ), err.read_text()
            path.write_text("level = \n")
            assert until(lambda: "isn't TOML" in err.read_text())
            replacement = tmp_path / "new"
            replacement.write_text(solution.read_text())
            replacement.replace(path)
            assert until(lambda: "Passed" in out.read_text())
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 130
        finally:
            process.kill()
            process.wait()
    assert "Traceback" not in err.read_text()
