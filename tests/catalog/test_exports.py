"""The names of the catalog are the same for type checkers, for readers and when they are used."""

from __future__ import annotations

import ast
from pathlib import Path

from tutor import catalog


def test_a_name_has_one_home() -> None:
    """Every name is imported for type checkers from the module that gives it at run time, and is listed."""
    source = ast.parse(Path(catalog.__file__).read_text(encoding="utf-8"))
    (checked,) = (one for one in source.body if isinstance(one, ast.If))
    typed = {
        one.module: tuple(name.name for name in one.names)
        for one in checked.body
        if isinstance(one, ast.ImportFrom)
    }
    assert typed == catalog._HOMES
    assert sorted(catalog.__all__) == sorted(name for names in typed.values() for name in names)
    assert all(getattr(catalog, name).__name__ == name for name in catalog.__all__)
