"""Proves level folders: the words, the links, and by running them that a level is lost at the start and won as its solutions say."""

from tutor.lint.proofs import Case, CaseResult, cases_of, prove
from tutor.lint.report import LintReport, lint
from tutor.lint.words import word_faults

__all__ = ["Case", "CaseResult", "LintReport", "cases_of", "lint", "prove", "word_faults"]
