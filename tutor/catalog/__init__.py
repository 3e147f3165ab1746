"""Files to model and back: scenarios, designs, levels and the course. Every refusal names file, line, key and
a remedy.
"""

from __future__ import annotations

from tutor.catalog.course import (
    LevelCard,
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
