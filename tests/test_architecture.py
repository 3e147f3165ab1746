"""The page for newcomers agrees with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import tutor

ROOT = Path(tutor.__file__).parents[1]
PAGE = ROOT / "docs" / "architecture.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the docs are not installed with the package")


def text() -> str:
    """The text of the page."""
    return PAGE.read_text(encoding="utf-8")


def test_every_package_is_named() -> None:
    """The page names every package of tutor."""
    packages = sorted(
        file.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for file in (ROOT / "tutor").rglob("__init__.py")
        if not any(part.startswith("_") for part in file.parent.relative_to(ROOT).parts)
    )
    page = text()
    assert [name for name in packages if name != "tutor" and f"`{name}`" not in page] == []


def test_every_path_on_it_exists() -> None:
    """Every file, folder and module that the page points to exists."""
    page = text()
    files = set(re.findall(r"`((?:tutor|tests|levels|docs|benchmarks|web)/[\w./-]*)`", page))
    modules = set(re.findall(r"`(tutor(?:\.[a-z_]+)+)`", page))
    missing = [name for name in files if not (ROOT / name.rstrip("/")).exists()]
    for name in modules:
        place = ROOT.joinpath(*name.split("."))
        if not place.is_dir() and not place.with_suffix(".py").is_file():
            missing.append(name)
    assert sorted(missing) == []


def test_the_floors_are_those_of_the_contract() -> None:
    """The floors on the page are the layers of the import contract, from top to bottom."""
    import tomllib

    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(one["layers"] for one in contracts if one["id"] == "layers")
    block = re.search(r"```text\n(.*?)```", text(), re.DOTALL)
    assert block is not None
    on_page = [re.split(r"\s{2,}", line)[0] for line in block[1].splitlines()]

    def rooms(line: str) -> set[str]:
        return set(line.replace("(", "").replace(")", "").split(" | "))

    assert [rooms(line) for line in on_page] == [rooms(line) for line in layers]
