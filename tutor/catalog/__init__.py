"""Files to model and back: scenarios, designs, levels and the course. Every refusal names file, line, key and
a remedy.

The names are imported when they are first used: the map of the course reads no design.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tutor.catalog.cards import LevelCard
    from tutor.catalog.course import (
        level_by_id,
        level_folder,
        load_card,
        load_course,
        load_glossary,
        load_misconceptions,
    )
    from tutor.catalog.designs import (
        DesignFile,
        join,
        load_design,
        load_design_file,
        load_design_text,
        load_mistakes,
        load_solutions,
        parse_design_file,
    )
    from tutor.catalog.levels import load_level
    from tutor.catalog.scenarios import load_scenario, parse_scenario
    from tutor.catalog.writing import render_design, render_scenario, save_design, save_scenario
    from tutor.disk import find_levels_root
    from tutor.model.glossary import GlossaryTerm

__all__ = [
    "DesignFile",
    "GlossaryTerm",
    "LevelCard",
    "find_levels_root",
    "join",
    "level_by_id",
    "level_folder",
    "load_card",
    "load_course",
    "load_design",
    "load_design_file",
    "load_design_text",
    "load_glossary",
    "load_level",
    "load_misconceptions",
    "load_mistakes",
    "load_scenario",
    "load_solutions",
    "parse_design_file",
    "parse_scenario",
    "render_design",
    "render_scenario",
    "save_design",
    "save_scenario",
]

_HOMES = {
    "tutor.catalog.cards": ("LevelCard",),
    "tutor.catalog.course": (
        "level_by_id",
        "level_folder",
        "load_card",
        "load_course",
        "load_glossary",
        "load_misconceptions",
    ),
    "tutor.catalog.designs": (
        "DesignFile",
        "join",
        "load_design",
        "load_design_file",
        "load_design_text",
        "load_mistakes",
        "load_solutions",
        "parse_design_file",
    ),
    "tutor.catalog.levels": ("load_level",),
    "tutor.catalog.scenarios": ("load_scenario", "parse_scenario"),
    "tutor.catalog.writing": ("render_design", "render_scenario", "save_design", "save_scenario"),
    "tutor.disk": ("find_levels_root",),
    "tutor.model.glossary": ("GlossaryTerm",),
}
"""The names that each module gives."""


def __getattr__(name: str) -> Any:
    """Imports one of the names above when it is first used."""
    home = next((module for module, names in _HOMES.items() if name in names), None)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(home), name)
    return found
