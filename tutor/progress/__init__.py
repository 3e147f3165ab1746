"""What has been learned, on disk: one SQLite file, and the designs in progress beside it."""

from tutor.progress.learner import Attempt, Guess, Progress, Review, Standing, open_progress
from tutor.progress.store import home_folder

__all__ = ["Attempt", "Guess", "Progress", "Review", "Standing", "home_folder", "open_progress"]
