"""The built and installed package is the whole game."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import tutor

CHECKOUT = Path(tutor.__file__).parent.parent


@pytest.mark.slow
def test_the_wheel_is_complete(tmp_path: Path) -> None:
    """The wheel has the levels, the styles and the type marker, and runs without the checkout."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=CHECKOUT, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("eda_tutor-*-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    shipped = {
        f"tutor/_levels/{path.relative_to(CHECKOUT / 'levels').as_posix()}"
        for path in (CHECKOUT / "levels").rglob("*.toml")
    }
    assert shipped <= names
    assert {"tutor/py.typed", "tutor/tui/app.tcss", "tutor/_levels/level.schema.json"} <= names
    assert not [name for name in names if "__pycache__" in name or name.startswith("tests/")]
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "TUTOR_HOME": str(tmp_path / "home")}
    where = [sys.executable, "-c", "import tutor; print(tutor.__file__)"]
    assert (
        str(tmp_path)
        in subprocess.run(
            where, cwd=tmp_path, env=environment, check=True, capture_output=True, text=True
        ).stdout
    )
    levels = [sys.executable, "-m", "tutor", "levels", "--json"]
    listed = json.loads(
        subprocess.run(levels, cwd=tmp_path, env=environment, check=True, capture_output=True).stdout
    )
    assert sum(len(chapter["levels"]) for chapter in listed) > 0
    assert listed == json.loads(
        subprocess.run(
            levels, cwd=tmp_path, env={**environment, "PYTHONPATH": ""}, check=True, capture_output=True
        ).stdout
    )
