"""``tutor levels`` and ``tutor progress``: the course, and what the learner has done."""

import json
import sys
from pathlib import Path

import pytest

from tests.cli.program import LEVEL, Captured
from tutor.cli import run
from tutor.model.level import Stars
from tutor.progress import open_progress


def test_levels(capsys: Captured) -> None:
    """The course is listed as text and as JSON, with what is done."""
    with open_progress() as progress:
        progress.note_run(LEVEL, True, Stars(3, 2, 1))
    assert run(["levels"]) == 0
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if LEVEL in line]
    assert "passed, 6 of 9 stars" in line
    assert run(["levels", "--json"]) == 0
    chapters = json.loads(capsys.readouterr().out)
    assert [chapter["id"] for chapter in chapters][:2] == ["first-light", "night-job"]
    first = chapters[0]["levels"][0]
    assert (first["id"], first["passed"], first["stars"]) == (
        LEVEL,
        True,
        {"cost": 3, "speed": 2, "simplicity": 1},
    )
    assert chapters[1]["levels"][0]["passed"] is False


def test_progress(tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command says where progress is stored, exports it, and deletes it on request."""
    with open_progress() as progress:
        progress.note_run(LEVEL, True, Stars(3, 2, 1))
    assert run(["progress"]) == 0
    out = capsys.readouterr().out
    assert "1 of 1 opened levels passed, 6 stars" in out
    assert str(tmp_path / "home" / "progress.sqlite") in out
    assert run(["progress", "--export", "p.json"]) == 0
    assert json.loads(Path("p.json").read_text())["levels"][LEVEL]["passed"] is True
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    assert run(["progress", "--reset"]) == 0
    capsys.readouterr()
    assert run(["progress"]) == 0
    assert "0 of 0 opened levels passed" in capsys.readouterr().out


def test_damaged_progress_does_not_stop_a_command(tmp_path: Path, capsys: Captured) -> None:
    """The list on standard output is complete; the damage is reported in one line on standard error."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "progress.sqlite").write_bytes(b"no database" * 500)
    assert run(["levels", "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)
    assert "set aside" in err
    assert err.count("\n") == 1
