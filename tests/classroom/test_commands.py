"""The teacher's commands, from making a pack to the pages that go back to students."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tutor.catalog import find_levels_root
from tutor.cli import run

LEVEL = "first-light/first-event"
OTHER = "night-job/flash-sale"


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pack of one level, a roster of two, and hand-ins, one of which has a level that wasn't
    asked for.
    """
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    folder = find_levels_root()
    (tmp_path / "hand-ins" / "ada").mkdir(parents=True)
    for level in (LEVEL, OTHER):
        solution = min((folder / level / "solutions").glob("*.toml"))
        shutil.copy(solution, tmp_path / "hand-ins" / "ada" / f"{level.partition('/')[2]}.toml")
    (tmp_path / "hand-ins" / "notes.txt").write_text("hello")
    (tmp_path / "students.csv").write_text("name,email\nAda,ada@x.org\nEve,eve@x.org\n")
    assert run(["class", "pack", "week.pack", LEVEL, "--title", "Week 1", "--deadline", "2026-12-01"]) == 0
    return tmp_path


def test_a_pack_says_what_is_graded(lesson: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A pack's levels are graded in its order; a design for any other level is "not asked for" rather than
    broken.
    """
    command = [
        "grade",
        "hand-ins",
        "--roster",
        "students.csv",
        "--pack",
        "week.pack",
        "--json",
        "--jobs",
        "1",
    ]
    assert run([*command, "--feedback", "feedback", "--html", "grades.html", "--stars", "9"]) == 0
    out, err = capfd.readouterr()
    rows = json.loads(out)
    assert [(row["name"], row["level"], row["status"]) for row in rows] == [
        ("Ada", LEVEL, "passed"),
        ("Ada", OTHER, "not asked for"),
        ("Eve", LEVEL, "missing"),
    ]
    assert rows[0]["total"] > 100
    assert "hand-ins/notes.txt: not a hand-in" in err
    assert sorted(path.name for path in Path("feedback").iterdir()) == ["ada@x.org.html", "eve@x.org.html"]
    assert Path("grades.html").read_text(encoding="utf-8").count("The Doorbell") >= 2


def test_a_report_takes_its_levels_from_the_pack(lesson: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The class report covers only the pack's levels."""
    assert run(["class", "report", "hand-ins", "--pack", "week.pack", "--json", "--jobs", "1"]) == 0
    assert [level["level"] for level in json.loads(capfd.readouterr().out)["levels"] if level["passed"]] == [
        LEVEL
    ]


def test_nothing_is_replaced_unless_it_is_forced(lesson: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """An existing pack is overwritten only with --force."""
    assert run(["class", "pack", "week.pack", LEVEL]) == 2
    assert "--force" in capfd.readouterr().err
    assert run(["class", "pack", "week.pack", LEVEL, "--force"]) == 0


def test_a_hand_in_belongs_to_somebody(lesson: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A hand-in without a name and an address is refused before anything is written."""
    assert run(["class", "submit", "mine.toml", "--pack", "week.pack", "--name", " "]) == 2
    assert "--name" in capfd.readouterr().err
    assert not Path("mine.toml").exists()


@pytest.mark.slow
def test_a_folder_of_wheels_installs_without_a_network(lesson: Path) -> None:
    """From the folder of ``tutor class wheels``, pip can install the game without an index, and the game
    runs.
    """
    assert run(["class", "wheels", "offline"]) == 0
    wheels = sorted(path.name for path in Path("offline").glob("*.whl"))
    assert any(name.startswith("eda_tutor-") for name in wheels)
    assert all(name.endswith("-none-any.whl") for name in wheels)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "env"], check=True)
    python = next(path for path in (Path("env/bin/python"), Path("env/Scripts/python.exe")) if path.exists())
    install = [
        *(sys.executable, "-m", "pip", "--python", str(python)),
        "install",
        "-q",
        "--no-compile",
        "--no-index",
        "--find-links",
        "offline",
        "eda-tutor",
    ]
    subprocess.run(install, check=True, env={**os.environ, "PIP_CONFIG_FILE": os.devnull})
    shown = subprocess.run(
        [str(python), "-m", "tutor", "levels"], check=True, capture_output=True, text=True, encoding="utf-8"
    )
    assert "The Doorbell" in shown.stdout
    again = subprocess.run([str(python), "-c", PACKED_AGAIN], check=True, capture_output=True, text=True)
    assert again.stdout.strip().endswith("-py3-none-any.whl")


PACKED_AGAIN = """
import importlib.metadata, pathlib, zipfile
from tutor.classroom.wheels import _own_wheel
folder = pathlib.Path("again"); folder.mkdir()
wheel = _own_wheel(folder)
assert zipfile.ZipFile(wheel).testzip() is None
print(wheel.name)
"""
"""An installed game, not a source, makes its own wheel from its files."""
