"""The reference pages for level authors agree with the declarations."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import tutor

SCRIPT = Path(tutor.__file__).parents[1] / "docs" / "make_reference.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the docs are not installed with the package")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that generates the pages."""
    spec = importlib.util.spec_from_file_location("make_reference", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "name",
    [
        "faults.md",
        "settings.md",
        "causes.md",
        "glossary.md",
        pytest.param("metrics.md", marks=pytest.mark.slow),
    ],
)
def test_a_page_is_what_the_declarations_make(script: ModuleType, name: str) -> None:
    """Each page is up to date; an old one is regenerated with: python docs/make_reference.py."""
    assert (script.FOLDER / name).read_text(encoding="utf-8") == script.PAGES[name]()


def test_every_page_is_tested(script: ModuleType) -> None:
    """The tested pages are exactly the files in the folder."""
    assert sorted(script.PAGES) == sorted(path.name for path in script.FOLDER.iterdir())
