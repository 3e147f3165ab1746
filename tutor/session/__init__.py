"""The session of one learner in one level, or at a free board: edits, undo, runs, hints, predictions, and the
words for all of them.

Screens and the plain mode hold no rules: what they know, they ask here, so both show the same.
"""

from tutor.session.comparison import Comparison, compare
from tutor.session.hints import choose_hint
from tutor.session.learner import Session
from tutor.session.runs import FreeRun, LevelRun

__all__ = ["Comparison", "FreeRun", "LevelRun", "Session", "choose_hint", "compare"]
