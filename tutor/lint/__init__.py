"""The proof of level folders: their words, their links, and by running them that a level is lost at the start
and won as its solutions say.
"""

from tutor.lint.proofs import Case, CaseResult, cases_of, prove
from tutor.lint.report import LintReport, folders_by_root, lint
from tutor.lint.shortest import Shortest, find_shortest, render_shortest, search_levels
from tutor.lint.words import word_faults

__all__ = [
    "Case",
    "CaseResult",
    "LintReport",
    "Shortest",
    "cases_of",
    "find_shortest",
    "folders_by_root",
    "lint",
    "prove",
    "render_shortest",
    "search_levels",
    "word_faults",
]
