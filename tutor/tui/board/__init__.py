"""The board: shows a design, lets a learner work on it, and plays a run back on it."""

from tutor.tui.board.board import Board

__all__ = ["Board"]
