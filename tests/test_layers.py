"""The layers of the house: imports point down, and only the screens know the screen libraries."""

import subprocess
import sys
from pathlib import Path

import pytest

import tutor

ROOT = Path(tutor.__file__).parent
SCREEN = {"textual", "rich"}
LOWER = sorted(
    path.stem if path.is_file() else path.name
    for path in ROOT.iterdir()
    if (path.suffix == ".py" or (path / "__init__.py").is_file())
    and path.stem not in ("tui", "web", "__main__", "__init__")
)


def loaded_by(statement: str) -> set[str]:
    """The top-level modules loaded in a fresh interpreter after a statement."""
    program = f"import sys\n{statement}\nprint(' '.join({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    )
    return set(done.stdout.splitlines()[-1].split())


EVERYTHING = f"""
import importlib, pkgutil
for module in {LOWER!r}:
    top = importlib.import_module(f"tutor.{{module}}")
    for found in pkgutil.walk_packages(getattr(top, "__path__", []), top.__name__ + "."):
        importlib.import_module(found.name)
        assert not set(sys.modules) & {SCREEN!r}, found.name
    assert not set(sys.modules) & {SCREEN!r}, module
"""


def test_nothing_below_the_screens_loads_textual() -> None:
    """Importing every module below the screens with all its submodules loads neither Textual nor Rich."""
    assert len(LOWER) > 15
    assert "tutor" in loaded_by(EVERYTHING)


@pytest.mark.parametrize(
    "args",
    [["--help"], ["levels", "--json"], ["check", "--help"], ["progress"], ["simulate", "nothing.toml"]],
)
def test_commands_do_not_load_the_screens(
    args: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No command but the game loads the screen libraries, and help doesn't load the game either."""
    monkeypatch.setenv("TUTOR_HOME", str(tmp_path))
    loaded = loaded_by(f"from tutor.cli import run\nrun({args!r})\nprint()")
    assert not loaded & SCREEN
    if args == ["--help"]:
        assert not loaded & {"sqlite3", "multiprocessing"}


def test_contracts_hold() -> None:
    """import-linter finds every contract kept, and every module has its layer."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT.parent)
    assert done.returncode == 0, done.stdout + done.stderr
