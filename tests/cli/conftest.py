"""Each test of a command has a learner and a working folder of its own."""

from pathlib import Path

import pytest

from tests.cli.program import LEVEL, SCENARIO
from tutor.catalog import find_levels_root


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each test a learner and a working folder of its own."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def solution() -> Path:
    """A design that passes the first level."""
    return sorted((find_levels_root() / LEVEL / "solutions").glob("*.toml"))[0]


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    """A scenario file."""
    path = tmp_path / "s.toml"
    path.write_text(SCENARIO)
    return path
